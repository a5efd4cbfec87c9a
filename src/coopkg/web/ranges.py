"""Which bytes of a file a request asks for. Deciding alone.

Source: RFC 9110, section 14. Of several ranges none is given: the whole is, as the standard allows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_ONE = re.compile(r"bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*,?\s*", re.IGNORECASE)
_DIGITS_MAX = 18


class Unsatisfiable(Exception):  # a legitimate refusal
    """No byte lies in the range that is asked for."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some bytes of a file: from the first on, before the end."""

    begin: int
    end: int

    @property
    def size(self) -> int:
        """How many bytes these are."""
        return self.end - self.begin


def wanted(said: str, size: int) -> Span | None:
    """Return the one range that a Range header asks for; None when it asks for none, for several, or is not understood.

    Raises:
        Unsatisfiable: no byte lies in it.

    >>> wanted("bytes=0-1", 10), wanted("bytes=-3", 10), wanted("bytes=5-", 10)
    (Span(begin=0, end=2), Span(begin=7, end=10), Span(begin=5, end=10))
    """
    found = _ONE.fullmatch(said.strip())
    if not found or not any(found.groups()) or max(map(len, found.groups())) > _DIGITS_MAX:
        return None
    first, last = found.groups()
    if not first:
        span = Span(max(size - int(last), 0), size)
    elif last and int(last) < int(first):
        return None
    else:
        span = Span(int(first), min(int(last) + 1, size) if last else size)
    if span.size <= 0:
        raise Unsatisfiable
    return span


def may_be_part(etag: str | None, date: datetime | None, tag: str, modified: datetime) -> bool:
    """Return whether a part may be given after If-Range, which names the file that a client has the other part of.

    Args:
        etag, date: what If-Range says; both None where it is absent.
        tag, modified: those of the file. The tag is a strong one.
    """
    if etag is not None:
        return etag == tag
    return date is None or date == modified
