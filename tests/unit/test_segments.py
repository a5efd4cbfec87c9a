"""The segments of a journal: whatever is done to their bytes, no acknowledged revision is lost in silence."""

from __future__ import annotations

import errno
import os
import random
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coopkg import record
from coopkg.errors import DiskFullError, StateDamaged
from coopkg.journal import Change, Journal
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.segments import head
from tests.builders import put_segments, segment

GRAPH = NamedNode("https://example.org/graph")
NOW = datetime(2025, 7, 2, 9, 30, tzinfo=UTC)
DAMAGE = "restore a backup with 'coopkg restore', or build into a new state folder"


def a_change(text: str) -> Change:
    return Change(frozenset(), frozenset({Quad(GRAPH, GRAPH, Literal(text), GRAPH)}), f"build {text}")


def a_long_journal(path: Path, batches: int = 6) -> list[bytes]:
    """Write a journal of one segment a batch, every third batch of two; return its segments."""
    journal = Journal(path, writing=True, segment_max_bytes=1)
    for number in range(batches):
        journal.append([a_change(f"{number}-{part}") for part in range(1 + (number % 3 == 2))], NOW)
    return [file.read_bytes() for file, _ in journal.files()]


def messages(path: Path) -> list[str]:
    return [revision.message for revision in Journal(path).revisions]


@pytest.fixture
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fsync do nothing in tests that write many files."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def test_a_new_segment_begins_once_the_last_one_is_long_and_no_batch_straddles_two(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path, writing=True, segment_max_bytes=1500)
    for number in range(9):
        journal.append([a_change(f"{number}-{part}") for part in range(3)], NOW)
    again = Journal(path, writing=True, segment_max_bytes=1500)
    assert again.revisions == journal.revisions
    assert {revision.segment for revision in again.revisions} == set(range(1, 10)), "each batch is beyond the bound"
    assert all(file.read_bytes().startswith(b"coopkg-journal 2 ") for file, _ in again.files())
    assert all(again.change(revision)[1] for revision in again.revisions)


def test_the_journal_goes_on_in_the_last_segment_when_that_is_short(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    a_long_journal(path, 2)
    Journal(path, writing=True).append([a_change("x")])
    assert [revision.segment for revision in Journal(path).revisions] == [1, 2, 2]


def test_a_segment_that_a_kill_left_empty_or_unnamed_is_used(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    a_long_journal(path, 2)
    segment(path, 3).write_bytes(head(3, Journal(path).head_hash))
    (path / "current" / "000000004.new").write_bytes(b"coop")
    for text in "xy":
        Journal(path, writing=True, segment_max_bytes=400).append([a_change(text)])
    assert [revision.segment for revision in Journal(path, writing=True).revisions] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "order", [(0, 2, 3), (1, 2, 3), (0, 2, 1, 3), (0, 1, 1, 2, 3), (0, 0, 1, 2, 3), (0, 1, 3, 2), (3,), (0, 1, 2, 3, 3)]
)
def test_a_segment_that_is_missing_added_or_moved_is_refused(tmp_path: Path, order: tuple[int, ...]) -> None:
    parts = a_long_journal(tmp_path / "journal", 4)
    put_segments(tmp_path / "journal", *(parts[index] for index in order))
    with pytest.raises(StateDamaged, match=f"does not follow the segment before it; {DAMAGE}"):
        Journal(tmp_path / "journal", writing=True)


@pytest.mark.parametrize("name", ["000000002", "000000006", "notes.txt", "0", "000000000"])
def test_a_gap_or_a_stranger_among_the_segments_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "journal"
    a_long_journal(path, 4)
    if name == "000000002":
        segment(path, 2).unlink()
    else:
        (path / "current" / name).write_bytes(b"x")
    with pytest.raises(StateDamaged, match=f"a segment is missing, or .* is none of it; {DAMAGE}"):
        Journal(path, writing=True)


def test_an_earlier_segment_that_was_cut_is_refused_wherever(tmp_path: Path) -> None:
    parts = a_long_journal(tmp_path / "journal", 4)
    for index in range(3):
        for cut in range(0, len(parts[index]), 3):
            put_segments(tmp_path / "journal", *(p[:cut] if i == index else p for i, p in enumerate(parts)))
            with pytest.raises(StateDamaged, match=DAMAGE):
                Journal(tmp_path / "journal", writing=True)


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize("seed", range(120))
def test_whatever_is_done_to_the_bytes_no_acknowledged_revision_is_lost_silently(tmp_path: Path, seed: int) -> None:
    """Refused, or set aside; or what is left is, byte for byte, the journal as it was once.

    That last state no journal can tell from the truth; the manifest of the published generation does
    (test_safekeeping.py).
    """
    chance = random.Random(seed)  # noqa: S311  # random cases, the same in each run
    path = tmp_path / "journal"
    parts = a_long_journal(path, chance.randint(2, 6))
    before = Journal(path).revisions
    damaged = mutated(parts, chance)
    put_segments(path, *damaged)
    try:
        journal = Journal(path, writing=True)
    except StateDamaged as fault:
        refusal = str(fault)
        assert DAMAGE in refusal
        return
    assert journal.revisions == before[: journal.head], "what is left is the beginning of what was"
    assert all(journal.change(revision)[1] for revision in journal.revisions)
    aside = journal.set_aside.read_bytes() if journal.set_aside else b""
    assert journal.head == len(before) or aside or b"".join(parts).startswith(b"".join(damaged))


def mutated(parts: list[bytes], chance: random.Random) -> list[bytes]:
    """Return segments with one thing done to them."""
    made, index = list(parts), chance.randrange(len(parts))
    content = bytearray(parts[index])
    at, length = chance.randrange(len(content)), chance.randint(1, 400)
    match chance.choice(["flip", "cut", "take", "insert", "double", "zero", "swap", "lose"]):
        case "flip":
            content[at] ^= 1 << chance.randrange(8)
        case "cut":
            del content[at:]
        case "take":
            del content[at : at + length]
        case "insert":
            content[at:at] = chance.randbytes(length)
        case "double":
            content[at:at] = content[at : at + length]
        case "zero":
            content[at : at + length] = bytes(len(content[at : at + length]))
        case "swap":
            other = chance.randrange(len(parts))
            made[index], made[other] = made[other], made[index]
            return made
        case _:
            return made[:index] + made[index + 1 :]
    made[index] = bytes(content)
    return made


class FailingSync:
    """An `os.fsync` that fails the nth time, of folders alone or of whatever is asked."""

    def __init__(self, *, folders: bool) -> None:
        self.asked = 0
        self._folders = folders

    def __call__(self, handle: int) -> None:
        if self._folders and not stat.S_ISDIR(os.fstat(handle).st_mode):
            return
        self.asked += 1
        if self.asked == 1:
            raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("batches", [0, 2])
@pytest.mark.parametrize("folders", [False, True])
def test_a_new_segment_that_cannot_be_synced_ends_the_writer_and_nothing_of_the_batch_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batches: int, folders: bool
) -> None:
    path = tmp_path / "journal"
    a_long_journal(path, batches)
    before = messages(path)
    journal = Journal(path, writing=True, segment_max_bytes=1)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", FailingSync(folders=folders))
        with pytest.raises(DiskFullError, match=r"segment could not be made durable .Input/output error.; look at"):
            journal.append([a_change("b")])
        with pytest.raises(DiskFullError, match="nothing more is written here: a new segment"):
            journal.append([a_change("c")])
    assert messages(path) == before
    Journal(path, writing=True, segment_max_bytes=1).append([a_change("e")])
    assert messages(path) == [*before, "build e"]


