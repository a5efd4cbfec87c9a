"""The query page, without a browser (tests/e2e has one)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg import gallery, names
from coopkg.budget import Budgets
from coopkg.links import Links
from coopkg.quarantine import Quarantine
from coopkg.service import Answer, Asked, Client, QueryService
from coopkg.web.site.starters import EXAMPLES

NAMES = "SELECT ?project ?name WHERE { ?project a coop:Project ; skos:prefLabel ?name }"


def _asked(query: str, lang: str = "fr") -> str:
    return f"/query?{urlencode({'lang': lang, 'query': query})}"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_example_is_a_link_that_fills_the_form_and_runs(client: FlaskClient, lang: str) -> None:
    links = re.findall(r'<li><a href="(/query\?[^"]+)#asking">([^<]+)</a></li>', client.get(f"/query?lang={lang}").text)
    assert [html.unescape(title) for _, title in links] == [example.title for example in EXAMPLES[lang]]
    for (address, _), example in zip(links, EXAMPLES[lang], strict=True):
        answer = client.get(html.unescape(address))
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == lang
        assert f">\n{html.escape(example.query, quote=False)}</textarea>" in answer.text.replace("&#34;", '"')
        assert 'id="answer-title"' in answer.text


def test_the_page_lists_the_predeclared_prefixes(client: FlaskClient) -> None:
    listed = re.findall(r"<dt><code>(\w+):</code></dt><dd><code>([^<]+)</code></dd>", client.get("/query").text)
    assert dict(listed) == names.PREFIXES


def test_a_query_gives_its_rows_in_the_page(client: FlaskClient) -> None:
    page = client.get(_asked(NAMES)).text
    assert '<th scope="col">project</th><th scope="col">name</th>' in page
    assert '<td lang="fr">Un projet</td>' in page
    assert '<a href="/doc/project/a-page?lang=fr" rel="noreferrer">' in page
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
    assert client.get("/query?query=%E9").status_code == 400


@pytest.fixture
def keeping(app: Flask, tmp_path: Path) -> Iterator[FlaskClient]:
    """Return a client of the application with a folder for links of its own."""
    before = app.config["LINKS"]
    app.config["LINKS"] = Links(tmp_path / "links")
    yield app.test_client()
    app.config["LINKS"] = before


def _kept(client: FlaskClient, query: str, **headers: str) -> TestResponse:
    return client.post("/query/links?lang=fr", data={"query": query}, headers=headers)


@pytest.mark.parametrize("path", ["/query", "/query?query=nonsense", "/examples", "/"])
def test_no_script_and_no_style_stands_in_a_page(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert all(
        re.match(r'<script src="/static/\w+\.js\?v=\w+" defer></script>', found) for found in _scripts(page.text)
    )
    assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)


def _scripts(page: str) -> list[str]:
    return re.findall(r"<script.*?</script>", page, re.DOTALL)


def test_the_editor_is_loaded_by_the_query_page_alone(client: FlaskClient) -> None:
    assert "/static/editor.js" in client.get("/query").text
    assert "/static/editor.js" not in client.get("/examples").text + client.get("/").text


def test_a_page_that_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(_asked(NAMES))
    again = client.get(_asked(NAMES), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_old_address_of_the_home_page_leads_its_query_here(client: FlaskClient) -> None:
    moved = client.get(f"/?{urlencode({'query': NAMES, 'lang': 'en'})}")
    assert moved.status_code == 308
    assert moved.headers["Location"] == f"/query?{urlencode({'query': NAMES, 'lang': 'en'})}"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/query?query=", "the query is empty"),
        ("/query?query=ASK{}&query=ASK{}", "exactly one"),
        (f"/query?query={'a' * 5_000}", "at most 4,096"),
        ("/query?query=%00", "line 1"),
        ("/query?query=INSERT+DATA+{}", "updates are not taken here"),
        ("/query?query=SELECT+*+{+SERVICE+<http://a/>+{}+}", "SERVICE"),
        ("/query?query=ASK+{+<a>+a+1+}", "relative"),
    ],
)
def test_what_cannot_be_asked_is_told_on_the_page_with_the_form(client: FlaskClient, path: str, said: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert said in html.unescape(answer.text)
    assert "<textarea" in answer.text


# ---- short links --------------------------------------------------------------------------------------------


def test_a_link_leads_to_its_query_and_its_rows(keeping: FlaskClient) -> None:
    made = _kept(keeping, NAMES)
    assert made.status_code == 303
    assert re.fullmatch(r"/q/[a-z2-7]{12}\?lang=fr", made.headers["Location"])
    page = keeping.get(made.headers["Location"])
    assert page.status_code == 200
    assert f">\n{html.escape(NAMES, quote=False)}</textarea>" in page.text
    assert '<td lang="fr">Un projet</td>' in page.text
    assert f"http://localhost{made.headers['Location'].partition('?')[0]}</a>" in page.text


def test_the_same_query_has_the_same_link(keeping: FlaskClient) -> None:
    one, other, third = _kept(keeping, NAMES), _kept(keeping, NAMES), _kept(keeping, f"{NAMES} ")
    assert one.headers["Location"] == other.headers["Location"] != third.headers["Location"]


@pytest.mark.parametrize(
    "text", ["nonsense", "INSERT DATA {}", "", "ASK { SERVICE <http://a/> {} }", "\0", "é" * 2_100]
)
def test_only_what_is_a_query_is_kept(keeping: FlaskClient, text: str, tmp_path: Path) -> None:
    assert _kept(keeping, text).status_code == 400
    assert not (tmp_path / "links").exists()


class _Recorder(QueryService):
    """A service that remembers how its answers begin."""

    def __init__(self, other: QueryService) -> None:
        self.__dict__.update(other.__dict__)
        self.begun: list[bytes] = []

    def ask(self, question: Asked, client: Client, deadline_s: float | None = None) -> Answer:
        answer = super().ask(question, client, deadline_s)
        self.begun.append(answer.begin)
        return answer


def test_a_query_is_read_over_an_empty_graph_to_be_kept(app: Flask, keeping: FlaskClient) -> None:
    service = app.config["SERVICE"]
    app.config["SERVICE"] = recorder = _Recorder(service)
    try:
        assert _kept(keeping, "SELECT ?s FROM <https://w3id.org/coopkg/graph/ontology> { ?s ?p ?o }").status_code == 303
    finally:
        app.config["SERVICE"] = service
    assert [json.loads(begin)["results"]["bindings"] for begin in recorder.begun] == [[]]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_the_page_of_another_origin_makes_no_link(keeping: FlaskClient, headers: dict[str, str], status: int) -> None:
    assert _kept(keeping, NAMES, **headers).status_code == status


def test_a_link_costs_its_client_so_much_that_one_alone_fills_no_server(
    app: Flask, keeping: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    charged: list[float] = []
    monkeypatch.setattr(app.config["SERVICE"], "charge", lambda _, seconds: charged.append(seconds))
    assert _kept(keeping, NAMES).status_code == 303
    assert sum(charged) >= 1.0


def test_the_query_page_lets_a_browser_say_where_a_link_was_asked(client: FlaskClient) -> None:
    # With no-referrer, which the other pages say, a browser sends "Origin: null" even to ourselves.
    assert client.get("/query").headers["Referrer-Policy"] == "same-origin"


def test_a_server_that_keeps_as_many_links_as_it_may_says_so(app: Flask, keeping: FlaskClient, tmp_path: Path) -> None:
    app.config["LINKS"] = Links(tmp_path / "links", max_links=1)
    assert _kept(keeping, "ASK {}").status_code == 303
    full = _kept(keeping, "ASK { }")
    assert full.status_code == 507
    assert "share the long address instead" in full.text
    assert _kept(keeping, "ASK {}").status_code == 303, "what is kept already has its link"


def test_a_server_that_cannot_write_offers_no_links_and_says_so(
    app: Flask, keeping: FlaskClient, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    app.config["LINKS"] = Links(tmp_path / "file" / "links")
    page = keeping.get("/query?lang=fr").text
    assert "/query/links" not in page
    assert "Ce serveur ne garde pas de liens courts" in page
    assert _kept(keeping, NAMES).status_code == 403


@pytest.mark.parametrize(
    "link", ["aaaaaaaaaaaa", "x", "..%2f..%2ftokens", "AAAAAAAAAAAA", "a" * 5_000, "%00", "%ff", "<script>", "a%0ab"]
)
def test_a_link_that_leads_nowhere_is_told_on_the_page(keeping: FlaskClient, link: str) -> None:
    missing = keeping.get(f"/q/{link}?lang=fr")
    assert missing.status_code == 404
    assert "<script>&" not in missing.text
    if "%2f" not in link:
        assert "Ce lien ne mène à aucune requête" in missing.text


def test_a_link_costs_the_client_its_budget(app: Flask, keeping: FlaskClient) -> None:
    service = app.config["SERVICE"]
    app.config["SERVICE"] = QueryService(service._asker, Budgets(1e-9, 1), Quarantine(0.0), 10.0, 60.0)
    try:
        assert _kept(keeping, NAMES).status_code == 303
        assert _kept(keeping, NAMES).status_code == 429
    finally:
        app.config["SERVICE"] = service


# ---- completion ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "name"), [("fr", "Projet en coopération"), ("en", "Cooperation project")])
def test_the_editor_is_told_terms_and_concepts_in_the_readers_language(
    client: FlaskClient, lang: str, name: str
) -> None:
    told = client.get(f"/query/vocabulary.json?lang={lang}").json
    assert told is not None
    assert told["prefixes"] == names.PREFIXES
    terms = {term["term"]: term for term in told["terms"]}
    assert (terms["coop:Project"]["kind"], terms["coop:Project"]["name"]) == ("class", name)
    assert terms["coop:Project"]["about"]
    assert terms["coop:ledBy"]["kind"] == "property"
    assert len(terms) == len(told["terms"]), "a term is offered twice"
    concepts = {concept["term"]: concept for concept in told["concepts"]}
    initiator = concepts["<https://w3id.org/coopkg/scheme/role/initiator>"]
    assert initiator["name"] == {"fr": "Initiateur", "en": "Initiator"}[lang]
    assert initiator["scheme"] == {"fr": "Rôles des acteurs", "en": "Stakeholder roles"}[lang]
    assert initiator["about"]


def test_the_vocabulary_is_sent_once_a_state_of_the_ontology_and_a_language(client: FlaskClient) -> None:
    french, english = (client.get(f"/query/vocabulary.json?lang={lang}").headers["ETag"] for lang in ("fr", "en"))
    assert french != english
    again = client.get("/query/vocabulary.json?lang=fr", headers={"If-None-Match": french})
    assert again.status_code == 304


# ---- the gallery --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_example_of_the_gallery_opens_on_the_query_page(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/examples?lang={lang}").text
    addresses = re.findall(r'<h3><a href="(/query\?[^"]+)#answer">', page)
    examples = [example for group in gallery.groups(lang) for example in group.examples]
    assert len(addresses) == len(examples) == 23
    for address, example in zip(addresses, examples, strict=True):
        assert parse_qs(urlsplit(html.unescape(address)).query) == {"lang": [lang], "query": [example.query]}


def test_the_gallery_is_published_as_turtle(client: FlaskClient) -> None:
    answer = client.get("/examples.ttl")
    assert answer.mimetype == "text/turtle"
    assert answer.data == gallery.path().read_bytes()
    assert client.get("/examples.ttl", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
