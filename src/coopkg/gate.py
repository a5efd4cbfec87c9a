"""The gate: whatever is written passes here, is judged with what is already there, and is accepted or refused whole.

Order: the change is tried on a private candidate -> what it entails -> the shapes judge -> journal, fsynced ->
published. A refusal or a kill at any step leaves the published graph as it was. A gate may stay for many proposals: it
keeps its candidate, what follows from it and what the shapes find in it, as long as nobody else writes.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from coopkg import names
from coopkg.errors import DiskFullError, RevisionConflict, StateDamaged, TooFarReaching, WriteRejected
from coopkg.findings import Finding, Tier, violations
from coopkg.generations import BuiltFile, Generations, HeldGraph, Manifest, built_after
from coopkg.journal import REPAIR, Change, Journal, Revision
from coopkg.judge import Judge, Report, Rulebook, Verdict
from coopkg.lock import WAIT_S, locked
from coopkg.rdf import Quad, dataset_digest
from coopkg.store import QuadStore, normalised
from coopkg.trial import Trial


class Gate:
    """The one writer of a state folder, while it is `held`.

    Args:
        rulebook: what judges; the gate goes by its state at this moment.
    """

    def __init__(self, state: Path, rulebook: Rulebook, keep_generations: int, report: Report = lambda _: None) -> None:
        self._state = state
        self._rules = rulebook.identity()
        self._report = report
        self._judge = Judge(rulebook, report)
        self._trial: Trial | None = None
        self._journal: Journal | None = None
        #: The state of the content folder in what was accepted and waits for its publication.
        self._accepted: dict[str, BuiltFile] | None = None
        #: The manifest of a generation, and its folder.
        self._read: tuple[Path, Manifest] | None = None
        #: What the last proposal would newly be warned of.
        self.noticed: tuple[Finding, ...] = ()
        self.generations = Generations(state / "generations", keep_generations)

    @property
    def journal(self) -> Journal:
        """The journal; only whoever holds the gate can have it."""
        if self._journal is None:
            raise ValueError("the gate is not held")
        return self._journal

    @contextmanager
    def held(self, wait_s: float = WAIT_S) -> Iterator[Gate]:
        """Hold the write lock, up to what others wrote meanwhile; what is accepted is published at last.

        Raises:
            StateLocked: another process holds the folder, and still does after `wait_s`.
            DiskFullError: the folder cannot be made, or there is no room to publish; what was accepted stays so.
            StateDamaged: see `recover`.
        """
        with locked(self._state, wait_s):
            self._catch_up()
            try:
                yield self
            finally:
                self.publish()

    def propose(
        self,
        changes: Sequence[Change],
        built: Mapping[str, BuiltFile] | None = None,
        *,
        dry_run: bool = False,
        expected: int | None = None,
        publish: bool = True,
        most_pairs: int | None = None,
    ) -> list[Revision]:
        """Judge changes together; accept all of them, one revision each, or refuse all.

        Args:
            changes: what to remove and add, in order. An empty sequence judges what is there, with today's shapes.
            built: the state of the content folder after these changes; None leaves it as recorded.
            dry_run: whether only to judge; nothing is accepted then.
            expected: the revision that must be in force; None for any.
            publish: whether readers see it at once; else when `publish` is called, or the gate is held no more.
            most_pairs: see `Judge.judge_change`; None for who may take long.
        Returns:
            The revisions, already durable.
        Raises:
            RevisionConflict: another revision is in force; nothing changed.
            WriteRejected: every finding; nothing changed.
            TooFarReaching: more would have to be judged than `most_pairs`; nothing changed.
            DiskFullError: no room; nothing changed, or the journal is ahead and whoever holds the gate next publishes.
        """
        if expected not in (None, self.journal.head):
            raise RevisionConflict(expected, self.journal.head)
        changes = [_normalised(change) for change in changes]
        with self._forgetting_on_failure():
            trial = self._on_trial()
            verdict = self._tried(trial, changes, most_pairs)
            grave = self._judge.mended(trial.candidate.store, violations(verdict.findings))
            self.noticed = trial.news()
            if grave or dry_run:
                if not trial.undo():
                    self.close()
            else:
                trial.settle()
                # From here on only the disk can refuse; a revision in the journal counts, and is published at last.
                revisions = self.journal.append(changes) if changes else []
                self._accepted = dict(self._built() if built is None else built)
                if publish:
                    self.publish()
        if grave:
            raise WriteRejected(grave)
        return [] if dry_run else revisions

    def _tried(self, trial: Trial, changes: Sequence[Change], most_pairs: int | None) -> Verdict:
        """Try changes; where they reach too far, all is as before."""
        try:
            return trial.of(changes, most_pairs)
        except TooFarReaching:
            trial.undo()
            raise

    def prepare(self) -> None:
        """Judge what is there, unless it is known: what is proposed next costs what it changes, and tells its own."""
        if not self._on_trial().is_known:
            with contextlib.suppress(WriteRejected):  # whoever proposes what mends it is to be heard
                self.propose((), dry_run=True)

    def graph(self, name: str) -> frozenset[Quad]:
        """Return the statements of a named graph, with all that was accepted."""
        return frozenset(self._on_trial().candidate.store.quads(name))

    def save(self, folder: Path) -> None:
        """Put a copy of the store, with all that was accepted, into a new folder."""
        self._on_trial().candidate.store.save(folder)

    def publish(self) -> None:
        """Let readers see what was accepted; nothing is done when they do already.

        Raises:
            DiskFullError: no room; the journal is ahead, and whoever holds the gate next publishes.
        """
        if self._accepted is not None and self._trial:
            with self._forgetting_on_failure():
                self._report("publishing")
                self._publish(self._trial, self._accepted)
                self._accepted = None

    def record(self, built: Mapping[str, BuiltFile]) -> None:
        """Publish the same graph with another state of the content folder; nothing is judged.

        Args:
            built: files whose form changed (order, blanks, a rename), and whose graphs are what is published.
        Raises:
            DiskFullError: no room; nothing changed.
        """
        with self._forgetting_on_failure():
            trial, manifest = self._on_trial(), dataclasses.replace(self.generations.manifest(), built=dict(built))
            self.generations.advance(trial.candidate, manifest, self.generations.quality())

    def describe(self, catalog: Iterable[Quad]) -> None:
        """Publish the same graph with another description of itself, in `names.CATALOG_GRAPH`; nothing is judged.

        What the graph itself states, or entails, is left out of it: each triple is kept once.

        Raises:
            DiskFullError: no room; nothing changed.
        """
        self.publish()
        with self._forgetting_on_failure():
            trial = self._on_trial()
            store = trial.candidate.store
            wanted = {quad for quad in normalised(catalog) if not _is_said(store, quad)}
            held = set(store.quads(names.CATALOG_GRAPH))
            if wanted != held:
                store.change(held - wanted, list(wanted - held))
                self.generations.advance(trial.candidate, self.generations.manifest(), self.generations.quality())

    def close(self) -> None:
        """Let go what is kept between proposals. The gate can be held again."""
        trial, self._trial, self._read = self._trial, None, None
        if trial is not None:
            trial.candidate.close()

    def is_outdated(self) -> bool:
        """Return whether what is published was judged by other shapes, rules or another program than this gate's."""
        current = self.generations.current()
        return current is not None and self._manifest(current).rules not in ("", self._rules)

    def _catch_up(self) -> None:
        """Go by what lies in the folder now."""
        try:
            (self._state / "generations").mkdir(exist_ok=True)
        except OSError as fault:
            raise DiskFullError(
                f"{self._state}: cannot be written ({fault.strerror}); choose another with --state"
            ) from fault
        if self._journal is None or not self._journal.is_current():
            self.close()
            self._journal = Journal(self._state / "journal", writing=True)
            if aside := self._journal.set_aside:
                self._report(f"the journal ended within a revision, which was never published: put aside in {aside}")
        if self._trial is None or not self._trial.candidate.stands_on(self.generations.current()):
            self.close()
            self._recover()

    def _recover(self) -> None:
        """Bring the published generation up to the journal, which a kill may have left ahead of it; sweep what it left.

        Raises:
            StateDamaged: the generation and the journal are not of one another.
        """
        self.generations.sweep()
        current = self.generations.current()
        manifest = self._usable(current)
        if self.journal.head and (manifest is None or manifest.revision < self.journal.head):
            self._report("the journal is ahead of the published graph: replaying it")
            self._replay(current if manifest else None, manifest)
        elif manifest and (manifest.revision, manifest.head) != (self.journal.head, self.journal.head_hash):
            raise StateDamaged(
                f"{self._state}: the published graph (revision {manifest.revision}) is not that of the journal "
                f"(revision {self.journal.head}); {REPAIR}"
            )
        self.generations.forget(lambda number, head: self.journal.precedes_erasure(number, head) is not None)

    def _on_trial(self) -> Trial:
        """Return the trial on top of what is published, and of what was accepted since."""
        if self._trial is None:
            base = self.generations.current()
            same_rules = base is not None and self._manifest(base).rules == self._rules
            self._trial = Trial(self.generations.begin(base), self._judge, same_rules=same_rules)
        return self._trial

    def _built(self) -> dict[str, BuiltFile]:
        if self._accepted is not None:
            return self._accepted
        current = self.generations.current()
        return self._manifest(current).built if current else {}

    def _manifest(self, folder: Path) -> Manifest:
        """Return the manifest of a generation, read once: it may speak of tens of thousands of graphs."""
        if self._read is None or self._read[0] != folder:
            self._read = folder, self.generations.manifest(folder)
        return self._read[1]

    def _publish(self, trial: Trial, built: dict[str, BuiltFile]) -> None:
        """Make what a trial holds the current generation."""
        store, changed = trial.candidate.store, trial.candidate.difference
        if trial.candidate.base and changed:
            base, touched = self._manifest(trial.candidate.base), changed.graphs()
            inferred = base.inferred + changed.balance(names.INFERRED_GRAPH)
            graphs = {name: held for name, held in base.graphs.items() if name not in touched}
        else:
            inferred, touched, graphs = sum(1 for _ in store.quads(names.INFERRED_GRAPH)), set(store.graphs()), {}
        looked_at = ((name, HeldGraph.of(store.quads(name))) for name in touched if not names.is_derived(name))
        graphs.update((name, held) for name, held in looked_at if held.statements)
        manifest = Manifest(
            revision=self.journal.head,
            head=self.journal.head_hash,
            digest=dataset_digest({name: held.digest for name, held in graphs.items()}),
            # What was accepted under other shapes, and is replayed, stays; but it counts as not judged by these.
            rules=self._rules if trial.is_sound else "",
            asserted=sum(held.statements for held in graphs.values()),
            inferred=inferred,
            warnings=trial.counts[Tier.WARNING],
            infos=trial.counts[Tier.INFO],
            built=built,
            checksums={},
            graphs=graphs,
        )
        self.generations.advance(trial.candidate, manifest, trial.quality.to_json())
        if trial.candidate.base:
            self._read = trial.candidate.base, manifest

    def _replay(self, base: Path | None, manifest: Manifest | None) -> None:
        missing = self.journal.revisions[manifest.revision if manifest else 0 :]
        built = built_after(manifest.built if manifest else {}, missing)
        if manifest is None:
            built = self.generations.remembered(self.journal.head_hash) or built
        trial = Trial(self.generations.begin(base), self._judge, same_rules=True)
        try:
            for revision in missing:
                removed, added = self.journal.change(revision)
                trial.candidate.store.change(removed, added)
            trial.of(())
            trial.settle()
            self._report("publishing")
            self._publish(trial, built)
        finally:
            trial.candidate.close()

    def _usable(self, current: Path | None) -> Manifest | None:
        if current is None:
            return None
        try:
            manifest = self.generations.check(current)
            if self.journal.precedes_erasure(manifest.revision, manifest.head):
                self._report("the journal had terms erased: the published graph is made anew from nothing")
                return None
            return manifest
        except StateDamaged as fault:
            # The journal is the truth and a generation only its projection: it can be made again.
            self._report(f"{fault}")
            return None

    @contextmanager
    def _forgetting_on_failure(self) -> Iterator[None]:
        """Begin anew after a failure: nobody knows what the candidate holds then."""
        try:
            yield
        except TooFarReaching:
            raise  # it was undone
        except BaseException:
            self._accepted = None
            self.close()
            self._journal = None if self._journal is None or not self._journal.is_current() else self._journal
            raise


@contextmanager
def opened(state: Path, rulebook: Rulebook, keep_generations: int, report: Report) -> Iterator[Gate]:
    """Give the gate of a state folder, recovered and ready to write; nobody else can write meanwhile.

    Raises:
        StateLocked, DiskFullError, StateDamaged: see `Gate.held`.
    """
    gate = Gate(state, rulebook, keep_generations, report)
    try:
        with gate.held():
            yield gate
    finally:
        gate.close()


def _is_said(store: QuadStore, quad: Quad) -> bool:
    return next(iter(store.triples(*quad.triple)), None) is not None


def _normalised(change: Change) -> Change:
    remove, add = (frozenset(normalised(quads)) for quads in (change.remove, change.add))
    return dataclasses.replace(change, remove=remove, add=add)
