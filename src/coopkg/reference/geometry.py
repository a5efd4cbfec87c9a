"""Outlines of départements and régions: Natural Earth polygons, simplified together, joined, written as WKT.

Pure Python, no library. Neighbours share the same vertices in the source, so each border is simplified once
and stays shared: no gap, no overlap; a région is what is left when inner borders cancel out.
Coordinates are longitude and latitude, WGS 84 (CRS84, the default of geo:wktLiteral).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from coopkg.errors import InputError

Point = tuple[float, float]
Ring = list[Point]  # closed: the last point is the first one; outer counter-clockwise, holes clockwise

TOLERANCE_DEGREES = 0.002
DIGITS = 3  # about 100 m, enough for a map of the country
#: Where Natural Earth has the ISO code of an overseas country, not Insee's.
_OVERSEAS = {"FR-GP": "971", "FR-MQ": "972", "FR-GF": "973", "FR-RE": "974", "FR-YT": "976"}


@dataclass(frozen=True, slots=True)
class Outlines:
    """WKT by Insee code."""

    departements: Mapping[str, str]
    regions: Mapping[str, str]


def outlines(document: Any, region_of: Mapping[str, str]) -> Outlines:
    """Return the outlines of the départements that `region_of` names, and of their régions.

    Args:
        document: the GeoJSON of the package, world-wide.
        region_of: Insee code of the région, by Insee code of the département.
    Raises:
        InputError: a feature of France has an unknown code, or a département has no feature.
    """
    rings = _rings_by_departement(document)
    if missing := sorted(region_of.keys() ^ rings.keys()):
        raise InputError(f"build.json: these départements are in one source only: {', '.join(missing)}")
    simple = _simplified(rings)
    by_region: defaultdict[str, list[Ring]] = defaultdict(list)
    for code, region in region_of.items():
        by_region[region] += simple[code]
    return Outlines({code: wkt(simple[code]) for code in simple}, {code: wkt(by_region[code]) for code in by_region})


def _rings_by_departement(document: Any) -> dict[str, list[Ring]]:
    rings: dict[str, list[Ring]] = {}
    for number, feature in enumerate(document["features"], start=1):
        properties = feature["properties"]
        if properties.get("adm0_a3") != "FRA":
            continue
        iso = properties["iso_3166_2"]
        code = _OVERSEAS.get(iso, iso.removeprefix("FR-"))
        if code in rings:
            raise InputError(f"build.json: feature {number}: second outline for {iso}")
        rings[code] = [ring for polygon in _polygons_of(feature["geometry"], number) for ring in _oriented(polygon)]
    return rings


def _polygons_of(shape: Any, number: int) -> list[Any]:
    match shape["type"]:
        case "Polygon":
            return [shape["coordinates"]]
        case "MultiPolygon":
            return list(shape["coordinates"])
        case other:
            raise InputError(f"build.json: feature {number}: geometry {other}; Polygon or MultiPolygon was expected")


def _oriented(polygon: Sequence[Sequence[Sequence[float]]]) -> list[Ring]:
    rings = [[(x, y) for x, y in ring] for ring in polygon]
    return [ring if (area(ring) > 0) == (index == 0) else ring[::-1] for index, ring in enumerate(rings)]


def area(ring: Ring) -> float:
    """Return the signed area of a closed ring, in square degrees; positive when counter-clockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)) / 2


# Simplification: each border once, whichever side it is seen from.


def _simplified(rings: Mapping[str, list[Ring]]) -> dict[str, list[Ring]]:
    neighbours: defaultdict[Point, set[Point]] = defaultdict(set)
    for ring in (ring for group in rings.values() for ring in group):
        for a, b in pairwise(ring):
            neighbours[a].add(b)
            neighbours[b].add(a)
    junctions = frozenset(point for point, others in neighbours.items() if len(others) != 2)
    return {code: [_simple_ring(ring, junctions) for ring in group] for code, group in rings.items()}


def _simple_ring(ring: Ring, junctions: frozenset[Point]) -> Ring:
    points = [point for arc in _arcs(ring, junctions) for point in _simple_arc(arc)[:-1]]
    rounded = [(round(x, DIGITS), round(y, DIGITS)) for x, y in points]
    kept = [point for index, point in enumerate(rounded) if point != rounded[index - 1]]
    return [*kept, kept[0]]


def _arcs(ring: Ring, junctions: frozenset[Point]) -> list[Ring]:
    """Return the ring cut where three borders meet; begun at its least point when there is no such place."""
    body = ring[:-1]
    cuts = [index for index, point in enumerate(body) if point in junctions] or [body.index(min(body))]
    turned = [*body[cuts[0] :], *body[: cuts[0]]]
    places = [cut - cuts[0] for cut in cuts] + [len(body)]
    turned.append(turned[0])
    return [turned[start : end + 1] for start, end in pairwise(places)]


