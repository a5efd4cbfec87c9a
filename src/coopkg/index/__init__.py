"""The search index: lists with facets, searches and suggestions over the published graph.

It belongs to those who read: nothing is judged by it, and it may lag a moment behind the graph. It can always be made
again from the graph alone. Source: ADR 0021.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from coopkg.errors import Refused
from coopkg.index import listing, searching
from coopkg.index.database import Database, Reading
from coopkg.index.entries import Pass, changed
from coopkg.index.listing import Listing, Wanted
from coopkg.index.searching import Found, Hit
from coopkg.rdf import Quad
from coopkg.store import QuadStore

__all__ = ["Found", "Hit", "Index", "Listing", "Wanted"]

#: A change that reaches more entries than this takes longer than a new index.
MOST_CHANGED = 2_000


class Index:
    """The index of one graph, empty until it is built.

    Args:
        before: called before each answer; it may bring the index up to date.
    """

    def __init__(self, before: Callable[[Index], object] = lambda _: None) -> None:
        self._before = before
        self._database: Database | None = None
        self._switching = threading.Lock()
        self.seconds = 0.0  # how long the last build or update took

    @property
    def is_built(self) -> bool:
        """Whether it can answer."""
        return self._database is not None

    def build(self, store: QuadStore, revision: int) -> int:
        """Index a store from its beginning, beside what there is, then switch; return the number of entries."""
        began, database, reader = time.monotonic(), Database(), Pass(store)
        written = database.replace(((iri, reader.entry(iri)) for iri in dict.fromkeys(reader.things())), revision)
        with self._switching:
            before, self._database = self._database, database
        if before:
            before.close()
        self.seconds = time.monotonic() - began
        return written

    def update(self, store: QuadStore, removed: Sequence[Quad], added: Sequence[Quad], revision: int) -> int:
        """Bring the index up to a store that some quads went from and came to; return how many entries were others.

        Where a change reaches too far, the index is built anew.

        Args:
            store: as it is now.
        """
        if self._database is None:
            return self.build(store, revision)
        began, iris = time.monotonic(), changed(store, removed, added)
        if len(iris) > MOST_CHANGED:
            return self.build(store, revision)
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

    def search(self, q: str, lang: str, kind: str | None = None, limit: int = 20, offset: int = 0) -> Found:
        """Return what a reader's words find, best first.

        Args:
            kind: one of `entries.KINDS`; None for all.
        """
        with self._reading() as reading:
            return searching.search(reading, q, lang, kind, limit, offset)

    def suggestions(self, q: str, lang: str, limit: int = 8) -> list[Hit]:
        """Return what a reader who goes on typing most likely means, the likeliest first."""
        with self._reading() as reading:
            return searching.suggestions(reading, q, lang, limit)

    def entries(self) -> int:
        """Return how many things are indexed."""
        with self._reading() as reading:
            return sum(bits.bit_count() for bits in reading.sets.kinds.values())

    def revision(self) -> int:
        """Return which revision is indexed."""
        with self._reading() as reading:
            return reading.revision

    @contextmanager
    def _reading(self) -> Iterator[Reading]:
        self._before(self)
        if self._database is None:
            raise Refused("the search index is being made; try again in a few seconds")
        with self._database.reading() as reading:
            yield reading
