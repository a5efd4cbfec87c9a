"""Made-up graphs of any size in our own ontology, with the shape of the real data: what is measured, and what grows.

A project is about sixty triples: a source document, the project, an outcome with its measure, a lesson, participations
and groups. Few organisations take part in many projects and many in one; some are part of a larger action or of a
programme; each lies in a territory, which lies in others. Nothing is kept but who took part: graphs are streamed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Triple

_TYPE = NamedNode(f"{names.RDF}type")
_ROLES = (
    *("lead", "unspecified", "contributor", "partner", "member", "supporter", "initiator", "founder", "coordinator"),
    *("organiser", "expert", "funder", "beneficiary", "operational-partner"),
)
_THEMES = tuple(f"theme-{number}" for number in range(40))
_LEVELS = ("commune", "departement", "region", "country")
_COMMUNES, _DEPARTMENTS, _REGIONS = 30_000, 100, 13
#: Actors of the whole country (a ministry, a national foundation): each takes part in every tenth project.
NATIONAL = 3


@dataclass(frozen=True, slots=True)
class Project:
    """A project's own triples, and those of the organisations and territories that it is the first to name."""

    own: list[Triple]
    around: list[Triple]
    actors: list[NamedNode]


@dataclass(slots=True)
class Country:
    """Draws one project after the other, the same for the same seed.

    Args:
        first: the number of the first project; countries whose numbers do not meet share actors and territories alone.
    """

    seed: int = 0
    first: int = 0
    _count: int = field(init=False)
    _organisations: int = NATIONAL
    _took_part: list[int] = field(default_factory=list)  # an organisation for each of its participations
    _described: set[NamedNode] = field(default_factory=set)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._count = self.first
        self._dice = random.Random(self.seed)  # noqa: S311  # the same graph in each run, no secret

    def project(self) -> Project:
        """Return the next project."""
        draft = _Draft()
        number, self._count = self._count, self._count + 1
        action, source = _id("project", number), _id("source", number)
        self._source(draft, source, action, number)
        draft.labelled(action, "coop:Experiment" if number % 5 == 4 else "coop:Project", source)
        draft.say(action, "dcterms:description", Literal(f"Ce que fait le projet {number}.", language="fr"))
        draft.say(action, "coop:actionKind", _concept("action-kind", f"kind-{number % 9}"))
        draft.say(action, "coop:status", _concept("status", "in-progress"))
        draft.say(action, "coop:startDate", Literal(str(1990 + number % 35)))
        draft.say(action, "coop:earliestDate", Literal(f"{1990 + number % 35}-01-01"))
        draft.say(action, "coop:latestDate", Literal(f"{1990 + number % 35 + number % 3}-12-31"))
        for theme in self._dice.sample(_THEMES, 3):
            draft.say(action, "coop:theme", _concept("theme", theme))
        for _ in range(self._dice.choice((1, 1, 1, 2))):
            draft.say(action, "coop:coversTerritory", self._commune(draft))
        if self._dice.random() < 0.3:
            draft.say(action, "coop:inProgramme", self._programme(draft, number))
        if number and self._dice.random() < 0.25:
            draft.say(action, "coop:partOfAction", _id("project", number - 1))
        self._results(draft, action, source, number)
        for place in range(self._dice.choice((2, 2, 3, 3, 4, 5))):
            self._participation(draft, action, source, _id("participation", f"{number}--{place}"), self._actor(draft))
        for national in range(NATIONAL):
            if self._dice.random() < 0.1:
                actor = self._organisation(draft, national)
                self._participation(draft, action, source, _id("participation", f"{number}--n{national}"), actor)
        return Project(draft.own, draft.around, draft.actors)

    def graph(self, size: int, seen: Callable[[Project], object] = lambda project: None) -> Iterator[Triple]:
        """Yield projects until there are as many triples as asked for, or a few more; show each one to `seen`."""
        count = 0
        while count < size:
            project = self.project()
            seen(project)
            yield from project.around
            yield from project.own
            count += len(project.around) + len(project.own)

    def _source(self, draft: _Draft, source: NamedNode, action: NamedNode, number: int) -> None:
        draft.say(source, "a", _term("coop:SourceDocument"))
        draft.say(source, "dcterms:title", Literal(f"Document {number}", language="fr"))
        draft.say(source, "dcterms:publisher", self._organisation(draft, number % NATIONAL))
        draft.say(source, "dcterms:subject", _concept("theme", self._dice.choice(_THEMES)))
        draft.say(source, "foaf:page", NamedNode(f"https://example.org/page/{number}"))
        draft.say(source, "coop:describes", action)
        draft.say(source, "coop:pageKind", _concept("page-kind", "article"))
        draft.say(source, "coop:readExtent", _concept("read-extent", "full"))

    def _results(self, draft: _Draft, action: NamedNode, source: NamedNode, number: int) -> None:
        outcome, measure, lesson = (_id(kind, number) for kind in ("outcome", "measure", "lesson"))
        draft.say(action, "coop:hasOutcome", outcome)
        draft.labelled(outcome, "coop:Outcome", source)
        draft.say(outcome, "coop:outcomeKind", _concept("outcome-kind", f"kind-{number % 7}"))
        draft.say(outcome, "coop:hasMeasure", measure)
        draft.labelled(measure, "coop:Measure", source)
        draft.say(measure, "coop:indicator", _concept("indicator", f"indicator-{number % 30}"))
        draft.say(measure, "coop:precision", _concept("precision", "exact"))
        draft.say(measure, "coop:value", Literal(str(float(self._dice.randrange(10_000)))))
        draft.say(action, "coop:hasLesson", lesson)
        draft.labelled(lesson, "coop:Lesson", source)
        draft.say(lesson, "coop:lessonKind", _concept("lesson-kind", "lever"))
        draft.say(lesson, "coop:theme", _concept("theme", self._dice.choice(_THEMES)))

    def _participation(
        self, draft: _Draft, action: NamedNode, source: NamedNode, participation: NamedNode, actor: NamedNode
    ) -> None:
        draft.say(participation, "a", _term("coop:Participation"))
        draft.say(participation, "dcterms:source", source)
        draft.say(participation, "coop:inAction", action)
        draft.say(participation, "coop:participant", actor)
        draft.say(participation, "coop:role", _concept("role", self._dice.choice(_ROLES)))
        draft.actors.append(actor)

    def _actor(self, draft: _Draft) -> NamedNode:
        """Return a group of this project, a new organisation, or one that took part before: the more, the likelier."""
        if self._dice.random() < 0.3:
            group = _id("group", f"{self._count - 1}-{len(draft.own)}")
            draft.say(group, "a", _term("coop:StakeholderGroup"))
            draft.say(group, "skos:prefLabel", Literal("Habitants", language="fr"))
            draft.say(group, "org:classification", _concept("stakeholder-kind", "residents"))
            return group
        if not self._took_part or self._dice.random() < 0.5:
            self._organisations += 1
            number = self._organisations - 1
        else:
            number = self._dice.choice(self._took_part)
        self._took_part.append(number)
        return self._organisation(draft, number)

    def _organisation(self, draft: _Draft, number: int) -> NamedNode:
        organisation = _id("organisation", number)
        if self._is_new(organisation):
            draft.tell(organisation, "a", _term("org:Organization"))
            draft.tell(organisation, "skos:prefLabel", Literal(f"Organisation {number}", language="fr"))
            draft.tell(organisation, "org:classification", _concept("stakeholder-kind", f"kind-{number % 20}"))
        return organisation

    def _programme(self, draft: _Draft, number: int) -> NamedNode:
        programme = _id("programme", number // 300)
        if self._is_new(programme):
            draft.tell(programme, "a", _term("coop:Programme"))
            draft.tell(programme, "skos:prefLabel", Literal(f"Programme {number // 300}", language="fr"))
        return programme

    def _commune(self, draft: _Draft) -> NamedNode:
        """Return a commune, big towns more often, and describe it with what lies around it."""
        number = int(_COMMUNES * self._dice.random() ** 3)
        chain = [
            _id("territory/commune", number),
            _id("territory/departement", number % _DEPARTMENTS),
            _id("territory/region", number % _DEPARTMENTS % _REGIONS),
            _id("territory/country", "FR"),
        ]
        for level, place, larger in zip(_LEVELS, chain, [*chain[1:], None], strict=True):
            if not self._is_new(place):
                break
            draft.tell(place, "a", _term("coop:Territory"))
            draft.tell(place, "skos:prefLabel", Literal(f"Territoire {number}", language="fr"))
            draft.tell(place, "coop:territoryLevel", _concept("territory-level", level))
            if larger is not None:
                draft.tell(place, "coop:directlyWithin", larger)
        return chain[0]

    def _is_new(self, node: NamedNode) -> bool:
        before = len(self._described)
        self._described.add(node)
        return len(self._described) > before


@dataclass(slots=True)
class _Draft:
    own: list[Triple] = field(default_factory=list)
    around: list[Triple] = field(default_factory=list)
    actors: list[NamedNode] = field(default_factory=list)

    def say(self, subject: NamedNode, predicate: str, value: NamedNode | Literal) -> None:
        self.own.append(Triple(subject, _term(predicate), value))

    def tell(self, subject: NamedNode, predicate: str, value: NamedNode | Literal) -> None:
        self.around.append(Triple(subject, _term(predicate), value))

    def labelled(self, subject: NamedNode, kind: str, source: NamedNode) -> None:
        self.say(subject, "a", _term(kind))
        self.say(subject, "skos:prefLabel", Literal(subject.value.rpartition("/")[2], language="fr"))
        self.say(subject, "dcterms:source", source)


def _term(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(names.PREFIXES[prefix] + local) if local else _TYPE


def _id(kind: str, number: object) -> NamedNode:
    return NamedNode(f"{names.BASE}id/{kind}/{number}")


def _concept(scheme: str, name: str) -> NamedNode:
    return NamedNode(f"{names.BASE}scheme/{scheme}/{name}")


#: The actors of the whole country.
HUBS = tuple(_id("organisation", number) for number in range(NATIONAL))
