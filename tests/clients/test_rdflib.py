"""rdflib's SPARQLStore: the published graph used like one in memory."""

from __future__ import annotations

from typing import Any

import pytest
from rdflib import RDF, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import ResultRow

from tests.clients.answers import (
    ASK_FALSE,
    ASK_TRUE,
    CREATHON,
    CREATHON_NAMES,
    CREATHON_PAGE,
    NAMES,
    REGION_ROWS,
    REGIONS,
    WRONG,
)
from tests.conftest import RunningServer

IGEO = Namespace("http://rdf.insee.fr/def/geo#")
PROJECT = URIRef(CREATHON)
REGIONS_GRAPH = URIRef("https://w3id.org/coopkg/graph/reference/regions")
LABELS = {Literal(text, lang) for text, lang in CREATHON_NAMES}


@pytest.fixture(params=["GET", "POST", "POST_FORM"])
def store(request: pytest.FixtureRequest, server: RunningServer) -> SPARQLStore:
    return SPARQLStore(f"{server.url}/sparql", method=request.param)


@pytest.fixture
def graph(store: SPARQLStore) -> Graph:
    return Graph(store)


def test_triples_are_found_by_pattern(graph: Graph) -> None:
    assert set(graph.triples((PROJECT, SKOS.prefLabel, None))) == {(PROJECT, SKOS.prefLabel, one) for one in LABELS}
    assert (PROJECT, RDF.type, None) in graph
    assert (PROJECT, RDF.type, IGEO.Region) not in graph
    places = graph.subjects(IGEO.codeINSEE, Literal("53", datatype=XSD.token))
    (region,) = (place for place in places if (place, RDF.type, IGEO.Region) in graph)
    assert set(graph.objects(region, SKOS.prefLabel)) == {Literal("Bretagne", "fr"), Literal("Brittany", "en")}


def test_queries_give_rows_and_truth_and_triples(graph: Graph) -> None:
    assert [tuple(map(str, row)) for row in graph.query(REGIONS) if isinstance(row, ResultRow)] == REGION_ROWS
    assert [graph.query(query).askAnswer for query in (ASK_TRUE, ASK_FALSE)] == [True, False]
    built = graph.query(NAMES).graph
    assert built is not None
    assert set(built) == {(PROJECT, SKOS.prefLabel, one) for one in LABELS}


def test_a_variable_is_bound_before_the_query_is_asked(graph: Graph) -> None:
    query = "SELECT ?name WHERE { ?project skos:prefLabel ?name }"
    found = graph.query(query, initNs={"skos": SKOS}, initBindings={"project": PROJECT})
    assert {row.name for row in found if isinstance(row, ResultRow)} == LABELS


def test_named_graphs_are_contexts(store: SPARQLStore, graph: Graph) -> None:
    named = {str(context) for context in store.contexts()}
    assert {CREATHON_PAGE, str(REGIONS_GRAPH)} <= named
    pattern: Any = (PROJECT, SKOS.prefLabel, None)  # rdflib's annotation leaves None out, its code does not
    assert {str(one) for one in store.contexts(pattern)} == {CREATHON_PAGE}
    found = graph.query(f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ <{CREATHON}> skos:prefLabel ?name }} }}")
    assert [str(row.g) for row in found if isinstance(row, ResultRow)] == [CREATHON_PAGE]


def test_a_graph_with_a_name_holds_that_graph_alone(store: SPARQLStore, graph: Graph) -> None:
    regions = Graph(store, identifier=REGIONS_GRAPH)
    assert len(set(regions.subjects(RDF.type, IGEO.Region))) == len(REGION_ROWS)
    assert len(list(regions)) == len(regions) < len(graph)
    assert list(regions.triples((PROJECT, None, None))) == []


def test_a_wrong_query_is_refused(store: SPARQLStore, graph: Graph) -> None:
    # rdflib 7 keeps the sentence of the refusal to itself, and by POST gives a tuple in place of an exception.
    if store.method == "GET":
        with pytest.raises(ValueError, match="formulating either the URI or your SPARQL query"):
            graph.query(WRONG)
    else:
        told: object = graph.query(WRONG)
        assert told == (400, "HTTP Error 400: BAD REQUEST", None)
