"""The door before Flask says what the view of `/sparql` says, to the letter, and lets through all that is not plain."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import Client, TestResponse

from coopkg.errors import QueryTooHeavy
from coopkg.service import QueryService
from coopkg.web.door import Door

ASK = "/sparql?query=ASK{}"
ROWS = "/sparql?query=SELECT+*+{+%3Fs+a+%3Ft+}+ORDER+BY+%3Fs+%3Ft"
FORM, QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
Asked = tuple[str, str, dict[str, Any]]
PLAIN: list[Asked] = [
    ("GET", ASK, {}),
    ("GET", ASK, {"headers": {"Accept": "text/csv;q=0.2, application/sparql-results+xml"}}),
    ("GET", f"{ASK}&format=csv", {}),
    ("GET", f"{ASK}&inference=true&timeout=3&unknown=", {}),
    ("GET", f"{ASK}&default-graph-uri=urn%3Ax", {}),
    ("GET", ROWS, {}),
    ("GET", ROWS, {"headers": {"Accept-Encoding": "gzip"}}),
    ("GET", ASK, {"headers": {"Accept-Encoding": "gzip, identity;q=0"}}),
    ("GET", "/sparql?query=CONSTRUCT+{%3Fs+a+%3Ft}+{%3Fs+a+%3Ft}", {"headers": {"Accept": "application/ld+json"}}),
    ("GET", "/sparql?query=ASK+{+%3Cx%3E+a+%3Ft+}", {"headers": {"Host": "elsewhere.example:80"}}),
    ("GET", "/sparql?query=ASK+{+%3Fs+a+coop%3AProjet+}", {}),
    ("GET", ASK, {"headers": {"X-Forwarded-For": "203.0.113.9", "Origin": "https://elsewhere.example"}}),
    ("POST", "/sparql", {"data": "query=ASK{}", "content_type": FORM}),
    ("POST", "/sparql?format=xml", {"data": "ASK{}", "content_type": f"{QUERY}; charset=UTF-8"}),
]
#: Refused, by the door or by a worker: Flask writes the answer.
REFUSED: list[Asked] = [
    ("GET", "/sparql?query=nonsense", {}),
    ("GET", "/sparql?query=nonsense", {"headers": {"Accept": "text/html"}}),
    ("GET", "/sparql?query=nonsense", {"headers": {"Accept": "application/problem+json"}}),
    ("GET", "/sparql?query=", {}),
    ("GET", f"{ASK}&query=ASK{{}}", {}),
    ("GET", f"/sparql?query=ASK{{}}%23{'x' * 5_000}", {}),
    ("GET", "/sparql?query=ASK{}%00", {}),
    ("GET", "/sparql?query=ASK%FF", {}),
    ("GET", "/sparql?query=ASK{+%3Fs+%3Fp+'%ED%A0%80'}", {}),
    ("GET", f"{ASK}{'&x=1' * 101}", {}),
    ("GET", f"{ASK}&timeout=0", {}),
    ("GET", f"{ASK}&timeout=soon", {}),
    ("GET", f"{ASK}&revision=x", {}),
    ("GET", f"{ASK}&revision=999", {}),
    ("GET", f"{ASK}&inference=maybe", {}),
    ("GET", f"{ASK}&inference=true&default-graph-uri=urn%3Ax", {}),
    ("GET", f"{ASK}&named-graph-uri=relative", {}),
    ("GET", ASK, {"headers": {"Accept": "image/png"}}),
    ("GET", "/sparql?query=ASK{SERVICE%3Curn%3Ax%3E{}}", {}),
    ("GET", "/sparql?query=CLEAR+ALL", {}),
    ("POST", "/sparql", {"data": "query=ASK{}", "content_type": f"{FORM}; charset=latin-1"}),
    ("POST", "/sparql", {"data": b"\xff", "content_type": QUERY}),
]
THROUGH: list[Asked] = [
    ("HEAD", ASK, {}),
    ("QUERY", "/sparql", {"data": "ASK{}", "content_type": QUERY}),
    ("PUT", "/sparql", {}),
    ("OPTIONS", "/sparql", {}),
    ("GET", "/sparql", {}),
    ("GET", "/sparql?&", {}),
    ("GET", "/sparql?format=csv", {}),
    ("GET", "/sparql?update=CLEAR+ALL", {}),
    ("GET", f"{ASK}&update=CLEAR+ALL", {}),
    ("GET", "/sparql/?query=ASK{}", {}),
    ("GET", "/graph-store?default", {}),
    ("GET", ASK, {"headers": {"Authorization": "Bearer x"}}),
    ("GET", ASK, {"headers": {"Access-Control-Request-Headers": "authorization"}}),
    ("GET", ASK, {"headers": {"Connection": "Upgrade", "Upgrade": "websocket"}}),
    ("GET", ASK, {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}}),
    ("POST", "/sparql", {"data": "query=ASK{}", "content_type": FORM, "headers": {"Content-Encoding": "gzip"}}),
    ("POST", "/sparql", {"data": "update=CLEAR+ALL", "content_type": FORM}),
    ("POST", "/sparql", {"data": "CLEAR ALL", "content_type": "application/sparql-update"}),
    ("POST", "/sparql", {"data": "ASK{}", "content_type": "text/plain"}),
    ("POST", "/sparql", {"data": "", "content_type": FORM}),
]


class Seen:
    """A Flask application that counts what reaches it, and what the request log says."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = 0
        self.app = app
        self._inside = app.wsgi_app
        monkeypatch.setattr(app, "wsgi_app", self._counted)
        self.lines: list[dict[str, Any]] = []

    def _counted(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.reached += 1
        return self._inside(environ, start)

    def by_door(self, asked: Asked) -> TestResponse:
        return self._opened(Client(Door(self.app)), asked)

    def by_view(self, asked: Asked) -> TestResponse:
        return self._opened(Client(self.app), asked)

    def _opened(self, client: Client, asked: Asked) -> TestResponse:
        method, path, more = asked
        return client.open(path, method=method, buffered=True, **more)


@pytest.fixture
def seen(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """Give the application over the small graph, counted."""
    counted, log = Seen(app, monkeypatch), logging.getLogger("coopkg.access")
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", lambda record: counted.lines.append(json.loads(record.getMessage())))
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)  # by its method: a logger remembers whom it hears
    yield counted
    log.setLevel(level)
    log.removeHandler(handler)


def lasting(headers: Headers) -> list[tuple[str, str]]:
    """Return the headers of an answer, but for what each has for itself."""
    return sorted((name, value) for name, value in headers if name not in ("Coopkg-Elapsed-Ms", "Coopkg-Request-Id"))


def told(line: dict[str, Any]) -> dict[str, Any]:
    """Return the line of an answer, but for what each has for itself."""
    return {name: value for name, value in line.items() if name not in ("time", "id", "ms")}


@pytest.mark.parametrize("asked", [*PLAIN, *REFUSED, *THROUGH], ids=str)
def test_whoever_answers_the_answer_its_headers_and_its_line_are_the_same(seen: Seen, asked: Asked) -> None:
    door, view = seen.by_door(asked), seen.by_view(asked)
    assert (door.status_code, door.data) == (view.status_code, view.data)
    assert lasting(door.headers) == lasting(view.headers)
    assert [told(line) for line in seen.lines[:1]] == [told(line) for line in seen.lines[1:]]
    assert [line["id"] for line in seen.lines] == [answer.headers["Coopkg-Request-Id"] for answer in (door, view)]


@pytest.mark.parametrize("asked", PLAIN, ids=str)
def test_a_plain_query_is_answered_before_flask(seen: Seen, asked: Asked) -> None:
    assert seen.by_door(asked).status_code == 200
    assert seen.reached == 0


@pytest.mark.parametrize("asked", [*REFUSED, *THROUGH], ids=str)
def test_all_else_reaches_flask_once(seen: Seen, asked: Asked) -> None:
    seen.by_door(asked)
    assert seen.reached == 1


def test_a_refused_query_is_asked_once(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def refusing(*question: object) -> None:
        asked.append(question)
        raise QueryTooHeavy("the query needed more memory than one query may take")

    service: QueryService = seen.app.config["SERVICE"]
    monkeypatch.setattr(service, "ask", refusing)
    assert seen.by_door(("GET", ASK, {})).status_code == 503
    assert len(asked) == 1


def test_what_nobody_expects_is_told_as_the_view_tells_it(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError("of the inside")

    monkeypatch.setattr(seen.app.config["SERVICE"], "ask", failing)
    answers = [seen.by_door(("GET", ASK, {})), seen.by_view(("GET", ASK, {}))]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert answers[0].text == answers[1].text
    assert "inside" not in answers[0].text
