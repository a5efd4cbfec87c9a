"""Whether an answer is given: the conditions of a request to read, against the tag and the date of its answer.

Source: RFC 9110, section 13. Werkzeug's own look at them (3.1) knows no `If-Match: *` and no If-Unmodified-Since, and
sends the body of what it refuses.
"""

from __future__ import annotations

from typing import cast

from flask import Response, request

from coopkg.errors import ConditionFailed

_AS_IT_WAS = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")


def given(response: Response) -> Response:
    """Return an answer to GET or HEAD; 304 in its place where whoever asks has it already.

    Raises:
        ConditionFailed: it was asked for only as it was, and is no more.
    """
    if "If-Match" in request.headers:
        if not request.if_match.contains(response.get_etag()[0] or ""):
            raise ConditionFailed("If-Match: what is here has another tag; ask again without it, and take the new one")
    elif (since := request.if_unmodified_since) and response.last_modified and response.last_modified > since:
        raise ConditionFailed("If-Unmodified-Since: what is here changed since; ask again without it")
    environ = {name: value for name, value in request.environ.items() if name not in _AS_IT_WAS}
    return cast(Response, response.make_conditional(environ))
