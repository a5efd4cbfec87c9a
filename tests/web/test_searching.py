"""Queries that search: over HTTP, on the query page, under short links, and on whose account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import upkeep
from coopkg.budget import Budgets
from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.quarantine import Quarantine
from coopkg.service import QueryService
from coopkg.settings import Settings
from coopkg.web.app import create_app
from tests.builders import a_source
from tests.web.conftest import copied, in_process, unbounded

_CLAUSE = 'SERVICE coop:search { ?x search:query "projet" ; search:kind coop:Project ; search:score ?score }'
_PROJECT = "https://w3id.org/coopkg/id/project/a-page"


def asked(client: FlaskClient, query: str, **more: str) -> Any:
    return client.post("/sparql", data={"query": query, "format": "csv", **more})


def test_a_query_finds_things_by_words_and_says_which_revision_was_searched(client: FlaskClient) -> None:
    answer = asked(client, f"SELECT ?x ?name {{ {_CLAUSE} ?x skos:prefLabel ?name }} ORDER BY DESC(?score)")
    assert answer.status_code == 200
    assert answer.text.split() == ["x,name", f"{_PROJECT},Un", "projet"]
    assert answer.headers["Coopkg-Search-Revision"] == answer.headers["Coopkg-Revision"]
    assert "Coopkg-Warning" not in answer.headers


def test_an_answer_without_a_search_says_nothing_of_one(client: FlaskClient) -> None:
    assert "Coopkg-Search-Revision" not in asked(client, "ASK { ?x a coop:Project }").headers


def test_what_the_reader_should_know_is_one_line_of_ascii(client: FlaskClient) -> None:
    query = 'SELECT * { SERVICE coop:search { ?x search:query "asociatoin" } ?x a coop:Projet }'
    warning = asked(client, query).headers["Coopkg-Warning"]
    assert warning == (
        "coop:Projet is not in the ontology, did you mean coop:Project?; "
        "the search of line 1 found nothing for its words, and looked for 'association' instead"
    )
    greek = asked(client, 'SELECT * { SERVICE coop:search { ?x search:query "ασσο asociatoin" } }').headers[
        "Coopkg-Warning"
    ]
    assert "looked for '\\u03b1\\u03c3\\u03c3\\u03bf association'" in greek
    assert greek.isascii()
    assert greek.isprintable()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE coop:search { } }",
        'SELECT * { SERVICE coop:search { ?x search:query "a"@fr } }',
        f"SELECT * {{ {_CLAUSE} ?x a foo:Bar }}",
        f"SELECT * {{ {_CLAUSE} SERVICE <http://elsewhere.example/> {{ ?s ?p ?o }} }}",
        f"INSERT {{ ?x a coop:Project }} WHERE {{ {_CLAUSE} }}",
    ],
)
def test_what_is_wrong_is_refused_with_400(client: FlaskClient, query: str) -> None:
    answer = asked(client, query)
    assert answer.status_code == 400
    assert "Coopkg-Search-Revision" not in answer.headers


def test_a_pinned_revision_answers_and_the_difference_is_said(client: FlaskClient, app: Flask) -> None:
    revision = asked(client, f"SELECT * {{ {_CLAUSE} }}").headers["Coopkg-Revision"]
    assert asked(client, f"SELECT * {{ {_CLAUSE} }}", revision=revision).status_code == 200
    older, index = Index(), app.config["INDEX"]
    older.build(app.config["GRAPH"].current()[0], 1)
    app.config["INDEX"] = older
    try:
        late = asked(client, f"SELECT * {{ {_CLAUSE} }}")
    finally:
        app.config["INDEX"] = index
        older.close()
    assert late.headers["Coopkg-Search-Revision"] == "1"
    assert late.headers["Coopkg-Warning"] == f"revision 1 was searched, and revision {revision} answered"


def test_the_whole_index_is_searched_whatever_graphs_are_chosen(client: FlaskClient) -> None:
    nowhere = "FROM <urn:x:nowhere>"
    alone = asked(client, f"SELECT ?x {nowhere} {{ {_CLAUSE} }}")
    assert _PROJECT in alone.text
    joined = asked(client, f"SELECT ?x {nowhere} {{ {_CLAUSE} ?x a coop:Project }}")
    assert _PROJECT not in joined.text


def test_a_search_is_found_in_what_was_published_a_moment_ago(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    published = Graph.open(settings, {})
    client = create_app(published, unbounded(in_process(published)), settings).test_client()
    query = 'SELECT ?x { SERVICE coop:search { ?x search:query "quincaillerie" } }'
    assert "one-more" not in asked(client, query).text
    assert settings.content is not None
    more = settings.content / "data" / "sources" / "one-more.trig"
    more.write_text(a_source("one-more", name="La quincaillerie"), encoding="utf-8")
    upkeep.build(settings, {})
    answer = asked(client, query)
    assert "project/one-more" in answer.text
    assert answer.headers["Coopkg-Search-Revision"] == answer.headers["Coopkg-Revision"]


@pytest.fixture
def spent(app: Flask) -> Iterator[QueryService]:
    """Give a service whose clients may spend next to nothing."""
    service = app.config["SERVICE"]
    app.config["SERVICE"] = QueryService(service._asker, Budgets(1e-6, 10), Quarantine(0.0), 10.0, 60.0)
    yield app.config["SERVICE"]
    app.config["SERVICE"] = service


def test_a_search_counts_in_the_budget_of_its_client(client: FlaskClient, spent: QueryService) -> None:
    assert asked(client, "SELECT * { no query }").status_code == 400
    assert asked(client, f"SELECT * {{ {_CLAUSE} }}").status_code == 429


def test_while_the_index_is_made_a_query_that_searches_is_refused_and_others_are_not(
    client: FlaskClient, app: Flask
) -> None:
    index, app.config["INDEX"] = app.config["INDEX"], Index()
    try:
        answer = asked(client, f"SELECT * {{ {_CLAUSE} }}")
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
        assert asked(client, "ASK { ?x a coop:Project }").status_code == 200
    finally:
        app.config["INDEX"] = index


def test_the_query_page_shows_what_was_found(client: FlaskClient) -> None:
    query = f"SELECT ?x ?t {{ {_CLAUSE.replace(' }', ' ; search:highlight ?t }')} }}"
    page = client.get(f"/query?{urlencode({'query': query, 'lang': 'fr'})}").text
    assert '<a href="/doc/project/a-page?lang=fr"' in page
    assert "1 ligne<" in page
    misspelt = 'SELECT * { SERVICE coop:search { ?x search:query "asociatoin" } }'
    page = client.get(f"/query?{urlencode({'query': misspelt})}").text
    assert "looked for &#39;association&#39; instead" in page


def test_a_short_link_keeps_a_query_that_searches_and_none_that_is_wrong(small: Settings, tmp_path: Path) -> None:
    settings = replace(small, state=copied(small, tmp_path).state)
    published = Graph.open(settings, {})
    client = create_app(published, unbounded(in_process(published)), settings).test_client()
    kept = client.post("/query/links", data={"query": f"SELECT * {{ {_CLAUSE} }}"})
    assert kept.status_code == 303
    assert _PROJECT.rpartition("/")[2] in client.get(kept.headers["Location"]).text
    wrong = client.post("/query/links", data={"query": "SELECT * { SERVICE coop:search { } }"})
    assert wrong.status_code == 400


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_editor_offers_the_words_of_a_search_and_functions_on_outlines(client: FlaskClient, lang: str) -> None:
    told = client.get(f"/query/vocabulary.json?lang={lang}").json
    assert told is not None
    kinds = {term["term"]: term["kind"] for term in told["terms"]}
    for word in ("query", "kind", "lang", "limit", "score", "label", "highlight"):
        assert kinds[f"search:{word}"] == "searching"
    assert kinds["coop:search"] == "searching"
    assert kinds["geof:sfWithin"] == "function"
