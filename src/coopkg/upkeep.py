"""What is done with a state folder: build it, judge, export, revert, verify, back up, redact; and what serves it.

The composition root of commands and of the server; it decides nothing.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from coopkg import audit, catalog, curation, erasure, gate, lock, names, register, sandbox
from coopkg import backup as backups
from coopkg.addresses import Addresses
from coopkg.archive import Contents
from coopkg.audit import Verified
from coopkg.backup import Restored
from coopkg.budget import Budgets
from coopkg.catalog.gathering import gathered
from coopkg.content import Content, path_of
from coopkg.curation import Export, Progress
from coopkg.dumps import making
from coopkg.dumps.signing import Signer
from coopkg.dumps.statistics import STATISTICS, counted
from coopkg.erasure import Plan
from coopkg.errors import (
    InputError,
    NothingPublished,
    SettingsError,
)
from coopkg.findings import Finding, violations
from coopkg.gate import Gate
from coopkg.generations import Manifest
from coopkg.graph import Graph, generations_of
from coopkg.history import Delta, History
from coopkg.history import Progress as Reading
from coopkg.journal import Change, Erasure, Journal
from coopkg.judge import Judge, Report, Rulebook
from coopkg.keeper import KeeperSettings, is_held_in_memory
from coopkg.pool import Pool, PoolSettings
from coopkg.quarantine import Quarantine
from coopkg.rdf import Quad
from coopkg.redaction import Wanted
from coopkg.rehearsal import Proposal, Rehearsal
from coopkg.replica import follower
from coopkg.replica.assembly import Assembly
from coopkg.replica.connection import Connection
from coopkg.replica.folder import ReplicaFolder
from coopkg.replica.listing import Place
from coopkg.replica.original import Original
from coopkg.replica.patience import Patience
from coopkg.replica.signature import Key
from coopkg.service import QueryService, limits
from coopkg.settings import Settings
from coopkg.store import QuadStore
from coopkg.writer import Desk, GateWriter

_THREADS_FREE = 4


@dataclass(frozen=True, slots=True)
class Build:
    """What a build did.

    Args:
        manifest: the one in force.
        changes: a message for each change that was made.
        judged_again: whether all was judged again, because a shape, a rule or the program is another.
        to_export: files that wait for an export.
    """

    manifest: Manifest
    changes: list[str]
    judged_again: bool
    to_export: list[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Reverted:
    """What a revert did, or would do.

    Args:
        delta: the statements that went and came.
        revision: the number of the new revision; None when nothing was written.
        to_export: the files that wait for an export.
    """

    delta: Delta
    revision: int | None
    to_export: list[str]


class Against(StrEnum):
    """What files are judged with."""

    DATA = "data"  # the content folder
    CURRENT = "current"  # what is published
    EMPTY = "empty"  # the ontology, its schemes and the reference tables alone


def build(
    settings: Settings, environ: Mapping[str, str], report: Report = lambda _: None, progress: Progress = iter
) -> Build:
    """Bring the published graph up to the content folder, and return what was done.

    Nothing is judged again when no file, shape or rule changed since the last build.

    Raises:
        InputError, WriteConflict, WriteRejected, StateLocked, StateDamaged, DiskFullError: the published graph stays.
    """
    began = time.monotonic()
    content = Content(settings.content_folder())
    rulebook = Rulebook.of(content)
    with gate.opened(settings.state_folder(environ), rulebook, settings.keep_generations, report) as writer:
        folder = writer.generations.current()
        manifest = writer.generations.manifest() if folder else None
        known = manifest.built if manifest else {}
        plan = curation.plan(content, writer.generations.open(folder) if folder else None, known, progress)
        judged_again = manifest is not None and manifest.rules != rulebook.identity()
        if manifest is None or plan.changes or judged_again:
            writer.propose(plan.changes, plan.built)
            manifest = writer.generations.manifest()
        elif plan.built != known:
            writer.record(plan.built)
        changes = [change.message for change in plan.changes]
        return Build(manifest, changes, judged_again, plan.to_export, time.monotonic() - began)


def validate(
    settings: Settings, paths: Sequence[Path], report: Report = lambda _: None, engine: str = "compiled"
) -> list[Finding]:
    """Judge the content folder, with some of its files replaced, without writing anything.

    Args:
        paths: see `proposal`.
        engine: see `Judge`.
    Returns:
        Every finding, gravest first.
    Raises:
        InputError: a file cannot be understood.
    """
    return Rehearsal(report, engine).judge(proposal(settings, paths))


def proposal(
    settings: Settings,
    paths: Sequence[Path],
    against: Against = Against.DATA,
    environ: Mapping[str, str] = os.environ,
    called: Mapping[Path, str] | None = None,
) -> Proposal:
    """Return what some files propose, for a `Rehearsal`; nothing of it is read yet.

    Args:
        paths: files and folders that stand in for those of the same name (or, when new, beside them); empty proposes
            what is there already.
        against: what they are judged with.
        called: for a file whose own name does not say its graph, the path that does.
    Raises:
        InputError: a name says no graph, or the content folder is not one.
        NothingPublished, StateDamaged: they are to be judged with what is published, and that is not to be had.
    """
    content = Content(settings.content_folder())
    for path in paths:
        content.replace(path, (called or {}).get(path, ""))
    if against is not Against.DATA:
        content.leave_data()
    files = {file.graph: file for file in content.files}
    given = {file.path: file.graph for file in content.replaced()}
    if against is not Against.CURRENT:
        marks = {graph: file.sha256 for graph, file in files.items()}
        return Proposal(Rulebook.of(content), marks, lambda graph: content.read(files[graph]), given)
    published, manifest = Graph.open(settings, environ).current()
    replaced = {graph: files[graph] for graph in given.values()}
    held = {graph: held.digest for graph, held in manifest.graphs.items()}

    def read(graph: str) -> list[Quad]:
        return content.read(replaced[graph]) if graph in replaced else list(published.quads(graph))

    marks = held | {graph: file.sha256 for graph, file in replaced.items()}
    return Proposal(Rulebook.of(content), marks, read, given)


def export(settings: Settings, environ: Mapping[str, str], folder: Path | None = None) -> Export:
    """Write the accepted graphs back to the content folder (or another).

    Raises:
        WriteConflict: graphs changed on both sides; nothing was written.
        WriteForbidden: the graph is made up, and is to go into the content folder.
    """
    content = Content(settings.content_folder())
    published, manifest = Graph.open(settings, environ).current()
    if folder is None or folder.resolve() == content.folder.resolve():
        lock.refuse_made_up(settings.state_folder(environ))
        return curation.export_back(published, content, manifest.built)
    return Export(curation.export_to(published, content, folder))


def history(settings: Settings, environ: Mapping[str, str] = os.environ, progress: Reading = iter) -> History:
    """Return the history of a state folder, down to its first revision.

    Args:
        progress: passes revisions through while many are read, and may show them.
    Raises:
        NothingPublished: nothing has been built.
        StateDamaged: the journal is not what was written.
    """
    state = settings.state_folder(environ)
    _refuse_without_journal(state)
    journal = Journal(state / "journal")
    if not journal.head:
        raise NothingPublished(f"nothing is published in {state}; run 'coopkg build' first")
    return History(journal, progress)


def revert(
    settings: Settings,
    environ: Mapping[str, str],
    number: int,
    message: str = "",
    author: str = "coopkg revert",
    *,
    batch: bool = False,
    dry_run: bool = False,
    report: Report = lambda _: None,
    progress: Reading = iter,
) -> Reverted:
    """Undo a revision by a new one, which passes the gate as any other.

    The files of the graphs that change stay as they are until they are exported.

    Args:
        message: why; by default it names the revision and its message.
        batch: also undo the revisions that were judged together with it, such as those of one renaming.
        dry_run: judge, write nothing.
    Raises:
        InputError: there is no such revision, it changed nothing, or it changed a graph whose file is never exported.
        RevisionOvertaken: later revisions touched the same statements; carries each.
        WriteRejected: every finding; nothing changed.
        StateLocked, StateDamaged, DiskFullError: the published graph stays.
    """
    rulebook = Rulebook.of(Content(settings.content_folder()))
    past = history(settings, environ, progress)
    message = message or f"revert {number}{' and its batch' if batch else ''}: {past.revision(number).message}"
    with gate.opened(settings.state_folder(environ), rulebook, settings.keep_generations, report) as writer:
        delta = History(writer.journal, progress).undoing(number, batch=batch)
        paths = {graph: path_of(graph) or "" for graph in delta.graphs()}
        if by_hand := [graph for graph, path in paths.items() if not path.endswith(".trig")]:
            raise InputError(
                f"revision {number}: changed {', '.join(by_hand)}, which is never exported; put back the file of "
                "before, and run 'coopkg build'"
            )
        change = Change(delta.removed, delta.added, message, author)
        revisions = writer.propose([change], dry_run=dry_run)
        return Reverted(delta, revisions[0].number if revisions else None, sorted(paths.values()))


def verify(
    settings: Settings,
    environ: Mapping[str, str] = os.environ,
    progress: Reading = iter,
    report: Report = lambda _: None,
) -> Verified:
    """Check the whole journal, each kept generation, and that replaying the one gives the others; write nothing.

    Raises:
        StateDamaged: the first fault, and what to do.
        NothingPublished: nothing has been built.
    """
    _refuse_without_journal(settings.state_folder(environ))
    return audit.verify(settings.state_folder(environ), generations_of(settings, environ), progress, report)


def backup(settings: Settings, environ: Mapping[str, str], target: Path, progress: Reading = iter) -> Contents:
    """Write a backup of the state folder, while others may read and write; see `coopkg.backup.save`."""
    _refuse_without_journal(settings.state_folder(environ))
    return backups.save(settings.state_folder(environ), generations_of(settings, environ), target, progress)


def restore(
    settings: Settings,
    environ: Mapping[str, str],
    source: Path,
    progress: Reading = iter,
    *,
    drop_newer: bool = False,
    undo_erasures: bool = False,
    dry_run: bool = False,
) -> Restored:
    """Put a backup into the state folder; see `coopkg.backup.restore`."""
    state, generations = settings.state_folder(environ), generations_of(settings, environ)
    return backups.restore(
        state,
        generations,
        source,
        progress,
        drop_newer=drop_newer,
        undo_erasures=undo_erasures,
        dry_run=dry_run,
    )


def redact(
    settings: Settings,
    environ: Mapping[str, str],
    wanted: Wanted,
    reason: str,
    confirmed: Callable[[Plan], bool],
    report: Report = lambda _: None,
    progress: Reading = iter,
) -> Plan:
    """Erase terms from the journal and from all that the state folder keeps, and return what was to be done.

    Args:
        reason: why, in words that do not repeat what is erased.
        confirmed: whether to do it, once it is known what it means.
    Raises:
        InputError: no revision speaks of it, or the reason does.
        ErasureRefused: it is still stated; says where.
        StateLocked, StateDamaged, DiskFullError: the journal is as it was.
    """
    state, rulebook = settings.state_folder(environ), Rulebook.of(Content(settings.content_folder()))
    with gate.opened(state, rulebook, settings.keep_generations, report) as writer:
        plan = erasure.planned(state, writer.generations, writer.journal, wanted, progress)
        if not confirmed(plan):
            return plan
        erasure.carry_out(state, writer.generations, writer.journal, plan, reason)
    with gate.opened(state, rulebook, settings.keep_generations, report):
        return plan  # opening the gate has made the generation anew, and removed those from before


def follow(
    settings: Settings,
    environ: Mapping[str, str],
    url: str,
    key: Path | None = None,
    report: Report = lambda _: None,
    *,
    once: bool = True,
    every_s: float = 30.0,
    wait: Callable[[float], None] = time.sleep,
) -> Place:
    """Bring a replica up to the site at a URL, and return the place that they share; without `once` it goes on.

    Args:
        key: the PEM file of the key that dumps must be signed with.
    Raises:
        InputError: the URL or the key is none.
        WriteForbidden: the state folder holds a graph of its own.
        Refused, RevisionGone, ReplicaError: see `coopkg.replica.follower.follow`; what was published stays.
        StateLocked, DiskFullError: the same.
    """
    connection, signer = Connection(url, report), Key(key) if key else None
    generations, rulebook = generations_of(settings, environ), Rulebook.of(Content(settings.content_folder()))
    original, assembly = Original(connection, signer, report), Assembly(generations, rulebook, report)
    with closing(connection), ReplicaFolder(generations, report).held(connection.url) as folder, closing(assembly):
        following = follower.Follower(original, folder, assembly, report)
        return follower.follow(following, Patience(), report, once=once, every_s=every_s, wait=wait)


def is_foreign(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Return whether the state folder holds no graph of its own; see `coopkg.lock.is_foreign`."""
    return lock.is_foreign(settings.state_folder(environ))


