"""The search index: lists with facets, searches and suggestions over the published graph.

It belongs to those who read: nothing is judged by it, and it may lag a moment behind the graph. It can always be made
again from the graph alone. Source: ADR 0021.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from coopkg.errors import Refused
from coopkg.index import listing, namesakes, searching
from coopkg.index.database import Database, Reading
from coopkg.index.entries import KINDS, Entry, Pass, changed
from coopkg.index.listing import Listing, Wanted
from coopkg.index.namesakes import Namesake
from coopkg.index.searching import Found, Hit
from coopkg.rdf import Quad
from coopkg.store import QuadStore

__all__ = ["Entry", "Found", "Hit", "Index", "Listing", "Namesake", "Wanted"]

#: A change that reaches more entries than this takes longer than a new index.
MOST_CHANGED = 2_000

Progress = Callable[[Iterable[str]], Iterable[str]]


class Index:
    """The index of one graph, empty until it is built.

    Args:
        before: called before each answer; it may bring the index up to date.
    """

    def __init__(self, before: Callable[[Index], object] = lambda _: None) -> None:
        self._before = before
        self._database: Database | None = None
        self.seconds = 0.0  # how long the last build or update took
        #: Whether what is only found by a search is in it; what lists show is from the first answer on.
        self.is_whole = False

    @property
    def is_lost(self) -> bool:
        """Whether there is none that can be read: only `build` helps."""
        return self._database is None or self._database.is_lost

    def refuse_partial(self) -> None:
        """Raise while what is only found by a search is not yet in it.

        Raises:
            Refused: says when to come back.
        """
        with self._reading():
            if not self.is_whole:
                raise Refused("the search index is being made, and some territories are not yet in it", 10.0)

    def build(self, store: QuadStore, revision: int, progress: Progress = iter) -> int:
        """Index a store from its beginning, beside what there is, then switch; return the number of entries.

        Where there is nothing yet, readers get it once it holds all that lists show, and the rest when it is there.

        Args:
            progress: passes IRIs through while they are read, and may break off: what there is stays.
        """
        began, database, reader, written = time.monotonic(), Database(), Pass(store), 0
        before = self._database
        try:
            for things in reader.things():
                written += database.replace(((iri, reader.entry(iri)) for iri in progress(things)), revision)
                self._database = self._database or database
        except BaseException:
            if self._database is not database:
                database.close()
            raise
        self._database, self.is_whole = database, True
        if before:
            before.close()
        self.seconds = time.monotonic() - began
        return written

    def update(
        self,
        store: QuadStore,
        removed: Sequence[Quad],
        added: Sequence[Quad],
        revision: int,
        progress: Progress = iter,
    ) -> int:
        """Bring the index up to a store that some quads went from and came to; return how many entries were others.

        Where a change reaches too far, the index is built anew.

        Args:
            store: as it is now.
            progress: see `build`.
        """
        began, iris = time.monotonic(), changed(store, [*removed, *added])
        if self._database is None or self._database.is_lost or len(iris) > MOST_CHANGED:
            return self.build(store, revision, progress)
        reader = Pass(store)
        written = self._database.replace(((iri, reader.entry(iri)) for iri in sorted(iris)), revision)
        self.seconds = time.monotonic() - began
        return written

    def close(self) -> None:
        """Let the index go."""
        if self._database:
            self._database.close()

    def listing(self, wanted: Wanted, page: int = 1, per_page: int = 20) -> Listing:
        """Return a page of a list, the first one being 1, with the counts of all facets."""
        with self._reading() as reading:
            return listing.listing(reading, wanted, page, per_page)

    def iris(self, wanted: Wanted) -> list[str]:
        """Return all of a list, in its order."""
        with self._reading() as reading:
            return listing.iris(reading, wanted)

    def counts(self, facet: str, kind: str) -> dict[str, int]:
        """Return how many things of a kind have each value of a facet, whatever a reader chose."""
        with self._reading() as reading:
            return listing.counts(reading, facet, kind)

    def sizes(self, kind: str, iris: Sequence[str]) -> dict[str, int]:
        """Return of some actions how many agents have a part in each, of others in how many actions each has one."""
        with self._reading() as reading:
            return listing.sizes(reading, kind, iris)

    def totals(self) -> tuple[dict[str, int], int]:
        """Return how many things of each kind are listed, and of which revision this is."""
        with self._reading() as reading:
            return listing.totals(reading), reading.revision

    def stretch(self, kind: str, first: int, count: int) -> list[str]:
        """Return so many of the things of a kind that are listed, from a place (0 is the first) on, by their IRIs."""
        with self._reading() as reading:
            return listing.stretch(reading, kind, first, count)

    def search(self, q: str, lang: str, kind: str | None = None, limit: int = 20, offset: int = 0) -> Found:
        """Return what a reader's words find, best first.

        Args:
            kind: one of `entries.KINDS`; None for all.
        """
        with self._reading() as reading:
            return searching.search(reading, q, lang, kind, limit, offset)

    def overview(self, q: str, lang: str, each: int = 5) -> Found:
        """Return what a reader's words find, the first few of each kind."""
        with self._reading() as reading:
            return searching.overview(reading, q, lang, each)

    def ranking(self, q: str, lang: str, classes: Collection[str] = (), limit: int = 50) -> Found:
        """Return what a reader's words find, whatever its kind, best first and with scores.

        Args:
            classes: some of `entries.CLASSES`; none of them for all.
        """
        with self._reading() as reading:
            return searching.ranking(reading, q, lang, classes, limit)

    def suggestions(self, q: str, lang: str, limit: int = 8, kinds: Sequence[str] = tuple(KINDS)) -> list[Hit]:
        """Return what a reader who goes on typing most likely means, the likeliest first.

        Where nothing begins so, what has a name that is like it: something was mistyped.
        """
        with self._reading() as reading:
            if found := searching.suggestions(reading, q, lang, limit, kinds):
                return found
            near = namesakes.namesakes(reading, q, kinds, limit)
            return [searching.hit(one.entry, lang) for one in near if one.likeness >= namesakes.MISTYPED]

    def namesakes(self, text: str, kinds: Collection[str], limit: int = 20) -> list[Namesake]:
        """Return the things of some kinds whose names are like a text, the likest first.

        Args:
            kinds: some of `entries.KINDS`.
            limit: how many; twice as many where that many have exactly the name.
        """
        with self._reading() as reading:
            return namesakes.namesakes(reading, text, kinds, limit)

    def identified(self, identifier: str) -> list[Entry]:
        """Return the things that have an identifier, as a register writes it, or with spaces and points."""
        with self._reading() as reading:
            return searching.identified(reading, identifier)

    def entry(self, iri: str) -> Entry | None:
        """Return what the index says of a thing; None when it says nothing."""
        with self._reading() as reading:
            return searching.entry(reading, iri)

    def is_of(self, revision: int) -> bool:
        """Return whether it is whole and says what a revision says."""
        if self._database is None or not self.is_whole:
            return False
        with self._database.reading() as reading:
            return reading.revision == revision

    def gauges(self) -> dict[str, float]:
        """Return what is so now, for who runs the server: all 0 before it is built."""
        if self._database is None:
            return {"index_revision": 0, "index_entries": 0, "index_update_seconds": 0}
        with self._database.reading() as reading:
            entries = sum(bits.bit_count() for bits in reading.sets.kinds.values())
            return {
                "index_revision": reading.revision,
                "index_entries": entries,
                "index_update_seconds": self.seconds,
            }

    @contextmanager
    def _reading(self) -> Iterator[Reading]:
        self._before(self)
        if self._database is None:
            raise Refused("the search index is being made; try again in a few seconds")
        with self._database.reading() as reading:
            yield reading
