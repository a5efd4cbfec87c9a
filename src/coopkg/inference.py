"""What a graph entails: the ontology's axioms and rules, compiled once and run in memory, kept up with each change."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from coopkg import axioms, names, rules
from coopkg.axioms import TYPE
from coopkg.datalog import Fact, Inconsistency, Rule, Term
from coopkg.rdf import Literal, NamedNode, Quad, Triple
from coopkg.reasoner import Reasoner
from coopkg.store import Effect, QuadStore

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
        read: the predicates that a rule can meet or give.
    """

    rules: tuple[Rule, ...]
    properties: frozenset[object]
    classes: frozenset[object]
    own: frozenset[object]
    read: frozenset[object]

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
        properties = frozenset().union(*declared.values())
        read = frozenset(atom.predicate for rule in compiled for atom in rule.body) | properties | {TYPE}
        return cls(tuple(compiled), properties, frozenset(classes), own, read)

    def reasoner(self, asserted: Iterable[Quad]) -> Reasoner:
        """Return a reasoner over the statements that a rule can meet, or that a rule could give."""
        return Reasoner(self.rules, self.facts(asserted))

    def facts(self, stated: Iterable[Quad | Triple]) -> Iterator[tuple[Term, Term, Term]]:
        """Yield those of some statements that a rule could meet, or give."""
        # Tuples, since each term that is taken out of a quad or a triple is copied.
        return ((one.subject, predicate, one.object) for one in stated if (predicate := one.predicate) in self.read)

    def entailed(self, reasoner: Reasoner) -> set[Triple]:
        """Return what a reasoner inferred, as far as it is to publish."""
        return {_as_triple(fact) for fact in reasoner.inferred() if self.speaks_of(fact)}

    def speaks_of(self, fact: Fact) -> bool:
        """Whether an inferred fact is one to publish: in the ontology's vocabulary, and not about its own terms.

        What is left out: paths, which the reasoner keeps for itself; literals as subjects, which RDF does not have.
        """
        known = fact.object in self.classes if fact.predicate == TYPE else fact.predicate in self.properties
        return known and isinstance(fact.subject, NamedNode) and fact.subject not in self.own


class Entailment:
    """What a store entails. Follows a change of its asserted triples at the cost of the change, not of the store.

    A change of the ontology graph asks for another one.
    """

    def __init__(self, store: QuadStore, texts: Mapping[str, str]) -> None:
        """Infer all of it, from the asserted graphs of a store and its ontology graph.

        Raises:
            InputError: see `Logic.of`.
        """
        self._logic = Logic.of(store.quads(names.ONTOLOGY_GRAPH), texts)
        graphs = (name for name in store.graphs() if not names.is_derived(name))
        self._reasoner = self._logic.reasoner(quad for name in graphs for quad in store.quads(name))

    def change(self, effect: Effect) -> Effect:
        """Follow a change of the asserted triples; return what it did to the inferred ones."""
        difference = self._reasoner.change(self._logic.facts(effect.gone), self._logic.facts(effect.new))
        return Effect(self._published(difference.gone), self._published(difference.new))

    def triples(self) -> set[Triple]:
        """Return every inferred triple."""
        return self._logic.entailed(self._reasoner)

    def about(self, subjects: Collection[Term]) -> Iterator[Triple]:
        """Yield the inferred triples about some subjects."""
        yield from self._published(self._reasoner.inferred(subjects))

    def inconsistencies(self, new: Iterable[Triple] | None = None) -> list[Inconsistency]:
        """Return what contradicts itself; that alone in which new triples have a part, where these are given."""
        return self._reasoner.inconsistencies(None if new is None else self._logic.facts(new))

    def _published(self, facts: Iterable[Fact]) -> frozenset[Triple]:
        return frozenset(_as_triple(fact) for fact in facts if self._logic.speaks_of(fact))


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
