"""The lint of shapes: what engines would ignore or cannot judge is refused, what they do differently is told.

Looks at shapes when they are loaded, before any graph is judged. Each line says where, what, and how to repair it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from coopkg import names, patterns
from coopkg.constraints import Ask, Node, Property, Shape, Sparql, Term, sh
from coopkg.places import Places
from coopkg.queries import OF_QUERY, Components
from coopkg.rdf import BlankNode, NamedNode, Triple
from coopkg.shacl import KNOWN, OF_PATHS
from coopkg.shapegraph import ShapeGraph

_SEVERITIES = frozenset(sh(name).value for name in ("Violation", "Warning", "Info"))
_OF_COMPONENTS = ("parameter", "optional", "labelTemplate", "validator", "nodeValidator", "propertyValidator")
_PREDICATES = KNOWN | OF_PATHS | OF_QUERY | frozenset(map(sh, ("declare", "prefix", "namespace", *_OF_COMPONENTS)))
_OBJECTS = frozenset(
    map(
        sh,
        (
            *("NodeShape", "PropertyShape", "PropertyGroup", "PrefixDeclaration", "Violation", "Warning", "Info"),
            *("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral", "Parameter"),
            *("ConstraintComponent", "SPARQLConstraint", "SPARQLAskValidator", "SPARQLSelectValidator"),
        ),
    )
)
#: Terms of SHACL 1.2, and of its rules, functions and JavaScript: engines of SHACL 1.0 pass over them without a word.
_LATER = frozenset(
    (
        *(
            "agentInstruction",
            "codeIdentifier",
            "conformanceDisallows",
            "Debug",
            "expression",
            "intent",
            "maxListLength",
        ),
        *("memberShape", "minListLength", "nodeByExpression", "reificationRequired", "reifierShape", "rootClass"),
        *("shape", "ShapeClass", "singleLine", "someValue", "subsetOf", "targetWhere", "Trace", "uniqueMembers"),
        *(
            "uniqueValuesFor",
            "condition",
            "construct",
            "entailment",
            "filterShape",
            "js",
            "jsFunctionName",
            "jsLibrary",
        ),
        *("jsLibraryURL", "nodes", "object", "predicate", "returnType", "rule", "SPARQLFunction", "SPARQLRule"),
        *("SPARQLTarget", "SPARQLTargetType", "subject", "target", "TripleRule", "values", "JSConstraint", "JSRule"),
    )
)
_NEEDING = {"flags": "pattern", "ignoredProperties": "closed", "qualifiedValueShapesDisjoint": "qualifiedValueShape"}
_LANGUAGES = frozenset(("fr", "en"))


@dataclass(frozen=True, slots=True)
class ShapeFile:
    """The triples of a file of shapes, and where it speaks of what."""

    shown: str
    triples: Sequence[Triple]
    places: Places


def unknown_terms(files: Iterable[ShapeFile]) -> dict[Triple, str]:
    """Return what uses a term of SHACL that nobody would judge, with the line that refuses it."""
    found = {}
    for file in files:
        for triple in file.triples:
            for term, known in ((triple.predicate, _PREDICATES), (triple.object, _OBJECTS)):
                if isinstance(term, NamedNode) and term.value.startswith(names.SH) and term not in known:
                    place = file.places.mentions.get(term.value, file.shown)
                    found[triple] = f"{place}: {names.short(term.value)} {_unknown(term, known)}"
    return found


def _unknown(term: NamedNode, known: Iterable[NamedNode]) -> str:
    name = term.value.removeprefix(names.SH)
    if name in _LATER:
        return "is not of SHACL 1.0, and engines ignore it; say it with what ADR 0013 lists, or with sh:sparql"
    every = {other.value.removeprefix(names.SH).lower(): other for other in known}
    near = get_close_matches(name.lower(), every, n=1)
    said = f"did you mean {names.short(every[near[0]].value)}?" if near else "remove it"
    return f"is not compiled, or no term of SHACL; {said}"


class Lint:
    """The lint of shapes that were read.

    Args:
        graph: what they were read from.
        places: where nodes are described, as `file:line`.
    """

    def __init__(self, shapes: Sequence[Shape], graph: ShapeGraph, places: Mapping[Term, str]) -> None:
        self._shapes = shapes
        self._graph = graph
        self._places = places
        self._components = Components(graph)
        self._owners = {value: node for node, about in graph.items() for terms in about.values() for value in terms}
        self._told = _told(shapes)

    def refusals(self) -> list[str]:
        """Return what cannot be judged, or would judge nothing; sorted, one line each."""
        return self._lines(self._refused)

    def hints(self) -> list[str]:
        """Return what engines answer differently, or a report cannot tell well; sorted, one line each."""
        return self._lines(self._hinted)

    def _lines(self, faults: Callable[[Shape], Iterable[str]]) -> list[str]:
        return sorted({f"{self._name(shape)}: {fault}" for shape in self._shapes for fault in faults(shape)})

    def _name(self, shape: Shape) -> str:
        node: Term = shape.node
        while isinstance(node, BlankNode) and node in self._owners:
            node = self._owners[node]
        place = self._places.get(node)
        inside = "" if node == shape.node else " (inside)"
        named = names.short(node.value) if isinstance(node, NamedNode) else str(node)
        return f"{f'{place}: ' if place else ''}{named}{inside}"

    def _refused(self, shape: Shape) -> Iterator[str]:
        if shape.severity not in _SEVERITIES:
            yield f"<{shape.severity}> is no severity of SHACL; use sh:Violation, sh:Warning or sh:Info"
        for component, path in self._components.incomplete(shape.node):
            yield f"{component} judges nothing without {names.short(path.value)}; give it"
        for name, needed in _NEEDING.items():
            if self._graph.all(shape.node, name) and not self._graph.all(shape.node, needed):
                yield f"sh:{name} says nothing without sh:{needed}; add that, or remove it"

    def _hinted(self, shape: Shape) -> Iterator[str]:
        if shape in self._told:
            yield from self._hinted_of_reports(shape)
        elif not shape.targets and shape.node not in self._owners and not self._graph.flag(shape.node, "deactivated"):
            yield "it has no target and no other shape names it, so it judges nothing; give it a target, or remove it"
        for constraint in shape.constraints:
            if isinstance(constraint, Property) and shape.path is not None:
                yield "sh:property in a property shape: engines report the inner node as focus; use sh:node"
            elif isinstance(constraint, Sparql | Ask):
                yield from _hinted_of_query(constraint)

    def _hinted_of_reports(self, shape: Shape) -> Iterator[str]:
        if isinstance(shape.node, BlankNode):
            yield "a shape without an IRI cannot be named in a report; give it one"
        own = [one for one in shape.constraints if not isinstance(one, Property)]
        if own and not self._graph.all(shape.node, "severity"):
            yield "its severity is not said; say sh:severity sh:Violation, sh:Warning or sh:Info"
        said: set[str | None] = {text.language for text in shape.messages}
        queries = [one for one in own if isinstance(one, Sparql | Ask)]
        beside = len(own) - len(queries)
        each = [said] * bool(beside) + [said | {text.language for text in one.messages} for one in queries]
        for language in sorted(lang for lang in _LANGUAGES if any(lang not in texts for texts in each)):
            yield f'it has no message in this language: "{language}"; add sh:message "…"@{language}'


def _hinted_of_query(constraint: Sparql | Ask) -> Iterator[str]:
    if constraint.reading is None:
        yield "what its query reads is not understood: every change would judge the whole graph; make it plain"
    elif constraint.reading.loose:
        yield "a pattern of its query is not connected to $this: it is judged on the whole graph; connect it"
    if patterns.compares_variables(constraint.query):
        yield "its query orders values, which engines do differently for dates; use sh:lessThan or sh:minInclusive"


def _told(shapes: Iterable[Shape]) -> set[Shape]:
    """Return the shapes that a report can name: those with targets, and what these hold by sh:property and sh:node."""
    waiting = [shape for shape in shapes if shape.targets]
    found: set[Shape] = set()
    while waiting:
        shape = waiting.pop()
        if shape not in found:
            found.add(shape)
            waiting += [one.shape for one in shape.constraints if isinstance(one, Property | Node)]
    return found
