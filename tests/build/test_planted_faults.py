"""Every planted fault of the shapes, judged as a build judges: whole graphs, with what they entail.

tests/shapes asks each shape alone, with a stand-in for inference. Here all faults lie in one graph, renamed apart,
and pass once through `Judge`, whose order (terms, numbers, OWL RL, rules, shapes) could hide a finding.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from coopkg import inference, names
from coopkg.content import Content
from coopkg.findings import Finding, Tier
from coopkg.judge import Judge, Rulebook
from coopkg.rdf import NamedNode, Quad, RdfFormat, parse_quads, term_faults
from coopkg.store import QuadStore
from tests.shapes import faults

#: What reference tables hold: in a build these nodes are judged as they are, without inference.
TABLES = ("territory", "geometry")
_OWN = re.compile(rf"({names.BASE}(?:id/(?!territory/|geometry/)[a-z-]+|scheme/theme(?=/jardinage))/)")


def _renamed(text: str, number: int) -> str:
    return _OWN.sub(rf"\g<1>fault-{number}-", text)


@cache
def _content() -> Content:
    return Content(faults.ROOT)


@cache
def _ontology() -> tuple[Quad, ...]:
    """Return the ontology, and those concepts that the examples name."""
    named = {str(node) for fault in faults.faults() for node in fault.graph.objects()}
    needed = (file for file in _content().files if file.path.startswith("ontology/"))
    quads = (quad for file in needed for quad in _content().read(file))
    return tuple(
        quad for quad in quads if "/scheme/" not in str(quad.subject) or getattr(quad.subject, "value", "") in named
    )


def _judge() -> Judge:
    content = _content()
    return Judge(Rulebook(content.shapes(), content.rules(), lambda *_: "", lambda _: False))


@cache
def _quads(number: int) -> tuple[Quad, ...]:
    fault = faults.faults()[number]
    # One graph a fault, of no source document: what those may speak of is judged apart (test_faults).
    place = "reference/fault" if _is_of_tables(number) else f"editorial/fault-{number}"
    text = _renamed(fault.graph.serialize(format="nt"), number)
    graph = NamedNode(f"{names.GRAPH}{place}")
    parsed = parse_quads(text.encode(), RdfFormat.N_TRIPLES, fault.name)
    return tuple(Quad(q.subject, q.predicate, q.object, graph) for q in parsed)


def _is_found_early(number: int) -> bool:
    quads = _quads(number)
    return bool(inference.ill_typed(quads)) or any(True for quad in quads for _ in term_faults(quad))


def _is_of_tables(number: int) -> bool:
    """Whether the fault lies in what a reference table says; a territory that nothing describes is seen elsewhere."""
    fault = faults.faults()[number]
    return fault.folder in TABLES and (fault.focus, None, None) in fault.graph


@cache
def _of_the_build() -> frozenset[tuple[Tier, str, str, str]]:
    """Return what one judgement finds in all faults that the shapes must find in curated graphs."""
    together = [
        number for number in range(len(faults.faults())) if not _is_of_tables(number) and not _is_found_early(number)
    ]
    store = QuadStore.in_memory([*_ontology(), *(quad for number in together for quad in _quads(number))])
    return _told(_judge().judge(store).findings)


def _told(findings: tuple[Finding, ...] | list[Finding]) -> frozenset[tuple[Tier, str, str, str]]:
    return frozenset((finding.tier, finding.shape, finding.component, finding.focus) for finding in findings)


@pytest.mark.parametrize(
    "number", [pytest.param(number, id=f"{fault.folder}: {fault.name}") for number, fault in enumerate(faults.faults())]
)
def test_a_build_finds_each_planted_fault(number: int) -> None:
    fault = faults.faults()[number]
    wanted = (Tier(fault.tier), str(fault.shape), fault.component, _renamed(str(fault.focus), number))
    if _is_found_early(number):
        early = _judge().judge(QuadStore.in_memory([*_ontology(), *_quads(number)])).findings
        assert {finding.tier for finding in early} == {Tier.VIOLATION}
        assert wanted[3] in {finding.focus for finding in early}
    elif _is_of_tables(number):
        store = QuadStore.in_memory([*_ontology(), *_quads(number)])
        assert wanted in _told(_judge().judge(store, [f"{names.GRAPH}reference/fault"]).findings)
    else:
        assert wanted in _of_the_build()


def test_a_build_finds_statements_that_contradict_each_other_and_names_the_axiom_and_both() -> None:
    city = f"<{names.BASE}id/organisation/a-city>"
    text = f"{city} a <{names.PREFIXES['org']}Organization> . {city} <{names.COOP}directlyWithin> {city} ."
    graph = NamedNode(f"{names.GRAPH}editorial/organisations")
    quads = [Quad(q.subject, q.predicate, q.object, graph) for q in parse_quads(text.encode(), RdfFormat.TURTLE, "a")]
    found = _judge().judge(QuadStore.in_memory([*_ontology(), *quads])).findings
    (contradiction,) = [finding for finding in found if finding.component == "Inconsistency"]
    assert contradiction.tier is Tier.VIOLATION
    for lang in ("fr", "en"):
        for part in ("owl:disjointWith", "rdf:type org:Organization", "rdf:type coop:Territory"):
            assert part in contradiction.message(lang)
