"""Graphs of any size for the judge of shapes: the curated content, copied under other names until there is enough."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests import closing
from tests.benchmarks.memory import forget_peak, peak_mib, resident_mib

from coopkg import names
from coopkg.compiled import CompiledShapes, Judgement
from coopkg.content import Content
from coopkg.facts import Cost, Facts
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.store import QuadStore

CONTENT = Content(Path(__file__).parents[2])
GRAPH = NamedNode("https://example.org/graph")
#: Official numbers, which no two organisations share.
_UNIQUE = frozenset(f"{names.COOP}{name}" for name in ("siren", "siret", "rna"))
_SOURCE = f"{names.PREFIXES['dcterms']}source"
REPEATS = 30


class Copies:
    """The content with what follows from it, and copies of its curated part."""

    def __init__(self) -> None:
        quads = [quad for file in CONTENT.files for quad in CONTENT.read(file)]
        ontology = [quad for quad in quads if quad.graph_name == NamedNode(names.ONTOLOGY_GRAPH)]
        curated = {quad.subject for quad in quads if _is_curated(quad)}
        self.base = {quad.triple for quad in quads}
        self.base |= closing.closure(quads, ontology, CONTENT.rules())
        about = [triple for triple in self.base if triple.subject in curated or triple.object in curated]
        self._copied = [triple for triple in about if triple.predicate.value not in _UNIQUE]
        self._curated = curated

    def copy(self, number: int) -> list[Triple]:
        """Return one copy of all that is curated."""

        def renamed(term: object) -> object:
            return (
                NamedNode(f"{term.value}-{number}") if isinstance(term, NamedNode) and term in self._curated else term
            )

        return [Triple(renamed(s), p, renamed(o)) for s, p, o in self._copied]  # type: ignore[arg-type]  # of the same kinds

    def store(self, size: int) -> QuadStore:
        """Return a store in memory of about that many triples."""
        store = QuadStore.in_memory(_quads(self.base))
        for number in range(max(0, size - len(self.base)) // len(self._copied)):
            store.change((), list(_quads(self.copy(number))))
        return store

    def project(self) -> list[Triple]:
        """Return the statements of one project, its parts and its source, under new names: some sixty."""
        every = self.copy(10**6)
        parts: defaultdict[object, set[object]] = defaultdict(set)
        for triple in every:
            if triple.predicate.value == _SOURCE:
                parts[triple.object] |= {triple.object, triple.subject}
        projects = [[triple for triple in every if triple.subject in inside] for inside in parts.values()]
        return min(projects, key=lambda project: abs(len(project) - 60))


def _is_curated(quad: Quad) -> bool:
    graph = getattr(quad.graph_name, "value", "")
    return not (names.is_reference(graph) or graph == names.ONTOLOGY_GRAPH or graph.startswith(names.SCHEMES_GRAPHS))


def _quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(triple.subject, triple.predicate, triple.object, GRAPH) for triple in triples)


def whole(shapes: CompiledShapes, store: QuadStore) -> tuple[float, Judgement]:
    """Return the CPU seconds of a judgement of the whole graph, and what it found."""
    began = time.process_time()
    found = shapes.whole(Facts(store))
    return time.process_time() - began, found


def change(shapes: CompiledShapes, store: QuadStore, new: list[Triple]) -> tuple[float, Cost, Judgement]:
    """Judge a change that is added for it and taken back; return CPU milliseconds, what it asked, what it found."""
    quads = list(_quads(new))
    store.change((), quads)
    began = time.process_time()
    facts = Facts(store)
    reach = shapes.reach(facts, (), new)
    found = shapes.rejudged(Judgement(), reach, facts).new
    spent = (time.process_time() - began) * 1_000
    store.change(quads, [])
    return spent, facts.cost, found


def rows(sizes: Iterable[int] = (100_000, 1_000_000)) -> Iterator[tuple[str, str]]:
    """Yield what is measured, and the measure."""
    shapes = CompiledShapes.load(CONTENT.shapes())
    copies = Copies()
    project = copies.project()
    for size in sizes:
        store = copies.store(size)
        count = sum(1 for _ in store.triples(None, None, None))
        before = resident_mib()
        forget_peak()
        spent, found = whole(shapes, store)
        more = f"{peak_mib() - before:,.0f} MiB more than the store"
        yield f"whole graph of {count:,}", f"{spent:.1f} s of CPU, {len(found.every()):,} results, {more}"
        times, cost = [], Cost()
        for _ in range(REPEATS):
            spent, cost, _found = change(shapes, store, project)
            times.append(spent)
        yield (
            f"a project of {len(project)} triples against it",
            f"{statistics.median(times):.1f} ms of CPU, longest of {REPEATS} {max(times):.1f}; "
            f"{cost.lookups} lookups, {cost.queries} queries, {cost.rows} rows",
        )
