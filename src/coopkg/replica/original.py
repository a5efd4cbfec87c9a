"""The original, as its replica sees it: its last dump, its list of changes, and each change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from coopkg import names
from coopkg.dumps.manifest import MANIFEST, NAME, Dump, File
from coopkg.errors import ReplicaError, ReplicaOvertaken, RevisionGone
from coopkg.rdf import Quad, dataset_digest
from coopkg.replica import statements
from coopkg.replica.connection import Connection, Report
from coopkg.replica.listing import Item, Page, number, sha256, understood
from coopkg.replica.signature import Key

#: The packed statements of a dump.
PACKED = "coopkg.nq.zst"

_MANIFEST_MAX_BYTES = 64 << 20
_SIGNATURE_MAX_BYTES = 4_096
_PAGE_MAX_BYTES = 8 << 20
_PATCH_MAX_BYTES = 256 << 20
#: A longer change is taken as a dump, which is read in pieces.
_CHANGE_MAX_STATEMENTS = 200_000
_PAGE_ITEMS = 500


class Original:
    """The site that a replica follows.

    Args:
        key: what its manifests must be signed with; None believes them as far as the connection is to be trusted.
    """

    def __init__(self, connection: Connection, key: Key | None, report: Report = lambda _: None) -> None:
        self._connection = connection
        self._key = key
        self._report = report

    @property
    def url(self) -> str:
        """Where it is reached."""
        return self._connection.url

    def dump(self) -> Dump:
        """Return what its last dump holds.

        Raises:
            ReplicaError: there is none, it is of another graph, is not signed as it must be, or is none.
        """
        path = f"/dumps/latest/{MANIFEST}"
        try:
            body = self._connection.read(path, _MANIFEST_MAX_BYTES)
        except RevisionGone as fault:
            raise ReplicaError(f"{fault}: no dump is left since an erasure; wait for the next one") from fault
        where = f"{self.url}{path}"
        dump = _checked(body, where)
        if self._key:
            signed = self._connection.read(f"/dumps/{dump.name}/{MANIFEST}.sig", _SIGNATURE_MAX_BYTES)
            self._key.refuse_unless_signed(body, signed, where)
        return dump

    def packed(self, dump: Dump, folder: Path) -> Path:
        """Return the packed statements of a dump, downloaded into a folder; goes on where it was cut before.

        Raises:
            ReplicaError: they are not those of the manifest, the second time.
            Refused: see `Connection.read`.
        """
        file = _file(dump)
        target = folder / f"{dump.canonical_sha256}-{PACKED}"
        for other in folder.iterdir():
            if other != target:  # of a dump that was the last one when it began to be downloaded
                other.unlink()
        for _ in range(2):  # what an earlier run left of it may be at fault
            self._report(f"downloading the dump of revision {dump.revision} ({file.size:,} bytes)")
            self._connection.download(f"/dumps/{dump.name}/{PACKED}", target, file.size)
            with target.open("rb") as content:
                if hashlib.file_digest(content, "sha256").hexdigest() == file.sha256:
                    return target
            target.unlink()
        raise ReplicaError(f"{self.url}/dumps/{dump.name}/{PACKED}: has another SHA-256 than its manifest declares")

    def page(self, after: int) -> Page:
        """Return the list of what was published after a revision, or its beginning.

        Raises:
            RevisionGone: what this revision spoke of was erased.
        """
        path = f"/changes?since={after}&limit={_PAGE_ITEMS}"
        return Page.read(self._connection.read(path, _PAGE_MAX_BYTES), f"{self.url}{path}")

    def change(self, item: Item) -> tuple[list[Quad], list[Quad]]:
        """Return what a revision removed, and what it added.

        Raises:
            RevisionGone: terms of it were erased.
            ReplicaOvertaken: it is too long to be taken as a change.
            ReplicaError: it is no patch, or speaks of what is not taken.
        """
        path = f"/changes/{item.revision}"
        if item.statements > _CHANGE_MAX_STATEMENTS:
            raise ReplicaOvertaken(f"revision {item.revision} has {item.statements:,} statements: a dump is shorter")
        body = self._connection.read(path, _PATCH_MAX_BYTES)
        return statements.of_patch(body, f"{self.url}{path}", item.statements)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _checked(body: bytes, where: str) -> Dump:
    """Return the dump that a manifest tells of, after checking every member that is used."""
    understood(body, where)
    try:
        dump = Dump.from_json(body.decode("utf-8"))
        _check_types(dump)
    except ValueError as fault:
        raise ReplicaError(f"{where}: is no manifest of a dump: {_bare(fault)}") from fault
    foreign = sorted(graph for graph in dump.graph_digests if not statements.is_taken(graph))
    if foreign:
        raise ReplicaError(
            f"{where}: has the graph <{foreign[0][:200]}>, and this program follows those below {names.GRAPH}; it is "
            "another graph, or another program's"
        )
    if dataset_digest(dump.graph_digests) != dump.digest:
        raise ReplicaError(f"{where}: its digest is not that of its graphs; the dump is damaged: make it anew")
    return dump


def _check_types(dump: Dump) -> None:
    """Raise ValueError at the first member that is not what it must be."""
    number(dump.revision, "revision")
    number(dump.statements, "statements")
    hashes: Iterable[tuple[object, str]] = ((getattr(dump, name), name) for name in ("head", "digest"))
    for value, name in (*hashes, (dump.canonical_sha256, "canonical_sha256")):
        sha256(value, name)
    if not isinstance(dump.time, str) or not NAME.fullmatch(dump.name):
        raise ValueError(f"time is no time: {str(dump.time)[:40]!r}")
    if not isinstance(dump.graph_digests, dict):
        raise ValueError("graph_digests does not name graphs")
    for graph, digest in dump.graph_digests.items():
        sha256(digest, f"the digest of <{graph[:200]}>")
    file = _file(dump)
    number(file.size, f"the size of {PACKED}")
    sha256(file.sha256, f"the SHA-256 of {PACKED}")


def _file(dump: Dump) -> File:
    file = dump.file(PACKED)
    if file is None:
        raise ValueError(f"{PACKED} is missing")
    return file


def _bare(fault: ValueError) -> str:
    return str(fault).removeprefix("no manifest of a dump: ")
