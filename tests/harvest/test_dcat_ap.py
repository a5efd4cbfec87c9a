"""DCAT-AP 3.0.1: every page of the catalogue conforms to its shapes, classes of values included.

The shapes lie outside the repository, in the folder that COOPKG_TEST_SHARED names.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from rdflib import DCTERMS, RDF, Graph, Namespace, URIRef

from tests.harvest import faults
from tests.harvest.between import Fault, between
from tests.harvest.conftest import absent
from tests.web.conftest import Served

SHAPES = Path(os.environ.get("COOPKG_TEST_SHARED", "")) / "dcat-ap"
FILES = ("dcatap301_SHACL.ttl", "dcatap301_shapes.ttl", "dcatap301_range.ttl")
SH = Namespace("http://www.w3.org/ns/shacl#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")

if not (os.environ.get("COOPKG_TEST_SHARED") and SHAPES.is_dir()):
    absent("the shapes of DCAT-AP 3.0.1 are not here: COOPKG_TEST_SHARED names no folder with dcat-ap/ in it")

#: With the property that the shapes then speak of.
FAULTS: dict[str, tuple[Fault, URIRef]] = {
    "two checksums": (faults.with_two_checksums, faults.SPDX.checksum),
    "a SHA-512 as text": (faults.with_checksums_as_text, faults.SPDX.checksumValue),
    "a frequency of no class": (faults.without_classes(DCTERMS.Frequency), DCTERMS.accrualPeriodicity),
    "no publisher": (faults.without_statements(DCTERMS.publisher), DCTERMS.publisher),
    "no title": (faults.without_statements(DCTERMS.title), DCTERMS.title),
}


@cache
def shapes() -> Graph:
    """Return the shapes; the property shapes without a path, which the official files hold, say nothing."""
    graph = Graph()
    for name in FILES:
        graph.parse(SHAPES / name, format="turtle")
    for shape in set(graph.objects(None, SH.property)):
        if (shape, SH.path, None) not in graph:
            graph.remove((None, SH.property, shape))
            graph.remove((shape, None, None))
    return graph


def pages(address: str) -> list[Graph]:
    """Return the catalogue's pages, in the order in which they lead on."""
    found: list[Graph] = []
    following: URIRef | None = URIRef(address)
    while following is not None:
        found.append(Graph().parse(str(following)))
        view = found[-1].value(None, RDF.type, HYDRA.PartialCollectionView)
        following = found[-1].value(view, HYDRA.next) if view else None  # type: ignore[assignment]  # an IRI by hydra
    return found


def violations(graph: Graph) -> list[str]:
    """Return what the shapes say of a page."""
    conforms, report, _ = pyshacl.validate(graph, shacl_graph=shapes(), advanced=True)
    if conforms:
        return []
    return sorted(
        f"{report.value(one, SH.focusNode)} {report.value(one, SH.resultPath)}: {report.value(one, SH.resultMessage)}"
        for one in report.subjects(SH.resultSeverity, SH.Violation)
    )


@pytest.mark.harvest(2)
@pytest.mark.harvest(3)
@pytest.mark.harvest(4)
@pytest.mark.harvest(5)
@pytest.mark.harvest(6)
@pytest.mark.parametrize(("address", "count"), [("/catalog.ttl", 1), ("/catalog.ttl?per-page=2", 3)])
def test_every_page_of_the_catalogue_conforms(portal: Served, address: str, count: int) -> None:
    assert [violations(page) for page in pages(portal.url + address)] == [[]] * count


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_catalogue_shows(portal: Served, fault: str) -> None:
    planted, broken = FAULTS[fault]
    with between(portal.host, portal.port, planted) as root:
        assert f" {broken}: " in "\n".join(violations(pages(f"{root}/catalog.ttl")[0]))
