"""curl: every way of the protocol by hand, with the status, the type and the body that it shows."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

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
from tests.conftest import RunningServer

CSV, JSON, NT = (f"Accept: {kind}" for kind in ("text/csv", "application/sparql-results+json", "application/n-triples"))
DIRECT = "Content-Type: application/sparql-query"


@dataclass(frozen=True)
class Told:
    """What curl shows of an answer; `sent` is how many bytes came over the wire."""

    status: int
    kind: str
    sent: int
    body: bytes
    headers: str


def curl(server: RunningServer, folder: Path, *arguments: str, path: str = "/sparql") -> Told:
    shown, headers = folder / "body", folder / "headers"
    shown.unlink(missing_ok=True)
    command = ["curl", "-sS", "-o", str(shown), "-D", str(headers), "-w", "%{json}", *arguments, f"{server.url}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    body = shown.read_bytes() if shown.exists() else b""
    return Told(said["http_code"], said["content_type"] or "", said["size_download"], body, headers.read_text())


def rows(text: bytes) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(text.decode("utf-8")))]


@pytest.mark.parametrize(
    "way",
    [
        ["--get", "--data-urlencode", f"query={REGIONS}"],
        ["--data-urlencode", f"query={REGIONS}"],
        ["-H", DIRECT, "--data-binary", REGIONS],
        ["-X", "QUERY", "-H", DIRECT, "--data-binary", REGIONS],
    ],
    ids=["GET", "form", "direct", "QUERY"],
)
def test_each_way_of_asking_gives_the_same_rows(way: list[str], server: RunningServer, tmp_path: Path) -> None:
    told = curl(server, tmp_path, "-H", CSV, *way)
    assert (told.status, told.kind) == (200, "text/csv; charset=utf-8")
    assert rows(told.body) == [("code", "name"), *REGION_ROWS]


def test_a_query_in_a_file_is_asked(server: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "regions.rq").write_text(REGIONS, encoding="utf-8")
    told = curl(server, tmp_path, "-H", CSV, "--data-urlencode", f"query@{tmp_path / 'regions.rq'}")
    assert rows(told.body)[1:] == REGION_ROWS


@pytest.mark.parametrize("form", [True, False], ids=["POST", "GET"])
def test_ask_and_construct_are_answered(form: bool, server: RunningServer, tmp_path: Path) -> None:
    way = [] if form else ["--get"]
    for query, expected in ((ASK_TRUE, True), (ASK_FALSE, False)):
        told = curl(server, tmp_path, "-H", JSON, *way, "--data-urlencode", f"query={query}")
        assert json.loads(told.body)["boolean"] is expected
    told = curl(server, tmp_path, "-H", NT, *way, "--data-urlencode", f"query={NAMES}")
    lines = told.body.decode("utf-8").splitlines()
    assert {line.split("> ", 2)[2] for line in lines} == {f'"{text}"@{lang} .' for text, lang in CREATHON_NAMES}


def test_head_tells_the_length_and_sends_nothing(server: RunningServer, tmp_path: Path) -> None:
    ask = ["--get", "-H", CSV, "--data-urlencode", f"query={REGIONS}"]
    got, head = curl(server, tmp_path, *ask), curl(server, tmp_path, "--head", *ask)
    assert got.sent > 300
    assert (head.status, head.sent, head.kind) == (200, 0, got.kind)
    assert f"Content-Length: {len(got.body)}\n" in head.headers.replace("\r", "")


def test_options_tells_the_methods(server: RunningServer, tmp_path: Path) -> None:
    told = curl(server, tmp_path, "-X", "OPTIONS", "-H", "Origin: http://example.org")
    assert (told.status, told.sent) == (200, 0)
    (allowed,) = (line for line in told.headers.splitlines() if line.startswith("Access-Control-Allow-Methods:"))
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= {word.strip(",") for word in allowed.split()}


def test_a_compressed_answer_is_smaller_on_the_wire_and_the_same_when_read(
    server: RunningServer, tmp_path: Path
) -> None:
    ask = ["-H", JSON, "--data-urlencode", f"query={REGIONS}"]
    plain, compressed = curl(server, tmp_path, *ask), curl(server, tmp_path, "--compressed", *ask)
    assert "Content-Encoding: " in compressed.headers
    assert "Content-Encoding: " not in plain.headers
    assert compressed.sent < plain.sent / 2
    assert compressed.body == plain.body


@pytest.mark.parametrize(
    ("status", "arguments", "path", "sentence"),
    [
        (400, ["--data-urlencode", f"query={WRONG}"], "/sparql", WRONG_SENTENCE),
        (400, ["--data", "limit=3"], "/sparql", "query"),
        (404, [], "/nowhere", "nothing at this address"),
        (405, ["-X", "PUT", "--data", "x"], "/sparql", "PUT is not possible here"),
        (406, ["-H", "Accept: image/png", "--data-urlencode", f"query={ASK_TRUE}"], "/sparql", "on offer: "),
        (410, ["--data", "revision=1", "--data-urlencode", f"query={ASK_TRUE}"], "/sparql", "revision"),
        (415, ["-H", "Content-Type: text/plain", "--data", ASK_TRUE], "/sparql", "text/plain"),
        (504, ["--data", "timeout=0.5&query=SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"], "/sparql", "0.5"),
    ],
)
def test_a_refusal_has_its_status_and_one_plain_sentence(
    status: int, arguments: list[str], path: str, sentence: str, server: RunningServer, tmp_path: Path
) -> None:
    told = curl(server, tmp_path, *arguments, path=path)
    assert (told.status, told.kind) == (status, "text/plain; charset=utf-8")
    text = told.body.decode("utf-8")
    assert sentence in text
    assert len(text.splitlines()) == 1


def test_a_body_that_is_too_long_is_refused(server: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "long.rq").write_text("#" * 100_000 + f"\n{ASK_TRUE}", encoding="utf-8")
    told = curl(server, tmp_path, "--data-urlencode", f"query@{tmp_path / 'long.rq'}")
    assert told.status == 413
    assert b"send a shorter one" in told.body
