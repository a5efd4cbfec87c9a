"""What was stopped is refused for its time on a processor, and its outline when it comes in many clothes."""

from __future__ import annotations

import pytest

from coopkg import guard, quarantine
from coopkg.errors import QueryQuarantined
from coopkg.quarantine import Quarantine
from tests.unit.test_budget import Clock

HEAVY = 'SELECT * {{ ?s ?p ?o . ?a ?b ?c FILTER(REGEX(?o, "{}") && ?c > {}) }}'


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> Quarantine:
    return Quarantine(2.0, now=clock)


def is_refused(kept: Quarantine, query: str) -> bool:
    try:
        kept.check(query)
    except QueryQuarantined:
        return True
    return False


def test_a_stopped_query_is_refused_for_its_processor_time_times_the_factor(kept: Quarantine, clock: Clock) -> None:
    kept.stopped("SELECT * { ?s ?p ?o }", 10.0)
    with pytest.raises(QueryQuarantined, match="in 20 s") as caught:
        kept.check("select  *\n{ ?S ?p ?o }")
    assert caught.value.wait_s == pytest.approx(20.0)
    kept.check("SELECT * { ?s ?p 1 }")
    clock.now_s += 20.1
    kept.check("SELECT * { ?s ?p ?o }")


def test_a_outline_is_refused_when_three_of_its_texts_were_stopped(kept: Quarantine, clock: Clock) -> None:
    for number in range(2):
        kept.stopped(HEAVY.format(number, number), 5.0)
    kept.check(HEAVY.format("new", 7))
    kept.stopped(HEAVY.format(2, 2), 5.0)
    assert is_refused(kept, HEAVY.format("new", 7.5))
    assert is_refused(kept, f"# mine\n{HEAVY.format('x', 1).replace('?o', '?other').lower()}")
    kept.check(HEAVY.format("new", 7).replace("?c > ", "?c < "))
    clock.now_s += 2.0 * 15 - 0.1
    assert is_refused(kept, HEAVY.format("new", 7)), "for what they took together"
    clock.now_s += 0.2
    kept.check(HEAVY.format("new", 7))


def test_the_same_text_three_times_is_no_suspicion_against_its_outline(kept: Quarantine) -> None:
    for _ in range(5):
        kept.stopped(HEAVY.format(1, 1), 5.0)
    kept.check(HEAVY.format(2, 2))
    assert is_refused(kept, HEAVY.format(1, 1))


def test_what_was_stopped_long_ago_counts_no_more(kept: Quarantine, clock: Clock) -> None:
    for number in range(6):
        kept.stopped(HEAVY.format(number, number), 5.0)
        kept.check(HEAVY.format("new", 7))
        clock.now_s += 61.0


def test_one_more_soon_after_the_end_of_a_refusal_begins_another(kept: Quarantine, clock: Clock) -> None:
    for number in range(3):
        kept.stopped(HEAVY.format(number, number), 5.0)
    clock.now_s += 31.0
    kept.check(HEAVY.format("new", 7))
    kept.stopped(HEAVY.format("new", 7), 5.0)
    assert is_refused(kept, HEAVY.format("newer", 8))


def test_what_only_waited_is_held_against_nobody(kept: Quarantine, clock: Clock) -> None:
    for number in range(10):
        kept.stopped(HEAVY.format(number, number), 0.05)
    kept.check(HEAVY.format("new", 7))
    clock.now_s += 0.11
    kept.check(HEAVY.format(9, 9))


def test_a_outline_is_refused_for_two_minutes_at_most(kept: Quarantine, clock: Clock) -> None:
    for number in range(20):
        kept.stopped(HEAVY.format(number, number), 30.0)
    clock.now_s += 2.0 * 60 + 0.1
    kept.check(HEAVY.format("new", 7))


