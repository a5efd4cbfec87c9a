"""Shapes are read, or refused with the place and the reason."""

from __future__ import annotations

import pytest

from coopkg import names, shacl
from coopkg.compiled import CompiledShapes
from coopkg.errors import InputError
from coopkg.facts import Facts
from coopkg.rdf import NamedNode, RdfFormat, Triple, parse_quads
from tests.shacl import reports
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
        (SPARQL.format("SELECT $this { { SELECT ?x { $this ex:p ?x } } }"), "must name $this to give it on"),
        (SPARQL.format("SELECT $this { { SELECT * { $this ex:p ?x } } }"), "must name $this to give it on"),
        (SPARQL.format("SELECT $this { $this ex:p $shapesGraph }"), "$shapesGraph is not offered"),
        (SPARQL.format("SELECT $this { $this ex:p }"), "its query: line"),
        (SPARQL.format("SELECT $this { $this other:p ?x }"), "the prefix 'other:' is not declared"),
        ("sh:pattern '[a-'", "is no regular expression"),
    ],
)
def test_a_shape_that_cannot_be_compiled_is_refused_with_the_reason(body: str, reason: str) -> None:
    with pytest.raises(InputError) as refusal:
        CompiledShapes(shacl.read(a_shape(body)))
    assert reason in str(refusal.value)
    assert "shape" in str(refusal.value) or "_:" in str(refusal.value)


COMPONENT = ":LangConstraintComponent sh:parameter [ sh:path :lang ] , [ sh:path :deep ; sh:optional true ] ; {} ."
ASKED = "sh:validator [ sh:ask '{}' ]"


@pytest.mark.parametrize(
    ("component", "body", "reason"),
    [
        ("a sh:ConstraintComponent", ":lang 'fr'", "has no validator for such a shape"),
        ("sh:propertyValidator [ sh:select 'SELECT $this {}' ]", ":lang 'fr'", "has no validator for such a shape"),
        (
            "sh:nodeValidator [ sh:ask 'ASK {}' ]",
            ":lang 'fr'",
            "sh:nodeValidator of https://example.org/Lang needs one",
        ),
        ("sh:validator [ sh:select 'SELECT $this {}' ]", ":lang 'fr'", "needs one sh:ask"),
        (ASKED.format("ASK {}"), ":lang 'fr' , 'en'", "is given twice"),
        (ASKED.format("ASK {}"), ":lang []", "its value is a blank node"),
        (ASKED.format("ASK { GRAPH ?g { $value ?p $lang } }"), ":lang 'fr'", "GRAPH may not stand"),
        (ASKED.format("SELECT $this {}"), ":lang 'fr'", "one ASK is compiled"),
        (ASKED.format("ASK { BIND(1 AS ?lang) }"), ":lang 'fr'", "cannot be bound anew"),
        (ASKED.format("ASK { { SELECT ?value { ?value ?p ?o } } }"), ":lang 'fr'", "must name $this"),
        (ASKED.format("ASK { $value $lang }"), ":lang 'fr'", "its query: line"),
        (ASKED.format("ASK { $value ?p $shapesGraph }"), ":lang 'fr'", "$shapesGraph is not offered"),
    ],
)
def test_a_component_of_ones_own_that_cannot_judge_a_shape_is_refused(component: str, body: str, reason: str) -> None:
    with pytest.raises(InputError) as refusal:
        CompiledShapes(shacl.read([*a_shape(body), *turtle(COMPONENT.format(component))]))
    assert reason in str(refusal.value)


@pytest.mark.parametrize("name", ["this", "value", "shapesGraph"])
def test_a_parameter_with_a_reserved_name_is_refused(name: str) -> None:
    component = f":X sh:parameter [ sh:path :{name} ] ; {ASKED.format('ASK {}')} ."
    with pytest.raises(InputError, match="its name is reserved"):
        shacl.read([*a_shape(f":{name} 1"), *turtle(component)])


def found(shapes: str, data: str) -> list[tuple[str, str, str]]:
    """Return the local names of focus nodes and values, and the first message, of each result."""
    results = CompiledShapes(shacl.read(turtle(shapes))).whole(Facts(reports.store(turtle(data)))).every()
    return sorted(
        (_local(one.focus), _local(one.value), one.messages[0].value if one.messages else "") for one in results
    )


def _local(term: object) -> str:
    return getattr(term, "value", str(term)).rpartition("/")[2]


LANGUAGES = ":a a :C ; :p 'x'@fr , 'y'@en . :b a :C ; :p 'z' ."


