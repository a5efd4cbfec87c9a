"""`/robots.txt` and `/.well-known/security.txt`: what programs that visit on their own are asked, and whom to tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, current_app

from coopkg.settings import Settings
from coopkg.web import public, representation

blueprint = Blueprint("site-robots", __name__)

#: Everything is open but addresses without end: questions, words, filters upon filters, ever longer lists. What they
#: lead to is in the sitemap and in the dumps. Older parsers (urllib.robotparser) know no `*` and take the first line
#: that fits; others take the longest. Both must read the same here, so what is let in comes first, and is longer.
_ROBOTS = """User-agent: *
Allow: /sparql?query=
Allow: /.well-known/void
Allow: /catalog*?page=
Allow: /reconcile
Disallow: /graph-store?
Disallow: /network/
Disallow: /q/
Disallow: /query?lang=
Disallow: /query?query=
Disallow: /search?lang=
Disallow: /search?q=
Disallow: /suggestions
Disallow: /why
Disallow: /*?page=
Disallow: /*&page=
Disallow: /*?*&*&
Crawl-delay: 1

Sitemap: {sitemap}
"""
_SECURITY = """Contact: {contact}
Expires: {expires}
Preferred-Languages: fr, en
Canonical: {canonical}
"""
#: Short of the year that RFC 9116 recommends at most.
_VALID = timedelta(days=180)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Ask robots to leave alone what has no end, and show them all the rest."""
    return _text(_ROBOTS.format(sitemap=public.addresses().at("sitemap.xml")))


@blueprint.get("/.well-known/security.txt")
def security() -> Response:
    """Say where to report a weakness, where the site says who publishes it (RFC 9116)."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.contact_url:
        abort(404)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    expires = (today + _VALID).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _text(_SECURITY.format(contact=settings.contact_url, expires=expires, canonical=public.here()))


def _text(content: str) -> Response:
    return representation.of_bytes(content.encode(), "text/plain")
