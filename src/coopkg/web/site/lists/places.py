"""Where things are on a map: the outline of a territory, and the points at which an action can be shown.

The graph holds outlines of régions and départements. What lies in a smaller territory is shown at the centre of the
département, or of the région, around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from coopkg import names
from coopkg.cartography.outlines import Polygon, Ring, polygons
from coopkg.cartography.projection import Point
from coopkg.view import View

_GEO = names.PREFIXES["geo"]
_LEVELS = tuple(f"{names.BASE}scheme/territory-level/{level}" for level in ("departement", "region"))
_DIGITS = 4


@dataclass(slots=True)
class Places:
    """Points and outlines, worked out once for each territory."""

    _centres: dict[str, Point | None] = field(default_factory=dict)
    _standing: dict[str, str] = field(default_factory=dict)

    def outline(self, view: View, territory: str) -> dict[str, Any] | None:
        """Return the outline of a territory as GeoJSON; None where the graph has none."""
        shape = _shape(view, territory)
        if not shape:
            return None
        turned = [[_turned(ring, hole=place > 0) for place, ring in enumerate(polygon)] for polygon in shape]
        return {"type": "MultiPolygon", "coordinates": turned}

    def points(self, view: View, territories: Iterable[str]) -> dict[str, Point]:
        """Return the centres at which some territories can be shown, by the territory of which each is the centre."""
        found = {}
        for territory in territories:
            shown = self.shown_at(view, territory)
            if centre := self._centres.get(shown):
                found[shown] = centre
        return found

    def shown_at(self, view: View, territory: str) -> str:
        """Return the territory at whose centre another one is shown: itself, else one around it; "" for none."""
        if territory not in self._standing:
            around = (one for one in _around(view, territory) if self._centre(view, one))
            self._standing[territory] = next(around, "")
        return self._standing[territory]

    def _centre(self, view: View, territory: str) -> Point | None:
        if territory not in self._centres:
            shape = _shape(view, territory)
            self._centres[territory] = _middle(shape) if shape else None
        return self._centres[territory]


def _around(view: View, territory: str) -> Iterator[str]:
    yield territory
    larger = view.iris(territory, f"{names.COOP}within")
    for level in _LEVELS:
        yield from (one for one in larger if level in view.iris(one, f"{names.COOP}territoryLevel"))


def _shape(view: View, territory: str) -> list[Polygon]:
    geometry = view.iri(territory, f"{_GEO}hasGeometry")
    return polygons(view.value(geometry, f"{_GEO}asWKT")) if geometry else []


def _middle(shape: list[Polygon]) -> Point:
    """Return the centre of gravity of the largest piece, without regard to its holes."""
    ring = max((polygon[0] for polygon in shape), key=lambda one: abs(_area(one)))
    twice = 2 * _area(ring)
    if not twice:
        return ring[0]
    across = sum((x + u) * (x * v - u * y) for (x, y), (u, v) in pairwise(ring))
    along = sum((y + v) * (x * v - u * y) for (x, y), (u, v) in pairwise(ring))
    return round(across / (3 * twice), _DIGITS), round(along / (3 * twice), _DIGITS)


def _turned(ring: Ring, *, hole: bool) -> Ring:
    """Return a ring in the direction that GeoJSON wants: outer ones against the clock, holes with it (RFC 7946)."""
    return ring[::-1] if (_area(ring) < 0) is not hole else ring


def _area(ring: Ring) -> float:
    """Return the area of a ring; below 0 when it goes with the clock."""
    return sum(x * v - u * y for (x, y), (u, v) in pairwise(ring)) / 2
