"""The step that asks for what does not exist by an OPTIONAL that finds nothing.

`FILTER NOT EXISTS { P }` becomes `OPTIONAL { P BIND(1 AS ?absent) } FILTER(!BOUND(?absent))`. The engine answers EXISTS
anew for each solution, and joins all of P's patterns each time; an OPTIONAL it answers by the solutions that it has, or
once.

Why it is the same, for a P of triples and filters: NOT EXISTS keeps a solution when P, with the solution's terms for
its variables, has no solution. That is when no solution of P agrees with it and satisfies the filters of P on both
together: just when the OPTIONAL, whose filters see both, adds nothing, and keeps the solution once. A variable that
the solution leaves unbound is free in both. What P binds is bound in no solution that is kept, so nobody sees its
variables, and `SELECT *` goes on naming those that it named. The filters of a group see all of it, so the OPTIONAL
stands last. In the group of an OPTIONAL or an EXISTS they see more than the group: there nothing is changed.

What the group itself says of a variable that P shares (`?project coop:theme <t>`) is said in the OPTIONAL again: all
solutions have it, so P finds no fewer of them, and the engine need not look for P anywhere else.

A triple at the end of P that gives a variable by one fixed value (`?agent org:classification <k>`) stands in a
sub-select of that variable, where few things have its property: it has the same solutions, and the engine makes a table
of them, where it would look through all that is said of an agent for each time that P comes to it.

A path that can be empty relates a term that the graph does not hold with itself; a variable has only what the graph
holds. So such a path must begin or end at a variable that another triple of P binds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coopkg.census import Census
from coopkg.names import XSD
from coopkg.querytree.tree import (
    Bind,
    Builtin,
    Element,
    Exists,
    Filter,
    Group,
    Iri,
    Literal,
    Modifiers,
    Optional,
    Query,
    Select,
    SubSelect,
    Triple,
    Unary,
    Variable,
)
from coopkg.querytree.walking import mentioned, variables, walk
from coopkg.rdf import NamedNode
from coopkg.rewriting.grouping import fresh, regrouped
from coopkg.rewriting.substitution import can_be_empty

_ONE = Literal("1", datatype=f"{XSD}integer")
#: A table of so many takes some milliseconds, also where few of them are asked for.
_FEW = 20_000


def apply(query: Query, known: Census | None) -> Query:
    """Return a query with OPTIONALs in the place of NOT EXISTS over several patterns."""
    names = iter(fresh(query, "absent", sum(isinstance(node, Exists) for node in walk(query))))
    return regrouped(query, lambda group: _changed(group, names, known), also_optional=False)


def _changed(group: Group, names: Iterator[Variable], known: Census | None) -> Group:
    outside = frozenset().union(*map(variables, group.elements))
    kept, last = list[Element](), list[Element]()
    for element in group.elements:
        absent = _absent(element)
        if absent and _applies(absent.elements, outside):
            name = next(names)
            about = _about(absent.elements, group.elements)
            inside = [_apart(element, absent.elements, outside, known) for element in absent.elements]
            last.append(Optional(Group((*about, *inside, Bind(_ONE, name)))))
            last.append(Filter(Unary("!", Builtin("BOUND", (name,)))))
        else:
            kept.append(element)
    return Group((*kept, *last)) if last else group


def _about(absent: Sequence[Element], elements: Sequence[Element]) -> list[Triple]:
    """Return the triples of a group that say one thing of a variable which what is absent speaks of, too."""
    spoken = frozenset().union(*map(mentioned, absent))
    triples = [element for element in elements if isinstance(element, Triple)]
    return [
        triple
        for triple in triples
        if triple.subject in spoken and isinstance(triple.predicate, Iri) and isinstance(triple.object, Iri | Literal)
    ]


def _apart(
    element: Element, elements: Sequence[Element], outside: frozenset[Variable], known: Census | None
) -> Element:
    """Return an element of what is absent, in a sub-select where it is a triple that is better asked for by itself."""
    match element:
        case Triple(Variable() as subject, Iri(predicate), Iri() | Literal()):
            triples = [other for other in elements if isinstance(other, Triple)]
            is_end = subject not in outside and any(other.object == subject for other in triples)
            from_one = any(isinstance(other.subject, Iri) for other in triples)
            if known and is_end and not from_one and known.predicates[NamedNode(predicate)] <= _FEW:
                return SubSelect(Select((subject,)), Group((element,)), Modifiers())
    return element


def _absent(element: Element) -> Group | None:
    match element:
        case Filter(condition=Exists(group=group, is_negated=True)):
            return group
        case Filter(condition=Unary("!", Exists(group=group, is_negated=False))):
            return group
    return None


def _applies(elements: Sequence[Element], outside: frozenset[Variable]) -> bool:
    triples = [element for element in elements if isinstance(element, Triple)]
    others = [element for element in elements if not isinstance(element, Triple)]
    if not all(isinstance(other, Filter) and not _has_exists(other) for other in others):
        return False
    if len(triples) < 2 and all(isinstance(triple.predicate, Iri | Variable) for triple in triples):
        return False  # the engine answers one pattern as fast
    if all(outside.isdisjoint(mentioned(triple)) for triple in triples):
        return False  # it is the same for all solutions
    return all(_is_anchored(triple, triples) for triple in triples)


def _has_exists(element: Element) -> bool:
    return any(isinstance(node, Exists) for node in walk(element))


def _is_anchored(triple: Triple, triples: Sequence[Triple]) -> bool:
    if not can_be_empty(triple.predicate):
        return True
    ends = {end for end in (triple.subject, triple.object) if isinstance(end, Variable)}
    others = [other for other in triples if not can_be_empty(other.predicate)]
    return any(not ends.isdisjoint(mentioned(other)) for other in others)
