"""The step that asks where something is located by the one property that says it, where only different solutions count.

`coversTerritory/within?`, which is what `coversTerritory/directlyWithin*` has become, and `locatedIn/within?` become
`locatedIn`. It comes after the step of `closures`.

Why it is the same: where the census knows both closures to be closed, these relate the same pairs. A sequence gives a
solution for each thing in its middle, one property does not; so this is for ASK, EXISTS and MINUS, for DISTINCT, and
for groups whose aggregates heed no repeat.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

from coopkg.census import LOCATED_IN, WITHIN, Census
from coopkg.querytree.tree import (
    Aggregate,
    Ask,
    Exists,
    Group,
    Iri,
    Minus,
    Modifiers,
    Node,
    Path,
    Query,
    Repeated,
    Select,
    Sequence,
    SubSelect,
)
from coopkg.querytree.walking import walk
from coopkg.rewriting.scopes import is_by_chance, rebuilt

_N = TypeVar("_N", bound=Node)

_LOCATED_IN: Final = Iri(LOCATED_IN.whole.value)
_UPWARD: Final = Repeated(Iri(WITHIN.whole.value), "?")
_BEGINS: Final = (Iri(LOCATED_IN.base.value), _LOCATED_IN)


def apply(query: Query, known: Census | None) -> Query:
    """Return a query with its places asked directly."""
    if known is None or not {WITHIN, LOCATED_IN} <= known.closed or is_by_chance(query):
        return query
    query = rebuilt(query, _inside)
    is_heedless = isinstance(query.form, Ask) or (
        isinstance(query.form, Select) and _is_heedless(query.form, query.modifiers)
    )
    return query if query.where is None or not is_heedless else _with_group(query, "where", query.where)


def _inside(node: Node) -> Node:
    """Return a part of a query with its own group asked directly, where repeats do not count in it."""
    match node:
        case Exists(group) | Minus(group):
            return _with_group(node, "group", group)
        case SubSelect(select, where, modifiers) if _is_heedless(select, modifiers):
            return _with_group(node, "where", where)
    return node


def _with_group(node: _N, name: str, group: Group) -> _N:
    direct = rebuilt(group, _direct, beyond=(SubSelect,))
    return node if direct is group else replace(node, **{name: direct})


def _is_heedless(select: Select, modifiers: Modifiers) -> bool:
    """Whether a SELECT gives the same, however often its pattern gives each solution."""
    parts = (select, modifiers)
    aggregates = [node for part in parts for node in walk(part) if isinstance(node, Aggregate)]
    if aggregates or modifiers.group_by:
        return all(one.name in ("MIN", "MAX") or (one.name == "COUNT" and one.is_distinct) for one in aggregates)
    return select.duplicates == "DISTINCT"


def _direct(node: Node) -> Node:
    """Return a sequence of paths with `locatedIn` where two of them say that."""
    if not isinstance(node, Sequence):
        return node
    paths: list[Path] = []
    for path in node.paths:
        if path == _UPWARD and paths and paths[-1] in _BEGINS:
            paths[-1] = _LOCATED_IN
        else:
            paths.append(path)
    if len(paths) == len(node.paths):
        return node
    return Sequence(tuple(paths)) if len(paths) > 1 else paths[0]
