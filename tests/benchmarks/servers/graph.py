"""The graph that every server holds: made up by `coopkg synth`, as a state folder and as N-Triples.

A size counts all triples of the set that queries see: what is made up, the ontology, the tables, and what follows. Only
the communes that are named are there: all of them would be most of a small graph.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.pools import TELLING, Pools

from coopkg.content import Content
from coopkg.rdf import RdfFormat, Triple, parse_quads
from coopkg.synth import publication

ROOT = Path(__file__).parents[3]
#: How many triples there are before anything is made up, and which share of the others is made up: the rest follows.
_BEFORE, _STATED = 6_500, 0.48
_SEED = 8
_LINES_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Made:
    """A made graph, in its folder.

    Args:
        size: how many triples were asked for.
        triples: how many there are.
    """

    folder: Path
    size: int
    triples: int

    @property
    def dump(self) -> Path:
        """Its triples as N-Triples, each once."""
        return self.folder / "dump.nt"

    @property
    def state(self) -> Path:
        """Its state folder for `coopkg serve --no-build`."""
        return self.folder / "state"

    def pools(self) -> Pools:
        """Return what queries about it are filled with."""
        return Pools(**json.loads((self.folder / "pools.json").read_text(encoding="utf-8")))


def made(size: int, folder: Path, say: Callable[[str], object]) -> Made:
    """Return the graph of a size, about; it is made unless it is there."""
    done = folder / "made.json"
    if done.exists():
        return Made(folder, **json.loads(done.read_text(encoding="utf-8")))
    say(f"making a graph of {size:,} triples")
    (folder / "state").mkdir(parents=True, exist_ok=True)
    publication.publish(folder / "state", Content(ROOT), max(1, int(_STATED * (size - _BEFORE))), _SEED)
    graph = Made(folder, size, _written(folder))
    done.write_text(json.dumps({"size": size, "triples": graph.triples}), encoding="utf-8")
    say(f"made {graph.triples:,} triples")
    return graph


def _written(folder: Path) -> int:
    """Write the set of triples, and what queries are filled with; return how many triples there are."""
    dump = folder / "dump.nt"
    with dump.open("wb") as file:
        publication.dump(folder / "state", file.write)
    (folder / "pools.json").write_text(json.dumps(asdict(Pools.gathered(_triples(dump)))), encoding="utf-8")
    with dump.open("rb") as file:
        return sum(1 for _ in file)


def _triples(dump: Path) -> Iterator[Triple]:
    """Yield the triples that fill something; to parse all of ten million would take minutes."""
    with dump.open("rb") as file:
        told = (line for line in file if line.split(b" ", 2)[1].decode() in TELLING)
        while lines := list(itertools.islice(told, _LINES_AT_ONCE)):
            yield from (quad.triple for quad in parse_quads(b"".join(lines), RdfFormat.N_TRIPLES, dump.name))
