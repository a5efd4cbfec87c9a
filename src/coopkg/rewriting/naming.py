"""The step that groups before names are looked up.

Where a query groups by a thing and by its name, the engine looks the name up for each solution, through all that is
said of the thing: for a ministry with thousands of participations, as often. Here the groups are made first, in a
sub-select, and each is then given its names.

Why it is the same: the default graph is a set, so a thing and one of its names are one solution of the pattern that
names it. When nothing else speaks of the name, the group of a thing and a name is made of the solutions of the rest for
that thing, each once; so whatever is counted or summed in it is what is counted or summed for the thing alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from coopkg.querytree.tree import (
    Aggregate,
    As,
    Binary,
    Builtin,
    Element,
    Exists,
    Filter,
    Group,
    Iri,
    Literal,
    Modifiers,
    Node,
    Optional,
    Query,
    Select,
    SubSelect,
    Triple,
    Variable,
)
from coopkg.querytree.walking import mentioned, walk
from coopkg.rewriting.scopes import is_by_chance

_ORDERLESS: Final = frozenset(("COUNT", "SUM", "AVG", "MIN", "MAX"))


def apply(query: Query, known: object) -> Query:
    """Return a query that groups first, then names."""
    if not isinstance(query.form, Select) or query.where is None or not query.modifiers.group_by:
        return query
    keys = [key for key in query.modifiers.group_by if isinstance(key, Variable)]
    split = _split(query.where, keys)
    if len(keys) < len(query.modifiers.group_by) or split is None or not _is_fit(query, query.form, split, keys):
        return query
    return _grouped_first(query, query.form, split, [key for key in keys if key not in split.names])


@dataclass(frozen=True, slots=True)
class _Split:
    """A pattern in two: what names the keys of groups, with its filters by language; and the rest."""

    naming: dict[Variable, Optional]
    rest: Group

    @property
    def names(self) -> frozenset[Variable]:
        """The variables of names."""
        return frozenset(self.naming)


def _split(where: Group, keys: list[Variable]) -> _Split | None:
    """Return a pattern in two; None where it is no plain one, or nothing in it does but name."""
    triples = [element for element in where.elements if isinstance(element, Triple)]
    filters = [element for element in where.elements if isinstance(element, Filter)]
    if len(triples) + len(filters) < len(where.elements):
        return None
    naming = {key: triple for key in keys for triple in triples if _is_naming(triple, key, keys, triples)}
    rest = [triple for triple in triples if triple not in naming.values()]
    bound = frozenset[Variable]().union(*(mentioned(triple) for triple in rest))
    if not naming or not all(triple.subject in bound for triple in naming.values()):
        return None
    optionals = dict[Variable, Optional]()
    kept: list[Filter] = [one for one in filters if not mentioned(one) & naming.keys()]
    for name, triple in naming.items():
        own = [one for one in filters if name in mentioned(one)]
        if not all(_is_of_language(one, name) for one in own):
            return None
        optionals[name] = Optional(Group((triple, *own)))
    return _Split(optionals, Group((*rest, *kept)))


def _is_naming(triple: Triple, name: Variable, keys: list[Variable], triples: list[Triple]) -> bool:
    """Whether a pattern gives a key of the groups as the name of another one, and no other pattern speaks of it."""
    return (
        isinstance(triple.predicate, Iri)
        and triple.object == name != triple.subject
        and triple.subject in keys
        and sum(name in mentioned(other) for other in triples) == 1
    )


def _is_of_language(condition: Filter, name: Variable) -> bool:
    """Whether a filter asks for a language of a name; one that fewer names pass may better come first."""
    match condition.condition:
        case Binary("=", Builtin("LANG", (variable,)), Literal()) | Binary(
            "=", Literal(), Builtin("LANG", (variable,))
        ):
            return variable == name
        case Builtin("LANGMATCHES", (Builtin("LANG", (variable,)), Literal())):
            return variable == name
    return False


def _is_fit(query: Query, select: Select, split: _Split, keys: list[Variable]) -> bool:
    """Whether what is said beside the pattern leaves names alone, but to give them or to sort by them."""
    if select.items is None or query.where is None or query.values is not None or is_by_chance(query):
        return False
    computed = [item.expression for item in select.items if isinstance(item, As)]
    sorting = [order.expression for order in query.modifiers.order_by]
    inside = Group(tuple(Filter(part) for part in (*computed, *query.modifiers.having)))
    mentioned_below = mentioned(query.where) | set(keys)
    made = frozenset(item.variable for item in select.items if isinstance(item, As))
    given = frozenset(item for item in select.items if isinstance(item, Variable))
    sorted_by = frozenset[Variable]().union(*map(mentioned, sorting))
    return (
        not mentioned(inside) & split.names
        and not any(_is_unfit(node) for part in (inside, split.rest) for node in walk(part))
        and not any(isinstance(node, Aggregate | Exists) for part in sorting for node in walk(part))
        and not made & mentioned_below
        and given <= set(keys)
        and sorted_by <= made | set(keys)
    )


def _is_unfit(node: Node) -> bool:
    """Whether a node looks at another pattern, or gives what depends on the order of solutions."""
    return isinstance(node, Exists) or (isinstance(node, Aggregate) and node.name not in _ORDERLESS)


def _grouped_first(query: Query, select: Select, split: _Split, keys: list[Variable]) -> Query:
    items = select.items or ()
    made = tuple(item for item in items if isinstance(item, As))
    groups = SubSelect(
        Select((*keys, *made)), split.rest, Modifiers(group_by=tuple(keys), having=query.modifiers.having)
    )
    # A sub-select and a pattern might be joined in any order; OPTIONAL keeps it (pyoxigraph 0.5.13).
    named: tuple[Element, ...] = (*split.naming.values(), *(Filter(Builtin("BOUND", (name,))) for name in split.naming))
    return replace(
        query,
        form=replace(select, items=tuple(item.variable if isinstance(item, As) else item for item in items)),
        where=Group((Group((groups,)), *named)),
        modifiers=replace(query.modifiers, group_by=(), having=()),
    )
