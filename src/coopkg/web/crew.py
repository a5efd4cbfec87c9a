"""Threads that answer requests, and a bounded queue in front of them."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

_log = logging.getLogger("coopkg.front")
Job = Callable[[], None]


class Crew:
    """Does jobs in so many threads at once; they end with the process.

    Args:
        waiting_max: how many jobs may wait for a thread.
    """

    def __init__(self, name: str, threads: int, waiting_max: int) -> None:
        self.name = name
        self._most = threads + waiting_max
        self._under_way = 0
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def take(self, job: Job) -> bool:
        """Do a job as soon as a thread is free; return False when too many wait already."""
        with self._lock:
            if self._under_way >= self._most:
                return False
            self._under_way += 1
        self._jobs.put(job)
        return True

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception:  # a thread that ended would be missing for good
                _log.exception("a request could not be answered")
            finally:
                del job  # and what it holds, while nothing else comes
                with self._lock:
                    self._under_way -= 1
