"""How often real names that were damaged are found, and how often a match is right: bounds that must hold.

Over the communes of three départements and the organisations of the published data; the whole graph is measured by
`tests.benchmarks.reconciliation`, with the same damages.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator

import pytest

from coopkg import names
from coopkg.index import Index
from coopkg.rdf import NamedNode, Quad, RdfFormat, parse_quads
from coopkg.store import QuadStore
from coopkg.view import View
from tests.benchmarks.reconciliation import DAMAGES, Asked, Tally, by_property, measured, things, typed
from tests.conftest import REPOSITORY

_REFERENCE = REPOSITORY / "data" / "reference"
_LEVELS = REPOSITORY / "ontology" / "schemes" / "territory-level.ttl"
_DEPARTEMENTS = ("34", "90", "93")
_NAMES = 80
_DIRECTLY, _WITHIN = NamedNode(f"{names.COOP}directlyWithin"), NamedNode(f"{names.COOP}within")


def _quads() -> Iterator[Quad]:
    """Yield some of the published data, and that what is directly within a place is within it."""
    yield from parse_quads((REPOSITORY / "data" / "organisations.trig").read_bytes(), RdfFormat.TRIG, "organisations")
    yield from parse_quads(_LEVELS.read_bytes(), RdfFormat.TRIG, "levels")
    lines = gzip.decompress((_REFERENCE / "communes.nq.gz").read_bytes()).splitlines(keepends=True)
    starts = tuple(f"<{names.BASE}id/territory/commune/{code}".encode() for code in _DEPARTEMENTS)
    communes = b"".join(line for line in lines if line.startswith(starts))
    for content in (communes, (_REFERENCE / "departements.nq").read_bytes()):
        for quad in parse_quads(content, RdfFormat.N_QUADS, "a table"):
            yield quad
            if quad.predicate == _DIRECTLY:
                yield Quad(quad.subject, _WITHIN, quad.object, quad.graph_name)


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Index, View, list[Asked]]]:
    """Give an index, a view, and some things with the names that they bear."""
    store, index = QuadStore.apart(list(_quads())), Index()
    index.build(store, 1)
    view = View(store, "fr")
    chance = random.Random(7)  # noqa: S311  # no secret: the same each time
    yield index, view, chance.sample(list(things(index, view, chance)), _NAMES)
    index.close()


def _all(tallies: list[Tally]) -> tuple[float, float, float]:
    """Return which part was in the first five, which was matched, and which part of those was right."""
    asked, matched = sum(one.asked for one in tallies), sum(one.matched for one in tallies)
    return (
        sum(one.in_five for one in tallies) / asked,
        matched / asked,
        sum(one.right for one in tallies) / matched,
    )


def test_damaged_names_are_found_and_matches_are_right(world: tuple[Index, View, list[Asked]]) -> None:
    index, view, every = world
    assert len(every) == _NAMES
    in_five, matched, right = _all([measured(index, view, every, damage, typed) for damage in DAMAGES.values()])
    assert in_five >= 0.98
    assert matched >= 0.88
    assert right >= 0.995


def test_with_a_departement_nearly_all_are_matched(world: tuple[Index, View, list[Asked]]) -> None:
    index, view, every = world
    placed = [one for one in every if one.departement]
    tallies = [measured(index, view, placed, damage, by_property) for damage in DAMAGES.values()]
    in_five, matched, right = _all(tallies)
    assert len(placed) > 30
    assert in_five >= 0.99
    assert matched >= 0.94
    assert right >= 0.995