def test_each_value_to_which_a_component_says_no_is_a_result_with_its_message() -> None:
    asked = ASKED.format("ASK { FILTER(LANG($value) = $lang) }").replace(
        "]", "; sh:message '{$value} is not {$lang}' ]"
    )
    shapes = f":s sh:targetClass :C ; sh:path :p ; :lang 'fr' . {COMPONENT.format(asked)}"
    assert found(shapes, LANGUAGES) == [("a", "y", "y is not fr"), ("b", "z", "z is not fr")]


def test_a_component_without_a_message_tells_its_label() -> None:
    asked = ASKED.format("ASK { FILTER(LANG($value) = $lang) }") + " ; sh:labelTemplate 'texts in {$lang}'@en"
    shapes = f":s sh:targetClass :C ; sh:path :p ; :lang 'en' . {COMPONENT.format(asked)}"
    assert {message for _, _, message in found(shapes, LANGUAGES)} == {"texts in en"}


def test_a_component_with_one_parameter_judges_each_of_its_values() -> None:
    component = f":X sh:parameter [ sh:path :lang ] ; {ASKED.format('ASK { FILTER(LANG($value) = $lang) }')} ."
    shapes = f":s sh:targetClass :C ; sh:path :p ; :lang 'fr' , 'en' . {component}"
    assert [value for _, value, _ in found(shapes, LANGUAGES)] == ["x", "y", "z", "z"]


def test_an_optional_parameter_is_bound_only_where_it_is_given() -> None:
    component = COMPONENT.format(ASKED.format("ASK { FILTER(LANG($value) = $lang || BOUND($deep)) }"))
    assert len(found(f":s sh:targetClass :C ; sh:path :p ; :lang 'fr' . {component}", LANGUAGES)) == 2
    assert found(f":s sh:targetClass :C ; sh:path :p ; :lang 'fr' ; :deep true . {component}", LANGUAGES) == []


def test_a_component_is_judged_by_the_validator_for_the_kind_of_shape() -> None:
    held = "[ sh:select 'SELECT $this ?value { $this $PATH ?value FILTER(LANG(?value) != $lang) }' ]"
    itself = "[ sh:select 'SELECT $this { $this ?any ?text FILTER(LANG(?text) = $lang) }' ]"
    asked = ASKED.format("ASK {}")
    component = COMPONENT.format(f"sh:propertyValidator {held} ; sh:nodeValidator {itself} ; {asked}")
    by_path = found(f":s sh:targetClass :C ; sh:path :p ; :lang 'fr' . {component}", LANGUAGES)
    assert [value for _, value, _ in by_path] == ["y", "z"]
    assert found(f":s sh:targetClass :C ; :lang 'fr' . {component}", LANGUAGES) == [("a", "a", "")]


def test_what_a_component_reads_is_reached() -> None:
    component = COMPONENT.format(ASKED.format("ASK { $value $lang ?end }"))
    shapes = CompiledShapes(shacl.read(turtle(f":s sh:targetClass :C ; sh:path :p ; :lang :q . {component}")))
    before, gone = turtle(":a a :C ; :p :b . :c a :C ; :p :d . :d :q 1 . :b :r 1 ."), turtle(":b :q 1 .")
    reach = shapes.reach(Facts(reports.store(before)), gone, [])
    assert not reach.entire
    assert {_local(node) for nodes in reach.pairs.values() for node in nodes} == {"a"}


def test_every_shape_that_is_refused_is_listed_with_its_place() -> None:
    graph = turtle(":one a sh:NodeShape ; sh:js [] . :two a sh:NodeShape ; sh:rule [] .")
    with pytest.raises(InputError) as refusal:
        shacl.read(graph, {NamedNode("https://example.org/two"): "shapes/two.ttl"})
    assert "<https://example.org/one>: sh:js" in str(refusal.value)
    assert "shapes/two.ttl: <https://example.org/two>: sh:rule" in str(refusal.value)


def test_a_deactivated_shape_has_no_constraint_and_no_target() -> None:
    (shape,) = shacl.read(a_shape("sh:deactivated true ; sh:class :D"))
    assert (shape.constraints, shape.targets) == ((), ())


def test_a_class_that_is_a_shape_is_its_own_target() -> None:
    (shape,) = shacl.read(turtle(":C a sh:NodeShape , <http://www.w3.org/2000/01/rdf-schema#Class> ; sh:class :D ."))
    assert [target.kind for target in shape.targets] == ["Class"]
