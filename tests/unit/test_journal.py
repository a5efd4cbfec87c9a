"""The journal keeps every accepted change: only an unfinished end may go, and every other damage is told."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import hmac
import io
import itertools
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coopkg import journal as journal_module
from coopkg import record, segments
from coopkg.errors import DiskFullError, StateDamaged
from coopkg.journal import Change, Journal, Origin, surviving
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.record import START
from coopkg.segments import HEAD_BYTES, head
from tests.builders import put_segments, segment

GRAPH = NamedNode("https://example.org/graph")
NOW = datetime(2025, 7, 2, 9, 30, tzinfo=UTC)
DAMAGE = "restore a backup with 'coopkg restore', or build into a new state folder"


def a_change(text: str, *, removed: str = "", origin: Origin | None = None) -> Change:
    def quads(value: str) -> frozenset[Quad]:
        return frozenset({Quad(GRAPH, GRAPH, Literal(value), GRAPH)} if value else ())

    return Change(quads(removed), quads(text), f"build {text}", origin=origin)


def a_journal(path: Path, *batches: list[Change]) -> list[int]:
    """Write batches; return the size of the file after each."""
    journal, sizes = Journal(path, writing=True), list[int]()
    for batch in batches:
        journal.append(batch, NOW)
        sizes.append(segment(path).stat().st_size)
    return sizes


def messages(journal: Journal) -> list[str]:
    return [revision.message for revision in journal.revisions]


def changes(journal: Journal) -> list[tuple[list[Quad], list[Quad]]]:
    return [journal.change(revision) for revision in journal.revisions]


def forged(path: Path, edit: Callable[[list[dict[str, Any]]], None]) -> None:
    """Write a journal of two batches (1; 2 and 3) anew with other headers, all its checksums and its chain right."""
    a_journal(path, [a_change("a")], [a_change("b"), a_change("c")])
    found = list(Journal(path).records())
    headers = [one.header for one, _ in found]
    edit(headers)
    written, previous = head(1, START), START
    for header, (one, block) in zip(headers, found, strict=True):
        if header.get("previous") != "kept":
            header["previous"] = previous
        made = record.packed(one.kind, header, block)
        written, previous = written + made, record.hash_of(made)
    put_segments(path, written)


# Round trip


def test_what_is_appended_is_read_again(tmp_path: Path) -> None:
    origin = Origin("data/sources/é.trig", "0" * 64, {"https://example.org/graph": "1" * 64})
    journal = Journal(tmp_path / "journal", writing=True)
    first = journal.append([a_change("a\n\r\u2028\x85é😀", origin=origin)], NOW)
    second = journal.append([a_change("b", removed="a"), a_change("", removed="b")], NOW)
    again = Journal(tmp_path / "journal")
    assert again.revisions == journal.revisions == first + second
    assert [revision.number for revision in again.revisions] == [1, 2, 3]
    assert [(revision.batch_index, revision.batch_size) for revision in again.revisions] == [(1, 1), (1, 2), (2, 2)]
    assert [(revision.removed, revision.added) for revision in again.revisions] == [(0, 1), (1, 1), (1, 0)]
    assert again.revisions[0].origin == origin
    assert again.revisions[0].time == "2025-07-02T09:30:00.000+00:00"
    assert changes(again)[0] == ([], list(a_change("a\n\r\u2028\x85é😀").add))
    assert changes(again)[1] == (list(a_change("a").add), list(a_change("b").add))
    assert changes(again)[2] == (list(a_change("b").add), [])


def test_a_revision_names_the_hash_of_the_one_before_it(tmp_path: Path) -> None:
    a_journal(tmp_path / "journal", [a_change("a"), a_change("b")], [a_change("c")])
    content = segment(tmp_path / "journal").read_bytes()
    revisions = Journal(tmp_path / "journal").revisions
    for before, after in itertools.pairwise(revisions):
        header = content[before.body_offset + before.body_bytes : after.body_offset]
        assert f'"previous": "{before.hash}"'.encode() in header
    assert len({revision.hash for revision in revisions}) == 3


def test_a_journal_that_does_not_exist_is_empty_and_reading_does_not_make_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    assert (journal.head, journal.head_hash, journal.revisions) == (0, "0" * 64, [])
    assert not (tmp_path / "journal").exists()


def test_appending_nothing_writes_nothing(tmp_path: Path) -> None:
    assert Journal(tmp_path / "journal", writing=True).append([]) == []
    assert not (tmp_path / "journal").exists()


def test_a_journal_opened_for_reading_cannot_be_written(tmp_path: Path) -> None:
    a_journal(tmp_path / "journal", [a_change("a")])
    with pytest.raises(io.UnsupportedOperation):
        Journal(tmp_path / "journal").append([a_change("b")])
    assert messages(Journal(tmp_path / "journal")) == ["build a"]


def test_a_journal_goes_on_where_it_ended(tmp_path: Path) -> None:
    for text in "abc":
        a_journal(tmp_path / "journal", [a_change(text)])
    assert messages(Journal(tmp_path / "journal")) == ["build a", "build b", "build c"]


# A torn end


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """Return a journal of a batch of one and a batch of two, and where the last batch begins."""
    path = tmp_path_factory.mktemp("torn") / "journal"
    sizes = a_journal(path, [a_change("a")], [a_change("b"), a_change("c")])
    return segment(path).read_bytes(), sizes[0]


@pytest.fixture
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fsync do nothing in tests that write thousands of files."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.mark.usefixtures("_fast")
def test_a_torn_end_is_set_aside_wherever_it_was_cut_and_the_journal_goes_on(
    tmp_path: Path, torn: tuple[bytes, int]
) -> None:
    content, whole = torn
    for cut in range(whole + 1, len(content)):
        path = tmp_path / str(cut) / "journal"
        path.parent.mkdir()
        put_segments(path, content[:cut])
        journal = Journal(path, writing=True)
        assert messages(journal) == ["build a"], cut
        assert segment(path).read_bytes() == content[:whole], cut
        assert path.with_name("journal.torn-2").read_bytes() == content[whole:cut], cut
        journal.append([a_change("d")])
        assert messages(Journal(path)) == ["build a", "build d"], cut
        assert len(changes(Journal(path))) == 2


@pytest.mark.usefixtures("_fast")
def test_the_first_batch_may_be_torn_as_well_and_the_first_line_never_is(
    tmp_path: Path, torn: tuple[bytes, int]
) -> None:
    content, whole = torn
    for cut in range(whole):
        path = tmp_path / str(cut) / "journal"
        path.parent.mkdir()
        put_segments(path, content[:cut])
        if cut < HEAD_BYTES:  # a segment appears under its name once that line is on the disk
            with pytest.raises(StateDamaged, match="does not begin as a segment"):
                Journal(path, writing=True)
        else:
            Journal(path, writing=True).append([a_change("d")])
            assert messages(Journal(path)) == ["build d"], cut


def test_reading_a_journal_with_a_torn_end_changes_nothing(tmp_path: Path, torn: tuple[bytes, int]) -> None:
    content, whole = torn
    path = tmp_path / "journal"
    for cut in range(whole, len(content), 7):
        put_segments(path, content[:cut])
        journal = Journal(path)
        assert messages(journal) == ["build a"]
        assert segment(path).read_bytes() == content[:cut]
    assert [entry.name for entry in tmp_path.iterdir()] == ["journal"]


def test_a_whole_journal_is_not_touched_when_it_is_opened_for_writing(tmp_path: Path, torn: tuple[bytes, int]) -> None:
    path = tmp_path / "journal"
    put_segments(path, torn[0])
    assert messages(Journal(path, writing=True)) == ["build a", "build b", "build c"]
    assert segment(path).read_bytes() == torn[0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["journal"]


def test_a_second_torn_end_does_not_overwrite_the_first(tmp_path: Path, torn: tuple[bytes, int]) -> None:
    content, whole = torn
    path = tmp_path / "journal"
    for cut in (whole + 5, whole + 9, whole + 3):
        put_segments(path, content[:cut])
        Journal(path, writing=True)
    assert {entry.name: entry.stat().st_size for entry in tmp_path.glob("*.torn-*")} == {
        "journal.torn-2": 5,
        "journal.torn-2-2": 9,
        "journal.torn-2-3": 3,
    }


# Other damage


def test_a_flipped_byte_anywhere_is_refused_and_nothing_is_dropped(tmp_path: Path, torn: tuple[bytes, int]) -> None:
    content, _ = torn
    path = tmp_path / "journal"
    put_segments(path, content)
    bodies = {
        offset
        for revision in Journal(path).revisions
        for offset in range(revision.body_offset, revision.body_offset + revision.body_bytes)
    }
    for offset in range(len(content)):
        damaged = bytearray(content)
        damaged[offset] ^= (0x01, 0x04, 0x10, 0xFF)[offset % 4]
        put_segments(path, damaged)
        with pytest.raises(StateDamaged, match=DAMAGE):
            Journal(path, writing=True)
        with pytest.raises(StateDamaged, match=DAMAGE):
            changes(Journal(path))  # one that reads meets a body when it asks for it
        lost = {1, 2, 3} - surviving(path).revisions.keys()
        assert lost == set() if offset in bodies else len(lost) <= 1, offset
        assert segment(path).read_bytes() == damaged, offset
    assert [entry.name for entry in tmp_path.iterdir()] == ["journal"]


@pytest.mark.parametrize("digit", range(10))
def test_a_wrong_length_never_makes_a_whole_record_look_torn(
    tmp_path: Path, torn: tuple[bytes, int], digit: int
) -> None:
    content, whole = torn
    path = tmp_path / "journal"
    offset = whole + len("R ") + digit
    for figure in b"0123456789":
        put_segments(path, content[:offset] + bytes([figure]) + content[offset + 1 :])
        if segment(path).read_bytes() != content:
            with pytest.raises(StateDamaged, match=f"no record begins at byte {whole}"):
                Journal(path, writing=True)


def records(content: bytes, path: Path) -> list[bytes]:
    """Return the magic line and each record of a journal."""
    put_segments(path, content)
    ends = [revision.body_offset + revision.body_bytes + 1 for revision in Journal(path).revisions]
    return [content[:HEAD_BYTES], *(content[begin:end] for begin, end in zip([HEAD_BYTES, *ends], ends, strict=False))]


@pytest.mark.parametrize(
    "order",
    [
        (0, 2, 3),
        (0, 1, 3),
        (0, 1, 1, 2, 3),
        (0, 1, 2, 2, 3),
        (0, 1, 3, 2),
        (0, 2, 1, 3),
        (0, 1, 2, 3, 3),
        (0, 1, 2, 3, 1),
    ],
    ids=str,
)
def test_a_record_that_is_removed_repeated_or_moved_is_refused(
    tmp_path: Path, torn: tuple[bytes, int], order: tuple[int, ...]
) -> None:
    parts = records(torn[0], tmp_path / "journal")
    put_segments(tmp_path / "journal", b"".join(parts[index] for index in order))
    with pytest.raises(StateDamaged, match="does not follow the one before it"):
        Journal(tmp_path / "journal", writing=True)


def test_the_records_of_another_journal_are_refused(tmp_path: Path, torn: tuple[bytes, int]) -> None:
    a_journal(tmp_path / "other", [a_change("x")], [a_change("y"), a_change("z")])
    mine = records(torn[0], tmp_path / "mine")
    other = records(segment(tmp_path / "other").read_bytes(), tmp_path / "other")
    put_segments(tmp_path / "journal", b"".join([*mine[:2], *other[2:]]))
    with pytest.raises(StateDamaged, match=r"record at byte \d+ does not follow the one before it"):
        Journal(tmp_path / "journal")
    put_segments(tmp_path / "journal", torn[0] + segment(tmp_path / "other").read_bytes())
    with pytest.raises(StateDamaged, match="no record begins at byte"):
        Journal(tmp_path / "journal")


@pytest.mark.parametrize("content", [b"coopkg-journal 2\n", b"\n", b"coopkg-journal 1 \n", b"\0" * 400, b"R 1", b""])
def test_a_segment_that_is_none_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    put_segments(tmp_path / "journal", content)
    with pytest.raises(StateDamaged, match=f"it does not begin as a segment of a journal; {DAMAGE}"):
        Journal(tmp_path / "journal", writing=True)
    assert segment(tmp_path / "journal").read_bytes() == content


def test_a_forged_journal_without_a_fault_is_read(tmp_path: Path) -> None:
    forged(tmp_path / "journal", lambda headers: None)
    assert len(changes(Journal(tmp_path / "journal"))) == 3


def put(index: int, **fields: Any) -> Callable[[list[dict[str, Any]]], None]:
    return lambda headers: headers[index].update(fields)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put(1, batch=[1, 1]), "revision 3 is out of its batch"),
        (put(1, batch=[1, 3]), "revision 3 is out of its batch"),
        (put(1, batch=[2, 2]), "revision 2 is out of its batch"),
        (put(2, batch=[2, 3]), "revision 3 is out of its batch"),
        (put(2, batch=[1, 1]), "revision 3 is out of its batch"),
        (put(0, batch=[1, 2]), "revision 2 is out of its batch"),
        (put(0, batch=[1, 0]), "revision 1 is out of its batch"),
        (put(0, batch=[0, 0]), "revision 1 is out of its batch"),
        (put(0, batch=[1]), "not understood"),
        (put(0, batch="11"), "not understood"),
        (put(0, batch=[1.0, 1]), "not understood"),
        (put(1, revision=3), "revision 3 does not follow"),
        (put(1, revision="2"), "not understood"),
        (put(0, revision=True), "not understood"),
        (put(0, previous="kept"), "does not follow the one before it"),
        (put(2, body={"bytes": -1, "sha256": ""}), "not understood"),
        (put(2, body={"bytes": "1", "sha256": ""}), "not understood"),
        (put(2, body=[]), "not understood"),
        (put(0, origin={}), "not understood"),
        (put(0, origin="x"), "not understood"),
        (put(0, message=None), "not understood"),
        (put(0, removed=-1), "not understood"),
        (lambda headers: headers[0].pop("author"), "not understood"),
    ],
)
def test_a_header_that_is_wrong_under_right_checksums_is_refused(
    tmp_path: Path, edit: Callable[[list[dict[str, Any]]], None], said: str
) -> None:
    forged(tmp_path / "journal", edit)
    with pytest.raises(StateDamaged, match=said):
        Journal(tmp_path / "journal", writing=True)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put(0, added=2), "another number of lines"),
        (put(0, removed=1), "another number of lines"),
        (put(0, body={"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}), "no line end"),
    ],
)
def test_a_body_that_is_not_what_its_header_says_is_refused(
    tmp_path: Path, edit: Callable[[list[dict[str, Any]]], None], said: str
) -> None:
    forged(tmp_path / "journal", edit)
    with pytest.raises(StateDamaged, match=said):
        changes(Journal(tmp_path / "journal"))


@pytest.mark.parametrize("patch", [b"A <http://a> \n", b"X <http://a> <http://a> <http://a> .\n", b"A \xff\n", None])
def test_a_body_that_is_no_patch_is_refused(tmp_path: Path, patch: bytes | None) -> None:
    path = tmp_path / "journal"
    a_journal(path, [a_change("a")])
    ((one, _),) = Journal(path).records()
    block, body = record.sealed(patch or b"")
    if patch is None:
        block = block[:32] + b"not zlib"
        body = {"bytes": len(block), "commitment": hmac.new(block[:32], b"not zlib", hashlib.sha256).hexdigest()}
    put_segments(path, head(1, START) + record.packed("R", {**one.header, "body": body}, block))
    journal = Journal(path)
    with pytest.raises(StateDamaged, match="the body of revision 1"):
        journal.change(journal.revisions[0])


# A full disk


FILL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {source!r})
from coopkg.errors import DiskFullError
from coopkg.journal import Change, Journal
from coopkg.rdf import Literal, NamedNode, Quad
path, room = Path({path!r}), {room}
journal = Journal(path, writing=True)
segment = path / "current" / "000000001"
size = segment.stat().st_size if path.exists() else 0
graph = NamedNode("https://example.org/graph")
def change(text):
    return Change(frozenset(), frozenset({{Quad(graph, graph, Literal(text), graph)}}), text[:20])
resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, resource.RLIM_INFINITY))
try:
    journal.append([change("one"), change("two")])
except DiskFullError as fault:
    print(fault)
else:
    sys.exit("no DiskFullError")
assert not size or segment.stat().st_size == size
assert not journal.revisions[{before}:], journal.revisions
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append([change("three")])
"""


