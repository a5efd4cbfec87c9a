"""The gallery: queries that a reader can start from, by groups, as docs/examples.ttl says them.

The only module that reads that file. It runs none of them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from coopkg import names, rdf, resources
from coopkg.store import QuadStore
from coopkg.view import Text, View

_SCHEMA = names.PREFIXES["schema"]
_POSITION = f"{_SCHEMA}position"
_EXAMPLE = f"{names.SH}SPARQLExecutable"


@dataclass(frozen=True, slots=True)
class Example:
    """A query, what it is called, what it asks, and words to find it by, in a reader's language.

    Args:
        slug: its name in addresses.
    """

    slug: str
    title: Text
    about: Text
    keywords: tuple[Text, ...]
    query: str


@dataclass(frozen=True, slots=True)
class Group:
    """Examples about one subject, in order."""

    title: Text
    examples: tuple[Example, ...]


def path() -> Path:
    """Return the file that holds the gallery, in Turtle."""
    return resources.shipped() / "docs" / "examples.ttl"


@functools.cache
def groups(lang: str) -> tuple[Group, ...]:
    """Return the groups of the gallery in their order, told in a language ("fr" or "en")."""
    view = View(QuadStore.in_memory(rdf.read_quads(path(), "docs/examples.ttl")), lang)
    found = view.subjects(f"{names.RDF}type", f"{_SCHEMA}Collection")
    return tuple(_group(view, iri) for iri in _ordered(view, found))


def _group(view: View, iri: str) -> Group:
    within = _ordered(view, view.subjects(f"{names.DCTERMS}isPartOf", iri))
    return Group(view.label(iri), tuple(_example(view, one) for one in within if _EXAMPLE in view.kinds(one)))


def _example(view: View, iri: str) -> Example:
    return Example(
        slug=iri.rpartition("#")[2],
        title=view.label(iri),
        about=view.text(iri, f"{names.RDFS}comment") or Text(""),
        keywords=tuple(view.texts(iri, f"{_SCHEMA}keywords")),
        query=view.value(iri, f"{names.SH}select").rstrip("\n"),
    )


def _ordered(view: View, iris: list[str]) -> list[str]:
    return sorted(iris, key=lambda iri: int(view.value(iri, _POSITION)))
