"""The queries of shapes: SPARQL constraints, and the validators of constraint components of one's own.

Source: SHACL, sections 5 and 6. A parameter is replaced by its value, which is what pre-binding means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from coopkg import paths, patterns
from coopkg.constraints import Ask, Sparql, Term, sh
from coopkg.errors import QueryError
from coopkg.paths import Path
from coopkg.rdf import BlankNode, Literal, NamedNode
from coopkg.shapegraph import ShapeGraph

OF_QUERY = frozenset(map(sh, ("select", "ask", "prefixes", "message", "deactivated")))
_OF_SPARQL = OF_QUERY - {sh("ask")}
_RESERVED = frozenset(("this", "shapesGraph", "currentShape", "path", "PATH", "value"))
_MENTION = re.compile(r"\{[?$](\w+)\}")


def sparql(graph: ShapeGraph, shape: Term, node: Term, path: Path | None) -> Sparql:
    """Return the SPARQL constraint at a node; what cannot be compiled is refused as a fault of the shape."""
    if not isinstance(node, NamedNode | BlankNode) or len(graph.all(node, "select")) != 1:
        graph.refuse(shape, "sh:sparql needs one sh:select")
    for predicate in graph.about(node):
        if node != shape and predicate.value.startswith(sh("").value) and predicate not in _OF_SPARQL:
            graph.refuse(shape, f"sh:{predicate.value.rpartition('#')[2]} is not compiled in a SPARQL constraint")
    query, reading = _compiled(graph, shape, node, "select", path, {})
    return Sparql(node, query, graph.messages(node), reading)


@dataclass(frozen=True, slots=True)
class _Component:
    """A component of one's own: the variables of its parameters, and those that may be left out."""

    node: Term
    variables: Mapping[NamedNode, str]
    optional: frozenset[NamedNode]

    @property
    def name(self) -> str:
        iri = self.node.value if isinstance(self.node, NamedNode) else str(self.node)
        return iri.rpartition("#")[2].removesuffix("ConstraintComponent")


class Components:
    """The constraint components of one's own in a graph of shapes."""

    def __init__(self, graph: ShapeGraph) -> None:
        self._graph = graph
        self._components = [self._component(node) for node, about in graph.items() if sh("parameter") in about]
        #: The properties by which a shape gives values to parameters.
        self.parameters = frozenset(path for one in self._components for path in one.variables)
        #: What describes parameters: it looks like shapes, and is none.
        self.descriptions = frozenset(node for one in self._components for node in graph.all(one.node, "parameter"))

    def _component(self, node: Term) -> _Component:
        variables: dict[NamedNode, str] = {}
        optional: set[NamedNode] = set()
        for parameter in self._graph.all(node, "parameter"):
            for path in self._graph.all(parameter, "path"):
                if isinstance(path, NamedNode):
                    variables[path] = re.split(r"[#/:]", path.value)[-1]
                    if any(getattr(term, "value", "") == "true" for term in self._graph.all(parameter, "optional")):
                        optional.add(path)
        return _Component(node, variables, frozenset(optional))

    def incomplete(self, shape: Term) -> Iterator[tuple[str, NamedNode]]:
        """Yield each component of which a shape gives some parameters, with one that it would need besides."""
        about = self._graph.about(shape)
        for component in self._components:
            if any(path in about for path in component.variables):
                missing = (path for path in component.variables if path not in about)
                yield from ((component.name, path) for path in missing if path not in component.optional)

    def constraints(self, shape: Term, path: Path | None) -> Iterator[Sparql | Ask]:
        """Yield the constraints that a shape makes by giving all parameters that a component needs."""
        about = self._graph.about(shape)
        for component in self._components:
            needed = [one for one in component.variables if one not in component.optional]
            if not needed or not all(one in about for one in needed):
                continue  # as the Recommendation has it; the lint refuses what is incomplete
            given = {one: about[one] for one in component.variables if one in about}
            if len(component.variables) > 1 and any(len(terms) > 1 for terms in given.values()):
                self._graph.refuse(shape, f"a parameter of {component.name} is given twice; give each once")
            alone = next(iter(given.values()))
            for number in range(len(alone)):
                values = {component.variables[one]: terms[number] for one, terms in given.items()}
                yield self._constraint(component, shape, path, values)

    def _constraint(
        self, component: _Component, shape: Term, path: Path | None, values: Mapping[str, Term]
    ) -> Sparql | Ask:
        if wrong := [name for name, term in values.items() if name in _RESERVED or isinstance(term, BlankNode)]:
            self._graph.refuse(
                shape, f"${wrong[0]} cannot be a parameter of {component.name}: its name is reserved, or its value "
                "is a blank node, which no query can name"
            )  # fmt: skip
        node, form = self._validator(component, shape, path)
        query, reading = _compiled(self._graph, shape, node, form, path, values)
        messages = self._graph.messages(node) or self._graph.messages(component.node, "labelTemplate")
        filled = tuple(_filled(message, values) for message in messages)
        kind = Sparql if form == "select" else Ask
        return kind(node, query, filled, reading, component.name)

    def _validator(self, component: _Component, shape: Term, path: Path | None) -> tuple[NamedNode | BlankNode, str]:
        """Return the node of the validator for a shape, and `select` or `ask`. Source: SHACL, section 6.2.3."""
        kinds = (("nodeValidator" if path is None else "propertyValidator", "select"), ("validator", "ask"))
        found = ((name, form, node) for name, form in kinds for node in self._graph.all(component.node, name))
        name, form, node = next(found, ("", "", component.node))
        if not name:
            self._graph.refuse(shape, f"{component.name} has no validator for such a shape: nothing would judge it")
        if not isinstance(node, NamedNode | BlankNode) or len(self._graph.all(node, form)) != 1:
            self._graph.refuse(shape, f"sh:{name} of {component.name} needs one sh:{form}")
        return node, form


def _compiled(
    graph: ShapeGraph, shape: Term, node: Term, form: str, path: Path | None, values: Mapping[str, Term]
) -> tuple[str, patterns.Reading | None]:
    prefixes, text = graph.prefixes(node), next(graph.texts(node, form))
    if path is not None:
        text = text.replace("$PATH", paths.text(path))
    known = ("this",) if form == "select" else ("this", "value")
    try:
        text = patterns.substituted(text, {name: str(term) for name, term in values.items()})
        patterns.refuse(text, form.upper(), known)
        text = text if form == "select" else patterns.asking(text, known)
    except QueryError as fault:
        graph.refuse(shape, f"sh:{form}: {fault}")
    declared = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(prefixes.items()))
    return declared + text, patterns.reading(text, prefixes, known)


def _filled(message: Literal, values: Mapping[str, Term]) -> Literal:
    def text(match: re.Match[str]) -> str:
        return getattr(values[match[1]], "value", str(values[match[1]])) if match[1] in values else match[0]

    return Literal(_MENTION.sub(text, message.value), language=message.language)
