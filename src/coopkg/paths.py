"""Property paths: how a shape or a query goes from a node to its values. Pure data and text.

Source: SHACL, section 2.3.1; SPARQL 1.1, section 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coopkg import names
from coopkg.rdf import NamedNode


@dataclass(frozen=True, slots=True)
class Step:
    """From a subject to its objects; any predicate when None (only in queries: `?p`, `!ex:p`)."""

    predicate: NamedNode | None


@dataclass(frozen=True, slots=True)
class Inverse:
    """A path walked from its end to its beginning."""

    path: Path


@dataclass(frozen=True, slots=True)
class Chain:
    """One path after the other."""

    steps: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any of some paths."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A path zero times (`from_zero`) or once, and on (`goes_on`): `?`, `*` and `+`."""

    path: Path
    from_zero: bool
    goes_on: bool

    @property
    def sign(self) -> str:
        """The sign that SPARQL has for it."""
        return ("*" if self.from_zero else "+") if self.goes_on else "?"


Path = Step | Inverse | Chain | Choice | Repeat

_REPEATED = {"?": "zeroOrOnePath", "*": "zeroOrMorePath", "+": "oneOrMorePath"}


def text(path: Path) -> str:
    """Return a path in SPARQL.

    >>> text(Inverse(Step(NamedNode("urn:a"))))
    '(^<urn:a>)'
    """
    match path:
        case Step(predicate):
            return str(predicate)
        case Inverse(inner):
            return f"(^{text(inner)})"
        case Chain(steps):
            return f"({'/'.join(map(text, steps))})"
        case Choice(paths):
            return f"({'|'.join(map(text, paths))})"
        case Repeat(inner):
            return f"({text(inner)}{path.sign})"


def shown(path: Path) -> str:
    """Return a path as findings tell it: with prefixes, without parentheses.

    >>> shown(Inverse(Step(NamedNode("https://w3id.org/coopkg/ns#within"))))
    '^coop:within'
    """
    match path:
        case Step(predicate):
            return names.short(predicate.value) if predicate else "?"
        case Inverse(inner):
            return f"^{shown(inner)}"
        case Chain(steps):
            return "/".join(map(shown, steps))
        case Choice(paths):
            return "|".join(map(shown, paths))
        case Repeat(inner):
            return f"{shown(inner)}{path.sign}"


def turtle(path: Path) -> str:
    """Return a path as Turtle writes it in a shape or a report.

    >>> turtle(Inverse(Step(NamedNode("urn:a"))))
    '[ <http://www.w3.org/ns/shacl#inversePath> <urn:a> ]'
    """
    match path:
        case Step(predicate):
            return str(predicate)
        case Inverse(inner):
            return f"[ <{names.SH}inversePath> {turtle(inner)} ]"
        case Chain(steps):
            return f"( {' '.join(map(turtle, steps))} )"
        case Choice(paths):
            return f"[ <{names.SH}alternativePath> ( {' '.join(map(turtle, paths))} ) ]"
        case Repeat(inner):
            return f"[ <{names.SH}{_REPEATED[path.sign]}> {turtle(inner)} ]"


def predicates(path: Path) -> Iterator[NamedNode | None]:
    """Yield every predicate on a path."""
    match path:
        case Step(predicate):
            yield predicate
        case Inverse(inner) | Repeat(inner):
            yield from predicates(inner)
        case Chain(parts) | Choice(parts):
            for part in parts:
                yield from predicates(part)
