"""Shapes compiled to SPARQL: queries that find, over a whole graph, the focus nodes that may not conform.

A screen never leaves out a node that has a result; it may let through one that has none, where SPARQL cannot say it
exactly. `coopkg.examination` decides on what is left, so that a whole graph and a change are judged alike. Pure text.

Negation is written as OPTIONAL and !BOUND, or as MINUS: FILTER NOT EXISTS over several steps is a hundred times slower
(pyoxigraph 0.5.13). It stands only inside sh:or, sh:not, sh:xone and qualified shapes, over one step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from coopkg import datatypes, paths, patterns
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
    Target,
    Term,
    UniqueLang,
)
from coopkg.examination import is_of_values, matches
from coopkg.facts import TYPE, written
from coopkg.paths import Chain, Choice, Inverse, Path, Repeat
from coopkg.rdf import Literal, NamedNode

#: The classes that are below a class, itself among them.
Subclasses = Callable[[NamedNode], Iterable[Term]]

#: The variable of the focus node; no query of a person uses it, nor those that begin like it.
FOCUS = "?_f"
_KINDS = {"IRI": "isIRI", "BlankNode": "isBlank", "Literal": "isLiteral"}


@dataclass(frozen=True, slots=True)
class Part:
    """What is judged at once: a shape with targets and one property shape in it, or the rest of it.

    Args:
        root: the shape that has the targets.
        shape: what is judged at the nodes of the targets.
    """

    root: Shape
    shape: Shape


def parts(shapes: Iterable[Shape]) -> Iterator[Part]:
    """Yield the parts of the shapes that have targets."""
    for root in shapes:
        if not root.targets:
            continue
        held = [one.shape for one in root.constraints if isinstance(one, Property)] if root.path is None else []
        rest = tuple(one for one in root.constraints if root.path is not None or not isinstance(one, Property))
        yield from (Part(root, shape) for shape in held if shape.constraints)
        if rest:
            yield Part(root, replace(root, constraints=rest) if held else root)


@dataclass(frozen=True, slots=True)
class Screen:
    """A query for nodes that may be at fault, and the way to them from the focus nodes.

    Args:
        query: a SELECT whose first variable is the node.
        way: the paths from a focus node to it, one after the other.
    """

    query: str
    way: tuple[Path, ...]


def targets(root: Shape, subclasses: Subclasses) -> str:
    """Return the pattern of the focus nodes of a shape, `?_f`; "" when its targets name all of them."""
    return _Writer(subclasses, many=False).focus(root.targets)


def screens(part: Part, subclasses: Subclasses, *, many: bool) -> list[Screen]:
    """Return the screens of a part: each focus node that has a result is on the way back from what one of them finds.

    Nodes that a target names are left to the caller, who knows them.

    Args:
        many: whether there are many focus nodes. Then values are looked at wherever they stand, without asking whose
            they are: a join with the focus nodes looks each of them up, and takes ten times as long as a scan.
    """
    writer = _Writer(subclasses, many=many)
    focus = writer.focus(part.root.targets)
    return list(writer.screens(part.shape, focus, FOCUS, ())) if focus else []


class _Writer:
    def __init__(self, subclasses: Subclasses, *, many: bool) -> None:
        self._subclasses = subclasses
        self._many = many
        self._numbers = count()

    def _new(self) -> str:
        return f"?_{next(self._numbers)}"

    def focus(self, targets: Iterable[Target]) -> str:
        """Return the pattern that binds the focus node to the nodes of some targets, to each once."""
        choices = [pattern for target in targets for pattern in self._target(target)]
        if not choices or (len(choices) == 1 and choices[0].startswith(f"{FOCUS} {TYPE} ")):
            return "".join(choices)
        return f"{{ SELECT DISTINCT {FOCUS} {{ {' UNION '.join(f'{{ {choice} }}' for choice in choices)} }} }}"

    def _target(self, target: Target) -> list[str]:
        if target.kind == "SubjectsOf":
            return [f"{FOCUS} {target.term} {self._new()} ."]
        if target.kind == "ObjectsOf":
            return [f"{self._new()} {target.term} {FOCUS} ."]
        if target.kind == "Class" and isinstance(target.term, NamedNode):
            return [f"{FOCUS} {TYPE} {kind} ." for kind in self._below(target.term)]
        return []

    def _below(self, kind: NamedNode) -> list[str]:
        return sorted(name for below in self._subclasses(kind) if (name := written(below)))

    def screens(self, shape: Shape, source: str, node: str, way: tuple[Path, ...]) -> Iterator[Screen]:
        """Yield the screens of a shape.

        Args:
            source: a pattern that binds `node` to all that the shape is about, and perhaps to others.
            way: the paths from the focus node to it.
        """
        value, reached, onward = node, source, way
        if shape.path is not None:
            steps = shape.path.steps if isinstance(shape.path, Chain) else (shape.path,)
            value, onward = self._new(), (*way, *steps)
            reached = f"{source} {node} {paths.text(shape.path)} {value} ."
            if self._is_scanned(shape.path):
                reached = f"{{ SELECT DISTINCT {value} {{ {self._new()} {paths.text(shape.path)} {value} }} }}"
        sure: list[str | None] = []
        for constraint in shape.constraints:
            if (inner := _conjoined(constraint)) is not None:
                for one in inner:
                    yield from self.screens(one, reached, value, onward)
            elif isinstance(constraint, Sparql):
                this = re.sub(rf"{re.escape(node)}(?!\w)", "?this", source)
                yield Screen(patterns.bound(patterns.selecting(constraint.query, "?this"), this), way)
            elif is_of_values(constraint):
                # Eleven times EXISTS for each node take ten times as long as to gather the members of eleven classes.
                sure.append(None if self._many and _is_of_classes(constraint) else self.sure(constraint, value))
            else:
                for query in self._of_sets(constraint, source, node, shape.path, value):
                    yield Screen(query, way)
        if None in sure:
            yield Screen(f"SELECT DISTINCT {value} {{ {reached} }}", onward)
        elif sure:
            yield Screen(f"SELECT DISTINCT {value} {{ {reached} FILTER(!({_all(sure)})) }}", onward)

    def _is_scanned(self, path: Path) -> bool:
        """Whether the values of a path are looked at wherever they are; a path that goes on has too many of them."""
        return self._many and not _goes_on(path)

    def _of_sets(self, constraint: Constraint, source: str, node: str, path: Path | None, value: str) -> Iterator[str]:
        """Yield queries for the nodes at fault by a constraint on all their values together."""
        # Without a path the one value is the node itself.
        way = "" if path is None else paths.text(path)
        step = f"{node} {way} {value} ." if path else ""
        other = self._new()
        begin = f"SELECT DISTINCT {node} {{ {source}"
        match constraint:
            case Count(component, bound):
                yield self._counted(source, node, path, step, value, component, bound)
            case HasValue(term):
                if (name := written(term)) is None:
                    yield f"{begin} }}"
                elif path is None:
                    yield f"{begin} FILTER(!sameTerm({node}, {name})) }}"
                elif self._is_scanned(path):
                    yield f"{begin} MINUS {{ {node} {way} {name} }} }}"
                else:
                    found = f"{node} {way} {name} . BIND(true AS {other})"
                    yield f"{begin} OPTIONAL {{ {found} }} FILTER(!BOUND({other})) }}"
            case UniqueLang():
                around = step if path and self._is_scanned(path) else f"{source} {step}"
                yield (
                    f'SELECT {node} {{ {around} FILTER(LANG({value}) != "") BIND(LCASE(LANG({value})) AS {other}) }} '
                    f"GROUP BY {node} {other} HAVING(COUNT(DISTINCT {value}) > 1)"
                )
            case Equals(predicate):
                yield f"{begin} {step} MINUS {{ {node} {predicate} {value} }} }}"
                back = f"MINUS {{ {node} {way} {other} }}" if path else f"FILTER(!sameTerm({node}, {other}))"
                yield f"{begin} {node} {predicate} {other} . {back} }}"
            case Disjoint(predicate):
                yield f"{begin} {step} {node} {predicate} {value} }}"
            case LessThan(_, sign, predicate):
                yield f"{begin} {step} {node} {predicate} {other} FILTER(!COALESCE({value} {sign} {other}, false)) }}"
            case Qualified(component, shape, bound, siblings):
                counted = self._counts(shape, siblings, value, sure=component.endswith("MinCount"))
                yield self._counted(source, node, path, f"{step} FILTER({counted})", value, component, bound)
            case Ask():
                yield f"{begin} {step} }}"  # its query is asked where the nodes are examined
            case Closed(allowed):
                listed = ", ".join(sorted(map(str, allowed)))
                yield f"{begin} {step} {value} {other} {self._new()} . FILTER({other} NOT IN ({listed})) }}"
            case _:
                raise AssertionError(constraint)

    def _counted(
        self, source: str, node: str, path: Path | None, step: str, value: str, component: str, bound: int
    ) -> str:
        at_least, scanned = component.endswith("MinCount"), path is not None and self._is_scanned(path)
        if at_least and bound == 1:
            if scanned:
                return f"SELECT DISTINCT {node} {{ {source} MINUS {{ {step} }} }}"
            return f"SELECT DISTINCT {node} {{ {source} OPTIONAL {{ {step} }} FILTER(!BOUND({value})) }}"
        if not at_least and bound == 0:
            return f"SELECT DISTINCT {node} {{ {source} {step} }}"
        reached = f"{source} OPTIONAL {{ {step} }}" if at_least else step if scanned else f"{source} {step}"
        sign = "<" if at_least else ">"
        return f"SELECT {node} {{ {reached} }} GROUP BY {node} HAVING(COUNT(DISTINCT {value}) {sign} {bound})"

    def _counts(self, shape: Shape, siblings: Iterable[Shape], value: str, *, sure: bool) -> str:
        """Return that a value surely is among those that are counted, or that it may be."""
        if sure:
            said = [self.conforms(shape, value), *(self.fails(sibling, value) for sibling in siblings)]
            return "false" if None in said else _all(said)
        against = [self.fails(shape, value), *(self.conforms(sibling, value) for sibling in siblings)]
        return f"!({_any(against)})"

    # What follows returns an expression that is true only if something surely holds; None where none can be written.

    def conforms(self, shape: Shape, node: str) -> str | None:
        """Return an expression that is true only where a node conforms to a shape."""
        said = [self._kept(shape, constraint, node) for constraint in shape.constraints]
        return None if None in said else _all(said)

    def fails(self, shape: Shape, node: str) -> str | None:
        """Return an expression that is true only where a node does not conform to a shape."""
        said = [self._broken(shape, constraint, node) for constraint in shape.constraints]
        return _any(said) if any(said) else "false" if not shape.constraints else None

    def _kept(self, shape: Shape, constraint: Constraint, node: str) -> str | None:
        if (inner := _conjoined(constraint)) is not None and shape.path is None:
            said = [self.conforms(one, node) for one in inner]
            return None if None in said else _all(said)
        if shape.path is None:
            return self.sure(constraint, node) if is_of_values(constraint) else self._has(constraint, node, None)
        if is_of_values(constraint):
            value = self._new()
            said_of_value = self.sure(constraint, value)
            pattern = f"{node} {paths.text(shape.path)} {value}"
            return None if said_of_value is None else f"NOT EXISTS {{ {pattern} FILTER(!{_safe(said_of_value)}) }}"
        return self._has(constraint, node, shape)

    def _broken(self, shape: Shape, constraint: Constraint, node: str) -> str | None:
        if (inner := _conjoined(constraint)) is not None and shape.path is None:
            said = [self.fails(one, node) for one in inner]
            return _any(said) if any(said) else None
        if shape.path is None:
            return (
                self.refuted(constraint, node) if is_of_values(constraint) else _not(self._has(constraint, node, None))
            )
        if is_of_values(constraint):
            value = self._new()
            said_of_value = self.refuted(constraint, value)
            pattern = f"{node} {paths.text(shape.path)} {value}"
            return None if said_of_value is None else f"EXISTS {{ {pattern} FILTER({_safe(said_of_value)}) }}"
        return _not(self._has(constraint, node, shape))

    def _has(self, constraint: Constraint, node: str, shape: Shape | None) -> str | None:
        """Return an expression that is true exactly where a constraint on all values of a node holds."""
        path = paths.text(shape.path) if shape is not None and shape.path is not None else None
        match constraint:
            case HasValue(term) if name := written(term):
                return f"EXISTS {{ {node} {path} {name} }}" if path else f"sameTerm({node}, {name})"
            case Count("MinCount", 0):
                return "true"
            case Count("MinCount", 1) if path:
                return f"EXISTS {{ {node} {path} {self._new()} }}"
            case Count("MaxCount", 0) if path:
                return f"NOT EXISTS {{ {node} {path} {self._new()} }}"
        return None

    def sure(self, constraint: Constraint, value: str) -> str | None:
        """Return an expression that is true only where a value satisfies a constraint."""
        match constraint:
            case Node(shape):
                return self.conforms(shape, value)
            case Logical(component, shapes):
                return self._sure_of_all(component, shapes, value)
            case Datatype(iri) if iri.value in datatypes.CASTS:
                # A cast of what is not well formed is an error, which is never true.
                cast = f"{iri}(STR({value}))"
                return f"DATATYPE({value}) = {iri} && {cast} = {cast}"
        return self._exactly(constraint, value)

    def refuted(self, constraint: Constraint, value: str) -> str | None:
        """Return an expression that is true only where a value does not satisfy a constraint."""
        match constraint:
            case Node(shape):
                return self.fails(shape, value)
            case Logical(component, shapes):
                return self._refuted_of_all(component, shapes, value)
            case Datatype(iri):
                return f"!isLiteral({value}) || DATATYPE({value}) != {iri}"
        return _not(self._exactly(constraint, value))

    def _exactly(self, constraint: Constraint, value: str) -> str | None:
        """Return an expression that is true exactly where a value satisfies a constraint, else false or an error."""
        match constraint:
            case Datatype(iri):
                return f"isLiteral({value}) && DATATYPE({value}) = {iri}"
            case NodeKind(kinds):
                return " || ".join(f"{_KINDS[kind]}({value})" for kind in sorted(kinds))
            case Class(iri):
                return " || ".join(f"EXISTS {{ {value} {TYPE} {kind} }}" for kind in self._below(iri))
            case Range(_, sign, bound):
                return f"{value} {sign} {bound}"
            case Length(_, sign, bound):
                return f"!isBlank({value}) && STRLEN(STR({value})) {sign} {bound}"
            case Pattern(regex, flags):
                return matches(value, regex, flags)
            case LanguageIn(ranges):
                return " || ".join(f"LANGMATCHES(LANG({value}), {Literal(one)})" for one in ranges) or "false"
            case In(terms):
                named = [name for term in terms if (name := written(term))]
                if len(named) == len(terms):
                    return " || ".join(f"sameTerm({value}, {name})" for name in named) or "false"
        return None

    def _sure_of_all(self, component: str, shapes: tuple[Shape, ...], value: str) -> str | None:
        holds = [self.conforms(shape, value) for shape in shapes]
        fails = [self.fails(shape, value) for shape in shapes]
        if component == "Not":
            return fails[0]
        if component == "And":
            return None if None in holds else _all(holds)
        if component == "Or":
            return _any(holds) if any(holds) else None
        if None in holds or None in fails:
            return None
        return f"{_number_of(holds)} = 1 && {_number_of(fails)} = {len(shapes) - 1}"

    def _refuted_of_all(self, component: str, shapes: tuple[Shape, ...], value: str) -> str | None:
        holds = [self.conforms(shape, value) for shape in shapes]
        fails = [self.fails(shape, value) for shape in shapes]
        if component == "Not":
            return holds[0]
        if component == "And":
            return _any(fails) if any(fails) else None
        if component == "Or":
            return None if None in fails else _all(fails)
        return None if None in fails else _all(fails)  # of sh:xone: none of them; two of them is left to be examined


def _goes_on(path: Path) -> bool:
    match path:
        case Repeat():
            return True
        case Inverse(inner):
            return _goes_on(inner)
        case Chain(parts) | Choice(parts):
            return any(map(_goes_on, parts))
    return False


def _is_of_classes(constraint: Constraint) -> bool:
    """Whether a constraint asks of a value to which of several classes it belongs, and nothing else."""
    if not isinstance(constraint, Logical):
        return False
    inner = [one for shape in constraint.shapes for one in shape.constraints]
    return all(shape.path is None for shape in constraint.shapes) and all(
        isinstance(one, Class) or _is_of_classes(one) for one in inner
    )


def _conjoined(constraint: Constraint) -> tuple[Shape, ...] | None:
    """Return the shapes to which every value must conform, or None."""
    match constraint:
        case Property(shape) | Node(shape):
            return (shape,)
        case Logical("And", shapes):
            return shapes
    return None


def _all(expressions: Iterable[str | None]) -> str:
    return " && ".join(_safe(one) for one in expressions if one is not None) or "true"


def _any(expressions: Iterable[str | None]) -> str:
    return " || ".join(_safe(one) for one in expressions if one is not None) or "false"


def _number_of(expressions: Iterable[str | None]) -> str:
    return f"({' + '.join(f'IF({_safe(one)}, 1, 0)' for one in expressions if one is not None)})"


def _not(expression: str | None) -> str | None:
    """Return the contrary of an exact expression; an error is a no."""
    return None if expression is None else f"!{_safe(expression)}"


def _safe(expression: str) -> str:
    return f"COALESCE({expression}, false)"
