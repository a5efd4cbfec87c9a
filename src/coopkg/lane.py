"""Places for queries, and the queue before them. Knows nothing of what is done at a place."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass


class Lane:
    """So many places, and a bounded queue before them in which the lowest rank goes first."""

    def __init__(self, places: int, queue_max: int = 0) -> None:
        self._places = places
        self._free = places
        self._queue_max = queue_max
        self._waiting: list[_Waiting] = []
        self._lock = threading.RLock()

    def enter(self, rank: float = 0.0, wait_s: float = 0.0) -> bool:
        """Take a place; return False when none comes free in time, or the queue is full of lower ranks."""
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return True
            if wait_s <= 0 or not self._queue_max:
                return False
            mine = _Waiting(rank)
            self._waiting.append(mine)
            if len(self._waiting) > self._queue_max:
                worst = max(reversed(self._waiting), key=lambda other: other.rank)  # among equals, who came last
                self._waiting.remove(worst)
                worst.called.set()
        mine.called.wait(wait_s)
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
            return mine.has_place

    def is_wanted(self, rank: float) -> bool:
        """Return whether a lower rank than this waits."""
        with self._lock:
            return any(other.rank < rank for other in self._waiting)

    def leave(self) -> None:
        """Give a place back."""
        with self._lock:
            if self._waiting:
                best = min(self._waiting, key=lambda other: other.rank)  # among equals, who came first
                self._waiting.remove(best)
                best.has_place = True
                best.called.set()
                return
            if self._free == self._places:
                raise RuntimeError("a place was given back twice")
            self._free += 1


@dataclass(eq=False, slots=True)
class _Waiting:
    rank: float
    called: threading.Event = dataclasses.field(default_factory=threading.Event)
    has_place: bool = False
