"""The statements of a revision as files: canonical N-Quads, whole and a graph at a time, Turtle and JSON-LD.

A dataset without blank nodes, as ours is, has its RDFC-1.0 canonical form once its lines are sorted (a test compares).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from coopkg import rdf
from coopkg.dumps import outlet
from coopkg.dumps.manifest import GRAPHS, File
from coopkg.dumps.sorting import CHUNK_BYTES, ordered
from coopkg.errors import StateDamaged
from coopkg.generations import HeldGraph
from coopkg.rdf import Quad, RdfFormat
from coopkg.store import QuadStore

NQUADS = "application/n-quads"
#: The whole graph in its canonical form; the other forms are made from the first one.
WHOLE: Mapping[str, str] = {"coopkg.nq.gz": "gzip", "coopkg.nq.zst": "zstd"}
#: Its statements whichever graph they stand in, each once.
MERGED: Mapping[str, tuple[str, RdfFormat]] = {
    "coopkg.ttl.gz": ("text/turtle", RdfFormat.TURTLE),
    "coopkg.jsonld.gz": ("application/ld+json", RdfFormat.JSON_LD),
}


@dataclass(frozen=True, slots=True)
class Statements:
    """What was written of the statements.

    Args:
        canonical_sha256: that of the canonical N-Quads of all graphs, uncompressed.
        files: those of the whole graph.
        graphs: one a named graph.
    """

    canonical_sha256: str
    statements: int
    files: tuple[File, ...]
    graphs: tuple[File, ...]


class Graphs:
    """Named graphs of a store, each written into a file of its own while its lines pass.

    Args:
        held: the graphs and their digests.
        work: a private folder; the files that are new are below it, and yet to be synced.
        shelf: where the files of other dumps lie. What lies there is not written again.
    """

    def __init__(self, store: QuadStore, held: Mapping[str, HeldGraph], work: Path, shelf: Path) -> None:
        self._store = store
        self._held = held
        self._work = work
        self._shelf = shelf
        self.files: list[File] = []

    def lines(self, chunk_bytes: int) -> Iterator[bytes]:
        """Yield the canonical lines of one graph after the other.

        Raises:
            StateDamaged: a graph is not the one that its digest tells of.
        """
        for iri, held in sorted(self._held.items()):
            yield from self._of(iri, held, chunk_bytes)

    def _of(self, iri: str, held: HeldGraph, chunk_bytes: int) -> Iterator[bytes]:
        lines = (f"{quad} .\n".encode() for quad in self._store.quads(iri))
        name = f"{GRAPHS}/{held.digest}.nq.gz"
        total = hashlib.sha256()
        with self._file(iri, name, held.statements) as write:
            for line in ordered(lines, self._work, chunk_bytes):
                total.update(line)
                write(line)
                yield line
        if total.hexdigest() != held.digest:
            raise StateDamaged(f"<{iri}>: is not what was published; run 'coopkg verify', then build again")

    @contextlib.contextmanager
    def _file(self, iri: str, name: str, rows: int) -> Iterator[outlet.Write]:
        """Give what takes the lines of a graph; nothing is written where its file is there, or is made already."""
        kept, path = self._shelf / name, self._work / name
        found = next((one for one in (kept, path) if one.exists()), None)
        if found:
            yield len
            self.files.append(outlet.described(found, File(name, NQUADS, "gzip", 0, "", "", rows, iri)))
            return
        with outlet.writing(path, NQUADS, "gzip", synced=False) as file:
            file.rows = rows
            yield file.write
        self.files.append(file.told(name, iri))


def write(
    graphs: Graphs,
    work: Path,
    chunk_bytes: int = CHUNK_BYTES,
    passing: Callable[[Iterator[bytes]], Iterator[bytes]] = iter,
) -> Statements:
    """Write the statements of named graphs into a private folder.

    Args:
        passing: passes each line through, and may show that it does.
    Raises:
        StateDamaged: a graph is not the one that its digest tells of.
    """
    (work / GRAPHS).mkdir()
    total = hashlib.sha256()
    with contextlib.ExitStack() as writing:
        whole = [writing.enter_context(outlet.writing(work / name, NQUADS, form)) for name, form in WHOLE.items()]
        for line in ordered(passing(graphs.lines(chunk_bytes)), work, chunk_bytes):
            total.update(line)
            for file in whole:
                file.write(line)
                file.rows += 1
    merged = [_merged(work, name, media_type, syntax) for name, (media_type, syntax) in MERGED.items()]
    files = (*(file.told() for file in whole), *merged)
    return Statements(total.hexdigest(), whole[0].rows, files, tuple(graphs.files))


def quads(work: Path) -> Iterator[Quad]:
    """Yield what was written, in canonical order."""
    return rdf.canonical_quads(work / next(iter(WHOLE)))


def _merged(work: Path, name: str, media_type: str, syntax: RdfFormat) -> File:
    with outlet.writing(work / name, media_type, "gzip") as file:
        file.rows = rdf.convert(quads(work), file, syntax)
    return file.told()
