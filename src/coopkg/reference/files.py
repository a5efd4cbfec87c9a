"""Quads as files of data/reference: canonical N-Quads, `.gz` for the large ones, the same bytes each time.

The only module that reads or writes files of data/reference.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from coopkg.errors import InputError
from coopkg.rdf import Quad, canonical_lines


def lines_of(quads: Iterable[Quad]) -> list[str]:
    """Return the canonical lines: one a quad, unique, in the order of their UTF-8 bytes."""
    return canonical_lines(quads)  # order of code points and of UTF-8 bytes is the same


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file written by `write_lines`; none when there is no file yet.

    Raises:
        InputError: the file is not gzip or not UTF-8.
    """
    if not path.exists():
        return []
    content = path.read_bytes()
    try:
        text = gzip.decompress(content) if path.suffix == ".gz" else content
        return text.decode("utf-8").splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as fault:
        raise InputError(f"{path}: cannot be read ({fault}); restore the committed file") from fault


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write canonical lines, LF after each.

    A `.gz` has no name and no time in it. Its bytes still depend on the zlib of the machine, so callers write
    only when the lines differ.
    """
    content = "".join(f"{line}\n" for line in lines).encode("utf-8")
    if path.suffix == ".gz":
        content = gzip.compress(content, compresslevel=9, mtime=0)
    path.write_bytes(content)
