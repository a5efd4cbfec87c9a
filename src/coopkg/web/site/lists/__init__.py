"""The lists: projects, organisations, territories, outcomes, lessons, source documents, themes. A page of each, with
filters, and files of all that is filtered.

Views parse, ask, render; what a reader may choose is `choice`'s, what is shown `panels`', files `exports`'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request

from coopkg.index import Index
from coopkg.view import View
from coopkg.web.fields import Fields
from coopkg.web.site import layout
from coopkg.web.site.lists import choice, exports, panels, question
from coopkg.web.site.lists.catalogue import LISTS, Catalogue
from coopkg.web.site.lists.choice import Choice

blueprint = Blueprint("site-lists", __name__)

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Files:
    """What leads from a list to all of its rows.

    Args:
        forms: the endings of its files.
        query: for the same things, in SPARQL.
        page, answer: the addresses at which the query can be changed, and of what it gives.
    """

    forms: Sequence[str]
    query: str
    page: str
    answer: str
    revision: int


def _shown(of: Catalogue) -> Response:
    """Show a page of a list; what is wrong in the address is said, with what may be meant."""
    view, fields = layout.opened(), Fields(request)
    chosen, faults = choice.read(fields, of, view)
    if faults:
        return layout.page("list-refused.html", 400, choice=chosen, faults=faults)
    if not all(fields.all(*fields.names())):  # a form sends its empty fields, too: links to share are without them
        return _moved(chosen.address(view.lang))
    if of.kind == "theme" and not chosen.q and not chosen.sort:
        return _tree(chosen, view)
    index: Index = current_app.config["INDEX"]
    listing = index.listing(chosen.wanted(view.lang), chosen.page, PER_PAGE)
    last = max(1, -(-listing.total // PER_PAGE))
    if chosen.page > last:
        return layout.page("list-ended.html", 404, choice=chosen, total=listing.total, last=last)
    return layout.page(
        "list.html",
        choice=chosen,
        total=listing.total,
        last=last,
        panels=panels.panels(chosen, listing, view),
        tags=panels.tags(chosen, view),
        ways_out=[] if listing.total else panels.ways_out(chosen, view, index),
        siblings=panels.siblings(chosen, view, index),
        cards=panels.cards(of.kind, listing.iris, view, index),
        regions=panels.regions(view, index) if _is_start(chosen, "territory") else [],
        files=_files(chosen),
    )


def _tree(chosen: Choice, view: View) -> Response:
    index: Index = current_app.config["INDEX"]
    iris = index.iris(chosen.wanted(view.lang))
    tree = panels.themes(view, index, iris)
    return layout.page("themes.html", choice=chosen, total=len(iris), themes=tree, files=_files(chosen))


def _moved(address: str) -> Response:
    return Response(status=303, headers={"Location": address})


def _is_start(chosen: Choice, kind: str) -> bool:
    return chosen.of.kind == kind and not chosen.is_narrowed and chosen.page == 1


def _files(chosen: Choice) -> Files:
    query = question.query(chosen, layout.reader_lang())
    answer = f"/sparql?{urlencode({'query': query, 'format': 'csv'})}"
    return Files(exports.forms(chosen.of), query, layout.href("/query", query=query), answer, g.manifest.revision)


for _list in LISTS.values():
    blueprint.add_url_rule(f"/{_list.name}", _list.name, partial(_shown, _list))
    blueprint.add_url_rule(f"/{_list.name}.<ending>", f"{_list.name}-files", partial(exports.answer, _list))
