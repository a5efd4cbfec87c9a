"""The statistics of a dataset: counted in one pass over its statements in canonical order."""

from __future__ import annotations

from itertools import permutations

import pytest

from coopkg import names
from coopkg.dumps.statistics import Links, Statistics, Uses, counted
from coopkg.rdf import Literal, NamedNode, Quad
from tests.published import some_statistics

_ID, _TYPE = f"{names.BASE}id/", f"{names.RDF}type"
_SAME, _ITEM = "https://schema.org/sameAs", "http://www.wikidata.org/entity/Q90"


def quad(subject: str, predicate: str, value: str | Literal, graph: str = "a") -> Quad:
    """A statement of a named graph."""
    written = NamedNode(value) if isinstance(value, str) else value
    return Quad(NamedNode(subject), NamedNode(predicate), written, NamedNode(f"{names.GRAPH}{graph}"))


def count(*quads: Quad) -> Statistics:
    """The statistics of statements, which are put in canonical order."""
    return counted(sorted(quads, key=str))


def test_what_two_graphs_state_counts_once() -> None:
    stated = [
        quad(f"{_ID}project/{name}", f"{names.COOP}code", Literal(value, language=lang), graph)
        for name in "ab"
        for value in ("x", "x y", 'x"')
        for lang in ("fr", "en")
        for graph in ("a", "b", "a-b")
    ]
    assert count(*stated).triples == len(stated) / 3
    assert count(*stated).subjects == 2


def test_classes_count_instances_and_properties_triples_and_subjects() -> None:
    found = count(
        quad(f"{_ID}project/a", _TYPE, f"{names.COOP}Project"),
        quad(f"{_ID}project/a", _TYPE, f"{names.COOP}Project", "b"),
        quad(f"{_ID}project/b", _TYPE, f"{names.COOP}Project"),
        quad(f"{_ID}project/b", f"{names.COOP}theme", f"{names.BASE}scheme/theme/food"),
        quad(f"{_ID}project/b", f"{names.COOP}theme", f"{names.BASE}scheme/theme/health"),
        quad("https://example.org/elsewhere", f"{names.COOP}theme", f"{names.BASE}scheme/theme/health"),
    )
    assert found.classes == {f"{names.COOP}Project": 2}
    assert found.properties == {_TYPE: Uses(2, 2), f"{names.COOP}theme": Uses(3, 2)}
    assert (found.subjects, found.entities) == (3, 2)


def test_links_lead_from_things_of_ours_to_those_of_others() -> None:
    region = f"{_ID}territory/region/11"
    found = count(
        quad(region, _SAME, _ITEM),
        quad(region, f"{names.RDFS}seeAlso", _ITEM),
        quad(region, _SAME, "https://example.org/unknown"),
        quad("http://metadata.un.org/sdg/11", _SAME, _ITEM),
        quad(region, _TYPE, "http://id.insee.fr/something"),
        quad(region, _SAME, Literal(_ITEM)),
    )
    target = "http://www.wikidata.org/entity/"
    assert found.links == (Links(f"{names.RDFS}seeAlso", target, 1), Links(_SAME, target, 1))


def test_nothing_counts_nothing() -> None:
    assert counted([]) == Statistics(0, 0, 0, {}, {}, ())


def test_the_order_of_the_graphs_changes_no_count() -> None:
    stated = [quad(f"{_ID}project/a", _TYPE, f"{names.COOP}Project", graph) for graph in "abc"]
    assert {counted(order).triples for order in permutations(stated)} == {1}


def test_what_is_written_is_read_back() -> None:
    assert Statistics.from_json(some_statistics().to_json()) == some_statistics()


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"triples": 1}', some_statistics().to_json().replace("[\n   30", "[[1],\n   30")]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Statistics.from_json(text)
