"""What a curated graph may speak of, and in which words: its own kind of resources, the vocabulary of the model.

RDF lets anybody say anything about anything, and shapes see only what they aim at. So a misspelt property, a class
that is not declared, a statement about another's licence or about a term of the ontology would be published unseen.
Decides only; `coopkg.judge` asks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Quad, read_quads

#: Fault in French, fault in English.
Fault = tuple[Quad, str, str]

_TYPE = f"{names.RDF}type"
_SOURCE = f"{names.PREFIXES['dcterms']}source"
_DERIVED = f"{names.COOP}derived"
_CLASS = f"{names.OWL}Class"
_PROPERTIES = frozenset(f"{names.OWL}{kind}" for kind in ("ObjectProperty", "DatatypeProperty"))
_PATH_STEPS = frozenset(
    [f"{names.SH}{step}" for step in ("path", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")]
    + [f"{names.RDF}first", f"{names.SH}targetSubjectsOf"]
)
#: Links that no shape has anything to say about.
_LOOSE = frozenset(
    [f"{names.PREFIXES['dcterms']}relation", f"{names.PREFIXES['dcterms']}hasPart", f"{names.RDFS}seeAlso", _TYPE]
)
_OF_SOURCES = (
    "action|event|experiment|expected-participation|group|lesson|measure|outcome|participation|perspective|programme"
    "|project|source"
)
_SLUG = "[a-z0-9]+(?:-+[a-z0-9]+)*"
_ALL_KINDS = f"{_OF_SOURCES}|organisation|territory/area"
_KINDS = {
    names.ORGANISATIONS_GRAPH: "organisation",
    names.TERRITORIES_GRAPH: "territory/area",
    names.EDITORIAL_GRAPH: _ALL_KINDS,
}
_EDITORIAL = frozenset({names.DEPRECATED, names.REPLACED_BY})
_OTHERS = frozenset({names.ONTOLOGY_GRAPH, names.LICENCES_GRAPH, names.INFERRED_GRAPH, names.CATALOG_GRAPH})
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)
# Ten digits by pairs, as in France; not the digits of a SIREN, a SIRET or an amount.
_TELEPHONE = re.compile(r"(?<![\d.,])(?:(?:\+|00)33[ .-]?|0)[1-9](?:[ .-]?\d{2}){4}(?![\d.,]*\d)")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The properties and classes that curated graphs may use, and those that only inference gives."""

    properties: frozenset[str]
    derived: frozenset[str]
    classes: frozenset[str]

    @classmethod
    def of(cls, ontology: Iterable[Quad], shape_files: Sequence[Path]) -> Vocabulary:
        """Return what the ontology declares in its own namespace, and what the shapes speak of."""
        declared = list(ontology)
        kinds = [(_text(quad.subject), _text(quad.object)) for quad in declared if quad.predicate.value == _TYPE]
        own = {term for term, kind in kinds if kind in _PROPERTIES and term.startswith(names.COOP)}
        derived = frozenset(_text(quad.subject) for quad in declared if quad.predicate.value == _DERIVED)
        paths = {
            _text(quad.object)
            for path in shape_files
            for quad in read_quads(path, f"shapes/{path.name}")
            if quad.predicate.value in _PATH_STEPS and isinstance(quad.object, NamedNode)
        }
        classes = frozenset(term for term, kind in kinds if kind == _CLASS)
        return cls(frozenset((own | paths | _LOOSE) - derived), derived, classes - derived)


def kind_of(iri: str) -> str:
    """Return the kind of a curated resource, as its IRI says it; "" for an IRI that no curated graph may describe.

    >>> kind_of("https://w3id.org/coopkg/id/project/a-page")
    'project'
    """
    match = re.fullmatch(f"{re.escape(names.BASE)}id/({_ALL_KINDS})/{_SLUG}", iri)
    return match[1] if match else ""


def is_scoped(graph: str) -> bool:
    """Return whether a named graph is one of a source document, of organisations, of territories or of redirects."""
    return graph in _KINDS or (
        graph not in _OTHERS and re.fullmatch(f"{re.escape(names.GRAPH)}{_SLUG}", graph) is not None
    )


