"""The step that joins where a filter says that two variables are the same.

`?x :p ?a . ?b :q ?y FILTER(?a = ?b)` becomes `?x :p ?a . ?a :q ?y BIND(?a AS ?b)`. The engine forms all pairs before it
compares them.

Why it is the same: where one side is surely an IRI or a blank node, `=` is true when the other is that very term, and
false or an error otherwise, which both drop a solution; `sameTerm` is that for any terms. Both are bound by triples of
the group. A subject is no literal, nor is a predicate. The solutions with equal terms are those of a group that names
both by one name, under the conditions of `substitution` for each of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from coopkg.querytree.tree import Binary, Bind, Builtin, Element, Filter, Group, Iri, Query, Triple, Variable
from coopkg.querytree.walking import mentioned, replaced
from coopkg.rewriting.grouping import regrouped, repeated
from coopkg.rewriting.substitution import can_stand_for

#: How many filters of a group are looked at.
_PAIRS_MAX = 20


def apply(query: Query, known: object) -> Query:
    """Return a query with one variable in the place of two that must be the same."""
    return regrouped(query, repeated(_joined, _PAIRS_MAX), also_optional=True)


def _joined(group: Group) -> Group:
    said = ((element, pair) for element in group.elements if isinstance(element, Filter) and (pair := _pair(element)))
    for element, (kept, other) in islice(said, _PAIRS_MAX):
        rest = tuple(part for part in group.elements if part is not element)
        if kept != other and _applies(rest, element, kept, other):
            return Group((*(replaced(part, {other: kept}) for part in rest), Bind(kept, other)))
    return group


def _pair(element: Element) -> tuple[Variable, Variable] | None:
    match element:
        case Filter(condition=Binary("=", Variable() as left, Variable() as right)):
            return left, right
        case Filter(condition=Builtin("SAMETERM", (Variable() as left, Variable() as right))):
            return left, right
    return None


def _applies(rest: Sequence[Element], said: Filter, kept: Variable, other: Variable) -> bool:
    both = {kept, other}
    triples = [element for element in rest if isinstance(element, Triple)]
    if not both <= frozenset().union(*map(mentioned, triples)):
        return False
    if not (can_stand_for(rest, kept) and can_stand_for(rest, other)):
        return False
    return isinstance(said.condition, Builtin) or any(
        triple.subject in both or triple.predicate in both
        for triple in triples
        if isinstance(triple.predicate, Iri | Variable)  # what a path begins at may be a literal
    )
