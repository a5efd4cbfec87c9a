"""A change tried on a private store: what follows from it, and what is found; kept or undone.

What is known of the store (what it entails, what the shapes find in it) is kept from one change to the next, so that
each is judged at a cost that follows the change. Decides nothing; `coopkg.gate` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

from coopkg import names
from coopkg.difference import NotingStore
from coopkg.findings import Finding, Tally, Tier, violations
from coopkg.generations import Candidate
from coopkg.inference import Entailment
from coopkg.journal import Change
from coopkg.judge import Changed, Judge, Judged, Verdict
from coopkg.quality import Quality, touched
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.store import Effect, QuadStore

_NOTHING = Verdict(())


class Trial:
    """A candidate on which one change after another is tried.

    Args:
        same_rules: whether what the candidate is a copy of was judged by the rules of this judge.
    """

    def __init__(self, candidate: Candidate, judge: Judge, *, same_rules: bool) -> None:
        self.candidate = candidate
        self._judge = judge
        self._same_rules = same_rules
        #: What is known of the store, once it was judged whole.
        self._known: _Known | None = None
        self._tried: _Tried | None = None

    def of(self, changes: Sequence[Change], most_pairs: int | None = None) -> Verdict:
        """Return what is found once changes are made, which is to be kept by `settle` or taken back by `undo`.

        Args:
            most_pairs: see `Judge.judge_change`.
        Raises:
            TooFarReaching: nothing was judged; what was tried is to be taken back.
        """
        store = self.candidate.store
        graphs = {name for change in changes for name in _graphs(change)}
        before = self._known if self._same_rules and names.ONTOLOGY_GRAPH not in graphs else None
        effect = reduce(Effect.then, (store.change(c.remove, list(c.add)) for c in changes), Effect())
        following = _Following(self._judge, store, before.entailment if before else None, effect)
        self._tried = tried = _Tried(before, following, is_empty=not changes)
        if before is None:
            tried.verdict = self._judge.judge(store, self._tables(graphs), following.written)
        else:
            following.write()
            tried.changed = following.changed(changes)
            tried.verdict = self._judge.judge_change(store, before.judged, tried.changed, most_pairs)
        return tried.verdict

    def _tables(self, changed: set[str]) -> set[str]:
        """Return the reference tables that have to be judged where all else is."""
        if self._same_rules and names.ONTOLOGY_GRAPH not in changed:
            return {name for name in changed if names.is_reference(name)}
        return {name for name in self.candidate.store.graphs() if names.is_reference(name)}

    def news(self) -> tuple[Finding, ...]:
        """Return what is found after what was tried, and was not before."""
        before = self._last.before
        return tuple(one for one in self._last.verdict.findings if before is None or one not in before.tally)

    def settle(self) -> None:
        """Keep what was tried."""
        tried = self._last
        tried.following.write()
        self._known, self._tried = tried.known(self.candidate.store), None
        self._same_rules = not violations(tried.verdict.findings)
        if isinstance(self.candidate.store, NotingStore):
            self.candidate.store.settle()

    def undo(self) -> bool:
        """Take back what was tried, and return whether that could be done; where not, the candidate is of no use."""
        tried, self._tried = self._last, None
        if not isinstance(self.candidate.store, NotingStore):
            return False
        self.candidate.store.undo()
        if tried.before:
            tried.following.undo()
            self._known = tried.before
        else:
            self._known = tried.known(self.candidate.store) if tried.is_empty and self._same_rules else None
        return True

    @property
    def is_known(self) -> bool:
        """Whether the next change can be judged on top of what is known."""
        return self._known is not None and self._same_rules

    @property
    def is_sound(self) -> bool:
        """Whether what has settled was judged by the rules of this judge, and holds no violation."""
        return self._same_rules

    @property
    def counts(self) -> Mapping[Tier, int]:
        """How many findings there are of each tier, in what has settled."""
        return self._known.tally.counts if self._known else dict.fromkeys(Tier, 0)

    @property
    def quality(self) -> Quality:
        """Where they are, in what has settled."""
        return self._known.quality if self._known else Quality()

    @property
    def _last(self) -> _Tried:
        if self._tried is None:
            raise ValueError("nothing was tried since this was last settled or undone")
        return self._tried


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a store, so that a change of it need not be judged from the beginning."""

    entailment: Entailment
    judged: Judged
    tally: Tally
    quality: Quality


@dataclass(slots=True)
class _Tried:
    before: _Known | None
    following: _Following
    is_empty: bool
    verdict: Verdict = _NOTHING
    changed: Changed | None = None

    def known(self, store: QuadStore) -> _Known | None:
        """Return what is known now; None when the shapes were not asked."""
        if self.before and self.changed and self.verdict.change:
            again = self.verdict.change
            gone, new = self.before.tally.change(again.gone(), again.new())
            self.before.judged.apply(again)
            self.before.quality.change(gone, new, store, touched([*self.changed.gone, *self.changed.new]))
            return self.before
        if self.verdict.judged is None:
            return None
        tally = Tally(self.verdict.judged.findings())
        return _Known(self.following.entailment(), self.verdict.judged, tally, Quality.of(tally, store))


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

    def written(self) -> Entailment:
        """Write what the candidate entails, and return it."""
        self.write()
        return self.entailment()

    def write(self) -> None:
        """Bring the inferred graph of the candidate up to it. Writing twice is allowed."""
        _, effect = self._inferred
        gone, new = ([_inferred(triple) for triple in part] for part in (effect.gone, effect.new))
        self._store.change(gone, new)

    def undo(self) -> None:
        """Bring what is entailed back to what it was before the change."""
        if self._before is not None and "_inferred" in self.__dict__:
            self._before.change(Effect(self._effect.new, self._effect.gone))


def _inferred(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, NamedNode(names.INFERRED_GRAPH))


def _graphs(change: Change) -> set[str]:
    return {getattr(quad.graph_name, "value", "") for quads in (change.add, change.remove) for quad in quads}
