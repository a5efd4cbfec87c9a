"""What pages draw: a map of counts, an outline, a cooperation network. `templates/drawings.html` renders them.

What is expensive to make, the places of outlines on a sheet, is kept as long as the outlines stay the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import g

from coopkg import names
from coopkg.cartography import classes, lettering
from coopkg.cartography import sheet as cartography
from coopkg.cartography.sheet import Area, Box, Sheet
from coopkg.network import layout as network
from coopkg.network import neighbourhood
from coopkg.network.layout import Node, Picture, Star
from coopkg.network.neighbourhood import Neighbour, Neighbourhood, Tie
from coopkg.view import Text, View
from coopkg.web.site import layout

T = TypeVar("T")
LEVELS = ("region", "departement")
_TERRITORY = f"{names.BASE}id/territory/"
_HAS_GEOMETRY = f"{names.PREFIXES['geo']}hasGeometry"
_AS_WKT = f"{names.PREFIXES['geo']}asWKT"
#: Paris and the three départements around it: each is a few pixels on a map of France.
_CLOSEUP = tuple(f"{_TERRITORY}departement/{code}" for code in ("75", "92", "93", "94"))
_NAME_SIZE, _COUNT_SIZE, _LINE = 12.0, 17.0, 14.0
#: Names stand above or below the roomiest place, where there is less room.
_NAME_SHARE = 0.85


class Kept(Generic[T]):
    """What was made, by what it was made from; the oldest goes when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Hashable, T] = {}
        self._changing = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what a key stands for, made now unless it is kept. Two threads may make the same thing at once."""
        if key not in (made := self._made):
            value = make()
            with self._changing:
                self._made = dict([*made.items(), (key, value)][-self._most :])
            return value
        return made[key]


@dataclass(frozen=True, slots=True)
class Place:
    """A territory on a map: its name, how many are counted there, its shade, where it leads, how it is drawn.

    Args:
        shade: 0 for none, else from 1, the palest, to 5.
        lines: its name, on several lines; empty when it is not shown, for there is too little room.
        shows_count: whether the count is shown: there is room, and it is not 0.
    """

    iri: str
    name: Text
    count: int
    shade: int
    href: str
    area: Area
    lines: tuple[str, ...]
    shows_count: bool


@dataclass(frozen=True, slots=True)
class Inset:
    """Places in a frame of their own."""

    box: Box
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A class of counts: from one to another, both within; the last one has no end (None)."""

    shade: int
    begin: int
    end: int | None


@dataclass(frozen=True, slots=True)
class MapDrawing:
    """A map of counts.

    Args:
        places: those in metropolitan France, by name.
        specks: those of `closeup` at the scale of the others: a picture, which leads nowhere.
        overseas: a frame each.
        closeup: small places, drawn larger.
    """

    level: str
    width: float
    height: float
    places: tuple[Place, ...]
    specks: tuple[Place, ...]
    overseas: tuple[Inset, ...]
    closeup: Inset | None
    steps: tuple[Step, ...]


_MAPS: Kept[Sheet] = Kept(2 * len(LEVELS))  # apart: outlines, of which there are many, never push them out
_OUTLINES: Kept[Sheet] = Kept(8)


def map_drawing(view: View, level: str, counts: Mapping[str, int], link: Callable[[str], str]) -> MapDrawing:
    """Return the map of the régions or départements, with a count each.

    Args:
        level: one of `LEVELS`.
        counts: how many, by the IRI of the territory; none where there is none.
        link: the address to which a territory leads, by its IRI.
    """
    sheet = _MAPS.get((_outlines_digest(), level), lambda: _sheet(view, level))
    begins = classes.steps(counts.get(area.key, 0) for area in _all_areas(sheet))

    def placed(areas: Iterable[Area], *, is_named: bool = False) -> tuple[Place, ...]:
        by_iri = {area.key: area for area in areas}
        return tuple(
            _place(view.label(iri), by_iri[iri], counts.get(iri, 0), begins, link(iri), is_named=is_named)
            for iri in view.sorted_by_label(by_iri)
        )

    large = {area.key for area in sheet.closeup.areas} if sheet.closeup else set()
    return MapDrawing(
        level,
        sheet.width,
        sheet.height,
        placed((area for area in sheet.areas if area.key not in large), is_named=level == "region"),
        placed(area for area in sheet.areas if area.key in large),
        tuple(Inset(frame.box, placed(frame.areas)) for frame in sheet.frames),
        Inset(sheet.closeup.box, placed(sheet.closeup.areas)) if sheet.closeup else None,
        tuple(_steps(begins)),
    )


