"""Long bodies and threads of writes, at a real server: only for who may write, and only so many."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg.settings import Settings
from tests.web.test_front import until
from tests.web.writers import WritingServer, writing_server

PUT = "/graph-store?graph=https://w3id.org/coopkg/graph/a-page"
LONG = b"#" * 900_000
WRONG = f"Bearer aaaaaaaaaa.{'A' * 43}"


@pytest.fixture
def writing(small: Settings, tmp_path: Path) -> Iterator[WritingServer]:
    """Give a server that takes writes, with one thread for queries."""
    with writing_server(replace(small, port=0, threads=1, document_max_mb=1), tmp_path) as running:
        yield running


def test_a_long_document_comes_whole(writing: WritingServer) -> None:
    for body in (LONG, b"#" * (1 << 20)):
        assert writing.send("PUT", PUT, body, writing.bearer)[0] == 200
        assert writing.writer.last.content == body


def test_a_long_document_may_come_in_chunks(writing: WritingServer) -> None:
    pieces = (LONG[start : start + 50_000] for start in range(0, len(LONG), 50_000))
    assert writing.send("POST", PUT, pieces, writing.bearer)[0] == 200
    assert writing.writer.last.content == LONG


@pytest.mark.parametrize("token", ["", WRONG, "Basic x"])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_long_document_without_a_token_that_counts_is_not_even_read(
    writing: WritingServer, method: str, token: str
) -> None:
    with contextlib.closing(writing.begin(method, PUT, 900_000, token)) as connection:
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"\r\nWWW-Authenticate: Bearer\r\n" in answer
    assert b"Access-Control" not in answer
    assert token.encode() not in answer or not token
    assert writing.writer.asked == []


def test_a_long_body_is_asked_for_once_the_token_counts(writing: WritingServer) -> None:
    with contextlib.closing(writing.begin("PUT", PUT, 900_000, writing.bearer)) as connection:
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(LONG)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("method", "path", "token"),
    [("POST", "/sparql", ""), ("QUERY", "/sparql", ""), ("POST", "/", ""), ("POST", "/nowhere", "")],
)
def test_other_bodies_are_as_short_as_ever(writing: WritingServer, method: str, path: str, token: str) -> None:
    status, text = writing.send(method, path, LONG, token, Content_Type="application/sparql-query")
    assert (status, "larger than 16,384 bytes" in text) == (413, True)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/sparqlx", "/graph-storex", "/static/x"])
def test_a_token_lets_no_long_body_in_elsewhere(writing: WritingServer, path: str) -> None:
    assert writing.send("POST", path, LONG, writing.bearer)[0] == 413


def test_a_document_has_its_own_bound(writing: WritingServer) -> None:
    over = b"#" * (1 << 20) + b"#"
    for body in (over, (over[start : start + 100_000] for start in range(0, len(over), 100_000))):
        status, text = writing.send("PUT", PUT, body, writing.bearer)
        assert (status, "larger than 1,048,576 bytes" in text) == (413, True)
    assert writing.writer.asked == []


def test_only_so_many_long_bodies_are_read_at_once(writing: WritingServer) -> None:
    front = writing.front
    with contextlib.ExitStack() as closing:
        held = [closing.enter_context(writing.begin("PUT", PUT, 900_000, writing.bearer, LONG[:100])) for _ in range(4)]
        until(lambda: front.long_bodies == 4)
        assert writing.send("PUT", PUT, LONG, writing.bearer)[0] == 503
        assert writing.send("PUT", PUT, b"", writing.bearer)[0] == 200
        assert writing.send("GET", "/sparql?query=ASK{}")[0] == 200
        held[0].close()
        until(lambda: front.long_bodies == 3)
        assert writing.send("PUT", PUT, LONG, writing.bearer)[0] == 200
    until(lambda: front.long_bodies == 0)


def test_each_way_out_gives_the_place_of_a_long_body_back(writing: WritingServer) -> None:
    def reset() -> None:
        with writing.begin("PUT", PUT, 900_000, writing.bearer, LONG[:100]) as connection:
            connection.recv(100)

    def not_http() -> None:
        with socket.create_connection(("127.0.0.1", writing.port), timeout=30) as connection:
            head = f"PUT {PUT} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {writing.bearer}\r\n"
            connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")

    ways: list[Callable[[], object]] = [
        reset,
        not_http,
        lambda: writing.send("PUT", PUT, LONG, writing.bearer),
        lambda: writing.send("PUT", "/graph-store", LONG, writing.bearer),
        lambda: writing.send("PUT", PUT, iter([b"#" * 600_000] * 2), writing.bearer),
    ]
    for way in ways:
        for _ in range(5):
            way()
            until(lambda: writing.front.long_bodies == 0)


def test_writes_that_wait_keep_no_query_out(writing: WritingServer) -> None:
    writing.let_wait(2)
    writing.writer.may_go_on.clear()
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(writing.send("PUT", PUT, b"", writing.bearer)[0]))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    until(lambda: writing.free_places() == 0)
    assert writing.send("PUT", PUT, b"", writing.bearer)[0] == 503
    assert writing.send("GET", "/sparql?query=ASK{}")[0] == 200
    writing.writer.may_go_on.set()
    for thread in threads:
        thread.join(30)
    assert statuses == [200, 200, 200]


def test_a_kept_connection_gives_the_place_back_with_each_answer(writing: WritingServer) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", writing.port, timeout=30)) as connection:
        for _ in range(6):
            headers = {"Content-Type": "text/turtle", "Authorization": writing.bearer}
            connection.request("PUT", PUT, LONG, headers)
            assert connection.getresponse().read()
            until(lambda: writing.front.long_bodies == 0)
        assert connection.sock is not None


def test_who_sends_two_tokens_has_none(writing: WritingServer) -> None:
    with socket.create_connection(("127.0.0.1", writing.port), timeout=30) as connection:
        head = f"PUT {PUT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/turtle\r\nContent-Length: 900000\r\n"
        twice = f"Authorization: {writing.bearer}\r\n" * 2
        connection.sendall(f"{head}{twice}\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")
    assert writing.writer.asked == []
