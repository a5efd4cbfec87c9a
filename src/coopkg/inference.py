"""What a graph entails: OWL 2 RL by owlrl, and the rules of the ontology by the store's engine.

The only module that calls owlrl. It works on the curated graphs and the reference nodes that they touch, in memory;
the closure of the territorial hierarchy is a rule that runs over the whole store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from coopkg import names
from coopkg.errors import InputError
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse_quads, to_bytes
from coopkg.store import QuadStore

_TYPE = NamedNode(f"{names.RDF}type")
_TERM_KINDS = frozenset(NamedNode(f"{names.OWL}{kind}") for kind in ("Class", "ObjectProperty", "DatatypeProperty"))
_LITERAL_CHECKS = frozenset({f"{names.XSD}decimal", f"{names.XSD}integer"})
_FLOATS = frozenset({f"{names.XSD}double", f"{names.XSD}float"})
_NOT_FINITE = frozenset({"NaN", "INF", "+INF", "-INF"})
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\s*", re.ASCII)
_ROUNDS = 50
_LOGIC = (names.RDF, names.RDFS, names.OWL)
_SAID = frozenset(NamedNode(f"{names.RDFS}{name}") for name in ("label", "comment", "isDefinedBy", "seeAlso"))


def closure(asserted: Iterable[Quad], ontology: Iterable[Quad], rules: Mapping[str, str]) -> set[Triple]:
    """Return the triples that follow and are not asserted, over the ontology's own vocabulary.

    Args:
        asserted: curated quads with the reference nodes they touch; no ill-typed number among them.
        ontology: the quads of the ontology graph; their blank nodes skolemised or not.
        rules: CONSTRUCT queries by name; each sees what owlrl entailed and what the others gave.
    Returns:
        Triples between IRIs or from an IRI to a literal, whose predicate (or class) the ontology declares. Nothing
        about the ontology's own terms, nothing reflexive but what is asserted, no owl:sameAs.
    """
    data = {_triple(quad) for quad in asserted}
    terms = {_triple(quad) for quad in ontology}
    classes, properties = _vocabulary(terms)
    own = {triple.subject for triple in terms}
    entailed = {
        triple
        for triple in _expanded(_relevant(data, properties) | _axioms(terms))
        if isinstance(triple.subject, NamedNode)
        and triple.subject not in own
        and (triple.object in classes if triple.predicate == _TYPE else triple.predicate in properties)
    }
    return _ruled(data | entailed, rules) - data | (entailed - data)


def ill_typed(quads: Iterable[Quad]) -> list[Quad]:
    """Return the quads whose number is no finite one: owlrl 7.6 and pySHACL 0.40 stop with InvalidOperation on them."""
    return [quad for quad in quads if isinstance(quad.object, Literal) and not _is_number_if_any(quad.object)]


def _is_number_if_any(literal: Literal) -> bool:
    datatype = literal.datatype.value
    if datatype in _FLOATS:
        return literal.value not in _NOT_FINITE
    return datatype not in _LITERAL_CHECKS or _NUMBER.fullmatch(literal.value) is not None


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)


def _relevant(data: set[Triple], properties: set[object]) -> set[Triple]:
    """Return what an axiom can meet: types, and properties that the ontology declares.

    owlrl's time grows faster than its input, and two thirds of ours are labels, notes and publication data.
    """
    return {triple for triple in data if triple.predicate == _TYPE or triple.predicate in properties}


def _axioms(terms: set[Triple]) -> set[Triple]:
    """Return the ontology without its labels, definitions and metadata."""
    return {triple for triple in terms if triple.predicate.value.startswith(_LOGIC) and triple.predicate not in _SAID}


def _vocabulary(ontology: set[Triple]) -> tuple[set[object], set[object]]:
    declared = {
        kind: {t.subject for t in ontology if t.predicate == _TYPE and t.object == kind} for kind in _TERM_KINDS
    }
    classes = declared.pop(NamedNode(f"{names.OWL}Class"))
    return set(classes), set().union(*declared.values())


def _expanded(triples: set[Triple]) -> set[Triple]:
    import owlrl  # with rdflib, half of the time that the program needs to start
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    graph.parse(data=to_bytes((Quad(*triple) for triple in triples), RdfFormat.N_TRIPLES), format="nt")
    with _datatypes_kept(rdflib.term._toPythonMapping):
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    # owlrl puts literals into subject position; N-Triples has no word for them, so they stay behind here.
    for triple in [triple for triple in graph if isinstance(triple[0], rdflib.Literal)]:
        graph.remove(triple)
    lines = graph.serialize(format="nt", encoding="utf-8")
    return {_triple(q) for q in parse_quads(lines, RdfFormat.N_TRIPLES, "owlrl") if not _has_blank(q)}


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


def _ruled(triples: set[Triple], rules: Mapping[str, str]) -> set[Triple]:
    """Apply the rules until they give nothing new, which comes because they make no new terms."""
    graph = NamedNode(names.INFERRED_GRAPH)
    given: set[Triple] = set()
    store = QuadStore.in_memory(Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    for _ in range(_ROUNDS):
        fresh = {triple for name, text in rules.items() for triple in ruled(store, name, text)}
        fresh -= triples | given
        if not fresh:
            return given
        given |= fresh
        store.change((), [Quad(t.subject, t.predicate, t.object, graph) for t in fresh])
    raise InputError(
        f"ontology/rules: after {_ROUNDS} rounds the rules still give new triples, such as {given.pop()}; "
        "a rule may only relate terms that are there already: make none with BIND"
    )


def ruled(store: QuadStore, name: str, text: str) -> list[Triple]:
    """Return the triples that a rule gives over a store.

    Raises:
        InputError: the rule is no CONSTRUCT query, or makes blank nodes; names its file.
    """
    try:
        given = store.construct(text)
    except InputError as fault:
        raise InputError(f"ontology/rules/{name}.rq: {fault}; repair the rule") from fault
    if any(isinstance(term, BlankNode) for triple in given for term in (triple.subject, triple.object)):
        raise InputError(f"ontology/rules/{name}.rq: the rule makes blank nodes; relate only terms that are there")
    return given
