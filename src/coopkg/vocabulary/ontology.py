"""The ontology as a reader sees it: each class and property with what it means and how it holds together with others.

Everything is read from the ontology's own graph; only how often a term is used comes from the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from coopkg import names
from coopkg.rdf import NamedNode
from coopkg.view import TYPE, Text, View
from coopkg.vocabulary import uses
from coopkg.vocabulary.naming import Link, link, links, vocabulary
from coopkg.vocabulary.uses import Count

IRI = names.COOP.rstrip("#")
_SCHEMA = names.PREFIXES["schema"]
_VANN = "http://purl.org/vocab/vann/"
_STATUS = "http://www.w3.org/2003/06/sw-vocab-status/ns#term_status"
_DERIVED = f"{names.COOP}derived"
_SUBCLASS, _SUBPROPERTY = f"{names.RDFS}subClassOf", f"{names.RDFS}subPropertyOf"
_DOMAINS = (f"{names.RDFS}domain", f"{_SCHEMA}domainIncludes")
_RANGES = (f"{names.RDFS}range", f"{_SCHEMA}rangeIncludes")
_FIRST, _REST, _NIL = f"{names.RDF}first", f"{names.RDF}rest", f"{names.RDF}nil"
_CLASS = f"{names.OWL}Class"
_PROPERTIES = tuple(names.OWL + kind for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty"))
#: How our terms are aligned with those of others: the narrower bond first.
_ALIGNING = (
    *(names.OWL + name for name in ("equivalentClass", "equivalentProperty")),
    *(_SUBCLASS, _SUBPROPERTY),
    *(names.SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")),
)
_TRAITS = tuple(
    names.OWL + name
    for name in ("TransitiveProperty", "SymmetricProperty", "FunctionalProperty", "InverseFunctionalProperty")
)


@dataclass(frozen=True, slots=True)
class Alignment:
    """A bond to a term of another vocabulary.

    Args:
        relation: the property that says it, as a short IRI.
        vocabulary: the name of the other one, "" when it has none here.
    """

    relation: str
    term: Link
    vocabulary: str


@dataclass(frozen=True, slots=True)
class Term:
    """What is said of every term of ours.

    Args:
        local: its name within the namespace, and its anchor in the page.
        elsewhere: its name in the other language.
        replaced_by: what to use instead of a term that is deprecated.
        uses: how many things have the class, or in how many statements the property stands.
    """

    iri: str
    local: str
    name: Text
    elsewhere: Text | None
    definition: Text | None
    notes: tuple[Text, ...]
    examples: tuple[Text, ...]
    status: str
    is_derived: bool
    is_deprecated: bool
    replaced_by: tuple[Link, ...]
    alignments: tuple[Alignment, ...]
    uses: Count


@dataclass(frozen=True, slots=True)
class Class(Term):
    """A class of ours: which are wider and narrower, which properties leave it and lead to it, what it excludes."""

    parents: tuple[Link, ...]
    children: tuple[Link, ...]
    leaving: tuple[Link, ...]
    leading: tuple[Link, ...]
    excluded: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Property(Term):
    """A property of ours.

    Args:
        kind: "ObjectProperty", "DatatypeProperty" or "AnnotationProperty".
        domains: what it is said of, its own or those of the wider property; likewise `ranges`.
        traits: local names of the OWL classes that say how it behaves.
        chains: one after the other these properties give this one.
        roles: the roles that give it from an action to an agent.
    """

    kind: str
    domains: tuple[Link, ...]
    ranges: tuple[Link, ...]
    parents: tuple[Link, ...]
    children: tuple[Link, ...]
    inverses: tuple[Link, ...]
    traits: tuple[str, ...]
    chains: tuple[tuple[Link, ...], ...]
    roles: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Ontology:
    """The ontology: what it says of itself, its terms in the order of their names, and the terms of others in it."""

    title: Text | None
    description: Text | None
    abstract: Text | None
    citation: Text | None
    version: str
    version_iri: str
    licence: str
    issued: str
    modified: str
    prefix: str
    classes: tuple[Class, ...]
    properties: tuple[Property, ...]
    reused: tuple[Link, ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        """Its classes, then its properties."""
        return (*self.classes, *self.properties)


_Kind = TypeVar("_Kind", bound=Term)


def read(view: View) -> Ontology:
    """Return the ontology of the published graph in the reader's language."""
    reader = _Reader(view)
    return Ontology(
        title=view.text(IRI, f"{names.DCTERMS}title"),
        description=view.text(IRI, f"{names.DCTERMS}description"),
        abstract=view.text(IRI, f"{names.DCTERMS}abstract"),
        citation=view.text(IRI, f"{names.DCTERMS}bibliographicCitation"),
        version=view.value(IRI, f"{names.OWL}versionInfo"),
        version_iri=view.iri(IRI, f"{names.OWL}versionIRI"),
        licence=view.iri(IRI, f"{names.DCTERMS}license"),
        issued=view.value(IRI, f"{names.DCTERMS}issued"),
        modified=view.value(IRI, f"{names.DCTERMS}modified"),
        prefix=view.value(IRI, f"{_VANN}preferredNamespacePrefix"),
        classes=_ordered(view, map(reader.new_class, reader.classes)),
        properties=_ordered(view, map(reader.new_property, reader.properties)),
        reused=links(view, reader.reused),
    )


def _ordered(view: View, terms: Iterable[_Kind]) -> tuple[_Kind, ...]:
    found = {term.iri: term for term in terms}
    return tuple(found[iri] for iri in view.sorted_by_label(found))


