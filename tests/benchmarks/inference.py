"""What inference costs on made-up graphs: from scratch, by revisions of sixty triples, and beside other reasoners.

Each measurement is a process of its own, so that its peak of memory is its own too.
"""

from __future__ import annotations

import gc
import importlib.util
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.memory import peak_mib
from tests.made_up import HUBS, Country, Project

from coopkg import names, referee
from coopkg.content import Content
from coopkg.datalog import Fact
from coopkg.inference import Logic
from coopkg.rdf import Quad, RdfFormat, Triple, parse_quads, to_bytes
from coopkg.reasoner import Reasoner

ROOT = Path(__file__).parents[2]
CONTENT = Content(ROOT)
#: Ten million triples take more than two minutes and some gigabytes: only when this is set.
LARGE = bool(os.environ.get("COOPKG_BENCH_LARGE"))
SIZES = (100_000, 1_000_000, *((10_000_000,) if LARGE else ()))
#: The sizes that other reasoners can take in the time that they are given.
OTHERS = {"coopkg": (1_000, 10_000, 100_000), "reasonable": (1_000, 10_000, 100_000), "owlrl": (1_000, 10_000)}
TIMEOUT_S = 60
REVISIONS = 200
Change = tuple[list[Triple], list[Triple]]


def rows() -> Iterator[tuple[str, str]]:
    """Yield a row for each measurement."""
    for size in SIZES:
        yield from _rows_of_ours(size)
    for program, sizes in OTHERS.items():
        for size in sizes:
            yield f"axioms alone, {size:,} triples: {program}", _row_of(program, size)


def _rows_of_ours(size: int) -> Iterator[tuple[str, str]]:
    told = _measured("ours", size, None)
    if told is None:
        yield f"inference, {size:,} triples", "stopped"
        return
    yield (
        f"inference, {size:,} triples, from scratch",
        f"CPU {told['cpu_s']:.1f} s, peak {told['peak_mib']:,.0f} MiB; {told['inferred']:,} triples follow, "
        f"{told['firings']:,} firings",
    )
    for name, times in told["revisions"].items():
        yield f"inference, {size:,} triples: {name}", f"{_spread_ms(times)}; {told['fired'][name]:.0f} firings, mean"


def _spread_ms(times: list[float]) -> str:
    if len(times) == 1:
        return f"CPU {times[0]:.2f} ms"
    p99 = statistics.quantiles(times, n=100, method="inclusive")[98]
    return (
        f"CPU {statistics.median(times):.2f} ms, median of {len(times)}; 99th percentile {p99:.2f} ms, "
        f"longest {max(times):.2f} ms"
    )


def _row_of(program: str, size: int) -> str:
    if program != "coopkg" and importlib.util.find_spec(program) is None:
        return "not measured: the package is not here"
    told = _measured(program, size, TIMEOUT_S)
    if told is None:
        return f"more than {TIMEOUT_S} s, or stopped"
    return (
        f"CPU {told['cpu_s']:.2f} s, peak {told['peak_mib']:,.0f} MiB; {told['known']:,} of the ontology's vocabulary "
        f"follow, {told['other']:,} others"
    )


def _measured(what: str, size: int, timeout_s: float | None) -> Any:
    """Return what a process says that measures one thing; None when it stops, or takes too long."""
    command = [sys.executable, "-m", "tests.benchmarks.inference", what, str(size)]
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=timeout_s, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    return json.loads(run.stdout)


# ---------------------------------------------------------------------------------------------- in a process of its own
def _ours(size: int) -> Mapping[str, object]:
    sample, graph = _Sample(size), _Streamed(Country(), size)
    logic = Logic.of(_ontology(), CONTENT.rules())
    schemes = [quad for file in CONTENT.files if "/schemes/" in file.path for quad in CONTENT.read(file)]
    gc.disable()  # as the program does: else each full collection walks through all facts
    began = time.process_time()
    reasoner = logic.reasoner(itertools.chain(schemes, graph.quads(sample.see)))
    told = {"cpu_s": time.process_time() - began - graph.apart_s, "peak_mib": peak_mib(), "firings": reasoner.firings}
    revisions, fired = {}, {}
    for name, changes in sample.changes(graph.country).items():
        before = reasoner.firings
        revisions[name] = [_took_ms(reasoner, *change) for change in changes]
        fired[name] = (reasoner.firings - before) / max(1, len(changes))
    return told | {"inferred": sum(1 for _ in reasoner.inferred()), "revisions": revisions, "fired": fired}


