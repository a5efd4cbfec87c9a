"""Inference: what the ontology entails, what it must leave alone, and the traps of the model."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import rdflib
from rdflib import XSD

from coopkg import inference, names, referee
from coopkg.axioms import TYPE
from coopkg.content import Content
from coopkg.datalog import Inconsistency
from coopkg.errors import InputError
from coopkg.rdf import NamedNode, Quad, RdfFormat, Triple, parse_quads
from coopkg.reasoner import Reasoner
from tests import closing
from tests.made_up import HUBS, Country

CONTENT = Content(Path(__file__).parent.parent.parent)
FILES = {file.path: file for file in CONTENT.files}
ID = f"{names.BASE}id/"
PREFIXES = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in names.PREFIXES.items()) + (
    f"PREFIX ex: <https://example.org/>\nPREFIX role: <{names.BASE}scheme/role/>\nPREFIX prov: <http://www.w3.org/ns/prov#>"
)


@cache
def quads(*paths: str) -> list[Quad]:
    return [quad for path in paths for quad in CONTENT.read(FILES[path])]


def as_quads(triples: list[Triple]) -> list[Quad]:
    return [Quad(triple.subject, triple.predicate, triple.object) for triple in triples]


def turtle(text: str) -> list[Quad]:
    return parse_quads(f"{PREFIXES}\n{text}".encode(), RdfFormat.TURTLE, "text")


def closure(text: str, *axioms: str) -> set[Triple]:
    data = [*turtle(text), *quads("ontology/schemes/role.ttl")]
    return closing.closure(data, [*quads("ontology/coop.ttl"), *turtle("\n".join(axioms))], CONTENT.rules())


def contradictions(text: str, *axioms: str) -> list[Inconsistency]:
    ontology = [*quads("ontology/coop.ttl"), *turtle("\n".join(axioms))]
    return closing.inconsistencies(turtle(text), ontology, CONTENT.rules())


def test_what_is_asserted_is_not_given_again() -> None:
    data = quads("data/sources/fonda-vrac.trig", "ontology/schemes/role.ttl")
    asserted = {Triple(quad.subject, quad.predicate, quad.object) for quad in data}
    assert not closing.closure(data, quads("ontology/coop.ttl"), CONTENT.rules()) & asserted


def test_nothing_follows_about_the_ontologys_own_terms() -> None:
    ontology = quads("ontology/coop.ttl")
    own = {quad.subject for quad in ontology}
    entailed = closing.closure(quads("data/sources/fonda-vrac.trig"), ontology, {})
    assert entailed
    assert all(isinstance(triple.subject, NamedNode) and triple.subject not in own for triple in entailed)


def test_a_new_axiom_needs_no_code() -> None:
    followed = Triple(*(NamedNode(f"https://example.org/{name}") for name in ("b", "helps", "a")))
    axiom = "ex:helps a owl:ObjectProperty ; owl:inverseOf ex:helpedBy . ex:helpedBy a owl:ObjectProperty ."
    assert followed in closure("ex:a ex:helpedBy ex:b .", axiom)


def test_an_axiom_or_a_rule_that_is_not_supported_fails_by_its_name() -> None:
    with pytest.raises(InputError, match=r"coop:within uses owl:ReflexiveProperty, which is not supported"):
        closure("", "coop:within a owl:ReflexiveProperty .")
    with pytest.raises(InputError, match=r"ontology/rules/new\.rq:1: 'OPTIONAL' is not understood"):
        closing.closure(
            [], quads("ontology/coop.ttl"), {"new": "CONSTRUCT { ?a coop:p ?b } { OPTIONAL { ?a coop:q ?b } }"}
        )


def test_the_rules_see_what_the_axioms_give_and_the_axioms_what_the_rules_give() -> None:
    axioms = (
        "ex:x a owl:ObjectProperty ; owl:inverseOf coop:inAction . ex:led a owl:Class . coop:ledBy rdfs:domain ex:led ."
    )
    entailed = closure("ex:action ex:x ex:p . ex:p coop:participant ex:a ; coop:role role:lead .", axioms)
    assert Triple(NamedNode("https://example.org/action"), TYPE, NamedNode("https://example.org/led")) in entailed


def test_owlrl_leaves_no_datatype_behind_in_rdflib() -> None:
    assert rdflib.Literal("abc", datatype=XSD.gYear).ill_typed is None
    data, ontology = (
        [Triple(q.subject, q.predicate, q.object) for q in quads(path)]
        for path in ("data/sources/fonda-vrac.trig", "ontology/coop.ttl")
    )
    assert len(referee.expanded(data, ontology)) > len(data)
    assert rdflib.Literal("abc", datatype=XSD.gYear).ill_typed is None


# ---------------------------------------------------------------------------------------------- costs


@pytest.fixture(scope="module")
def costs() -> list[dict[str, tuple[int, int]]]:
    """What a revision of sixty triples costs in graphs of growing size: rules fired, and steps of the interpreter."""
    country = Country(seed=1, first=1_000_000)
    drawn = [country.project() for _ in range(1_000)]
    around = [triple for project in drawn for triple in project.around]
    project = next(one for one in drawn if 50 < len(one.own) < 80 and len(set(HUBS) & set(one.actors)) > 1)
    edited, other = project.own[30:60], drawn[0].own[30:60]
    revisions = {
        "add": ([], project.own),
        "edit": (edited, other),
        "edit back": (other, edited),
        "remove": (project.own, []),
    }
    ontology = [*quads("ontology/coop.ttl"), *quads("ontology/schemes/role.ttl")]
    logic = inference.Logic.of(ontology, CONTENT.rules())
    costs = []
    for size in (2_000, 10_000, 50_000):
        reasoner = logic.reasoner([*ontology, *as_quads([*Country().graph(size), *around])])
        costs.append({name: cost(reasoner, *change) for name, change in revisions.items()})
    return costs


def cost(reasoner: Reasoner, remove: list[Triple], add: list[Triple]) -> tuple[int, int]:
    before, steps = reasoner.firings, 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        steps += event == "opcode"
        return trace

    outside = sys.gettrace()
    sys.settrace(trace)
    try:
        reasoner.change(remove, add)
    finally:
        sys.settrace(outside)
    return reasoner.firings - before, steps


@pytest.mark.parametrize("revision", ["add", "edit", "edit back", "remove"])
def test_a_revision_fires_no_more_rules_and_looks_at_no_more_in_a_larger_graph(
    costs: list[dict[str, tuple[int, int]]], revision: str
) -> None:
    firings, steps = zip(*(cost[revision] for cost in costs), strict=True)
    assert 100 < max(firings) == firings[0] < 500  # less where a pair of actors cooperates already
    assert max(steps) < 1.02 * steps[0]


def test_to_take_a_project_away_undoes_the_derivations_that_it_gave_and_looks_for_no_others(
    costs: list[dict[str, tuple[int, int]]],
) -> None:
    assert all(cost["add"][0] == cost["remove"][0] for cost in costs)


# ---------------------------------------------------------------------------------------------- traps

TOGETHER = """
    ex:p1 coop:inAction ex:action ; coop:participant ex:a ; coop:role role:founder , role:lead .
    ex:p2 coop:inAction ex:action ; coop:participant ex:b ; coop:role role:partner .
    ex:p3 coop:inAction ex:action ; coop:participant ex:a ; coop:role role:partner .
    ex:p4 coop:inAction ex:action ; coop:participant ex:funder ; coop:role role:sponsor .
    ex:p5 coop:expectedIn ex:action ; coop:expectedParticipant ex:invited ; coop:role role:partner .
