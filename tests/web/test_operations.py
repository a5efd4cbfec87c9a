"""What who runs the server asks: alive, ready, counts."""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.parse
import urllib.request

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from coopkg import errors
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web.app import create_app
from tests.web.conftest import Served, unbounded
from tests.web.test_limits import Refusing


def _samples(text: str) -> dict[str, float]:
    """Return the samples of the text format of Prometheus by name and labels, as its own parser reads them."""
    return {
        f"{sample.name}{''.join(f'/{value}' for _, value in sorted(sample.labels.items()))}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_are_in_the_format_of_prometheus(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    found = _samples(answer.text)
    assert found["coopkg_revision"] == app.config["GRAPH"].current()[1].revision
    assert 0 <= found["coopkg_revision_age_seconds"] < 3600
    assert found["process_resident_memory_bytes"] > 1e6


def test_a_server_counts_and_times_what_it_answers_and_refuses(served: Served) -> None:
    def counted() -> dict[str, float]:
        with urllib.request.urlopen(f"{served.url}/metrics", timeout=30) as answer:  # noqa: S310  # our own server
            return _samples(answer.read().decode())

    def asked(query: str) -> None:
        address = f"{served.url}/sparql?{urllib.parse.urlencode({'query': query})}"
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310
            answer.read()  # to its end: a client that leaves before is counted as gone

    before = counted()
    asked("ASK {}")
    asked("CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c }")
    asked("ASK {")
    after = counted()
    grown = {
        name: int(value - before.get(name, 0.0)) for name, value in after.items() if "/" in name or "queries" in name
    }
    assert grown["coopkg_queries_answered_total"] == 2
    assert grown["coopkg_query_seconds_count/solutions/fast"] == 1
    assert grown["coopkg_query_seconds_count/triples/fast"] == 1
    assert grown["coopkg_query_seconds_count/none/fast"] == 1
    assert grown["coopkg_query_refusals_total/query"] == 1
    assert {"coopkg_queries_killed_total", "coopkg_queries_busy_total", "coopkg_queries_moved_total"} <= after.keys()


@pytest.mark.parametrize(("path", "text"), [("/health", "ok\n"), ("/ready", "ready\n")])
def test_a_server_that_answers_is_alive_and_ready(served: Served, path: str, text: str) -> None:
    with urllib.request.urlopen(f"{served.url}{path}", timeout=30) as answer:  # noqa: S310  # our own server
        assert (answer.status, answer.read().decode()) == (200, text)
        assert answer.headers["Cache-Control"] == "no-store"


def test_without_workers_a_server_is_alive_and_not_ready(small: Settings) -> None:
    asker = Refusing(errors.ServerBusy("no worker"))
    client = create_app(Graph.open(small, {}), unbounded(asker), small).test_client()  # type: ignore[arg-type]
    assert client.get("/health").status_code == 200
    answer = client.get("/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "coopkg_queries_busy_total 7.0\n" in client.get("/metrics").text
