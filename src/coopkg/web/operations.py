"""For who runs the server: is it alive, is it ready, what has it done."""

from __future__ import annotations

import time

from flask import Blueprint, Response, current_app

from coopkg.index import Index
from coopkg.service import QueryService
from coopkg.web.known import Known

blueprint = Blueprint("operations", __name__)

_FRESH = {"Cache-Control": "no-store"}


@blueprint.get("/health")
def health() -> Response:
    """Say that the process answers."""
    return Response("ok\n", headers=_FRESH, mimetype="text/plain")


@blueprint.get("/ready")
def ready() -> Response:
    """Say whether queries can be answered: the graph is published and workers stand ready.

    Pages that wait for the search index say so themselves (ADR 0021).
    """
    service: QueryService = current_app.config["SERVICE"]
    if not service.is_ready():
        return Response("no worker is ready\n", 503, {"Retry-After": "1", **_FRESH}, mimetype="text/plain")
    current_app.config["GRAPH"].location()
    return Response("ready\n", headers=_FRESH, mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give counters and times in the text format of Prometheus."""
    service: QueryService = current_app.config["SERVICE"]
    _, revision = current_app.config["GRAPH"].location()
    age_s = time.time() - current_app.config["GRAPH"].published_at()
    index: Index = current_app.config["INDEX"]
    known: Known = current_app.config["KNOWN"]
    gauges = {"revision": revision, "revision_age_seconds": age_s, **index.gauges(), **known.gauges()}
    text = service.metrics.text(service.counts(), gauges, known.counts())
    return Response(text, headers=_FRESH, content_type="text/plain; version=0.0.4; charset=utf-8")
