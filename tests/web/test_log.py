"""The request log: what it says of a request, and what it never says."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from coopkg.settings import Settings
from coopkg.web import log
from tests.web.conftest import serving
from tests.web.test_limits import LONG, _get

SECRET = "a-word-that-only-the-client-knows"  # noqa: S105  # no password
PRIVATE = f'SELECT ("{SECRET}" AS ?x) {{}}'


class Lines(logging.Handler):
    """A handler that keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.texts.append(record.getMessage())

    @property
    def last(self) -> dict[str, Any]:
        """Return the last line, read back."""
        read: dict[str, Any] = json.loads(self.texts[-1])
        return read


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Give what the request log says during a test."""
    handler, logger = Lines(), logging.getLogger("coopkg.access")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_each_request_is_one_line_with_the_id_that_its_answer_carries(client: FlaskClient, lines: Lines) -> None:
    with client.get("/sparql?query=ASK{}", environ_overrides={"REMOTE_ADDR": "203.0.113.77"}) as answer:
        pass
    said = lines.last
    assert len(lines.texts) == 1
    assert list(said) == ["time", "id", "method", "path", "status", "revision", "client", "ms", "error"]
    assert said["id"] == answer.headers["Coopkg-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{16}", said["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", said["time"])
    assert (said["method"], said["path"], said["status"], said["error"]) == ("GET", "/sparql", 200, "")
    assert said["revision"] == answer.headers["Coopkg-Revision"]
    assert said["client"] == "203.0.113.0/24"
    assert said["ms"] >= 0


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/sparql?query=nonsense", 400, "query"),
        ("GET", "/query?query=nonsense", 400, "query"),
        ("GET", "/nowhere", 404, "not-found"),
        ("PUT", "/sparql", 405, "method-not-allowed"),
        ("GET", "/graph-store?graph=urn:x", 404, "unknown-graph"),
        ("GET", "/sparql?query=ASK{}&revision=0", 410, "revision-gone"),
        ("OPTIONS", "/sparql", 200, ""),
        ("HEAD", "/sparql?query=ASK{}", 200, ""),
        ("GET", "/health", 200, ""),
    ],
)
def test_a_refusal_is_logged_with_its_code(
    client: FlaskClient, lines: Lines, method: str, path: str, status: int, error: str
) -> None:
    client.open(path, method=method).close()
    assert (lines.last["status"], lines.last["error"]) == (status, error)


@pytest.mark.parametrize("query", [PRIVATE, f"{PRIVATE} nonsense", f"SELECT * {{ ?x <urn:{SECRET}> 1"])
def test_nothing_that_a_client_wrote_is_logged(
    client: FlaskClient, lines: Lines, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    caplog.set_level(logging.INFO)
    url = urlencode({"query": query, SECRET: SECRET})
    headers = {"User-Agent": SECRET, "Referer": f"http://x/{SECRET}", "Accept-Language": SECRET}
    client.get(f"/sparql?{url}", headers=headers).close()
    client.post("/sparql", data={"query": query}, headers=headers).close()
    client.post("/sparql", data=query, content_type="application/sparql-query").close()
    client.get(f"/?{url}", headers=headers).close()
    assert len(lines.texts) == 4
    assert SECRET not in "".join(lines.texts)
    assert SECRET not in caplog.text


def test_ids_differ(client: FlaskClient) -> None:
    assert len({client.get("/health").headers["Coopkg-Request-Id"] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::1", "::/48"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_of_an_address_only_the_network_is_logged(name: str, network: str) -> None:
    assert log.network_of(name) == network


@pytest.mark.parametrize("access_log", ["on", "off"])
def test_a_server_logs_to_standard_error_and_says_when_an_answer_was_cut(
    small: Settings, tmp_path: Path, access_log: str
) -> None:
    path = tmp_path / "stderr"
    settings = replace(small, answer_max_mb=1, access_log=access_log)
    with path.open("w") as said, serving(settings, said) as running:
        for query in ("ASK {}", f"{LONG} # {SECRET}"):
            connection, answer = _get(running, query)
            answer.read1()
            connection.close()
    text = path.read_text(encoding="utf-8")
    logged = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert SECRET not in text
    if access_log == "off":
        assert logged == []
    else:
        assert [(one["status"], one["error"]) for one in logged][:1] == [(200, "")]
        assert [one["error"] for one in logged[1:]] in (["too-large"], [""])  # "": it left before the cut
