"""The reader of shapes: from a graph into `constraints`; what cannot be compiled is refused with its place.

Source: SHACL (W3C Recommendation of 2017), core and SPARQL. The table of what is supported is in ADR 0013.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from coopkg import names, queries
from coopkg.constraints import (
    Class,
    Closed,
    Constraint,
    Count,
    Datatype,
    Disjoint,
    Equals,
    HasValue,
    In,
    LanguageIn,
    Length,
    LessThan,
    Logical,
    Node,
    NodeKind,
    Pattern,
    Property,
    Qualified,
    Range,
    Shape,
    Target,
    Term,
    UniqueLang,
    sh,
)
from coopkg.errors import InputError
from coopkg.paths import Chain, Choice, Inverse, Path, Repeat, Step
from coopkg.queries import OF_QUERY, Components
from coopkg.rdf import BlankNode, Literal, NamedNode, Triple
from coopkg.shapegraph import NotCompiledError, ShapeGraph

_TYPE = NamedNode(f"{names.RDF}type")
_NIL = NamedNode(f"{names.RDF}nil")
_CLASSES = (NamedNode(f"{names.RDFS}Class"), NamedNode(f"{names.OWL}Class"))
_SHAPE_CLASSES = (sh("NodeShape"), sh("PropertyShape"))
_KINDS = {
    "IRI": {"IRI"},
    "BlankNode": {"BlankNode"},
    "Literal": {"Literal"},
    "BlankNodeOrIRI": {"BlankNode", "IRI"},
    "BlankNodeOrLiteral": {"BlankNode", "Literal"},
    "IRIOrLiteral": {"IRI", "Literal"},
}
#: The engine stores these as xsd:integer, so that nobody can say any more which of them a value had.
_FORGOTTEN = frozenset(
    f"{names.XSD}{name}"
    for name in (
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger", "long", "int", "short"),
        *("byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_RANGES = {"minInclusive": ">=", "maxInclusive": "<=", "minExclusive": ">", "maxExclusive": "<"}
_TARGETS = {
    "targetClass": "Class",
    "targetNode": "Node",
    "targetSubjectsOf": "SubjectsOf",
    "targetObjectsOf": "ObjectsOf",
}
#: Whether a path may be taken zero times, and more than once.
_REPEATS = {"zeroOrMorePath": (True, True), "oneOrMorePath": (False, True), "zeroOrOnePath": (True, False)}
_SHAPE_VALUED = ("node", "not", "property", "qualifiedValueShape")
_SHAPE_LISTS = ("and", "or", "xone")
_PARAMETERS = (
    *("class", "datatype", "nodeKind", "minCount", "maxCount", *_RANGES, "minLength", "maxLength", "pattern"),
    *("languageIn", "uniqueLang", "equals", "disjoint", "lessThan", "lessThanOrEquals", *_SHAPE_VALUED),
    *(*_SHAPE_LISTS, "closed", "hasValue", "in", "sparql"),
)
_BESIDE = (
    *("path", "flags", "ignoredProperties", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint"),
    *(
        "severity",
        "message",
        "deactivated",
        "name",
        "description",
        "order",
        "group",
        "defaultValue",
        "prefixes",
        *_TARGETS,
    ),
)
_MARKS = frozenset(map(sh, (*_PARAMETERS, *_TARGETS)))
#: The properties of shapes that are compiled or passed over.
KNOWN = frozenset(map(sh, (*_PARAMETERS, *_BESIDE)))
#: Those of paths.
OF_PATHS = frozenset(map(sh, ("inversePath", "alternativePath", *_REPEATS)))


def read(triples: Iterable[Triple], places: Mapping[Term, str] | None = None) -> tuple[Shape, ...]:
    """Return every shape of a graph, in the order of their names; those that are deactivated have no constraint.

    Args:
        triples: as a store would give them back (`store.normalised`), or a value in them may match nothing.
        places: where a node is described, as messages say it.
    Raises:
        InputError: some shapes cannot be compiled; lists all of them, with the reasons.
    """
    return _Reader(ShapeGraph(triples, places or {})).shapes()


class _Reader:
    def __init__(self, graph: ShapeGraph) -> None:
        self._graph = graph
        self._components = Components(graph)
        self._read: dict[Term, Shape] = {}
        self._open: set[Term] = set()

    def shapes(self) -> tuple[Shape, ...]:
        faults = []
        for node in sorted(self._nodes(), key=str):
            try:
                self._shape(node)
            except NotCompiledError as fault:
                faults.append(str(fault))
        if faults:
            raise InputError("\n".join(dict.fromkeys(faults)))
        return tuple(sorted(self._read.values(), key=lambda shape: str(shape.node)))

    def _nodes(self) -> set[Term]:
        """Return the nodes that are shapes. Source: SHACL, section 2.1."""
        marks = _MARKS | self._components.parameters
        return {
            node
            for node, about in self._graph.items()
            if any(kind in about.get(_TYPE, ()) for kind in _SHAPE_CLASSES) or not marks.isdisjoint(about)
        } - self._components.descriptions

    def _shape(self, node: Term) -> Shape:
        if (known := self._read.get(node)) is not None:
            return known
        if not isinstance(node, NamedNode | BlankNode):
            self._graph.refuse(node, "a literal is no shape")
        if node in self._open:
            self._graph.refuse(node, "it refers to itself, which the Recommendation leaves undefined; break the circle")
        self._open.add(node)
        try:
            shape = self._read[node] = self._new_shape(node)
        finally:
            self._open.discard(node)
        return shape

    def _new_shape(self, node: NamedNode | BlankNode) -> Shape:
        # A shape may hold its own query.
        known = KNOWN | OF_QUERY if node in self._graph.all(node, "sparql") else KNOWN
        for predicate in self._graph.about(node):
            if predicate.value.startswith(names.SH) and predicate not in known:
                self._graph.refuse(
                    node, f"{names.short(predicate.value)} is not compiled (ADR 0013 lists what is); remove it"
                )
        path = self._shape_path(node)
        severity = next(iter(self._graph.iris(node, "severity")), sh("Violation"))
        deactivated = self._graph.flag(node, "deactivated")
        return Shape(
            node=node,
            path=path,
            severity=severity.value,
            messages=tuple(term for term in self._graph.all(node, "message") if isinstance(term, Literal)),
            targets=() if deactivated else tuple(self._targets(node)),
            constraints=() if deactivated else tuple(self._constraints(node, path)),
        )

    def _shape_path(self, node: Term) -> Path | None:
        given = self._graph.one(node, "path")
        if given is None:
            if sh("PropertyShape") in self._graph.about(node).get(_TYPE, []):
                self._graph.refuse(node, "a property shape needs one sh:path")
            return None
        return self._path(node, given, frozenset())

    def _path(self, owner: Term, node: Term, above: frozenset[Term]) -> Path:  # noqa: RET503  # refuse does not return
        if isinstance(node, NamedNode) and node != _NIL:
            return Step(node)
        if not isinstance(node, BlankNode) or node in above:
            self._graph.refuse(owner, f"{node} is no path")
        above |= {node}
        if self._graph.is_list(node):
            steps = tuple(self._path(owner, step, above) for step in self._graph.listed(owner, node))
            if len(steps) < 2:
                self._graph.refuse(owner, "a path of several steps needs two")
            return Chain(steps)
        if len(self._graph.about(node)) != 1:
            self._graph.refuse(owner, f"the path at {node} must have one property")
        if (inner := self._graph.one(node, "inversePath")) is not None:
            return Inverse(self._path(owner, inner, above))
        for name, (from_zero, goes_on) in _REPEATS.items():
            if (inner := self._graph.one(node, name)) is not None:
                return Repeat(self._path(owner, inner, above), from_zero, goes_on)
        if (choices := self._graph.one(node, "alternativePath")) is not None:
            paths_ = tuple(self._path(owner, choice, above) for choice in self._graph.listed(owner, choices))
            if len(paths_) < 2:
                self._graph.refuse(owner, "sh:alternativePath needs two paths")
            return Choice(paths_)
        self._graph.refuse(owner, f"the path at {node} is of no known form")

    def _targets(self, node: NamedNode | BlankNode) -> Iterator[Target]:
        for name, kind in _TARGETS.items():
            for term in self._graph.all(node, name) if kind == "Node" else self._graph.iris(node, name):
                yield Target(kind, term)
        about = self._graph.about(node).get(_TYPE, [])
        if isinstance(node, NamedNode) and any(kind in about for kind in _CLASSES):
            yield Target("Class", node)  # a class that is a shape is its own target

    def _constraints(self, node: Term, path: Path | None) -> Iterator[Constraint]:
        yield from self._of_values(node)
        yield from self._of_sets(node, path)
        yield from self._of_shapes(node, path)
        if self._graph.flag(node, "closed"):
            yield Closed(frozenset(self._allowed(node)))
        for query in self._graph.all(node, "sparql"):
            if not self._graph.flag(query, "deactivated"):
                yield queries.sparql(self._graph, node, query, path)
        yield from self._components.constraints(node, path)

    def _of_values(self, node: Term) -> Iterator[Constraint]:
        for iri in self._graph.iris(node, "class"):
            yield Class(iri)
        for iri in self._graph.iris(node, "datatype"):
            if iri.value in _FORGOTTEN:
                self._graph.refuse(
                    node, f"the store keeps {names.short(iri.value)} as xsd:integer; use that, with sh:minInclusive"
                )
            yield Datatype(iri)
        for iri in self._graph.iris(node, "nodeKind"):
            if (kinds := _KINDS.get(iri.value.removeprefix(names.SH))) is None:
                self._graph.refuse(node, f"sh:nodeKind does not know {iri}")
            yield NodeKind(frozenset(kinds))
        for name, sign in _RANGES.items():
            for term in self._graph.all(node, name):
                if not isinstance(term, Literal):
                    self._graph.refuse(node, f"sh:{name} must be a literal, not {term}")
                yield Range(_component(name), sign, term)
        for name, sign in (("minLength", ">="), ("maxLength", "<=")):
            if (length := self._graph.whole(node, name)) is not None:
                yield Length(_component(name), sign, length)
        flags = next(self._graph.texts(node, "flags"), "")
        for regex in self._graph.texts(node, "pattern"):
            yield Pattern(regex, flags)
        for items in self._graph.all(node, "languageIn"):
            ranges = self._graph.listed(node, items)
            if not all(isinstance(item, Literal) for item in ranges):
                self._graph.refuse(node, "sh:languageIn holds language tags")
            yield LanguageIn(tuple(item.value for item in ranges if isinstance(item, Literal)))
        for items in self._graph.all(node, "in"):
            yield In(tuple(self._graph.listed(node, items)))

    def _of_sets(self, node: Term, path: Path | None) -> Iterator[Constraint]:
        for term in self._graph.all(node, "hasValue"):
            yield HasValue(term)
        for iri in self._graph.iris(node, "equals"):
            yield Equals(iri)
        for iri in self._graph.iris(node, "disjoint"):
            yield Disjoint(iri)
        only = [
            name for name in ("minCount", "maxCount", "lessThan", "lessThanOrEquals") if self._graph.all(node, name)
        ]
        if self._graph.flag(node, "uniqueLang"):
            only.append("uniqueLang")
        if only and path is None:
            self._graph.refuse(node, f"sh:{only[0]} needs a path")
        for name in ("minCount", "maxCount"):
            if (count := self._graph.whole(node, name)) is not None:
                yield Count(_component(name), count)
        if "uniqueLang" in only:
            yield UniqueLang()
        for name, sign in (("lessThan", "<"), ("lessThanOrEquals", "<=")):
            for iri in self._graph.iris(node, name):
                yield LessThan(_component(name), sign, iri)

    def _of_shapes(self, node: Term, path: Path | None) -> Iterator[Constraint]:
        for term in self._graph.all(node, "node"):
            yield Node(self._shape(term))
        for term in self._graph.all(node, "not"):
            yield Logical("Not", (self._shape(term),))
        for name in _SHAPE_LISTS:
            for items in self._graph.all(node, name):
                yield Logical(_component(name), tuple(self._shape(item) for item in self._graph.listed(node, items)))
        for term in self._graph.all(node, "property"):
            shape = self._shape(term)
            if not self._graph.all(term, "path"):
                self._graph.refuse(node, f"sh:property leads to {term}, which has no sh:path")
            yield Property(shape)
        counts = [(name, self._graph.whole(node, name)) for name in ("qualifiedMinCount", "qualifiedMaxCount")]
        qualified = self._graph.one(node, "qualifiedValueShape")
        if (qualified is None) != all(count is None for _, count in counts) or (qualified is not None and path is None):
            self._graph.refuse(node, "sh:qualifiedValueShape needs a path and a count, and a count needs a shape")
        if qualified is not None:
            siblings = tuple(self._siblings(node)) if self._graph.flag(node, "qualifiedValueShapesDisjoint") else ()
            for name, count in counts:
                if count is not None:
                    yield Qualified(_component(name), self._shape(qualified), count, siblings)

    def _siblings(self, node: Term) -> Iterator[Shape]:
        """Yield the sibling shapes. Source: SHACL, section 4.7.3."""
        own = self._graph.all(node, "qualifiedValueShape")
        found: dict[Term, None] = {}
        for _, about in self._graph.items():
            if node in (held := about.get(sh("property"), [])):
                found |= {shape: None for other in held for shape in self._graph.all(other, "qualifiedValueShape")}
        for shape in found:
            if shape not in own:
                yield self._shape(shape)

    def _allowed(self, node: Term) -> Iterator[NamedNode]:
        for items in self._graph.all(node, "ignoredProperties"):
            for item in self._graph.listed(node, items):
                if isinstance(item, NamedNode):
                    yield item
        for held in self._graph.all(node, "property"):
            for path in self._graph.all(held, "path"):
                if isinstance(path, NamedNode):
                    yield path


def _component(name: str) -> str:
    return name[0].upper() + name[1:]
