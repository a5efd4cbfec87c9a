"""Updates evaluated by locked workers, each on a private copy of what is published: real processes, real stores."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg import worker
from coopkg.errors import CoopkgError
from coopkg.processes import START_S, Keeper, Worker
from coopkg.rdf import Literal, NamedNode, Quad, from_patch
from coopkg.sparql import Question
from coopkg.store import QuadStore
from coopkg.update import Update
from tests.pool.conftest import KEEPER
from tests.pool.graphs import BOMB, ENDLESS, EXAMPLE, QUICK, published
from tests.pool.processes import is_alive, seconds_until, status

NODES = 500
GRAPH = NamedNode(f"{EXAMPLE}graph")
NEXT, LAST = NamedNode(f"{EXAMPLE}next"), NamedNode(f"{EXAMPLE}last")
RENAMED = f"""WITH <{EXAMPLE}graph> DELETE {{ ?a <{EXAMPLE}next> ?b }} INSERT {{ ?a <{EXAMPLE}last> ?b }}
    WHERE {{ ?a <{EXAMPLE}next> ?b FILTER(?b = <{EXAMPLE}0>) }}"""
Private = Callable[[], Worker]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a published store."""
    generations = published(tmp_path_factory.mktemp("updates") / "state", 1, NODES)
    folder = generations.current()
    assert folder is not None
    return folder / "store"


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeper]:
    """Give a keeper that holds nothing."""
    settings = replace(KEEPER, answer_max_bytes=32 << 20)
    started = Keeper(tmp_path_factory.mktemp("keeper") / "nowhere", 0, settings)
    assert started.is_ready(START_S)
    yield started
    started.close()


@pytest.fixture
def private(store: Path, keeper: Keeper, tmp_path: Path) -> Iterator[Private]:
    """Give a maker of workers, each over a copy of its own; afterwards they are ended and their copies can go."""
    made: list[Worker] = []

    def make() -> Worker:
        folder = tmp_path / f"private-{len(made)}"
        QuadStore.copy(store, folder)
        made.append(keeper.worker(folder))
        return made[-1]

    yield make
    for one in made:
        one.kill()
        shutil.rmtree(one.folder)


def frames(asked: Worker, timeout_s: float = 20.0) -> list[tuple[bytes, bytes]]:
    """Return the frames of an answer, to its end."""
    found: list[tuple[bytes, bytes]] = []
    while not found or found[-1][0] not in b"EX":
        frame = asked.frame(timeout_s)
        assert frame is not None, f"no answer in {timeout_s} s"
        found.append(frame)
    return found


def effect(asked: Worker, text: str) -> tuple[list[Quad], list[Quad]]:
    """Return what a worker says that an update removes, and adds."""
    asked.ask(*worker.encoded(Update(text)))
    (_, head), *body, (end, said) = frames(asked)
    assert end == b"E", said
    assert head == b"application/rdf-patch"
    return from_patch(b"".join(piece for _, piece in body), "the patch")


def refusal(asked: Worker, update: Update) -> dict[str, object]:
    """Return what a worker says of an update that it refuses."""
    asked.ask(*worker.encoded(update))
    ((kind, said),) = frames(asked)
    assert kind == b"X"
    return dict(json.loads(said))


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_locked_worker_says_what_an_update_removes_and_adds(store: Path, private: Private) -> None:
    before, one = content(store), private()
    assert status(one.process_id)["Seccomp"] == "2"
    node, first = NamedNode(f"{EXAMPLE}{NODES - 1}"), NamedNode(f"{EXAMPLE}0")
    assert effect(one, RENAMED) == ([Quad(node, NEXT, first, GRAPH)], [Quad(node, LAST, first, GRAPH)])
    assert content(store) == before, "the published store is as it was"


def test_a_later_update_sees_what_an_earlier_one_did_on_the_same_copy_alone(private: Private) -> None:
    one, other = private(), private()
    assert effect(one, RENAMED) != ([], [])
    assert effect(one, RENAMED) == ([], [])
    assert effect(other, RENAMED) != ([], [])


