"""Shapes: read from a graph into a model, refused where they cannot be compiled, linted.

Source: SHACL (W3C Recommendation of 2017), core and SPARQL-based constraints. The table of what is supported is in
ADR 0013. Whatever is not understood is refused with its place: a constraint that nobody judges would pass everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from coopkg import names, paths, patterns
from coopkg.errors import InputError, QueryError
from coopkg.paths import Chain, Choice, Inverse, Path, Repeat, Step
from coopkg.rdf import BlankNode, Literal, NamedNode, Triple

Term = NamedNode | BlankNode | Literal | Triple


def sh(name: str) -> NamedNode:
    """Return a term of SHACL."""
    return NamedNode(f"{names.SH}{name}")


_TYPE = NamedNode(f"{names.RDF}type")
_NIL = NamedNode(f"{names.RDF}nil")
_FIRST, _REST = NamedNode(f"{names.RDF}first"), NamedNode(f"{names.RDF}rest")
_IMPORTS = NamedNode(f"{names.OWL}imports")
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


@dataclass(frozen=True, slots=True)
class Datatype:
    iri: NamedNode


@dataclass(frozen=True, slots=True)
class NodeKind:
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Class:
    iri: NamedNode


@dataclass(frozen=True, slots=True)
class Range:
    """A bound: the value stands on the left of the sign."""

    component: str
    sign: str
    bound: Literal


@dataclass(frozen=True, slots=True)
class Length:
    component: str
    sign: str
    bound: int


@dataclass(frozen=True, slots=True)
class Pattern:
    regex: str
    flags: str


@dataclass(frozen=True, slots=True)
class LanguageIn:
    ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class In:
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class HasValue:
    term: Term


@dataclass(frozen=True, slots=True)
class Count:
    """How many values there must be: at least (`MinCount`) or at most (`MaxCount`)."""

    component: str
    bound: int


@dataclass(frozen=True, slots=True)
class UniqueLang:
    pass


@dataclass(frozen=True, slots=True)
class Equals:
    predicate: NamedNode


@dataclass(frozen=True, slots=True)
class Disjoint:
    predicate: NamedNode


@dataclass(frozen=True, slots=True)
class LessThan:
    component: str
    sign: str
    predicate: NamedNode


@dataclass(frozen=True, slots=True)
class Node:
    shape: Shape


@dataclass(frozen=True, slots=True)
class Logical:
    """`Not`, `And`, `Or` or `Xone` of some shapes."""

    component: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Property:
    shape: Shape


@dataclass(frozen=True, slots=True)
class Qualified:
    """How many values must conform to a shape, and to none of `siblings`."""

    component: str
    shape: Shape
    bound: int
    siblings: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    allowed: frozenset[NamedNode]


@dataclass(frozen=True, slots=True)
class Sparql:
    """A SELECT whose solutions are results.

    Args:
        node: the node that holds the query.
        query: whole, with its prefixes, `$PATH` replaced.
        messages: with `{?name}` where a value of the solution goes.
    """

    node: NamedNode | BlankNode
    query: str
    messages: tuple[Literal, ...]
    reading: patterns.Reading | None


Constraint = (
    Datatype | NodeKind | Class | Range | Length | Pattern | LanguageIn | In | HasValue | Count | UniqueLang | Equals
    | Disjoint | LessThan | Node | Logical | Property | Qualified | Closed | Sparql
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """`Class`, `Node`, `SubjectsOf` or `ObjectsOf`, and the term that it names."""

    kind: str
    term: Term


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A node shape (no path) or a property shape. Two are equal when they are the same one."""

    node: NamedNode | BlankNode
    path: Path | None
    severity: str
    messages: tuple[Literal, ...]
    targets: tuple[Target, ...]
    constraints: tuple[Constraint, ...]

    @property
    def name(self) -> str:
        """How messages name it."""
        return names.short(self.node.value) if isinstance(self.node, NamedNode) else str(self.node)


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
_OF_SPARQL = frozenset(map(sh, ("select", "prefixes", "message", "deactivated")))
_MARKS = frozenset(map(sh, (*_PARAMETERS, *_TARGETS)))
_KNOWN = frozenset(map(sh, (*_PARAMETERS, *_BESIDE)))
_SEVERITIES = frozenset(sh(name).value for name in ("Violation", "Warning", "Info"))


