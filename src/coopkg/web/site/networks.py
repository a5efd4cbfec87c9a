"""The pages of cooperation networks, one hop around an agent or an action, and their lines as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from coopkg import names
from coopkg.errors import InputError
from coopkg.network import neighbourhood
from coopkg.network.neighbourhood import Neighbour, Neighbourhood
from coopkg.view import Text, View
from coopkg.web.site import drawings, layout
from coopkg.web.site.cells import calm
from coopkg.web.site.drawings import NetworkDrawing

blueprint = Blueprint("site-networks", __name__)

_ADDRESS = re.compile(
    r"(organisation|group|project|experiment|event|programme|action)/[A-Za-z0-9][A-Za-z0-9._-]{0,299}"
)
_PAGE_ROWS = 50
#: How many actions a row names; the others are counted.
_ACTIONS_SHOWN = 5
_COLUMNS = ("from", "from_name", "to", "to_name", "roles", "strength", "actions")


@dataclass(frozen=True, slots=True)
class Row:
    """A neighbour in the table, with what the two share.

    Args:
        shared: the first actions in which the agent cooperates with the one in the middle, or its roles in the action.
        more: how many others there are.
    """

    neighbour: Neighbour
    name: Text
    href: str
    shared: tuple[tuple[str, Text], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a long table: its number, of how many, and its rows."""

    number: int
    of: int
    rows: tuple[Row, ...]


@blueprint.get("/network/<path:address>")
def network(address: str) -> AnyResponse:
    """Show who stands one hop from an agent or an action, or give the lines as CSV when the address ends with .csv."""
    path, is_csv = address.removesuffix(".csv"), address.endswith(".csv")
    iri = f"{names.BASE}id/{path}"
    view = layout.opened()
    if not _ADDRESS.fullmatch(path):
        return layout.page("network-unknown.html", 404, iri=iri)
    if new := view.iri(iri, names.REPLACED_BY):
        return redirect(layout.href(drawings.network_path(new) + (".csv" if is_csv else "")), 301)
    if not view.kinds(iri):
        return layout.page("network-unknown.html", 404, iri=iri)
    found = neighbourhood.around(view, iri)
    return _lines_of(view, found) if is_csv else _page_of(view, found)


def _page_of(view: View, found: Neighbourhood) -> Response:
    iri = found.centre
    return layout.page(
        "network.html",
        iri=iri,
        name=view.label(iri),
        found=found,
        read_max=neighbourhood.READ_MAX,
        drawing=drawings.network_drawing(view, found),
        leaf=_leaf(view, found, layout.page_number()),
        label=view.label,
        path=drawings.network_path(iri),
        query=_query(iri, view.lang, is_action=found.is_action),
    )


def _lines_of(view: View, found: Neighbourhood) -> Response:
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_lines(view, found, drawings.network_drawing(view, found)))
    response = Response(output.getvalue(), mimetype="text/csv")
    name = f"network-{found.centre.rpartition('/')[2]}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _leaf(view: View, found: Neighbourhood, number: int) -> Leaf:
    """Return a page of the table.

    Raises:
        InputError: there is no such page.
    """
    of = max(1, -(-len(found.neighbours) // _PAGE_ROWS))
    if number > of:
        raise InputError(f"page={number}: give a number from 1 to {of}, or leave it out")
    shown = found.neighbours[(number - 1) * _PAGE_ROWS : number * _PAGE_ROWS]
    return Leaf(number, of, tuple(_row(view, found, one) for one in shown))


def _row(view: View, found: Neighbourhood, one: Neighbour) -> Row:
    shared = one.roles if found.is_action else neighbourhood.shared_actions(view, found.centre, one.iri)
    named = tuple((iri, view.label(iri)) for iri in shared[:_ACTIONS_SHOWN])
    return Row(one, view.label(one.iri), drawings.network_href(one.iri), named, len(shared) - len(named))


def _lines(view: View, found: Neighbourhood, drawing: NetworkDrawing | None) -> Iterator[tuple[str | int, ...]]:
    """Yield the rows of the CSV file; names as they are shown, several values with a blank between them."""
    centre = found.centre, calm(view.label(found.centre).value)
    for one in found.neighbours:
        actions = [] if found.is_action else neighbourhood.shared_actions(view, found.centre, one.iri)
        strength = "" if found.is_action else one.strength
        yield *centre, one.iri, calm(view.label(one.iri).value), " ".join(one.roles), strength, " ".join(actions)
    for tie in drawing.ties if drawing else ():
        ends = (tie.one, calm(view.label(tie.one).value), tie.other, calm(view.label(tie.other).value))
        yield *ends, "", tie.strength, " ".join(neighbourhood.shared_actions(view, tie.one, tie.other))


def _query(iri: str, lang: str, *, is_action: bool) -> str:
    """Return the SPARQL query that gives the table."""
    if is_action:
        return f"""SELECT ?agent ?name ?role WHERE {{
  ?participation coop:inAction <{iri}> ; coop:participant ?agent ; coop:role/skos:prefLabel ?role .
  ?agent skos:prefLabel ?name .
  FILTER(LANG(?name) = "fr" && LANG(?role) = "{lang}")
}}
ORDER BY ?name ?role"""
    return f"""SELECT ?agent ?name ?strength ?action WHERE {{
  ?cooperation coop:cooperationOf <{iri}> , ?agent ; coop:strength ?strength ; coop:sharedAction ?action .
  ?agent skos:prefLabel ?name .
  FILTER(?agent != <{iri}> && LANG(?name) = "fr")
}}
ORDER BY DESC(?strength) ?name ?action"""
