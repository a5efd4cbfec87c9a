"""Virtuoso 7 (Debian): bulk load by isql into one named graph, which each query is asked over.

Without a graph, a query would be asked over its own system graphs as well.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from tests.benchmarks.servers.graph import Made
from tests.benchmarks.servers.running import HOST, free_port, ran, running
from tests.benchmarks.servers.server import LIMIT_S, Endpoint

_GRAPH = "urn:coopkg:benchmark"
_SETTINGS = Path(__file__).with_name("virtuoso.ini")
_PROGRAMS = ("virtuoso-t", "isql-vt")


@dataclass(frozen=True, slots=True)
class Virtuoso:
    """Its column store, with buffers of 4 GB."""

    name: str = "Virtuoso"
    note: str = "one named graph, given with each query; 340,000 buffers of 8 kB (`virtuoso.ini`, beside its module)"
    largest: int | None = None
    keeps_answers: bool = False

    def missing(self) -> str | None:
        """Return what is not installed."""
        there = all(map(shutil.which, _PROGRAMS))
        return None if there else "Virtuoso 7 (apt-get install virtuoso-opensource-7)"

    def version(self) -> str:
        """Return what the program says."""
        said = subprocess.run(["virtuoso-t", "-?"], capture_output=True, text=True, check=False)
        found = re.search(r"Version (\S+)", said.stdout + said.stderr)
        return f"Virtuoso {found[1] if found else 7}"

    def load(self, made: Made, folder: Path) -> None:
        """Load by the bulk loader and write a checkpoint, so that the next start has nothing to replay."""
        with self._started(made, folder) as (_, _, sql_port):
            statements = (
                f"ld_dir('{made.dump.parent}', '{made.dump.name}', '{_GRAPH}')",
                "rdf_loader_run()",
                "checkpoint",
            )
            commands = "".join(f"{statement};" for statement in statements)
            ran(["isql-vt", f"{HOST}:{sql_port}", "dba", "dba", f"EXEC={commands}"], folder / "load.log")

    @contextmanager
    def serving(self, made: Made, folder: Path) -> Iterator[Endpoint]:
        """Give the endpoint."""
        with self._started(made, folder) as (process, port, _):
            yield Endpoint(process, port, "/sparql", urlencode({"default-graph-uri": _GRAPH}))

    @contextmanager
    def _started(self, made: Made, folder: Path) -> Iterator[tuple[int, int, int]]:
        port, sql_port = free_port(), free_port()
        settings = folder / "virtuoso.ini"
        said = Template(_SETTINGS.read_text(encoding="utf-8"))
        settings.write_text(
            said.substitute(folder=folder, port=port, sql_port=sql_port, dumps=made.dump.parent, limit_s=LIMIT_S),
            encoding="utf-8",
        )
        command = ["virtuoso-t", "+configfile", settings, "+foreground"]
        with running(command, port, folder / "serve.log") as process:
            yield process.pid, port, sql_port
