"""Lines in their order, however many there are: sorted outside memory.

Lines are bytes with their line end; they are ordered by their bytes, which for UTF-8 is the order of code points.
"""

from __future__ import annotations

import contextlib
import heapq
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO

#: Held at once, in bytes of text; in memory that is about half as much again.
CHUNK_BYTES = 32 << 20
#: So many runs are read at once; of more, some are first made one.
_MOST_RUNS = 64


def ordered(lines: Iterable[bytes], folder: Path, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield lines in their order, each once; memory is bounded, the rest waits in files without a name.

    Args:
        folder: where there is room for them all.
    """
    with contextlib.ExitStack() as keeping:
        runs: list[IO[bytes]] = []
        chunk: list[bytes] = []
        size = 0
        for line in lines:
            chunk.append(line)
            size += len(line)
            if size >= chunk_bytes:
                chunk.sort()
                runs.append(keeping.enter_context(_run(chunk, folder)))
                chunk, size = [], 0
            if len(runs) == _MOST_RUNS:
                runs = [keeping.enter_context(_run(_merged(runs), folder))]
        chunk.sort()
        yield from _merged([*runs, chunk])


def _run(lines: Iterable[bytes], folder: Path) -> IO[bytes]:
    run = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # whoever merges it closes it
    run.writelines(lines)
    run.seek(0)
    return run


def _merged(runs: Sequence[Iterable[bytes]]) -> Iterator[bytes]:
    return (line for line, _ in groupby(heapq.merge(*runs)))
