"""Templates of an update: quads with variables, read by the engine, and filled with what a solution binds."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from coopkg import guard, store
from coopkg.rdf import BlankNode, DefaultGraph, NamedNode, Quad, Triple
from coopkg.store import Term

Solution = Mapping[str, Term | None]


@dataclass(frozen=True, slots=True)
class Template:
    """Quads, in which some IRIs stand for variables.

    Args:
        quads: as they were read; without a graph where the template says none.
        variables: names of the variables, by the IRIs that stand for them.
    """

    quads: tuple[Quad, ...]
    variables: Mapping[NamedNode, str]

    def makes_nodes(self) -> bool:
        """Return whether it has blank nodes: each solution makes new ones."""
        return any(_has_blank(quad) for quad in self.quads)

    def filled(self, solution: Solution, graph: NamedNode | None) -> Iterator[Quad]:
        """Yield the quads for a solution; what has an unbound variable, or would be no RDF, is left out.

        Args:
            graph: of quads for which the template says none; None leaves them without.
        Source: SPARQL 1.1 Update, section 4.2.2.
        """
        filling = _Filling(self.variables, solution)
        for quad in self.quads:
            triple = filling.triple(quad)
            place = graph if graph and isinstance(quad.graph_name, DefaultGraph) else quad.graph_name
            within = place if isinstance(place, DefaultGraph) else filling.term(place)
            if triple and isinstance(within, NamedNode | DefaultGraph):
                yield Quad(triple.subject, triple.predicate, triple.object, within)


class _Filling:
    """The terms of a template for one solution; a blank node of the template is one new node."""

    def __init__(self, variables: Mapping[NamedNode, str], solution: Solution) -> None:
        self._variables = variables
        self._solution = solution
        self._nodes = dict[BlankNode, BlankNode]()

    def term(self, term: Term) -> Term | None:
        if isinstance(term, NamedNode):
            name = self._variables.get(term)
            return term if name is None else self._solution[name]
        if isinstance(term, BlankNode):
            return self._nodes.setdefault(term, BlankNode())
        return self.triple(term) if isinstance(term, Triple) else term

    def triple(self, triple: Triple | Quad) -> Triple | None:
        subject, predicate, value = self.term(triple.subject), self.term(triple.predicate), self.term(triple.object)
        if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode) and value is not None:
            return Triple(subject, predicate, value)
        return None


def read(prologue: str, text: str, base: str | None) -> Template:
    """Return a template.

    Args:
        prologue: the declarations before it.
        text: what stands between its braces.
    Raises:
        QueryError: the engine does not understand it.
    """
    if not text.strip():
        return Template((), {})
    # The engine reads no template alone. With an IRI in the place of each variable it is data, whose grammar is the
    # same; nobody can guess these IRIs, so none of them is the text's own.
    secret, variables = secrets.token_hex(16), dict[NamedNode, str]()

    def marked(name: str) -> str:
        node = NamedNode(f"urn:x-coopkg:variable:{secret}:{name.encode().hex()}")
        variables[node] = name
        return f"<{node.value}> "

    data = f"{prologue}\nINSERT DATA {{{guard.with_variables(text, marked)}\n}}"
    guard.refuse_remote_update(data, base)
    return Template(tuple(store.stated(data, base)), variables)


def _has_blank(term: Quad | Triple | Term) -> bool:
    if isinstance(term, Quad | Triple):
        return _has_blank(term.subject) or _has_blank(term.object)
    return isinstance(term, BlankNode)
