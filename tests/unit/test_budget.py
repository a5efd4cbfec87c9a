"""What a client may use: the arithmetic of its account, under a clock of ours, and who it is counted as."""

from __future__ import annotations

import ipaddress

import pytest

from coopkg import budget
from coopkg.budget import Budgets, client_of
from coopkg.errors import BudgetSpent


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budgets(clock: Clock) -> Budgets:
    return Budgets(20.0, slow_at_once=1, now=clock)


def test_a_new_client_may_use_a_whole_minutes_worth_at_once(budgets: Budgets) -> None:
    budgets.check("a")
    budgets.charge("a", 19.9)
    budgets.check("a")
    budgets.charge("a", 0.2)
    with pytest.raises(BudgetSpent):
        budgets.check("a")


def test_a_spent_account_is_refused_until_it_has_refilled(budgets: Budgets, clock: Clock) -> None:
    budgets.charge("a", 25.0)
    with pytest.raises(BudgetSpent, match="20 worker-seconds a minute") as caught:
        budgets.check("a")
    assert caught.value.wait_s == pytest.approx(5 / (20 / 60) + 1)
    clock.now_s += caught.value.wait_s
    budgets.check("a")


def test_the_time_to_wait_is_never_too_short_nor_more_than_a_second_too_long(budgets: Budgets, clock: Clock) -> None:
    budgets.charge("a", 21.0)
    clock.now_s += 2.9
    with pytest.raises(BudgetSpent):
        budgets.check("a")
    clock.now_s += 0.2
    budgets.check("a")


def test_an_account_is_spent_at_exactly_nothing(budgets: Budgets) -> None:
    budgets.charge("a", 20.0)
    with pytest.raises(BudgetSpent):
        budgets.check("a")


def test_no_more_than_a_minutes_worth_is_saved_up(budgets: Budgets, clock: Clock) -> None:
    clock.now_s += 3_600
    budgets.charge("a", 20.5)
    with pytest.raises(BudgetSpent):
        budgets.check("a")


def test_clients_are_counted_apart(budgets: Budgets) -> None:
    budgets.charge("a", 100)
    budgets.check("b")


def test_a_clock_that_stands_still_refills_nothing(budgets: Budgets) -> None:
    for _ in range(1_001):
        budgets.charge("a", 0.02)
    with pytest.raises(BudgetSpent):
        budgets.check("a")


def test_one_long_query_at_once(budgets: Budgets) -> None:
    assert budgets.enter_slow("a")
    assert not budgets.enter_slow("a")
    assert budgets.enter_slow("b")
    budgets.leave_slow("a")
    assert budgets.enter_slow("a")


def test_a_long_query_of_a_forgotten_account_gives_no_credit(budgets: Budgets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_KNOWN_MAX", 2)
    assert budgets.enter_slow("a")
    for name in "bcd":
        budgets.check(name)
    budgets.leave_slow("a")
    assert budgets.enter_slow("a")
    assert not budgets.enter_slow("a")


def test_accounts_are_bounded_and_the_oldest_go_first(budgets: Budgets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_KNOWN_MAX", 10)
    for number in range(100):
        budgets.charge(f"client {number}", 100)
    assert len(budgets._accounts) == 10
    with pytest.raises(BudgetSpent):
        budgets.check("client 99")
    budgets.check("client 0")


def test_who_still_asks_is_not_forgotten_for_newcomers(budgets: Budgets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_KNOWN_MAX", 10)
    budgets.charge("spender", 100)
    for number in range(100):
        budgets.check(f"client {number}")
        with pytest.raises(BudgetSpent):
            budgets.check("spender")


def test_who_asks_short_questions_goes_before_newcomers_and_newcomers_before_who_asks_long_ones(
    budgets: Budgets,
) -> None:
    for _ in range(10):
        for name, seconds in (("short", 0.002), ("long", 0.9)):
            budgets.begin(name)
            budgets.charge(name, seconds)
            budgets.end(name)
    short, new, long = (budgets.begin(name) for name in ("short", "new", "long"))
    assert short < 0.1 < new < long


def test_each_query_under_way_lowers_the_claim_of_the_next(budgets: Budgets) -> None:
    ranks = [budgets.begin("a") for _ in range(3)]
    assert ranks == sorted(set(ranks))
    for _ in range(4):
        budgets.end("a")
    assert budgets.begin("a") == ranks[0]


def test_what_is_too_long_for_an_address_is_not_remembered() -> None:
    before = budget._parsed.cache_info()
    budget.client_of("x" * 60_000, [], [])
    assert budget._parsed.cache_info() == before


def _networks(*texts: str) -> list[budget.Network]:
    return [ipaddress.ip_network(text) for text in texts]


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "name"),
    [
        ("203.0.113.9", [], [], "203.0.113.9"),
        # Nobody is believed by default.
        ("203.0.113.9", ["198.51.100.1"], [], "203.0.113.9"),
        # A proxy is; what stands left of an untrusted hop is the client's own invention.
        ("10.0.0.1", ["198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1", "10.0.0.2"], ["10.0.0.0/8"], "198.51.100.1"),
        ("203.0.113.9", ["10.0.0.2"], ["10.0.0.0/8"], "203.0.113.9"),
        # Behind trusted hops alone, the left-most of them asks.
        ("10.0.0.1", ["10.0.0.3", "10.0.0.2"], ["10.0.0.0/8"], "10.0.0.3"),
        ("10.0.0.1", [], ["10.0.0.0/8"], "10.0.0.1"),
        # A proxy that says nothing usable is counted itself.
        ("10.0.0.1", ["unknown"], ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", ["_hidden"], ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", [f"fe80::1%{'e' * 60_000}"], ["10.0.0.0/8"], "10.0.0.1"),
        # Ports.
        ("10.0.0.1", ["198.51.100.1:4711"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8:1:2::5]:4711"], ["10.0.0.0/8"], "2001:db8:1:2::/64"),
        # IPv6 is counted by its /64, and IPv4 in its clothes as IPv4.
        ("2001:db8:1:2:3:4:5:6", [], [], "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", [], [], "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", [], [], "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", [], [], "203.0.113.9"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("fe80::1%eth0", [], [], "fe80::/64"),
        ("::1", ["198.51.100.1"], ["::1/128"], "198.51.100.1"),
        # A socket that has no address.
        ("", [], [], ""),
    ],
)
def test_a_request_counts_for_the_right_most_hop_that_is_no_trusted_proxy(
    peer: str, forwarded: list[str], trusted: list[str], name: str
) -> None:
    assert client_of(peer, forwarded, _networks(*trusted)) == name