@pytest.mark.parametrize(("room", "before"), [(0, 1), (1, 0), (300, 1), (900, 0), (160, 0)])
def test_a_full_disk_leaves_the_journal_as_it_was_and_is_told(tmp_path: Path, room: int, before: int) -> None:
    path = tmp_path / "journal"
    a_journal(path, *[[a_change("a")]] * before)
    source = str(Path(journal_module.__file__).parent.parent)
    program = FILL.format(source=source, path=str(path), room=room, before=before)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{path}: cannot be written (File too large); free some room and run the command again" in done.stdout
    assert messages(Journal(path)) == [*["build a"] * before, "three"]


def test_a_write_that_fails_half_way_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    a_journal(path, [a_change("a")])
    before = segment(path).read_bytes()
    journal = Journal(path, writing=True)

    def half(file: io.FileIO, content: bytes) -> None:
        file.write(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(segments, "_write_bytes", half)
        with pytest.raises(DiskFullError, match="No space left on device"):
            journal.append([a_change("b")])
    assert segment(path).read_bytes() == before
    journal.append([a_change("c")])
    assert messages(Journal(path)) == ["build a", "build c"]


# A sync that fails


class FailingSync:
    """An `os.fsync` that fails once or for ever, as a disk does that loses pages; counts what it is asked."""

    def __init__(self, *, times: int, folders: bool = False) -> None:
        self.asked = 0
        self._times = times
        self._folders = folders

    def __call__(self, handle: int) -> None:
        if self._folders and not stat.S_ISDIR(os.fstat(handle).st_mode):
            return
        self.asked += 1
        if self.asked <= self._times:
            raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize(("batches", "folders"), [(1, False), (2, False)])
def test_a_sync_that_fails_ends_the_writer_and_nothing_of_the_batch_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batches: int, folders: bool
) -> None:
    path = tmp_path / "journal"
    a_journal(path, *[[a_change("a")]] * batches)
    journal, before = Journal(path, writing=True), segment(path).read_bytes()
    sync = FailingSync(times=1, folders=folders)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", sync)
        with pytest.raises(DiskFullError, match=r"its last sync failed .Input/output error.; look at the disk, then"):
            journal.append([a_change("b"), a_change("c")])
        assert segment(path).read_bytes() == before
        for _ in range(2):  # the disk would take it now: a sync that succeeds would answer for pages that are lost
            with pytest.raises(DiskFullError, match="nothing more is written here: its last sync failed"):
                journal.append([a_change("d")])
    assert journal.head == batches
    assert segment(path).read_bytes() == before
    Journal(path, writing=True).append([a_change("e")])
    assert messages(Journal(path)) == [*["build a"] * batches, "build e"]


