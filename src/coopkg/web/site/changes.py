"""The revisions in order: as a page for people, as JSON and RDF Patches for whoever wants the same graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, request

from coopkg import chronicle
from coopkg.errors import InputError, RevisionGone
from coopkg.feed import Feed
from coopkg.graph import Graph
from coopkg.journal import Revision
from coopkg.web import public, representation
from coopkg.web.fields import Fields
from coopkg.web.site import home, layout, refusals

blueprint = Blueprint("site-changes", __name__)

JSON, PATCH = "application/json", "application/rdf-patch"
ENDINGS = {"rdfp": PATCH}
_PER_PAGE = 50
_LIMIT, _LIMIT_MAX = 100, 1_000
_NUMBER = re.compile("[0-9]{1,12}")
_REVISION = re.compile("[1-9][0-9]{0,11}")
_SHOWN = 40
#: No longer: after an erasure the patches behind it name other hashes.
_DAY_S = 24 * 3600
_PIECE_ROWS = 2_000


@blueprint.get("/changes")
def changes() -> Response:
    """Show the revisions, the last one first; to programs, those behind one that they name, in order."""
    if representation.wanted(offers=(JSON, representation.HTML)) == JSON:
        return _listed()
    view = layout.opened()
    number = layout.page_number()
    revisions, total = _graph().revisions(_PER_PAGE, (number - 1) * _PER_PAGE)
    if not revisions:
        abort(404)
    told = [home.told(view, revision) for revision in revisions]
    response = layout.page("changes.html", changes=told, total=total, number_=number, pages=-(-total // _PER_PAGE))
    response.vary.add("Accept")
    return response


@blueprint.get("/changes/<number>")
def change(number: str) -> Response:
    """Give what a revision did in fact, as an RDF Patch; it never changes."""
    number, ending = representation.parted(number, ENDINGS)
    form = representation.wanted(ending, (PATCH,), ENDINGS)
    found = _graph().revisions_after(int(number) - 1, 1) if _REVISION.fullmatch(number) else []
    if not found:
        listed = public.addresses().at("changes")
        return refusals.absent(f"revision {number[:_SHOWN]!r}: there is none; {listed} lists all that are")
    (revision, previous), feed = found[0], _feed()
    if revision.redacted:
        raise RevisionGone(
            f"revision {number} was redacted on {revision.redacted[:10]} and is given no more; begin again with a dump"
        )
    with feed.reading() as reading:
        if reading.revision[0] < revision.number:
            raise feed.refusal()
    return representation.of_tagged(
        (revision.hash,), form, lambda: layout.charged(_pieces(feed, revision, previous)), lasting_s=_DAY_S
    )


def _listed() -> Response:
    fields = Fields(request, reads_body=False)
    since = _whole(fields, "since", 0, 0, 10**12 - 1)
    limit = _whole(fields, "limit", _LIMIT, 1, _LIMIT_MAX)
    graph, site = _graph(), public.addresses()
    _, manifest = graph.current()
    published = {"revision": manifest.revision, "digest": manifest.digest, "head": manifest.head}
    found = [pair for pair in graph.revisions_after(since, limit) if pair[0].number <= manifest.revision]
    last = found[-1][0].number if found else since
    more = site.at(f"changes?{urlencode({'since': last, 'limit': limit})}") if last < manifest.revision else None
    items = [_members(revision, previous, site.at(f"changes/{revision.number}")) for revision, previous in found]
    content = chronicle.as_json({"published": published, "items": items, "next": more})
    return representation.of_bytes(content.encode(), JSON, modified=graph.published_at())


def _members(revision: Revision, previous: str, patch: str) -> dict[str, object]:
    """Return a revision as it is listed: without its author, who may be a person."""
    told = chronicle.revision_members(revision)
    kept = ("revision", "time", "message", "hash", "removed", "added", "redacted")
    more = {"previous": previous or None, "batch": [revision.batch_index, revision.batch_size], "patch": patch}
    return {**{name: told[name] for name in kept}, **more}


def _whole(fields: Fields, name: str, default: int, least: int, most: int) -> int:
    """Return the number that a field gives.

    Raises:
        InputError: it is none, or out of bounds.
    """
    values = fields.all(name)
    if not values:
        return default
    if len(values) > 1 or not _NUMBER.fullmatch(values[0]) or not least <= int(values[0]) <= most:
        raise InputError(f"{name}={' and '.join(values)!r}: give one whole number from {least} to {most}")
    return int(values[0])


def _pieces(feed: Feed, revision: Revision, previous: str) -> Iterator[bytes]:
    """Yield a patch as it is read, so that a long one needs no room."""
    with feed.reading() as reading:
        rows = chronicle.patch_rows(reading.patch(revision.number), revision, previous)
        while piece := "".join(f"{row}\n" for _, row in zip(range(_PIECE_ROWS), rows, strict=False)):
            yield piece.encode()


def _graph() -> Graph:
    graph: Graph = current_app.config["GRAPH"]
    return graph


def _feed() -> Feed:
    feed: Feed = current_app.config["FEED"]
    return feed
