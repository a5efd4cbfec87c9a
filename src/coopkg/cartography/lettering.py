"""Names on a drawing: how wide they are, and on how many lines they stand.

A server has no fonts: widths are estimates, and rather too large, so that what is set by them overlaps nothing in any
common font without serifs.
"""

from __future__ import annotations

import re
import unicodedata

_NARROW, _WIDE = frozenset("iljtfrI.,;:!|'’()[]-/ \u00a0\u202f"), frozenset("mwMWŒœÆæ@%&")
_READ_MAX = 400
_PIECE = re.compile(r"[^\s-]*-+|[^\s-]+|\s+")


def width_of(text: str, size: float) -> float:
    """Return about how wide a text is in letters of some size, never less than in a common font.

    >>> width_of("lit", 10) < width_of("mom", 10)
    True
    """
    return size * sum(map(_width, text))


def wrapped(text: str, width: float, size: float, max_lines: int) -> list[str]:
    """Return a text on lines no wider than some width; the last one ends with … when not all of it fits.

    Lines break at blanks and behind hyphens; a word wider than a line is cut. No more than 400 characters are read.

    >>> wrapped("Auvergne-Rhône-Alpes", 90, 10, 2), wrapped("Une association de quartier", 60, 10, 2)
    (['Auvergne-', 'Rhône-Alpes'], ['Une', 'associati…'])
    """
    lines = [""]
    for piece in _PIECE.findall(text[:_READ_MAX]):
        if lines[-1] and width_of((lines[-1] + piece).rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    lines = [line.strip() for line in lines]
    kept, rest = lines[:max_lines], lines[max_lines:]
    return [_cut(line, width, size, more=bool(rest) and line is kept[-1]) for line in kept]


def _cut(line: str, width: float, size: float, *, more: bool) -> str:
    """Return a line that fits, with … when some of it, or more behind it, is left out."""
    if not more and width_of(line, size) <= width:
        return line
    while line and width_of(f"{line}…", size) > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _width(letter: str) -> float:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn"):
        return 0.0
    if letter in _NARROW:
        return 0.42
    if letter in _WIDE or unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    return 0.74 if letter.isupper() else 0.64
