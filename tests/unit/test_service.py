"""The query service, with an asker that does as it is told: who is charged for what, and what is given back."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from coopkg.budget import Budgets
from coopkg.errors import (
    BudgetSpent,
    CoopkgError,
    QueryError,
    QueryQuarantined,
    QueryTimedOut,
    QueryTooHeavy,
    ServerBusy,
)
from coopkg.quarantine import Quarantine
from coopkg.service import WHOLE_BYTES, Asked, Client, QueryService
from coopkg.sparql import Question
from coopkg.worker import Submission

QUESTION = Question("SELECT * {}")
SUBMISSION = Submission(b"", "text/turtle", "current", "", "text/plain", "fr")
FULL_S = 20.0


@dataclass
class Told:
    """A stream, and its asker, that does as it is told."""

    pieces_given: list[bytes] = field(default_factory=list)
    fault: Exception | None = None
    refusal: Exception | None = None
    took_s: float = 1.0
    used_s: float = 1.0
    goes_slow: bool = False
    media_type: str = ""
    rewritten: tuple[str, ...] = ()
    revision: int = 7
    generation: str = "000000007-1"
    closed: int = 0
    deadline_s: float = 0.0
    rank: float = -1.0
    client: str = ""
    slow: list[bool] = field(default_factory=list)

    @property
    def elapsed_s(self) -> float:
        return self.took_s

    @property
    def cpu_s(self) -> float:
        assert self.closed, "it is known then"
        return self.used_s

    def ask(
        self,
        question: Asked,
        deadline_s: float,
        gone: Callable[[], bool],
        may_be_slow: Callable[[], bool],
        rank: float = 0.0,
        client: str = "",
    ) -> Told:
        self.deadline_s, self.rank, self.client = deadline_s, rank, client
        if self.refusal:
            raise self.refusal
        if self.goes_slow:
            self.slow.append(may_be_slow())
        return self

    def pieces(self) -> Iterator[bytes]:
        self.media_type = "text/csv"
        yield from self.pieces_given
        if self.fault:
            raise self.fault

    def close(self) -> None:
        self.closed += 1

    def is_ready(self) -> bool:
        return True

    def counts(self) -> dict[str, int]:
        return {}


def _service(told: Told, clock: Callable[[], float] = lambda: 0.0) -> tuple[QueryService, Budgets]:
    budgets, quarantine = Budgets(FULL_S, slow_at_once=1, now=clock), Quarantine(now=clock)
    return QueryService(told, budgets, quarantine, deadline_s=10.0, deadline_max_s=60.0), budgets


def _used(budgets: Budgets, client: str = "a") -> float:
    return FULL_S - budgets._account(client).seconds


def test_a_short_answer_is_whole_and_charged_for_what_it_took() -> None:
    told = Told([b"a", b"b"])
    service, budgets = _service(told)
    answer = service.ask(QUESTION, Client("a"))
    assert (answer.begin, answer.rest, answer.media_type, answer.revision) == (b"ab", None, "text/csv", 7)
    assert told.closed == 1
    assert _used(budgets) == 1.0


def test_an_answer_names_the_generation_that_gave_it() -> None:
    assert _service(Told([b"a"]))[0].ask(QUESTION, Client("a")).generation == "000000007-1"


def test_who_yields_waits_behind_everybody() -> None:
    told = Told([b"a"])
    service, _ = _service(told)
    service.ask(QUESTION, Client("a", yields=True))
    assert told.rank == float("inf")
    service.ask(QUESTION, Client("a"))
    assert told.rank < float("inf")


def test_of_newcomers_who_asks_a_query_goes_before_who_sends_a_document() -> None:
    told = Told([b"a"])
    service, budgets = _service(told)
    for _ in range(20):  # refused at once, each of them
        budgets.charge("refused", 0.001)
    ranks = []
    for question, name in ((QUESTION, "asks"), (SUBMISSION, "refused"), (SUBMISSION, "sends")):
        service.ask(question, Client(name))
        ranks.append(told.rank)
    assert ranks == sorted(set(ranks))


def test_an_empty_answer_has_its_media_type() -> None:
    answer = _service(Told([]))[0].ask(QUESTION, Client("a"))
    assert (answer.begin, answer.rest, answer.media_type) == (b"", None, "text/csv")


def test_a_long_answer_comes_in_pieces_and_is_charged_at_its_end() -> None:
    told = Told([b"x" * WHOLE_BYTES, b"y", b"z"])
    service, budgets = _service(told)
    answer = service.ask(QUESTION, Client("a"))
    assert answer.rest is not None
    assert told.closed == 0
    assert len(answer.begin + b"".join(answer.rest)) == WHOLE_BYTES + 2
    assert told.closed == 1
    assert _used(budgets) == 1.0


@pytest.mark.parametrize("way", ["closed", "forgotten"])
def test_a_long_answer_that_is_left_is_closed_and_charged(way: str) -> None:
    told = Told([b"x" * (WHOLE_BYTES + 1), b"y"], goes_slow=True)
    service, budgets = _service(told)
    answer = service.ask(QUESTION, Client("a"))
    if way == "closed":
        answer.rest.close()  # type: ignore[union-attr]  # a generator, and not None here
    del answer
    gc.collect()
    assert told.closed == 1
    assert _used(budgets) == 1.0
    assert budgets.enter_slow("a"), "its slow place is free again"


def test_waiting_for_a_place_in_vain_costs_nothing() -> None:
    service, budgets = _service(Told(refusal=ServerBusy("full")))
    with pytest.raises(ServerBusy):
        service.ask(QUESTION, Client("a"))
    assert _used(budgets) == 0


@pytest.mark.parametrize(
    "fault", [QueryTimedOut("x"), QueryTooHeavy("x"), ServerBusy("x"), CoopkgError("x"), ZeroDivisionError()]
)
def test_whatever_goes_wrong_the_worker_is_given_back_and_its_time_charged(fault: Exception) -> None:
    told = Told([b"x"], fault, goes_slow=True)
    service, budgets = _service(told)
    with pytest.raises(type(fault)):
        service.ask(QUESTION, Client("a"))
    assert told.closed == 1
    assert _used(budgets) == 1.0
    assert budgets.enter_slow("a")


@pytest.mark.parametrize("fault", [QueryTimedOut("x"), QueryTooHeavy("x")])
def test_a_query_that_was_killed_is_in_quarantine_for_everybody(fault: Exception) -> None:
    told = Told(fault=fault)
    service, _ = _service(told)
    with pytest.raises(type(fault)):
        service.ask(QUESTION, Client("a"))
    with pytest.raises(QueryQuarantined):
        service.ask(Question("select *  {}"), Client("b"))


def test_a_query_is_in_quarantine_for_its_time_on_a_processor_not_for_what_it_waited() -> None:
    now_s = [0.0]
    told = Told(fault=QueryTimedOut("x"), took_s=10.0, used_s=0.02)
    service, _ = _service(told, lambda: now_s[0])
    with pytest.raises(QueryTimedOut):
        service.ask(QUESTION, Client("a"))
    with pytest.raises(QueryQuarantined) as caught:
        service.ask(QUESTION, Client("b"))
    assert caught.value.wait_s == pytest.approx(0.02)
    now_s[0] = 0.03
    told.fault = None
    service.ask(QUESTION, Client("b"))


@pytest.mark.parametrize(("took_s", "passes"), [(0.1, True), (0.9, False)])
def test_a_text_that_was_answered_at_once_passes_whatever_its_outline(took_s: float, passes: bool) -> None:
    told = Told([b"x"], took_s=took_s)
    service, _ = _service(told)
    service.ask(Question("ASK { ?s ?p 0 }"), Client("a"))
    told.fault, told.used_s = QueryTimedOut("x"), 5.0
    for number in (1, 2, 3):
        with pytest.raises(QueryTimedOut):
            service.ask(Question(f"ASK {{ ?s ?p {number} }}"), Client("a"))
    told.fault = None
    with pytest.raises(QueryQuarantined):
        service.ask(Question("ASK { ?s ?p 4 }"), Client("c"))
    with contextlib.nullcontext() if passes else pytest.raises(QueryQuarantined):
        service.ask(Question("ASK { ?s ?p 0 }"), Client("c"))


def test_a_document_that_was_stopped_is_in_quarantine_and_no_other() -> None:
    told = Told(fault=QueryTimedOut("x"), used_s=5.0)
    service, _ = _service(told)
    submissions = [
        Submission(b"<urn:a> <urn:b> %d ." % number, "text/turtle", "current", "", "text/plain", "fr")
        for number in range(5)
    ]
    for submission in submissions[:4]:
        with pytest.raises(QueryTimedOut):
            service.ask(submission, Client("a"))
    told.fault = None
    with pytest.raises(QueryQuarantined):
        service.ask(submissions[0], Client("b"))
    service.ask(submissions[4], Client("b"))


def test_an_answer_that_is_left_half_way_was_not_answered_at_once() -> None:
    told = Told([b"x" * (WHOLE_BYTES + 1), b"y"], took_s=0.1)
    service, _ = _service(told)
    answer = service.ask(Question("ASK { ?s ?p 0 }"), Client("a"))
    answer.rest.close()  # type: ignore[union-attr]  # a generator, and not None here
    assert not service._quarantine._quick


def test_the_spent_are_told_so_even_for_a_stopped_query() -> None:
    told = Told(fault=QueryTimedOut("x"), took_s=FULL_S + 1)
    service, _ = _service(told)
    with pytest.raises(QueryTimedOut):
        service.ask(QUESTION, Client("a"))
    with pytest.raises(BudgetSpent):
        service.ask(QUESTION, Client("a"))


def test_a_query_is_in_no_quarantine_because_its_client_left_or_the_server_was_full() -> None:
    for fault, gone in ((QueryTimedOut("the client has gone"), True), (ServerBusy("x"), False)):
        told = Told(fault=fault)
        service, _ = _service(told)
        with pytest.raises(type(fault)):
            service.ask(QUESTION, Client("a", lambda gone=gone: gone))  # type: ignore[misc]  # a bound loop variable
        told.fault = None
        service.ask(QUESTION, Client("b"))


def test_a_classroom_that_makes_syntax_errors_is_not_refused() -> None:
    """Thirty behind one address, each twenty times a minute."""
    now_s = [0.0]
    told = Told(fault=QueryError("line 1"), took_s=0.02)
    service, _ = _service(told, lambda: now_s[0])
    for number in range(30 * 20 * 3):
        now_s[0] += 60 / (30 * 20)
        with pytest.raises(QueryError):
            service.ask(Question(f"SELECT {number}"), Client("school"))
    told.fault, told.took_s = None, 0.1
    service.ask(QUESTION, Client("school"))


def test_a_syntax_error_that_takes_long_to_find_costs_what_it_takes() -> None:
    service, budgets = _service(Told(fault=QueryError("line 1"), took_s=2.0))
    with pytest.raises(QueryError):
        service.ask(QUESTION, Client("a"))
    assert _used(budgets) == 2.0


def test_a_spent_client_reaches_no_worker_and_another_does() -> None:
    told = Told(took_s=FULL_S + 1)
    service, _ = _service(told)
    service.ask(QUESTION, Client("a"))
    told.closed = 0
    with pytest.raises(BudgetSpent):
        service.ask(QUESTION, Client("a"))
    assert told.closed == 0
    service.ask(QUESTION, Client("b"))


def test_the_rank_of_a_client_is_told_to_who_orders_the_queue() -> None:
    told = Told(took_s=3.0)
    service, _ = _service(told)
    service.ask(QUESTION, Client("a"))
    first = told.rank
    service.ask(QUESTION, Client("a"))
    assert told.rank > first
    assert told.client == "a"


@pytest.mark.parametrize("told", [Told(refusal=ServerBusy("x")), Told(fault=ServerBusy("x")), Told([b"x"])])
def test_nothing_that_is_over_counts_as_under_way(told: Told) -> None:
    service, budgets = _service(told)
    for _ in range(3):
        with contextlib.suppress(ServerBusy):
            service.ask(QUESTION, Client("a"))
    assert budgets._account("a").under_way == 0


@pytest.mark.parametrize(("asked_s", "given_s"), [(None, 10.0), (0.5, 0.5), (30.0, 30.0), (1e9, 60.0)])
def test_no_deadline_is_longer_than_the_longest(asked_s: float | None, given_s: float) -> None:
    told = Told()
    _service(told)[0].ask(QUESTION, Client("a"), asked_s)
    assert told.deadline_s == given_s


def test_one_long_query_at_once_for_a_client() -> None:
    told = Told([b"x" * (WHOLE_BYTES + 1), b"y"], goes_slow=True)
    service, _ = _service(told)
    kept = [service.ask(QUESTION, Client(name)) for name in ("a", "a", "b")]
    assert told.slow == [True, False, True]
    del kept
