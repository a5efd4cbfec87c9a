"""Cells of tables that people open in a spreadsheet: none of them calculates."""

from __future__ import annotations

import re

#: With one of these a spreadsheet begins to calculate.
_CALCULATING = "=+\\-@\t\r\uff1d\uff0b\uff0d\uff20"
_BEGIN = re.compile(rf"[ \u00a0\n]*[{_CALCULATING}]")
#: A spreadsheet of another language parts the cells at other signs, and takes what follows for a cell of its own.
_AFTER_ANOTHER_SEPARATOR = re.compile(r"(?<=[;,\t])(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def calm(cell: str) -> str:
    """Return a cell that a spreadsheet takes for a text.

    >>> calm("=1+1"), calm("a,=1+1"), calm("a - b")
    ("'=1+1", "a,'=1+1", 'a - b')
    """
    calmed = _AFTER_ANOTHER_SEPARATOR.sub("'", cell)
    return f"'{calmed}" if _BEGIN.match(calmed) else calmed
