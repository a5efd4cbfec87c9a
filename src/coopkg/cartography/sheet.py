"""A map as a sheet: where each territory lies on it, and its path."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from coopkg.cartography.outlines import Polygon, Ring, polygons, rings, simplified
from coopkg.cartography.projection import Point, equirectangular, lambert_93

WIDTH, HEIGHT = 1000.0, 810.0
#: How far a simplified line may lie from the line that it stands for, in units of the sheet (about 1.3 km each).
TOLERANCE = 0.5
_COLUMN, _FRAME, _CAPTION, _MARGIN = 160.0, 150.0, 26.0, 10.0
_SCANS = 24


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the sheet."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Area:
    """A territory on the sheet.

    Args:
        key: what the caller calls it.
        path: for the `d` of an SVG path.
        x, y: the middle of the roomiest place within it.
        room: how wide and how high that place is, at least.
    """

    key: str
    path: str
    x: float
    y: float
    room: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the sheet at a scale of its own: one territory overseas, or small ones drawn again, larger."""

    box: Box
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A map: what lies in metropolitan France, and frames beside it."""

    width: float
    height: float
    areas: tuple[Area, ...]
    frames: tuple[Frame, ...] = ()
    closeup: Frame | None = None


def sheet(outlines: Mapping[str, str], closeup: Collection[str] = (), tolerance: float = TOLERANCE) -> Sheet:
    """Return the map of some territories.

    Args:
        outlines: WKT by key, POLYGON or MULTIPOLYGON in longitude and latitude; what is neither is not drawn.
        closeup: keys of territories of metropolitan France too small to be hit, drawn again in a frame.
        tolerance: see `TOLERANCE`.
    """
    shapes = {key: shape for key, wkt in outlines.items() if (shape := polygons(wkt))}
    near = {key: _mapped(shape, lambert_93) for key, shape in shapes.items() if _is_metropolitan(shape)}
    far = [key for key in sorted(shapes) if key not in near]
    left = _COLUMN if far else 0.0
    small = {key: near[key] for key in sorted(closeup) if key in near}
    return Sheet(
        WIDTH,
        HEIGHT,
        _areas(near, Box(left, 0, WIDTH - left, HEIGHT), tolerance),
        tuple(_overseas(key, shapes[key], place, len(far), tolerance) for place, key in enumerate(far)),
        _closeup(small, tolerance) if small else None,
    )


def alone(wkt: str, side: float = 240.0, tolerance: float = 0.4) -> Sheet:
    """Return the outline of one territory in a square with this side; a sheet without areas when it has none."""
    shape = polygons(wkt)
    if not shape:
        return Sheet(side, side, ())
    projection = lambert_93 if _is_metropolitan(shape) else equirectangular(_points([shape]))
    return Sheet(side, side, _areas({"": _mapped(shape, projection)}, Box(0, 0, side, side), tolerance))


def _areas(shapes: Mapping[str, list[Polygon]], box: Box, tolerance: float) -> tuple[Area, ...]:
    """Return some projected shapes as areas within a box, at the largest scale that it allows."""
    if not shapes:
        return ()
    points = list(_points(shapes.values()))
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    scale = min(box.width / ((east - west) or 1), box.height / ((north - south) or 1))
    left = box.x + (box.width - scale * (east - west)) / 2
    top = box.y + (box.height - scale * (north - south)) / 2
    placed = {
        key: _mapped(shape, lambda point: (left + (point[0] - west) * scale, top + (north - point[1]) * scale))
        for key, shape in shapes.items()
    }
    return tuple(_area(key, shape) for key, shape in simplified(placed, tolerance).items())


def _area(key: str, shape: list[Polygon]) -> Area:
    room, x, y = max(_roomy(polygon) for polygon in shape)
    return Area(key, "".join(_path(ring) for polygon in shape for ring in polygon), _round(x), _round(y), _round(room))


def _path(ring: Ring) -> str:
    """Return a ring as path data: where it begins, then steps, which are shorter to write than places."""
    places = [(round(x * 10), round(y * 10)) for x, y in ring[:-1]]
    moves = [(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in itertools.pairwise(places)]
    steps = " ".join(f"{x / 10:g} {y / 10:g}" for x, y in moves if (x, y) != (0, 0)) or "0 0"
    return f"M{places[0][0] / 10:g} {places[0][1] / 10:g}l{steps}z"


def _roomy(polygon: list[Ring]) -> tuple[float, float, float]:
    """Return how much room there is at the roomiest place of a polygon among some, and where that is."""
    low, high = min(y for _, y in polygon[0]), max(y for _, y in polygon[0])
    upright = [[(y, x) for x, y in ring] for ring in polygon]
    found = [(0.0, *polygon[0][0])]
    for scan in range(1, _SCANS):
        y = low + (high - low) * scan / _SCANS
        for begin, end in _inside(polygon, y):
            x = (begin + end) / 2
            heights = (2 * min(y - top, bottom - y) for top, bottom in _inside(upright, x) if top <= y <= bottom)
            found.append((min((end - begin, *heights)), x, y))
    return max(found)


def _inside(polygon: list[Ring], y: float) -> Iterator[tuple[float, float]]:
    """Yield the pieces of a horizontal line that lie within a polygon."""
    crossings = sorted(
        x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        for ring in polygon
        for (x0, y0), (x1, y1) in itertools.pairwise(ring)
        if (y0 > y) != (y1 > y)
    )
    return zip(crossings[::2], crossings[1::2], strict=False)


def _overseas(key: str, shape: list[Polygon], place: int, of: int, tolerance: float) -> Frame:
    pitch = HEIGHT / max(of, 5)
    box = Box(0, place * pitch + 1, _FRAME, pitch - _MARGIN)
    inner = Box(_MARGIN, box.y + _CAPTION, box.width - 2 * _MARGIN, box.height - _CAPTION - _MARGIN)
    return Frame(box, _areas({key: _mapped(shape, equirectangular(_points([shape])))}, inner, tolerance))


def _closeup(shapes: Mapping[str, list[Polygon]], tolerance: float) -> Frame:
    box = Box(WIDTH - 170, 1, 169, 130)
    inner = Box(box.x + _MARGIN, box.y + _CAPTION, box.width - 2 * _MARGIN, box.height - _CAPTION - _MARGIN)
    return Frame(box, _areas(shapes, inner, tolerance))


def _mapped(shape: list[Polygon], projection: Callable[[Point], Point]) -> list[Polygon]:
    return [[[projection(point) for point in ring] for ring in polygon] for polygon in shape]


def _points(shapes: Iterable[list[Polygon]]) -> Iterator[Point]:
    return itertools.chain.from_iterable(rings(shapes))


def _is_metropolitan(shape: list[Polygon]) -> bool:
    return all(-10 < x < 12 and 40 < y < 53 for x, y in _points([shape]))


def _round(value: float) -> float:
    return round(value, 1)
