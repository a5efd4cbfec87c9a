"""What shapes are made of: targets, paths, constraints. Pure data.

`coopkg.shacl` reads it from a graph; whoever judges knows nothing else of shapes.
"""

from __future__ import annotations

from dataclasses import dataclass

from coopkg import names, patterns
from coopkg.paths import Path
from coopkg.rdf import BlankNode, Literal, NamedNode, Triple

Term = NamedNode | BlankNode | Literal | Triple


def sh(name: str) -> NamedNode:
    """Return a term of SHACL."""
    return NamedNode(f"{names.SH}{name}")


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
        query: whole, with its prefixes, `$PATH` and parameters replaced.
        messages: with `{?name}` where a value of the solution goes.
        reading: what the query reads, None when it is not understood.
        component: `SPARQL`, or the name of a component of one's own.
    """

    node: NamedNode | BlankNode
    query: str
    messages: tuple[Literal, ...]
    reading: patterns.Reading | None
    component: str = "SPARQL"


@dataclass(frozen=True, slots=True)
class Ask:
    """A query of a component of one's own that gives `?this` and `?value` where a value conforms; else as `Sparql`."""

    node: NamedNode | BlankNode
    query: str
    messages: tuple[Literal, ...]
    reading: patterns.Reading | None
    component: str


Constraint = (
    Datatype | NodeKind | Class | Range | Length | Pattern | LanguageIn | In | HasValue | Count | UniqueLang | Equals
    | Disjoint | LessThan | Node | Logical | Property | Qualified | Closed | Sparql | Ask
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
