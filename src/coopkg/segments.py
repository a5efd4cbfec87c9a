"""The segments of a journal: the files of its current edition, read in order and appended to.

Each begins with a line `coopkg-journal 2 <number> <hash of the record before it> <check>` and appears under its name
once that line is on the disk. Every length is vouched for before it is believed, so only the last segment, where it
ends before its last record does, can be torn. A sync that fails ends the writer: the kernel forgets what it could not
write, and a later sync would answer for it. Source: ADR 0003, ADR 0014, ADR 0016.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from coopkg import editions, record
from coopkg.editions import REPAIR, fsync_folder
from coopkg.errors import DiskFullError, StateDamaged
from coopkg.record import LINE, LINE_BYTES, START, Record

MAX_BYTES: Final = 64 << 20
#: Beside the segments of an edition: what was erased from it, for readers who need not know the rest.
ERASURES: Final = "erasures.json"

_HEAD = re.compile(rb"(coopkg-journal 2 ([0-9]{9}) ([0-9a-f]{64}) )([0-9a-f]{64})\n")
HEAD_BYTES: Final = 17 + 9 + 1 + 64 + 1 + 64 + 1
_NEW = ".new"


class Segments:
    """The segments of a journal.

    Args:
        journal: its folder, which need not be there.
        max_bytes: a segment that is longer is not appended to.
    Raises:
        StateDamaged: a segment is missing, or something else is there.
    """

    def __init__(self, journal: Path, max_bytes: int = MAX_BYTES) -> None:
        self._journal = journal
        self._max_bytes = max_bytes
        self._edition = editions.current(journal)
        self._inode = 0
        self._paths = self._listed()
        #: The offset in the last segment where the next record goes; set by whoever read them.
        self.end = HEAD_BYTES
        #: The length of the last segment when its records were read.
        self.read_bytes = HEAD_BYTES
        #: Why this writer has ended; "" while it has not.
        self._ended = ""

    @property
    def last(self) -> int:
        """The number of the last segment; 0 when there is none."""
        return len(self._paths)

    def are_current(self) -> bool:
        """Return whether the last one ends where it is known to, and no other has taken its place or follows it."""
        if self._edition is None or editions.current(self._journal) != self._edition:
            return editions.current(self._journal) == self._edition
        try:
            found = self._paths[-1].stat()
        except OSError:
            return False
        follows = (self._edition / f"{self.last + 1:09d}").exists()
        return (found.st_size, found.st_ino, follows) == (self.end, self._inode, False)

    def path(self, number: int) -> Path:
        """Return the file of a segment."""
        return self._paths[number - 1]

    def follow(self) -> bool:
        """Notice segments that were added; False when they are of another edition, which nothing here knows.

        Raises:
            StateDamaged: a segment is missing, or something else is there.
        """
        if self._edition is None or editions.current(self._journal) != self._edition:
            return False
        inode, known = self._inode, self.last
        self._paths = self._listed()
        return self.last > known or self._inode == inode

    def records(self, begin: tuple[int, int] = (1, HEAD_BYTES), previous: str = START) -> Iterator[Record]:
        """Yield each record that is there to its end; stop where the last segment ends within one.

        Args:
            begin: the segment and the offset of the first one.
            previous: the hash of the record before it.
        Raises:
            StateDamaged: what is there is not what was written.
        """
        for number, path in list(enumerate(self._paths, start=1))[begin[0] - 1 :]:
            try:
                with path.open("rb") as file:
                    self.read_bytes = size = os.fstat(file.fileno()).st_size
                    end = begin[1] if number == begin[0] else HEAD_BYTES
                    if end == HEAD_BYTES:
                        self._check_head(file, number, previous)
                    for found in self._in(file, number, size, end):
                        if found.header["previous"] != previous:
                            raise self.damaged(
                                number, f"the record at byte {found.offset} does not follow the one before it"
                            )
                        previous, end = found.hash, found.end
                        yield found
            except OSError as fault:
                raise self.damaged(number, f"it cannot be read ({fault.strerror})") from fault
            if end < size and number < self.last:
                raise self.damaged(number, f"it ends within a record, at byte {size}, and others follow")

    def block(self, number: int, offset: int, size: int) -> bytes:
        """Return the bytes of a block.

        Raises:
            StateDamaged: the segment cannot be read.
        """
        try:
            with self.path(number).open("rb") as file:
                file.seek(offset)
                return file.read(size)
        except OSError as fault:
            raise self.damaged(number, f"it cannot be read ({fault.strerror})") from fault

    def ready(self, previous: str) -> tuple[int, int]:
        """Return the segment and the offset where the next record goes, after making a segment where one is needed.

        Args:
            previous: the hash of the last record.
        Raises:
            DiskFullError: no room, or no sync.
        """
        self._refuse_ended()
        with self._room():
            if self._edition is None:
                self._found_journal()
            elif self.end >= self._max_bytes:
                self._make(self._edition / f"{self.last + 1:09d}", self.last + 1, previous)
                self._paths = self._listed()
                self.end = HEAD_BYTES
        return self.last, self.end

    def append(self, content: bytes) -> None:
        """Append to the last segment and sync it.

        Raises:
            DiskFullError: no room, or no sync; nothing of it counts. After a sync that failed each later call refuses.
            StateDamaged: something else wrote to the file since it was read.
        """
        self._refuse_ended()
        # Unbuffered: a buffer would be flushed once more on closing, behind the cut that undoes a failed write.
        with self._room(), self._paths[-1].open("ab", buffering=0) as file:
            if file.tell() != self.end:
                raise self.damaged(
                    self.last, f"it ends at byte {file.tell()} and not at {self.end}: something else wrote to it"
                )
            try:
                _write_bytes(file, content)
            except BaseException:
                os.ftruncate(file.fileno(), self.end)
                raise
            self._sync(file)
        self.end += len(content)

    def cut(self, aside: Path) -> None:
        """Move what lies behind `end` into a new file, durably.

        Raises:
            DiskFullError: there is no room for it; nothing was cut.
        """
        with self._room("its incomplete end cannot be set aside"), self._paths[-1].open("r+b") as file:
            file.seek(self.end)
            editions.write_durably(aside, [file.read()])
            fsync_folder(aside.parent)
            file.truncate(self.end)
            os.fsync(file.fileno())

    def damaged(self, number: int, what: str) -> StateDamaged:
        """Return the error for a segment that is not what was written, or was replaced meanwhile."""
        if editions.current(self._journal) != self._edition:
            return StateDamaged(
                f"{self._journal}: was made anew while it was read (an erasure or a restoration); run the command again"
            )
        return StateDamaged(f"{self.path(number)}: {what}; {REPAIR}")

    def _listed(self) -> list[Path]:
        if self._edition is None:
            return []
        try:
            names = sorted(
                path.name for path in self._edition.iterdir() if path.suffix != _NEW and path.name != ERASURES
            )
        except OSError as fault:
            raise StateDamaged(f"{self._edition}: cannot be read ({fault.strerror}); {REPAIR}") from fault
        wanted = [f"{number:09d}" for number in range(1, len(names) + 1)]
        if names != wanted or not names:
            wrong = next((name for name, right in zip(names, wanted, strict=True) if name != right), "no segment")
            raise StateDamaged(f"{self._edition}: a segment is missing, or {wrong} is none of it; {REPAIR}")
        paths = [self._edition / name for name in names]
        self._inode = paths[-1].stat().st_ino
        return paths

    def _check_head(self, file: IO[bytes], number: int, previous: str) -> None:
        match = _HEAD.fullmatch(file.read(HEAD_BYTES))
        if match is None or hashlib.sha256(match[1]).hexdigest().encode() != match[4]:
            raise self.damaged(number, "it does not begin as a segment of a journal")
        if (int(match[2]), match[3].decode()) != (number, previous):
            raise self.damaged(number, "it does not follow the segment before it")

    def _in(self, file: IO[bytes], number: int, size: int, offset: int) -> Iterator[Record]:
        file.seek(offset)
        while len(line := file.read(LINE_BYTES)) == LINE_BYTES:
            match = LINE.fullmatch(line)
            if match is None or not record.is_line(match):
                raise self.damaged(number, f"no record begins at byte {offset}")
            length = int(match[3])
            text = file.read(length + 1)
            if len(text) < length:
                return
            text, rest = text[:length], text[length:]
            if not record.is_header(match, text):
                raise self.damaged(number, f"the header at byte {offset} has another checksum")
            try:
                found = record.understood(match, text, number, offset)
            except (ValueError, TypeError, KeyError, IndexError) as fault:
                raise self.damaged(number, f"the header at byte {offset} is not understood ({fault!r})") from fault
            if rest not in (b"\n", b""):
                raise self.damaged(number, f"byte {found.block_offset - 1} is no line end")
            if found.end > size:
                return
            file.seek(found.end - 1)
            if file.read(1) != b"\n":
                raise self.damaged(number, f"byte {found.end - 1} is no line end")
            yield found
            offset = found.end

    def _found_journal(self) -> None:
        """Make the folder of the journal with its first segment; it appears whole."""
        made = self._journal.with_name(f"{self._journal.name}{_NEW}")
        shutil.rmtree(made, ignore_errors=True)
        edition = editions.begun(made)
        self._make(edition / f"{1:09d}", 1, START)
        with self._synced():
            editions.switch(edition)
            made.rename(self._journal)
            fsync_folder(self._journal.parent)
        self._edition = editions.current(self._journal)
        self._paths = self._listed()

    def _make(self, path: Path, number: int, previous: str) -> None:
        """Make a segment that holds nothing; it appears under its name once it is on the disk."""
        new = path.with_suffix(_NEW)
        new.write_bytes(head(number, previous))
        with self._synced():
            with new.open("rb") as file:
                os.fsync(file.fileno())
            new.rename(path)
            try:
                fsync_folder(path.parent)
            except BaseException:
                path.unlink()
                raise

    def _sync(self, file: io.FileIO) -> None:
        """Make what was appended durable; where that fails, undo it and end this writer."""
        try:
            os.fsync(file.fileno())
        except BaseException as fault:
            said = _said(fault)
            self._ended = f"its last sync failed ({said}); look at the disk, then start coopkg again"
            try:
                os.ftruncate(file.fileno(), self.end)
                os.fsync(file.fileno())  # of the cut alone: nothing that was lost before is believed by it
            except OSError as other:
                self._ended = (
                    f"its last sync failed ({said}), and so did the cut that undoes it ({other.strerror}); its end is "
                    "not known until the machine has read the disk anew: restart it, then run 'coopkg verify'"
                )
            if not isinstance(fault, OSError):
                raise
            raise DiskFullError(f"{self._journal}: {self._ended}") from fault

    @contextmanager
    def _synced(self) -> Iterator[None]:
        """End this writer when what makes a segment durable fails."""
        try:
            yield
        except BaseException as fault:
            self._ended = (
                f"a new segment could not be made durable ({_said(fault)}); look at the disk, then start coopkg again"
            )
            if not isinstance(fault, OSError):
                raise
            raise DiskFullError(f"{self._journal}: {self._ended}") from fault

    def _refuse_ended(self) -> None:
        if self._ended:
            raise DiskFullError(f"{self._journal}: nothing more is written here: {self._ended}")

    @contextmanager
    def _room(self, what: str = "cannot be written") -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise DiskFullError(
                f"{self._journal}: {what} ({fault.strerror}); free some room and run the command again"
            ) from fault


def head(number: int, previous: str) -> bytes:
    """Return the first line of a segment.

    Args:
        previous: the hash of the record before it.
    """
    line = f"coopkg-journal 2 {number:09d} {previous} ".encode()
    return line + hashlib.sha256(line).hexdigest().encode() + b"\n"


def _said(fault: BaseException) -> str:
    return str(fault.strerror) if isinstance(fault, OSError) else type(fault).__name__


def _write_bytes(file: io.FileIO, content: bytes) -> None:
    """Write all bytes; a write may take only some of them at a time."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
