"""A writer that writes nothing: it keeps what it is asked, and answers or refuses as a test says."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from coopkg.errors import CoopkgError
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.tokens import Token, Tokens
from coopkg.web.app import create_app
from coopkg.web.door import Door
from coopkg.web.server import Server
from coopkg.web.writes import Turns
from coopkg.writing import Writing, Written
from tests.web.conftest import in_process, unbounded
from tests.web.test_front import until


class FakeWriter:
    """Keeps each request to write; `answer` is what comes of it."""

    def __init__(self) -> None:
        self.asked: list[Writing] = []
        self.answer: Written | CoopkgError = Written(8, 1, 2)
        #: Cleared, it lets writers wait.
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.at_once = self.most_at_once = 0

    def write(self, writing: Writing) -> Written:
        """Answer as the test says."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.append(writing)
        assert self.may_go_on.wait(30)
        self.at_once -= 1
        if isinstance(self.answer, CoopkgError):
            raise self.answer
        return self.answer

    @property
    def last(self) -> Writing:
        """Return the last request to write."""
        return self.asked[-1]


class Desk:
    """An application that takes writes, its fake writer, and a token."""

    def __init__(self, settings: Settings, state: Path) -> None:
        published = Graph.open(settings, {})
        self.writer, self.tokens = FakeWriter(), Tokens(state)
        self.token: Token
        self.token, self.secret = self.tokens.add("redaction", ["graph/a-*"])
        self.app: Flask = create_app(published, unbounded(in_process(published)), settings, self.writer, self.tokens)
        self.revision: int = published.current()[1].revision
        self.bearer = {"Authorization": f"Bearer {self.secret}"}


class WritingServer:
    """A running server that takes writes: its port, its writer, a token."""

    def __init__(self, settings: Settings, state: Path) -> None:
        published = Graph.open(settings, {})
        self.writer, self.tokens = FakeWriter(), Tokens(state)
        self.bearer = f"Bearer {self.tokens.add('tests', ['*'])[1]}"
        self.server = Server(published, unbounded(in_process(published)), settings, self.writer, self.tokens)
        self.front = self.server._front
        self.port = int(self.server.url.rpartition(":")[2])

    def send(
        self, method: str, path: str, body: bytes | Iterator[bytes] = b"", token: str = "", **headers: str
    ) -> tuple[int, str]:
        """Return the status and the text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {"Content-Type": "text/turtle", **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            connection.request(method, path, body, {**named, **({"Authorization": token} if token else {})})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def let_wait(self, waiting_max: int) -> None:
        """Let only so many writes wait for the one under way."""
        self._flask().config["TURNS"] = Turns(waiting_max)

    def _flask(self) -> Flask:
        door = self.front.app
        assert isinstance(door, Door)
        return door._app

    def free_places(self) -> int:
        """Return how many writes may still come, the one under way and those that wait counted out."""
        return int(self._flask().config["TURNS"]._places._value)

    def begin(self, method: str, path: str, length: int, token: str, sent: bytes = b"") -> socket.socket:
        """Return a connection over which a head, and a part of its body, went."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        authorization = f"Authorization: {token}\r\n" if token else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/turtle\r\n{authorization}"
            f"Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        )
        connection.sendall(head.encode() + sent)
        return connection


@contextlib.contextmanager
def writing_server(settings: Settings, state: Path) -> Iterator[WritingServer]:
    """Run a server that takes writes, in this process."""
    running = WritingServer(settings, state)
    thread = threading.Thread(target=running.server.run, daemon=True)
    thread.start()
    try:
        until(running.front.loop.is_running)
        yield running
    finally:
        running.writer.may_go_on.set()
        running.server.close()
        thread.join(10)
        assert not thread.is_alive()
