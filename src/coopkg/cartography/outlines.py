"""Outlines: what a WKT text says, and the same with fewer points."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from coopkg.cartography.projection import Point

#: Closed: its last point is its first.
Ring = list[Point]
#: Its outer ring, then its holes.
Polygon = list[Ring]

_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_PAIR = re.compile(rf"({_NUMBER})\s+({_NUMBER})")
_POLYGON = re.compile(r"\((\s*\([^()]*\)(?:\s*,\s*\([^()]*\))*\s*)\)")
_RING = re.compile(r"\(([^()]*)\)")


def polygons(wkt: str) -> list[Polygon]:
    """Return the polygons of a WKT text, each as its outer ring and then its holes; none for anything but polygons.

    >>> polygons("POLYGON ((0 0, 1 0, 1 1, 0 0))")
    [[[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]]]
    """
    found = ([_ring(text) for text in _RING.findall(polygon)] for polygon in _POLYGON.findall(wkt))
    return [[ring for ring in polygon if len(ring) > 3] for polygon in found if len(polygon[0]) > 3]


def rings(shapes: Iterable[Iterable[Polygon]]) -> Iterator[Ring]:
    """Yield all rings of some shapes."""
    return (ring for shape in shapes for polygon in shape for ring in polygon)


def simplified(shapes: Mapping[str, list[Polygon]], tolerance: float) -> dict[str, list[Polygon]]:
    """Return shapes with fewer points; what two of them share stays shared, so that no gap opens between neighbours.

    Rings are cut where three lines meet, and each piece is simplified alone, the same way from both sides. A ring that
    has no area left is dropped, but for the first one of a shape.
    """
    neighbours: dict[Point, set[Point]] = defaultdict(set)
    for ring in rings(shapes.values()):
        for one, next_one in itertools.pairwise(ring):
            neighbours[one].add(next_one)
            neighbours[next_one].add(one)
    knots = {point for point, around in neighbours.items() if len(around) > 2}
    return {key: _kept(shape, knots, tolerance) for key, shape in shapes.items()}


def _kept(shape: list[Polygon], knots: Collection[Point], tolerance: float) -> list[Polygon]:
    thinner = [[_thinner(ring, knots, tolerance) for ring in polygon] for polygon in shape]
    kept = [[ring for ring in polygon if len(ring) > 3] for polygon in thinner if len(polygon[0]) > 3]
    return kept or [[max((polygon[0] for polygon in shape), key=len)]]


def _thinner(ring: Ring, knots: Collection[Point], tolerance: float) -> Ring:
    cuts = [place for place, point in enumerate(ring[:-1]) if point in knots]
    # A ring that meets nothing is cut at the point that every such ring is cut at, whoever draws it.
    first = cuts[0] if cuts else ring.index(min(ring))
    turned = ring[first:-1] + ring[:first] + [ring[first]]
    found, piece = [turned[0]], [turned[0]]
    for point in turned[1:]:
        piece.append(point)
        if point in knots or point == turned[0]:
            found += _one_way(piece, tolerance)[1:]
            piece = [point]
    return found


def _one_way(line: Ring, tolerance: float) -> Ring:
    """Simplify a line as if it were drawn in the one of its two directions that comes first."""
    back = line[::-1]
    return _line(line, tolerance) if line <= back else _line(back, tolerance)[::-1]


def _line(line: Ring, tolerance: float) -> Ring:
    """Return a line without the points that lie near what is left (Douglas and Peucker)."""
    keep, spans = {0, len(line) - 1}, [(0, len(line) - 1)]
    while spans:
        begin, end = spans.pop()
        if end - begin < 2:
            continue
        far, place = max((_distance(line[at], line[begin], line[end]), at) for at in range(begin + 1, end))
        if far > tolerance:
            keep.add(place)
            spans += [(begin, place), (place, end)]
    return [line[place] for place in sorted(keep)]


def _distance(point: Point, begin: Point, end: Point) -> float:
    (x, y), (x0, y0) = point, begin
    dx, dy = end[0] - x0, end[1] - y0
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, ((x - x0) * dx + (y - y0) * dy) / length)) if length else 0.0
    return math.hypot(x - x0 - along * dx, y - y0 - along * dy)


def _ring(text: str) -> Ring:
    """Return the points of a ring, closed; those that are nowhere on Earth left out."""
    points = [(float(x), float(y)) for x, y in _PAIR.findall(text)]
    there = [(x, y) for x, y in points if abs(x) <= 180 and abs(y) < 90]
    return there if there[:1] == there[-1:] else [*there, there[0]]
