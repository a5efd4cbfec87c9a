"""A backup's file or folder is believed when it is whole and what was written, and at no other time."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from coopkg import archive
from coopkg.archive import Contents, Member
from coopkg.errors import InputError, StateDamaged

JOURNAL = b"coopkg-journal 1\n" + bytes(range(256)) * 3
FORMS = ("kept.tar.zst", "kept")


def members(content: bytes = JOURNAL) -> list[Member]:
    return [Member("journal", len(content), io.BytesIO(content)), Member("built.json", 3, io.BytesIO(b"{}\n"))]


def written(target: Path, content: bytes = JOURNAL) -> Contents:
    parts = members(content)
    contents = Contents("2026-11-28T10:00:00+00:00", 3, "f" * 64, {member.name: member.part() for member in parts})
    archive.write(target, contents, parts)
    return contents


def unpacked(source: Path, folder: Path) -> Contents:
    folder.mkdir()
    return archive.read(source, folder)


def packed(names: dict[str, bytes], *, kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return an archive of any members, as a stranger could make it."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as made:
        for name, content in names.items():
            info = tarfile.TarInfo(name)
            info.type, info.size = (kind, 0) if name == "journal" else (tarfile.REGTYPE, len(content))
            info.size = len(content) if info.type == tarfile.REGTYPE else 0
            info.linkname = "/etc/passwd"
            made.addfile(info, io.BytesIO(content))
    return zstandard.compress(raw.getvalue())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [JOURNAL, b"", os.urandom(200_000), bytes(3_000_000)], ids=len)
def test_what_is_written_is_read_again(tmp_path: Path, form: str, content: bytes) -> None:
    said = written(tmp_path / form, content)
    assert unpacked(tmp_path / form, tmp_path / "out") == said
    assert (tmp_path / "out" / "journal").read_bytes() == content
    assert (tmp_path / "out" / "built.json").read_bytes() == b"{}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [form, "out"]


def test_a_backup_says_what_it_is_to_whoever_opens_it(tmp_path: Path) -> None:
    written(tmp_path / FORMS[0])
    raw = zstandard.ZstdDecompressor().stream_reader(io.BytesIO((tmp_path / FORMS[0]).read_bytes())).read()
    with tarfile.open(fileobj=io.BytesIO(raw)) as opened:
        assert opened.getnames() == ["backup.json", "journal", "built.json"]
        first = opened.extractfile("backup.json")
        assert first is not None
        said = json.load(first)
    assert "coopkg restore" in said["about"]
    assert (said["format"], said["revision"]) == ("coopkg-backup 2", 3)


@pytest.fixture
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fsync do nothing in tests that write thousands of files."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.mark.usefixtures("_fast")
def test_a_backup_that_is_cut_anywhere_is_refused(tmp_path: Path) -> None:
    written(tmp_path / FORMS[0])
    content = (tmp_path / FORMS[0]).read_bytes()
    cut = tmp_path / "cut.tar.zst"
    for length in range(len(content)):
        cut.write_bytes(content[:length])
        with pytest.raises(StateDamaged, match=r"cut.tar.zst: is no whole backup of coopkg"):
            unpacked(cut, tmp_path / f"out-{length}")


@pytest.mark.usefixtures("_fast")
def test_a_backup_with_a_flipped_byte_anywhere_is_refused_or_still_says_the_same(tmp_path: Path) -> None:
    """The compressed form has bits that say nothing of the content, such as the size of a window."""
    said = written(tmp_path / FORMS[0])
    content, harmless = (tmp_path / FORMS[0]).read_bytes(), 0
    other = tmp_path / "other.tar.zst"
    for offset in range(len(content)):
        damaged = bytearray(content)
        damaged[offset] ^= (0x01, 0x10, 0x80, 0xFF)[offset % 4]
        other.write_bytes(damaged)
        with contextlib.suppress(StateDamaged, InputError):
            assert unpacked(other, tmp_path / f"out-{offset}") == said, offset
            assert (tmp_path / f"out-{offset}" / "journal").read_bytes() == JOURNAL, offset
            harmless += 1
    assert harmless < len(content) / 50


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize("name", ["backup.json", "journal", "built.json"])
def test_a_folder_with_a_flipped_a_missing_or_a_longer_file_is_refused(tmp_path: Path, name: str) -> None:
    written(tmp_path / "kept")
    path = tmp_path / "kept" / name
    content = path.read_bytes()
    for number, damaged in enumerate(
        [content[:offset] + bytes([content[offset] ^ 1]) + content[offset + 1 :] for offset in range(len(content))]
        + [content[:-2], content + b" x", b""]
    ):
        path.write_bytes(damaged)
        with pytest.raises((StateDamaged, InputError), match=r"kept: is (no whole|a) backup of"):
            unpacked(tmp_path / "kept", tmp_path / f"out-{number}")
    path.unlink()
    with pytest.raises(StateDamaged, match=f"it lacks {name}" if name != "backup.json" else "does not begin with"):
        unpacked(tmp_path / "kept", tmp_path / "out")


def test_a_folder_may_hold_what_a_file_manager_hides_in_it(tmp_path: Path) -> None:
    said = written(tmp_path / "kept")
    (tmp_path / "kept" / ".DS_Store").write_bytes(b"x")
    assert unpacked(tmp_path / "kept", tmp_path / "out") == said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty file"),
        (b"not compressed", "no whole backup"),
        (zstandard.compress(b"no archive"), "no whole backup"),
        (packed({}), "does not begin with backup.json"),
        (packed({"notes.txt": b"x"}), "does not begin with backup.json"),
        (packed({"backup.json": b"no json"}), "not understood"),
        (packed({"backup.json": b"[]"}), "not understood"),
        (packed({"backup.json": b'{"format": "x", "made": 1, "revision": 1, "head": 1, "files": {}}'}), "not what was"),
        (packed({"backup.json": bytes(2 << 20)}), "does not begin with backup.json"),
    ],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "other.tar.zst").write_bytes(content)
    with pytest.raises(StateDamaged, match=says):
        unpacked(tmp_path / "other.tar.zst", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_backup_of_another_version_is_told_as_such(tmp_path: Path) -> None:
    about = json.dumps({"format": "coopkg-backup 3", "anything": "else"}).encode()
    (tmp_path / "other.tar.zst").write_bytes(packed({"backup.json": about}))
    with pytest.raises(InputError, match=r"of another version \(coopkg-backup 3\); restore it with that version"):
        unpacked(tmp_path / "other.tar.zst", tmp_path / "out")


@pytest.mark.parametrize(
    "change",
    [
        lambda names: {**names, "../escaped": b"x"},
        lambda names: {**names, "/tmp/escaped": b"x"},  # noqa: S108  # a place that must not be written
        lambda names: {**names, "journal": JOURNAL + b"x"},
        lambda names: {name: names[name] for name in ("backup.json", "built.json")},
        lambda names: {name: names[name] for name in ("journal", "backup.json", "built.json")},
    ],
)
def test_members_that_are_not_announced_are_refused_and_nothing_escapes(
    tmp_path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]
) -> None:
    written(tmp_path / "kept")
    names = {
        path.name: path.read_bytes()
        for path in sorted((tmp_path / "kept").iterdir(), key=lambda p: p.name != "backup.json")
    }
    (tmp_path / "other.tar.zst").write_bytes(packed(change(names)))
    with pytest.raises(StateDamaged, match="no whole backup"):
        unpacked(tmp_path / "other.tar.zst", tmp_path / "out")
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE])
def test_a_member_that_is_no_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    written(tmp_path / "kept")
    names = {name: (tmp_path / "kept" / name).read_bytes() for name in ("backup.json", "journal", "built.json")}
    (tmp_path / "other.tar.zst").write_bytes(packed(names))
    assert unpacked(tmp_path / "other.tar.zst", tmp_path / "good").revision == 3
    (tmp_path / "other.tar.zst").write_bytes(packed(names, kind=kind))
    with pytest.raises(StateDamaged, match="journal is no file"):
        unpacked(tmp_path / "other.tar.zst", tmp_path / "out")


def test_names_that_lead_out_of_the_folder_are_refused_even_when_they_are_announced(tmp_path: Path) -> None:
    parts = [Member("../escaped", 1, io.BytesIO(b"x"))]
    archive.write(tmp_path / FORMS[0], Contents("", 1, "", {part.name: part.part() for part in parts}), parts)
    with pytest.raises(StateDamaged, match="not what was written"):
        unpacked(tmp_path / FORMS[0], tmp_path / "out")
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("form", FORMS)
def test_what_is_there_already_is_never_written_over(tmp_path: Path, form: str) -> None:
    written(tmp_path / form)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="is there already; choose another name"):
        written(tmp_path / form, b"other")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["kept.zip", "kept.tar", "kept.tar.gz", "kept.zst"])
def test_a_name_of_another_kind_of_archive_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"a folder, or a file whose name ends in \.tar\.zst; rename it"):
        archive.refuse_target(tmp_path / name)


@pytest.mark.parametrize("form", FORMS)
def test_a_backup_that_fails_half_way_leaves_nothing(tmp_path: Path, form: str) -> None:
    shorter = [Member("journal", 1_000_000, io.BytesIO(os.urandom(900_000)))]
    with pytest.raises((StateDamaged, OSError)):
        archive.write(tmp_path / form, Contents("", 1, "", {}), shorter)
    assert list(tmp_path.iterdir()) == []


_FILL = """
import io, resource, sys
from pathlib import Path
from coopkg.archive import Contents, Member, write
content = bytes(range(256)) * 4000
import random
content = random.Random(1).randbytes(len(content))
member = Member("journal", len(content), io.BytesIO(content))
contents = Contents("", 1, "", {"journal": member.part()})
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))
try:
    write(Path(sys.argv[1]), contents, [member])
except OSError as fault:
    print(fault.strerror)
"""


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FILL, str(tmp_path / form)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "File too large"), done.stderr
    assert list(tmp_path.iterdir()) == []
