"""Every regular expression of ours means the same in every version of Python that we support."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # what `re` itself reads patterns with

import coopkg

_ONE_CHARACTER = {
    *(_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY),
}


def _patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Yield each pattern that a module holds, by its name."""
    for found in pkgutil.walk_packages(coopkg.__path__, "coopkg."):
        if not found.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(found.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{found.name}.{name}", value


def _possessive_groups(read: object) -> Iterator[object]:
    """Yield what is repeated possessively and is more than one character."""
    if isinstance(read, _parser.SubPattern):
        for operation, argument in read:
            if operation is _constants.POSSESSIVE_REPEAT:
                item = argument[2]
                if len(item) != 1 or item[0][0] not in _ONE_CHARACTER:
                    yield item
            yield from _possessive_groups(argument)
    elif isinstance(read, tuple | list):
        for part in read:
            yield from _possessive_groups(part)


def test_possessive_groups_are_told_from_possessive_characters() -> None:
    assert [bool(list(_possessive_groups(_parser.parse(text)))) for text in ("a*+", "[ab]++", "(?>(?:ab)*)")] == [
        False
    ] * 3
    assert [bool(list(_possessive_groups(_parser.parse(text)))) for text in ("(?:ab)*+", "(x(?:a|bc)?+)")] == [True] * 2


def test_no_group_is_repeated_possessively() -> None:
    """Python before 3.11.5 takes too much, or nothing, for it (gh-106052): an atomic group says the same, and holds."""
    patterns = dict(_patterns())
    assert len(patterns) > 50
    assert [
        name for name, one in patterns.items() if list(_possessive_groups(_parser.parse(one.pattern, one.flags)))
    ] == []
