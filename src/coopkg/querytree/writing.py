"""Trees of queries written as texts that the engine reads as the same queries: every bracket stands, no prefix is used.

An expression in brackets, whole IRIs and full stops leave the engine nothing to decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from coopkg import names
from coopkg.querytree.tree import (
    STRING,
    Aggregate,
    Alternative,
    As,
    Ask,
    Binary,
    Bind,
    Blank,
    Builtin,
    Call,
    Construct,
    Describe,
    Exists,
    Expression,
    Filter,
    GraphPattern,
    Group,
    In,
    Inverse,
    Iri,
    Literal,
    Minus,
    Modifiers,
    Negated,
    Node,
    Optional,
    Order,
    Query,
    Repeated,
    Select,
    Sequence,
    Service,
    SubSelect,
    Triple,
    Unary,
    Union,
    Values,
    Variable,
)

# Without a sign: after a path the engine takes the plus of `+5` for the path's.
_ABBREVIATED = {
    f"{names.XSD}integer": re.compile(r"[0-9]+"),
    f"{names.XSD}decimal": re.compile(r"[0-9]*\.[0-9]+"),
    f"{names.XSD}double": re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    f"{names.XSD}boolean": re.compile("true|false"),
}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def written(query: Query) -> str:
    """Return a text that the engine, and `reading.read`, read as a query; the same text for equal trees."""
    base = f"BASE <{query.base}> " if query.base is not None else ""
    dataset = "".join(f" FROM {'NAMED ' * one.is_named}{_spelt(one.graph)}" for one in query.dataset)
    where = f" WHERE {_spelt(query.where)}" if query.where is not None else ""
    return f"{base}{_spelt(query.form)}{dataset}{where}{_ending(query.modifiers, query.values)}"


def _spelt(node: Node) -> str:
    return _SPELLINGS[type(node)](node)


def _joined(nodes: Iterable[Node], between: str = " ") -> str:
    return between.join([_SPELLINGS[type(node)](node) for node in nodes])


def _quoted(text: str) -> str:
    body = text.translate(_ESCAPES)
    if "\\" in body:
        # A backslash before a `u` would be read in two ways.
        body = body.replace("\\\\u", r"\\\u0075").replace("\\\\U", r"\\\u0055")
    return f'"{body}"'


def _literal(literal: Literal) -> str:
    if literal.language:
        return f"{_quoted(literal.lexical)}@{literal.language}"
    if literal.datatype == STRING:
        return _quoted(literal.lexical)
    short = _ABBREVIATED.get(literal.datatype)
    if short is not None and short.fullmatch(literal.lexical):
        return literal.lexical
    return f"{_quoted(literal.lexical)}^^<{literal.datatype}>"


def _negated(negated: Negated) -> str:
    ways = (f"^{_spelt(one.path)}" if isinstance(one, Inverse) else _spelt(one) for one in negated.paths)
    return f"!({'|'.join(ways)})"


def _binary(binary: Binary) -> str:
    left = _spelt(binary.left)
    if isinstance(binary.left, Binary) and binary.left.operator == binary.operator and binary.operator in ("||", "&&"):
        left = left[1:-1]  # a long chain is no deep text
    return f"({left} {binary.operator} {_spelt(binary.right)})"


def _aggregate(aggregate: Aggregate) -> str:
    operand = "*" if aggregate.operand is None else _spelt(aggregate.operand)
    separator = "" if aggregate.separator is None else f"; SEPARATOR={_quoted(aggregate.separator)}"
    return f"{aggregate.name}({'DISTINCT ' * aggregate.is_distinct}{operand}{separator})"


def _values(values: Values) -> str:
    rows = " ".join(f"({' '.join('UNDEF' if one is None else _spelt(one) for one in row)})" for row in values.rows)
    return f"VALUES ({_joined(values.variables)}) {{ {rows} }}"


def _sub_select(sub: SubSelect) -> str:
    return f"{{ {_select(sub.select)} WHERE {_spelt(sub.where)}{_ending(sub.modifiers, sub.values)} }}"


def _select(select: Select) -> str:
    items = "*" if select.items is None else _joined(select.items)
    return f"SELECT {select.duplicates}{' ' * bool(select.duplicates)}{items}"


def _ending(modifiers: Modifiers, values: Values | None) -> str:
    """Return what follows the group of a query or a sub-select, with a space before each clause."""
    group_by = f" GROUP BY {' '.join(map(_key, modifiers.group_by))}" if modifiers.group_by else ""
    # No space: the engine takes none between two conditions (pyoxigraph 0.5.13).
    having = f" HAVING {''.join(f'({_spelt(one)})' for one in modifiers.having)}" if modifiers.having else ""
    order_by = f" ORDER BY {_joined(modifiers.order_by)}" if modifiers.order_by else ""
    limit = f" LIMIT {modifiers.limit}" if modifiers.limit is not None else ""
    offset = f" OFFSET {modifiers.offset}" if modifiers.offset is not None else ""
    return f"{group_by}{having}{order_by}{limit}{offset}{f' {_values(values)}' if values is not None else ''}"


def _key(key: Expression | As) -> str:
    return _spelt(key) if isinstance(key, (Variable, As)) else f"({_spelt(key)})"


def _order(order: Order) -> str:
    return f"{'DESC' if order.is_descending else 'ASC'}({_spelt(order.expression)})"


def _named(word: str, name: Node, group: Group) -> str:
    return f"{word} {_spelt(name)} {_spelt(group)}"


_SPELLINGS: dict[type[Node], Callable[[Any], str]] = {
    Variable: lambda node: f"?{node.name}",
    Iri: lambda node: f"<{node.value}>",
    Literal: _literal,
    Blank: lambda node: f"_:{node.label}",
    Inverse: lambda node: f"(^{_spelt(node.path)})",
    Sequence: lambda node: f"({_joined(node.paths, '/')})",
    Alternative: lambda node: f"({_joined(node.paths, '|')})",
    Repeated: lambda node: f"({_spelt(node.path)}{node.times})",
    Negated: _negated,
    Binary: _binary,
    Unary: lambda node: f"{node.operator}({_spelt(node.operand)})",
    In: lambda node: f"({_spelt(node.operand)} {'NOT ' * node.is_negated}IN ({_joined(node.options, ', ')}))",
    Builtin: lambda node: f"{node.name}({_joined(node.arguments, ', ')})",
    Call: lambda node: f"{_spelt(node.function)}({_joined(node.arguments, ', ')})",
    Exists: lambda node: f"{'NOT ' * node.is_negated}EXISTS {_spelt(node.group)}",
    Aggregate: _aggregate,
    As: lambda node: f"({_spelt(node.expression)} AS {_spelt(node.variable)})",
    Triple: lambda node: f"{_spelt(node.subject)} {_spelt(node.predicate)} {_spelt(node.object)} .",
    Group: lambda node: f"{{ {_joined(node.elements)} }}",
    Optional: lambda node: f"OPTIONAL {_spelt(node.group)}",
    Union: lambda node: _joined(node.groups, " UNION "),
    Minus: lambda node: f"MINUS {_spelt(node.group)}",
    GraphPattern: lambda node: _named("GRAPH", node.name, node.group),
    Service: lambda node: _named("SERVICE SILENT" if node.is_silent else "SERVICE", node.name, node.group),
    Filter: lambda node: f"FILTER({_spelt(node.condition)})",
    Bind: lambda node: f"BIND({_spelt(node.expression)} AS {_spelt(node.variable)})",
    Values: _values,
    SubSelect: _sub_select,
    Order: _order,
    Select: _select,
    Construct: lambda node: f"CONSTRUCT {{ {_joined(node.template)} }}",
    Describe: lambda node: f"DESCRIBE {'*' if node.subjects is None else _joined(node.subjects)}",
    Ask: lambda _: "ASK",
}
