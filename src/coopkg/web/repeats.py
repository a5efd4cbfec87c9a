"""Requests that come again: the same bytes ask the same thing, and need not be read a second time.

Most of what a known answer costs is to read its request; clients and pages ask theirs in the very same words each time.
Only requests with a known answer are noted, so that nobody fills the table with what is asked once. Source: ADR 0023.
"""

from __future__ import annotations

from coopkg.web.known import Key
from coopkg.web.reading import Request

#: A longer one is read each time.
_BYTES_MAX = 1 << 12


class Repeats:
    """Whole requests by their bytes, and what their answers are known by; of the oldest one is forgotten for a new one.

    Args:
        most: how many.
    """

    def __init__(self, most: int = 1_000) -> None:
        self._most = most
        self._requests: dict[bytes, tuple[Request, Key]] = {}
        #: Return what some bytes ask, None where they have not been noted.
        self.get = self._requests.get

    def note(self, came: bytes, request: Request, key: Key) -> None:
        """Note the request that some bytes are; nothing where they are not known."""
        if not 0 < len(came) <= _BYTES_MAX:
            return
        self._requests[came] = request, key
        if len(self._requests) > self._most:
            del self._requests[next(iter(self._requests))]
