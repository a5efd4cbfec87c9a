"""A generation published again with another description of itself: queries see it, and nothing else does."""

from __future__ import annotations

import pytest

from coopkg import names, upkeep
from coopkg.errors import WriteRejected
from coopkg.gate import Gate
from coopkg.graph import Graph
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import QuadStore
from coopkg.store import rows as store_rows
from tests.build.running import Place
from tests.build.test_staying_gate import INVALID, adding

DATASET = NamedNode(f"{names.BASE}dataset/graph")
TITLE = NamedNode(f"{names.DCTERMS}title")
GRAPH = NamedNode(names.CATALOG_GRAPH)
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
SAID = f"SELECT ?title {{ <{DATASET.value}> dcterms:title ?title }}"


def titled(*titles: str) -> list[Quad]:
    return [Quad(DATASET, TITLE, Literal(title), GRAPH) for title in titles]


def described(gate: Gate, quads: list[Quad]) -> None:
    with gate.held():
        gate.describe(quads)


def current(place: Place) -> QuadStore:
    return Graph.open(place.settings, {}).current()[0]


def rows(store: QuadStore, query: str, *, inferred: bool = True) -> list[tuple[str | None, ...]]:
    return store_rows(store.query(query, inferred=inferred))


def test_queries_find_it_in_its_graph_and_among_all_triples(place: Place, gate: Gate) -> None:
    described(gate, titled("one"))
    folder = Graph.open(place.settings, {}).location()[0]
    for store in (current(place), QuadStore.loaded(folder / "store")):
        for pattern in (SAID, SAID.replace("{ <", f"{{ GRAPH <{GRAPH.value}> {{ <").replace("}", "}}")):
            assert rows(store, pattern) == [("one",)]
        assert rows(store, SAID, inferred=False) == []


def test_it_changes_neither_the_revision_nor_what_the_manifest_says_of_the_graph(place: Place, gate: Gate) -> None:
    before = Graph.open(place.settings, {}).current()[1].members()
    described(gate, titled("one"))
    assert Graph.open(place.settings, {}).current()[1].members() == before
    upkeep.verify(place.settings, {})


def test_another_description_takes_the_place_of_the_first(place: Place, gate: Gate) -> None:
    described(gate, titled("one", "two"))
    described(gate, titled("two", "three"))
    assert {str(quad) for quad in current(place).quads(GRAPH.value)} == {str(quad) for quad in titled("two", "three")}


def test_the_same_description_publishes_nothing(place: Place, gate: Gate) -> None:
    described(gate, titled("one"))
    before = Graph.open(place.settings, {}).location()
    described(gate, titled("one"))
    assert Graph.open(place.settings, {}).location() == before


def test_what_the_graph_states_itself_is_not_counted_twice(place: Place, gate: Gate) -> None:
    stated = next(current(place).quads(current(place).graphs()[0]))
    before = rows(current(place), COUNT)
    described(gate, [Quad(stated.subject, stated.predicate, stated.object, GRAPH), *titled("one")])
    assert int(str(rows(current(place), COUNT)[0][0])) == int(str(before[0][0])) + 1


def test_it_stays_through_a_change_and_through_a_refusal(place: Place, gate: Gate) -> None:
    described(gate, titled("one"))
    with gate.held(), pytest.raises(WriteRejected):
        gate.propose([INVALID])
    with gate.held():
        gate.propose([adding("a-page")])
    assert rows(current(place), SAID) == [("one",)]


def test_readers_who_hold_the_generation_before_are_told_what_came(place: Place, gate: Gate) -> None:
    published = Graph.open(place.settings, {})
    held = published.location()[0]
    described(gate, titled("one"))
    step = published.step(held)
    assert step is not None
    assert (list(step.removed), list(step.added), step.is_whole) == ([], titled("one"), False)


def test_pages_and_rules_do_not_see_it(place: Place, gate: Gate) -> None:
    described(gate, titled("one"))
    assert list(current(place).triples(DATASET, None, None)) == []
