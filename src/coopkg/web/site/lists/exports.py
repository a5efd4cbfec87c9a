"""All rows of a list as a file: sent as they are read, counted for the client, refused above a bound."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import Response, current_app, g, request

from coopkg.errors import AnswerTooLarge, InputError
from coopkg.index import Index
from coopkg.store import QuadStore
from coopkg.view import View
from coopkg.web import log, problems
from coopkg.web.fields import Fields
from coopkg.web.site import layout
from coopkg.web.site.lists import choice, writing
from coopkg.web.site.lists.catalogue import Catalogue
from coopkg.web.site.lists.choice import Choice
from coopkg.web.site.lists.columns import Thing
from coopkg.web.site.lists.writing import LICENCE, Rows

ROWS_MAX = 100_000
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which all rows are given.

    Args:
        needs_places: whether it is for lists alone whose things can be drawn on a map.
    """

    media_type: str
    write: Callable[[Rows], Iterator[bytes]]
    needs_places: bool = False


#: By the ending of the address.
FORMS = {
    "csv": Form("text/csv; charset=utf-8; header=present", writing.to_csv),
    "excel.csv": Form("text/csv; charset=utf-8; header=present", writing.to_excel),
    "json": Form("application/json", writing.to_json),
    "geojson": Form("application/geo+json", writing.to_geojson, needs_places=True),
    "ttl": Form("text/turtle; charset=utf-8", writing.to_turtle),
}


def forms(of: Catalogue) -> list[str]:
    """Return the endings of the files of a list."""
    return [ending for ending, form in FORMS.items() if of.has_places or not form.needs_places]


def answer(of: Catalogue, ending: str) -> Response:
    """Return all rows of a list that an address chooses, in the form of its ending.

    Raises:
        InputError: something in the address is wrong; says all of it.
        AnswerTooLarge: there are too many rows.
    """
    if ending not in forms(of):
        listed = ", ".join(f"/{of.name}.{one}" for one in forms(of))
        return problems.answer("not-found", 404, f"There is no such file of this list; there are {listed}.")
    view = layout.opened()
    chosen, faults = choice.read(Fields(request), of, view, takes_page=False)
    if faults:
        raise InputError("; ".join(fault.sentence() for fault in faults))
    index: Index = current_app.config["INDEX"]
    iris = index.iris(chosen.wanted(view.lang))
    if len(iris) > ROWS_MAX:
        raise AnswerTooLarge(f"the list has {len(iris):,} rows, and a file at most {ROWS_MAX:,}; choose filters")
    rows = Rows(of.kind, of.name, view.lang, g.manifest.revision, len(iris), _chunks(view, index, of.kind, iris))
    response = Response(content_type=FORMS[ending].media_type)
    _describe(response, chosen, ending, iris)
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
    else:  # Werkzeug's own make_conditional would read the whole file into memory (3.1)
        response.response = layout.charged(FORMS[ending].write(rows))
    return response


def _chunks(view: View, index: Index, kind: str, iris: Sequence[str]) -> Iterator[list[Thing]]:
    """Yield the things, some at a time: a view remembers what it read, and goes with its chunk."""
    store: QuadStore = view.store
    for first in range(0, len(iris), _AT_ONCE):
        some, fresh = iris[first : first + _AT_ONCE], View(store, view.lang)
        sizes = index.sizes(kind, some)
        yield [Thing(fresh, iri, sizes.get(iri, 0)) for iri in some]


def _describe(response: Response, chosen: Choice, ending: str, iris: Sequence[str]) -> None:
    """Say of what the file is: its name, its terms, its revision, and a tag that changes with what it holds."""
    revision = g.manifest.revision
    mark = "\n".join((str(revision), ending, chosen.address(layout.reader_lang(), ending), *iris))
    response.set_etag(hashlib.sha256(mark.encode()).hexdigest()[:32], weak=True)
    name = f"coopkg-{chosen.of.name}-revision-{revision}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Link"] = f'<{LICENCE}>; rel="license"'
    response.headers["Content-Language"] = layout.reader_lang()
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Coopkg-Revision"] = str(revision)
    response.vary.add("Accept-Language")
    log.entry().revision = str(revision)
