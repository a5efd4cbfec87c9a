"""The editions of a journal: folders of segments, one of which is current.

    journal/edition-1/000000001, 000000002, ...
    journal/current -> edition-1

Whatever is rewritten (an erasure, a restoration) is prepared as another edition and becomes current by one rename of
the link, so that a kill leaves the old one or the new one whole. Source: ADR 0003, ADR 0016.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from coopkg.errors import StateDamaged

#: What to do when a journal is damaged.
REPAIR = "restore a backup with 'coopkg restore', or build into a new state folder"

_CURRENT = "current"
_EDITION = re.compile(r"edition-([0-9]{1,9})")
_EARLIER = b"coopkg-journal 1\n"
_PIECE = bytes(1 << 20)


def current(journal: Path) -> Path | None:
    """Return the folder of the current edition; None when there is no journal.

    Raises:
        StateDamaged: the journal is not what this version writes.
    """
    try:
        target = str((journal / _CURRENT).readlink())
    except FileNotFoundError:
        if not os.path.lexists(journal):
            return None
        raise StateDamaged(f"{journal}: has no link '{_CURRENT}' to its segments; {REPAIR}") from None
    except OSError as fault:
        raise StateDamaged(f"{journal}: {_no_journal(journal, fault)}") from fault
    if not _EDITION.fullmatch(target):
        raise StateDamaged(f"{journal / _CURRENT}: leads to {target}, which is no edition; {REPAIR}")
    return journal / target


def found(journal: Path) -> list[Path]:
    """Return the folders of all editions, current or not."""
    return sorted(path for path in journal.glob("edition-*") if _EDITION.fullmatch(path.name))


def begun(journal: Path) -> Path:
    """Return a new, empty folder for an edition; it counts for nothing before `switch`."""
    numbers = [int(path.name.rpartition("-")[2]) for path in found(journal)]
    folder = journal / f"edition-{max(numbers, default=0) + 1}"
    folder.mkdir(parents=True)
    return folder


def switch(edition: Path) -> None:
    """Make an edition the current one, durably; its files must be on the disk already."""
    journal = edition.parent
    fsync_folder(edition)
    link = journal / f"{_CURRENT}.new"
    link.unlink(missing_ok=True)
    link.symlink_to(edition.name)
    link.rename(journal / _CURRENT)
    fsync_folder(journal)


def adopt(staged: Path, journal: Path) -> None:
    """Make the current edition of a journal that was prepared elsewhere that of another, in one step.

    Args:
        staged: the folder of the prepared journal, on the same disk and synced; it is used up.
        journal: the folder of the other one, which need not be there.
    """
    made = current(staged)
    if made is None:
        raise FileNotFoundError(staged)
    fsync_folder(made)
    if not journal.is_dir():
        staged.rename(journal)
        fsync_folder(journal.parent)
        return
    target = begun(journal)
    made.rename(target)  # over the empty folder
    switch(target)


def link_or_copy(path: str | Path, copy: str | Path) -> None:
    """Give a file a second name, or copy it where a file cannot have two."""
    try:
        Path(copy).hardlink_to(path)
    except OSError:
        shutil.copy2(path, copy)


def sweep(journal: Path) -> None:
    """Destroy the editions that are not current. Only the holder of the write lock may call it."""
    kept = current(journal)
    for edition in found(journal):
        if edition != kept:
            destroy(edition)


def destroy(folder: Path) -> None:
    """Overwrite the files of a folder with zeros and remove it; a file with another name elsewhere is left to that."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1:
            overwrite(path)
    shutil.rmtree(folder)


def overwrite(path: Path) -> None:
    """Write zeros over a file. What a disk or a file system keeps of it besides is not in our hands."""
    with path.open("r+b", buffering=0) as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(_PIECE[:left])
        os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Make the names inside a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a new file and sync it."""
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _no_journal(path: Path, fault: OSError) -> str:
    try:
        with path.open("rb") as file:
            if file.read(len(_EARLIER)) == _EARLIER:
                return (
                    "an earlier version of coopkg wrote this; build into a new state folder with --state (data/ has "
                    "all that was curated), or go on with that version"
                )
    except OSError:
        pass  # the first fault says enough
    return f"is no journal ({fault.strerror}); {REPAIR}"
