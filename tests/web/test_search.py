"""The search page and the suggestions, in process, and an index that follows what is published."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import upkeep
from coopkg.errors import DiskFullError
from coopkg.feed import Feed
from coopkg.graph import Graph
from coopkg.index import Index, Wanted
from coopkg.settings import Settings
from coopkg.web import following
from coopkg.web.app import create_app
from coopkg.web.following import Follower
from tests.builders import a_source
from tests.web.conftest import copied, in_process, unbounded

_PROJECT = '<a href="/doc/project/a-page?lang=fr">'


def test_a_search_shows_each_kind_with_its_count_as_a_link(client: FlaskClient) -> None:
    answer = client.get("/search?q=projet&lang=fr")
    assert answer.status_code == 200
    assert _PROJECT in answer.text
    assert '<a href="/search?lang=fr&amp;q=projet&amp;kind=action">Actions et projets (1)</a>' in answer.text
    assert answer.headers["Coopkg-Revision"].isdecimal()


def test_what_was_looked_for_is_marked_in_the_excerpt(client: FlaskClient) -> None:
    assert "Un projet pour les <mark>essais</mark>." in client.get("/search?q=essai&lang=fr").text


def test_a_search_of_one_kind_has_pages(client: FlaskClient) -> None:
    first = client.get("/search?q=region&kind=concept&lang=en").text
    assert 'aria-current="true">Words of the vocabulary' in first
    beyond = client.get("/search?q=projet&kind=action&page=2&lang=fr")
    assert beyond.status_code == 404
    assert "Revenir à la première page" in beyond.text


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "Aucun résultat pour «\u00a0<bdi>asociatoin</bdi>\u00a0»\u00a0; résultats pour «\u00a0"),
        ("en", "; results for “"),
    ],
)
def test_a_correction_is_said(client: FlaskClient, lang: str, said: str) -> None:
    page = client.get(f"/search?q=asociatoin&lang={lang}").text
    assert said in page
    assert "Une association" in page


@pytest.mark.parametrize("path", ["/search", "/search?q=", "/search?q=%20", "/search?q=zzzzqqqq"])
def test_an_empty_answer_gives_examples_to_try(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert '<a href="/search?lang=fr&amp;q=alimentation">' in answer.text


def test_a_long_question_is_cut_aloud(client: FlaskClient) -> None:
    assert "Seuls les 200 premiers caractères" in client.get(f"/search?q={'projet+' * 100}&lang=fr").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=a&kind=person", "person\u00a0: ce genre n’existe pas"),
        ("q=a&page=x", "page=x\u00a0: n’est pas un numéro de page"),
        ("q=a&page=0", "commencent à 1"),
        ("q=a&page=-1", "commencent à 1"),
        ("q=a&page=99999999999999999999", "commencent à 1"),
        ("q=a&page=%C2%B2", "commencent à 1"),
        ("q=a&q=b", "est donné 2 fois"),
        ("q=a&kind=%3Cscript%3E", "&lt;script&gt;"),
    ],
)
def test_a_wrong_field_gets_a_page_that_says_how_to_repair_it(client: FlaskClient, query: str, said: str) -> None:
    answer = client.get(f"/search?lang=fr&{query}")
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert said in answer.text


@pytest.mark.parametrize(
    "q", ["%00", "%22%27", "%3Cscript%3Ealert(1)%3C/script%3E", "%E2%80%AE", "(" * 300, "%F0%9F%98%80"]
)
def test_whatever_is_asked_is_shown_as_text(client: FlaskClient, q: str) -> None:
    answer = client.get(f"/search?q={q}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace('<script src="/static/', "")
    assert client.get(f"/suggestions?q={q}").status_code == 200


def test_a_question_that_is_not_utf8_is_refused(client: FlaskClient) -> None:
    assert client.get("/search?q=%E9").status_code == 400
    assert client.get("/suggestions?q=%ED%A0%80").status_code == 400


def test_suggestions_are_links_or_json(client: FlaskClient) -> None:
    links = client.get("/suggestions?q=un+pro&lang=fr")
    assert links.mimetype == "text/html"
    assert _PROJECT in links.text
    assert "<html" not in links.text
    members = client.get("/suggestions?q=un+pro&lang=fr", headers={"Accept": "application/json"})
    assert "Accept" in members.headers["Vary"]
    assert json.loads(members.text) == [
        {
            "iri": "https://w3id.org/coopkg/id/project/a-page",
            "kind": "action",
            "label": "Un projet",
            "lang": "fr",
            "page": "/doc/project/a-page?lang=fr",
        }
    ]
    assert client.get("/suggestions?q=").text == ""


def test_while_the_index_is_made_a_page_says_when_to_come_back(small: Settings) -> None:
    published = Graph.open(small, {})
    app = create_app(published, unbounded(in_process(published)), small, index=Index())
    answer = app.test_client().get("/search?q=a")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "index is being made" in answer.text


def test_the_metrics_tell_what_is_indexed(app: Flask, client: FlaskClient) -> None:
    client.get("/search?q=projet")
    text = client.get("/metrics").text
    assert f"coopkg_index_revision {app.config['GRAPH'].location()[1]}.0\n" in text
    assert "coopkg_index_entries" in text
    assert "coopkg_index_update_seconds" in text


@pytest.fixture
def own(small: Settings, tmp_path: Path) -> Settings:
    """Return the settings of a graph that may change."""
    return copied(small, tmp_path)


def _feed(settings: Settings) -> Feed:
    return Feed(settings.state_folder({}) / "journal")


def _publish(settings: Settings, slug: str) -> None:
    assert settings.content is not None
    (settings.content / "data" / "sources" / f"{slug}.trig").write_text(a_source(slug, name=slug), encoding="utf-8")
    upkeep.build(settings, {})


def test_an_index_follows_what_is_published_by_the_change_alone(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    published = Graph.open(own, {})
    index = Index(Follower(published).catch_up)
    assert index.listing(Wanted("action"), 1, 10).total == 1
    monkeypatch.setattr(Index, "build", _refuses)
    _publish(own, "another")
    assert [hit.label for hit in index.search("another", "fr", "action").hits] == ["another"]
    assert index.listing(Wanted("action"), 1, 10).revision == published.location()[1]
    index.close()


def _refuses(*_: object) -> int:
    raise AssertionError("built anew")


def test_an_index_that_missed_too_many_generations_is_built_anew(own: Settings) -> None:
    index = Index(Follower(Graph.open(own, {})).catch_up)
    assert index.listing(Wanted("action"), 1, 10).total == 1
    for number in range(own.keep_generations + 1):
        _publish(own, f"page-{number}")
    assert index.listing(Wanted("action"), 1, 10).total == own.keep_generations + 2
    index.close()


def test_an_index_follows_by_itself_and_ends_with_the_server(own: Settings) -> None:
    index = Index()
    with Follower(Graph.open(own, {})).following(index, _feed(own)):
        _wait(lambda: index.gauges()["index_entries"] > 0)
        _publish(own, "another")
        _wait(lambda: index.search("another", "fr", "action").total == 1)


def test_an_index_follows_on_after_a_fault_of_the_program(
    own: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(following, "_AFTER_A_FAULT_S", 0.01)
    index, build, faults = Index(), Index.build, iter([ZeroDivisionError("a bug"), DiskFullError("no room")])

    def failing(*given: Any) -> int:
        for fault in faults:
            raise fault
        return build(*given)

    monkeypatch.setattr(Index, "build", failing)
    with Follower(Graph.open(own, {})).following(index, _feed(own)):
        _wait(lambda: index.gauges()["index_entries"] > 0)
    assert "a bug" in caplog.text
    assert "no room" in caplog.text


def test_faults_in_a_row_are_met_with_longer_pauses() -> None:
    pauses = [following._pause_s(faults) for faults in range(9)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 1 < pauses[1] < pauses[-1] == following._pause_s(10**9)


def _wait(until: Callable[[], bool]) -> None:
    pause = Event()
    while not until():  # the limit of the test ends it
        pause.wait(0.05)
