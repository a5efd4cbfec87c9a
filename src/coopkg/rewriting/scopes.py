"""What steps ask of a tree: its parts that are put to the default graph, and whether chance has a say in it.

Knows the tree alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from coopkg.querytree.tree import Builtin, GraphPattern, Node, Service
from coopkg.querytree.walking import walk

_N = TypeVar("_N", bound=Node)
_BY_CHANCE: Final = frozenset(("RAND", "UUID", "STRUUID", "BNODE"))


def is_by_chance(node: Node) -> bool:
    """Return whether a node holds a function that gives something else each time that it is called."""
    return any(isinstance(part, Builtin) and part.name in _BY_CHANCE for part in walk(node))


def rebuilt(node: _N, change: Callable[[Node], Node], *, beyond: tuple[type[Node], ...] = ()) -> _N:
    """Return a node with its parts changed, inner ones first; the very node where none is.

    What stands inside GRAPH and SERVICE is put to other graphs, and left as it is.

    Args:
        change: gives what stands in a part's place, of a kind that may stand there; the very part to leave it.
        beyond: other kinds of nodes that are left as they are.
    """
    stops = (GraphPattern, Service, *beyond)

    def made(part: object) -> object:
        if isinstance(part, tuple):
            parts = tuple(made(one) for one in part)
            return part if all(new is old for new, old in zip(parts, part, strict=True)) else parts
        if not isinstance(part, Node) or isinstance(part, stops):
            return part
        names: tuple[str, ...] = type(part).__match_args__
        kept = [getattr(part, name) for name in names]
        fields = [made(field) for field in kept]
        same = all(new is old for new, old in zip(fields, kept, strict=True))
        return change(part if same else type(part)(*fields))

    return made(node)  # type: ignore[return-value]  # a change gives what may stand in the place
