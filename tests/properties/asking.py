"""Queries drawn from a graph, and whether two texts are the same query: the proof of what rewriting does.

A query is drawn from a witness: a thing that the graph speaks of, and what it says around it. Its terms become
variables, so that the query has solutions; baits are put around, each of which a wrong condition would fall for.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from rdflib import Graph

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, parse_quads, to_bytes
from coopkg.store import QuadStore, variables
from tests.builders import REPOSITORY

_EX = "https://example.org/"
_GRAPH = NamedNode(f"{_EX}graph")
#: Numbers that are equal and not the same, a term that stands in every place, and a thing that points at itself.
_ODD = """
@prefix ex: <https://example.org/> . @prefix coop: <https://w3id.org/coopkg/ns#> .
ex:a coop:value 1 ; coop:weight 1.0 ; coop:theme ex:b ; coop:partOfAction ex:a , ex:b .
ex:b coop:value 1.0 ; coop:weight 1 ; coop:theme ex:a , "ex:a" ; coop:partOfAction ex:c .
ex:c coop:value "1" ; coop:weight "1"@fr ; coop:theme ex:c .
coop:theme coop:theme coop:theme .
"""


def a_graph() -> QuadStore:
    """Return some of what is published, as stated, with a few odd things."""
    return QuadStore.in_memory(some_quads(every=12))


def some_quads(*, every: int = 100) -> list[Quad]:
    """Return the quads of a few odd things, and of one published source document in so many."""
    files = sorted((REPOSITORY / "data" / "sources").glob("*.trig"))[::every]
    quads = [quad for file in files for quad in parse_quads(file.read_bytes(), RdfFormat.TRIG, file.name, apart=True)]
    odd = parse_quads(_ODD.encode(), RdfFormat.TURTLE, "odd", apart=True)
    return [*quads, *(Quad(quad.subject, quad.predicate, quad.object, _GRAPH) for quad in odd)]


def rdflib_of(graph: QuadStore) -> Graph:
    """Return what a store states, for rdflib to be asked."""
    quads = {Quad(*quad.triple) for name in graph.graphs() for quad in graph.quads(name)}
    return Graph().parse(data=to_bytes(quads, RdfFormat.N_TRIPLES), format="nt")


def bound(graph: Graph, text: str) -> Counter[frozenset[tuple[str, str]]]:
    """Return the solutions that rdflib gives, each as what it binds: its `SELECT *` names more than is in scope."""
    results = graph.query(text)
    if results.askAnswer is not None:
        return Counter([frozenset({("", str(results.askAnswer))})])
    return Counter(frozenset((str(name), term.n3()) for name, term in row.items() if term) for row in results.bindings)


def differences(graph: QuadStore, text: str, other: str, *, is_ordered: bool = False) -> str:
    """Return in what the answers to two texts differ; "" where they are the same multiset, or sequence."""
    (head, rows), (other_head, other_rows) = _answer(graph, text), _answer(graph, other)
    if head != other_head:
        return f"the variables {other_head} instead of {head}"
    if is_ordered and rows != other_rows:
        return "another order"
    missing, added = Counter(rows) - Counter(other_rows), Counter(other_rows) - Counter(rows)
    shown = [f"- {row}" for row in missing][:3] + [f"+ {row}" for row in added][:3]
    return "\n".join(shown)


def _answer(graph: QuadStore, text: str) -> tuple[list[str], list[tuple[str, ...]]]:
    results = graph.query(text)
    if isinstance(results, Iterable) and variables(results):
        return variables(results), [tuple(map(str, row)) for row in results]
    if isinstance(results, Iterable):
        return [], [(str(triple),) for triple in results]
    return [], [(str(bool(results)),)]


@dataclass(slots=True)
class Drawing:
    """Draws queries about a graph, the same ones for the same seed."""

    triples: Sequence[tuple[NamedNode, NamedNode, NamedNode | Literal]]
    dice: random.Random
    _about: dict[NamedNode, list[int]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: QuadStore, seed: int) -> Drawing:
        """Return what draws from a graph."""
        triples = sorted({(q.subject, q.predicate, q.object) for g in graph.graphs() for q in graph.quads(g)}, key=str)
        drawing = cls(triples, random.Random(seed))  # type: ignore[arg-type]  # there are no blank nodes
        for place, (subject, _, value) in enumerate(drawing.triples):
            drawing._about.setdefault(subject, []).append(place)
            if isinstance(value, NamedNode):
                drawing._about.setdefault(value, []).append(place)
        return drawing

    def witness(self) -> NamedNode:
        """Begin a query: forget the names of the last one, and return a thing to ask about."""
        self._names.clear()
        if self.dice.random() < 0.15:
            return NamedNode(f"{_EX}{self.dice.choice('abc')}")
        return self.dice.choice(self.triples)[0]

    def other(self) -> NamedNode:
        """Return another thing, which most patterns around the witness do not meet."""
        return self.dice.choice(self.triples)[0]

    def name(self, term: NamedNode | Literal) -> str:
        """Return the variable that stands for a term in this query."""
        return self._names.setdefault(str(term), f"?v{len(self._names)}")

    def local(self) -> str:
        """Return a variable that stands for nothing yet."""
        return self._names.setdefault(f"local {len(self._names)}", f"?v{len(self._names)}")

    def around(self, thing: NamedNode, size: int, *, constants: float = 0.15) -> list[str]:
        """Return triple patterns that a thing and its neighbours meet, the first one about the thing."""
        patterns, at = list[str](), thing
        for _ in range(size):
            subject, predicate, value = self.triples[self.dice.choice(self._about[at])]
            patterns.append(
                f"{self._term(subject, thing, constants)} {predicate} {self._term(value, thing, constants)} ."
            )
            neighbours = [end for end in (subject, value, thing) if isinstance(end, NamedNode)]
            at = self.dice.choice([end for end in neighbours if end in self._about])
        return patterns

    def ending(self, thing: NamedNode) -> str:
        """Return triple patterns that lead from a thing to a neighbour, and end in a value that the neighbour has."""
        steps = [
            (predicate, value)
            for _, predicate, value in map(self.triples.__getitem__, self._about[thing])
            if isinstance(value, NamedNode)
        ]
        if not steps:
            return ""
        predicate, near = self.dice.choice(steps)
        subject, other, value = self.triples[self.dice.choice(self._about[near])]
        end = value if subject == near else thing
        return f"{self.name(thing)} {predicate} {self.name(near)} . {self.name(near)} {other} {end} ."

    def _term(self, term: NamedNode | Literal, thing: NamedNode, constants: float) -> str:
        return str(term) if term != thing and self.dice.random() < constants else self.name(term)

    def maybe(self, chance: float, *texts: str) -> str:
        """Return one of some texts, or nothing."""
        return self.dice.choice(texts) if texts and self.dice.random() < chance else ""

    def language(self, variables: Sequence[str]) -> str:
        """Return a filter by language, or another that is not true of everything."""
        one = self.dice.choice(list(variables))
        return self.dice.choice(
            (
                f'FILTER(LANG({one}) = "fr")',
                f'FILTER(LANG({one}) = "en")',
                f"FILTER(ISIRI({one}))",
                f"FILTER(STRLEN(STR({one})) > 20)",
                f"FILTER({one} != <{_EX}a>)",
            )
        )

    def whole(self, body: str) -> tuple[str, bool]:
        """Return a query of a body, and whether the order of its answer is said."""
        seen = sorted(set(self._names.values()))
        some = self.dice.sample(seen, min(len(seen), 1 + self.dice.randrange(3)))
        draw = self.dice.random()
        if draw < 0.4:
            return f"SELECT * {{ {body} }}", False
        if draw < 0.5:
            return f"SELECT DISTINCT {' '.join(some)} {{ {body} }}", False
        if draw < 0.6:
            return f"SELECT {some[0]} (COUNT(*) AS ?count) {{ {body} }} GROUP BY {some[0]}", False
        if draw < 0.65:
            return f"SELECT (COUNT(*) AS ?all) (COUNT({some[0]}) AS ?some) {{ {body} }}", False
        if draw < 0.7:
            return f"ASK {{ {body} }}", False
        if draw < 0.8:
            return f"SELECT {' '.join(seen)} {{ {body} }} ORDER BY {' '.join(seen)} LIMIT 7 OFFSET 1", True
        if draw < 0.9:
            return f"SELECT * {{ {{ {body} }} OPTIONAL {{ {some[0]} ?property ?value }} }}", False
        return f"SELECT {' '.join(some)} {{ {body} }}", False


Drawn = Callable[[Drawing], tuple[str, bool]]


def iri(name: str) -> str:
    """Return the IRI of one of the odd things, or of nothing that the graph knows."""
    return f"<{_EX}{name}>"


def prefixed(name: str) -> str:
    """Return a name of the project's vocabulary as a whole IRI."""
    return f"<{names.COOP}{name}>"
