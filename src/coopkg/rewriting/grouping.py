"""Groups of a query, changed one by one where a step may change them.

Knows no step. EXISTS is left out, for what stands in it is asked again for each solution outside, and so are GRAPH and
SERVICE, which are put to other graphs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from coopkg.querytree.tree import (
    Bind,
    Exists,
    Filter,
    GraphPattern,
    Group,
    Modifiers,
    Node,
    Optional,
    Query,
    Select,
    Service,
    SubSelect,
    Triple,
    Values,
    Variable,
)
from coopkg.querytree.walking import mentioned, variables

_N = TypeVar("_N", bound=Node)
# The others hold no group but those of EXISTS.
_BEYOND = (Exists, GraphPattern, Service, Triple, Filter, Bind, Values, Select, Modifiers)


def regrouped(query: Query, change: Callable[[Group], Group], *, also_optional: bool) -> Query:
    """Return a query with its groups changed, inner ones first; the very query where none is.

    `SELECT *` over a changed group names the variables that it named before, in the engine's order.

    Args:
        change: gives what stands in the place of a group; the very group to leave it.
        also_optional: whether the group of an OPTIONAL may be changed: its filters see what is outside.
    """

    def made(part: object, *, may_change: bool) -> object:
        if isinstance(part, tuple):
            parts = tuple(made(one, may_change=True) for one in part)
            return part if all(new is old for new, old in zip(parts, part, strict=True)) else parts
        if not isinstance(part, Node) or isinstance(part, _BEYOND):
            return part
        is_open = also_optional or not isinstance(part, Optional)
        names: tuple[str, ...] = type(part).__match_args__
        kept = [getattr(part, name) for name in names]
        fields = [made(field, may_change=is_open) for field in kept]
        if any(new is not old for new, old in zip(fields, kept, strict=True)):
            part = _named(type(part)(*fields), part)
        return change(part) if isinstance(part, Group) and may_change else part

    return made(query, may_change=True)  # type: ignore[return-value]  # a query is never exchanged for another kind


def repeated(change: Callable[[Group], Group], most: int) -> Callable[[Group], Group]:
    """Return what changes a group as often as it can be changed, and at most so often."""

    def changed(group: Group) -> Group:
        for _ in range(most):
            before, group = group, change(group)
            if group is before:
                break
        return group

    return changed


def fresh(asked: Node, name: str, count: int) -> list[Variable]:
    """Return variables that a query, or a sub-select, mentions nowhere."""
    taken = mentioned(asked)
    numbered = (Variable(f"{name}{number}") for number in range(len(taken) + count))
    return [variable for variable in numbered if variable not in taken][:count]


def _named(node: _N, before: Node) -> _N:
    """Return a query or a sub-select that names its variables where it said `*`."""
    match node, before:
        case (Query(form=Select(items=None) as select), Query()) | (
            SubSelect(select=Select(items=None) as select),
            SubSelect(),
        ):
            items = tuple(sorted(variables(before), key=lambda variable: variable.name))
            field = "form" if isinstance(node, Query) else "select"
            return _with(node, field, Select(items, select.duplicates))
    return node


def _with(node: _N, field: str, value: Node) -> _N:
    names: tuple[str, ...] = type(node).__match_args__
    return type(node)(**{name: value if name == field else getattr(node, name) for name in names})
