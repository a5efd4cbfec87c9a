"""Queries that are rewritten, seen from outside."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

_QUERY = "SELECT ?s ?name { ?s skos:prefLabel ?name FILTER(?s = <https://w3id.org/coopkg/scheme/role/lead>) }"


def test_an_answer_says_how_its_query_was_rewritten(client: FlaskClient) -> None:
    usual = client.post("/sparql", data={"query": _QUERY, "format": "csv"})
    as_sent = client.post("/sparql", data={"query": _QUERY, "format": "csv", "rewrite": "false"})
    assert (usual.status_code, usual.headers["Coopkg-Rewritten"]) == (200, "values")
    assert (as_sent.status_code, as_sent.headers.get("Coopkg-Rewritten")) == (200, None)
    assert sorted(usual.text.splitlines()) == sorted(as_sent.text.splitlines())
    assert len(usual.text.splitlines()) > 1


def test_an_answer_to_a_query_as_it_was_sent_says_nothing_of_it(client: FlaskClient) -> None:
    assert "Coopkg-Rewritten" not in client.post("/sparql", data={"query": "ASK { ?s ?p ?o }"}).headers


@pytest.mark.parametrize(
    "fields", ["rewrite=no", "rewrite=", "rewrite=true&rewrite=true", "rewrite=FALSE", "rewrite=%00"]
)
def test_a_rewrite_that_is_not_understood_is_refused(client: FlaskClient, fields: str) -> None:
    answer = client.get(f"/sparql?query=ASK{{}}&{fields}")
    assert answer.status_code == 400
    assert "rewrite" in answer.text
