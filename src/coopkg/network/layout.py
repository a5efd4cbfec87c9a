"""Where the nodes, lines and names of a network stand: a pure function of who is drawn, the same each time.

The neighbours stand on a ring around the middle, at even heights on its right and its left side, and each name runs
outwards in a band of its own height: no two names can overlap, however long they are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coopkg.cartography.lettering import wrapped

WIDTH = 1000.0
#: How many neighbours are drawn, and how many lines among them; the strongest.
NODES_MAX, TIES_MAX = 30, 40
LABEL_WIDTH, LABEL_SIZE, LINE_HEIGHT = 225.0, 15.0, 17.0
_RADIUS_X, _BAND, _ROOMY_BAND, _LOW = 245.0, 40.0, 84.0, 320.0
_CENTRE_WIDTH, _NODE, _GAP, _MARGIN = 190.0, 11.0, 7.0, 14.0
#: How many of those that stand last on the ring say who comes next.
_LAST = 3


@dataclass(frozen=True, slots=True)
class Star:
    """Who is drawn: a key, a name, and how strong its line to the middle is."""

    key: str
    name: str
    strength: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A neighbour on the sheet: where it stands, and the lines of its name with the end at which they begin.

    Args:
        anchor: "start" on the right side, "end" on the left.
        text_x, text_y: of the first line: its inner end, its base line.
    """

    key: str
    x: float
    y: float
    lines: tuple[str, ...]
    anchor: str
    text_x: float
    text_y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two places, as path data, with its width."""

    path: str
    width: float
    strength: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A network on a sheet: the middle, the ring, the lines to the middle and those along the ring."""

    height: float
    centre: tuple[str, ...]
    nodes: tuple[Node, ...]
    spokes: tuple[Line, ...]
    chords: tuple[Line, ...]

    @property
    def middle(self) -> tuple[float, float]:
        """Where the middle is."""
        return WIDTH / 2, self.height / 2


def picture(centre: str, stars: Sequence[Star], ties: Mapping[tuple[str, str], int]) -> Picture:
    """Return the network of some neighbours.

    Args:
        centre: the name of what stands in the middle.
        stars: at most `NODES_MAX`, the strongest first.
        ties: how strong two of them are tied, by their keys.
    """
    ring = _ring(stars, ties)
    right, left = ring[: (len(ring) + 1) // 2], ring[(len(ring) + 1) // 2 :]
    band = max(_BAND, min(_ROOMY_BAND, _LOW / max(1, len(right))))
    height = max(_LOW, len(right) * band) + 2 * _MARGIN
    nodes = [*_side(right, band, height, 1), *_side(left[::-1], band, height, -1)]
    at, middle = {node.key: (node.x, node.y) for node in nodes}, (WIDTH / 2, height / 2)
    return Picture(
        height,
        tuple(wrapped(centre, _CENTRE_WIDTH, LABEL_SIZE, 3)),
        tuple(nodes),
        tuple(Line(_straight(middle, at[star.key]), _width(star.strength), star.strength) for star in ring),
        tuple(Line(_bent(at[one], at[other], middle), _width(tie), tie) for (one, other), tie in ties.items()),
    )


def _ring(stars: Sequence[Star], ties: Mapping[tuple[str, str], int]) -> list[Star]:
    """Return the neighbours around the ring, so that those who are tied stand near: next comes who is tied most with
    those who stand last, and among equals the one who came first."""
    tied: dict[frozenset[str], int] = defaultdict(int, {frozenset(pair): tie for pair, tie in ties.items()})
    waiting, ring = list(stars), list[Star]()
    while waiting:
        last = ring[-_LAST:]
        nearest = max(waiting, key=lambda star: sum(tied[frozenset((star.key, other.key))] for other in last))
        waiting.remove(nearest)
        ring.append(nearest)
    return ring


def _side(stars: Sequence[Star], band: float, height: float, direction: int) -> list[Node]:
    """Return the nodes of one side, from top to bottom."""
    radius = max(_LOW, height - 2 * _MARGIN) / 2
    return [
        _node(star, (place - (len(stars) - 1) / 2) * band, radius, height, direction)
        for place, star in enumerate(stars)
    ]


def _node(star: Star, rise: float, radius: float, height: float, direction: int) -> Node:
    x = WIDTH / 2 + direction * _RADIUS_X * math.sqrt(1 - (rise / radius) ** 2)
    y = height / 2 + rise
    lines = tuple(wrapped(star.name, LABEL_WIDTH, LABEL_SIZE, 2))
    text_y = y + LABEL_SIZE * 0.35 - (len(lines) - 1) * LINE_HEIGHT / 2
    anchor = "start" if direction > 0 else "end"
    return Node(
        star.key, round(x, 1), round(y, 1), lines, anchor, round(x + direction * (_NODE + _GAP), 1), round(text_y, 1)
    )


def _width(strength: int) -> float:
    return round(min(9.0, 1.5 + 1.5 * math.log2(max(1, strength))), 1)


def _straight(begin: tuple[float, float], end: tuple[float, float]) -> str:
    return f"M{begin[0]:g} {begin[1]:g}L{end[0]:g} {end[1]:g}"


def _bent(begin: tuple[float, float], end: tuple[float, float], middle: tuple[float, float]) -> str:
    """Return a curve that bends towards the middle, a third of the way."""
    x, y = ((b + e + m) / 3 for b, e, m in zip(begin, end, middle, strict=True))
    return f"M{begin[0]:g} {begin[1]:g}Q{x:.1f} {y:.1f} {end[0]:g} {end[1]:g}"
