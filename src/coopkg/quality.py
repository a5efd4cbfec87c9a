"""How good what is published is: findings counted by source, by project and by tier, kept up with each change.

A source is a named graph, a project any action. What a finding belongs to is found from its focus node: the graphs
that describe it, and the actions that it is, or is a part of. Decides; writes nothing.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

from coopkg import names
from coopkg.errors import StateDamaged
from coopkg.findings import Finding, Tier
from coopkg.rdf import NamedNode, Triple
from coopkg.store import QuadStore

_ACTION = re.compile(rf"{re.escape(names.BASE)}id/(?:project|programme|experiment|event|action)/[^/]+")
#: From a part to its action, and from an action or an outcome to its parts.
_IN_ACTION = f"{names.COOP}inAction"
_HOLDS = frozenset(f"{names.COOP}has{part}" for part in ("Outcome", "Measure", "Lesson", "Perspective"))
#: A measure is two steps from its action; nothing is farther.
_STEPS = 2


class Place(NamedTuple):
    """Where findings are counted: a named graph, an action ("" for none, both), a tier."""

    graph: str
    project: str
    tier: Tier


class Quality:
    """Findings counted by place, kept up with changes at a cost that follows the change.

    A focus node that several graphs or actions share counts in each of them.
    """

    def __init__(self) -> None:
        self.counts: Counter[Place] = Counter()
        self._tiers: dict[str, Counter[Tier]] = {}
        self._places: dict[str, _Belonging] = {}
        #: The focus nodes whose places follow from what a node says.
        self._near: dict[str, set[str]] = {}

    @classmethod
    def of(cls, findings: Iterable[Finding], store: QuadStore) -> Self:
        """Return the quality of a graph, from all that was found in it."""
        quality = cls()
        quality.change((), findings, store, ())
        return quality

    def change(
        self, gone: Iterable[Finding], new: Iterable[Finding], store: QuadStore, touched: Collection[str]
    ) -> None:
        """Go by a change; looks only at focus nodes of what it did, and at those near what was touched.

        Args:
            gone, new: the findings that are there no more, and those that were not.
            store: the graph after it.
            touched: the IRIs that its statements name, as subject or object; see `touched`.
        """
        left, come = list(gone), list(new)
        again = {finding.focus for finding in (*left, *come)}
        again.update(focus for node in touched for focus in self._near.get(node, ()))
        for focus in again:
            self._count(focus, -1)
            self._forget_places(focus)
        for finding in come:
            self._tiers.setdefault(finding.focus, Counter())[finding.tier] += 1
        for finding in left:
            self._tiers[finding.focus] -= Counter({finding.tier: 1})
        for focus in again:
            if self._tiers.get(focus):
                self._note_places(focus, _belonging(focus, store))
                self._count(focus, 1)
            else:
                self._tiers.pop(focus, None)

    def to_json(self) -> str:
        """Return the counts as JSON, always in the same order."""
        listed = [
            {"graph": graph, "project": project, "tier": tier, "count": count}
            for (graph, project, tier), count in sorted(self.counts.items())
        ]
        return json.dumps(listed, ensure_ascii=False) + "\n"

    def _count(self, focus: str, times: int) -> None:
        if (belonging := self._places.get(focus)) is None:
            return
        tiers = self._tiers.get(focus, {}).items()
        for graph, project, (tier, count) in itertools.product(belonging.graphs, belonging.projects, tiers):
            place = Place(graph, project, tier)
            self.counts[place] += times * count
            if not self.counts[place]:
                del self.counts[place]

    def _note_places(self, focus: str, belonging: _Belonging) -> None:
        self._places[focus] = belonging
        for node in belonging.passed:
            self._near.setdefault(node, set()).add(focus)

    def _forget_places(self, focus: str) -> None:
        belonging = self._places.pop(focus, None)
        for node in belonging.passed if belonging else ():
            self._near[node].discard(focus)
            if not self._near[node]:
                del self._near[node]


def counts_in(text: str, shown: str) -> dict[Place, int]:
    """Return the counts that were written as JSON.

    Args:
        shown: how a message names the file.
    Raises:
        StateDamaged: the text is not of that form.
    """
    try:
        return {
            Place(str(one["graph"]), str(one["project"]), Tier(one["tier"])): int(one["count"])
            for one in json.loads(text)
        }
    except (ValueError, TypeError, KeyError) as fault:
        raise StateDamaged(f"{shown}: these are no counts of findings ({fault}); build again") from fault


@dataclass(frozen=True, slots=True)
class _Belonging:
    graphs: tuple[str, ...]
    projects: tuple[str, ...]
    passed: frozenset[str]


def touched(triples: Iterable[Triple]) -> set[str]:
    """Return the IRIs that statements name, as subject or object."""
    return {term.value for triple in triples for term in (triple.subject, triple.object) if isinstance(term, NamedNode)}


def _belonging(focus: str, store: QuadStore) -> _Belonging:
    if not focus.startswith(names.BASE):
        return _Belonging(("",), ("",), frozenset({focus}))
    described = {getattr(quad.graph_name, "value", "") for quad in store.about(focus)}
    graphs = sorted(graph for graph in described if not names.is_derived(graph)) or [""]
    actions, passed = _actions(focus, store)
    return _Belonging(tuple(graphs), tuple(sorted(actions)) or ("",), frozenset(passed))


def _actions(focus: str, store: QuadStore) -> tuple[set[str], set[str]]:
    """Return the actions that a node is, or is a part of, and the nodes that were looked at."""
    actions, passed, front = set[str](), set[str](), {focus}
    for step in range(_STEPS + 1):
        passed |= front
        actions |= {node for node in front if _ACTION.fullmatch(node)}
        front -= actions
        front = {whole for node in front for whole in _wholes(node, store)} - passed if step < _STEPS else set()
    return actions, passed


def _wholes(node: str, store: QuadStore) -> Iterable[str]:
    for quad in store.about(node):
        if quad.predicate.value == _IN_ACTION and isinstance(quad.object, NamedNode):
            yield quad.object.value
    for quad in store.toward(node):
        if quad.predicate.value in _HOLDS and isinstance(quad.subject, NamedNode):
            yield quad.subject.value
