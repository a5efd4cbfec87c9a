"""Errors as HTTP answers: one table of statuses, one shape.

The body begins with one plain sentence, or is application/problem+json when asked for (RFC 9457).
"""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from coopkg import errors, names, negotiation
from coopkg.errors import CoopkgError

#: The first class that matches decides.
STATUSES: tuple[tuple[type[CoopkgError], int], ...] = (
    (errors.NotAcceptable, 406),
    (errors.UnsupportedMediaType, 415),
    (errors.QueryError, 400),
    (errors.SettingsError, 500),
    (errors.InputError, 400),
    (errors.WriteRejected, 422),
    (errors.WriteConflict, 409),
    (errors.StateLocked, 503),
    (errors.NothingPublished, 503),
    (errors.StateDamaged, 500),
    (errors.DiskFullError, 507),
    (errors.CoopkgError, 500),
)
_FORMS = ("text/plain", "application/problem+json")
_INSIDE = "The server cannot answer now; try again in a moment."


def status_of(error: CoopkgError) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def answer(code: str, status: int, sentence: str, **more: object) -> Response:
    """Return an error as an answer: plain text, or problem+json for who asks for it.

    Args:
        code: the anchor in docs/errors.md.
        status: the HTTP status.
        sentence: what is wrong and what to do.
        more: members that only the JSON form carries.
    """
    if _form() == "application/problem+json":
        kind = f"{names.BASE}errors#{code}"
        problem = {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": sentence, **more}
        response = Response(json.dumps(problem, ensure_ascii=False), mimetype="application/problem+json")
    else:
        response = Response(f"{sentence}\n", mimetype="text/plain")
    response.status_code = status
    response.vary.add("Accept")
    return response


def of(error: CoopkgError) -> Response:
    """Return a coopkg error as an answer; a server error says nothing of the inside, the log says all."""
    status = status_of(error)
    if status >= 500:
        current_app.logger.error("%s", error, exc_info=error)
    place = {
        name: value for name in ("line", "column") if status < 500 and (value := getattr(error, name, None)) is not None
    }
    response = answer(error.code, status, str(error) if status < 500 else _INSIDE, **place)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def of_http(error: HTTPException) -> Response:
    """Return what Flask refuses by itself (an unknown address, a wrong method, too large a body) as an answer."""
    status = error.code or 500
    allow = dict(error.get_headers()).get("Allow", "")
    sentences = {
        404: "There is nothing at this address; the home page / says what is published here.",
        405: f"{request.method} is not possible here; possible: {allow}",
        413: f"The body is larger than {current_app.config['MAX_CONTENT_LENGTH']:,} bytes; send a shorter query.",
        500: _INSIDE,
    }
    sentence = sentences.get(status, f"{error.name}: {error.description}")
    response = answer(error.name.lower().replace(" ", "-"), status, sentence)
    if allow:
        response.headers["Allow"] = allow
    return response


def _form() -> str:
    try:
        return negotiation.choose(request.headers.get("Accept", ""), (), _FORMS)
    except errors.NotAcceptable:
        return _FORMS[0]