class _Reader:
    def __init__(self, view: View) -> None:
        self._view = view
        self._other = View(view.store, "fr" if view.lang == "en" else "en")
        typed: dict[str, set[str]] = {}
        for quad in view.store.quads(names.ONTOLOGY_GRAPH):
            if quad.predicate.value == TYPE and isinstance(quad.subject, NamedNode):
                typed.setdefault(quad.subject.value, set()).add(getattr(quad.object, "value", ""))
        self.classes = {iri for iri, kinds in typed.items() if iri.startswith(names.COOP) and _CLASS in kinds}
        self.properties = {
            iri: kind
            for kind in _PROPERTIES
            for iri, kinds in typed.items()
            if iri.startswith(names.COOP) and kind in kinds
        }
        annotations = f"{names.OWL}AnnotationProperty"
        terms = {iri for iri, kinds in typed.items() if not kinds.isdisjoint((_CLASS, *_PROPERTIES[:2]))}
        self.reused = {iri for iri in terms if not iri.startswith(names.COOP) and annotations not in typed[iri]}
        self._domains = {iri: self._of(iri, _DOMAINS) for iri in self.properties}
        self._ranges = {iri: self._of(iri, _RANGES) for iri in self.properties}
        self._excluding = self._disjoint_sets()

    def new_class(self, iri: str) -> Class:
        return self._term(
            Class,
            iri,
            uses.instances(self._view, iri),
            parents=self._links(self._view.iris(iri, _SUBCLASS)),
            children=self._links(self._view.subjects(_SUBCLASS, iri)),
            leaving=self._links(one for one, kinds in self._domains.items() if iri in kinds),
            leading=self._links(one for one, kinds in self._ranges.items() if iri in kinds),
            excluded=self._links(self._excluded(iri)),
        )

    def new_property(self, iri: str) -> Property:
        view = self._view
        kinds = view.kinds(iri)
        inverse = f"{names.OWL}inverseOf"
        return self._term(
            Property,
            iri,
            uses.statements(view, iri),
            kind=self.properties[iri].removeprefix(names.OWL),
            domains=self._links(self._domains[iri]),
            ranges=self._links(self._ranges[iri]),
            parents=self._links(view.iris(iri, _SUBPROPERTY)),
            children=self._links(view.subjects(_SUBPROPERTY, iri)),
            inverses=self._links({*view.iris(iri, inverse), *view.subjects(inverse, iri)}),
            traits=tuple(trait.removeprefix(names.OWL) for trait in _TRAITS if trait in kinds),
            chains=tuple(
                tuple(link(view, step) for step in self._listed(head))
                for head in view.iris(iri, f"{names.OWL}propertyChainAxiom")
            ),
            roles=self._links(view.subjects(f"{names.COOP}shortcutProperty", iri)),
        )

    def _term(self, make: Callable[..., _Kind], iri: str, used: Count, **more: object) -> _Kind:
        view = self._view
        return make(
            iri=iri,
            local=iri.removeprefix(names.COOP),
            name=view.label(iri),
            elsewhere=self._elsewhere(iri),
            definition=view.text(iri, f"{names.SKOS}definition"),
            notes=tuple(view.texts(iri, f"{names.SKOS}scopeNote") + view.texts(iri, f"{names.SKOS}historyNote")),
            examples=tuple(view.texts(iri, f"{names.SKOS}example")),
            status=view.value(iri, _STATUS),
            is_derived=view.value(iri, _DERIVED) == "true",
            is_deprecated=view.value(iri, names.DEPRECATED) == "true",
            replaced_by=self._links(view.iris(iri, names.REPLACED_BY)),
            alignments=tuple(self._alignments(iri)),
            uses=used,
            **more,
        )

    def _elsewhere(self, iri: str) -> Text | None:
        name = self._other.text(iri, f"{names.RDFS}label")
        return name if name and name.lang == self._other.lang else None

    def _alignments(self, iri: str) -> Iterable[Alignment]:
        for relation in _ALIGNING:
            for other in self._view.iris(iri, relation):
                if not other.startswith(names.BASE):
                    yield Alignment(names.short(relation), link(self._view, other), vocabulary(other))

    def _links(self, iris: Iterable[str]) -> tuple[Link, ...]:
        return links(self._view, iris)

    def _of(self, iri: str, predicates: tuple[str, ...], above: frozenset[str] = frozenset()) -> set[str]:
        """Return what a property is said of, or leads to: what it says itself, else what the wider ones say."""
        own = {kind for predicate in predicates for kind in self._view.iris(iri, predicate)}
        if own or iri in above:
            return own
        wider = self._view.iris(iri, _SUBPROPERTY)
        return set().union(*(self._of(one, predicates, above | {iri}) for one in wider))

    def _disjoint_sets(self) -> list[set[str]]:
        heads = self._view.subjects(TYPE, f"{names.OWL}AllDisjointClasses")
        return [set(self._listed(head)) for one in heads for head in self._view.iris(one, f"{names.OWL}members")]

    def _excluded(self, iri: str) -> set[str]:
        disjoint = f"{names.OWL}disjointWith"
        pairs = {*self._view.iris(iri, disjoint), *self._view.subjects(disjoint, iri)}
        return pairs.union(*(members for members in self._excluding if iri in members)) - {iri}

    def _listed(self, head: str) -> list[str]:
        found: list[str] = []
        seen: set[str] = set()
        while head not in ("", _NIL) and head not in seen:
            seen.add(head)
            found += self._view.iris(head, _FIRST)
            head = self._view.iri(head, _REST)
        return found
