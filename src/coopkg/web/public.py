"""Where others reach this server: its setting, else what the present request names."""

from __future__ import annotations

from flask import current_app, request

from coopkg.addresses import Addresses


def addresses() -> Addresses:
    """Return the addresses of this site, as the present answer names them."""
    return Addresses(current_app.config["SETTINGS"].public_url or asked())


def asked() -> str:
    """Return the origin that the present request names, with a slash behind it."""
    return f"{request.scheme}://{request.host}/"  # Werkzeug's own decodes names, and fails where they are none


def here() -> str:
    """Return the public address of what is asked for, without its query."""
    return addresses().at(request.path)
