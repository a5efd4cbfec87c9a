"""The set of all triples: with what is inferred or without, on disk and in memory, and what a change does to it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from coopkg import guard, names
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.store import Effect, QuadStore, rows

A, B = (f"{names.GRAPH}{name}" for name in "ab")
NODES = [NamedNode(f"https://node.example/{letter}") for letter in "xyz"]
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def a_quad(number: int, graph: str) -> Quad:
    return Quad(NODES[number % 3], NODES[number // 3 % 3], NODES[number // 9 % 3], NamedNode(graph))


#: Two graphs state one triple; one triple is inferred.
QUADS = [a_quad(0, A), a_quad(0, B), a_quad(1, B), a_quad(2, names.INFERRED_GRAPH)]


@pytest.fixture(params=["disk", "memory", "loaded"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QuadStore]:
    if request.param == "memory":
        yield QuadStore.in_memory(QUADS)
        return
    written = QuadStore.create(tmp_path / "store")
    written.change((), QUADS)
    written.flush()
    written.close()
    yield (QuadStore.published if request.param == "disk" else QuadStore.loaded)(tmp_path / "store")


def count(store: QuadStore, query: str = COUNT, *, inferred: bool = True) -> int:
    ((number,),) = rows(store.query(query, inferred=inferred))
    return int(number or "")


def test_all_triples_are_a_set_with_the_inferred_ones_or_without(store: QuadStore) -> None:
    assert count(store) == 3
    assert count(store, inferred=False) == 2


def test_named_graphs_stay_as_they_are_whichever_set_is_asked(store: QuadStore) -> None:
    for inferred in (True, False):
        assert count(store, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", inferred=inferred) == 4
        assert count(store, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{names.INFERRED_GRAPH}> {{ ?s ?p ?o }} }}") == 1


@pytest.mark.parametrize("inferred", [True, False])
@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (f"FROM <{A}>", 1),
        (f"from<{names.INFERRED_GRAPH}>", 1),
        (f"FROM # a remark\n <{B}>", 2),
        (f"FROM<{A}>", 1),
        (f"FROMNAMED<{A}>FROM<{B}>", 2),
        ("FROMg:a", 1),
        (f"FROM NAMED <{A}>", 0),
        (f"FROM NAMED <{A}> FROM <{B}>", 2),
    ],
)
def test_from_in_a_query_wins(store: QuadStore, clause: str, expected: int, *, inferred: bool) -> None:
    query = f"PREFIX g: <{names.GRAPH}> " + COUNT.replace(" {", clause + " {", 1)
    assert count(store, query, inferred=inferred) == expected


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { ?from ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { $FROM ?p ?o } # FROM <http://a>",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(\"FROM <http://a>\" != 'FROM') }",
        "PREFIX from: <http://from.example/FROM> SELECT (COUNT(*) AS ?n) { ?s ?p ?o OPTIONAL { ?s from:from ?x } }",
        "PREFIX : <http://a/> SELECT (COUNT(*) AS ?n) { ?s ?p ?o OPTIONAL { ?s :FROM _:from } }",
        'SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER("x"@from != ?o) }',
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o BIND(1 AS ?from) BIND(2 AS ?frxm) }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o OPTIONAL { ?s <http://a/FROM> '''\nFROM <http://a>''' } }",
    ],
)
def test_what_is_no_clause_changes_nothing(store: QuadStore, query: str) -> None:
    assert guard.dataset(query, None) == (None, None)
    assert count(store, query) == 3


def test_graphs_that_are_chosen_by_the_protocol_may_be_the_inferred_one(store: QuadStore) -> None:
    for graphs, expected in (([A, B], 2), ([A, B, names.INFERRED_GRAPH], 3), ([A, names.INFERRED_GRAPH], 2)):
        ((number,),) = rows(store.query(COUNT, default_graphs=graphs))
        assert number == str(expected)


@pytest.mark.parametrize("seed", range(30))
def test_the_effect_of_changes_is_what_they_did_to_the_asserted_triples(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)  # noqa: S311  # the same cases in each run
    store = QuadStore.create(tmp_path / "store")
    quads, total = set[Quad](), Effect()
    for _ in range(6):
        remove, add = ({a_quad(dice.randrange(5), dice.choice((A, B))) for _ in range(dice.randrange(4))} for _ in "ra")
        before = {quad.triple for quad in quads}
        effect = store.change(remove, list(add))
        quads = (quads - remove) | add
        after = {quad.triple for quad in quads}
        assert effect == Effect(frozenset(before - after), frozenset(after - before))
        total = total.then(effect)
        assert total == Effect(frozenset[Triple](), frozenset(after))
        assert count(store) == len(after)