def test_a_sync_that_is_stopped_by_a_signal_ends_the_writer_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_journal(tmp_path / "journal", [a_change("a")])
    journal = Journal(tmp_path / "journal", writing=True)
    asked = list[int]()

    def interrupted(handle: int) -> None:
        asked.append(handle)
        if len(asked) == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.append([a_change("b")])
    with pytest.raises(DiskFullError, match="nothing more is written here"):
        journal.append([a_change("c")])
    assert messages(Journal(tmp_path / "journal")) == ["build a"]


def test_a_cut_that_fails_as_well_says_that_the_end_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_journal(tmp_path / "journal", [a_change("a")])
    journal = Journal(tmp_path / "journal", writing=True)
    monkeypatch.setattr(os, "fsync", FailingSync(times=2))
    with pytest.raises(DiskFullError, match=r"its end is not known .* 'coopkg verify'"):
        journal.append([a_change("b")])


def test_the_name_of_a_new_segment_is_synced_and_that_of_an_old_one_need_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = FailingSync(times=0, folders=True)
    monkeypatch.setattr(os, "fsync", sync)
    journal = Journal(tmp_path / "journal", writing=True, segment_max_bytes=900)
    journal.append([a_change("a")])
    assert sync.asked == 4  # the edition twice, the journal, the state folder
    journal.append([a_change("b")])
    assert sync.asked == 4
    journal.append([a_change("c")])
    assert (segment(tmp_path / "journal", 2).exists(), sync.asked) == (True, 5)


