"""One server at one size: loaded, started, warmed, asked each kind and driven by wrk, then ended."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.kinds import KINDS
from tests.benchmarks.servers import rates
from tests.benchmarks.servers.asking import Asked, Client
from tests.benchmarks.servers.graph import Made
from tests.benchmarks.servers.results import Result
from tests.benchmarks.servers.running import ServerFailed, memory_mib, until_quiet
from tests.benchmarks.servers.server import Endpoint, Server

#: After so many queries of a kind that took too long it is asked no more.
_TOO_MANY = 2
#: A kind is given so long, but for the first few of its instances.
_KIND_S = 12.0
_AT_LEAST = 5
_ROUNDS, _WARM_S = 5, 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured.

    Args:
        instances: how many of each kind, and one more that warms the server.
        wrk_s: how long each rate is counted; 0 for none.
        large: from how many triples the few kinds are asked that are told `large`.
    """

    instances: int = 20
    wrk_s: int = 3
    large: int = 10_000_000

    def queries(self, made: Made) -> Mapping[str, Sequence[str]]:
        """Return the instances of each kind, the same for every server."""
        pools = made.pools()
        kinds = [kind for kind in KINDS if kind.large or made.size < self.large]
        return {kind.name: kind.drawn(pools, self.instances + 1) for kind in kinds if pools.fill(kind.blanks)}


def measure(server: Server, made: Made, plan: Plan, at: str, say: Callable[[str], object]) -> Result:
    """Return what was measured; a server that fails keeps what it had done."""
    result = Result(server.name, made.size, made.triples, server.version(), server.note, at)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=made.folder) as name:
        folder = Path(name)
        try:
            began = time.monotonic()
            server.load(made, folder)
            result.load_s = time.monotonic() - began
            say(f"{server.name}: loaded in {result.load_s:.0f} s")
            _ask(server, made, folder, plan, result, say)
        except (ServerFailed, OSError, RuntimeError) as fault:
            result.fault = str(fault)
            say(f"{server.name}: {fault}")
            shutil.copytree(folder, made.folder / "failed", dirs_exist_ok=True, ignore=shutil.ignore_patterns("store"))
    return result


def _ask(server: Server, made: Made, folder: Path, plan: Plan, result: Result, say: Callable[[str], object]) -> None:
    queries = plan.queries(made)
    with _Session(server, made, folder) as session:
        result.start_s = session.start_s
        result.busy_s = until_quiet(session.endpoint.process)
        _warm(session, [of_kind[-1] for of_kind in queries.values()])
        for kind, of_kind in queries.items():
            result.asked[kind] = _instances(session, of_kind)
        say(f"{server.name}: asked {sum(map(len, result.asked.values()))} queries; {_slowest(result)}")
        result.memory_mib = memory_mib(session.endpoint.process)
        if plan.wrk_s and rates.missing() is None:
            for is_varied in (True, False) if server.keeps_answers else (True,):
                result.rates += rates.rates(session.endpoint, made.pools(), plan.wrk_s, is_varied=is_varied)
            say(f"{server.name}: counted answers a second")


def _warm(session: _Session, queries: Sequence[str]) -> None:
    """Ask instances that are not measured, several times over: what is compiled as it runs is to be compiled."""
    until = time.monotonic() + _WARM_S
    for _ in range(_ROUNDS):
        for query in queries:
            session.ask(query)
        if time.monotonic() > until:
            return


def _instances(session: _Session, queries: Sequence[str]) -> list[Asked]:
    """Return what came of the instances of a kind but for the last, which warmed the server."""
    answers: list[Asked] = []
    until = time.monotonic() + _KIND_S
    for query in queries[: max(1, len(queries) - 1)]:
        if len(answers) >= _AT_LEAST and time.monotonic() > until:
            break
        if sum(one.ms is None for one in answers) >= _TOO_MANY:
            break
        answers.append(session.ask(query))
    return answers


def _slowest(result: Result) -> str:
    answered = {kind: [one.ms for one in asked if one.ms is not None] for kind, asked in result.asked.items()}
    medians = {kind: statistics.median(ms) for kind, ms in answered.items() if ms}
    if not medians:
        return "none answered"
    slowest = max(medians, key=lambda kind: medians[kind])
    return f"slowest {slowest}, {medians[slowest]:.0f} ms"


class _Session:
    """A running server that is started anew when it goes on with a query that nobody waits for."""

    def __init__(self, server: Server, made: Made, folder: Path) -> None:
        self._server, self._made, self._folder = server, made, folder
        self._stack = ExitStack()
        self.endpoint: Endpoint
        self.start_s = 0.0

    def __enter__(self) -> _Session:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, query: str) -> Asked:
        """Return what came of a query."""
        answer = self._client.ask(query)
        if answer.was_left:
            self._stack.close()
            self._begin()
        return answer

    def _begin(self) -> None:
        began = time.monotonic()
        self.endpoint = self._stack.enter_context(self._server.serving(self._made, self._folder))
        self.start_s = time.monotonic() - began
        self._client = Client(self.endpoint)
        self._stack.callback(self._client.close)
