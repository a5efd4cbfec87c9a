"""What follows the published graph from revision to revision, beside those who read it: the search index, the feed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from coopkg.errors import CoopkgError
from coopkg.feed import Feed
from coopkg.graph import Graph
from coopkg.index import Index

_LOG = logging.getLogger("coopkg.web")
#: How far behind the graph what follows may be, but for the time that its own change takes.
_EVERY_S = 0.5
#: Twice as long after each further fault: a new index costs a processor a minute, and most disks stay full.
_AFTER_A_FAULT_S = 10.0
_AFTER_FAULTS_S = 600.0
_Passed = TypeVar("_Passed")


class Follower:
    """Brings an index and a feed up to the graph, when asked or by itself."""

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

    def catch_up_feed(self, feed: Feed) -> None:
        """Bring a feed up to the revision that is published now."""
        feed.follow(self._graph.location()[1], self._unless_ended)

    @contextmanager
    def following(self, index: Index, feed: Feed) -> Iterator[None]:
        """Let an index and a feed follow, each in a thread of its own, for as long as this lasts."""
        threads = [
            threading.Thread(target=self._follow, args=("search index", lambda: self.catch_up(index)), name="index"),
            threading.Thread(target=self._follow, args=("feed", lambda: self.catch_up_feed(feed)), name="feed"),
        ]
        for thread in threads:
            thread.daemon = True
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()
            index.close()
            feed.close()

    def _follow(self, what: str, catch_up: Callable[[], None]) -> None:
        faults = 0
        while not self._ended.is_set():
            try:
                catch_up()
                faults = 0
            except _Ended:
                return
            except CoopkgError as error:
                _LOG.error("the %s stays as it was: %s", what, error)
                faults += 1
            except Exception:  # a thread that ended would leave it behind for good
                _LOG.exception("the %s stays as it was, by a fault of the program", what)
                faults += 1
            self._ended.wait(_pause_s(faults))

    def _unless_ended(self, passed: Iterable[_Passed]) -> Iterator[_Passed]:
        for one in passed:
            if self._ended.is_set():
                raise _Ended
            yield one


def _pause_s(faults: int) -> float:
    """Return how long to wait after so many faults in a row."""
    return min(_AFTER_A_FAULT_S * 2 ** (min(faults, 10) - 1), _AFTER_FAULTS_S) if faults else _EVERY_S


class _Ended(Exception):
    """The server ends while an index or a feed is made."""
