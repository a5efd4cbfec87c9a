"""The journal: every accepted change, appended and fsynced before anything else learns of it.

`record` has the form of a record, `segments` the files; here they are revisions. Revisions that were judged together
are one batch, in one segment: all of them or none count. Source: ADR 0003, ADR 0014, ADR 0016.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coopkg import editions, record
from coopkg.editions import REPAIR
from coopkg.errors import InputError, StateDamaged
from coopkg.rdf import Quad, from_patch
from coopkg.record import START, Change, Erasure, Origin, Record, Revision
from coopkg.segments import HEAD_BYTES, MAX_BYTES, Segments

__all__ = ["REPAIR", "Change", "Erasure", "Journal", "Origin", "Revision", "Surviving", "surviving"]

_PIECE_BYTES = 1 << 16


class Journal:
    """The journal of a state folder.

    Opening reads and checks every header; opening for writing every body, too: nothing is put on top of what could not
    be replayed. An incomplete batch at the end, left by a kill, is moved aside to `journal.torn-<revision>` when the
    journal is opened for writing, and ignored otherwise; any other damage refuses to open. What an erasure left to be
    destroyed is destroyed when it is opened for writing.

    Raises:
        StateDamaged: a file is not what was written, or cannot be read.
        DiskFullError: there is no room to set an incomplete batch aside.
    """

    def __init__(self, path: Path, *, writing: bool = False, segment_max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._writing = writing
        self._segments = Segments(path, segment_max_bytes)
        self.revisions: list[Revision] = []
        #: What was erased, in order.
        self.erasures: list[Erasure] = []
        #: Where an incomplete batch was put when this journal was opened; None when there was none.
        self.set_aside: Path | None = None
        #: The bytes of an incomplete batch at the end that was ignored.
        self.unfinished_bytes = 0
        self._last_hash = START
        self._by_key: dict[str, Revision] = {}
        #: The segment and the offset at which the last whole batch, or erasure, ends.
        self._whole = (1, HEAD_BYTES)
        self._read()
        self._mark()
        unfinished = self._segments.read_bytes - self._segments.end
        if not writing:
            self.unfinished_bytes = unfinished
            return
        for revision in self.revisions:
            self.body(revision)
        if unfinished:
            aside = self._free_name()
            self._segments.cut(aside)
            self.set_aside = aside
        editions.sweep(path)

    @property
    def head(self) -> int:
        """The number of the last revision; 0 when there is none."""
        return self.revisions[-1].number if self.revisions else 0

    @property
    def head_hash(self) -> str:
        """The hash of the last revision's header; 64 zeros when there is none."""
        return self.revisions[-1].hash if self.revisions else START

    @property
    def redacted(self) -> dict[int, Erasure]:
        """The revisions of which terms were erased, each with the last erasure that did so."""
        return {number: erasure for erasure in self.erasures for number in erasure.touched}

    def asked(self, key: str) -> Revision | None:
        """Return the last revision that was made for an idempotency key, given by its digest; None when none was.

        After an erasure, its `asked` is "" where the request might have spoken of what was erased.
        """
        return self._by_key.get(key)

    def precedes_erasure(self, number: int, hash_: str) -> Erasure | None:
        """Return the erasure since which a revision has another hash than one that was noted before; None when none.

        Args:
            number, hash_: the revision and the hash that something beside the journal has noted for it.
        """
        if number <= self.head and number and self.revisions[number - 1].hash == hash_:
            return None
        return next((one for one in reversed(self.erasures) if one.first <= number <= one.after), None)

    def files(self) -> list[tuple[Path, int]]:
        """Return each segment, with its length up to the end of the last whole batch."""
        paths = [self._segments.path(number) for number in range(1, self._segments.last + 1)]
        return [(path, self._segments.end if path == paths[-1] else path.stat().st_size) for path in paths]

    def records(self) -> Iterator[tuple[Record, bytes]]:
        """Yield each record that counts, with its block unchecked, for whoever writes the journal anew."""
        for found in self._segments.records():
            if (found.segment, found.end) <= (self._segments.last, self._segments.end):
                yield found, self._segments.block(found.segment, found.block_offset, found.block_bytes)

    def follow(self) -> Journal:
        """Return the journal as it is now: this one, after reading what was appended to it, or one that is read anew.

        Reads what is new and no more, unless the journal was made anew (an erasure, a restoration).

        Raises:
            StateDamaged: a file is not what was written, or cannot be read.
        """
        if self.is_current():
            return self
        if self._writing or not self._segments.follow():
            return Journal(self._path)
        self._read()
        return self

    def is_current(self) -> bool:
        """Return whether the files hold what is known here: nothing was appended to them or put in their place."""
        return self._segments.are_current()

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
        segment, begin = self._segments.ready(self._last_hash)
        time = (now or datetime.now(UTC)).isoformat(timespec="milliseconds")
        content, previous, fresh = b"", self._last_hash, list[Revision]()
        for index, change in enumerate(changes, start=1):
            made = record.of_change(change, self.head + index, time, (index, len(changes)), previous)
            fresh.append(_revision_in(made, segment, begin + len(content)))
            content, previous = content + made, fresh[-1].hash
        self._segments.append(content)
        self._last_hash = previous
        self.revisions.extend(fresh)
        self._by_key.update({revision.key: revision for revision in fresh if revision.key})
        return fresh

    def change(self, revision: Revision, subject: str = "") -> tuple[list[Quad], list[Quad]]:
        """Return what a revision removed and what it added; of one subject alone when its IRI is given.

        Raises:
            StateDamaged: the body is not what was written.
        """
        begin = f"<{subject}> ".encode() if subject else b""
        patch = self.patch(revision)
        lines = patch.split(b"\n")
        wanted = [line + b"\n" for line in lines if line[2:].startswith(begin)] if subject else [patch]
        try:
            removed, added = from_patch(b"".join(wanted), "body")
        except InputError as fault:
            raise self._damaged(revision, f"is no RDF Patch ({fault})") from fault
        counts = [sum(line.startswith(mark) for line in lines) for mark in (b"D ", b"A ")]
        if counts != [revision.removed, revision.added]:
            raise self._damaged(revision, "has another number of lines than its header says")
        return removed, added

    def patch(self, revision: Revision) -> bytes:
        """Return the RDF Patch of a revision.

        Raises:
            StateDamaged: the body is not what was written.
        """
        try:
            return zlib.decompress(self.body(revision))
        except zlib.error as fault:
            raise self._damaged(revision, f"is no RDF Patch ({fault})") from fault

    def lines(self, revision: Revision) -> Iterator[bytes]:
        """Yield the lines of the RDF Patch of a revision, without their ends; holds a small part of it at a time.

        Raises:
            StateDamaged: the body is not what was written.
        """
        body, opener, rest = self.body(revision), zlib.decompressobj(), b""
        try:
            for begin in range(0, len(body), _PIECE_BYTES):
                piece = opener.decompress(body[begin : begin + _PIECE_BYTES])
                *whole, rest = (rest + piece).split(b"\n")
                for line in whole:
                    if line[:2] not in (b"D ", b"A "):
                        raise self._damaged(revision, "has a line that is none of a patch")
                    yield line
        except zlib.error as fault:
            raise self._damaged(revision, f"is no RDF Patch ({fault})") from fault
        if rest or not opener.eof:
            raise self._damaged(revision, "ends within a line")

    def body(self, revision: Revision) -> bytes:
        """Return the body of a revision as it lies in the file, checked against what its header commits to.

        Raises:
            StateDamaged: the body is not what was written.
        """
        block = self._segments.block(revision.segment, revision.body_offset, revision.body_bytes)
        body = record.opened(block, revision.commitment)
        if body is None:
            raise self._damaged(revision, "has another checksum")
        return body

    def _read(self) -> None:
        """Read every whole batch and every erasure that is not known yet; note where the last one ends."""
        batch = list[Revision]()
        for found in self._segments.records(self._whole, self._last_hash):
            try:
                if found.kind == "R":
                    revision = record.revision_of(found)
                    self._check_place(revision, batch, found)
                    batch.append(revision)
                    if revision.batch_index < revision.batch_size:
                        continue
                    self.revisions.extend(batch)
                    self._by_key.update((one.key, one) for one in batch if one.key)
                    batch = []
                else:
                    self.erasures.append(self._checked(record.erasure_of(found), batch, found))
            except (ValueError, TypeError, KeyError, IndexError) as fault:
                what = f"the header at byte {found.offset} is not understood ({fault!r})"
                raise self._segments.damaged(found.segment, what) from fault
            self._last_hash, self._whole = found.hash, (found.segment, found.end)
        if batch and batch[0].segment < self._segments.last:
            raise self._segments.damaged(batch[0].segment, "it ends within a batch, and others follow")
        self._segments.end = self._whole[1] if self._whole[0] == self._segments.last else HEAD_BYTES

    def _check_place(self, revision: Revision, batch: Sequence[Revision], found: Record) -> None:
        """Raise unless a revision is the next one, and continues the batch that is open or begins one when none is."""
        expected = self.head + len(batch) + 1
        if revision.number != expected:
            raise self._segments.damaged(
                found.segment, f"revision {revision.number} does not follow the one before it, which is {expected - 1}"
            )
        size = batch[0].batch_size if batch else revision.batch_size
        apart = bool(batch) and batch[0].segment != found.segment
        if (revision.batch_index, revision.batch_size) != (len(batch) + 1, size) or len(batch) >= size or apart:
            raise self._segments.damaged(found.segment, f"revision {revision.number} is out of its batch")

    def _checked(self, erasure: Erasure, batch: Sequence[Revision], found: Record) -> Erasure:
        """Return an erasure that stands where it says."""
        spoken = {*erasure.touched, *itertools.chain(*erasure.held)}
        right = (erasure.number, erasure.after, bool(batch)) == (len(self.erasures) + 1, self.head, False)
        if not right or not erasure.touched or not 0 < erasure.first <= min(spoken) or max(spoken) > self.head:
            raise self._segments.damaged(found.segment, f"erasure {erasure.number} is not in its place")
        return erasure

    def _mark(self) -> None:
        for number, erasure in self.redacted.items():
            self.revisions[number - 1] = dataclasses.replace(self.revisions[number - 1], redacted=erasure.time)

    def _free_name(self) -> Path:
        first = self._path.with_name(f"{self._path.name}.torn-{self.head + 1}")
        others = (first.with_name(f"{first.name}-{number}") for number in itertools.count(2))
        return next(path for path in itertools.chain([first], others) if not path.exists())

    def _damaged(self, revision: Revision, what: str) -> StateDamaged:
        return self._segments.damaged(revision.segment, f"the body of revision {revision.number} {what}")


