"""Whatever happens to a graph: who reads the feed holds what is published, and so does who applies the patches."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from coopkg import editions, erasure, names, redaction
from coopkg.erasure import Plan
from coopkg.feed import Feed, table
from coopkg.graph import Graph
from coopkg.journal import Journal
from coopkg.rdf import Literal, NamedNode, Quad, canonical_lines, dataset_digest, from_patch, graph_digests
from coopkg.redaction import Wanted
from coopkg.settings import Settings
from tests.builders import ID
from tests.feeds import GRAPH, OTHER_GRAPH, Written, held, said, versions

Statements = frozenset[Quad]

_THINGS, _TEXTS = "abc", ("one", "two")
_POOL = [said(thing, text, graph) for thing in _THINGS for text in _TEXTS for graph in (GRAPH, OTHER_GRAPH)]
_POOL += [Quad(NamedNode(f"{ID}project/a"), NamedNode(f"{names.COOP}p"), NamedNode(f"{ID}project/b"), NamedNode(GRAPH))]
_POOL += [said("https://example.org/theirs", text) for text in _TEXTS]


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "PAGE_VERSIONS", 4)


def ours(graph: Iterable[Quad]) -> set[str]:
    """Return what a graph says of things of ours, as canonical lines."""
    return {line for line in canonical_lines(graph) if line.startswith(f"<{names.BASE}")}


def a_change(chance: random.Random, graph: Statements) -> tuple[Statements, Statements]:
    """Return what goes and what comes: any statements, there or not, or a thing under another name."""
    if chance.random() < 0.3:
        old, new = (f"{ID}project/{name}" for name in chance.sample(_THINGS, 2))
        gone = frozenset(quad for quad in graph if old in str(quad))
        return gone, frozenset(_renamed(quad, old, new) for quad in gone)
    remove, add = (frozenset(chance.sample(_POOL, chance.randint(0, 5))) for _ in range(2))
    return remove, add


def _renamed(quad: Quad, old: str, new: str) -> Quad:
    subject, value = (
        NamedNode(new) if getattr(term, "value", "") == old else term for term in (quad.subject, quad.object)
    )
    return Quad(subject, quad.predicate, value, quad.graph_name)  # type: ignore[arg-type]  # IRIs, or what was there


def a_story(written: Written, chance: random.Random, followed: Feed, length: int = 12) -> Statements:
    """Write a journal of random changes, and return what is stated at its end; a feed follows now and then."""
    graph = Statements()
    for number in range(1, length + 1):
        remove, add = a_change(chance, graph)
        written.append(add, remove)
        graph = (graph - remove) | add
        if chance.random() < 0.5:
            followed.follow(number)
            assert held(versions(followed)) == ours(graph)
    return graph


def replayed(feed: Feed, last: int) -> Statements:
    """Return what the patches of all revisions give from nothing; none says what is not so."""
    graph = Statements()
    for number in range(1, last + 1):
        with feed.reading() as reading:
            rows = "".join(f"{row}\n" for row in reading.patch(number))
        removed, added = map(frozenset, from_patch(rows.encode(), "a patch"))
        assert removed <= graph
        assert not added & graph
        graph = (graph - removed) | added
    return graph


@pytest.mark.parametrize("seed", range(25))
def test_a_reader_of_the_feed_or_of_the_patches_holds_the_graph(tmp_path: Path, seed: int) -> None:
    written, followed = Written(tmp_path), Feed(tmp_path / "journal")
    graph = a_story(written, random.Random(seed), followed)
    for feed in (followed, written.feed):
        feed.follow(written.journal.head)
        assert held(versions(feed)) == ours(graph)
        assert dataset_digest(graph_digests(replayed(feed, written.journal.head))) == dataset_digest(
            graph_digests(graph)
        )
    assert versions(followed) == versions(written.feed)
    written.feed.close()
    followed.close()


@pytest.mark.parametrize("seed", range(8))
def test_after_an_erasure_a_reader_who_begins_again_holds_the_graph(tmp_path: Path, seed: int) -> None:
    written, followed = Written(tmp_path), Feed(tmp_path / "journal")
    graph = a_story(written, random.Random(seed), followed)
    spoken = frozenset(quad for quad in graph if quad.object == Literal("two"))
    written.change([said("a", "two")])
    written.change([said("c", "three")], [*spoken, said("a", "two")])
    before = {version.iri: version for version in versions(written.feed)}
    redact(tmp_path, "two")
    written.feed.follow(written.journal.head)
    after = versions(written.feed)
    assert held(after) == ours((graph - spoken) | {said("c", "three")})
    assert not any('"two"' in line for version in after for line in version.lines())
    for version in after:
        assert before.get(version.iri, version) == version, "an IRI never stands for anything else"
    written.feed.close()
    followed.close()


def redact(state: Path, term: str) -> None:
    """Erase a term from a journal, as the command does once it knows that nothing states it."""
    journal, wanted = Journal(state / "journal", writing=True), Wanted.of([term])
    plan = Plan(wanted, redaction.find(journal, wanted), ())
    erasure._made_anew(journal, plan, "asked for", state / "staging")
    editions.adopt(state / "staging", state / "journal")
    editions.sweep(state / "journal")


@pytest.mark.harvest(18)
def test_both_hold_for_what_is_published(built_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    store, manifest = Graph.open(Settings(state=built_state), {}).current()
    feed = Feed(built_state / "journal")
    feed.follow(manifest.revision)
    stated = {
        line for graph in store.graphs() if not names.is_derived(graph) for line in canonical_lines(store.quads(graph))
    }
    assert held(versions(feed)) == {line for line in stated if line.startswith(f"<{names.BASE}")}
    lines = set[str]()
    for number in range(1, manifest.revision + 1):
        with feed.reading() as reading:
            for row in reading.patch(number):
                (lines.add if row[0] == "A" else lines.remove)(row[2:])
    assert digest_of(lines) == manifest.digest
    feed.close()


def digest_of(lines: set[str]) -> str:
    """Return the digest of a dataset from its canonical lines."""
    totals = dict[str, "hashlib._Hash"]()
    for line in sorted(lines):
        graph = line.rsplit(" ", 2)[1][1:-1]
        totals.setdefault(graph, hashlib.sha256()).update(f"{line}\n".encode())
    return dataset_digest({graph: total.hexdigest() for graph, total in totals.items()})
