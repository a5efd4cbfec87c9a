"""Backups: all that a state folder cannot make again, kept elsewhere, and the way back.

A backup holds the segments of the journal up to its last whole batch, and the state in which the content folder was
last built; the generations are made anew from the journal. Source: ADR 0014, ADR 0016.
"""

from __future__ import annotations

import io
import itertools
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coopkg import archive, editions, register
from coopkg.archive import Contents, Member
from coopkg.editions import fsync_folder
from coopkg.errors import DiskFullError, ErasuresUndone, NothingPublished, RevisionsLost, StateDamaged
from coopkg.generations import ASIDE, BUILT, Generations, Manifest, built_after, remembering
from coopkg.history import Progress
from coopkg.journal import REPAIR, Erasure, Journal, Surviving, surviving
from coopkg.lock import locked

_JOURNAL = "journal"
_SEGMENT = re.compile(r"journal-[0-9]{9}")
_RESTORING = "restoring-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restoration did, or would do: what came back, and where that which was there lies now, if anything was."""

    contents: Contents
    aside: Path | None


def save(state: Path, generations: Generations, target: Path, progress: Progress = iter) -> Contents:
    """Write a backup of a state folder, which others may read and write meanwhile, and return what it holds.

    It appears under its name once it is whole and on the disk, or not at all.

    Args:
        target: a name that ends in `.tar.zst`, or that of a folder; nothing may be there.
    Raises:
        InputError: the target is there already, or its name says another kind of archive.
        NothingPublished: there is nothing to keep.
        StateDamaged: the journal is not what was written; nothing is kept of it.
        DiskFullError: the backup cannot be written.
    """
    archive.refuse_target(target)
    published = _published(generations)  # read first: the journal is never behind it, whatever is published meanwhile
    journal = _settled(state / _JOURNAL)
    number = published.revision if published else 0
    if published and (number > journal.head or journal.revisions[number - 1].hash != published.head):
        raise StateDamaged(f"{state}: the journal is not that of the published graph (revision {number}); {REPAIR}")
    if not journal.head:
        raise NothingPublished(f"nothing is published in {state}; run 'coopkg build' first")
    for revision in progress(journal.revisions):
        journal.body(revision)
    built = remembering(
        journal.head_hash, built_after(published.built if published else {}, journal.revisions[number:])
    )
    with _written(target), ExitStack() as opened:
        members = [
            Member(f"{_JOURNAL}-{path.name}", size, opened.enter_context(path.open("rb")))
            for path, size in journal.files()
        ]
        members.append(Member(BUILT, len(built), io.BytesIO(built)))
        made = datetime.now(UTC).isoformat(timespec="seconds")
        files = {member.name: member.part() for member in members}
        contents = Contents(made, journal.head, journal.head_hash, files)
        archive.write(target, contents, members)
    return contents


