"""The census of a graph: what the engine counts, whatever was changed."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from coopkg import names
from coopkg.census import CLOSURES, LOCATED_IN, PART_OF, WITHIN, Census, Closure
from coopkg.rdf import NamedNode, Quad
from coopkg.store import QuadStore

A, B, C, D = (NamedNode(f"https://example.org/{name}") for name in "abcd")
TYPE = NamedNode(f"{names.RDF}type")
DIRECTLY, IN = WITHIN.base, WITHIN.whole
ONE, OTHER = (NamedNode(f"{names.GRAPH}{name}") for name in ("one", "other"))
INFERRED = NamedNode(names.INFERRED_GRAPH)


def stated(*triples: tuple[NamedNode, NamedNode, NamedNode], graph: NamedNode = ONE) -> list[Quad]:
    return [Quad(*triple, graph) for triple in triples]


def closed(quads: Iterable[Quad]) -> frozenset[Closure]:
    return Census.taken(QuadStore.in_memory(quads)).closed


def test_it_counts_what_the_engine_counts() -> None:
    graph = QuadStore.in_memory(
        [*stated((A, TYPE, C), (B, TYPE, C), (A, IN, B)), *stated((A, TYPE, D), graph=INFERRED)]
    )
    census = Census.taken(graph)
    assert census.total == 4
    assert census.predicates == {TYPE: 3, IN: 1}
    assert census.classes == {C: 2, D: 1}


def test_a_triple_that_two_graphs_state_counts_once() -> None:
    graph = QuadStore.in_memory([*stated((A, TYPE, C)), *stated((A, TYPE, C), graph=OTHER)])
    census = Census.taken(graph)
    census.follow(graph, graph.change(stated((A, TYPE, C)), []))
    assert census.total == 1
    census.follow(graph, graph.change(stated((A, TYPE, C), graph=OTHER), []))
    assert census.total == 0
    assert not census.predicates
    assert not census.classes


def test_after_any_changes_it_is_what_a_new_one_says() -> None:
    dice = random.Random(5)  # noqa: S311  # the same changes in each run, no secret
    nodes = [NamedNode(f"https://example.org/{number}") for number in range(6)]
    properties = [TYPE, *{node for one in CLOSURES for node in (one.base, one.whole)}]
    graph = QuadStore.in_memory()
    census = Census.taken(graph)
    for _ in range(300):
        drawn = [
            Quad(dice.choice(nodes), dice.choice(properties), dice.choice(nodes), dice.choice((ONE, OTHER, INFERRED)))
            for _ in range(dice.randrange(4))
        ]
        gone = dice.sample(sorted(set(_quads(graph)), key=str), min(2, len(set(_quads(graph)))))
        census.follow(graph, graph.change(gone, drawn))
        again = Census.taken(graph)
        assert (census.predicates, census.classes) == (again.predicates, again.classes)
        assert census.closed <= again.closed
        census.closed = again.closed


def _quads(graph: QuadStore) -> list[Quad]:
    return [quad for name in graph.graphs() for quad in graph.quads(name)]


def test_an_empty_graph_has_all_its_closures_closed() -> None:
    assert closed([]) == frozenset(CLOSURES)


@pytest.mark.parametrize(
    ("quads", "is_closed"),
    [
        (stated((A, DIRECTLY, B), (B, DIRECTLY, C), (A, IN, B), (B, IN, C), (A, IN, C)), True),
        (stated((A, DIRECTLY, B), (B, DIRECTLY, C), (A, IN, B), (B, IN, C)), False),
        (stated((A, DIRECTLY, B), (B, DIRECTLY, C), (B, IN, C), (A, IN, C)), False),
        (stated((A, DIRECTLY, B), (A, IN, B), (A, IN, C)), False),
        (stated((A, IN, C)), False),
        (stated((A, DIRECTLY, A), (A, IN, A)), False),
        (stated((A, DIRECTLY, B), (B, DIRECTLY, A), (A, IN, B), (B, IN, A), (A, IN, A), (B, IN, B)), False),
    ],
)
def test_within_is_closed_when_it_holds_just_what_steps_lead_to(quads: list[Quad], *, is_closed: bool) -> None:
    assert (WITHIN in closed(quads)) is is_closed


def test_located_in_is_closed_when_it_holds_the_territory_and_what_that_is_in() -> None:
    covers, located = LOCATED_IN.base, LOCATED_IN.whole
    quads = stated((A, covers, B), (B, IN, C), (A, located, B), (A, located, C))
    assert LOCATED_IN in closed(quads)
    assert LOCATED_IN not in closed(quads[:-1])
    assert LOCATED_IN not in closed([*quads, *stated((A, located, D))])


def test_part_of_action_is_closed_when_it_is_transitive() -> None:
    part = PART_OF.base
    quads = stated((A, part, B), (B, part, C), (A, part, C))
    assert PART_OF in closed(quads)
    assert PART_OF not in closed(quads[:2])


def test_a_closure_is_open_as_soon_as_a_change_far_from_its_ends_opens_it() -> None:
    covers, located = LOCATED_IN.base, LOCATED_IN.whole
    graph = QuadStore.in_memory(stated((A, covers, B), (A, located, B)))
    census = Census.taken(graph)
    census.follow(graph, graph.change([], stated((B, IN, C))))
    assert LOCATED_IN not in census.closed
