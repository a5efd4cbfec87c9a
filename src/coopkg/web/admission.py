"""Who may write: a token in the Authorization header and nowhere else, over a connection that nobody overhears.

Decides before anything of a write is read; knows nothing of what is written. Source: ADR 0015.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Sequence

from flask import Request

from coopkg.budget import Network
from coopkg.errors import BudgetSpent, InputError, Unauthorised, WriteForbidden
from coopkg.tokens import Token, Tokens
from coopkg.web import connection

_FAILURES_MAX, _WITHIN_S, _CLIENTS_MAX = 10, 60.0, 10_000


class Failures:
    """How often each client sent a token that does not count; only the last minute, and a bounded number of clients.

    Args:
        now: the clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._of: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, client: str) -> None:
        """Let a client pass, or refuse it.

        Raises:
            BudgetSpent: too many of its tokens did not count; says when to come back.
        """
        with self._lock:
            times = self._of.get(client, deque())
            if len(times) == _FAILURES_MAX and (wait_s := times[0] + _WITHIN_S - self._now()) > 0:
                raise BudgetSpent(
                    f"this client sent {_FAILURES_MAX} tokens that do not count within a minute; come back in "
                    f"{wait_s:.0f} s with one that does",
                    wait_s,
                )

    def note(self, client: str) -> None:
        """Note a token that does not count."""
        with self._lock:
            self._of.setdefault(client, deque(maxlen=_FAILURES_MAX)).append(self._now())
            self._of.move_to_end(client)
            while len(self._of) > _CLIENTS_MAX:
                self._of.popitem(last=False)


class Admission:
    """Admits requests to write.

    Args:
        trusted: networks of trusted proxies.
    """

    def __init__(self, tokens: Tokens, trusted: Sequence[Network], failures: Failures | None = None) -> None:
        self._tokens = tokens
        self._trusted = trusted
        self._failures = failures or Failures()

    def admit(self, request: Request, client: str, fields: Collection[str]) -> Token:
        """Return the token of a request to write.

        Args:
            client: the account that its failures are counted for.
            fields: the names of the request's fields.
        Raises:
            InputError: a token stands where logs and links would keep it.
            WriteForbidden: the connection could be overheard, or the page of another origin asks.
            Unauthorised: no token that counts; BudgetSpent: too many of them.
        """
        if "access_token" in fields:
            raise InputError(
                "access_token: a token is sent in the Authorization header, never in a URL or a form; revoke this one, "
                "which logs may hold by now"
            )
        if fault := connection.fault(request.remote_addr or "", request.host, request.headers, self._trusted):
            raise WriteForbidden(fault)
        if "Authorization" not in request.headers:
            # Not counted: a page of any origin could have the browser send this, and lock its reader out.
            raise Unauthorised(
                "a write needs a token: send Authorization: Bearer ID.SECRET, as 'coopkg token add' told it"
            )
        if (origin := request.headers.get("Origin")) is not None and not connection.is_own(origin, request.host):
            raise WriteForbidden(
                "a write comes from a program or a page of this host, never from the page of another origin"
            )
        self._failures.check(client)
        try:
            return self._tokens.check(request.headers["Authorization"])
        except Unauthorised:
            self._failures.note(client)
            raise
