"""The portrait of an organisation or of a group of agents: what it takes part in, with whom, and who tells of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coopkg.portrait import terms
from coopkg.portrait.action import members
from coopkg.portrait.bounded import READ, SHOWN, Some, named_pointing, notes, pointing, values
from coopkg.portrait.naming import Named, by_name, named
from coopkg.portrait.told import Quote, quotes, sources_of
from coopkg.view import Text, View, folded


@dataclass(frozen=True, slots=True)
class Activity:
    """An action in which an agent takes part, or is expected: as what it is listed there, and in which words."""

    iri: str
    action: Named
    listed_as: tuple[Named, ...]
    engagement: tuple[Named, ...]
    quotes: tuple[Quote, ...]
    sources: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The actions in which an agent holds a role; None is a role that is not said."""

    role: Named | None
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """An agent with which another cooperates, and in how many actions they do."""

    cooperation: str
    agent: Named
    strength: int


@dataclass(frozen=True, slots=True)
class Agent:
    """What is said of an agent.

    Args:
        page: which page of its actions this is, from 1; `has_more` when another follows.
        documents: the source documents that the actions of this page are told in.
    """

    classification: tuple[Named, ...]
    other_names: tuple[Text, ...]
    members: tuple[Text, ...]
    siren: str
    sirets: tuple[str, ...]
    rna: str
    homepage: str
    territories: tuple[Named, ...]
    page: int
    has_more: bool
    roles: tuple[Held, ...]
    expected: tuple[Held, ...]
    partners: Some[Partner]
    documents: tuple[Named, ...]
    narrated: Some[Named]
    published: Some[Named]
    lessons: Some[Named]
    created_by: Some[Named]
    quotes: tuple[Quote, ...]
    notes: tuple[Text, ...]


def of(view: View, iri: str, page: int = 1) -> Agent:
    """Return the portrait of an agent, with one page of the actions in which it takes part."""
    parts = pointing(view, terms.PARTICIPANT, iri, SHOWN, skip=(page - 1) * SHOWN)
    roles = _by_role(view, parts, terms.IN_ACTION)
    return Agent(
        classification=values(view, iri, terms.CLASSIFICATION).items,
        other_names=tuple(view.texts(iri, terms.ALT_LABEL)),
        members=members(view, iri),
        siren=view.value(iri, terms.SIREN),
        sirets=tuple(one.value for one in view.literals(iri, terms.SIRET)),
        rna=view.value(iri, terms.RNA),
        homepage=view.iri(iri, terms.HOMEPAGE),
        territories=values(view, iri, terms.JURISDICTION).items,
        page=page,
        has_more=parts.has_more,
        roles=roles,
        expected=_by_role(view, pointing(view, terms.EXPECTED_PARTICIPANT, iri), terms.EXPECTED_IN),
        partners=_partners(view, iri),
        documents=_documents(view, iri, roles),
        narrated=named_pointing(view, terms.NARRATOR, iri),
        published=named_pointing(view, terms.PUBLISHER, iri),
        lessons=named_pointing(view, terms.STATED_BY, iri),
        created_by=named_pointing(view, terms.CREATES, iri),
        quotes=quotes(view, iri),
        notes=notes(view, iri),
    )


def _by_role(view: View, participations: Iterable[str], action: str) -> tuple[Held, ...]:
    groups: dict[str, list[Activity]] = {}
    for participation in participations:
        activity = _activity(view, participation, view.iri(participation, action))
        for role in view.iris(participation, terms.ROLE) or [""]:
            groups.setdefault(role, []).append(activity)
    found = [
        Held(named(view, role) if role else None, tuple(sorted(some, key=lambda one: folded(one.action.name.value))))
        for role, some in groups.items()
    ]
    return tuple(sorted(found, key=lambda held: (-len(held.activities), held.role.iri if held.role else "")))


def _activity(view: View, iri: str, action: str) -> Activity:
    return Activity(
        iri,
        named(view, action or iri),
        by_name(view, view.iris(iri, terms.LISTED_AS)),
        by_name(view, view.iris(iri, terms.ENGAGEMENT)),
        quotes(view, iri),
        sources_of(view, iri),
    )


def _partners(view: View, iri: str) -> Some[Partner]:
    """Return the partners with which an agent cooperates most, among the first that are read."""
    found = pointing(view, terms.COOPERATION_OF, iri, READ)
    partners = [partner for cooperation in found if (partner := _partner(view, cooperation, iri))]
    partners.sort(key=lambda one: (-one.strength, folded(one.agent.name.value)))
    return Some(tuple(partners[:SHOWN]), found.has_more or len(partners) > SHOWN)


def _partner(view: View, cooperation: str, iri: str) -> Partner | None:
    others = [one for one in view.iris(cooperation, terms.COOPERATION_OF) if one != iri]
    if not others:
        return None
    strength = view.value(cooperation, terms.STRENGTH)
    return Partner(cooperation, named(view, others[0]), int(strength) if strength.isdecimal() else 0)


def _documents(view: View, iri: str, roles: Iterable[Held]) -> tuple[Named, ...]:
    told = {document.iri for held in roles for activity in held.activities for document in activity.sources}
    return by_name(view, {*told, *view.iris(iri, terms.SOURCE)})
