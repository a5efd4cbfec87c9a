"""Known answers over real sockets: before the application, and over the application of a small graph."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from coopkg import upkeep
from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.redaction import Wanted
from coopkg.settings import Settings
from coopkg.web import keeping, warming
from coopkg.web.app import create_app
from coopkg.web.known import Known
from coopkg.web.server import Server
from coopkg.web.warming import Warming
from tests.build.running import Place
from tests.builders import a_tiny_content
from tests.in_process import InProcess
from tests.web.conftest import in_process, unbounded
from tests.web.test_front import MEGABYTE, Fronted, fronting, until
from tests.web.test_log import Lines, lines

__all__ = ["lines"]

A_PAGE = "data/sources/a-page.trig"
LABELS = "SELECT ?label { ?project a coop:Project ; skos:prefLabel ?label } ORDER BY ?label"
PROJECT = "/doc/project/a-page"
Answer = tuple[int, dict[str, str], bytes]


def ask(port: int, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
    """Return status, headers and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def is_hit(answer: Answer) -> bool:
    return answer[1].get("Coopkg-Cache") == "hit"


def query(text: str) -> str:
    return f"/sparql?query={quote(text)}"


# ---- before any application ------------------------------------------------------------------------------------


@contextmanager
def kept_by(view: Callable[[dict[str, Any], Callable[..., Any]], Any]) -> Iterator[tuple[Fronted, list[int]]]:
    """Run a front over a view that lets its answers be given again, and count how often it is asked."""
    asked: list[int] = []

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        asked.append(1)
        environ["coopkg.keep"]("g1")
        return view(environ, start)

    with fronting() as fronted:
        fronted.front.app, fronted.front.known = app, Known(64 * MEGABYTE, lambda: "g1")
        yield fronted, asked


def saying(
    status: str = "200 OK", body: bytes = b"a body", *headers: tuple[str, str]
) -> Callable[[dict[str, Any], Callable[..., Any]], Any]:
    def view(_: dict[str, Any], start: Callable[..., Any]) -> Any:
        start(status, [("Content-Length", str(len(body))), *headers])
        return [body]

    return view


def test_what_was_answered_once_is_given_again_without_the_application() -> None:
    with kept_by(saying()) as (fronted, asked):
        first, second = ask(fronted.port, "/a"), ask(fronted.port, "/a")
    assert (len(asked), first[2], second[2]) == (1, b"a body", b"a body")
    assert not is_hit(first)
    assert is_hit(second)


def test_an_answer_in_pieces_is_known_whole_with_its_length() -> None:
    def view(_: dict[str, Any], start: Callable[..., Any]) -> Any:
        start("200 OK", [])
        return iter([b"x" * 1_000_000, b"", b"y"])

    with kept_by(view) as (fronted, asked):
        first, second = ask(fronted.port, "/a"), ask(fronted.port, "/a")
    assert first[2] == second[2] == b"x" * 1_000_000 + b"y"
    assert (len(asked), first[1]["Transfer-Encoding"], second[1]["Content-Length"]) == (1, "chunked", "1000001")


