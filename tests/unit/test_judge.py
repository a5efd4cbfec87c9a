"""A change that reaches far is refused before it is judged, or judged with progress; the work is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopkg import judge as judging
from coopkg import names
from coopkg.compiled import CompiledShapes, Judgement
from coopkg.errors import TooFarReaching
from coopkg.facts import Facts
from coopkg.inference import Entailment
from coopkg.judge import Changed, Judge, Judged, Rulebook
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.store import QuadStore
from tests.unit.test_shacl import turtle

ACTIONS = 600
SHAPES = f"""
@prefix : <https://example.org/> .
@prefix sh: <{names.SH}> .
:Action sh:targetClass :Action ; sh:property :theme , :name .
:theme sh:path :theme ; sh:class :Theme ; sh:severity sh:Violation ; sh:message "Un thème."@fr , "A theme."@en .
:name sh:path :name ; sh:minCount 1 ; sh:severity sh:Violation ; sh:message "Un nom."@fr , "A name."@en .
"""
SUBCLASS = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
HUB = "".join(f":a{number} a :Action ; :theme :hub ; :name 'a' . " for number in range(ACTIONS))


class World:
    """A graph of actions that share a theme, and its judge."""

    def __init__(self, folder: Path) -> None:
        (folder / "action.ttl").write_text(SHAPES, encoding="utf-8")
        self.said: list[str] = []
        self.judge = Judge(Rulebook([folder / "action.ttl"], {}, lambda *_: "", lambda _: True), self.said.append)
        self.shapes = CompiledShapes.load([folder / "action.ttl"])
        self.store = QuadStore.in_memory(_quads(turtle(f"{HUB} :hub a :Theme . :other a :Theme .")))
        self.known = Judged(self.shapes.whole(Facts(self.store)))

    def change(self, gone: str = "", new: str = "", most_pairs: int | None = None) -> judging.Verdict:
        """Judge a change of the graph, which is made before."""
        remove, add = _quads(turtle(gone)), _quads(turtle(new))
        self.store.change(remove, add)
        entailment = Entailment(QuadStore.in_memory(()), {})
        change = Changed(remove, add, turtle(gone), turtle(new), entailment)
        return self.judge.judge_change(self.store, self.known, change, most_pairs)


def _quads(triples: list[Triple]) -> list[Quad]:
    graph = NamedNode("https://example.org/graph")
    return [Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_hub_beyond_the_bound_is_refused_with_its_pairs_and_its_cause(world: World) -> None:
    with pytest.raises(TooFarReaching) as refused:
        world.change(gone=":hub a :Theme .", most_pairs=ACTIONS - 1)
    assert refused.value.pairs == ACTIONS
    assert "600 (shape, node) pairs, more than the 599" in str(refused.value)
    assert (
        "600 focus nodes of <https://example.org/theme> depend on the statement "
        "<https://example.org/hub> rdf:type <https://example.org/Theme>"
    ) in str(refused.value)


def test_a_hub_is_refused_before_anything_is_judged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(*_: object) -> Judgement:
        raise AssertionError("it was judged")

    monkeypatch.setattr(CompiledShapes, "rejudged", judged)
    with pytest.raises(TooFarReaching):
        world.change(gone=":hub a :Theme .", most_pairs=100)


def test_a_hub_within_the_bound_or_without_one_is_judged(world: World) -> None:
    for bound in (ACTIONS, None):
        assert len(world.change(gone=":hub a :Theme .", most_pairs=bound).findings) == ACTIONS
        world.store.change([], _quads(turtle(":hub a :Theme .")))


def test_a_change_of_the_class_tree_beyond_the_bound_is_refused_with_its_cause(world: World) -> None:
    with pytest.raises(TooFarReaching) as refused:
        world.change(new=f":Theme {SUBCLASS} :Notion .", most_pairs=1_000)
    assert refused.value.pairs == 2 * ACTIONS
    assert "600 focus nodes to judge: the class tree has changed" in str(refused.value)


def test_a_change_of_many_statements_is_told_as_one_without_a_single_cause(world: World) -> None:
    gone = "".join(f":a{number} :name 'a' . " for number in range(ACTIONS))
    with pytest.raises(TooFarReaching, match="600 focus nodes to judge: the change touches as many"):
        world.change(gone=gone, most_pairs=100)


def test_a_hub_beyond_the_walk_is_counted_from_its_focus_nodes_not_by_visiting_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = turtle(":hub a :Theme .")
    world.store.change(_quads(gone), [])
    facts = Facts(world.store)
    reach = world.shapes.reach(facts, gone, [], 50)
    assert world.shapes.pairs(reach, facts) == ACTIONS
    assert facts.cost.rows < 60
    assert facts.cost.queries == 1


def test_a_small_change_is_judged_whatever_the_hub(world: World) -> None:
    assert world.change(new=":new a :Action ; :theme :hub ; :name 'new' .", most_pairs=2).findings == ()


def test_what_may_take_long_says_how_far_it_has_come(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_PROGRESS_S", 0)
    world.change(new=f":Theme {SUBCLASS} :Notion .")
    counts = [text for text in world.said if text.startswith("judging ") and "pairs" in text]
    assert counts[0] == "judging 0 of 1,200 (shape, node) pairs"
    assert "judging 600 of 1,200 (shape, node) pairs" in counts
    assert counts[-1] == "judging 1,200 of 1,200 (shape, node) pairs"
