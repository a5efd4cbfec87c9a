"""What pages keep of a generation: read once, by one thread, and never lost between two."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from coopkg.store import QuadStore
from coopkg.web.site import kept as keeping
from coopkg.web.site.kept import kept


def test_what_many_ask_for_at_once_is_read_once() -> None:
    store, together, numbers = QuadStore.in_memory(), threading.Barrier(8), itertools.count()

    def asked(_: int) -> int:
        together.wait()
        return kept(store, "thing", lambda: next(numbers))

    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(asked, range(8))] == [0] * 8


def test_what_is_kept_may_be_made_of_what_is_kept() -> None:
    store = QuadStore.in_memory()
    assert kept(store, "outer", lambda: kept(store, "inner", lambda: "in") + "side") == "inside"


def test_what_is_not_there_is_asked_for_again() -> None:
    store = QuadStore.in_memory()
    assert kept(store, "thing", lambda: None) is None
    assert kept(store, "thing", lambda: "now") == "now"


def test_there_is_an_end_to_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_MOST", 3)
    store = QuadStore.in_memory()
    for number in range(10):
        assert kept(store, number, lambda number=number: number) == number  # type: ignore[misc] # a default binds the number of this turn
    assert len(keeping._shelves[store]._known) <= 3


def test_two_stores_never_mix() -> None:
    one, other = QuadStore.in_memory(), QuadStore.in_memory()
    assert kept(one, "thing", lambda: 1) == 1
    assert kept(other, "thing", lambda: 2) == 2
