"""Threads that answer requests, and a bounded queue in front of them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

_log = logging.getLogger("coopkg.front")
Job = Callable[[], None]


class Crew:
    """Does jobs in so many threads at once; they end with the process.

    Who was at work last is given the next job: what that thread needs is in the processor's caches, and those that a
    quiet day does not need stay asleep.

    Args:
        waiting_max: how many jobs may wait for a thread.
    """

    def __init__(self, name: str, threads: int, waiting_max: int) -> None:
        self.name = name
        self._most = threads + waiting_max
        self._under_way = 0
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._idle: list[_Hands] = []
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def take(self, job: Job) -> bool:
        """Do a job as soon as a thread is free; return False when too many wait already."""
        with self._lock:
            if self._under_way >= self._most:
                return False
            self._under_way += 1
            if not self._idle:
                self._waiting.append(job)
                return True
            hands = self._idle.pop()
        hands.give(job)
        return True

    def _work(self) -> None:
        hands = _Hands()
        while True:
            job = self._next(hands)
            try:
                job()
            except Exception:  # a thread that ended would be missing for good
                _log.exception("a request could not be answered")
            finally:
                del job  # and what it holds, while nothing else comes
                with self._lock:
                    self._under_way -= 1

    def _next(self, hands: _Hands) -> Job:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._idle.append(hands)
        return hands.wait()


class _Hands:
    """Where a thread without work waits for a job."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._given = threading.Lock()
        self._given.acquire()

    def give(self, job: Job) -> None:
        self._jobs.append(job)
        self._given.release()

    def wait(self) -> Job:
        self._given.acquire()
        return self._jobs.pop()
