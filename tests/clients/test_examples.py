"""The examples of docs/interoperability.md in other languages than Python and sh, which tests/docs runs."""

from __future__ import annotations

import re
import shutil
import subprocess

from tests.clients.answers import REGION_ROWS
from tests.clients.conftest import FOLDER, MODULES, need
from tests.conftest import REPOSITORY, RunningServer


def printed(command: list[str], language: str, server: RunningServer) -> list[str]:
    """Return the lines that the example in a language prints."""
    text = (REPOSITORY / "docs" / "interoperability.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", text)
    told = [*command, code.replace("http://127.0.0.1:8080", server.url)]
    done = subprocess.run(told, capture_output=True, text=True, timeout=120, check=False, cwd=FOLDER)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_example_in_javascript_prints_its_rows(node: str, server: RunningServer) -> None:
    need(MODULES / "@comunica" / "query-sparql", "Comunica")
    assert len(printed([node, "--input-type=module", "-e"], "js", server)) == 3


def test_the_example_in_r_prints_its_table(server: RunningServer) -> None:
    first, *rows = printed([need(shutil.which("Rscript"), "R"), "-e"], "r", server)
    assert first.split() == ["code", "name"]
    assert rows[0].split()[1:] == ["01", "Guadeloupe"]
    assert len(rows) >= len(REGION_ROWS)
