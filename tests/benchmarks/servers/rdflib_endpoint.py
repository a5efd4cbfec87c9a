"""rdflib-endpoint (PyPI), in an environment of its own: the most used endpoint over RDFLib, in memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.servers.graph import Made
from tests.benchmarks.servers.running import HOST, free_port, running
from tests.benchmarks.servers.server import Endpoint

_BIN = Path(__file__).parents[3] / ".venv-rdflib-endpoint" / "bin"
_VERSION = "from importlib.metadata import version as v; print(*(f'{p} {v(p)}' for p in ('rdflib-endpoint', 'rdflib')))"


@dataclass(frozen=True, slots=True)
class RdflibEndpoint:
    """It has no time limit of its own, so it is started anew after a query that took too long."""

    name: str = "rdflib-endpoint"
    note: str = (
        "at 100,000 triples alone; it has no limit of time, so it is started anew after a query that takes too long"
    )
    largest: int | None = 100_000
    keeps_answers: bool = False

    def missing(self) -> str | None:
        """Return what is not installed."""
        there = (_BIN / "rdflib-endpoint").exists()
        return None if there else "rdflib-endpoint in .venv-rdflib-endpoint/ (make bench installs it)"

    def version(self) -> str:
        """Return the versions of it and of its engine."""
        command = [str(_BIN / "python"), "-c", _VERSION]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def load(self, made: Made, folder: Path) -> None:
        """Do nothing: it reads the file when it starts."""

    @contextmanager
    def serving(self, made: Made, folder: Path) -> Iterator[Endpoint]:
        """Give the endpoint, which answers at its root."""
        port = free_port()
        command = [_BIN / "rdflib-endpoint", "serve", "--host", HOST, "--port", str(port), made.dump]
        with running(command, port, folder / "serve.log") as process:
            yield Endpoint(process.pid, port, "/")
