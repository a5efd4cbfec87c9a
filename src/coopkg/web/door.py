"""The door before Flask: plain queries are answered here, in half the time; all else goes through, and every refusal.

What is plain is asked and answered by `operation`, as the view of `/sparql` does it. What is refused here goes through
with its refusal: the view raises it, and it becomes the answer that it always was. Source: ADR 0023.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask
from werkzeug.wrappers import Request

from coopkg.service import Answer
from coopkg.web import client, log, operation
from coopkg.web.app import OPEN, STANDING
from coopkg.web.fields import Fields

_BODIES = frozenset(("application/x-www-form-urlencoded", "application/sparql-query"))
#: Who sends one of these wants something that Flask, or a view, looks at.
_UNUSUAL = frozenset(
    ("HTTP_AUTHORIZATION", "HTTP_UPGRADE", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "HTTP_CONTENT_ENCODING")
)
Environ = dict[str, Any]
Start = Callable[..., Any]


class Door:
    """A WSGI application before another one, which Flask made."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._config = app.config

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        if _is_plain(environ):
            environ["coopkg.began"] = time.monotonic()
            try:
                given = self._given(Request(environ, populate_request=False), start)
            except Exception as fault:  # also what nobody expects: Flask tells who asked, and the log
                environ["coopkg.refused"], given = fault, None
            if given is not None:
                return given
            environ["wsgi.input"].seek(0)
        return self._app(environ, start)

    def _given(self, request: Request, start: Start) -> _Given | None:
        """Return the answer to a plain query; None when the request turns out to be none."""
        config, entry = self._config, log.opened(request.environ["coopkg.began"])
        config["GRAPH"].location()  # while nothing is published, nothing is asked
        fields = Fields(request)
        if "query" not in fields.names() or "update" in fields.names():
            return None
        asking = client.of(request, config)
        answer, beside = operation.asked(request, fields, asking, config)
        encoding, pieces = operation.coded(answer, request.headers.get("Accept-Encoding", ""), entry)
        body = b"".join(pieces) if answer.rest is None else None
        headers = operation.headers(answer, encoding) + beside + operation.kept(fields, answer, body, request.environ)
        if body is not None:
            headers.append(("Content-Length", str(len(body))))
            pieces = (body,)
        headers += [*STANDING, ("Coopkg-Limits", config["LIMITS"]), *OPEN, ("Coopkg-Request-Id", entry.request_id)]
        write_line = log.line(entry, request, asking.name, 200, str(answer.revision))
        start("200 OK", headers)
        return _Given(pieces, answer, write_line)


class _Given:
    """The body of an answer; once it was given or has failed, its worker is let go and its line is logged."""

    def __init__(self, pieces: Iterable[bytes], answer: Answer, write_line: Callable[[], None]) -> None:
        self._pieces = pieces
        self._answer = answer
        self._write_line = write_line

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """End the answer; called once."""
        operation.drop(self._answer)
        self._write_line()


def _is_plain(environ: Environ) -> bool:
    """Return whether a request can be a query that wants nothing but its answer."""
    if environ["PATH_INFO"] != "/sparql" or environ["SERVER_PROTOCOL"] != "HTTP/1.1":
        return False
    if not _UNUSUAL.isdisjoint(environ):
        return False
    if environ["REQUEST_METHOD"] == "POST":
        return environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() in _BODIES
    return environ["REQUEST_METHOD"] == "GET" and bool(environ["QUERY_STRING"])