"""


def test_nobody_cooperates_with_themselves_and_who_only_pays_or_is_invited_does_not_cooperate() -> None:
    pairs = {(t.subject, t.object) for t in closure(TOGETHER) if t.predicate.value == f"{names.COOP}cooperatesWith"}
    a, b = NamedNode("https://example.org/a"), NamedNode("https://example.org/b")
    assert pairs == {(a, b), (b, a)}


def test_a_cooperation_has_its_two_agents_and_its_actions_once_whoever_is_named_first() -> None:
    again = (
        TOGETHER
        + """
        ex:p6 coop:inAction ex:other ; coop:participant ex:b ; coop:role role:lead .
        ex:p7 coop:inAction ex:other ; coop:participant ex:a ; coop:role role:lead .
        ex:p8 coop:inAction ex:other ; coop:participant ex:funder ; coop:role role:sponsor ."""
    )
    entailed = closure(again)
    (cooperation,) = {t.subject for t in entailed if t.object == NamedNode(f"{names.COOP}Cooperation")}
    digest = hashlib.sha256(b"https://example.org/a https://example.org/b").hexdigest()
    assert cooperation == NamedNode(f"{ID}cooperation/{digest}")
    said = {(names.short(t.predicate.value), str(t.object)) for t in entailed if t.subject == cooperation}
    assert said == {
        ("rdf:type", f"<{names.COOP}Cooperation>"),
        ("coop:cooperationOf", "<https://example.org/a>"),
        ("coop:cooperationOf", "<https://example.org/b>"),
        ("coop:sharedAction", "<https://example.org/action>"),
        ("coop:sharedAction", "<https://example.org/other>"),
        ("coop:strength", f'"2"^^<{names.XSD}integer>'),
    }


def test_nothing_is_merged() -> None:
    twice = "ex:p1 coop:inAction ex:one , ex:two . ex:one owl:sameAs ex:three ; coop:inProgramme ex:programme ."
    twice += " ex:one schema:sameAs ex:three ."
    entailed = closure(twice)
    assert entailed
    assert not any(triple.predicate.value == f"{names.OWL}sameAs" for triple in entailed)
    assert not any(NamedNode("https://example.org/three") in tuple(triple) for triple in entailed)


@pytest.mark.parametrize(
    ("data", "axioms", "told"),
    [
        pytest.param(
            "ex:a a coop:Project ; coop:inProgramme ex:b . ex:c a coop:Territory , schema:Project .",
            "schema:Project rdfs:subClassOf org:Organization .",
            "coop:Territory owl:disjointWith org:Organization",
            id="schema:Project makes organisations",
        ),
        pytest.param(
            "ex:a a coop:Project ; prov:wasDerivedFrom ex:source .",
            "prov:Activity owl:disjointWith prov:Entity . coop:Action rdfs:subClassOf prov:Activity ."
            "prov:wasDerivedFrom rdfs:domain prov:Entity .",
            "prov:Activity owl:disjointWith prov:Entity",
            id="an action that is a prov:Activity",
        ),
        pytest.param(
            "ex:c a coop:Territory ; skos:exactMatch ex:d .",
            "skos:semanticRelation rdfs:domain skos:Concept ."
            "skos:exactMatch rdfs:subPropertyOf skos:semanticRelation .",
            "",
            id="a territory matched as a concept",
        ),
        pytest.param("ex:event a coop:Event , coop:Project .", "", "coop:", id="an event taken for a project"),
        pytest.param("ex:m coop:value 4.0 , 5.0 .", "", "coop:value a owl:FunctionalProperty", id="two values"),
        pytest.param(
            "ex:p coop:inAction ex:one , ex:two .", "", "coop:inAction a owl:FunctionalProperty", id="two actions"
        ),
    ],
)
def test_a_known_trap_is_a_finding_with_its_premises(data: str, axioms: str, told: str) -> None:
    assert contradictions(data) == [] or not axioms
    found = contradictions(data, axioms)
    assert found
    assert all(len(one.premises) == 2 for one in found)
    assert any(told in one.rule.name for one in found)


def test_a_project_subclass_of_schema_project_is_an_organisation_and_contradicts_itself() -> None:
    axioms = "coop:Project rdfs:subClassOf schema:Project . schema:Project rdfs:subClassOf org:Organization ."
    assert contradictions("ex:a a coop:Project .") == []
    assert contradictions("ex:a a coop:Project .", axioms)


def test_a_code_means_nothing_without_its_level() -> None:
    tables = [*quads("data/reference/departements.nq"), *quads("data/reference/regions.nq")]
    entailed = closing.closure(tables, quads("ontology/coop.ttl"), CONTENT.rules())
    within = {(t.subject.value, t.object.value) for t in entailed if t.predicate.value == f"{names.COOP}within"}  # type: ignore[union-attr]  # the closure gives IRIs
    enclosing = {
        code: {place for child, place in within if child == f"{ID}territory/departement/{code}"}
        for code in ("11", "75")
    }
    assert f"{ID}territory/region/76" in enclosing["11"]
    assert f"{ID}territory/region/11" not in enclosing["11"]
    assert f"{ID}territory/region/11" in enclosing["75"]
    assert f"{ID}territory/region/75" not in enclosing["75"]


def test_the_curated_data_contradict_nothing() -> None:
    curated = [
        file for file in CONTENT.files if not names.is_reference(file.graph) and file.graph != names.ONTOLOGY_GRAPH
    ]
    data = [quad for file in curated for quad in CONTENT.read(file)]
    assert closing.inconsistencies(data, quads("ontology/coop.ttl"), CONTENT.rules()) == []
