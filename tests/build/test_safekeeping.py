"""verify, backup, restore: a damage is found wherever it is, a copy is whole, and what was there is never lost."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from coopkg import gate, upkeep
from coopkg.content import Content
from coopkg.errors import (
    CoopkgError,
    DiskFullError,
    InputError,
    NothingPublished,
    RevisionsLost,
    StateDamaged,
    StateLocked,
    WriteConflict,
)
from coopkg.journal import Change, Journal, Revision
from coopkg.judge import Rulebook
from coopkg.lock import locked
from coopkg.rdf import Literal, NamedNode, Quad
from tests.build.running import Place, names_at, serving
from tests.build.test_kills import _INTERRUPTED
from tests.builders import ID, a_tiny_content, a_tiny_source, put_segments, segment
from tests.conftest import clean_environ

A_PAGE = "data/sources/a-page.trig"
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A small graph of four revisions in two generations; do not change it."""
    folder = tmp_path_factory.mktemp("safekeeping")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.build()
    place.swap(A_PAGE, "Un projet", "Un nom")
    place.build()
    return place


@pytest.fixture
def place(published: Place, tmp_path: Path) -> Place:
    """A copy of it, to change."""
    copy = Place(tmp_path / "content", tmp_path / "state")
    shutil.copytree(published.content, copy.content)
    shutil.copytree(published.state, copy.state, symlinks=True)
    return copy


@pytest.fixture
def kept(published: Place, tmp_path: Path) -> Path:
    """A backup of it."""
    upkeep.backup(published.settings, {}, tmp_path / "kept.tar.zst")
    return tmp_path / "kept.tar.zst"


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 0x04
    path.unlink()  # hard links would carry the damage into other generations
    path.write_bytes(content)


def propose(place: Place, slug: str, old: str, new: str) -> None:
    """Let somebody rename a project in the store."""
    where = NamedNode(f"https://w3id.org/coopkg/graph/{slug}")
    before, after = (
        frozenset({Quad(NamedNode(f"{ID}project/{slug}"), LABEL, Literal(name, language="fr"), where)})
        for name in (old, new)
    )
    with gate.opened(place.state, Rulebook.of(Content(place.content)), 3, lambda _: None) as writer:
        writer.propose([Change(before, after, "a contribution", author="a contributor")])


# ---------------------------------------------------------------------------------------------- verify


def test_a_state_folder_in_order_is_verified(place: Place) -> None:
    found = upkeep.verify(place.settings, {})
    assert (found.head, found.generations, found.published, found.unfinished_bytes) == (4, (3, 4), 4, 0)
    assert found.digest == place.manifest().digest
    assert found.statements == place.manifest().asserted
    done = place.run("verify")
    assert (done.returncode, done.stdout.splitlines()[0].split()) == (
        0,
        ["journal", "4", "révisions,", "chaîne", "et", "contenus", "intacts"],
    )
    assert f"digest {found.digest}" in place.run("--lang", "en", "verify").stdout


def test_nothing_to_verify_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished):
        upkeep.verify(Place(tmp_path, tmp_path / "state").settings, {})


def test_a_flipped_byte_anywhere_in_the_journal_is_found_and_refuses_the_build(place: Place) -> None:
    journal = place.segment
    content = journal.read_bytes()
    for offset in range(0, len(content), 41):
        flip(journal, offset)
        with pytest.raises(StateDamaged, match="restore a backup with 'coopkg restore'"):
            upkeep.verify(place.settings, {})
        journal.write_bytes(content)
    upkeep.verify(place.settings, {})
    flip(journal, Journal(place.state / "journal").revisions[0].body_offset + 5)
    done = place.run("build")
    assert done.returncode == 7
    assert "the body of revision 1 has another checksum; restore a backup with 'coopkg restore'" in done.stderr
    assert place.run("verify").returncode == 7


