"""Which graphs a query is asked of: FROM, the parameters of the protocol, the Graph Store Protocol."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic

BASE = "https://w3id.org/coopkg/graph/"
PAGE, ORGANISATIONS = f"{BASE}a-page", f"{BASE}editorial/organisations"
PROJECT, NAMED_PROJECT = "?p a coop:Project", "GRAPH ?g { ?p a coop:Project }"
ORGANISATION = "?o a org:Organization"
NOWHERE = "urn:nowhere"


def _is_found(client: FlaskClient, query: str, **dataset: list[str]) -> bool:
    sent = {"query": query, **{f"{name}-graph-uri": iris for name, iris in dataset.items()}}
    answers = (
        client.get("/sparql", query_string=urlencode(sent, doseq=True)),
        client.post("/sparql", data=sent),
        client.post(
            f"/sparql?{urlencode({name: sent[name] for name in sent if name != 'query'}, doseq=True)}",
            data=query,
            content_type="application/sparql-query",
        ),
    )
    assert [answer.status_code for answer in answers] == [200, 200, 200], answers[0].text
    found = {json.loads(answer.data)["boolean"] for answer in answers}
    assert len(found) == 1
    return bool(found.pop())


@pytest.mark.parametrize(
    ("default", "named", "pattern", "found"),
    [
        ([PAGE], [], PROJECT, True),
        ([ORGANISATIONS], [], PROJECT, False),
        ([ORGANISATIONS], [], ORGANISATION, True),
        ([PAGE, ORGANISATIONS], [], f"{PROJECT} . {ORGANISATION}", True),
        ([PAGE], [], NAMED_PROJECT, False),
        ([], [PAGE], NAMED_PROJECT, True),
        ([], [PAGE], PROJECT, False),
        ([], [ORGANISATIONS, PAGE], NAMED_PROJECT, True),
        ([], [ORGANISATIONS], NAMED_PROJECT, False),
        ([ORGANISATIONS], [PAGE], f"{ORGANISATION} . {NAMED_PROJECT}", True),
        ([ORGANISATIONS], [PAGE], f"GRAPH ?h {{ {ORGANISATION} }}", False),
        ([NOWHERE], [], "?s ?p ?o", False),
        ([], [NOWHERE], "GRAPH ?h { ?s ?p ?o }", False),
    ],
)
def test_the_parameters_give_the_dataset_and_what_they_leave_out_is_empty(
    client: FlaskClient, default: list[str], named: list[str], pattern: str, found: bool
) -> None:
    assert _is_found(client, f"ASK {{ {pattern} }}", default=default, named=named) is found


@pytest.mark.harvest(13)
def test_the_parameters_win_over_the_query(client: FlaskClient) -> None:
    assert _is_found(client, f"ASK FROM <{ORGANISATIONS}> {{ {PROJECT} }}", default=[PAGE])
    assert not _is_found(client, f"ASK FROM <{PAGE}> {{ {PROJECT} }}", default=[ORGANISATIONS])
    assert _is_found(client, f"ASK FROM NAMED <{ORGANISATIONS}> {{ {NAMED_PROJECT} }}", named=[PAGE])
    assert not _is_found(client, f"ASK FROM NAMED <{PAGE}> {{ {NAMED_PROJECT} }}", default=[PAGE])
    assert not _is_found(client, f"ASK FROM <{PAGE}> {{ {PROJECT} }}", named=[PAGE])


def test_a_triple_of_two_default_graphs_counts_once(client: FlaskClient) -> None:
    query = "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?d) { ?s a org:Organization }"
    asked = {"query": query, "default-graph-uri": [ORGANISATIONS, ORGANISATIONS, PAGE], "format": "csv"}
    n, d = client.get("/sparql", query_string=urlencode(asked, doseq=True)).text.splitlines()[1].split(",")
    assert n == d


@pytest.mark.parametrize("iri", ["graph/a-page", "", "//host/x", "a b:c", "urn:<x>", "#x"])
@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_a_graph_that_is_no_absolute_iri_is_refused(client: FlaskClient, name: str, iri: str) -> None:
    answer = client.get("/sparql", query_string={"query": "ASK {}", name: iri})
    assert answer.status_code == 400
    assert f"{iri!r} is no absolute IRI" in answer.text


# ---- the Graph Store Protocol -------------------------------------------------------------------------------


def _triples(client: FlaskClient, query: str) -> Graph:
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": "application/n-triples"})
    return Graph().parse(data=answer.data, format="nt")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("accept", "reader"),
    [
        ("*/*", "turtle"),
        ("application/n-triples", "nt"),
        ("application/ld+json", "json-ld"),
        ("application/rdf+xml", "xml"),
    ],
)
def test_a_named_graph_is_given_whole(client: FlaskClient, accept: str, reader: str) -> None:
    answer = client.get("/graph-store", query_string={"graph": PAGE}, headers={"Accept": accept})
    assert answer.status_code == 200
    expected = _triples(client, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{PAGE}> {{ ?s ?p ?o }} }}")
    assert len(expected) > 10
    assert isomorphic(Graph().parse(data=answer.data, format=reader), expected)


def test_the_default_graph_is_all_that_is_published(client: FlaskClient) -> None:
    answer = client.get("/graph-store?default", headers={"Accept": "application/n-triples"})
    count = client.get("/sparql", query_string={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"})
    assert len(answer.text.splitlines()) == int(count.text.splitlines()[1])


def test_a_graph_in_a_format_that_is_wished_for(client: FlaskClient) -> None:
    answer = client.get("/graph-store", query_string={"graph": PAGE, "format": "nt"}, headers={"Accept": "text/turtle"})
    assert answer.mimetype == "application/n-triples"
    assert URIRef("https://w3id.org/coopkg/id/project/a-page") in set(
        Graph().parse(data=answer.data, format="nt").subjects()
    )


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("graph=urn:nowhere", 404, "no graph <urn:nowhere> is published"),
        ("graph=a-page", 400, "'a-page' is no absolute IRI"),
        ("graph=", 400, "is no absolute IRI"),
        ("", 400, "give one graph"),
        ("default=x", 400, "give one graph"),
        (f"graph={PAGE}&default", 400, "give one graph"),
        (f"graph={PAGE}&graph={ORGANISATIONS}", 400, "give one graph"),
        ("default&default", 400, "give one graph"),
        ("graph=%E9", 400, "not UTF-8"),
    ],
)
def test_a_graph_that_cannot_be_given_is_refused_with_the_way_out(
    client: FlaskClient, query: str, status: int, said: str
) -> None:
    answer = client.get(f"/graph-store?{query}")
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_a_graph_is_never_written_here(client: FlaskClient, method: str) -> None:
    answer = client.open("/graph-store?default", method=method, data=b"<urn:a> <urn:b> 1 .", content_type="text/turtle")
    assert answer.status_code == 405
    assert {part.strip() for part in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


def test_head_of_a_graph_says_its_length(client: FlaskClient) -> None:
    path = f"/graph-store?graph={PAGE}"
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(got.data)))


INFERRED = "?project coop:ledBy ?organisation"
NAMED_INFERRED = f"GRAPH <{BASE}inferred> {{ {INFERRED} }}"


@pytest.mark.parametrize(("inference", "found"), [("", True), ("&inference=true", True), ("&inference=false", False)])
def test_what_is_inferred_is_left_out_where_the_request_says_so(
    client: FlaskClient, inference: str, found: bool
) -> None:
    for pattern, expected in ((INFERRED, found), (PROJECT, True), (NAMED_INFERRED, True)):
        answer = client.get(f"/sparql?{urlencode({'query': f'ASK {{ {pattern} }}'})}{inference}")
        assert json.loads(answer.data)["boolean"] is expected


def test_the_default_graph_is_given_whole_with_what_is_inferred_or_without(client: FlaskClient) -> None:
    sizes = [
        len(Graph().parse(data=client.get(f"/graph-store?default{inference}").data, format="turtle"))
        for inference in ("", "&inference=true", "&inference=false")
    ]
    inferred = Graph().parse(data=client.get(f"/graph-store?graph={BASE}inferred").data, format="turtle")
    assert sizes[0] == sizes[1] == sizes[2] + len(inferred)


@pytest.mark.parametrize(
    "fields",
    ["inference=no", "inference=", "inference=true&inference=false", f"inference=false&default-graph-uri={PAGE}"],
)
def test_an_inference_that_is_not_understood_is_refused(client: FlaskClient, fields: str) -> None:
    answer = client.get(f"/sparql?query=ASK{{}}&{fields}")
    assert answer.status_code == 400
    assert "inference" in answer.text
