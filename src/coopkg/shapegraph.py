"""A graph of shapes, as those who read it see it: what is said of a node, in the form that it must have.

What has another form is refused with its place: a constraint that nobody judges would pass everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn

from coopkg import names
from coopkg.constraints import Term, sh
from coopkg.rdf import Literal, NamedNode, Triple

_NIL = NamedNode(f"{names.RDF}nil")
_FIRST, _REST = NamedNode(f"{names.RDF}first"), NamedNode(f"{names.RDF}rest")
_IMPORTS = NamedNode(f"{names.OWL}imports")


class NotCompiledError(Exception):
    """A shape cannot be compiled; the text says where and why."""


class ShapeGraph:
    """What is said of each node.

    Args:
        places: where a node is described, as messages say it.
    """

    def __init__(self, triples: Iterable[Triple], places: Mapping[Term, str]) -> None:
        self._index: defaultdict[Term, defaultdict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            if triple.object not in self._index[triple.subject][triple.predicate]:
                self._index[triple.subject][triple.predicate].append(triple.object)
        self._places = places

    def items(self) -> list[tuple[Term, Mapping[NamedNode, list[Term]]]]:
        """Return each node with what is said of it."""
        return list(self._index.items())

    def about(self, node: Term) -> Mapping[NamedNode, list[Term]]:
        """Return the values of a node by predicate."""
        return self._index.get(node, {})

    def all(self, node: Term, name: str) -> list[Term]:
        """Return the values of a term of SHACL."""
        return self.about(node).get(sh(name), [])

    def refuse(self, node: Term, why: str) -> NoReturn:
        """Refuse a node, with its place.

        Raises:
            NotCompiledError: always.
        """
        shown = names.short(node.value) if isinstance(node, NamedNode) else str(node)
        place = self._places.get(node)
        raise NotCompiledError(f"{f'{place}: ' if place else ''}{shown}: {why}")

    def one(self, node: Term, name: str) -> Term | None:
        """Return the one value of a term of SHACL, if there is one; more are refused."""
        found = self.all(node, name)
        if len(found) > 1:
            self.refuse(node, f"sh:{name} is given {len(found)} times; give it once")
        return found[0] if found else None

    def whole(self, node: Term, name: str) -> int | None:
        """Return a whole number; something else is refused."""
        term = self.one(node, name)
        if term is None:
            return None
        if not isinstance(term, Literal) or not term.value.isdigit() or not term.datatype.value.endswith("#integer"):
            self.refuse(node, f"sh:{name} must be a whole number, not {term}")
        return int(term.value)

    def flag(self, node: Term, name: str) -> bool:
        """Return a boolean, false when there is none; something else is refused."""
        term = self.one(node, name)
        if term is not None and not (isinstance(term, Literal) and term.value in ("true", "false")):
            self.refuse(node, f"sh:{name} must be true or false, not {term}")
        return isinstance(term, Literal) and term.value == "true"

    def iris(self, node: Term, name: str) -> Iterator[NamedNode]:
        """Yield values that are IRIs; others are refused."""
        for term in self.all(node, name):
            if not isinstance(term, NamedNode):
                self.refuse(node, f"sh:{name} must be an IRI, not {term}")
            yield term

    def texts(self, node: Term, name: str) -> Iterator[str]:
        """Yield values that are literals, as texts; others are refused."""
        for term in self.all(node, name):
            if not isinstance(term, Literal):
                self.refuse(node, f"sh:{name} must be a text, not {term}")
            yield term.value

    def messages(self, node: Term, name: str = "message") -> tuple[Literal, ...]:
        """Return the texts that people read, in all languages."""
        return tuple(term for term in self.all(node, name) if isinstance(term, Literal))

    def listed(self, owner: Term, node: Term) -> list[Term]:
        """Return the items of a list; what is none is refused, as a fault of its owner."""
        found: list[Term] = []
        seen: set[Term] = set()
        while node != _NIL:
            first, rest = (self.about(node).get(p, []) for p in (_FIRST, _REST))
            if len(first) != 1 or len(rest) != 1 or node in seen:
                self.refuse(owner, f"the list at {node} is no list")
            seen.add(node)
            found.append(first[0])
            node = rest[0]
        return found

    def is_list(self, node: Term) -> bool:
        """Whether a node begins a list that is not empty."""
        return _FIRST in self.about(node)

    def prefixes(self, node: Term) -> dict[str, str]:
        """Return the namespaces that a query may use, by prefix."""
        waiting, seen = [*self.all(node, "prefixes")], set[Term]()
        found: dict[str, str] = {}
        while waiting:
            graph = waiting.pop()
            if graph in seen:
                continue
            seen.add(graph)
            waiting += self.about(graph).get(_IMPORTS, [])
            for declared in self.all(graph, "declare"):
                for prefix, namespace in zip(
                    self.texts(declared, "prefix"), self.texts(declared, "namespace"), strict=False
                ):
                    found[prefix] = namespace
        return found
