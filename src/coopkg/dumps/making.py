"""Making a dump: each file prepared in a private folder, synced, and named by one rename.

A kill at any step leaves the dumps that were there; whoever runs it again begins anew. Source: ADR 0022.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from coopkg import register
from coopkg.dumps import dictionary, outlet, rows, shelf, statements
from coopkg.dumps.manifest import GRAPHS, MANIFEST, PUBLIC_KEY, SIGNATURE, Dump, File, read
from coopkg.dumps.signing import Signer
from coopkg.dumps.sorting import CHUNK_BYTES
from coopkg.dumps.tables import TABLES
from coopkg.editions import fsync_folder, write_durably
from coopkg.errors import DiskFullError, RevisionGone, StateDamaged
from coopkg.generations import Manifest
from coopkg.lock import locked
from coopkg.rdf import Quad
from coopkg.store import QuadStore

JSON = "application/json"
Report = Callable[[str], object]
#: Passes lines through, of which so many are expected, and may show how many are left.
Progress = Callable[[Iterator[bytes], int], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Published:
    """A published revision.

    Args:
        time: when it was accepted (ISO 8601, UTC).
    """

    store: QuadStore
    manifest: Manifest
    time: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How dumps are made.

    Args:
        keep: how many are kept, the newest ones.
        signer: None leaves them unsigned.
        documents: what else goes in, by its name: JSON that is made of all quads, which come in canonical order.
    """

    keep: int
    signer: Signer | None = None
    documents: Mapping[str, Callable[[Iterator[Quad]], str]] = field(default_factory=dict)
    chunk_bytes: int = CHUNK_BYTES


def make(
    state: Path,
    current: Callable[[], Published],
    terms: Terms,
    report: Report = lambda _: None,
    progress: Progress = lambda lines, _: lines,
) -> tuple[Path, bool]:
    """Return the folder of the dump of what is published, and whether it was made now.

    Args:
        current: gives what is published once nobody else makes a dump.
    Raises:
        StateLocked: another command makes one.
        StateDamaged: a graph is not what was published.
        DiskFullError: no room; nothing is left of it.
        RevisionGone: something was erased meanwhile.
    """
    dumps = state / "dumps"
    with locked(dumps, wait_s=0), _room(dumps):
        shelf.sweep(dumps)
        published, erased = current(), register.erasures(state)
        shelf.retire(dumps, lambda folder: _is_of_another_journal(folder, published.manifest))
        target = dumps / f"{published.time[:10]}-r{published.manifest.revision}"
        if target.exists():
            return target, False
        work = dumps / f"{shelf.MAKING}{os.getpid()}"
        try:
            work.mkdir()
            _fill(work, published, terms, report, progress)
            if register.erasures(state) != erased:
                raise RevisionGone("something was erased while the dump was made; run 'coopkg dump' again")
            _publish(work, target, terms.signer)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        newest = shelf.kept(dumps)[: terms.keep]
        shelf.retire(dumps, lambda folder: folder not in newest)
        return target, True


def _fill(work: Path, published: Published, terms: Terms, report: Report, progress: Progress) -> None:
    """Write all files of a dump into its private folder, the manifest last."""
    store, manifest = published.store, published.manifest
    report(f"revision {manifest.revision}: {manifest.asserted:,} statements in {len(manifest.graphs):,} graphs")
    graphs = statements.Graphs(store, manifest.graphs, work, work.parent)
    written = statements.write(graphs, work, terms.chunk_bytes, lambda lines: progress(lines, manifest.asserted))
    files = list(written.files)
    for table in TABLES:
        report(table.file)
        files.append(rows.write(store, table, work))
    files.append(_document(work, dictionary.DICTIONARY, dictionary.MEDIA_TYPE, dictionary.text()))
    files += [_document(work, name, JSON, text(statements.quads(work))) for name, text in terms.documents.items()]
    dump = Dump(
        manifest.revision,
        manifest.head,
        published.time,
        manifest.digest,
        written.canonical_sha256,
        written.statements,
        datetime.now(UTC).isoformat(timespec="seconds"),
        tuple(files),
        written.graphs,
        {iri: held.digest for iri, held in manifest.graphs.items()},
    )
    text = dump.to_json().encode()
    write_durably(work / MANIFEST, [text])
    if terms.signer:
        write_durably(work / SIGNATURE, [terms.signer.signature(text)])


def _publish(work: Path, target: Path, signer: Signer | None) -> None:
    """Put what was prepared where it belongs: graphs first, since the dump names them, and the dump last."""
    dumps = target.parent
    os.sync()  # of thousands of graphs, once: a file each takes minutes
    (dumps / GRAPHS).mkdir(exist_ok=True)
    for path in (work / GRAPHS).iterdir():
        path.rename(dumps / GRAPHS / path.name)
    (work / GRAPHS).rmdir()
    fsync_folder(dumps / GRAPHS)
    if signer:
        _replace(dumps / PUBLIC_KEY, signer.public_key())
    fsync_folder(work)
    work.rename(target)
    fsync_folder(dumps)


def _is_of_another_journal(folder: Path, manifest: Manifest) -> bool:
    """Return whether a dump is of revisions that were given up, or hashed otherwise, or cannot be read."""
    revision = shelf.revision_of(folder)
    if revision != manifest.revision:
        return revision > manifest.revision
    try:
        return read(folder).head != manifest.head
    except StateDamaged:
        return True


def _document(work: Path, name: str, media_type: str, text: str) -> File:
    with outlet.writing(work / name, media_type) as file:
        file.write(text.encode())
    return file.told()


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    write_durably(new, [content])
    new.rename(path)


@contextmanager
def _room(dumps: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise DiskFullError(f"{dumps}: cannot be written ({fault}); free some room and run it again") from fault
