"""The reasoner alone: rules over plain words, its proofs, and what a change costs."""

from __future__ import annotations

import pytest

from coopkg.datalog import Condition, Count, Fact, Made, Rule, Variable
from coopkg.errors import InputError
from coopkg.reasoner import Difference, Reasoner

X, Y, Z = Variable("x"), Variable("y"), Variable("z")
TRANSITIVE = Rule("transitive", Fact(X, "in", Z), (Fact(X, "in", Y), Fact(Y, "in", Z)))
RANGE = Rule("range", Fact(Y, "is", "place"), (Fact(X, "in", Y),))
TOGETHER = Rule("together", Fact(X, "with", Y), (Fact(X, "at", Z), Fact(Y, "at", Z)), ((X, Y),))
BEFORE = Condition("<", (X, Y), lambda one, other: one < other)
PAIR = Made("pair", (X, Y), lambda one, other: f"{one}+{other}")
PAIRS = [
    Rule("pairs", head, (Fact(X, "at", Z), Fact(Y, "at", Z)), conditions=(BEFORE,))
    for head in (Fact(PAIR, "of", X), Fact(PAIR, "of", Y), Fact(PAIR, "meets", Z))
]
STRENGTH = Rule("strength", Fact(X, "strength", Count(Y, str)), (Fact(X, "meets", Y),))
TOLD = Rule("told", Fact(X, "is", "counted"), (Fact(X, "strength", Y),))
NAMED = Rule("named", Fact(X, Z, Y), (Fact(X, "does", Y), Fact(Y, "means", Z)))


def chain(length: int) -> list[Fact]:
    return [Fact(number, "in", number + 1) for number in range(length)]


def test_rules_run_until_nothing_new_follows() -> None:
    assert set(Reasoner([TRANSITIVE], chain(3)).inferred()) == {(0, "in", 2), (1, "in", 3), (0, "in", 3)}


def test_a_variable_may_stand_for_the_predicate_that_follows() -> None:
    reasoner = Reasoner([NAMED, TRANSITIVE], [("a", "does", "b"), ("b", "means", "in"), ("b", "in", "c")])
    assert set(reasoner.inferred()) == {("a", "in", "b"), ("a", "in", "c")}


def test_what_must_differ_differs() -> None:
    assert set(Reasoner([TOGETHER], [("a", "at", 1), ("b", "at", 1)]).inferred()) == {
        ("a", "with", "b"),
        ("b", "with", "a"),
    }


def test_one_term_twice_in_a_pattern_is_one_term() -> None:
    loop = Rule("loop", Fact(X, "is", "loop"), (Fact(X, "in", X),))
    later = Rule("later", Fact(Y, "sees", X), (Fact(Y, "is", "judge"), Fact(X, "in", X)))
    reasoner = Reasoner([loop, later], [("a", "in", "a"), ("a", "in", "b"), ("j", "is", "judge")])
    assert set(reasoner.inferred()) == {("a", "is", "loop"), ("j", "sees", "a")}


def test_a_pattern_that_a_rule_says_twice_counts_once() -> None:
    twice = Rule("twice", Fact(X, "is", "inside"), (Fact(X, "in", Y), Fact(X, "in", Y)))
    reasoner = Reasoner([twice], [("a", "in", "b")])
    reasoner.change([], [("c", "in", "b")])
    assert reasoner.change([("a", "in", "b"), ("c", "in", "b")], []).gone == {
        ("a", "is", "inside"),
        ("c", "is", "inside"),
    }
    assert reasoner.firings == 4


def test_a_derivation_that_was_found_later_keeps_a_fact_when_the_first_one_goes() -> None:
    reasoner = Reasoner([TOGETHER], [("a", "at", 1), ("b", "at", 1)])
    reasoner.change([], [("a", "at", 2), ("b", "at", 2)])
    assert reasoner.change([("a", "at", 1)], []) == Difference(frozenset(), frozenset())
    assert len(reasoner.change([("b", "at", 2)], []).gone) == 2


def test_a_fact_that_only_supported_itself_goes() -> None:
    symmetric = Rule("symmetric", Fact(Y, "near", X), (Fact(X, "near", Y),))
    reasoner = Reasoner([symmetric], [("a", "near", "b")])
    assert reasoner.change([("a", "near", "b")], []).gone == {("b", "near", "a")}
    assert set(reasoner.inferred()) == set()


def test_a_fact_that_still_follows_stays_and_becomes_inferred() -> None:
    reasoner = Reasoner([TRANSITIVE], [*chain(2), Fact(0, "in", 2)])
    difference = reasoner.change([Fact(0, "in", 2)], [])
    assert not difference.gone
    assert difference.new == {(0, "in", 2)}


