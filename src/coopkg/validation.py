"""What the shapes say of a graph: the only module that calls pySHACL.

In this version pySHACL judges; it stays the oracle when compiled shapes take over (issue of the gate).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import pyshacl
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import Node

from coopkg import paths
from coopkg.errors import InputError
from coopkg.findings import Finding, Tier, ordered
from coopkg.paths import Chain, Choice, Inverse, Path, Repeat, Step
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, read_quads, to_bytes

#: Whether a path may be taken zero times, and more than once.
_REPEATS = {SH.zeroOrMorePath: (True, True), SH.oneOrMorePath: (False, True), SH.zeroOrOnePath: (True, False)}


class Shapes:
    """The shapes graph, loaded once."""

    def __init__(self, files: Sequence[FilePath]) -> None:
        self.graph = Graph(bind_namespaces="none")
        for path in files:
            shown = f"shapes/{path.name}"
            # The store's parser says line and column, and what stands there; rdflib's message is hard to read.
            if not (quads := read_quads(path, shown)):
                raise InputError(f"{shown}: holds no shape; restore the file, or delete it if its shapes must go")
            self.graph.parse(data=to_bytes(quads, RdfFormat.N_TRIPLES), format="nt")

    def findings(self, triples: Iterable[Triple]) -> list[Finding]:
        """Return every finding about a graph, gravest first, then by focus node.

        Args:
            triples: what is judged, with what it entails, the class tree and the concepts that it uses.
        """
        data = _DataGraph(bind_namespaces="none")
        # N-Triples between the two libraries: over a graph backed by another store pySHACL found false violations.
        data.parse(data=to_bytes((Quad(*triple) for triple in triples), RdfFormat.N_TRIPLES), format="nt")
        try:
            _, report, _ = pyshacl.validate(
                data, shacl_graph=self.graph, inference="none", advanced=False, inplace=True, js=False
            )
        except Exception as fault:  # from re.error to pyparsing's: pySHACL lets through whatever a shape makes raise
            raise _cannot_judge(f"{type(fault).__name__}: {fault}") from fault
        if not isinstance(report, Graph):
            raise _cannot_judge(str(report))
        found = [self._finding(report, result) for result in report.subjects(RDF.type, SH.ValidationResult)]
        return ordered(found)

    def _finding(self, report: Graph, result: Node) -> Finding:
        def one(predicate: URIRef) -> Node | None:
            return report.value(result, predicate)

        shape = one(SH.sourceShape)
        path = None if (node := one(SH.resultPath)) is None else _path(report, node)
        return Finding(
            tier=Tier(_local(one(SH.resultSeverity))),
            focus=str(one(SH.focusNode)),
            messages=self._messages(report, result, shape),
            shape=str(shape) if isinstance(shape, URIRef) else "",
            component=_local(one(SH.sourceConstraintComponent)).removesuffix("ConstraintComponent"),
            path="" if path is None else paths.shown(path),
            value="" if one(SH.value) is None else str(one(SH.value)),
            focus_term=_term(one(SH.focusNode)),
            value_term=_term(one(SH.value)),
            path_term="" if path is None else paths.turtle(path),
        )

    def _messages(self, report: Graph, result: Node, shape: Node | None) -> tuple[tuple[str, str], ...]:
        given = [
            *self.graph.objects(shape, SH.message),
            *report.objects(result, SH.resultMessage),
        ]
        texts: dict[str, str] = {}
        for text in given:
            if isinstance(text, RdflibLiteral):
                texts.setdefault(text.language or "en", str(text))
        return tuple(sorted(texts.items()))


class _DataGraph(Graph):
    """A graph that parses a query once: pySHACL 0.40 gives the same text again for every focus node."""

    def query(self, query_object: str | Query, *arguments: Any, **options: Any) -> Result:
        prepared = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *arguments, **options)


@lru_cache(maxsize=256)
def _prepared(text: str) -> Query:
    return prepareQuery(text)


def _cannot_judge(why: str) -> InputError:
    said = " ".join(why.split())[:300]
    return InputError(f"shapes/: pySHACL cannot judge with these shapes ({said}); repair the shape that changed last")


def _local(term: object) -> str:
    return str(term).rpartition("#")[2]


def _term(node: Node | None) -> str:
    """Return a term as our engine writes it in N-Triples, or ""."""
    if isinstance(node, URIRef):
        return str(NamedNode(str(node)))
    if isinstance(node, RdflibLiteral):
        datatype = NamedNode(str(node.datatype)) if node.datatype and not node.language else None
        return str(Literal(str(node), datatype=datatype, language=node.language))
    return str(BlankNode(str(node))) if isinstance(node, BNode) else ""


def _path(graph: Graph, node: Node) -> Path:
    """Return the path that a node of a report stands for."""
    if isinstance(node, URIRef):
        return Step(NamedNode(str(node)))
    if (inner := graph.value(node, SH.inversePath)) is not None:
        return Inverse(_path(graph, inner))
    for predicate, (from_zero, goes_on) in _REPEATS.items():
        if (inner := graph.value(node, predicate)) is not None:
            return Repeat(_path(graph, inner), from_zero, goes_on)
    if (choices := graph.value(node, SH.alternativePath)) is not None:
        return Choice(tuple(_path(graph, choice) for choice in Collection(graph, choices)))
    return Chain(tuple(_path(graph, step) for step in Collection(graph, node)))
