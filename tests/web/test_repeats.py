"""Requests that come again: not read a second time, and answered as if they were."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from coopkg.web import reading
from coopkg.web.known import Known
from coopkg.web.reading import Request
from coopkg.web.repeats import Repeats
from tests.web.test_front import MEGABYTE, Fronted, rest, until
from tests.web.test_known_served import kept_by, saying

A_KEY = ("GET", b"/a")


def request_of(fronted: Fronted, more: bytes = b"", path: bytes = b"/a", method: bytes = b"GET") -> bytes:
    return b"%b %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Encoding: identity\r\n%b\r\n" % (
        *(method, path, fronted.port, more),
    )


def told(connection: socket.socket, request: bytes, length: int = 6) -> bytes:
    """Send a request, and return its answer, whose body is so long."""
    connection.sendall(request)
    received = bytearray()
    while b"\r\n\r\n" not in received or len(received.partition(b"\r\n\r\n")[2]) < length:
        piece = connection.recv(1 << 16)
        assert piece, bytes(received)
        received += piece
    return bytes(received)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Note the head of each request that is read."""
    heads: list[bytes] = []
    begin = reading._Parsing.__init__

    def noting(self: reading._Parsing, head: bytes, *more: object) -> None:
        heads.append(head)
        begin(self, head, *more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(reading._Parsing, "__init__", noting)
    return heads


@contextmanager
def answered_once() -> Iterator[tuple[Fronted, list[int], socket.socket]]:
    """Run a front over one answer that is known by now, and give a connection to it."""
    with kept_by(saying()) as (fronted, asked), fronted.connect() as connection:
        told(connection, request_of(fronted))
        yield fronted, asked, connection


def test_the_same_bytes_are_read_until_their_answer_is_known_and_then_no_more(read: list[bytes]) -> None:
    with answered_once() as (fronted, asked, connection):
        answers = [told(connection, request_of(fronted)) for _ in range(5)]
    assert (len(asked), len(read)) == (1, 2)
    assert all(b"Coopkg-Cache: hit" in answer and answer.endswith(b"a body") for answer in answers)
    ids = {found[1] for answer in answers if (found := re.search(rb"Coopkg-Request-Id: (\w+)", answer))}
    assert len(ids) == 5


def test_they_are_known_on_every_connection(read: list[bytes]) -> None:
    with answered_once() as (fronted, _, connection):
        told(connection, request_of(fronted))
        with fronted.connect() as other:
            told(other, request_of(fronted))
    assert len(read) == 2


@pytest.mark.parametrize("more", [b"X: 1\r\n", b"If-None-Match: *\r\n", b"Cache-Control: no-cache\r\n"])
def test_one_byte_more_is_another_request(read: list[bytes], more: bytes) -> None:
    with answered_once() as (fronted, _, connection):
        for _ in range(2):
            told(connection, request_of(fronted))
        before = len(read)
        told(connection, request_of(fronted, more), 0)
    assert len(read) == before + 1


def test_what_is_published_next_is_asked_for_anew() -> None:
    published = ["g1"]
    with kept_by(saying()) as (fronted, asked), fronted.connect() as connection:
        fronted.front.known = Known(MEGABYTE, lambda: published[0])
        for _ in range(3):
            told(connection, request_of(fronted))
        published[0] = "g2"
        assert b"Coopkg-Cache" not in told(connection, request_of(fronted))
    assert len(asked) == 2


def test_a_request_in_two_parts_or_two_in_one_are_never_taken_for_one() -> None:
    with answered_once() as (fronted, _, connection):
        one = request_of(fronted)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(one[:20])
        time.sleep(0.1)
        told(connection, one[20:])
        connection.sendall(one + one)
        until(lambda: fronted.front.known.counts()["known_answers_hits"] == 3)
        assert not [came for came in (one, one[20:], one + one) if fronted.front.repeats.get(came)]


def test_a_repeated_request_may_end_its_connection() -> None:
    with answered_once() as (fronted, _, _connection):
        closing = request_of(fronted, b"Connection: close\r\n")
        answers = [fronted.raw(closing) for _ in range(3)]
    assert all(b"Connection: close\r\n" in answer and answer.endswith(b"a body") for answer in answers)


def test_a_repeated_head_has_no_body_and_who_has_the_answer_is_told_so() -> None:
    with answered_once() as (fronted, asked, connection):
        tag = re.search(rb'ETag: ("\w+")', told(connection, request_of(fronted)))
        assert tag
        for more, method, status in (
            *((b"", b"HEAD", b"200"),) * 3,
            *((b"If-None-Match: %b\r\n" % tag[1], b"GET", b"304"),) * 3,
        ):
            answer = told(connection, request_of(fronted, more, method=method), 0)
            assert answer.startswith(b"HTTP/1.1 " + status)
            assert answer.endswith(b"\r\n\r\n")
    assert len(asked) == 1


def test_who_asks_again_and_again_and_reads_nothing_is_held_back() -> None:
    body, times = b"x" * 60_000, 300
    with kept_by(saying("200 OK", body)) as (fronted, _), fronted.connect() as connection:
        for _ in range(2):
            told(connection, request_of(fronted), len(body))
        (one,) = fronted.front.connections
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(times):
            connection.sendall(request_of(fronted))
            time.sleep(0.001)
        until(lambda: one._is_paused)
        held = one._transport.get_write_buffer_size()
        connection.sendall(request_of(fronted, b"Connection: close\r\n"))
        answers = rest(connection)
    assert held < MEGABYTE
    assert answers.count(b"HTTP/1.1 200 OK") == answers.count(body) == times + 1


def test_so_many_are_noted_and_none_that_is_long() -> None:
    repeats, request = Repeats(3), Request()
    for came in (b"a", b"b", b"c", b"a", b"d", b"", b"e" * 4_097):
        repeats.note(came, request, A_KEY)
    assert [came for came in (b"a", b"b", b"c", b"d", b"", b"e" * 4_097) if repeats.get(came)] == [b"b", b"c", b"d"]
    assert repeats.get(b"b") == (request, A_KEY)
