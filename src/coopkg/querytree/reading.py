"""Queries read into trees: exactly as the standard and the engine both read them, or not at all.

The engine judges the text itself all the same: what is refused here is left to it as it stands, so refusing costs a
rewriting, while a wrong tree would cost a wrong answer. Reading takes time in proportion to the text.
"""

from __future__ import annotations

from coopkg.errors import QueryError
from coopkg.querytree.groups import Groups
from coopkg.querytree.tree import (
    Ask,
    Construct,
    Describe,
    From,
    Group,
    Iri,
    Query,
    Select,
    Triple,
    Variable,
)


def read(text: str, base: str | None = None) -> Query:
    """Return the tree of a query; the project's prefixes are predeclared.

    Args:
        base: IRI that relative IRIs are resolved against; None refuses them.
    Raises:
        QueryError: the text is no query of SPARQL 1.1, is deeper or longer than is read, or could be read in two ways.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise QueryError("the query holds half of a character (a lone surrogate)") from None
    return _Reader(text, base).query()


class _Reader(Groups):
    """Reads a query as a whole."""

    def query(self) -> Query:
        declared = self._prologue()
        form, dataset, where = self._head()
        modifiers, values = self.modifiers(), self.trailing_values()
        if self.kind != "end":
            raise self.unexpected()
        return Query(form, where, modifiers, values, dataset, declared)

    def _prologue(self) -> str | None:
        """Read the declarations; return the base that they declare."""
        declared = None
        while True:
            if self.take("BASE"):
                self.base = declared = self.resolved(self.expect("iri"))
            elif self.take("PREFIX"):
                self._prefix()
            else:
                return declared

    def _prefix(self) -> None:
        name = self.expect("pname")
        if not name.endswith(":") or name.count(":") != 1:
            raise QueryError(f"{name[:80]}: a prefix is declared with its colon last")
        self.prefixes[name[:-1]] = self.resolved(self.expect("iri"))

    def _head(self) -> tuple[Select | Construct | Describe | Ask, tuple[From, ...], Group | None]:
        if self.kind == "SELECT":
            return self.select(), self._dataset(), self.where()
        if self.take("ASK"):
            return Ask(), self._dataset(), self.where()
        if self.take("CONSTRUCT"):
            return self._construct()
        self.expect("DESCRIBE")
        form, dataset = self._described_subjects(), self._dataset()
        return form, dataset, self.where() if self.kind in ("WHERE", "{") else None

    def _construct(self) -> tuple[Construct, tuple[From, ...], Group]:
        if self.kind == "{":
            template = self._template()
            return Construct(template), self._dataset(), self.where()
        dataset = self._dataset()
        self.expect("WHERE")
        template = self._template()
        return Construct(template), dataset, Group(template)

    def _template(self) -> tuple[Triple, ...]:
        self.expect("{")
        self.is_template = True
        triples = self.triples()
        self.is_template = False
        self.expect("}")
        return tuple(triples)

    def _described_subjects(self) -> Describe:
        if self.take("*"):
            return Describe(None)
        subjects: list[Variable | Iri] = [self.variable_or_iri()]
        while self.kind == "var" or self.is_iri():
            subjects.append(self.variable_or_iri())
        return Describe(tuple(subjects))

    def _dataset(self) -> tuple[From, ...]:
        clauses = []
        while self.take("FROM"):
            is_named = self.take("NAMED")
            clauses.append(From(self.iri(), is_named))
        return tuple(clauses)
