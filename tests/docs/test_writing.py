"""The examples of docs/writing.md write what they say."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg.settings import Settings
from coopkg.web.problems import STATUSES
from coopkg.writing import Act
from tests.docs.test_docs import blocks, quoted, read
from tests.web.conftest import small  # noqa: F401  # a fixture
from tests.web.writers import WritingServer, writing_server

GRAPH = "https://w3id.org/coopkg/graph/a-page"
EXAMPLES = [block for block in blocks("docs/writing.md", "sh") if "curl" in block]
ACTS = [Act.UPDATE, Act.UPDATE, Act.REPLACE, Act.MERGE, Act.DROP, Act.REPLACE]


@pytest.fixture
def server(small: Settings, tmp_path: Path) -> Iterator[WritingServer]:  # noqa: F811  # a fixture
    """Give a server whose writer keeps what it is asked."""
    with writing_server(replace(small, port=0, threads=1), tmp_path / "tokens") as running:
        yield running


@pytest.mark.parametrize(("example", "act"), list(zip(EXAMPLES, ACTS, strict=True)))
def test_each_example_is_a_write(example: str, act: Act, server: WritingServer, tmp_path: Path) -> None:
    (tmp_path / "change.ru").write_text("DELETE WHERE { ?s ?p 1 }", encoding="utf-8")
    for name in ("a-page.trig", "more.ttl"):
        (tmp_path / name).write_text("<http://s/> <http://p/> 1 .", encoding="utf-8")
    told = example.replace("http://127.0.0.1:8080", server.server.url).replace("curl -s ", "curl -s --fail-with-body ")
    environ = {**os.environ, "TOKEN": server.bearer.removeprefix("Bearer ")}
    done = subprocess.run(
        ["sh", "-c", told], capture_output=True, text=True, timeout=60, check=False, env=environ, cwd=tmp_path
    )
    assert (done.returncode, '"revision": 8' in done.stdout) == (0, True), done.stdout + done.stderr
    (asked,) = server.writer.asked
    assert asked.act is act
    assert asked.graph == ("" if act is Act.UPDATE else GRAPH)
    assert (asked.message, asked.dry_run, asked.expected, bool(asked.key)) == (
        "Un nom plus court" if "message=" in example else "La page relue" if "Coopkg-Message" in example else "",
        "dry-run" in example,
        12 if "If-Match" in example else None,
        "Idempotency-Key" in example,
    )


def test_the_page_names_each_member_and_status_of_an_answer() -> None:
    page = read("docs/writing.md")
    assert {"revision", "removed", "added", "created", "repeated", "findings"} <= quoted(page)
    statuses = {int(status) for row in re.findall(r"(?m)^\| ([0-9, ]+) \|", page) for status in row.split(",")}
    assert {200, 201, 204} <= statuses <= {200, 201, 204, *(status for _, status in STATUSES)}