class _NotCompiledError(Exception):
    """A shape cannot be compiled; the text says why."""


def read(triples: Iterable[Triple], places: Mapping[Term, str] | None = None) -> tuple[Shape, ...]:
    """Return every shape of a graph, in the order of their names; those that are deactivated have no constraint.

    Args:
        triples: as a store would give them back (`store.normalised`), or a value in them may match nothing.
        places: where a node is described, as messages say it.
    Raises:
        InputError: some shapes cannot be compiled; lists all of them, with the reasons.
    """
    return _Reader(triples, places or {}).shapes()


def lint(shapes: Iterable[Shape]) -> list[str]:
    """Return what shapes do that engines answer differently, or that a report cannot tell; sorted, one line each."""
    return sorted({f"{shape.name}: {fault}" for shape in shapes for fault in _faults(shape)})


def _faults(shape: Shape) -> Iterator[str]:
    if isinstance(shape.node, BlankNode):
        yield "a shape without an IRI cannot be named in a report; give it one"
    if shape.severity not in _SEVERITIES:
        yield f"<{shape.severity}> is no severity of SHACL; use sh:Violation, sh:Warning or sh:Info"
    for constraint in shape.constraints:
        if isinstance(constraint, Property) and shape.path is not None:
            yield "sh:property in a property shape: engines report the inner node as focus; use sh:node"
        elif isinstance(constraint, Sparql):
            if constraint.reading is None:
                yield "what its query reads is not understood: every change would judge the whole graph; make it plain"
            elif constraint.reading.loose:
                yield "a pattern of its query is not connected to $this; connect it"
            if patterns.compares_variables(constraint.query):
                yield "its query orders two variables, which engines do differently for dates; use sh:lessThan"


