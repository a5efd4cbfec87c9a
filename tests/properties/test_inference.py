"""Laws of inference: owlrl, the store's engine and a reasoner that begins again all agree with ours."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from coopkg import inference, names, referee
from coopkg.axioms import TYPE
from coopkg.content import Content
from coopkg.inference import Logic
from coopkg.rdf import Literal, NamedNode, Quad, Triple
from coopkg.reasoner import Fact, Proof, Reasoner
from coopkg.store import QuadStore
from tests.properties import ontologies

#: How many random cases there are, as a multiple of what every run of the tests tries: `make fuzz` tries 20 times more.
TIMES = int(os.environ.get("COOPKG_TEST_FUZZ", "1"))
#: owlrl's noise: what it says and we do not. Left out of its ontology, or of its output by `Logic.speaks_of`.
#: * owl:FunctionalProperty: it merges the two values (owl:sameAs, then every statement of one for the other); for us
#:   they are an inconsistency.
#: * Reflexive owl:sameAs, owl:Thing, rdfs:Resource, statements about axioms and about datatypes.
#: * Literals as subjects, such as the range of a property whose value is a text.
MERGING = NamedNode(f"{names.OWL}FunctionalProperty")

CONTENT = Content(Path(__file__).parents[2])


def quads(triples: list[Triple]) -> list[Quad]:
    return [Quad(t.subject, t.predicate, t.object, NamedNode("https://example.org/graph")) for t in triples]


def triples(quads: list[Quad]) -> list[Triple]:
    return [Triple(quad.subject, quad.predicate, quad.object) for quad in quads]


def by_owlrl(data: list[Triple], ontology: list[Triple]) -> set[Triple]:
    logic = Logic.of(quads(ontology), {})
    expanded = referee.expanded(data, [triple for triple in ontology if triple.object != MERGING])
    return {triple for triple in expanded if logic.speaks_of(Fact(*triple))} - set(data)


@pytest.mark.parametrize("seed", range(150 * TIMES))
def test_what_follows_is_what_owlrl_says(seed: int) -> None:
    dice = random.Random(seed)
    ontology = ontologies.ontology(dice)
    data = ontologies.graph(dice, dice.choice([5, 20, 20, 60, 60, 200]) if seed % 25 else 500)
    assert inference.closure(quads(data), quads(ontology), {}) == by_owlrl(data, ontology)


@pytest.mark.parametrize("seed", range(50 * TIMES))
def test_things_in_disjoint_classes_are_those_of_what_owlrl_says(seed: int) -> None:
    dice = random.Random(seed)
    ontology, data = ontologies.ontology(dice), ontologies.graph(dice, 40)
    disjoint = [rule for rule in Logic.of(quads(ontology), {}).rules if "disjointWith" in rule.name]
    pairs = [tuple(atom.object for atom in rule.body) for rule in disjoint]
    types = {(t.subject, t.object) for t in by_owlrl(data, ontology) | set(data) if t.predicate == TYPE}
    things = {thing for thing, _ in types}
    expected = {(s, frozenset(pair)) for s in things for pair in pairs if all((s, kind) in types for kind in pair)}
    told = {
        (one.premises[0].subject, frozenset(fact.object for fact in one.premises))
        for one in inference.inconsistencies(quads(data), quads(ontology), {})
        if one.rule in disjoint and not isinstance(one.premises[0].subject, Literal)
    }
    assert told == expected


def test_what_follows_from_all_curated_data_is_what_owlrl_and_the_engine_say() -> None:
    ontology = CONTENT.read(next(file for file in CONTENT.files if file.graph == names.ONTOLOGY_GRAPH))
    curated = [
        file for file in CONTENT.files if not names.is_reference(file.graph) and file.graph != names.ONTOLOGY_GRAPH
    ]
    data = [quad for file in curated for quad in CONTENT.read(file)]
    rules = CONTENT.rules()
    expected, before = set(triples(data)), 0
    while len(expected) > before:  # the axioms and the rules in turn, until neither gives more
        before = len(expected)
        expected |= by_owlrl([t for t in expected if _can_matter(t, ontology)], triples(ontology))
        store = QuadStore.in_memory(quads(list(expected)))
        expected |= {triple for name, text in rules.items() for triple in inference.ruled(store, name, text)}
    assert inference.closure(data, ontology, rules) == expected - set(triples(data))


def _can_matter(triple: Triple, ontology: list[Quad]) -> bool:
    return triple.predicate == TYPE or triple.predicate in {quad.subject for quad in ontology}


@pytest.mark.parametrize("seed", range(500 * TIMES))
def test_a_change_gives_what_beginning_again_gives(seed: int) -> None:
    dice = random.Random(seed)
    rules = [*Logic.of(quads(ontologies.ontology(dice)), {}).rules, *ontologies.rules(dice)]
    graph = ontologies.graph(dice, dice.choice([3, 10, 10, 30]))
    asserted = facts(graph)
    reasoner = Reasoner(rules, asserted)
    for removed, added in ontologies.changes(dice, graph, 6):
        before = set(reasoner.inferred())
        remove, add = facts(removed), facts(added)
        if before and dice.random() < 0.3:  # what follows may be stated too
            add.add(dice.choice(sorted(before, key=str)))
        if asserted and dice.random() < 0.3:  # ... and be taken back
            remove.add(dice.choice(sorted(asserted, key=str)))
        difference = reasoner.change(remove, add)
        asserted = (asserted - remove) | add
        after = set(reasoner.inferred())
        assert after == set(Reasoner(rules, asserted).inferred())
        assert difference.gone == before - after
        assert difference.new == after - before
    for fact in reasoner.inferred():
        proof = reasoner.proof(fact)
        assert proof is not None
        check(proof, asserted)


def facts(triples: list[Triple]) -> set[Fact]:
    return {Fact(*triple) for triple in triples}


def check(proof: Proof, asserted: set[Fact]) -> None:
    """Walk a proof down: every step is an instance of its rule, and it ends in what is asserted."""
    if proof.rule is None:
        assert proof.fact in asserted
        return
    bound: dict[object, object] = {}
    assert proof.rule.head is not None
    pattern = [*proof.rule.head, *(term for atom in proof.rule.body for term in atom)]
    terms = [*proof.fact, *(term for premise in proof.premises for term in premise.fact)]
    for place, term in zip(pattern, terms, strict=True):
        assert bound.setdefault(place, term) == term
    for premise in proof.premises:
        check(premise, asserted)
