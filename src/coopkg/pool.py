"""The query pool, on the server's side: lanes, deadlines, and an answer as it comes.

Each query starts in a fast place. When it runs over the fast time it moves, without restart, to a slow place if one
is free, else it is refused. At its deadline, or when its client goes, its worker is killed: the engine cannot be
interrupted, a process can. Source: ADR 0010, with the measurements.

Locks: the roster's may be held when a lane's is taken, never the other way round. All are re-entrant, since the
collector may end an abandoned answer in any thread, at any moment.
"""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coopkg import worker
from coopkg.errors import (
    CoopkgError,
    DocumentError,
    QueryError,
    QueryTimedOut,
    QueryTooHeavy,
    ServerBusy,
)
from coopkg.keeper import KeeperSettings
from coopkg.lane import Lane
from coopkg.processes import Worker
from coopkg.refusal import heard
from coopkg.roster import Roster
from coopkg.sparql import Question
from coopkg.worker import Document, Submission

_GONE_EVERY_S = 0.25
#: How long a query waits for a worker beyond its time in the queue: they are made anew after kills.
_WORKER_S = 5.0
_END_S = 0.5
#: How long a worker that was slow may take to be ready again; its client waits for the last bytes meanwhile.
_READY_S = 0.25
#: The part of the fast time that a query has for sure; the rest, while nobody waits who usually asks shorter ones.
_SURE_PART = 0.2
_PLACED: dict[str, type[QueryError | DocumentError]] = {kind.code: kind for kind in (QueryError, DocumentError)}


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Sizes and times of the pool; see docs/settings.md. `queue_max` questions wait for a fast place at most."""

    fast_workers: int
    slow_workers: int
    spare_workers: int
    fast_s: float
    queue_s: float
    keeper: KeeperSettings
    queue_max: int = 8


@dataclass(slots=True)
class Counters:
    """What happened since the start."""

    answered: int = 0
    moved: int = 0
    killed: int = 0
    died: int = 0
    busy: int = 0
    gone: int = 0


class Stream:
    """The answer to one question, as it comes. Close it in any case.

    `media_type` is known once the first piece is, and so is `rewritten`: the steps that changed the query.
    """

    def __init__(
        self,
        pool: Pool,
        taken: Worker,
        question: Question | Document | Submission,
        deadline_s: float,
        gone: Callable[[], bool],
        may_be_slow: Callable[[], bool],
        rank: float,
        client: str,
    ) -> None:
        self.media_type = ""
        self.rewritten: tuple[str, ...] = ()
        self.revision = taken.revision
        self.generation = taken.folder.name
        self._pool = pool
        self._worker = taken
        self._question = question
        self._deadline_s = deadline_s
        self._gone = gone
        self._may_be_slow = may_be_slow
        self._rank = rank
        self._client = client
        self._slow = False
        self._clean = False
        self._may_be_reused = not isinstance(question, Submission)  # which lies on the bench of its worker for good
        self._what = "query" if isinstance(question, Question) else "document"
        self._cpu_before_s = 0.0
        self._cpu_s = 0.0
        self._began = time.monotonic()
        self._ended: float | None = None
        self._ending = threading.Lock()

    @property
    def elapsed_s(self) -> float:
        """How long the question has held a worker."""
        return (time.monotonic() if self._ended is None else self._ended) - self._began

    @property
    def cpu_s(self) -> float:
        """How long the question has used a processor; known when it is closed."""
        return self._cpu_s

    def pieces(self) -> Iterator[bytes]:
        """Ask, and yield the body as it comes.

        Raises:
            QueryTimedOut, QueryTooHeavy, ServerBusy, QueryError, NotAcceptable, AnswerTooLarge: the rest will not come.
        """
        try:
            self._ask()
            _, head = self._next()
            self.media_type, *steps = head.decode("ascii").split("\n")
            self.rewritten = tuple(steps)
            while True:
                kind, content = self._next()
                if kind == b"E":
                    self._clean = self._may_be_reused
                    self._pool.count("answered")
                    return
                yield content
        finally:
            self.close()

    def close(self) -> None:
        """Give the worker back, or kill it when it is still busy. Closing twice is allowed."""
        with self._ending:
            if self._ended is not None:
                return
            self._ended = time.monotonic()
        used_s = self._worker.cpu_s()  # of one that ended by itself nobody knows: all of its time
        self._cpu_s = self.elapsed_s if used_s is None else used_s - self._cpu_before_s
        self._pool.give_back(self._worker, clean=self._clean, slow=self._slow)

    def _ask(self) -> None:
        self._cpu_before_s = self._worker.cpu_s() or 0.0
        try:
            self._worker.ask(*worker.encoded(self._question))
        except OSError as fault:  # it died between being taken and being asked: not by this question
            raise ServerBusy("the worker has just ended; ask again", 1) from fault

    def _next(self) -> tuple[bytes, bytes]:
        while True:
            try:
                frame = self._worker.frame(self._patience_s())
            except EOFError as fault:
                raise self._death() from fault
            if frame is None:
                self._out_of_patience()
            elif frame[0] == b"X":
                # One that failed half-way is not asked again: nothing of its answer may reach the next question.
                self._clean = self._may_be_reused and not self.media_type
                raise heard(json.loads(frame[1]))
            else:
                return frame

    def _death(self) -> CoopkgError:
        if self._worker.keeper.has_gone(_END_S):  # all its workers died with it: not by this question
            return ServerBusy("the workers are being replaced; ask again", 1)
        self._pool.count("died")
        return QueryTooHeavy(
            f"the {self._what} needed more memory or depth than one {self._what} may take; make it smaller"
        )

    def _patience_s(self) -> float:
        """Return how long to wait before looking round: is time over, the client gone, the place wanted?"""
        if self._slow:
            return max(0.0, min(self._deadline_s - self.elapsed_s, _GONE_EVERY_S))
        fast_s = self._pool.settings.fast_s
        return max(0.0, min(min(fast_s, self._deadline_s) - self.elapsed_s, fast_s * _SURE_PART))

    def _out_of_patience(self) -> None:
        if self.elapsed_s >= self._deadline_s:
            self._pool.count("killed")
            raise QueryTimedOut(self._too_long())
        if self._gone():
            self._pool.count("gone")
            raise QueryTimedOut("the client has gone")
        if self._slow or not self._pool.is_fast_time_over(self.elapsed_s, self._rank, self._client):
            return
        if not self._may_be_slow():
            raise ServerBusy("this client has a long query under way; wait for its end, or narrow this one")
        if not self._pool.move_to_slow():
            raise ServerBusy("all places for long queries are taken; try again in a few seconds, or narrow the query")
        self._slow = True
        self._worker.slow_down()

    def _too_long(self) -> str:
        stopped = f"the {self._what} was stopped after {self._deadline_s:g} s"
        if self._what == "document":
            return f"{stopped}; send it in parts, or judge it with 'coopkg validate FILE'"
        return (
            f"{stopped}; narrow it, add a LIMIT, or ask for more time by 'timeout=' (at most "
            f"{self._pool.deadline_max_s:g} s)"
        )


class Pool:
    """Workers over the current generation, and on demand over those that are kept.

    Args:
        located: gives the folder and the number of a revision that is kept; of the current one for None.
    Raises:
        SettingsError: workers cannot start here.
    """

    def __init__(
        self, settings: PoolSettings, deadline_max_s: float, located: Callable[[int | None], tuple[Path, int]]
    ) -> None:
        self.settings = settings
        self.deadline_max_s = deadline_max_s
        self._counters = Counters()
        self._counting = threading.RLock()
        self._fast = Lane(settings.fast_workers, settings.queue_max)
        self._slow = Lane(settings.slow_workers)
        self._roster = Roster(settings.fast_workers + settings.spare_workers, settings.keeper, located)

    def ask(
        self,
        question: Question | Document | Submission,
        deadline_s: float,
        gone: Callable[[], bool],
        may_be_slow: Callable[[], bool],
        rank: float = 0.0,
        client: str = "",
    ) -> Stream:
        """Return the answer to a question; the question is put when its first piece is asked for.

        Args:
            gone: whether the client has left.
            may_be_slow: asked once, when the fast time is over: whether this client may take a slow place.
            rank: who has the lowest is served first.
            client: who asks; no query makes way for another of its client.
        Raises:
            ServerBusy: no place within the queue time.
            RevisionGone: the revision that is asked for is not kept.
        """
        if not self._fast.enter(rank, self.settings.queue_s, client):
            self.count("busy")
            raise ServerBusy("all places are taken, and others wait; try again in a few seconds")
        try:
            taken = self._taken(question)
        except BaseException:
            self._fast.leave()
            raise
        return Stream(self, taken, question, deadline_s, gone, may_be_slow, rank, client)

    def is_fast_time_over(self, elapsed_s: float, rank: float, client: str = "") -> bool:
        """Return whether a query must leave its fast place: sooner when one of a lower rank waits for it."""
        part = _SURE_PART if self._fast.is_wanted(rank, client) else 1.0
        return elapsed_s >= self.settings.fast_s * part

    def move_to_slow(self) -> bool:
        """Exchange a fast place for a slow one; return False when none is free."""
        if not self._slow.enter():
            self.count("busy")
            return False
        self._fast.leave()
        self.count("moved")
        return True

    def give_back(self, used: Worker, *, clean: bool, slow: bool) -> None:
        """Take a worker back, or kill it, and free its place."""
        self._roster.give_back(used, reusable=clean and (not slow or used.is_ready(_READY_S)))
        (self._slow if slow else self._fast).leave()

    def is_ready(self) -> bool:
        """Return whether a worker stands ready, or all are at work."""
        return self._roster.is_ready()

    def counts(self) -> dict[str, int]:
        """Return what happened since the start, by name."""
        with self._counting:
            return dataclasses.asdict(self._counters)

    def count(self, what: str) -> None:
        """Count one more of what happened."""
        with self._counting:
            setattr(self._counters, what, getattr(self._counters, what) + 1)

    def close(self) -> None:
        """End every worker and the keepers; answers under way are cut."""
        self._roster.close()

    def _taken(self, question: Question | Document | Submission) -> Worker:
        wait_s = self.settings.queue_s + _WORKER_S
        asserted = isinstance(question, Question) and not question.inferred  # known apart on disk alone
        try:
            if question.revision is None and not asserted:
                return self._roster.take_current(wait_s)
            return self._roster.take_of(question.revision, wait_s, on_disk=asserted)
        except ServerBusy:
            self.count("busy")
            raise