def refuse_foreign(settings: Settings, environ: Mapping[str, str]) -> None:
    """Raise `WriteForbidden` when the state folder holds no graph of its own."""
    lock.refuse_foreign(settings.state_folder(environ))


def withdrawn(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[Erasure]:
    """Return what was erased, in order: the revisions, dumps and pages of a feed that are to answer 410."""
    return register.erasures(settings.state_folder(environ))


def query_service(published: Graph, settings: Settings) -> QueryService:
    """Return the service that answers queries on a graph, its workers ready.

    Raises:
        SettingsError: workers cannot be locked here, and the settings do not allow them unlocked.
    """
    if not sandbox.available() and settings.sandbox == "required":
        raise SettingsError(
            "workers cannot be locked off the network here; set sandbox to optional to serve all the same"
        )
    keeper = KeeperSettings(
        in_memory=is_held_in_memory(published.current()[1].asserted, settings.memory_statements),
        memory_bytes=settings.worker_memory_mb << 20,
        answer_max_bytes=settings.answer_max_mb << 20,
        locked=sandbox.available(),
        content=str(settings.content_folder()),
    )
    sizes = PoolSettings(
        fast_workers=settings.fast_workers,
        slow_workers=settings.slow_workers,
        spare_workers=settings.spare_workers,
        fast_s=settings.fast_s,
        queue_s=settings.queue_s,
        keeper=keeper,
        # Each that waits holds a thread; some are left to refuse the others.
        queue_max=max(1, settings.threads - settings.fast_workers - settings.slow_workers - _THREADS_FREE),
    )
    pool = Pool(sizes, settings.deadline_max_s, published.location)
    budgets = Budgets(settings.client_seconds, slow_at_once=1)
    return QueryService(pool, budgets, Quarantine(), settings.deadline_s, settings.deadline_max_s)


def writer(settings: Settings, environ: Mapping[str, str], report: Report = lambda _: None) -> GateWriter:
    """Return what takes requests to write into a state folder, cold: see `GateWriter.warm_up`."""
    state = settings.state_folder(environ)

    def gate_of_today() -> Gate:
        return Gate(state, Rulebook.of(Content(settings.content_folder())), settings.keep_generations, report)

    desk = Desk(
        generations_of(settings, environ).scratch(),
        KeeperSettings(
            in_memory=False,
            memory_bytes=settings.worker_memory_mb << 20,
            answer_max_bytes=settings.answer_max_mb << 20,
            locked=sandbox.available(),
            is_empty=True,
        ),
        settings.deadline_s,
    )
    return GateWriter(gate_of_today, desk)


def dump(
    settings: Settings,
    environ: Mapping[str, str] = os.environ,
    report: Report = lambda _: None,
    progress: making.Progress = lambda lines, _: lines,
) -> tuple[Path, bool]:
    """Return the folder of the dump of what is published, and whether it was made now; see `coopkg.dumps.making`.

    Raises:
        SettingsError: the key cannot be used.
        NothingPublished: nothing has been built.
        StateLocked, StateDamaged, DiskFullError, RevisionGone: no dump was made.
    """
    _refuse_without_journal(settings.state_folder(environ))
    signer = Signer.read(settings.signing_key) if settings.signing_key else None
    generations_of(settings, environ).manifest()  # before a folder is made where there is no state

    def current() -> making.Published:
        published = Graph.open(settings, environ)
        store, manifest = published.current()
        (revision,), _ = published.revisions(1)
        return making.Published(store, manifest, revision.time)

    documents = {STATISTICS: lambda quads: counted(quads).to_json()}
    terms = making.Terms(settings.keep_dumps, signer, documents)
    return making.make(settings.state_folder(environ), current, terms, report, progress)


def describe(settings: Settings, environ: Mapping[str, str] = os.environ, report: Report = lambda _: None) -> None:
    """Put what the catalogue tells of the published graph, and of its last dump, into the graph itself.

    Raises:
        NothingPublished: nothing has been built.
        StateLocked: another command writes; what was told before stays until the next time.
        StateDamaged, DiskFullError: the published graph stays.
    """
    state, site = settings.state_folder(environ), Addresses(settings.public_url or f"http://127.0.0.1:{settings.port}/")
    with gate.opened(state, Rulebook.of(Content(settings.content_folder())), settings.keep_generations, report) as held:
        published = Graph.open(settings, environ)
        store, manifest = published.current()
        revisions, _ = published.revisions(manifest.revision)
        takes_updates = settings.writes == "on"
        told = gathered(store, manifest, revisions, settings, state, limits(settings), takes_updates=takes_updates)
        held.describe(catalog.graph(told, site))


def vouch(settings: Settings, report: Report = lambda _: None) -> list[Finding]:
    """Judge all content, reference tables included; when no violation is found, record the digests of the tables.

    Returns:
        Every finding.
    """
    content = Content(settings.content_folder())
    rulebook = dataclasses.replace(Rulebook.of(content), vouched=lambda _: False)
    tables = [file.graph for file in content.files if names.is_reference(file.graph)]
    found = list(Judge(rulebook, report).judge(QuadStore.in_memory(content.read_all()), tables).findings)
    if not violations(found):
        content.vouch()
    return found


def _refuse_without_journal(state: Path) -> None:
    if lock.is_replica(state):
        raise InputError(
            f"{state}: is a replica, which has no journal; ask its original, or compare the digest that 'coopkg stats' "
            "shows with the one there"
        )
    if lock.is_made_up(state):
        raise InputError(
            f"{state}: holds a graph that 'coopkg synth' made up, which has no journal; choose another folder with "
            "--state"
        )
