"""The step that answers counts by predicate and by class from the census.

A SELECT whose only pattern is one triple, and that wants no more of it than counts, or its predicates or classes once
each: the pattern is replaced by what the census knows, as VALUES, with how often each occurs, and a count by the sum
of that. What else the query says (HAVING, ORDER BY, LIMIT) stays.

Why it is the same: the default graph is a set, so a pattern of distinct variables has as many solutions as there are
triples with its predicate, or its class; each pair of a thing and its class is one triple.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from coopkg import names
from coopkg.census import Census
from coopkg.querytree.tree import (
    Aggregate,
    As,
    Blank,
    Exists,
    Filter,
    Group,
    Iri,
    Literal,
    Modifiers,
    Node,
    Query,
    Select,
    SubSelect,
    Triple,
    Values,
    Variable,
)
from coopkg.querytree.walking import mentioned, walk
from coopkg.rdf import NamedNode
from coopkg.rewriting.grouping import fresh
from coopkg.rewriting.scopes import is_by_chance, rebuilt
from coopkg.store import Term

_TYPE: Final = Iri(f"{names.RDF}type")
_INTEGER: Final = f"{names.XSD}integer"
#: A graph with more predicates or classes than this is asked itself.
_ROWS_MAX: Final = 2_000


def apply(query: Query, known: Census | None) -> Query:
    """Return a query with its counts given."""
    if known is None:
        return query

    def change(node: Node) -> Node:
        return _answered(node, known) if isinstance(node, SubSelect) else node

    changed = rebuilt(query, change, beyond=(Exists,))
    if not isinstance(query.form, Select) or changed.where is None:
        return changed
    whole = SubSelect(query.form, changed.where, query.modifiers, query.values)
    answered = _answered(whole, known)
    if answered is whole:
        return changed
    return replace(changed, form=answered.select, where=answered.where, modifiers=answered.modifiers)


@dataclass(frozen=True, slots=True)
class _Tally:
    """What a pattern counts.

    Args:
        key: the variable of the predicate or the class; None where that is given.
        unit: the variable that is another one in each solution with the same key, if there is one.
        counts: how many solutions there are, by key.
    """

    key: Variable | None
    unit: Variable | None
    names: frozenset[Variable]
    counts: Mapping[Term, int]


def _answered(asked: SubSelect, census: Census) -> SubSelect:
    """Return a SELECT with its pattern given, or as it is."""
    pattern = _only_triple(asked)
    tally = _tally(pattern, census) if pattern else None
    if tally is None or not _is_plain(asked, tally):
        return asked
    weight = fresh(asked, "n", 1)[0]
    try:
        said = rebuilt(replace(asked, where=Group()), lambda node: _summed(node, tally, weight, asked.modifiers))
    except _Unfit:
        return asked
    filters = tuple(element for element in asked.where.elements if isinstance(element, Filter))
    used = mentioned(said.select) | mentioned(said.modifiers) | mentioned(Group(filters))
    values = _values(tally, weight, is_by_key=tally.key in used)
    if values is None:
        return asked
    return replace(said, where=Group((values, *filters)))


class _Unfit(Exception):
    """An aggregate that the census says nothing of."""


def _only_triple(asked: SubSelect) -> Triple | None:
    """Return the pattern of a SELECT, where that and filters of it are all."""
    if asked.values is not None or asked.select.items is None:
        return None
    triples = [element for element in asked.where.elements if not isinstance(element, Filter)]
    return triples[0] if len(triples) == 1 and isinstance(triples[0], Triple) else None


def _tally(pattern: Triple, census: Census) -> _Tally | None:
    """Return what a pattern counts; None where the census does not know."""
    subject, predicate, value = pattern.subject, pattern.predicate, pattern.object
    if not isinstance(subject, Variable | Blank) or len({subject, predicate, value}) < 3:
        return None
    known = mentioned(pattern)
    unit = subject if isinstance(subject, Variable) else None
    match predicate, value:
        case Variable(), Variable() | Blank():
            return _Tally(predicate, None, known, census.predicates)
        case Iri(), Variable() if predicate == _TYPE:
            return _Tally(value, unit, known, census.classes)
        case Iri(), Iri() if predicate == _TYPE:
            node = NamedNode(value.value)
            return _Tally(None, unit, known, {node: census.classes[node]})
        case Iri(), Variable() | Blank():
            node = NamedNode(predicate.value)
            return _Tally(None, None, known, {node: census.predicates[node]})
    return None


def _is_plain(asked: SubSelect, tally: _Tally) -> bool:
    """Whether a SELECT gives keys once each, or groups by them or not at all, and names nothing else."""
    keys = frozenset((tally.key,)) if tally.key else frozenset[Variable]()
    modifiers = asked.modifiers
    said = [*(asked.select.items or ()), *modifiers.having, *(order.expression for order in modifiers.order_by)]
    own = frozenset(item.variable for item in said if isinstance(item, As))
    aggregates = any(isinstance(node, Aggregate) for part in said for node in walk(part))
    free = frozenset[Variable]().union(*(_outside_aggregates(part) for part in said))
    filters = [element for element in asked.where.elements if isinstance(element, Filter)]
    return (
        not own & tally.names
        and (modifiers.group_by in ((), *((key,) for key in keys)))
        and (aggregates or bool(modifiers.group_by) or (asked.select.duplicates == "DISTINCT" and bool(free & keys)))
        and free <= own | (keys if modifiers.group_by or not aggregates else frozenset())
        and all(mentioned(one) <= keys and mentioned(one) for one in filters)
        and not any(isinstance(node, Exists) for part in (*said, *filters) for node in walk(part))
        and not any(is_by_chance(part) for part in (*said, *filters))
    )


def _outside_aggregates(node: Node) -> frozenset[Variable]:
    return mentioned(rebuilt(node, lambda part: Literal("") if isinstance(part, Aggregate) else part))


def _summed(node: Node, tally: _Tally, weight: Variable, modifiers: Modifiers) -> Node:
    """Return a sum in the place of a count; raise where an aggregate is not one that can be told."""
    if not isinstance(node, Aggregate):
        return node
    if node.name != "COUNT" or not (node.operand is None or node.operand in tally.names):
        raise _Unfit
    if node.is_distinct and node.operand is not None and node.operand == tally.key:
        return node
    one_key = tally.key is None or modifiers.group_by == (tally.key,)
    if node.is_distinct and not (one_key and node.operand is not None and node.operand == tally.unit):
        raise _Unfit
    return Aggregate("SUM", weight)


def _values(tally: _Tally, weight: Variable, *, is_by_key: bool) -> Values | None:
    """Return what is known as VALUES: a row for each key, or the total; None where VALUES has no word for a key."""
    if tally.key is None or not is_by_key:
        return Values((weight,), ((_number(sum(tally.counts.values())),),))
    if len(tally.counts) > _ROWS_MAX or not all(isinstance(key, NamedNode) for key in tally.counts):
        return None
    rows = ((Iri(key.value), _number(count)) for key, count in tally.counts.items() if isinstance(key, NamedNode))
    return Values((tally.key, weight), tuple(rows))


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=_INTEGER)