def test_a_torn_tail_is_told_and_every_acknowledged_revision_stays(place: Place) -> None:
    journal = place.segment
    content = journal.read_bytes()
    last = Journal(place.state / "journal").revisions[-1]
    shutil.rmtree(place.state / "generations")
    journal.write_bytes(content + content[len(content) - last.body_bytes - 300 : -20])
    with pytest.raises(StateDamaged):  # what follows is no record
        upkeep.verify(place.settings, {})
    _truncated(place, content, last.body_offset + 4)
    third = Journal(place.state / "journal")
    assert (third.head, third.unfinished_bytes > 0) == (3, True)
    found = upkeep.verify(place.settings, {})
    assert (found.head, found.published) == (3, 0)
    told = place.run("--lang", "en", "verify")
    assert "bytes of an unfinished revision, which does not count" in told.stderr
    assert "the journal is ahead of what is published (revision 0)" in told.stderr
    assert place.run("verify").returncode == 0
    place.build()
    assert (place.state / "journal.torn-4").exists()
    assert place.journal().head == 4


def _truncated(place: Place, content: bytes, length: int) -> None:
    place.segment.write_bytes(content[:length])


def test_a_flipped_byte_in_any_file_of_a_generation_is_found_and_named(place: Place) -> None:
    for folder in sorted(path for path in (place.state / "generations").iterdir() if not path.is_symlink()):
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size):
            content = path.read_bytes()
            flip(path, len(content) // 2)
            with pytest.raises(StateDamaged, match=rf"{folder.name}.*remove {folder} and build again"):
                upkeep.verify(place.settings, {})
            path.write_bytes(content)
    upkeep.verify(place.settings, {})


def _rewritten(place: Place, edit: Callable[[dict[str, object]], None]) -> None:
    """Change the manifest of what is published, all its checksums right."""
    from coopkg.generations import BuiltFile, HeldGraph, Manifest, _digest, _text

    path = place.state / "generations" / "current" / "generation.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    built = {name: BuiltFile(**file) for name, file in content["built"].items()}
    graphs = {name: HeldGraph(**held) for name, held in content["graphs"].items()}
    manifest = Manifest(**{**content, "built": built, "graphs": graphs})
    content["checksums"]["generation.json"] = _digest(_text(manifest))
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("member", "value", "says"),
    [
        (
            "digest",
            "0" * 64,
            "that its manifest names .000000000000.*is not the one that the journal gives at revision 4",
        ),
        ("revision", 9, "is of revision 9, but the journal ends with revision 4; restore a backup"),
        ("head", "0" * 64, "is of another journal than the one beside it; restore a backup"),
        ("asserted", 99, ""),
    ],
)
def test_a_manifest_that_lies_under_right_checksums_is_found(
    place: Place, member: str, value: object, says: str
) -> None:
    _rewritten(place, lambda content: content.update({member: value}))
    if not says:
        upkeep.verify(place.settings, {})  # a count is for people
        return
    with pytest.raises(StateDamaged, match=says):
        upkeep.verify(place.settings, {})


def test_a_generation_that_holds_another_graph_than_the_journal_is_found(place: Place, tmp_path: Path) -> None:
    """Another journal of the same length and another graph, each in order: only replaying tells."""
    other = Place(a_tiny_content(tmp_path / "other"), tmp_path / "other-state")
    other.build()
    other.swap(A_PAGE, "Un projet", "Un tout autre nom")
    other.build()
    folder, theirs = (each.state / "generations" / "000000004-1" for each in (place, other))
    shutil.rmtree(folder / "store")
    shutil.copytree(theirs / "store", folder / "store")
    shutil.copy(theirs / "difference", folder)
    checksums = other.manifest().checksums
    _rewritten(place, lambda content: content.update(checksums=dict(checksums)))
    with pytest.raises(StateDamaged, match=r"asserted graph that it holds .* is not the one that the journal gives"):
        upkeep.verify(place.settings, {})


