"""What the service measures of itself, for who runs it: the only module that calls prometheus_client."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

#: From a lookup to the longest deadline by default, in seconds.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_NONE: Mapping[str, int] = {}


class Metrics:
    """Counters and times since the start, none of which holds a word of a query or the name of a client."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._seconds = Histogram(
            "coopkg_query_seconds",
            "Seconds that a query held a worker, by lane (fast, slow) and kind of answer (solutions, triples, none)",
            ("lane", "kind"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._seconds_of = functools.cache(self._seconds.labels)  # to find one of them costs more than to count
        self._refused = Counter(
            "coopkg_query_refusals", "Queries refused or stopped, by code", ("code",), registry=self._registry
        )

    def held(self, seconds: float, *, slow: bool, kind: str) -> None:
        """Note how long a query held a worker."""
        self._seconds_of("slow" if slow else "fast", kind).observe(seconds)

    def refused(self, code: str) -> None:
        """Note a refusal by its code, one of those of docs/errors.md."""
        self._refused.labels(code).inc()

    def text(self, counts: Mapping[str, int], gauges: Mapping[str, float], known: Mapping[str, int] = _NONE) -> str:
        """Return everything in the text format of Prometheus.

        Args:
            counts: what the pool counted since its start, by name.
            gauges: what is so now, by name.
            known: how often an answer was known before it was asked for, and how many were kept, by name.
        """
        shown = CollectorRegistry()
        shown.register(_Now({**{f"queries_{name}": count for name, count in counts.items()}, **known}, gauges))
        return (generate_latest(shown) + generate_latest(self._registry)).decode("utf-8")


class _Now(Collector):
    def __init__(self, counts: Mapping[str, int], gauges: Mapping[str, float]) -> None:
        self._counts = counts
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, value in self._gauges.items():
            yield GaugeMetricFamily(f"coopkg_{name}", name.replace("_", " "), value)
        for name, value in self._counts.items():
            yield CounterMetricFamily(f"coopkg_{name}", name.replace("_", " "), value)
