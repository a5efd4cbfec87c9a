"""Who asks: the account that a request is counted for, whether its connection still stands, which language it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request

from coopkg.budget import client_of
from coopkg.service import Client

LANGUAGES = ("fr", "en")


def asking() -> Client:
    """Return the client of the present request."""
    return of(request, current_app.config)


def of(asked_by: Request, config: Mapping[str, Any]) -> Client:
    """Return the client of a request."""
    forwarded = hops(asked_by.headers.get("X-Forwarded-For", ""))
    name = client_of(asked_by.remote_addr or "", forwarded, config["TRUSTED_PROXIES"])
    gone: Any = asked_by.environ.get("coopkg.gone", lambda: False)
    return Client(name, gone, yields=bool(asked_by.environ.get("coopkg.yields")))


def hops(forwarded: str) -> list[str]:
    """Return the hops that an X-Forwarded-For header names."""
    return [hop.strip() for hop in forwarded.split(",") if hop.strip()]


def language(default: str) -> str:
    """Return the language that the client reads best of those that we write, else another."""
    return preferred(request.headers.get("Accept-Language", ""), default)


def preferred(accepted: str, default: str) -> str:
    """Return the language of ours that an Accept-Language header likes best, else another."""
    # Werkzeug's best_match prefers an exact "en;q=0.5" to "fr-CA"; the reader's order is taken here instead.
    for value, quality in parse_accept_header(accepted, LanguageAccept):
        if quality > 0 and (primary := value.lower().partition("-")[0]) in LANGUAGES:
            return primary
    return default
