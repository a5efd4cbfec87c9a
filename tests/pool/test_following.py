"""How the workers follow what is published: the keeper applies what changed, or another one is loaded."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg import names, upkeep
from coopkg.errors import ServerBusy
from coopkg.graph import Graph
from coopkg.pool import Pool
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.settings import Settings
from coopkg.sparql import Question, answered
from coopkg.store import QuadStore
from tests.builders import a_small_content, a_source
from tests.pool.conftest import KEEPER, SETTINGS, Asking
from tests.pool.graphs import EXAMPLE, FLOOD, QUICK, changed
from tests.pool.processes import handles_open, is_alive, keepers, seconds_until, workers

ME = os.getpid()
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMED = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
UNION = "SELECT * { ?s ?p ?o }"
#: Of workers that were made for some at work, which came back: a socket and a handle each.
SPARE_HANDLES = 2 * SETTINGS.fast_workers


def _keeper(pool: Pool) -> int:
    return pool._roster._keeper._process.pid


def _in_memory(pool: Pool) -> int:
    """Wait until the graph is held in memory by a keeper alone, and return its process."""
    seconds_until(lambda: pool._roster._keeper.in_memory and pool._roster._loading is None, 15)
    return _keeper(pool)


def _is_full(pool: Pool) -> bool:
    with pool._roster._change:
        return not pool._roster._lacks_workers()


def _idle(pool: Pool) -> set[int]:
    with pool._roster._change:
        return {worker.process_id for worker in pool._roster._idle}


def _rows(pool: Pool, text: str, revision: int | None = None) -> list[bytes]:
    stream = pool.ask(Question(text, accept="text/csv", revision=revision), 10, lambda: False, lambda: True)
    return sorted(b"".join(stream.pieces()).splitlines())


def _revision(pool: Pool) -> int:
    """Return the revision that answers just now; 0 while workers are being replaced."""
    with contextlib.suppress(ServerBusy):
        stream = pool.ask(Question(QUICK), 10, lambda: False, lambda: True)
        assert b"".join(stream.pieces())
        return stream.revision
    return 0


def _follows(pool: Pool, revision: int) -> None:
    seconds_until(lambda: _revision(pool) == revision, 15)


@contextmanager
def _looking_away(asking: Asking) -> Iterator[None]:
    """Keep a pool from seeing what is published meanwhile."""
    seen = asking._located(None)
    asking.pool._roster._located = lambda _: seen
    time.sleep(0.3)  # a look that had begun is over
    yield
    asking.pool._roster._located = asking._located


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # the same in each run


def _some(chance: random.Random, count: int) -> list[Quad]:
    """Return some of 480 quads: in three graphs and in the inferred one, with values written in two ways."""
    return [_a_quad(chance, NamedNode(f"{EXAMPLE}{chance.randrange(10)}")) for _ in range(count)]


def _a_quad(chance: random.Random, subject: NamedNode) -> Quad:
    number, decimal = chance.randrange(4), NamedNode(f"{names.XSD}decimal")
    written = chance.choice((f"{number}.0", f"+{number}"))
    values = (
        NamedNode(f"{EXAMPLE}{number}"),
        Literal(written, datatype=decimal),
        Literal(f"é\n{number}", language="fr"),
    )
    graphs = (f"{EXAMPLE}graph", f"{EXAMPLE}a", f"{EXAMPLE}b", names.INFERRED_GRAPH)
    return Quad(subject, NamedNode(f"{EXAMPLE}next"), chance.choice(values), NamedNode(chance.choice(graphs)))


@pytest.mark.parametrize("seed", range(3))
def test_after_random_changes_workers_see_what_a_keeper_that_loads_would(fresh: Asking, seed: int) -> None:
    chance = _chance(seed)
    first = _in_memory(fresh.pool)
    for number in range(12):
        quads = _some(chance, chance.choice((0, 3, 40, 150)))
        at = chance.randrange(len(quads) + 1)
        folder = changed(fresh.state, quads[:at], quads[at:])
        _follows(fresh.pool, number + 2)
        loaded = QuadStore.loaded(folder / "store")
        for text in (NAMED, UNION, COUNT):
            whole = answered(loaded, Question(text, accept="text/csv"))[1]
            assert _rows(fresh.pool, text) == sorted(whole.splitlines())
        named = "SELECT DISTINCT ?g { GRAPH ?g {} }"
        assert len(_rows(fresh.pool, named)) == len(loaded.graphs()) + 1, "a graph that became empty is gone"
    assert _keeper(fresh.pool) == first
    assert is_alive(first)


def test_what_passes_the_gate_reaches_the_workers_with_what_follows_from_it(tmp_path: Path) -> None:
    content = a_small_content(tmp_path / "content")
    settings = Settings(content=content, state=tmp_path / "state")
    upkeep.build(settings, {})
    opened = Graph.open(settings, {})
    pool = Pool(replace(SETTINGS, keeper=replace(KEEPER, in_memory=True)), 60.0, opened.location)
    first = _in_memory(pool)
    sources = content / "data" / "sources"
    (sources / "b-page.trig").write_text(a_source("b-page"), encoding="utf-8")
    page = sources / "a-page.trig"
    for text in (a_source("a-page", region="84"), a_source("a-page", name="Autre nom"), None):
        inferred = _rows(pool, f"SELECT * {{ GRAPH <{names.INFERRED_GRAPH}> {{ ?s ?p ?o }} }}")
        if text is None:
            page.unlink()
        else:
            page.write_text(text, encoding="utf-8")
        revision = upkeep.build(settings, {}).manifest.revision
        _follows(pool, revision)
        loaded = QuadStore.loaded(opened.location()[0] / "store")
        for asked in (NAMED, UNION):
            whole = answered(loaded, Question(asked, accept="text/csv"))[1]
            assert _rows(pool, asked) == sorted(whole.splitlines())
    assert inferred != _rows(pool, f"SELECT * {{ GRAPH <{names.INFERRED_GRAPH}> {{ ?s ?p ?o }} }}")
    assert _keeper(pool) == first, "it applied them all"
    pool.close()


def test_several_publications_at_once_are_applied_one_after_the_other(fresh: Asking) -> None:
    first = _in_memory(fresh.pool)
    with _looking_away(fresh):
        quads = _some(_chance(7), 40)
        changed(fresh.state, (), quads)
        folder = changed(fresh.state, quads[:20], ())
    _follows(fresh.pool, 3)
    whole = answered(QuadStore.published(folder / "store"), Question(NAMED, accept="text/csv"))[1]
    assert _rows(fresh.pool, NAMED) == sorted(whole.splitlines())
    assert _keeper(fresh.pool) == first


def test_answers_under_way_and_kept_revisions_stay_on_their_generation(fresh: Asking) -> None:
    first = _in_memory(fresh.pool)
    before = _rows(fresh.pool, COUNT, revision=1)
    taken, flood = fresh.stream(NAMED), fresh.stream(FLOOD).pieces()
    assert next(flood)
    changed(fresh.state, (), _some(_chance(3), 30))
    seconds_until(lambda: fresh.pool._roster._folder == fresh.generations.current())
    assert _keeper(fresh.pool) == first
    assert taken.revision == 1
    assert len(b"".join(taken.pieces()).splitlines()) == 501
    assert next(flood), "who was at work goes on"
    del flood
    assert _revision(fresh.pool) == 2
    after = _rows(fresh.pool, COUNT)
    assert after != before
    for _ in range(SETTINGS.fast_workers + SETTINGS.spare_workers + 1):
        assert _rows(fresh.pool, COUNT, revision=1) == before
        assert _rows(fresh.pool, COUNT, revision=2) == after


@pytest.mark.parametrize("reason", ["nothing noted", "changed on disk", "too many"])
def test_what_cannot_be_applied_is_read_from_disk_and_loaded(
    fresh: Asking, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _in_memory(fresh.pool)
    with _looking_away(fresh):
        if reason == "too many":
            monkeypatch.setattr("coopkg.difference.MAX_QUADS", 10)
        quads = _some(_chance(5), 30)
        folder = changed(fresh.state, (), quads, noted=reason != "nothing noted")
        if reason == "changed on disk":
            path = folder / "difference"
            path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    _follows(fresh.pool, 2)
    whole = answered(QuadStore.published(folder / "store"), Question(NAMED, accept="text/csv"))[1]
    assert _rows(fresh.pool, NAMED) == sorted(whole.splitlines())
    assert _in_memory(fresh.pool) != first
    assert _rows(fresh.pool, NAMED) == sorted(whole.splitlines())
    seconds_until(lambda: not is_alive(first), 3)


def test_a_keeper_that_is_bloated_is_replaced_by_one_that_loads(tmp_path: Path) -> None:
    keeper = replace(KEEPER, in_memory=True, bloat_max=1.2)
    asking = Asking(tmp_path / "state", replace(SETTINGS, keeper=keeper))
    first = _in_memory(asking.pool)
    term = NamedNode(f"{EXAMPLE}graph")
    many = [Quad(term, term, Literal(f"{number} {'x' * 900}"), term) for number in range(19_000)]
    changed(asking.state, (), many[:1])
    _follows(asking.pool, 2)
    assert _in_memory(asking.pool) == first
    changed(asking.state, many[:1], many[1:])
    _follows(asking.pool, 3)
    seconds_until(lambda: _keeper(asking.pool) != first, 15)
    assert _in_memory(asking.pool) != first
    assert not asking.pool._roster._keeper.is_bloated
    assert _rows(asking.pool, COUNT) == [b"19499", b"n"]
    seconds_until(lambda: not is_alive(first), 3)
    asking.pool.close()


def test_a_worker_that_comes_back_from_an_older_generation_is_used_no_more(fresh: Asking) -> None:
    roster, first = fresh.pool._roster, _in_memory(fresh.pool)
    used, other = roster.take(5.0), roster.take(5.0)
    roster.give_back(other, reusable=True)
    assert other in roster._idle
    changed(fresh.state, (), _some(_chance(3), 30))
    _follows(fresh.pool, 2)
    roster.give_back(used, reusable=True)
    assert used not in roster._idle
    assert _keeper(fresh.pool) == first
    seconds_until(lambda: not is_alive(used.process_id), 3)


def test_a_keeper_that_does_not_say_that_it_applied_a_change_is_ended(fresh: Asking) -> None:
    first = _in_memory(fresh.pool)
    under_way = fresh.stream(QUICK)
    seconds_until(lambda: _is_full(fresh.pool))  # nothing else is ordered meanwhile
    fresh.pool._roster._keeper._control.settimeout(0.5)
    os.kill(first, signal.SIGSTOP)
    changed(fresh.state, (), _some(_chance(3), 30))
    _follows(fresh.pool, 2)
    seconds_until(lambda: not is_alive(first), 3)
    with pytest.raises(ServerBusy):
        list(under_way.pieces())


def test_a_keeper_that_is_killed_while_it_applies_a_change_is_replaced(fresh: Asking) -> None:
    first = _in_memory(fresh.pool)
    seconds_until(lambda: len(_mine(fresh)) == 1, 3)
    handles = handles_open()
    os.kill(first, signal.SIGSTOP)
    folder = changed(fresh.state, (), _some(_chance(3), 30))
    time.sleep(0.5)
    assert _revision(fresh.pool) == 1, "the old generation answers meanwhile"
    os.kill(first, signal.SIGKILL)
    _follows(fresh.pool, 2)
    whole = answered(QuadStore.published(folder / "store"), Question(NAMED, accept="text/csv"))[1]
    assert _rows(fresh.pool, NAMED) == sorted(whole.splitlines())
    assert _in_memory(fresh.pool) != first
    assert _rows(fresh.pool, NAMED) == sorted(whole.splitlines())
    seconds_until(lambda: len(_mine(fresh)) == 1, 3)
    seconds_until(lambda: handles_open() <= handles + SPARE_HANDLES, 3)


def test_after_many_publications_nothing_is_leaked(fresh: Asking) -> None:
    first = _in_memory(fresh.pool)
    seconds_until(lambda: len(_mine(fresh)) == 1, 3)
    handles = handles_open()
    for number in range(10):  # a leak of one a time would be seen
        changed(fresh.state, (), _some(_chance(number), 1))
        _follows(fresh.pool, number + 2)
    assert _mine(fresh) == {first}
    seconds_until(lambda: handles_open() <= handles + SPARE_HANDLES, 3)
    seconds_until(lambda: _is_full(fresh.pool), 3)  # one that is just being made stands nowhere yet
    mine = _idle(fresh.pool)
    assert len(mine) <= SETTINGS.fast_workers + SETTINGS.spare_workers + SETTINGS.fast_workers
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    seconds_until(lambda: {int(child) for child in children if is_alive(int(child))} <= _idle(fresh.pool), 3)
    assert mine <= workers(ME)


def _mine(asking: Asking) -> set[int]:
    folder = str(asking.state).encode()
    return {keeper for keeper in keepers(ME) if folder in Path(f"/proc/{keeper}/cmdline").read_bytes()}


def test_what_is_asserted_alone_is_asked_of_every_generation_from_memory_or_from_disk(fresh: Asking) -> None:
    node, graph = NamedNode(f"{EXAMPLE}inferred"), NamedNode(names.INFERRED_GRAPH)
    changed(fresh.state, (), [Quad(node, node, node, graph)])
    for _ in range(2):  # from disk, and once it is loaded
        seconds_until(lambda: _revision(fresh.pool) == 2)
        for revision, everything in ((None, b"501"), (2, b"501"), (1, b"500")):
            for inferred, expected in ((True, everything), (False, b"500")):
                question = Question(COUNT, accept="text/csv", revision=revision, inferred=inferred)
                stream = fresh.pool.ask(question, 10, lambda: False, lambda: True)
                assert b"".join(stream.pieces()).split()[1] == expected
                assert stream.revision == (revision or 2)
        _in_memory(fresh.pool)
