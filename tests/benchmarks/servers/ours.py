"""`coopkg serve` on a state folder of the same triples: in memory, as it serves by default, and on disk."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.servers.graph import Made
from tests.benchmarks.servers.running import ENVIRON, START_S, ServerFailed, children, free_port, running
from tests.benchmarks.servers.server import Endpoint

#: One address asks everything here: its budget is no limit. All else of the protection is as it is by default. The
#: warm-up would ask beside the first kinds.
_BUDGET = {"COOPKG_CLIENT_SECONDS": "1000000", "COOPKG_ACCESS_LOG": "off", "COOPKG_WARM_UP": "off"}
_ON_DISK, _IN_MEMORY = {"COOPKG_MEMORY_STATEMENTS": "0"}, {"COOPKG_MEMORY_STATEMENTS": "1000000000"}


@dataclass(frozen=True, slots=True)
class Ours:
    """One of its two ways to hold a graph."""

    on_disk: bool
    note: str = (
        "locked workers, limits of time and memory and the guard are on; the budget of a client is lifted, since "
        "one asks all; no access log, as the others write none"
    )
    largest: int | None = None
    keeps_answers: bool = True

    @property
    def name(self) -> str:
        """What its column is called."""
        return f"coopkg, {'disk' if self.on_disk else 'memory'}"

    def missing(self) -> str | None:
        """Return nothing: it is what is measured."""
        return None

    def version(self) -> str:
        """Return the versions of it and of its engine."""
        return f"coopkg {version('coopkg')} on pyoxigraph {version('pyoxigraph')}"

    def load(self, made: Made, folder: Path) -> None:
        """Do nothing: the state folder is made with the triples."""

    @contextmanager
    def serving(self, made: Made, folder: Path) -> Iterator[Endpoint]:
        """Give the endpoint, once the graph is in memory when it is to be."""
        port = free_port()
        command = [sys.executable, "-m", "coopkg", "--state", made.state, "serve", "--no-build", "--port", str(port)]
        environ = ENVIRON | _BUDGET | (_ON_DISK if self.on_disk else _IN_MEMORY)
        with running(command, port, folder / "serve.log", environ) as process:
            if not self.on_disk:
                _until_in_memory(process.pid, folder / "serve.log")
            yield Endpoint(process.pid, port, "/sparql")


def _until_in_memory(server: int, log: Path) -> None:
    """Wait until the keeper that reads from disk has given way to the one that holds the graph."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        keepers = [said for said in map(_command, children(server)) if "coopkg.keeper" in said]
        if len(keepers) == 1 and '"in_memory": true' in keepers[0]:
            return
        time.sleep(0.1)
    raise ServerFailed(f"the graph is not in memory after {START_S} s; see {log}")


def _command(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8")
    return ""
