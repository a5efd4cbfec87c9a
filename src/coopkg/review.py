"""Drafts and the second person: what somebody proposes waits, is judged again, and enters once another approves.

Composes; `drafts` keeps them, `curation` plans, the gate decides. Source: ADR 0017.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coopkg import drafts
from coopkg.content import Content, path_of, paths_of
from coopkg.curation import plan_files
from coopkg.drafts import Draft, Drafts
from coopkg.editing import opened
from coopkg.errors import DraftOvertaken, InputError, WriteForbidden, WriteRejected
from coopkg.findings import Finding
from coopkg.gate import Gate
from coopkg.history import Delta
from coopkg.journal import Change, Journal
from coopkg.judge import Report
from coopkg.settings import Settings
from coopkg.store import QuadStore


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A draft as it stands against the graph of today.

    Args:
        draft: what is proposed.
        delta: the statements that go and come.
        current: the revision in force.
        overtaken: statements that it would remove and that are gone, or add and that are there; empty when it applies.
        findings: the violations that the gate finds now; not asked when it does not apply.
    """

    draft: Draft
    delta: Delta
    current: int
    overtaken: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """What became of a draft that was approved.

    Args:
        revisions: the numbers of its revisions.
        repeated: whether an earlier approval had made them, and was killed before it could say so.
        to_export: the files that wait for an export.
    """

    revisions: tuple[int, ...]
    repeated: bool
    to_export: list[str]


def propose(
    settings: Settings,
    environ: Mapping[str, str],
    paths: Sequence[Path],
    author: str,
    message: str = "",
    report: Report = lambda _: None,
) -> Draft:
    """Keep what files would change as a draft, with what is wrong in it; it may be unfinished.

    Args:
        paths: files as those of data/; each stands in for the one of its name.
        author: who proposes it.
        message: why; by default it names the files.
    Raises:
        InputError: a file cannot be understood, is never exported, or changes nothing; or nobody is named.
        WriteConflict: a graph changed in the store since its file was last built.
        NothingPublished, StateLocked, StateDamaged, DiskFullError: nothing was kept.
    """
    _refuse_nobody(author)
    content = Content(settings.content_folder())
    files = [file for path in paths for file in content.replace(path)]
    if by_hand := [file.path for file in files if not (path_of(file.graph) or "").endswith(".trig")]:
        raise InputError(f"{', '.join(by_hand)}: is never exported; change the file in its place, and build")
    with _opened(settings, environ, content, report) as (writer, store, kept):
        changes = plan_files(content, files, store, writer.generations.manifest().built)
        if not changes:
            raise InputError(f"{', '.join(map(str, paths))}: would change nothing; the graph says the same")
        message = message or f"draft of {', '.join(sorted(path.name for path in paths))}"
        draft = drafts.proposed(author, message, writer.journal.head, changes, _found(writer, changes))
        kept.add(draft)
        return draft


def waiting(settings: Settings, environ: Mapping[str, str]) -> list[Draft]:
    """Return the drafts that wait or were rejected, the oldest first; nothing is written.

    Raises:
        StateDamaged: one is not what was written.
    """
    state = settings.state_folder(environ)
    kept, revisions = Drafts(state / "drafts"), Journal(state / "journal").revisions
    found = (kept.read(name) for name in kept.ids() if drafts.approval_of(name, revisions) is None)
    return sorted(found, key=lambda draft: (draft.time, draft.id))


def reviewed(settings: Settings, environ: Mapping[str, str], name: str, report: Report = lambda _: None) -> Reviewed:
    """Return a draft, judged against the graph of today; nothing is accepted.

    Raises:
        InputError: there is no such draft.
        NothingPublished, StateLocked, StateDamaged, DiskFullError: it cannot be judged now.
    """
    content = Content(settings.content_folder())
    with _opened(settings, environ, content, report) as (writer, store, kept):
        draft = kept.read(name)
        try:
            drafts.refuse_overtaken(draft, store)
        except DraftOvertaken as fault:
            overtaken, found = fault.statements, tuple[Finding, ...]()
        else:
            overtaken, found = (), _found(writer, draft.changes)
        return Reviewed(draft, Delta.of(draft.changes), writer.journal.head, overtaken, found)


