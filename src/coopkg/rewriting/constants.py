"""The step that writes IRIs where VALUES, BIND or a filter say which ones a variable has.

`VALUES ?s { <a> } OPTIONAL { ?s :p ?o }` becomes `OPTIONAL { <a> :p ?o } BIND(<a> AS ?s)`; several rows become as many
groups of a UNION. The engine plans an OPTIONAL, or what is asked before the VALUES, without the rows in view.

Why it is the same: a join, the left side of OPTIONAL and MINUS, BIND and FILTER all give, for the rows together, what
they give for each row added up; so a group with rows is the union of groups with one row, and a row that comes twice
gives its solutions twice. With one row each solution has the row's terms, and `substitution` says when they can be
written for the variables; BIND gives the variables back. A filter `?s = <a>` is true of the IRI alone, whatever else
`?s` may be, and an error drops a solution as false does; so it is a row for a variable that a triple binds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from coopkg.querytree.tree import (
    Aggregate,
    Binary,
    Bind,
    Blank,
    Element,
    Exists,
    Filter,
    Group,
    In,
    Iri,
    Node,
    Query,
    Triple,
    Union,
    Values,
    Variable,
)
from coopkg.querytree.walking import replaced, variables, walk
from coopkg.rewriting.grouping import regrouped, repeated
from coopkg.rewriting.substitution import can_stand_for

#: How many patterns all rows together may have: planning takes more than twice the time for twice as many.
_PATTERNS_MAX = 100
#: How many VALUES, BINDs and filters of a group are looked at.
_GIVEN_MAX = 20
#: Up to how many patterns the engine plans an element well that comes behind what gives the rows.
_PLANNED_WELL = 3


@dataclass(frozen=True, slots=True)
class _Given:
    """What says which IRIs variables have: the element at a place of a group, read as rows."""

    variables: tuple[Variable, ...]
    rows: tuple[tuple[Iri, ...], ...]
    is_filter: bool


def apply(query: Query, known: object) -> Query:
    """Return a query with IRIs in the place of variables that have no other value."""
    whole = _with_values_inside(query)
    changed = regrouped(whole, repeated(_spelt_out, _GIVEN_MAX), also_optional=True)
    return query if changed is whole else changed


def _with_values_inside(query: Query) -> Query:
    """Return a query whose last VALUES stand beside the group that they are joined with, where no group is counted."""
    modifiers = query.modifiers
    if query.values is None or query.where is None or modifiers.group_by or modifiers.having:
        return query
    if any(isinstance(node, Aggregate) for part in (query.form, modifiers) for node in walk(part)):
        return query
    return replace(query, where=Group((query.where, query.values)), values=None)


def _spelt_out(group: Group) -> Group:
    read = ((place, _given(element)) for place, element in enumerate(group.elements))
    for place, given in islice(((place, given) for place, given in read if given), _GIVEN_MAX):
        if _applies(group.elements, place, given):
            return _with_rows((*group.elements[:place], *group.elements[place + 1 :]), given)
    return group


def _given(element: Element) -> _Given | None:
    match element:
        case Values(variables=names, rows=rows) if rows and len(set(names)) == len(names):
            iris = tuple(tuple(term for term in row if isinstance(term, Iri)) for row in rows)
            return _Given(names, iris, False) if all(len(row) == len(names) for row in iris) else None
        case Bind(expression=Iri() as iri, variable=variable):
            return _Given((variable,), ((iri,),), False)
        case Filter(condition=Binary("=", Variable() as variable, Iri() as iri)):
            return _Given((variable,), ((iri,),), True)
        case Filter(condition=Binary("=", Iri() as iri, Variable() as variable)):
            return _Given((variable,), ((iri,),), True)
        case Filter(condition=In(operand=Variable() as variable, options=options, is_negated=False)) if options:
            iris = tuple(dict.fromkeys((option,) for option in options if isinstance(option, Iri)))
            return _Given((variable,), iris, True) if all(isinstance(option, Iri) for option in options) else None
    return None


def _applies(elements: Sequence[Element], place: int, given: _Given) -> bool:
    rest = (*elements[:place], *elements[place + 1 :])
    if not any(_is_worth(element, given, is_before=at < place) for at, element in enumerate(rest)):
        return False
    patterns = sum(isinstance(node, Triple) for element in rest for node in walk(element))
    if len(given.rows) * max(patterns, 1) > _PATTERNS_MAX:
        return False
    if isinstance(elements[place], Bind) and any(given.variables[0] in variables(part) for part in elements[:place]):
        return False  # the engine refuses it, and must see it
    given_from = None if given.is_filter else place
    return all(can_stand_for(rest, variable, given_from=given_from) for variable in given.variables)


def _is_worth(element: Element, given: _Given, *, is_before: bool) -> bool:
    """Return whether the engine does not see by itself that an element is about few things."""
    inside = list(walk(element))
    if not any(isinstance(node, Variable) and node in given.variables for node in inside):
        return False
    if given.is_filter:
        return True
    if any(isinstance(node, Exists) for node in inside):
        return True
    is_whole = isinstance(element, Triple | Filter | Bind)
    return not is_whole and (is_before or sum(isinstance(node, Triple) for node in inside) > _PLANNED_WELL)


def _with_rows(elements: tuple[Element, ...], given: _Given) -> Group:
    if len(given.rows) == 1:
        return Group(tuple(_with_row(elements, given, 0)))
    return Group((Union(tuple(Group(tuple(_with_row(elements, given, row))) for row in range(len(given.rows)))),))


def _with_row(elements: tuple[Element, ...], given: _Given, row: int) -> Iterator[Element]:
    """Yield the elements for one row; its blank nodes are its own, for a label may stand in one group alone."""
    terms: dict[Node, Node] = dict(zip(given.variables, given.rows[row], strict=True))
    if row:
        blanks = {node for element in elements for node in walk(element) if isinstance(node, Blank)}
        terms |= {blank: Blank(f"{blank.label}r{row}") for blank in blanks}
    for element in elements:
        yield replaced(element, terms)
    for variable, iri in zip(given.variables, given.rows[row], strict=True):
        yield Bind(iri, variable)
