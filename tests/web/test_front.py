"""The HTTP front on real sockets, over small applications: connections, times, readers, stops."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from coopkg.budget import Network, networks_of
from coopkg.web.crew import Crew
from coopkg.web.front import Front, Limits
from coopkg.web.peers import Peers

Environ = dict[str, Any]
Start = Callable[..., Any]
MEGABYTE = 1 << 20
ROOT = b"GET / HTTP/1.1\r\nHost: x\r\n"


@dataclass
class Views:
    """An application whose views can be held, and that notes what it was asked."""

    held: threading.Event = field(default_factory=threading.Event)
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    seen: list[Environ] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer by the name of the path's view."""
        self.seen.append(environ)
        view: Callable[[Environ, Start], Iterable[bytes]] = getattr(self, environ["PATH_INFO"].strip("/") or "plain")
        return view(environ, start)

    def plain(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer with the body that came."""
        body = environ["wsgi.input"].read() or b"ok"
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def pieces(self, _: Environ, start: Start) -> Iterable[bytes]:
        """Answer without a length."""
        start("200 OK", [])
        return iter((b"one", b"", b"two"))

    def nothing(self, _: Environ, start: Start) -> Iterable[bytes]:
        """Answer that there is nothing to say."""
        start("204 No Content", [])
        return []

    def hold(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer once it is no longer held, or the client has gone."""
        self.entered.release()
        while not self.held.wait(0.01):
            if environ["coopkg.gone"]():
                self.ended.append("gone")
                break
        return self.plain(environ, start)

    def big(self, _environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer 20 MB."""
        start("200 OK", [])
        try:
            for _ in range(20 * 16):
                yield b"x" * (MEGABYTE // 16)
            self.ended.append("whole")
        finally:
            self.ended.append("closed")

    def breaks(self, _: Environ, start: Start) -> Iterable[bytes]:
        """Fail half-way."""
        start("200 OK", [])
        yield b"half"
        raise RuntimeError

    def short(self, _: Environ, start: Start) -> Iterable[bytes]:
        """Give less than was said."""
        start("200 OK", [("Content-Length", "10")])
        return [b"half"]

    def fails(self, _: Environ, __: Start) -> Iterable[bytes]:
        """Fail at once."""
        raise RuntimeError

    def splits(self, _: Environ, start: Start) -> Iterable[bytes]:
        """Give a header that would be two."""
        start("200 OK", [("X", "a\r\nSet-Cookie: b")])
        return []


@dataclass
class Fronted:
    """A front that runs, and what it runs."""

    port: int
    views: Views
    front: Front
    thread: threading.Thread

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        """Return a connection from an address."""
        return socket.create_connection(("127.0.0.1", self.port), 20, (source, 0))

    def raw(self, request: bytes, source: str = "127.0.0.1") -> bytes:
        """Send bytes; return all that comes back until the front closes."""
        with self.connect(source) as connection:
            connection.sendall(request)
            return rest(connection)


def rest(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes, or breaks off."""
    received = bytearray()
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65_536):
            received += piece
    return bytes(received)


def is_closed(connection: socket.socket) -> bool:
    """Return whether the other side has closed without a word, and at once."""
    connection.settimeout(3)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is true; fail when it is not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


@contextlib.contextmanager
def fronting(
    *, threads: int = 4, waiting: int = 4, each: int = 64, every: int = 200, exempt: str = "", **limits: float
) -> Iterator[Fronted]:
    """Run a front over `Views` on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    views, trusted = Views(), list[Network](networks_of(exempt))
    crew, other = Crew("test", threads, waiting), Crew("other", 1, 1)
    front = Front(
        views,
        [listening],
        Peers(each, every, trusted),
        lambda request: other if request.target == b"/nothing" else crew,
        Limits(**{"body_max_bytes": 100_000, "waiting_max_bytes": 30 * MEGABYTE, "drain_s": 5.0, **limits}),  # type: ignore[arg-type]  # one mapping of numbers
    )
    port = listening.getsockname()[1]
    thread = threading.Thread(target=front.run, daemon=True)
    thread.start()
    try:
        until(front.loop.is_running)
        yield Fronted(port, views, front, thread)
    finally:
        views.held.set()
        front.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def running() -> Iterator[Fronted]:
    """Give a front with ordinary limits."""
    with fronting() as fronted:
        yield fronted


# ---- answers ------------------------------------------------------------------------------------------------


def test_a_connection_is_kept_and_requests_sent_ahead_are_answered_in_their_order(running: Fronted) -> None:
    posts = [b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n%d" % n for n in range(5)]
    answer = running.raw(b"".join(posts) + ROOT + b"Connection: close\r\n\r\n")
    assert [part.split(b"\r\n\r\n")[1][:1] for part in answer.split(b"HTTP/1.1 200 OK")[1:]] == [
        *(b"%d" % n for n in range(5)),
        b"o",
    ]


def test_an_answer_without_a_length_comes_in_chunks(running: Fronted) -> None:
    answer = running.raw(b"GET /pieces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"Transfer-Encoding: chunked\r\n" in answer
    assert answer.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def test_http_1_0_gets_a_length_and_the_end_of_the_connection(running: Fronted) -> None:
    answer = running.raw(b"GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert b"Content-Length: 6\r\n" in answer
    assert b"Connection: close\r\n" in answer
    assert answer.endswith(b"\r\n\r\nonetwo")
    assert running.raw(b"GET /breaks HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 500 ")


@pytest.mark.parametrize("request_line", [b"HEAD /", b"HEAD /pieces", b"GET /nothing"])
def test_what_has_no_body_sends_none(running: Fronted, request_line: bytes) -> None:
    answer = running.raw(request_line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 20")
    assert answer.endswith(b"\r\n\r\n")
    assert answer.count(b"\r\n\r\n") == 1
    assert b"chunked" not in answer


@pytest.mark.parametrize("path", [b"/breaks", b"/short"])
def test_an_answer_that_fails_half_way_never_looks_whole(running: Fronted, path: bytes) -> None:
    answer = running.raw(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"half" in answer
    assert not answer.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("path", [b"/fails", b"/splits"])
def test_an_application_that_fails_at_once_is_a_readable_500(running: Fronted, path: bytes) -> None:
    answer = running.raw(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in answer
    assert b"Set-Cookie" not in answer
    assert b"RuntimeError" not in answer


def test_the_environment_says_what_was_sent_and_who_holds_the_connection(running: Fronted) -> None:
    running.raw(
        b"QUERY http://b.example/%70lain%2F%C3%A9?a=%20%C3%A9&b#c HTTP/1.1\r\nHost: a.example\r\nX-Twice: 1\r\n"
        b"X-Twice: 2\r\nX_Twice: 3\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Type: text/plain\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "127.0.0.9",
    )
    seen = running.views.seen[-1]
    assert {name: seen[name] for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR")} == {
        "REQUEST_METHOD": "QUERY",
        "PATH_INFO": "/plain/\xc3\xa9",
        "QUERY_STRING": "a=%20%C3%A9&b#c",
        "REMOTE_ADDR": "127.0.0.9",
    }
    assert (seen["HTTP_X_TWICE"], seen["HTTP_X_FORWARDED_FOR"], seen["CONTENT_TYPE"]) == (
        "1, 2",
        "192.0.2.1",
        "text/plain",
    )
    assert seen["CONTENT_LENGTH"] == "2"
    assert "HTTP_TRANSFER_ENCODING" not in seen


def test_a_client_that_asks_before_it_sends_a_body_is_told_to_go_on_or_why_not(running: Fronted) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    with running.connect() as connection:
        connection.sendall(head % 3)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert rest(connection).endswith(b"\r\n\r\nabc")
    with running.connect() as connection:
        connection.sendall(head % 100_001)
        assert connection.recv(1_000).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_still_sends_gets_to_read_why_it_is_refused(running: Fronted, chunked: bool) -> None:
    framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 8000000"
    with running.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n")
        for _ in range(125):
            connection.sendall(b"fa00\r\n" + b"x" * 64_000 + b"\r\n" if chunked else b"x" * 64_000)
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in answer
    assert b"The body is larger than 100,000 bytes" in answer


# ---- connections and times ----------------------------------------------------------------------------------


def test_an_address_holds_so_many_connections_and_others_are_not_kept_out() -> None:
    with fronting(each=5) as fronted, contextlib.ExitStack() as keeping:
        for _ in range(5):
            keeping.enter_context(fronted.connect()).sendall(ROOT)
        until(lambda: len(fronted.front.connections) == 5)
        assert is_closed(keeping.enter_context(fronted.connect()))
        assert b" 200 OK" in fronted.raw(ROOT + b"Connection: close\r\n\r\n", "127.0.0.2")
        keeping.pop_all().close()
        until(lambda: not fronted.front.connections)
        assert b" 200 OK" in fronted.raw(ROOT + b"Connection: close\r\n\r\n")


def test_trusted_proxies_hold_as_many_connections_as_there_may_be() -> None:
    with fronting(each=2, every=6, exempt="127.0.0.0/29") as fronted, contextlib.ExitStack() as keeping:
        for _ in range(6):
            keeping.enter_context(fronted.connect()).sendall(ROOT)
        until(lambda: len(fronted.front.connections) == 6)
        assert is_closed(keeping.enter_context(fronted.connect()))
        assert is_closed(keeping.enter_context(fronted.connect("127.0.0.9")))


def test_networks_of_ipv6_count_as_one_address() -> None:
    peers = Peers(2, 10, networks_of("2001:db8:1::/48"))
    entered = [peers.enter(address) for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1")]
    assert entered == [True, True, False, True]
    assert all(peers.enter("2001:db8:1::1") for _ in range(3))
    peers.leave("2001:db8::2")
    assert peers.enter("2001:db8::3")


@pytest.mark.parametrize("begin", [b"GET / HT", ROOT + b"X: "])
def test_a_head_must_come_in_time_even_when_something_always_comes(begin: bytes) -> None:
    with fronting(head_s=0.6) as fronted, fronted.connect() as connection:
        began = time.monotonic()
        connection.sendall(begin)
        connection.settimeout(0.05)
        answer = b""
        while not answer:
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(1_000)
            if not answer:
                connection.sendall(b"1")
            assert time.monotonic() - began < 5
        assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("limits", "count"),
    [({"body_s": 0.6}, 1_000), ({"progress_s": 0.3}, 1), ({"progress_s": 0.3, "progress_bytes": 10}, 1)],
)
def test_a_body_must_come_in_time_and_make_progress(limits: dict[str, float], count: int) -> None:
    with fronting(**limits) as fronted, fronted.connect() as connection:  # type: ignore[arg-type]  # only of limits
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n")
        connection.settimeout(0.1)
        began, answer = time.monotonic(), b""
        while not answer:
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(1_000)
            if not answer:
                connection.sendall(b"x" * count)
            assert time.monotonic() - began < 5
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert not fronted.views.seen


def test_a_body_that_makes_progress_may_take_longer() -> None:
    with fronting(progress_s=0.3, progress_bytes=100) as fronted, fronted.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n")
        for _ in range(20):
            connection.sendall(b"x" * 100)
            time.sleep(0.05)
        assert b" 200 OK" in rest(connection)


def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    with fronting(head_s=0.3, idle_s=0.3) as fronted:
        with fronted.connect() as connection:
            assert rest(connection) == b""
        assert fronted.raw(ROOT + b"\r\n").endswith(b"\r\n\r\nok")


def test_a_body_that_is_cut_is_never_a_request(running: Fronted) -> None:
    asked = len(running.views.seen)
    for body in (b"Content-Length: 100\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"):
        with running.connect() as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + body)
            connection.shutdown(socket.SHUT_WR)
            assert rest(connection) == b""
    assert len(running.views.seen) == asked


# ---- threads ------------------------------------------------------------------------------------------------


def test_beyond_threads_and_queue_requests_are_refused_and_another_crew_still_answers() -> None:
    hold = b"GET /hold HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with fronting(threads=2, waiting=1) as fronted, contextlib.ExitStack() as keeping:
        held = [keeping.enter_context(fronted.connect()) for _ in range(3)]
        for connection in held:
            connection.sendall(hold)
        for _ in range(2):
            assert fronted.views.entered.acquire(timeout=5)
        refused = fronted.raw(hold)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nRetry-After: 1\r\n" in refused
        assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in refused
        assert fronted.raw(b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(
            b"HTTP/1.1 204 "
        )
        fronted.views.held.set()
        assert all(b" 200 OK" in rest(connection) for connection in held)


def test_a_view_hears_soon_that_its_client_has_gone(running: Fronted) -> None:
    with running.connect() as connection:
        connection.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        assert running.views.entered.acquire(timeout=5)
        time.sleep(0.1)
        assert not running.views.ended
    until(lambda: running.views.ended == ["gone"], 1)


def test_who_sends_much_ahead_of_its_answer_is_cut_off() -> None:
    with fronting() as fronted, fronted.connect() as connection:
        connection.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"x" * MEGABYTE)
        until(lambda: fronted.views.ended == ["gone"], 2)


# ---- readers ------------------------------------------------------------------------------------------------


def _slow(fronted: Fronted) -> socket.socket:
    """Return a connection that asks for a big answer and takes none of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", fronted.port))
    connection.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return connection


def test_slow_readers_hold_no_thread_and_get_all_in_the_end() -> None:
    with fronting(threads=2) as fronted, contextlib.ExitStack() as keeping:
        slow = []
        for number in range(4):  # one after another: the queue of this front is short
            slow.append(keeping.enter_context(_slow(fronted)))
            until(lambda number=number: fronted.views.ended.count("closed") == number + 1)  # type: ignore[misc]  # a default
        assert fronted.views.ended.count("whole") == 4
        assert b" 200 OK" in fronted.raw(ROOT + b"Connection: close\r\n\r\n")
        answer = rest(slow[0])
        assert answer.count(b"x") == 20 * MEGABYTE
        assert answer.endswith(b"\r\n0\r\n\r\n")


def test_what_waits_for_a_reader_has_a_bound() -> None:
    with fronting(waiting_max_bytes=5 * MEGABYTE) as fronted, _slow(fronted) as slow:
        until(lambda: fronted.views.ended == ["closed"])
        answer = rest(slow)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert not answer.endswith(b"0\r\n\r\n")


def test_a_reader_that_takes_nothing_is_given_up() -> None:
    with fronting(reader_s=0.5) as fronted, _slow(fronted) as slow:
        until(lambda: fronted.front.connections)
        until(lambda: not fronted.front.connections, 5)
        assert not rest(slow).endswith(b"0\r\n\r\n")


def test_a_reader_that_closes_its_side_has_gone_even_when_much_waits() -> None:
    with fronting() as fronted, _slow(fronted) as slow:
        until(lambda: fronted.views.ended == ["whole", "closed"])
        slow.shutdown(socket.SHUT_WR)
        until(lambda: not fronted.front.connections, 3)


def test_what_waits_stays_out_of_the_connection_s_own_buffer() -> None:
    with fronting() as fronted, _slow(fronted):
        until(lambda: fronted.views.ended == ["whole", "closed"])
        (connection,) = fronted.front.connections
        assert connection._transport.get_write_buffer_size() < MEGABYTE


# ---- stops --------------------------------------------------------------------------------------------------


def test_a_stop_lets_the_request_under_way_finish_and_nothing_else_begin() -> None:
    with fronting() as fronted, fronted.connect() as idle, fronted.connect() as half, fronted.connect() as held:
        half.sendall(ROOT)
        held.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        assert fronted.views.entered.acquire(timeout=5)
        fronted.front.stop()
        assert is_closed(idle)
        assert is_closed(half)
        with pytest.raises(OSError, match="refused"):
            fronted.connect()
        assert fronted.thread.is_alive()
        fronted.views.held.set()
        assert b" 200 OK" in rest(held)
        fronted.thread.join(5)
        assert not fronted.thread.is_alive()


def test_a_stop_waits_no_longer_than_it_may() -> None:
    with fronting(drain_s=0.3) as fronted, fronted.connect() as held:
        held.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        assert fronted.views.entered.acquire(timeout=5)
        fronted.front.stop()
        assert rest(held) == b""
        fronted.thread.join(5)
        assert not fronted.thread.is_alive()
        until(lambda: fronted.views.ended == ["gone"], 2)
