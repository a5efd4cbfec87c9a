"""Triples read from the words of a query: what `;` `,` `[]` and `()` shorten becomes triples, in the engine's order."""

from __future__ import annotations

from coopkg import names
from coopkg.errors import QueryError
from coopkg.querytree.paths import TYPE, Paths
from coopkg.querytree.tree import Blank, Iri, Path, Term, Triple, Variable

_FIRST, _REST, NIL = Iri(f"{names.RDF}first"), Iri(f"{names.RDF}rest"), Iri(f"{names.RDF}nil")
_TERMS = frozenset({"var", "pname", "iri", "string", "long", "number", "+", "-", "true", "false", "blank", "[]", "()"})
_SUBJECTS = _TERMS | {"[", "("}


class Triples(Paths):
    """Reads triples: those of a pattern, or, while `is_template`, those of a template, which have no paths."""

    is_template = False

    def triples(self) -> list[Triple]:
        """Return the triples that come next, up to what is no triple any more."""
        found: list[Triple] = []
        while self.kind in _SUBJECTS:
            self._same_subject(found)
            if not self.take("."):
                break
        return found

    def _same_subject(self, found: list[Triple]) -> None:
        is_whole = self.kind in ("[", "(")
        subject = self._node(found)
        if not is_whole or self._is_verb():
            self._properties(subject, found)

    def _is_verb(self) -> bool:
        return self.kind in ("var", "pname", "iri", "a") or (not self.is_template and self.kind in ("^", "!", "("))

    def _properties(self, subject: Term, found: list[Triple]) -> None:
        """Read what is said of a subject, once at least; what stands in brackets in it comes before it."""
        own: list[Triple] = []
        while True:
            predicate = self._verb()
            own.append(Triple(subject, predicate, self._node(found)))
            while self.take(","):
                own.append(Triple(subject, predicate, self._node(found)))
            if self.kind != ";":
                break
            while self.take(";"):
                pass
            if not self._is_verb():
                break
        found += own

    def _verb(self) -> Variable | Path:
        if self.kind == "var":
            return self.variable()
        if not self.is_template:
            return self.path()
        return TYPE if self.take("a") else self.iri()

    def _node(self, found: list[Triple]) -> Term:
        kind = self.kind
        if kind == "var":
            return self.variable()
        if kind in ("pname", "iri"):
            return self.iri()
        if kind == "blank":
            return Blank(self.pull()[2:])
        if self.take("[]"):
            return self.fresh()
        if self.take("()"):
            return NIL
        if kind in ("[", "("):
            return self._nested(found)
        return self.literal()

    def _nested(self, found: list[Triple]) -> Term:
        self.enter()
        node = self._described(found) if self.take("[") else self._collection(found)
        self.leave()
        return node

    def _described(self, found: list[Triple]) -> Blank:
        node = self.fresh()
        self._properties(node, found)
        self.expect("]")
        return node

    def _collection(self, found: list[Triple]) -> Term:
        self.expect("(")
        items: list[tuple[Term, list[Triple]]] = []
        while not self.take(")"):
            inner: list[Triple] = []
            items.append((self._node(inner), inner))
        rest: Term = NIL
        for item, inner in reversed(items):
            node = self.fresh()
            found += [Triple(node, _FIRST, item), Triple(node, _REST, rest), *inner]
            rest = node
        if not items:
            raise QueryError("brackets with nothing but a comment in them are not read")
        return rest
