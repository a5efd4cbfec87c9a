"""What harvesters cost a server, and what queries notice of them: `python -m tests.benchmarks.harvest STATE`.

Prints a Markdown table, judges nothing. Documents are timed as the server spends time on them; followers ask over HTTP,
as `coopkg follow` does, while a client looks things up.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.endpoint import JSON, TINY
from tests.benchmarks.machine import machine
from tests.benchmarks.parts import _server
from tests.web.conftest import in_process, unbounded

from coopkg.graph import Graph
from coopkg.settings import load
from coopkg.web.app import create_app

_REPEATS = 100
_FOLLOWERS = 10
#: Thirty times as often as `coopkg follow` looks by default.
_LOOK_S = 1.0
_LOOKING_UP_S = 20.0
_LOADING_S = 25.0
_ROUNDS = 3
_FOLLOWED = ("/changes?since={}", "/feed.nq", "/dumps/latest/manifest.json", "/catalog.ttl")
_ADDRESSES = {
    "the catalogue": "/catalog.ttl",
    "VoID": "/.well-known/void",
    "a page of the feed's root": "/feed.ttl",
    "the list of changes": "/changes",
    "a project": "/doc/project/creathon-du-vivre-ensemble.ttl",
}


def rows(state: Path) -> Iterator[tuple[str, str]]:
    """Yield what was measured over the published graph of a state folder."""
    settings = load({"state": state}, {})
    graph = Graph.open(settings, {})
    manifest = graph.current()[1]
    yield "statements", f"{manifest.asserted + manifest.inferred:,} in {len(manifest.graphs):,} graphs"
    client = create_app(graph, unbounded(in_process(graph)), settings).test_client()
    for name, address in _ADDRESSES.items():
        first = _spent_ms(client, address)
        tag = client.get(address).headers["ETag"]
        known = [_spent_ms(client, address) for _ in range(_REPEATS)]
        same = [_spent_ms(client, address, tag) for _ in range(_REPEATS)]
        told = f"first {first:,.0f} ms, then {_told(known)}; 304: {_told(same)}"
        yield f"{name} (`{address}`)", told
    with _server(state) as (url, _):
        time.sleep(_LOADING_S)  # from now on the graph is in memory
        port = urllib.parse.urlsplit(url).port or 0
        yield f"lookups beside {_FOLLOWERS} followers, each asking {len(_FOLLOWED)} addresses a second", _beside(port)


def _spent_ms(client: object, address: str, tag: str = "") -> float:
    began = time.perf_counter()
    answer = client.get(address, headers={"If-None-Match": tag} if tag else {}, buffered=True)  # type: ignore[attr-defined] # of Flask
    spent = 1000 * (time.perf_counter() - began)
    assert answer.status_code == (304 if tag else 200), (address, answer.status)
    return spent


def _beside(port: int) -> str:
    """Return how lookups fare alone and beside followers, in turns: the machine does not stay the same for long."""
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(_ROUNDS):
        alone += _looked_up(port)
        with _followers(port):
            beside += _looked_up(port)
    ratio = statistics.median(beside) / statistics.median(alone)
    return f"{_told(beside)}; alone {_told(alone)}: medians as {ratio:.2f} to 1"


def _looked_up(port: int) -> list[float]:
    connection, times = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    target = "/sparql?" + urllib.parse.urlencode({"query": TINY})
    until = time.monotonic() + _LOOKING_UP_S
    while time.monotonic() < until:
        began = time.perf_counter()
        connection.request("GET", target, headers={"Accept": JSON, "X-Forwarded-For": "192.0.2.1"})
        answer = connection.getresponse()
        answer.read()
        times.append(1000 * (time.perf_counter() - began))
        if answer.status != 200:
            time.sleep(1)  # the budget of this address is spent for now
            times.pop()
        time.sleep(0.01)
    connection.close()
    return times


@contextmanager
def _followers(port: int) -> Iterator[None]:
    over = threading.Event()
    threads = [threading.Thread(target=_follow, args=(port, over)) for _ in range(_FOLLOWERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _follow(port: int, over: threading.Event) -> None:
    """Ask again and again whether anything changed, with the tags of the last answers."""
    connection, tags = http.client.HTTPConnection("127.0.0.1", port, timeout=60), dict[str, str]()
    while not over.wait(_LOOK_S):
        for address in _FOLLOWED:
            known = {"If-None-Match": tags[address]} if address in tags else {}
            connection.request("GET", address.format(10**9), headers={"Accept-Encoding": "gzip", **known})
            answer = connection.getresponse()
            answer.read()
            tags[address] = answer.headers.get("ETag", "")
    connection.close()


def _told(times: Sequence[float]) -> str:
    p99 = sorted(times)[int(len(times) * 0.99)]
    return f"{statistics.median(times):.1f} ms, median of {len(times)} (99th percentile {p99:.1f})"


if __name__ == "__main__":
    print("| what | measured |\n|---|---|")
    for what, measured in (*machine(), *rows(Path(sys.argv[1]))):
        print(f"| {what} | {measured} |", flush=True)
