"""What tests of harvesters share: a server to harvest, and the harvesters, each in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coopkg.settings import Settings
from tests.clients.conftest import node  # noqa: F401  a fixture: Comunica's Node.js runs our scripts as well
from tests.web.conftest import Served, serving, small  # noqa: F401  fixtures of the same server

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
ENVIRONMENTS = FOLDER.parents[1] / ".venv-harvest"


@pytest.fixture(scope="session")
def portal(small: Settings) -> Iterator[Served]:  # noqa: F811  the fixture
    """Give a server over the small graph."""
    with serving(small) as running:
        yield running


def need(found: Path, harvester: str) -> str:
    """Return where a harvester is; without it skip, but fail under `make harvest-check`."""
    if found.exists():
        return str(found)
    reason = f"{harvester} is not on this machine; 'make harvest-check' installs it"
    if os.environ.get("COOPKG_TEST_HARVESTERS") == "all":
        pytest.fail(reason)
    pytest.skip(reason)


def told_in(environment: str, script: str, *arguments: str) -> Any:
    """Return what a script says as JSON, run in one of the environments that install.sh makes."""
    python = need(ENVIRONMENTS / environment / "bin" / "python", f"tests/harvest/requirements/{environment}.txt")
    return _told([python, str(FOLDER / script), *arguments])


def told_by_node(node: str, package: str, script: str, *arguments: str) -> Any:  # noqa: F811  the fixture's value
    """Return what a script in JavaScript says as JSON."""
    need(MODULES / package, package)
    return _told([node, str(FOLDER / script), *arguments])


def _told(command: list[str]) -> Any:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