def test_who_has_an_answer_in_pieces_to_its_end_finds_it_known(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = Known.keep

    def slowly(*said: Any) -> None:
        time.sleep(0.05)
        keep(*said)

    def view(_: dict[str, Any], start: Callable[..., Any]) -> Any:
        start("200 OK", [])
        return iter([b"x" * 1_000] * 3)

    monkeypatch.setattr(Known, "keep", slowly)
    with kept_by(view) as (fronted, asked):
        for path in map(str, range(10)):
            ask(fronted.port, f"/{path}")
            assert is_hit(ask(fronted.port, f"/{path}"))
    assert len(asked) == 10


def breaking(_: dict[str, Any], start: Callable[..., Any]) -> Any:
    start("200 OK", [])
    yield b"half"
    raise RuntimeError


def short(_: dict[str, Any], start: Callable[..., Any]) -> Any:
    start("200 OK", [("Content-Length", "10")])
    return [b"half"]


@pytest.mark.parametrize("view", [breaking, short])
def test_an_answer_that_broke_off_is_not_known(view: Callable[..., Any]) -> None:
    with kept_by(view) as (fronted, asked):
        for _ in range(2):
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                ask(fronted.port, "/a")
    assert len(asked) == 2


@pytest.mark.parametrize("status", ["206 Partial Content", "303 See Other", "404 Not Found", "503 Busy", "201 Made"])
def test_nothing_but_a_whole_answer_is_known(status: str) -> None:
    with kept_by(saying(status)) as (fronted, asked):
        assert [ask(fronted.port, "/a")[0] for _ in range(2)] == [int(status[:3])] * 2
    assert len(asked) == 2


def test_a_head_is_answered_from_a_get_and_never_the_other_way_round() -> None:
    with kept_by(saying()) as (fronted, asked):
        assert ask(fronted.port, "/a", "HEAD")[2] == b""
        assert ask(fronted.port, "/a")[2] == b"a body"
        status, headers, body = ask(fronted.port, "/a", "HEAD")
    assert (len(asked), status, headers["Content-Length"], body) == (2, 200, "6", b"")


def test_http_1_0_is_for_the_application() -> None:
    with kept_by(saying()) as (fronted, asked):
        for _ in range(2):
            assert fronted.raw(b"GET /a HTTP/1.0\r\n\r\n").endswith(b"a body")
    assert len(asked) == 2


def test_a_file_that_is_lent_is_not_known_by_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a file")

    def view(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        environ["coopkg.lend"]((tmp_path / "file").open("rb"), 0, 6)
        start("200 OK", [("Content-Length", "6")])
        return []

    with kept_by(view) as (fronted, asked):
        assert [ask(fronted.port, "/a")[2] for _ in range(2)] == [b"a file"] * 2
    assert len(asked) == 2


def test_who_has_a_new_answer_already_is_told_so_and_it_is_known_all_the_same() -> None:
    with kept_by(saying("200 OK", b"a body", ("ETag", '"t"'))) as (fronted, asked):
        first = ask(fronted.port, "/a", If_None_Match='"t"')
        second, third = ask(fronted.port, "/a"), ask(fronted.port, "/a", If_None_Match='W/"t"')
    assert [answer[0] for answer in (first, second, third)] == [304, 200, 304]
    assert (len(asked), first[2], second[2], third[2]) == (1, b"", b"a body", b"")


def test_requests_sent_ahead_are_answered_in_their_order_known_or_not() -> None:
    with kept_by(saying()) as (fronted, asked):
        ask(fronted.port, "/a")
        one = b"GET /%b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Encoding: identity\r\n%b\r\n"
        sent = [one % (path, fronted.port, b"") for path in (b"a", b"b", b"a", b"a")]
        answers = fronted.raw(b"".join(sent) + one % (b"a", fronted.port, b"Connection: close\r\n"))
    hits = [b"Coopkg-Cache" in part for part in answers.split(b"HTTP/1.1 200 OK")[1:]]
    assert hits == [True, False, True, True, True]
    assert len(asked) == 2


def test_a_crowd_of_slow_readers_holds_little_of_a_long_answer_each() -> None:
    body = bytes(3 * MEGABYTE)
    with kept_by(saying("200 OK", body)) as (fronted, _):
        ask(fronted.port, "/a")
        request = b"GET /a HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Encoding: identity\r\n\r\n" % fronted.port
        readers = [fronted.connect() for _ in range(10)]
        for reader in readers:
            reader.sendall(request * 100)
        until(lambda: sum(one._is_paused for one in fronted.front.connections) == 10)
        waiting = [one._transport.get_write_buffer_size() for one in fronted.front.connections]
        for reader in readers:
            reader.close()
    assert max(waiting) < MEGABYTE


# ---- over the application --------------------------------------------------------------------------------------


@dataclass
class Serving:
    """A server in this process, with a real front."""

    server: Server
    port: int

    @property
    def known(self) -> Known:
        return self.server._front.known


@contextmanager
def serving_here(settings: Settings, warm_up: str = "off") -> Iterator[Serving]:
    """Run a server over what a state folder publishes, in this process."""
    published = Graph.open(settings, {})
    chosen = replace(settings, port=0, dump_every_h=0, warm_up=warm_up)
    server = Server(published, unbounded(in_process(published)), chosen)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(server._front.loop.is_running)
        yield Serving(server, int(server.url.rpartition(":")[2]))
    finally:
        server.close()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def small_server(small: Settings) -> Iterator[Serving]:
    """Give a server over the small graph."""
    with serving_here(small) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (query(LABELS), {}),
        (f"{query(LABELS)}&format=csv", {}),
        (f"{query(LABELS)}&inference=false", {}),
        (query("CONSTRUCT { [] coop:n ?p } { ?p a coop:Project }"), {}),
        (query("SELECT ?s ?p ?o { ?s ?p ?o }"), {"Accept-Encoding": "zstd"}),
        (PROJECT, {}),
        (f"{PROJECT}.ttl", {}),
        (f"{PROJECT}.jsonld", {"Accept-Encoding": "gzip"}),
        (f"{PROJECT}.html", {"Accept-Language": "en"}),
    ],
)
def test_an_answer_is_the_same_when_it_is_known(small_server: Serving, path: str, headers: dict[str, str]) -> None:
    first, second = ask(small_server.port, path, **headers), ask(small_server.port, path, **headers)
    assert (first[0], second[0], is_hit(first), is_hit(second)) == (200, 200, False, True)
    assert first[2] == second[2]
    of_one_time = {"Date", "Coopkg-Request-Id", "Coopkg-Elapsed-Ms", "Coopkg-Cache", "Transfer-Encoding"}
    of_one_time |= {"Content-Length"} if "Transfer-Encoding" in first[1] else set()
    lasting = [{name: said for name, said in one[1].items() if name not in of_one_time} for one in (first, second)]
    assert lasting[0] == {name: said for name, said in lasting[1].items() if name in lasting[0]}
    assert second[1]["Cache-Control"] == "no-cache"
    assert ask(small_server.port, path, If_None_Match=second[1]["ETag"], **headers)[0] == 304


