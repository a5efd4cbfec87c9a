"""What was measured, as Markdown; nothing here is written by hand, not even where we lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.benchmarks.servers.agreement import differences
from tests.benchmarks.servers.asking import Asked
from tests.benchmarks.servers.comparison import OURS, aims, losses
from tests.benchmarks.servers.figures import LIMIT_MS, kinds, median_ms, number, p99_ms
from tests.benchmarks.servers.fit import exponent, geometric_mean
from tests.benchmarks.servers.rates import CLIENTS, LOADS, Rate
from tests.benchmarks.servers.results import Result
from tests.benchmarks.servers.server import LIMIT_S


def text(results: Sequence[Result], left_out: Sequence[str] = ()) -> str:
    """Return all of it."""
    lines: list[str] = []
    for size in sorted({result.size for result in results}):
        there = [result for result in results if result.size == size]
        lines += ["", f"### {there[0].triples:,} triples", "", *_medians(there), "", *differences(there)]
        lines += ["", *_rates(there), "", *_loads(there), "", *losses(there), "", *aims(there)]
    lines += ["", "### Cost against size", "", *_fits(results), "", "### Servers", "", *_servers(results)]
    return "\n".join([*lines, *(f"* Left out: {what}" for what in left_out), ""]).lstrip("\n")


def _medians(results: Sequence[Result]) -> Iterator[str]:
    yield from _heads("ms, median (99th percentile)", [result.server for result in results])
    asked = kinds(results)
    for kind in asked:
        yield _row(kind, [_median_cell(result.asked.get(kind, [])) for result in results])
    means = [geometric_mean(median_ms(result.asked.get(kind, [])) for kind in asked) for result in results]
    yield _row("geometric mean", [f"{mean:,.2f}" for mean in means])
    ours = {result.server: mean for result, mean in zip(results, means, strict=True)}.get(OURS)
    if ours:
        yield _row(f"{OURS}, as a share of it", [f"{ours / mean:.2f}" for mean in means])
    yield ""
    yield f"What was not answered in {LIMIT_S} s counts as {LIMIT_S} s in the mean."


def _median_cell(asked: Sequence[Asked]) -> str:
    faults = [one.fault for one in asked if one.ms is None]
    if not asked:
        return "not asked"
    if 2 * len(faults) > len(asked):
        return "> 10 s" if any(fault.startswith("more than") for fault in faults) else "refused"
    share = f"; {len(faults)} of {len(asked)} not answered" if faults else ""
    return f"{number(median_ms(asked))} ({number(p99_ms(asked))}{share})"


def _rates(results: Sequence[Result]) -> Iterator[str]:
    columns = [(result, varied) for result in results for varied in (True, False) if _of(result, varied)]
    if not columns:
        yield "Answers a second were not counted."
        return
    heads = [f"{result.server}, {'uncached' if varied else 'cached'}" for result, varied in columns]
    yield from _heads("answers a second (ms in the 99th percentile)", heads)
    for load in LOADS:
        for clients in CLIENTS:
            cells = [_rate_cell(_of(result, varied), load, clients) for result, varied in columns]
            yield _row(f"{load}, {clients} client{'s' if clients > 1 else ''}", cells)


def _of(result: Result, is_varied: bool) -> list[Rate]:
    return [rate for rate in result.rates if rate.is_varied is is_varied]


def _rate_cell(rates: Sequence[Rate], load: str, clients: int) -> str:
    for rate in rates:
        if (rate.load, rate.clients) == (load, clients):
            faults = f"; {rate.faults} not answered" if rate.faults else ""
            return f"{number(rate.a_second)} ({number(rate.p99_ms)}{faults})"
    return ""


def _loads(results: Sequence[Result]) -> Iterator[str]:
    yield from _heads("", [result.server for result in results])
    yield _row("load", [f"{result.load_s:.0f} s" for result in results])
    yield _row("start, until it answers over all of it", [f"{result.start_s:.1f} s" for result in results])
    yield _row("then busy by itself", [f"{result.busy_s:.0f} s" for result in results])
    yield _row("memory after the queries", [f"{result.memory_mib:,.0f} MiB" for result in results])


def _servers(results: Sequence[Result]) -> Iterator[str]:
    for server in dict.fromkeys(result.server for result in results):
        of_it = [result for result in results if result.server == server]
        notes = "; ".join(filter(None, (of_it[0].version, of_it[0].note)))
        yield f"* {server}: {notes}. Measured {', '.join(dict.fromkeys(result.at for result in of_it))}."
        yield from (f"  * stopped at {result.size:,}: {result.fault}" for result in of_it if result.fault)


def _fits(results: Sequence[Result]) -> Iterator[str]:
    servers = list(dict.fromkeys(result.server for result in results))
    grown = {(kind, server): _exponent(kind, server, results) for kind in kinds(results) for server in servers}
    servers = [server for server in servers if any(grown[kind, server] is not None for kind in kinds(results))]
    if not servers:
        yield "One size alone was measured."
        return
    yield from _heads("cost ~ size^k: k", servers)
    for kind in kinds(results):
        yield _row(kind, ["" if (k := grown[kind, server]) is None else f"{k:.2f}" for server in servers])
    yield ""
    yield "0 is the same cost at every size, 1 grows with the graph. What was not answered in time is left out."


def _exponent(kind: str, server: str, results: Sequence[Result]) -> float | None:
    of_it = [result for result in results if result.server == server and result.asked.get(kind)]
    costs: Mapping[int, float] = {result.triples: median_ms(result.asked[kind]) for result in of_it}
    return exponent({size: cost for size, cost in costs.items() if cost < LIMIT_MS})


def _heads(first: str, columns: Sequence[str]) -> Iterator[str]:
    yield _row(first, columns)
    yield "|---" * (1 + len(columns)) + "|"


def _row(first: str, cells: Sequence[str]) -> str:
    return f"| {first} | {' | '.join(cells)} |"
