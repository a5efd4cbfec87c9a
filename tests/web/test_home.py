"""The home page and the page of changes, without a browser (tests/e2e has one)."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import upkeep
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web.app import create_app
from coopkg.web.site import changes as changes_pages
from tests.builders import a_source
from tests.web.conftest import copied, in_process, unbounded

_HTML = {"Accept": "text/html"}


def _links(page: str, pattern: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(rf'href="({pattern}[^"]*)"', page)]


@pytest.mark.parametrize(
    ("path", "accepted", "lang"),
    [
        ("/", None, "fr"),
        ("/", "en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("/", "fr-CA,en;q=0.5", "fr"),
        ("/", "de", "fr"),
        ("/", "*", "fr"),
        ("/?lang=en", "fr", "en"),
        ("/?lang=fr", "en", "fr"),
        ("/?lang=xx", "en", "en"),
    ],
)
def test_the_page_is_french_unless_english_is_preferred(
    client: FlaskClient, path: str, accepted: str | None, lang: str
) -> None:
    answer = client.get(path, headers={"Accept-Language": accepted} if accepted else {})
    assert answer.headers["Content-Language"] == lang
    assert f'<html lang="{lang}">' in answer.text
    assert ("Le graphe ouvert des projets" in answer.text) is (lang == "fr")
    assert "Accept-Language" in answer.headers["Vary"]


def test_every_figure_is_what_the_query_that_it_links_to_gives(client: FlaskClient) -> None:
    page = client.get("/?lang=en").text
    figures = re.findall(r'<dd><a href="[^"]*">([\d,]+)</a></dd>', page)
    figures += re.findall(r'<a href="/query[^"]*">([\d,]+) (?:statements|inferred ones)</a>', page)
    queries = [parse_qs(urlsplit(link).query)["query"][0] for link in _links(page, r"/query\?[^\"]*query=")]
    assert figures[:4] == ["1", "2", "1", "1"]
    assert len(figures) == 6
    assert len(queries) == len(figures)
    for figure, query in zip(figures, queries, strict=True):
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
        assert answer.text.splitlines()[1] == figure.replace(",", "")


def test_the_home_page_says_which_revision_it_shows_and_of_when(client: FlaskClient, app: Flask) -> None:
    manifest = app.config["GRAPH"].current()[1]
    answer = client.get("/?lang=fr")
    assert answer.headers["Coopkg-Revision"] == str(manifest.revision)
    assert re.search(rf"Révision {manifest.revision}</a>, publiée le \d+(er)? \w+ 20\d\d", html.unescape(answer.text))
    assert f"{manifest.asserted:,} énoncés".replace(",", "\u202f") in answer.text


def test_the_latest_changes_are_those_of_source_documents(client: FlaskClient) -> None:
    page = client.get("/?lang=fr").text
    assert _links(page, "/doc/") == ["/doc/source/a-page?lang=fr"]
    assert "La page a-page" in page


@pytest.fixture
def changed(small: Settings, tmp_path: Path) -> Settings:
    """Return the settings of a graph to which seven source documents came, one a revision, and one went again."""
    settings = copied(small, tmp_path)
    assert settings.content is not None
    sources = settings.content / "data" / "sources"
    for number in range(7):
        (sources / f"page-{number}.trig").write_text(a_source(f"page-{number}"), encoding="utf-8")
    upkeep.build(settings, {})
    (sources / "page-6.trig").unlink()
    upkeep.build(settings, {})
    return settings


def _client(settings: Settings) -> FlaskClient:
    published = Graph.open(settings, {})
    return create_app(published, unbounded(in_process(published)), settings).test_client()


def test_all_changes_are_listed_page_by_page_each_once(changed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_pages, "_PER_PAGE", 10)
    client, told, address = _client(changed), list[int](), "/changes?lang=en"
    while address:
        page = client.get(address, headers=_HTML).text
        told += map(int, re.findall(r"revision (\d+):", page))
        address = next(iter(_links(page, '/changes[^"]*page=')[-1:]), "") if 'rel="next"' in page else ""
    total = len(told)
    assert told == list(range(total, 0, -1))
    assert f"{total} revisions" in client.get("/changes?lang=en", headers=_HTML).text
    assert "page-6" not in "".join(_links(client.get("/changes", headers=_HTML).text, "/doc/")), (
        "what is gone has no page"
    )


def test_the_home_page_shows_five_changes_and_a_new_revision_at_once(changed: Settings) -> None:
    client = _client(changed)
    assert _links(client.get("/?lang=fr").text, "/doc/") == [
        f"/doc/source/page-{number}?lang=fr" for number in (5, 4, 3, 2, 1)
    ]
    assert changed.content is not None
    (changed.content / "data" / "sources" / "new.trig").write_text(a_source("new"), encoding="utf-8")
    upkeep.build(changed, {})
    page = client.get("/?lang=fr").text
    assert _links(page, "/doc/")[0] == "/doc/source/new?lang=fr"
    assert re.findall(r'<dd><a href="[^"]*">([\d\u202f]+)</a></dd>', page)[0] == "8"


@pytest.mark.parametrize("wish", ["0", "-1", "x", "", "1.5", "１", "99999999", "1&page=2", "%00", "1%20"])
def test_a_page_number_that_is_none_is_refused(client: FlaskClient, wish: str) -> None:
    answer = client.get(f"/changes?page={wish}", headers=_HTML)
    assert answer.status_code == 400
    assert "give one whole number" in html.unescape(answer.text)


def test_a_page_behind_the_last_one_is_not_there(client: FlaskClient) -> None:
    assert client.get("/changes?page=9", headers=_HTML).status_code == 404


def test_a_list_is_told_by_the_name_that_the_terms_give_its_graph(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    assert settings.content is not None
    licences = settings.content / "data" / "licences.ttl"
    terms = "@prefix dcterms: <http://purl.org/dc/terms/> .\n@prefix void: <http://rdfs.org/ns/void#> .\n"
    graph = "<https://w3id.org/coopkg/graph/editorial/organisations>"
    licences.write_text(f'{terms}{graph} a void:Dataset ; dcterms:title "Les organisations"@fr .\n', encoding="utf-8")
    upkeep.build(settings, {})
    page = _client(settings).get("/changes?lang=fr", headers=_HTML).text
    assert "Les organisations" in page
    assert "build data/organisations.trig" not in page
