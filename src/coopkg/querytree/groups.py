"""Groups and sub-selects read from the words of a query: patterns, their filters, and what is projected from them."""

from __future__ import annotations

from coopkg.errors import QueryError
from coopkg.querytree.expressions import Expressions
from coopkg.querytree.tree import (
    As,
    Bind,
    Element,
    Expression,
    Filter,
    GraphPattern,
    Group,
    Iri,
    Literal,
    Minus,
    Modifiers,
    Optional,
    Order,
    Select,
    Service,
    SubSelect,
    Union,
    Values,
    Variable,
)
from coopkg.querytree.triples import Triples

_MAX_DIGITS = 18


class Groups(Triples, Expressions):
    """Reads groups."""

    def group(self) -> Group:
        """Return the group that comes next, in its braces."""
        self.expect("{")
        self.enter()
        elements: list[Element] = [self._sub_select()] if self.kind == "SELECT" else self._elements()
        self.expect("}")
        self.leave()
        return Group(tuple(elements))

    def where(self) -> Group:
        """Return the group that comes next, with or without the word before it."""
        self.take("WHERE")
        return self.group()

    def select(self) -> Select:
        """Return what the SELECT that comes next gives."""
        self.expect("SELECT")
        duplicates = self.pull().upper() if self.kind in ("DISTINCT", "REDUCED") else ""
        if self.take("*"):
            return Select(None, duplicates)
        items: list[Variable | As] = [self._item()]
        while self.kind in ("var", "("):
            items.append(self._item())
        return Select(tuple(items), duplicates)

    def modifiers(self) -> Modifiers:
        """Return the modifiers that come next, if any."""
        group_by = self._group_by() if self.take("GROUP") else ()
        having = self._having() if self.take("HAVING") else ()
        order_by = self._order_by() if self.take("ORDER") else ()
        limit, offset = self._count("LIMIT"), self._count("OFFSET")
        if limit is None:
            limit = self._count("LIMIT")
        return Modifiers(group_by, having, order_by, limit, offset)

    def trailing_values(self) -> Values | None:
        """Return the VALUES that come next, after the modifiers, if any."""
        return self._values() if self.take("VALUES") else None

    def _sub_select(self) -> SubSelect:
        return SubSelect(self.select(), self.where(), self.modifiers(), self.trailing_values())

    def _elements(self) -> list[Element]:
        elements: list[Element] = list(self.triples())
        while self.kind != "}":
            elements.append(self._element())
            self.take(".")
            elements += self.triples()
        return elements

    def _element(self) -> Element:
        if self.kind == "{":
            return self._group_or_union()
        if self.take("OPTIONAL"):
            return Optional(self.group())
        if self.take("FILTER"):
            return Filter(self.constraint())
        if self.take("BIND"):
            return self._bind()
        if self.take("VALUES"):
            return self._values()
        if self.take("MINUS"):
            return Minus(self.group())
        if self.take("GRAPH"):
            return GraphPattern(self.variable_or_iri(), self.group())
        if self.take("SERVICE"):
            is_silent = self.take("SILENT")
            return Service(self.variable_or_iri(), self.group(), is_silent)
        raise self.unexpected()

    def _group_or_union(self) -> Element:
        is_sub_select = self.following() == "SELECT"
        groups = [self.group()]
        while self.take("UNION"):
            groups.append(self.group())
        if len(groups) > 1:
            return Union(tuple(groups))
        return groups[0].elements[0] if is_sub_select else groups[0]

    def _bind(self) -> Bind:
        self.expect("(")
        self.enter()
        bound = self._as()
        self.leave()
        return Bind(bound.expression, bound.variable)

    def _as(self) -> As:
        expression = self.expression()
        self.expect("AS")
        variable = self.variable()
        self.expect(")")
        return As(expression, variable)

    def _values(self) -> Values:
        is_row = self.kind != "var"
        variables = self._variables() if is_row else (self.variable(),)
        self.expect("{")
        rows: list[tuple[Iri | Literal | None, ...]] = []
        while not self.take("}"):
            rows.append(self._row() if is_row else (self._value(),))
        if any(len(row) != len(variables) for row in rows):
            raise QueryError("a row of VALUES is not as long as its variables")
        return Values(variables, tuple(rows))

    def _variables(self) -> tuple[Variable, ...]:
        if self.take("()"):
            return ()
        self.expect("(")
        variables = [self.variable()]
        while self.kind == "var":
            variables.append(self.variable())
        self.expect(")")
        return tuple(variables)

    def _row(self) -> tuple[Iri | Literal | None, ...]:
        if self.take("()"):
            return ()
        self.expect("(")
        values = []
        while not self.take(")"):
            values.append(self._value())
        return tuple(values)

    def _value(self) -> Iri | Literal | None:
        if self.take("UNDEF"):
            return None
        return self.iri() if self.is_iri() else self.literal()

    def _item(self) -> Variable | As:
        return self._as() if self.take("(") else self.variable()

    def _group_by(self) -> tuple[Expression | As, ...]:
        self.expect("BY")
        keys = [self._group_key()]
        while self.kind == "var" or self.is_constraint():
            keys.append(self._group_key())
        return tuple(keys)

    def _group_key(self) -> Expression | As:
        if self.kind == "var":
            return self.variable()
        if not self.take("("):
            return self.constraint()
        self.enter()
        expression = self.expression()
        key = As(expression, self.variable()) if self.take("AS") else expression
        self.expect(")")
        self.leave()
        return key

    def _having(self) -> tuple[Expression, ...]:
        conditions = [self.constraint()]
        while self.is_constraint():
            conditions.append(self.constraint())
        return tuple(conditions)

    def _order_by(self) -> tuple[Order, ...]:
        self.expect("BY")
        orders = [self._order()]
        while self.kind in ("ASC", "DESC", "var") or self.is_constraint():
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        if self.kind == "var":
            return Order(self.variable())
        is_descending = self.take("DESC")
        if is_descending or self.take("ASC"):
            return Order(self.bracketed(), is_descending)
        return Order(self.constraint())

    def _count(self, word: str) -> int | None:
        if not self.take(word):
            return None
        digits = self.expect("number")
        if not digits.isdigit() or len(digits) > _MAX_DIGITS:
            raise QueryError(f"{word} {digits[:40]}: a whole number of {_MAX_DIGITS} digits at most is read here")
        return int(digits)
