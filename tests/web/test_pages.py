"""The home page, without a browser (tests/e2e has one)."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import names
from coopkg.web.site.home import EXAMPLES

NAMES = "SELECT ?project ?name WHERE { ?project a coop:Project ; skos:prefLabel ?name }"


def _asked(query: str, lang: str = "fr") -> str:
    return f"/?{urlencode({'lang': lang, 'query': query})}"


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
    assert ("Interroger en SPARQL" in answer.text) is (lang == "fr")
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_page_may_load_nothing_but_its_own_style_and_icon(client: FlaskClient) -> None:
    answer = client.get("/")
    policy = dict(part.split(maxsplit=1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert {value for name, value in policy.items() if name not in ("default-src", "base-uri", "frame-ancestors")} == {
        "'self'"
    }
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_the_page_tells_the_figures_of_the_published_graph(client: FlaskClient, app: Flask) -> None:
    manifest = app.config["GRAPH"].current()[1]
    english, french = client.get("/?lang=en").text, client.get("/?lang=fr").text
    figures = dict(re.findall(r"<div><dt>([^<]+)</dt><dd>([^<]+)</dd></div>", english))
    assert figures == {"Projects": "1", "Organisations": "2", "Source documents": "1", "Territories of actions": "1"}
    assert "<dt>Documents sources</dt><dd>1</dd>" in french
    assert f" {manifest.asserted:,} statements" in english
    assert f" {manifest.asserted:,} énoncés".replace(",", "\u202f") in french


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_example_is_a_link_that_fills_the_form_and_runs(client: FlaskClient, lang: str) -> None:
    links = re.findall(r'<li><a href="(/\?[^"]+)#query">([^<]+)</a></li>', client.get(f"/?lang={lang}").text)
    assert [html.unescape(title) for _, title in links] == [example.title for example in EXAMPLES[lang]]
    for (address, _), example in zip(links, EXAMPLES[lang], strict=True):
        answer = client.get(html.unescape(address))
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == lang
        assert f">\n{html.escape(example.query, quote=False)}</textarea>" in answer.text.replace("&#34;", '"')
        assert 'id="answer-title"' in answer.text


def test_the_page_lists_the_predeclared_prefixes(client: FlaskClient) -> None:
    listed = re.findall(r"<dt><code>(\w+):</code></dt><dd><code>([^<]+)</code></dd>", client.get("/").text)
    assert dict(listed) == names.PREFIXES


def test_a_query_gives_its_rows_in_the_page(client: FlaskClient) -> None:
    page = client.get(_asked(NAMES)).text
    assert '<th scope="col">project</th><th scope="col">name</th>' in page
    assert '<td lang="fr">Un projet</td>' in page
    assert '<a href="https://w3id.org/coopkg/id/project/a-page" rel="noreferrer">' in page
    assert "1 ligne<" in page
    assert NAMES in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("ASK { ?p a coop:Project }", "<td>true</td>"),
        ("SELECT ?x { } LIMIT 0", "0 ligne<"),
        ("CONSTRUCT { <urn:a> <urn:b> 1 } WHERE {}", "&lt;urn:a&gt; &lt;urn:b&gt; 1 ."),
        ("SELECT ?x ?y { BIND(1 AS ?y) }", "<tr><td></td><td>1</td></tr>"),
        ('SELECT ?x { BIND("<script>" AS ?x) }', "<td>&lt;script&gt;</td>"),
        ("SELECT ?x { BIND(<javascript:alert(1)> AS ?x) }", "<td>javascript:alert(1)</td>"),
    ],
)
def test_every_kind_of_answer_is_shown_as_text(client: FlaskClient, query: str, shown: str) -> None:
    answer = client.get(_asked(query))
    assert answer.status_code == 200
    assert shown in answer.text


def test_a_long_answer_is_cut_aloud(client: FlaskClient) -> None:
    page = client.get(_asked("SELECT ?p { ?s ?p ?o } LIMIT 201", "en")).text
    assert page.count("<tr><td>") == 200
    assert "201 rows" in page
    assert "The first 200 are shown" in page


def test_an_answer_too_long_for_a_page_is_refused_with_the_way_out(client: FlaskClient) -> None:
    answer = client.get(_asked("SELECT * { ?s ?p ?o . ?t ?q ?u } LIMIT 20000"))
    assert answer.status_code == 400
    assert "add a LIMIT, or download it" in answer.text


def test_a_wrong_query_is_kept_and_told_what_is_wrong(client: FlaskClient) -> None:
    answer = client.get(_asked("SELECT <b>"))
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"
    assert 'role="alert" lang="en">line 1, column' in answer.text
    assert "SELECT &lt;b&gt;</textarea>" in answer.text


def test_a_query_that_begins_with_an_empty_line_keeps_it(client: FlaskClient) -> None:
    # HTML swallows the first line break of a textarea: the template puts one before the query.
    assert ">\n\nASK {}</textarea>" in client.get(_asked("\nASK {}")).text


def test_an_address_that_is_not_utf8_is_refused(client: FlaskClient) -> None:
    assert client.get("/?query=%E9").status_code == 400
