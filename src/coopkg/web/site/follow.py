"""`/feed` for people: how a program follows what changes, or keeps the same graph."""

from __future__ import annotations

from flask import Blueprint, Response, g

from coopkg.web.site import layout

blueprint = Blueprint("site-follow", __name__)


@blueprint.get("/feed")
def feed_page() -> Response:
    """Say how what changes is followed, with commands to copy."""
    layout.opened()
    return layout.page("feed.html", revision=g.manifest.revision)
