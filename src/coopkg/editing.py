"""What maintainers do to resources of the graph: rename one, merge two. Composes; plans and gate decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from coopkg import gate
from coopkg.compiled import shapes_in
from coopkg.content import Content, paths_of
from coopkg.errors import InputError, NothingPublished
from coopkg.gate import Gate
from coopkg.history import Delta
from coopkg.journal import Change
from coopkg.judge import Report, Rulebook
from coopkg.merging import planned_merge
from coopkg.renaming import planned_rename
from coopkg.settings import Settings
from coopkg.store import QuadStore


@dataclass(frozen=True, slots=True)
class Edited:
    """What was done, or would be.

    Args:
        delta: the statements that went and came.
        revisions: the numbers of the new revisions; empty when nothing was written.
        to_export: the files that wait for an export.
    """

    delta: Delta
    revisions: tuple[int, ...]
    to_export: list[str]


def rename(
    settings: Settings,
    environ: Mapping[str, str],
    old: str,
    new: str,
    message: str = "",
    author: str = "coopkg rename",
    *,
    dry_run: bool = False,
    report: Report = lambda _: None,
) -> Edited:
    """Give a resource another IRI; the old one leads to it from then on.

    All graphs change, one revision each, or none does. The files stay as they are until they are exported.

    Args:
        message: why; by default it names both.
        dry_run: judge, write nothing.
    Raises:
        InputError: see `planned_rename`.
        WriteRejected: every finding; nothing changed.
        NothingPublished, StateLocked, StateDamaged, DiskFullError: the published graph stays.
    """
    content = Content(settings.content_folder())

    def planned(store: QuadStore) -> list[Change]:
        return planned_rename(store, old, new, message, author)

    return _edited(settings, environ, content, planned, dry_run, report)


def merge(
    settings: Settings,
    environ: Mapping[str, str],
    one: str,
    other: str,
    prefer: str = "",
    message: str = "",
    author: str = "coopkg merge",
    *,
    dry_run: bool = False,
    report: Report = lambda _: None,
) -> Edited:
    """Make one resource of two: all that is said of the first is said of the other; see `rename` for the rest.

    Args:
        prefer: the one of the two whose value counts where both have one; "" refuses that.
    Raises:
        MergeRefused: both have a value where a thing has one; carries each.
        InputError, WriteRejected, NothingPublished, StateLocked, StateDamaged, DiskFullError: see `rename`.
    """
    content = Content(settings.content_folder())
    if prefer not in ("", one, other):
        raise InputError(f"<{prefer}>: is preferred, but none of the two; give one of them")

    def planned(store: QuadStore) -> list[Change]:
        shapes = shapes_in(content.shapes())
        return planned_merge(store, one, other, shapes, prefer, content.locate, message, author)

    return _edited(settings, environ, content, planned, dry_run, report)


def _edited(
    settings: Settings,
    environ: Mapping[str, str],
    content: Content,
    planned: Callable[[QuadStore], list[Change]],
    dry_run: bool,
    report: Report,
) -> Edited:
    with opened(settings, environ, content, report) as (writer, store):
        changes = planned(store)
        revisions = writer.propose(changes, dry_run=dry_run)
        delta = Delta.of(changes)
        return Edited(delta, tuple(one.number for one in revisions), paths_of(delta.graphs()))


@contextmanager
def opened(
    settings: Settings, environ: Mapping[str, str], content: Content, report: Report
) -> Iterator[tuple[Gate, QuadStore]]:
    """Give the gate of a state folder in which something is published, and the store that is.

    Raises:
        NothingPublished: nothing is; no folder was made.
        StateLocked, StateDamaged, DiskFullError: see `gate.opened`.
    """
    state = settings.state_folder(environ)
    if not (state / "journal").exists():
        raise NothingPublished(f"nothing is published in {state}; run 'coopkg build' first")
    with gate.opened(state, Rulebook.of(content), settings.keep_generations, report) as writer:
        folder = writer.generations.current()
        if folder is None:
            raise NothingPublished(f"nothing is published in {state}; run 'coopkg build' first")
        yield writer, writer.generations.open(folder)
