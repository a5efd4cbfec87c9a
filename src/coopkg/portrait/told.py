"""Who says what: the source documents behind statements, and what each of them says where they may differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coopkg import names
from coopkg.portrait import terms
from coopkg.portrait.naming import Named, by_name
from coopkg.rdf import NamedNode
from coopkg.view import Text, View

#: What the graphs that are no source document are called, by the beginning of their names.
_GRAPHS = {
    names.INFERRED_GRAPH: ("déduit", "inferred"),
    names.REFERENCE_GRAPHS: ("table de référence", "reference table"),
    names.EDITORIAL_GRAPH: ("notice de la rédaction", "editorial description"),
    names.ONTOLOGY_GRAPH: ("vocabulaire", "vocabulary"),
    names.SCHEMES_GRAPHS: ("listes de valeurs", "lists of values"),
    names.LICENCES_GRAPH: ("licences", "licences"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A text, and the source documents that say it."""

    text: Text
    sources: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A short exact quotation, and the source documents that hold it."""

    text: Text
    sources: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A source document, for who wants to read it."""

    document: Named
    publishers: tuple[Named, ...]
    narrators: tuple[Named, ...]
    page: str
    read: tuple[Named, ...]


def stating(view: View, graphs: Iterable[str]) -> tuple[Named, ...]:
    """Return the source documents that some graphs hold; a graph that holds none by what it is, without an IRI."""
    return tuple(dict.fromkeys(_document(view, graph) for graph in graphs))


def told(view: View, iri: str, predicate: str) -> tuple[Told, ...]:
    """Return the texts of a property in the reader's language, each with the source documents that say it."""
    graphs: dict[str, set[str]] = {}
    for quad in view.store.stating(NamedNode(iri), NamedNode(predicate), None):
        graph = getattr(quad.graph_name, "value", "")
        graphs.setdefault(getattr(quad.object, "value", ""), set()).add(graph)
    texts = view.texts(iri, predicate)
    return tuple(Told(text, stating(view, sorted(graphs.get(text.value, ())))) for text in texts)


def quotes(view: View, iri: str) -> tuple[Quote, ...]:
    """Return the quotations that a thing rests on, as they were written."""
    return tuple(Quote(one.text, one.sources) for one in told(view, iri, terms.WORDING))


def sources_of(view: View, iri: str) -> tuple[Named, ...]:
    """Return the source documents that a thing names as what it is drawn from."""
    return by_name(view, view.iris(iri, terms.SOURCE))


def source(view: View, document: Named) -> Source:
    """Return a source document with who publishes it, who tells, where it is read, and how much of it was."""
    iri = document.iri
    return Source(
        document,
        by_name(view, view.iris(iri, terms.PUBLISHER)),
        by_name(view, view.iris(iri, terms.NARRATOR)),
        view.iri(iri, terms.PAGE),
        by_name(view, view.iris(iri, terms.READ_EXTENT)),
    )


def _document(view: View, graph: str) -> Named:
    own = f"{names.BASE}id/source/{graph.removeprefix(names.GRAPH)}"
    if graph.startswith(names.GRAPH) and view.kinds(own):
        return Named(own, view.label(own))
    for beginning, words in _GRAPHS.items():
        if graph.startswith(beginning):
            return Named("", Text(words[view.lang != "fr"], view.lang))
    return Named("", Text(names.short(graph).strip("<>")))
