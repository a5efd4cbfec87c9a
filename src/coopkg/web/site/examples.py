"""The gallery of examples, for people and as Turtle for programs."""

from __future__ import annotations

from flask import Blueprint, Response

from coopkg import gallery
from coopkg.web import conditional
from coopkg.web.site import layout

blueprint = Blueprint("site-examples", __name__)


@blueprint.get("/examples")
def examples() -> Response:
    """Show the examples by groups; each opens on the query page."""
    return layout.page("examples.html", groups=gallery.groups(layout.reader_lang()))


@blueprint.get("/examples.ttl")
def turtle() -> Response:
    """Give the examples as they are written: `sh:SPARQLExecutable`, with labels in both languages."""
    response = Response(gallery.path().read_bytes(), content_type="text/turtle; charset=utf-8")
    response.add_etag()
    conditional.given(response)
    return response
