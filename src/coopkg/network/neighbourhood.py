"""Who stands one hop from an agent or an action, read by lookups whose number is bounded."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coopkg import names
from coopkg.view import View, folded

#: How many cooperations of an agent, or participations in an action, are read.
READ_MAX = 500
_COOPERATION = f"{names.BASE}id/cooperation/"
_COOPERATION_OF = f"{names.COOP}cooperationOf"
_STRENGTH = f"{names.COOP}strength"
_SHARED = f"{names.COOP}sharedAction"
#: The agents of an action that stand first: those who had the idea, then those who lead.
_FIRST = (f"{names.COOP}initiatedBy", f"{names.COOP}ledBy")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An agent beside the one, or in the action, that stands in the middle.

    Args:
        iri: the agent.
        strength: in how many actions the two cooperate; 0 beside an action.
        roles: its roles in the action; empty beside an agent.
        is_first: whether it started or leads the action.
    """

    iri: str
    strength: int = 0
    roles: tuple[str, ...] = ()
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Who stands around an agent or an action.

    Args:
        neighbours: strongest first, or those first who started and lead the action; then by name.
        total: how many cooperations or participations there are; more than `READ_MAX` were not read.
    """

    centre: str
    is_action: bool
    neighbours: tuple[Neighbour, ...]
    total: int

    @property
    def is_cut(self) -> bool:
        """Whether some were not read, so that stronger ones may be among them."""
        return self.total > READ_MAX


@dataclass(frozen=True, slots=True, order=True)
class Tie:
    """Two agents that cooperate, by their IRIs in order, and in how many actions."""

    one: str
    other: str
    strength: int


def around(view: View, iri: str) -> Neighbourhood:
    """Return who stands around an agent or an action."""
    is_action = f"{names.COOP}Action" in view.kinds(iri)
    return around_action(view, iri) if is_action else around_agent(view, iri)


def around_agent(view: View, agent: str) -> Neighbourhood:
    """Return the agents that cooperate with one."""
    cooperations = view.subjects(_COOPERATION_OF, agent)
    found = [
        Neighbour(other, _strength(view, cooperation))
        for cooperation in cooperations[:READ_MAX]
        for other in view.iris(cooperation, _COOPERATION_OF)
        if other != agent
    ]
    return Neighbourhood(agent, False, _ordered(view, found), len(cooperations))


def around_action(view: View, action: str) -> Neighbourhood:
    """Return the agents that take part in an action, each with its roles; never those that are only expected."""
    participations = view.subjects(f"{names.COOP}inAction", action)
    roles: dict[str, set[str]] = {}
    for participation in participations[:READ_MAX]:
        for agent in view.iris(participation, f"{names.COOP}participant"):
            roles.setdefault(agent, set()).update(view.iris(participation, f"{names.COOP}role"))
    first = {agent for predicate in _FIRST for agent in view.iris(action, predicate)}
    found = [Neighbour(agent, 0, tuple(sorted(held)), agent in first) for agent, held in roles.items()]
    return Neighbourhood(action, True, _ordered(view, found), len(participations))


def ties(view: View, agents: Iterable[str], least: int = 1) -> list[Tie]:
    """Return which of some agents cooperate with each other in so many actions at least, the strongest first.

    Each pair is one lookup, for the IRI of a cooperation follows from those of its agents: ask for a few dozen agents.
    """
    pairs = itertools.combinations(sorted(set(agents)), 2)
    found = (Tie(one, other, _strength(view, cooperation_of(one, other))) for one, other in pairs)
    return sorted((tie for tie in found if tie.strength >= least), key=lambda tie: (-tie.strength, tie))


def shared_actions(view: View, one: str, other: str) -> list[str]:
    """Return the actions in which two agents cooperate, by name."""
    return view.sorted_by_label(view.iris(cooperation_of(one, other), _SHARED))


def cooperation_of(one: str, other: str) -> str:
    """Return the IRI that the cooperation of two agents has, if they cooperate.

    Source: docs/model.md, ontology/rules/cooperations.rq.
    """
    return _COOPERATION + hashlib.sha256(" ".join(sorted((one, other))).encode()).hexdigest()


def _strength(view: View, cooperation: str) -> int:
    return int(view.value(cooperation, _STRENGTH) or 0)


def _ordered(view: View, neighbours: Sequence[Neighbour]) -> tuple[Neighbour, ...]:
    def place(one: Neighbour) -> tuple[int, bool, str, str]:
        return -one.strength, not one.is_first, folded(view.label(one.iri).value), one.iri

    return tuple(sorted(neighbours, key=place))
