"""The gallery: each example says itself in both languages, and is what programs read as a SPARQL executable."""

from __future__ import annotations

import pytest
from rdflib import Graph, Namespace
from rdflib.namespace import RDF, RDFS, SH

from coopkg import gallery

SCHEMA = Namespace("https://schema.org/")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_example_says_itself_in_the_readers_language(lang: str) -> None:
    groups = gallery.groups(lang)
    examples = [example for group in groups for example in group.examples]
    assert len(groups) == 5
    assert len({example.slug for example in examples}) == len(examples) == 23
    for title in [group.title for group in groups] + [example.title for example in examples]:
        assert (title.lang, title.is_fallback) == (lang, False)
    for example in examples:
        assert (example.about.lang, example.about.value[-1]) == (lang, "?")
        assert example.keywords
        assert not any(word.is_fallback for word in example.keywords)


def test_french_texts_have_french_typography() -> None:
    texts = [
        text for group in gallery.groups("fr") for example in group.examples for text in (example.title, example.about)
    ]
    for text in texts:
        assert "'" not in text.value
        assert not any(f" {mark}" in text.value for mark in "?!:;»"), text.value


def test_each_example_is_an_executable_that_names_the_endpoint() -> None:
    graph = Graph().parse(gallery.path())
    executables = set(graph.subjects(RDF.type, SH.SPARQLSelectExecutable))
    assert executables == set(graph.subjects(RDF.type, SH.SPARQLExecutable))
    assert len(executables) == 23
    for one in executables:
        assert len(list(graph.objects(one, SH.select))) == 1
        assert {getattr(label, "language", "") for label in graph.objects(one, RDFS.label)} == {"fr", "en"}
        assert str(graph.value(one, SCHEMA.target)) == "https://w3id.org/coopkg/sparql"


def test_groups_and_examples_come_in_the_order_of_their_positions() -> None:
    found = [(group.title.value, group.examples[0].slug) for group in gallery.groups("en")]
    assert found == [
        ("Projects and places", "projets-qui-atteignent-montreuil"),
        ("Who acts, and with whom", "qui-finance"),
        ("What came of it, what was learned", "actions-par-theme"),
        ("Dates and sources", "actions-en-cours-en-2022"),
        ("Searches and outlines", "projets-par-des-mots"),
    ]
