"""Random trees of queries, of every kind of node: each could have been read from a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from coopkg import names
from coopkg.querytree.tree import (
    Aggregate,
    Alternative,
    As,
    Ask,
    Binary,
    Bind,
    Blank,
    Builtin,
    Call,
    Construct,
    Describe,
    Element,
    Exists,
    Expression,
    Filter,
    From,
    GraphPattern,
    Group,
    In,
    Inverse,
    Iri,
    Literal,
    Minus,
    Modifiers,
    Negated,
    Optional,
    Order,
    Path,
    Query,
    Repeated,
    Select,
    Sequence,
    Service,
    SubSelect,
    Term,
    Triple,
    Unary,
    Union,
    Values,
    Variable,
)

_T = TypeVar("_T")
_LABELS = ("a", "b", "b0", "b1", "é_1", "0", "select", "a·b")
_IRIS = ("urn:x", "http://e/", "http://e/a?b=c&d#e", "http://e/é(')", "http://e:80/%2F;,=+")
_DATATYPES = (*(names.XSD + name for name in ("string", "integer", "decimal", "double", "boolean")), "urn:x")
_CHARACTERS = "aé😀 \"'\\\n\r\t\0\x7f\u2028\ufeff<>{}?#@u0041"
_LEXICALS = ("true", "TRUE", "1", "-1", "+1", "1.", ".5", "1.5", "1e5", "1.E-5", "1e", "'''", '"""', "\\u0041", "")
_OPERATORS = ("||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/")


@dataclass
class Trees:
    """Makes trees; `fuel` is how many more nodes may hold others."""

    random: Random
    fuel: int = 12

    def query(self) -> Query:
        forms: list[Callable[[], Select | Construct | Describe | Ask]] = [
            *(self._select, self._construct, self._describe, Ask)
        ]
        form = self.random.choice(forms)()
        where = None if isinstance(form, Describe) and self._perhaps() else self.group()
        base = self.random.choice([None, "http://e/base"])
        return Query(form, where, self._modifiers(), self._values_or_none(), self._some(self._from), base)

    def group(self) -> Group:
        return Group(self._some(self._element))

    def variable(self) -> Variable:
        return Variable(self.random.choice(_LABELS))

    def _iri(self) -> Iri:
        return Iri(self.random.choice(_IRIS))

    def _name(self) -> Variable | Iri:
        return self.variable() if self._perhaps() else self._iri()

    def _lexical(self) -> str:
        if self._perhaps():
            return self.random.choice(_LEXICALS)
        return "".join(self.random.choices(_CHARACTERS, k=self.random.randrange(6)))

    def _literal(self) -> Literal:
        if self._perhaps():
            return Literal(self._lexical(), self.random.choice(["fr", "en-GB"]))
        return Literal(self._lexical(), "", self.random.choice(_DATATYPES))

    def _term(self) -> Term:
        terms: list[Term] = [self.variable(), self._iri(), self._literal(), Blank(self.random.choice(_LABELS))]
        return self.random.choice(terms)

    def _path(self) -> Path:
        if not self._goes_on():
            return self._iri()
        path = self._path()
        paths: list[Path] = [
            Inverse(path),
            Repeated(path, self.random.choice("*+?")),
            Sequence((path, self._path())),
            Alternative((self._path(), path, self._iri())),
            Negated((self._iri(), Inverse(self._iri()))),
            Negated((Inverse(self._iri()),)),
        ]
        return self.random.choice(paths)

    def _triple(self) -> Triple:
        return Triple(self._term(), self.variable() if self._perhaps() else self._path(), self._term())

    def _expression(self) -> Expression:
        if not self._goes_on():
            terms: list[Expression] = [self.variable(), self._iri(), self._literal()]
            return self.random.choice(terms)
        makers: list[Callable[[], Expression]] = [
            lambda: Binary(self.random.choice(_OPERATORS), self._expression(), self._expression()),
            lambda: Unary(self.random.choice("!+-"), self._expression()),
            lambda: In(self._expression(), self._some(self._expression), self._perhaps()),
            lambda: Call(self._iri(), self._some(self._expression)),
            lambda: Builtin("COALESCE", self._some(self._expression)),
            lambda: Builtin("CONTAINS", (self._expression(), self._expression())),
            lambda: Builtin("BOUND", (self.variable(),)),
            lambda: Exists(self.group(), self._perhaps()),
            lambda: Aggregate("COUNT", None, self._perhaps()),
            lambda: Aggregate("SUM", self._expression(), self._perhaps()),
            lambda: Aggregate("GROUP_CONCAT", self.variable(), self._perhaps(), self._lexical()),
        ]
        return self.random.choice(makers)()

    def _as(self) -> As:
        return As(self._expression(), self.variable())

    def _element(self) -> Element:
        if not self._goes_on():
            return self._triple()
        makers: list[Callable[[], Element]] = [
            self._triple,
            self.group,
            lambda: Optional(self.group()),
            lambda: Minus(self.group()),
            lambda: Union((self.group(), self.group())),
            lambda: GraphPattern(self._name(), self.group()),
            lambda: Service(self._name(), self.group(), self._perhaps()),
            lambda: Filter(self._expression()),
            lambda: Bind(self._expression(), self.variable()),
            self._values,
            lambda: SubSelect(self._select(), self.group(), self._modifiers(), self._values_or_none()),
        ]
        return self.random.choice(makers)()

    def _values(self) -> Values:
        variables = self._some(self.variable)
        return Values(variables, self._some(lambda: tuple(self._datum() for _ in variables)))

    def _datum(self) -> Iri | Literal | None:
        return self.random.choice([None, self._iri(), self._literal()])

    def _values_or_none(self) -> Values | None:
        return self._values() if self._perhaps() else None

    def _select(self) -> Select:
        items: tuple[Variable | As, ...] = (self._as(), *self._some(self.variable))
        return Select(items if self._perhaps() else None, self.random.choice(["", "DISTINCT", "REDUCED"]))

    def _construct(self) -> Construct:
        return Construct(self._some(lambda: Triple(self._term(), self._name(), self._term())))

    def _describe(self) -> Describe:
        return Describe((self._name(), *self._some(self._name)) if self._perhaps() else None)

    def _from(self) -> From:
        return From(self._iri(), self._perhaps())

    def _modifiers(self) -> Modifiers:
        keys = self._some(lambda: self._as() if self._perhaps() else self._expression())
        orders = self._some(lambda: Order(self._expression(), self._perhaps()))
        return Modifiers(keys, self._some(self._expression), orders, self._count(), self._count())

    def _count(self) -> int | None:
        return self.random.randrange(100) if self._perhaps() else None

    def _some(self, make: Callable[[], _T]) -> tuple[_T, ...]:
        return tuple(make() for _ in range(self.random.choice([0, 1, 1, 2, 3])))

    def _perhaps(self) -> bool:
        return self.random.random() < 0.5

    def _goes_on(self) -> bool:
        self.fuel -= 1
        return self.fuel > 0 and self._perhaps()
