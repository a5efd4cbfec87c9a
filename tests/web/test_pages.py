"""The home page, without a browser (tests/e2e has one)."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import REPOSITORY


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


def test_the_page_tells_the_figures_of_the_published_graph(client: FlaskClient, app: Flask) -> None:
    manifest = app.config["GRAPH"].current()[1]
    english, french = client.get("/?lang=en").text, client.get("/?lang=fr").text
    figures = dict(re.findall(r"<div><dt>([^<]+)</dt><dd>([^<]+)</dd></div>", english))
    assert figures == {"Projects": "1", "Organisations": "2", "Source documents": "1", "Territories of actions": "1"}
    assert "<dt>Documents sources</dt><dd>1</dd>" in french
    assert f" {manifest.asserted:,} statements" in english
    assert f" {manifest.asserted:,} énoncés".replace(",", "\u202f") in french


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_document_that_the_page_names_is_served_as_it_is_written(client: FlaskClient, lang: str) -> None:
    linked = re.findall(r'<a href="/docs/([^"]+)">', client.get(f"/?lang={lang}").text)
    assert len(linked) == 4
    for name in linked:
        answer = client.get(f"/docs/{name}")
        assert answer.mimetype == "text/plain"
        assert answer.text == (REPOSITORY / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["nothing.md", "../README.md", "..%2FREADME.md", "adr/README.md", "adr"])
def test_nothing_but_the_documents_is_served_below_docs(client: FlaskClient, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404
