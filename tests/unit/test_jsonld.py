"""Compact JSON-LD says what it was made from: two readers, given its context, find the same statements."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from coopkg import jsonld, names
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse_quads, to_bytes

COOP, SKOS, DCTERMS, XSD = names.COOP, names.SKOS, names.DCTERMS, names.XSD
THING = NamedNode(f"{names.BASE}id/project/p")
ONTOLOGY = f"""
@prefix coop: <{COOP}> . @prefix owl: <{names.OWL}> . @prefix rdfs: <{names.RDFS}> . @prefix xsd: <{XSD}> .
@prefix rdf: <{names.RDF}> .
coop:Project a owl:Class .
coop:theme a owl:ObjectProperty .
coop:value a owl:DatatypeProperty ; rdfs:range xsd:decimal .
coop:wording a owl:DatatypeProperty ; rdfs:range rdf:langString .
coop:code a owl:DatatypeProperty ; rdfs:range xsd:string .
coop:date a owl:DatatypeProperty ; rdfs:range xsd:date , xsd:gYear .
coop:type a owl:ObjectProperty .
coop:skos a owl:ObjectProperty .
coop:no-name a owl:ObjectProperty .
<https://example.org/other> a owl:ObjectProperty .
"""
CONTEXT = jsonld.context(parse_quads(ONTOLOGY.encode(), RdfFormat.TURTLE, "o.ttl"))
rdflib_reads_json_ld = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
ADDRESS = "https://coop.example/context.jsonld"


def said(predicate: str, value: NamedNode | BlankNode | Literal) -> Quad:
    return Quad(THING, NamedNode(predicate), value)


def with_its_context(content: bytes) -> dict[str, Any]:
    """The document with the context that it names in the place of the address."""
    document: dict[str, Any] = json.loads(content)
    if document["@context"] == ADDRESS:
        document["@context"] = json.loads(jsonld.of_context(CONTEXT))["@context"]
    return document


def written(*quads: Quad) -> dict[str, Any]:
    return with_its_context(jsonld.with_context(quads, CONTEXT, ADDRESS))


def assert_read_back(content: bytes, quads: list[Quad]) -> None:
    whole = json.dumps(with_its_context(content)).encode()
    assert {quad.triple for quad in parse_quads(whole, RdfFormat.JSON_LD, "x.jsonld")} == {q.triple for q in quads}
    read = rdflib.Graph().parse(data=whole, format="json-ld")
    assert isomorphic(read, rdflib.Graph().parse(data=to_bytes(quads, RdfFormat.N_TRIPLES), format="nt"))


VALUES: list[NamedNode | Literal] = [
    NamedNode("https://example.org/a"),
    NamedNode("urn:uuid:1"),
    NamedNode("mailto:a@example.org"),
    Literal("plain"),
    Literal(""),
    Literal("@id"),
    Literal("https://example.org/a"),
    Literal("été", language="fr"),
    Literal("colour", language="en-GB"),
    Literal("007", datatype=NamedNode(f"{XSD}integer")),
    Literal("1.50", datatype=NamedNode(f"{XSD}decimal")),
    Literal("true", datatype=NamedNode(f"{XSD}boolean")),
    Literal("2019-07", datatype=NamedNode(f"{XSD}gYearMonth")),
    Literal("POINT(1 2)", datatype=NamedNode(f"{names.PREFIXES['geo']}wktLiteral")),
    Literal("x", datatype=NamedNode("https://example.org/datatype")),
    Literal('a\nb\t"c" \\ <&> \u2028 😀'),
]
PREDICATES = [
    *(COOP + name for name in ("theme", "value", "wording", "code", "date", "type", "skos", "no-name", "unknown")),
    *(f"{SKOS}prefLabel", f"{SKOS}notation", f"{DCTERMS}source", f"{names.RDF}type", "https://example.org/other"),
    *("https://schema.org/name", "urn:x:y", f"{COOP}//odd", f"{COOP}a:b", f"{COOP}@id"),
]


@rdflib_reads_json_ld
@pytest.mark.parametrize("predicate", PREDICATES)
def test_each_value_of_a_property_is_read_as_it_was_written(predicate: str) -> None:
    for value in VALUES:
        quads = [said(predicate, value)]
        assert_read_back(jsonld.with_context(quads, CONTEXT, ADDRESS), quads)
        assert_read_back(jsonld.inline(quads, names.PREFIXES), quads)


@rdflib_reads_json_ld
@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(PREDICATES), st.sampled_from(VALUES), st.sampled_from("abc")), min_size=1, max_size=12
    )
)
def test_many_statements_are_read_as_they_were_written(some: list[tuple[str, NamedNode | Literal, str]]) -> None:
    quads = [Quad(NamedNode(f"https://example.org/{s}"), NamedNode(p), value) for p, value, s in some]
    assert_read_back(jsonld.with_context(quads, CONTEXT, ADDRESS), quads)
    assert_read_back(jsonld.inline(quads, names.PREFIXES), quads)


@rdflib_reads_json_ld
def test_nodes_without_a_name_stay_joined() -> None:
    node = BlankNode("b1")
    quads = [said(f"{COOP}theme", node), Quad(node, NamedNode(f"{SKOS}prefLabel"), Literal("x", language="fr"))]
    read = rdflib.Graph().parse(data=json.dumps(written(*quads)), format="json-ld")
    assert isomorphic(read, rdflib.Graph().parse(data=to_bytes(quads, RdfFormat.N_TRIPLES), format="nt"))


def test_terms_of_ours_have_short_names_and_texts_stand_by_language() -> None:
    document = written(
        said(f"{names.RDF}type", NamedNode(f"{COOP}Project")),
        said(f"{COOP}theme", NamedNode("https://example.org/food")),
        said(f"{COOP}value", Literal("12.5", datatype=NamedNode(f"{XSD}decimal"))),
        said(f"{SKOS}prefLabel", Literal("Un projet", language="fr")),
        said(f"{SKOS}prefLabel", Literal("A project", language="en")),
    )
    del document["@context"]
    assert document == {
        "id": THING.value,
        "type": "Project",
        "theme": "https://example.org/food",
        "value": "12.5",
        "skos:prefLabel": {"fr": "Un projet", "en": "A project"},
    }


def test_a_term_whose_name_means_something_already_is_written_with_its_prefix() -> None:
    assert "coop:type" in written(said(f"{COOP}type", NamedNode("https://example.org/a")))
    assert CONTEXT["type"] == "@type"
    assert CONTEXT["skos"] == SKOS


def test_a_statement_that_two_graphs_make_is_said_once() -> None:
    said_of = THING, NamedNode(f"{COOP}code"), Literal("a")
    assert written(Quad(*said_of, NamedNode("https://example.org/g")), Quad(*said_of))["code"] == "a"


def test_a_context_of_its_own_holds_the_prefixes_that_are_used_and_no_others() -> None:
    document = json.loads(jsonld.inline([said(f"{SKOS}notation", Literal("a"))], names.PREFIXES))
    assert document["@context"] == {"skos": SKOS}
