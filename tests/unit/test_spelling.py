"""The nearest name: what it finds, and that a great many names cost no more than some."""

from __future__ import annotations

import pytest

from coopkg import spelling

KNOWN = {name: name.upper() for name in ("la-cloche", "la-fonda", "une-association", "une-ville")}


@pytest.mark.parametrize(
    ("word", "found"),
    [("une-vile", "UNE-VILLE"), ("UNE-VILLE", "UNE-VILLE"), ("la-fonde", "LA-FONDA"), ("quelqu-un", ""), ("", "")],
)
def test_the_nearest_name_is_found_whatever_its_capitals_or_none(word: str, found: str) -> None:
    assert spelling.nearest_of(word, KNOWN, 0.8) == found


def test_however_many_names_there_are_only_some_are_compared_the_likeliest_first() -> None:
    names = [f"{letter}-name-{number:05}" for letter in "abcdefghij" for number in range(5_000)]
    compared = spelling.compared("j-name-00042", names, 0.8)
    assert len(compared) == spelling.MOST_COMPARED
    assert {name[0] for name in compared} == {"j"}
    assert spelling.compared("j", names, 0.8) == [], "names that are ten times longer cannot be alike"
