"""What a shape finds at given nodes. This decides: what the engine screened, or a change touched, is examined here.

Set at a time: the values of all nodes first, then one look at all of them for each constraint. Comparisons and
regular expressions are the engine's, so that they are those of SPARQL.

Source: SHACL, sections 4 and 5.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from coopkg import datatypes, patterns
from coopkg.constraints import (
    Ask,
    Class,
    Closed,
    Constraint,
    Count,
    Datatype,
    Disjoint,
    Equals,
    HasValue,
    In,
    LanguageIn,
    Length,
    LessThan,
    Logical,
    Node,
    NodeKind,
    Pattern,
    Property,
    Qualified,
    Range,
    Shape,
    Sparql,
    Term,
    UniqueLang,
)
from coopkg.errors import InputError
from coopkg.facts import Facts, written
from coopkg.paths import Path, Step
from coopkg.rdf import BlankNode, Literal, NamedNode, Triple

_AT_ONCE = 2_000
_WORTH_A_SCAN = 500
_Item = TypeVar("_Item")
_MENTION = re.compile(r"\{[?$](\w+)\}")


@dataclass(frozen=True, slots=True)
class Result:
    """One result of a validation.

    Args:
        component: the local name of the constraint component, without its ending.
        messages: those of a SPARQL constraint, with the values of its solution.
        details: of sh:node, what the other shape finds at the value.
    """

    focus: Term
    path: Path | None
    value: Term | None
    component: str
    shape: Shape
    messages: tuple[Literal, ...] = ()
    details: tuple[Result, ...] = ()


class Examination:
    """Examines nodes of one state of a graph; remembers which of them conform to which shape.

    Args:
        gathers: whether a good part of the graph is examined: then the members of a class are scanned, once.
    """

    def __init__(self, facts: Facts, *, gathers: bool = False) -> None:
        self._facts = facts
        self._gathers = gathers
        self._conforming: defaultdict[Shape, dict[Term, bool]] = defaultdict(dict)

    def results(self, shape: Shape, nodes: Iterable[Term]) -> dict[Term, list[Result]]:
        """Return the results of a shape by node, without the nodes that conform to it.

        Raises:
            InputError: a SPARQL constraint meets a blank node, which no query can name.
        """
        path = shape.path
        values = {node: [node] if path is None else self._facts.values(node, path) for node in nodes}
        found: defaultdict[Term, list[Result]] = defaultdict(list)
        every = list(dict.fromkeys(value for several in values.values() for value in several))
        for constraint in shape.constraints:
            for node, result in self._found(shape, constraint, values, every):
                found[node].append(result)
        return dict(found)

    def _found(
        self, shape: Shape, constraint: Constraint, values: Mapping[Term, list[Term]], every: list[Term]
    ) -> Iterator[tuple[Term, Result]]:
        """Yield each result with the node that it comes from: below sh:property its focus is another one."""
        if isinstance(constraint, Property):
            inner = self.results(constraint.shape, every)
            for node, several in values.items():
                for value in several:
                    yield from ((node, result) for result in inner.get(value, ()))
        elif isinstance(constraint, Sparql):
            yield from self._solutions(shape, constraint, values)
        elif isinstance(constraint, Ask):
            yield from self._refused(shape, constraint, values)
        elif isinstance(constraint, Closed):
            for node, several in values.items():
                for triple in (triple for value in several for triple in self._facts.leaving(value)):
                    if triple.predicate not in constraint.allowed:
                        yield node, Result(node, Step(triple.predicate), triple.object, "Closed", shape)
        elif is_of_values(constraint):
            failing, fault = self.failing(constraint, every), _component(constraint)
            inner = self.results(constraint.shape, failing) if isinstance(constraint, Node) else {}
            for node, several in values.items():
                for value in several:
                    if value in failing:
                        inside = tuple(inner.get(value, ()))
                        yield node, Result(node, shape.path, value, fault, shape, details=inside)
        else:
            for node, component, culprit in self._of_sets(constraint, values, every):
                yield node, Result(node, shape.path, culprit, component, shape)

    def failing(self, constraint: Constraint, values: Collection[Term]) -> set[Term]:
        """Return the values that do not satisfy a constraint that looks at each of them alone."""
        match constraint:
            case Datatype(iri):
                return {value for value in values if not _is_of_datatype(value, iri)}
            case NodeKind(kinds):
                return {value for value in values if _kind(value) not in kinds}
            case Class(iri):
                if self._gathers and len(values) >= _WORTH_A_SCAN:
                    self._facts.gather(iri)
                return {value for value in values if not self._facts.is_a(value, iri)}
            case In(terms):
                return set(values) - set(terms)
            case Length(_, sign, bound):
                return {value for value in values if not _has_length(value, sign, bound)}
            case LanguageIn(ranges):
                return {value for value in values if not _is_in_language(value, ranges)}
            case Range(_, sign, bound):
                return set(values) - self._holding(f"?v {sign} {bound}", values)
            case Pattern(regex, flags):
                return set(values) - self._holding(matches("?v", regex, flags), values)
            case Node(shape):
                return set(values) - self.conforming(shape, values)
            case Logical(component, shapes):
                return set(values) - self._satisfying(component, shapes, values)
        raise AssertionError(constraint)

    def conforming(self, shape: Shape, nodes: Collection[Term]) -> set[Term]:
        """Return the nodes for which a shape has no result."""
        known = self._conforming[shape]
        if unknown := [node for node in nodes if node not in known]:
            faulty = self._faulty(shape, unknown)
            known.update((node, node not in faulty) for node in unknown)
        return {node for node in nodes if known[node]}

    def _faulty(self, shape: Shape, nodes: Collection[Term]) -> Collection[Term]:
        if shape.path is None and all(map(is_of_values, shape.constraints)):  # the node itself is the one value
            return set[Term]().union(*(self.failing(constraint, nodes) for constraint in shape.constraints))
        return self.results(shape, nodes).keys()

    def _satisfying(self, component: str, shapes: tuple[Shape, ...], values: Collection[Term]) -> set[Term]:
        times = Counter(value for shape in shapes for value in self.conforming(shape, values))
        wanted = {"Not": (0,), "And": (len(shapes),), "Xone": (1,), "Or": range(1, len(shapes) + 1)}[component]
        return {value for value in values if times[value] in wanted}

    def _of_sets(
        self, constraint: Constraint, values: Mapping[Term, list[Term]], every: list[Term]
    ) -> Iterator[tuple[Term, str, Term | None]]:
        """Yield the node, the component and the value of each result of a constraint on all values of a node."""
        match constraint:
            case Count(component, bound):
                for node, several in values.items():
                    if _is_off(component, len(several), bound):
                        yield node, component, None
            case HasValue(term):
                yield from ((node, "HasValue", None) for node, several in values.items() if term not in several)
            case UniqueLang():
                for node, several in values.items():
                    yield from ((node, "UniqueLang", None) for _ in _doubled_languages(several))
            case Equals(predicate) | Disjoint(predicate):
                for node, several in values.items():
                    others = set(self._facts.objects(node, predicate))
                    if isinstance(constraint, Disjoint):
                        yield from ((node, "Disjoint", value) for value in several if value in others)
                    else:
                        yield from ((node, "Equals", value) for value in others.symmetric_difference(several))
            case LessThan(component, _, _):
                yield from ((node, component, value) for node, value in self._unordered(constraint, values))
            case Qualified(component, shape, bound, siblings):
                counted = self.conforming(shape, every)
                for sibling in siblings:
                    counted -= self.conforming(sibling, counted)
                for node, several in values.items():
                    if _is_off(component, sum(value in counted for value in several), bound):
                        yield node, component, None
            case _:
                raise AssertionError(constraint)

    def _unordered(self, constraint: LessThan, values: Mapping[Term, list[Term]]) -> Iterator[tuple[Term, Term]]:
        pairs = [
            (node, value, other)
            for node, several in values.items()
            for value in several
            for other in self._facts.objects(node, constraint.predicate)
        ]
        wanted = dict.fromkeys(pair[1:] for pair in pairs if all(written(term) for term in pair[1:]))
        ordered: set[tuple[Term | None, ...]] = set()
        for portion in _portions(wanted):
            rows = " ".join(f"({left} {right})" for left, right in portion)
            _, found = self._facts.rows(
                f"SELECT ?v ?w {{ VALUES (?v ?w) {{ {rows} }} FILTER(?v {constraint.sign} ?w) }}"
            )
            ordered.update(found)
        yield from ((node, value) for node, value, other in pairs if (value, other) not in ordered)

    def _holding(self, expression: str, values: Collection[Term]) -> set[Term]:
        """Return the values for which an expression about `?v` is true."""
        found: set[Term] = set()
        for portion in _portions(value for value in values if written(value)):
            terms = " ".join(map(str, portion))
            _, rows = self._facts.rows(f"SELECT ?v {{ VALUES ?v {{ {terms} }} FILTER({expression}) }}")
            found.update(term for (term,) in rows if term is not None)
        return found

    def _solutions(self, shape: Shape, constraint: Sparql, nodes: Iterable[Term]) -> Iterator[tuple[Term, Result]]:
        for portion in _portions(nodes):
            _refuse_blank(shape, portion)
            every = f"VALUES ?this {{ {' '.join(map(str, portion))} }}"
            variables, rows = self._facts.rows(patterns.bound(constraint.query, every))
            for row in rows:
                solution = {name: term for name, term in zip(variables, row, strict=True) if term is not None}
                if (node := solution.get("this")) is not None:
                    yield node, _result_of(shape, constraint, node, solution)

    def _refused(
        self, shape: Shape, constraint: Ask, values: Mapping[Term, list[Term]]
    ) -> Iterator[tuple[Term, Result]]:
        """Yield a result for each value to which a query says no."""
        for portion in _portions((node, value) for node, several in values.items() for value in several):
            _refuse_blank(shape, (term for pair in portion for term in pair))
            rows = " ".join(f"({node} {value})" for node, value in portion)
            _, found = self._facts.rows(patterns.bound(constraint.query, f"VALUES (?this ?value) {{ {rows} }}"))
            conforming = set(found)
            for node, value in portion:
                if (node, value) not in conforming:
                    solution = {"this": node, "value": value}
                    messages = tuple(_told(text, solution) for text in constraint.messages)
                    yield node, Result(node, shape.path, value, constraint.component, shape, messages)


def _refuse_blank(shape: Shape, nodes: Iterable[Term]) -> None:
    if any(written(node) is None for node in nodes):
        raise InputError(f"{shape.name}: its query cannot name a blank node; give the node an IRI")


def matches(variable: str, regex: str, flags: str) -> str:
    """Return the expression that a value matches a pattern."""
    return f"!isBlank({variable}) && REGEX(STR({variable}), {Literal(regex)}, {Literal(flags)})"


def _result_of(shape: Shape, constraint: Sparql, node: Term, solution: Mapping[str, Term]) -> Result:
    path = solution.get("path")
    value = solution.get("value", node if shape.path is None else None)
    given = constraint.messages or (() if (said := solution.get("message")) is None else (said,))
    messages = tuple(_told(text, solution) for text in given if isinstance(text, Literal))
    taken = Step(path) if isinstance(path, NamedNode) else shape.path
    return Result(node, taken, value, constraint.component, shape, messages)


def _told(text: Literal, solution: Mapping[str, Term]) -> Literal:
    """Return a message with the values of a solution in it."""
    said = _MENTION.sub(lambda match: _text(solution.get(match[1]), match[0]), text.value)
    return Literal(said, language=text.language)


def _text(term: Term | None, otherwise: str) -> str:
    return otherwise if term is None else getattr(term, "value", str(term))


def is_of_values(constraint: Constraint) -> bool:
    """Whether a constraint looks at each value alone."""
    return isinstance(
        constraint, Range | Length | Logical | Datatype | NodeKind | Class | Pattern | LanguageIn | In | Node
    )


def _component(constraint: Constraint) -> str:
    return getattr(constraint, "component", type(constraint).__name__)


def _is_of_datatype(value: Term, iri: NamedNode) -> bool:
    return isinstance(value, Literal) and value.datatype == iri and datatypes.well_formed(value.value, iri.value)


def _kind(value: Term) -> str:
    return {NamedNode: "IRI", BlankNode: "BlankNode", Literal: "Literal", Triple: "Triple"}[type(value)]


def _has_length(value: Term, sign: str, bound: int) -> bool:
    if not isinstance(value, NamedNode | Literal):
        return False
    return len(value.value) >= bound if sign == ">=" else len(value.value) <= bound


def _is_in_language(value: Term, ranges: Iterable[str]) -> bool:
    tag = (value.language or "").lower() if isinstance(value, Literal) else ""
    return bool(tag) and any(
        wanted == "*" or tag == wanted.lower() or tag.startswith(f"{wanted.lower()}-") for wanted in ranges
    )


def _doubled_languages(values: Iterable[Term]) -> list[str]:
    tags = Counter(value.language.lower() for value in values if isinstance(value, Literal) and value.language)
    return [tag for tag, times in tags.items() if times > 1]


def _is_off(component: str, count: int, bound: int) -> bool:
    return count < bound if component.endswith("MinCount") else count > bound


def _portions(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    waiting = iter(items)
    while portion := list(islice(waiting, _AT_ONCE)):
        yield portion
