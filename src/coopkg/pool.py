"""The query pool, on the server's side: lanes, deadlines, spares, and the switch to a new generation.

Each query starts in a fast place. When it runs over the fast time it moves, without restart, to a slow place if one
is free, else it is refused. At its deadline, or when its client goes, its worker is killed: the engine cannot be
interrupted, a process can. Source: ADR 0010, with the measurements.

Locks: `Pool._change` may be held when a lane's lock is taken, never the other way round. All are re-entrant, since
the collector may end an abandoned answer in any thread, at any moment.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coopkg import sandbox, wire, worker
from coopkg.errors import (
    AnswerTooLarge,
    CoopkgError,
    DiskFullError,
    InputError,
    NotAcceptable,
    QueryError,
    QueryTimedOut,
    QueryTooHeavy,
    ServerBusy,
    SettingsError,
    StateDamaged,
)
from coopkg.keeper import KeeperSettings
from coopkg.sparql import Question
from coopkg.worker import Document

_log = logging.getLogger(__name__)
_SLOW_NICENESS = 15
_GONE_EVERY_S = 0.25
_START_S = 30.0
_END_S = 0.1
#: The part of the fast time that a query has for sure; the rest, while nobody waits who usually asks shorter ones.
_SURE_PART = 0.2
_REFUSALS: dict[str, type[CoopkgError]] = {
    kind.code: kind for kind in (InputError, NotAcceptable, AnswerTooLarge, StateDamaged, DiskFullError)
}


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


class Worker:
    """A worker process, from the server's side."""

    def __init__(self, keeper: Keeper, process_id: int, handle: int, connection: socket.socket) -> None:
        self.keeper = keeper
        self.process_id = process_id
        self._handle: int | None = handle
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN | select.POLLHUP)
        self._buffer = bytearray()

    def ask(self, kind: bytes, content: bytes) -> None:
        """Send a question or a document.

        Raises:
            OSError: the worker has died.
        """
        wire.send(self._connection, kind, content)

    def frame(self, timeout_s: float) -> tuple[bytes, bytes] | None:
        """Return the next frame, or None when the time is over before it is whole.

        Raises:
            EOFError: the worker has died.
        """
        until = time.monotonic() + timeout_s
        while True:
            if frame := wire.taken(self._buffer):
                return frame
            left = until - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                return None
            try:
                piece = self._connection.recv(1 << 17)
            except OSError:  # reset, or closed by the end of the pool
                piece = b""
            if not piece:
                raise EOFError
            self._buffer += piece

    def waits(self) -> bool:
        """Return whether it lives and has nothing to say, as one that stands ready."""
        return not self._buffer and not self._poll.poll(0)

    def slow_down(self) -> None:
        """Let fast queries go first."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process_id, _SLOW_NICENESS)

    def kill(self) -> None:
        """End the process now, whatever it does. Killing twice is allowed."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)
            self._connection.close()


class Keeper:
    """The process that holds a generation and forks workers; see `coopkg.keeper`."""

    def __init__(self, folder: Path, revision: int, settings: KeeperSettings) -> None:
        self.folder = folder
        self.revision = revision
        self.in_memory = settings.in_memory
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_START_S)
        arguments, environ = sandbox.program("coopkg.keeper", str(theirs.fileno()), str(folder), settings.encoded())
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                arguments,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**environ, "MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0"},
            )
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()

    def is_ready(self, wait_s: float) -> bool:
        """Return whether the graph is held, after waiting for at most some seconds; ask until it says so.

        Raises:
            OSError: the keeper ended while it loaded.
        """
        if not _polled(self._control, select.POLLIN, wait_s):
            return False
        if not self._control.recv(wire.HEAD.size):
            raise ConnectionError("the keeper of the graph ended while it loaded")
        return True

    def has_gone(self, wait_s: float = 0.0) -> bool:
        """Return whether the process has ended: it lets its end of the connection go before its workers die.

        Args:
            wait_s: how long to wait for it; a worker that it was just making may hold that end a moment longer.
        """
        return self._control.fileno() < 0 or bool(_polled(self._control, 0, wait_s) & select.POLLHUP)

    def worker(self) -> Worker:
        """Return a new worker that stands ready.

        Raises:
            OSError: the keeper has gone, or its workers end at once.
        """
        with self._lock:
            self._control.sendall(b"S")
            message, handles, _, _ = socket.recv_fds(self._control, 4, 2)
        if len(message) < 4 or len(handles) < 2:
            for handle in handles:
                os.close(handle)
            raise ConnectionError("the keeper of the graph has gone")
        fresh = Worker(self, int.from_bytes(message, "big"), handles[1], socket.socket(fileno=handles[0]))
        with contextlib.suppress(EOFError):
            if fresh.frame(_START_S):
                return fresh
        fresh.kill()
        raise ConnectionError("a new worker ended before it was ready")

    def close(self) -> None:
        """End the keeper now, and its workers with it. Closing twice is allowed."""
        self._control.close()
        self._process.kill()
        threading.Thread(target=self._process.wait, daemon=True).start()


