"""`oxigraph serve`, the engine's own server (PyPI): on disk and in memory."""

from __future__ import annotations

import http.client
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.servers.graph import Made
from tests.benchmarks.servers.running import HOST, free_port, ran, running
from tests.benchmarks.servers.server import Endpoint

_LOADING_S = 600


@dataclass(frozen=True, slots=True)
class Oxigraph:
    """One of its two ways to hold a graph."""

    on_disk: bool
    note: str = "without --timeout-s, so it is started anew after a query that takes too long"
    largest: int | None = None
    keeps_answers: bool = False

    @property
    def name(self) -> str:
        """What its column is called."""
        return f"oxigraph, {'disk' if self.on_disk else 'memory'}"

    def missing(self) -> str | None:
        """Return what is not installed."""
        return None if _program() else "the program oxigraph (pip install oxigraph==0.5.13)"

    def version(self) -> str:
        """Return the version of the package."""
        return f"oxigraph {version('oxigraph')}"

    def load(self, made: Made, folder: Path) -> None:
        """Load the disk; memory is loaded over HTTP once the server runs."""
        if self.on_disk:
            store = folder / "store"
            ran([_program(), "load", "--location", store, "--file", made.dump], folder / "load.log")
            ran([_program(), "optimize", "--location", store], folder / "load.log")

    @contextmanager
    def serving(self, made: Made, folder: Path) -> Iterator[Endpoint]:
        """Give the endpoint, the triples in the default graph.

        With --timeout-s, 0.5.13 keeps a thread for each query until the time is over, and 15,000 lookups in a second
        are more threads than the system allows: it ends.
        """
        port = free_port()
        where = ["--location", folder / "store"] if self.on_disk else []
        command = [_program(), "serve", *where, "--bind", f"{HOST}:{port}"]
        with running(command, port, folder / "serve.log") as process:
            if not self.on_disk:
                _post(made.dump, port)
            yield Endpoint(process.pid, port, "/query")


def _program() -> str:
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return shutil.which("oxigraph", path=places) or ""


def _post(dump: Path, port: int) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=_LOADING_S)
    try:
        with dump.open("rb") as body:
            connection.request(
                "POST",
                "/store?default&no_transaction",
                body,
                {"Content-Type": "application/n-triples", "Content-Length": str(dump.stat().st_size)},
            )
            answer = connection.getresponse()
            said = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"oxigraph does not take the triples: {answer.status} {said[:200]!r}")
    finally:
        connection.close()
