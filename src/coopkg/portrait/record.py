"""All that is stated of a thing, statement by statement with who states it, and what points at it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from coopkg import names
from coopkg.portrait import terms
from coopkg.portrait.bounded import READ, Some, pointing
from coopkg.portrait.naming import Named, named, term_name
from coopkg.portrait.told import stating
from coopkg.rdf import Literal, NamedNode, Triple
from coopkg.store import Term
from coopkg.view import Text, View, folded

#: How much of a long text is shown: the rest is in the data.
SHOWN_TEXT = 600
_SHOWN_SUBJECTS = 20


@dataclass(frozen=True, slots=True)
class Said:
    """A statement: predicate, value, the source documents (or tables) that state it.

    Args:
        length: how long a text is that is cut here; 0 where it is whole.
        asked: its three terms in Turtle, to ask why it holds; empty where it is stated.
    """

    predicate: Named
    value: Named
    length: int
    sources: tuple[Named, ...]
    asked: tuple[str, ...]

    @property
    def is_inferred(self) -> bool:
        """Whether it is stated nowhere: it follows from what is."""
        return bool(self.asked)


@dataclass(frozen=True, slots=True)
class Toward:
    """The things for which a thing is the value of a property."""

    predicate: Named
    things: Some[Named]


def statements(view: View, iri: str, most: int = READ) -> Some[Said]:
    """Return what is said of a thing, by the names of the properties; of very much, the stated before the inferred."""
    found = list(itertools.islice(view.store.triples(NamedNode(iri), None, None), most + 1))
    said = (_said(view, triple) for triple in found[:most])
    return Some(tuple(sorted(said, key=_order)), len(found) > most)


def toward(view: View, iri: str) -> tuple[Toward, ...]:
    """Return what points at a thing, by the names of the properties."""
    found = ((name, pointing(view, name, iri, _SHOWN_SUBJECTS)) for name in _properties_toward(view, iri))
    told = [
        Toward(_property(view, name), Some(tuple(named(view, one) for one in some), some.has_more))
        for name, some in found
        if some
    ]
    return tuple(sorted(told, key=lambda one: (folded(one.predicate.name.value), one.predicate.iri)))


def _properties_toward(view: View, iri: str) -> set[str]:
    """Return the properties by which something may point at a thing: those found, or of a hub all that are known."""
    first = list(itertools.islice(view.store.toward(iri), READ + 1))
    found = {quad.predicate.value for quad in first}
    if len(first) <= READ:
        return found
    known = itertools.islice(view.store.triples(None, NamedNode(terms.TYPE), NamedNode(terms.OBJECT_PROPERTY)), READ)
    return found | {triple.subject.value for triple in known if isinstance(triple.subject, NamedNode)} | _OTHERS


#: Properties of other vocabularies that may point at a hub.
_OTHERS = frozenset(
    {terms.SOURCE, terms.PUBLISHER, terms.IS_PART_OF, terms.HAS_PART, terms.SUBJECT, terms.RELATION}
    | {f"{names.DCTERMS}spatial", f"{names.DCTERMS}contributor", f"{names.PREFIXES['foaf']}topic"}
    | {f"{names.PREFIXES['geo']}sfWithin", names.REPLACED_BY}
)


def _said(view: View, triple: Triple) -> Said:
    subject, predicate, value = triple.subject, triple.predicate, triple.object
    quads = view.store.stating(subject, predicate, value) if isinstance(subject, NamedNode) else ()
    graphs = {getattr(quad.graph_name, "value", "") for quad in quads}
    is_inferred = graphs <= {names.INFERRED_GRAPH}
    shown, length = _shown(view, predicate.value, value)
    return Said(
        _property(view, predicate.value),
        shown,
        length,
        () if is_inferred else stating(view, sorted(graphs - {names.INFERRED_GRAPH})),
        (str(subject), str(predicate), str(value)) if is_inferred else (),
    )


def _shown(view: View, predicate: str, value: Term) -> tuple[Named, int]:
    if isinstance(value, NamedNode):
        is_kind = predicate == terms.TYPE
        return (Named(value.value, term_name(view, value.value)) if is_kind else named(view, value.value)), 0
    text = value.value if isinstance(value, Literal) else str(value)
    lang = (value.language or "") if isinstance(value, Literal) else ""
    return Named("", Text(text[:SHOWN_TEXT], lang)), len(text) if len(text) > SHOWN_TEXT else 0


def _property(view: View, iri: str) -> Named:
    return Named(iri, term_name(view, iri))


def _order(said: Said) -> tuple[bool, str, str, str]:
    return said.is_inferred, folded(said.predicate.name.value), said.predicate.iri, folded(said.value.name.value)