@pytest.mark.parametrize("target", ["edition-x", "..", "edition-7", "elsewhere/edition-1"])
def test_a_link_that_leads_to_no_edition_is_refused_and_nothing_is_swept(tmp_path: Path, target: str) -> None:
    path = tmp_path / "journal"
    a_long_journal(path, 1)
    (path / "current").unlink()
    (path / "current").symlink_to(target)
    with pytest.raises(StateDamaged, match=DAMAGE):
        Journal(path, writing=True)
    (path / "current").unlink()
    with pytest.raises(StateDamaged, match="has no link 'current'"):
        Journal(path, writing=True)
    assert (path / "edition-1" / "000000001").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"coopkg-journal 1\nR 0", "an earlier version of coopkg wrote this; build into a new state folder"),
        (b"PK\x03\x04", f"is no journal .*{DAMAGE}"),
        (b"", f"is no journal .*{DAMAGE}"),
    ],
)
def test_a_file_in_place_of_the_journal_is_refused_and_left(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "journal").write_bytes(content)
    with pytest.raises(StateDamaged, match=said):
        Journal(tmp_path / "journal", writing=True)
    assert (tmp_path / "journal").read_bytes() == content


@pytest.mark.parametrize("max_bytes", [1, 1500, 1 << 20])
def test_a_reader_follows_a_journal_and_reads_what_is_new_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, max_bytes: int
) -> None:
    path, read = tmp_path / "journal", list[int]()
    writer = Journal(path, writing=True, segment_max_bytes=max_bytes)
    writer.append([a_change("first")], NOW)
    reader = Journal(path)
    understood = record.understood

    def counted(*told: Any) -> record.Record:
        read.append(1)
        return understood(*told)

    for number in range(5):
        writer.append([a_change(f"{number}-{part}") for part in range(1 + number % 2)], NOW)
        with monkeypatch.context() as patched:
            patched.setattr(record, "understood", counted)
            assert reader.follow() is reader
        assert reader.revisions == writer.revisions
        assert reader.change(reader.revisions[-1])[1]
    assert len(read) == len(writer.revisions) - 1, "a record was read twice"


def test_a_reader_that_follows_leaves_a_batch_that_is_not_whole_and_reads_it_later(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    writer = Journal(path, writing=True)
    writer.append([a_change("first")], NOW)
    reader, short = Journal(path), segment(path).read_bytes()
    writer.append([a_change("second"), a_change("third")], NOW)
    whole = segment(path).read_bytes()
    for end in range(len(short), len(whole), 97):
        segment(path).write_bytes(whole[:end])
        assert len(reader.follow().revisions) == 1
    segment(path).write_bytes(whole)
    assert [one.message for one in reader.follow().revisions] == ["build first", "build second", "build third"]


def test_a_reader_that_follows_a_journal_that_was_put_in_its_place_reads_that_one(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    Journal(path, writing=True).append([a_change("first")], NOW)
    reader = Journal(path)
    path.rename(tmp_path / "aside")
    Journal(path, writing=True).append([a_change("another"), a_change("one more")], NOW)
    assert [one.message for one in reader.follow().revisions] == ["build another", "build one more"]
