"""The concept schemes as a reader sees them: lists of values, each value with its place, its meaning and its uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coopkg import names
from coopkg.view import TYPE, Text, View
from coopkg.vocabulary import uses
from coopkg.vocabulary.naming import Link, link, links
from coopkg.vocabulary.uses import Count, Group

NAMESPACE = f"{names.BASE}scheme/"
#: A scheme of others may hold anything; ours have some dozens of concepts.
MOST_CONCEPTS = 2_000
#: What a slug may hold; anything else names nothing, and may be no part of an IRI.
_SLUG = re.compile(r"[A-Za-z0-9._~-]+")
_BROADER, _IN_SCHEME = f"{names.SKOS}broader", f"{names.SKOS}inScheme"
_MATCHES = tuple(
    names.SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
)


@dataclass(frozen=True, slots=True)
class Node:
    """A concept in the tree of its scheme; at the top `depth` is 0."""

    link: Link
    slug: str
    depth: int
    definition: Text | None
    count: Count


@dataclass(frozen=True, slots=True)
class Scheme:
    """A list of values; `tree` holds each concept once, below the first of its broader ones."""

    iri: str
    slug: str
    title: Text
    description: Text | None
    licence: str
    modified: str
    tree: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """A value of a list.

    Args:
        names: its names in each language, French first; `other_names` likewise.
        above: the concepts over it, from the top down.
        matches: concepts of other vocabularies, each with the property that says how near it is.
        shortcut: the properties that a role gives from an action to an agent.
        groups: where it is used.
    """

    iri: str
    slug: str
    scheme: Link
    name: Text
    names: tuple[Text, ...]
    other_names: tuple[Text, ...]
    definition: Text | None
    notes: tuple[Text, ...]
    notation: str
    above: tuple[Link, ...]
    broader: tuple[Link, ...]
    narrower: tuple[Link, ...]
    related: tuple[Link, ...]
    matches: tuple[tuple[str, Link], ...]
    shortcut: tuple[Link, ...]
    is_deprecated: bool
    replaced_by: tuple[Link, ...]
    groups: tuple[Group, ...]


def iris(view: View) -> list[str]:
    """Return the IRI of every scheme of ours, sorted."""
    return [iri for iri in view.subjects(TYPE, f"{names.SKOS}ConceptScheme") if iri.startswith(NAMESPACE)]


def schemes(view: View) -> tuple[tuple[Link, str, Text | None, int], ...]:
    """Return every scheme of ours by its name, with its slug, what it lists, and how many concepts it has."""
    return tuple(
        (
            link(view, iri),
            iri.removeprefix(NAMESPACE),
            view.text(iri, f"{names.DCTERMS}description"),
            len(view.subjects(_IN_SCHEME, iri)),
        )
        for iri in view.sorted_by_label(iris(view))
    )


def scheme(view: View, slug: str) -> Scheme | None:
    """Return a scheme with all its concepts and how much each is used; None when there is no such scheme."""
    iri = NAMESPACE + slug
    if not _SLUG.fullmatch(slug) or f"{names.SKOS}ConceptScheme" not in view.kinds(iri):
        return None
    return Scheme(
        iri,
        slug,
        view.label(iri),
        view.text(iri, f"{names.DCTERMS}description"),
        view.iri(iri, f"{names.DCTERMS}license"),
        view.value(iri, f"{names.DCTERMS}modified"),
        tuple(_tree(view, view.subjects(_IN_SCHEME, iri)[:MOST_CONCEPTS])),
    )


def concept(view: View, scheme_slug: str, slug: str) -> Concept | None:
    """Return a concept of a scheme with where it is used; None when there is no such concept."""
    iri = f"{NAMESPACE}{scheme_slug}/{slug}"
    if not _SLUG.fullmatch(scheme_slug) or not _SLUG.fullmatch(slug):
        return None
    if f"{names.SKOS}Concept" not in view.kinds(iri):
        return None
    skos = names.SKOS
    return Concept(
        iri=iri,
        slug=slug,
        scheme=link(view, NAMESPACE + scheme_slug),
        name=view.label(iri),
        names=_all(view, iri, f"{skos}prefLabel"),
        other_names=_all(view, iri, f"{skos}altLabel"),
        definition=view.text(iri, f"{skos}definition"),
        notes=tuple(one for note in ("scopeNote", "historyNote", "example") for one in view.texts(iri, skos + note)),
        notation=view.value(iri, f"{skos}notation"),
        above=tuple(link(view, one) for one in reversed(_above(view, iri))),
        broader=links(view, view.iris(iri, _BROADER)),
        narrower=links(view, view.subjects(_BROADER, iri)),
        related=links(view, view.iris(iri, f"{skos}related")),
        matches=tuple((names.short(match), link(view, one)) for match in _MATCHES for one in view.iris(iri, match)),
        shortcut=links(view, view.iris(iri, f"{names.COOP}shortcutProperty")),
        is_deprecated=view.value(iri, names.DEPRECATED) == "true",
        replaced_by=links(view, view.iris(iri, names.REPLACED_BY)),
        groups=uses.groups(view, iri),
    )


def spellings(view: View, scheme_slug: str = "") -> dict[str, str]:
    """Return the IRIs of the concepts of a scheme by their slugs and names; of the schemes themselves for ""."""
    if scheme_slug and not _SLUG.fullmatch(scheme_slug):
        return {}
    if scheme_slug:
        found = view.subjects(_IN_SCHEME, NAMESPACE + scheme_slug)[:MOST_CONCEPTS]
    else:
        found = [link.iri for link, *_ in schemes(view)]
    return {view.label(iri).value: iri for iri in found} | {iri.rpartition("/")[2]: iri for iri in found}


def _tree(view: View, concepts: Iterable[str]) -> Iterator[Node]:
    """Yield each concept once, with its depth; those of a circle at the top, so that none is lost."""
    members = set(concepts)
    below: dict[str, list[str]] = {}
    for iri in view.sorted_by_label(members):
        for broader in members.intersection(view.iris(iri, _BROADER)):
            below.setdefault(broader, []).append(iri)
    tops = view.sorted_by_label(iri for iri in members if members.isdisjoint(view.iris(iri, _BROADER)))
    seen: set[str] = set()
    waiting = [(iri, 0) for iri in reversed([*tops, *view.sorted_by_label(members.difference(tops))])]
    while waiting:
        iri, depth = waiting.pop()
        if iri not in seen:
            seen.add(iri)
            yield Node(
                link(view, iri),
                iri.rpartition("/")[2],
                depth,
                view.text(iri, f"{names.SKOS}definition"),
                uses.count(view, iri),
            )
            waiting += [(one, depth + 1) for one in reversed(below.get(iri, []))]


def _above(view: View, iri: str) -> list[str]:
    """Return the first broader concept, the first broader one of that, and so on."""
    found: list[str] = []
    while (iri := view.iri(iri, _BROADER)) and iri not in found:
        found.append(iri)
    return found


def _all(view: View, iri: str, predicate: str) -> tuple[Text, ...]:
    """Return the texts of a property in every language, French first."""
    texts = [Text(one.value, one.language or "") for one in view.literals(iri, predicate)]
    return tuple(sorted(texts, key=lambda text: (text.lang != "fr", text.lang)))