def test_verifying_writes_nothing(place: Place) -> None:
    before = files(place.state)
    upkeep.verify(place.settings, {})
    assert files(place.state) == before


# ---------------------------------------------------------------------------------------------- backup, and back


@pytest.mark.parametrize("name", ["kept.tar.zst", "kept"])
def test_a_backup_gives_the_same_graph_and_history_in_an_empty_folder(
    published: Place, tmp_path: Path, name: str
) -> None:
    done = published.run("--lang", "en", "backup", tmp_path / name)
    assert (done.returncode, f"{tmp_path / name}: backup up to revision 4" in done.stderr) == (0, True)
    again = Place(published.content, tmp_path / "new state")
    back = again.run("--lang", "en", "restore", tmp_path / name)
    assert back.returncode == 0, back.stderr
    assert "restored up to revision 4; run 'coopkg build' to publish" in back.stderr
    assert "what was there" not in back.stderr
    assert again.digest() is None
    assert len(again.build().changes) == 0
    assert again.digest() == published.digest()
    assert again.manifest().built == published.manifest().built
    assert again.segment.read_bytes() == published.segment.read_bytes()
    upkeep.verify(again.settings, {})


def test_a_backup_remembers_what_was_exported_so_that_a_later_edit_is_no_conflict(place: Place, tmp_path: Path) -> None:
    propose(place, "a-page", "Un nom", "Un nom proposé")
    place.export()
    place.build()  # takes note of the file; no revision says so
    upkeep.backup(place.settings, {}, tmp_path / "kept")
    place.swap(A_PAGE, "proposé", "corrigé")
    again = Place(place.content, tmp_path / "again")
    upkeep.restore(again.settings, {}, tmp_path / "kept")
    assert len(again.build().changes) == 1
    (tmp_path / "kept" / "built.json").write_text("{}")
    forgetful = Place(place.content, tmp_path / "forgetful")
    (forgetful.state / "generations").mkdir(parents=True)
    put_segments(forgetful.state / "journal", (tmp_path / "kept" / "journal-000000001").read_bytes())
    with pytest.raises(WriteConflict):  # the journal alone
        forgetful.build()


def test_what_was_remembered_of_another_journal_is_not_believed(place: Place, kept: Path) -> None:
    upkeep.restore(place.settings, {}, kept)
    path = place.state / "generations" / "built.json"
    remembered = json.loads(path.read_text())
    real = remembered["built"]
    remembered["head"], remembered["built"] = "0" * 64, {"data/sources/lie.trig": real[A_PAGE]}
    for text in (json.dumps(remembered), "[]", "no json"):
        path.write_text(text)
        with gate.opened(place.state, Rulebook.of(Content(place.content)), 3, lambda _: None):
            pass  # replays the journal
        assert {name: dataclasses.asdict(file) for name, file in place.manifest().built.items()} == real
        shutil.rmtree(place.state / "generations")
        path.parent.mkdir()


def test_a_backup_takes_whole_batches_alone_while_another_writes(place: Place, tmp_path: Path) -> None:
    journal = place.segment
    whole = journal.read_bytes()
    fourth = Journal(place.state / "journal").revisions[-1]
    journal.write_bytes(whole + whole[fourth.body_offset - 200 :][:0] + b"R 00000")  # a writer is half-way
    with locked(place.state):
        contents = upkeep.backup(place.settings, {}, tmp_path / "kept")
    assert contents.revision == 4
    assert (tmp_path / "kept" / "journal-000000001").read_bytes() == whole