def test_a_torn_end_that_cannot_be_set_aside_stays(
    tmp_path: Path, torn: tuple[bytes, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal"
    put_segments(path, torn[0][:-1])

    def no_fsync(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_fsync)
    with pytest.raises(DiskFullError, match="incomplete end cannot be set aside"):
        Journal(path, writing=True)
    assert segment(path).read_bytes() == torn[0][:-1]


def test_a_body_that_was_changed_is_refused_before_anything_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    a_journal(path, [a_change("a")], [a_change("b")])
    first = Journal(path).revisions[0]
    content = bytearray(segment(path).read_bytes())
    content[first.body_offset + first.body_bytes // 2] ^= 1
    put_segments(path, content)
    with pytest.raises(StateDamaged, match="the body of revision 1 has another checksum"):
        Journal(path, writing=True)
    assert segment(path).read_bytes() == content


def test_a_journal_that_something_else_wrote_to_is_not_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    a_journal(path, [a_change("a")])
    journal = Journal(path, writing=True)
    a_journal(path, [a_change("b")])
    before = segment(path).read_bytes()
    with pytest.raises(StateDamaged, match="something else wrote to it"):
        journal.append([a_change("c")])
    assert segment(path).read_bytes() == before


# Idempotency


def test_a_revision_is_found_by_the_key_of_its_request_also_after_a_restart(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", writing=True)
    assert journal.asked("k") is None
    journal.append([dataclasses.replace(a_change("a"), key="k", asked="what")])
    journal.append([a_change("b")])
    for one in (journal, Journal(tmp_path / "journal")):
        found = one.asked("k")
        assert found is not None
        assert (found.number, found.key, found.asked) == (1, "k", "what")
        assert one.asked("") is None
        assert one.asked("other") is None
