"""The query page: a plain form and the rows that it gives, short links to a query, and the query as programs ask it.

It is whole without JavaScript; `editor.js` adds the editor, the map and the chart where there is some.
"""

from __future__ import annotations

from collections.abc import Generator
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, json, request

from coopkg import names
from coopkg.errors import CoopkgError, InputError, WriteForbidden
from coopkg.links import Links
from coopkg.service import QueryService
from coopkg.sparql import Question
from coopkg.web import client, log, problems, public, searching
from coopkg.web.fields import Fields
from coopkg.web.site import answer, layout, snippets
from coopkg.web.site.starters import EXAMPLES

blueprint = Blueprint("site-query", __name__)

#: An empty graph: a query over it tells whether it is one, and costs no more than being read.
_NOWHERE = "urn:x-coopkg:nowhere"
#: What a link costs a client, so that it takes one client hours to fill a server with them.
_LINK_COSTS_S = 1.0
_NO_LINKS = "this server keeps no short links, for its state folder cannot be written; share the long address"


@blueprint.get("/query")
def query() -> Response:
    """Show the form, and the rows of the query that it was sent with."""
    fields = Fields(request)
    given = fields.all("query")
    if not given:
        return _page(_starter())
    try:
        text = fields.query(current_app.config["QUERY_MAX_BYTES"])
    except InputError as error:
        return _refused(given[0], error)
    return _answered(text)


@blueprint.get("/q/<link>")
def linked(link: str) -> Response:
    """Show the query that a short link stands for, and its rows."""
    text = _links().text(link)
    if text is None:
        missing = f"no query is kept under {link[:60]!r}; check the address, or ask who gave it to you"
        return _page(_starter(), 404, fault=missing)
    return _answered(text, link)


@blueprint.post("/query/links")
def keep() -> Response:
    """Keep a query under a short link, and lead to it."""
    _refuse_other_origins()
    if not _links().are_offered():
        raise WriteForbidden(_NO_LINKS)
    fields = Fields(request)
    text = fields.query(current_app.config["QUERY_MAX_BYTES"])
    _refuse_no_query(text)
    layout.lang_of(fields)
    _service().charge(client.asking(), _LINK_COSTS_S)
    return Response(status=303, headers={"Location": layout.href(f"/q/{_links().keep(text)}")})


@blueprint.post("/query/snippets")
def in_programs() -> Response:
    """Give a query as programs ask it: the code, by the name of the language, as JSON."""
    text = Fields(request).query(current_app.config["QUERY_MAX_BYTES"])
    told = {snippet.slug: snippet.code for snippet in snippets.of(text, _endpoint())}
    return Response(json.dumps(told), mimetype="application/json")


def _answered(text: str, link: str = "") -> Response:
    try:
        found = answer.shown(current_app.config, text, client.asking())
    except CoopkgError as error:
        return _refused(text, error, link)
    return _page(text, link=link, shown=found)


def _refused(text: str, error: CoopkgError, link: str = "") -> Response:
    """Return the page of a query that was refused, which keeps it; what speaks of the inside is not for a page."""
    if problems.is_inside(error):
        raise error
    log.entry().error = error.code
    response = _page(text, problems.status_of(error), fault=str(error), link=link)
    response.headers.update(problems.retry(error))
    return response


def _page(
    text: str, status: int = 200, *, shown: answer.Shown | None = None, fault: str = "", link: str = ""
) -> Response:
    layout.opened()
    response = layout.page(
        "query.html",
        status,
        query=text,
        shown=shown,
        fault=fault,
        link=link,
        failed=status,
        hint=shown.warning if shown else current_app.config["HINTS"].about(text),
        examples=EXAMPLES[layout.reader_lang()],
        prefixes=names.PREFIXES,
        snippets=snippets.of(text, _endpoint()),
        endpoint=_endpoint(),
        keeps_links=_links().are_offered(),
    )
    # A browser that tells nobody where it comes from does not tell us either, and a link is kept for our pages alone.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _refuse_other_origins() -> None:
    """Raise when the page of another origin sent the request: nobody is made to fill this server by a page they read.

    What is no browser says nothing of an origin, and may.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_ours = site in ("same-origin", "none") if site else origin is None or urlsplit(origin).netloc == request.host
    if not is_ours:
        raise WriteForbidden("a short link is made on the query page of this site, not from the page of another origin")


def _refuse_no_query(text: str) -> None:
    """Raise when a text is no query that this endpoint would answer. A worker reads it, over an empty graph.

    Raises:
        CoopkgError: what is wrong with it, or that it cannot be read now.
    """
    empty = searching.unsearched(Question(text, default_graphs=(_NOWHERE,), named_graphs=()))
    rest = _service().ask(empty, client.asking()).rest
    if isinstance(rest, Generator):
        rest.close()


def _starter() -> str:
    return EXAMPLES[layout.reader_lang()][0].query


def _endpoint() -> str:
    return public.addresses().endpoint


def _links() -> Links:
    links: Links = current_app.config["LINKS"]
    return links


def _service() -> QueryService:
    service: QueryService = current_app.config["SERVICE"]
    return service
