"""Documents that are judged by workers: on a bench that the keeper made, each on one of its own."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coopkg import gate, names, upkeep, wire, worker
from coopkg.bench import Benches
from coopkg.content import Content
from coopkg.errors import DocumentError, DocumentTooLarge, QueryTimedOut, QueryTooHeavy, ServerBusy, SettingsError
from coopkg.generations import Generations
from coopkg.graph import Graph
from coopkg.journal import Change
from coopkg.judge import Rulebook
from coopkg.keeper import KeeperSettings
from coopkg.pool import Pool, PoolSettings
from coopkg.rdf import RdfFormat, parse_quads
from coopkg.settings import Settings
from coopkg.sparql import Question
from coopkg.store import QuadStore
from coopkg.worker import Submission
from tests.builders import ID, a_small_content, a_source
from tests.pool.processes import seconds_until

LOOKUP = f"ASK {{ <{ID}project/a-page> a coop:Project }}"


@dataclass(frozen=True)
class Judging:
    """A pool that judges documents over the small content."""

    settings: Settings
    pool: Pool

    def report(self, content: bytes, media_type: str = "application/trig", deadline_s: float = 20.0) -> dict[str, Any]:
        """Return what is found in a document."""
        submission = Submission(content, media_type, "current", "", "application/json", "fr")
        stream = self.pool.ask(submission, deadline_s, lambda: False, lambda: True)
        said: dict[str, Any] = json.loads(b"".join(stream.pieces()))
        return said

    def passes(self) -> bool:
        """Return whether a lookup is answered."""
        with contextlib.suppress(ServerBusy):
            question = Question(LOOKUP, accept="text/csv")
            return b"true" in b"".join(self.pool.ask(question, 5.0, lambda: False, lambda: True).pieces())
        return False


@contextlib.contextmanager
def judging(folder: Path, *, in_memory: bool, content: str | None = None) -> Iterator[Judging]:
    settings = Settings(content=a_small_content(folder / "content"), state=folder / "state")
    upkeep.build(settings, {})
    keeper = KeeperSettings(
        in_memory=in_memory,
        memory_bytes=256 << 20,
        answer_max_bytes=5 << 20,
        locked=True,
        content=str(settings.content) if content is None else content,
    )
    sizes = PoolSettings(fast_workers=2, slow_workers=2, spare_workers=1, fast_s=0.5, queue_s=5.0, keeper=keeper)
    pool = Pool(sizes, 60.0, Graph.open(settings, {}).location)
    try:
        if in_memory:
            seconds_until(lambda: pool._roster._keeper.in_memory, 60)
        yield Judging(settings, pool)
    finally:
        pool.close()


@pytest.fixture(scope="module", params=[True, False], ids=["in memory", "on disk"])
def judged(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Judging]:
    with judging(tmp_path_factory.mktemp("submissions"), in_memory=request.param) as running:
        yield running


def an_organisation(slug: str) -> bytes:
    said = f'a <{names.PREFIXES["org"]}Organization> ; <{names.SKOS}prefLabel> "Un nom"@fr'
    return f"<{names.ORGANISATIONS_GRAPH}> {{ <{ID}organisation/{slug}> {said} }}".encode()


def test_a_document_is_judged_by_a_worker_and_leaves_nothing(judged: Judging) -> None:
    for slug in ("first", "second", "third"):
        found = judged.report(an_organisation(slug))["findings"]
        assert [finding["component"] for finding in found] == ["MinCount"], "none is like the one before it"
    assert not judged.report(a_source("another").replace("role/lead>", "role/nobody>").encode())["conforms"]
    assert judged.report(a_source("another", name="Un autre projet").encode())["conforms"]
    assert judged.passes()
    assert judged.pool.counts()["died"] == 0


def test_a_worker_ends_when_it_has_judged_a_document() -> None:
    ours, theirs = socket.socketpair()
    graph = QuadStore.in_memory()
    thread = threading.Thread(
        target=lambda: worker.answer_questions(theirs, graph, 9_999, lambda: Benches(None, graph))
    )
    thread.start()
    wire.send(ours, *worker.encoded(Submission(b"", "text/turtle", "current", "", "text/plain", "fr")))
    assert wire.receive(ours)[0] == b"X"
    thread.join(5)
    assert not thread.is_alive()
    ours.close()
    theirs.close()


def test_a_refusal_comes_with_its_place_and_its_bound(judged: Judging) -> None:
    with pytest.raises(DocumentError, match=r"document:2:\d+: ") as refused:
        judged.report(b"@prefix e: <urn:e:> .\ne:a e:b ;; .", "text/turtle")
    assert refused.value.line == 2
    with pytest.raises(DocumentTooLarge, match="10,000"):
        judged.report(b"<urn:a> <urn:b> 1 .\n" * 10_001, "text/turtle")


LAUGHS = b'<!DOCTYPE r [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(12)
)
BOMBS = {
    "an entity bomb": (
        LAUGHS + b']><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">'
        b'<rdf:Description rdf:about="urn:e:a"><e:b>&m;</e:b></rdf:Description></rdf:RDF>',
        "application/rdf+xml",
    ),
    "brackets": (b"<urn:a> <urn:b> " + b"(" * 200_000, "text/turtle"),
    "blank nodes in blank nodes": (b"<urn:a> <urn:b> " + b"[<urn:b>" * 90_000 + b"1" + b"]" * 90_000, "text/turtle"),
    "deep JSON-LD": (b"[" * 200_000, "application/ld+json"),
    "deep lists": (b'{"urn:p":{"@list":[' * 20_000 + b"]}}" * 20_000, "application/ld+json"),
    "a huge literal": (b"<urn:a> <urn:b> '" + b"x" * 999_000 + b"' .", "text/turtle"),
    "a huge IRI": (b"<urn:a> <urn:" + b"x" * 999_000 + b"> 1 .", "text/turtle"),
    "deep triple terms": (
        b"<urn:a> <urn:b> " + b"<<( <urn:a> <urn:b> " * 40_000 + b"1" + b")>>" * 40_000,
        "text/turtle",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_one_worker_at_most(judged: Judging, bomb: str) -> None:
    with contextlib.suppress(DocumentError, DocumentTooLarge, QueryTooHeavy, QueryTimedOut):
        assert not judged.report(*BOMBS[bomb], deadline_s=4.0)["conforms"]
    seconds_until(judged.passes, 10)


def test_a_document_is_judged_on_the_last_revision(tmp_path: Path) -> None:
    page = a_source("another", name="Un autre projet")
    source = f"<http://purl.org/dc/terms/source> <{ID}source/another>"
    about = f"<{ID}project/another> <{names.SKOS}prefLabel> 'A name'@en ; {source} ."
    with judging(tmp_path, in_memory=True) as running:
        assert not running.report(about.encode(), "text/turtle")["conforms"], "nothing says what it is"
        assert running.settings.content
        rulebook = Rulebook.of(Content(running.settings.content))
        with gate.opened(tmp_path / "state", rulebook, 3, lambda _: None) as writer:
            added = frozenset(parse_quads(page.encode(), RdfFormat.TRIG, "page"))
            writer.propose([Change(frozenset(), added, "a page")])
        revision = Generations(tmp_path / "state" / "generations", 3).manifest().revision
        seconds_until(lambda: running.pool._roster._keeper.revision == revision, 20)
        assert running.pool._roster._keeper.in_memory, "it was brought there, not loaded anew"
        seconds_until(lambda: bool(running.report(about.encode(), "text/turtle")["conforms"]), 5)


def test_where_nothing_says_by_what_to_judge_it_is_refused_and_queries_go_on(tmp_path: Path) -> None:
    with judging(tmp_path, in_memory=True, content=str(tmp_path / "nowhere")) as running:
        with pytest.raises(SettingsError, match="cannot be judged"):
            running.report(b"", "text/turtle")
        assert running.passes()
