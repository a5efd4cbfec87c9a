"""What shapes ask, in words: tests/docs compares all of it with docs/model.md; here are the rules of the reading."""

from __future__ import annotations

from coopkg import names
from coopkg.findings import Tier
from coopkg.rdf import RdfFormat, parse_quads, read_quads
from coopkg.requirements import Need, Requirement, Requirements, Route
from tests.conftest import REPOSITORY

EX = "https://example.org/"
_PREFIXES = f"""@prefix ex: <{EX}> .
@prefix coopsh: <{names.SHAPES}> .
@prefix sh: <{names.SH}> .
@prefix rdf: <{names.RDF}> .
@prefix rdfs: <{names.RDFS}> .
@prefix xsd: <{names.XSD}> .
"""


def asked(shapes: str, derived: set[str] | frozenset[str] = frozenset()) -> Requirements:
    quads = parse_quads((_PREFIXES + shapes).encode(), RdfFormat.TURTLE, "shapes.ttl")
    return Requirements([quad.triple for quad in quads], derived)


def of_project(properties: str, derived: set[str] | frozenset[str] = frozenset()) -> list[Requirement]:
    """Return what a shape of ex:Project asks whose property shapes are given."""
    return asked(f"ex:shape sh:targetClass ex:Project ; sh:property {properties} .", derived).of([f"{EX}Project"])


def test_a_least_number_makes_a_property_as_needed_as_its_severity_says() -> None:
    found = of_project("""
        [ sh:path ex:a ; sh:minCount 1 ], [ sh:path ex:b ; sh:minCount 1 ; sh:severity sh:Warning ],
        [ sh:path ex:c ; sh:minCount 1 ; sh:severity sh:Info ], [ sh:path ex:d ], [ sh:path ex:e ; sh:minCount 0 ]""")
    assert [(one.route.predicates[0].removeprefix(EX), one.need) for one in found] == [
        ("a", Need.REQUIRED),
        ("b", Need.RECOMMENDED),
        ("c", Need.WELCOME),
        ("d", Need.OPTIONAL),
        ("e", Need.OPTIONAL),
    ]


def test_the_gravest_of_several_shapes_of_a_property_counts_and_says_in_which_language() -> None:
    (found,) = of_project("""
        [ sh:path ex:a ; sh:minCount 1 ; sh:severity sh:Info ],
        [ sh:path ex:a ; sh:qualifiedValueShape coopsh:InFrench ; sh:qualifiedMinCount 1 ]""")
    assert (found.need, found.lang) == (Need.REQUIRED, "fr")


def test_only_rules_with_a_name_are_told() -> None:
    shapes = asked("""
        ex:shape sh:targetClass ex:Project ; sh:property ex:named , [ sh:path ex:a ] .
        ex:named sh:path ex:a ; sh:name "Un"@fr .""")
    (found,) = shapes.of([f"{EX}Project"])
    assert [rule.iri for rule in found.rules] == [f"{EX}named"]


def test_a_property_that_is_derived_is_not_to_be_written() -> None:
    (found,) = of_project("[ sh:path ex:a ; sh:minCount 1 ]", {f"{EX}a"})
    assert found.need is Need.INFERRED
    (found,) = of_project("[ sh:path [ sh:inversePath ex:a ] ; sh:minCount 1 ]", {f"{EX}a"})
    assert found.need is Need.REQUIRED


def test_a_property_may_be_required_with_another_one() -> None:
    shapes = asked("""
        ex:shape sh:targetClass ex:Project ; sh:property [ sh:path ex:begin ] .
        ex:dated sh:targetSubjectsOf ex:end ; sh:property [ sh:path ex:begin ; sh:minCount 1 ] .""")
    (found,) = shapes.of([f"{EX}Project"])
    assert (found.need, found.triggers) == (Need.OPTIONAL, (f"{EX}end",))


def test_values_are_told_with_their_limits() -> None:
    (text,) = of_project("[ sh:path ex:a ; sh:datatype rdf:langString ; sh:maxLength 40 ; sh:maxCount 1 ]")
    assert [(one.kind, one.iri, one.limits) for one in text.values] == [
        ("datatype", f"{names.RDF}langString", (("maxLength", "40"),))
    ]
    assert text.is_single
    (date,) = of_project("[ sh:path ex:a ; sh:or ( [ sh:datatype xsd:date ] [ sh:class ex:Year ] ) ]")
    assert [(one.kind, one.iri) for one in date.values] == [("datatype", f"{names.XSD}date"), ("class", f"{EX}Year")]
    (address,) = of_project("[ sh:path ex:a ; sh:nodeKind sh:IRI ]")
    assert [one.kind for one in address.values] == ["iri"]


def test_a_closed_list_is_told_by_its_scheme() -> None:
    shapes = asked("""
        ex:shape sh:targetClass ex:Project ; sh:property [ sh:path ex:theme ; sh:node ex:Listed ] .
        ex:Listed sh:property [ sh:path ex:inScheme ; sh:hasValue ex:themes ] .""")
    (found,) = shapes.of([f"{EX}Project"])
    assert [(one.kind, one.iri) for one in found.values] == [("scheme", f"{EX}themes")]
    assert shapes.schemes_of(f"{EX}theme") == list(found.values)


def test_a_path_of_several_steps_is_a_check_and_one_of_several_properties_a_choice() -> None:
    shapes = asked("""
        ex:shape sh:targetClass ex:Project ; sh:property ex:choice, ex:steps .
        ex:choice sh:path [ sh:alternativePath ( ex:a ex:b ) ] ; sh:minCount 1 .
        ex:steps sh:path ( ex:a ex:b ) ; sh:minCount 1 ; sh:name "Two steps"@en .""")
    assert [one.route for one in shapes.of([f"{EX}Project"])] == [Route((f"{EX}a", f"{EX}b"))]
    assert [one.iri for one in shapes.checks([f"{EX}Project"])] == [f"{EX}steps"]


def test_rules_stand_by_group_and_place_with_the_texts_of_each_language() -> None:
    shapes = asked("""
        ex:late a sh:PropertyGroup ; rdfs:label "Plus tard"@fr ; sh:order 2 .
        ex:early a sh:PropertyGroup ; rdfs:label "D'abord"@fr ; sh:order 1 .
        ex:one sh:path ex:a ; sh:name "Un"@fr, "One"@en ; sh:message "Faites."@fr ; sh:group ex:late ; sh:order 1 .
        ex:two sh:path ex:a ; sh:name "Deux"@fr ; sh:severity sh:Info ; sh:group ex:early ; sh:order 7 .
        ex:three sh:targetClass ex:Project ; sh:name "Trois"@fr ; sh:group ex:early ; sh:order 2 .""")
    rules = shapes.rules()
    assert [rule.iri.removeprefix(EX) for rule in rules] == ["three", "two", "one"]
    assert rules[2].name == (("en", "One"), ("fr", "Un"))
    assert rules[1].tier is Tier.INFO
    assert rules[0].targets == (("targetClass", f"{EX}Project"),)
    assert [name for _, name in shapes.groups()] == [(("fr", "D'abord"),), (("fr", "Plus tard"),)]


def test_every_named_shape_of_ours_says_in_both_languages_what_to_do() -> None:
    files = sorted((REPOSITORY / "shapes").glob("*.ttl"))
    rules = Requirements([quad.triple for path in files for quad in read_quads(path, path.name)]).rules()
    assert len(rules) > 200
    for rule in rules:
        assert [lang for lang, _ in rule.name] == ["en", "fr"], rule.iri
        assert [lang for lang, _ in rule.message] == ["en", "fr"], rule.iri
