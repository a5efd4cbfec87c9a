"""What a description must say, as the shapes say it: for each class its properties, how needed each is, what it takes.

The only module that reads shapes for people who do not read SHACL; nothing is judged by it. What it gives is data and
texts in both languages: pages and documents put it into sentences.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from coopkg import names
from coopkg.constraints import Term, sh
from coopkg.findings import Texts, Tier
from coopkg.rdf import BlankNode, Literal, NamedNode, Triple
from coopkg.shapegraph import ShapeGraph

#: The classes whose instances are written by hand, in the order in which a reader meets them.
CLASSES = (
    *(names.COOP + name for name in ("SourceDocument", "Action", "Project", "Experiment", "Event", "Programme")),
    *(names.COOP + name for name in ("Participation", "ExpectedParticipation")),
    f"{names.PREFIXES['org']}Organization",
    *(names.COOP + name for name in ("StakeholderGroup", "Territory", "Outcome", "Measure", "Lesson", "Perspective")),
)
_LANGUAGES = {f"{names.SHAPES}InFrench": "fr", f"{names.SHAPES}InEnglish": "en"}
_LIMITS = (
    *("minLength", "maxLength", "minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "pattern"),
    *("lessThan", "lessThanOrEquals"),
)
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
_TYPE, _LABEL = NamedNode(f"{names.RDF}type"), NamedNode(f"{names.RDFS}label")


class Need(StrEnum):
    """How needed a property is; the most needed first."""

    REQUIRED = "required"  # without it the build refuses
    RECOMMENDED = "recommended"  # without it the build warns
    WELCOME = "welcome"
    OPTIONAL = "optional"
    INFERRED = "inferred"  # it follows, and is not written


_NEEDS = {Tier.VIOLATION: Need.REQUIRED, Tier.WARNING: Need.RECOMMENDED, Tier.INFO: Need.WELCOME}
_ORDER = list(Need)


@dataclass(frozen=True, slots=True)
class Value:
    """What a property takes.

    Args:
        kind: "class", "datatype", "scheme" (a list of concepts), "shape" or "iri" (any).
        iri: which one; "" for any IRI.
        names: what the shape is called, for "shape".
        limits: local names of SHACL's limits with what they allow, as text.
    """

    kind: str
    iri: str = ""
    names: Texts = ()
    limits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """How a property is reached: forward, from another thing that points here, or one of several properties."""

    predicates: tuple[str, ...]
    is_inverse: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape that has a name: what it asks, and what its finding says.

    Args:
        targets: what it is about, as (local name of SHACL's target, IRI).
        holders: the shapes that hold it.
        group: the IRI of its group, or "".
        order: its place in the group.
        limits: local names of SHACL's limits with what they allow, as text.
    """

    iri: str
    tier: Tier
    name: Texts
    description: Texts
    message: Texts
    route: Route | None
    targets: tuple[tuple[str, str], ...]
    holders: tuple[str, ...]
    group: str
    order: int
    limits: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is asked of a property of a class.

    Args:
        lang: in which language a text is asked for; "" for any.
        is_single: whether it may be given only once.
        triggers: the properties whose presence makes it required.
        telling: the rule whose description says best what the property is.
        rules: all that judge it and have a name.
    """

    route: Route
    need: Need
    lang: str
    is_single: bool
    triggers: tuple[str, ...]
    values: tuple[Value, ...]
    telling: Rule
    rules: tuple[Rule, ...]


class Requirements:
    """What some shapes ask, class by class.

    Its methods raise `shapegraph.NotCompiledError` where a shape is not in the form that it must have: no build would
    have taken it.

    Args:
        derived: the properties that only the build writes.
    """

    def __init__(self, shapes: Iterable[Triple], derived: Collection[str] = ()) -> None:
        self._graph = ShapeGraph(shapes, {})
        self._derived = derived
        self._holders = self._held_by()

    def of(self, classes: Iterable[str]) -> list[Requirement]:
        """Return what is asked of the properties of some classes together, the most needed first.

        Args:
            classes: a class, and those wider ones whose requirements are to be among its own.
        """
        shapes: dict[Route, list[Term]] = {}
        for root in self.roots(classes):
            for held in self._graph.all(root, "property"):
                if route := self._route(held):
                    shapes.setdefault(route, []).append(held)
        found = (self._requirement(route, sorted(held, key=str)) for route, held in shapes.items())
        return sorted(found, key=lambda one: (_ORDER.index(one.need), one.telling.order, one.route.predicates))

    def checks(self, classes: Iterable[str]) -> list[Rule]:
        """Return what else is judged of classes: rules that are about more than one property of the thing itself."""
        roots = self.roots(classes)
        held = [node for root in roots for node in self._graph.all(root, "property") if self._route(node) is None]
        found = (*held, *(root for root in roots if self._judges(root)))
        return [self.rule(node) for node in found if self._is_named(node)]

    def roots(self, classes: Iterable[str]) -> list[NamedNode]:
        """Return the shapes that are about some classes, sorted."""
        wanted = {NamedNode(kind) for kind in classes}
        about = (node for node, _ in self._graph.items() if not wanted.isdisjoint(self._graph.all(node, "targetClass")))
        return sorted((node for node in about if isinstance(node, NamedNode)), key=str)

    def rules(self) -> list[Rule]:
        """Return every shape that has a name, by group and place."""
        found = [self.rule(node) for node, _ in self._graph.items() if self._is_named(node)]
        places = {group: place for place, (group, _) in enumerate(self.groups())}
        return sorted(found, key=lambda rule: (places.get(rule.group, len(places)), rule.order, rule.iri))

    def groups(self) -> list[tuple[str, Texts]]:
        """Return the groups of rules in their order, each with its name."""
        kind = sh("PropertyGroup")
        found = [node for node, about in self._graph.items() if kind in about.get(_TYPE, ())]
        ordered = sorted(found, key=lambda node: (self._graph.whole(node, "order") or 0, str(node)))
        return [(_iri(node), _texts(self._graph.about(node).get(_LABEL, ()))) for node in ordered]

    def rule(self, node: Term) -> Rule:
        """Return a shape as a rule."""
        graph = self._graph
        severity = next((_iri(term) for term in graph.all(node, "severity")), "").removeprefix(names.SH)
        return Rule(
            iri=_iri(node),
            tier=Tier(severity) if severity in set(Tier) else Tier.VIOLATION,
            name=_texts(graph.all(node, "name")),
            description=_texts(graph.all(node, "description")),
            message=_texts(graph.all(node, "message")),
            route=self._route(node),
            targets=tuple((name, _iri(term)) for name in _TARGETS for term in sorted(graph.all(node, name), key=str)),
            holders=tuple(self._holders.get(node, ())),
            group=next((_iri(term) for term in graph.all(node, "group")), ""),
            order=graph.whole(node, "order") or 0,
            limits=tuple(self._limits(node)),
        )

    def schemes_of(self, predicate: str) -> list[Value]:
        """Return the lists of concepts from which a property takes its values, in whatever class."""
        shapes = (node for node, _ in self._graph.items() if NamedNode(predicate) in self._graph.all(node, "path"))
        found = {value for shape in shapes for value in self._values(shape) if value.kind == "scheme"}
        return sorted(found, key=lambda value: value.iri)

    def _requirement(self, route: Route, shapes: list[Term]) -> Requirement:
        need, lang = min((self._need(one) for one in shapes if self._has_least(one)), default=(len(_ORDER), ""))
        triggers = sorted(set(self._triggers(route))) if need == len(_ORDER) else []
        values = {shape: list(self._values(shape)) for shape in shapes}
        telling = next((shape for shape in shapes if values[shape]), shapes[0])
        alone = route.predicates[0] if len(route.predicates) == 1 else ""
        wanted = Need.OPTIONAL if need == len(_ORDER) else _ORDER[need]
        return Requirement(
            route=route,
            need=Need.INFERRED if alone in self._derived and not route.is_inverse else wanted,
            lang=lang,
            is_single=any(self._graph.whole(shape, "maxCount") == 1 for shape in shapes),
            triggers=tuple(triggers),
            values=tuple(dict.fromkeys(value for found in values.values() for value in found)),
            telling=self.rule(telling),
            rules=tuple(self.rule(shape) for shape in shapes if self._is_named(shape)),
        )

    def _need(self, shape: Term) -> tuple[int, str]:
        """Return how needed what a shape counts is, and in which language; the more needed sorts first."""
        qualified = next((_iri(term) for term in self._graph.all(shape, "qualifiedValueShape")), "")
        return _ORDER.index(_NEEDS[self.rule(shape).tier]), _LANGUAGES.get(qualified, "")

    def _has_least(self, shape: Term) -> bool:
        return any(self._graph.whole(shape, least) for least in ("minCount", "qualifiedMinCount"))

    def _triggers(self, route: Route) -> Iterator[str]:
        """Yield the properties that make one required where they are given."""
        for node, _ in self._graph.items():
            for trigger in self._graph.iris(node, "targetSubjectsOf"):
                for held in self._graph.all(node, "property"):
                    if self._route(held) == route and self._has_least(held):
                        yield trigger.value

    def _values(self, shape: Term) -> Iterator[Value]:
        """Yield what a shape wants values to be."""
        graph, limits = self._graph, tuple(self._limits(shape))
        for name, kind in (("class", "class"), ("datatype", "datatype")):
            for iri in graph.iris(shape, name):
                yield Value(kind, iri.value, limits=limits)
        for node in graph.all(shape, "node"):
            fixed = [_iri(term) for held in graph.all(node, "property") for term in graph.all(held, "hasValue")]
            yield from (Value("scheme", iri) for iri in fixed)
            if not fixed:
                yield Value("shape", _iri(node), _texts(graph.all(node, "name")))
        for choices in graph.all(shape, "or"):
            for choice in graph.listed(shape, choices):
                yield from (replace(value, limits=value.limits or limits) for value in self._values(choice))
        if sh("IRI") in graph.all(shape, "nodeKind"):
            yield Value("iri", limits=limits)

    def _limits(self, shape: Term) -> Iterator[tuple[str, str]]:
        for name in _LIMITS:
            for term in self._graph.all(shape, name):
                if isinstance(term, Literal | NamedNode):
                    yield name, term.value
        for name in ("in", "languageIn"):
            for items in self._graph.all(shape, name):
                yield name, ", ".join(getattr(item, "value", "") for item in self._graph.listed(shape, items))
        if self._graph.flag(shape, "uniqueLang"):
            yield "uniqueLang", "true"

    def _route(self, shape: Term) -> Route | None:
        """Return the property that a shape is about; None for a path of several steps, which is a check."""
        for path in self._graph.all(shape, "path"):
            if isinstance(path, NamedNode):
                return Route((path.value,))
            if inverse := self._graph.all(path, "inversePath"):
                return Route((_iri(inverse[0]),), is_inverse=True)
            for choices in self._graph.all(path, "alternativePath"):
                return Route(tuple(_iri(choice) for choice in self._graph.listed(shape, choices)))
        return None

    def _judges(self, root: Term) -> bool:
        """Whether a shape asks something of the thing itself, beside what it asks of its properties."""
        return any(self._graph.all(root, name) for name in ("sparql", "or", "and", "xone", "not", "pattern", "closed"))

    def _is_named(self, node: Term) -> bool:
        return isinstance(node, NamedNode) and bool(self._graph.all(node, "name"))

    def _held_by(self) -> Mapping[Term, list[str]]:
        found: dict[Term, list[str]] = {}
        for node, _ in self._graph.items():
            for held in self._graph.all(node, "property"):
                found.setdefault(held, []).append(_iri(node))
        return {node: sorted(holders) for node, holders in found.items()}


def _iri(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | BlankNode) else ""


def _texts(terms: Iterable[Term]) -> Texts:
    return tuple(sorted((term.language or "", term.value) for term in terms if isinstance(term, Literal)))