class _Streamed:
    """A graph in pieces whose making is not counted: in memory it would be larger than what is measured."""

    def __init__(self, country: Country, size: int) -> None:
        self.country, self.apart_s, self._size = country, 0.0, size

    def quads(self, seen: Callable[[Project], None]) -> Iterator[Quad]:
        triples = self.country.graph(self._size, seen)
        while True:
            began = time.process_time()
            piece = _quads(itertools.islice(triples, 10_000))
            self.apart_s += time.process_time() - began
            if not piece:
                return
            yield from piece


class _Sample:
    """Some projects of a graph, and some in which two actors of the whole country meet."""

    def __init__(self, size: int) -> None:
        self._dice = random.Random(0)  # noqa: S311  # the same projects in each run, no secret
        self._share = 3 * REVISIONS * 60 / size
        self._some: list[Project] = []
        self._of_hubs: list[Project] = []

    def see(self, project: Project) -> None:
        if len(set(HUBS) & set(project.actors)) > 1:
            if len(self._of_hubs) < REVISIONS:
                self._of_hubs.append(project)
        elif self._dice.random() < self._share:
            self._some.append(project)

    def changes(self, country: Country) -> Mapping[str, list[Change]]:
        """Return what to remove and what to add, in this order."""
        self._dice.shuffle(self._some)
        removed, edited = self._some[:REVISIONS], self._some[REVISIONS : 2 * REVISIONS]
        added, others = ([country.project() for _ in range(REVISIONS)] for _ in range(2))
        return {
            "the first revision, a project removed": [(project.own, []) for project in removed[:1]],
            "a project removed": [(project.own, []) for project in removed[1:]],
            "a project added": [([], project.around + project.own) for project in added],
            "a project edited": [
                (one.own[20:50], other.own[20:50]) for one, other in zip(edited, others, strict=False)
            ],
            "a project of two national actors removed": [(project.own, []) for project in self._of_hubs],
            "and added again": [([], project.own) for project in self._of_hubs],
        }


def _took_ms(reasoner: Reasoner, remove: list[Triple], add: list[Triple]) -> float:
    began = time.process_time()
    reasoner.change(remove, add)
    return 1000 * (time.process_time() - began)


def _coopkg(data: list[Triple]) -> tuple[float, set[Triple]]:
    quads, logic = _quads(data), Logic.of(_ontology(), {})
    began = time.process_time()
    found = logic.entailed(logic.reasoner(quads))
    return time.process_time() - began, found


def _owlrl(data: list[Triple]) -> tuple[float, set[Triple]]:
    ontology = [quad.triple for quad in _ontology()]
    began = time.process_time()
    found = referee.expanded(data, ontology)
    return time.process_time() - began, found


def _reasonable(data: list[Triple]) -> tuple[float, set[Triple]]:
    import rdflib
    import reasonable

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "all.ttl"
        file.write_bytes(to_bytes(_quads([*data, *(quad.triple for quad in _ontology())]), RdfFormat.N_TRIPLES))
        began = time.process_time()
        reasoner = reasonable.PyReasoner()
        reasoner.load_file(str(file))
        triples = reasoner.reason()
        cpu_s = time.process_time() - began
    stated = [triple for triple in triples if not isinstance(triple[0], rdflib.Literal)]
    lines = "".join(f"{' '.join(term.n3() for term in triple)} .\n" for triple in stated)
    return cpu_s, {quad.triple for quad in parse_quads(lines.encode(), RdfFormat.N_TRIPLES, "reasonable")}


PROGRAMS: Mapping[str, Callable[[list[Triple]], tuple[float, set[Triple]]]] = {
    "coopkg": _coopkg,
    "reasonable": _reasonable,
    "owlrl": _owlrl,
}


def _beside(program: str, size: int) -> Mapping[str, object]:
    data = list(Country().graph(size))
    cpu_s, found = PROGRAMS[program](data)
    peak, logic = peak_mib(), Logic.of(_ontology(), {})
    found -= {*data, *(quad.triple for quad in _ontology())}
    known = sum(logic.speaks_of(Fact(*triple)) for triple in found)
    return {"cpu_s": cpu_s, "peak_mib": peak, "known": known, "other": len(found) - known}


def _ontology() -> list[Quad]:
    return CONTENT.read(next(file for file in CONTENT.files if file.graph == names.ONTOLOGY_GRAPH))


def _quads(triples: Iterable[Triple]) -> list[Quad]:
    return [Quad(triple.subject, triple.predicate, triple.object) for triple in triples]


if __name__ == "__main__":
    if sys.argv[1:]:
        what, size = sys.argv[1], int(sys.argv[2])
        print(json.dumps(_ours(size) if what == "ours" else _beside(what, size)))
    else:
        print(*(f"| {what} | {measured} |" for what, measured in rows()), sep="\n")
