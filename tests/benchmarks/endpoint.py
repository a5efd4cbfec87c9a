"""What the protection of the endpoint costs, and what it is worth: side by side with the engine and its own server."""

from __future__ import annotations

import http.client
import itertools
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from coopkg import names, sparql
from coopkg.generations import Generations
from coopkg.graph import Graph
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, serialize
from coopkg.settings import load
from coopkg.sparql import Question

TINY = f"SELECT ?name {{ <{names.BASE}scheme/role/lead> <{names.SKOS}prefLabel> ?name }}"
ROWS = f"SELECT ?c ?name {{ ?c a <{names.PREFIXES['igeo']}Commune> ; <{names.SKOS}prefLabel> ?name }} LIMIT 10000"
KILLER = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(STR(?a) < STR(?d) && STR(?b) < STR(?f)) }"
JSON = "application/sparql-results+json"
TIMES = {"tiny lookup": (TINY, 300), "10,000 rows": (ROWS, 20)}
SECONDS = 20
Asked = Callable[[str], bytes]


def overhead(state: Path, port: int) -> Iterator[tuple[str, str]]:
    """Yield a row for each way to ask, with the ratio to the engine in process."""
    first: dict[str, float] = {}
    with _engine(state) as in_process, _over_http(port, "/sparql") as ours:
        ways: list[tuple[str, Asked]] = [("pyoxigraph in process, from disk", in_process), ("coopkg serve", ours)]
        yield from _measured(ways, first)
    program = shutil.which("oxigraph", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        yield "`oxigraph serve`", "not measured: the program is not here"
        return
    dump = state.parent / "dump.nt"
    store, _ = Graph.open(load({"state": state}, {})).current()
    with dump.open("wb") as file:
        quads = (quad.triple for graph in store.graphs() for quad in store.quads(graph))
        serialize(quads, file, RdfFormat.N_TRIPLES)
    for where in ("on disk", "in memory"):
        with _oxigraph(program, dump, state.parent / "oxigraph" if where == "on disk" else None) as asked:
            yield from _measured([(f"`oxigraph serve` {where}", asked)], first)


def under_attack(port: int) -> Iterator[tuple[str, str]]:
    """Yield what ordinary lookups notice of killers: one a second, then five a second from ten addresses."""
    for each_s, addresses in ((1.0, 1), (0.2, 10)):
        over = threading.Event()
        killers = threading.Thread(target=_kill, args=(port, each_s, addresses, over))
        killers.start()
        took: list[float] = []
        statuses: list[int] = []
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            began = time.perf_counter()
            statuses.append(_status(port, "127.0.0.1", TINY, 10.0))
            took.append(time.perf_counter() - began)
            time.sleep(0.025)
        over.set()
        killers.join()
        p50, p99 = (1000 * statistics.quantiles(took, n=100)[at] for at in (49, 98))
        lost = sum(status != 200 for status in statuses)
        yield (
            f"lookups beside {1 / each_s:.0f} killer{'s' if each_s < 1 else ''} a second from {addresses} address(es)",
            f"{len(took)} lookups, {lost} not answered, p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        )


def publication(state: Path, port: int) -> Iterator[tuple[str, str]]:
    """Yield what a reader waits for a small change: from the switch of the link to the first answer of it."""
    generations, took = Generations(state / "generations", keep=3), []
    terms = [NamedNode(f"{names.BASE}benchmark/{number}") for number in range(60)]
    for _ in range(5):
        manifest = generations.manifest()
        manifest = replace(manifest, revision=manifest.revision + 1)
        with generations.candidate(generations.current()) as candidate:
            said = Literal(f"said in revision {manifest.revision}")
            new = [Quad(term, terms[0], said, NamedNode(names.LICENCES_GRAPH)) for term in terms]
            candidate.store.change((), new)
            candidate.store.flush()
            candidate.store.close()
            generations.publish(candidate.folder, manifest, candidate.difference)
        with _over_http(port, "/sparql") as asked:
            while said.value.encode() not in asked(f"SELECT ?said {{ {terms[-1]} ?p ?said }}"):
                time.sleep(0.002)
        took.append(1000 * (time.time() - (state / "generations" / "current").lstat().st_mtime))
        time.sleep(1)
    yield "publication of 60 statements to their first answer", f"{statistics.median(took):.0f} ms, median of 5"


def _measured(ways: list[tuple[str, Asked]], first: dict[str, float]) -> Iterator[tuple[str, str]]:
    for what, (query, repeats) in TIMES.items():
        for _, asked in ways:  # once for nothing: caches of pages and of plans
            asked(query)
        took: dict[str, list[float]] = {name: [] for name, _ in ways}
        for _, (name, asked) in itertools.product(range(repeats), ways):  # by turns, so that all share what disturbs
            began = time.perf_counter()
            asked(query)
            took[name].append(1000 * (time.perf_counter() - began))
        for name, values in took.items():
            middle = statistics.median(values)
            ratio = middle / first.setdefault(what, middle)
            yield f"{what}: {name}", f"{middle:.2f} ms, median of {repeats}; {ratio:.1f} times the engine"


@contextmanager
def _engine(state: Path) -> Iterator[Asked]:
    store, _ = Graph.open(load({"state": state}, {})).current()
    yield lambda query: sparql.answered(store, Question(query, accept=JSON))[1]


@contextmanager
def _over_http(port: int, path: str) -> Iterator[Asked]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def asked(query: str) -> bytes:
        connection.request("POST", path, query.encode(), {"Content-Type": "application/sparql-query", "Accept": JSON})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body[:200]!r}")
        return body

    try:
        yield asked
    finally:
        connection.close()


@contextmanager
def _oxigraph(program: str, dump: Path, folder: Path | None) -> Iterator[Asked]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where = [] if folder is None else ["--location", str(folder)]
    if folder is not None:
        subprocess.run([program, "load", *where, "--file", str(dump)], check=True, capture_output=True)
    with subprocess.Popen(
        [program, "serve", *where, "--bind", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _until_it_listens(port)
            if folder is None:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
                connection.request(
                    "POST", "/store?default", dump.read_bytes(), {"Content-Type": "application/n-triples"}
                )
                connection.getresponse().read()
                connection.close()
            with _over_http(port, "/query") as asked:
                yield asked
        finally:
            process.terminate()


def _until_it_listens(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")


def _kill(port: int, each_s: float, addresses: int, over: threading.Event) -> None:
    threads = []
    for number in itertools.count():
        # Another outline each time: the quarantine is not what is measured.
        query = f"{KILLER} VALUES ?number {{ <urn:{number}> }}"
        thread = threading.Thread(
            target=_status, args=(port, f"127.0.2.{number % addresses + 1}", query, 60.0), daemon=True
        )
        thread.start()
        threads.append(thread)
        if over.wait(each_s):
            break
    for thread in threads:
        thread.join()


def _status(port: int, source: str, query: str, timeout_s: float) -> int:
    """Return the status of one query over a connection of its own; 0 when there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s, source_address=(source, 0))
    try:
        connection.request("GET", "/sparql?" + urllib.parse.urlencode({"query": query}), headers={"Accept": JSON})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