def test_a_posted_query_is_known_too(small_server: Serving) -> None:
    kind = {"Content_Type": "application/sparql-query"}
    answers = [ask(small_server.port, "/sparql", "POST", f"{LABELS} # posted", **kind) for _ in range(2)]
    assert [is_hit(answer) for answer in answers] == [False, True]
    assert not is_hit(ask(small_server.port, "/sparql", "QUERY", f"{LABELS} # posted", **kind))


def test_the_home_page_is_known_once_the_search_index_is_there(small_server: Serving) -> None:
    until(lambda: small_server.server._index.is_of(Graph.location(small_server.server._follower._graph)[1]))
    path = "/?lang=en"
    ask(small_server.port, path, Accept="text/html")
    answer = ask(small_server.port, path, Accept="text/html", Accept_Language="fr")
    assert not is_hit(answer)
    assert is_hit(ask(small_server.port, path, Accept="text/html"))
    assert is_hit(ask(small_server.port, path, Accept="text/html", Accept_Language="fr"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (now ( ) AS ?x) {}",
        "SELECT (RAND #(\n() AS ?x) {}",
        "SELECT (UUID() AS ?x) {}",
        "SELECT (StrUUID() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
        "SELECT (BNODE('a') AS ?x) {}",
        "SELECT (5+RAND() AS ?x) {}",
        "SELECT ?x { BIND(-RAND() AS ?x) }",
        "SELECT ?x { BIND('\\u0041' AS ?x) }",
        "SELECT ?x { BIND('of service' AS ?x) }",
        "CONSTRUCT { ?b coop:n 1 } { BIND(BNODE() AS ?b) }",
    ],
)
def test_what_is_another_each_time_is_asked_each_time(small_server: Serving, text: str) -> None:
    answers = [ask(small_server.port, query(text)) for _ in range(2)]
    assert [(answer[0], is_hit(answer)) for answer in answers] == [(200, False)] * 2
    assert "ETag" not in answers[1][1]


@pytest.mark.parametrize(
    "path",
    [
        "/sparql",
        "/graph-store?default",
        query("SELECT"),
        f"{query(LABELS)}&revision=99",
        f"{PROJECT}x",
        "/health",
        "/ready",
        "/metrics",
        "/query",
        "/projects",
        "/changes",
        "/quality",
        "/search?q=a",
        "/id/project/a-page",
        "/catalog",
        "/feed",
    ],
)
def test_no_view_has_said_so_of_these(small_server: Serving, path: str) -> None:
    assert not [answer for answer in (ask(small_server.port, path) for _ in range(2)) if is_hit(answer)]


def test_nobody_is_given_the_host_that_somebody_else_named(small_server: Serving) -> None:
    path = f"{PROJECT}.nt"
    for _ in range(2):
        assert b"evil.example" in ask(small_server.port, path, Host="evil.example")[2]
    answer = ask(small_server.port, path, Host="coop.example", X_Forwarded_Host="evil.example")
    assert (is_hit(answer), b"evil.example" in answer[2], b"coop.example" in answer[2]) == (False, False, True)


def test_with_a_public_address_all_hosts_share_what_names_it(small: Settings) -> None:
    with serving_here(replace(small, public_url="https://coop.example/")) as running:
        answers = [ask(running.port, f"{PROJECT}.nt", Host=host) for host in ("evil.example", "coop.example")]
    assert [is_hit(answer) for answer in answers] == [False, True]
    assert not [answer for answer in answers if b"evil.example" in answer[2] + repr(answer[1]).encode()]


