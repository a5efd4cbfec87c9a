"""The network around an agent or an action: who is read, at what cost, and where names and lines stand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from coopkg import names
from coopkg.cartography.lettering import width_of
from coopkg.network import neighbourhood
from coopkg.network.layout import LABEL_SIZE, LINE_HEIGHT, NODES_MAX, WIDTH, Node, Picture, Star, picture
from coopkg.network.neighbourhood import Tie, around, around_action, around_agent, shared_actions, ties
from coopkg.rdf import Literal, NamedNode, Quad, Triple
from coopkg.store import QuadStore, Term
from coopkg.view import View
from tests.builders import ID, SCHEME

GRAPH = NamedNode(f"{names.GRAPH}a-page")
LONG = "Fédération nationale des associations d’accueil et de réinsertion sociale WWWWW de la région {}"


def _quad(subject: str, term: str, value: str | int | NamedNode | Literal) -> Quad:
    predicate = term if term.startswith("http") else f"{names.COOP}{term}"
    if isinstance(value, int):
        value = Literal(value)
    elif isinstance(value, str):
        value = NamedNode(value)
    return Quad(NamedNode(subject), NamedNode(predicate), value, GRAPH)


def _org(slug: str) -> str:
    return f"{ID}organisation/{slug}"


def _named(iri: str, name: str) -> Quad:
    return _quad(iri, f"{names.SKOS}prefLabel", Literal(name, language="fr"))


def _cooperation(one: str, other: str, *actions: str) -> list[Quad]:
    iri = neighbourhood.cooperation_of(one, other)
    return [
        *(_quad(iri, "cooperationOf", agent) for agent in (one, other)),
        *(_quad(iri, "sharedAction", action) for action in actions),
        _quad(iri, "strength", len(actions)),
    ]


def _participation(action: str, agent: str, role: str) -> list[Quad]:
    iri = f"{ID}participation/{action.rpartition('/')[2]}--{agent.rpartition('/')[2]}--{role}"
    return [
        _quad(iri, "inAction", action),
        _quad(iri, "participant", agent),
        _quad(iri, "role", f"{SCHEME}role/{role}"),
    ]


def _view(*quads: Quad) -> View:
    return View(QuadStore.in_memory(quads), "fr")


class Counting(QuadStore):
    """A store that counts the lookups that are asked of it, and what they give."""

    lookups = 0
    given = 0

    def triples(self, subject: Term | None, predicate: NamedNode | None, value: Term | None) -> Iterator[Triple]:
        """Count, then answer."""
        self.lookups += 1
        for triple in super().triples(subject, predicate, value):
            self.given += 1
            yield triple


def test_neighbours_come_strongest_first_then_by_name() -> None:
    a, b, c, d = map(_org, "abcd")
    view = _view(
        *_cooperation(a, b, "urn:p1"),
        *_cooperation(c, a, "urn:p1", "urn:p2"),
        *_cooperation(a, d, "urn:p1"),
        *_cooperation(b, c, "urn:p3"),
        *(_named(iri, name) for iri, name in ((b, "Zoé"), (c, "Milieu"), (d, "élan"))),
    )
    found = around_agent(view, a)
    assert [(one.iri, one.strength) for one in found.neighbours] == [(c, 2), (d, 1), (b, 1)]
    assert (found.total, found.is_cut, found.is_action) == (3, False, False)


def test_an_action_has_those_who_take_part_with_all_their_roles_those_who_lead_first() -> None:
    action = f"{ID}project/p"
    a, b, c = map(_org, "abc")
    view = _view(
        _quad(action, f"{names.RDF}type", f"{names.COOP}Action"),
        *_participation(action, a, "partner"),
        *_participation(action, b, "lead"),
        *_participation(action, b, "funder"),
        _quad(action, "ledBy", b),
        _quad(f"{ID}expected/x", "expectedIn", action),
        _quad(f"{ID}expected/x", "expectedParticipant", c),
    )
    found = around(view, action)
    assert found.is_action
    assert found == around_action(view, action)
    assert [one.iri for one in found.neighbours] == [b, a]
    assert found.neighbours[0].roles == (f"{SCHEME}role/funder", f"{SCHEME}role/lead")
    assert [one.is_first for one in found.neighbours] == [True, False]


def test_ties_are_found_by_the_iri_of_the_cooperation_whatever_the_order() -> None:
    a, b, c, d = map(_org, "abcd")
    view = _view(*_cooperation(b, a, "urn:p1"), *_cooperation(c, b, "urn:p1", "urn:p2"), *_cooperation(a, d, "urn:p1"))
    assert ties(view, [c, b, a]) == [Tie(b, c, 2), Tie(a, b, 1)]
    assert ties(view, [c, b, a], least=2) == [Tie(b, c, 2)]
    assert shared_actions(view, c, b) == shared_actions(view, b, c) == ["urn:p1", "urn:p2"]


def test_a_hub_costs_no_more_than_what_is_read_of_it() -> None:
    hub, costs = _org("hub"), []
    for count in (1_000, 3_000):
        quads = [quad for n in range(count) for quad in _cooperation(hub, _org(f"o{n:04}"), "urn:p")]
        store = Counting.in_memory(quads)
        found = around_agent(View(store, "fr"), hub)
        assert len(found.neighbours) == neighbourhood.READ_MAX
        assert (found.total, found.is_cut) == (count, True)
        costs.append(store.lookups)
        assert store.given < count + 10 * neighbourhood.READ_MAX
    assert costs[0] == costs[1] < 10 * neighbourhood.READ_MAX


def test_ties_among_the_drawn_are_a_lookup_a_pair_however_many_others_they_have() -> None:
    drawn = [_org(f"o{n}") for n in range(NODES_MAX)]
    others = [quad for n in range(500) for quad in _cooperation(drawn[0], _org(f"x{n}"), "urn:p")]
    store = Counting.in_memory(others)
    ties(View(store, "fr"), drawn)
    assert store.lookups == NODES_MAX * (NODES_MAX - 1) // 2


def _picture(count: int, name: str = LONG) -> Picture:
    stars = [Star(f"k{n}", name.format(n), 1 + (count - n) // 3) for n in range(count)]
    tied = {(f"k{n}", f"k{(n * 7 + 3) % count}"): 1 for n in range(count) if (n * 7 + 3) % count != n}
    return picture("Le centre, dont le nom est long lui aussi, et même très long", stars, tied)


def _box(node: Node) -> tuple[float, float, float, float]:
    """Return the box of a name: left, top, right, bottom, as wide as its widest line is thought to be at most."""
    width = max(width_of(line, LABEL_SIZE) for line in node.lines)
    left = node.text_x if node.anchor == "start" else node.text_x - width
    top = node.text_y - LABEL_SIZE
    return left, top, left + width, node.text_y + (len(node.lines) - 1) * LINE_HEIGHT + LABEL_SIZE * 0.3


@pytest.mark.parametrize("count", range(1, NODES_MAX + 1))
@pytest.mark.parametrize("name", [LONG, "W" * 10_000, "Petit"], ids=["long", "one word", "short"])
def test_no_two_names_overlap_and_all_stay_on_the_sheet(count: int, name: str) -> None:
    drawn = _picture(count, name)
    assert len(drawn.nodes) == count
    boxes = [_box(node) for node in drawn.nodes]
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= WIDTH
        assert 0 <= top < bottom <= drawn.height
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("count", range(1, NODES_MAX + 1))
def test_no_name_covers_a_node(count: int) -> None:
    drawn = _picture(count)
    for left, top, right, bottom in map(_box, drawn.nodes):
        for node in drawn.nodes:
            x, y = min(max(node.x, left), right), min(max(node.y, top), bottom)
            assert (x - node.x) ** 2 + (y - node.y) ** 2 > 11**2


def test_the_same_network_is_drawn_the_same_way() -> None:
    assert _picture(17) == _picture(17)


def test_those_who_cooperate_among_themselves_stand_side_by_side() -> None:
    stars = [Star(f"k{n}", f"k{n}") for n in range(12)]
    clusters = [{f"k{n}" for n in range(first, 12, 3)} for first in range(3)]
    tied = {pair: 1 for cluster in clusters for pair in itertools.combinations(sorted(cluster), 2)}
    nodes = picture("centre", stars, tied).nodes
    ring = [*(node.key for node in nodes if node.anchor == "start"), *(n.key for n in nodes[::-1] if n.anchor == "end")]
    groups = [next(at for at, cluster in enumerate(clusters) if key in cluster) for key in ring]
    assert len(list(itertools.groupby(groups))) == 3


def test_a_stronger_line_is_wider_up_to_a_bound() -> None:
    stars = [Star("a", "a", 1), Star("b", "b", 4), Star("c", "c", 10**9)]
    widths = {line.strength: line.width for line in picture("centre", stars, {}).spokes}
    assert widths[1] < widths[4] < widths[10**9] < 10


def test_a_network_of_nobody_has_neither_nodes_nor_lines() -> None:
    drawn = picture("centre", [], {})
    assert (drawn.nodes, drawn.spokes, drawn.chords, drawn.centre) == ((), (), (), ("centre",))
