"""Where something was measured: the machine, its load, versions and the commit."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("coopkg", "pyoxigraph", "rdflib", "pyshacl", "owlrl")


def machine() -> Iterator[tuple[str, str]]:
    """Yield what to print before any figure."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield "date", time.strftime("%Y-%m-%d")
    yield "machine", f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the start"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield "versions", f"Python {platform.python_version()}, {packages}"
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    yield "commit", subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "none"
