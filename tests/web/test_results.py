"""Every format of an answer, read back by another library."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from rdflib import XSD, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

TRICKY = "guillemets \" apostrophe ' virgule, point-virgule; barre \\ é 𝄞 <&> "
SELECT = f"""SELECT ?iri ?text ?lang ?number ?day ?nothing WHERE {{ VALUES (?iri ?text ?lang ?number ?day ?nothing) {{
  (<http://example.org/é%20x?a=1&b=2> {json.dumps(TRICKY, ensure_ascii=False)} "l'été"@fr 42 "2021-05"^^xsd:gYearMonth
    UNDEF)
  (<urn:x> "" "two"@en 4.5 "2021"^^xsd:gYear UNDEF) }} }}"""
ROWS: list[dict[str, Node]] = [
    {
        "iri": URIRef("http://example.org/é%20x?a=1&b=2"),
        "text": Literal(TRICKY),
        "lang": Literal("l'été", lang="fr"),
        "number": Literal("42", datatype=XSD.integer),
        "day": Literal("2021-05", datatype=XSD.gYearMonth),
    },
    {
        "iri": URIRef("urn:x"),
        "text": Literal(""),
        "lang": Literal("two", lang="en"),
        "number": Literal("4.5", datatype=XSD.decimal),
        "day": Literal("2021", datatype=XSD.gYear),
    },
]
SHORT = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPHS = {
    "turtle": "text/turtle",
    "nt": "application/n-triples",
    "json-ld": "application/ld+json",
    "xml": "application/rdf+xml",
}
CHARSET = "; charset=utf-8"
#: rdflib 7.6 warns of its own class when it reads JSON-LD.
rdflib_reads_json_ld = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


def _typed(media_type: str) -> str:
    return media_type if media_type.endswith("json") else f"{media_type}{CHARSET}"


def _rows(result: Result) -> list[dict[str, Node]]:
    return [{str(name): term for name, term in row.items()} for row in result.bindings]


@pytest.mark.parametrize("short", ["json", "xml", "tsv"])
def test_rows_come_back_term_by_term(client: FlaskClient, short: str) -> None:
    answer = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": SHORT[short]})
    assert answer.status_code == 200
    assert answer.content_type == _typed(SHORT[short])
    if short == "tsv":
        assert _tsv(answer.text) == ROWS
    else:
        assert _rows(Result.parse(io.BytesIO(answer.data), format=short)) == ROWS


def _tsv(text: str) -> list[dict[str, Node]]:
    """Read TSV by its own grammar: a header of variables, then Turtle terms (rdflib's reader mistakes empty ends)."""
    header, *lines = text.rstrip("\n").split("\n")
    names = [name.removeprefix("?") for name in header.split("\t")]
    return [{name: _term(cell) for name, cell in zip(names, line.split("\t"), strict=True) if cell} for line in lines]


def _term(cell: str) -> Node:
    read = Graph().parse(data=f"<x:s> <x:p> {cell} .", format="turtle")
    return next(iter(read.objects()))


@pytest.mark.harvest(14)
def test_rows_in_csv_are_plain_texts(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": SELECT, "format": "csv"})
    assert answer.content_type == "text/csv; charset=utf-8"
    assert list(csv.DictReader(io.StringIO(answer.text, newline=""))) == [
        {name: str(row.get(name, "")) for name in ("iri", "text", "lang", "number", "day", "nothing")} for row in ROWS
    ]


@pytest.mark.parametrize(("query", "expected"), [("ASK { ?p a coop:Project }", True), ("ASK { <x:a> ?p ?o }", False)])
def test_a_yes_or_no_is_read_from_json_and_xml(client: FlaskClient, query: str, expected: bool) -> None:
    as_json = client.get("/sparql", query_string={"query": query, "format": "json"})
    assert json.loads(as_json.data)["boolean"] is expected
    as_xml = client.get("/sparql", query_string={"query": query, "format": "xml"})
    assert as_xml.content_type == "application/sparql-results+xml; charset=utf-8"
    root = ElementTree.fromstring(as_xml.data)  # noqa: S314  # our own server wrote it
    assert root.findtext("{http://www.w3.org/2005/sparql-results#}boolean") == str(expected).lower()
    for short in ("csv", "tsv"):
        assert client.get("/sparql", query_string={"query": query, "format": short}).text == str(expected).lower()


CONSTRUCT = f"""CONSTRUCT {{
  ?s <http://example.org/says> ?text , ?lang , 42 , 4.5 ; rdfs:seeAlso <http://example.org/é%20x>
}} WHERE {{
  BIND(<http://example.org/s> AS ?s) BIND("l'été"@fr AS ?lang) BIND({json.dumps(TRICKY, ensure_ascii=False)} AS ?text)
}}"""


def _expected_graph() -> Graph:
    graph, subject = Graph(), URIRef("http://example.org/s")
    says = URIRef("http://example.org/says")
    numbers = (Literal("42", datatype=XSD.integer), Literal("4.5", datatype=XSD.decimal))
    for value in (Literal(TRICKY), Literal("l'été", lang="fr"), *numbers):
        graph.add((subject, says, value))
    see_also = URIRef("http://www.w3.org/2000/01/rdf-schema#seeAlso")
    return graph.add((subject, see_also, URIRef("http://example.org/é%20x")))


@rdflib_reads_json_ld
@pytest.mark.parametrize("reader", GRAPHS)
def test_a_construct_comes_back_triple_by_triple(client: FlaskClient, reader: str) -> None:
    answer = client.get("/sparql", query_string={"query": CONSTRUCT}, headers={"Accept": GRAPHS[reader]})
    assert answer.content_type == _typed(GRAPHS[reader])
    assert isomorphic(Graph().parse(data=answer.data, format=reader), _expected_graph())


@rdflib_reads_json_ld
def test_a_describe_says_the_same_in_every_format(client: FlaskClient) -> None:
    query = "DESCRIBE ?project WHERE { ?project a coop:Project }"
    graphs = [
        Graph().parse(
            data=client.get("/sparql", query_string={"query": query}, headers={"Accept": media_type}).data,
            format=reader,
        )
        for reader, media_type in GRAPHS.items()
    ]
    project = URIRef("https://w3id.org/coopkg/id/project/a-page")
    label = URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")
    assert graphs[0].value(project, label) == Literal("Un projet", lang="fr")
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])
