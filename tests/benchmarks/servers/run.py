"""`python -m tests.benchmarks servers`: every server at every size, one after the other, then the tables.

A result is written when a server is through, and what is there is not measured again: a run can be stopped at any time.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.machine import machine
from tests.benchmarks.servers import rates, results, table
from tests.benchmarks.servers.graph import ROOT, made
from tests.benchmarks.servers.jena import Jena
from tests.benchmarks.servers.measuring import Plan, measure
from tests.benchmarks.servers.ours import Ours
from tests.benchmarks.servers.oxigraph import Oxigraph
from tests.benchmarks.servers.rdflib_endpoint import RdflibEndpoint
from tests.benchmarks.servers.server import Server
from tests.benchmarks.servers.virtuoso import Virtuoso

SIZES = (100_000, 1_000_000, 10_000_000)
#: In the order in which they are measured and shown.
SERVERS: tuple[Server, ...] = (
    Ours(on_disk=False),
    Ours(on_disk=True),
    Oxigraph(on_disk=False),
    Oxigraph(on_disk=True),
    Virtuoso(),
    Jena(),
    RdflibEndpoint(),
)
_began = time.monotonic()


def main(arguments: Sequence[str]) -> None:
    """Measure what is not measured yet, and print the tables."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as for Ctrl-C, the server under way is ended
    parser = _options()
    options = parser.parse_args(arguments)
    plan = Plan(options.instances, options.seconds)
    wanted = [server for server in SERVERS if not options.only or any(only in server.name for only in options.only)]
    if not wanted:
        parser.error(f"--only: no server is called so; they are {', '.join(server.name for server in SERVERS)}")
    left_out = [missing for server in wanted if (missing := server.missing())]
    left_out += [missing] if (missing := rates.missing()) else []
    for missing in left_out:
        _say(f"left out: {missing}")
    for size in options.sizes:
        _measured_at(size, [server for server in wanted if not server.missing()], plan, options.folder)
    kept = [results.kept(path) for path in sorted((options.folder / "results").glob("*.json"))]
    order = [server.name for server in SERVERS]
    there = [result for result in kept if result and result.size in options.sizes]
    print("\n".join(f"* {what}: {value}" for what, value in machine()), end="\n\n")
    print(table.text(sorted(there, key=lambda result: order.index(result.server)), left_out))


def _measured_at(size: int, servers: Sequence[Server], plan: Plan, folder: Path) -> None:
    for server in servers:
        path = results.place(folder / "results", server.name, size)
        if path.exists() or (server.largest and size > server.largest):
            continue
        graph = made(size, folder / "graphs" / str(size), _say)
        for left in graph.folder.glob("bench-*"):  # of a run that was killed
            shutil.rmtree(left)
        _say(f"{server.name} at {graph.triples:,} triples")
        said = dict(machine())
        result = measure(server, graph, plan, f"{said['date']}, commit {said['commit']}, {said['machine']}", _say)
        results.keep(path, result)


def _say(what: str) -> None:
    minutes, seconds = divmod(int(time.monotonic() - _began), 60)
    print(f"{minutes:3}:{seconds:02} {what}", file=sys.stderr, flush=True)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks servers", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=SIZES, metavar="N,N", help="triples; default: %(default)s")
    parser.add_argument("--only", action="append", metavar="WORD", help="servers whose name has this word; may repeat")
    parser.add_argument(
        "--instances", type=_at_least(1), default=20, metavar="N", help="of each kind; default: %(default)s"
    )
    parser.add_argument("--seconds", type=_at_least(0), default=3, metavar="S", help="of each rate by wrk, 0 for none")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="of graphs and results")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(map(_at_least(1), text.split(",")))


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        digits = text.replace("_", "")
        if not digits.isdecimal() or int(digits) < least:
            raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, {least} or more")
        return int(digits)

    return number
