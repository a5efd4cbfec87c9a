"""Laws of inference: owlrl, the engines of SPARQL and a reasoner that begins again all agree with ours."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
import rdflib

from coopkg import demand, names, referee
from coopkg.axioms import TYPE
from coopkg.content import Content
from coopkg.datalog import Count, Fact, Made, Proof, Variable
from coopkg.errors import InputError
from coopkg.inference import Logic
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, Triple, to_bytes
from coopkg.reasoner import Reasoner
from coopkg.rules import read as rules_of
from coopkg.store import QuadStore
from tests import closing
from tests.properties import ontologies

#: How many random cases there are, as a multiple of what every run of the tests tries: `make fuzz` tries 20 times more.
TIMES = int(os.environ.get("COOPKG_TEST_FUZZ", "1"))
#: owlrl's noise: what it says and we do not. Left out of its ontology, or of its output by `Logic.speaks_of`.
#: * owl:FunctionalProperty: it merges the two values (owl:sameAs, then every statement of one for the other); for us
#:   they are an inconsistency.
#: * Reflexive owl:sameAs, owl:Thing, rdfs:Resource, statements about axioms and about datatypes.
#: * Literals as subjects, such as the range of a property whose value is a text.
MERGING = NamedNode(f"{names.OWL}FunctionalProperty")
#: owlrl 7.6 walks a property chain once for each way from end to end: ten minutes where 28,000 triples follow from 200.
MANY = 10_000

CONTENT = Content(Path(__file__).parents[2])
ROLES = [
    Triple(quad.subject, quad.predicate, quad.object)
    for file in CONTENT.files
    if file.path == "ontology/schemes/role.ttl"
    for quad in CONTENT.read(file)
]


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
    while len(closure := closing.closure(quads(data), quads(ontology), {})) > MANY:
        data = data[::2]
    assert closure == by_owlrl(data, ontology)


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
        for one in closing.inconsistencies(quads(data), quads(ontology), {})
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
    expected = set(triples(data))
    # The axioms and the rules in turn, until neither gives more; what counts waits until all that it counts is there.
    for waiting in (True, False):
        before = 0
        while len(expected) > before:
            before = len(expected)
            expected |= by_owlrl([t for t in expected if _can_matter(t, ontology)], triples(ontology))
            store = QuadStore.in_memory(quads(list(expected)))
            for text in rules.values():
                if not (waiting and "COUNT(" in text):
                    expected |= referee.constructed(store, text)
    assert closing.closure(data, ontology, rules) == expected - set(triples(data))


def test_cooperations_and_their_strengths_are_those_that_rdflib_makes_and_counts() -> None:
    ontology = CONTENT.read(next(file for file in CONTENT.files if file.graph == names.ONTOLOGY_GRAPH))
    dice = random.Random(0)
    data = ontologies.participations(dice, agents=6, actions=12, roles=ROLES)
    rules = CONTENT.rules()
    entailed = closing.closure(quads(data), ontology, rules)
    given = rdflib.Graph().parse(
        data=to_bytes((Quad(*t) for t in (*data, *entailed)), RdfFormat.N_TRIPLES), format="nt"
    )
    for name, predicates in (("cooperations", ("cooperationOf", "sharedAction")), ("strength", ("strength",))):
        wanted = {f"{names.COOP}{predicate}" for predicate in predicates}
        theirs = {t for t in given.query(rules[name]).graph or () if str(t[1]) in wanted}
        ours = {t for t in given if str(t[1]) in wanted}
        assert ours == theirs
    assert {int(str(number)) for number in given.objects(None, rdflib.URIRef(f"{names.COOP}strength"))} >= {1, 2, 3}


def _can_matter(triple: Triple, ontology: list[Quad]) -> bool:
    return triple.predicate == TYPE or triple.predicate in {quad.subject for quad in ontology}


@pytest.mark.parametrize("seed", range(500 * TIMES))
def test_a_change_gives_what_beginning_again_gives(seed: int) -> None:
    dice = random.Random(seed)
    rules = list(Logic.of(quads(ontologies.ontology(dice)), {}).rules)
    graph = ontologies.graph(dice, dice.choice([3, 10, 10, 30]))
    asserted = facts([*graph, *ontologies.meanings(dice)])
    making = (rule for name, text in ontologies.making(dice).items() for rule in rules_of(name, text))
    # What leads from what is made or counted back to what that was made from is refused.
    for rule in making if dice.random() < 0.5 else ontologies.rules(dice):
        with suppress(InputError):
            Reasoner([*rules, rule])
            rules.append(rule)
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


@pytest.mark.parametrize("seed", range(200 * TIMES))
def test_a_question_finds_the_proof_that_all_facts_would_give(seed: int) -> None:
    dice = random.Random(seed)
    making = [rule for name, text in ontologies.making(dice).items() if name != "back" for rule in rules_of(name, text)]
    rules = [*Logic.of(quads(ontologies.ontology(dice)), {}).rules, *making]
    asserted = [*ontologies.graph(dice, dice.choice([5, 20, 40])), *ontologies.meanings(dice)]
    reasoner = Reasoner(rules, asserted)
    follows = [Fact(*triple) for triple in asserted] + sorted(reasoner.inferred(), key=str)
    others = [Fact(one.subject, two.predicate, one.object) for one, two in pairwise(follows)]

    def read(subject: object, predicate: object, value: object) -> list[Fact]:
        pattern = (subject, predicate, value)
        return [Fact(*t) for t in asserted if all(p in (None, term) for p, term in zip(pattern, t, strict=True))]

    for fact in dice.sample(follows, min(12, len(follows))) + others[:12]:
        whole, found = reasoner.proof(fact), demand.proof(rules, fact, read)
        assert (whole is None) == (found is None)
        if whole and found:
            check(found, facts(asserted))
            assert height(found) == height(whole)


def height(proof: Proof) -> int:
    """Return how many rules stand above each other in a proof."""
    return 1 + max(map(height, proof.premises)) if proof.rule else 0


def check(proof: Proof, asserted: set[Fact]) -> None:
    """Walk a proof down: every step is an instance of its rule, and it ends in what is asserted."""
    if proof.rule is None:
        assert proof.fact in asserted
        return
    bound: dict[object, object] = {}
    head, body = proof.rule.head, proof.rule.body
    assert head is not None
    if isinstance(head.object, Count):
        bound[head.object] = head.object.make(len(proof.premises))
        assert len({premise.fact for premise in proof.premises}) == len(proof.premises)
        assert {premise.fact[:2] for premise in proof.premises} == {(proof.fact.subject, body[0].predicate)}
    else:
        assert len(proof.premises) == len(body)
        for atom, premise in zip(body, proof.premises, strict=True):
            for place, term in zip(atom, premise.fact, strict=True):
                assert bound.setdefault(place, term) == term
    for made in head:
        if isinstance(made, Made):
            bound[made] = made.make(*(bound[variable] for variable in made.of))
    for condition in proof.rule.conditions:
        assert condition.holds(*(bound[variable] for variable in condition.of))
    for place, term in zip(head, proof.fact, strict=True):
        assert bound.get(place, term if isinstance(place, Variable) else place) == term
    for premise in proof.premises:
        check(premise, asserted)
