"""Which requests come from somebody who may write, told by their heads: for the front, before a body is read.

Such a request may send a document, which is longer than a query, and has threads of its own. Whether it may write here,
and what, is decided later: by `admission` and by the writer.
"""

from __future__ import annotations

from coopkg.errors import StateDamaged, Unauthorised
from coopkg.tokens import Tokens
from coopkg.web.reading import Refusal, Request, origin_form

_METHODS = ("POST", "PUT", "DELETE")
_QUERIES, _GRAPHS = b"/sparql", b"/graph-store"
_BEARER = [("WWW-Authenticate", "Bearer")]


class Entrance:
    """Tells the requests of those who may write from all others.

    Args:
        document_max_bytes: how long the body of a write may be.
    """

    def __init__(self, tokens: Tokens, document_max_bytes: int) -> None:
        self._tokens = tokens
        self._document_max_bytes = document_max_bytes

    def is_open(self, request: Request) -> bool:
        """Return whether a request may be a write, and its token counts."""
        sent = request.all(b"authorization")
        if len(sent) != 1 or not _may_be_write(request):
            return False
        try:
            self._tokens.check(sent[0].decode("latin-1"))
        except (Unauthorised, StateDamaged):
            return False
        return True

    def longer(self, request: Request) -> int:
        """Return how long the body of a request may be, or 0 where that of a query is all that it may send.

        Raises:
            Refusal: it is a write, and its token does not count.
        """
        if self.is_open(request):
            return self._document_max_bytes
        if _may_be_write(request) and (_path(request) != _QUERIES or request.all(b"authorization")):
            raise Refusal(
                401, "So long a body is read from who may write: send a token that counts, as Authorization.", _BEARER
            )
        return 0


def _may_be_write(request: Request) -> bool:
    path = _path(request)
    return request.method in _METHODS and (path in (_QUERIES, _GRAPHS) or path.startswith(_GRAPHS + b"/"))


def _path(request: Request) -> bytes:
    return origin_form(request.target).partition(b"?")[0]
