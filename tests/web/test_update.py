"""Updates over HTTP: read by the SPARQL 1.1 Protocol where an application was composed to take them, else refused."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg import store
from coopkg.evaluation import evaluated
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.tokens import Tokens
from coopkg.update import Update
from coopkg.web.app import create_app
from coopkg.writing import Writing, Written
from tests.datasets import UpdatableStore
from tests.web.conftest import Served, in_process, unbounded

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-update"
G, H = "http://example/g", "http://example/h"
INSERT = "INSERT DATA { <http://s/> <http://p/> 'é+%20&a' }"


class Taker:
    """Takes the updates of a dataset of its own, and keeps them."""

    def __init__(self) -> None:
        self.dataset = UpdatableStore.in_memory()
        self.taken: list[Update] = []

    def write(self, writing: Writing) -> Written:
        """Carry out an update."""
        assert writing.update is not None
        self.taken.append(writing.update)
        evaluated(self.dataset, writing.update)
        return Written(7, 0, 0)

    def values(self) -> list[str | None]:
        """Return all objects of the default graph."""
        return [value for (value,) in store.rows(self.dataset.query("SELECT ?o { ?s ?p ?o } ORDER BY ?o"))]


@pytest.fixture
def taker() -> Taker:
    """Return what takes the updates of a test."""
    return Taker()


@pytest.fixture
def client(small: Settings, taker: Taker, tmp_path: Path) -> FlaskClient:
    """Return a client that may write, of an application that takes updates; a write that is done is 204."""
    published, settings = Graph.open(small, {}), replace(small, document_max_mb=1)
    tokens = Tokens(tmp_path)
    client = create_app(published, unbounded(in_process(published)), settings, taker, tokens).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {tokens.add('tests', ['*'])[1]}"
    client.environ_base["HTTP_PREFER"] = "return=minimal"
    return client


def test_an_update_is_read_from_a_form_and_from_a_body(client: FlaskClient, taker: Taker) -> None:
    for answer in (
        client.post("/sparql", data={"update": INSERT}),
        client.post("/sparql", data=INSERT.encode(), content_type=DIRECT),
        client.post("/sparql", data=INSERT.encode(), content_type=f"{DIRECT}; charset=UTF-8"),
        client.post("/sparql", data=urlencode({"update": INSERT}), content_type=f'{FORM}; charset="utf-8"'),
        client.post("/sparql", data=b"\xef\xbb\xbf" + INSERT.encode(), content_type=DIRECT),
    ):
        assert (answer.status_code, answer.data) == (204, b""), answer.text
    assert [update.text for update in taker.taken] == [INSERT] * 5
    assert taker.values() == ["é+%20&a"]


def test_its_graphs_come_with_the_form_or_in_the_url_of_a_body(client: FlaskClient, taker: Taker) -> None:
    graphs = {"using-graph-uri": [G, H], "using-named-graph-uri": [H]}
    assert client.post("/sparql", data={"update": INSERT, **graphs}).status_code == 204
    address = f"/sparql?{urlencode(graphs, doseq=True)}"
    assert client.post(address, data=INSERT, content_type=DIRECT).status_code == 204
    assert [(update.using_graphs, update.using_named_graphs) for update in taker.taken] == [((G, H), (H,))] * 2


def test_relative_iris_are_read_against_the_address_of_the_endpoint(client: FlaskClient, taker: Taker) -> None:
    sent = "INSERT { <s> <p> ?o } WHERE { BIND(STR(<x>) AS ?o) }"
    assert client.post("/sparql", data={"update": sent}).status_code == 204
    assert taker.values() == ["http://localhost/x"]


def test_an_empty_update_is_one(client: FlaskClient, taker: Taker) -> None:
    assert client.post("/sparql", data={"update": ""}).status_code == 204
    assert client.post("/sparql", data=b"", content_type=DIRECT).status_code == 204
    assert [update.text for update in taker.taken] == ["", ""]


def _form(**fields: object) -> Callable[[FlaskClient], TestResponse]:
    body = urlencode({name.replace("_", "-"): value for name, value in fields.items()}, doseq=True)
    return lambda client: client.post("/sparql", data=body, content_type=FORM)


def _body(
    body: bytes, content_type: str | None = DIRECT, url: str = "", **headers: str
) -> Callable[[FlaskClient], TestResponse]:
    return lambda client: client.post(f"/sparql{url}", data=body, content_type=content_type, headers=headers)


ASKED = f"?update={quote(INSERT)}"
REFUSED: dict[str, tuple[Callable[[FlaskClient], TestResponse], int, str]] = {
    "by GET": (lambda client: client.get(f"/sparql{ASKED}"), 400, "sent by POST"),
    "by HEAD": (lambda client: client.head(f"/sparql{ASKED}"), 400, ""),
    "by GET, with a query": (lambda client: client.get(f"/sparql{ASKED}&query=ASK{{}}"), 400, "sent by POST"),
    "by QUERY, in a form": (
        lambda client: client.open("/sparql", method="QUERY", data={"update": INSERT}),
        400,
        "sent by POST",
    ),
    "by QUERY, as the body": (
        lambda client: client.open("/sparql", method="QUERY", data=INSERT, content_type=DIRECT),
        415,
        "read only",
    ),
    "in the URL of a POST": (_body(b"", FORM, ASKED), 400, "never in the URL"),
    "in the URL and in the body": (_body(INSERT.encode(), DIRECT, ASKED), 400, "never in the URL"),
    "in the URL and in a form": (_body(f"update={quote(INSERT)}".encode(), FORM, ASKED), 400, "never in the URL"),
    "in the URL beside a posted query": (_body(b"ASK {}", "application/sparql-query", ASKED), 400, "never in the URL"),
    "two": (_form(update=[INSERT, INSERT]), 400, "exactly one 'update' parameter is needed, got 2"),
    "with a query": (_form(update=INSERT, query="ASK {}"), 400, "'query' belongs to a query"),
    "with a query in the URL": (_body(INSERT.encode(), DIRECT, "?query=ASK{}"), 400, "'query' belongs to a query"),
    "with the graphs of a query": (_form(update=INSERT, default_graph_uri=G), 400, "'default-graph-uri' belongs to"),
    "with named graphs of a query": (_form(update=INSERT, named_graph_uri=G), 400, "'named-graph-uri' belongs to"),
    "a relative graph": (_form(update=INSERT, using_graph_uri="g"), 400, "'g' is no absolute IRI"),
    "a graph that ends its IRI": (
        _form(update="INSERT {} WHERE {}", using_named_graph_uri="http://g/> WHERE {} ; DROP ALL ; #"),
        400,
        "is no absolute IRI",
    ),
    "graphs in the text too": (
        _form(update=f"INSERT {{}} USING <{G}> WHERE {{}}", using_graph_uri=G),
        400,
        "give one of the two",
    ),
    "syntax": (_form(update="CLEAR XYZ"), 400, "line 1, column"),
    "a query": (_body(b"SELECT * {}"), 400, "an update begins with one of INSERT"),
    "load": (_form(update="LOAD <http://127.0.0.1:9/>"), 400, "LOAD is refused"),
    "service": (_form(update="INSERT {} WHERE { SERVICE <http://127.0.0.1:9/> {} }"), 400, "SERVICE is refused"),
    "a failing operation": (_form(update=f"{INSERT} ; DROP GRAPH <{G}>"), 400, "does not exist"),
    "too long": (_body(b"#" * (1 << 20) + b"#"), 413, "The body is larger than 1,048,576 bytes"),
    "no UTF-8": (_body(INSERT.encode("latin-1")), 400, "the update is not UTF-8"),
    "no UTF-8 in a form": (_body(b"update=%E9", FORM), 400, "a field of the form is not UTF-8"),
    "another charset": (_body(INSERT.encode("utf-16"), f"{DIRECT}; charset=UTF-16"), 415, "an update is read as UTF-8"),
    "compressed": (_body(b"x", **{"Content-Encoding": "gzip"}), 415, "send it uncompressed"),
    "another type": (_body(INSERT.encode(), "text/plain"), 415, f"or {DIRECT}; got text/plain"),
    "no type": (_body(f"update={quote(INSERT)}".encode(), None), 415, f"or {DIRECT}; got no type"),
    "JSON": (_body(b"{}", "application/json"), 415, "got application/json"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_clear_update_is_refused_and_changes_nothing(client: FlaskClient, taker: Taker, case: str) -> None:
    send, status, said = REFUSED[case]
    answer = send(client)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert not taker.values()


def test_queries_are_answered_as_ever_beside_updates(client: FlaskClient, taker: Taker) -> None:
    assert client.get("/sparql", query_string={"query": "ASK {}", "format": "csv"}).text == "true"
    assert client.post("/sparql", data=b"ASK {}", content_type="application/sparql-query").status_code == 200
    assert "got 0" in client.post("/sparql", data={"format": "csv"}).text
    assert "INSERT is an update" in client.post("/sparql", data={"query": INSERT}).text
    assert not taker.taken


def test_the_description_says_whether_updates_are_taken(client: FlaskClient, app: Flask) -> None:
    assert "SPARQL11Update" in client.get("/sparql", headers={"Accept": "text/turtle"}).text
    assert "SPARQL11Update" not in app.test_client().get("/sparql", headers={"Accept": "text/turtle"}).text


READ_ONLY = "this endpoint is read only: it takes a 'query', never an 'update'\n"
#: As they are in a form or in the URL, and as the body; word for word what a read-only server has always said.
TO_A_READ_ONLY_ONE = {
    "form": ("POST", "", FORM, urlencode({"update": INSERT}), 400, READ_ONLY),
    "form with a query": ("POST", "", FORM, urlencode({"update": INSERT, "query": "ASK {}"}), 400, READ_ONLY),
    "form and graphs": ("POST", "", FORM, urlencode({"update": INSERT, "using-graph-uri": G}), 400, READ_ONLY),
    "URL": ("GET", ASKED, "", "", 400, READ_ONLY),
    "URL of a POST": ("POST", ASKED, FORM, "", 400, READ_ONLY),
    "QUERY": ("QUERY", "", FORM, urlencode({"update": INSERT}), 400, READ_ONLY),
    "body": (
        "POST",
        "",
        DIRECT,
        INSERT,
        415,
        f"a POST carries {FORM} with a 'query' field, or application/sparql-query; got {DIRECT}; "
        "this endpoint is read only\n",
    ),
    "as a query": (
        "POST",
        "",
        "application/sparql-query",
        INSERT,
        400,
        "INSERT is an update, and updates are not taken here; send a query (SELECT, ASK, ...)\n",
    ),
    "as a graph": ("PUT", "?default", "text/turtle", "", 405, "PUT is not possible here; possible: "),
}


@pytest.mark.parametrize("case", TO_A_READ_ONLY_ONE)
def test_coopkg_serve_takes_no_update(served: Served, case: str) -> None:
    method, address, content_type, body, status, said = TO_A_READ_ONLY_ONE[case]
    connection = http.client.HTTPConnection(served.host, served.port, timeout=30)
    try:
        headers = {"Content-Type": content_type} if content_type else {}
        connection.request(method, f"/sparql{address}", body.encode(), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    assert answer.status == status, text
    assert text.startswith(said)


def test_nothing_is_written_where_no_setting_says_so() -> None:
    assert Settings().writes == "off"
