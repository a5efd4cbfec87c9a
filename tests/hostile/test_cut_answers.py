"""An answer that fails after its first byte never looks whole, whatever client reads it."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.hostile.conftest import Target, serving

FLOOD = "/sparql?" + urlencode({"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"})


@pytest.fixture(scope="module", params=["deadline", "cap"])
def cutting(state: Path, request: pytest.FixtureRequest) -> Iterator[Target]:
    """Give a server that stops a long answer at its deadline, or at its length."""
    limits = {"deadline": {"COOPKG_DEADLINE_S": "0.4"}, "cap": {"COOPKG_ANSWER_MAX_MB": "2"}}[request.param]
    with serving(state, COOPKG_CLIENT_SECONDS="1000", **limits) as target:
        yield target


@pytest.fixture(autouse=True)
def _another_query(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Spell the query otherwise in each test: one that was stopped is in quarantine."""
    monkeypatch.setattr(f"{__name__}.FLOOD", f"{FLOOD}%23{abs(hash(request.node.nodeid))}")


@pytest.mark.parametrize("coding", ["", "gzip", "br", "zstd"])
def test_python_sees_an_incomplete_read(cutting: Target, coding: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", cutting.port, timeout=20)
    connection.request("GET", FLOOD, headers={"Accept": "text/csv", "Accept-Encoding": coding})
    response = connection.getresponse()
    if response.status == 200:
        assert response.getheader("Content-Length") is None
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    else:
        assert response.status >= 400, "a coding may hold the beginning back until it has failed"
    connection.close()


def test_curl_fails(cutting: Target) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed here")
    done = subprocess.run(
        [
            curl,
            "-s",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code} %{size_download}",
            f"http://127.0.0.1:{cutting.port}{FLOOD}",
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    status, size = done.stdout.split()
    assert status == "200"
    assert int(size) > 1 << 18
    assert done.returncode in (18, 56)


def test_the_last_chunk_is_not_sent(cutting: Target) -> None:
    answer = _raw(cutting.port, f"GET {FLOOD} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not answer.endswith(b"0\r\n\r\n")


def test_an_old_client_without_chunks_gets_an_error_before_the_first_byte(cutting: Target) -> None:
    answer = _raw(cutting.port, f"GET {FLOOD} HTTP/1.0\r\nAccept: text/csv\r\n\r\n")
    assert answer.split()[1] in (b"504", b"413")


def test_a_head_of_a_long_answer_holds_no_worker(cutting: Target) -> None:
    for number in range(6):
        connection = http.client.HTTPConnection("127.0.0.1", cutting.port, timeout=10)
        connection.request("HEAD", f"{FLOOD}.{number}", headers={"Accept": "text/csv"})
        assert connection.getresponse().status == 200
        connection.close()


def _raw(port: int, request: str) -> bytes:
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(request.encode("ascii"))
        try:
            while piece := connection.recv(65_536):
                answer += piece
        except ConnectionError:
            pass
    return bytes(answer)