class Stream:
    """The answer to one question, as it comes. Close it in any case.

    `media_type` is known once the first piece is.
    """

    def __init__(
        self,
        pool: Pool,
        taken: Worker,
        question: Question | Document,
        deadline_s: float,
        gone: Callable[[], bool],
        may_be_slow: Callable[[], bool],
        rank: float,
    ) -> None:
        self.media_type = ""
        self.revision = taken.keeper.revision
        self._pool = pool
        self._worker = taken
        self._question = question
        self._deadline_s = deadline_s
        self._gone = gone
        self._may_be_slow = may_be_slow
        self._rank = rank
        self._slow = False
        self._clean = False
        self._began = time.monotonic()
        self._ended: float | None = None
        self._ending = threading.Lock()

    @property
    def elapsed_s(self) -> float:
        """How long the question has held a worker."""
        return (time.monotonic() if self._ended is None else self._ended) - self._began

    def pieces(self) -> Iterator[bytes]:
        """Ask, and yield the body as it comes.

        Raises:
            QueryTimedOut, QueryTooHeavy, ServerBusy, QueryError, NotAcceptable, AnswerTooLarge: the rest will not come.
        """
        try:
            self._ask()
            _, head = self._next()
            self.media_type = json.loads(head)["media_type"]
            while True:
                kind, content = self._next()
                if kind == b"E":
                    self._clean = True
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
        self._pool.give_back(self._worker, clean=self._clean, slow=self._slow)

    def _ask(self) -> None:
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
                self._clean = not self.media_type
                raise _refusal(json.loads(frame[1]))
            else:
                return frame

    def _death(self) -> CoopkgError:
        if self._worker.keeper.has_gone(_END_S):  # all its workers died with it: not by this question
            return ServerBusy("the workers are being replaced; ask again", 1)
        self._pool.count("died")
        return QueryTooHeavy("the query needed more memory or depth than one query may take; make it smaller")

    def _patience_s(self) -> float:
        """Return how long to wait before looking round: is time over, the client gone, the place wanted?"""
        if self._slow:
            return max(0.0, min(self._deadline_s - self.elapsed_s, _GONE_EVERY_S))
        fast_s = self._pool.settings.fast_s
        return max(0.0, min(min(fast_s, self._deadline_s) - self.elapsed_s, fast_s * _SURE_PART))

    def _out_of_patience(self) -> None:
        if self.elapsed_s >= self._deadline_s:
            self._pool.count("killed")
            raise QueryTimedOut(
                f"the query was stopped after {self._deadline_s:g} s; narrow it, add a LIMIT, or ask for more time by "
                f"'timeout=' (at most {self._pool.deadline_max_s:g} s)"
            )
        if self._gone():
            self._pool.count("gone")
            raise QueryTimedOut("the client has gone")
        if self._slow or not self._pool.is_fast_time_over(self.elapsed_s, self._rank):
            return
        if not self._may_be_slow():
            raise ServerBusy("this client has a long query under way; wait for its end, or narrow this one")
        if not self._pool.move_to_slow():
            raise ServerBusy("all places for long queries are taken; try again in a few seconds, or narrow the query")
        self._slow = True
        self._worker.slow_down()


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
        self._located = located
        self._fast = Lane(settings.fast_workers, settings.queue_max)
        self._slow = Lane(settings.slow_workers)
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._retired: list[Keeper] = []
        self._older: dict[Path, Keeper] = {}
        self._opening = threading.Lock()
        self._change = threading.Condition()  # over a re-entrant lock
        self._ending = False
        self._loading: Keeper | None = None
        self._never_loads: Path | None = None
        try:
            self._keeper = self._quick_keeper()
        except OSError as fault:
            raise _no_workers(fault) from fault
        try:
            self._fill()
        except OSError as fault:
            self._keeper.close()
            raise _no_workers(fault) from fault
        self._thread = threading.Thread(target=self._steward, name="pool-steward", daemon=True)
        self._thread.start()

    def ask(
        self,
        question: Question | Document,
        deadline_s: float,
        gone: Callable[[], bool],
        may_be_slow: Callable[[], bool],
        rank: float = 0.0,
    ) -> Stream:
        """Return the answer to a question; the question is put when its first piece is asked for.

        Args:
            gone: whether the client has left.
            may_be_slow: asked once, when the fast time is over: whether this client may take a slow place.
            rank: who has the lowest is served first.
        Raises:
            ServerBusy: no place within the queue time.
            RevisionGone: the revision that is asked for is not kept.
        """
        if not self._fast.enter(rank, self.settings.queue_s):
            self.count("busy")
            raise ServerBusy("all places are taken, and others wait; try again in a few seconds")
        try:
            taken = self._take() if question.revision is None else self._take_of(question.revision)
        except BaseException:
            self._fast.leave()
            raise
        return Stream(self, taken, question, deadline_s, gone, may_be_slow, rank)

    def is_fast_time_over(self, elapsed_s: float, rank: float) -> bool:
        """Return whether a query must leave its fast place: sooner when one of a lower rank waits for it."""
        part = _SURE_PART if self._fast.is_wanted(rank) else 1.0
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
        with self._change:
            self._busy.discard(used)
            if clean and not slow and used.keeper is self._keeper and not self._ending:
                self._idle.append(used)
            else:  # a slow one keeps its low priority for good
                used.kill()
            self._close_retired()
            self._change.notify_all()
        (self._slow if slow else self._fast).leave()

    def is_ready(self) -> bool:
        """Return whether a worker stands ready, or all are at work."""
        with self._change:
            self._drop_dead()
            return not self._ending and bool(self._idle or self._busy)

    def counts(self) -> dict[str, int]:
        """Return what happened since the start, by name."""
        with self._change:
            return dataclasses.asdict(self._counters)

    def count(self, what: str) -> None:
        """Count one more of what happened."""
        with self._change:
            setattr(self._counters, what, getattr(self._counters, what) + 1)

    def close(self) -> None:
        """End every worker and the keeper; answers under way are cut."""
        with self._change:
            self._ending = True
            self._change.notify_all()
        self._thread.join(_START_S)
        with self._change:
            for idle in self._idle:
                idle.kill()
            self._idle.clear()
            self._drop_loading()
            for keeper in (self._keeper, *self._older.values(), *self._retired):
                keeper.close()
            self._older.clear()
            self._retired.clear()

    def _take(self) -> Worker:
        with self._change:
            self._change.wait_for(self._has_idle, timeout=self.settings.queue_s + 5)
            if not self._idle:
                self._counters.busy += 1
                raise ServerBusy("no worker is ready; try again in a few seconds")
            taken = self._idle.pop()
            self._busy.add(taken)
            self._change.notify_all()
            return taken

    def _take_of(self, revision: int) -> Worker:
        """Return a worker over a kept revision: of those that stand ready, or one made for this question alone."""
        folder, _ = self._located(revision)
        if folder == self._keeper.folder:
            taken = self._take()
            if taken.keeper.folder == folder:
                return taken
            with self._change:  # the pool has just moved on
                self._busy.discard(taken)
                self._idle.append(taken)
        try:
            taken = self._opened(folder, revision).worker()
        except OSError as fault:
            raise ServerBusy(f"revision {revision} cannot be opened just now; ask again", 1) from fault
        with self._change:
            self._busy.add(taken)
        return taken

    def _opened(self, folder: Path, revision: int) -> Keeper:
        """Return the keeper of a kept generation, which reads from disk; it stays until the next publication."""
        with self._opening:
            known = self._older.get(folder)
            if known is not None and not known.has_gone():
                return known
            fresh = self._keeper_on_disk(folder, revision)
            with self._change:
                if self._ending:
                    fresh.close()
                    raise ServerBusy("the server is ending; ask again", 1)
                self._older[folder] = fresh
            return fresh

    def _has_idle(self) -> bool:
        self._drop_dead()
        return bool(self._idle) or self._ending

    def _drop_dead(self) -> None:
        alive = [idle for idle in self._idle if idle.waits()]
        if len(alive) < len(self._idle):
            for dead in set(self._idle).difference(alive):
                dead.kill()
            self._idle = alive

    def _wanted(self) -> int:
        return self.settings.fast_workers + self.settings.spare_workers

    def _lacks_workers(self) -> bool:
        self._drop_dead()
        return len(self._idle) < self._wanted()

    def _quick_keeper(self) -> Keeper:
        """Return a keeper of the current generation that is ready at once: its workers read from disk."""
        return self._keeper_on_disk(*self._located(None))

    def _keeper_on_disk(self, folder: Path, revision: int) -> Keeper:
        keeper = Keeper(folder, revision, dataclasses.replace(self.settings.keeper, in_memory=False))
        try:
            if not keeper.is_ready(_START_S):
                raise TimeoutError(f"the keeper of the graph was not ready within {_START_S:g} s")
        except BaseException:
            keeper.close()
            raise
        return keeper

    def _fill(self) -> None:
        """Fork workers until enough stand ready. Only the steward calls it, so that the keeper stays the same."""
        while not self._ending:
            with self._change:
                if not self._lacks_workers():
                    return
            fresh = self._keeper.worker()
            with self._change:
                self._idle.append(fresh)
                self._change.notify_all()

    def _replace_keeper(self, fresh: Keeper) -> None:
        """Switch to a keeper, with its workers ready before the old ones go; busy ones finish first."""
        try:
            ready = [fresh.worker() for _ in range(self._wanted())]
        except BaseException:
            fresh.close()
            raise
        with self._change:
            stale, self._idle, old, self._keeper = self._idle, ready, self._keeper, fresh
            for idle in stale:
                idle.kill()
            self._retired.append(old)
            if old.folder != fresh.folder:  # what was kept may be kept no more
                self._retired += self._older.values()
                self._older.clear()
            self._close_retired()
            self._change.notify_all()

    def _close_retired(self) -> None:
        needed = {busy.keeper for busy in self._busy}
        done = [keeper for keeper in self._retired if keeper not in needed]
        self._retired = [keeper for keeper in self._retired if keeper in needed]
        for keeper in done:
            keeper.close()

    def _steward(self) -> None:
        """Keep enough workers ready, and follow new generations: from disk at once, from memory when it is loaded."""
        while True:
            with self._change:
                self._change.wait_for(lambda: self._ending or self._lacks_workers(), timeout=0.1)
                if self._ending:
                    return
            try:
                self._follow()
            except (OSError, CoopkgError) as fault:
                _log.warning("the new generation is not served yet: %s", fault)
                self._pause(1.0)
            try:
                self._fill()
            except OSError as fault:
                _log.warning("%s; another is started", fault)
                self._restart()

    def _pause(self, seconds: float) -> None:
        with self._change:
            self._change.wait_for(lambda: self._ending or self._lacks_workers(), timeout=seconds)

    def _follow(self) -> None:
        folder, revision = self._located(None)
        if folder != self._keeper.folder:
            self._drop_loading()
            self._replace_keeper(self._quick_keeper())
        if not self.settings.keeper.in_memory or self._keeper.in_memory or self._never_loads == folder:
            return
        if self._loading is None:
            self._loading = Keeper(folder, revision, self.settings.keeper)
        elif self._loaded(self._loading):
            loaded, self._loading = self._loading, None
            self._replace_keeper(loaded)

    def _loaded(self, loading: Keeper) -> bool:
        try:
            return loading.is_ready(0)
        except OSError:
            _log.warning("revision %d cannot be held in memory; it is read from disk", loading.revision)
            self._never_loads = loading.folder
            self._drop_loading()
            return False

    def _restart(self) -> None:
        try:
            self._replace_keeper(self._quick_keeper())
        except (OSError, CoopkgError) as fault:
            _log.warning("workers cannot be started: %s", fault)
            with self._change:
                self._change.wait_for(lambda: self._ending, timeout=1.0)

    def _drop_loading(self) -> None:
        if self._loading is not None:
            self._loading.close()
            self._loading = None


def _polled(connection: socket.socket, what: int, wait_s: float) -> int:
    # Not select, which fails on the handles above 1,023 that a busy server has.
    poll = select.poll()
    poll.register(connection, what)
    return sum(events for _, events in poll.poll(wait_s * 1000))


def _no_workers(fault: OSError) -> SettingsError:
    return SettingsError(
        f"query workers cannot start ({fault}): they cannot be locked, or find no memory; the lines above say more"
    )


def _refusal(said: dict[str, object]) -> CoopkgError:
    message, kind = str(said["message"]), _REFUSALS.get(str(said["code"]), CoopkgError)
    if said["code"] != QueryError.code:
        return kind(message)
    line, column = said.get("line"), said.get("column")
    return QueryError(message, line if isinstance(line, int) else None, column if isinstance(column, int) else None)
