"""What is said of a thing, for programs: the statements about it and those that point at it, a page at a time.

It reads neighbours alone, and no more of them than a page holds: a hub costs what a page of it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from coopkg import names
from coopkg.errors import InputError
from coopkg.jsonld import PREFIXES
from coopkg.rdf import Literal, NamedNode, Quad, Triple
from coopkg.store import QuadStore
from coopkg.view import LABELS

#: How many statements a page has, each counted once for every graph that states it.
PER_PAGE = 500
#: Beyond, what comes before a page is not read for it: that takes most of a second.
PAGES_MAX = 200
#: It tells of the whole, of which a thing may be the example.
_CATALOG = NamedNode(names.CATALOG_GRAPH)
_LANGUAGES = ("fr", "en", None)
#: Of the names of a neighbour so many are read.
_NAMES_READ = 20
_LICENCE = f"{names.DCTERMS}license"
_WHOLE = f"{names.BASE}dataset/graph"


@dataclass(frozen=True, slots=True)
class Description:
    """A page of what is said of a thing.

    Args:
        statements: about it, then toward it; each once.
        labels: the names of all that they speak of, in French and English.
        graphs: the named graphs that state them, sorted.
        number: which page, from 1.
    """

    iri: str
    statements: tuple[Triple, ...]
    labels: tuple[Triple, ...]
    graphs: tuple[str, ...]
    number: int
    has_more: bool

    def quads(self) -> list[Quad]:
        """Return all of it in an order that stays: the thing first, then the others by their IRIs."""
        found = {*self.statements, *self.labels}
        return [Quad(*triple) for triple in sorted(found, key=self._place)]

    def _place(self, triple: Triple) -> tuple[bool, str]:
        return triple.subject != NamedNode(self.iri), str(triple)

    def document(self, address: str, licences: Iterable[str], ending: str = "") -> list[Quad]:
        """Return what the document with this page says of itself: its topic, its graphs, its terms, the next page.

        Args:
            address: of the document, whichever its form and its page.
            ending: of the address that was asked for, with its dot: the next page comes in the same form.
        """
        own, hydra = NamedNode(address), PREFIXES["hydra"]
        said = [
            (own, f"{names.PREFIXES['foaf']}primaryTopic", self.iri),
            (own, f"{PREFIXES['void']}inDataset", _WHOLE),
            *((own, f"{names.DCTERMS}source", graph) for graph in self.graphs),
            *((own, _LICENCE, licence) for licence in licences),
        ]
        if self.has_more or self.number > 1:
            paged = f"{address}{ending}?page="
            page = NamedNode(f"{paged}{self.number}")
            said += [(own, f"{hydra}view", page.value), (page, f"{names.RDF}type", f"{hydra}PartialCollectionView")]
            said += [(page, f"{hydra}{name}", f"{paged}{number}") for name, number in self._others()]
        return [Quad(subject, NamedNode(predicate), NamedNode(value)) for subject, predicate, value in said]

    def _others(self) -> Iterator[tuple[str, int]]:
        yield "first", 1
        if self.number > 1:
            yield "previous", self.number - 1
        if self.has_more:
            yield "next", self.number + 1


def of(store: QuadStore, iri: str, number: int = 1) -> Description | None:
    """Return a page of what is said of a thing; None beyond the last one.

    Raises:
        InputError: it is beyond what is read, however much there is.
    """
    if number > PAGES_MAX:
        raise InputError(
            f"page={number}: of a thing {PAGES_MAX} pages of {PER_PAGE} statements are given; where there are more, "
            "ask /sparql, or take a dump"
        )
    skip = (number - 1) * PER_PAGE
    said = (quad for quad in chain(store.about(iri), store.toward(iri)) if quad.graph_name != _CATALOG)
    found = list(islice(said, skip, skip + PER_PAGE + 1))
    if not found:
        return None
    shown = found[:PER_PAGE]
    statements = tuple(dict.fromkeys(quad.triple for quad in shown))
    graphs = {quad.graph_name.value for quad in shown if isinstance(quad.graph_name, NamedNode)}
    near = {term.value for one in statements for term in (one.subject, one.object) if isinstance(term, NamedNode)}
    labels = tuple(label for one in sorted({iri, *near}) for label in _labels(store, one))
    return Description(iri, statements, labels, tuple(sorted(graphs)), number, len(found) > PER_PAGE)


def stating(store: QuadStore, iri: str) -> tuple[str, ...]:
    """Return the named graphs that say something about a thing, sorted; of very many statements some are read."""
    graphs = (quad.graph_name for quad in islice(store.about(iri), PER_PAGE))
    return tuple(sorted({graph.value for graph in graphs if isinstance(graph, NamedNode)}))


def licences(store: QuadStore, graphs: Iterable[str]) -> tuple[str, ...]:
    """Return the licences of some named graphs, sorted: their own where the graph of licences speaks of them."""
    found = set[str]()
    for graph in graphs:
        said = list(store.about(graph, names.LICENCES_GRAPH)) or store.about(names.BASE, names.LICENCES_GRAPH)
        licensed = (quad.object for quad in said if quad.predicate.value == _LICENCE)
        found |= {term.value for term in licensed if isinstance(term, NamedNode)}
    return tuple(sorted(found))


def _labels(store: QuadStore, iri: str) -> list[Triple]:
    """Return the names of a thing in French and English, of the first property by which it has any."""
    for predicate in LABELS:
        found = islice(store.triples(NamedNode(iri), NamedNode(predicate), None), _NAMES_READ)
        if names_found := [one for one in found if isinstance(one.object, Literal) and _is_ours(one.object)]:
            return names_found
    return []


def _is_ours(text: Literal) -> bool:
    return text.language in _LANGUAGES
