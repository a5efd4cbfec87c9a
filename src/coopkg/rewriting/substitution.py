"""Whether a variable of a group can be written as the term that it must be, and the group with that term instead.

A variable that a group joins with one term is that term wherever it is bound. Its name can be exchanged for the term
where three things hold:

* Before anything else (an OPTIONAL, a UNION...) mentions it, a triple of the same group or a nested group that binds it
  does; or what gives the term has stood there already. Else an OPTIONAL might bind it otherwise first, and the join
  would then drop solutions that the exchange keeps.
* A nested group that mentions it binds it by a triple of its own, before anything else there mentions it. A filter of
  a nested group does not see it otherwise, one of an OPTIONAL does.
* Nothing asks for the variable as a variable: BOUND, VALUES, BIND, a sub-select (which may mean another variable by
  that name), MINUS (which goes by the variables that are shared), GRAPH and SERVICE.

A path that can be empty relates a term that the graph does not hold with itself; a variable has only what the graph
holds. So the term must stand in another triple, too, which can only be met when the graph holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coopkg.querytree.tree import (
    Alternative,
    Bind,
    Builtin,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Inverse,
    Node,
    Optional,
    Path,
    Repeated,
    Triple,
    Union,
    Variable,
)
from coopkg.querytree.tree import (
    Sequence as PathSequence,
)
from coopkg.querytree.walking import mentioned, walk


def can_stand_for(elements: Sequence[Element], variable: Variable, *, given_from: int | None = None) -> bool:
    """Return whether a term can stand for a variable in the elements of a group.

    Args:
        given_from: how many elements stand before what gives the term; None where only the triples bind the variable.
    """
    anchored = any(_anchors(element, variable) for element in elements)
    bound = False
    for position, element in enumerate(elements):
        bound = bound or (given_from is not None and position >= given_from)
        if isinstance(element, Filter) or variable not in mentioned(element):
            continue
        if isinstance(element, Triple):
            if not anchored and can_be_empty(element.predicate):
                return False
            bound = True
        elif isinstance(element, Group) and can_stand_for(element.elements, variable):
            bound = True
        elif not bound or not _fits(element, variable):
            return False
    bound = bound or given_from is not None
    filters = [element.condition for element in elements if isinstance(element, Filter)]
    return all(_allows(condition, variable, is_bound=bound) for condition in filters)


def can_be_empty(path: Variable | Path) -> bool:
    """Return whether a path relates each node with itself."""
    match path:
        case Repeated(path=inner, times=times):
            return times != "+" or can_be_empty(inner)
        case Inverse(path=inner):
            return can_be_empty(inner)
        case PathSequence(paths=paths):
            return all(map(can_be_empty, paths))
        case Alternative(paths=paths):
            return any(map(can_be_empty, paths))
    return False


def _anchors(element: Node, variable: Variable) -> bool:
    return isinstance(element, Triple) and variable in mentioned(element) and not can_be_empty(element.predicate)


def _fits(element: Element, variable: Variable) -> bool:
    """Return whether a term can stand for a variable, which is bound outside, in an element other than a triple."""
    match element:
        case Optional(group=group):
            patterns = [part for part in group.elements if not isinstance(part, Filter)]
            if not _mention(patterns, variable):
                conditions = [part.condition for part in group.elements if isinstance(part, Filter)]
                return all(_allows(condition, variable, is_bound=True) for condition in conditions)
            return can_stand_for(group.elements, variable)
        case Union(groups=groups):
            return all(can_stand_for(group.elements, variable) for group in groups)
        case Bind(expression=expression):
            return _allows(expression, variable, is_bound=True)
    return False


def _allows(expression: Expression, variable: Variable, *, is_bound: bool) -> bool:
    """Return whether a term can stand for a variable in an expression."""
    if variable not in mentioned(expression):
        return True
    if not is_bound:
        return False
    for part in walk(expression):
        if isinstance(part, Builtin) and part.name == "BOUND" and variable in part.arguments:
            return False
        if isinstance(part, Exists) and variable in mentioned(part) and not _is_plain(part.group, variable):
            return False
    return True


def _is_plain(group: Group, variable: Variable) -> bool:
    return all(
        isinstance(element, Filter) or (isinstance(element, Triple) and not can_be_empty(element.predicate))
        for element in group.elements
        if variable in mentioned(element)
    )


def _mention(elements: Iterable[Element], variable: Variable) -> bool:
    return any(variable in mentioned(element) for element in elements)
