"""What tests of harvesters share: a portal to harvest, and the harvesters, each in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from coopkg import upkeep
from coopkg.settings import Settings
from tests.builders import REPOSITORY, a_small_content, a_source
from tests.clients.conftest import node  # noqa: F401  a fixture: the Node.js of Comunica runs our scripts as well
from tests.web.conftest import Served, serving

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
#: Who publishes the portal, and how they are reached.
OPERATOR = Settings(
    publisher_name="Association de démonstration",
    publisher_kind="association",
    contact_url="mailto:contact@example.org",
)
ENVIRONMENTS = FOLDER.parents[1] / ".venv-harvest"


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a server over a small graph with a past and a dump: a project came and went, another was renamed."""
    folder = tmp_path_factory.mktemp("portal")
    settings = replace(OPERATOR, content=_content(folder / "content"), state=folder / "state")
    sources = folder / "content" / "data" / "sources"
    upkeep.build(settings, {})
    (sources / "b-page.trig").write_text(a_source("b-page", name="Un projet de passage"), encoding="utf-8")
    upkeep.build(settings, {})
    (sources / "b-page.trig").unlink()
    (sources / "a-page.trig").write_text(a_source("a-page", name="Un projet renommé"), encoding="utf-8")
    upkeep.build(settings, {})
    upkeep.dump(settings, {})
    upkeep.describe(settings, {})
    with serving(settings) as running:
        yield running


def _content(folder: Path) -> Path:
    """Make a small content whose parts have licences, as the real one's have."""
    made = a_small_content(folder)
    shutil.copy(REPOSITORY / "data" / "licences.ttl", folder / "data" / "licences.ttl")
    return made


def need(found: Path, harvester: str) -> str:
    """Return where a harvester is; without it skip, but fail under `make harvest-check`."""
    if not found.exists():
        absent(f"{harvester} is not on this machine; 'make harvest-check' installs it")
    return str(found)


def absent(reason: str) -> NoReturn:
    """Skip what cannot be judged here, but fail under `make harvest-check`."""
    if os.environ.get("COOPKG_TEST_HARVESTERS") == "all":
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)


def told_in(environment: str, script: str, *arguments: str) -> Any:
    """Return what a script says as JSON, run in one of the environments that install.sh makes."""
    python = need(ENVIRONMENTS / environment / "bin" / "python", f"tests/harvest/requirements/{environment}.txt")
    return _told([python, str(FOLDER / script), *arguments])


def told_by_node(node: str, package: str, script: str, *arguments: str, said: str = "") -> Any:  # noqa: F811  its value
    """Return what a script in JavaScript says as JSON.

    Args:
        said: what it reads from standard input.
    """
    need(MODULES / package, package)
    return _told([node, str(FOLDER / script), *arguments], said)


def _told(command: list[str], said: str = "") -> Any:
    done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