class _Reader:
    def __init__(self, triples: Iterable[Triple], places: Mapping[Term, str]) -> None:
        self._index: defaultdict[Term, defaultdict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            if triple.object not in self._index[triple.subject][triple.predicate]:
                self._index[triple.subject][triple.predicate].append(triple.object)
        self._places = places
        self._read: dict[Term, Shape] = {}
        self._open: set[Term] = set()
        self._components = {
            path: component
            for component in list(self._index)
            for parameter in self._all(component, "parameter")
            for path in self._all(parameter, "path")
        }

    def shapes(self) -> tuple[Shape, ...]:
        faults = []
        for node in sorted(self._nodes(), key=str):
            try:
                self._shape(node)
            except _NotCompiledError as fault:
                faults.append(str(fault))
        if faults:
            raise InputError("\n".join(dict.fromkeys(faults)))
        return tuple(sorted(self._read.values(), key=lambda shape: str(shape.node)))

    def _nodes(self) -> set[Term]:
        """Return the nodes that are shapes. Source: SHACL, section 2.1."""
        found = set()
        for node, about in self._index.items():
            if any(kind in about.get(_TYPE, ()) for kind in _SHAPE_CLASSES) or not _MARKS.isdisjoint(about):
                found.add(node)
        return found

    def _about(self, node: Term) -> Mapping[NamedNode, list[Term]]:
        return self._index.get(node, {})

    def _all(self, node: Term, name: str) -> list[Term]:
        return self._about(node).get(sh(name), [])

    def _refuse(self, node: Term, why: str) -> NoReturn:
        shown = names.short(node.value) if isinstance(node, NamedNode) else str(node)
        place = self._places.get(node)
        raise _NotCompiledError(f"{f'{place}: ' if place else ''}{shown}: {why}")

    def _one(self, node: Term, name: str) -> Term | None:
        found = self._all(node, name)
        if len(found) > 1:
            self._refuse(node, f"sh:{name} is given {len(found)} times; give it once")
        return found[0] if found else None

    def _whole(self, node: Term, name: str) -> int | None:
        term = self._one(node, name)
        if term is None:
            return None
        if not isinstance(term, Literal) or not term.value.isdigit() or not term.datatype.value.endswith("#integer"):
            self._refuse(node, f"sh:{name} must be a whole number, not {term}")
        return int(term.value)

    def _flag(self, node: Term, name: str) -> bool:
        term = self._one(node, name)
        if term is not None and not (isinstance(term, Literal) and term.value in ("true", "false")):
            self._refuse(node, f"sh:{name} must be true or false, not {term}")
        return isinstance(term, Literal) and term.value == "true"

    def _iris(self, node: Term, name: str) -> Iterator[NamedNode]:
        for term in self._all(node, name):
            if not isinstance(term, NamedNode):
                self._refuse(node, f"sh:{name} must be an IRI, not {term}")
            yield term

    def _texts(self, node: Term, name: str) -> Iterator[str]:
        for term in self._all(node, name):
            if not isinstance(term, Literal):
                self._refuse(node, f"sh:{name} must be a text, not {term}")
            yield term.value

    def _list(self, owner: Term, node: Term) -> list[Term]:
        found: list[Term] = []
        seen: set[Term] = set()
        while node != _NIL:
            first, rest = (self._about(node).get(p, []) for p in (_FIRST, _REST))
            if len(first) != 1 or len(rest) != 1 or node in seen:
                self._refuse(owner, f"the list at {node} is no list")
            seen.add(node)
            found.append(first[0])
            node = rest[0]
        return found

    def _shape(self, node: Term) -> Shape:
        if (known := self._read.get(node)) is not None:
            return known
        if not isinstance(node, NamedNode | BlankNode):
            self._refuse(node, "a literal is no shape")
        if node in self._open:
            self._refuse(node, "it refers to itself, which the Recommendation leaves undefined; break the circle")
        self._open.add(node)
        try:
            shape = self._read[node] = self._new_shape(node)
        finally:
            self._open.discard(node)
        return shape

    def _new_shape(self, node: NamedNode | BlankNode) -> Shape:
        # A shape may hold its own query.
        known = _KNOWN | _OF_SPARQL if node in self._all(node, "sparql") else _KNOWN
        for predicate in self._about(node):
            if predicate.value.startswith(names.SH) and predicate not in known:
                self._refuse(
                    node, f"{names.short(predicate.value)} is not compiled (ADR 0013 lists what is); remove it"
                )
            if predicate in self._components:
                self._refuse(
                    node, f"{names.short(predicate.value)} is a parameter of a component of one's own; use sh:sparql"
                )
        path = self._shape_path(node)
        severity = next(iter(self._iris(node, "severity")), sh("Violation"))
        deactivated = self._flag(node, "deactivated")
        return Shape(
            node=node,
            path=path,
            severity=severity.value,
            messages=tuple(term for term in self._all(node, "message") if isinstance(term, Literal)),
            targets=() if deactivated else tuple(self._targets(node)),
            constraints=() if deactivated else tuple(self._constraints(node, path)),
        )

    def _shape_path(self, node: Term) -> Path | None:
        given = self._one(node, "path")
        if given is None:
            if sh("PropertyShape") in self._about(node).get(_TYPE, []):
                self._refuse(node, "a property shape needs one sh:path")
            return None
        return self._path(node, given, frozenset())

    def _path(self, owner: Term, node: Term, above: frozenset[Term]) -> Path:  # noqa: RET503  # _refuse does not return
        if isinstance(node, NamedNode) and node != _NIL:
            return Step(node)
        if not isinstance(node, BlankNode) or node in above:
            self._refuse(owner, f"{node} is no path")
        above |= {node}
        if _FIRST in self._index[node]:
            steps = tuple(self._path(owner, step, above) for step in self._list(owner, node))
            if len(steps) < 2:
                self._refuse(owner, "a path of several steps needs two")
            return Chain(steps)
        if len(self._index[node]) != 1:
            self._refuse(owner, f"the path at {node} must have one property")
        if (inner := self._one(node, "inversePath")) is not None:
            return Inverse(self._path(owner, inner, above))
        for name, (from_zero, goes_on) in _REPEATS.items():
            if (inner := self._one(node, name)) is not None:
                return Repeat(self._path(owner, inner, above), from_zero, goes_on)
        if (choices := self._one(node, "alternativePath")) is not None:
            paths_ = tuple(self._path(owner, choice, above) for choice in self._list(owner, choices))
            if len(paths_) < 2:
                self._refuse(owner, "sh:alternativePath needs two paths")
            return Choice(paths_)
        self._refuse(owner, f"the path at {node} is of no known form")

    def _targets(self, node: NamedNode | BlankNode) -> Iterator[Target]:
        for name, kind in _TARGETS.items():
            for term in self._all(node, name) if kind == "Node" else self._iris(node, name):
                yield Target(kind, term)
        about = self._about(node).get(_TYPE, [])
        if isinstance(node, NamedNode) and any(kind in about for kind in _CLASSES):
            yield Target("Class", node)  # a class that is a shape is its own target

    def _constraints(self, node: Term, path: Path | None) -> Iterator[Constraint]:
        yield from self._of_values(node)
        yield from self._of_sets(node, path)
        yield from self._of_shapes(node, path)
        if self._flag(node, "closed"):
            yield Closed(frozenset(self._allowed(node)))
        for query in self._all(node, "sparql"):
            if not self._flag(query, "deactivated"):
                yield self._sparql(node, query, path)

    def _of_values(self, node: Term) -> Iterator[Constraint]:
        for iri in self._iris(node, "class"):
            yield Class(iri)
        for iri in self._iris(node, "datatype"):
            if iri.value in _FORGOTTEN:
                self._refuse(
                    node, f"the store keeps {names.short(iri.value)} as xsd:integer; use that, with sh:minInclusive"
                )
            yield Datatype(iri)
        for iri in self._iris(node, "nodeKind"):
            if (kinds := _KINDS.get(iri.value.removeprefix(names.SH))) is None:
                self._refuse(node, f"sh:nodeKind does not know {iri}")
            yield NodeKind(frozenset(kinds))
        for name, sign in _RANGES.items():
            for term in self._all(node, name):
                if not isinstance(term, Literal):
                    self._refuse(node, f"sh:{name} must be a literal, not {term}")
                yield Range(_component(name), sign, term)
        for name, sign in (("minLength", ">="), ("maxLength", "<=")):
            if (length := self._whole(node, name)) is not None:
                yield Length(_component(name), sign, length)
        flags = next(self._texts(node, "flags"), "")
        for regex in self._texts(node, "pattern"):
            yield Pattern(regex, flags)
        for items in self._all(node, "languageIn"):
            ranges = self._list(node, items)
            if not all(isinstance(item, Literal) for item in ranges):
                self._refuse(node, "sh:languageIn holds language tags")
            yield LanguageIn(tuple(item.value for item in ranges if isinstance(item, Literal)))
        for items in self._all(node, "in"):
            yield In(tuple(self._list(node, items)))

    def _of_sets(self, node: Term, path: Path | None) -> Iterator[Constraint]:
        for term in self._all(node, "hasValue"):
            yield HasValue(term)
        for iri in self._iris(node, "equals"):
            yield Equals(iri)
        for iri in self._iris(node, "disjoint"):
            yield Disjoint(iri)
        only = [name for name in ("minCount", "maxCount", "lessThan", "lessThanOrEquals") if self._all(node, name)]
        if self._flag(node, "uniqueLang"):
            only.append("uniqueLang")
        if only and path is None:
            self._refuse(node, f"sh:{only[0]} needs a path")
        for name in ("minCount", "maxCount"):
            if (count := self._whole(node, name)) is not None:
                yield Count(_component(name), count)
        if "uniqueLang" in only:
            yield UniqueLang()
        for name, sign in (("lessThan", "<"), ("lessThanOrEquals", "<=")):
            for iri in self._iris(node, name):
                yield LessThan(_component(name), sign, iri)

    def _of_shapes(self, node: Term, path: Path | None) -> Iterator[Constraint]:
        for term in self._all(node, "node"):
            yield Node(self._shape(term))
        for term in self._all(node, "not"):
            yield Logical("Not", (self._shape(term),))
        for name in _SHAPE_LISTS:
            for items in self._all(node, name):
                yield Logical(_component(name), tuple(self._shape(item) for item in self._list(node, items)))
        for term in self._all(node, "property"):
            shape = self._shape(term)
            if not self._all(term, "path"):
                self._refuse(node, f"sh:property leads to {term}, which has no sh:path")
            yield Property(shape)
        counts = [(name, self._whole(node, name)) for name in ("qualifiedMinCount", "qualifiedMaxCount")]
        qualified = self._one(node, "qualifiedValueShape")
        if (qualified is None) != all(count is None for _, count in counts) or (qualified is not None and path is None):
            self._refuse(node, "sh:qualifiedValueShape needs a path and a count, and a count needs a shape")
        if qualified is not None:
            siblings = tuple(self._siblings(node)) if self._flag(node, "qualifiedValueShapesDisjoint") else ()
            for name, count in counts:
                if count is not None:
                    yield Qualified(_component(name), self._shape(qualified), count, siblings)

    def _siblings(self, node: Term) -> Iterator[Shape]:
        """Yield the sibling shapes. Source: SHACL, section 4.7.3."""
        own = self._all(node, "qualifiedValueShape")
        found: dict[Term, None] = {}
        for about in list(self._index.values()):
            if node in (held := about.get(sh("property"), [])):
                found |= {shape: None for other in held for shape in self._all(other, "qualifiedValueShape")}
        for shape in found:
            if shape not in own:
                yield self._shape(shape)

    def _allowed(self, node: Term) -> Iterator[NamedNode]:
        for items in self._all(node, "ignoredProperties"):
            for item in self._list(node, items):
                if isinstance(item, NamedNode):
                    yield item
        for held in self._all(node, "property"):
            for path in self._all(held, "path"):
                if isinstance(path, NamedNode):
                    yield path

    def _sparql(self, shape: Term, node: Term, path: Path | None) -> Sparql:
        if not isinstance(node, NamedNode | BlankNode) or len(self._all(node, "select")) != 1:
            self._refuse(shape, "sh:sparql needs one sh:select")
        for predicate in self._index[node]:
            if node != shape and predicate.value.startswith(names.SH) and predicate not in _OF_SPARQL:
                self._refuse(shape, f"{names.short(predicate.value)} is not compiled in a SPARQL constraint")
        prefixes = self._prefixes(node)
        select = next(self._texts(node, "select"))
        if path is not None:
            select = select.replace("$PATH", paths.text(path))
        try:
            patterns.refuse(select)
        except QueryError as fault:
            self._refuse(shape, f"sh:select: {fault}")
        declared = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(prefixes.items()))
        messages = tuple(term for term in self._all(node, "message") if isinstance(term, Literal))
        return Sparql(node, declared + select, messages, patterns.reading(select, prefixes))

    def _prefixes(self, node: Term) -> dict[str, str]:
        waiting, seen = list(self._all(node, "prefixes")), set[Term]()
        found: dict[str, str] = {}
        while waiting:
            graph = waiting.pop()
            if graph in seen:
                continue
            seen.add(graph)
            waiting += self._about(graph).get(_IMPORTS, [])
            for declared in self._all(graph, "declare"):
                for prefix, namespace in zip(
                    self._texts(declared, "prefix"), self._texts(declared, "namespace"), strict=False
                ):
                    found[prefix] = namespace
        return found


def _component(name: str) -> str:
    return name[0].upper() + name[1:]
