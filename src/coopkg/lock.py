"""The write lock of a state folder: one process writes there, and the lock goes with it.

Some folders are written by one command alone, and say so in a file: a replica by `coopkg follow`, a folder with a
made-up graph by `coopkg synth`. They have no journal.
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
#: The file that says of a state folder that its graph is made up; `coopkg.synth` writes it.
MADE_UP = "made-up.json"
_LOOK_EVERY_S = 0.01


@contextmanager
def locked(state: Path, wait_s: float = WAIT_S, *, own: bool = True) -> Iterator[None]:
    """Hold the write lock of a state folder, which is made when it is not there.

    Args:
        wait_s: how long to wait for whoever holds it.
        own: whether it is held to write a graph of one's own, and not by the one command that may write there.
    Raises:
        WriteForbidden: the folder holds no graph of one's own, and one is to be written.
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
        if own:
            refuse_foreign(state)
        yield
    finally:
        os.close(lock)


def is_replica(state: Path) -> bool:
    """Return whether a state folder is a replica, which changes as its original does and in no other way."""
    return (state / REPLICA).exists()


def is_made_up(state: Path) -> bool:
    """Return whether the graph of a state folder is made up."""
    return (state / MADE_UP).exists()


def is_foreign(state: Path) -> bool:
    """Return whether a state folder holds no graph of its own, hence no journal, and one command alone changes it."""
    return is_replica(state) or is_made_up(state)


def refuse_foreign(state: Path) -> None:
    """Raise when a state folder holds no graph of its own.

    Raises:
        WriteForbidden: it does not; says what to do.
    """
    if is_replica(state):
        raise WriteForbidden(
            f"{state}: is a replica, which 'coopkg follow' alone changes; make the change at the original, or choose "
            "another folder with --state"
        )
    refuse_made_up(state)


def refuse_made_up(state: Path) -> None:
    """Raise `WriteForbidden` when the graph of a state folder is made up."""
    if is_made_up(state):
        raise WriteForbidden(
            f"{state}: holds a graph that 'coopkg synth' made up, to be read alone; choose another folder with --state"
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
