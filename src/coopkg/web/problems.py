"""Errors as HTTP answers: one table of statuses, one shape.

The body begins with one plain sentence, or is application/problem+json when asked for (RFC 9457).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from http import HTTPStatus

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from coopkg import errors, names, negotiation
from coopkg.errors import CoopkgError
from coopkg.web import judgement, log

#: The first class that matches decides.
STATUSES: tuple[tuple[type[CoopkgError], int], ...] = (
    (errors.NotAcceptable, 406),
    (errors.UnsupportedMediaType, 415),
    (errors.QueryError, 400),
    (errors.SettingsError, 500),
    (errors.DocumentError, 400),
    (errors.InputError, 400),
    (errors.DocumentTooLarge, 413),
    (errors.AnswerTooLarge, 413),
    (errors.QueryTimedOut, 504),
    (errors.QueryTooHeavy, 503),
    (errors.UnknownGraph, 404),
    (errors.RevisionGone, 410),
    (errors.BudgetSpent, 429),
    (errors.Refused, 503),
    (errors.ServerBusy, 503),
    (errors.QueryQuarantined, 503),
    (errors.Unauthorised, 401),
    (errors.ScopeExceeded, 403),
    (errors.WriteForbidden, 403),
    (errors.RevisionConflict, 412),
    (errors.ConditionFailed, 412),
    (errors.KeyReused, 422),
    (errors.TooFarReaching, 413),
    (errors.WriteRejected, 422),
    (errors.WriteConflict, 409),
    (errors.RevisionOvertaken, 409),
    (errors.MergeRefused, 409),
    (errors.DraftOvertaken, 409),
    (errors.RevisionsLost, 409),
    (errors.ErasureRefused, 409),
    (errors.ErasuresUndone, 409),
    (errors.ReplicaOvertaken, 502),
    (errors.ReplicaError, 502),
    (errors.StateLocked, 503),
    (errors.NothingPublished, 503),
    (errors.StateDamaged, 500),
    (errors.LinksFull, 507),
    (errors.DiskFullError, 507),
    (errors.CoopkgError, 500),
)
#: Server errors whose sentence is for the client: a limit, its value, what to do.
_LIMITS = (errors.Refused, errors.QueryTimedOut, errors.QueryTooHeavy, errors.LinksFull)
_WAIT_S = 5.0
_FORMS = ("text/plain", "application/problem+json")
_INSIDE = "The server cannot answer now; try again in a moment."


def status_of(error: CoopkgError) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def answer(code: str, status: int, sentence: str, lines: Sequence[str] = (), **more: object) -> Response:
    """Return an error as an answer: plain text, or problem+json for who asks for it.

    Args:
        code: the anchor in docs/errors.md.
        status: the HTTP status.
        sentence: what is wrong and what to do.
        lines: what only the text says after it.
        more: members that only the JSON form carries.
    """
    log.entry().error = code
    if _form() == "application/problem+json":
        kind = f"{names.BASE}errors#{code}"
        problem = {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": sentence, **more}
        response = Response(json.dumps(problem, ensure_ascii=False), mimetype="application/problem+json")
    else:
        response = Response("".join(f"{line}\n" for line in (sentence, *lines)), mimetype="text/plain")
    response.status_code = status
    response.vary.add("Accept")
    return response


def of(error: CoopkgError) -> Response:
    """Return a coopkg error as an answer; a server error says nothing of the inside, the log says all."""
    status = status_of(error)
    inside = is_inside(error)
    if inside:
        current_app.logger.error("%s", error, exc_info=error)
    if isinstance(error, errors.WriteRejected):
        found = error.findings
        return answer(error.code, status, str(error), judgement.lines(found), findings=judgement.members(found))
    place = {
        name: value for name in ("line", "column") if not inside and (value := getattr(error, name, None)) is not None
    }
    response = answer(error.code, status, _INSIDE if inside else str(error), **place)
    response.headers.update(retry(error))
    if isinstance(error, errors.Unauthorised):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.RevisionConflict):
        response.headers["Coopkg-Revision"], response.headers["ETag"] = str(error.current), f'"{error.current}"'
    return response


def is_inside(error: CoopkgError) -> bool:
    """Return whether an error speaks of the inside of the server, and not of a limit that a client can respect."""
    return status_of(error) >= 500 and not isinstance(error, _LIMITS)


def retry(error: CoopkgError) -> dict[str, str]:
    """Return the header that says when to come back; none where that would not help."""
    if status_of(error) not in (429, 503):
        return {}
    wait_s = error.wait_s if isinstance(error, errors.Refused) else _WAIT_S
    return {"Retry-After": str(max(1, math.ceil(wait_s)))}


def of_http(error: HTTPException) -> Response:
    """Return what Flask refuses by itself (an unknown address, a wrong method, too large a body) as an answer."""
    status = error.code or 500
    allow = dict(error.get_headers()).get("Allow", "")
    sentences = {
        404: "There is nothing at this address; the home page / says what is published here.",
        405: f"{request.method} is not possible here; possible: {allow}",
        413: f"The body is larger than {request.max_content_length or 0:,} bytes; send a shorter one.",
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
