"""Which texts are read at all, to be rewritten: those whose words could meet a step."""

from __future__ import annotations

from collections import Counter

import pytest

from coopkg.census import CLOSURES, Census
from coopkg.names import RDF
from coopkg.rdf import NamedNode
from coopkg.rewriting import rewritten

KNOWN = Census(Counter({NamedNode(f"{RDF}type"): 3}), Counter(), frozenset(CLOSURES))
REWRITTEN = {
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }": "counts",
    "SELECT (COUNT(*) AS ?n) WHERE {?s ?p ?o}": "counts",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o . }": "counts",
    "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c . FILTER(isIRI(?c)) } GROUP BY ?c": "counts",
    "select distinct ?p {[] ?p ?o.}": "counts",
    "SELECT ?r { ?p coop:directlyWithin* ?r }": "closures",
    "SELECT ?r { ?p <https://w3id.org/coopkg/ns#within>+ ?r }": "closures",
    "SELECT DISTINCT ?p { ?p coop:coversTerritory/coop:within? ?r }": "places",
    "SELECT ?a ?n (COUNT(*) AS ?k) { ?p coop:x ?a . ?a skos:prefLabel ?n } GROUP BY ?a ?n": "naming",
}


@pytest.mark.parametrize("text", REWRITTEN)
def test_a_text_that_a_step_is_for_is_read(text: str) -> None:
    assert rewritten(text, known=KNOWN).steps == (REWRITTEN[text],)


@pytest.mark.parametrize("text", REWRITTEN)
def test_where_nothing_is_known_only_names_are_put_off(text: str) -> None:
    assert rewritten(text).steps == tuple(step for step in (REWRITTEN[text],) if step == "naming")


@pytest.mark.parametrize("text", REWRITTEN)
def test_what_is_known_is_of_no_other_dataset(text: str) -> None:
    for chosen in ("FROM <https://example.org/g>", "FROM NAMED <https://example.org/g>"):
        elsewhere = text.replace("WHERE", "").replace("{", f"{chosen} {{", 1)
        assert rewritten(elsewhere, known=KNOWN).steps == rewritten(text).steps
