"""What tests share: the repository's content, one build of it, one real server process and one real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import rdflib.term
from playwright.sync_api import Browser, sync_playwright

RDFLIB_DATATYPES = dict(rdflib.term._toPythonMapping)
REPOSITORY = Path(__file__).parent.parent
PROGRAM = [sys.executable, "-m", "coopkg"]

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def clean_environ(**more: str) -> dict[str, str]:
    """Return the environment without any setting of coopkg, and with some more."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COOPKG_")}
    return {**kept, **more}


def coopkg(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user would, and return what it said."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=clean_environ(**more),
        timeout=300,
        check=False,
    )


@pytest.fixture(autouse=True)
def rdflib_keeps_its_datatypes() -> None:
    """Undo what owlrl leaves behind in rdflib, so that no test depends on the one before it."""
    # Taken from rdflib as it was imported: fixtures of a module or a session run owlrl before this one begins.
    rdflib.term._toPythonMapping.clear()
    rdflib.term._toPythonMapping.update(RDFLIB_DATATYPES)


@dataclass(frozen=True)
class RunningServer:
    """A server process that answers at `url`."""

    url: str
    state: Path
    process: subprocess.Popen[str]


@pytest.fixture(scope="session")
def built_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder into which the repository's content was built once."""
    state = tmp_path_factory.mktemp("built") / "state"
    done = coopkg("--state", state, "build")
    assert done.returncode == 0, done.stderr
    return state


@pytest.fixture(scope="session")
def server(built_state: Path) -> Iterator[RunningServer]:
    """Run `coopkg serve` on a free port over the built state; end it by its own id."""
    process = subprocess.Popen(
        [*PROGRAM, "--state", str(built_state), "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environ(COOPKG_DUMP_EVERY_H="0"),
    )
    assert process.stdout is not None
    began = time.monotonic()
    for line in process.stdout:
        if line.startswith("coopkg is ready: "):
            url = line.split()[3].rstrip("/")
            break
    else:
        pytest.fail(f"the server ended after {time.monotonic() - began:.0f} s without being ready")
    yield RunningServer(url, built_state, process)
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the system's Chromium; without one, skip, but fail where CI must have it."""
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    if found is None:
        reason = (
            f"no {' or '.join(CHROMIUMS)} on PATH; 'make test' installs one where apt may (apt-get install chromium)"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield running
        running.close()
