"""An erasure: the journal of a state folder without some terms, in every file that the state folder has.

The new segments are written, read back and synced beside the old ones, and become current by one rename. What still
holds the terms is destroyed: before that rename what is not needed (asides, torn ends), after it the old segments; the
gate makes the generation anew, from nothing, since it is of a journal from before. Source: ADR 0016.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coopkg import editions, record, redaction, register
from coopkg.content import path_of
from coopkg.dumps import manifest, shelf
from coopkg.errors import DiskFullError, ErasureRefused, InputError, NothingPublished
from coopkg.generations import ASIDE, BUILT, Generations, Manifest, remembering
from coopkg.history import Progress
from coopkg.journal import Journal
from coopkg.record import START
from coopkg.redaction import Found, Redaction, Wanted
from coopkg.segments import head

_ERASING = "erasing-"
#: What else of a state folder may hold anything that the journal ever held, and cannot be searched with certainty.
_DOOMED = (f"{ASIDE}*", "journal.torn-*", "restoring-*", f"{_ERASING}*")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do.

    Args:
        wanted, found: what is to be erased, and where the journal speaks of it.
        doomed: files and folders that are removed whole.
    """

    wanted: Wanted
    found: Found
    doomed: tuple[Path, ...]


def planned(state: Path, generations: Generations, journal: Journal, wanted: Wanted, progress: Progress = iter) -> Plan:
    """Return what an erasure would do; touch nothing.

    Raises:
        InputError: no revision speaks of it.
        ErasureRefused: a graph, or a file that waits for an export, still states it; names each.
        NothingPublished: nothing has been built.
    """
    if not journal.head:
        raise NothingPublished(f"nothing is published in {state}; run 'coopkg build' first")
    found = redaction.find(journal, wanted, progress)
    if not found.touched:
        raise InputError("no revision speaks of it; give the exact IRI, or the whole text of the literal")
    graphs = sorted({getattr(quad.graph_name, "value", "") for quad in found.remaining})
    places = [f"<{graph}> ({path_of(graph) or 'no file'})" for graph in graphs]
    places += [f"{path}, as it was last built" for path in _waiting(generations.manifest(), found)]
    if places:
        raise ErasureRefused(places)
    doomed = sorted(path for pattern in _DOOMED for path in state.glob(pattern))
    return Plan(wanted, found, (*doomed, *shelf.doomed(manifest.folder_of(state), found.first)))


def carry_out(state: Path, generations: Generations, journal: Journal, plan: Plan, reason: str) -> None:
    """Erase from the journal, and destroy what held the terms; the next `gate.opened` makes the generation anew.

    The caller holds the write lock. A kill at any step leaves the old journal or the new one.

    Args:
        reason: why, in words that do not repeat what is erased.
    Raises:
        InputError: the reason repeats it.
        DiskFullError: no room; the journal is as it was.
    """
    if plan.wanted.spoken_in(reason):
        raise InputError("--reason: repeats what is to be erased, and is kept for ever; say it without")
    staging = state / f"{_ERASING}{os.getpid()}"
    with _room(state):
        for path in plan.doomed:
            _remove(path)
        try:
            made = _made_anew(journal, plan, reason, staging / "journal")
            built = remembering(made.head_hash, generations.manifest().built)
            _replace(state / "generations" / BUILT, built)
            editions.adopt(staging / "journal", state / "journal")
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        editions.sweep(state / "journal")


def _made_anew(journal: Journal, plan: Plan, reason: str, folder: Path) -> Journal:
    """Write the journal without the terms into a new folder, and return it, read back whole."""
    work = Redaction(plan.wanted, plan.found)
    edition, previous, path = editions.begun(folder), START, folder
    originals = [file for file, _ in journal.files()]
    kept = journal.revisions[work.first - 1].segment - 1
    for number, records in itertools.groupby(journal.records(), lambda pair: pair[0].segment):
        path = edition / f"{number:09d}"
        if number <= kept:
            editions.link_or_copy(originals[number - 1], path)
            previous = [found.hash for found, _ in records][-1]
            continue
        with path.open("xb") as file:
            file.write(head(number, previous))
            for found, block in records:
                content = work.made_anew(found, block, previous)
                file.write(content)
                previous = record.hash_of(content)
            file.flush()
            os.fsync(file.fileno())
    with path.open("ab") as file:
        file.write(work.erasure(journal, reason, datetime.now(UTC).isoformat(timespec="milliseconds"), previous))
        file.flush()
        os.fsync(file.fileno())
    editions.switch(edition)
    made = Journal(folder)
    for revision in made.revisions:
        made.change(revision)
    register.enter(edition, made.erasures)
    return made


def _waiting(published: Manifest, found: Found) -> Iterator[str]:
    """Yield the files whose last built form may have held the terms, while the graph in the store is another by now."""
    for path, file in sorted(published.built.items()):
        for graph in found.graphs().intersection(file.graphs):
            held, built = published.graphs.get(graph), file.graphs[graph]
            if built not in found.clean and (held is None or held.digest != built):
                yield path


def _remove(path: Path) -> None:
    if path.is_dir():
        editions.destroy(path)
    else:
        editions.overwrite(path)
        path.unlink()


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    editions.write_durably(new, [content])
    new.rename(path)
    editions.fsync_folder(path.parent)


@contextmanager
def _room(state: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise DiskFullError(
            f"{state}: cannot be written ({fault.strerror}); free some room and run the command again"
        ) from fault