def _simple_arc(arc: Ring) -> Ring:
    backward = arc[::-1] < arc
    forward = arc[::-1] if backward else arc
    closed = forward[0] == forward[-1]
    simple = _simple_loop(forward) if closed else douglas_peucker(forward, TOLERANCE_DEGREES)
    return simple[::-1] if backward else simple


def _simple_loop(loop: Ring) -> Ring:
    """Simplify an island or an enclave in two halves; a small one keeps all its points, lest it collapse."""
    far = max(range(len(loop)), key=lambda index: _squared(loop[0], loop[index]))
    halves = [douglas_peucker(half, TOLERANCE_DEGREES) for half in (loop[: far + 1], loop[far:])]
    simple = [*halves[0][:-1], *halves[1]]
    return simple if len(simple) > 4 else loop


def douglas_peucker(line: Ring, tolerance: float) -> Ring:
    """Return the line without the points that lie within `tolerance` of it; both ends stay.

    Source: Douglas and Peucker 1973.

    >>> douglas_peucker([(0.0, 0.0), (1.0, 0.001), (2.0, 0.0), (3.0, 5.0)], 0.01)
    [(0.0, 0.0), (2.0, 0.0), (3.0, 5.0)]
    """
    kept = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        start, end = spans.pop()
        inner = range(start + 1, end)
        if not inner:
            continue
        far = max(inner, key=lambda index: _squared_to_segment(line[index], line[start], line[end]))
        if _squared_to_segment(line[far], line[start], line[end]) > tolerance * tolerance:
            kept.add(far)
            spans += [(start, far), (far, end)]
    return [line[index] for index in sorted(kept)]


def _squared(a: Point, b: Point) -> float:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def _squared_to_segment(point: Point, a: Point, b: Point) -> float:
    length = _squared(a, b)
    if length == 0:
        return _squared(point, a)
    along = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / length
    along = min(1.0, max(0.0, along))
    return _squared(point, (a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])))


# Union: an edge walked both ways is inside.


def wkt(rings: Iterable[Ring]) -> str:
    """Return the union of polygons as WKT: POLYGON when it is one piece, else MULTIPOLYGON.

    Args:
        rings: closed, outer ones counter-clockwise, holes clockwise; neighbours share their vertices.
    """
    polygons = _with_holes(_loops(_boundary(rings)))
    texts = [f"({', '.join(_ring_text(ring) for ring in polygon)})" for polygon in polygons]
    return f"POLYGON {texts[0]}" if len(texts) == 1 else f"MULTIPOLYGON ({', '.join(texts)})"


def _boundary(rings: Iterable[Ring]) -> dict[Point, list[Point]]:
    edges = {edge for ring in rings for edge in pairwise(ring)}
    following: defaultdict[Point, list[Point]] = defaultdict(list)
    for a, b in sorted(edges):
        if (b, a) not in edges:
            following[a].append(b)
    return following


def _loops(following: dict[Point, list[Point]]) -> list[Ring]:
    """Return the simple loops of a boundary; two loops that touch at a point stay two."""
    loops = []
    while start := next((point for point in following if following[point]), None):
        path = [start]
        while path:
            ahead = following[path[-1]]
            if not ahead:  # only the start, when all that leaves it is used
                break
            point = ahead.pop(0)
            if point in path:
                first = path.index(point)
                loops.append([*path[first:], point])
                del path[first + 1 :]
            else:
                path.append(point)
    return loops


def _with_holes(loops: list[Ring]) -> list[list[Ring]]:
    outers = sorted((_begun_at_least(loop) for loop in loops if area(loop) > 0), key=area, reverse=True)
    polygons = [[outer] for outer in outers]
    for hole in sorted(_begun_at_least(loop) for loop in loops if area(loop) < 0):
        around = [polygon for polygon in polygons if _contains(polygon[0], _middle(hole))]
        if not around:
            raise InputError(f"build.json: a hole near {hole[0]} lies in no polygon")
        around[-1].append(hole)  # the smallest one around it
    return polygons


def _begun_at_least(loop: Ring) -> Ring:
    body = loop[:-1]
    least = body.index(min(body))
    return [*body[least:], *body[: least + 1]]


def _middle(ring: Ring) -> Point:
    return (ring[0][0] + ring[1][0]) / 2, (ring[0][1] + ring[1][1]) / 2


def _contains(ring: Ring, point: Point) -> bool:
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _ring_text(ring: Ring) -> str:
    return f"({', '.join(f'{_number(x)} {_number(y)}' for x, y in ring)})"


def _number(value: float) -> str:
    text = f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
