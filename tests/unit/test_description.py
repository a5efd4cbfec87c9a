"""What is said of a thing: what it says, what points at it, a page at a time, and whose it is."""

from __future__ import annotations

import pytest

from coopkg import description, names
from coopkg.description import PAGES_MAX, PER_PAGE
from coopkg.errors import InputError
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.store import QuadStore
from tests.told import quads

ID = f"{names.BASE}id/"
HUB = f"{ID}territory/country/FR"


def a_hub(pointing: int) -> QuadStore:
    """Return a store in which so many things point at one."""
    within, hub = NamedNode(f"{names.COOP}within"), NamedNode(HUB)
    graph = NamedNode(f"{names.GRAPH}a-page")
    return QuadStore.in_memory([Quad(NamedNode(f"{ID}project/{n}"), within, hub, graph) for n in range(pointing)])


def described(store: QuadStore, iri: str, number: int = 1) -> description.Description:
    found = description.of(store, iri, number)
    assert found
    return found


@pytest.mark.parametrize("path", ["project/repas", "organisation/pompiers", "territory/region/11", "source/une"])
def test_all_that_is_said_of_a_thing_and_all_that_points_at_it_is_there(path: str) -> None:
    store, node = QuadStore.apart(quads()), NamedNode(ID + path)
    expected = {*store.triples(node, None, None), *store.triples(None, None, node)}
    assert set(described(store, ID + path).statements) == expected
    assert {triple.subject for triple in expected} - {node}


def test_what_is_spoken_of_has_its_names_in_french_and_english() -> None:
    labels = described(QuadStore.apart(quads()), f"{ID}participation/repas--pompiers").labels
    named = {(str(label.subject).strip("<>"), str(label.object)) for label in labels}
    assert (f"{ID}project/repas", '"Shared meals"@en') in named
    assert (f"{ID}project/repas", '"Repas partagés"@fr') in named
    assert (f"{ID}organisation/pompiers", '"Les pompiers"@fr') in named


@pytest.mark.parametrize("pointing", [1, PER_PAGE - 1, PER_PAGE, PER_PAGE + 1, 2 * PER_PAGE, 3 * PER_PAGE - 1])
def test_the_pages_of_a_hub_hold_each_statement_and_end(pointing: int) -> None:
    store, seen, number = a_hub(pointing), list[Triple](), 1
    while (page := described(store, HUB, number)).has_more:
        assert len(page.statements) == PER_PAGE
        seen += page.statements
        number += 1
    seen += page.statements
    assert len(seen) == len(set(seen)) == pointing
    assert description.of(store, HUB, number + 1) is None


def test_no_more_is_read_of_a_hub_than_a_page_and_one() -> None:
    read = 0

    class Counting(QuadStore):
        def toward(self, value: str):  # type: ignore[no-untyped-def] # as its parent
            nonlocal read
            for quad in super().toward(value):
                read += 1
                yield quad

    store = Counting.in_memory(a_hub(5 * PER_PAGE).quads(f"{names.GRAPH}a-page"))
    described(store, HUB)
    assert read == PER_PAGE + 1


def test_a_page_that_would_read_a_whole_hub_is_refused_with_the_way_out() -> None:
    store = a_hub(1)
    assert description.of(store, HUB, PAGES_MAX) is None
    with pytest.raises(InputError, match="ask /sparql, or take a dump"):
        description.of(store, HUB, PAGES_MAX + 1)


def test_a_thing_comes_first_and_the_order_is_always_the_same() -> None:
    first, again = (described(QuadStore.apart(quads()), f"{ID}project/repas").quads() for _ in range(2))
    assert first == again
    assert first[0].subject == NamedNode(f"{ID}project/repas")


def test_a_document_says_its_topic_its_graphs_and_how_to_go_on() -> None:
    told = described(a_hub(PER_PAGE + 1), HUB)
    said = {
        str(quad.predicate).strip("<>").rpartition("#")[2].rpartition("/")[2]: str(quad.object).strip("<>")
        for quad in told.document("https://coop.example/doc/x", ["https://example.org/terms"])
    }
    assert said["primaryTopic"] == HUB
    assert said["source"] == f"{names.GRAPH}a-page"
    assert said["license"] == "https://example.org/terms"
    assert said["next"] == "https://coop.example/doc/x?page=2"
    assert "previous" not in said


def test_a_document_of_one_page_says_nothing_of_pages() -> None:
    told = described(a_hub(3), HUB).document("https://coop.example/doc/x", [])
    assert not [quad for quad in told if "hydra" in str(quad)]


def test_a_graph_has_its_own_licence_else_that_of_the_whole() -> None:
    graphs, licence = NamedNode(names.LICENCES_GRAPH), NamedNode(f"{names.DCTERMS}license")
    one, other = f"{names.GRAPH}one", f"{names.GRAPH}other"
    store = QuadStore.in_memory(
        [
            Quad(NamedNode(names.BASE), licence, NamedNode("https://example.org/whole"), graphs),
            Quad(NamedNode(one), licence, NamedNode("https://example.org/one"), graphs),
        ]
    )
    assert description.licences(store, [one]) == ("https://example.org/one",)
    assert description.licences(store, [other, one]) == ("https://example.org/one", "https://example.org/whole")


def test_no_node_of_a_description_is_without_a_name() -> None:
    told = described(QuadStore.apart(quads()), f"{ID}project/repas")
    assert "_:" not in "".join(map(str, (*told.statements, *told.labels)))


def test_what_the_catalogue_tells_of_a_thing_is_not_said_of_it() -> None:
    thing, page = NamedNode(f"{ID}project/p"), NamedNode(f"{names.GRAPH}a-page")
    see_also, catalog = NamedNode(f"{names.RDFS}seeAlso"), NamedNode(names.CATALOG_GRAPH)
    stated = Quad(thing, see_also, NamedNode("https://e.example/"), page)
    told = Quad(NamedNode(f"{names.BASE}dataset/graph"), see_also, thing, catalog)
    found = description.of(QuadStore.apart([stated, told]), thing.value)
    assert found is not None
    assert (found.statements, found.graphs) == ((stated.triple,), (page.value,))