def test_the_dataset_beside_an_update_reaches_the_worker(private: Private) -> None:
    update = Update(
        "INSERT { GRAPH <x> { <x> <x> ?b } } WHERE { ?a ?p ?b } ; INSERT { GRAPH <x> { <x> <x> 1 } } WHERE {}",
        (f"{EXAMPLE}none",),
        (f"{EXAMPLE}other",),
        EXAMPLE,
    )
    one = private()
    one.ask(*worker.encoded(update))
    x = NamedNode(f"{EXAMPLE}x")
    _, (_, patch), _ = frames(one)
    one_literal = Literal("1", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert from_patch(patch, "the patch") == ([], [Quad(x, x, one_literal, x)])


def test_a_refused_update_costs_no_worker(private: Private) -> None:
    one = private()
    said = refusal(one, Update("CLEAR ALL ;\n  CLEAR XYZ"))
    assert (said["code"], said["line"], said["column"]) == ("query", 2, 12)
    assert refusal(one, Update(f"CLEAR GRAPH <{EXAMPLE}none>"))["code"] == "query"
    removed, added = effect(one, "CLEAR ALL")
    assert (len(removed), added) == (NODES, []), "what the first had cleared was brought back"


def test_more_quads_than_an_update_may_touch_are_refused(private: Private) -> None:
    said = refusal(private(), Update(f"INSERT {{ GRAPH <{EXAMPLE}x> {{ ?a ?p ?d }} }} WHERE {{ ?a ?p ?b . ?c ?q ?d }}"))
    assert "more than 100,000 quads" in str(said["message"])


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT {{ GRAPH <{EXAMPLE}x> {{ <{EXAMPLE}x> <{EXAMPLE}x> ?count }} }} WHERE {{ {{ {ENDLESS} }} }}",
        "DELETE { GRAPH ?g { ?a ?q ?f } } WHERE { GRAPH ?g { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f } }",
    ],
)
def test_an_update_without_end_is_killed_from_outside_and_its_copy_can_go(
    store: Path, keeper: Keeper, private: Private, text: str
) -> None:
    before, one = content(store), private()
    one.ask(*worker.encoded(Update(text)))
    assert one.frame(0.5) is None
    one.kill()
    seconds_until(lambda: not is_alive(one.process_id), 1.0)
    shutil.rmtree(one.folder)
    one.folder.mkdir()  # for what every test removes
    assert content(store) == before
    assert not keeper.has_gone()
    assert effect(private(), RENAMED) != ([], [])


def test_a_worker_that_is_killed_while_it_changes_its_copy_leaves_what_can_go(private: Private) -> None:
    one = private()
    changes = " ; ".join(f"COPY <{EXAMPLE}graph> TO <{EXAMPLE}{n}>" for n in range(190))
    one.ask(*worker.encoded(Update(changes)))
    files = len(list(one.folder.iterdir()))
    assert files
    assert one.frame(0.3) is None
    one.kill()
    shutil.rmtree(one.folder)
    one.folder.mkdir()  # for what every test removes


def test_a_memory_bomb_ends_its_worker_alone(keeper: Keeper, private: Private) -> None:
    one = private()
    bomb = BOMB.replace("SELECT *", "SELECT ?a ?r ?f")
    one.ask(*worker.encoded(Update(f"INSERT {{ GRAPH <{EXAMPLE}x> {{ ?a ?r ?f }} }} WHERE {{ {{ {bomb} }} }}")))
    with pytest.raises(EOFError):
        frames(one, 60.0)
    assert not keeper.has_gone()
    assert effect(private(), RENAMED) != ([], [])


def test_a_worker_over_what_is_published_evaluates_no_update(store: Path) -> None:
    for in_memory in (True, False):
        keeper = Keeper(store.parent, 1, replace(KEEPER, in_memory=in_memory))
        try:
            assert keeper.is_ready(START_S)
            one = keeper.worker()
            said = refusal(one, Update("CLEAR ALL"))
            assert (said["code"], "on a copy of it" in str(said["message"])) == ("input", True)
            one.ask(*worker.encoded(Question(QUICK, accept="text/csv")))
            assert [kind for kind, _ in frames(one)] == [b"H", b"D", b"E"]
            one.kill()
        finally:
            keeper.close()


def test_a_keeper_that_holds_nothing_has_no_worker_but_private_ones(keeper: Keeper, private: Private) -> None:
    with pytest.raises(OSError, match="ended before it was ready"):
        keeper.worker()
    assert effect(private(), RENAMED) != ([], [])


def test_a_folder_that_is_no_store_gives_no_worker(keeper: Keeper, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises((OSError, CoopkgError)):
        keeper.worker(tmp_path / "file")
    assert not keeper.has_gone()
