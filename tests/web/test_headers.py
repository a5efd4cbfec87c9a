"""The headers that every answer carries, and the shape of every error."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import errors
from coopkg.errors import CoopkgError
from coopkg.refusal import heard
from coopkg.web import problems

ASK = "/sparql?query=ASK{}"
#: A request of each kind and its status.
EVERY = {
    ("GET", ASK): 200,
    ("HEAD", ASK): 200,
    ("GET", "/"): 200,
    ("GET", "/?query=nonsense"): 308,
    ("GET", "/query?query=nonsense"): 400,
    ("GET", "/q/aaaaaaaaaaaa"): 404,
    ("GET", "/examples.ttl"): 200,
    ("GET", "/health"): 200,
    ("GET", "/static/coopkg.css"): 200,
    ("GET", "/static/icon.svg"): 200,
    ("GET", "/sparql"): 200,
    ("HEAD", "/sparql"): 200,
    ("GET", "/sparql?format=csv"): 400,
    ("GET", "/graph-store?default"): 200,
    ("GET", "/graph-store"): 400,
    ("POST", "/graph-store"): 405,
    ("GET", "/ready"): 200,
    ("GET", "/metrics"): 200,
    ("GET", "/sparql?query=nonsense"): 400,
    ("POST", "/sparql"): 415,
    ("PUT", "/sparql"): 405,
    ("POST", "/"): 405,
    ("GET", "/nowhere"): 404,
    ("GET", "/static/nowhere"): 404,
    ("OPTIONS", "/sparql"): 200,
    ("OPTIONS", "/nowhere"): 404,
}


@pytest.mark.harvest(11)
@pytest.mark.parametrize(("method", "path"), EVERY)
def test_every_answer_is_readable_from_other_origins_and_never_sniffed(
    client: FlaskClient, method: str, path: str
) -> None:
    answer = client.open(path, method=method, headers={"Origin": "https://elsewhere.example"}, buffered=True)
    assert answer.status_code == EVERY[method, path]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Expose-Headers"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.harvest(11)
@pytest.mark.parametrize("path", ["/sparql", "/", "/nowhere", "/graph-store", "/ready", "/metrics", "/health"])
def test_a_preflight_is_allowed_everywhere(client: FlaskClient, path: str) -> None:
    answer = client.options(
        path,
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.data == b""


def test_options_say_what_is_possible(client: FlaskClient) -> None:
    allowed = {part.strip() for part in client.options("/sparql").headers["Allow"].split(",")}
    assert allowed == {"GET", "HEAD", "POST", "QUERY", "OPTIONS"}


def test_an_answer_names_the_revision_it_was_read_from(client: FlaskClient, app: Flask) -> None:
    revision = str(app.config["GRAPH"].current()[1].revision)
    assert client.get(ASK).headers["Coopkg-Revision"] == revision
    assert client.get("/").headers["Coopkg-Revision"] == revision


@pytest.mark.harvest(15)
@pytest.mark.parametrize(
    ("path", "status", "code", "place"),
    [
        ("/sparql?query=ASK{", 400, "query", {"line": 1}),
        ("/sparql?format=csv", 400, "input", {}),
        ("/nowhere", 404, "not-found", {}),
    ],
)
def test_problem_json_is_given_to_who_asks_for_it(
    client: FlaskClient, path: str, status: int, code: str, place: dict[str, int]
) -> None:
    plain = client.get(path)
    answer = client.get(path, headers={"Accept": "application/sparql-results+json, application/problem+json;q=0.5"})
    assert answer.content_type == "application/problem+json"
    problem = json.loads(answer.data)
    assert problem["status"] == answer.status_code == status
    assert problem["type"] == f"https://w3id.org/coopkg/errors#{code}"
    assert problem["detail"] == plain.text.rstrip("\n")
    assert place.items() <= problem.items()
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "*/*", "application/problem+json;q=0", ""])
def test_an_error_is_plain_text_for_everybody_else(client: FlaskClient, accept: str) -> None:
    answer = client.get("/sparql?query=ASK{", headers={"Accept": accept})
    assert answer.content_type == "text/plain; charset=utf-8"


def _tree(root: type[CoopkgError]) -> list[type[CoopkgError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in _tree(child))]


def _an(kind: type[CoopkgError]) -> CoopkgError:
    members = {"findings": [], "paths": [], "wait_s": 5.0, "line": None, "column": None, "current": 2}
    return heard({"code": kind.code, "message": "the disk of srv-12 is odd", **members})


@pytest.mark.harvest(13)
@pytest.mark.parametrize("kind", _tree(CoopkgError), ids=lambda kind: kind.code)
def test_every_error_has_a_status_and_a_server_fault_says_nothing_of_the_inside(
    app: Flask, kind: type[CoopkgError], caplog: pytest.LogCaptureFixture
) -> None:
    with app.test_request_context("/sparql"):
        answer = problems.of(_an(kind))
    own = dict(problems.STATUSES)
    assert answer.status_code == own[kind]
    told = issubclass(kind, errors.Refused | errors.QueryTimedOut | errors.QueryTooHeavy | errors.LinksFull)
    if answer.status_code >= 500 and not told:
        assert "srv-12" not in answer.get_data(as_text=True)
        assert "srv-12" in caplog.text
    if told:
        assert answer.get_data(as_text=True) == "the disk of srv-12 is odd\n"
    assert ("Retry-After" in answer.headers) is (answer.status_code in (429, 503))


def test_a_bug_is_answered_without_its_traceback(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def location(self) -> None:
            raise RuntimeError("a secret of the inside")

    monkeypatch.setitem(app.config, "GRAPH", Broken())
    answer = client.get(ASK)
    assert answer.status_code == 500
    assert answer.text == "The server cannot answer now; try again in a moment.\n"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "a secret of the inside" in caplog.text
