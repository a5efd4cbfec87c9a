"""Who asks: the account that a request is counted for, and whether its connection still stands."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import current_app, request

from coopkg.budget import client_of
from coopkg.service import Client


def asking() -> Client:
    """Return the client of the present request."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    name = client_of(request.remote_addr or "", hops, current_app.config["TRUSTED_PROXIES"])
    gone: Any = request.environ.get("coopkg.gone", lambda: False)
    return Client(name, gone)


def networks(text: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks of a comma-separated setting."""
    return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]
