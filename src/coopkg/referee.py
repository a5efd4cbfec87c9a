"""What owlrl says follows from axioms, and the engine from rules: the referees of the tests. No build asks them.

The only module that calls owlrl.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from coopkg import names
from coopkg.rdf import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse_quads, to_bytes
from coopkg.store import QuadStore

_LOGIC = (names.RDF, names.RDFS, names.OWL)
_SAID = frozenset(NamedNode(f"{names.RDFS}{name}") for name in ("label", "comment", "isDefinedBy", "seeAlso"))


def expanded(data: Iterable[Triple], ontology: Iterable[Triple]) -> set[Triple]:
    """Return data, axioms and all that owlrl derives from them, without blank nodes and literals as subjects.

    Args:
        data: no ill-typed number among them: owlrl 7.6 stops on one with InvalidOperation.
        ontology: its labels, definitions and metadata are left out.
    """
    import owlrl  # with rdflib, half of the time that the program needs to start
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    lines = to_bytes((Quad(*triple) for triple in {*data, *filter(_is_axiom, ontology)}), RdfFormat.N_TRIPLES)
    graph.parse(data=lines, format="nt")
    with _datatypes_kept(rdflib.term._toPythonMapping):
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    # owlrl puts literals into subject position; N-Triples has no word for them, so they stay behind here.
    for triple in [triple for triple in graph if isinstance(triple[0], rdflib.Literal)]:
        graph.remove(triple)
    quads = parse_quads(graph.serialize(format="nt", encoding="utf-8"), RdfFormat.N_TRIPLES, "owlrl")
    return {Triple(quad.subject, quad.predicate, quad.object) for quad in quads if not _has_blank(quad)}


def constructed(store: QuadStore, rule: str) -> set[Triple]:
    """Return what the store's engine gives for a rule, once."""
    return set(cast("Iterable[Triple]", store.query(rule)))


def _is_axiom(triple: Triple) -> bool:
    return triple.predicate.value.startswith(_LOGIC) and triple.predicate not in _SAID


@contextmanager
def _datatypes_kept(known: dict[Any, Any]) -> Iterator[None]:
    """Undo what owlrl 7.6 leaves behind in rdflib: its own datatypes, with which pySHACL would judge otherwise."""
    before = dict(known)
    try:
        yield
    finally:
        known.clear()
        known.update(before)


def _has_blank(quad: Quad) -> bool:
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)
