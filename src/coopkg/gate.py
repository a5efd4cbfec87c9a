"""The gate: whatever is written passes here, is judged with what is already there, and is accepted or refused whole.

Order: the change is applied to a private candidate -> what it entails -> the shapes judge -> journal, fsynced ->
published. A refusal or a kill at any step leaves the published graph as it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path

from coopkg import names
from coopkg.compiled import Judgement
from coopkg.errors import DiskFullError, StateDamaged, WriteRejected
from coopkg.findings import Finding, Tier, violations
from coopkg.generations import BuiltFile, Candidate, Generations, HeldGraph, Manifest, built_after
from coopkg.inference import Entailment
from coopkg.journal import REPAIR, Change, Journal, Revision
from coopkg.judge import Changed, Judge, Report, Rulebook
from coopkg.lock import locked
from coopkg.rdf import NamedNode, Quad, Triple, dataset_digest, digest
from coopkg.store import Effect, QuadStore, normalised


class Gate:
    """The one writer of a state folder: get it from `opened`, which holds the write lock."""

    def __init__(self, state: Path, rulebook: Rulebook, keep_generations: int, report: Report) -> None:
        self._state = state
        self._rulebook = rulebook
        self._report = report
        self._judge = Judge(rulebook, report)
        #: What follows from the current generation and what the shapes find in it, once a change was made here.
        self._known: _Known | None = None
        self.generations = Generations(state / "generations", keep_generations)
        self.journal = Journal(state / "journal", writing=True)
        if self.journal.set_aside:
            report(
                f"the journal ended within a revision, which was never published: put aside in {self.journal.set_aside}"
            )

    def propose(
        self, changes: Sequence[Change], built: Mapping[str, BuiltFile] | None = None, *, dry_run: bool = False
    ) -> list[Revision]:
        """Judge changes together; accept all of them, one revision each, and publish; or refuse all.

        Args:
            changes: what to remove and add, in order. An empty sequence judges what is there, with today's shapes.
            built: the state of the content folder after these changes; None leaves it as recorded.
            dry_run: whether only to judge; nothing is accepted then.
        Returns:
            The revisions, already durable and published.
        Raises:
            WriteRejected: every finding; nothing changed.
            DiskFullError: no room; nothing changed, or the journal is ahead and the next `opened` publishes.
        """
        changes = [_normalised(change) for change in changes]
        current = self.generations.current()
        manifest = self.generations.manifest() if current else None
        known = manifest.built if manifest else {}
        graphs = {name for change in changes for name in _graphs(change)}
        tables = {name for name in graphs if names.is_reference(name)}
        other_rules = manifest is None or manifest.rules != self._rulebook.identity()
        before = None if other_rules or names.ONTOLOGY_GRAPH in graphs else self._known
        self._known = None  # until this one has come to its end
        with self.generations.candidate(current) as candidate:
            effect = reduce(Effect.then, (candidate.store.change(c.remove, list(c.add)) for c in changes), Effect())
            if other_rules:  # what vouched for a table may have been other shapes; those still vouched for cost nothing
                tables.update(name for name in candidate.store.graphs() if names.is_reference(name))
            following = _Following(self._judge, candidate.store, before.entailment if before else None, effect)
            if before is None or tables:
                verdict = self._judge.judge(candidate.store, tables, following.entailment)
            else:
                following.write()
                verdict = self._judge.judge_change(candidate.store, before.shaped, following.changed(changes))
            grave = violations(verdict.findings)
            if grave or dry_run:
                self._known = before and _Known(following.undone(), before.shaped)
                if grave:
                    raise WriteRejected(self._judge.mended(candidate.store, grave))
                return []
            following.write()
            # From here on only the disk can refuse; a revision in the journal counts, and is published at last.
            revisions = self.journal.append(changes) if changes else []
            self._publish(candidate, verdict.findings, dict(known if built is None else built), manifest)
            self._known = _Known(following.entailment(), verdict.shaped) if verdict.shaped else None
        return revisions

    def record(self, built: Mapping[str, BuiltFile]) -> None:
        """Publish the same graph with another state of the content folder; nothing is judged.

        Args:
            built: files whose form changed (order, blanks, a rename), and whose graphs are what is published.
        Raises:
            DiskFullError: no room; nothing changed.
        """
        manifest = self.generations.manifest()
        with self.generations.candidate(self.generations.current()) as candidate:
            candidate.store.close()
            manifest = dataclasses.replace(manifest, built=dict(built))
            self.generations.publish(candidate.folder, manifest, candidate.difference)

    def recover(self) -> None:
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

    def _publish(
        self, candidate: Candidate, findings: Sequence[Finding], built: dict[str, BuiltFile], base: Manifest | None
    ) -> None:
        """Make a candidate the current generation.

        Args:
            base: what the generation held that the candidate is a copy of.
        """
        self._report("publishing")
        store, changed = candidate.store, candidate.difference
        store.flush()
        if base and changed:
            inferred, touched = base.inferred + changed.balance(names.INFERRED_GRAPH), changed.graphs()
            same = {name: held for name, held in base.graphs.items() if name not in touched}
        else:
            inferred, same = sum(1 for _ in store.quads(names.INFERRED_GRAPH)), {}
        asserted = (name for name in store.graphs() if not names.is_derived(name))
        graphs = {name: same.get(name) or _held(store, name) for name in asserted}
        manifest = Manifest(
            revision=self.journal.head,
            head=self.journal.head_hash,
            digest=dataset_digest({name: held.digest for name, held in graphs.items()}),
            # What was accepted under other shapes, and is replayed, stays; but it counts as not judged by these.
            rules="" if violations(findings) else self._rulebook.identity(),
            asserted=sum(held.statements for held in graphs.values()),
            inferred=inferred,
            warnings=sum(finding.tier is Tier.WARNING for finding in findings),
            infos=sum(finding.tier is Tier.INFO for finding in findings),
            built=built,
            checksums={},
            graphs=graphs,
        )
        store.close()
        self.generations.publish(candidate.folder, manifest, changed)

    def _replay(self, base: Path | None, manifest: Manifest | None) -> None:
        missing = self.journal.revisions[manifest.revision if manifest else 0 :]
        built = built_after(manifest.built if manifest else {}, missing)
        if manifest is None:
            built = self.generations.remembered(self.journal.head_hash) or built
        with self.generations.candidate(base) as candidate:
            for revision in missing:
                removed, added = self.journal.change(revision)
                candidate.store.change(removed, added)
            following = _Following(self._judge, candidate.store, None, Effect())
            verdict = self._judge.judge(candidate.store, (), following.entailment)
            following.write()
            self._publish(candidate, verdict.findings, built, manifest)

    def _usable(self, current: Path | None) -> Manifest | None:
        if current is None:
            return None
        try:
            return self.generations.check(current)
        except StateDamaged as fault:
            # The journal is the truth and a generation only its projection: it can be made again.
            self._report(f"{fault}")
            return None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a generation, so that a change of it need not be judged from the beginning."""

    entailment: Entailment
    shaped: Judgement


