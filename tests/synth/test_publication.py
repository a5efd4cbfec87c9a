"""A state folder with a made-up graph: what it holds is what a build would have found, and nobody writes there."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from coopkg import names
from coopkg.content import Content
from coopkg.errors import WriteForbidden
from coopkg.generations import Generations, HeldGraph
from coopkg.inference import Entailment
from coopkg.lock import MADE_UP, locked
from coopkg.rdf import dataset_digest
from coopkg.store import QuadStore
from coopkg.synth.draft import Document
from coopkg.synth.publication import publish

CONTENT = Content(Path(__file__).parent.parent.parent)
SIZE = 15_000


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made-up") / "state"
    publish(folder, CONTENT, SIZE, seed=7, blocks_at_once=1)
    return folder


@pytest.fixture(scope="module")
def store(state: Path) -> QuadStore:
    return QuadStore.loaded(state / "generations" / "current" / "store")


def test_what_follows_block_by_block_is_what_follows_from_the_whole(store: QuadStore) -> None:
    inferred = {quad.triple for quad in store.quads(names.INFERRED_GRAPH)}
    assert inferred == Entailment(store, CONTENT.rules()).triples()


def test_the_manifest_says_what_the_store_holds(state: Path, store: QuadStore) -> None:
    manifest = Generations(state / "generations", 1).manifest()
    held = {name: HeldGraph.of(store.quads(name)) for name in store.graphs() if not names.is_derived(name)}
    assert manifest.graphs == held
    assert manifest.digest == dataset_digest({name: one.digest for name, one in held.items()})
    assert manifest.asserted == sum(one.statements for one in held.values())
    assert manifest.inferred == sum(1 for _ in store.quads(names.INFERRED_GRAPH))


def test_the_set_of_all_triples_holds_each_once(state: Path, store: QuadStore) -> None:
    output = io.BytesIO()
    QuadStore.published(state / "generations" / "current" / "store").dump(output.write)
    lines = output.getvalue().splitlines()
    assert len(lines) == len(set(lines))
    assert len(lines) == len({quad.triple for name in store.graphs() for quad in store.quads(name)})


def test_nobody_writes_where_a_graph_is_made_up(state: Path) -> None:
    with pytest.raises(WriteForbidden, match="'coopkg synth' made up"), locked(state):
        pass


def test_a_folder_with_a_graph_of_its_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    with pytest.raises(WriteForbidden, match="holds other things"):
        publish(tmp_path, CONTENT, SIZE)
    assert [path.name for path in tmp_path.iterdir()] == ["journal"]


def test_the_mark_says_what_is_published_when_another_run_is_stopped(tmp_path: Path) -> None:
    publish(tmp_path, CONTENT, 500, seed=7)
    before = (tmp_path / MADE_UP).read_bytes()
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, CONTENT, 600, seed=8, progress=_stopped)
    assert (tmp_path / MADE_UP).read_bytes() == before


def _stopped(_: Iterable[Document]) -> Iterable[Document]:
    raise KeyboardInterrupt
