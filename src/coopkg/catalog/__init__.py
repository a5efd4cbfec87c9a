"""The catalogue: what is published, told to harvesters in the words of DCAT-AP, VoID and SPARQL Service Description.

Decides and does nothing else: facts in, statements out. `gathering` is where the facts come from, `contents` which data
sets there are, `distributions` in which forms.
"""

from __future__ import annotations

from coopkg import names
from coopkg.addresses import Addresses
from coopkg.catalog import authorities, coverage, dcat, service, void
from coopkg.catalog.dcat import Page
from coopkg.catalog.facts import Facts
from coopkg.catalog.service import Endpoint
from coopkg.catalog.sheet import PREFIXES
from coopkg.rdf import BlankNode, NamedNode, Quad

__all__ = ["PREFIXES", "Endpoint", "Facts", "Page", "graph"]

_GRAPH = NamedNode(names.CATALOG_GRAPH)
#: The graph of licences names them in full; a second name beside that one would be one too many.
_NAMES = frozenset(f"{space}{name}" for space, name in ((names.RDFS, "label"), (names.DCTERMS, "title")))


def graph(facts: Facts, site: Addresses) -> list[Quad]:
    """Return all descriptions as they are kept in the store: in the graph of the catalogue, without blank nodes.

    Args:
        site: where the endpoint is that the descriptions shall name.
    """
    described = Endpoint(facts.revision, _graphs(facts), facts.limits, facts.takes_updates)
    told = [*dcat.whole(facts, site), *void.described(facts, site), *service.described(described, site)]
    return [_kept(quad) for quad in dict.fromkeys(told) if not _names_a_licence(quad)]


def _graphs(facts: Facts) -> tuple[str, ...]:
    return tuple(sorted({*facts.graphs, names.INFERRED_GRAPH, names.CATALOG_GRAPH}))


def _kept(quad: Quad) -> Quad:
    subject, value = (
        NamedNode(coverage.skolem(term.value)) if isinstance(term, BlankNode) else term
        for term in (quad.subject, quad.object)
    )
    return Quad(subject, quad.predicate, value, _GRAPH)  # type: ignore[arg-type]  # the terms of a quad, in their places


def _names_a_licence(quad: Quad) -> bool:
    subject = quad.subject
    return isinstance(subject, NamedNode) and subject.value in authorities.LICENCES and quad.predicate.value in _NAMES
