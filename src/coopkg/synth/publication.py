"""A state folder that holds a made-up graph, published without journal and gate: to be read and measured alone.

It holds the ontology, the schemes, the terms of the graphs, the reference tables, the made-up graphs and what follows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from coopkg import names
from coopkg.content import Content
from coopkg.errors import NothingPublished, WriteForbidden
from coopkg.generations import Generations, HeldGraph, Manifest
from coopkg.lock import MADE_UP, is_made_up, locked
from coopkg.rdf import NamedNode, Quad, Triple, dataset_digest, graph_digests
from coopkg.store import QuadStore
from coopkg.synth import forms
from coopkg.synth.country import BLOCK, VERSION, Country
from coopkg.synth.draft import Document
from coopkg.synth.entailed import Entailed
from coopkg.synth.places import Places
from coopkg.synth.tables import Tables

_LICENCES = "data/licences.ttl"
_TERRITORY = f"<{names.BASE}id/territory/"

#: What documents pass through; it may show them.
Progress = Callable[[Iterable[Document]], Iterable[Document]]


def publish(
    state: Path,
    content: Content,
    size: int,
    seed: int = 0,
    *,
    all_places: bool = False,
    progress: Progress = iter,
    blocks_at_once: int = 16,
) -> Manifest:
    """Make a state folder with a made-up graph, in place of one that was made up before, and return its manifest.

    Args:
        size: about how many triples are made up; the ontology, the tables and what follows come on top.
        all_places: whether all communes are there, and not only those that are named.
        progress: what documents pass through on their way.
        blocks_at_once: from how many blocks what follows is found together; memory follows from it.
    Raises:
        WriteForbidden: the folder holds a graph of its own, or a replica.
        StateLocked: another process writes there.
        DiskFullError: no room; what was published stays.
        InputError: the content folder cannot be understood.
    """
    _refuse_others(state)  # before a lock is left in a folder that has nothing to do with us
    with locked(state, own=False):
        _claim(state)
        generations = Generations(state / "generations", keep=1)
        with generations.candidate(None) as candidate:
            graph = _Graph(content, all_places=all_places)
            documents = Country(Places.of(content), seed).documents(size)
            candidate.store.pour(graph.pieces(progress(documents), blocks_at_once))
            candidate.store.settle()
            candidate.store.flush()
            manifest = graph.manifest(candidate.store, _next_revision(generations))
            candidate.store.close()
            generations.publish(candidate.folder, manifest)
        said = {"triples": size, "seed": seed, "version": VERSION}
        (state / MADE_UP).write_text(json.dumps(said) + "\n", encoding="utf-8")
    return manifest


def dump(state: Path, write: Callable[[bytes], int]) -> None:
    """Write all that a state folder holds as N-Triples, in no order, each triple once.

    Raises:
        NothingPublished, StateDamaged: there is nothing to read.
    """
    generations = Generations(state / "generations", keep=1)
    current = generations.current()
    if current is None:
        raise NothingPublished(f"nothing is published in {state}; run 'coopkg synth --state {state}' first")
    generations.open(current).dump(write)


def _refuse_others(state: Path) -> None:
    if state.is_dir() and not is_made_up(state) and any(path.name != "lock" for path in state.iterdir()):
        raise WriteForbidden(f"{state}: holds other things than a made-up graph; choose an empty folder with --state")


def _claim(state: Path) -> None:
    """Mark a folder; the mark says what was made up once that is published."""
    _refuse_others(state)
    (state / MADE_UP).touch()
    (state / "generations").mkdir(exist_ok=True)


def _next_revision(generations: Generations) -> int:
    """Return a number that no server that shows the folder has met: it keeps answers by it."""
    return generations.manifest().revision + 1 if generations.current() else 1


class _Graph:
    """All that a made-up state holds, as N-Quads in pieces, and what a manifest says of it once they went."""

    def __init__(self, content: Content, *, all_places: bool) -> None:
        files = [file for file in content.files if file.path.startswith("ontology/") or file.path == _LICENCES]
        self._always = [quad for file in files for quad in content.read(file)]
        self._tables = Tables.of(content)
        ontology = [quad for quad in self._always if quad.graph_name == NamedNode(names.ONTOLOGY_GRAPH)]
        self._entailed = Entailed(ontology, self._always, self._tables, content.rules())
        self._named = set(self._tables.all() if all_places else self._tables.small())
        self._held: dict[str, HeldGraph] = {}
        self._organisations, self._digest = 0, hashlib.sha256()

    def pieces(self, documents: Iterable[Document], blocks_at_once: int) -> Iterator[bytes]:
        """Yield all of it, each triple with its graph and, where it is asserted, without."""
        coming = iter(documents)
        while some := list(islice(coming, blocks_at_once * BLOCK)):
            for document in some:
                self._note(document)
                yield f"{forms.quads(document)}{forms.triples(document)}".encode()
            yield _inferred(self._entailed.of(some))
        yield _inferred(self._entailed.counts())
        yield from self._shared()

    def manifest(self, store: QuadStore, revision: int) -> Manifest:
        """Return the manifest of a store that holds all of it."""
        organisations = HeldGraph(self._organisations, self._digest.hexdigest())
        graphs = {**self._held, names.ORGANISATIONS_GRAPH: organisations}
        return Manifest(
            revision=revision,
            head="",
            digest=dataset_digest({name: held.digest for name, held in graphs.items()}),
            rules="",  # nobody judged it
            asserted=sum(held.statements for held in graphs.values()),
            inferred=sum(1 for _ in store.quads(names.INFERRED_GRAPH)),
            warnings=0,
            infos=0,
            built={},
            checksums={},
            graphs=graphs,
        )

    def _note(self, document: Document) -> None:
        """Note what the manifest is to say of a document; organisations come in the order of their lines."""
        self._organisations += len(document.organisations)
        self._digest.update("".join(sorted(forms.organisation_quads(document))).encode())
        own = Document(document.graph, document.own)
        lines = sorted(forms.quads(own).splitlines(keepends=True))
        self._held[document.graph] = HeldGraph(len(lines), hashlib.sha256("".join(lines).encode()).hexdigest())
        self._named |= {NamedNode(value[1:-1]) for _, _, value in document.own if value.startswith(_TERRITORY)}

    def _shared(self) -> Iterator[bytes]:
        """Yield the ontology, the schemes and the tables, with what follows from them."""
        tables = list(self._tables.around(self._named))
        shared = [*self._always, *tables]
        for graph, digest in graph_digests(shared).items():
            size = sum(1 for quad in shared if getattr(quad.graph_name, "value", "") == graph)
            self._held[graph] = HeldGraph(size, digest)
        yield _lines(shared)
        yield "".join(f"{triple} .\n" for triple in {quad.triple for quad in shared}).encode()
        yield _inferred(self._entailed.of_tables(tables))


def _lines(quads: Sequence[Quad]) -> bytes:
    return "".join(f"{quad} .\n" for quad in quads).encode()


def _inferred(triples: Iterable[Triple]) -> bytes:
    graph = NamedNode(names.INFERRED_GRAPH)
    return "".join(f"{triple} {graph} .\n" for triple in triples).encode()
