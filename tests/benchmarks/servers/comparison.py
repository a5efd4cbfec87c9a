"""How coopkg stands beside the others: where it loses, and what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.benchmarks.servers.agreement import rows_agree
from tests.benchmarks.servers.figures import kinds, median_ms, number
from tests.benchmarks.servers.fit import geometric_mean
from tests.benchmarks.servers.results import Result

#: What coopkg does by default; its column is the one that is judged.
OURS = "coopkg, memory"
_DISK, _MEMORY = "oxigraph, disk", "oxigraph, memory"
#: How much slower than the best of the others is worth a line, the worst first.
_LOSSES = (5, 2)
_FOUR = 4


def losses(results: Sequence[Result]) -> Iterator[str]:
    """Yield where ours is slower than the best of the other servers, the worst first."""
    ours = _of(results, OURS)
    others = [result for result in results if not result.server.startswith("coopkg")]
    if ours is None or not others:
        return
    yield f"Where we lose ({OURS} against the best of the others):"
    yield ""
    lost = [loss for kind in kinds([ours]) for loss in _lost(kind, ours, others)]
    for least, most in zip(_LOSSES, (float("inf"), *_LOSSES), strict=False):
        within = sorted((loss for loss in lost if least < loss[0] <= most), reverse=True)
        said = "; ".join(f"{kind} {ratio:.1f} times {server} ({cost})" for ratio, kind, server, cost in within)
        yield f"* Slower than {least} times the best: {said or 'none'}."


def _lost(kind: str, ours: Result, others: Sequence[Result]) -> Iterator[tuple[float, str, str, str]]:
    """Yield the ratio of our median to that of the best server; a fast answer with other rows is not the best."""
    mine = ours.asked[kind]
    right = [other for other in others if kind in other.asked and rows_agree(kind, mine, other.asked[kind])]
    if right:
        best = min(right, key=lambda other: median_ms(other.asked[kind]))
        ms, least_ms = median_ms(mine), median_ms(best.asked[kind])
        yield ms / least_ms, kind, best.server, f"{number(ms)} against {number(least_ms)} ms"


def aims(results: Sequence[Result]) -> Iterator[str]:
    """Yield what is asked of ours beside `oxigraph serve`, with what was measured at four clients."""
    ours, disk, memory = (_of(results, server) for server in (OURS, _DISK, _MEMORY))
    if not (ours and disk and memory):
        return
    yield f"What is wanted of {OURS}, at {_FOUR} clients:"
    yield ""
    wanted = (
        ("tiny", True, disk, 0.3),
        ("tiny", False, disk, 3.0),
        ("aggregation", True, memory, 0.8),
        ("10,000 rows", True, memory, 0.8),
    )
    for load, is_varied, other, least in wanted:
        mine, theirs = _rate(ours, load, is_varied=is_varied), _rate(other, load, is_varied=True)
        if mine is not None and theirs:
            what = f"{load}, {'uncached' if is_varied else 'cached'}"
            yield f"* {what}: {mine / theirs:.2f} times {other.server}, wanted {least} ({number(mine)} a second)."
    means = [geometric_mean(median_ms(one.asked.get(kind, [])) for kind in kinds(results)) for one in (ours, memory)]
    yield f"* geometric mean: {means[0] / means[1]:.2f} times that of {memory.server}, wanted less than 1."


def _rate(result: Result, load: str, *, is_varied: bool) -> float | None:
    rates = (rate for rate in result.rates if (rate.load, rate.is_varied, rate.clients) == (load, is_varied, _FOUR))
    return next((rate.a_second for rate in rates), None)


def _of(results: Sequence[Result], server: str) -> Result | None:
    return next((result for result in results if result.server == server), None)