def outline(view: View, territory: str) -> Sheet | None:
    """Return the outline of a territory; None when none is known."""
    if not (wkt := _wkt(view, territory)):
        return None
    return _OUTLINES.get((_outlines_digest(), territory), lambda: cartography.alone(wkt))


@dataclass(frozen=True, slots=True)
class Member:
    """An agent on the ring of a network: its node, its name, what it is to the middle, and where it leads.

    Args:
        is_group: whether it is a group that has no name, drawn with a dashed edge.
    """

    node: Node
    neighbour: Neighbour
    name: Text
    href: str
    is_group: bool


@dataclass(frozen=True, slots=True)
class NetworkDrawing:
    """A network one hop around an agent or an action.

    Args:
        ties: those that are drawn among the neighbours, the strongest first.
        left_out: how many ties among those who are drawn are not.
    """

    picture: Picture
    members: tuple[Member, ...]
    ties: tuple[Tie, ...]
    left_out: int
    is_action: bool


def network_drawing(view: View, found: Neighbourhood, most: int = network.NODES_MAX) -> NetworkDrawing | None:
    """Return the drawing of a neighbourhood; None when nobody stands in it.

    Around an action, all cooperate in it: only those are tied that cooperate in another one, too.

    Args:
        most: how many neighbours are drawn, `NODES_MAX` or fewer.
    """
    drawn = found.neighbours[:most]
    if not drawn:
        return None
    ties = neighbourhood.ties(view, (one.iri for one in drawn), least=2 if found.is_action else 1)
    shown = ties[: network.TIES_MAX]
    stars = [Star(one.iri, view.label(one.iri).value, max(1, one.strength)) for one in drawn]
    picture = network.picture(
        view.label(found.centre).value, stars, {(tie.one, tie.other): tie.strength for tie in shown}
    )
    by_iri = {one.iri: one for one in drawn}
    members = tuple(_member(view, node, by_iri[node.key]) for node in picture.nodes)
    return NetworkDrawing(picture, members, tuple(shown), len(ties) - len(shown), found.is_action)


def network_href(iri: str) -> str:
    """Return the address of the network around an agent or an action."""
    return layout.href(network_path(iri))


def network_path(iri: str) -> str:
    """Return the path of that address, without fields."""
    return "/network/" + iri.removeprefix(f"{names.BASE}id/")


def _member(view: View, node: Node, neighbour: Neighbour) -> Member:
    is_group = f"{names.COOP}StakeholderGroup" in view.kinds(neighbour.iri)
    return Member(node, neighbour, view.label(neighbour.iri), network_href(neighbour.iri), is_group)


def territories(view: View, level: str) -> list[str]:
    """Return the IRIs of all régions or départements, with an outline or without."""
    return view.subjects(f"{names.COOP}territoryLevel", f"{names.BASE}scheme/territory-level/{level}")


def _sheet(view: View, level: str) -> Sheet:
    return cartography.sheet({iri: _wkt(view, iri) for iri in territories(view, level)}, _CLOSEUP)


def _wkt(view: View, territory: str) -> str:
    geometry = view.iri(territory, _HAS_GEOMETRY)
    return view.value(geometry, _AS_WKT) if geometry else ""


def _outlines_digest() -> str:
    held = g.manifest.graphs.get(names.GEOMETRIES_GRAPH)
    return held.digest if held else ""


def _all_areas(sheet: Sheet) -> list[Area]:
    return [*sheet.areas, *(area for frame in sheet.frames for area in frame.areas)]


def _place(name: Text, area: Area, count: int, begins: list[int], href: str, *, is_named: bool) -> Place:
    lines = lettering.wrapped(name.value, area.room * _NAME_SHARE, _NAME_SIZE, 3) if is_named else []
    has_room = area.room > _COUNT_SIZE + _LINE * len(lines) + 8 and not any(line.endswith("…") for line in lines)
    shows_count = count > 0 and area.room >= max(_COUNT_SIZE, lettering.width_of(str(count), _COUNT_SIZE) - 2)
    shade = classes.shade_of(count, begins)
    return Place(area.key, name, count, shade, href, area, tuple(lines) if has_room else (), shows_count)


def _steps(begins: list[int]) -> list[Step]:
    ends = [*(begin - 1 for begin in begins[1:]), None][: len(begins)]
    return [Step(*step) for step in zip(classes.shades(begins), begins, ends, strict=True)]
