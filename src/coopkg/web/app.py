"""The Flask application: routes, headers that every answer carries, errors."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from coopkg.errors import CoopkgError
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web import endpoint, pages, problems

_OPEN_METHODS = "GET, HEAD, POST, OPTIONS"
_OPEN_HEADERS = "Accept, Accept-Language, Cache-Control, Content-Type, If-Modified-Since, If-None-Match, Range, *"
#: A percent-encoded query is up to three times as long as the query, and other fields may stand beside it.
_BODY_FACTOR = 4


def body_max_bytes(settings: Settings) -> int:
    """Return how long a request's body may be."""
    return _BODY_FACTOR * settings.query_max_bytes


def create_app(graph: Graph, settings: Settings) -> Flask:
    """Return the application that answers for a graph."""
    app = Flask("coopkg.web", static_folder="static", static_url_path="/static")
    app.config.update(
        GRAPH=graph,
        QUERY_MAX_BYTES=settings.query_max_bytes,
        MAX_CONTENT_LENGTH=body_max_bytes(settings),
    )
    app.register_blueprint(endpoint.blueprint)
    app.register_blueprint(pages.blueprint)
    app.add_url_rule("/health", "health", lambda: Response("ok\n", mimetype="text/plain"))
    app.register_error_handler(CoopkgError, problems.of)
    app.register_error_handler(HTTPException, problems.of_http)
    app.before_request(_answer_preflight)
    app.after_request(_with_headers)
    return app


def _answer_preflight() -> Response | None:
    """Answer a browser that asks whether it may, everywhere: else it could not read why an address is refused."""
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return Response(status=204)
    return None


def _with_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; sandbox")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _OPEN_METHODS
        response.headers["Access-Control-Allow-Headers"] = _OPEN_HEADERS
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
