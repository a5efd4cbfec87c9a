"""The judges of pages that npm brings: where they are, and html-validate as a process that answers page by page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
HTML_VALIDATE = FOLDER / "node_modules" / "html-validate"


def need(found: str | Path | None, what: str) -> str:
    """Return where something is; without it skip, but fail where CI must have it."""
    if found is not None and Path(found).exists():
        return str(found)
    reason = f"{what} is not on this machine; 'make test' installs it where npm and a network are"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class HtmlJudge:
    """A running html-validate."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def faults(self, html: str) -> list[str]:
        """Return what is wrong with the HTML of a page."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(html) + "\n")
        self._process.stdin.flush()
        told: list[str] = json.loads(self._process.stdout.readline())
        return told


@contextmanager
def html_judge() -> Iterator[HtmlJudge]:
    """Run html-validate for as many pages as are to be judged."""
    node = need(shutil.which("node"), "Node.js")
    need(HTML_VALIDATE, "html-validate")
    command = [node, str(FOLDER / "validate.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield HtmlJudge(process)
        assert process.stdin is not None
        process.stdin.close()
