"""Temporary folders and databases for what a process can make again: locked for as long as it lives, swept once killed.

The only module that imports sqlite3; others take what they need of it from here.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection as Connection
from sqlite3 import Error as Error

from coopkg.errors import DiskFullError, Refused

PLACE = tempfile.gettempdir()
#: A younger folder may be one that its process is about to lock.
_SWEPT_AFTER_S = 60
#: What SQLite says when a file is gone or is no database any more: another attempt finds the same.
_LOST = frozenset((sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR))
_AGAIN_S = 60.0


class Database:
    """A database in a temporary folder, which goes with it: one writer, and readers that each see one state.

    Args:
        prefix, what: see `folder`.
        tables: what makes the tables.
    """

    def __init__(self, prefix: str, what: str, tables: str) -> None:
        self._what = what
        self._path = folder(self, prefix, what) / "data.sqlite"
        with self._room():
            self._writer = self._connected("rwc")
            self._writer.execute("PRAGMA journal_mode = WAL")
            self._writer.execute("PRAGMA synchronous = OFF")  # nobody needs it after a crash
            self._writer.executescript(tables)
        self._writing = threading.Lock()
        #: Whether the file cannot be read any more, so that only a new one helps.
        self.is_lost = False

    def close(self) -> None:
        """Let the file go; who reads it still may end."""
        self._writer.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write in one transaction: all of it counts, or nothing.

        Raises:
            DiskFullError: there is no room; all is as it was.
        """
        with self._writing, self._room():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _finding(self) -> Iterator[None]:
        """Read.

        Raises:
            Refused: the file is lost.
        """
        try:
            yield
        except Error as fault:
            if getattr(fault, "sqlite_errorcode", 0) & 0xFF not in _LOST:
                raise
            self.is_lost = True
            raise Refused(f"{self._what} was lost and is made again; try again in a minute", _AGAIN_S) from fault

    def _connected(self, mode: str = "rw") -> Connection:
        # A connection may wander between threads, but is never used by two at once.
        address = f"{self._path.as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=60)

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as fault:
            raise DiskFullError(f"{self._what} cannot be written ({fault}); free some room in {PLACE}") from fault


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
