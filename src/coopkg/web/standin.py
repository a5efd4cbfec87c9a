"""What a replica does not have, nor a site with a made-up graph: history, dumps, a catalogue; who asks is told why.

So no harvester takes either for a source of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask, Response, current_app, request

from coopkg.lock import is_made_up
from coopkg.replica.folder import original_of
from coopkg.web.site import refusals

_ELSEWHERE = re.compile(
    r"/(?:(?:catalog|feed)(?:\.[a-z]+)?|(?:dataset|distribution|service|feed|dumps|changes)/.*|changes|\.well-known/void)",
    re.DOTALL,
)


def why_absent(state: Path) -> str:
    """Return why a server of a state folder has no history, dumps and catalogue; "" where it has them."""
    if original := original_of(state):
        return (
            "this server is a replica, which has no history, dumps or catalogue of its own; its original has them: "
            f"{original}"
        )
    if is_made_up(state):
        return "this server shows a made-up graph ('coopkg synth'), which has no history, dumps or catalogue"
    return ""


def install(app: Flask) -> None:
    """Let an application that has none of it (`WHY_ABSENT` says why) answer so."""
    if app.config["WHY_ABSENT"]:
        app.before_request(_told)


def has(path: str) -> bool:
    """Return whether this server has what stands at a path."""
    return not (current_app.config["WHY_ABSENT"] and _ELSEWHERE.fullmatch(path))


def _told() -> Response | None:
    if has(request.path):
        return None
    return refusals.absent(current_app.config["WHY_ABSENT"])