def test_a_backup_takes_what_the_journal_has_beyond_the_published_graph(place: Place, tmp_path: Path) -> None:
    (place.state / "generations" / "current").unlink()
    (place.state / "generations" / "current").symlink_to("000000003-1")
    assert upkeep.backup(place.settings, {}, tmp_path / "kept").revision == 4
    again = Place(place.content, tmp_path / "again")
    upkeep.restore(again.settings, {}, tmp_path / "kept")
    assert len(again.build().changes) == 0


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda state: flip(segment(state / "journal"), 400), "coopkg restore"),
        (
            lambda state: flip(segment(state / "journal"), Journal(state / "journal").revisions[1].body_offset),
            "body of revision 2",
        ),
        (lambda state: shutil.rmtree(state / "journal"), "not that of the published graph"),
        (
            lambda state: [path.rename(f"{path}-gone") for path in list(state.iterdir())],
            "run 'coopkg build' first",
        ),
        (lambda state: segment(state / "journal").write_bytes(b""), "does not begin as a segment"),
        (lambda state: os.truncate(segment(state / "journal"), 1500), "not that of the published graph .revision 4"),
    ],
)
def test_a_damaged_state_folder_gives_no_backup(
    place: Place, tmp_path: Path, harm: Callable[[Path], object], says: str
) -> None:
    harm(place.state)
    with pytest.raises((StateDamaged, NothingPublished), match=says):
        upkeep.backup(place.settings, {}, tmp_path / "kept.tar.zst")
    assert not list(tmp_path.glob("*kept*"))


