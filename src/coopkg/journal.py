"""The journal: every accepted change, appended and fsynced before anything else learns of it.

One file of records. A record is a line `R <bytes of header> <SHA-256 of header> <check>` of a fixed width, whose check
is the SHA-256 of what stands before it; the header (JSON, one line); the body (an RDF Patch of canonical N-Quads lines,
`D ` or `A ` before each, zlib); and a line end. The header names the bytes and the SHA-256 of its body and the SHA-256
of the header before it: a hash chain. So every length is vouched for before it is believed, and only a file that ends
before its last record does can be torn. Revisions that were judged together are one batch: all of them or none count.
A sync that fails ends the writer: the kernel forgets what it could not write, and a later sync would answer for it.
Source: ADR 0003, ADR 0014.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from coopkg.errors import DiskFullError, InputError, StateDamaged
from coopkg.rdf import Quad, from_patch, to_patch

#: What to do when a journal is damaged.
REPAIR = "restore a backup with 'coopkg restore', or build into a new state folder"

_MAGIC = b"coopkg-journal 1\n"
_START = "0" * 64
_LINE = re.compile(rb"(R ([0-9]{10}) ([0-9a-f]{64}) )([0-9a-f]{64})\n")
_LINE_BYTES = 2 + 10 + 1 + 64 + 1 + 64 + 1


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a change came from: path below the content folder, its SHA-256, digest of each of its graphs."""

    path: str
    sha256: str
    graphs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What one revision removes and adds, with who says so and why."""

    remove: frozenset[Quad]
    add: frozenset[Quad]
    message: str
    author: str = "coopkg build"
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A change that was accepted: its number (from 1), time, hash in the chain, and where its body lies."""

    number: int
    time: str
    author: str
    message: str
    origin: Origin | None
    removed: int
    added: int
    hash: str
    body_offset: int
    body_bytes: int
    body_sha256: str
    batch_index: int
    batch_size: int


