"""A server process over the small graph, as anybody would start it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from coopkg import upkeep
from coopkg.settings import Settings
from tests.builders import a_small_content
from tests.conftest import PROGRAM, clean_environ


@dataclass(frozen=True)
class Target:
    """A server process, and where it listens."""

    port: int
    process_id: int


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder into which the small content was built."""
    folder = tmp_path_factory.mktemp("hostile")
    settings = Settings(content=a_small_content(folder / "content"), state=folder / "state")
    upkeep.build(settings, {})
    return folder / "state"


@contextmanager
def serving(state: Path, **settings: str) -> Iterator[Target]:
    """Run `coopkg serve` over a state folder; end it by its own id."""
    process = subprocess.Popen(
        [*PROGRAM, "--state", str(state), "serve", "--no-build", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # The workers are tried here, not what is known.
        env=clean_environ(**{"COOPKG_KNOWN_ANSWERS_MB": "0", "COOPKG_WARM_UP": "off", **settings}),
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("coopkg is ready: "), line
        yield Target(int(line.split()[3].rstrip("/").rpartition(":")[2]), process.pid)
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()
