"""What a dump costs on made-up graphs of growing size: time, and the most memory that is held at once.

python -m tests.benchmarks.dumps 1000000 3000000
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import memory
from tests.made_up import Country

from coopkg import names, rdf
from coopkg.dumps import making, rows
from coopkg.dumps.tables import TABLES
from coopkg.generations import HeldGraph, Manifest
from coopkg.rdf import NamedNode, Quad
from coopkg.store import QuadStore

_SIZES = (1_000_000, 3_000_000)
_PROJECTS_A_GRAPH = 20
_GRAPHS_AT_ONCE = 100
_TYPE = NamedNode(f"{names.RDF}type")


def measured(sizes: tuple[int, ...] = _SIZES) -> Iterator[tuple[str, str]]:
    """Yield what a dump of so many statements costs, each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder, context.Pool(1, maxtasksperchild=1) as pool:
            graphs = pool.apply(_made_up, (folder, size))
            yield f"a dump of {size:,} made-up triples in {len(graphs):,} graphs", pool.apply(_dumped, (folder, graphs))


def _made_up(folder: str, size: int) -> dict[str, HeldGraph]:
    """Fill a store with graphs of a few projects each, and return what a generation would say of them."""
    country, store = Country(seed=7), QuadStore.create(Path(folder) / "store")
    graphs: dict[str, HeldGraph] = {}
    held = 0
    while held < size:
        waiting: list[Quad] = []
        for _ in range(_GRAPHS_AT_ONCE):
            graph = NamedNode(f"{names.GRAPH}synthetic-{len(graphs)}")
            projects = [country.project() for _ in range(_PROJECTS_A_GRAPH)]
            triples = [triple for one in projects for triple in (*one.own, *one.around)]
            quads = [Quad(one.subject, one.predicate, one.object, graph) for one in dict.fromkeys(triples)]
            graphs[graph.value] = HeldGraph(len(quads), rdf.digest(quads))
            waiting += quads
        # As what follows would: an experiment is an action, too.
        waiting += [_action(quad) for quad in waiting if quad.predicate == _TYPE and "ns#Project" in str(quad.object)]
        store.change((), waiting)
        held += len(waiting)
    store.close()
    return graphs


def _action(quad: Quad) -> Quad:
    return Quad(quad.subject, quad.predicate, NamedNode(f"{names.COOP}Action"), NamedNode(names.INFERRED_GRAPH))


def _dumped(folder: str, graphs: dict[str, HeldGraph]) -> str:
    state, store = Path(folder) / "state", QuadStore.published(Path(folder) / "store")
    size = sum(held.statements for held in graphs.values())
    said = Manifest(1, "", "", "", size, 0, 0, 0, {}, {}, graphs)
    published = making.Published(store, said, "2026-11-28T10:00:00+00:00")
    memory.forget_peak()
    before, began, used = memory.resident_mib(), time.perf_counter(), time.process_time()
    made, _ = making.make(state, lambda: published, making.Terms(1))
    seconds, used, peak = time.perf_counter() - began, time.process_time() - used, memory.peak_mib()
    began, count = time.process_time(), 0
    for table in TABLES:
        count += rows.write(store, table, _emptied(made / "again")).rows
    row_ms = 1_000 * (time.process_time() - began) / max(count, 1)
    spent = f"{seconds:.0f} s, {used:.0f} s of a processor; at most {peak:.0f} MiB ({before:.0f} before)"
    return f"{spent}; {count:,} rows, {row_ms:.2f} ms each"


def _emptied(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def main() -> None:
    """Print what was measured."""
    for what, told in measured(tuple(map(int, sys.argv[1:])) or _SIZES):
        print(f"{what}: {told}", flush=True)


if __name__ == "__main__":
    main()