def test_a_token_is_always_heard(small_server: Serving) -> None:
    for _ in range(2):
        ask(small_server.port, query(LABELS))
    assert not is_hit(ask(small_server.port, query(LABELS), Authorization="Bearer a.b"))


def test_the_log_has_a_line_for_a_known_answer_and_no_word_of_its_question(small_server: Serving, lines: Lines) -> None:
    path = query('SELECT ("a-secret-word" AS ?x) {}')
    for _ in range(2):
        answer = ask(small_server.port, path, "GET", None, X_Forwarded_For="203.0.113.9")
    until(lambda: len(lines.texts) == 2)
    first, second = map(json.loads, lines.texts)
    assert second.pop("known") is True
    assert second.pop("id") == answer[1]["Coopkg-Request-Id"]
    assert {**second, "time": "", "ms": 0, "id": ""} == {**first, "time": "", "ms": 0, "id": ""}
    assert "secret" not in "".join(lines.texts)


@pytest.mark.parametrize(
    "text", ["SELECT ?x { ?x rdfs:label 'grand' }", "ASK { ?now ?rand ?uuid }", "DESCRIBE <urn:a>"]
)
def test_a_query_that_only_looks_like_it_may_be_kept(text: str) -> None:
    assert keeping.may_be_kept(text)


@pytest.mark.parametrize("text", ["5NOW()", "SERVICESILENT", "\\U00000053ERVICE", "strUuId\t\r\n(", "RAND#\r#(\n("])
def test_a_query_that_the_engine_could_read_otherwise_may_not(text: str) -> None:
    assert not keeping.may_be_kept(text)


def kept_of(app: Flask, path: str) -> list[str]:
    """Return of which generations a view has said that its answer may be given again."""
    said = list[str]()
    app.test_client().get(path, environ_overrides={"coopkg.keep": said.append})
    return said


def test_a_query_says_which_generation_its_worker_is_over(app: Flask, small: Settings) -> None:
    published = app.config["GRAPH"]
    behind = InProcess(lambda: (published.current()[0], 1), lambda: "000000001-1")
    late = create_app(published, unbounded(behind), small)
    assert kept_of(app, query(LABELS)) == [published.generation()]
    assert kept_of(late, query(LABELS)) == ["000000001-1"]


def test_a_page_says_which_generation_was_current_before_it_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    published, names = app.config["GRAPH"], ["000000009-1"]
    opened = published.current

    def current() -> object:
        names.append("000000009-2")
        return opened()

    monkeypatch.setattr(published, "generation", lambda: names[-1])
    monkeypatch.setattr(published, "current", current)
    assert kept_of(app, PROJECT) == ["000000009-1"]


def test_the_home_page_is_not_kept_while_its_map_may_be_of_another_revision(small: Settings) -> None:
    published = Graph.open(small, {})
    other = create_app(published, unbounded(in_process(published)), small, index=Index())
    assert kept_of(other, "/") == []


def test_metrics_tell_of_known_answers(small_server: Serving) -> None:
    for _ in range(2):
        ask(small_server.port, f"{query(LABELS)}&metrics")
    text = ask(small_server.port, "/metrics")[2].decode()
    said = dict(line.split(" ") for line in text.splitlines() if line.startswith("coopkg_known"))
    assert float(said["coopkg_known_answers_hits_total"]) >= 1
    assert float(said["coopkg_known_answers_kept_total"]) >= 1
    assert float(said["coopkg_known_answers_bytes"]) > 0


# ---- another revision ------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give a tiny graph of one's own."""
    made = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    made.build()
    return made


