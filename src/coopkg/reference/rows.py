"""Rows of JSON and TSV files, read strictly: a key is used, ignored by name, or a fault.

Knows nothing of territories.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from coopkg.errors import InputError

T = TypeVar("T")
_TOLD = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it holds, and how messages call it (`communes.json: row 12`)."""

    place: str
    values: Mapping[str, object]

    def keys(
        self, used: set[str], optional: frozenset[str] = frozenset(), ignored: frozenset[str] = frozenset()
    ) -> None:
        """Check which keys there are: all of `used`, none outside the three sets.

        Raises:
            InputError: a key is missing or unknown.
        """
        if missing := sorted(used - self.values.keys()):
            raise self.fault(f"missing {', '.join(missing)}")
        if unknown := sorted(self.values.keys() - used - optional - ignored):
            raise self.fault(f"unknown {', '.join(unknown)}; use it, or add it to the ignored keys")

    def text(self, key: str, pattern: str = r".+") -> str:
        """Return a text that matches a whole pattern, its white space made single.

        Raises:
            InputError: it is not a text, or another one.
        """
        value = self.values[key]
        text = " ".join(value.split()) if isinstance(value, str) else None
        if text is None or not re.fullmatch(pattern, text):
            raise self.fault(f"{key}: {value!r} found, {pattern} expected")
        return text

    def choice(self, key: str, allowed: frozenset[str]) -> str:
        """Return a text that is one of a list.

        Raises:
            InputError: it is another one.
        """
        value = self.values[key]
        if not isinstance(value, str) or value not in allowed:
            raise self.fault(f"{key}: unknown value {value!r}; known: {', '.join(sorted(allowed))}")
        return value

    def count(self, key: str) -> int:
        """Return a whole number from 0.

        Raises:
            InputError: it is something else.
        """
        value = self.values[key]
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fault(f"{key}: {value!r} found, a number from 0 expected")
        return value

    def fault(self, what: str) -> InputError:
        """Return the error to raise about this row."""
        return InputError(f"{self.place}: {what}")


def json_rows(document: object, shown: str) -> Iterator[Row]:
    """Yield the rows of a JSON list of objects; each is called by its number, from 1, and its code."""
    if not isinstance(document, list):
        raise InputError(f"{shown}: a list was expected")
    for number, values in enumerate(document, start=1):
        if not isinstance(values, dict):
            raise InputError(f"{shown}: row {number}: an object was expected")
        code = f" ({values['code']})" if "code" in values else ""
        yield Row(f"{shown}: row {number}{code}", values)


def tsv_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a TSV with a header; each is called by its line number.

    Raises:
        InputError: the file cannot be read, or a line has not as many cells as the header.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{path}: cannot be read ({fault})") from fault
    header = lines[0].split("\t") if lines else []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(header):
            raise InputError(f"{path.name}: line {number}: {len(cells)} cells found, {len(header)} expected")
        yield Row(f"{path.name}: line {number}", dict(zip(header, cells, strict=True)))


def read_all(rows: Iterator[Row], read: Callable[[Row], T | None]) -> list[T]:
    """Return what `read` makes of each row, in order, without None.

    Raises:
        InputError: one or several rows have a fault; tells all of them (at most 30).
    """
    results: list[T] = []
    faults: list[str] = []
    for row in rows:
        try:
            result = read(row)
        except InputError as fault:
            faults.append(str(fault))
        else:
            if result is not None:
                results.append(result)
    refuse(faults)
    return results


def refuse(faults: Sequence[str]) -> None:
    """Raise one error that tells all faults (at most 30), when there are any."""
    if faults:
        more = [f"... and {len(faults) - _TOLD} more"] if len(faults) > _TOLD else []
        raise InputError("\n".join([*faults[:_TOLD], *more]))
