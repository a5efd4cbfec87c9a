"""Whose answers differ from those of most servers: a benchmark of wrong answers would be none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tests.benchmarks.kinds import KINDS, Equal
from tests.benchmarks.servers.asking import Asked
from tests.benchmarks.servers.figures import kinds
from tests.benchmarks.servers.results import Result

_EQUAL = {kind.name: kind.equal for kind in KINDS}


def differences(results: Sequence[Result]) -> Iterator[str]:
    """Yield lines that name who differs in what, then who did not answer, and why."""
    yield "Whose answers differ from those of most servers, of the instances that both answered:"
    yield ""
    found = [line for kind in kinds(results) for line in _differing(kind, results)]
    yield from found or ["* Nobody's."]
    refused = [line for result in results for line in _refusing(result)]
    if refused:
        yield from ("", "What was not answered, and why:", "", *refused)


def rows_agree(kind: str, mine: Sequence[Asked], theirs: Sequence[Asked]) -> bool:
    """Return whether there are as many rows wherever both answered."""
    both = [(m, t) for m, t in zip(mine, theirs, strict=False) if m.ms is not None and t.ms is not None]
    return _EQUAL[kind] is Equal.NOTHING or all(m.rows == t.rows for m, t in both)


def _refusing(result: Result) -> Iterator[str]:
    for kind, asked in result.asked.items():
        faults = [one.fault for one in asked if one.ms is None]
        if faults:
            yield f"* {kind}: {result.server}, {len(faults)} of {len(asked)}: {faults[0].strip()}"


def _differing(kind: str, results: Sequence[Result]) -> Iterator[str]:
    asked = {result.server: result.asked[kind] for result in results if kind in result.asked}
    for server, answers in asked.items():
        others = [_usual(kind, place, asked.values()) for place in range(len(answers))]
        pairs = [(mine, usual) for mine, usual in zip(answers, others, strict=True) if mine.ms is not None and usual]
        wrong = [(mine, usual) for mine, usual in pairs if _said(kind, mine) != _said(kind, usual)]
        if wrong:
            yield f"* {kind}: {server}, in {len(wrong)} of {len(pairs)} ({_how(kind, wrong)})"


def _how(kind: str, wrong: Sequence[tuple[Asked, Asked]]) -> str:
    mine, usual = next(((mine, usual) for mine, usual in wrong if mine.rows != usual.rows), wrong[0])
    how = f"{mine.rows:,} rows where most have {usual.rows:,}" if mine.rows != usual.rows else "other terms"
    return f"{how}; what DESCRIBE says is the server's choice" if _EQUAL[kind] is Equal.NOTHING else how


def _usual(kind: str, place: int, asked: Iterable[Sequence[Asked]]) -> Asked | None:
    """Return the answer that most servers give to an instance; None when nobody answers."""
    answers = [answers[place] for answers in asked if place < len(answers) and answers[place].ms is not None]
    counts = Counter(_said(kind, answer) for answer in answers)
    return max(answers, key=lambda answer: counts[_said(kind, answer)], default=None)


def _said(kind: str, answer: Asked) -> object:
    """Return what two right answers to a query of a kind have in common."""
    return answer.rows if _EQUAL[kind] is Equal.COUNT else answer.digest
