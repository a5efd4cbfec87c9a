"""Temporary folders for what a process can make again: locked for as long as it lives, swept once it was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

from coopkg.errors import DiskFullError

PLACE = tempfile.gettempdir()
#: A younger folder may be one that its process is about to lock.
_SWEPT_AFTER_S = 60


def folder(owner: object, prefix: str, what: str) -> Path:
    """Return a new folder that goes with its owner, or else, once the process ended, with the next call.

    Args:
        prefix: what the names of folders of this kind begin with; those that nobody holds any more are removed.
        what: how messages name what lies in it.
    Raises:
        DiskFullError: it cannot be made.
    """
    _sweep(prefix)
    try:
        made = Path(tempfile.mkdtemp(prefix=prefix))
    except OSError as fault:
        raise DiskFullError(f"{what} cannot be made ({fault}); free some room in {PLACE}") from fault
    lock = os.open(made, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    weakref.finalize(owner, _let_go, made, lock)
    return made


def _let_go(made: Path, lock: int) -> None:
    shutil.rmtree(made, ignore_errors=True)
    os.close(lock)


def _sweep(prefix: str) -> None:
    """Remove the folders of ours that a process left behind when it was killed: nobody holds their locks."""
    for left in Path(PLACE).glob(f"{prefix}*"):
        with suppress(OSError):  # somebody else's, or just gone
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                held = os.fstat(lock)
                if held.st_uid == os.geteuid() and time.time() - held.st_mtime > _SWEPT_AFTER_S:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(left)
            finally:
                os.close(lock)
