"""The portrait of an action: who, where, when, what came of it, what was learned, what next, and who says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coopkg import names
from coopkg.portrait import terms
from coopkg.portrait.bounded import READ, Some, named_pointing, notes, pointing, values
from coopkg.portrait.naming import Named, by_name, kind_of, named
from coopkg.portrait.piece import Measure, measures
from coopkg.portrait.told import Quote, Source, Told, quotes, source, sources_of, told
from coopkg.view import Text, View, folded

#: Who began it and who leads it come first, whose role no source says last; the others by the name of their role.
_FIRST_ROLES = ("initiator", "founder", "lead", "organiser", "coordinator", "co-designer", "partner")
_LAST_ROLE = "unspecified"
_REGION = f"{names.BASE}id/territory/region/"
_ROLES = f"{names.BASE}scheme/role/"


@dataclass(frozen=True, slots=True)
class Part:
    """One agent in an action: as what the source lists it, in which words; how far, when it is only expected."""

    iri: str
    agent: Named
    is_group: bool
    members: tuple[Text, ...]
    listed_as: tuple[Named, ...]
    engagement: tuple[Named, ...]
    quotes: tuple[Quote, ...]
    notes: tuple[Text, ...]
    sources: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """Those who hold a role; None is a role that is not said."""

    role: Named | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A territory that an action covers, its level, and the régions in which it lies."""

    territory: Named
    level: tuple[Named, ...]
    regions: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class When:
    """The dates of an action, as precise as they are known, each with who says so."""

    on: tuple[Told, ...]
    begin: tuple[Told, ...]
    end: tuple[Told, ...]

    def __bool__(self) -> bool:
        return bool(self.on or self.begin or self.end)


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, a lesson or a perspective: its sentence, its kinds, and what is said with it.

    Args:
        related: what an outcome created, who states a lesson, at which territories a perspective aims.
    """

    item: Named
    kinds: tuple[Named, ...]
    status: tuple[Named, ...]
    measures: tuple[Measure, ...]
    related: tuple[Named, ...]
    quotes: tuple[Quote, ...]
    sources: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The actions around an action."""

    wholes: Some[Named]
    parts: Some[Named]
    programmes: Some[Named]
    members: Some[Named]
    continues: Some[Named]
    continued_by: Some[Named]
    related: Some[Named]


@dataclass(frozen=True, slots=True)
class Action:
    """What is said of an action."""

    descriptions: tuple[Told, ...]
    other_names: tuple[Text, ...]
    action_kinds: tuple[Named, ...]
    themes: tuple[Named, ...]
    goals: tuple[Named, ...]
    status: tuple[Named, ...]
    when: When
    places: Some[Place]
    roles: tuple[RoleGroup, ...]
    has_more_agents: bool
    expected: tuple[RoleGroup, ...]
    outcomes: Some[Result]
    lessons: tuple[tuple[Named | None, tuple[Result, ...]], ...]
    perspectives: Some[Result]
    neighbours: Neighbours
    sources: Some[Source]
    quotes: tuple[Quote, ...]
    notes: tuple[Text, ...]

    @property
    def regions(self) -> tuple[Named, ...]:
        """The régions that it covers or lies in, each once."""
        found = (one for place in self.places for one in (place.territory, *place.regions))
        return tuple(dict.fromkeys(one for one in found if one.iri.startswith(_REGION)))


def of(view: View, iri: str) -> Action:
    """Return the portrait of an action."""
    parts = pointing(view, terms.IN_ACTION, iri, READ)
    expected = pointing(view, terms.EXPECTED_IN, iri, READ)
    return Action(
        descriptions=told(view, iri, terms.DESCRIPTION),
        other_names=tuple(view.texts(iri, terms.ALT_LABEL)),
        action_kinds=values(view, iri, terms.ACTION_KIND).items,
        themes=values(view, iri, terms.THEME).items,
        goals=values(view, iri, terms.GOAL).items,
        status=values(view, iri, terms.STATUS).items,
        when=When(*(told(view, iri, name) for name in (terms.DATE, terms.START_DATE, terms.END_DATE))),
        places=_places(view, iri),
        roles=_by_role(view, parts, terms.PARTICIPANT),
        has_more_agents=parts.has_more or expected.has_more,
        expected=_by_role(view, expected, terms.EXPECTED_PARTICIPANT),
        outcomes=_results(view, iri, terms.HAS_OUTCOME, terms.OUTCOME_KIND, terms.CREATES),
        lessons=_by_kind(view, _results(view, iri, terms.HAS_LESSON, terms.LESSON_KIND, terms.STATED_BY)),
        perspectives=_results(view, iri, terms.HAS_PERSPECTIVE, terms.PERSPECTIVE_KIND, terms.TARGET_TERRITORY),
        neighbours=_neighbours(view, iri),
        sources=_sources(view, iri),
        quotes=quotes(view, iri),
        notes=notes(view, iri),
    )


