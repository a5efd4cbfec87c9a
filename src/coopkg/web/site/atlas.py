"""The page of the map: projects counted by région or département, as a drawing and as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, request

from coopkg import names
from coopkg.errors import InputError
from coopkg.index import Index, Wanted
from coopkg.view import Text, View, folded
from coopkg.web.fields import Fields
from coopkg.web.site import drawings, layout

blueprint = Blueprint("site-atlas", __name__)

_SORTS = ("count", "name")
_THEMES = f"{names.BASE}scheme/theme"
_PROJECT = f"{names.COOP}Project"
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


@blueprint.get("/map")
def atlas() -> Response:
    """Show on a map how many projects there are in each région or département, in all or of one theme."""
    fields = Fields(request, reads_body=False)
    level = _one_of(fields, "level", drawings.LEVELS)
    sort = _one_of(fields, "sort", _SORTS)
    view = layout.opened()
    theme = _theme(view, fields)
    counts = counted(view, level, theme)
    link = link_of(level, theme)
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
    """Return how many projects there are in each territory of a level, of one theme or of any, as their list says.

    Raises:
        Refused: the index is being made.
    """
    index: Index = current_app.config["INDEX"]
    chosen = {"type": [_PROJECT], **({"theme": [theme]} if theme else {})}
    found = index.listing(Wanted("action", chosen), 1, 1)
    somewhere = index.listing(Wanted("action", {**chosen, level: drawings.territories(view, level)}), 1, 1)
    return Counts(Counter(dict(found.facets.get(level, ()))), somewhere.total, found.total)


def link_of(level: str, theme: str = "") -> Callable[[str], str]:
    """Return what gives the list of the projects that are counted in a territory: the reader asks which they are."""

    def link(territory: str) -> str:
        chosen = {"type": "project", level: _slug(territory), "theme": _slug(theme) or None}
        return layout.href("/projects", **chosen)

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
