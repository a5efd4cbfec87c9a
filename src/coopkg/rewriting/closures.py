"""The step that answers paths of many steps by the property that holds where they lead.

`directlyWithin+` becomes `within`, and `directlyWithin*` becomes `within?`; `within+`, `partOfAction+` and theirs with
`*` likewise.

Why it is the same: where the census knows a closure to be closed, `whole` relates just the pairs that one step or more
of `base` relate, and so does more than one step of itself. A path with `+`, `*` or `?` gives each pair once, wherever
in a path it stands, as a triple pattern does.
"""

from __future__ import annotations

from typing import Final

from coopkg.census import PART_OF, WITHIN, Census
from coopkg.querytree.tree import Iri, Node, Query, Repeated
from coopkg.rewriting.scopes import rebuilt

_REPEATS: Final = (WITHIN, PART_OF)


def apply(query: Query, known: Census | None) -> Query:
    """Return a query with shorter paths."""
    if known is None:
        return query
    steps = {
        Iri(node.value): Iri(closure.whole.value)
        for closure in _REPEATS
        if closure in known.closed
        for node in (closure.base, closure.whole)
    }
    return rebuilt(query, lambda node: _shorter(node, steps)) if steps else query


def _shorter(node: Node, steps: dict[Iri, Iri]) -> Node:
    match node:
        case Repeated(Iri() as step, "+") if step in steps:
            return steps[step]
        case Repeated(Iri() as step, "*") if step in steps:
            return Repeated(steps[step], "?")
    return node
