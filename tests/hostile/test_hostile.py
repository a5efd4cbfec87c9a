"""A thousand hostile requests from many addresses, beside an ordinary lookup every 50 ms that must not notice.

A minute of it; `make soak` (`COOPKG_TEST_SOAK=600`) goes on for ten.
"""

from __future__ import annotations

import collections
import contextlib
import http.client
import itertools
import os
import re
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.hostile import shapes
from tests.hostile.conftest import Target, serving
from tests.pool.processes import children, is_alive, keepers, seconds_until, workers

SOAK_S = float(os.environ.get("COOPKG_TEST_SOAK", "60"))
LOOKUP = "SELECT ?name { <https://w3id.org/coopkg/id/project/a-page> skos:prefLabel ?name }"
HOSTILE = 1_000
ATTACKERS, ADDRESSES = 16, 40
#: What an attacker may be answered; None is a connection that is broken off.
DECENT = {None, 200, 303, 400, 404, 405, 406, 411, 413, 414, 415, 429, 431, 501, 503, 504, 505}
Work = tuple[str, str | bytes]


class Lookups:
    """An ordinary reader: a new connection and one small query, every 50 ms."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.took_s: list[float] = []
        self.lost: list[str] = []

    def run(self, is_over: threading.Event) -> None:
        """Look up until it is over, and 200 times at least."""
        begin = time.monotonic()
        for number in itertools.count():
            if is_over.is_set() and number >= 200:
                return
            time.sleep(max(0.0, begin + number * 0.05 - time.monotonic()))
            self._once()

    def _once(self) -> None:
        began = time.monotonic()
        try:
            status, body = _asked(self._port, "127.0.0.1", LOOKUP, timeout_s=10)
        except (OSError, http.client.HTTPException) as fault:
            self.lost.append(repr(fault))
            return
        self.took_s.append(time.monotonic() - began)
        if status != 200 or body != b"name\r\nUn projet\r\n":
            self.lost.append(f"{status} {body[:100]!r}")


def _asked(port: int, source: str, text: str, timeout_s: float) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s, source_address=(source, 0))
    try:
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/csv, text/turtle;q=0.9"}
        connection.request("POST", "/sparql", urlencode({"query": text}), form)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _raw(port: int, source: str, request: bytes) -> bytes:
    """Send bytes, and return all that comes back until the server closes or says nothing for a while."""
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), 20, (source, 0)) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(request)
        connection.settimeout(1.5)
        with contextlib.suppress(OSError):
            while piece := connection.recv(65_536):
                answer += piece
    return bytes(answer)


def _attack(port: int, source: str, work: Work) -> int | None:
    """Do one hostile thing, and return the status that came back, None when the connection was broken off."""
    kind, what = work
    if isinstance(what, bytes):
        answer = _raw(port, source, what)
        assert b"smuggled" not in answer.lower().replace(b"/smuggled http", b""), kind
        assert len(re.findall(rb"HTTP/1\.[01] \d{3} ", answer)) <= 1, (
            f"{kind}: a second answer, so a second request was seen: {answer!r}"
        )
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.") else None
    if kind == "leaves":
        with socket.create_connection(("127.0.0.1", port), 20, (source, 0)) as connection:
            connection.sendall(b"GET /sparql?%s HTTP/1.1\r\nHost: x\r\n\r\n" % urlencode({"query": what}).encode())
            time.sleep(0.3)
        return None
    try:
        return _asked(port, source, what, timeout_s=30)[0]
    except (http.client.IncompleteRead, ConnectionError):
        return None


def _everything(seed: int) -> list[Work]:
    texts: list[Work] = list(shapes.queries(seed))
    leaving: list[Work] = [("leaves", text) for kind, text in texts if kind.startswith("cross product")]
    return [*texts, *shapes.requests(), *leaving[:10]]


@contextlib.contextmanager
def _half_open(port: int, count: int) -> Iterator[None]:
    """Hold connections that have begun a request, and say a byte of it now and then."""
    over = threading.Event()
    with contextlib.ExitStack() as keeping:
        connections = []
        for number in range(count):
            source = (f"127.0.3.{number % 50 + 1}", 0)
            connections.append(keeping.enter_context(socket.create_connection(("127.0.0.1", port), 10, source)))
            connections[-1].sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX-Slow: ")

        def drip() -> None:
            while not over.wait(1.0):
                for connection in connections:
                    with contextlib.suppress(OSError):
                        connection.send(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _attack_all(port: int, work: list[Work]) -> collections.Counter[tuple[str, int | None]]:
    """Do all of it, from as many threads and addresses as there are attackers."""
    seen: collections.Counter[tuple[str, int | None]] = collections.Counter()
    faults: list[str] = []
    left = iter(list(enumerate(work)))
    taking = threading.Lock()

    def attacker() -> None:
        while True:
            with taking:
                number, what = next(left, (0, None))
            if what is None:
                return
            try:
                status = _attack(port, f"127.0.2.{number % ADDRESSES + 1}", what)
            except (OSError, http.client.HTTPException, AssertionError) as fault:
                faults.append(f"{what[0]}: {fault!r}")
                continue
            with taking:
                seen[what[0], status] += 1

    threads = [threading.Thread(target=attacker) for _ in range(ATTACKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, "\n".join(faults)
    return seen


def _memory_mb(process_id: int) -> float:
    """Return the memory of a process and all below it, each shared page once for all who share it."""
    total = 0
    for process in (process_id, *keepers(process_id), *workers(process_id)):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _ticks(process_ids: set[int]) -> int:
    """Return the processor time of some processes, in hundredths of a second."""
    total = 0
    for process in process_ids:
        with contextlib.suppress(OSError):
            after_name = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            total += int(after_name[11]) + int(after_name[12])
    return total


@pytest.fixture(scope="module")
def target(state: Path) -> Iterator[Target]:
    """Give a server with a short deadline and small workers, so that the attack fits into a test."""
    with serving(
        state, COOPKG_DEADLINE_S="2", COOPKG_WORKER_MEMORY_MB="256", COOPKG_ANSWER_MAX_MB="5", COOPKG_ACCESS_LOG="off"
    ) as target:
        yield target


@pytest.mark.timeout(300 + SOAK_S * 3)
def test_a_thousand_hostile_requests_disturb_no_lookup(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    _has_recovered(target)
    before_mb, handles, began = _memory_mb(target.process_id), _handles(target), time.monotonic()
    over, lookups = threading.Event(), Lookups(target.port)
    reader = threading.Thread(target=lookups.run, args=(over,))
    seen: collections.Counter[tuple[str, int | None]] = collections.Counter()
    reader.start()
    try:
        with _half_open(target.port, 100):
            for seed in itertools.count():
                seen += _attack_all(target.port, _everything(seed))
                if time.monotonic() - began >= SOAK_S and seen.total() >= HOSTILE:
                    break
    finally:
        over.set()
        reader.join()
    statuses = collections.Counter[int | None]()
    for (_, status), count in seen.items():
        statuses[status] += count
    centiles = statistics.quantiles(lookups.took_s, n=100)
    with capsys.disabled():
        print(
            f"\n{seen.total()} hostile requests in {time.monotonic() - began:.0f} s: {dict(statuses)}; "
            f"{len(lookups.took_s)} lookups, {len(lookups.lost)} lost, p50 {centiles[49] * 1000:.0f} ms, "
            f"p99 {centiles[98] * 1000:.0f} ms, worst {max(lookups.took_s) * 1000:.0f} ms; "
            f"memory {before_mb:.0f} MB before, {_memory_mb(target.process_id):.0f} after"
        )
    assert seen.total() >= HOSTILE
    assert not lookups.lost
    assert {what: count for what, count in seen.items() if what[1] not in DECENT} == {}
    _has_recovered(target)
    seconds_until(lambda: _handles(target) <= handles + 4, 8)


def _handles(target: Target) -> int:
    """Return how many descriptors the server has open, without the two that it has for each of its workers."""
    return len(list(Path(f"/proc/{target.process_id}/fd").iterdir())) - 2 * len(workers(target.process_id))


def _has_recovered(target: Target) -> None:
    """Fail unless the server is ready with all that it keeps open, small, and at rest."""
    seconds_until(lambda: not _asked_busy(target), 8)
    seconds_until(lambda: _status(target, "/projects") == 200, 8)
    # One that reads from disk goes once the graph is in memory, which may be after the first answers.
    seconds_until(lambda: len(keepers(target.process_id)) == len(children(target.process_id)) == 1, 20)
    seconds_until(lambda: 4 <= len(workers(target.process_id)) <= 8, 8)
    assert _memory_mb(target.process_id) < 600
    assert _status(target, "/ready") == 200


def _status(target: Target, path: str) -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", target.port, timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def _asked_busy(target: Target) -> bool:
    """Return whether any process below the server uses a processor."""
    first = _ticks(workers(target.process_id))
    time.sleep(0.5)
    return _ticks(workers(target.process_id)) - first > 5 or not is_alive(target.process_id)


def test_more_half_open_connections_than_a_select_can_hold_disturb_no_lookup(target: Target) -> None:
    with _half_open(target.port, 994):
        for _ in range(5):
            assert _asked(target.port, "127.0.0.1", LOOKUP, timeout_s=10)[0] == 200
