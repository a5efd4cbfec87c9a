"""Judging a proposal without writing it, again and again: what did not change is kept, so that the next time is quick.

The first judgement is of all. From then on a change is judged on top of an accepted state, as the gate would; where no
such state is known, all is judged again. It never touches the state folder.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from coopkg import names
from coopkg.errors import InputError
from coopkg.findings import Finding, Tally, violations
from coopkg.inference import Entailment
from coopkg.judge import Changed, Judge, Judged, Report, Rulebook, reference_nodes
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.store import Effect, QuadStore


@dataclass(frozen=True, slots=True)
class Proposal:
    """Named graphs that ask to be judged, and what judges them.

    Args:
        marks: of each named graph, a text that is another one when the graph is.
        read: gives the quads of a named graph, as a store would give them back.
        given: the graphs of the files that were given, by the paths that findings show; empty when none was.
    """

    rulebook: Rulebook
    marks: Mapping[str, str]
    read: Callable[[str], list[Quad]]
    given: Mapping[str, str] = field(default_factory=dict)

    def quads(self, graphs: Iterable[str]) -> dict[str, list[Quad]]:
        """Return the quads of some graphs.

        Raises:
            InputError: lists every file that cannot be understood.
        """
        quads: dict[str, list[Quad]] = {}
        faults: list[InputError] = []
        for graph in graphs:
            try:
                quads[graph] = self.read(graph)
            except InputError as fault:
                faults.append(fault)
        if faults:
            raise InputError("\n".join(map(str, faults)), [one for fault in faults for one in fault.findings])
        return quads


class Rehearsal:
    """Judges proposals, one after the other."""

    def __init__(self, report: Report = lambda _: None, engine: str = "compiled") -> None:
        self._report = report
        self._engine = engine
        self._identity = ""
        self._judge: Judge | None = None
        self._whole: _Whole | None = None
        self._standing: _Standing | None = None
        self._locate: Callable[[str, str], str] = lambda iri, graph: ""

    def judge(self, proposal: Proposal) -> list[Finding]:
        """Return everything that is found in a proposal, gravest first.

        Raises:
            InputError: a file cannot be understood; the next proposal is judged as if this one had not been.
        """
        self._locate = proposal.rulebook.locate
        if self._standing and self._serves(proposal):
            return list(self._standing.judge(proposal))
        self._standing = self._whole = None
        quads = proposal.quads(proposal.marks)
        judge = self._judge_by(proposal.rulebook)
        store = QuadStore.in_memory(quad for part in quads.values() for quad in part)
        findings = list(judge.judge(store, self._tables(proposal)).findings)
        self._whole = _Whole(proposal, store, findings)
        return findings

    def _tables(self, proposal: Proposal) -> set[str]:
        """Return the reference tables to judge: those that were given, or all when no file was."""
        asked = proposal.given.values() or proposal.marks
        return {graph for graph in asked if names.is_reference(graph) and self._engine == "compiled"}

    def mended(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings of the last judgement with what would mend them, where that is certain."""
        if self._judge is None or self._whole is None:
            return list(findings)
        return self._judge.mended(self._standing.store if self._standing else self._whole.store, findings)

    def prepare(self) -> bool:
        """Make the next judgements quick; return whether they will be.

        They are when the last proposal would be accepted, at least without the graphs that were given (somebody is
        writing them), or without those that are at fault.
        """
        if self._standing is None and self._engine == "compiled" and self._judge and self._whole:
            given, wrong = set(self._whole.proposal.given.values()), self._whole.at_fault()
            for left_out in dict.fromkeys(map(frozenset, (set(), given, given | wrong))):
                quads, marks = self._whole.without(left_out)
                self._standing = _Standing.of(self._judge, self._whole.store, marks, quads)
                if self._standing:
                    break
        return self._standing is not None

    def _judge_by(self, rulebook: Rulebook) -> Judge:
        """Return the judge by a rulebook, the same one as before when the rules are the same."""
        identity = rulebook.identity()
        if self._judge is None or identity != self._identity:
            lasting = dataclasses.replace(rulebook, locate=lambda iri, graph: self._locate(iri, graph))
            self._judge, self._identity = Judge(lasting, self._report, self._engine), identity
        return self._judge

    def _serves(self, proposal: Proposal) -> bool:
        """Whether a proposal differs from the standing state in curated graphs alone."""
        marks = self._whole.proposal.marks if self._whole else {}
        changed = {graph for graph, _ in marks.items() ^ proposal.marks.items()}
        fixed = {graph for graph in changed if names.is_reference(graph) or graph == names.ONTOLOGY_GRAPH}
        return not fixed and proposal.rulebook.identity() == self._identity


