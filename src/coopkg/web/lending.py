"""A file as an answer: lent to the front, which reads it as its client does, so that no thread waits for a slow one.

Where there is no such front (in a test, behind another server) it is read here, piece by piece.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Response, request

from coopkg.web import conditional, problems, ranges
from coopkg.web.ranges import Span

_PIECE_BYTES = 1 << 17
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Loan:
    """A file that is given.

    Args:
        size: in bytes.
        sha256: of its bytes, in hexadecimal.
        modified: in seconds since the epoch.
        is_for_ever: whether the address always gives these bytes.
        links: values of the Link header.
        location: the address that always gives these bytes, when it is another one than was asked for.
    """

    path: Path
    content_type: str
    size: int
    sha256: str
    modified: float
    is_for_ever: bool
    links: Sequence[str] = ()
    location: str = ""

    @property
    def tag(self) -> str:
        """Its strong entity tag, without quotes."""
        return self.sha256[:32]

    @property
    def date(self) -> datetime:
        """When it was last changed, to the second."""
        return datetime.fromtimestamp(int(self.modified), UTC)


def answer(loan: Loan) -> Response:
    """Return a file, or the part of it that is asked for, as an answer; 304, 412 and 416 where they are due."""
    response = _head(loan)
    conditional.given(response)
    if response.status_code != 200 or request.method == "HEAD":
        return response
    try:
        span = _span(loan)
    except ranges.Unsatisfiable:
        return _unsatisfiable(loan)
    if span:
        response.status_code = 206
        response.content_length = span.size
        response.headers["Content-Range"] = f"bytes {span.begin}-{span.end - 1}/{loan.size}"
    _give(response, loan.path, span or Span(0, loan.size))
    return response


def _head(loan: Loan) -> Response:
    response = Response(content_type=loan.content_type)
    response.content_length = loan.size
    response.set_etag(loan.tag)
    response.last_modified = loan.date
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = _FOR_EVER if loan.is_for_ever else "no-cache"
    response.headers["Content-Disposition"] = f'attachment; filename="{loan.path.name}"'
    # Of the whole file, also with a part of it (RFC 9530).
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(loan.sha256)).decode()}:"
    if loan.links:
        response.headers["Link"] = ", ".join(loan.links)
    if loan.location:
        response.headers["Content-Location"] = loan.location
    return response


def _span(loan: Loan) -> Span | None:
    said, held = request.headers.get("If-Range"), request.if_range
    if said is not None and held.date is None and not said.startswith('"'):
        return None  # a weak tag is of no bytes (RFC 9110, 13.1.5), and the rest is no tag
    if not ranges.may_be_part(held.etag, held.date, loan.tag, loan.date):
        return None
    return ranges.wanted(request.headers.get("Range", ""), loan.size)


def _unsatisfiable(loan: Loan) -> Response:
    sentence = f"Range: no byte of this file lies in it; the file has {loan.size:,} bytes, the first is number 0."
    response = problems.answer("range", 416, sentence)
    response.headers["Content-Range"] = f"bytes */{loan.size}"
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _give(response: Response, path: Path, span: Span) -> None:
    lend = request.environ.get("coopkg.lend")
    if lend is None:
        response.response = _pieces(path, span)
        return
    lend(path.open("rb", buffering=0), span.begin, span.end)


def _pieces(path: Path, span: Span) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(span.begin)
        left = span.size
        while left > 0 and (piece := file.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
            yield piece
