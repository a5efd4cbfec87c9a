"""The editorial graph says of any curated IRI that it is deprecated, and nothing else; no other graph says so."""

from __future__ import annotations

import pytest

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.scope import Vocabulary, foreign, is_scoped, kind_of, misspoken

ID = f"{names.BASE}id/"
WORDS = Vocabulary(frozenset({names.DEPRECATED, names.REPLACED_BY, f"{names.SKOS}note"}), frozenset(), frozenset())
TRUE = Literal("true", datatype=NamedNode(f"{names.XSD}boolean"))


def a_quad(subject: str, predicate: str = names.DEPRECATED, graph: str = names.EDITORIAL_GRAPH) -> Quad:
    return Quad(NamedNode(subject), NamedNode(predicate), TRUE, NamedNode(graph))


def said(quad: Quad) -> list[str]:
    return [english for _, _, english in (*foreign([quad]), *misspoken([quad], WORDS))]


@pytest.mark.parametrize("kind", ["project", "organisation", "territory/area", "expected-participation", "lesson"])
def test_any_curated_iri_may_be_deprecated_without_a_class(kind: str) -> None:
    assert kind_of(f"{ID}{kind}/a-b--c") == kind
    assert is_scoped(names.EDITORIAL_GRAPH)
    assert said(a_quad(f"{ID}{kind}/a-b--c")) == []


@pytest.mark.parametrize("subject", [f"{ID}territory/region/11", f"{names.COOP}Project", "https://example.org/x"])
def test_what_no_curated_graph_describes_is_never_deprecated(subject: str) -> None:
    assert kind_of(subject) == ""
    assert ["may not describe this resource" in fault for fault in said(a_quad(subject))] == [True]


def test_the_editorial_graph_says_nothing_else() -> None:
    (fault,) = said(a_quad(f"{ID}project/a", f"{names.SKOS}note"))
    assert fault.startswith("skos:note has no place here")


@pytest.mark.parametrize("predicate", [names.DEPRECATED, names.REPLACED_BY])
def test_no_other_graph_says_that_an_iri_is_deprecated(predicate: str) -> None:
    faults = said(a_quad(f"{ID}project/a", predicate, f"{names.GRAPH}a-page"))
    assert any("has no place here" in fault and "'coopkg rename'" in fault for fault in faults)
