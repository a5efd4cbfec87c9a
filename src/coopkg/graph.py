"""The published graph as its users hold it: open it, ask it, ask why, follow it; read only.

>>> from coopkg import Graph
>>> Graph.open().ask("ASK { ?project a coop:Project }")  # doctest: +SKIP
True
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from coopkg import demand, difference, explanation, names, register, store
from coopkg.content import Content
from coopkg.datalog import Fact, Proof, Term
from coopkg.demand import Read
from coopkg.errors import (
    NothingPublished,
    QueryTooHeavy,
    RevisionGone,
    StateDamaged,
    UnknownGraph,
)
from coopkg.explanation import Explanation, Place
from coopkg.generations import Generations, Manifest, differences
from coopkg.history import Touched
from coopkg.inference import Logic
from coopkg.journal import Journal, Revision
from coopkg.quality import Place as Counted
from coopkg.quality import counts_in
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.settings import Settings, load
from coopkg.store import QuadStore

#: Of very many, which only a graph has that is no source of ours, some: to sort all of them takes seconds.
_PAGES = "SELECT DISTINCT ?page { ?document a coop:SourceDocument ; foaf:page ?page } LIMIT 20"


@dataclass(frozen=True, slots=True)
class Step:
    """A generation, and what came and went since another that a reader holds.

    Args:
        is_whole: nothing is known of the one before: what came and went is all that there is.
    """

    folder: Path
    store: QuadStore
    revision: int
    removed: Sequence[Quad] = ()
    added: Sequence[Quad] = ()
    is_whole: bool = True


class Graph:
    """The published graph of a state folder, read only; follows new generations by itself."""

    def __init__(self, generations: Generations, rules: Callable[[], Mapping[str, str]] = dict) -> None:
        self._generations = generations
        self._rules = rules
        self._logic: tuple[int, Logic] | None = None
        self._folder: Path | None = None
        self._store: QuadStore | None = None
        self._manifest: Manifest | None = None
        self._journal: Journal | None = None
        self._switching = threading.Lock()
        self._touched: Touched | None = None
        self._reading = threading.Lock()

    @classmethod
    def open(cls, settings: Settings | None = None, environ: Mapping[str, str] = os.environ) -> Graph:
        """Return the published graph, after checking its checksums.

        Raises:
            NothingPublished: nothing has been built.
            StateDamaged: a file of the published graph is not what was written.
        """
        chosen = settings or load({}, environ)
        graph = cls(generations_of(chosen, environ), lambda: Content(chosen.content_folder()).rules())
        folder = graph._generations.current()
        if folder is None:
            raise NothingPublished(f"nothing is published in {chosen.state_folder(environ)}; run 'coopkg build' first")
        try:
            graph._generations.check(folder)
        except StateDamaged:
            if graph._generations.current() == folder:
                raise
            return cls.open(settings, environ)  # a build retired it meanwhile
        return graph

    def ask(self, query: str, *, inferred: bool = True) -> bool:
        """Return the answer to an ASK query, over all statements or over the asserted ones alone."""
        return bool(self.current()[0].query(query, inferred=inferred))

    def rows(self, query: str, *, inferred: bool = True) -> list[tuple[str | None, ...]]:
        """Return the rows of a SELECT query as texts, over all statements or over the asserted ones alone."""
        return store.rows(self.current()[0].query(query, inferred=inferred))

    def why(self, subject: str, predicate: str, value: str, *, most_facts: int = sys.maxsize) -> Explanation | None:
        """Return why a statement holds, down to what source documents and tables state; None when it does not hold.

        Reads what the question can need and no more: how long it takes follows from that.

        Args:
            subject, predicate, value: terms of Turtle, such as `coop:within`; IRIs also without angle brackets.
            most_facts: how many facts may be read for it.
        Raises:
            InputError: a term is not understood.
            QueryTooHeavy: more facts would have to be read.
        """
        fact = explanation.asked(subject, predicate, value)
        published, manifest = self.current()
        if self._logic is None or self._logic[0] != manifest.revision:
            self._logic = manifest.revision, Logic.of(published.quads(names.ONTOLOGY_GRAPH), self._rules())
        proof = demand.proof(self._logic[1].rules, fact, _counted(partial(_asserted, published), most_facts))
        proof = proof or Proof(fact)  # what no rule can meet is stated, or does not hold
        pages = cache(partial(_pages, published))  # most facts of a proof stand in few graphs
        found = Explanation.of(proof, lambda fact: _places(published, fact, pages))
        return found if proof.rule or found.places[fact] else None

    def current(self) -> tuple[QuadStore, Manifest]:
        """Return the store and the manifest of the current generation, of one another.

        Raises:
            NothingPublished: nothing is published any more.
        """
        with self._switching:
            return self._switched()

    def quality(self) -> dict[Counted, int]:
        """Return how many findings there are in the current generation, by source, project and tier.

        Raises:
            NothingPublished: nothing is published any more.
            StateDamaged: the counts are not what was written.
        """
        folder = self.location()[0]
        return counts_in(self._generations.quality(folder), str(folder))

    def revisions(self, limit: int, skip: int = 0) -> tuple[list[Revision], int]:
        """Return the published revisions, the last one first, without the first so many; and how many there are in all.

        Raises:
            NothingPublished: nothing is published any more.
            StateDamaged: the journal is not what was written.
        """
        revisions = self._revisions()
        last = max(len(revisions) - skip, 0)
        return revisions[max(last - limit, 0) : last][::-1], len(revisions)

    def revisions_after(self, number: int, limit: int) -> list[tuple[Revision, str]]:
        """Return the published revisions behind one, in order, each with the hash of the one before it.

        Args:
            number: that of the one; 0 begins with the first. Behind the last one there are none.
            limit: how many at most.
        Returns:
            The hash before the first revision is "".
        Raises:
            NothingPublished: nothing is published any more.
            StateDamaged: the journal is not what was written.
        """
        revisions = self._revisions()
        found = revisions[number : number + limit]
        before = revisions[number - 1].hash if found and number else ""
        return list(zip(found, [before, *(one.hash for one in found)], strict=False))

    def refuse_unknown(self, graph: str) -> None:
        """Raise when a named graph is not published.

        Raises:
            UnknownGraph: says so.
        """
        if graph not in self.current()[0].graphs():
            raise UnknownGraph(f"no graph <{graph}> is published; the description of the endpoint lists all of them")

    def location(self, wanted: int | None = None) -> tuple[Path, int]:
        """Return the folder of a kept revision and its number; of the current generation when none is wanted.

        Raises:
            NothingPublished: nothing is published any more.
            RevisionGone: the revision is not kept any more, was redacted, or is not yet made; says which are kept.
        """
        if wanted is not None:
            kept = self._generations.kept()
            if wanted not in kept:
                if erased := register.withdrawn(self._generations.state, wanted):
                    raise RevisionGone(
                        f"revision {wanted} was redacted on {erased.time[:10]} and is given no more; begin again with "
                        "the last one"
                    )
                raise RevisionGone(
                    f"revision {wanted} is not kept (kept: {', '.join(map(str, kept))}); begin again with the last one"
                )
            return kept[wanted], wanted
        with self._switching:
            _, manifest = self._switched()
            if self._folder is None:
                raise NothingPublished("nothing is published any more; run 'coopkg build'")
            return self._folder, manifest.revision

    def generation(self) -> str:
        """Return the name of the current generation, which no other one ever bears; "" when nothing is published."""
        return self._generations.name()

    def step(self, held: Path | None) -> Step | None:
        """Return the current generation as it follows on one that a reader holds; None when it is the same.

        Args:
            held: the folder of an earlier generation.
        Raises:
            NothingPublished: nothing is published any more.
        """
        with self._switching:
            published, manifest = self._switched()
            folder = self._folder
        if folder is None or folder == held:
            return None
        contents = differences(held, folder) if held else None
        if contents is None:
            return Step(folder, published, manifest.revision)
        changes = [difference.quads_of(content) for content in contents]
        removed, added = ([quad for change in changes for quad in change[part]] for part in (0, 1))
        return Step(folder, published, manifest.revision, removed, added, is_whole=False)

    def _revisions(self) -> list[Revision]:
        """Return the published revisions, in order."""
        published = self.location()[1]
        with self._switching:
            known = self._journal or Journal(self._generations.state / "journal")
            self._journal = known.follow()
            return self._journal.revisions[:published]

    def published_at(self) -> float:
        """Return when the current generation was published, in seconds since the epoch."""
        return self._generations.published_at(self.location()[0])

    def last_changed(self) -> Mapping[str, str]:
        """Return when each named graph was last changed (ISO 8601, UTC), by its IRI; each revision is read once.

        Raises:
            NothingPublished: nothing is published any more.
            StateDamaged: the journal is not what was written.
        """
        published = len(self._revisions())
        with self._reading:
            if self._journal and (self._touched is None or self._touched.journal is not self._journal):
                self._touched = Touched(self._journal)
            return self._touched.times(published) if self._touched else {}

    def _switched(self) -> tuple[QuadStore, Manifest]:
        folder = self._generations.current()
        if folder is None:
            raise NothingPublished("nothing is published any more; run 'coopkg build'")
        if self._store is None or self._manifest is None or folder != self._folder:
            try:
                self._store, self._manifest = self._generations.open(folder), self._generations.manifest(folder)
            except StateDamaged:
                if self._generations.current() == folder:
                    raise
                return self._switched()  # a build published another one, and retired this one, meanwhile
            self._folder = folder
        return self._store, self._manifest


def _asserted(published: QuadStore, subject: Term | None, predicate: Term, value: Term | None) -> Iterator[Fact]:
    """Yield what curated graphs and reference tables state with a predicate, and a subject or an object if given."""
    if not isinstance(predicate, NamedNode) or not isinstance(subject, NamedNode | None):
        return  # a path, or a literal as a subject: rules may meet them, nobody states them
    if not isinstance(value, NamedNode | Literal | None):
        return
    for quad in published.stating(subject, predicate, value):
        graph = getattr(quad.graph_name, "value", "")
        if not names.is_derived(graph) and graph not in (names.ONTOLOGY_GRAPH, names.GEOMETRIES_GRAPH):
            yield Fact(quad.subject, quad.predicate, quad.object)


def _counted(read: Read, most_facts: int) -> Read:
    """Return a reader that gives so many facts and no more, over all its readings together."""
    left = most_facts

    def counted(subject: Term | None, predicate: Term, value: Term | None) -> Iterator[Fact]:
        nonlocal left
        for fact in read(subject, predicate, value):
            left -= 1
            if left < 0:
                raise QueryTooHeavy(
                    f"more than {most_facts:,} facts could have a part in this statement; ask 'coopkg why' on a copy "
                    "of the graph, which takes the time that it needs"
                )
            yield fact

    return counted


def _places(published: QuadStore, fact: Fact, pages: Callable[[str], tuple[str, ...]]) -> tuple[Place, ...]:
    """Return the graphs that state a fact, each with the pages that it was read from."""
    subject, predicate, value = fact
    if not isinstance(subject, NamedNode) or not isinstance(predicate, NamedNode):
        return ()  # nobody states a path
    if not isinstance(value, NamedNode | Literal):
        return ()
    stating = {quad.graph_name for quad in published.stating(subject, predicate, value)}
    graphs = sorted(graph.value for graph in stating if isinstance(graph, NamedNode))
    return tuple(Place(graph, pages(graph)) for graph in graphs if not names.is_derived(graph))


def _pages(published: QuadStore, graph: str) -> tuple[str, ...]:
    pages = published.query(_PAGES, default_graphs=[graph])
    return tuple(sorted(page for (page,) in store.rows(pages) if page))


def generations_of(settings: Settings, environ: Mapping[str, str]) -> Generations:
    """Return the generations of the state folder that settings name."""
    return Generations(settings.state_folder(environ) / "generations", settings.keep_generations)
