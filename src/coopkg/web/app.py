"""The Flask application: routes, headers that every answer carries, errors."""

from __future__ import annotations

import os
import time

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from coopkg.budget import networks_of
from coopkg.dumps.reading import Dumps
from coopkg.errors import CoopkgError
from coopkg.feed import Feed
from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.links import Links
from coopkg.service import QueryService, limits
from coopkg.settings import Settings
from coopkg.tokens import Tokens
from coopkg.web import (
    dumps,
    endpoint,
    graph_store,
    hints,
    log,
    operations,
    public,
    reconcile,
    site,
    standin,
    validation,
    writes,
)
from coopkg.web.admission import Admission
from coopkg.web.following import Follower
from coopkg.web.known import Known
from coopkg.web.site import layout, refusals
from coopkg.writing import Writer

_OPEN_METHODS = "GET, HEAD, POST, QUERY, OPTIONS"
_CLOSED_METHODS = ("PUT", "DELETE", "PATCH")
_OPEN_HEADERS = "Accept, Accept-Language, Cache-Control, Content-Type, If-Modified-Since, If-None-Match, Range, *"
#: What every answer says of how it may be shown, where its view says nothing else,
STANDING = (("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "default-src 'none'; sandbox"))
#: and what is said to pages of other origins, which may read it.
OPEN = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*"))
#: A percent-encoded query is up to three times as long as the query, and other fields may stand beside it.
_BODY_FACTOR = 4


def body_max_bytes(settings: Settings) -> int:
    """Return how long a request's body may be."""
    return _BODY_FACTOR * settings.query_max_bytes


def document_max_bytes(settings: Settings) -> int:
    """Return how long the body of a write may be."""
    return settings.document_max_mb << 20


def create_app(
    graph: Graph,
    service: QueryService,
    settings: Settings,
    writer: Writer | None = None,
    tokens: Tokens | None = None,
    index: Index | None = None,
    feed: Feed | None = None,
    known: Known | None = None,
) -> Flask:
    """Return the application that answers for a graph through a query service.

    Args:
        writer: who takes requests to write; without one the application is read only.
        tokens: who may write; without them nobody may, and the application is read only.
        index: followed by somebody; without one the application makes its own, and brings it up to the graph whenever
            it is asked.
        feed: the same.
        known: the answers that are given before they come here, for the metrics.
    """
    trusted = networks_of(settings.trusted_proxies)
    admission = None if tokens is None else Admission(tokens, trusted)
    app = Flask("coopkg.web", static_folder=None)
    state, follower = settings.state_folder(os.environ), Follower(graph)
    app.config.update(
        BEGAN=time.time(),
        STATE=state,
        WHY_ABSENT=standin.why_absent(state),
        LINKS=Links(state / "links"),
        GRAPH=graph,
        SERVICE=service,
        INDEX=index or Index(follower.catch_up),
        KNOWN=known or Known(0, str),
        FEED=feed or Feed(state / "journal", follower.catch_up_feed),
        WRITER=writer if admission else None,
        ADMISSION=admission,
        TURNS=writes.Turns(),
        HINTS=hints.Hints(graph),
        LIMITS=limits(settings),
        SETTINGS=settings,
        TRUSTED_PROXIES=trusted,
        LANG=settings.lang,
        CONTENT=settings.content_folder(),
        DUMPS=Dumps(settings.state_folder(os.environ)),
        QUERY_MAX_BYTES=settings.query_max_bytes,
        DOCUMENT_MAX_BYTES=document_max_bytes(settings),
        MAX_CONTENT_LENGTH=body_max_bytes(settings),
    )
    layout.install(app)
    app.register_blueprint(endpoint.blueprint)
    if app.config["WRITER"] is not None:
        app.register_blueprint(graph_store.blueprint)
    app.register_blueprint(validation.blueprint)
    app.register_blueprint(operations.blueprint)
    app.register_blueprint(dumps.blueprint)
    app.register_blueprint(reconcile.blueprint)
    for blueprint in site.BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_error_handler(CoopkgError, refusals.of)
    app.register_error_handler(HTTPException, refusals.of_http)
    app.before_request(log.begin)
    app.before_request(_answer_preflight)
    standin.install(app)
    app.before_request(_let_writes_be_long)
    app.after_request(log.end)  # Flask runs the last one first: it sees the headers of the others
    app.after_request(_with_headers)
    return app


def _say_limits(response: Response) -> None:
    response.headers["Coopkg-Limits"] = current_app.config["LIMITS"]
    response.headers.setdefault("Coopkg-Elapsed-Ms", f"{log.entry().elapsed_ms:.1f}")
    if log.entry().revision:
        response.headers.setdefault("Coopkg-Revision", log.entry().revision)


def _answer_preflight() -> Response | None:
    """Answer a browser that asks whether it may, everywhere: else it could not read why an address is refused."""
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return Response(status=204)
    return None


def _let_writes_be_long() -> None:
    """Let the body of a write be a document; the front has seen the token of one that is longer than a query."""
    if current_app.config["WRITER"] is not None and "Authorization" in request.headers:
        config = current_app.config
        request.max_content_length = max(config["MAX_CONTENT_LENGTH"], config["DOCUMENT_MAX_BYTES"])


def _is_closed() -> bool:
    """Return whether the present answer, of a write or of who asks for one, is not for pages of other origins."""
    if current_app.config["WRITER"] is None:
        return False
    asked = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
    method = request.headers.get("Access-Control-Request-Method", "") if request.method == "OPTIONS" else request.method
    return (
        method in _CLOSED_METHODS
        or (method == "POST" and request.path.startswith("/graph-store"))
        or "authorization" in map(str.strip, asked)
        or "Authorization" in request.headers
        or log.entry().is_write
    )


def _with_headers(response: Response) -> Response:
    # Werkzeug writes the host and the scheme that it sees into its own redirects, and a proxy speaks another one.
    location = response.headers.get("Location", "")
    if 300 <= response.status_code < 400 and location.startswith(public.asked()):
        response.headers["Location"] = location[len(public.asked()) - 1 :]
    for name, value in STANDING:
        response.headers.setdefault(name, value)
    if request.blueprint in (endpoint.blueprint.name, graph_store.blueprint.name, validation.blueprint.name):
        _say_limits(response)
    if _is_closed():
        return response
    response.headers.update(OPEN)
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _OPEN_METHODS
        response.headers["Access-Control-Allow-Headers"] = _OPEN_HEADERS
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
