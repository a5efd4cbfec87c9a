"""The axioms as rules: each construct of the table does what it says, and any other is refused by its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coopkg import axioms, names
from coopkg.errors import InputError
from coopkg.rdf import Literal, NamedNode, RdfFormat, Triple, parse_quads
from coopkg.reasoner import Reasoner

ADR = Path(__file__).parents[2] / "docs" / "adr" / "0012-inference.md"
PREFIXES = (
    f"@prefix : <urn:x:> . @prefix owl: <{names.OWL}> . @prefix rdfs: <{names.RDFS}> . @prefix xsd: <{names.XSD}> ."
)


def read(text: str) -> list[Triple]:
    quads = parse_quads(f"{PREFIXES}\n{text}".encode(), RdfFormat.TURTLE, "text")
    return [Triple(quad.subject, quad.predicate, quad.object) for quad in quads]


def reasoner(ontology: str, data: str) -> Reasoner:
    return Reasoner(axioms.compiled(read(ontology)), read(data))


@pytest.mark.parametrize(
    ("axiom", "data", "follows"),
    [
        (":C rdfs:subClassOf :D .", ":x a :C .", ":x a :D ."),
        (":C owl:equivalentClass :D .", ":x a :C . :y a :D .", ":x a :D . :y a :C ."),
        (":p rdfs:subPropertyOf :q .", ":x :p :y .", ":x :q :y ."),
        (":p owl:equivalentProperty :q .", ":x :p 1 . :x :q 2 .", ":x :q 1 . :x :p 2 ."),
        (":p rdfs:domain :C .", ":x :p :y .", ":x a :C ."),
        (":p rdfs:range :C .", ":x :p :y .", ":y a :C ."),
        (":p rdfs:range xsd:integer .", ":x :p 1 .", ""),
        (":p owl:inverseOf :q .", ":x :p :y . :v :q :w .", ":y :q :x . :w :p :v ."),
        (":p a owl:TransitiveProperty .", ":x :p :y . :y :p :z .", ":x :p :z ."),
        (":p a owl:SymmetricProperty .", ":x :p :y .", ":y :p :x ."),
        (":p owl:propertyChainAxiom ( :q :r :s ) .", ":a :q :b . :b :r :c . :c :s :d .", ":a :p :d ."),
        (":p a owl:FunctionalProperty .", ":x :p :y , :z .", ""),
        (":C owl:disjointWith :D .", ":x a :C , :D .", ""),
        ("[] a owl:AllDisjointClasses ; owl:members ( :C :D :E ) .", ":x a :C , :E .", ""),
        (":C a owl:Class ; rdfs:label 'c' ; rdfs:isDefinedBy <urn:x:> ; owl:deprecated true .", ":x a :C .", ""),
    ],
)
def test_an_axiom_gives_what_it_says_and_nothing_else(axiom: str, data: str, follows: str) -> None:
    assert set(reasoner(axiom, data).inferred()) == {tuple(triple) for triple in read(follows)}


@pytest.mark.parametrize(
    ("axiom", "data", "count"),
    [
        (":p a owl:FunctionalProperty .", ":x :p :y , :z .", 1),
        (":p a owl:FunctionalProperty .", ":x :p :y . :z :p :y .", 0),
        (":C owl:disjointWith :D .", ":x a :C , :D . :y a :C .", 1),
        ("[] a owl:AllDisjointClasses ; owl:members ( :C :D :E ) .", ":x a :C , :D , :E .", 3),
        (":C owl:disjointWith :D . :p rdfs:domain :D .", ":x a :C ; :p :y .", 1),
    ],
)
def test_a_contradiction_is_a_finding_and_no_triple(axiom: str, data: str, count: int) -> None:
    found = reasoner(axiom, data).inconsistencies()
    assert len(found) == count
    assert all(len(one.premises) == 2 for one in found)


@pytest.mark.parametrize(
    ("axiom", "told"),
    [
        (":p a owl:InverseFunctionalProperty .", "<urn:x:p> uses owl:InverseFunctionalProperty"),
        (":p a owl:IrreflexiveProperty .", "<urn:x:p> uses owl:IrreflexiveProperty"),
        (":C owl:unionOf ( :D :E ) .", "<urn:x:C> uses owl:unionOf"),
        ("<urn:x:> owl:imports <urn:y:> .", "<urn:x:> uses owl:imports"),
        (":C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :x ] .", "uses owl:Restriction"),
        (":x owl:sameAs :y .", "<urn:x:x> uses owl:sameAs"),
        (":C rdfs:subClassOf owl:Nothing .", "owl:Nothing is not supported here"),
        ("rdfs:label rdfs:subPropertyOf :p .", "rdfs:label is not supported here"),
        (":p owl:propertyChainAxiom () .", "<urn:x:p> names an empty list"),
        (":p owl:propertyChainAxiom :q .", "<urn:x:p> names a list that is not well formed"),
    ],
)
def test_what_the_table_does_not_have_is_refused_by_its_name(axiom: str, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        axioms.compiled(read(axiom))


def test_every_refusal_is_listed() -> None:
    with pytest.raises(InputError) as fault:
        axioms.compiled(read(":C owl:complementOf :D . :p a owl:ReflexiveProperty ."))
    assert [line.split(" uses ")[1].split(",")[0] for line in str(fault.value).splitlines()] == [
        "owl:complementOf",
        "owl:ReflexiveProperty",
    ]


def test_a_rule_is_named_after_its_axiom() -> None:
    (rule,) = axioms.compiled(read(":p owl:propertyChainAxiom ( :q :r ) ."))
    assert rule.name == "<urn:x:p> owl:propertyChainAxiom ( <urn:x:q> <urn:x:r> )"
    assert rule.head is not None
    assert not any(isinstance(term, Literal) for term in rule.head)
    assert rule.head.predicate == NamedNode("urn:x:p")


def test_the_written_table_is_the_one_that_the_program_has() -> None:
    written = set(re.findall(r"^\| `((?:owl|rdfs):\w+)`", ADR.read_text(encoding="utf-8"), re.MULTILINE))
    assert written == {*axioms.STATEMENTS, *axioms.KINDS, *axioms.LISTS} - {"owl:members"}
