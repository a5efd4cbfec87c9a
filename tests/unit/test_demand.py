"""What a question can need: it is read, and no more; the answer is that of all facts."""

from __future__ import annotations

import pytest

from coopkg import demand
from coopkg.datalog import Fact, Proof, Rule, Term
from tests.unit.test_reasoner import (
    MEETINGS,
    NAMED,
    PAIRS,
    RANGE,
    STRENGTH,
    TOGETHER,
    TRANSITIVE,
    X,
    Y,
    Z,
    towns,
)


class Facts:
    """Asserted facts that note what was read of them."""

    def __init__(self, facts: list[Fact]) -> None:
        self._facts = facts
        self.asked: list[tuple[Term | None, Term, Term | None]] = []
        self.given: list[Fact] = []

    def __call__(self, subject: Term | None, predicate: Term, value: Term | None) -> list[Fact]:
        wanted = subject, predicate, value
        self.asked.append(wanted)
        found = [f for f in self._facts if all(w in (None, term) for w, term in zip(wanted, f, strict=True))]
        self.given += found
        return found


def premises(proof: Proof | None) -> list[Fact]:
    assert proof is not None
    return [premise.fact for premise in proof.premises]


def test_what_is_read_follows_the_question_and_not_the_graph() -> None:
    given = []
    for count in (500, 5_000):
        facts = Facts([*towns(count), Fact("town 1", "near", "town 2")])
        proof = demand.proof([TRANSITIVE, RANGE, TOGETHER], Fact("town 1", "in", "country"), facts)
        assert premises(proof) == [("town 1", "in", "department 0"), ("department 0", "in", "country")]
        given.append(set(facts.given))
    assert given[0] == given[1] == set(premises(proof))


def test_what_does_not_hold_has_no_proof_and_what_is_stated_needs_none() -> None:
    facts = Facts(towns(200))
    assert demand.proof([TRANSITIVE], Fact("town 1", "in", "department 1"), facts) is None
    assert demand.proof([TRANSITIVE], Fact("town 1", "in", "nowhere"), facts) is None
    assert demand.proof([TRANSITIVE], Fact("town 1", "in", "department 0"), facts) == Proof(
        Fact("town 1", "in", "department 0")
    )


def test_a_rule_for_any_predicate_is_read_for_the_one_that_is_asked() -> None:
    means = [Fact("b", "means", f"verb {number}") for number in range(50)]
    facts = Facts([Fact("a", "does", "b"), Fact("b", "means", "in"), *means])
    assert premises(demand.proof([NAMED, TRANSITIVE], Fact("a", "in", "b"), facts)) == [
        ("a", "does", "b"),
        ("b", "means", "in"),
    ]
    assert not set(facts.given) & set(means)


def test_a_class_that_is_asked_for_is_not_any_class() -> None:
    sorts = [Rule(f"sort {n}", Fact(X, "is", f"kind {n}"), (Fact(X, "is", f"sort {n}"),)) for n in range(20)]
    listed = Rule("listed", Fact(X, "is", Y), (Fact(Y, "lists", X),))
    others = [Fact(f"other {n}", "lists", "a") for n in range(50)]
    facts = Facts([Fact("a", "is", "sort 3"), Fact("sort 7", "lists", "a"), *others])
    assert premises(demand.proof([*sorts, listed], Fact("a", "is", "kind 3"), facts)) == [("a", "is", "sort 3")]
    assert premises(demand.proof([*sorts, listed], Fact("a", "is", "kind 7"), facts)) == [("a", "is", "sort 7")]
    assert set(facts.given) == {("a", "is", "sort 3"), ("sort 7", "lists", "a")}
    assert ("a", "is", "sort 5") not in facts.asked


def test_the_proof_of_a_count_has_all_that_is_counted() -> None:
    facts = Facts([Fact(*meeting) for meeting in MEETINGS])
    rules = [*PAIRS, STRENGTH]
    assert demand.proof(rules, Fact("a+b", "strength", "1"), facts) is None
    proof = demand.proof(rules, Fact("a+b", "strength", "2"), facts)
    assert set(premises(proof)) == {("a+b", "meets", 1), ("a+b", "meets", 2)}


def test_a_question_about_a_place_that_holds_thousands_asks_no_thousand_times() -> None:
    facts = Facts(towns(6_000))
    assert demand.proof([TRANSITIVE, RANGE], Fact("country", "is", "place"), facts)
    assert len(facts.asked) < 200
    assert len(facts.given) < 7_000, "the answer was there, and more was read"
    sized = Rule("sized", Fact(Y, "is", "big"), (Fact(X, "in", Y), Fact(X, "is", "big")))
    facts = Facts(towns(6_000))
    assert demand.proof([TRANSITIVE, sized], Fact("country", "is", "big"), facts) is None
    assert len(facts.asked) < 300


def test_an_answer_that_counts_waits_for_all_that_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demand, "_MANY", 0)
    through = Rule("through", Fact(X, "meets", Y), (Fact(X, "knows", Z), Fact(Z, "at", Y)))
    facts = Facts([Fact("a", "meets", 1), Fact("a", "knows", "b"), Fact("b", "at", 2)])
    assert demand.proof([STRENGTH, through], Fact("a", "strength", "1"), facts) is None
    assert len(premises(demand.proof([STRENGTH, through], Fact("a", "strength", "2"), facts))) == 2
