"""Where a term is used in the graph: how often, and by which things.

Nothing here reads more than `MOST_COUNTED` statements of a term, so that a theme of a million projects costs no more
than one of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from coopkg import names
from coopkg.rdf import NamedNode
from coopkg.view import TYPE, View
from coopkg.vocabulary.naming import Link, link

MOST_COUNTED = 1_000
MOST_NAMED = 20
_OURS = (
    *("Project", "Event", "Programme", "Action", "Participation", "ExpectedParticipation", "Outcome", "Measure"),
    *("Lesson", "Perspective", "SourceDocument", "StakeholderGroup", "Territory"),
)
#: What a concept is used by, and the class that says so; the first that fits decides.
KINDS = (*(names.COOP + name for name in _OURS), f"{names.PREFIXES['org']}Organization")
#: What a thing without a name of its own is about, for its readers: by its values, and by what it is a value of.
_ABOUT = tuple(names.COOP + name for name in ("participant", "expectedParticipant", "inAction", "expectedIn"))
_OF = (f"{names.COOP}hasMeasure",)
#: What binds concepts to one another is no use of them.
_BETWEEN_CONCEPTS = (names.SKOS, names.OWL, names.SH)


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; at least so many when counting was broken off."""

    number: int
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """A thing that uses a concept: its own name, or the names of what it is about where it has none."""

    iri: str
    names: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The things of one class that use a concept, some of them by their names.

    Args:
        kind: the class; None for things of no class of ours.
        properties: through which they do.
    """

    kind: Link | None
    properties: tuple[Link, ...]
    count: Count
    first: tuple[Use, ...]


def instances(view: View, kind: str) -> Count:
    """Return how many things have a class, stated or inferred."""
    return _count(view.store.triples(None, NamedNode(TYPE), NamedNode(kind)))


def statements(view: View, predicate: str) -> Count:
    """Return in how many statements a property stands."""
    return _count(view.store.triples(None, NamedNode(predicate), None))


def users(view: View, concept: str) -> tuple[dict[str, set[str]], bool]:
    """Return the things that use a concept, each with the properties that say so, and whether there are more."""
    found: dict[str, set[str]] = {}
    pointing = list(islice(view.store.triples(None, None, NamedNode(concept)), MOST_COUNTED + 1))
    for triple in pointing[:MOST_COUNTED]:
        if isinstance(triple.subject, NamedNode) and not triple.predicate.value.startswith(_BETWEEN_CONCEPTS):
            found.setdefault(triple.subject.value, set()).add(triple.predicate.value)
    return found, len(pointing) > MOST_COUNTED


def count(view: View, concept: str) -> Count:
    """Return how many things use a concept."""
    found, has_more = users(view, concept)
    return Count(len(found), has_more)


def groups(view: View, concept: str) -> tuple[Group, ...]:
    """Return the things that use a concept by their classes, those of a class with their names in order of the IRI."""
    found, has_more = users(view, concept)
    by_kind: dict[str, list[str]] = {}
    for thing in sorted(found):
        by_kind.setdefault(_kind(view, thing), []).append(thing)
    return tuple(
        Group(
            link(view, kind) if kind else None,
            tuple(link(view, one) for one in sorted(set().union(*(found[thing] for thing in by_kind[kind])))),
            Count(len(by_kind[kind]), has_more),
            tuple(use(view, thing) for thing in by_kind[kind][:MOST_NAMED]),
        )
        for kind in (*KINDS, "")
        if kind in by_kind
    )


def use(view: View, thing: str) -> Use:
    """Return a thing by its name, or by those of what it is about."""
    own = link(view, thing)
    if own.name.value != own.short:
        return Use(thing, (own,))
    about = [value for predicate in _ABOUT for value in view.iris(thing, predicate)]
    about += [holder for predicate in _OF for holder in view.subjects(predicate, thing)]
    return Use(thing, tuple(link(view, one) for one in about) or (own,))


def _kind(view: View, thing: str) -> str:
    kinds = view.kinds(thing)
    return next((kind for kind in KINDS if kind in kinds), "")


def _count(found: Iterable[object]) -> Count:
    number = sum(1 for _ in islice(found, MOST_COUNTED + 1))
    return Count(min(number, MOST_COUNTED), number > MOST_COUNTED)
