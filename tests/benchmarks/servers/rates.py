"""Answers a second to several clients at once, by wrk (Debian): a lookup, an aggregation, and 10,000 rows."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.kinds import Kind
from tests.benchmarks.pools import Pools
from tests.benchmarks.servers.asking import form
from tests.benchmarks.servers.running import HOST, ServerFailed, until_quiet
from tests.benchmarks.servers.server import LIMIT_S, Endpoint

CLIENTS = (1, 4, 16)
#: The name of a variable, so that it changes the text of a query and not its work.
_LOADS = (
    Kind("tiny", "SELECT ?nameNUMBER WHERE { $project skos:prefLabel ?nameNUMBER }"),
    Kind(
        "aggregation",
        """SELECT ?region (COUNT(?project) AS ?projectsNUMBER) WHERE {
  ?project a coop:Project ;
    coop:locatedIn ?region .
  ?region coop:territoryLevel <https://w3id.org/coopkg/scheme/territory-level/region> .
} GROUP BY ?region""",
    ),
    Kind("10,000 rows", "SELECT ?thing ?nameNUMBER WHERE { ?thing skos:prefLabel ?nameNUMBER } LIMIT 10000"),
)
LOADS = tuple(load.name for load in _LOADS)
_LOOKUPS = 200
#: A server may still work for the clients of the last rate, who are gone.
_SETTLING_S = 12
_SCRIPT = Path(__file__).with_name("rates.lua")


@dataclass(frozen=True, slots=True)
class Rate:
    """What wrk counted.

    Args:
        load: what was asked.
        is_varied: whether each text was another one, so that no cache could know the answer.
    """

    load: str
    is_varied: bool
    clients: int
    a_second: float
    faults: int
    p50_ms: float
    p99_ms: float


def missing() -> str | None:
    """Return what is not installed."""
    return None if shutil.which("wrk") else "wrk (apt-get install wrk)"


def rates(endpoint: Endpoint, pools: Pools, seconds: int, *, is_varied: bool) -> Iterator[Rate]:
    """Yield the rate of each load that the graph has something for, at each number of clients."""
    for load in (load for load in _LOADS if pools.fill(load.blanks)):
        bodies = [form(query, endpoint) for query in load.drawn(pools, _LOOKUPS if load.blanks else 1)]
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join(bodies) + "\n")
            file.flush()
            for clients in CLIENTS:
                until_quiet(endpoint.process, _SETTLING_S)
                yield _rate(load.name, endpoint, Path(file.name), clients, seconds, is_varied=is_varied)


def _rate(load: str, endpoint: Endpoint, bodies: Path, clients: int, seconds: int, *, is_varied: bool) -> Rate:
    url = f"http://{HOST}:{endpoint.port}{endpoint.path}"
    command = ["wrk", "-t", "1", "-c", str(clients), "-d", f"{seconds}s", "--timeout", f"{LIMIT_S}s"]
    command += ["-s", str(_SCRIPT), url, "--", str(bodies), "varied" if is_varied else "same"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise ServerFailed(f"wrk ended with {run.returncode} at {load}, {clients} clients: {run.stderr.strip()}")
    return read(load, clients, run.stdout, is_varied=is_varied)


def read(load: str, clients: int, said: str, *, is_varied: bool) -> Rate:
    """Return what the script's line says; answers that were faults are not counted as answers."""
    line = next(line for line in said.splitlines() if line.startswith("MEASURED"))
    requests, duration_us, faults, p50_us, p99_us = map(int, line.split()[1:])
    answered = max(0, requests - faults)
    return Rate(load, is_varied, clients, answered * 1e6 / duration_us, faults, p50_us / 1000, p99_us / 1000)
