"""Descriptions: what SPARQL clients find inside the endpoint, at its bare address and at /.well-known/void."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from rdflib import DCAT, RDF, VOID, Graph, Namespace, URIRef
from SPARQLWrapper import JSON, SPARQLWrapper

from coopkg import names
from tests.clients.conftest import MODULES as CLIENTS
from tests.clients.conftest import need
from tests.harvest.asking import asked
from tests.harvest.catalogue import DATA_SETS, SERVICE, WHOLE
from tests.web.conftest import Served

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
PREFIXES = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX void: <http://rdfs.org/ns/void#>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> PREFIX dcterms: <http://purl.org/dc/terms/>"""
COMUNICA = Path(__file__).parents[1] / "clients" / "comunica.mjs"


def rows(portal: Served, pattern: str) -> list[dict[str, str]]:
    """Return the solutions of a pattern in the catalogue's named graph, asked by SPARQLWrapper."""
    client = SPARQLWrapper(f"{portal.url}/sparql", returnFormat=JSON)
    client.setQuery(f"{PREFIXES} SELECT * {{ GRAPH <{names.CATALOG_GRAPH}> {{ {pattern} }} }}")
    found: Any = client.queryAndConvert()
    return [{name: term["value"] for name, term in row.items()} for row in found["results"]["bindings"]]


def solutions(node: str, query: str, source: str) -> list[dict[str, list[str]]]:
    """Return what Comunica finds in a source: each name with the text and the language of its value."""
    need(CLIENTS / "@comunica" / "query-sparql", "Comunica")
    command = [node, str(COMUNICA), json.dumps([source])]
    done = subprocess.run(command, input=query, capture_output=True, text=True, timeout=120, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    assert "bindings" in told, told
    found: list[dict[str, list[str]]] = told["bindings"]
    return found


@pytest.mark.harvest(8)
def test_every_data_set_is_described_inside_the_endpoint(portal: Served) -> None:
    found = rows(portal, "?set a dcat:Dataset ; dcterms:identifier ?id")
    assert sorted({row["set"] for row in found}) == list(DATA_SETS)


@pytest.mark.harvest(8)
def test_the_endpoint_names_itself_and_counts_what_it_holds(portal: Served) -> None:
    (whole,) = rows(portal, f"<{WHOLE}> void:triples ?triples")
    client = SPARQLWrapper(f"{portal.url}/sparql", returnFormat=JSON)
    derived = f"<{names.CATALOG_GRAPH}>, <{names.INFERRED_GRAPH}>"
    asserted = f"SELECT DISTINCT ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g NOT IN ({derived})) }}"
    client.setQuery(f"SELECT (COUNT(*) AS ?n) {{ {asserted} }}")
    counted: Any = client.queryAndConvert()
    assert whole["triples"] == counted["results"]["bindings"][0]["n"]["value"]
    assert rows(portal, "?class_partition void:class ?class ; void:entities ?entities")
    assert rows(portal, "?linkset a void:Linkset ; void:linkPredicate ?predicate")


@pytest.mark.harvest(17)
def test_no_blank_node_is_inside_the_endpoint(portal: Served) -> None:
    client = SPARQLWrapper(f"{portal.url}/sparql", returnFormat=JSON)
    client.setQuery("ASK { GRAPH ?g { ?s ?p ?o } FILTER(isBlank(?s) || isBlank(?o)) }")
    found: Any = client.queryAndConvert()
    assert found["boolean"] is False


@pytest.mark.harvest(8)
def test_void_is_where_indexes_look_for_it(portal: Served) -> None:
    answer = asked(f"{portal.url}/.well-known/void")
    graph = Graph().parse(data=answer.body, format="turtle")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/turtle; charset=utf-8")
    assert set(graph.objects(URIRef(WHOLE), VOID.sparqlEndpoint)) == {URIRef(f"{portal.url}/sparql")}
    assert (None, VOID.classPartition, None) in graph


@pytest.mark.harvest(8)
@pytest.mark.harvest(16)
def test_a_bare_request_describes_the_service_with_its_limits(portal: Served) -> None:
    graph = Graph().parse(data=asked(f"{portal.url}/sparql").body, format="turtle")
    assert set(graph.objects(None, SD.endpoint)) == {URIRef(f"{portal.url}/sparql")}
    assert (None, RDF.type, SD.Service) in graph
    assert set(graph.subjects(RDF.type, DCAT.DataService)) <= {URIRef(SERVICE)}
    assert "deadline" in asked(f"{portal.url}/sparql?query=ASK%7B%7D").headers["Coopkg-Limits"]


@pytest.mark.harvest(16)
def test_what_is_stopped_is_not_answered_by_200(portal: Served) -> None:
    endless = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    answer = asked(f"{portal.url}/sparql?timeout=0.2&query={endless}")
    assert answer.status == 504
    assert "0.2 s" in answer.body.decode()


@pytest.mark.harvest(23)
def test_the_query_method_and_the_version_parameter_are_known(portal: Served) -> None:
    kind = {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"}
    answer = asked(f"{portal.url}/sparql?version=1.2", "QUERY", kind, b"ASK {}")
    assert (answer.status, json.loads(answer.body)["boolean"]) == (200, True)


@pytest.mark.harvest(12)
def test_the_first_form_that_is_known_wins_over_accept(portal: Served) -> None:
    for parameters in ("format=csv", "output=csv", "results=csv", "format=unheard-of&output=csv"):
        answer = asked(
            f"{portal.url}/sparql?query=SELECT%20*%7B%7D&{parameters}", headers={"Accept": "application/json"}
        )
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.harvest(13)
@pytest.mark.parametrize(
    ("target", "method", "kind", "body", "status"),
    [
        ("/sparql?query=ASK%7B%7D&query=ASK%7B%7D", "GET", "", b"", 400),
        ("/sparql?query=SELEKT", "GET", "", b"", 400),
        ("/sparql", "POST", "text/plain", b"ASK {}", 415),
        ("/sparql", "PUT", "application/sparql-query", b"ASK {}", 405),
    ],
)
def test_a_request_that_the_protocol_forbids_is_refused(
    portal: Served, target: str, method: str, kind: str, body: bytes, status: int
) -> None:
    answer = asked(portal.url + target, method, {"Content-Type": kind} if kind else {}, body or None)
    assert answer.status == status
    assert status != 405 or "POST" in answer.headers["Allow"]


@pytest.mark.harvest(22)
@pytest.mark.parametrize(
    "query", ["SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "LOAD <http://127.0.0.1:9/>"]
)
def test_nobody_is_reached_from_a_query(portal: Served, query: str) -> None:
    answer = asked(f"{portal.url}/sparql", "POST", {"Content-Type": "application/sparql-query"}, query.encode())
    assert answer.status == 400


@pytest.mark.harvest(8)
def test_comunica_reads_documents_as_it_reads_the_endpoint(portal: Served, node: str) -> None:
    query = f"{PREFIXES} SELECT ?set {{ ?set a dcat:Dataset ; dcterms:identifier ?id }}"
    for source in (f"{portal.url}/catalog", f"{portal.url}/sparql"):
        assert sorted({row["set"][0] for row in solutions(node, query, source)}) == list(DATA_SETS)


@pytest.mark.harvest(9)
def test_comunica_goes_from_a_thing_to_what_is_said_of_it(portal: Served, node: str) -> None:
    query = f"SELECT ?name {{ ?p a <{names.COOP}Project> ; <{names.SKOS}prefLabel> ?name }}"
    found = solutions(node, query, f"{portal.url}/id/project/a-page")
    assert [row["name"] for row in found] == [["Un projet renommé", "fr"]]
