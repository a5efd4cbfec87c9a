"""What becomes the next generation of a replica: statements laid on a candidate, proved by digest, and published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from coopkg import names
from coopkg.errors import ReplicaOvertaken
from coopkg.generations import Candidate, Generations, HeldGraph, Manifest
from coopkg.inference import Entailment
from coopkg.judge import Rulebook
from coopkg.rdf import NamedNode, Quad, Triple, dataset_digest
from coopkg.replica.connection import Report
from coopkg.replica.listing import Place
from coopkg.replica.statements import graphs_of
from coopkg.store import Effect

_INFERRED = NamedNode(names.INFERRED_GRAPH)


class Assembly:
    """A candidate, and what follows from it, which is kept from one publication to the next.

    Args:
        rulebook: by whose rules it is inferred what follows.
    """

    def __init__(self, generations: Generations, rulebook: Rulebook, report: Report = lambda _: None) -> None:
        self._generations = generations
        self._rulebook = rulebook
        self._report = report
        self._candidate: Candidate | None = None
        self._entailment: Entailment | None = None
        self._effect = Effect()
        self._touched: set[str] = set()

    def begin(self) -> None:
        """Begin with nothing."""
        self.close()
        self._candidate = self._generations.begin(None)

    def change(self, removed: Sequence[Quad], added: Sequence[Quad]) -> None:
        """Remove, then add; nobody sees it yet."""
        self._touched |= graphs_of(removed, added)
        self._effect = self._effect.then(self._on_candidate().store.change(removed, added))

    def load(self, added: Sequence[Quad]) -> None:
        """Add to what began with nothing; what follows from all of it is found once it is published."""
        self._touched |= graphs_of(added)
        self._on_candidate().store.change((), added)

    def publish(self, place: Place) -> None:
        """Make what was laid here the published generation, once it is proved to be what the original has.

        Raises:
            ReplicaOvertaken: it has another digest.
            DiskFullError: no room; the generation that was published stays.
        """
        with self._forgetting_on_failure():
            candidate, base = self._on_candidate(), self._base()
            graphs = self._graphs(candidate, base)
            if dataset_digest({name: held.digest for name, held in graphs.items()}) != place.digest:
                raise ReplicaOvertaken(f"the graph of revision {place.revision} has another digest here")
            inferred = (base.inferred if base else 0) + self._infer(candidate)
            self._generations.advance(candidate, self._manifest(place, graphs, inferred), "[]\n")
            self._effect, self._touched = Effect(), set()
        if base is None:
            self._let_go()  # its store notes no difference; the next one begins on what was published

    def is_outdated(self) -> bool:
        """Return whether what is published was inferred by other rules, or another program."""
        return self._generations.manifest().rules != self._rulebook.identity()

    def discard(self) -> None:
        """Throw away what was laid since the last publication."""
        if self._touched:
            self._let_go()

    def close(self) -> None:
        """Let everything go."""
        self._entailment = None
        self._let_go()

    def _let_go(self) -> None:
        self._effect, self._touched = Effect(), set()
        candidate, self._candidate = self._candidate, None
        if candidate:
            candidate.close()

    def _on_candidate(self) -> Candidate:
        if self._candidate is None:
            self._candidate = self._generations.begin(self._generations.current())
        return self._candidate

    def _base(self) -> Manifest | None:
        base = self._on_candidate().base
        return self._generations.manifest(base) if base else None

    def _graphs(self, candidate: Candidate, base: Manifest | None) -> dict[str, HeldGraph]:
        """Return what is said of each named graph, read again from the store where it was touched."""
        graphs = {name: held for name, held in (base.graphs if base else {}).items() if name not in self._touched}
        read = ((name, HeldGraph.of(candidate.store.quads(name))) for name in sorted(self._touched))
        return graphs | {name: held for name, held in read if held.statements}

    def _manifest(self, place: Place, graphs: dict[str, HeldGraph], inferred: int) -> Manifest:
        return Manifest(
            revision=place.revision,
            head=place.head,
            digest=place.digest,
            rules=self._rulebook.identity(),
            asserted=sum(held.statements for held in graphs.values()),
            inferred=inferred,
            warnings=0,  # the original has judged
            infos=0,
            built={},
            checksums={},
            graphs=graphs,
        )

    def _infer(self, candidate: Candidate) -> int:
        """Bring the inferred graph up to what was laid, and return by how many statements it grew."""
        store = candidate.store
        if self._entailment and names.ONTOLOGY_GRAPH not in self._touched:
            inferred = self._entailment.change(self._effect)
        else:
            self._report("inferring")
            self._entailment = Entailment(store, self._rulebook.rules)
            wanted = self._entailment.triples()
            present = {quad.triple for quad in store.quads(names.INFERRED_GRAPH)}
            inferred = Effect(frozenset(present - wanted), frozenset(wanted - present))
        store.change(map(_inferred, inferred.gone), [_inferred(triple) for triple in inferred.new])
        return len(inferred.new) - len(inferred.gone)

    @contextmanager
    def _forgetting_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise


def _inferred(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, _INFERRED)