def restore(
    state: Path,
    generations: Generations,
    source: Path,
    progress: Progress = iter,
    *,
    drop_newer: bool = False,
    undo_erasures: bool = False,
    dry_run: bool = False,
) -> Restored:
    """Put the journal of a backup into a state folder, once the whole backup was checked.

    What was there is moved into a folder `before-restore-<n>` beside it. A kill at any step leaves the old journal or
    the new one; the next build makes the generation that belongs to it.

    Args:
        drop_newer: also when the state folder has revisions that the backup lacks.
        undo_erasures: also when the backup is from before an erasure of the state folder.
        dry_run: check all, touch nothing.
    Raises:
        InputError: the backup cannot be read.
        StateDamaged: it is none, or not whole, or not what was written.
        ErasuresUndone: the backup would bring back what was erased.
        RevisionsLost: the state folder has revisions that the backup lacks.
        StateLocked: another process writes to the state folder.
        DiskFullError: no room; the state folder is as it was.
    """
    with locked(state):
        for leftover in state.glob(f"{_RESTORING}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        staging = state / f"{_RESTORING}{os.getpid()}"
        try:
            with _written(state):
                staging.mkdir()
                contents = archive.read(source, staging)
                theirs = _checked(source, staging, contents, progress)
                present = surviving(state / _JOURNAL)
                undone = _undone(present, theirs)
                if undone and not undo_erasures:
                    raise ErasuresUndone(str(state), [_named(one) for one in undone])
                lost = _lost(_known(present, generations), theirs, undone)
                if lost and not drop_newer:
                    raise RevisionsLost(str(state), lost)
                return Restored(contents, None if dry_run else _put(state, staging))
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _published(generations: Generations) -> Manifest | None:
    try:
        return generations.manifest()
    except (NothingPublished, StateDamaged):
        return None  # the journal says most of what it would


def _settled(path: Path) -> Journal:
    """Return the journal as far as it is on the disk: what its writer has not synced might still be taken back."""
    journal = Journal(path)
    try:
        for segment, size in journal.files()[-1:]:
            with segment.open("rb") as file:
                os.fsync(file.fileno())
                if os.fstat(file.fileno()).st_size < size:
                    return _settled(path)
    except OSError as fault:
        raise StateDamaged(f"{path}: cannot be read ({fault.strerror}); {REPAIR}") from fault
    return journal


@contextmanager
def _written(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise DiskFullError(
            f"{place}: cannot be written ({fault.strerror}); free some room or choose another place, and run it again"
        ) from fault


def _checked(source: Path, staging: Path, contents: Contents, progress: Progress) -> Journal:
    """Return the journal of an unpacked backup, put together in a folder of its own, once all of it was checked."""
    names = [name for name in contents.files if name != BUILT]
    if BUILT not in contents.files or not all(map(_SEGMENT.fullmatch, names)):
        raise archive.not_whole(source, f"it holds {', '.join(contents.files)}")
    path = staging / _JOURNAL
    edition = editions.begun(path)
    for name in names:
        (staging / name).rename(edition / name.removeprefix(f"{_JOURNAL}-"))
    editions.switch(edition)
    try:
        journal = Journal(path)
        for revision in progress(journal.revisions):
            journal.body(revision)
    except StateDamaged as fault:
        raise archive.not_whole(source, str(fault).replace(f"{edition}/", "").removesuffix(f"; {REPAIR}")) from fault
    if (journal.head, journal.head_hash, journal.unfinished_bytes) != (contents.revision, contents.head, 0):
        raise archive.not_whole(source, "its journal does not end with the revision that it names")
    register.enter(edition, journal.erasures)
    return journal


def _known(present: Surviving, generations: Generations) -> dict[int, str]:
    """Return the hash of each revision that a state folder is known to have, however damaged it is."""
    published = _published(generations)
    return present.revisions | ({published.revision: published.head} if published else {})


def _undone(present: Surviving, theirs: Journal) -> list[Erasure]:
    """Return the erasures of a state folder that the backup knows nothing of, though it has what they erased."""
    told = {(one.time, one.touched) for one in theirs.erasures}
    return [one for one in present.erasures if (one.time, one.touched) not in told and one.first <= theirs.head]


def _lost(known: Mapping[int, str], theirs: Journal, undone: Sequence[Erasure]) -> list[int]:
    """Return the revisions of a state folder that the backup lacks.

    One that has another hash since an erasure, on either side, is the same revision.
    """
    hashes = {revision.number: revision.hash for revision in theirs.revisions}
    same = max((one.after for one in theirs.erasures if known.get(one.after) == one.old), default=0)
    same = max([same, *(one.after for one in undone if hashes.get(one.after) == one.old)])
    return [number for number, mine in sorted(known.items()) if number > same and hashes.get(number) != mine]


def _named(erasure: Erasure) -> str:
    revisions = ", ".join(map(str, erasure.touched))
    return f"the erasure of {erasure.time[:10]} in revisions {revisions} ({erasure.reason})"


def _put(state: Path, staging: Path) -> Path | None:
    """Put what was unpacked in place, and return where that which was there lies now; None when nothing was.

    A journal that can be read is never absent, and generations never stand beside a journal that is not theirs.
    """
    journal, generations = state / _JOURNAL, state / "generations"
    aside = None
    if journal.exists() or any(generations.glob("*")):
        numbered = (state / f"{ASIDE}{number}" for number in itertools.count(1))
        aside = next(folder for folder in numbered if not folder.exists())
        aside.mkdir()
        _keep(journal, aside / _JOURNAL)
        if generations.exists():
            generations.rename(aside / "generations")
        fsync_folder(aside)
    generations.mkdir(exist_ok=True)
    (staging / BUILT).rename(generations / BUILT)
    fsync_folder(generations)
    fsync_folder(state)
    editions.adopt(staging / _JOURNAL, journal)
    editions.sweep(journal)
    return aside


def _keep(path: Path, copy: Path) -> None:
    """Give the files of a journal a second name; move what is no folder."""
    if path.is_dir():
        shutil.copytree(path, copy, symlinks=True, copy_function=editions.link_or_copy)
    elif path.exists():
        path.rename(copy)
