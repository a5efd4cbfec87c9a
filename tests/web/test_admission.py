"""Who may write: with a token, in its header alone, over a connection that nobody overhears."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg.budget import networks_of
from coopkg.errors import BudgetSpent
from coopkg.settings import Settings
from coopkg.tokens import Tokens
from coopkg.web import connection
from coopkg.web.admission import Failures
from tests.web.test_log import Lines, lines  # noqa: F401  # a fixture
from tests.web.writers import Desk

UPDATE = {"update": "INSERT DATA { <http://s/> <http://p/> 1 }"}
GRAPH = "/graph-store?graph=https://w3id.org/coopkg/graph/a-page"
#: A write of each kind.
WRITES = {
    "an update in a form": ("POST", "/sparql", urlencode(UPDATE).encode(), "application/x-www-form-urlencoded"),
    "an update as the body": ("POST", "/sparql", UPDATE["update"].encode(), "application/sparql-update"),
    "put": ("PUT", GRAPH, b"", "text/turtle"),
    "post": ("POST", GRAPH, b"", "text/turtle"),
    "post without a graph": ("POST", "/graph-store", b"", "text/turtle"),
    "delete": ("DELETE", GRAPH, b"", ""),
    "put here": ("PUT", "/graph-store/x", b"", "text/turtle"),
    "delete here": ("DELETE", "/graph-store/x", b"", ""),
}


@pytest.fixture
def desk(small: Settings, tmp_path: Path) -> Desk:
    """Return an application that takes writes, behind a proxy that it trusts."""
    return Desk(replace(small, trusted_proxies="10.0.0.0/8,127.0.0.9/32"), tmp_path)


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    """Return a client without a token."""
    return desk.app.test_client()


def send(client: FlaskClient, kind: str, peer: str = "127.0.0.1", **headers: str) -> TestResponse:
    method, address, body, content_type = WRITES[kind]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open(
        address,
        method=method,
        data=body,
        content_type=content_type or None,
        headers=named,
        environ_overrides={"REMOTE_ADDR": peer},
    )


@pytest.mark.parametrize("kind", WRITES)
def test_each_write_needs_a_token(client: FlaskClient, desk: Desk, kind: str) -> None:
    answer = send(client, kind)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "coopkg token add" in answer.text
    assert desk.writer.asked == []
    assert send(client, kind, **desk.bearer).status_code == 200
    assert len(desk.writer.asked) == 1


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("header", ["Basic {0}", "Bearer", "Bearer {0}x", "{0}", "Bearer {0}, Bearer {0}", "Digest x"])
def test_what_is_no_token_is_refused_and_not_repeated(client: FlaskClient, desk: Desk, kind: str, header: str) -> None:
    answer = send(client, kind, Authorization=header.format(desk.secret))
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert desk.secret.partition(".")[2] not in answer.text + str(answer.headers)
    assert desk.writer.asked == []


def test_a_token_counts_nowhere_but_in_its_header(client: FlaskClient, desk: Desk) -> None:
    client.set_cookie("Authorization", f"Bearer {desk.secret}")
    client.set_cookie("access_token", desk.secret)
    assert send(client, "put").status_code == 401
    asked = [
        client.put(f"{GRAPH}&access_token={desk.secret}", content_type="text/turtle", headers=desk.bearer),
        client.post("/sparql", data={**UPDATE, "access_token": desk.secret}),
        client.post(f"/sparql?access_token={desk.secret}", data=UPDATE),
    ]
    for answer in asked:
        assert (answer.status_code, "never in a URL or a form" in answer.text) == (400, True)
        assert desk.secret.partition(".")[2] not in answer.text
    assert desk.writer.asked == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "QUERY"])
def test_a_token_makes_no_write_of_a_read(client: FlaskClient, desk: Desk, method: str) -> None:
    assert client.open(f"/sparql?{urlencode(UPDATE)}", method=method, headers=desk.bearer).status_code in (400, 415)
    client.open(GRAPH, method=method, headers=desk.bearer)
    assert desk.writer.asked == []


def test_a_revoked_token_counts_no_more_at_once(client: FlaskClient, desk: Desk, tmp_path: Path) -> None:
    assert send(client, "put", **desk.bearer).status_code == 200
    Tokens(tmp_path).revoke(desk.token.id)
    answer = send(client, "put", **desk.bearer)
    assert (answer.status_code, "revoked on" in answer.text) == (401, True)


def test_of_a_damaged_file_no_token_counts(client: FlaskClient, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "tokens.json").write_text("{}", encoding="utf-8")
    answer = send(client, "put", **desk.bearer)
    assert (answer.status_code, str(tmp_path) in answer.text) == (500, False)
    assert desk.writer.asked == []


# Over which connection.

HTTPS = {"X_Forwarded_Proto": "https", "X_Forwarded_For": "203.0.113.9"}


@pytest.mark.parametrize(
    ("peer", "headers", "said"),
    [
        ("127.0.0.1", {}, ""),
        ("127.8.8.8", {}, ""),
        ("::1", {}, ""),
        ("::ffff:127.0.0.1", {}, ""),
        ("127.0.0.1", {"Host": "127.0.0.1:8080"}, ""),
        ("127.0.0.1", {"Host": "[::1]:8080"}, ""),
        ("127.0.0.1", {"Host": "localhost:8080"}, ""),
        ("10.1.2.3", HTTPS, ""),
        ("10.1.2.3", {"Forwarded": 'for=203.0.113.9;proto=https;host="x"'}, ""),
        ("10.1.2.3", {"Forwarded": 'for=203.0.113.9; Proto="HTTPS", for=10.0.0.1;proto=https'}, ""),
        ("10.1.2.3", {**HTTPS, "Forwarded": "proto=https"}, ""),
        ("127.0.0.9", HTTPS, ""),
        # Seen by others.
        ("203.0.113.9", {}, "from this machine, or over HTTPS"),
        ("203.0.113.9", HTTPS, "from this machine, or over HTTPS"),
        ("2001:db8::1", {}, "from this machine, or over HTTPS"),
        ("192.168.1.7", {}, "from this machine, or over HTTPS"),
        ("", {}, "from this machine, or over HTTPS"),
        ("10.1.2.3", {}, "does not say that"),
        ("10.1.2.3", {"X_Forwarded_For": "203.0.113.9"}, "does not say that"),
        ("10.1.2.3", {"X_Forwarded_Proto": "http"}, "does not say that"),
        ("10.1.2.3", {"X_Forwarded_Proto": ""}, "does not say that"),
        ("10.1.2.3", {"X_Forwarded_Proto": "https, http"}, "does not say that"),
        ("10.1.2.3", {"X_Forwarded_Proto": "httpsx"}, "does not say that"),
        ("10.1.2.3", {**HTTPS, "Forwarded": "proto=http"}, "does not say that"),
        ("10.1.2.3", {"Forwarded": "proto=https, for=10.0.0.1"}, "does not say that"),
        ("10.1.2.3", {"Forwarded": "xproto=https"}, "does not say that"),
        ("127.0.0.9", {}, "does not say that"),
        # A proxy on this machine that nobody named.
        ("127.0.0.1", HTTPS, "by a proxy that is not trusted"),
        ("127.0.0.1", {"Forwarded": "proto=https"}, "by a proxy that is not trusted"),
        ("127.0.0.1", {"Via": "1.1 x"}, "by a proxy that is not trusted"),
        ("127.0.0.1", {"X_Real_IP": "203.0.113.9"}, "by a proxy that is not trusted"),
        ("::1", {"X_Forwarded_Host": "example.org"}, "by a proxy that is not trusted"),
        ("127.0.0.1", {"Host": "example.org"}, "as through a proxy"),
        ("127.0.0.1", {"Host": "127.0.0.1.example.org"}, "as through a proxy"),
        ("127.0.0.1", {"Host": "localhost.example.org:8080"}, "as through a proxy"),
    ],
)
def test_a_write_comes_from_here_or_over_tls(
    client: FlaskClient, desk: Desk, peer: str, headers: dict[str, str], said: str
) -> None:
    answer = send(client, "put", peer, **desk.bearer, **headers)
    assert answer.status_code == (403 if said else 200), answer.text
    assert said in answer.text
    assert len(desk.writer.asked) == (0 if said else 1)


@pytest.mark.parametrize("name", connection.FORWARDING)
def test_each_header_of_a_proxy_is_noticed_whatever_its_case(name: str) -> None:
    for written in (name, name.upper(), name.lower(), name.title()):
        assert "not trusted" in connection.fault("127.0.0.1", "localhost", [(written, "x")], [])


def test_in_clear_a_token_is_not_even_asked_for(client: FlaskClient) -> None:
    answer = send(client, "put", "203.0.113.9")
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (403, False)


@pytest.mark.parametrize("host", ["", "[", "[::1", "a b", "@", "127.0.0.1@example.org", "[::g]"])
def test_a_host_that_is_none_is_not_this_machine(host: str) -> None:
    assert connection.fault("127.0.0.1", host, (), networks_of(""))


# From which page.


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 200),
        ("HTTP://LOCALHOST", 200),
        ("http://localhost:8080", 403),
        ("http://127.0.0.1", 403),
        ("https://evil.example", 403),
        ("https://localhost.evil.example", 403),
        ("null", 403),
        ("", 403),
        ("http://[", 403),
        ("http://evil.example, http://localhost", 403),
    ],
)
def test_a_page_of_another_origin_writes_nothing(client: FlaskClient, desk: Desk, origin: str, status: int) -> None:
    assert send(client, "put", **desk.bearer, Origin=origin).status_code == status
    assert len(desk.writer.asked) == (status == 200)


def test_a_simple_post_of_another_page_has_no_token_and_fails(client: FlaskClient, desk: Desk) -> None:
    answer = send(client, "an update in a form", Origin="https://evil.example", Cookie="a=b")
    assert (answer.status_code, "Access-Control-Allow-Origin" in answer.headers) == (401, False)
    assert desk.writer.asked == []


@pytest.mark.parametrize("kind", WRITES)
def test_no_answer_to_a_write_is_for_other_pages(client: FlaskClient, desk: Desk, kind: str) -> None:
    for answer in (
        send(client, kind, **desk.bearer),
        send(client, kind),
        send(client, kind, **desk.bearer, Origin="https://evil.example"),
        send(client, kind, **desk.bearer, If_Match="x"),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")], answer.text


def test_no_answer_to_who_shows_a_token_is_for_other_pages(client: FlaskClient, desk: Desk) -> None:
    for answer in (
        client.post("/sparql", data=b"x", content_type="text/plain", headers=desk.bearer),
        client.post("/nowhere", headers=desk.bearer),
    ):
        assert answer.status_code in (415, 404)
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/sparql", "/graph-store", "/graph-store/x", "/nowhere"])
@pytest.mark.parametrize(
    ("method", "headers"),
    [("PUT", ""), ("DELETE", ""), ("PATCH", ""), ("POST", "authorization"), ("GET", "Content-Type, Authorization")],
)
def test_a_preflight_of_a_write_is_allowed_nothing(client: FlaskClient, path: str, method: str, headers: str) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    answer = client.options(path, headers=asked)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def test_other_pages_may_ask_as_ever(client: FlaskClient) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    told = client.options("/sparql", headers={**asked, "Access-Control-Request-Headers": "content-type"})
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    assert "PUT" not in told.headers["Access-Control-Allow-Methods"]
    answer = client.get("/sparql?query=ASK{}", headers={"Origin": "https://a.example"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")


# How often.


def test_who_sends_many_wrong_tokens_waits(client: FlaskClient, desk: Desk) -> None:
    wrong = {"Authorization": f"Bearer aaaaaaaaaa.{'A' * 43}"}
    for _ in range(10):
        assert send(client, "put", **wrong).status_code == 401
    answer = send(client, "put", **wrong)
    assert (answer.status_code, 1 <= int(answer.headers["Retry-After"]) <= 60) == (429, True)
    assert send(client, "put", **desk.bearer).status_code == 429
    others = send(client, "put", "10.1.2.3", **desk.bearer, **HTTPS)
    assert others.status_code == 200


def test_no_page_can_lock_its_reader_out(client: FlaskClient, desk: Desk) -> None:
    for _ in range(20):
        assert send(client, "an update in a form", Origin="https://evil.example").status_code == 401
    assert send(client, "put", **desk.bearer).status_code == 200


def test_failures_are_forgotten_after_a_minute() -> None:
    now = [0.0]
    failures = Failures(lambda: now[0])
    for second in range(10):
        failures.check("a")
        now[0] = second
        failures.note("a")
    with pytest.raises(BudgetSpent) as refused:
        failures.check("a")
    assert refused.value.wait_s == 51
    failures.check("b")
    now[0] = 60.0
    failures.check("a")
    failures.note("a")
    with pytest.raises(BudgetSpent):
        failures.check("a")


def test_failures_of_many_clients_are_bounded() -> None:
    failures = Failures(lambda: 0.0)
    for number in range(10_050):
        failures.note(str(number))
    assert len(failures._of) == 10_000


def test_the_log_has_no_token_that_was_refused(client: FlaskClient, desk: Desk, lines: Lines) -> None:  # noqa: F811  # a fixture
    send(client, "put", Authorization=f"Bearer {desk.secret}x").close()
    client.put(f"{GRAPH}&access_token={desk.secret}", headers=desk.bearer).close()
    assert [desk.secret.partition(".")[2] in line for line in lines.texts] == [False, False]
    assert "token" not in lines.last
