"""A server over a replica: what it does not have is said, with the site that has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web.app import create_app
from tests.web.conftest import copied, in_process, unbounded

ORIGINAL = "https://coop.example/"
ELSEWHERE = (
    *(
        "/catalog",
        "/catalog.ttl",
        "/dataset/graph",
        "/distribution/graph/nq-gz",
        "/service/sparql",
        "/.well-known/void",
    ),
    *("/feed", "/feed.nq", "/feed/1", "/changes", "/changes/1", "/dumps/", "/dumps/latest/manifest.json"),
)


@pytest.fixture
def replica(small: Settings, tmp_path: Path) -> FlaskClient:
    """Return a client of what serves a replica."""
    settings = copied(small, tmp_path)
    assert settings.state is not None
    (settings.state / "replica.json").write_text(json.dumps({"original": ORIGINAL, "leaving": False}))
    graph = Graph.open(settings, {})
    return create_app(graph, unbounded(in_process(graph)), settings).test_client()


@pytest.fixture
def made_up(small: Settings, tmp_path: Path) -> FlaskClient:
    """Return a client of what serves a made-up graph."""
    settings = copied(small, tmp_path)
    assert settings.state is not None
    (settings.state / "made-up.json").write_text("{}")
    graph = Graph.open(settings, {})
    return create_app(graph, unbounded(in_process(graph)), settings).test_client()


@pytest.mark.parametrize("address", ELSEWHERE)
def test_what_a_replica_has_not_leads_to_its_original(replica: FlaskClient, client: FlaskClient, address: str) -> None:
    for accept, form in (("*/*", "text/plain"), ("text/html", "text/html")):
        answer = replica.get(address, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (404, form)
        assert ORIGINAL in answer.text
    assert ORIGINAL not in client.get(address, buffered=True).text


@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_made_up_graph_is_nothing_to_harvest(made_up: FlaskClient, address: str) -> None:
    answer = made_up.get(address)
    assert answer.status_code == 404
    assert "made-up graph" in answer.text


def test_all_else_is_here(replica: FlaskClient) -> None:
    for address in ("/", "/projects", "/ns", "/doc/project/a-page", "/quality", "/changesets"):
        assert replica.get(address).status_code == (404 if address == "/changesets" else 200)


def test_the_sitemap_of_a_replica_lists_what_it_has(replica: FlaskClient, client: FlaskClient) -> None:
    assert "/catalog" in client.get("/sitemap-pages-1.xml").text
    listed = replica.get("/sitemap-pages-1.xml").text
    assert "/projects?" in listed
    assert not [
        path for path in ("/catalog", "/changes", "/feed", "/dumps/", "/dataset/") if f"localhost{path}" in listed
    ]
