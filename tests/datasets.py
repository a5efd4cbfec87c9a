"""An RDF dataset in memory, as others know it: what the suites of the W3C, and the engine itself, judge updates by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coopkg.rdf import DefaultGraph, NamedNode, Quad
from coopkg.store import Effect, QuadStore


class UpdatableStore(QuadStore):
    """A store whose default graph is one of its own."""

    is_plain = True

    def change(self, remove: Iterable[Quad], add: Sequence[Quad]) -> Effect:
        """Remove, then add; quads without a graph are of the default graph. The effect is not told."""
        gone = list(remove)
        for quad in gone:
            self._engine.remove(quad)
        self._engine.extend(add)
        self._forget_empty({quad.graph_name for quad in gone})
        return Effect()

    def _kept(self, chosen: set[str]) -> list[DefaultGraph | NamedNode]:
        return []
