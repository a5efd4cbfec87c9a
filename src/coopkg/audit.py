"""The audit of a state folder: whether journal and generations are what was written, and of one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coopkg import names, register
from coopkg.errors import NothingPublished, StateDamaged
from coopkg.generations import Generations, Manifest
from coopkg.history import History, Progress
from coopkg.journal import REPAIR, Journal
from coopkg.rdf import Quad, dataset_digest, graph_digests
from coopkg.store import QuadStore


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in order.

    Args:
        head: the last revision of the journal.
        statements: those of the asserted graph that the journal gives.
        digest: that of this graph.
        generations: the revisions whose generations were checked.
        published: the revision that is published; 0 when none is.
        erasures: how many times terms were erased from the journal.
        unfinished_bytes: the length of an incomplete batch at the end, which counts for nothing.
    """

    head: int
    statements: int
    digest: str
    generations: tuple[int, ...]
    published: int
    erasures: int
    unfinished_bytes: int


def verify(
    state: Path, generations: Generations, progress: Progress = iter, report: Callable[[str], None] = lambda _: None
) -> Verified:
    """Check the whole journal and each kept generation, and that replaying the one gives the others; write nothing.

    Raises:
        StateDamaged: the first fault, and what to do.
        NothingPublished: the folder holds neither.
    """
    # The generations are looked up first: the journal is never behind them, whatever is published meanwhile.
    kept = _kept(state, generations)
    current = generations.current()
    journal = Journal(state / "journal")
    if not journal.head and not kept:
        raise NothingPublished(f"nothing is published in {state}; run 'coopkg build' first")
    if register.erasures(state) != journal.erasures:
        raise StateDamaged(f"{state / 'journal'}: the register of erasures is not what the journal says; {REPAIR}")
    digests, graph = dict[int, str](), set[Quad]()
    for revision, _, graph in History(journal, progress).replayed():
        if revision.number in kept or revision.number == journal.head:
            digests[revision.number] = _digest(graph)
    for number, folder in kept.items():
        report(f"checking generation {folder.name}")
        _check(generations, folder, journal, digests.get(number, ""))
    return Verified(
        head=journal.head,
        statements=len(graph),
        digest=digests.get(journal.head, _digest(())),
        generations=tuple(kept),
        published=next((number for number, folder in kept.items() if folder == current), 0),
        erasures=len(journal.erasures),
        unfinished_bytes=journal.unfinished_bytes,
    )


def _kept(state: Path, generations: Generations) -> dict[int, Path]:
    return generations.kept() if (state / "generations").is_dir() else {}


def _check(generations: Generations, folder: Path, journal: Journal, wanted: str) -> None:
    try:
        manifest = generations.check(folder)
        store = generations.open(folder)
        held = _digest(_asserted(store))
    except StateDamaged:
        if not folder.exists():
            return  # a build retired it meanwhile
        raise
    if erasure := journal.precedes_erasure(manifest.revision, manifest.head):
        raise StateDamaged(
            f"{folder}: is from before erasure {erasure.number} ({erasure.time[:10]}), which was not finished; run "
            "'coopkg build', which removes it"
        )
    _check_place(folder, manifest, journal)
    for found, what in ((manifest.digest, "its manifest names"), (held, "it holds")):
        if found != wanted:
            raise StateDamaged(
                f"{folder}: the asserted graph that {what} ({found[:12]}...) is not the one that the journal gives at "
                f"revision {manifest.revision} ({wanted[:12]}...); remove {folder} and build again"
            )


def _check_place(folder: Path, manifest: Manifest, journal: Journal) -> None:
    if manifest.revision > journal.head:
        raise StateDamaged(
            f"{folder}: is of revision {manifest.revision}, but the journal ends with revision {journal.head}; {REPAIR}"
        )
    if journal.revisions[manifest.revision - 1].hash != manifest.head:
        raise StateDamaged(f"{folder}: is of another journal than the one beside it; {REPAIR}")


def _digest(quads: Iterable[Quad]) -> str:
    return dataset_digest(graph_digests(quads))


def _asserted(store: QuadStore) -> Iterator[Quad]:
    for graph in store.graphs():
        if not names.is_derived(graph):
            yield from store.quads(graph)
