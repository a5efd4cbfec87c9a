"""What stands between a client and a server: it hands answers on, and may plant one fault in them.

The host that a client named is handed on as well, so that addresses in answers lead through here again.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What holds for one connection only, or is written anew when an answer is handed on.
_OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}
#: Faults are planted in plain text, so no coding is asked for.
_NOT_ASKED = {*_OF_A_CONNECTION, "accept-encoding"}
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """A request: `target` is a path with its query."""

    method: str
    target: str
    headers: Headers
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Answer:
    """What a client is told."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """Return the value of a header; "" when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def without(self, name: str) -> Answer:
        """Return the answer without a header."""
        return replace(self, headers=tuple(one for one in self.headers if one[0].lower() != name.lower()))

    def with_header(self, name: str, value: str) -> Answer:
        """Return the answer with one value of a header, in place of any other."""
        return replace(self, headers=(*self.without(name).headers, (name, value)))

    def saying(self, body: str | bytes) -> Answer:
        """Return the answer with another body."""
        return replace(self, body=body.encode() if isinstance(body, str) else body)


#: Changes an answer to a request, or hands it on as it is.
Fault = Callable[[Asked, Answer], Answer]


def no_fault(asked: Asked, answer: Answer) -> Answer:
    """Hand an answer on as it is."""
    return answer


@contextmanager
def between(host: str, port: int, fault: Fault = no_fault) -> Iterator[str]:
    """Give the address at which a server is reached with a fault planted in its answers."""

    def answered(asked: Asked) -> Answer:
        return fault(asked, _forwarded(host, port, asked))

    handler = type("Handler", (_Handler,), {"answered": staticmethod(answered)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _forwarded(host: str, port: int, asked: Asked) -> Answer:
    connection = http.client.HTTPConnection(host, port, timeout=60)
    kept = {key: value for key, value in asked.headers if key.lower() not in _NOT_ASKED}
    try:
        connection.request(asked.method, asked.target, asked.body or None, kept)
        answer = connection.getresponse()
        return Answer(answer.status, tuple(answer.getheaders()), answer.read())
    finally:
        connection.close()


class _Handler(BaseHTTPRequestHandler):
    answered: Callable[[Asked], Answer]

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, tuple(self.headers.items()), self.rfile.read(length))
        answer = self.answered(asked)
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in _OF_A_CONNECTION:
                self.send_header(name, value)
        length_said = answer.header("Content-Length") if asked.method == "HEAD" else str(len(answer.body))
        if length_said and answer.status not in (204, 304):
            self.send_header("Content-Length", length_said)
        self.end_headers()
        if asked.method != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_OPTIONS = do_QUERY = _answer  # noqa: N815  the names that http.server calls

    def log_message(self, *said: Any) -> None:
        """Say nothing: pytest shows what a test says."""
