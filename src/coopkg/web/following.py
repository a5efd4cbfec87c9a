"""The search index follows the published graph: from revision to revision, beside those who read it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from coopkg.errors import CoopkgError
from coopkg.graph import Graph
from coopkg.index import Index

_LOG = logging.getLogger("coopkg.web")
#: How far behind the graph the index may be, but for the time that its own change takes.
_EVERY_S = 0.5
#: Twice as long after each further fault: a new index costs a processor a minute, and most disks stay full.
_AFTER_A_FAULT_S = 10.0
_AFTER_FAULTS_S = 600.0


class Follower:
    """Brings an index up to the graph, when asked or by itself."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._held: Path | None = None
        self._one_at_a_time = threading.Lock()
        self._ended = threading.Event()

    def catch_up(self, index: Index) -> None:
        """Bring an index up to the generation that is published now, unless it is there and can be read."""
        with self._one_at_a_time:
            step = self._graph.step(None if index.is_lost else self._held)
            if step is None:
                return
            if step.is_whole:
                index.build(step.store, step.revision, self._unless_ended)
            else:
                index.update(step.store, step.removed, step.added, step.revision, self._unless_ended)
            self._held = step.folder

    @contextmanager
    def following(self, index: Index) -> Iterator[None]:
        """Let an index follow in a thread of its own, for as long as this lasts."""
        thread = threading.Thread(target=self._follow, args=(index,), name="index", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()
            index.close()

    def _follow(self, index: Index) -> None:
        faults = 0
        while not self._ended.is_set():
            try:
                self.catch_up(index)
                faults = 0
            except _Ended:
                return
            except CoopkgError as error:
                _LOG.error("the search index stays as it was: %s", error)
                faults += 1
            except Exception:  # a thread that ended would leave the index behind for good
                _LOG.exception("the search index stays as it was, by a fault of the program")
                faults += 1
            self._ended.wait(_pause_s(faults))

    def _unless_ended(self, iris: Iterable[str]) -> Iterator[str]:
        for iri in iris:
            if self._ended.is_set():
                raise _Ended
            yield iri


def _pause_s(faults: int) -> float:
    """Return how long to wait after so many faults in a row."""
    return min(_AFTER_A_FAULT_S * 2 ** (min(faults, 10) - 1), _AFTER_FAULTS_S) if faults else _EVERY_S


class _Ended(Exception):
    """The server ends while an index is made."""
