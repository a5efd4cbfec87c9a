"""The report of SHACL that we write: the graph that pySHACL writes for the same data and shapes, but for this list.

What pySHACL 0.40 says otherwise, or too much:

* `sh:sourceConstraint` and `sh:detail`, which the Recommendation leaves to the engine. What is below sh:detail stands
  in ours as a result of its own: a reader must see it, and it counts.
* `sh:resultMessage` of its own ("Value is not in...") for a shape that has no message; we have sentences for these.
* The messages of SPARQL constraints have lost their languages.
* Two results that say the same are told once by us.
* A shape without an IRI cannot be named in ours (the lint refuses them); the W3C has such shapes.
* A message without a language is one in English in ours.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SH, BNode, Graph
from rdflib.compare import isomorphic, to_canonical_graph
from rdflib.term import Node

from coopkg import reports
from coopkg.compiled import CompiledShapes
from coopkg.facts import Facts
from coopkg.findings import Finding, Tier
from coopkg.rdf import RdfFormat, Triple, parse_quads
from tests.shacl import reports as compared
from tests.shapes import faults

LETS_A_LINE_BREAK_THROUGH = "a line break after a SIREN, which a pattern ending in $ lets through in some engines"
_NOT_OURS = (SH.sourceConstraint, SH.detail)


def report(findings: list[Finding]) -> Graph:
    """Our report, read by another library."""
    return Graph().parse(data=reports.as_graph(findings, RdfFormat.TURTLE), format="turtle")


def results(report: Graph) -> dict[str, Graph]:
    """The results of a report, each as a graph of its own, by their canonical form: equal when they say the same."""
    found = {}
    for result in report.subjects(RDF.type, SH.ValidationResult):
        alone = Graph()
        _copy(report, result, BNode("result"), alone)
        found[to_canonical_graph(alone).serialize(format="nt11")] = alone
    return {"".join(sorted(text.splitlines(keepends=True))): alone for text, alone in found.items()}


def _copy(report: Graph, node: Node, name: Node, alone: Graph) -> None:
    for predicate, value in report.predicate_objects(node):
        if predicate in _NOT_OURS:
            continue
        if (
            predicate == SH.resultMessage
            and (node, SH.sourceConstraintComponent, SH.SPARQLConstraintComponent) in report
        ):
            value = rdflib.Literal(str(value))
        inner = BNode() if isinstance(value, BNode) and predicate != SH.focusNode else value
        alone.add((name, predicate, inner))
        if inner is not value:
            _copy(report, value, inner, alone)


def by_pyshacl(data: Iterable[Triple], shapes: Graph) -> Graph:
    graph = Graph().parse(data=compared._nt(data), format="nt")
    _, found, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", advanced=False)
    assert isinstance(found, Graph)
    return found


@pytest.fixture(scope="module")
def compiled() -> CompiledShapes:
    return CompiledShapes.load(sorted((faults.ROOT / "shapes").glob("*.ttl")))


@pytest.mark.parametrize("fault", [pytest.param(one, id=f"{one.folder}: {one.name}") for one in faults.faults()])
def test_the_report_of_a_planted_fault_is_that_of_pyshacl(fault: faults.Fault, compiled: CompiledShapes) -> None:
    judged = faults.as_judged(fault.graph)
    data = compared.triples(parse_quads(judged.serialize(format="nt").encode(), RdfFormat.N_TRIPLES, "graph"))
    findings = compiled.whole(Facts(compared.store(data))).findings()
    mine, other = report(findings), by_pyshacl(data, faults.shapes_graph())
    assert set(mine.objects(None, SH.conforms)) == set(other.objects(None, SH.conforms)) == {rdflib.Literal(False)}
    assert len(list(mine.objects(None, SH.result))) == len(findings)
    more = results(mine).keys() ^ results(other).keys()
    if fault.name == LETS_A_LINE_BREAK_THROUGH:
        assert more <= results(mine).keys()
        assert all("PatternConstraintComponent" in text for text in more)
    else:
        assert more == set()


def test_a_graph_in_which_nothing_is_found_conforms() -> None:
    assert {(p, o) for _, p, o in report([])} == {
        (RDF.type, SH.ValidationReport),
        (SH.conforms, rdflib.Literal(True)),
    }


HARD = [
    Finding(Tier.VIOLATION, "urn:a", (("en", 'a "quoted"\nline\\'), ("fr", "é"))),
    Finding(Tier.VIOLATION, "urn:a", (("en", "x"),), component="Scope", focus_term="<urn:a>", value_term='"x\\ny"@fr'),
    Finding(Tier.WARNING, "b", (("en", "x"),), component="Node", focus_term="_:b", path_term="<urn:p>"),
    Finding(
        Tier.INFO,
        "5",
        (("en", "x"),),
        "urn:shape",
        "Class",
        focus_term='"5"^^<http://www.w3.org/2001/XMLSchema#integer>',
        path_term=f"[ <{SH.inversePath}> ( <urn:p> [ <{SH.zeroOrMorePath}> <urn:q> ] ) ]",
    ),
    Finding(Tier.VIOLATION, "", (("en", "x"),), component="Syntax", where="a,b:1.trig:7", column=3),
]


@pytest.mark.parametrize("form", reports.GRAPH_FORMS)
def test_a_report_says_the_same_in_each_syntax(form: str) -> None:
    syntax = reports.GRAPH_FORMS[form]
    written = parse_quads(reports.as_graph(HARD, syntax), syntax, "the report")
    turtle = Graph().parse(
        data="\n".join(f"{quad.triple} ." for quad in written).replace("<<", "").encode(), format="turtle"
    )
    assert isomorphic(turtle, report(HARD))


def test_each_result_has_what_the_recommendation_requires() -> None:
    told = report(HARD)
    for result in told.subjects(RDF.type, SH.ValidationResult):
        for needed in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent):
            assert len(list(told.objects(result, needed))) == 1