def test_nothing_older_is_given_once_a_revision_is_published(place: Place) -> None:
    faults, ended, heard = list[tuple[int, Answer]](), threading.Event(), list[int]()
    path = f"{query(LABELS)}&format=csv"
    with serving_here(place.settings) as running:

        def load() -> None:
            while not ended.is_set():
                at_least = int(running.known.published().split("-")[0])
                answer = ask(running.port, path)
                revision = int(answer[1]["Coopkg-Revision"])
                heard.append(is_hit(answer))
                names = "Un projet" if revision == first else f"Un projet en {revision - first}"
                if revision < at_least or names not in answer[2].decode():
                    faults.append((at_least, answer))

        first = int(ask(running.port, path)[1]["Coopkg-Revision"])
        threads = [threading.Thread(target=load) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(1, 4):
            before = "Un projet" if number == 1 else f"Un projet en {number - 1}"
            place.swap(A_PAGE, f'"{before}"', f'"Un projet en {number}"')
            place.build()
            now = ask(running.port, path)
            assert (int(now[1]["Coopkg-Revision"]), f"en {number}" in now[2].decode()) == (first + number, True)
        ended.set()
        for thread in threads:
            thread.join()
    assert not faults
    assert sum(heard) > 10


def test_nothing_of_what_was_erased_is_given_or_held(place: Place) -> None:
    name = "Anne Exemple"
    place.swap(A_PAGE, '"Un projet"', f'"{name}"')
    place.build()
    paths = (f"{query(LABELS)}&format=csv", PROJECT, f"{PROJECT}.html")
    with serving_here(place.settings) as running:
        for path in (*paths, *paths):
            answer = ask(running.port, path)
        assert is_hit(answer)
        assert name in answer[2].decode()
        place.swap(A_PAGE, f'"{name}"', '"Un nom"')
        place.build()
        for path in (*paths, *paths):
            assert name not in ask(running.port, path)[2].decode()
        upkeep.redact(place.settings, {}, Wanted.of((name,), ()), "asked for", lambda _: True)
        running.known.follow()
        assert not running.known._entries
        for path in (*paths, *paths):
            assert name not in ask(running.port, path)[2].decode()
        assert not [one for one in running.known._entries.values() if name.encode() in one.body]


# ---- the warm-up -----------------------------------------------------------------------------------------------


def test_after_the_warm_up_browsers_find_the_home_page_and_the_examples_known(small: Settings) -> None:
    with serving_here(small) as running:
        server, host = running.server, f"127.0.0.1:{running.port}"
        until(lambda: server._index.is_of(Graph.location(server._follower._graph)[1]))
        questions = warming.questions(host, over_tls=False)
        Warming(server._front.app, running.known, ("127.0.0.1", running.port), questions, lambda: True).once()
        kept = running.known.counts()["known_answers_kept"]
        for question in questions:
            headers = {name.decode(): value.decode() for name, value in question.headers}
            body = question.body.decode() or None
            answer = ask(running.port, question.target.decode(), question.method, body, **headers)
            assert (answer[0], is_hit(answer)) == (200, True), question
        assert running.known.counts()["known_answers_kept"] == kept == len(questions)


def test_a_server_warms_itself_up(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "_EVERY_S", 0.1)
    with serving_here(small, warm_up="on") as running:
        asked_at = f"127.0.0.1:{running.port}"
        until(lambda: running.known.counts()["known_answers_kept"] == len(warming.questions(asked_at, over_tls=False)))
        page = warming.questions(asked_at, over_tls=False)[-1]
        headers = {name.decode(): value.decode() for name, value in page.headers}
        assert is_hit(ask(running.port, page.target.decode(), **headers))


def test_the_warm_up_asks_nothing_that_is_known_and_ends_when_something_else_is_published() -> None:
    names, seen = ["g1"], list[str]()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        environ["coopkg.keep"](names[-1])
        seen.append(environ["PATH_INFO"])
        if len(seen) == 3:
            names.append("g2")
        return saying()(environ, start)

    known = Known(MEGABYTE, lambda: names[-1])
    questions = [replace(warming.questions("a", over_tls=True)[0], target=b"/%d" % number) for number in range(5)]
    work = Warming(app, known, ("a", 80), questions, lambda: True)
    work.once()
    assert seen == ["/0", "/1", "/2"]
    work.once()
    assert seen[3:] == ["/0", "/1", "/2", "/3", "/4"]
    work.once()
    assert len(seen) == 8


def test_the_warm_up_lets_every_client_go_first() -> None:
    environs = list[dict[str, Any]]()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        environs.append(environ)
        return saying()(environ, start)

    questions = warming.questions("a", over_tls=False)[:1]
    Warming(app, Known(MEGABYTE, lambda: "g1"), ("a", 80), questions, lambda: True).once()
    assert (environs[0]["coopkg.yields"], environs[0]["REMOTE_ADDR"]) == (True, "warm-up")


def test_a_warm_up_follows_each_publication_and_ends_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "_EVERY_S", 0.01)
    names, seen = ["g1"], list[str]()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        seen.append(names[-1])
        return saying()(environ, start)

    questions = warming.questions("a", over_tls=False)[:1]
    with Warming(app, Known(MEGABYTE, lambda: names[-1]), ("a", 80), questions, lambda: True).warming():
        until(lambda: seen == ["g1"])
        names.append("g2")
        until(lambda: seen == ["g1", "g2"])
        time.sleep(0.05)
    assert seen == ["g1", "g2"]
