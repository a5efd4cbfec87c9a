"""How good what is published is: findings counted by source, by project and by tier, kept up with each change.

A source is a named graph, a project any action. What a finding belongs to is found from its focus node: the graphs
that describe it, and the actions that it is, or is a part of. Decides; writes nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from coopkg import names
from coopkg.errors import StateDamaged
from coopkg.findings import Finding, Tier
from coopkg.rdf import NamedNode, Quad
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


@dataclass(frozen=True, slots=True)
class Quality:
    """Counts of findings.

    Args:
        counts: how many findings there are at a place; a focus node that several graphs or actions share counts in
            each of them.
        places: the graphs and actions of a focus node, and the nodes that were looked at to know them. Empty when the
            counts were read from a file: the next change looks at every focus node again.
    """

    counts: Mapping[Place, int]
    places: Mapping[str, _Belonging]

    @classmethod
    def of(cls, findings: Iterable[Finding], store: QuadStore) -> Self:
        """Return the quality of a graph, from all that was found in it."""
        return cls({}, {}).changed(findings, store, ())

    def changed(self, findings: Iterable[Finding], store: QuadStore, touched: Collection[str]) -> Self:
        """Return the quality after a change; looks only at focus nodes that are new, or near what was touched.

        Args:
            findings: all that is found after it.
            store: the graph after it.
            touched: the IRIs that its statements name, as subject or object; see `touched`.
        """
        found = list(findings)
        near, places = set(touched), dict[str, _Belonging]()
        for focus in {finding.focus for finding in found}:
            known = self.places.get(focus)
            places[focus] = known if known and near.isdisjoint(known.passed) else _belonging(focus, store)
        counted = Counter(
            Place(graph, project, finding.tier)
            for finding in found
            for graph in places[finding.focus].graphs
            for project in places[finding.focus].projects
        )
        return type(self)(dict(sorted(counted.items())), places)

    def to_json(self) -> str:
        """Return the counts as JSON, always in the same order."""
        listed = [{**place._asdict(), "count": count} for place, count in sorted(self.counts.items())]
        return json.dumps(listed, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, shown: str) -> Self:
        """Return the counts that were written as JSON.

        Args:
            shown: how a message names the file.
        Raises:
            StateDamaged: the text is not of that form.
        """
        try:
            listed = json.loads(text)
            counts = {
                Place(str(one["graph"]), str(one["project"]), Tier(one["tier"])): int(one["count"]) for one in listed
            }
        except (ValueError, TypeError, KeyError) as fault:
            raise StateDamaged(f"{shown}: these are no counts of findings ({fault}); build again") from fault
        return cls(counts, {})


@dataclass(frozen=True, slots=True)
class _Belonging:
    graphs: tuple[str, ...]
    projects: tuple[str, ...]
    passed: frozenset[str]


def touched(quads: Iterable[Quad]) -> set[str]:
    """Return the IRIs that statements name, as subject or object."""
    return {term.value for quad in quads for term in (quad.subject, quad.object) if isinstance(term, NamedNode)}


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
