"""docs/harvesting.md: each row of its table has a test that is marked with its number."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    int(number)
    for number in re.findall(r"^\| ([0-9]+) \|", (ROOT / "docs" / "harvesting.md").read_text(encoding="utf-8"), re.M)
]


def rows_of(source: str) -> Iterator[int]:
    """Yield the rows that tests of a file are marked with: `@pytest.mark.harvest(row)`, on a function of this name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.harvest":
                    yield from (int(ast.unparse(one)) for one in mark.args)


@pytest.fixture(scope="module")
def marked() -> set[int]:
    """Return the rows that have a test."""
    files = (path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts)
    return {row for path in files for row in rows_of(path.read_text(encoding="utf-8"))}


def test_rows_are_numbered_one_by_one() -> None:
    assert len(ROWS) >= 23
    assert list(range(1, len(ROWS) + 1)) == ROWS


def test_every_row_has_a_test(marked: set[int]) -> None:
    assert [row for row in ROWS if row not in marked] == []


def test_every_mark_names_a_row(marked: set[int]) -> None:
    assert sorted(marked - set(ROWS)) == []


def test_a_mark_on_anything_else_does_not_count() -> None:
    source = "@pytest.mark.harvest(1)\ndef test_a(): ...\n@pytest.mark.harvest(2)\ndef fake(): ...\n# harvest(3)\n"
    assert list(rows_of(source)) == [1]


def test_the_versions_of_harvesters_are_those_that_are_installed() -> None:
    told = (ROOT / "docs" / "interoperability.md").read_text(encoding="utf-8")
    folder = ROOT / "tests" / "harvest"
    wanted = "".join(path.read_text(encoding="utf-8") for path in (folder / "requirements").glob("*.in"))
    pinned = re.findall(r"(?m)^([\w-]+)==([\w.]+)", wanted)
    pinned += json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"].items()
    named = [(name, version) for name, version in pinned if name not in ("ckan", "mongomock")]
    assert [one for one in named if not re.search(rf"(?m)^\| {one[0]}\b[^|]*\| {re.escape(one[1])}\b", told)] == []
