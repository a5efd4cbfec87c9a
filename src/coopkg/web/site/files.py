"""The files of `static/`: styles, scripts, the icon; compressed once, and kept by browsers until they are others."""

from __future__ import annotations

import functools
import hashlib
import mimetypes
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from coopkg.web import coding, conditional

blueprint = Blueprint("files", __name__)

_FOLDER = Path(__file__).parent.parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"


def address(name: str) -> str:
    """Return the address of a file, which is another one once its content is."""
    return f"/static/{name}?v={_digest(name)}"


@blueprint.get("/static/<name>")
def file(name: str) -> Response:
    """Give a file; for ever, where the address says which content is meant."""
    if name not in _names():
        raise NotFound
    chosen, _ = coding.chosen(request.headers.get("Accept-Encoding", ""))
    response = Response(_content(name, chosen), mimetype=mimetypes.guess_type(name)[0])
    if chosen:
        response.headers["Content-Encoding"] = chosen
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = _FOR_EVER if request.args.get("v") == _digest(name) else "no-cache"
    response.set_etag(f"{_digest(name)}{chosen and '-'}{chosen}")
    conditional.given(response)
    return response


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in _FOLDER.iterdir())


@functools.cache
def _digest(name: str) -> str:
    return hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:16]


@functools.cache
def _content(name: str, chosen: str) -> bytes:
    encode = coding.chosen(chosen)[1]
    return b"".join(encode(iter([(_FOLDER / name).read_bytes()])))
