"""The form of a backup: a `.tar.zst` file or a folder, written whole or not at all, believed only when it is whole.

Its first member, `backup.json`, says what it is and the SHA-256 of each of the others. The only module but `web` that
compresses with Zstandard. Source: ADR 0014.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import zstandard

from coopkg.editions import fsync_folder
from coopkg.errors import InputError, StateDamaged

_FORMAT = "coopkg-backup 2"
_ABOUT = "A backup of a coopkg state folder: give this file or folder to 'coopkg restore'."
_CONTENTS = "backup.json"
_ARCHIVE = ".tar.zst"
_OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".zip", ".zst", ".xz", ".bz2", ".7z")
_CONTENTS_MAX_BYTES = 1 << 20
_NAME = re.compile(r"[a-z][a-z.]*(-[0-9]+)?")
_PIECE_BYTES = 1 << 16
#: Of a compressed file, read at once: what a kilobyte can unpack to is bounded by 32 MB, whatever stands in it.
_PACKED_BYTES = 1 << 10


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a backup: its length in bytes and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself: when it was made, its last revision and that one's hash, its files."""

    made: str
    revision: int
    head: str
    files: dict[str, Part]


@dataclass(frozen=True, slots=True)
class Member:
    """A file that goes into a backup: so many bytes of a stream, from its beginning."""

    name: str
    size: int
    stream: IO[bytes]

    def part(self) -> Part:
        """Return what is to be said of it."""
        total = hashlib.sha256()
        for piece in self.pieces():
            total.update(piece)
        return Part(self.size, total.hexdigest())

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes."""
        self.stream.seek(0)
        left = self.size
        while left:
            piece = self.stream.read(min(left, _PIECE_BYTES))
            if not piece:
                raise StateDamaged(f"{self.name}: became shorter while it was read; run the command again")
            left -= len(piece)
            yield piece


def refuse_target(target: Path) -> None:
    """Raise unless a backup may be written there.

    Raises:
        InputError: something is there already, or the name says another kind of archive.
    """
    if target.exists() or target.is_symlink():
        raise InputError(f"{target}: is there already; choose another name, or move it away")
    if target.name.endswith(_OTHER_ARCHIVES) and not target.name.endswith(_ARCHIVE):
        raise InputError(f"{target}: a backup is a folder, or a file whose name ends in {_ARCHIVE}; rename it")


def write(target: Path, contents: Contents, members: Sequence[Member]) -> None:
    """Write a backup to a new file or folder; it appears under its name once it is whole and on the disk.

    Raises:
        InputError: see `refuse_target`.
        OSError: it cannot be written.
    """
    about = _as_json(contents)
    first = Member(_CONTENTS, len(about), io.BytesIO(about))
    make = _write_archive if target.name.endswith(_ARCHIVE) else _write_folder
    make(target, [first, *members])


def read(source: Path, folder: Path) -> Contents:
    """Unpack a backup into an empty folder, and return what it says of itself.

    Raises:
        InputError: it is not there, cannot be read, or is of another version.
        StateDamaged: it is no backup, or not whole, or not what was written.
        OSError: the folder cannot be written.
    """
    if not source.exists():
        raise InputError(f"{source}: is not there; give the file or the folder that 'coopkg backup' wrote")
    try:
        members = _in_folder(source) if source.is_dir() else _in_archive(source)
        name, size, stream = next(members, ("", 0, io.BytesIO()))
        if name != _CONTENTS or size > _CONTENTS_MAX_BYTES:
            raise not_whole(source, f"it does not begin with {_CONTENTS}")
        contents = _understood(source, stream.read())
        expected = dict(contents.files)
        for name, size, stream in members:
            part = expected.pop(name, None)
            if part is None or part.size != size:
                raise not_whole(source, f"{name} is not what {_CONTENTS} says")
            if _copied(stream, folder / name) != part.sha256:
                raise not_whole(source, f"{name} has another checksum")
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as fault:
        raise not_whole(source, str(fault)) from fault
    if expected:
        raise not_whole(source, f"it lacks {', '.join(expected)}")
    return contents


def not_whole(source: Path, what: str) -> StateDamaged:
    """Return the error for a backup that cannot be believed."""
    return StateDamaged(f"{source}: is no whole backup of coopkg ({what}); nothing was touched; take another one")


def _as_json(contents: Contents) -> bytes:
    members = {"format": _FORMAT, "about": _ABOUT, **asdict(contents)}
    return json.dumps({**members, "checksum": _checksum(members)}, indent=1).encode() + b"\n"


def _checksum(members: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(members, sort_keys=True).encode()).hexdigest()


def _write_archive(target: Path, members: Sequence[Member]) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            packer = zstandard.ZstdCompressor(write_checksum=True).stream_writer(file, closefd=False)
            with packer, tarfile.open(fileobj=packer, mode="w|") as archive:
                for member in members:
                    info = tarfile.TarInfo(member.name)
                    info.size, info.mtime, info.mode = member.size, int(time.time()), 0o644
                    member.stream.seek(0)
                    archive.addfile(info, member.stream)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        _appear(Path(name), target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_folder(target: Path, members: Sequence[Member]) -> None:
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part"))
    try:
        for member in members:
            _write_file(folder / member.name, member.pieces())
        folder.chmod(0o755)
        fsync_folder(folder)
        _appear(folder, target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _appear(made: Path, target: Path) -> None:
    """Give a backup that is whole and on the disk its name."""
    refuse_target(target)  # it may have come meanwhile
    made.rename(target)
    fsync_folder(target.parent)


def _write_file(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _copied(stream: IO[bytes], path: Path) -> str:
    """Write a stream to a file, durably, and return its SHA-256."""
    total = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        while piece := stream.read(_PIECE_BYTES):
            total.update(piece)
            yield piece

    _write_file(path, pieces())
    return total.hexdigest()


def _understood(source: Path, text: bytes) -> Contents:
    try:
        members = json.loads(text)
        form, checksum = members["format"], members.pop("checksum", "")
        if form != _FORMAT and str(form).startswith(_FORMAT.rpartition(" ")[0]):
            raise InputError(f"{source}: is a backup of another version ({form}); restore it with that version")
        files = {name: Part(**part) for name, part in members["files"].items()}
        contents = Contents(members["made"], members["revision"], members["head"], files)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise not_whole(source, f"{_CONTENTS} is not understood") from fault
    if form != _FORMAT or checksum != _checksum(members) or not all(map(_NAME.fullmatch, files)):
        raise not_whole(source, f"{_CONTENTS} is not what was written")
    return contents


def _in_folder(source: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    files = (path for path in source.iterdir() if path.is_file() and not path.name.startswith("."))
    for path in sorted(files, key=lambda path: (path.name != _CONTENTS, path.name)):
        with _opened(path) as stream:
            yield path.name, path.stat().st_size, stream


def _in_archive(source: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    with _opened(source) as file:
        frame = _Frame(file)
        with tarfile.open(fileobj=frame, mode="r|") as archive:  # type: ignore[call-overload]  # it has `read`
            for info in archive:
                stream = archive.extractfile(info) if info.isreg() else None
                if stream is None:
                    raise tarfile.ReadError(f"{info.name} is no file")
                yield info.name, info.size, stream
        frame.finish()


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as fault:
        raise InputError(f"{path}: cannot be read ({fault.strerror}); make it readable") from fault


class _Frame:
    """What a Zstandard file holds, as tarfile reads it; knows whether the file is there to its end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._unpacker = zstandard.ZstdDecompressor().decompressobj()
        self._ready = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and (packed := self._file.read(_PACKED_BYTES)):
            self._ready += self._unpacker.decompress(packed)
        piece = bytes(self._ready[:size])
        del self._ready[:size]
        return piece

    def finish(self) -> None:
        """Raise unless the frame ends, and the file with it."""
        while self.read(_PIECE_BYTES):
            pass
        if not self._unpacker.eof or self._unpacker.unused_data:
            raise EOFError("the file is cut, or something follows")
