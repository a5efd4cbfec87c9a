"""A file of a dump while it is written: compressed on its way, its sums taken of what lies on the disk in the end.

The same input gives the same bytes: nothing of the day or the machine goes in.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import zstandard

from coopkg.dumps.manifest import File

Write = Callable[[bytes], int]

_PIECE_BYTES = 1 << 20
#: Measured on N-Quads: higher levels take twice the time for a hundredth less.
_GZIP_LEVEL, _ZSTD_LEVEL = 6, 9


class _Packer(Protocol):
    def write(self, piece: bytes, /) -> int: ...

    def close(self) -> None: ...


class Outlet:
    """Takes the content of a file; `rows` is for who writes to count."""

    def __init__(self, path: Path, media_type: str, compression: str) -> None:
        self.rows = 0
        self._described = path.name, media_type, compression
        self._file = path.open("xb")
        self._sums = _Sums(self._file)
        self._packer = _packer(compression, self._sums)
        self._waiting = bytearray()

    def write(self, piece: bytes) -> int:
        """Take a piece of the content."""
        self._waiting += piece
        if len(self._waiting) >= _PIECE_BYTES:
            self.flush()
        return len(piece)

    def flush(self) -> None:
        """Pass on what waits."""
        self._packer.write(bytes(self._waiting))
        self._waiting.clear()

    def finish(self, *, synced: bool) -> None:
        """End the file, and bring it to the disk at once or leave that to the caller."""
        self.flush()
        self._packer.close()
        self._file.flush()
        if synced:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let the file go, finished or not."""
        self._file.close()

    def told(self, name: str = "", graph: str = "") -> File:
        """Return what a manifest says of the finished file.

        Args:
            name: when it is to get another one.
        """
        own, media_type, compression = self._described
        sha256, sha512 = self._sums.hexdigests()
        return File(name or own, media_type, compression, self._sums.size, sha256, sha512, self.rows, graph)


@contextmanager
def writing(path: Path, media_type: str, compression: str = "", *, synced: bool = True) -> Iterator[Outlet]:
    """Give what takes the content of a new file, which is whole afterwards.

    Args:
        compression: "gzip", "zstd" or "".
        synced: whether it is on the disk then; for thousands of files the caller had better see to that at once.
    """
    outlet = Outlet(path, media_type, compression)
    try:
        yield outlet
        outlet.finish(synced=synced)
    finally:
        outlet.close()


def described(path: Path, file: File) -> File:
    """Return what a manifest says of a file that is there already.

    Args:
        file: all that its bytes do not tell.
    """
    sums = _Sums(None)
    with path.open("rb") as source:
        while piece := source.read(_PIECE_BYTES):
            sums.write(piece)
    sha256, sha512 = sums.hexdigests()
    return File(file.name, file.media_type, file.compression, sums.size, sha256, sha512, file.rows, file.graph)


class _Sums:
    """Counts and digests the bytes that pass."""

    def __init__(self, target: IO[bytes] | None) -> None:
        self.size = 0
        self._target = target
        self._digests = hashlib.sha256(), hashlib.sha512()

    def write(self, piece: bytes) -> int:
        for one in self._digests:
            one.update(piece)
        self.size += len(piece)
        return self._target.write(piece) if self._target else len(piece)

    def flush(self) -> None:
        """Nothing waits here; compressors ask."""

    def hexdigests(self) -> tuple[str, str]:
        sha256, sha512 = (one.hexdigest() for one in self._digests)
        return sha256, sha512


class _Plain:
    def __init__(self, target: _Sums) -> None:
        self.write = target.write

    def close(self) -> None:
        """Nothing is left to write."""


def _packer(compression: str, target: _Sums) -> _Packer:
    if compression == "gzip":
        return gzip.GzipFile("", "wb", _GZIP_LEVEL, target, mtime=0)
    if compression == "zstd":
        made = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
        return made.stream_writer(target, closefd=False)  # type: ignore[arg-type]  # it needs `write` and `flush` alone
    return _Plain(target)
