"""Lookups that read no more than they are told to, however many there are: a hub costs what its neighbours cost."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from coopkg.portrait import terms
from coopkg.portrait.naming import Named, by_name
from coopkg.rdf import NamedNode
from coopkg.view import Text, View

T = TypeVar("T")

#: How many things a list of a page has at most.
SHOWN = 50
#: How many things are read where the best of them are to be shown.
READ = 200


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """Some things, and whether there are more than these."""

    items: tuple[T, ...] = ()
    has_more: bool = False

    def __bool__(self) -> bool:
        return bool(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def pointing(view: View, predicate: str, iri: str, most: int = SHOWN, skip: int = 0) -> Some[str]:
    """Return the IRIs of things that have a thing as the value of a property, in the order of the store.

    Args:
        most: how many are returned.
        skip: how many are left out before them.
    """
    found = view.store.triples(None, NamedNode(predicate), NamedNode(iri))
    subjects = (triple.subject.value for triple in found if isinstance(triple.subject, NamedNode))
    return _cut(list(itertools.islice(subjects, skip, skip + most + 1)), most)


def values(view: View, iri: str, predicate: str, most: int = SHOWN) -> Some[Named]:
    """Return the values of a property by their names, in their order: things and texts."""
    found = itertools.islice(view.store.triples(NamedNode(iri), NamedNode(predicate), None), most + 1)
    terms_found = [triple.object for triple in found]
    iris = [term.value for term in terms_found if isinstance(term, NamedNode)][:most]
    has_more = len(terms_found) > most
    if iris:
        return Some(by_name(view, iris), has_more)
    return Some(tuple(Named("", text) for text in view.texts(iri, predicate)[:most]) if terms_found else (), has_more)


def named_pointing(view: View, predicate: str, iri: str, most: int = SHOWN) -> Some[Named]:
    """Return the things that have a thing as the value of a property, by their names and in their order."""
    found = pointing(view, predicate, iri, most)
    return Some(by_name(view, found), found.has_more)


def notes(view: View, iri: str) -> tuple[Text, ...]:
    """Return the editorial notes on a thing."""
    return tuple(view.texts(iri, terms.NOTE))


def _cut(found: list[T], most: int) -> Some[T]:
    return Some(tuple(found[:most]), len(found) > most)
