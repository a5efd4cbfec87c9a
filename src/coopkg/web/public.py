"""Where others reach this server: its setting, else what the present request names."""

from __future__ import annotations

from flask import current_app, request

from coopkg.addresses import Addresses


def addresses() -> Addresses:
    """Return the addresses of this site, as the present answer names them."""
    return Addresses(current_app.config["SETTINGS"].public_url or request.host_url)


def here() -> str:
    """Return the public address of what is asked for, without its query."""
    return addresses().at(request.path)