@dataclass(frozen=True, slots=True)
class Surviving:
    """What can still be read of a journal: the hash of each revision, by its number, and the erasures."""

    revisions: dict[int, str]
    erasures: list[Erasure]


def surviving(path: Path) -> Surviving:
    """Return what the headers say that can still be read, however damaged a journal is.

    Raises:
        StateDamaged: a file cannot be read.
    """
    try:
        journal = Journal(path)
    except StateDamaged:
        return _headers_in(path)
    return Surviving({revision.number: revision.hash for revision in journal.revisions}, journal.erasures)


def _headers_in(path: Path) -> Surviving:
    said = Surviving({}, [])
    for file in _segments_in(path):
        try:
            content = file.read_bytes()
        except OSError as fault:
            raise StateDamaged(f"{file}: cannot be read ({fault.strerror}); move it away") from fault
        for found in _records_in(content):
            with contextlib.suppress(ValueError, TypeError, KeyError, IndexError):
                if found.kind == "R":
                    said.revisions[int(found.header["revision"])] = found.hash
                else:
                    said.erasures.append(record.erasure_of(found))
    return said


def _segments_in(path: Path) -> list[Path]:
    """Return the files of the current edition; of every one when none is known to be current."""
    try:
        edition = editions.current(path)
    except StateDamaged:
        edition = None
    folders = [edition] if edition and edition.is_dir() else editions.found(path)
    return [file for folder in folders for file in sorted(folder.iterdir()) if file.name.isdigit()]


def _records_in(content: bytes) -> Iterator[Record]:
    for match in record.LINE.finditer(content):
        text = content[match.end() : match.end() + int(match[3])]
        with contextlib.suppress(ValueError, TypeError, KeyError):
            if record.is_header(match, text):
                yield record.understood(match, text, 0, match.start())


def _revision_in(made: bytes, segment: int, offset: int) -> Revision:
    match = record.LINE.match(made)
    if match is None:
        raise ValueError("a record that was just made has no first line")
    text = made[match.end() : match.end() + int(match[3])]
    return record.revision_of(record.understood(match, text, segment, offset))
