"""Measure inference on made-up graphs, then a build and the endpoint on the repository's own content.

Prints a Markdown table, judges nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import endpoint, inference, judges, judging, revisions, site
from tests.benchmarks.machine import machine

from coopkg import names
from coopkg.graph import Graph
from coopkg.rdf import digest
from coopkg.settings import load

PROGRAM = [sys.executable, "-m", "coopkg"]
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("COOPKG_")}
QUERIES = {
    "tiny: one label": "SELECT ?name { <https://w3id.org/coopkg/scheme/role/lead> skos:prefLabel ?name }",
    "projects by région": "SELECT ?r (COUNT(?p) AS ?n) { ?p coop:locatedIn ?r . ?r a igeo:Region } GROUP BY ?r",
    "10,000 rows: communes": "SELECT ?c ?name { ?c a igeo:Commune ; skos:prefLabel ?name } LIMIT 10000",
}
REPEATS = 20
LOADING_S = 20


def main() -> None:
    """Measure and print."""
    rows = dict(machine())
    rows |= inference.rows()
    with tempfile.TemporaryDirectory() as folder:
        state, exported = Path(folder) / "state", Path(folder) / "exported"
        rows["cold build"] = _ran("--state", state, "build")
        rows["build with nothing to do"] = _ran("--state", state, "build")
        rows |= _sizes(state)
        rows |= dict(revisions.rows(state))
        rows |= dict(site.rows(state))
        rows["export"] = _ran("--state", state, "export", "--out", exported)
        with _server(state) as (url, seconds):
            rows["`serve --no-build` to the first answer"] = f"{seconds:.2f} s"
            for name, query in QUERIES.items():
                rows[name] = f"{_median_ms(url, query):.1f} ms, median of {REPEATS}"
            time.sleep(LOADING_S)  # from now on the graph is in memory
            port = int(url.rstrip("/").rpartition(":")[2])
            rows |= endpoint.overhead(state, port)
            rows |= endpoint.under_attack(port)
            rows |= endpoint.publication(state, port)
    rows |= dict(judging.rows())
    rows |= dict(judges.rows())
    print("| what | measured |\n|---|---|")
    print(*(f"| {what} | {measured} |" for what, measured in rows.items()), sep="\n")


def _ran(*arguments: str | Path) -> str:
    began = time.monotonic()
    process = subprocess.Popen([*PROGRAM, *map(str, arguments)], env=ENVIRON, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"coopkg {' '.join(map(str, arguments))}: exit code {process.returncode}")
    peak = used.ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)
    return f"{time.monotonic() - began:.1f} s, CPU {used.ru_utime + used.ru_stime:.1f} s, peak {peak:.0f} MiB"


def _sizes(state: Path) -> Mapping[str, str]:
    store, manifest = Graph.open(load({"state": state}, {})).current()
    asserted = [quad for graph in store.graphs() if not names.is_derived(graph) for quad in store.quads(graph)]
    began = time.monotonic()
    digest(asserted)
    seconds = time.monotonic() - began
    disk = sum(path.stat().st_size for path in state.rglob("*") if path.is_file() and not path.is_symlink())
    return {
        "statements": f"{manifest.asserted:,} asserted, {manifest.inferred:,} inferred",
        "state folder": f"{disk / 2**20:.0f} MiB",
        "canonical digest": f"{seconds:.1f} s",
    }


@contextmanager
def _server(state: Path) -> Iterator[tuple[str, float]]:
    began = time.monotonic()
    command = [*PROGRAM, "--state", str(state), "serve", "--no-build", "--port", "0"]
    with subprocess.Popen(command, env=ENVIRON, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = next(line.split()[3] for line in process.stdout or () if line.startswith("coopkg is ready"))
            _asked(url, "ASK { ?project a coop:Project }")
            yield url, time.monotonic() - began
        finally:
            process.terminate()


def _asked(url: str, query: str) -> bytes:
    form = urllib.parse.urlencode({"query": query}).encode()
    with urllib.request.urlopen(f"{url}sparql", form) as answer:  # noqa: S310  # our own server
        return bytes(answer.read())


def _median_ms(url: str, query: str) -> float:
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        _asked(url, query)
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