def test_a_journal_that_cannot_be_synced_gives_no_backup(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_fsync(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", no_fsync)
    with pytest.raises(StateDamaged, match="Input/output error"):
        upkeep.backup(place.settings, {}, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_backup_that_cannot_be_written_says_where(place: Place, tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match=r"nowhere/kept.tar.zst: cannot be written .No such file or directory"):
        upkeep.backup(place.settings, {}, tmp_path / "nowhere" / "kept.tar.zst")
    assert place.run("backup", "/proc/kept").returncode == 8


# ---------------------------------------------------------------------------------------------- restore


def test_a_restoration_moves_what_was_there_aside(place: Place, kept: Path) -> None:
    before = files(place.state)
    done = place.run("--lang", "en", "restore", kept)
    assert done.returncode == 0, done.stderr
    assert f"what was there lies in {place.state / 'before-restore-1'}" in done.stderr
    aside = files(place.state / "before-restore-1")
    assert aside == {name: content for name, content in before.items() if name != "lock"}
    upkeep.restore(place.settings, {}, kept)
    assert (place.state / "before-restore-2" / "journal").exists()
    assert (place.state / "before-restore-1" / "journal").exists()
    place.build()
    upkeep.verify(place.settings, {})


def test_a_damaged_journal_is_restored_and_the_damaged_one_is_kept(place: Place, kept: Path, published: Place) -> None:
    for offset in (20, 400, Journal(place.state / "journal").revisions[2].body_offset + 3):
        flip(place.segment, offset)
        damaged = place.segment.read_bytes()
        done = upkeep.restore(place.settings, {}, kept)
        assert done.aside is not None
        assert segment(done.aside / "journal").read_bytes() == damaged
        place.build()
        assert place.digest() == published.digest()
        upkeep.verify(place.settings, {})


def test_revisions_that_the_backup_lacks_are_not_given_up_unasked(place: Place, kept: Path) -> None:
    place.swap(A_PAGE, "Un nom", "Un nom plus récent")
    place.write("data/sources/c-page.trig", a_tiny_source("c-page", "Un troisième"))
    place.build()
    before = files(place.state)
    with pytest.raises(RevisionsLost, match=r"has revisions 5 to 6, which the backup lacks; .*--drop-newer") as refused:
        upkeep.restore(place.settings, {}, kept)
    assert refused.value.numbers == (5, 6)
    assert files(place.state) == before
    assert place.run("restore", kept).returncode == 4
    assert place.run("restore", "--drop-newer", kept).returncode == 0
    assert place.journal().head == 4
    assert Journal(place.state / "before-restore-1" / "journal").head == 6
    place.build()
    assert place.journal().head == 6


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_damaged_journal_still_says_which_revisions_would_be_lost(place: Place, kept: Path, number: int) -> None:
    place.swap(A_PAGE, "Un nom", "Un nom plus récent")
    place.build()
    shutil.rmtree(place.state / "generations")  # the journal alone must tell
    revision = Journal(place.state / "journal").revisions[number - 1]
    flip(place.segment, revision.body_offset + 2 if number == 5 else revision.body_offset - 5)
    with pytest.raises(RevisionsLost, match="has revision 5, which the backup lacks"):
        upkeep.restore(place.settings, {}, kept)


def test_a_published_graph_says_what_would_be_lost_when_the_journal_is_gone(place: Place, kept: Path) -> None:
    place.swap(A_PAGE, "Un nom", "Un nom plus récent")
    place.build()
    shutil.rmtree(place.state / "journal")
    with pytest.raises(RevisionsLost, match="has revision 5, "):
        upkeep.restore(place.settings, {}, kept)


def test_another_history_of_the_same_length_is_not_given_up_unasked(tmp_path: Path, kept: Path) -> None:
    other = Place(a_tiny_content(tmp_path / "other"), tmp_path / "other-state")
    other.build()
    with pytest.raises(RevisionsLost, match="has revisions 1 to 3"):
        upkeep.restore(other.settings, {}, kept)


def test_a_dry_run_checks_all_and_touches_nothing(place: Place, kept: Path, tmp_path: Path) -> None:
    before = files(place.state)
    done = place.run("restore", "--dry-run", kept)
    assert (done.returncode, "rien n'a été écrit" in done.stderr) == (0, True)
    kept.write_bytes(kept.read_bytes()[:-1])
    assert place.run("restore", "--dry-run", kept).returncode == 7
    assert files(place.state) == before


def test_a_backup_that_is_not_whole_touches_nothing(place: Place, kept: Path) -> None:
    before = files(place.state)
    content = kept.read_bytes()
    for length in (0, 1, 100, len(content) // 2, len(content) - 1):
        kept.write_bytes(content[:length])
        with pytest.raises(StateDamaged, match=r"is no whole backup of coopkg .*nothing was touched"):
            upkeep.restore(place.settings, {}, kept, drop_newer=True)
        assert files(place.state) == before, length
    with pytest.raises(InputError, match="is not there; give the file or the folder"):
        upkeep.restore(place.settings, {}, kept.with_name("nowhere"))


@pytest.mark.parametrize("harm", ["flip", "cut", "head"])
def test_a_journal_that_is_not_whole_under_right_checksums_is_not_restored(
    published: Place, place: Place, tmp_path: Path, harm: str
) -> None:
    from coopkg import archive
    from coopkg.archive import Contents, Member

    journal = tmp_path / "journal"
    shutil.copy(published.segment, journal)
    last = Journal(published.state / "journal").revisions[-1]
    if harm == "flip":
        flip(journal, last.body_offset + 1)
    elif harm == "cut":
        os.truncate(journal, journal.stat().st_size - 1)
    size = journal.stat().st_size
    with journal.open("rb") as lines, (published.content / A_PAGE).open("rb") as built:
        members = [Member("journal-000000001", size, lines), Member("built.json", 5, built)]
        head = "0" * 64 if harm == "head" else last.hash
        contents = Contents("", 4, head, {member.name: member.part() for member in members})
        archive.write(tmp_path / "forged", contents, members)
    before = files(place.state)
    with pytest.raises(StateDamaged, match=r"forged: is no whole backup of coopkg .(000000001: the body|its journal)"):
        upkeep.restore(place.settings, {}, tmp_path / "forged")
    assert files(place.state) == before


def test_nobody_restores_under_a_writer(place: Place, kept: Path) -> None:
    with locked(place.state), pytest.raises(StateLocked):
        upkeep.restore(place.settings, {}, kept)
    assert place.manifest().revision == 4


def _restore(place: Place, kept: Path, at: int | str) -> int:
    program = [sys.executable, "-c", _INTERRUPTED, str(at), str(place.state), ""]
    command = [
        *program,
        "--content",
        str(place.content),
        "--state",
        str(place.state),
        "restore",
        "--drop-newer",
        str(kept),
    ]
    return subprocess.run(command, capture_output=True, env=clean_environ(), timeout=60, check=False).returncode


def test_a_kill_at_any_step_of_a_restoration_leaves_the_old_journal_or_the_new_one(
    published: Place, place: Place, kept: Path, tmp_path: Path
) -> None:
    place.swap(A_PAGE, "Un nom", "Un nom plus récent")
    place.build()
    newer = place.segment.read_bytes()
    older = published.segment.read_bytes()
    seen: set[bytes] = set()
    step = 0
    while True:
        step += 1
        copy = Place(place.content, tmp_path / f"state-{step}")
        shutil.copytree(place.state, copy.state, symlinks=True)
        code = _restore(copy, kept, step)
        content = copy.segment.read_bytes()
        assert content in (older, newer), step
        seen.add(content)
        if code != -signal.SIGKILL:
            break
        upkeep.build(copy.settings, {})  # whatever was left, the next build publishes what the journal says
        upkeep.verify(copy.settings, {})
        assert copy.digest() == place.digest()  # the content folder has the newer name
        shutil.rmtree(copy.state)
    assert code == 0
    assert step > 20
    assert seen == {older, newer}


def test_a_restoration_that_was_killed_can_be_run_again(place: Place, kept: Path) -> None:
    assert _restore(place, kept, "os.rename restoring- edition-2") == -signal.SIGKILL
    assert list(place.state.glob("restoring-*"))
    assert place.run("restore", kept).returncode == 0
    assert not list(place.state.glob("restoring-*"))
    place.build()
    upkeep.verify(place.settings, {})


def test_a_backup_that_is_killed_is_not_taken_for_a_whole_one(place: Place, tmp_path: Path) -> None:
    for form in ("kept.tar.zst", "kept"):
        folder = tmp_path / f"to {form}"
        folder.mkdir()
        steps = 0
        while not (folder / form).exists():
            steps += 1
            program = [sys.executable, "-c", _INTERRUPTED, str(steps), str(folder), ""]
            command = [*program, "--state", str(place.state), "backup", str(folder / form)]
            code = subprocess.run(command, capture_output=True, env=clean_environ(), timeout=60, check=False).returncode
            assert code in (0, -signal.SIGKILL)
            for left in folder.glob(".*.part"):
                with contextlib.suppress(CoopkgError):  # it is whole when the kill came just before it got its name
                    assert _read(left, tmp_path / f"out-{form}-{steps}") == 4
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        assert steps >= 3
        assert _read(folder / form, tmp_path / f"out-{form}") == 4


def _read(source: Path, folder: Path) -> int:
    from coopkg import archive

    folder.mkdir()
    return archive.read(source, folder).revision


@pytest.mark.parametrize(("sent", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
@pytest.mark.parametrize("form", ["kept.tar.zst", "kept"])
def test_a_backup_that_is_asked_to_stop_leaves_nothing_and_can_be_run_again(
    place: Place, tmp_path: Path, form: str, sent: str, code: int
) -> None:
    target = tmp_path / "to" / form
    target.parent.mkdir()
    program = [sys.executable, "-c", _INTERRUPTED.replace("SIGKILL", sent), "3", str(target.parent), ""]
    command = [*program, "--state", str(place.state), "backup", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, env=clean_environ(), timeout=60, check=False)
    assert (done.returncode, list(target.parent.iterdir())) == (code, []), done.stderr
    assert place.run("backup", target).returncode == 0


_FULL = """
import resource, sys
room = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
from coopkg.cli import main
from coopkg.judge import Rulebook
main()
"""


@pytest.mark.parametrize("room", [0, 100, 1500])
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_full_disk_leaves_everything_as_it_was(
    place: Place, kept: Path, tmp_path: Path, command: str, room: int
) -> None:
    before = files(place.state)
    target = kept if command == "restore" else tmp_path / "again.tar.zst"
    program = [sys.executable, "-c", _FULL, str(room), "--state", str(place.state), command, str(target)]
    done = subprocess.run(program, capture_output=True, text=True, env=clean_environ(), timeout=60, check=False)
    assert done.returncode == 8, done.stderr
    assert "cannot be written (File too large); free some room" in done.stderr
    assert files(place.state) == before
    assert not list(place.state.glob("restoring-*"))
    assert [path.name for path in tmp_path.glob("*again*")] == []


def test_backups_and_verifications_while_others_build_are_whole(place: Place, tmp_path: Path) -> None:
    """Builds that keep one generation retire what is being verified."""
    stop, faults = threading.Event(), list[BaseException]()

    def build() -> None:
        try:
            for number in itertools.count():
                if stop.is_set():
                    return
                place.write(A_PAGE, a_tiny_source("a-page", f"Le nom {number}"))
                place.build(keeping=1)
        except BaseException as fault:
            faults.append(fault)

    builder = threading.Thread(target=build)
    builder.start()
    try:
        heads = []
        for number in range(12):
            contents = upkeep.backup(place.settings, {}, tmp_path / f"kept-{number}")
            heads.append(contents.revision)
            assert upkeep.verify(place.settings, {}).head >= contents.revision
    finally:
        stop.set()
        builder.join()
    assert faults == []
    assert heads == sorted(heads)
    assert heads[-1] > heads[0]
    for number in (0, 11):
        again = Place(place.content, tmp_path / f"again-{number}")
        upkeep.restore(again.settings, {}, tmp_path / f"kept-{number}")
        again.build()
        upkeep.verify(again.settings, {})
        assert again.digest() == place.digest()


def test_a_server_answers_before_a_restoration_and_again_after_the_build(place: Place, kept: Path) -> None:
    place.swap(A_PAGE, "Un nom", "Un nom plus récent")
    place.build()
    with serving(place) as address:
        assert "Un nom plus récent" in names_at(address)
        place.swap(A_PAGE, "Un nom plus récent", "Un nom")
        assert place.run("restore", "--drop-newer", kept).returncode == 0
        assert place.run("build").returncode == 0
        until = time.monotonic() + 20
        while "Un nom" not in names_at(address) and time.monotonic() < until:
            time.sleep(0.2)
        assert names_at(address) == ["Un autre projet", "Un nom"]


def test_a_generation_after_a_restoration_never_has_the_name_of_one_before_it(place: Place, kept: Path) -> None:
    """A server that held the other graph under this name would believe that nothing changed."""
    place.swap(A_PAGE, "Un nom", "Un nom plus récent")
    place.build()
    with serving(place) as address:
        assert "Un nom plus récent" in names_at(address)
        assert place.run("restore", "--drop-newer", kept).returncode == 0
        place.swap(A_PAGE, "Un nom plus récent", "Un nom plus récent encore")
        place.build()
        assert (place.state / "generations" / "current").readlink().name == "000000005-2"
        until = time.monotonic() + 20
        while "Un nom plus récent encore" not in names_at(address) and time.monotonic() < until:
            time.sleep(0.2)
        assert names_at(address) == ["Un autre projet", "Un nom plus récent encore"]


def test_long_reading_shows_how_far_it_is(place: Place, tmp_path: Path) -> None:
    assert "lecture du journal" in place.run("backup", tmp_path / "kept.tar.zst").stderr
    assert "reading the journal" in place.run("--lang", "en", "verify").stderr
    shown: list[int] = []

    def progress(revisions: Sequence[Revision]) -> Iterator[Revision]:
        for revision in revisions:
            shown.append(revision.number)
            yield revision

    upkeep.backup(place.settings, {}, tmp_path / "kept", progress)
    upkeep.verify(place.settings, {}, progress)
    upkeep.restore(place.settings, {}, tmp_path / "kept", progress)
    assert shown == [1, 2, 3, 4] * 3
