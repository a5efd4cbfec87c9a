"""Shapes are read, or refused with the place and the reason, or linted."""

from __future__ import annotations

import pytest

from coopkg import names, shacl
from coopkg.compiled import CompiledShapes
from coopkg.errors import InputError
from coopkg.rdf import NamedNode, RdfFormat, Triple, parse_quads
from tests.shacl.reports import triples

PREFIXES = f"""
PREFIX : <https://example.org/>
PREFIX sh: <{names.SH}>
PREFIX xsd: <{names.XSD}>
PREFIX rdf: <{names.RDF}>
"""
SPARQL = "sh:sparql [ sh:prefixes :prefixes ; sh:select '{}' ]"
DECLARED = ":prefixes sh:declare [ sh:prefix 'ex' ; sh:namespace 'https://example.org/' ] ."


def turtle(text: str) -> list[Triple]:
    return triples(parse_quads((PREFIXES + text).encode(), RdfFormat.TURTLE, "shapes"))


def a_shape(body: str) -> list[Triple]:
    return turtle(f":shape sh:targetClass :C ; {body} . {DECLARED}")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sh:someValue :inner", "sh:someValue is not compiled"),
        ("sh:js [ sh:jsFunctionName 'f' ]", "sh:js is not compiled"),
        ("a sh:PropertyShape ; sh:minCount 1", "a property shape needs one sh:path"),
        ("sh:minCount 1", "sh:minCount needs a path"),
        ("sh:uniqueLang true", "sh:uniqueLang needs a path"),
        ("sh:lessThan :p", "sh:lessThan needs a path"),
        ("sh:path :p , :q ; sh:minCount 1", "sh:path is given 2 times"),
        ("sh:path [ sh:inversePath :p ; sh:zeroOrMorePath :q ] ; sh:minCount 1", "must have one property"),
        ("sh:path ( :p ) ; sh:minCount 1", "a path of several steps needs two"),
        ("sh:path 'p' ; sh:minCount 1", "is no path"),
        ("sh:path :p ; sh:minCount 'one'", "sh:minCount must be a whole number"),
        ("sh:path :p ; sh:maxCount -1", "sh:maxCount must be a whole number"),
        ("sh:datatype 'xsd:string'", "sh:datatype must be an IRI"),
        ("sh:datatype xsd:byte", "the store keeps xsd:byte as xsd:integer"),
        ("sh:nodeKind sh:Iri", "sh:nodeKind does not know"),
        ("sh:minInclusive :p", "sh:minInclusive must be a literal"),
        ("sh:in :p", "is no list"),
        ("sh:in ( 1 2 ) , [ rdf:first 1 ]", "is no list"),
        ("sh:closed 'maybe'", "sh:closed must be true or false"),
        ("sh:property [ sh:minLength 2 ]", "which has no sh:path"),
        ("sh:path :p ; sh:qualifiedMinCount 1", "sh:qualifiedValueShape needs a path and a count"),
        ("sh:path :p ; sh:qualifiedValueShape [ sh:class :D ]", "sh:qualifiedValueShape needs a path and a count"),
        ("sh:node [ sh:property [ sh:path :p ; sh:node :shape ] ]", "it refers to itself"),
        ("sh:node 'inner'", "a literal is no shape"),
        ("sh:sparql [ sh:ask 'ASK {}' ]", "sh:sparql needs one sh:select"),
        (SPARQL.format("SELECT $this { GRAPH ?g { $this ex:p ?x } }"), "GRAPH may not stand in a constraint"),
        (SPARQL.format("SELECT $this { SERVICE <urn:x> { $this ex:p ?x } }"), "SERVICE may not stand"),
        (SPARQL.format("SELECT $this { $this ex:p ?x MINUS { ?x ex:q ?y } }"), "MINUS may not stand"),
        (SPARQL.format("SELECT $this (COUNT(?x) AS ?n) { $this ex:p ?x }"), "COUNT is not compiled"),
        (SPARQL.format("SELECT $this { { SELECT $this { $this ex:p ?x } } }"), "one SELECT is compiled"),
        (SPARQL.format("SELECT $this { $this ex:p $shapesGraph }"), "$shapesGraph is not offered"),
        (SPARQL.format("SELECT $this { $this ex:p }"), "sh:select: line"),
        (SPARQL.format("SELECT $this { $this other:p ?x }"), "the prefix 'other:' is not declared"),
        ("sh:pattern '[a-'", "is no regular expression"),
    ],
)
def test_a_shape_that_cannot_be_compiled_is_refused_with_the_reason(body: str, reason: str) -> None:
    with pytest.raises(InputError) as refusal:
        CompiledShapes(shacl.read(a_shape(body)))
    assert reason in str(refusal.value)
    assert "shape" in str(refusal.value) or "_:" in str(refusal.value)


def test_a_parameter_of_a_component_of_ones_own_is_refused() -> None:
    with pytest.raises(InputError, match="is a parameter of a component of one's own"):
        shacl.read([*a_shape(":lang 'fr'"), *turtle(":Lang sh:parameter [ sh:path :lang ] .")])


def test_every_shape_that_is_refused_is_listed_with_its_place() -> None:
    graph = turtle(":one a sh:NodeShape ; sh:js [] . :two a sh:NodeShape ; sh:rule [] .")
    with pytest.raises(InputError) as refusal:
        shacl.read(graph, {NamedNode("https://example.org/two"): "shapes/two.ttl"})
    assert "<https://example.org/one>: sh:js" in str(refusal.value)
    assert "shapes/two.ttl: <https://example.org/two>: sh:rule" in str(refusal.value)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("sh:property [ sh:path :p ; sh:minCount 1 ]", "a shape without an IRI"),
        ("sh:path :p ; sh:property :inner", "use sh:node"),
        ("sh:severity :Grave ; sh:class :D", "is no severity"),
        (SPARQL.format("SELECT $this { ?x ex:p ?y }"), "is not connected to $this"),
        (SPARQL.format("SELECT $this { $this !ex:p ?y }"), "is not understood"),
        (SPARQL.format("SELECT $this { $this ex:p ?x ; ex:q ?y FILTER(?x > ?y) }"), "use sh:lessThan"),
    ],
)
def test_what_engines_do_differently_is_linted(body: str, fault: str) -> None:
    shapes = shacl.read([*a_shape(body), *turtle(":inner sh:path :q ; sh:minCount 1 .")])
    assert any(fault in line for line in shacl.lint(shapes))


def test_a_plain_shape_has_no_lint() -> None:
    body = f"sh:property :held ; {SPARQL.format('SELECT $this ?value { $this ex:p ?value FILTER(?value = $this) }')}"
    assert shacl.lint(shacl.read([*a_shape(body), *turtle(":held sh:path :p ; sh:minCount 1 .")])) == []


def test_a_deactivated_shape_has_no_constraint_and_no_target() -> None:
    (shape,) = shacl.read(a_shape("sh:deactivated true ; sh:class :D"))
    assert (shape.constraints, shape.targets) == ((), ())


def test_a_class_that_is_a_shape_is_its_own_target() -> None:
    (shape,) = shacl.read(turtle(":C a sh:NodeShape , <http://www.w3.org/2000/01/rdf-schema#Class> ; sh:class :D ."))
    assert [target.kind for target in shape.targets] == ["Class"]