def foreign(quads: Iterable[Quad]) -> Iterator[Fault]:
    """Yield the statements about what the graph of a statement may not describe: one for each such subject."""
    seen: set[tuple[str, str]] = set()
    for quad in quads:
        graph, subject = _text(quad.graph_name), _text(quad.subject)
        kinds = _KINDS.get(graph, _OF_SOURCES)
        if (graph, subject) in seen or re.fullmatch(f"{re.escape(names.BASE)}id/(?:{kinds})/{_SLUG}", subject):
            continue
        seen.add((graph, subject))
        allowed = kinds.replace("|", ", ")
        yield (
            quad,
            f"le graphe <{graph}> ne peut pas décrire cette ressource : un IRI y est {names.BASE}id/<genre>/<nom>, le "
            f"nom en minuscules sans accent, chiffres et tirets, le genre parmi {allowed}",
            f"the graph <{graph}> may not describe this resource: its IRIs are {names.BASE}id/<kind>/<slug>, the slug "
            f"of a-z, 0-9 and hyphens, the kind one of {allowed}",
        )


def misspoken(quads: Collection[Quad], vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield the statements that are not in the words of the model, or that hold what must not be published."""
    typed = {quad.subject for quad in quads if quad.predicate.value == _TYPE}
    untyped: set[object] = set()
    for quad in quads:
        yield from _property_faults(quad, vocabulary)
        yield from _contact_faults(quad)
        if _text(quad.graph_name) == names.EDITORIAL_GRAPH:
            continue  # a deprecated IRI is nothing any more
        if quad.subject not in typed and quad.subject not in untyped:
            untyped.add(quad.subject)
            yield quad, "rien ne dit ce que c'est : ajoutez sa classe", "nothing says what this is: add its class"


def _property_faults(quad: Quad, vocabulary: Vocabulary) -> Iterator[Fault]:
    term, graph = quad.predicate.value, _text(quad.graph_name)
    said = _text(quad.object) if term == _TYPE else term
    if graph == names.EDITORIAL_GRAPH and term in _EDITORIAL:
        return
    if graph == names.EDITORIAL_GRAPH or term in _EDITORIAL:
        yield (
            quad,
            f"{names.short(term)} n'a pas sa place ici : owl:deprecated et dcterms:isReplacedBy se disent dans "
            f"<{names.EDITORIAL_GRAPH}>, et rien d'autre ; lancez « coopkg rename »",
            f"{names.short(term)} has no place here: owl:deprecated and dcterms:isReplacedBy are said in "
            f"<{names.EDITORIAL_GRAPH}>, and nothing else is; run 'coopkg rename'",
        )
    elif said in vocabulary.derived:
        yield (
            quad,
            f"{names.short(said)} est déduit par la construction du graphe : retirez-le, et écrivez ce dont il découle",
            f"{names.short(said)} is inferred by the build: remove it, and state what it follows from",
        )
    elif term not in vocabulary.properties:
        yield (
            quad,
            f"{names.short(term)} n'est pas une propriété du modèle",
            f"{names.short(term)} is not a property of the model",
        )
    elif term == _TYPE and said not in vocabulary.classes:
        yield (
            quad,
            f"{names.short(said)} n'est pas une classe du modèle",
            f"{names.short(said)} is not a class of the model",
        )
    elif term == _SOURCE and graph not in _KINDS and _text(quad.object) != _source_of(graph):
        yield (
            quad,
            f"la source d'une affirmation de ce graphe est <{_source_of(graph)}> : écrivez celle-ci",
            f"the source of a claim of this graph is <{_source_of(graph)}>: write that one",
        )


def _contact_faults(quad: Quad) -> Iterator[Fault]:
    text = _text(quad.object)
    found = text.startswith(("mailto:", "tel:"))
    if isinstance(quad.object, Literal):
        found = _EMAIL.search(text) is not None or _TELEPHONE.search(text) is not None
    if found:
        yield (
            quad,
            "adresse électronique ou numéro de téléphone : retirez-le, aucune donnée personnelle n'est publiée",
            "e-mail address or telephone number: remove it, no personal data is published",
        )


def _source_of(graph: str) -> str:
    return f"{names.BASE}id/source/{graph.removeprefix(names.GRAPH)}"


def _text(term: object) -> str:
    return str(getattr(term, "value", ""))
