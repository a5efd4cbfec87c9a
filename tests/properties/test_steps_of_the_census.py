"""The steps that go by the census give what the engine gives, on graphs and queries that are made up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from coopkg import names
from coopkg.census import CLOSURES, LOCATED_IN, WITHIN, Census
from coopkg.querytree.reading import read
from coopkg.querytree.tree import Query
from coopkg.querytree.writing import written
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.rewriting import closures, counts, naming, places
from coopkg.store import QuadStore, variables

GRAPH = NamedNode(f"{names.GRAPH}one")
TYPE, LABEL = NamedNode(f"{names.RDF}type"), NamedNode(f"{names.SKOS}prefLabel")
NODES = [NamedNode(f"https://example.org/{number}") for number in range(7)]
PEOPLE = [NamedNode(f"https://example.org/agent/{number}") for number in range(3)]
TOTAL_ORDER = "ORDER BY DESC(?n) ?a ?name"
PROOFS, QUERIES_A_GRAPH, TRIES = 500, 40, 10_000


def a_graph(dice: random.Random) -> QuadStore:
    """Return a graph of a few things in places that lie in places, its closures closed in most graphs."""
    quads = set[Quad]()

    def say(subject: NamedNode, predicate: NamedNode | str, value: NamedNode | Literal) -> None:
        verb = NamedNode(names.COOP + predicate) if isinstance(predicate, str) else predicate
        quads.add(Quad(subject, verb, value, GRAPH))

    for number, node in enumerate(NODES):
        for near in dice.sample(NODES[number + 1 :], min(dice.randrange(3), len(NODES) - number - 1)):
            say(node, "directlyWithin", near)
        for kind in dice.sample(("Territory", "Region"), dice.randrange(1, 3)):
            say(node, TYPE, NamedNode(names.COOP + kind))
        say(node, LABEL, Literal(f"lieu {number % 3}", language="fr"))
        say(node, LABEL, Literal(f"place {number}", language="en"))
    for number in range(6):
        project = NamedNode(f"https://example.org/project/{number}")
        say(project, TYPE, NamedNode(f"{names.COOP}Project"))
        for place in dice.sample(NODES, dice.randrange(4)):
            say(project, "coversTerritory", place)
        for agent in dice.sample(PEOPLE, dice.randrange(3)):
            say(project, "hasParticipant", agent)
            say(agent, LABEL, Literal(f"agent {agent.value[-1]}", language=dice.choice(("fr", "en"))))
            say(agent, LABEL, Literal("sans nom", language="fr"))
        say(project, "value", Literal(dice.randrange(5)))
        say(project, "theme", dice.choice(NODES))
    if dice.random() < 0.2:
        say(NODES[-1], "directlyWithin", NODES[0])
    graph = QuadStore.in_memory(quads)
    graph.change([], list(_entailed(graph)))
    if dice.random() < 0.4:
        lost = dice.choice([quad for quad in graph.quads(names.INFERRED_GRAPH) if quad.predicate == LOCATED_IN.whole])
        graph.change([lost], [])
    if dice.random() < 0.2:
        graph.change([], [Quad(NODES[0], WITHIN.whole, NODES[6], GRAPH)])
    return graph


def _entailed(graph: QuadStore) -> Iterator[Quad]:
    inferred = NamedNode(names.INFERRED_GRAPH)
    for query, predicate in (
        ("SELECT ?s ?o { ?s coop:directlyWithin+ ?o }", WITHIN.whole),
        ("SELECT DISTINCT ?s ?o { ?s coop:coversTerritory/coop:directlyWithin* ?o }", LOCATED_IN.whole),
    ):
        for subject, value in graph.solutions(query)[1]:
            assert isinstance(subject, NamedNode)
            assert isinstance(value, NamedNode)
            yield Quad(subject, predicate, value, inferred)


def a_count(dice: random.Random) -> str:
    """Return a query that counts, or lists what occurs; many are such as the step must leave alone."""
    pattern, key = dice.choice(
        [
            ("?s ?p ?o", "?p"),
            ("?s a ?c", "?c"),
            ("[] a ?c", "?c"),
            ("?s ?p ?s", "?p"),
            ("?s coop:within ?o", ""),
            ("?s a coop:Project", ""),
            ("?s a coop:Nothing", ""),
            ("?s ?p []", "?p"),
        ]
    )
    counted = dice.choice(
        ["COUNT(*)", "COUNT(?s)", "COUNT(DISTINCT ?s)", f"COUNT(DISTINCT {key or '?s'})", "COUNT(?o)"]
    )
    condition = dice.choice(["", "", f"FILTER({key or '?s'} != coop:Region)", "FILTER(isIRI(?s))"])
    where = f"{{ {pattern} {condition} }}"
    having = dice.choice(["", f"HAVING ({counted} > 2)", "HAVING (?n > 1)"])
    order = dice.choice(["", "ORDER BY DESC(?n)", f"ORDER BY {key or '?n'}", f"ORDER BY {counted}"])
    counting = f"{{ SELECT {key} ({counted} AS ?n) {where} GROUP BY {key} }}"
    grouped = [
        f"SELECT {key} ({counted} AS ?n) {where} GROUP BY {key} {having} {order}",
        f"SELECT ({counted} AS ?n) {where} GROUP BY {key} {order}",
        f"SELECT DISTINCT {key} {where}",
        f"SELECT {key} {where}",
        f"SELECT ?l {key} ?n {{ {counting} OPTIONAL {{ {key} a ?l }} }}",
        f"SELECT (STR({key}) AS ?x) (2 * {counted} AS ?n) {where} GROUP BY {key}",
        f"ASK {{ {counting} FILTER(?n > 3) }}",
    ]
    return dice.choice(
        [*(grouped if key else []), f"SELECT ({counted} AS ?n) {where} {having}", f"SELECT DISTINCT (1 AS ?n) {where}"]
    )


def a_path(dice: random.Random) -> str:
    """Return a query over paths, from either end, or from both."""
    place = NODES[dice.randrange(len(NODES))]
    step = dice.choice(["directlyWithin+", "directlyWithin*", "within+", "within*", "within?", "directlyWithin"])
    path = dice.choice(
        [f"coop:{step}", f"coop:coversTerritory/coop:{step}", f"coop:locatedIn/coop:{step}", f"^coop:{step}"]
    )
    path = dice.choice([path, path, f"({path})|coop:theme", f"coop:theme/({path})", f"({path})/coop:{step}"])
    pattern = dice.choice([f"?p {path} {place}", f"?p {path} ?o", f"{place} {path} ?o", f"?p {path} ?p"])
    other = dice.choice(["", "?p a coop:Project .", "OPTIONAL { ?p coop:value ?v }", "FILTER(?p != coop:x)"])
    where = f"{other} {pattern}"
    return dice.choice(
        [
            f"SELECT ?p ?o {{ {where} }}",
            f"SELECT DISTINCT ?p {{ {where} }}",
            f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT ?p (RAND() AS ?x) {{ {where} }} }}",
            f"SELECT (COUNT(DISTINCT ?p) AS ?n) {{ {where} }}",
            f"SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?p) AS ?m) {{ {where} }}",
            f"SELECT ?o (MAX(?p) AS ?m) {{ {where} }} GROUP BY ?o",
            f"ASK {{ {where} }}",
            f"SELECT ?p {{ ?p a coop:Project FILTER EXISTS {{ {where} }} }}",
            f"SELECT ?p {{ ?p a coop:Project MINUS {{ {where} }} }}",
            f"SELECT ?p {{ ?p a coop:Project {{ SELECT DISTINCT ?p {{ {where} }} }} }}",
            f"SELECT ?p {{ {{ ?p a coop:Project }} UNION {{ {where} }} }}",
            f"SELECT ?p ?o ?g {{ GRAPH ?g {{ {where} }} }}",
        ]
    )


def a_naming(dice: random.Random) -> str:
    """Return a query that groups by a thing and its name; some must be left alone."""
    rest = dice.choice(
        [
            "?p coop:hasParticipant ?a .",
            "?p coop:hasParticipant ?a . ?p coop:value ?v .",
            "?p coop:hasParticipant ?a ; coop:coversTerritory ?t ; coop:value ?v . FILTER(?v > 1)",
            "?p coop:coversTerritory ?a . OPTIONAL { ?p coop:value ?v }",
            "?p coop:hasParticipant/skos:prefLabel ?name ; coop:hasParticipant ?a .",
            "",
        ]
    )
    condition = dice.choice(
        ["", 'FILTER(LANG(?name) = "fr")', 'FILTER(LANGMATCHES(LANG(?name), "en"))', "FILTER(?v < 3)"]
    )
    naming = dice.choice(
        ["?a skos:prefLabel ?name .", "?a skos:prefLabel ?name ; a ?k .", "?name ^skos:prefLabel ?a ."]
    )
    counted = dice.choice(["COUNT(*)", "COUNT(DISTINCT ?p)", "SUM(?v)", "MAX(?v)", "COUNT(?name)", "AVG(?v)"])
    keys = dice.choice(["?a ?name", "?name ?a", "?a ?name ?k", "?a", "?name", "?a ?name ?t"])
    items = dice.choice([keys, "?a", "?name"])
    having = dice.choice(["", "", f"HAVING ({counted} > 1)", "HAVING (?n > 1)", 'HAVING (STR(?name) > "b")'])
    order = dice.choice(["", TOTAL_ORDER, f"ORDER BY {counted}", "ORDER BY ?p"])
    return f"SELECT {items} ({counted} AS ?n) {{ {rest} {naming} {condition} }} GROUP BY {keys} {having} {order}"


STEPS: dict[str, tuple[Callable[[random.Random], str], Callable[[Query, Census], Query]]] = {
    "counts": (a_count, counts.apply),
    "closures": (a_path, closures.apply),
    "places": (a_path, lambda query, census: places.apply(closures.apply(query, census), census)),
    "naming": (a_naming, naming.apply),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_changes_no_answer(step: str) -> None:
    make, apply = STEPS[step]
    dice = random.Random(step)
    proved = 0
    for number in range(TRIES):
        if number % QUERIES_A_GRAPH == 0:
            graph = a_graph(dice)
            census = Census.taken(graph)
        text = make(dice)
        query = read(text)
        changed = apply(query, census)
        if changed is not query:
            is_ordered = TOTAL_ORDER in text
            assert solutions(graph, written(changed), is_ordered) == solutions(graph, text, is_ordered), text
            proved += 1
        if proved == PROOFS:
            return
    pytest.fail(f"only {proved} of {TRIES} queries were such as the step changes")


def solutions(graph: QuadStore, text: str, is_ordered: bool) -> Counter[str] | list[str] | bool:
    """Return the solutions as they come, or how often each does where they come in no order."""
    results = graph.query(text)
    if not variables(results):
        return bool(results)
    found = [str(row) for row in graph.solutions(text)[1]]
    return found if is_ordered else Counter(found)


def test_some_of_the_graphs_have_closed_closures_and_some_have_not() -> None:
    dice = random.Random(1)
    found = [Census.taken(a_graph(dice)).closed for _ in range(40)]
    assert sum({WITHIN, LOCATED_IN} <= closed for closed in found) > 10
    assert sum(WITHIN not in closed for closed in found) > 5
    assert all(closed <= set(CLOSURES) for closed in found)