@dataclass(frozen=True, slots=True)
class _Whole:
    """A proposal that was judged whole, and what was found in it."""

    proposal: Proposal
    store: QuadStore
    findings: Sequence[Finding]

    def at_fault(self) -> set[str]:
        """Return the graphs that describe what breaks a shape, or that name it where nothing describes it."""
        faulty = {finding.focus for finding in violations(self.findings)}
        about = (quad for focus in faulty for quad in (list(self.store.about(focus)) or self.store.toward(focus)))
        return {getattr(quad.graph_name, "value", "") for quad in about}

    def without(self, graphs: Collection[str]) -> tuple[Iterable[Quad], Mapping[str, str]]:
        """Return the quads and the marks of the other graphs."""
        marks = {graph: mark for graph, mark in self.proposal.marks.items() if graph not in graphs}
        return (quad for graph in marks for quad in self.store.quads(graph)), marks


class _Standing:
    """An accepted state, small enough to be kept twice: with and without what follows from it."""

    def __init__(
        self, judge: Judge, tables: QuadStore, marks: Mapping[str, str], asserted: QuadStore, entailment: Entailment
    ) -> None:
        self._judge = judge
        self._tables = tables
        self._marks = marks
        self._asserted = asserted
        self._entailment = entailment
        self._judged = Judged()
        self._undo: list[Callable[[], object]] = []
        #: What is judged: asserted and inferred.
        self.store = QuadStore.in_memory([*_quads(asserted), *map(_inferred, entailment.triples())])

    @classmethod
    def of(cls, judge: Judge, tables: QuadStore, marks: Mapping[str, str], quads: Iterable[Quad]) -> _Standing | None:
        """Return the state that some graphs make; None when it is not accepted.

        Args:
            tables: a store with all reference tables; only what is pointed at is taken from it.
        """
        curated = [quad for quad in quads if not names.is_reference(getattr(quad.graph_name, "value", ""))]
        asserted = QuadStore.in_memory([*curated, *reference_nodes(tables, curated)])
        standing = cls(judge, tables, marks, asserted, judge.entailment(asserted))
        verdict = judge.judge(asserted, (), lambda: standing._entailment)
        if verdict.judged is None or violations(verdict.findings):
            return None
        standing._judged = verdict.judged
        return standing

    def judge(self, proposal: Proposal) -> tuple[Finding, ...]:
        """Return what is found when the state becomes a proposal; the next one starts from the state again."""
        changed = sorted({graph for graph, _ in self._marks.items() ^ proposal.marks.items()})
        read = proposal.quads(graph for graph in changed if graph in proposal.marks)
        while self._undo:
            self._undo.pop()()
        before = {quad for graph in changed for quad in self._asserted.quads(graph)}
        after = {quad for quads in read.values() for quad in quads}
        remove, add = before - after, after - before
        known = {quad for quad in reference_nodes(self._tables, add) if not self._is_stated(quad)}
        effect = self._change(remove, add | known)
        inferred = self._entailment.change(effect)
        self._undo.append(lambda: self._entailment.change(Effect(effect.new, effect.gone)))
        self._infer(inferred)
        both = effect.then(inferred)
        changes = Changed(remove, add, both.gone, both.new, self._entailment)
        verdict = self._judge.judge_change(self.store, self._judged, changes)
        if verdict.change is None:  # the shapes were not asked
            return verdict.findings
        tally = Tally(self._judged.findings())
        tally.change(verdict.change.gone(), ())
        return self._judge.located({*tally, *verdict.findings})

    def _change(self, remove: set[Quad], add: set[Quad]) -> Effect:
        effect = self._asserted.change(remove, list(add))
        self.store.change(remove, list(add))
        self._undo.append(lambda: self._asserted.change(add, list(remove)))
        self._undo.append(lambda: self.store.change(add, list(remove)))
        return effect

    def _is_stated(self, quad: Quad) -> bool:
        return quad in self._asserted.about(getattr(quad.subject, "value", ""))

    def _infer(self, inferred: Effect) -> None:
        gone, new = (list(map(_inferred, part)) for part in (inferred.gone, inferred.new))
        self.store.change(gone, new)
        self._undo.append(lambda: self.store.change(new, gone))


def _quads(store: QuadStore) -> Iterable[Quad]:
    return (quad for graph in store.graphs() for quad in store.quads(graph))


def _inferred(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, NamedNode(names.INFERRED_GRAPH))
