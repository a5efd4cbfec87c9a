"""Which facets a thing has: the routes through the graph that lead to their values, walked forth and back.

Forth, from a thing to the values by which lists are filtered. Back, from a statement that changed to the things whose
values may be others now. One table says both, so that they agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from coopkg import names

LEVEL = f"{names.COOP}territoryLevel"
_LEVELS = f"{names.BASE}scheme/territory-level/"


class Links(Protocol):
    """What the routes lead through."""

    def ahead(self, node: str, predicate: str) -> Iterable[str]:
        """Return the IRIs among the values of a property."""

    def behind(self, node: str, predicate: str) -> Iterable[str]:
        """Return the IRIs of which a node is the value of a property."""


@dataclass(frozen=True, slots=True)
class Step:
    """From things to the values of a property, or from values to things.

    Args:
        is_inverse: from values to things.
        is_repeated: as often as it goes, also not at all.
        is_optional: once, or not at all.
    """

    predicate: str
    is_inverse: bool = False
    is_repeated: bool = False
    is_optional: bool = False

    def back(self) -> Step:
        """Return the step that leads back."""
        return replace(self, is_inverse=not self.is_inverse)

    def once(self, links: Links, nodes: Iterable[str]) -> set[str]:
        """Return what is one step away from some nodes."""
        look = links.behind if self.is_inverse else links.ahead
        return {found for node in nodes for found in look(node, self.predicate)}

    def walk(self, links: Links, nodes: set[str]) -> set[str]:
        """Return where the step leads from some nodes."""
        if not self.is_repeated:
            return self.once(links, nodes) | (nodes if self.is_optional else set())
        seen = fresh = set(nodes)
        while fresh:
            fresh = self.once(links, fresh) - seen
            seen |= fresh
        return seen


@dataclass(frozen=True, slots=True)
class Route:
    """Steps, one after the other.

    Args:
        level: of what is reached, the territories of this level alone; "" for all that is reached.
    """

    steps: tuple[Step, ...]
    level: str = ""

    @classmethod
    def of(cls, text: str) -> Route:
        """Return a route as it is written here: as a path of SPARQL, the level in brackets.

        >>> Route.of("^coop:hasLesson/coop:locatedIn[region]").steps[0].is_inverse
        True
        """
        path, _, level = text.rstrip("]").partition("[")
        return cls(tuple(map(_step, path.split("/"))), f"{_LEVELS}{level}" if level else "")

    def values(self, links: Links, thing: str) -> set[str]:
        """Return what is reached from a thing."""
        nodes = _walked(links, {thing}, self.steps)
        return {node for node in nodes if self.level in links.ahead(node, LEVEL)} if self.level else nodes

    def starts(self, links: Links, subject: str, predicate: str, value: str) -> Iterator[str]:
        """Yield the things from which a statement may be met on the way."""
        steps = (*self.steps, Step(LEVEL)) if self.level else self.steps
        for place, step in enumerate(steps):
            if step.predicate == predicate:
                near = {value if step.is_inverse else subject}
                met = step.back().walk(links, near) if step.is_repeated else near
                yield from _walked(links, met, [one.back() for one in reversed(steps[:place])])


def touched(links: Links, subject: str, predicate: str, value: str) -> Iterator[str]:
    """Yield the things whose facets may be others once a statement came or went; the same one may come twice.

    Of the links of a way that is no more, the first that went is met from its thing by links that are still there: so
    what is stated now is enough, as long as this is asked of each statement that went or came.

    Args:
        links: what is stated now.
    """
    for routes in (*FACETS.values(), LISTED):
        for route in routes.values():
            yield from route.starts(links, subject, predicate, value)


def _walked(links: Links, nodes: set[str], steps: Iterable[Step]) -> set[str]:
    for step in steps:
        nodes = step.walk(links, nodes)
    return nodes


def _step(text: str) -> Step:
    prefix, _, local = text.strip("^*?").partition(":")
    return Step(names.PREFIXES[prefix] + local, text.startswith("^"), text.endswith("*"), text.endswith("?"))


def _routes(**texts: str) -> Mapping[str, Route]:
    return {name.replace("_", "-"): Route.of(text) for name, text in texts.items()}


#: The facets of each kind but for its classes and years, which are worked out from what is said of the thing itself.
FACETS: Mapping[str, Mapping[str, Route]] = {
    "action": _routes(
        region="coop:locatedIn[region]",
        departement="coop:locatedIn[departement]",
        theme="coop:theme/skos:broader*",
        actor_kind="^coop:inAction/coop:participant/org:classification",
        role="^coop:inAction/coop:role",
        outcome_kind="coop:hasOutcome/coop:outcomeKind",
        lesson_kind="coop:hasLesson/coop:lessonKind",
        programme="coop:inProgramme",
        status="coop:status",
        goal="coop:contributesToGoal",
        participant="^coop:inAction/coop:participant",
        territory="coop:locatedIn",
    ),
    "organisation": _routes(
        actor_kind="org:classification",
        role="^coop:participant/coop:role",
        region="^coop:participant/coop:inAction/coop:locatedIn[region]",
        departement="^coop:participant/coop:inAction/coop:locatedIn[departement]",
        theme="^coop:participant/coop:inAction/coop:theme/skos:broader*",
    ),
    "lesson": _routes(
        lesson_kind="coop:lessonKind",
        theme="^coop:hasLesson?/coop:theme/skos:broader*",
        region="^coop:hasLesson/coop:locatedIn[region]",
        departement="^coop:hasLesson/coop:locatedIn[departement]",
    ),
    "outcome": _routes(
        outcome_kind="coop:outcomeKind",
        status="coop:status",
        theme="^coop:hasOutcome/coop:theme/skos:broader*",
        region="^coop:hasOutcome/coop:locatedIn[region]",
        departement="^coop:hasOutcome/coop:locatedIn[departement]",
    ),
    "territory": _routes(
        level="coop:territoryLevel",
        region="coop:within[region]",
        departement="coop:within[departement]",
    ),
    "source": _routes(
        publisher="dcterms:publisher",
        page_kind="coop:pageKind",
        theme="dcterms:subject/skos:broader*",
    ),
}
#: What must be there for a thing to be in the list of its kind; those of other kinds always are.
LISTED: Mapping[str, Route] = {"territory": Route.of("^coop:locatedIn")}
#: Facets that filter, and whose values are too many to be counted in a list.
UNCOUNTED = frozenset({"participant", "territory"})
#: The facet of actions that counts, for each thing of a kind, in how many actions it has a part.
SIZES: Mapping[str, str] = {"organisation": "participant", "territory": "territory", "theme": "theme"}
