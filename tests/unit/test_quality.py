"""Quality counts: to whom a finding is counted, kept up with changes as if counted anew, written and read."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from coopkg import names, quality
from coopkg.errors import StateDamaged
from coopkg.findings import Finding, Tier
from coopkg.quality import Place, Quality
from coopkg.rdf import NamedNode, Quad
from coopkg.store import QuadStore
from tests.builders import ID

PAGE, OTHER = f"{names.GRAPH}a-page", f"{names.GRAPH}b-page"
JARDIN, FETE = f"{ID}project/jardin", f"{ID}event/fete"


def a_quad(subject: str, predicate: str, value: str, graph: str = PAGE) -> Quad:
    return Quad(NamedNode(subject), NamedNode(f"{names.COOP}{predicate}"), NamedNode(value), NamedNode(graph))


def a_finding(focus: str, tier: Tier = Tier.WARNING, shape: str = "") -> Finding:
    return Finding(tier, focus, (("en", "look"),), shape)


def a_store(*more: Quad) -> QuadStore:
    return QuadStore.in_memory(
        [
            a_quad(JARDIN, "hasOutcome", f"{ID}outcome/o"),
            a_quad(f"{ID}outcome/o", "hasMeasure", f"{ID}measure/m"),
            a_quad(f"{ID}measure/m", "indicator", f"{ID}x"),
            a_quad(f"{ID}participation/p", "inAction", FETE, OTHER),
            a_quad(f"{ID}organisation/o", "partner", JARDIN, names.ORGANISATIONS_GRAPH),
            *more,
        ]
    )


@pytest.mark.parametrize(
    ("focus", "graph", "project"),
    [
        (JARDIN, PAGE, JARDIN),
        (f"{ID}outcome/o", PAGE, JARDIN),
        (f"{ID}measure/m", PAGE, JARDIN),
        (f"{ID}participation/p", OTHER, FETE),
        (f"{ID}organisation/o", names.ORGANISATIONS_GRAPH, ""),
        (f"{ID}project/unknown", "", f"{ID}project/unknown"),
        ("a literal", "", ""),
    ],
)
def test_a_finding_counts_for_the_source_and_the_project_of_its_focus_node(
    focus: str, graph: str, project: str
) -> None:
    assert Quality.of([a_finding(focus)], a_store()).counts == {Place(graph, project, Tier.WARNING): 1}


def test_findings_of_a_tier_add_up_and_tiers_stay_apart() -> None:
    found = [a_finding(JARDIN, shape="a"), a_finding(JARDIN, shape="b"), a_finding(JARDIN, Tier.INFO)]
    assert Quality.of(found, a_store()).counts == {
        Place(PAGE, JARDIN, Tier.WARNING): 2,
        Place(PAGE, JARDIN, Tier.INFO): 1,
    }


def test_what_two_graphs_describe_counts_in_both() -> None:
    store = a_store(a_quad(JARDIN, "theme", f"{ID}t", OTHER))
    assert {place.graph for place in Quality.of([a_finding(JARDIN)], store).counts} == {PAGE, OTHER}


def test_a_change_looks_only_at_what_is_new_or_near_it() -> None:
    class Counting(QuadStore):
        asked: list[str]

        def about(self, subject: str, graph: str | None = None) -> Iterable[Quad]:  # type: ignore[override]  # no more
            self.asked.append(subject)
            return super().about(subject, graph)

    store = Counting.in_memory(a_store().quads(PAGE))
    store.asked = []
    found = [a_finding(JARDIN), a_finding(f"{ID}measure/m")]
    counted = Quality.of(found, store)
    store.asked.clear()
    counted.change([], [], store, {f"{ID}elsewhere"})
    assert counted.counts == Quality.of(found, a_store()).counts
    assert store.asked == []
    counted.change([], [a_finding(FETE)], store, {f"{ID}elsewhere"})
    assert set(store.asked) == {FETE}


def test_a_hundred_changes_give_what_counting_anew_gives() -> None:
    draw = random.Random(5)  # noqa: S311 # random cases, the same in each run
    nodes = [f"{ID}{kind}/{n}" for kind in ("project", "outcome", "measure", "participation") for n in range(4)]
    store, known, found = QuadStore.in_memory(), Quality(), set[Finding]()
    for _ in range(100):
        links = ("hasOutcome", "hasMeasure", "inAction", "theme")
        add = [
            a_quad(draw.choice(nodes), draw.choice(links), draw.choice(nodes), draw.choice([PAGE, OTHER]))
            for _ in range(3)
        ]
        stated = [quad for graph in store.graphs() for quad in store.quads(graph)]
        remove = draw.sample(sorted(stated, key=str), min(2, len(stated)))
        store.change(remove, add)
        fresh = {a_finding(node, draw.choice(list(Tier))) for node in draw.sample(nodes, 8)}
        known.change(found - fresh, fresh - found, store, quality.touched(quad.triple for quad in (*remove, *add)))
        found = fresh
        assert known.counts == Quality.of(found, store).counts


def test_counts_are_written_and_read_again_in_the_same_order() -> None:
    counted = Quality.of([a_finding(FETE), a_finding(JARDIN), a_finding(JARDIN, Tier.INFO)], a_store())
    text = counted.to_json()
    assert quality.counts_in(text, "quality.json") == counted.counts
    assert text == Quality.of([a_finding(JARDIN, Tier.INFO), a_finding(JARDIN), a_finding(FETE)], a_store()).to_json()


@pytest.mark.parametrize(
    "text", ["", "{}x", "7", "[1]", '[{"graph": "g"}]', '[{"graph":"","project":"","tier":"Bad","count":1}]']
)
def test_what_is_no_count_is_refused_by_the_name_of_its_file(text: str) -> None:
    with pytest.raises(StateDamaged, match=r"^quality\.json: .*build again"):
        quality.counts_in(text, "quality.json")
