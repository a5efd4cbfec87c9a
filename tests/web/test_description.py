"""The Service Description, read back with rdflib."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import DCTERMS, RDF, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from coopkg import names, store

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
READERS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
}
ENDPOINT = URIRef("http://localhost/sparql")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def _described(client: FlaskClient, accept: str = "text/turtle") -> Graph:
    answer = client.get("/sparql", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, accept)
    assert "Accept" in answer.headers["Vary"]
    return Graph().parse(data=answer.data, format=READERS[accept])


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("accept", READERS)
def test_a_bare_get_describes_the_service_in_every_rdf_format(client: FlaskClient, accept: str) -> None:
    described = _described(client, accept)
    assert isomorphic(described, _described(client))
    assert set(described.subjects(RDF.type, SD.Service)) == {ENDPOINT}
    assert described.value(ENDPOINT, SD.endpoint) == ENDPOINT


def test_the_description_lists_every_graph_and_format(client: FlaskClient, app: Flask) -> None:
    described = _described(client)
    dataset = described.value(ENDPOINT, SD.defaultDataset)
    listed = {str(described.value(entry, SD.name)) for entry in described.objects(dataset, SD.namedGraph)}
    assert listed == set(app.config["GRAPH"].current()[0].graphs())
    assert len(set(described.objects(dataset, SD.namedGraph))) == len(listed)
    formats = set(described.objects(ENDPOINT, SD.resultFormat))
    assert len(formats) == len(store.RESULT_FORMATS) + len(store.GRAPH_FORMATS)
    assert {FORMATS.SPARQL_Results_JSON, FORMATS.Turtle, FORMATS["N-Triples"]} <= formats
    assert described.value(ENDPOINT, SD.supportedLanguage) == SD.SPARQL11Query
    search = URIRef(names.SEARCH_SERVICE)
    assert set(described.objects(ENDPOINT, SD.feature)) == {SD.UnionDefaultGraph, search}
    assert described.value(search, RDF.type) == SD.Feature


def test_the_description_names_the_functions_that_are_promised(client: FlaskClient) -> None:
    described = _described(client)
    functions = {str(function) for function in described.objects(ENDPOINT, SD.extensionFunction)}
    assert functions == {names.PREFIXES["geof"] + name for name in names.GEO_FUNCTIONS}
    assert {str(function) for function in described.subjects(RDF.type, SD.Function)} == functions


@pytest.mark.harvest(16)
def test_the_description_says_the_limits_and_the_revision(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/sparql")
    described = Graph().parse(data=answer.data, format="turtle")
    said = described.value(ENDPOINT, DCTERMS.description)
    assert said == Literal(app.config["LIMITS"], lang="en")
    assert answer.headers["Coopkg-Limits"] == str(said)
    for limit in ("query 4096 bytes", "deadline 10 s", "at most 60 s", "memory 1024 MB", "answer 100 MB", "client 20"):
        assert limit in str(said)
    dataset = described.value(ENDPOINT, SD.defaultDataset)
    assert str(described.value(dataset, DCTERMS.identifier)) == answer.headers["Coopkg-Revision"]


@pytest.mark.parametrize("accept", ["*/*", "", "text/*;q=0.5, */*;q=0.1"])
def test_who_does_not_ask_for_a_page_gets_turtle(client: FlaskClient, accept: str) -> None:
    answer = client.get("/sparql", headers={"Accept": accept} if accept else {})
    assert answer.content_type == "text/turtle; charset=utf-8"


def test_a_browser_is_led_to_the_form(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer.headers["Vary"]
    assert client.get("/sparql", headers={"Accept": "text/turtle, text/html;q=0.9"}).status_code == 200


def test_what_cannot_be_given_is_refused_with_what_can(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "text/turtle" in answer.text


def test_head_is_as_get(client: FlaskClient) -> None:
    got, head = client.get("/sparql"), client.head("/sparql")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.data))


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/sparql-query"])
def test_a_bare_post_is_no_question_for_the_description(client: FlaskClient, content_type: str) -> None:
    assert client.post("/sparql", data=b"", content_type=content_type).status_code == 400


def test_the_description_names_the_address_that_was_asked(client: FlaskClient) -> None:
    described = Graph().parse(data=client.get("/sparql", base_url="https://data.example:8443").data, format="turtle")
    assert set(described.subjects(RDF.type, SD.Service)) == {URIRef("https://data.example:8443/sparql")}


@pytest.mark.parametrize("host", ["a b", "x>y", '"', "x{y}", "é.example", "a\\b"])
def test_a_host_that_is_no_host_breaks_nothing(client: FlaskClient, host: str) -> None:
    answer = client.get("/sparql", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        Graph().parse(data=answer.data, format="turtle")
