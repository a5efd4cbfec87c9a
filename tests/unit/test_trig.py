"""The canonical TriG: the same bytes for the same graph, read back alike, and refused when it cannot be."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import BaseDirection

from coopkg import names, trig
from coopkg.errors import InputError
from coopkg.rdf import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse_quads

ID = f"{names.BASE}id/"
GRAPH = NamedNode(f"{names.GRAPH}page")


def node(iri: str) -> NamedNode:
    prefix, _, local = iri.partition(":")
    return NamedNode(f"{names.PREFIXES[prefix]}{local}" if prefix in names.PREFIXES else iri)


def a_literal(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(f"{names.XSD}{datatype}"))


def a_page() -> list[Quad]:
    source, project, other = (NamedNode(f"{ID}{path}") for path in ("source/page", "project/b", "outcome/a"))
    return [
        Quad(other, node("rdf:type"), node("coop:Outcome"), GRAPH),
        Quad(project, node("coop:theme"), NamedNode(f"{names.BASE}scheme/theme/x"), GRAPH),
        Quad(project, node("skos:prefLabel"), Literal("Un « projet »", language="fr"), GRAPH),
        Quad(project, node("skos:prefLabel"), Literal("A project", language="en"), GRAPH),
        Quad(project, node("rdf:type"), node("coop:Project"), GRAPH),
        Quad(project, node("coop:value"), a_literal("4", "decimal"), GRAPH),
        Quad(project, node("coop:memberCount"), a_literal("-12", "integer"), GRAPH),
        Quad(project, node("coop:date"), a_literal("2015", "gYear"), GRAPH),
        Quad(source, node("dcterms:title"), Literal('La "page"\n\\ deux'), GRAPH),
        Quad(source, node("rdf:type"), node("coop:SourceDocument"), GRAPH),
    ]


WRITTEN = """@prefix coop: <https://w3id.org/coopkg/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/coopkg/graph/page> {
    <https://w3id.org/coopkg/id/source/page>
        a coop:SourceDocument ;
        dcterms:title "La \\"page\\"\\n\\\\ deux" .

    <https://w3id.org/coopkg/id/project/b>
        a coop:Project ;
        skos:prefLabel "A project"@en,
            "Un « projet »"@fr ;
        coop:date "2015"^^xsd:gYear ;
        coop:memberCount -12 ;
        coop:theme <https://w3id.org/coopkg/scheme/theme/x> ;
        coop:value 4.0 .

    <https://w3id.org/coopkg/id/outcome/a>
        a coop:Outcome .
}
"""


def test_a_page_is_written_in_the_canonical_way_byte_for_byte() -> None:
    assert trig.write(a_page()) == WRITTEN


def test_the_order_and_repetition_of_quads_do_not_matter() -> None:
    quads = a_page()
    shuffler = random.Random(1)  # noqa: S311  # no secret is made here
    for _ in range(20):
        shuffler.shuffle(quads)
        assert trig.write([*quads, quads[0]]) == WRITTEN


def test_graphs_are_written_by_name_one_after_the_other() -> None:
    quads = [Quad(GRAPH, GRAPH, GRAPH, NamedNode(f"{names.GRAPH}{name}")) for name in "cab"]
    assert [line for line in trig.write(quads).splitlines() if line.endswith("{")] == [
        f"<{names.GRAPH}{name}> {{" for name in "abc"
    ]


def test_nothing_is_written_for_nothing() -> None:
    assert trig.write([]) == ""


@pytest.mark.parametrize(
    ("iri", "written"),
    [
        (f"{names.COOP}role", "coop:role"),
        (f"{names.COOP}_x-1", "coop:_x-1"),
        *((f"{names.COOP}{local}", f"<{names.COOP}{local}>") for local in ("", "1a", "a/b", "a.b", "é", "a%20b", "-a")),
        ("https://example.org/a'b(c)~d", "<https://example.org/a'b(c)~d>"),
    ],
)
def test_only_plain_local_names_are_abbreviated(iri: str, written: str) -> None:
    text = trig.write([Quad(GRAPH, node("coop:x"), NamedNode(iri), GRAPH)])
    assert f"        coop:x {written} .\n" in text


@pytest.mark.parametrize(
    ("literal", "written"),
    [
        (a_literal("4", "decimal"), "4.0"),
        (a_literal("-0.50", "decimal"), "-0.50"),
        (a_literal("1.", "decimal"), '"1."^^xsd:decimal'),
        (a_literal(".5", "decimal"), '".5"^^xsd:decimal'),
        (a_literal("-0.50", "integer"), '"-0.50"^^xsd:integer'),
        (a_literal("12", "integer"), "12"),
        # rdflib reads +1, 01 and -0 as other texts where no quotes stand around them.
        (a_literal("0", "integer"), "0"),
        (a_literal("-0", "integer"), '"-0"^^xsd:integer'),
        (a_literal("01", "integer"), '"01"^^xsd:integer'),
        (a_literal("+1", "integer"), '"+1"^^xsd:integer'),
        (a_literal("0.0", "decimal"), "0.0"),
        (a_literal("00.5", "decimal"), '"00.5"^^xsd:decimal'),
        (a_literal("+4", "decimal"), '"+4"^^xsd:decimal'),
        (a_literal("12\n", "integer"), '"12\\n"^^xsd:integer'),
        (a_literal("١", "integer"), '"١"^^xsd:integer'),
        (a_literal("true", "boolean"), '"true"^^xsd:boolean'),
        (a_literal("1E0", "double"), '"1E0"^^xsd:double'),
        (a_literal("fr", "language"), '"fr"^^xsd:language'),
        (a_literal("x", "string"), '"x"'),
        (Literal("x", datatype=NamedNode("http://a/b")), '"x"^^<http://a/b>'),
        (Literal("\t\r\n\"'\\", language="en-GB"), '"\\t\\r\\n\\"\'\\\\"@en-gb'),
    ],
)
def test_each_kind_of_literal_has_one_form(literal: Literal, written: str) -> None:
    text = trig.write([Quad(GRAPH, node("coop:x"), literal, GRAPH)])
    assert f"        coop:x {written} .\n" in text


def test_two_spellings_of_one_number_are_written_once() -> None:
    quads = [Quad(GRAPH, node("coop:x"), a_literal(text, "decimal"), GRAPH) for text in ("4", "4.0")]
    assert trig.write(quads).count("4.0") == 1


def test_the_page_is_read_back_as_it_was() -> None:
    # With rdflib as well on any graph: tests/properties/test_laws.py.
    read = parse_quads(WRITTEN.replace("4.0", '"4"^^xsd:decimal').encode(), RdfFormat.TRIG, "x")
    assert set(read) == set(a_page())


@pytest.mark.parametrize(
    ("quad", "said"),
    [
        (Quad(GRAPH, GRAPH, GRAPH, DefaultGraph()), "only named graphs without blank nodes have a canonical form"),
        (Quad(GRAPH, GRAPH, GRAPH, BlankNode()), "only named graphs without blank nodes have a canonical form"),
        (Quad(BlankNode(), GRAPH, GRAPH, GRAPH), "only named graphs without blank nodes have a canonical form"),
        (Quad(GRAPH, GRAPH, BlankNode("it"), GRAPH), "_:it: only IRIs and literals have a canonical form"),
        (Quad(GRAPH, GRAPH, Triple(GRAPH, GRAPH, GRAPH), GRAPH), "only IRIs and literals have a canonical form"),
        (
            Quad(GRAPH, GRAPH, Literal("x", language="ar", direction=BaseDirection.RTL), GRAPH),
            "a text with a base direction has no canonical form",
        ),
    ],
)
def test_what_has_no_canonical_form_is_refused_and_shown(quad: Quad, said: str) -> None:
    with pytest.raises(InputError, match=said):
        trig.write([quad])
