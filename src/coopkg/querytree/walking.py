"""Trees of queries visited and rebuilt. Knows no meaning of a node but which variables can be seen from outside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from coopkg.querytree.tree import (
    As,
    Bind,
    Filter,
    Minus,
    Node,
    Query,
    Select,
    SubSelect,
    Triple,
    Values,
    Variable,
)

_N = TypeVar("_N", bound=Node)


def children(node: Node) -> list[Node]:
    """Return the nodes that a node holds, in the order of its fields."""
    return _nodes(_fields(node))


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all that is in it, each before what it holds; equal nodes as often as they stand there."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += reversed(children(found))


def mentioned(node: Node) -> frozenset[Variable]:
    """Return all variables that stand anywhere in a node, seen from outside or not."""
    return frozenset(found for found in walk(node) if isinstance(found, Variable))


def replaced(node: _N, mapping: Mapping[Node, Node]) -> _N:
    """Return a node with others in the place of some of its parts; the very node where nothing is replaced.

    What is put in is not looked through again. Scopes are not heeded: a sub-select may know another variable by the
    same name, and an IRI fits no place that only takes a variable (`AS ?x`, VALUES).

    Args:
        mapping: parts by what stands in their place, each of a kind that may stand there.
    """
    # The kinds spare the hash of most parts, which costs as much as the part is large.
    return _replaced(node, mapping, frozenset(map(type, mapping)))  # type: ignore[return-value]  # as the mapping gives


def variables(node: Node) -> frozenset[Variable]:
    """Return the variables that are in scope outside a node, whether they are bound or not.

    Those of a pattern, a group, or of a query's or sub-select's answer.

    Source: SPARQL 1.1 Query Language, section 18.2.1.
    """
    match node:
        case Variable():
            return frozenset({node})
        case Filter() | Minus():
            return frozenset()
        case Bind(variable=variable) | As(variable=variable):
            return frozenset({variable})
        case SubSelect(select=select) | Query(form=Select() as select):
            return _selected(select, node)
        case Triple() | Values():
            return mentioned(node)
        case _:
            return frozenset().union(*map(variables, children(node)))


def _selected(select: Select, node: SubSelect | Query) -> frozenset[Variable]:
    if select.items is not None:
        return frozenset().union(*map(variables, select.items))
    parts = [part for part in (node.where, node.values) if part is not None]
    return frozenset().union(*map(variables, parts))


def _nodes(fields: Iterable[object]) -> list[Node]:
    found: list[Node] = []
    for field in fields:
        if isinstance(field, Node):
            found.append(field)
        elif isinstance(field, tuple):
            found += _nodes(field)
    return found


def _fields(node: Node) -> list[object]:
    names: tuple[str, ...] = type(node).__match_args__
    return [getattr(node, name) for name in names]


def _replaced(node: Node, mapping: Mapping[Node, Node], kinds: frozenset[type[Node]]) -> Node:
    if type(node) in kinds and node in mapping:
        return mapping[node]
    fields = _fields(node)
    changed = [_replaced_in(field, mapping, kinds) for field in fields]
    return type(node)(*changed) if _differ(fields, changed) else node


def _replaced_in(field: object, mapping: Mapping[Node, Node], kinds: frozenset[type[Node]]) -> object:
    if isinstance(field, Node):
        return _replaced(field, mapping, kinds)
    if isinstance(field, tuple):
        changed = tuple(_replaced_in(part, mapping, kinds) for part in field)
        return changed if _differ(field, changed) else field
    return field


def _differ(old: Sequence[object], new: Sequence[object]) -> bool:
    return any(a is not b for a, b in zip(old, new, strict=True))
