"""What docs/validating.md shows is what the program says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from coopkg.reports import GRAPH_FORMS
from tests.builders import ID, a_small_content, a_source
from tests.conftest import PROGRAM, clean_environ
from tests.docs.test_docs import blocks, quoted, read

PROGRESS = re.compile(r"  \S")
DRAFT = a_source("b-page", more=f'    <{ID}project/b-page> coop:startDate "2021" .\n').replace(
    "role/lead>", "role/leader>"
)


def said(folder: Path, text: str) -> str:
    """What the program says of a draft, without its progress."""
    content = a_small_content(folder / "content")
    (folder / "b-page.trig").write_text(text, encoding="utf-8")
    command = [*PROGRAM, "--content", str(content), "validate", "b-page.trig"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=clean_environ(), timeout=120, check=False
    )
    return "".join(line for line in done.stderr.splitlines(keepends=True) if not PROGRESS.match(line))


def test_the_findings_that_are_shown_are_those_that_are_found(tmp_path: Path) -> None:
    shown = blocks("docs/validating.md", "text")[0]
    assert shown == said(tmp_path, DRAFT), "copy what is said"


def test_the_syntax_error_that_is_shown_is_that_of_the_program(tmp_path: Path) -> None:
    shown = blocks("docs/validating.md", "text")[1]
    assert shown == said(tmp_path, DRAFT.replace("a coop:Project ;", "a coop:Project ;;,", 1)), "copy what is said"


def test_each_form_of_a_graph_is_named() -> None:
    assert {*GRAPH_FORMS, "json", "github"} <= quoted(read("docs/validating.md"))
