"""What a SPARQL 1.1 query is made of. Data only: nodes compare and hash by what they hold, and never change.

Every node stands for what the text means, not for how it is spelt: IRIs are whole, keywords and prefixes are gone, and
`;` `,` `[]` `()` have become triples. A blank node of `[]` or `()` has a label that the text uses nowhere, so labels
are distinct in the whole query; in a pattern a blank node is a variable that nobody sees, scoped to the triples of its
group up to the next element that is no triple and no filter, in a template it is a new node for each solution.
"""

from __future__ import annotations

from dataclasses import dataclass

from coopkg import names

STRING = f"{names.XSD}string"


@dataclass(frozen=True, slots=True)
class Node:
    """What each part of a query is."""


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A variable; its name is without `?` or `$`, which mean the same."""

    name: str


@dataclass(frozen=True, slots=True)
class Iri(Node):
    """An IRI, absolute."""

    value: str


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A literal: `4.5` and `true` too, by their datatypes. With a language, the datatype keeps its default."""

    lexical: str
    language: str = ""
    datatype: str = STRING


@dataclass(frozen=True, slots=True)
class Blank(Node):
    """A blank node; its label is without `_:`."""

    label: str


Term = Variable | Iri | Literal | Blank


@dataclass(frozen=True, slots=True)
class Inverse(Node):
    """`^path`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """`a/b/c`: two paths or more."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative(Node):
    """`a|b|c`: two paths or more."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeated(Node):
    """`path*`, `path+` or `path?`; `times` is that sign."""

    path: Path
    times: str


@dataclass(frozen=True, slots=True)
class Negated(Node):
    """`!(a|^b)`: each is an Iri, or the Inverse of one."""

    paths: tuple[Iri | Inverse, ...]


# A path of one IRI is that IRI.
Path = Iri | Inverse | Sequence | Alternative | Repeated | Negated


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two operands and one of `|| && = != < > <= >= + - * /` between them."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!`, `+` or `-` before an operand."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class In(Node):
    """`operand IN (options)`, or NOT IN."""

    operand: Expression
    options: tuple[Expression, ...]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Builtin(Node):
    """A function that the language knows by a word, which is in capitals here: BOUND, IF, COALESCE, REGEX..."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function that is known by its IRI."""

    function: Iri
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Exists(Node):
    """`EXISTS { }`, or NOT EXISTS."""

    group: Group
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """COUNT, SUM, MIN, MAX, AVG, SAMPLE or GROUP_CONCAT of an operand; None is the `*` of COUNT."""

    name: str
    operand: Expression | None
    is_distinct: bool = False
    separator: str | None = None


Expression = Variable | Iri | Literal | Binary | Unary | In | Builtin | Call | Exists | Aggregate


@dataclass(frozen=True, slots=True)
class As(Node):
    """`(expression AS ?variable)` in SELECT and GROUP BY."""

    expression: Expression
    variable: Variable


@dataclass(frozen=True, slots=True)
class Triple(Node):
    """A triple pattern, or one of a template."""

    subject: Term
    predicate: Variable | Path
    object: Term


@dataclass(frozen=True, slots=True)
class Group(Node):
    """`{ ... }`: its elements in their order. As an element of another group it is a scope of its own."""

    elements: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class Optional(Node):
    """`OPTIONAL { }`."""

    group: Group


@dataclass(frozen=True, slots=True)
class Union(Node):
    """`{ } UNION { } UNION { }`: two groups or more."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Minus(Node):
    """`MINUS { }`."""

    group: Group


@dataclass(frozen=True, slots=True)
class GraphPattern(Node):
    """`GRAPH name { }`."""

    name: Variable | Iri
    group: Group


@dataclass(frozen=True, slots=True)
class Service(Node):
    """`SERVICE name { }`."""

    name: Variable | Iri
    group: Group
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`FILTER (condition)`."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Bind(Node):
    """`BIND(expression AS ?variable)`."""

    expression: Expression
    variable: Variable


@dataclass(frozen=True, slots=True)
class Values(Node):
    """`VALUES (?a ?b) { (1 2) (3 UNDEF) }`: each row is as long as the variables; None is UNDEF."""

    variables: tuple[Variable, ...]
    rows: tuple[tuple[Iri | Literal | None, ...], ...]


@dataclass(frozen=True, slots=True)
class SubSelect(Node):
    """`{ SELECT ... }` as an element of a group; where it is all of a group, that group holds it alone."""

    select: Select
    where: Group
    modifiers: Modifiers
    values: Values | None = None


Element = Triple | Group | Optional | Union | Minus | GraphPattern | Service | Filter | Bind | Values | SubSelect


@dataclass(frozen=True, slots=True)
class Order(Node):
    """A condition of ORDER BY."""

    expression: Expression
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Modifiers(Node):
    """GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET, as far as they are said."""

    group_by: tuple[Expression | As, ...] = ()
    having: tuple[Expression, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Select(Node):
    """What SELECT gives; None is `*`. `duplicates` is "DISTINCT", "REDUCED" or ""."""

    items: tuple[Variable | As, ...] | None
    duplicates: str = ""


@dataclass(frozen=True, slots=True)
class Construct(Node):
    """What CONSTRUCT gives; the short form `CONSTRUCT WHERE { }` has its pattern as its template."""

    template: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Describe(Node):
    """What DESCRIBE gives; None is `*`."""

    subjects: tuple[Variable | Iri, ...] | None


@dataclass(frozen=True, slots=True)
class Ask(Node):
    """Whether there is a solution."""


@dataclass(frozen=True, slots=True)
class From(Node):
    """`FROM graph`, or FROM NAMED."""

    graph: Iri
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Query(Node):
    """A query. `base` is what BASE declares in its text, resolved: the function IRI() goes by it when it is asked.

    Only a Describe may have no `where`.
    """

    form: Select | Construct | Describe | Ask
    where: Group | None
    modifiers: Modifiers = Modifiers()
    values: Values | None = None
    dataset: tuple[From, ...] = ()
    base: str | None = None