def test_a_text_that_was_answered_at_once_passes_until_it_is_stopped_itself(kept: Quarantine, clock: Clock) -> None:
    kept.answered(HEAVY.format("quick", 1), 0.01)
    kept.answered(HEAVY.format("slow", 1), 2.0)
    for number in range(3):
        kept.stopped(HEAVY.format(number, number), 20.0)
    kept.check(HEAVY.format("quick", 1))
    assert is_refused(kept, HEAVY.format("slow", 1))
    kept.stopped(HEAVY.format("quick", 1), 0.01)
    clock.now_s += 1.0
    assert is_refused(kept, HEAVY.format("quick", 1))


def test_of_a_long_text_the_beginning_is_compared(kept: Quarantine) -> None:
    for number in range(3):
        kept.stopped(HEAVY.format(number, number) + f" # {'x' * 9_000}\n ORDER BY ?{'abc'[number]}", 5.0)
    assert is_refused(kept, HEAVY.format("new", 7) + f" # {'y' * 9_000}\n ORDER BY ?s")


def test_all_that_is_remembered_is_bounded_and_the_oldest_goes_first(
    kept: Quarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "_KNOWN_MAX", 10)
    for number in range(100):
        kept.answered(f"ASK {{ ?s <urn:{number}> ?quick }}", 0.01)
        for value in range(3):
            kept.stopped(f"ASK {{ ?s <urn:{number}> {value} }}", 10.0)
    sizes = [len(known) for known in (kept._texts, kept._outlines, kept._stops, kept._quick)]
    assert sizes == [10, 10, 10, 10]
    kept.check("ASK { ?s <urn:0> 0 }")
    assert is_refused(kept, "ASK { ?s <urn:99> 0 }")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ASK { ?s ?p 1 }", "ask{?s ?p 2}"),
        ("ASK { ?s ?p 1.5e-3 }", "ASK { ?s ?p 7 }"),
        ("ASK { ?s ?p 'a' }", 'ASK { ?s ?p """b "quoted" \n"""@fr-CA }'),
        ("ASK { ?s ?p 'a'^^xsd:date }", "ASK { ?s ?p 'b'^^xsd:date } # c"),
        ("ASK { $x ?p ?x }", "ASK { ?longer ?q $longer }"),
        ("ASK { VALUES ?x { 1 2 3 } }", "ASK { VALUES ?x { 'a' } }"),
        ("ASK { FILTER(?x IN (1, 2, 3)) }", "ASK { FILTER(?x IN (4)) }"),
        ("ASK { ?s ?p '# 1' }", "ASK { # ' \n ?s ?p '' }"),
        ("ASK { ?s ?p 1 }", "# c\nPREFIX unused: <urn:x>\nBASE <urn:y> ASK { ?s ?p 1 }"),
        ("ASK { ?s ?p ?o } LIMIT 10", "ASK { ?s ?p ?o } LIMIT 20"),
    ],
)
def test_queries_that_differ_in_constants_alone_have_one_outline(one: str, other: str) -> None:
    assert guard.outline(one) == guard.outline(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ASK { ?s ?p ?o }", "ASK { ?s ?p ?s }"),
        ("ASK { ?s ?p ?o . ?o ?q ?r }", "ASK { ?s ?p ?o . ?t ?q ?r }"),
        ("ASK { ?s <urn:a> ?o }", "ASK { ?s <urn:b> ?o }"),
        ("ASK { ?s coop:theme ?o }", "ASK { ?s coop:role ?o }"),
        ("ASK { ?s ex:p1 ?o }", "ASK { ?s ex:p2 ?o }"),
        ("ASK { ?s ?p 1 }", "ASK { ?s ?p ?o }"),
        ("ASK { ?s :p* ?o }", "ASK { ?s :p+ ?o }"),
        ("ASK { ?s ?p 'a'^^xsd:date }", "ASK { ?s ?p 'a' }"),
    ],
)
def test_queries_that_ask_something_else_have_outlines_of_their_own(one: str, other: str) -> None:
    assert guard.outline(one) != guard.outline(other)
