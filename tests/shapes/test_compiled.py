"""The shapes in use, compiled: they find what pySHACL finds, in each planted fault and in all curated content."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pytest
from rdflib import Graph

from coopkg import names
from coopkg.compiled import CompiledShapes, Judgement
from coopkg.content import Content
from coopkg.facts import Facts
from coopkg.findings import Finding
from coopkg.judge import Judge, Rulebook
from coopkg.rdf import RdfFormat, Triple, parse_quads
from coopkg.store import QuadStore
from coopkg.validation import Shapes
from tests.shacl import reports
from tests.shapes import faults

CONTENT = Content(faults.ROOT)
#: pySHACL 0.40 matches patterns by Python's `re`, where `$` also stands before a line break at the end; SPARQL's not.
LETS_A_LINE_BREAK_THROUGH = "a line break after a SIREN, which a pattern ending in $ lets through in some engines"


@cache
def compiled() -> CompiledShapes:
    return CompiledShapes.load(CONTENT.shapes())


@cache
def by_pyshacl() -> Shapes:
    return Shapes(CONTENT.shapes())


def triples(graph: Graph) -> list[Triple]:
    judged = faults.as_judged(graph)
    return reports.triples(parse_quads(judged.serialize(format="nt").encode(), RdfFormat.N_TRIPLES, "graph"))


def found(data: list[Triple]) -> list[Finding]:
    return compiled().whole(Facts(reports.store(data))).findings()


@pytest.mark.parametrize("folder", faults.folders())
def test_compiled_shapes_find_what_pyshacl_finds_in_an_example(folder: str) -> None:
    data = triples(faults.conforming(folder))
    assert found(data) == by_pyshacl().findings(data)


@pytest.mark.parametrize("fault", [pytest.param(one, id=f"{one.folder}: {one.name}") for one in faults.faults()])
def test_compiled_shapes_find_what_pyshacl_finds_in_a_planted_fault(fault: faults.Fault) -> None:
    data = triples(fault.graph)
    mine, other = found(data), by_pyshacl().findings(data)
    assert any(one.shape == str(fault.shape) and one.component == fault.component for one in mine)
    if fault.name == LETS_A_LINE_BREAK_THROUGH:
        assert [one.component for one in mine if one not in other] == ["Pattern"]
        mine = [one for one in mine if one.component != "Pattern"]
    assert mine == other


@pytest.mark.parametrize("fault", [pytest.param(one, id=f"{one.folder}: {one.name}") for one in faults.faults()])
def test_a_planted_fault_is_found_from_what_it_changes(fault: faults.Fault) -> None:
    before, after = triples(faults.conforming(fault.folder)), triples(fault.graph)
    gone, new = set(before) - set(after), set(after) - set(before)
    known = compiled().whole(Facts(reports.store(before)))
    facts = Facts(reports.store(after))
    reach = compiled().reach(facts, gone, new)
    assert not reach.entire
    known.apply(compiled().rejudged(known, reach, facts))
    assert known.findings() == found(after)


def test_compiled_shapes_find_what_pyshacl_finds_in_all_curated_content() -> None:
    judged: list[Triple] = []

    class Listening(Judge):
        def _shaped(self, triples: Iterable[Triple]) -> Judgement:
            judged.extend(triples)
            return super()._shaped(judged)

    store = QuadStore.in_memory(quad for file in CONTENT.files for quad in CONTENT.read(file))
    rulebook = Rulebook(CONTENT.shapes(), CONTENT.rules(), lambda iri, graph: "", lambda graph: True)
    findings = Listening(rulebook).judge(store).findings
    assert len(judged) > 10_000
    assert list(findings) == Shapes(CONTENT.shapes()).findings(judged)
    assert findings == Judge(rulebook, engine="pyshacl").judge(store).findings


def test_each_shape_with_a_target_is_compiled() -> None:
    assert {part.root.node.value for part in compiled().parts} >= {
        str(shape) for shape in faults.shapes_graph().subjects(None, None) if _has_target(shape)
    }


def _has_target(shape: object) -> bool:
    graph = faults.shapes_graph()
    return any(str(predicate).startswith(f"{names.SH}target") for predicate in graph.predicates(shape))  # type: ignore[arg-type]  # a node
