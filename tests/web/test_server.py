"""What only a real server on a real socket can show."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import time
import urllib.request
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, SPARQLWrapper

from coopkg import gate
from coopkg.content import Content
from coopkg.graph import Graph
from coopkg.journal import Change
from coopkg.judge import Rulebook
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.settings import Settings
from coopkg.web import server
from coopkg.web.reading import Request
from coopkg.web.server import Server
from tests.conftest import PROGRAM, clean_environ
from tests.web.conftest import Served, copied, in_process, serving, unbounded

NAMES = "SELECT ?name WHERE { ?project a coop:Project ; skos:prefLabel ?name } ORDER BY ?name"
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
PROJECT = NamedNode("https://w3id.org/coopkg/id/project/a-page")
PAGE = NamedNode("https://w3id.org/coopkg/graph/a-page")


def _post(server: Served, body: bytes | list[bytes], **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    """Post a body, in chunks without a length when it is a list; return status, headers and text."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    try:
        connection.request(
            "POST",
            "/sparql",
            body=iter(body) if isinstance(body, list) else body,
            headers={"Content-Type": "application/sparql-query", **headers},
            encode_chunked=isinstance(body, list),
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def _chunked(server: Served, body: list[bytes]) -> tuple[int, http.client.HTTPMessage, str]:
    return _post(server, body, **{"Transfer-Encoding": "chunked"})


def _raw(server: Served, request: bytes, *, leave: bool = False) -> bytes:
    """Send bytes and return whatever comes back until the server closes; `leave` stops sending before."""
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(request)
        if leave:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def test_a_query_in_chunks_is_read_whole(served: Served) -> None:
    status, _, text = _chunked(served, [b"ASK {", b" ?s ", b"?p ?o }"])
    assert (status, json.loads(text)["boolean"]) == (200, True)


def test_a_chunked_body_beyond_the_limit_is_refused_and_never_cut(served: Served) -> None:
    limit = 4 * served.settings.query_max_bytes
    # Cut at the limit, this would be a valid query: only comment signs lie beyond.
    body = b"ASK { ?s ?p ?o } " + b"#" * (limit + 100)
    for chunks in ([body], [body[start : start + 1000] for start in range(0, len(body), 1000)]):
        status, headers, text = _chunked(served, chunks)
        assert (status, headers["Access-Control-Allow-Origin"]) == (413, "*")
        assert text.startswith(f"The body is larger than {limit:,} bytes")


def test_a_body_far_beyond_the_limit_is_refused_readably_too(served: Served) -> None:
    status, headers, _ = _post(served, b"#" * (9 * served.settings.query_max_bytes))
    assert (status, headers["Access-Control-Allow-Origin"]) == (413, "*")


def test_a_body_shorter_than_announced_gets_no_answer(served: Served) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\n"
    assert b"200" not in _raw(served, head + b"ASK { ?s ?p ?o }", leave=True)


def test_what_is_no_http_is_refused_readably(served: Served) -> None:
    received = _raw(served, b"GET / HTTP/1.1\r\nHost: x\r\n broken folding\x00\r\nTransfer-Encoding: oops\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"Access-Control-Allow-Origin: *" in received


def test_a_url_that_is_not_ascii_is_refused_readably(served: Served) -> None:
    received = _raw(served, 'GET /sparql?query=SELECT("é"AS?x){} HTTP/1.0\r\n\r\n'.encode())
    assert received.startswith(b"HTTP/1.1 400")
    assert b"Access-Control-Allow-Origin: *" in received


def test_head_has_the_length_and_no_body(served: Served) -> None:
    received = _raw(served, b"HEAD /sparql?query=ASK{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"200" in head.split(b"\r\n")[0]
    assert b"Content-Length: " in head
    assert body == b""


@pytest.mark.harvest(10)
def test_the_server_does_not_say_what_it_is_made_of(served: Served) -> None:
    _, headers, _ = _post(served, b"ASK {}")
    assert headers["Server"] is None
    assert len(headers.get_all("Date") or []) == 1


@pytest.mark.harvest(21)
def test_a_request_without_a_user_agent_is_answered(served: Served) -> None:
    assert b"200 OK" in _raw(served, b"GET /sparql?query=ASK{} HTTP/1.0\r\n\r\n")


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_the_rows(served: Served, method: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SPARQLWrapper 2.0 leaves its sockets to the collector
        wrapper = SPARQLWrapper(f"{served.url}/sparql")
        wrapper.setMethod(method)
        wrapper.setQuery(NAMES)
        wrapper.setReturnFormat(JSON)
        rows: Any = wrapper.query().convert()
        wrapper.setReturnFormat(CSV)
        wrapper.setMethod(POST)
        wrapper.setRequestMethod(POSTDIRECTLY)
        table = wrapper.query().convert()
    assert [row["name"]["value"] for row in rows["results"]["bindings"]] == ["Un projet"]
    assert table == b"name\r\nUn projet\r\n"


def test_a_name_of_several_addresses_can_be_listened_on(monkeypatch: pytest.MonkeyPatch, small: Settings) -> None:
    """`localhost` is often both 127.0.0.1 and ::1; here it is 127.0.0.1 and 127.0.0.2, which every Linux has."""
    monkeypatch.setattr(socket, "getaddrinfo", _two_addresses)
    published = Graph.open(small, {})
    server = Server(published, unbounded(in_process(published)), replace(small, host="localhost", port=0))
    try:
        assert int(server.url.removeprefix("http://localhost:")) > 0
    finally:
        server.close()


def _two_addresses(_host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
    return [
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, int(port)))
        for address in ("127.0.0.1", "127.0.0.2")
    ]


def _answered(server: Served) -> tuple[int, str]:
    _, headers, text = _post(server, NAMES.encode(), Accept="text/csv")
    return int(headers["Coopkg-Revision"]), text


def test_answers_follow_a_new_revision_without_a_restart(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    with serving(settings) as running:
        before, text = _answered(running)
        assert text == "name\r\nUn projet\r\n"
        _rename(settings, "Un projet", "Le projet renommé")
        until = time.monotonic() + 10
        while (after := _answered(running))[0] == before and time.monotonic() < until:
            time.sleep(0.02)
        assert after == (before + 1, "name\r\nLe projet renommé\r\n")


def _rename(settings: Settings, old: str, new: str) -> None:
    """Publish another name of the project, through the gate."""
    content = Content(settings.content_folder())
    rulebook = Rulebook(content.shapes(), content.rules(), lambda *_: "", lambda _: True)
    was, now = (Quad(PROJECT, LABEL, Literal(name, language="fr"), PAGE) for name in (old, new))
    with gate.opened(settings.state_folder({}), rulebook, 3, lambda _: None) as writer:
        writer.propose([Change(frozenset({was}), frozenset({now}), "rename")])


# ---- many connections, busy threads, stops -------------------------------------------------------------------

ENDLESS = b"/sparql?query=SELECT(COUNT(*)AS?n){?a?b?c.?d?e?f.?g?h?i.?j?k?l}"


def test_eleven_hundred_half_open_connections_of_one_address_keep_nobody_out(small: Settings) -> None:
    with serving(small) as running, contextlib.ExitStack() as keeping:
        for number in range(1_100):
            held = keeping.enter_context(socket.create_connection((running.host, running.port), 20, ("127.0.0.2", 0)))
            with contextlib.suppress(ConnectionError):
                held.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n" + b"\r\nabc" * (number % 2))
        assert b"200 OK" in _raw(running, b"GET /sparql?query=ASK{} HTTP/1.0\r\n\r\n")
        assert len(list(Path(f"/proc/{running.process_id}/fd").iterdir())) < 200


def test_who_runs_the_server_is_answered_while_all_threads_are_busy(small: Settings) -> None:
    with serving(replace(small, threads=1, deadline_s=20.0)) as running, contextlib.ExitStack() as keeping:
        for number in range(3):
            busy = keeping.enter_context(socket.create_connection((running.host, running.port), 20))
            busy.sendall(b"GET %b%%23%d HTTP/1.1\r\nHost: x\r\n\r\n" % (ENDLESS, number))
        time.sleep(0.5)
        for path in ("/health", "/ready", "/metrics"):
            with urllib.request.urlopen(f"{running.url}{path}", timeout=5) as answer:  # noqa: S310  # our own server
                assert answer.status == 200


def test_pages_are_answered_while_all_threads_for_queries_are_busy(small: Settings) -> None:
    with serving(replace(small, threads=1, deadline_s=20.0)) as running, contextlib.ExitStack() as keeping:
        for number in range(3):
            busy = keeping.enter_context(socket.create_connection((running.host, running.port), 20))
            busy.sendall(b"GET %b%%23%d HTTP/1.1\r\nHost: x\r\n\r\n" % (ENDLESS, number))
        time.sleep(0.5)
        for path in ("/", "/about", "/examples.ttl"):
            with urllib.request.urlopen(f"{running.url}{path}", timeout=10) as answer:  # noqa: S310  # our own server
                assert answer.status == 200


@pytest.mark.parametrize(
    ("target", "crew"),
    [
        *(
            (target, "query")
            for target in (b"/sparql", b"/%73parql?query=x", b"/query", b"/q/aaaa", b"http://x/validate")
        ),
        *(
            (target, "page")
            for target in (
                b"/",
                b"/search?q=a.b",
                b"/doc/project/a.csv",
                b"/querying",
                b"*",
                b"/docs/a.md",
                b"/changes?since=1",
                b"/feeding",
                b"/dumped/x",
            )
        ),
        *(
            (target, "file")
            for target in (
                b"/projects.csv?page=1",
                b"/territories.excel.csv",
                b"http://x/themes.ttl",
                b"/feed/1-2",
                b"/changes/7",
                b"/dumps/",
                b"/dumps/latest/coopkg.nq.gz",
                b"/%64umps/graphs/a\n.nq.gz",
            )
        ),
        *((target, "operation") for target in (b"/health", b"/metrics?x")),
    ],
)
def test_each_request_is_answered_by_threads_of_its_kind(target: bytes, crew: str) -> None:
    assert server._crews(1, None)(Request("GET", target, "1.1")).name == crew


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_server_that_is_told_to_stop_finishes_the_query_under_way(
    small: Settings, sent: signal.Signals, code: int
) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "--state", str(small.state), "serve", "--no-build", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environ(COOPKG_DEADLINE_S="2", COOPKG_FAST_S="2"),
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().split()[3].rstrip("/").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 20) as asking:
        asking.sendall(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % ENDLESS)
        time.sleep(0.5)
        process.send_signal(sent)
        answer = asking.recv(65_536)
        assert answer.startswith(b"HTTP/1.1 504 ")
    assert process.wait(timeout=10) == code
    process.stdout.close()