def test_an_inferred_fact_that_is_asserted_is_inferred_no_more() -> None:
    difference = (reasoner := Reasoner([TRANSITIVE], chain(2))).change([], [Fact(0, "in", 2)])
    assert difference.gone == {(0, "in", 2)}
    assert not difference.new
    assert reasoner.change([Fact(0, "in", 2)], []).new == {(0, "in", 2)}


def test_an_inferred_fact_cannot_be_taken_away() -> None:
    reasoner = Reasoner([TRANSITIVE], chain(2))
    assert reasoner.change([Fact(0, "in", 2), Fact("never", "was", "there")], []).gone == set()
    assert set(reasoner.inferred()) == {(0, "in", 2)}


def test_a_proof_goes_down_to_asserted_facts() -> None:
    proof = Reasoner([TRANSITIVE, RANGE], chain(3)).proof(Fact(0, "in", 3))
    assert proof is not None
    assert proof.rule == TRANSITIVE
    leaves, waiting = set(), [proof]
    while waiting:
        step = waiting.pop()
        waiting += step.premises
        if step.rule is None:
            leaves.add(step.fact)
    assert leaves == set(chain(3))


def test_what_does_not_hold_has_no_proof_and_what_is_asserted_needs_none() -> None:
    reasoner = Reasoner([TRANSITIVE], chain(2))
    assert reasoner.proof(Fact(2, "in", 0)) is None
    proof = reasoner.proof(Fact(0, "in", 1))
    assert proof is not None
    assert (proof.rule, proof.premises) == (None, ())


def test_a_very_long_proof_is_told_too() -> None:
    follows = Rule("reached", Fact(Y, "is", "reached"), (Fact(X, "is", "reached"), Fact(X, "in", Y)))
    assert Reasoner([follows], [("start", "is", "reached"), Fact("start", "in", 0), *chain(3_000)]).proof(
        Fact(3_000, "is", "reached")
    )


def test_contradictions_are_told_once_with_their_premises() -> None:
    disjoint = Rule("disjoint", None, (Fact(X, "is", "actor"), Fact(X, "is", "place")))
    functional = Rule("functional", None, (Fact(X, "size", Y), Fact(X, "size", Z)), ((Y, Z),))
    facts = [("a", "is", "actor"), ("b", "in", "a"), ("a", "size", 1), ("a", "size", 2), ("b", "size", 1)]
    found = Reasoner([disjoint, functional, RANGE], facts).inconsistencies()
    assert {(one.rule.name, frozenset(one.premises)) for one in found} == {
        ("disjoint", frozenset({("a", "is", "actor"), ("a", "is", "place")})),
        ("functional", frozenset({("a", "size", 1), ("a", "size", 2)})),
    }
    assert len(found) == 2


MEETINGS = [("a", "at", 1), ("b", "at", 1), ("a", "at", 2), ("b", "at", 2), ("c", "at", 2)]


def strengths(reasoner: Reasoner) -> dict[object, object]:
    return {fact.subject: fact.object for fact in reasoner.inferred() if fact.predicate == "strength"}


def test_a_made_term_stands_for_what_it_is_made_from() -> None:
    facts = set(Reasoner(PAIRS, MEETINGS[:2]).inferred())
    assert facts == {("a+b", "of", "a"), ("a+b", "of", "b"), ("a+b", "meets", 1)}


def test_a_made_term_leads_back_to_what_it_was_made_from_and_to_nothing_else() -> None:
    first = Rule("first", Fact(PAIR, "first", X), (Fact(X, "with", Y),))
    reasoner = Reasoner([first], [("a", "with", "b"), ("b", "with", "b"), ("a+b", "first", "b")])
    assert reasoner.change([("a+b", "first", "b")], []).new == set()
    proof = reasoner.proof(Fact("a+b", "first", "a"))
    assert proof is not None
    assert [premise.fact for premise in proof.premises] == [("a", "with", "b")]


def test_a_count_is_of_different_terms_and_there_is_none_of_nothing() -> None:
    reasoner = Reasoner([*PAIRS, STRENGTH], MEETINGS)
    assert strengths(reasoner) == {"a+b": "2", "a+c": "1", "b+c": "1"}
    difference = reasoner.change([("b", "at", 2)], [])
    assert strengths(reasoner) == {"a+b": "1", "a+c": "1"}
    assert {fact for fact in difference.gone if fact.predicate == "strength"} == {
        ("a+b", "strength", "2"),
        ("b+c", "strength", "1"),
    }
    assert {fact for fact in difference.new if fact.predicate == "strength"} == {("a+b", "strength", "1")}


