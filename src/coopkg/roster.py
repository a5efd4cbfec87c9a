"""The workers of a pool: which stand ready, which are at work, and over which generation.

A thread of its own, the steward, keeps enough of them ready and follows new generations. Only it replaces the current
keeper, or orders it anything. Source: ADR 0010.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from coopkg.errors import CoopkgError, ServerBusy, SettingsError
from coopkg.generations import differences
from coopkg.keeper import KeeperSettings
from coopkg.processes import START_S, Keeper, Worker

_log = logging.getLogger(__name__)
#: How often the current generation is looked up: one system call.
_LOOK_EVERY_S = 0.02


class Roster:
    """Workers over the current generation, and on demand over those that are kept.

    Args:
        wanted: how many workers stand ready.
        located: gives the folder and the number of a revision that is kept; of the current one for None.
    Raises:
        SettingsError: workers cannot start here.
    """

    def __init__(
        self, wanted: int, settings: KeeperSettings, located: Callable[[int | None], tuple[Path, int]]
    ) -> None:
        self._wanted = wanted
        self._settings = settings
        self._located = located
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._retired: list[Keeper] = []
        self._older: dict[Path, Keeper] = {}
        self._opening = threading.Lock()
        self._change = threading.Condition()  # over a re-entrant lock
        self._ending = False
        self._is_behind = False  # of what is published, as somebody who asks has seen
        self._loading: Keeper | None = None
        self._never_loads: Path | None = None
        try:
            self._keeper = self._quick_keeper()
        except OSError as fault:
            raise _no_workers(fault) from fault
        self._folder = self._keeper.folder  # of the workers that stand ready
        try:
            self._fill()
        except OSError as fault:
            self._keeper.close()
            raise _no_workers(fault) from fault
        self._thread = threading.Thread(target=self._steward, name="pool-steward", daemon=True)
        self._thread.start()

    def take(self, wait_s: float) -> Worker:
        """Return a worker over the current generation, to be given back.

        Raises:
            ServerBusy: none stands ready in time.
        """
        with self._change:
            taken = self._next_idle()
            if taken is None and self._change.wait_for(self._has_idle, timeout=wait_s):
                taken = self._next_idle()
            if taken is None:
                raise ServerBusy("no worker is ready; try again in a few seconds")
            self._busy.add(taken)
            if len(self._idle) < self._wanted:  # else the steward has nothing to do, and would be woken by each query
                self._change.notify_all()
            return taken

    def take_current(self, wait_s: float) -> Worker:
        """Return a worker as `take` does; one that reads from disk is of the generation that is current now.

        The folder of another may be removed at any moment, and its files are opened when they are first read.

        Raises:
            ServerBusy: none stands ready in time.
        """
        with self._change:
            if not self._keeper.in_memory and self._published() != (stale := self._folder):
                self._is_behind = True
                self._change.notify_all()
                self._change.wait_for(lambda: self._ending or self._folder != stale, timeout=wait_s)
        return self.take(wait_s)

    def _published(self) -> Path:
        """Return the folder of the current generation; of what is served, while nothing is published any more."""
        try:
            return self._located(None)[0]
        except CoopkgError:
            return self._folder

    def take_of(self, revision: int | None, wait_s: float, *, on_disk: bool = False) -> Worker:
        """Return a worker over a kept revision: of those that stand ready, or one made for this question alone.

        Args:
            revision: None is the current one.
            on_disk: whether it must read from disk.
        Raises:
            ServerBusy: none stands ready in time, or can be made.
            RevisionGone: the revision is not kept.
        """
        folder, number = self._located(revision)
        if folder == self._folder:
            taken = self.take(wait_s)
            if taken.folder == folder and not (on_disk and taken.keeper.in_memory):
                return taken
            self.give_back(taken, reusable=True)  # the roster has just moved on, or has none that is wanted
        try:
            taken = self._opened(folder, number).worker()
        except OSError as fault:
            raise ServerBusy(f"revision {number} cannot be opened just now; ask again", 1) from fault
        with self._change:
            self._busy.add(taken)
        return taken

    def give_back(self, used: Worker, *, reusable: bool) -> None:
        """Take a worker back, or kill it."""
        with self._change:
            self._busy.discard(used)
            is_current = used.keeper is self._keeper and used.folder == self._folder
            if reusable and is_current and not self._ending:
                self._idle.append(used)
            else:
                used.kill()
            if self._retired:
                self._close_retired()
            if len(self._idle) <= self._wanted or self._ending:
                self._change.notify_all()

    def is_ready(self) -> bool:
        """Return whether a worker stands ready, or all are at work."""
        with self._change:
            self._drop_dead()
            return not self._ending and bool(self._idle or self._busy)

    def close(self) -> None:
        """End every worker and the keepers; answers under way are cut."""
        with self._change:
            self._ending = True
            self._change.notify_all()
        self._thread.join(START_S)
        with self._change:
            for idle in self._idle:
                idle.kill()
            self._idle.clear()
            self._drop_loading()
            for keeper in (self._keeper, *self._older.values(), *self._retired):
                keeper.close()
            self._older.clear()
            self._retired.clear()

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

    def _next_idle(self) -> Worker | None:
        """Take out the worker that was at work last, of those that live: what it needs is in the processor's caches."""
        while self._idle:
            last = self._idle.pop()
            if last.waits():
                return last
            last.kill()
        return None

    def _has_idle(self) -> bool:
        self._drop_dead()
        return bool(self._idle) or self._ending

    def _drop_dead(self) -> None:
        alive = [idle for idle in self._idle if idle.waits()]
        if len(alive) < len(self._idle):
            for dead in set(self._idle).difference(alive):
                dead.kill()
            self._idle = alive

    def _lacks_workers(self) -> bool:
        self._drop_dead()
        return len(self._idle) < self._wanted

    def _quick_keeper(self) -> Keeper:
        """Return a keeper of the current generation that is ready at once: its workers read from disk."""
        return self._keeper_on_disk(*self._located(None))

    def _keeper_on_disk(self, folder: Path, revision: int) -> Keeper:
        keeper = Keeper(folder, revision, dataclasses.replace(self._settings, in_memory=False))
        try:
            if not keeper.is_ready(START_S):
                raise TimeoutError(f"the keeper of the graph was not ready within {START_S:g} s")
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

    def _switch(self, keeper: Keeper) -> None:
        """Serve what a keeper holds, its workers ready before the old ones go; busy ones finish first."""
        try:
            ready = [keeper.worker() for _ in range(self._wanted)]
        except BaseException:
            keeper.close()
            raise
        with self._change:
            stale, self._idle = self._idle, ready
            for idle in stale:
                idle.kill()
            if keeper is not self._keeper:
                self._retired.append(self._keeper)
                self._keeper = keeper
            if keeper.folder != self._folder:
                self._folder = keeper.folder
                self._retired += self._older.values()  # what was kept may be kept no more
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
                self._change.wait_for(self._is_wanted, timeout=_LOOK_EVERY_S)
                if self._ending:
                    return
                self._is_behind = False
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

    def _is_wanted(self) -> bool:
        return self._ending or self._is_behind or self._lacks_workers()

    def _pause(self, seconds: float) -> None:
        with self._change:
            self._change.wait_for(lambda: self._ending or self._lacks_workers(), timeout=seconds)

    def _follow(self) -> None:
        """Serve the current generation: from memory when the keeper can be brought to it, else from disk at once.

        What is served from disk, or by a keeper that is bloated, is loaded into memory meanwhile.
        """
        folder, revision = self._located(None)
        if folder != self._folder:
            if self._loading is not None and differences(self._loading.folder, folder) is None:
                self._drop_loading()
            advanced = self._advanced(self._keeper, folder, revision)
            self._switch(self._keeper if advanced else self._quick_keeper())
        if not self._settings.in_memory or self._never_loads == folder:
            return
        if self._keeper.in_memory and not self._keeper.is_bloated:
            return
        if self._loading is None:
            self._loading = Keeper(folder, revision, self._settings)
        elif self._loaded(self._loading):
            loaded, self._loading = self._loading, None
            if self._advanced(loaded, folder, revision):
                self._switch(loaded)
            else:
                loaded.close()

    def _advanced(self, keeper: Keeper, folder: Path, revision: int) -> bool:
        """Bring a keeper in memory to a generation; return False when it cannot be."""
        if not keeper.in_memory:
            return False
        if keeper.is_bloated and self._loading is None:  # its successor could not be loaded: let its memory go
            return False
        steps = differences(keeper.folder, folder)
        if steps is None:
            return False
        try:
            keeper.advance(steps, folder, revision)
        except OSError as fault:
            _log.warning("%s; it is read from disk", fault)
            return False
        return True

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
            self._switch(self._quick_keeper())
        except (OSError, CoopkgError) as fault:
            _log.warning("workers cannot be started: %s", fault)
            with self._change:
                self._change.wait_for(lambda: self._ending, timeout=1.0)

    def _drop_loading(self) -> None:
        if self._loading is not None:
            self._loading.close()
            self._loading = None


def _no_workers(fault: OSError) -> SettingsError:
    return SettingsError(
        f"query workers cannot start ({fault}): they cannot be locked, or find no memory; the lines above say more"
    )
