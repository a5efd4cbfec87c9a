"""Updates: what is found to be removed and added is what the engine's own update does, of which it tells nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset

from coopkg import names
from coopkg.errors import QueryError
from coopkg.evaluation import evaluated
from coopkg.rdf import NamedNode, Quad
from coopkg.store import QuadStore
from coopkg.update import Update
from tests.datasets import UpdatableStore
from tests.properties import updates

CASES = 500


def held(store: QuadStore) -> set[Quad]:
    """Return the quads of a store; of its default graph only where that is one of its own."""
    return {quad for quad in store._engine if store.is_plain or isinstance(quad.graph_name, NamedNode)}


def canonical(quads: Iterable[Quad]) -> set[Quad]:
    """Return quads with labels of blank nodes that say where these stand."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def by_engine(store: UpdatableStore, text: str) -> set[Quad] | None:
    """Return what the engine's own update leaves in a store, None where it fails."""
    try:
        store._engine.update(text, prefixes=names.PREFIXES)
    except (RuntimeError, SyntaxError):
        return None
    return held(store)


def by_us(store: QuadStore, text: str) -> set[Quad] | None:
    """Return what an update leaves in a store, None where it fails; what it says of the way there must be true."""
    before = held(store)
    try:
        removed, added = evaluated(store, Update(text))
    except QueryError:
        assert held(store) == before, "a refusal leaves everything as it was"
        return None
    assert removed <= before
    assert not added & before
    assert held(store) == (before - removed) | added
    return held(store)


def test_what_an_update_removes_and_adds_is_what_the_engine_does() -> None:
    changing = failing = blank = 0
    for seed in range(CASES):
        random = Random(seed)
        quads, text = updates.a_dataset(random), updates.Writer(random).update()
        expected = by_engine(UpdatableStore.in_memory(quads), text)
        store = UpdatableStore.in_memory(quads)
        before = held(store)
        found = by_us(store, text)
        assert (found is None) == (expected is None), (seed, text)
        if found is not None and expected is not None:
            assert canonical(found) == canonical(expected), (seed, text)
        failing += found is None
        changing += found not in (None, before)
        blank += any("_:" in str(quad) for quad in (found or set()) - before)
    assert changing > CASES / 3
    assert failing > CASES / 50
    assert blank > CASES / 10


def test_where_two_readers_may_part_an_update_is_never_another_one() -> None:
    same = 0
    for seed in range(3 * CASES):
        random = Random(seed)
        quads, text = updates.a_dataset(random), updates.a_misleading_update(random)
        expected = by_engine(UpdatableStore.in_memory(quads), text)
        found = by_us(UpdatableStore.in_memory(quads), text)
        # What only the engine understands may be refused, with a sentence.
        assert found is None or (expected is not None and canonical(found) == canonical(expected)), (seed, text)
        same += found is not None
    assert same > CASES / 10


@pytest.mark.parametrize("seed", range(0, 60, 20))
def test_a_published_store_changes_alike_on_disk_and_in_memory(seed: int, tmp_path: Path) -> None:
    for case in range(seed, seed + 20):
        random = Random(case)
        quads, text = updates.a_dataset(random, has_default=False), updates.Writer(random, has_default=False).update()
        disk = QuadStore.create(tmp_path / str(case))
        disk.change((), quads)
        found = by_us(QuadStore.in_memory(quads), text)
        again = by_us(disk, text)
        assert (found is None) == (again is None), (case, text)
        if found is not None and again is not None:
            assert canonical(found) == canonical(again), (case, text)
            assert set(disk.triples(None, None, None)) == {quad.triple for quad in again}