def _neighbours(view: View, iri: str) -> Neighbours:
    return Neighbours(
        wholes=values(view, iri, terms.PART_OF_ACTION),
        parts=named_pointing(view, terms.PART_OF_ACTION, iri),
        programmes=values(view, iri, terms.IN_PROGRAMME),
        members=named_pointing(view, terms.IN_PROGRAMME, iri),
        continues=values(view, iri, terms.CONTINUES),
        continued_by=named_pointing(view, terms.CONTINUES, iri),
        related=values(view, iri, terms.RELATION),
    )


def _places(view: View, iri: str) -> Some[Place]:
    found = values(view, iri, terms.COVERS_TERRITORY)
    return Some(tuple(_place(view, territory) for territory in found), found.has_more)


def _place(view: View, territory: Named) -> Place:
    above = (one for one in view.iris(territory.iri, terms.WITHIN) if one.startswith(_REGION))
    return Place(territory, by_name(view, view.iris(territory.iri, terms.TERRITORY_LEVEL)), by_name(view, above))


def _by_role(view: View, participations: Iterable[str], agent: str) -> tuple[RoleGroup, ...]:
    groups: dict[str, list[Part]] = {}
    for participation in participations:
        part = _part(view, participation, view.iri(participation, agent))
        for role in view.iris(participation, terms.ROLE) or [""]:
            groups.setdefault(role, []).append(part)
    return tuple(
        RoleGroup(named(view, role) if role else None, tuple(sorted(groups[role], key=_name_of_agent)))
        for role in sorted(groups, key=lambda role: _rank(view, role))
    )


def _rank(view: View, role: str) -> tuple[int, str]:
    slug = role.removeprefix(_ROLES)
    if slug in _FIRST_ROLES:
        return _FIRST_ROLES.index(slug), ""
    later = len(_FIRST_ROLES) + (not role or slug == _LAST_ROLE)
    return later, folded(view.label(role).value) if role else ""


def _name_of_agent(part: Part) -> str:
    return folded(part.agent.name.value)


def _part(view: View, iri: str, agent: str) -> Part:
    is_group = kind_of(view, agent) == terms.GROUP if agent else False
    return Part(
        iri,
        named(view, agent) if agent else named(view, iri),
        is_group,
        members(view, agent) if is_group else (),
        by_name(view, view.iris(iri, terms.LISTED_AS)),
        by_name(view, view.iris(iri, terms.ENGAGEMENT)),
        quotes(view, iri),
        notes(view, iri),
        sources_of(view, iri),
    )


def members(view: View, group: str) -> tuple[Text, ...]:
    """Return how to read the number of those in a group, and the number; nothing when it is not said."""
    count = view.value(group, terms.MEMBER_COUNT)
    precision = view.iri(group, terms.PRECISION)
    return ((view.label(precision),) if count and precision else ()) + ((Text(count),) if count else ())


def _results(view: View, iri: str, predicate: str, kind: str, related: str) -> Some[Result]:
    found = values(view, iri, predicate)
    return Some(tuple(_result(view, item, kind, related) for item in found), found.has_more)


def _result(view: View, item: Named, kind: str, related: str) -> Result:
    iri = item.iri
    return Result(
        item,
        by_name(view, view.iris(iri, kind)),
        by_name(view, view.iris(iri, terms.STATUS)),
        measures(view, iri),
        by_name(view, view.iris(iri, related)),
        quotes(view, iri),
        sources_of(view, iri),
    )


def _by_kind(view: View, lessons: Iterable[Result]) -> tuple[tuple[Named | None, tuple[Result, ...]], ...]:
    """Return lessons by their first kind: each once, whatever kinds it has."""
    groups: dict[Named | None, list[Result]] = {}
    for lesson in lessons:
        groups.setdefault(lesson.kinds[0] if lesson.kinds else None, []).append(lesson)
    ordered = sorted(groups.items(), key=lambda group: _rank_of_kind(group[0]))
    return tuple((kind, tuple(found)) for kind, found in ordered)


def _rank_of_kind(kind: Named | None) -> tuple[bool, str]:
    return (False, folded(kind.name.value)) if kind else (True, "")


def _sources(view: View, iri: str) -> Some[Source]:
    stated = values(view, iri, terms.SOURCE)
    describing = pointing(view, terms.DESCRIBES, iri)
    found = by_name(view, {*(document.iri for document in stated if document.iri), *describing})
    return Some(tuple(source(view, document) for document in found), stated.has_more or describing.has_more)
