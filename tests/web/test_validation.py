"""`/validate`: a document is judged and nothing of it kept; without workers (tests/pool) and browser (tests/e2e)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg import names
from coopkg.rdf import DOCUMENT_FORMATS, Quad, RdfFormat, parse_quads, to_bytes
from tests.builders import ID, a_source

GOOD = a_source("another", name="Un autre projet").encode()
BROKEN = GOOD.replace(b"scheme/role/lead>", b"scheme/role/nobody>")
#: The role stands in the participation that begins on this line.
LINE = next(n for n, line in enumerate(BROKEN.decode().splitlines(), 1) if line.strip().endswith("--une-association>"))


def posted(client: FlaskClient, content: bytes, media_type: str = "application/trig", **more: str) -> TestResponse:
    accept, language = more.pop("accept", ""), more.pop("language", "")
    headers = {name: value for name, value in (("Accept", accept), ("Accept-Language", language)) if value}
    return client.post(f"/validate?{urlencode(more)}", data=content, content_type=media_type, headers=headers)


def report(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = json.loads(answer.text)
    return said


def test_a_document_that_conforms_is_told_so(client: FlaskClient) -> None:
    answer = posted(client, GOOD)
    said = report(answer)
    assert answer.mimetype == "application/json"
    assert said["conforms"] is True
    assert said["counts"]["Violation"] == 0
    assert {finding["tier"] for finding in said["findings"]} <= {"Warning", "Info"}
    assert int(answer.headers["Coopkg-Revision"]) > 0
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "deadline" in answer.headers["Coopkg-Limits"]


def test_what_is_wrong_is_told_with_the_line_of_the_document(client: FlaskClient) -> None:
    said = report(posted(client, BROKEN))
    assert said["conforms"] is False
    [grave] = [finding for finding in said["findings"] if finding["path"] == "coop:role"]
    assert (grave["tier"], grave["line"], grave["file"]) == ("Violation", LINE, "document")
    assert grave["focus"] == f"{ID}participation/another--une-association"
    assert set(grave["message"]) == {"fr", "en"}


@pytest.mark.parametrize(("language", "words"), [("fr", "rôle"), ("en-GB", "role"), ("de", "rôle")])
def test_plain_text_is_in_the_language_of_the_request(client: FlaskClient, language: str, words: str) -> None:
    answer = posted(client, BROKEN, accept="text/plain", language=language)
    assert answer.mimetype == "text/plain"
    [line] = [line for line in answer.text.splitlines() if "coop:role" in line and "Violation" in line]
    assert line.startswith(f"document:{LINE} Violation")
    assert words in line
    assert answer.headers["Content-Language"] == ("en" if language == "en-GB" else "fr")
    assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))


def test_the_nearest_thing_that_would_be_right_is_named_in_both_languages(client: FlaskClient) -> None:
    misspelt = a_source("another").replace("scheme/role/lead>", "scheme/role/led>").encode()
    fixes = [
        finding["fix"] for finding in report(posted(client, misspelt))["findings"] if finding["path"] == "coop:role"
    ]
    assert [("role/lead" in fix["fr"], "role/lead" in fix["en"]) for fix in fixes] == [(True, True)]
    assert "role/lead" in posted(client, misspelt, accept="text/plain").text


@pytest.mark.parametrize("media_type", [kind for kind in DOCUMENT_FORMATS if kind != "application/trig"])
def test_every_format_is_judged_alike(client: FlaskClient, media_type: str) -> None:
    syntax = DOCUMENT_FORMATS[media_type]
    quads = parse_quads(BROKEN, RdfFormat.TRIG, "x")
    written = quads if syntax.supports_datasets else [Quad(q.subject, q.predicate, q.object) for q in quads]
    found = report(posted(client, to_bytes(written, syntax), media_type))["findings"]
    for finding in (expected := report(posted(client, BROKEN))["findings"]):
        del finding["file"], finding["line"], finding["column"]
    assert all(finding["line"] for finding in found)
    assert [{k: v for k, v in one.items() if k not in ("file", "line", "column")} for one in found] == expected


def test_a_document_replaces_the_graph_that_it_describes_or_that_is_named(client: FlaskClient) -> None:
    renamed = a_source("a-page", name="Un projet, autrement").encode()
    assert report(posted(client, renamed))["conforms"], "else two names in one language would be found"
    turtle = renamed.split(b"{", 1)[0].rsplit(b"\n", 1)[0] + renamed.split(b"{", 1)[1].rsplit(b"}", 1)[0]
    graph = f"{names.GRAPH}a-page"
    assert report(posted(client, turtle, "text/turtle", graph=graph))["conforms"]
    fragment = f'<{ID}project/a-page> <{names.SKOS}prefLabel> "Encore un nom"@fr .'.encode()
    source = f"<{ID}project/a-page> <{names.PREFIXES['dcterms']}source> <{ID}source/a-page> .".encode()
    assert not report(posted(client, fragment + source, "text/turtle"))["conforms"], "it is added to what is there"


def test_a_document_may_be_judged_alone(client: FlaskClient) -> None:
    found = report(posted(client, GOOD, against="empty"))["findings"]
    unknown = {finding["focus"] for finding in found if finding["tier"] == "Violation"}
    assert f"{ID}organisation/une-ville" in unknown
    assert report(posted(client, GOOD, against="current"))["conforms"]


def test_what_may_be_named_already_is_told(client: FlaskClient) -> None:
    minted = f"""<{names.ORGANISATIONS_GRAPH}> {{ <{ID}organisation/asso> a <{names.PREFIXES["org"]}Organization> ;
        <{names.SKOS}prefLabel> "L’association « La VILLE »"@fr . }}"""
    found = report(posted(client, minted.encode()))["findings"]
    [warned] = [finding for finding in found if finding["component"] == "Likeness"]
    assert warned["tier"] == "Warning"
    assert warned["value"] == f"{ID}organisation/une-ville"
    assert all("coopkg merge" in text for text in warned["message"].values())


@pytest.mark.parametrize(
    ("content", "media_type", "line", "column"),
    [
        (b"@prefix e: <urn:e:> .\ne:a e:b\n  f:c .", "text/turtle", 3, 3),
        (b'<urn:a> <urn:b> "c" .\n<urn:a> nothing .\n', "application/n-triples", 2, 9),
        (b"\n\xff", "text/turtle", 2, 1),
    ],
)
def test_a_document_that_cannot_be_parsed_is_refused_with_its_place(
    client: FlaskClient, content: bytes, media_type: str, line: int, column: int
) -> None:
    answer = posted(client, content, media_type, accept="application/json, application/problem+json")
    said = json.loads(answer.text)
    assert (answer.status_code, said["line"], said["column"]) == (400, line, column)
    assert said["type"].endswith("errors#document")
    assert said["detail"].startswith(f"document:{line}:{column}: ")


def test_a_document_over_a_bound_is_refused_with_the_bound(client: FlaskClient) -> None:
    many = "".join(f"<urn:a> <urn:b> {number} .\n" for number in range(10_001)).encode()
    answer = posted(client, many, "text/turtle")
    assert (answer.status_code, "10,000 triples" in answer.text) == (413, True)
    answer = posted(client, b"#" * 1_000_001, "text/turtle")
    assert (answer.status_code, "1,000,000 bytes" in answer.text, "10,000" in answer.text) == (413, True, True)
    assert posted(client, b"#" * 1_000_000, "text/turtle").status_code == 200


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"against": "nothing"}, 400, "current, empty"),
        ({"graph": "a-page"}, 400, "absolute IRI"),
        ({"graph": names.ONTOLOGY_GRAPH}, 400, "graph of a source document"),
        ({"graph": f"{names.GRAPH}other"}, 400, "alone, as graph= says"),
        ({"media_type": "text/csv"}, 415, "application/rdf+xml"),
        ({"media_type": "application/trig; charset=latin-1"}, 415, "UTF-8"),
        ({"media_type": "application/x-www-form-urlencoded"}, 400, "empty"),
        ({"accept": "image/png"}, 406, "application/json, text/plain"),
    ],
)
def test_a_request_that_is_not_understood_is_refused(
    client: FlaskClient, given: dict[str, str], status: int, said: str
) -> None:
    answer = posted(client, GOOD, **given)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("graph", [names.ONTOLOGY_GRAPH, "urn:else", f"{names.SCHEMES_GRAPHS}role", "_:g"])
def test_a_graph_that_no_document_may_state_is_refused(client: FlaskClient, graph: str) -> None:
    name = graph if graph.startswith("_:") else f"<{graph}>"
    answer = posted(client, f"{name} {{ <urn:a> <urn:b> 1 }}".encode())
    assert (answer.status_code, "states the graph" in answer.text) == (400, True)


def test_nothing_of_a_document_is_kept(client: FlaskClient, app: Flask) -> None:
    before = app.config["GRAPH"].current()[1]
    report(posted(client, GOOD))
    assert app.config["GRAPH"].current()[1] == before
    assert not app.config["GRAPH"].ask(f"ASK {{ <{ID}project/another> ?p ?o }}")
    assert "une-association" in posted(client, BROKEN).text
    assert report(posted(client, GOOD))["conforms"], "the one before it left nothing"


# The page

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def sent(client: FlaskClient, **form: str) -> TestResponse:
    return client.post("/validate", data=form, headers=BROWSER)


def test_the_page_has_a_form_in_the_language_of_the_reader(client: FlaskClient) -> None:
    french, english = client.get("/validate"), client.get("/validate?lang=en")
    assert "Vérifier un document" in french.text
    assert "Check a document" in english.text
    assert (french.headers["Content-Language"], english.headers["Content-Language"]) == ("fr", "en")
    assert "<script>" not in french.text
    assert 'href="/validate?lang=fr"' in client.get("/").text


def test_the_page_lists_what_is_found_with_lines(client: FlaskClient) -> None:
    answer = sent(client, data=BROKEN.decode(), format="trig", lang="en")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "cannot be published yet" in answer.text
    assert f"line {LINE}: <code>&lt;{ID}participation/another--une-association&gt;" in answer.text
    assert "scheme/role/nobody" in answer.text
    assert "peut être publié" in sent(client, data=GOOD.decode(), format="trig").text


def test_the_page_tells_what_could_not_be_read_and_keeps_the_text(client: FlaskClient) -> None:
    answer = sent(client, data="a <b> & 'c'", format="turtle", lang="fr")
    assert answer.status_code == 400
    assert "Le document n’a pas pu être lu" in answer.text
    assert "a &lt;b&gt; &amp; &#39;c&#39;</textarea>" in answer.text
    assert '<option value="turtle" selected>' in answer.text
    assert sent(client, data="", format="turtle").status_code == 400
    assert sent(client, data="x", format="docx").status_code == 400
