"""A redirect leads to the last IRI, and never in a circle."""

from __future__ import annotations

import pytest

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.redirects import Redirects
from coopkg.store import QuadStore

P = f"{names.BASE}id/project/"


def said(*pairs: tuple[str, str], deprecated: str = "") -> list[Quad]:
    graph = NamedNode(names.EDITORIAL_GRAPH)
    replaced = [Quad(NamedNode(P + old), NamedNode(names.REPLACED_BY), NamedNode(P + new), graph) for old, new in pairs]
    flag = Literal("true", datatype=NamedNode(f"{names.XSD}boolean"))
    return replaced + [Quad(NamedNode(P + old), NamedNode(names.DEPRECATED), flag, graph) for old in deprecated]


@pytest.mark.parametrize(
    ("pairs", "asked", "target"),
    [
        ([("a", "b")], "a", "b"),
        ([("a", "b")], "b", None),
        ([("a", "b"), ("b", "c"), ("c", "d")], "a", "d"),
        ([("a", "b"), ("b", "c"), ("c", "d")], "c", "d"),
        ([("a", "b"), ("b", "a")], "a", None),
        ([("a", "b"), ("b", "c"), ("c", "b")], "a", None),
        ([("a", "a")], "a", None),
        ([], "a", None),
    ],
)
def test_a_redirect_leads_to_the_end(pairs: list[tuple[str, str]], asked: str, target: str | None) -> None:
    store = QuadStore.in_memory(said(*pairs))
    assert Redirects.of(store).target(P + asked) == (P + target if target else None)


def test_a_deprecated_iri_that_nothing_replaces_has_no_target() -> None:
    redirects = Redirects.said(said(("a", "b"), deprecated="abc"))
    assert [redirects.is_deprecated(P + iri) for iri in "abcd"] == [True, True, True, False]
    assert [redirects.target(P + iri) for iri in "abcd"] == [None, None, None, None]  # b is deprecated for good


def test_what_other_graphs_say_is_no_redirect() -> None:
    elsewhere = [Quad(q.subject, q.predicate, q.object, NamedNode(f"{names.GRAPH}a-page")) for q in said(("a", "b"))]
    assert Redirects.of(QuadStore.in_memory(elsewhere)).target(f"{P}a") is None