class Journal:
    """The journal of a state folder.

    Opening reads and checks every header; opening for writing every body, too: nothing is put on top of what could not
    be replayed. An incomplete batch at the end, left by a kill, is moved aside to `journal.torn-<revision>` when the
    journal is opened for writing, and ignored otherwise; any other damage refuses to open.

    Raises:
        StateDamaged: the file is not what was written, or cannot be read.
        DiskFullError: there is no room to set an incomplete batch aside.
    """

    def __init__(self, path: Path, *, writing: bool = False) -> None:
        self._path = path
        self._writing = writing
        self.revisions: list[Revision] = []
        self._end = 0
        #: Where an incomplete batch was put when this journal was opened; None when there was none.
        self.set_aside: Path | None = None
        #: The bytes of an incomplete batch at the end that was ignored.
        self.unfinished_bytes = 0
        #: Why this writer has ended; "" while it has not.
        self._ended = ""
        self._inode = 0
        try:
            size, self._inode = path.stat().st_size, path.stat().st_ino
        except FileNotFoundError:
            return
        self._end = self._read(size)
        if writing:
            for revision in self.revisions:
                self.body(revision)
            if self._end < size:
                self._set_aside()
        else:
            self.unfinished_bytes = size - self._end

    @property
    def head(self) -> int:
        """The number of the last revision; 0 when there is none."""
        return self.revisions[-1].number if self.revisions else 0

    @property
    def head_hash(self) -> str:
        """The hash of the last revision's header; 64 zeros when there is none."""
        return self.revisions[-1].hash if self.revisions else _START

    @property
    def whole_bytes(self) -> int:
        """The length of the file up to the end of its last whole batch."""
        return self._end

    def is_current(self) -> bool:
        """Return whether the file holds what this object knows: nobody appended to it, or put another in its place."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return self._end == 0
        return (found.st_size, found.st_ino) == (self._end, self._inode)

    def append(self, changes: Sequence[Change], now: datetime | None = None) -> list[Revision]:
        """Append changes as one batch, fsync, and return their revisions.

        Raises:
            DiskFullError: no room, or no sync; nothing of the batch counts. After a sync that failed this object
                refuses every later batch.
            StateDamaged: something else wrote to the file since it was opened.
        """
        if not self._writing:
            raise io.UnsupportedOperation(f"{self._path}: this journal is open for reading only")
        if not changes:
            return []
        time = (now or datetime.now(UTC)).isoformat(timespec="milliseconds")
        fresh: list[Revision] = []
        content = b"" if self._end else _MAGIC
        for index, change in enumerate(changes, start=1):
            record, revision = self._record(change, time, index, len(changes), fresh, self._end + len(content))
            content += record
            fresh.append(revision)
        self._write(content)
        self.revisions.extend(fresh)
        return fresh

    def change(self, revision: Revision, subject: str = "") -> tuple[list[Quad], list[Quad]]:
        """Return what a revision removed and what it added; of one subject alone when its IRI is given.

        Raises:
            StateDamaged: the body is not what was written.
        """
        begin = f"<{subject}> ".encode() if subject else b""
        try:
            patch = zlib.decompress(self.body(revision))
            lines = patch.split(b"\n")
            wanted = [line + b"\n" for line in lines if line[2:].startswith(begin)] if subject else [patch]
            removed, added = from_patch(b"".join(wanted), "body")
        except (zlib.error, InputError) as fault:
            raise self._damaged(f"the body of revision {revision.number} is no RDF Patch ({fault})") from fault
        counts = [sum(line.startswith(mark) for line in lines) for mark in (b"D ", b"A ")]
        if counts != [revision.removed, revision.added]:
            raise self._damaged(
                f"the body of revision {revision.number} has another number of lines than its header says"
            )
        return removed, added

    def body(self, revision: Revision) -> bytes:
        """Return the body of a revision as it lies in the file, its checksum checked.

        Raises:
            StateDamaged: the body is not what was written.
        """
        try:
            with self._path.open("rb") as file:
                file.seek(revision.body_offset)
                body = file.read(revision.body_bytes)
        except OSError as fault:
            raise self._damaged(f"it cannot be read ({fault.strerror})") from fault
        if hashlib.sha256(body).hexdigest() != revision.body_sha256:
            raise self._damaged(f"the body of revision {revision.number} has another checksum")
        return body

    def _record(
        self, change: Change, time: str, index: int, size: int, before: list[Revision], offset: int
    ) -> tuple[bytes, Revision]:
        body = zlib.compress(to_patch(change.remove, change.add), 6)
        origin = change.origin
        header = {
            "revision": self.head + index,
            "time": time,
            "author": change.author,
            "message": change.message,
            "origin": None
            if origin is None
            else {"path": origin.path, "sha256": origin.sha256, "graphs": origin.graphs},
            "batch": [index, size],
            "removed": len(change.remove),
            "added": len(change.add),
            "body": {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()},
            "previous": before[-1].hash if before else self.head_hash,
        }
        text = json.dumps(header, ensure_ascii=False, sort_keys=True).encode("utf-8")
        line = f"R {len(text):010d} {hashlib.sha256(text).hexdigest()} ".encode()
        head = line + hashlib.sha256(line).hexdigest().encode() + b"\n" + text + b"\n"
        return head + body + b"\n", _revision(header, text, offset + len(head))

    def _write(self, content: bytes) -> None:
        if self._ended:
            raise DiskFullError(f"{self._path}: nothing more is written here: {self._ended}")
        try:
            # Unbuffered: a buffer would be flushed once more on closing, behind the cut that undoes a failed write.
            with self._path.open("ab", buffering=0) as file:
                if file.tell() != self._end:
                    raise self._damaged(
                        f"it ends at byte {file.tell()} and not at {self._end}: something else wrote to it"
                    )
                try:
                    _write_bytes(file, content)
                except BaseException:
                    os.ftruncate(file.fileno(), self._end)
                    raise
                self._sync(file)
                self._inode = os.fstat(file.fileno()).st_ino
        except OSError as fault:
            raise DiskFullError(
                f"{self._path}: cannot be written ({fault.strerror}); free some room and build again"
            ) from fault
        self._end += len(content)

    def _sync(self, file: io.FileIO) -> None:
        """Make what was appended durable; where that fails, undo it and end this writer."""
        try:
            os.fsync(file.fileno())
            if not self._end:  # the file is new, and so is its name
                fsync_folder(self._path.parent)
        except BaseException as fault:
            said = fault.strerror if isinstance(fault, OSError) else type(fault).__name__
            self._ended = f"its last sync failed ({said}); look at the disk, then start coopkg again"
            try:
                os.ftruncate(file.fileno(), self._end)
                os.fsync(file.fileno())  # of the cut alone: nothing that was lost before is believed by it
            except OSError as other:
                self._ended = (
                    f"its last sync failed ({said}), and so did the cut that undoes it ({other.strerror}); its end is "
                    "not known until the machine has read the disk anew: restart it, then run 'coopkg verify'"
                )
            if not isinstance(fault, OSError):
                raise
            raise DiskFullError(f"{self._path}: {self._ended}") from fault

    def _read(self, size: int) -> int:
        """Read every whole batch; return the offset where the last one ends."""
        try:
            with self._path.open("rb") as file:
                magic = file.read(len(_MAGIC))
                if magic != _MAGIC:
                    if _MAGIC.startswith(magic):
                        return 0
                    raise self._damaged("it does not begin as a journal")
                whole, batch = file.tell(), list[Revision]()
                for revision, end in self._records(file, size):
                    self._check_place(revision, batch)
                    batch.append(revision)
                    if revision.batch_index == revision.batch_size:
                        self.revisions.extend(batch)
                        whole, batch = end, []
        except OSError as fault:
            raise self._damaged(f"it cannot be read ({fault.strerror})") from fault
        return whole

    def _check_place(self, revision: Revision, batch: Sequence[Revision]) -> None:
        """Raise unless a revision continues the batch that is open, or begins one when none is."""
        size = batch[0].batch_size if batch else revision.batch_size
        if (revision.batch_index, revision.batch_size) != (len(batch) + 1, size) or revision.batch_index > size:
            raise self._damaged(f"revision {revision.number} is out of its batch")

    def _records(self, file: IO[bytes], size: int) -> Iterator[tuple[Revision, int]]:
        """Yield each record that is there to its end, with that end; stop where the file ends within one."""
        previous, expected = _START, 1
        while len(line := file.read(_LINE_BYTES)) == _LINE_BYTES:
            match = _LINE.fullmatch(line)
            if match is None or hashlib.sha256(match[1]).hexdigest().encode() != match[4]:
                raise self._damaged(f"no record begins at byte {file.tell() - len(line)}")
            text = file.read(int(match[2]))
            if len(text) < int(match[2]):
                return
            if hashlib.sha256(text).hexdigest().encode() != match[3]:
                raise self._damaged(f"the header of revision {expected} has another checksum")
            try:
                header = json.loads(text)
                revision = _revision(header, text, file.tell() + 1)
                follows = header["previous"] == previous and revision.number == expected
            except (ValueError, TypeError, KeyError, IndexError) as fault:
                raise self._damaged(f"the header of revision {expected} is not understood ({fault!r})") from fault
            if not follows:
                raise self._damaged(f"revision {expected} does not follow the one before it")
            self._check_line_end(file, revision.body_offset - 1, expected)
            end = revision.body_offset + revision.body_bytes + 1
            if end > size:
                return
            self._check_line_end(file, end - 1, expected)
            previous, expected = revision.hash, expected + 1
            yield revision, end

    def _check_line_end(self, file: IO[bytes], offset: int, expected: int) -> None:
        file.seek(offset)
        if file.read(1) not in (b"\n", b""):
            raise self._damaged(f"byte {offset}, in revision {expected}, is no line end")

    def _set_aside(self) -> None:
        try:
            with self._path.open("r+b") as file:
                file.seek(self._end)
                torn = file.read()
                self.set_aside = self._free_name()
                with self.set_aside.open("xb", buffering=0) as aside:
                    _write_bytes(aside, torn)
                    os.fsync(aside.fileno())
                fsync_folder(self._path.parent)
                file.truncate(self._end)
                os.fsync(file.fileno())
        except OSError as fault:
            raise DiskFullError(
                f"{self._path}: its incomplete end cannot be set aside ({fault.strerror}); "
                "free some room and run the command again"
            ) from fault

    def _free_name(self) -> Path:
        first = self._path.with_name(f"{self._path.name}.torn-{self.head + 1}")
        others = (first.with_name(f"{first.name}-{number}") for number in itertools.count(2))
        return next(path for path in itertools.chain([first], others) if not path.exists())

    def _damaged(self, what: str) -> StateDamaged:
        return StateDamaged(f"{self._path}: {what}; {REPAIR}")


def _revision(header: dict[str, Any], text: bytes, body_offset: int) -> Revision:
    origin = header["origin"]
    batch_index, batch_size = header["batch"]
    revision = Revision(
        number=header["revision"],
        time=header["time"],
        author=header["author"],
        message=header["message"],
        origin=None if origin is None else Origin(origin["path"], origin["sha256"], dict(origin["graphs"])),
        removed=header["removed"],
        added=header["added"],
        hash=hashlib.sha256(text).hexdigest(),
        body_offset=body_offset,
        body_bytes=header["body"]["bytes"],
        body_sha256=header["body"]["sha256"],
        batch_index=batch_index,
        batch_size=batch_size,
    )
    counts = (revision.number, revision.removed, revision.added, revision.body_bytes, batch_index, batch_size)
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("a count is no whole number")
    texts = (revision.time, revision.author, revision.message, revision.body_sha256)
    if not all(isinstance(item, str) for item in texts):
        raise ValueError("a text is no text")
    return revision


def _write_bytes(file: io.FileIO, content: bytes) -> None:
    """Write all bytes; a write may take only some of them at a time."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]


def surviving(path: Path) -> dict[int, str]:
    """Return the hash of each revision whose header can still be read, by its number, however damaged the journal is.

    Raises:
        StateDamaged: the file cannot be read.
    """
    try:
        journal = Journal(path)
    except StateDamaged:
        return _headers_in(path)
    return {revision.number: revision.hash for revision in journal.revisions}


def _headers_in(path: Path) -> dict[int, str]:
    found = dict[int, str]()
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise StateDamaged(f"{path}: cannot be read ({fault.strerror}); move it away") from fault
    for match in _LINE.finditer(content):
        text = content[match.end() : match.end() + int(match[2])]
        if hashlib.sha256(text).hexdigest().encode() == match[3]:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                found[int(json.loads(text)["revision"])] = match[3].decode()
    return found


def fsync_folder(folder: Path) -> None:
    """Make the names inside a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
