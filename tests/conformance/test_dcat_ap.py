"""The catalogue against the shapes of DCAT-AP 3.0.1, as pySHACL judges it.

The shapes lie outside the repository, in the folder that the environment variable COOPKG_TEST_SHARED names.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, SH, Graph, Node

from coopkg.catalog import Page, dcat
from coopkg.catalog.contents import CATALOG, DATA_SETS
from coopkg.rdf import Quad, RdfFormat, to_bytes
from tests.published import SITE, some_facts

_SHAPES = Path(os.environ.get("COOPKG_TEST_SHARED", "")) / "dcat-ap"
if not (os.environ.get("COOPKG_TEST_SHARED") and _SHAPES.is_dir()):
    pytest.skip("the shapes are not here: COOPKG_TEST_SHARED leads to none", allow_module_level=True)

_BASE = "https://w3id.org/coopkg/"
#: What is recommended and not said, and why.
_LEFT_OUT = {
    ("spatial", "dataset/ontology"): "a vocabulary is of no place",
    ("temporal", "dataset/ontology"): "a vocabulary is of no time",
    ("temporal", "dataset/organisations"): "no organisation says since when it is there",
    ("temporal", "dataset/territories"): "the tables are those of a day, which stands in their terms",
}


def shapes(name: str) -> Graph:
    """The shapes of a file, without those property shapes that have no path: pySHACL refuses to read these."""
    graph = Graph().parse(_SHAPES / f"dcatap301_{name}.ttl")
    for one in set(graph.objects(None, SH.property)):
        if graph.value(one, SH.path) is None:
            graph.remove((None, SH.property, one))
    return graph


def findings(quads: list[Quad], name: str) -> list[tuple[str, str, str]]:
    """What the shapes of a file find: severity, property and thing, by their last parts."""
    data = Graph().parse(data=to_bytes(quads, RdfFormat.N_TRIPLES), format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes(name))
    assert isinstance(report, Graph)

    def short(result: Node, predicate: Node) -> str:
        value = str(report.value(result, predicate) or "")
        return value.removeprefix(_BASE) if value.startswith(_BASE) else value.rpartition("#")[2].rpartition("/")[2]

    return sorted(
        (short(one, SH.resultSeverity), short(one, SH.resultPath), short(one, SH.focusNode))
        for one in report.subjects(RDF.type, SH.ValidationResult)
    )


@pytest.mark.harvest(3)
@pytest.mark.harvest(4)
@pytest.mark.harvest(5)
@pytest.mark.parametrize("name", ["shapes", "range", "SHACL"])
def test_the_catalogue_breaks_no_shape(name: str) -> None:
    assert findings(dcat.catalog(some_facts(), SITE, Page("catalog.ttl")), name) == []


@pytest.mark.harvest(2)
@pytest.mark.parametrize("name", ["shapes", "range"])
def test_a_page_breaks_no_shape_either(name: str) -> None:
    for number in range(1, len(DATA_SETS) + 1):
        page = Page("catalog.ttl", number, per_page=1, is_paged=True)
        assert findings(dcat.catalog(some_facts(), SITE, page), name) == []


def test_what_is_recommended_and_not_said_is_known_with_its_reason() -> None:
    found = findings(dcat.whole(some_facts(), SITE), "shapes_recommended")
    assert found == sorted(("Warning", *left_out) for left_out in _LEFT_OUT)


def test_a_fault_that_is_planted_is_found() -> None:
    without = [quad for quad in dcat.whole(some_facts(), SITE) if not quad.predicate.value.endswith("/title")]
    assert ("Violation", "title", CATALOG.removeprefix(_BASE)) in findings(without, "shapes")
