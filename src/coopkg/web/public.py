"""Where others reach this server: its setting, else what the present request names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, request
from werkzeug.wrappers import Request

from coopkg.addresses import Addresses


def addresses() -> Addresses:
    """Return the addresses of this site, as the present answer names them."""
    return Addresses(current_app.config["SETTINGS"].public_url or asked())


def asked() -> str:
    """Return the origin that the present request names, with a slash behind it."""
    return _origin(request)


def here() -> str:
    """Return the public address of what is asked for, without its query."""
    return address_of(request, current_app.config)


def address_of(asked_for: Request, config: Mapping[str, Any]) -> str:
    """Return the public address of what a request asks for, without its query."""
    return Addresses(config["SETTINGS"].public_url or _origin(asked_for)).at(asked_for.path)


def _origin(asked_for: Request) -> str:
    return f"{asked_for.scheme}://{asked_for.host}/"  # Werkzeug's own decodes names, and fails where they are none
