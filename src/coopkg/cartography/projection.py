"""From longitude and latitude to a plane."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

#: Longitude and latitude in degrees, or a place on a plane.
Point = tuple[float, float]
_ORIGIN = 700_000, 6_600_000


def lambert_93(point: Point) -> Point:
    """Return the metres east and north of a longitude and latitude, as the maps of metropolitan France count them.

    Source: EPSG:2154, Lambert conformal conic with two standard parallels on the ellipsoid GRS 80.
    """
    longitude, latitude = map(math.radians, point)
    radius = _SCALE * _cone(latitude) ** _EXPONENT
    angle = _EXPONENT * (longitude - math.radians(3))
    return _ORIGIN[0] + radius * math.sin(angle), _ORIGIN[1] + _RADIUS_0 - radius * math.cos(angle)


def equirectangular(points: Iterable[Point]) -> Callable[[Point], Point]:
    """Return a projection, in degrees of latitude, that is true to scale half-way between the ends of some points."""
    latitudes = [latitude for _, latitude in points]
    narrowing = math.cos(math.radians((min(latitudes) + max(latitudes)) / 2))
    return lambda point: (point[0] * narrowing, point[1])


def _cone(latitude: float) -> float:
    bent = _ECCENTRICITY * math.sin(latitude)
    return math.tan(math.pi / 4 - latitude / 2) * math.pow((1 + bent) / (1 - bent), _ECCENTRICITY / 2)


def _narrowing(latitude: float) -> float:
    return math.cos(latitude) / math.sqrt(1 - (_ECCENTRICITY * math.sin(latitude)) ** 2)


_FLATTENING = 1 / 298.257222101
_ECCENTRICITY = math.sqrt(2 * _FLATTENING - _FLATTENING**2)
_SOUTH, _MIDDLE, _NORTH = map(math.radians, (44, 46.5, 49))
_EXPONENT = math.log(_narrowing(_SOUTH) / _narrowing(_NORTH)) / math.log(_cone(_SOUTH) / _cone(_NORTH))
_SCALE = 6_378_137 * _narrowing(_SOUTH) / (_EXPONENT * _cone(_SOUTH) ** _EXPONENT)
_RADIUS_0 = _SCALE * _cone(_MIDDLE) ** _EXPONENT