class _Following:
    """What follows from a candidate: inferred when it is first asked for, then written into its inferred graph."""

    def __init__(self, judge: Judge, store: QuadStore, before: Entailment | None, effect: Effect) -> None:
        self._judge = judge
        self._store = store
        self._before = before
        self._effect = effect

    @cached_property
    def _inferred(self) -> tuple[Entailment, Effect]:
        if self._before is not None:
            return self._before, self._before.change(self._effect)
        entailment = self._judge.entailment(self._store)
        wanted = entailment.triples()
        present = {quad.triple for quad in self._store.quads(names.INFERRED_GRAPH)}
        return entailment, Effect(frozenset(present - wanted), frozenset(wanted - present))

    def entailment(self) -> Entailment:
        """Return what the candidate entails."""
        return self._inferred[0]

    def changed(self, changes: Iterable[Change]) -> Changed:
        """Return what some changes did to the candidate, what follows included."""
        entailment, inferred = self._inferred
        both = self._effect.then(inferred)
        remove, add = set[Quad](), set[Quad]()
        for change in changes:  # what comes and goes again is not there to be judged
            remove, add = (remove | change.remove) - change.add, (add - change.remove) | change.add
        return Changed(remove, add, both.gone, both.new, entailment)

    def write(self) -> None:
        """Bring the inferred graph of the candidate up to it. Writing twice is allowed."""
        _, effect = self._inferred
        gone, new = ([_inferred(triple) for triple in part] for part in (effect.gone, effect.new))
        self._store.change(gone, new)

    def undone(self) -> Entailment:
        """Return what the generation before the candidate entails.

        Raises:
            ValueError: that was not known.
        """
        if self._before is None:
            raise ValueError("what is inferred anew has nothing before it")
        if "_inferred" in self.__dict__:
            self._before.change(Effect(self._effect.new, self._effect.gone))
        return self._before


@contextmanager
def opened(state: Path, rulebook: Rulebook, keep_generations: int, report: Report) -> Iterator[Gate]:
    """Give the gate of a state folder, recovered and ready to write; nobody else can write meanwhile.

    Raises:
        StateLocked: another process holds the folder.
        DiskFullError: the folder cannot be made.
        StateDamaged: see `Gate.recover`.
    """
    with locked(state):
        try:
            (state / "generations").mkdir(exist_ok=True)
        except OSError as fault:
            raise DiskFullError(
                f"{state}: cannot be written ({fault.strerror}); choose another with --state"
            ) from fault
        gate = Gate(state, rulebook, keep_generations, report)
        gate.recover()
        yield gate


def _held(store: QuadStore, graph: str) -> HeldGraph:
    quads = list(store.quads(graph))
    return HeldGraph(len(quads), digest(quads))


def _inferred(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, NamedNode(names.INFERRED_GRAPH))


def _normalised(change: Change) -> Change:
    remove, add = (frozenset(normalised(quads)) for quads in (change.remove, change.add))
    return dataclasses.replace(change, remove=remove, add=add)


def _graphs(change: Change) -> set[str]:
    return {getattr(quad.graph_name, "value", "") for quads in (change.add, change.remove) for quad in quads}
