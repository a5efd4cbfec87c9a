"""Expressions read from the words of a query."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

from coopkg.errors import QueryError
from coopkg.querytree.terms import Terms
from coopkg.querytree.tree import (
    Aggregate,
    Binary,
    Blank,
    Builtin,
    Call,
    Exists,
    Expression,
    Group,
    In,
    Iri,
    Unary,
)
from coopkg.querytree.walking import walk

_C = TypeVar("_C", Builtin, Aggregate)

# What binds more tightly has the higher number. The same number goes from left to right; comparisons stand alone.
_BINDING = {"||": 1, "&&": 2, "=": 3, "!=": 3, "<": 3, ">": 3, "<=": 3, ">=": 3, "IN": 3, "NOT": 3}
_BINDING |= {"+": 4, "-": 4, "*": 5, "/": 5}
_COMPARISON = 3

AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_ANY = 1000
_NONE = ("RAND", "NOW", "UUID", "STRUUID")
_ONE = (
    *("STR", "LANG", "DATATYPE", "IRI", "URI", "ABS", "CEIL", "FLOOR", "ROUND", "STRLEN", "UCASE", "LCASE"),
    *("ENCODE_FOR_URI", "YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS", "TIMEZONE", "TZ"),
    *("MD5", "SHA1", "SHA256", "SHA384", "SHA512", "ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "ISNUMERIC"),
)
_TWO = (*("LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE", "STRAFTER", "STRLANG", "STRDT", "SAMETERM"),)
#: Functions by their words, and how many arguments each takes, at least and at most.
FUNCTIONS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(_NONE, (0, 0)),
    **dict.fromkeys(_ONE, (1, 1)),
    **dict.fromkeys(_TWO, (2, 2)),
    "BNODE": (0, 1),
    "CONCAT": (0, _ANY),
    "COALESCE": (0, _ANY),
    "IF": (3, 3),
    "REGEX": (2, 3),
    "SUBSTR": (2, 3),
    "REPLACE": (3, 4),
}


# What the engine begins to read as if it had one argument more, and then reads again: a label that stands in a group
# there is another group's to it the second time, while `[]` is not.
_READ_TWICE = frozenset({"REGEX", "SUBSTR", "REPLACE", "GROUP_CONCAT"})


class Expressions(Terms, ABC):
    """Reads expressions."""

    @abstractmethod
    def group(self) -> Group:
        """Return the group that comes next, in its braces."""

    def expression(self, binding: int = 1) -> Expression:
        """Return the expression that comes next.

        Args:
            binding: how tightly an operator must bind to belong to it.
        """
        left = self._unary()
        while (found := _BINDING.get(self.kind, 0)) >= binding:
            left = self._continued(left, found)
            if found == _COMPARISON <= _BINDING.get(self.kind, 0):
                raise self.unexpected()
        return left

    def is_constraint(self) -> bool:
        """Return whether a constraint comes next."""
        return self.kind == "(" or self.is_iri() or self._is_builtin()

    def constraint(self) -> Expression:
        """Return the constraint that comes next: a bracketed expression, or a call."""
        if self.kind == "(":
            return self.bracketed()
        if self.is_iri():
            return Call(self.iri(), self._arguments())
        return self._builtin()

    def bracketed(self) -> Expression:
        """Return the expression that comes next in brackets."""
        self.expect("(")
        self.enter()
        inner = self.expression()
        self.expect(")")
        self.leave()
        return inner

    def _continued(self, left: Expression, binding: int) -> Expression:
        self.chain()
        is_negated = self.take("NOT")
        if is_negated or self.kind == "IN":
            self.expect("IN")
            return In(left, self._arguments(), is_negated)
        operator = self.pull()
        return Binary(operator, left, self.expression(binding + 1))

    def _unary(self) -> Expression:
        if self.kind not in ("!", "+", "-"):
            return self._primary()
        if self.kind != "!" and self.following() == "number" and self.touches():
            return self.literal()
        self.chain()
        return Unary(self.pull(), self._primary())

    def _primary(self) -> Expression:
        kind = self.kind
        if kind == "var":
            return self.variable()
        if kind == "(":
            return self.bracketed()
        if kind in ("pname", "iri"):
            return self._iri_or_call()
        return self._builtin() if self._is_builtin() else self.literal()

    def _iri_or_call(self) -> Iri | Call:
        iri = self.iri()
        return Call(iri, self._arguments()) if self.kind in ("(", "()") else iri

    def _is_builtin(self) -> bool:
        return self.kind in FUNCTIONS or self.kind in AGGREGATES or self.kind in ("BOUND", "EXISTS", "NOT")

    def _builtin(self) -> Expression:
        if self.kind in AGGREGATES:
            return self._aggregate()
        if self.kind in FUNCTIONS:
            return self._function()
        if self.take("BOUND"):
            return self._bound()
        is_negated = self.take("NOT")
        self.expect("EXISTS")
        return Exists(self.group(), is_negated)

    def _bound(self) -> Builtin:
        self.expect("(")
        variable = self.variable()
        self.expect(")")
        return Builtin("BOUND", (variable,))

    def _function(self) -> Builtin:
        name = self.kind
        self.pull()
        arguments = self._arguments()
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise QueryError(f"{name} takes {least} to {most} arguments, not {len(arguments)}")
        return _without_blanks(Builtin(name, arguments))

    def _arguments(self) -> tuple[Expression, ...]:
        if self.take("()"):
            return ()
        self.expect("(")
        self.enter()
        arguments = [self.expression()]
        while self.take(","):
            arguments.append(self.expression())
        self.expect(")")
        self.leave()
        return tuple(arguments)

    def _aggregate(self) -> Aggregate:
        name = self.kind
        self.pull()
        self.expect("(")
        self.enter()
        is_distinct = self.take("DISTINCT")
        operand = None if name == "COUNT" and self.take("*") else self.expression()
        separator = None
        if name == "GROUP_CONCAT" and self.take(";"):
            self.expect("SEPARATOR")
            self.expect("=")
            separator = self.plain_string()
        self.expect(")")
        self.leave()
        return _without_blanks(Aggregate(name, operand, is_distinct, separator))


def _without_blanks(call: _C) -> _C:
    if call.name in _READ_TWICE and any(isinstance(node, Blank) for node in walk(call)):
        raise QueryError(f"a blank node in a group in {call.name} is not read")
    return call