def approve(
    settings: Settings, environ: Mapping[str, str], name: str, author: str, report: Report = lambda _: None
) -> Approved:
    """Propose a draft at the gate, in the name of both, and let it go; a kill at any step never applies it twice.

    Raises:
        InputError: there is no such draft, it was rejected, or nobody is named.
        WriteForbidden: who approves is who proposed it.
        DraftOvertaken: the graph changed meanwhile; carries each statement.
        WriteRejected: every finding; the draft waits as before.
        NothingPublished, StateLocked, StateDamaged, DiskFullError: the published graph stays.
    """
    _refuse_nobody(author)
    content = Content(settings.content_folder())
    with opened(settings, environ, content, report) as (writer, store):
        kept = Drafts(settings.state_folder(environ) / "drafts")
        draft = kept.read(name)
        if draft.rejection:
            raise InputError(f"draft {name}: {draft.rejection.author} rejected it: {draft.rejection.reason}")
        if draft.is_of(author):
            raise WriteForbidden(f"draft {name}: {draft.author} proposed it; let somebody else read and approve it")
        done = drafts.approval_of(name, writer.journal.revisions)
        if done is None:
            drafts.refuse_overtaken(draft, store)
            revisions = [one.number for one in writer.propose(draft.approved(author))]
        else:
            revisions = [*range(done, done + len(draft.changes))]
        kept.remove(name)
        kept.sweep(writer.journal.revisions)
        return Approved(tuple(revisions), done is not None, paths_of(Delta.of(draft.changes).graphs()))


def reject(settings: Settings, environ: Mapping[str, str], name: str, author: str, reason: str) -> Draft:
    """Keep a draft as rejected, with the reason; it is swept after some months.

    Raises:
        InputError: there is no such draft, it was rejected before, or somebody or a reason is missing.
        NothingPublished, StateLocked, StateDamaged, DiskFullError: it waits as before.
    """
    _refuse_nobody(author)
    if not reason.strip():
        raise InputError("a rejection says why; give a reason")
    content = Content(settings.content_folder())
    with _opened(settings, environ, content) as (_, _, kept):
        draft = kept.read(name)
        if draft.rejection:
            raise InputError(f"draft {name}: {draft.rejection.author} rejected it before: {draft.rejection.reason}")
        kept.reject(draft, author, reason)
        return draft


def withdraw(settings: Settings, environ: Mapping[str, str], name: str, author: str) -> Draft:
    """Remove a draft, for who proposed it.

    Raises:
        InputError: there is no such draft.
        WriteForbidden: somebody else proposed it.
        NothingPublished, StateLocked, StateDamaged, DiskFullError: it waits as before.
    """
    content = Content(settings.content_folder())
    with _opened(settings, environ, content) as (_, _, kept):
        draft = kept.read(name)
        if not draft.is_of(author):
            raise WriteForbidden(f"draft {name}: {draft.author} proposed it, and not {author}; reject it instead")
        kept.remove(name)
        return draft


@contextmanager
def _opened(
    settings: Settings, environ: Mapping[str, str], content: Content, report: Report = lambda _: None
) -> Iterator[tuple[Gate, QuadStore, Drafts]]:
    """Give gate, published store and drafts, swept."""
    with opened(settings, environ, content, report) as (writer, store):
        kept = Drafts(settings.state_folder(environ) / "drafts")
        kept.sweep(writer.journal.revisions)
        yield writer, store, kept


def _found(writer: Gate, changes: Sequence[Change]) -> tuple[Finding, ...]:
    """Return the violations that the gate would refuse some changes for."""
    try:
        writer.propose(changes, dry_run=True)
    except WriteRejected as fault:
        return fault.findings
    return ()


def _refuse_nobody(author: str) -> None:
    if not any(map(str.isalnum, author)):
        raise InputError("--author: names nobody; say who you are")
