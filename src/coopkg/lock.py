"""The write lock of a state folder: one process writes there, and the lock goes with it.

A replica is written by whoever follows the original, and by nobody else: its folder says so in `replica.json`.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coopkg.errors import DiskFullError, StateLocked, WriteForbidden

#: A server that takes writes holds the lock for some tenths of a second at a time, and longer when it has just started.
WAIT_S = 5.0
#: The file that makes a state folder a replica; `coopkg.replica` writes and reads it.
REPLICA = "replica.json"
_LOOK_EVERY_S = 0.01


@contextmanager
def locked(state: Path, wait_s: float = WAIT_S, *, following: bool = False) -> Iterator[None]:
    """Hold the write lock of a state folder, which is made when it is not there.

    Args:
        wait_s: how long to wait for whoever holds it.
        following: whether it is held to bring a replica up to its original.
    Raises:
        WriteForbidden: the folder is a replica, and it is not held for that.
        StateLocked: another process holds it.
        DiskFullError: the folder cannot be made or written.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise DiskFullError(f"{state}: cannot be written ({fault.strerror}); choose another with --state") from fault
    try:
        _take(lock, state, time.monotonic() + wait_s)
        if not following:
            refuse_replica(state)
        yield
    finally:
        os.close(lock)


def is_replica(state: Path) -> bool:
    """Return whether a state folder is a replica, which changes as its original does and in no other way."""
    return (state / REPLICA).exists()


def refuse_replica(state: Path) -> None:
    """Raise when a state folder is a replica.

    Raises:
        WriteForbidden: it is; says what to do.
    """
    if is_replica(state):
        raise WriteForbidden(
            f"{state}: is a replica, which 'coopkg follow' alone changes; make the change at the original, or choose "
            "another folder with --state"
        )


def _take(lock: int, state: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as fault:
            if time.monotonic() >= until:
                raise StateLocked(
                    f"{state}: another coopkg is writing there; wait for its end, then run this again"
                ) from fault
        time.sleep(_LOOK_EVERY_S)
