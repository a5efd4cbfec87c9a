"""What a replica does not have: a history, dumps, a catalogue of its own; who asks for one is told of the original."""

from __future__ import annotations

import re

from flask import Flask, Response, current_app, request

from coopkg.web.site import refusals

_ELSEWHERE = re.compile(
    r"/(?:(?:catalog|feed)(?:\.[a-z]+)?|(?:dataset|distribution|service|feed|dumps|changes)/.*|changes|\.well-known/void)",
    re.DOTALL,
)


def install(app: Flask) -> None:
    """Let an application that serves a replica (`ORIGINAL` says of which site) answer so."""
    if app.config["ORIGINAL"]:
        app.before_request(_told)


def has(path: str) -> bool:
    """Return whether this server has what stands at a path."""
    return not (current_app.config["ORIGINAL"] and _ELSEWHERE.fullmatch(path))


def _told() -> Response | None:
    if has(request.path):
        return None
    return refusals.absent(
        "this server is a replica, which has no history, dumps or catalogue of its own; its original has them: "
        f"{current_app.config['ORIGINAL']}"
    )
