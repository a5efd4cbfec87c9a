"""Exact counts of the triples that a query is put to, asserted and inferred, kept beside a store in memory.

How many there are, by predicate and by class, and which properties hold just what follows from others. Taken once,
then each change is told to it. The only module that knows of a whole graph what no look at a part of it shows.
Source: ADR 0025.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, Self

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Triple
from coopkg.store import Effect, QuadStore, Term

Values = Callable[[Term, NamedNode], frozenset[Term]]

_TYPE: Final = NamedNode(f"{names.RDF}type")
_BY_PREDICATE: Final = "SELECT ?key (COUNT(*) AS ?n) { ?s ?key ?o } GROUP BY ?key"
_BY_CLASS: Final = "SELECT ?key (COUNT(*) AS ?n) { ?s a ?key } GROUP BY ?key"
#: Many things are near the same few.
_NEAR: Final = 4_096


@dataclass(frozen=True, slots=True)
class Closure:
    """A property, `whole`, that should say of each thing what `base` says, and all that `beyond` says of that.

    It is closed where it does, for each thing, and leads nowhere back to itself. Where `beyond` is `whole`, that is
    what `base` leads to in one step or more, and nothing else.
    """

    base: NamedNode
    whole: NamedNode
    beyond: NamedNode


def _closure(base: str, whole: str, beyond: str) -> Closure:
    return Closure(*(NamedNode(f"{names.COOP}{name}") for name in (base, whole, beyond)))


WITHIN: Final = _closure("directlyWithin", "within", "within")
LOCATED_IN: Final = _closure("coversTerritory", "locatedIn", "within")
PART_OF: Final = _closure("partOfAction", "partOfAction", "partOfAction")
CLOSURES: Final = (WITHIN, LOCATED_IN, PART_OF)


@dataclass(slots=True)
class Census:
    """What is known of a graph.

    Args:
        predicates, classes: how many triples have a predicate, and a class as the object of rdf:type; none has zero.
        closed: the closures that are known to be closed. One that was found open is not looked at again.
    """

    predicates: Counter[Term]
    classes: Counter[Term]
    closed: frozenset[Closure]

    @classmethod
    def taken(cls, graph: QuadStore) -> Self:
        """Return the census of a graph."""
        values = _values_of(graph)
        closed = (one for one in CLOSURES if not any(_is_odd(values, one, node) for node in _subjects(graph, one)))
        return cls(_counted(graph, _BY_PREDICATE), _counted(graph, _BY_CLASS), frozenset(closed))

    @property
    def total(self) -> int:
        """How many triples there are."""
        return self.predicates.total()

    def follow(self, graph: QuadStore, effect: Effect) -> None:
        """Take into account what a change has just done to the graph.

        Args:
            effect: of quads as a store gives them back; else two spellings of one number would count twice.
        """
        for triples, step in ((effect.new, 1), (effect.gone, -1)):
            for triple in triples:
                _count(self.predicates, triple.predicate, step)
                if triple.predicate == _TYPE:
                    _count(self.classes, triple.object, step)
        values, changed = _values_of(graph), effect.new | effect.gone
        open_again = {
            one for one in self.closed if any(_is_odd(values, one, node) for node in _touched(graph, one, changed))
        }
        self.closed -= open_again


def _counted(graph: QuadStore, query: str) -> Counter[Term]:
    counts = Counter[Term]()
    for key, number in graph.solutions(query)[1]:
        if key is not None and isinstance(number, Literal):
            counts[key] = int(number.value)
    return counts


def _count(counts: Counter[Term], key: Term, step: int) -> None:
    counts[key] += step
    if not counts[key]:
        del counts[key]


def _subjects(graph: QuadStore, closure: Closure) -> Iterator[Term]:
    query = f"SELECT DISTINCT ?s {{ {{ ?s {closure.base} ?o }} UNION {{ ?s {closure.whole} ?o }} }}"
    return (subject for (subject,) in graph.solutions(query)[1] if subject is not None)


def _touched(graph: QuadStore, closure: Closure, changed: Iterable[Triple]) -> set[Term]:
    """Return the nodes for which a closure may be closed no more."""
    touched = set[Term]()
    for triple in changed:
        if triple.predicate in (closure.base, closure.whole):
            touched.add(triple.subject)
        if triple.predicate == closure.beyond:
            touched.update(near.subject for near in graph.triples(None, closure.base, triple.subject))
    return touched


def _is_odd(values: Values, closure: Closure, node: Term) -> bool:
    """Whether the whole property says more or less of a node than follows, or leads back to it."""
    near, whole = values(node, closure.base), values(node, closure.whole)
    return node in whole or whole != near.union(*(values(other, closure.beyond) for other in near))


def _values_of(graph: QuadStore) -> Values:
    return lru_cache(_NEAR)(partial(_values, graph))


def _values(graph: QuadStore, node: Term, predicate: NamedNode) -> frozenset[Term]:
    return frozenset(triple.object for triple in graph.triples(node, predicate, None))
