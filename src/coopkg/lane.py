"""Places for queries, and the queue before them. Knows nothing of what is done at a place."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass


class Lane:
    """So many places, and a bounded queue before them in which the lowest rank goes first; of a client, who came first.

    The ranks of one client say how much it has under way, and by chance differ: by them alone, who came when it had the
    most under way would be passed by all who come later.
    """

    def __init__(self, places: int, queue_max: int = 0) -> None:
        self._places = places
        self._free = places
        self._queue_max = queue_max
        self._waiting: list[_Waiting] = []
        self._lock = threading.RLock()

    def enter(self, rank: float = 0.0, wait_s: float = 0.0, client: str = "") -> bool:
        """Take a place; return False when none comes free in time, or the queue is full of lower ranks."""
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return True
            if wait_s <= 0 or not self._queue_max:
                return False
            mine = _Waiting(rank, client)
            self._waiting.append(mine)
            if len(self._waiting) > self._queue_max:
                highest = max(reversed(self._waiting), key=lambda other: other.rank)  # among equals, who came last
                worst = next(filter(highest.is_of_same, reversed(self._waiting)))
                self._waiting.remove(worst)
                worst.called.release()
        mine.called.acquire(timeout=wait_s)
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
            return mine.has_place

    def is_wanted(self, rank: float, client: str = "") -> bool:
        """Return whether a lower rank than this waits, of another client; each "" is one of its own."""
        with self._lock:
            return any(other.rank < rank and (not client or other.client != client) for other in self._waiting)

    def leave(self) -> None:
        """Give a place back."""
        with self._lock:
            if self._waiting:
                lowest = min(self._waiting, key=lambda other: other.rank)  # among equals, who came first
                best = next(filter(lowest.is_of_same, self._waiting))
                self._waiting.remove(best)
                best.has_place = True
                best.called.release()
                return
            if self._free == self._places:
                raise RuntimeError("a place was given back twice")
            self._free += 1


@dataclass(eq=False, slots=True)
class _Waiting:
    rank: float
    client: str
    #: Held until its turn has come, or it is turned away.
    called: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    has_place: bool = False

    def __post_init__(self) -> None:
        self.called.acquire()

    def is_of_same(self, other: _Waiting) -> bool:
        """Return whether it is the other, or both are of one client."""
        return other is self or (bool(self.client) and other.client == self.client)
