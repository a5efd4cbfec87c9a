"""What a graph entails: the ontology's axioms and rules, compiled once and run in memory.

It works on the curated graphs and the reference nodes that they touch; the closure of the territorial hierarchy is a
rule that the store's engine runs over the whole store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from coopkg import axioms, names, rules
from coopkg.axioms import TYPE
from coopkg.errors import InputError
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad, Triple
from coopkg.reasoner import Fact, Inconsistency, Reasoner, Rule
from coopkg.store import QuadStore

_TERM_KINDS = frozenset(NamedNode(f"{names.OWL}{kind}") for kind in ("Class", "ObjectProperty", "DatatypeProperty"))
_LITERAL_CHECKS = frozenset({f"{names.XSD}decimal", f"{names.XSD}integer"})
_FLOATS = frozenset({f"{names.XSD}double", f"{names.XSD}float"})
_NOT_FINITE = frozenset({"NaN", "INF", "+INF", "-INF"})
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Logic:
    """An ontology and its rules, compiled: what can follow, and about what.

    Args:
        rules: for the reasoner.
        properties: those that the ontology declares.
        classes: those that the ontology declares.
        own: the subjects of the ontology; nothing is inferred about them.
    """

    rules: tuple[Rule, ...]
    properties: frozenset[object]
    classes: frozenset[object]
    own: frozenset[object]

    @classmethod
    def of(cls, ontology: Iterable[Quad], texts: Mapping[str, str]) -> Logic:
        """Return the logic of an ontology graph (blank nodes skolemised or not) and of rules by name.

        Raises:
            InputError: an axiom or a rule uses what is not supported; names the term and the construct, or the line.
        """
        terms = [_triple(quad) for quad in ontology]
        compiled = [*axioms.compiled(terms), *(rule for name, text in texts.items() for rule in rules.read(name, text))]
        declared = {
            kind: {term.subject for term in terms if term.predicate == TYPE and term.object == kind}
            for kind in _TERM_KINDS
        }
        classes = declared.pop(NamedNode(f"{names.OWL}Class"))
        own = frozenset(term.subject for term in terms)
        return cls(tuple(compiled), frozenset().union(*declared.values()), frozenset(classes), own)

    def reasoner(self, asserted: Iterable[Quad]) -> Reasoner:
        """Return a reasoner over the statements that a rule can meet, or that a rule could give."""
        read = {atom.predicate for rule in self.rules for atom in rule.body} | self.properties | {TYPE}
        # Tuples, since each term that is taken out of a quad or a triple is copied.
        facts = ((quad.subject, predicate, quad.object) for quad in asserted if (predicate := quad.predicate) in read)
        return Reasoner(self.rules, facts)

    def entailed(self, reasoner: Reasoner) -> set[Triple]:
        """Return what a reasoner inferred, as far as it is to publish."""
        return {_as_triple(fact) for fact in reasoner.inferred() if self.speaks_of(fact)}

    def speaks_of(self, fact: Fact) -> bool:
        """Whether an inferred fact is one to publish: in the ontology's vocabulary, and not about its own terms.

        What is left out: paths, which the reasoner keeps for itself; literals as subjects, which RDF does not have.
        """
        known = fact.object in self.classes if fact.predicate == TYPE else fact.predicate in self.properties
        return known and isinstance(fact.subject, NamedNode) and fact.subject not in self.own


def closure(asserted: Iterable[Quad], ontology: Iterable[Quad], rules: Mapping[str, str]) -> set[Triple]:
    """Return the triples that follow and are not asserted, over the ontology's own vocabulary.

    Args:
        asserted: curated quads with the reference nodes they touch.
        ontology: the quads of the ontology graph; their blank nodes skolemised or not.
        rules: CONSTRUCT queries by name; each sees what the axioms and the other rules gave, and they what it gave.
    Returns:
        Triples between IRIs or from an IRI to a literal, whose predicate (or class) the ontology declares. Nothing
        about the ontology's own terms, no owl:sameAs.
    Raises:
        InputError: see `Logic.of`.
    """
    logic = Logic.of(ontology, rules)
    return logic.entailed(logic.reasoner(asserted))


def inconsistencies(
    asserted: Iterable[Quad], ontology: Iterable[Quad], rules: Mapping[str, str]
) -> list[Inconsistency]:
    """Return what contradicts itself: one thing in two disjoint classes, two values of a functional property.

    Raises:
        InputError: see `Logic.of`.
    """
    return Logic.of(ontology, rules).reasoner(asserted).inconsistencies()


def ill_typed(quads: Iterable[Quad]) -> list[Quad]:
    """Return the quads whose number is no finite one: pySHACL 0.40 stops with InvalidOperation on them."""
    return [quad for quad in quads if isinstance(quad.object, Literal) and not _is_number_if_any(quad.object)]


def _is_number_if_any(literal: Literal) -> bool:
    datatype = literal.datatype.value
    if datatype in _FLOATS:
        return literal.value not in _NOT_FINITE
    return datatype not in _LITERAL_CHECKS or _NUMBER.fullmatch(literal.value) is not None


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)


def _as_triple(fact: Fact) -> Triple:
    return Triple(*fact)  # type: ignore[arg-type]  # `speaks_of` saw to the kinds of terms


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
