"""Who asks: the account that a request is counted for, whether its connection still stands, which language it reads."""

from __future__ import annotations

from typing import Any

from flask import current_app, request

from coopkg.budget import client_of
from coopkg.service import Client

LANGUAGES = ("fr", "en")


def asking() -> Client:
    """Return the client of the present request."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    name = client_of(request.remote_addr or "", hops, current_app.config["TRUSTED_PROXIES"])
    gone: Any = request.environ.get("coopkg.gone", lambda: False)
    return Client(name, gone)


def language(default: str) -> str:
    """Return the language that the client reads best of those that we write, else another."""
    # Werkzeug's best_match prefers an exact "en;q=0.5" to "fr-CA"; the reader's order is taken here instead.
    for value, quality in request.accept_languages:
        if quality > 0 and (primary := value.lower().partition("-")[0]) in LANGUAGES:
            return primary
    return default
