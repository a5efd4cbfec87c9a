"""The packed statements of a dump, unpacked as they are read, and checked against what its manifest declares."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

from coopkg.dumps.manifest import Dump
from coopkg.errors import ReplicaError
from coopkg.rdf import Quad
from coopkg.replica import statements

#: The dump is read in pieces of this many bytes; each gives some tens of thousands of statements.
_PIECE_BYTES = 8 << 20
#: A literal has a megabyte at most, and each of its characters six bytes at most as it is written.
_LINE_MAX_BYTES = 8 << 20
#: Canonical N-Quads pack to a thirtieth or so; what unpacks to far more is made to fill the memory or the disk.
_RATIO_MAX = 500
_WINDOW_MAX_BYTES = 128 << 20


def of(path: Path, dump: Dump) -> Iterator[list[Quad]]:
    """Yield the statements of a packed dump, some ten thousand at a time.

    Args:
        path: canonical N-Quads, packed by zstd; its checksum was compared.
    Raises:
        ReplicaError: it is not what the manifest declares. What was yielded before is not to be used then.
    """
    total, count, rest = hashlib.sha256(), 0, b""
    for piece in _unpacked(path):
        total.update(piece)
        whole, line_end, rest = (rest + piece).rpartition(b"\n")
        if len(rest) > _LINE_MAX_BYTES:
            raise ReplicaError(f"{path.name}: has a line of more than {_LINE_MAX_BYTES:,} bytes")
        if line_end:
            quads = statements.of_lines(whole + line_end, path.name)
            count += len(quads)
            if count > dump.statements:
                raise ReplicaError(f"{path.name}: has more than the {dump.statements:,} statements of its manifest")
            yield quads
    if rest or count != dump.statements:
        raise ReplicaError(f"{path.name}: has {count:,} whole statements, its manifest {dump.statements:,}")
    if total.hexdigest() != dump.canonical_sha256:
        raise ReplicaError(f"{path.name}: its statements have another SHA-256 than its manifest declares")


def _unpacked(path: Path) -> Iterator[bytes]:
    most_bytes, came = path.stat().st_size * _RATIO_MAX, 0
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW_MAX_BYTES)
    try:
        with path.open("rb") as packed, reader.stream_reader(packed, read_across_frames=True) as stream:
            while piece := stream.read(_PIECE_BYTES):
                came += len(piece)
                if came > most_bytes:
                    raise ReplicaError(f"{path.name}: unpacks to more than {_RATIO_MAX} times its size")
                yield piece
    except zstandard.ZstdError as fault:
        raise ReplicaError(f"{path.name}: is not packed by zstd ({fault})") from fault
