"""What is told of the instances of a kind by one number, and how a number is written."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from tests.benchmarks.kinds import KINDS
from tests.benchmarks.servers.asking import Asked
from tests.benchmarks.servers.results import Result
from tests.benchmarks.servers.server import LIMIT_S

LIMIT_MS = 1000.0 * LIMIT_S


def median_ms(asked: Sequence[Asked]) -> float:
    """Return the median of a kind; what was not answered counts as the limit."""
    return statistics.median(_ms(asked)) if asked else LIMIT_MS


def p99_ms(asked: Sequence[Asked]) -> float:
    """Return the 99th percentile of a kind that was asked."""
    ms = _ms(asked)
    return statistics.quantiles(ms, n=100, method="inclusive")[98] if len(ms) > 1 else ms[0]


def kinds(results: Iterable[Result]) -> list[str]:
    """Return the kinds that were asked, in their order."""
    asked = {kind for result in results for kind in result.asked}
    return [kind.name for kind in KINDS if kind.name in asked]


def number(value: float) -> str:
    """Return three figures of a number, or all before the point.

    >>> number(1234.5), number(12.345), number(0.5)
    ('1,234', '12.3', '0.50')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ms(asked: Sequence[Asked]) -> list[float]:
    return [one.ms if one.ms is not None else LIMIT_MS for one in asked]
