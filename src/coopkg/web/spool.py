"""An answer on its way: what the view has written and the client has not taken yet.

A view writes as fast as it can and is done, so that a slow reader holds neither a thread nor a worker: what waits is
in memory at first, then in a file without a name. A file that is there already is lent, and read as its reader does.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import deque
from typing import IO

_MEMORY_BYTES = 1 << 19
_PIECE_BYTES = 1 << 17


class SpoolFull(Exception):  # a legitimate refusal
    """A client leaves more of an answer waiting than may wait."""


class Spool:
    """Pieces of bytes in their order, written by one thread and read by another."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._file: IO[bytes] | None = None
        self._begin = self._end = 0  # of what waits in the file
        self._lent: IO[bytes] | None = None
        self._at = self._until = 0  # of what waits in the one that is lent
        self._is_closed = False
        self._lock = threading.Lock()

    def write(self, piece: bytes) -> int:
        """Append a piece; return how many bytes wait now.

        Raises:
            SpoolFull: too much waits; the piece was not taken.
            OSError: the disk does not take it.
        """
        with self._lock:
            waiting = self._held + self._end - self._begin
            if self._is_closed or waiting + len(piece) > self._max:
                raise SpoolFull
            if not piece:  # read, it would say that nothing waits
                return waiting
            if self._begin == self._end and self._held + len(piece) <= max(_MEMORY_BYTES, len(piece)):
                self._pieces.append(piece)
                self._held += len(piece)
            else:
                self._to_file(piece)
            return waiting + len(piece)

    def read(self) -> bytes:
        """Return the next bytes, empty when none wait."""
        with self._lock:
            if self._pieces:
                piece = self._pieces.popleft()
                self._held -= len(piece)
                return piece
            if self._file is None or self._begin == self._end:
                return self._read_lent()
            piece = os.pread(self._file.fileno(), min(_PIECE_BYTES, self._end - self._begin), self._begin)
            self._begin += len(piece)
            if self._begin == self._end:  # the disk gets its room back, and what follows goes through memory again
                self._begin = self._end = 0
                self._file.truncate(0)
            return piece

    def lend(self, file: IO[bytes], begin: int, end: int) -> None:
        """Append a part of a file, which is closed at the end; nothing may be written behind it.

        Raises:
            SpoolFull: the reader has gone; the file is closed.
        """
        with self._lock:
            if self._is_closed:
                file.close()
                raise SpoolFull
            self._lent, self._at, self._until = file, begin, end

    def _read_lent(self) -> bytes:
        """Return the next bytes of the file that is lent.

        Raises:
            OSError: it is shorter than was said.
        """
        if self._lent is None or self._at >= self._until:
            return b""
        piece = os.pread(self._lent.fileno(), min(_PIECE_BYTES, self._until - self._at), self._at)
        if not piece:
            raise OSError("a file became shorter while it was given")
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Let go of all that waits; what is written from now on is refused."""
        with self._lock:
            self._is_closed = True
            self._pieces.clear()
            self._held = self._begin = self._end = 0
            self._at = self._until = 0
            for file in (self._file, self._lent):
                if file is not None:
                    file.close()
            self._file = self._lent = None

    def _to_file(self, piece: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # `close` closes it
        rest = memoryview(piece)
        while rest:
            count = os.pwrite(self._file.fileno(), rest, self._end)
            self._end += count
            rest = rest[count:]


class Held:
    """Bytes that are all there in memory, read as those of a spool are; their owner keeps them."""

    def __init__(self, body: bytes) -> None:
        self._rest = memoryview(body)

    def read(self) -> bytes:
        """Return the next bytes, empty when none are left."""
        piece, self._rest = self._rest[:_PIECE_BYTES], self._rest[_PIECE_BYTES:]
        return bytes(piece)

    def close(self) -> None:
        """Let go of what was not read."""
        self._rest = self._rest[:0]
