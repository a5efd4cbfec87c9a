"""The state folder of a replica: whom it follows, where it stands, and what of it is to be destroyed.

replica.json     the original's URL, and the hash of the generation that is being left, if any
replica/         the dump that is being downloaded
generations/     as in any state folder; there is no journal
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coopkg.editions import fsync_folder
from coopkg.errors import DiskFullError, StateDamaged, WriteForbidden
from coopkg.generations import Generations
from coopkg.lock import REPLICA, is_replica, locked
from coopkg.replica.connection import Report
from coopkg.replica.listing import Place


class ReplicaFolder:
    """The state folder of a replica, while it is `held`."""

    def __init__(self, generations: Generations, report: Report = lambda _: None) -> None:
        self._generations = generations
        self._state = generations.state
        self._report = report
        #: Whether all but the current generation is to be destroyed.
        self._is_leaving = False
        self._url = ""
        self._is_damaged = False

    @contextmanager
    def held(self, url: str) -> Iterator[ReplicaFolder]:
        """Hold the write lock as the one who follows the site at a URL; destroy what a kill left to be destroyed.

        Raises:
            WriteForbidden: the folder holds a graph of its own.
            StateLocked: another process follows for it.
            DiskFullError: the folder cannot be made or written.
        """
        with locked(self._state, own=False):
            self._claim(url)
            self._generations.sweep()
            self._check()
            if self.place():
                self.settle()  # what a kill kept from being destroyed
            yield self

    @property
    def downloads(self) -> Path:
        """The folder into which dumps are downloaded."""
        folder = self._state / "replica"
        folder.mkdir(exist_ok=True)
        return folder

    def place(self) -> Place | None:
        """Return where the published generation stands; None when there is none to build upon."""
        if self._is_damaged or self._generations.current() is None:
            return None
        manifest = self._generations.manifest()
        return Place(manifest.revision, manifest.head, manifest.digest)

    def leave(self) -> None:
        """Leave what is published for a dump: destroy all else at once, and this when the next one is published."""
        self._mark(is_leaving=True)
        shutil.rmtree(self._state / "replica", ignore_errors=True)
        self._forget_others()

    def settle(self) -> None:
        """Keep what was published from a dump, and destroy all from before it."""
        if self._is_leaving:
            self._forget_others()
            self._is_damaged = False
            self._mark(is_leaving=False)
        shutil.rmtree(self._state / "replica", ignore_errors=True)

    def _claim(self, url: str) -> None:
        if not is_replica(self._state):
            if (self._state / "journal").exists() or self._generations.current():
                raise WriteForbidden(
                    f"{self._state}: holds a graph of its own, which a replica would replace; choose an empty folder "
                    "with --state"
                )
            said: dict[str, object] = {}
        else:
            said = self._read()
        before = said.get("original")
        if isinstance(before, str) and before != url:
            self._report(f"this replica followed {before}; from now on it follows {url}")
        self._url = url
        self._mark(is_leaving=bool(said.get("leaving")))
        (self._state / "generations").mkdir(exist_ok=True)

    def _read(self) -> dict[str, object]:
        path = self._state / REPLICA
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise StateDamaged(
                f"{path}: cannot be read ({fault}); remove {self._state} and follow again into an empty folder"
            ) from fault
        return said if isinstance(said, dict) else {}

    def _mark(self, *, is_leaving: bool) -> None:
        self._is_leaving = is_leaving
        path = self._state / REPLICA
        try:
            with path.with_name(f"{REPLICA}.new").open("w", encoding="utf-8") as file:
                json.dump({"original": self._url, "leaving": is_leaving}, file)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).rename(path)
            fsync_folder(self._state)
        except OSError as fault:
            raise DiskFullError(f"{path}: cannot be written ({fault.strerror}); free some room") from fault

    def _check(self) -> None:
        """Note whether what is published is not what was written; then it is made anew from a dump."""
        try:
            if current := self._generations.current():
                self._generations.check(current)
        except StateDamaged as fault:
            self._report(f"{fault}; beginning again from a dump")
            self._is_damaged = True
            self._mark(is_leaving=True)

    def _forget_others(self) -> None:
        self._generations.forget(lambda _number, _head: True)


def original_of(state: Path) -> str:
    """Return the address of the site that a state folder is a replica of; "" where it is none."""
    try:
        said = json.loads((state / REPLICA).read_text(encoding="utf-8")) if is_replica(state) else {}
    except (OSError, ValueError):
        return "unknown"
    return str(said.get("original", "unknown")) if said else ""
