"""The limits, as a client meets them: status, sentence, headers. A real pool where the clock or the memory decides."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from coopkg import errors, sandbox
from coopkg.budget import Budgets
from coopkg.errors import CoopkgError
from coopkg.graph import Graph
from coopkg.keeper import KeeperSettings
from coopkg.pool import Pool, PoolSettings
from coopkg.quarantine import Quarantine
from coopkg.service import QueryService
from coopkg.settings import Settings
from coopkg.web.app import create_app
from tests.web.conftest import Served, in_process, serving, unbounded

ASK = "/sparql?query=ASK{}"
#: Rows without end, in practice.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
#: A long answer that comes at once: some 50 bytes a row.
LONG = 'SELECT ("0123456789012345678901234567890123456789" AS ?x) { ?a ?b ?c . ?d ?e ?f }'
MEGABYTE = 1 << 20


class Refusing:
    """An asker that refuses every question in the same way."""

    def __init__(self, fault: CoopkgError) -> None:
        self._fault = fault

    def ask(self, *_: object) -> object:
        """Refuse."""
        raise self._fault

    def is_ready(self) -> bool:
        """Return False: nothing can be asked."""
        return False

    def counts(self) -> dict[str, int]:
        """Return a count."""
        return {"busy": 7}


def _refusing(small: Settings, fault: CoopkgError) -> FlaskClient:
    return create_app(Graph.open(small, {}), unbounded(Refusing(fault)), small).test_client()  # type: ignore[arg-type]


@pytest.mark.harvest(13)
@pytest.mark.harvest(16)
@pytest.mark.parametrize(
    ("fault", "status", "wait"),
    [
        (errors.ServerBusy("all places are taken"), 503, "5"),
        (errors.ServerBusy("no place was free within 2 s", 0.2), 503, "1"),
        (errors.QueryTooHeavy("too much memory"), 503, "5"),
        (errors.QueryTimedOut("stopped after 10 s"), 504, None),
        (errors.AnswerTooLarge("longer than 100 bytes"), 413, None),
        (errors.BudgetSpent("20 worker-seconds a minute are used", 7.01), 429, "8"),
        (errors.QueryQuarantined("stopped a moment ago", 3.0), 503, "3"),
    ],
)
@pytest.mark.parametrize("path", [ASK, "/graph-store?default"])
def test_a_refusal_says_its_limit_and_when_to_come_back(
    small: Settings, path: str, fault: CoopkgError, status: int, wait: str | None
) -> None:
    answer = _refusing(small, fault).get(path)
    assert (answer.status_code, answer.text) == (status, f"{fault}\n")
    assert answer.headers.get("Retry-After") == wait
    assert answer.headers["Coopkg-Limits"].startswith("query 4096 bytes; deadline 10 s")
    assert float(answer.headers["Coopkg-Elapsed-Ms"]) >= 0
    assert int(answer.headers["Coopkg-Revision"]) > 0
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_home_page_tells_a_limit_as_well(small: Settings) -> None:
    answer = _refusing(small, errors.ServerBusy("all places are taken")).get("/query?query=ASK{}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "all places are taken" in answer.text
    assert "La requête n’a pas abouti" in answer.text


def test_answers_say_revision_time_and_limits_too(client: FlaskClient) -> None:
    for path in (ASK, "/graph-store?default", "/sparql", "/sparql?query=nonsense", "/graph-store?graph=urn:nowhere"):
        answer = client.get(path)
        assert int(answer.headers["Coopkg-Revision"]) > 0, path
        assert float(answer.headers["Coopkg-Elapsed-Ms"]) >= 0, path
        assert "worker-seconds a minute" in answer.headers["Coopkg-Limits"], path


# ---- time asked for, and revisions --------------------------------------------------------------------------


class Noting:
    """An asker that notes the deadlines that it was given."""

    def __init__(self, small: Settings) -> None:
        self._asker = in_process(Graph.open(small, {}))
        self.deadlines: list[float] = []

    def ask(self, question: object, deadline_s: float, *more: object) -> object:
        """Note the deadline, and answer."""
        self.deadlines.append(deadline_s)
        return self._asker.ask(question, deadline_s, *more)  # type: ignore[arg-type]  # passed through

    is_ready, counts = Refusing.is_ready, Refusing.counts


@pytest.mark.parametrize(("asked", "given"), [("", 10.0), ("0.5", 0.5), ("30", 30.0), ("60", 60.0), ("3600", 60.0)])
def test_a_client_may_ask_for_less_time_or_more_up_to_the_longest(small: Settings, asked: str, given: float) -> None:
    asker = Noting(small)
    client = create_app(Graph.open(small, {}), unbounded(asker), small).test_client()  # type: ignore[arg-type]
    sent = {"query": "ASK {}", **({"timeout": asked} if asked else {})}
    assert client.get("/sparql", query_string=sent).status_code == 200
    assert client.post("/sparql", data=sent).status_code == 200
    assert asker.deadlines == [given, given]


@pytest.mark.parametrize("asked", ["0", "-1", "x", "", "inf", "nan", "1e999"])
def test_a_time_that_is_none_is_refused(client: FlaskClient, asked: str) -> None:
    answer = client.get("/sparql", query_string={"query": "ASK {}", "timeout": asked})
    assert answer.status_code == 400
    assert "give seconds above 0, at most 60" in answer.text


def test_a_revision_that_is_asked_for_is_the_one_that_answers_or_it_is_refused(client: FlaskClient) -> None:
    revision = int(client.get(ASK).headers["Coopkg-Revision"])
    assert client.get(f"{ASK}&revision={revision}").status_code == 200
    for other in (revision - 1, revision + 1):
        answer = client.get(f"{ASK}&revision={other}")
        assert answer.status_code == 410
        assert f"the current one is {revision}" in answer.text
    for none in ("", "x", "-1", "1_0", "9" * 10):
        answer = client.get(f"{ASK}&revision={none}")
        assert answer.status_code == 400
        assert "give its number" in answer.text


# ---- a real pool --------------------------------------------------------------------------------------------


@dataclass
class Tight:
    """A client of an application over a pool with tight limits."""

    client: FlaskClient
    pool: Pool


@contextmanager
def tight(
    small: Settings, budgets: Budgets | None = None, answer_max_bytes: int = MEGABYTE, quarantine: float = 0.0
) -> Iterator[Tight]:
    """Give an application whose pool has one fast and one slow place, 0.2 s and 1 s long."""
    published = Graph.open(small, {})
    keeper = KeeperSettings(
        in_memory=False, memory_bytes=512 * MEGABYTE, answer_max_bytes=answer_max_bytes, locked=sandbox.available()
    )
    sizes = PoolSettings(fast_workers=1, slow_workers=1, spare_workers=1, fast_s=0.2, queue_s=0.1, keeper=keeper)
    pool = Pool(sizes, 2.0, published.location)
    try:
        service = QueryService(pool, budgets or Budgets(1e9, 1_000), Quarantine(quarantine), 1.0, 2.0)
        yield Tight(create_app(published, service, small).test_client(), pool)
    finally:
        pool.close()


@pytest.mark.harvest(16)
def test_a_query_is_stopped_at_its_deadline_with_504(small: Settings) -> None:
    with tight(small) as running:
        began = time.monotonic()
        answer = running.client.get("/sparql", query_string={"query": ENDLESS})
        assert 0.9 < time.monotonic() - began < 5
        assert answer.status_code == 504
        assert answer.text.startswith("the query was stopped after 1 s;")
        assert 900 < float(answer.headers["Coopkg-Elapsed-Ms"]) < 5_000
        sooner = running.client.get("/sparql", query_string={"query": ENDLESS, "timeout": "0.1"})
        assert sooner.status_code == 504
        assert "after 0.1 s" in sooner.text
        assert running.client.get(ASK).status_code == 200


def test_an_answer_that_is_too_long_is_refused_before_its_first_byte(small: Settings) -> None:
    with tight(small, answer_max_bytes=10_000) as running:
        answer = running.client.get("/sparql", query_string={"query": LONG})
        assert answer.status_code == 413
        assert "longer than 10,000 bytes; add a LIMIT" in answer.text
        assert running.client.get("/sparql", query_string={"query": f"{LONG} LIMIT 9"}).status_code == 200


def test_long_queries_beyond_their_places_are_refused_while_short_ones_go_on(small: Settings) -> None:
    with tight(small) as running:
        statuses: list[int] = []

        def ask(number: int) -> None:
            statuses.append(running.client.get("/sparql", query_string={"query": f"{ENDLESS} # {number}"}).status_code)

        first = threading.Thread(target=ask, args=(1,))
        first.start()
        time.sleep(0.4)  # it has moved to the slow place
        assert running.client.get(ASK).status_code == 200
        second = running.client.get("/sparql", query_string={"query": f"{ENDLESS} # 2"})
        first.join()
        assert (second.status_code, statuses) == (503, [504])
        assert "all places for long queries are taken" in second.text
        assert int(second.headers["Retry-After"]) >= 1


def test_a_client_that_has_used_its_seconds_is_refused_with_429(small: Settings) -> None:
    with tight(small, Budgets(0.5, 1)) as running:
        assert running.client.get("/sparql", query_string={"query": ENDLESS}).status_code == 504
        answer = running.client.get(ASK)
        assert answer.status_code == 429
        assert "0.5 worker-seconds a minute" in answer.text
        assert 10 < int(answer.headers["Retry-After"]) < 300
        elsewhere = running.client.get(ASK, environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
        assert elsewhere.status_code == 200


def test_a_query_that_was_just_stopped_is_refused_at_once(small: Settings) -> None:
    with tight(small, quarantine=10.0) as running:
        assert running.client.get("/sparql", query_string={"query": ENDLESS}).status_code == 504
        began = time.monotonic()
        answer = running.client.get("/sparql", query_string={"query": ENDLESS})
        assert time.monotonic() - began < 0.5
        assert (answer.status_code, "were stopped at their limit a moment ago" in answer.text) == (503, True)
        assert 1 <= int(answer.headers["Retry-After"]) <= 10


# ---- a real server ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def narrow(small: Settings) -> Iterator[Served]:
    """Give a server whose answers are at most 1 MB long."""
    with serving(replace(small, answer_max_mb=1, client_seconds=1e6)) as running:
        yield running


@pytest.fixture(scope="module")
def wide(small: Settings) -> Iterator[Served]:
    """Give a server whose answers may be 100 MB long, and whose clients may use much."""
    with serving(replace(small, client_seconds=1e6, deadline_s=60.0, fast_s=30.0)) as running:
        yield running


def _get(server: Served, query: str, **headers: str) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    connection.request("GET", f"/sparql?{urlencode({'query': query, 'format': 'csv'})}", headers=headers)
    return connection, connection.getresponse()


def _peak_bytes(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def test_a_crowd_of_short_queries_waits_for_its_places_and_nobody_is_refused(small: Settings) -> None:
    patient = replace(small, client_seconds=1e6, deadline_s=2.0, fast_s=30.0, queue_s=60.0)
    with serving(patient) as running, ThreadPoolExecutor(max_workers=18) as clients:

        def status(query: str) -> int:
            connection, answer = _get(running, query)
            with contextlib.closing(connection):
                return answer.status

        holding = [clients.submit(status, f"{ENDLESS} # {number}") for number in range(patient.fast_workers)]
        time.sleep(0.5)
        crowd = [clients.submit(status, f"ASK {{}} # {number}") for number in range(16)]
        assert [one.result() for one in (*holding, *crowd)] == [504, 504] + [200] * 16


def test_a_short_answer_has_its_length(wide: Served) -> None:
    connection, answer = _get(wide, "ASK {}")
    body = answer.read()
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Transfer-Encoding"] is None
    connection.close()


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
def test_a_long_answer_comes_in_chunks_and_never_stands_in_memory(wide: Served, encoding: str) -> None:
    rows = 1_000_000
    _get(wide, f"{LONG} LIMIT 9")[0].close()
    before = _peak_bytes(wide.process_id)
    connection, answer = _get(wide, f"{LONG} LIMIT {rows}", **{"Accept-Encoding": encoding})
    assert answer.status == 200
    assert answer.headers["Content-Length"] is None
    assert answer.headers["Transfer-Encoding"] == "chunked"
    length = sum(map(len, iter(lambda: answer.read(MEGABYTE), b"")))
    connection.close()
    if encoding == "identity":
        assert length == len(b"x\r\n") + rows * len(b"0123456789012345678901234567890123456789\r\n")
    assert _peak_bytes(wide.process_id) - before < 16 * MEGABYTE


def test_a_reader_who_waits_holds_neither_memory_nor_a_worker(wide: Served) -> None:
    _get(wide, f"{LONG} LIMIT 9")[0].close()
    before, answered = _peak_bytes(wide.process_id), _answered(wide)
    waiting = [_get(wide, f"{LONG} LIMIT 1000000") for _ in range(3)]
    until = time.monotonic() + 30
    while _answered(wide) < answered + 3 and time.monotonic() < until:
        time.sleep(0.1)
    assert _answered(wide) >= answered + 3
    assert _peak_bytes(wide.process_id) - before < 3 * 8 * MEGABYTE
    for connection, answer in waiting:
        assert len(answer.read()) == 42_000_003
        connection.close()


def _answered(server: Served) -> int:
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=30) as answer:  # noqa: S310  # our own server
        text = answer.read().decode()
    return int(float(text.partition("\ncoopkg_queries_answered_total ")[2].split()[0]))


@pytest.mark.harvest(16)
def test_an_answer_that_turns_out_too_long_is_broken_off_and_never_looks_whole(narrow: Served) -> None:
    for _ in range(5):  # each gives its worker back
        connection, answer = _get(narrow, LONG)
        assert answer.status == 200
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        connection.close()
    connection, answer = _get(narrow, "ASK {}")
    assert answer.read() == b"true"
    connection.close()


class _Old(http.client.HTTPConnection):
    """A client that speaks HTTP/1.0, as proxies do by default."""

    _http_vsn, _http_vsn_str = 10, "HTTP/1.0"


def test_http_1_0_which_knows_no_chunks_gets_whole_answers_with_their_length_or_a_refusal(
    narrow: Served, wide: Served
) -> None:
    for server, status in ((narrow, 413), (wide, 200)):
        connection = _Old(server.host, server.port, timeout=60)
        connection.request("GET", f"/sparql?{urlencode({'query': f'{LONG} LIMIT 100000', 'format': 'csv'})}")
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == status, body[:200]
        assert answer.headers["Content-Length"] == str(len(body))
        assert answer.headers["Coopkg-Revision"]


def test_head_of_a_long_answer_gives_its_worker_back(wide: Served) -> None:
    for _ in range(6):  # more than there are places
        connection = http.client.HTTPConnection(wide.host, wide.port, timeout=60)
        connection.request("HEAD", f"/sparql?{urlencode({'query': f'{LONG} LIMIT 100000', 'format': 'csv'})}")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        connection.close()


def test_a_client_that_leaves_frees_its_place(wide: Served) -> None:
    for _ in range(6):
        connection, answer = _get(wide, f"{LONG} LIMIT 1000000")
        assert answer.status == 200
        answer.read(1_000)
        connection.close()
    connection, answer = _get(wide, "ASK {}")
    assert (answer.status, answer.read()) == (200, b"true")
    connection.close()


@pytest.mark.parametrize(("trusted", "statuses"), [("", [504, 429, 429]), ("127.0.0.0/8", [504, 200, 429])])
def test_a_proxy_is_believed_only_when_it_is_trusted(small: Settings, trusted: str, statuses: list[int]) -> None:
    settings = replace(small, trusted_proxies=trusted, client_seconds=0.2, deadline_s=0.4)
    with serving(settings) as running:
        got = []
        for query, client in ((ENDLESS, "198.51.100.1"), ("ASK {}", "198.51.100.2"), ("ASK { }", "198.51.100.1")):
            connection, answer = _get(running, query, **{"X-Forwarded-For": f"203.0.113.99, {client}"})
            answer.read()
            connection.close()
            got.append(answer.status)
    assert got == statuses


@pytest.mark.harvest(23)
def test_the_query_method_reaches_the_endpoint(wide: Served) -> None:
    connection = http.client.HTTPConnection(wide.host, wide.port, timeout=60)
    connection.request("QUERY", "/sparql?version=1.2", b"ASK {}", {"Content-Type": "application/sparql-query"})
    answer = connection.getresponse()
    assert (answer.status, b"true" in answer.read()) == (200, True)
    connection.close()
