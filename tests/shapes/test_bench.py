"""A document that is laid on the bench is judged as the whole graph with it would be: each planted fault, each page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import cache

import pytest
from rdflib import Graph

from coopkg import names
from coopkg.bench import Bench, Benches
from coopkg.content import Content, ContentFile
from coopkg.findings import Finding, Tier
from coopkg.judge import Judge, Rulebook, is_curated, reference_nodes
from coopkg.rdf import NamedNode, Quad, RdfFormat, parse_quads
from coopkg.store import QuadStore, normalised
from tests.shapes import faults

CONTENT = Content(faults.ROOT)
PAGES = [file for file in CONTENT.files if file.path.startswith("data/sources/")]
GRAPH = f"{names.GRAPH}jardin"
REFERENCE = NamedNode(f"{names.REFERENCE_GRAPHS}examples")


@cache
def judge() -> Judge:
    return Judge(dataclasses.replace(Rulebook.of(CONTENT), locate=lambda iri, graph: "", vouched=lambda graph: True))


@cache
def content() -> tuple[Quad, ...]:
    """Return all that is curated, the ontology, and of the reference tables what is reference_nodes."""
    everything = QuadStore.in_memory(quad for file in CONTENT.files for quad in CONTENT.read(file))
    curated = [quad for name in everything.graphs() if is_curated(name) for quad in everything.quads(name)]
    return (*curated, *everything.quads(names.ONTOLOGY_GRAPH), *reference_nodes(everything, curated))


def told(findings: Iterable[Finding], document: Iterable[Quad]) -> set[Finding]:
    """Return what `coopkg validate FILE` shows of some findings: violations, and what the file speaks of."""
    subjects = {getattr(quad.subject, "value", "") for quad in document}
    return {finding for finding in findings if finding.tier is Tier.VIOLATION or finding.focus in subjects}


def parts(graph: Graph) -> tuple[list[Quad], list[Quad]]:
    """Return what of an example a document may state, in its graphs, and what is of a reference table."""
    document, table = list[Quad](), list[Quad]()
    for quad in normalised(parse_quads(graph.serialize(format="nt").encode(), RdfFormat.N_TRIPLES, "example")):
        iri = getattr(quad.subject, "value", "")
        kind = iri.removeprefix(f"{names.BASE}id/")
        of_document = iri.startswith(f"{names.BASE}id/") and not kind.startswith(("territory/", "geometry/"))
        own = GRAPH if not kind.startswith("organisation/") else names.ORGANISATIONS_GRAPH
        if kind.startswith("territory/area/"):
            own, of_document = names.TERRITORIES_GRAPH, True
        where = NamedNode(own) if of_document else REFERENCE
        (document if of_document else table).append(Quad(quad.subject, quad.predicate, quad.object, where))
    return document, table


@cache
def surroundings() -> tuple[Quad, ...]:
    """Return the ontology and the lists of values."""
    graphs = ((getattr(quad.graph_name, "value", ""), quad) for quad in content())
    return tuple(quad for name, quad in graphs if name.startswith((names.ONTOLOGY_GRAPH, names.SCHEMES_GRAPHS)))


def compared(findings: Iterable[Finding]) -> set[Finding]:
    """Return findings as they are compared: the premises of a contradiction may be told in another order."""
    return {dataclasses.replace(one, messages=()) if one.component == "Inconsistency" else one for one in findings}


#: Every seventh: all 244 were compared when this was written, and take minutes.
SAMPLE = faults.faults()[::7]


@pytest.mark.parametrize("fault", [pytest.param(one, id=f"{one.folder}: {one.name}") for one in SAMPLE])
def test_a_planted_fault_is_found_on_the_bench_as_in_the_whole_graph(fault: faults.Fault) -> None:
    document, table = parts(fault.graph)
    published = QuadStore.in_memory([*surroundings(), *table])
    whole = QuadStore.in_memory([*surroundings(), *table, *document])
    expected = judge().mended(whole, told(judge().judge(whole).findings, document))
    assert compared(Bench(judge(), published).findings(document)) == compared(expected)


def test_most_faults_of_the_sample_are_found_by_their_shapes() -> None:
    """Else two judges that stop at the first check would agree, too."""
    met = 0
    for fault in SAMPLE[::4]:
        document, table = parts(fault.graph)
        found = Bench(judge(), QuadStore.in_memory([*surroundings(), *table])).findings(document)
        met += any(one.shape == str(fault.shape) and one.component == fault.component for one in found)
    assert met > len(SAMPLE[::4]) // 2


def without_english(text: str) -> str:
    """Return a page whose English names have gone, and whose first role is none."""
    return text.replace('"@en', '"@de').replace("scheme/role/lead>", "scheme/role/nobody>", 1)


@pytest.mark.parametrize("page", PAGES[::9], ids=lambda page: page.path)
def test_a_page_that_was_changed_is_judged_as_by_the_command(page: ContentFile) -> None:
    text = without_english(page.full.read_text(encoding="utf-8")).encode()
    benches = Benches(faults.ROOT, QuadStore.in_memory(content()))
    found = benches.findings(text, "application/trig", "current", "")
    document = normalised(parse_quads(text, RdfFormat.TRIG, page.path))
    rest = [quad for quad in content() if getattr(quad.graph_name, "value", "") != page.graph]
    expected = told(judge().judge(QuadStore.in_memory([*rest, *document])).findings, document)
    assert len(expected) > 3
    assert compared(dataclasses.replace(one, where="") for one in found) == compared(expected)
    assert all(one.where.startswith("document:") for one in found if one.focus in text.decode())
