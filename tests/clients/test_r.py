"""R: a data frame from a query's address with base R alone, and the other forms with httr2."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.answers import (
    ASK_FALSE,
    ASK_TRUE,
    CREATHON_NAMES,
    NAMES,
    REGION_ROWS,
    REGIONS,
    WRONG,
    WRONG_SENTENCE,
)
from tests.clients.conftest import FOLDER, need
from tests.conftest import RunningServer

CODES, LABELS = ([row[column] for row in REGION_ROWS] for column in (0, 1))


@pytest.fixture
def r(server: RunningServer, tmp_path: Path) -> Callable[[str, str], Any]:
    """Ask a query in one of the ways of clients.R."""
    program = need(shutil.which("Rscript"), "R")
    with_utf8 = {**os.environ, "LC_ALL": "C.UTF-8"}
    looked = "q(status = !all(sapply(c('httr2', 'jsonlite'), requireNamespace, quietly = TRUE)))"
    if subprocess.run([program, "-e", looked], capture_output=True, timeout=60, check=False).returncode != 0:
        need(None, "R's httr2 or jsonlite")

    def asked(way: str, query: str) -> Any:
        (tmp_path / "query.rq").write_text(query, encoding="utf-8")
        command = [program, str(FOLDER / "clients.R"), f"{server.url}/sparql", str(tmp_path / "query.rq"), way]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=with_utf8)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return asked


def test_a_data_frame_has_the_columns_and_their_accents(r: Callable[[str, str], Any]) -> None:
    assert r("table", REGIONS) == {"code": CODES, "name": LABELS}


def test_rows_in_json(r: Callable[[str, str], Any]) -> None:
    found = r("rows", REGIONS)
    assert {name: column["value"] for name, column in found.items()} == {"code": CODES, "name": LABELS}
    assert set(found["name"]["xml:lang"]) == {"fr"}


def test_ask_and_construct(r: Callable[[str, str], Any]) -> None:
    assert [r("truth", query) for query in (ASK_TRUE, ASK_FALSE)] == [True, False]
    lines = r("triples", NAMES)
    assert {line.split("> ", 2)[2] for line in lines} == {f'"{text}"@{lang} .' for text, lang in CREATHON_NAMES}


def test_a_wrong_query_is_told_in_our_words(r: Callable[[str, str], Any]) -> None:
    assert "400 Bad Request" in r("table", WRONG)["refused"]
    told = r("refusal", WRONG)
    assert (told["got"], told["line"], told["column"]) == (400, 1, 22)
    assert told["detail"].startswith(WRONG_SENTENCE)
