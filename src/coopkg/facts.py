"""What a store says, looked up node by node or asked by query.

The judge of shapes sees a graph through this alone, and it counts what it is asked: a change must cost the same in a
small graph and in a large one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from coopkg.paths import Chain, Choice, Inverse, Path, Repeat, Step
from coopkg.rdf import BlankNode, Literal, NamedNode, Triple
from coopkg.store import QuadStore, Term

TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SUBCLASS = NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")


@dataclass
class Cost:
    """What a judgement asked: `lookups` of the neighbours of a node, `queries`, and the `rows` that came of both."""

    lookups: int = 0
    queries: int = 0
    rows: int = 0


@dataclass
class Facts:
    """The asserted and inferred triples of a store, each once.

    What was looked up is remembered: after a change of the store, make another.
    """

    store: QuadStore
    cost: Cost = field(default_factory=Cost)

    def __post_init__(self) -> None:
        self._subclasses: dict[NamedNode, frozenset[Term]] = {}
        self._members: dict[NamedNode, frozenset[Term]] = {}
        self._neighbours: dict[tuple[Term | None, NamedNode | None, Term | None], tuple[Triple, ...]] = {}

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """Return the values of a property of a node, each once."""
        return [triple.object for triple in self._about(subject, predicate, None)]

    def subjects(self, predicate: NamedNode, value: Term) -> list[Term]:
        """Return the nodes for which a property has a value, each once."""
        return [triple.subject for triple in self._about(None, predicate, value)]

    def leaving(self, subject: Term) -> Sequence[Triple]:
        """Return the triples of which a node is the subject."""
        return self._about(subject, None, None)

    def some(self, predicate: NamedNode | None, node: Term, most: int, *, backward: bool) -> list[Term]:
        """Return the nodes that a predicate leads to, backward those that it comes from; not more than so many.

        Args:
            predicate: None stands for any; then all of them are returned, some of them twice.
        """
        subject, value = (None, node) if backward else (node, None)
        found = self._about(subject, predicate, value, most if predicate else None)
        return [triple.subject if backward else triple.object for triple in found]

    def _about(
        self, subject: Term | None, predicate: NamedNode | None, value: Term | None, most: int | None = None
    ) -> tuple[Triple, ...]:
        if isinstance(subject, Literal | Triple):
            return ()  # nothing is said of a literal
        key = (subject, predicate, value)
        if (known := self._neighbours.get(key)) is None:
            known = tuple(islice(self.store.triples(subject, predicate, value), most))
            self.cost.lookups += 1
            self.cost.rows += len(known)
            if len(known) != most:  # else there may be more
                self._neighbours[key] = known
        return known

    def rows(self, query: str) -> tuple[list[str], list[tuple[Term | None, ...]]]:
        """Return the names of the variables of a SELECT, and its solutions."""
        variables, solutions = self.store.solutions(query)
        rows = list(solutions)
        self.cost.queries += 1
        self.cost.rows += len(rows)
        return variables, rows

    def subclasses(self, kind: NamedNode) -> frozenset[Term]:
        """Return a class and all that are below it."""
        if (known := self._subclasses.get(kind)) is None:
            known = self._subclasses[kind] = frozenset(self.values(kind, _BELOW))
        return known

    def is_a(self, node: Term, kind: NamedNode) -> bool:
        """Whether a node is of a class, or of one below it."""
        if (members := self._members.get(kind)) is not None:
            return node in members
        below = self.subclasses(kind)
        return any(term in below for term in self.objects(node, TYPE))

    def gather(self, kind: NamedNode) -> None:
        """Scan the members of a class: then `is_a` costs nothing. For who asks it of a good part of them."""
        if kind not in self._members:
            below = self.subclasses(kind)
            found = {t.subject for one in below for t in self.store.triples(None, TYPE, one)}
            self.cost.lookups += len(below)
            self.cost.rows += len(found)
            self._members[kind] = frozenset(found)

    def values(self, node: Term, path: Path) -> list[Term]:
        """Return where a path leads from a node, each end once."""
        return list(self._walked((node,), path, backward=False))

    def origins(self, nodes: Iterable[Term], way: Sequence[Path], most: int) -> Iterable[Term] | None:
        """Return from where some paths, one after the other, lead to nodes; None when more than `most` are passed."""
        reached = dict.fromkeys(nodes)
        for path in reversed(way):
            if len(reached) > most:
                return None
            reached = self._walked(reached, path, backward=True)
        return reached

    def _walked(self, nodes: Iterable[Term], path: Path, *, backward: bool) -> dict[Term, None]:
        match path:
            case Step(predicate) if predicate is not None:
                return {end: None for node in nodes for end in self._neighbours_of(node, predicate, backward)}
            case Inverse(inner):
                return self._walked(nodes, inner, backward=not backward)
            case Chain(steps):
                reached = dict.fromkeys(nodes)
                for step in reversed(steps) if backward else steps:
                    reached = self._walked(reached, step, backward=backward)
                return reached
            case Choice(paths):
                starts = list(nodes)
                return {end: None for one in paths for end in self._walked(starts, one, backward=backward)}
            case Repeat(inner):
                starts = list(nodes)
                return self._repeated(starts, path, inner, backward=backward)
        raise AssertionError(path)

    def _neighbours_of(self, node: Term, predicate: NamedNode, backward: bool) -> list[Term]:
        return self.subjects(predicate, node) if backward else self.objects(node, predicate)

    def _repeated(self, starts: list[Term], path: Repeat, inner: Path, *, backward: bool) -> dict[Term, None]:
        reached = dict.fromkeys(starts if path.from_zero else ())
        front = self._walked(starts, inner, backward=backward)
        while front := {node: None for node in front if node not in reached}:
            reached |= front
            front = self._walked(front, inner, backward=backward) if path.goes_on else {}
        return reached


_BELOW = Repeat(Inverse(Step(SUBCLASS)), from_zero=True, goes_on=True)


def written(term: Term) -> str | None:
    """Return a term as SPARQL writes it; None for a blank node, which no query can name."""
    return None if isinstance(term, BlankNode) else str(term)