def test_rules_see_the_counts() -> None:
    reasoner = Reasoner([*PAIRS, STRENGTH, TOLD], MEETINGS)
    assert ("b+c", "is", "counted") in set(reasoner.inferred())
    assert reasoner.change([("c", "at", 2)], []).gone >= {("a+c", "is", "counted"), ("b+c", "is", "counted")}


def test_a_count_that_is_also_asserted_stays_what_was_asserted() -> None:
    reasoner = Reasoner([*PAIRS, STRENGTH], [*MEETINGS, ("a+b", "strength", "2"), ("a+b", "strength", "9")])
    assert "a+b" not in strengths(reasoner)
    assert reasoner.change([("a+b", "strength", "2"), ("a+b", "strength", "9")], []).new == {("a+b", "strength", "2")}


def test_the_proof_of_a_count_has_a_premise_for_each_that_is_counted_also_after_changes() -> None:
    reasoner = Reasoner([*PAIRS, STRENGTH, TOLD], MEETINGS)
    reasoner.change([("a", "at", 1)], [])
    reasoner.change([], [("a", "at", 1)])
    proof = reasoner.proof(Fact("a+b", "is", "counted"))
    assert proof is not None
    (strength,) = proof.premises
    assert strength.rule == STRENGTH
    assert {premise.fact for premise in strength.premises} == {("a+b", "meets", 1), ("a+b", "meets", 2)}
    assert {step.fact for step in strength.premises[0].premises} <= set(map(Fact._make, MEETINGS))


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([STRENGTH, Rule("back", Fact(X, "meets", Y), (Fact(X, "strength", Y),))], "strength: depends on the count"),
        ([STRENGTH, Rule("any", Fact(X, Y, "b"), (Fact(X, "strength", Y),))], "strength: depends on the count"),
        (
            [STRENGTH, TOLD, Rule("again", Fact(X, "kinds", Count(Y, str)), (Fact(X, "is", Y),))],
            "again: counts what depends on the count of strength",
        ),
        ([Rule("grow", Fact(PAIR, "at", X), (Fact(X, "at", Y),))], "grow: depends on the terms"),
        ([*PAIRS, Rule("back", Fact(Y, "at", X), (Fact(X, "of", Y),))], "pairs: depends on the terms"),
    ],
)
def test_what_would_count_or_make_without_end_is_refused(rules: list[Rule], told: str) -> None:
    with pytest.raises(InputError, match=told):
        Reasoner(rules)


def test_a_class_apart_is_no_circle() -> None:
    counted = Rule("members", Fact(X, "size", Count(Y, str)), (Fact(X, "has", Y),))
    given = Rule("given", Fact(X, "has", Y), (Fact(X, "is", "asked"), Fact(X, "lists", Y)))
    apart = Rule("apart", Fact(X, "is", "sized"), (Fact(X, "size", Y),))
    assert set(Reasoner([counted, given, apart], [("a", "is", "asked"), ("a", "lists", 1)]).inferred()) == {
        ("a", "has", 1),
        ("a", "size", "1"),
        ("a", "is", "sized"),
    }


def test_the_cost_of_counting_again_follows_the_change() -> None:
    costs = []
    for count in (50, 500):
        reasoner = Reasoner([*PAIRS, STRENGTH, TOLD], [(f"{n}{side}", "at", n) for n in range(count) for side in "ab"])
        before = reasoner.firings
        reasoner.change([("7a", "at", 7)], [("8a", "at", 7)])
        costs.append(reasoner.firings - before)
    assert costs[0] == costs[1]
    assert 0 < costs[0] < 60


def towns(count: int) -> list[Fact]:
    """Towns in departments of a hundred, these in one country."""
    inside = [Fact(f"town {n}", "in", f"department {n // 100}") for n in range(count)]
    return inside + [Fact(f"department {n}", "in", "country") for n in range(count // 100)]


@pytest.mark.parametrize("kind", ["add", "remove"])
def test_the_cost_of_a_change_follows_the_change_and_not_the_graph(kind: str) -> None:
    costs = []
    for count in (500, 5_000):
        reasoner = Reasoner([TRANSITIVE, RANGE], towns(count))
        before = reasoner.firings
        if kind == "add":
            reasoner.change([], [Fact("new", "in", "department 3")])
        else:
            reasoner.change([Fact("town 1", "in", "department 0")], [])
        costs.append(reasoner.firings - before)
    assert costs[0] == costs[1]
    assert 0 < costs[0] < 20
