"""What a change can reach: the nodes for which a shape may say something else than before.

Each shape is turned once into an automaton over predicates that reads as far as the shape does: its path, the classes
of its values, what its sh:node, sh:sparql and so on read from there. A change is walked backwards through it, from the
triples that came and went to the focus nodes. What has no bound is said, and judged whole.

The walk needs only what is: of the changed triples on the way from a focus node to what it reads, the first stands
behind steps that have not changed, and it is a beginning itself, whether it came or went.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from coopkg.constraints import (
    Ask,
    Class,
    Closed,
    Constraint,
    Disjoint,
    Equals,
    LessThan,
    Logical,
    Node,
    Property,
    Qualified,
    Shape,
    Sparql,
    Target,
    Term,
)
from coopkg.facts import SUBCLASS, TYPE, Facts
from coopkg.focus import is_target, named_iri
from coopkg.paths import Chain, Choice, Inverse, Path, Repeat, Step
from coopkg.patterns import Loose
from coopkg.rdf import NamedNode, Triple
from coopkg.screens import Part

#: How many triples of a change are looked at for the one that reaches the most.
_LOOKED_AT = 100
#: The focus node stands in the first state of each automaton.
_FOCUS = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """What must be judged again after a change.

    Args:
        pairs: by part, the nodes that are or were its focus nodes and may have other results.
        entire: by part, why all of its focus nodes must be judged.
    """

    pairs: Mapping[Part, frozenset[Term]]
    entire: Mapping[Part, str]


@dataclass(frozen=True, slots=True)
class _Edge:
    """A step of an automaton from the state of a subject to that of an object, or against it.

    Args:
        kind: only triples whose object is this class or below it matter.
    """

    begin: int
    forward: bool
    predicate: NamedNode | None
    end: int
    kind: NamedNode | None = None


@dataclass
class _Automaton:
    edges: list[_Edge] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    is_opaque: bool = False
    states: int = 1
    silent: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """For each state, those from which it is reached without a step."""
    into: defaultdict[int, list[_Edge]] = field(default_factory=lambda: defaultdict(list))
    read: set[tuple[Shape, int]] = field(default_factory=set)

    def shape(self, shape: Shape, state: int) -> None:
        """Add what a shape reads when its node is in a state."""
        if (shape, state) in self.read:
            return
        self.read.add((shape, state))
        values = state if shape.path is None else self.path(shape.path, state)
        for constraint in shape.constraints:
            self._constraint(constraint, state, values)

    def _constraint(self, constraint: Constraint, state: int, values: int) -> None:
        match constraint:
            case Class(iri):
                self._step(values, TYPE, forward=True, kind=iri)
            case Equals(predicate) | Disjoint(predicate) | LessThan(_, _, predicate):
                self._step(state, predicate, forward=True)
            case Node(shape) | Property(shape):
                self.shape(shape, values)
            case Logical(_, shapes):
                for one in shapes:
                    self.shape(one, values)
            case Qualified(_, shape, _, siblings):
                for one in (shape, *siblings):
                    self.shape(one, values)
            case Closed():
                self._step(values, None, forward=True)
            case Sparql() | Ask():
                self._query(constraint, state, values)

    def _query(self, constraint: Sparql | Ask, state: int, values: int) -> None:
        if constraint.reading is None:
            self.is_opaque = True
            return
        self.loose += constraint.reading.loose
        states = {"this": state}
        if isinstance(constraint, Ask):
            states["value"] = values
        for walk in constraint.reading.walks:
            end = self.path(walk.path, states[walk.start])
            if walk.end is not None:
                states.setdefault(walk.end, end)

    def path(self, path: Path, begin: int, *, forward: bool = True) -> int:
        """Add a path, and return the state at its end."""
        match path:
            case Step(predicate):
                return self._step(begin, predicate, forward=forward)
            case Inverse(inner):
                return self.path(inner, begin, forward=not forward)
            case Chain(steps):
                for step in steps if forward else reversed(steps):
                    begin = self.path(step, begin, forward=forward)
                return begin
            case Choice(paths):
                end = self._state()
                for one in paths:
                    self.silent[end].add(self.path(one, begin, forward=forward))
                return end
            case Repeat(inner, from_zero, goes_on):
                first = self._state()
                self.silent[first].add(begin)
                end = self.path(inner, first, forward=forward)
                if goes_on:
                    self.silent[first].add(end)
                if from_zero:
                    self.silent[end].add(first)
                return end
        raise AssertionError(path)

    def _state(self) -> int:
        self.states += 1
        return self.states - 1

    def _step(self, begin: int, predicate: NamedNode | None, *, forward: bool, kind: NamedNode | None = None) -> int:
        edge = _Edge(begin, forward, predicate, self._state(), kind)
        self.edges.append(edge)
        self.into[edge.end].append(edge)
        return edge.end

    def back(self, starts: Iterable[tuple[Term, int]], facts: Facts, bound: int) -> set[Term] | None:
        """Return the focus nodes from which some (node, state) are reached; None when more than `bound` are passed."""
        waiting = list(dict.fromkeys(starts))
        seen = set(waiting)
        while waiting:
            node, state = waiting.pop()
            for before in self._before(node, state, facts, bound + 1):
                if before not in seen:
                    seen.add(before)
                    waiting.append(before)
            if len(seen) > bound:
                return None
        return {node for node, state in seen if state == _FOCUS}

    def _before(self, node: Term, state: int, facts: Facts, most: int) -> Iterator[tuple[Term, int]]:
        yield from ((node, earlier) for earlier in self.silent.get(state, ()))
        for edge in self.into.get(state, ()):
            found = facts.some(edge.predicate, node, most, backward=edge.forward)
            yield from ((one, edge.begin) for one in found)


class Reaches:
    """The automata of some parts, by what they read."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._automata: dict[Shape, _Automaton] = {}
        self._edges: defaultdict[NamedNode | None, list[tuple[Shape, _Edge]]] = defaultdict(list)
        self._targets: defaultdict[NamedNode, list[tuple[Shape, Target]]] = defaultdict(list)
        for shape in dict.fromkeys(part.shape for part in parts):
            automaton = self._automata[shape] = _Automaton()
            automaton.shape(shape, _FOCUS)
            for edge in automaton.edges:
                self._edges[edge.predicate].append((shape, edge))
        for root in dict.fromkeys(part.root for part in parts):
            for target in root.targets:
                if target.kind == "Class":
                    self._targets[TYPE].append((root, target))
                elif target.kind != "Node":
                    self._targets[named_iri(target)].append((root, target))

    def of(self, gone: Iterable[Triple], new: Iterable[Triple], facts: Facts, bound: int) -> Reach:
        """Return what a change can reach.

        Args:
            gone: asserted and inferred triples that are there no more.
            new: those that were not there.
            facts: the graph after the change.
            bound: how many nodes a walk may pass before it is given up, for each shape.
        """
        changed = [*gone, *new]
        entire = dict(self._entire(changed))
        starts: defaultdict[Shape, list[tuple[Term, int]]] = defaultdict(list)
        touched: defaultdict[Shape, set[Term]] = defaultdict(set)
        for triple in changed:
            for shape, start in self._starts(triple, facts):
                starts[shape].append(start)
            for root, target in self._targets.get(triple.predicate, ()):
                if target.kind != "Class" or triple.object in facts.subclasses(named_iri(target)):
                    touched[root].add(triple.object if target.kind == "ObjectsOf" else triple.subject)
        nodes = {shape: self._automata[shape].back(begin, facts, bound) for shape, begin in starts.items()}
        pairs: dict[Part, frozenset[Term]] = {}
        for part in self._parts:
            reached = nodes.get(part.shape, set())
            if reached is None:
                entire.setdefault(part, f"the change reaches it over more than {bound:,} nodes")
            elif part not in entire:
                reached = {node for node in reached if is_target(part.root, node, facts)} | touched[part.root]
                if reached:
                    pairs[part] = frozenset(reached)
        return Reach(pairs, entire)

    def _starts(self, triple: Triple, facts: Facts) -> Iterator[tuple[Shape, tuple[Term, int]]]:
        for shape, edge in (*self._edges.get(triple.predicate, ()), *self._edges.get(None, ())):
            if edge.kind is None or triple.object in facts.subclasses(edge.kind):
                yield shape, (triple.subject if edge.forward else triple.object, edge.begin)

    def heaviest(self, shape: Shape, changed: Iterable[Triple], facts: Facts, bound: int) -> tuple[Triple, int] | None:
        """Return the changed triple from which a shape is reached at the most nodes, and how many; at most `bound`.

        Of a long change only the beginning is looked at.
        """
        found: tuple[Triple, int] | None = None
        for triple in islice(changed, _LOOKED_AT):
            starts = [start for reached, start in self._starts(triple, facts) if reached is shape]
            if starts:
                nodes = self._automata[shape].back(starts, facts, bound)
                count = bound if nodes is None else len(nodes)
                if found is None or count > found[1]:
                    found = triple, count
        return found

    def _entire(self, changed: Iterable[Triple]) -> Iterator[tuple[Part, str]]:
        triples = {triple.predicate: list[Term]() for triple in changed}
        for triple in changed:
            triples[triple.predicate].append(triple.object)
        if SUBCLASS in triples:
            yield from ((part, "the class tree has changed") for part in self._parts)
            return
        for part in self._parts:
            automaton = self._automata[part.shape]
            if automaton.is_opaque and triples:
                yield part, "what its query reads is not known"
            elif any(_is_met(loose, triples) for loose in automaton.loose):
                yield part, "its query reads what is not connected to the focus node"


def _is_met(loose: Loose, changed: Mapping[NamedNode, Sequence[Term]]) -> bool:
    if loose.predicate is None:
        return bool(changed)
    return any(loose.value is None or loose.value == value for value in changed.get(loose.predicate, ()))
