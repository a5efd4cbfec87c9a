"""The search index follows the published graph: from revision to revision, beside those who read it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from coopkg.errors import CoopkgError
from coopkg.graph import Graph
from coopkg.index import Index

_LOG = logging.getLogger("coopkg.web")
#: How far behind the graph the index may be, but for the time that its own change takes.
_EVERY_S = 0.5


class Follower:
    """Brings an index up to the graph, when asked or by itself."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._held: Path | None = None
        self._one_at_a_time = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def catch_up(self, index: Index) -> None:
        """Bring an index up to the generation that is published now, unless it is there."""
        with self._one_at_a_time:
            step = self._graph.step(self._held)
            if step is None:
                return
            if step.is_whole:
                index.build(step.store, step.revision)
            else:
                index.update(step.store, step.removed, step.added, step.revision)
            self._held = step.folder

    def start(self, index: Index) -> None:
        """Follow from now on, in a thread of its own."""
        self._thread = threading.Thread(target=self._follow, args=(index,), name="index", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Follow no longer; a change under way is finished first."""
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _follow(self, index: Index) -> None:
        while not self._ended.is_set():
            try:
                self.catch_up(index)
            except CoopkgError as error:
                _LOG.error("the search index stays as it was: %s", error)
            self._ended.wait(_EVERY_S)
