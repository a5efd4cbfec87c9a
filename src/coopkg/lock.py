"""The write lock of a state folder: one process writes there, and the lock goes with it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coopkg.errors import DiskFullError, StateLocked


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the write lock of a state folder, which is made when it is not there.

    Raises:
        StateLocked: another process holds it.
        DiskFullError: the folder cannot be made or written.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise DiskFullError(f"{state}: cannot be written ({fault.strerror}); choose another with --state") from fault
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise StateLocked(
                f"{state}: another coopkg is writing there; wait for its end, then run this again"
            ) from fault
        yield
    finally:
        os.close(lock)
