"""SPARQLWrapper: each result format, by GET and by POST, with its own reader of the answer.

The questions of tests/questions go through it too, in JSON.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from rdflib import Graph
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.clients.answers import (
    ASK_FALSE,
    ASK_TRUE,
    CREATHON_NAMES,
    NAMES,
    REGION_ROWS,
    REGIONS,
    WRONG,
    WRONG_SENTENCE,
)
from tests.conftest import RunningServer

WAYS = [(GET, None), (POST, None), (POST, POSTDIRECTLY)]


@pytest.fixture(params=WAYS, ids=["GET", "form", "direct"])
def client(request: pytest.FixtureRequest, server: RunningServer) -> Any:
    method, how = request.param
    wrapper = SPARQLWrapper(f"{server.url}/sparql")
    wrapper.setMethod(method)
    if how is not None:
        wrapper.setRequestMethod(how)
    return wrapper


def asked(client: Any, query: str, form: str) -> Any:
    client.setQuery(query)
    client.setReturnFormat(form)
    return client.queryAndConvert()


def test_rows_in_json(client: Any) -> None:
    found = asked(client, REGIONS, JSON)["results"]["bindings"]
    assert [(row["code"]["value"], row["name"]["value"]) for row in found] == REGION_ROWS
    assert {row["name"]["xml:lang"] for row in found} == {"fr"}


def test_rows_in_xml(client: Any) -> None:
    document = asked(client, REGIONS, XML)
    literals = [node.firstChild.data for node in document.getElementsByTagName("literal")]
    assert list(zip(literals[::2], literals[1::2], strict=True)) == REGION_ROWS


def test_rows_in_csv(client: Any) -> None:
    found = list(csv.reader(io.StringIO(asked(client, REGIONS, CSV).decode("utf-8"))))
    assert [tuple(row) for row in found] == [("code", "name"), *REGION_ROWS]


def test_rows_in_tsv(client: Any) -> None:
    first, *found = asked(client, REGIONS, TSV).decode("utf-8").splitlines()
    assert first == "?code\t?name"
    kind = "http://www.w3.org/2001/XMLSchema#token"
    assert found == [f'"{code}"^^<{kind}>\t"{name}"@fr' for code, name in REGION_ROWS]


@pytest.mark.parametrize("form", [JSON, XML])
def test_ask(client: Any, form: str) -> None:
    found = [asked(client, query, form) for query in (ASK_TRUE, ASK_FALSE)]
    if form == XML:
        found = [{"boolean": one.getElementsByTagName("boolean")[0].firstChild.data == "true"} for one in found]
    assert [one["boolean"] for one in found] == [True, False]


@pytest.mark.parametrize("form", [TURTLE, N3])
def test_triples_as_text(client: Any, form: str) -> None:
    assert names_in(Graph().parse(asked(client, NAMES, form), format="turtle")) == CREATHON_NAMES


@pytest.mark.parametrize("form", [RDFXML, JSONLD, XML])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # SPARQLWrapper 2.0 makes one
def test_triples_as_a_graph(client: Any, form: str) -> None:
    assert names_in(asked(client, NAMES, form)) == CREATHON_NAMES


def names_in(graph: Any) -> set[tuple[str, str]]:
    return {(str(name), name.language) for name in graph.objects()}


def test_a_wrong_query_is_told_in_our_words(client: Any) -> None:
    with pytest.raises(QueryBadFormed) as told:
        asked(client, WRONG, JSON)
    assert WRONG_SENTENCE in str(told.value)
