"""Backups: all that a state folder cannot make again, kept elsewhere, and the way back.

A backup holds the journal up to its last whole batch, and the state in which the content folder was last built; the
generations are made anew from the journal. Source: ADR 0014.
"""

from __future__ import annotations

import io
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coopkg import archive
from coopkg.archive import Contents, Member
from coopkg.errors import DiskFullError, NothingPublished, RevisionsLost, StateDamaged
from coopkg.generations import ASIDE, Generations, Manifest, built_after, remembering
from coopkg.history import Progress
from coopkg.journal import REPAIR, Journal, fsync_folder, surviving
from coopkg.lock import locked

_JOURNAL, _BUILT = "journal", "built.json"
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
    journal = _settled(state / _JOURNAL) if (state / _JOURNAL).exists() else Journal(state / _JOURNAL)
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
    with _written(target), (state / _JOURNAL).open("rb") as lines:
        members = [Member(_JOURNAL, journal.whole_bytes, lines), Member(_BUILT, len(built), io.BytesIO(built))]
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
    dry_run: bool = False,
) -> Restored:
    """Put the journal of a backup into a state folder, once the whole backup was checked.

    What was there is moved into a folder `before-restore-<n>` beside it. A kill at any step leaves the old journal or
    the new one; the next build makes the generation that belongs to it.

    Args:
        drop_newer: also when the state folder has revisions that the backup lacks.
        dry_run: check all, touch nothing.
    Raises:
        InputError: the backup cannot be read.
        StateDamaged: it is none, or not whole, or not what was written.
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
                theirs = _checked(source, staging / _JOURNAL, contents, progress)
                present = sorted(_present(state, generations).items())
                lost = [number for number, mine in present if theirs.get(number) != mine]
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
        with path.open("rb") as file:
            os.fsync(file.fileno())
            whole = os.fstat(file.fileno()).st_size >= journal.whole_bytes
    except OSError as fault:
        raise StateDamaged(f"{path}: cannot be read ({fault.strerror}); {REPAIR}") from fault
    return journal if whole else _settled(path)


@contextmanager
def _written(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise DiskFullError(
            f"{place}: cannot be written ({fault.strerror}); free some room or choose another place, and run it again"
        ) from fault


def _checked(source: Path, path: Path, contents: Contents, progress: Progress) -> dict[int, str]:
    """Return the hash of each revision of an unpacked journal, once all of it was checked."""
    if contents.files.keys() != {_JOURNAL, _BUILT}:
        raise archive.not_whole(source, f"it holds {', '.join(contents.files)}")
    try:
        journal = Journal(path)
        for revision in progress(journal.revisions):
            journal.body(revision)
    except StateDamaged as fault:
        raise archive.not_whole(source, str(fault).removeprefix(f"{path}: ").removesuffix(f"; {REPAIR}")) from fault
    if (journal.head, journal.head_hash, journal.unfinished_bytes) != (contents.revision, contents.head, 0):
        raise archive.not_whole(source, "its journal does not end with the revision that it names")
    return {revision.number: revision.hash for revision in journal.revisions}


def _present(state: Path, generations: Generations) -> dict[int, str]:
    """Return the hash of each revision that a state folder is known to have, however damaged it is."""
    journal, published = state / "journal", _published(generations)
    known = surviving(journal) if journal.is_file() else {}
    return known | ({published.revision: published.head} if published else {})


def _put(state: Path, staging: Path) -> Path | None:
    """Put what was unpacked in place, and return where that which was there lies now; None when nothing was.

    The journal is never absent, and generations never stand beside a journal that is not theirs.
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
    (staging / _BUILT).rename(generations / _BUILT)
    fsync_folder(generations)
    fsync_folder(state)
    (staging / _JOURNAL).rename(journal)
    fsync_folder(state)
    return aside


def _keep(path: Path, copy: Path) -> None:
    """Give a file a second name, or copy it where a file cannot have two; move what is no file."""
    if not path.is_file():
        if path.exists():
            path.rename(copy)
        return
    try:
        copy.hardlink_to(path)
    except OSError:
        shutil.copy2(path, copy)
