"""Places and the queue before them, with the bad orders made to happen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from coopkg.lane import Lane


def _waiting(lane: Lane, rank: float, done: Callable[[bool], object], wait_s: float = 5.0) -> threading.Thread:
    """Start a thread that waits for a place, and return once it stands in the queue, or was turned away."""
    before = list(lane._waiting)
    thread = threading.Thread(target=lambda: done(lane.enter(rank, wait_s)))
    thread.start()
    while thread.is_alive() and lane._waiting == before:
        time.sleep(0.001)
    return thread


def test_places_are_counted() -> None:
    lane = Lane(2)
    assert [lane.enter(), lane.enter(), lane.enter()] == [True, True, False]
    lane.leave()
    assert lane.enter()


def test_a_place_given_back_twice_is_a_fault() -> None:
    lane = Lane(1)
    with pytest.raises(RuntimeError, match="twice"):
        lane.leave()


def test_the_lowest_rank_goes_first_and_equals_in_their_order() -> None:
    lane, order = Lane(1, 8), list[str]()
    assert lane.enter()
    threads = []
    for rank, name in ((5.0, "heavy"), (1.0, "first"), (1.0, "second"), (0.0, "newcomer")):

        def done(entered: bool, name: str = name) -> None:
            assert entered
            order.append(name)
            lane.leave()

        threads.append(_waiting(lane, rank, done))
    lane.leave()
    for thread in threads:
        thread.join()
    assert order == ["newcomer", "first", "second", "heavy"]
    assert lane.enter()
    assert not lane.enter()


def test_a_full_queue_turns_away_the_highest_rank() -> None:
    lane, results = Lane(1, 2), dict[str, bool]()
    assert lane.enter()
    threads = [
        _waiting(lane, rank, lambda entered, name=name: results.__setitem__(name, entered))  # type: ignore[misc]
        for rank, name in ((9.0, "heavy"), (1.0, "light"))
    ]
    threads.append(_waiting(lane, 2.0, lambda entered: results.__setitem__("middle", entered)))
    threads[0].join(1)
    assert results == {"heavy": False}
    threads.append(_waiting(lane, 2.0, lambda entered: results.__setitem__("late", entered)))
    threads[-1].join(1)
    assert results == {"heavy": False, "late": False}, "among equals, who came last"
    lane.leave()
    lane.leave()
    for thread in threads:
        thread.join(1)
    assert results == {"heavy": False, "late": False, "light": True, "middle": True}


def test_a_place_that_comes_as_the_patience_ends_is_not_lost() -> None:
    """The bad order: the wait is over, the place is given, and only then does the waiter look."""
    lane, results = Lane(1, 8), list[bool]()
    assert lane.enter()
    with lane._lock:
        thread = threading.Thread(target=lambda: results.append(lane.enter(0.0, 0.05)))
        thread.start()
    while not lane._waiting:
        time.sleep(0.001)
    with lane._lock:
        time.sleep(0.15)  # it has woken, and stands before the lock
        lane.leave()
    thread.join()
    assert results == [True]
    lane.leave()
    assert lane.enter()


def test_a_place_is_wanted_by_a_lower_rank_that_waits_and_by_no_other() -> None:
    lane = Lane(1, 8)
    assert lane.enter()
    assert not lane.is_wanted(9.0)
    thread = _waiting(lane, 1.0, lambda entered: None)
    assert lane.is_wanted(1.5)
    assert not lane.is_wanted(1.0)
    lane.leave()
    thread.join()
    assert not lane.is_wanted(1.5)


def test_a_place_is_not_wanted_by_who_has_it() -> None:
    lane = Lane(1, 8)
    assert lane.enter(client="mine")
    thread = threading.Thread(target=lambda: lane.enter(1.0, 5.0, "mine"))
    thread.start()
    while not lane._waiting:
        time.sleep(0.001)
    assert not lane.is_wanted(9.0, "mine")
    assert lane.is_wanted(9.0, "another")
    lane.leave()
    thread.join()


def test_of_one_client_who_came_first_goes_first_and_who_came_last_is_turned_away() -> None:
    lane, order = Lane(1, 3), list[str]()
    assert lane.enter()

    def wait(rank: float, client: str, name: str) -> threading.Thread:
        def enter() -> None:
            entered = lane.enter(rank, 5.0, client)
            order.append(name if entered else f"not {name}")
            if entered:
                lane.leave()

        thread, before = threading.Thread(target=enter), list(lane._waiting)
        thread.start()
        while lane._waiting == before and thread.is_alive():
            time.sleep(0.001)
        return thread

    threads = [wait(7.0, "crowd", "first"), wait(3.0, "another", "another"), wait(2.0, "crowd", "second")]
    wait(6.5, "crowd", "third").join(5)
    lane.leave()
    for thread in threads:
        thread.join(5)
    assert order == ["not third", "first", "second", "another"]


def test_who_gave_up_waiting_is_given_no_place() -> None:
    lane = Lane(1, 8)
    assert lane.enter()
    assert not lane.enter(0.0, 0.05)
    lane.leave()
    assert lane.enter()
    assert not lane.enter()


def test_a_place_may_be_left_while_another_is_taken_in_the_same_thread() -> None:
    """The collector may close an abandoned answer at any moment, also while this thread holds the lock."""
    lane = Lane(1)
    assert lane.enter()
    with lane._lock:
        lane.leave()
        assert lane.enter()


def test_many_threads_lose_no_place() -> None:
    lane, inside, worst, lost = Lane(3, 100), [0], [0], [0]
    counting = threading.Lock()

    def work(seed: int) -> None:
        for turn in range(100):
            if not lane.enter(float((seed * turn) % 7), 0.002 if turn % 3 else 2.0):
                with counting:
                    lost[0] += 1
                continue
            with counting:
                inside[0] += 1
                worst[0] = max(worst[0], inside[0])
            time.sleep(0.0005)
            with counting:
                inside[0] -= 1
            lane.leave()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst[0] <= 3
    assert [lane.enter() for _ in range(4)] == [True, True, True, False]
    assert not lane._waiting
