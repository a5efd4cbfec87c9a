"""The page of the map: projects counted by région or département, as a drawing and as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, g, request

from coopkg import names
from coopkg.errors import InputError
from coopkg.view import TYPE, Text, View, folded
from coopkg.web.fields import Fields
from coopkg.web.site import drawings, layout

blueprint = Blueprint("site-atlas", __name__)

_SORTS = ("count", "name")
_THEMES = f"{names.BASE}scheme/theme"
_SLUG = re.compile(r"[a-z0-9-]{1,100}")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many projects there are in each territory of a level.

    Args:
        by_territory: none where there is none. A project counts in each territory in which it takes place.
        placed: how many projects are counted anywhere.
        projects: how many there are in all.
    """

    by_territory: Counter[str]
    placed: int
    projects: int


@dataclass(frozen=True, slots=True)
class Row:
    """A territory in the table: its name, its count, and the list of what is counted."""

    iri: str
    name: Text
    count: int
    href: str


_COUNTS: drawings.Kept[Counts] = drawings.Kept(200)


@blueprint.get("/map")
def atlas() -> Response:
    """Show on a map how many projects there are in each région or département, in all or of one theme."""
    fields = Fields(request, reads_body=False)
    level = _one_of(fields, "level", drawings.LEVELS)
    sort = _one_of(fields, "sort", _SORTS)
    view = layout.opened()
    theme = _theme(view, fields)
    counts = counted(view, level, theme)
    link = _link_of(level, theme)
    rows = [Row(iri, view.label(iri), counts.by_territory[iri], link(iri)) for iri in drawings.territories(view, level)]
    return layout.page(
        "map.html",
        drawing=drawings.map_drawing(view, level, counts.by_territory, link),
        rows=sorted(rows, key=_by_name if sort == "name" else _by_count),
        counts=counts,
        level=level,
        sort=sort,
        theme=theme,
        theme_slug=_slug(theme),
        theme_name=view.label(theme) if theme else None,
        themes=[(_slug(iri), view.label(iri)) for iri in view.sorted_by_label(_themes(view))],
        rights=view.text(names.GEOMETRIES_GRAPH, f"{names.DCTERMS}rights"),
    )


def counted(view: View, level: str, theme: str = "") -> Counts:
    """Return how many projects there are in each territory of a level, of one theme or of any.

    It is counted once for each revision: projects are gone through, one by one.
    """
    key = g.manifest.digest, g.manifest.rules, level, theme
    return _COUNTS.get(key, lambda: _counted(view, level, theme))


def _counted(view: View, level: str, theme: str) -> Counts:
    projects = set(view.subjects(TYPE, f"{names.COOP}Project"))
    if theme:
        projects &= set(view.subjects(f"{names.COOP}theme", theme))
    level_territories = set(drawings.territories(view, level))
    found = [level_territories.intersection(view.iris(project, f"{names.COOP}locatedIn")) for project in projects]
    return Counts(Counter(iri for places in found for iri in places), sum(map(bool, found)), len(projects))


def _link_of(level: str, theme: str) -> Callable[[str], str]:
    """Return what gives the list of the projects that are counted in a territory: the reader asks which they are."""

    def link(territory: str) -> str:
        return layout.href("/projects", **{level: _slug(territory), "theme": _slug(theme) or None})

    return link


def _one_of(fields: Fields, name: str, possible: tuple[str, ...]) -> str:
    """Return the value of a field, the first possible one where it is not given."""
    given = fields.all(name) or [possible[0]]
    if len(given) > 1 or given[0] not in possible:
        raise InputError(f"{name}={', '.join(given)[:80]!r}: give one of {', '.join(possible)}, or leave it out")
    return given[0]


def _theme(view: View, fields: Fields) -> str:
    """Return the IRI of the theme that is asked for; "" for all."""
    given = [slug for slug in fields.all("theme") if slug]
    if not given:
        return ""
    iri = f"{_THEMES}/{given[0]}"
    if len(given) > 1 or not _SLUG.fullmatch(given[0]) or iri not in _themes(view):
        raise InputError(
            f"theme={', '.join(given)[:80]!r}: the map shows one theme of {layout.href('/themes')}, or all of them "
            "when theme is left out"
        )
    return iri


def _themes(view: View) -> list[str]:
    return view.subjects(f"{names.SKOS}inScheme", _THEMES)


def _slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def _by_name(row: Row) -> tuple[str, str]:
    return folded(row.name.value), row.iri


def _by_count(row: Row) -> tuple[int, str, str]:
    return -row.count, *_by_name(row)
