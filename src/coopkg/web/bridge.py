"""From a whole request to WSGI, in a thread, and back to bytes for the wire."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from coopkg.errors import CoopkgError
from coopkg.web import known
from coopkg.web.known import Copy
from coopkg.web.reading import Request, origin_form
from coopkg.web.spool import Held, Spool, SpoolFull

_log = logging.getLogger("coopkg.front")
_WITHOUT_BODY = (204, 304)
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Exchange:
    """A request and its answer, between the loop that owns the connection and the thread that answers.

    Args:
        wake: called when the loop has something to do; safe from any thread.
        copying: gives what notes the answer, for a view that lets it be given again: for as long as what it names is
            published; None where it may not be.
    """

    def __init__(
        self,
        request: Request,
        waiting_max_bytes: int,
        wake: Callable[[], None],
        copying: Callable[[str], Copy] | None = None,
    ) -> None:
        self.request = request
        self.copying = copying
        self.spool = Spool(waiting_max_bytes)
        #: Status line and headers, once they may be sent.
        self.head: bytes | None = None
        self.keeps_alive = request.keeps_alive
        self.is_over = False
        #: Whether the answer failed: what was sent of it must not look whole.
        self.is_broken = False
        self.has_gone = False
        self._is_awake = False
        self._wake = wake

    def wake(self) -> None:
        """Tell the loop, unless it is told already."""
        if not self._is_awake:
            self._is_awake = True
            self._wake()

    def heard(self) -> None:
        """Note, before looking, that the loop looks at what is here."""
        self._is_awake = False

    def end(self, *, broken: bool = False) -> None:
        """Say that nothing more comes."""
        self.is_broken = broken
        self.is_over = True
        self.wake()

    def leave(self) -> None:
        """Note that the client has gone: what is written from now on is refused, which ends the view."""
        self.has_gone = True
        self.spool.close()


class Given:
    """An answer that was known before it was asked for, as the loop sees an exchange that is over."""

    is_over = True
    is_broken = has_gone = False

    def __init__(self, head: bytes, body: bytes, *, keeps_alive: bool) -> None:
        self.head = head
        self.spool = Held(body)
        self.keeps_alive = keeps_alive

    def heard(self) -> None:
        """Note that the loop looks at what is here."""

    def leave(self) -> None:
        """Note that the client has gone."""
        self.spool.close()


def answer(app: App, environ: dict[str, Any], exchange: Exchange) -> None:
    """Let an application answer; whatever happens, the exchange ends, and an answer that failed is broken off."""
    writing = _Writing(exchange)
    environ["coopkg.lend"], environ["coopkg.keep"] = writing.lend, writing.keep
    is_whole = False
    try:
        pieces = app(environ, writing.start)
        try:
            for piece in pieces:
                writing.write(piece)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()  # before the last byte: who has the answer finds its worker free and its line logged
        writing.finish()
        is_whole = True
    except SpoolFull:
        if not exchange.has_gone:
            _log.warning("a client left too much of an answer waiting")
    except CoopkgError as fault:  # an answer refused half-way; the view has noted it for the request log
        _log.info("an answer was broken off: %s", fault)
    except Exception:
        _log.exception("an answer was broken off")
    finally:
        writing.close()
        exchange.end(broken=not is_whole)


def environ_of(request: Request, server: tuple[str, int], peer: tuple[str, int]) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333); `peer` is who holds the connection."""
    path, _, query = origin_form(request.target).partition(b"?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "REQUEST_URI": request.target.decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": peer[0],
        "REMOTE_PORT": str(peer[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in request.headers:
        if b"_" in name:  # it would stand for the same variable as the name with a hyphen
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ', '}{text}"
        environ[key] = text
    if environ.pop("HTTP_TRANSFER_ENCODING", None):  # the body is here, without its chunks
        environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ


def head_of(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return a status line and headers as they go over the wire; a date is added.

    Raises:
        ValueError: a line break stands in one.
    """
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    if not any(name.lower() == "date" for name, _ in headers):
        lines.append(f"Date: {known.date()}")
    if any("\n" in line or "\r" in line for line in lines):
        raise ValueError("a line break in a header")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def refusal(status: int, sentence: str, more: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return an answer that is given without the application; readable from other origins too, but to a write."""
    body = f"{sentence}\n".encode()
    of_write = any(name == "WWW-Authenticate" for name, _ in more)
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        *(() if of_write else (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*"))),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
        *more,
    ]
    return head_of(f"{status} {HTTPStatus(status).phrase}", headers) + body


class _Writing:
    """Writes an answer into its exchange, framed for the wire."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._length: int | None = None
        self._written = 0
        self._is_chunked = False
        self._is_bodiless = False
        self._lent: tuple[IO[bytes], int, int] | None = None
        self._copy: Copy | None = None

    def keep(self, of: str) -> None:
        """Let the answer be given again, if it becomes whole, for as long as what it is made from is published.

        Args:
            of: names that; see `Known.keep`.
        """
        if self._exchange.copying is not None:
            self._copy = self._exchange.copying(of)

    def lend(self, file: IO[bytes], begin: int, end: int) -> None:
        """Take a part of a file as the end of the body; the application gives its length, and closes nothing."""
        self._lent = file, begin, end

    def start(self, status: str, headers: list[tuple[str, str]], fault: Any = None) -> Callable[[bytes], None]:
        """Note status and headers: WSGI's `start_response`."""
        if fault and self._exchange.head is not None:
            raise fault[1]
        self._status, self._headers = status, list(headers)
        return self.write

    def write(self, piece: bytes) -> None:
        """Write a piece of the body; the first sends the head before."""
        if not piece:
            return
        if self._exchange.head is None:
            self._begin()
        if self._copy is not None:
            self._copy.add(piece)
        if self._is_bodiless:
            return
        self._written += len(piece)
        if self._length is not None and self._written > self._length:
            raise ValueError("the body is longer than its Content-Length")
        self._exchange.spool.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._is_chunked else piece)
        if self._exchange.head is not None and self._written != self._length:
            self._exchange.wake()

    def finish(self) -> None:
        """End the body.

        Raises:
            ValueError: it is shorter than was said.
        """
        if self._exchange.head is None:
            self._begin(is_all=self._lent is None)
        if self._lent:
            file, begin, end = self._lent
            self._lent = self._copy = None
            self._exchange.spool.lend(file, begin, end)
            self._written += end - begin
        if self._length is not None and self._written != self._length and not self._is_bodiless:
            raise ValueError("the body is shorter than its Content-Length")
        if self._copy is not None:
            self._copy.keep(self._headers)  # before the last byte: who has the answer finds it known
        if self._is_chunked:
            self._exchange.spool.write(b"0\r\n\r\n")

    def close(self) -> None:
        """Let go of a file that could not be given."""
        if self._lent:
            self._lent[0].close()

    def _begin(self, *, is_all: bool = False) -> None:
        """Choose how the body is framed, and let the head go."""
        if not self._status:
            raise ValueError("a body without a status")
        status, headers = self._noted()
        self._is_bodiless = self._exchange.request.method == "HEAD" or int(status[:3]) in _WITHOUT_BODY
        self._length = next((int(value) for name, value in headers if name.lower() == "content-length"), None)
        if self._length is None and not self._is_bodiless:
            if is_all:
                self._length = self._written
                headers.append(("Content-Length", str(self._written)))
            elif self._exchange.request.version == "1.0":  # it knows no chunks: the head waits for the length
                return
            else:
                self._is_chunked = True
                headers.append(("Transfer-Encoding", "chunked"))
        if not self._exchange.keeps_alive:
            headers.append(("Connection", "close"))
        self._exchange.head = head_of(status, headers)

    def _noted(self) -> tuple[str, list[tuple[str, str]]]:
        """Return status and headers as they are sent: of an answer that is kept, 304 to who has it already."""
        if not self._status.startswith("200") or self._exchange.request.method == "HEAD":
            self._copy = None
        tag = next((value for name, value in self._headers if name.lower() == "etag"), "")
        if self._copy is not None and known.has(self._exchange.request, tag):
            return "304 Not Modified", known.unchanged(self._headers)
        return self._status, list(self._headers)
