"""Whether a graph is held in memory: as the setting says, else as the memory allows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coopkg import keeper
from coopkg.keeper import is_held_in_memory


def test_the_setting_decides_where_there_is_one() -> None:
    assert [is_held_in_memory(10, most) for most in (0, 9, 10, 10**12)] == [False, False, True, True]


def test_without_it_half_of_the_memory_of_the_machine_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_BOUNDS", ())
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4_096, "SC_PHYS_PAGES": 2_000_000}.get)
    assert is_held_in_memory(910_222, None)
    assert not is_held_in_memory(910_223, None)


@pytest.mark.parametrize(("said", "is_held"), [("9000000\n", True), ("8999999", False), ("max\n", True), ("", True)])
def test_a_container_s_bound_counts_where_it_is_lower(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, is_held: bool
) -> None:
    (tmp_path / "memory.max").write_text(said, encoding="ascii")
    monkeypatch.setattr(keeper, "_BOUNDS", (tmp_path / "memory.max", tmp_path / "there is none"))
    assert is_held_in_memory(1_000, None) is is_held
