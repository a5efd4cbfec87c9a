"""The folder of all dumps: which are there, and what is removed from it.

{state}/dumps/
  {day}-r{revision}/        a dump, never changed
  graphs/{digest}.nq.gz     named graphs, each for as long as a dump names it
  key.pem                   the operator's public key, where dumps are signed
  making-{pid}/             a dump that is being made; swept by the next one
  lock                      held by whoever makes one
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from coopkg import register
from coopkg.dumps.manifest import GRAPHS, MANIFEST, NAME, read
from coopkg.errors import StateDamaged
from coopkg.journal import Erasure

MAKING = "making-"


def revision_of(folder: Path) -> int:
    """Return the revision of a dump by its name."""
    return int(folder.name.rpartition("r")[2])


def kept(dumps: Path) -> list[Path]:
    """Return the folders of the dumps that are there, the newest first."""
    found = (path for path in dumps.glob("*-r*") if NAME.fullmatch(path.name) and path.is_dir())
    return sorted(found, key=lambda path: (revision_of(path), path.name), reverse=True)


def made_at(folder: Path) -> float:
    """Return when a dump was made, in seconds since the epoch."""
    return (folder / MANIFEST).stat().st_mtime


def is_due(dumps: Path, revision: int, every_s: float, now: float) -> bool:
    """Return whether it is time for a dump: there is none that counts, or the newest is old and of another revision.

    Args:
        revision: the published one. A dump of a later one is of revisions that were given up.
        now: in seconds since the epoch.
    """
    newest = next(iter(kept(dumps)), None)
    if newest is None or revision_of(newest) > revision:
        return True
    return revision_of(newest) < revision and now - made_at(newest) >= every_s


def withdrawn(state: Path, revision: int) -> Erasure | None:
    """Return the last erasure of what the graph after a revision held; None when none was.

    A revision that only spoke of it, by removing it, say, has a graph that may be given.
    """
    found = reversed(register.erasures(state))
    return next((one for one in found if any(first <= revision <= last for first, last in one.held)), None)


def retire(dumps: Path, stale: Callable[[Path], bool]) -> None:
    """Remove some dumps, and the files of graphs that no other names; the caller holds the lock."""
    for folder in kept(dumps):
        if stale(folder):
            gone = dumps / f"{MAKING}retired-{folder.name}"  # at once, so that nobody meets half of a dump
            with contextlib.suppress(OSError):
                folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
    for path in _unnamed(dumps, kept(dumps)):
        path.unlink(missing_ok=True)


def sweep(dumps: Path) -> None:
    """Remove what a killed command left behind; the caller holds the lock."""
    for leftover in dumps.glob(f"{MAKING}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def doomed(dumps: Path, first: int) -> list[Path]:
    """Return what of the folder an erasure removes that makes the journal anew from a revision on.

    Those are the dumps that may hold what is erased, or name hashes of the journal that was; their graphs, and what is
    being made.
    """
    found = kept(dumps)
    stale = [folder for folder in found if revision_of(folder) >= first or not _is_whole(folder)]
    others = [folder for folder in found if folder not in stale]
    return sorted([*stale, *_unnamed(dumps, others), *dumps.glob(f"{MAKING}*")])


def _unnamed(dumps: Path, folders: Iterable[Path]) -> list[Path]:
    """Return the files of graphs that none of some dumps names."""
    named: set[str] = set()
    for folder in folders:
        with contextlib.suppress(StateDamaged):  # who reads it is told
            named.update(file.name for file in read(folder).graphs)
    return [path for path in (dumps / GRAPHS).glob("*") if f"{GRAPHS}/{path.name}" not in named]


def _is_whole(folder: Path) -> bool:
    try:
        read(folder)
    except StateDamaged:
        return False
    return True
