"""Comunica on Node.js: it finds out what the endpoint is, sends whole queries, and joins with other sources."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.clients.answers import (
    AREA,
    AREA_ROWS,
    ASK_FALSE,
    ASK_TRUE,
    CREATHON,
    CREATHON_NAMES,
    NAMES,
    PREF_LABEL,
    PREFIXES,
    REGION_ROWS,
    REGIONS,
)
from tests.clients.conftest import FOLDER, MODULES, need
from tests.conftest import RunningServer

Source = str | dict[str, str]


def asked(node: str, query: str, *sources: Source) -> dict[str, Any]:
    command = [node, str(FOLDER / "comunica.mjs"), json.dumps(sources)]
    done = subprocess.run(command, input=query, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture
def engine(node: str) -> str:
    need(MODULES / "@comunica" / "query-sparql", "Comunica")
    return node


@pytest.fixture(params=["described", "declared"])
def source(request: pytest.FixtureRequest, server: RunningServer) -> Source:
    """The endpoint by its address alone, whose description is then read, or declared as what it is."""
    address = f"{server.url}/sparql"
    return address if request.param == "described" else {"type": "sparql", "value": address}


def queries(told: dict[str, Any]) -> list[str]:
    """The queries that were sent; the description has none."""
    return [one["query"] for one in told["requests"] if one["query"] is not None]


def test_rows_come_in_one_query(engine: str, source: Source) -> None:
    told = asked(engine, REGIONS, source)
    assert [(row["code"][0], row["name"][0]) for row in told["bindings"]] == REGION_ROWS
    assert {row["name"][1] for row in told["bindings"]} == {"fr"}
    assert len(queries(told)) == 1
    described = [one for one in told["requests"] if one["query"] is None]
    assert [one["status"] for one in described] == ([200] if isinstance(source, str) else [])


def test_optional_union_and_filter_are_left_to_the_endpoint(engine: str, source: Source) -> None:
    told = asked(engine, AREA, source)
    assert [(row["name"][0], row.get("code", [None])[0]) for row in told["bindings"]] == AREA_ROWS
    (sent,) = queries(told)
    assert all(word in sent for word in ("OPTIONAL", "UNION", "FILTER", "ORDER BY"))


def test_triples_are_constructed(engine: str, source: Source) -> None:
    told = asked(engine, NAMES, source)
    assert {tuple(name) for _, _, name in told["quads"]} == CREATHON_NAMES
    assert {(subject[0], predicate[0]) for subject, predicate, _ in told["quads"]} == {(CREATHON, PREF_LABEL)}


def test_ask_is_answered(engine: str, server: RunningServer) -> None:
    assert [asked(engine, query, f"{server.url}/sparql")["boolean"] for query in (ASK_TRUE, ASK_FALSE)] == [True, False]


def test_a_long_query_goes_by_post(engine: str, server: RunningServer) -> None:
    told = asked(engine, f"# {'long ' * 500}\n{REGIONS}", f"{server.url}/sparql")
    assert len(told["bindings"]) == len(REGION_ROWS)
    assert told["requests"][-1]["method"] == "POST"


def test_the_endpoint_is_joined_with_a_file_of_ones_own(engine: str, server: RunningServer) -> None:
    visited = '<https://w3id.org/coopkg/id/territory/region/53> <urn:mine:visited> "2024" .'
    own = {"type": "serialized", "value": visited, "mediaType": "text/turtle", "baseIRI": "urn:mine:"}
    query = f'{PREFIXES} SELECT * {{ ?r <urn:mine:visited> ?year ; skos:prefLabel ?name . FILTER(LANG(?name) = "fr") }}'
    told = asked(engine, query, f"{server.url}/sparql", own)
    assert [(row["name"][0], row["year"][0]) for row in told["bindings"]] == [("Bretagne", "2024")]
    assert {one["status"] for one in told["requests"]} == {200}


def test_a_refusal_is_told_in_our_words(engine: str, server: RunningServer) -> None:
    # What Comunica itself finds wrong never reaches us; it leaves a SERVICE to the endpoint.
    query = "SELECT * { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }"
    told = asked(engine, query, f"{server.url}/sparql")
    assert "HTTP status 400" in told["error"]
    assert "line 1, column 12: SERVICE is refused here" in told["error"]
