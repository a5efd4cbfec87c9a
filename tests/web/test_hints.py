"""Hints about terms that the ontology does not have."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from coopkg.web.hints import Hints, unknown_terms

KNOWN = {"Project", "Programme", "locatedIn", "ledBy", "hasPartner"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * { ?p a coop:Project ; coop:ledBy ?o }", []),
        ("SELECT * { ?p a coop:Projet }", [("Projet", "Project")]),
        ("SELECT * { ?p a coop:project }", [("project", "Project")]),
        ("SELECT * { ?p coop:locateIn/coop:ledby ?x }", [("locateIn", "locatedIn"), ("ledby", "ledBy")]),
        ("SELECT * { ?p coop:zzzzz ?x ; coop:zzzzz ?y }", [("zzzzz", "")]),
        ("SELECT * { ?p a <https://w3id.org/coopkg/ns#Projet> }", [("Projet", "Project")]),
        ("PREFIX c: <https://w3id.org/coopkg/ns#> SELECT * { ?p a c:Projet }", [("Projet", "Project")]),
        ("prefix coop: <http://elsewhere.example/> SELECT * { ?p a coop:Projet }", []),
        ("PREFIX coop:<https://w3id.org/coopkg/ns#>SELECT*{?p a coop:Projet.}", [("Projet", "Project")]),
        ('SELECT * { ?p skos:prefLabel "coop:Projet" }', []),
        ("SELECT * { ?p skos:prefLabel '''a 'coop:Projet' b''' }", []),
        ('SELECT * { ?p skos:prefLabel """a "coop:Projet" \\""" b""", "x" ; coop:ledby ?x }', [("ledby", "ledBy")]),
        ("SELECT * { # coop:Projet\n ?p a coop:Project }", []),
        ("SELECT * { ?coop ?p <http://elsewhere.example/coop:Projet> }", []),
        ("SELECT * { ?s ?p xcoop:Projet , a-coop:Projet }", []),
        ("SELECT * { ?p a skos:Projet }", []),
        (
            "SELECT * { ?p !coop:Projet ?x FILTER(?y=coop:Programm) }",
            [("Projet", "Project"), ("Programm", "Programme")],
        ),
        ("", []),
    ],
)
def test_terms_that_are_not_there_are_found_outside_strings_and_comments(
    query: str, found: list[tuple[str, str]]
) -> None:
    assert unknown_terms(query, KNOWN) == found


def test_without_an_ontology_nothing_is_unknown() -> None:
    assert unknown_terms("SELECT * { ?p a coop:Projet }", set()) == []


@pytest.mark.parametrize(
    "text",
    [
        "'" * 60_000,
        '"""' + '"' * 60_000,
        "<" * 60_000,
        "coop:" * 12_000,
        "a." * 30_000,
        "PREFIX " * 9_000,
        "\\'" * 30_000,
        "a'\\" * 20_000,
        "'''\\'" * 15_000,
        '\n"' * 30_000,
        "<a" * 30_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.monotonic()
    unknown_terms(text, KNOWN)
    assert time.monotonic() - began < 2


def test_many_unknown_terms_cost_no_more_than_a_few(client: FlaskClient) -> None:
    hints = Hints(client.application.config["GRAPH"])
    hints.about("ASK { ?p a coop:Projet }")
    began = time.monotonic()
    assert hints.about(" , ".join(f"coop:hasParticipation{number}" for number in range(2_500))).count(";") == 4
    assert time.monotonic() - began < 1


def test_an_answer_warns_of_a_term_that_does_not_exist(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT * { ?p a coop:Projet ; coop:ledBy ?o }"})
    assert answer.status_code == 200
    assert answer.headers["Coopkg-Warning"] == "coop:Projet is not in the ontology, did you mean coop:Project?"
    right = client.get("/sparql", query_string={"query": "SELECT * { ?p a coop:Project ; coop:ledBy ?o }"})
    assert "Coopkg-Warning" not in right.headers


def test_a_warning_is_one_short_line_of_ascii(client: FlaskClient) -> None:
    terms = " , ".join(f"coop:é{number}{'x' * 300}" for number in range(9))
    warning = client.post("/sparql", data={"query": f"ASK {{ ?p a {terms} }}"}).headers["Coopkg-Warning"]
    assert warning.isascii()
    assert warning.isprintable()
    assert warning.count("is not in the ontology") == 5
    assert len(warning) < 1_000


def test_the_home_page_shows_the_hint(client: FlaskClient) -> None:
    page = client.get("/query", query_string={"query": "SELECT * { ?p a coop:Projet }"}).text
    assert "did you mean coop:Project?" in page
    assert 'class="hint"' not in client.get("/").text


def test_a_query_that_names_nothing_of_ours_looks_nothing_up() -> None:
    nobody: Any = None  # a graph that fails when it is asked
    hints = Hints(nobody)
    assert hints.about("SELECT * { <https://w3id.org/coopkg/scheme/role/lead> skos:prefLabel ?coop }") == ""
    with pytest.raises(AttributeError):
        hints.about("SELECT * { ?p a coop:Projet }")
