"""Validation reports made comparable: ours, pySHACL's, and those that the W3C expects."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import pyshacl
from rdflib import Graph

from coopkg import paths, shacl
from coopkg.compiled import CompiledShapes
from coopkg.constraints import Term, sh
from coopkg.examination import Result
from coopkg.facts import TYPE, Facts
from coopkg.rdf import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse_quads, to_bytes
from coopkg.store import QuadStore, normalised


class Told(NamedTuple):
    """A result as texts; blank nodes are all alike."""

    focus: str
    path: str
    value: str
    component: str
    severity: str
    shape: str


Report = Counter[Told]


def triples(quads: Iterable[Quad]) -> list[Triple]:
    """Return the triples as a store gives them back, each once."""
    return list(dict.fromkeys(quad.triple for quad in normalised(quads)))


def store(data: Iterable[Triple]) -> QuadStore:
    """Return a store with the triples in a named graph."""
    graph = NamedNode("https://example.org/graph")
    return QuadStore.in_memory(Quad(triple.subject, triple.predicate, triple.object, graph) for triple in data)


def by_compiled(data: Iterable[Triple], shapes: Iterable[Triple], many: int = 1_000) -> Report:
    """Return what the compiled shapes find in a whole graph."""
    return ours(CompiledShapes(shacl.read(shapes), many).whole(Facts(store(data))).every())


def ours(results: Iterable[Result]) -> Report:
    """Return our results made comparable."""
    return Counter(
        Told(
            focus=_text(result.focus),
            path="" if result.path is None else paths.text(result.path),
            value=_text(result.value),
            component=result.component,
            severity=result.shape.severity.rpartition("#")[2],
            shape=_text(result.shape.node),
        )
        for result in results
    )


def by_pyshacl(data: Iterable[Triple], shapes: Iterable[Triple]) -> Report:
    """Return what pySHACL finds.

    Raises:
        Exception: whatever it raises on shapes that it does not take.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib warns of literals that are not well formed
        graphs = [Graph(bind_namespaces="none").parse(data=_nt(part), format="nt") for part in (data, shapes)]
        _, report, text = pyshacl.validate(graphs[0], shacl_graph=graphs[1], inference="none", advanced=False)
    if not isinstance(report, Graph):
        raise ValueError(str(report) + str(text))
    return report_of(triples(parse_quads(report.serialize(format="nt").encode(), RdfFormat.N_TRIPLES, "report")))


def report_of(report: Iterable[Triple]) -> Report:
    """Return the results of a report, those of sh:detail left aside."""
    every = list(report)
    about: dict[tuple[Term, NamedNode], Term] = {(t.subject, t.predicate): t.object for t in every}
    found: Report = Counter()
    for result in [triple.object for triple in every if triple.predicate == sh("result")]:
        path = about.get((result, sh("resultPath")))
        found[
            Told(
                focus=_text(about.get((result, sh("focusNode")))),
                path="" if path is None else _path(path, every),
                value=_text(about.get((result, sh("value")))),
                component=_local(about[result, sh("sourceConstraintComponent")]),
                severity=_local(about[result, sh("resultSeverity")]),
                shape=_text(about.get((result, sh("sourceShape")))),
            )
        ] += 1
    return found


def _path(path: Term, every: Iterable[Triple]) -> str:
    """Return a path of a report in SPARQL, read as that of a shape would be."""
    owner, waiting, structure = NamedNode("urn:owner"), [path], set[Triple]()
    while waiting:
        node = waiting.pop()
        new = {triple for triple in every if triple.subject == node and isinstance(node, BlankNode)} - structure
        structure |= new
        waiting += [triple.object for triple in new]
    (shape,) = shacl.read([*structure, Triple(owner, sh("path"), path), Triple(owner, TYPE, sh("PropertyShape"))])
    assert shape.path is not None
    return paths.text(shape.path)


def _nt(data: Iterable[Triple]) -> bytes:
    return to_bytes((Quad(*triple) for triple in data), RdfFormat.N_TRIPLES)


def _text(term: Term | None) -> str:
    return "" if term is None else "_:" if isinstance(term, BlankNode) else str(term)


def _local(term: Term) -> str:
    return getattr(term, "value", "").rpartition("#")[2].removesuffix("ConstraintComponent")
