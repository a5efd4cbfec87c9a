"""The request log: one line of JSON a request on the logger `coopkg.access`, and the id that its answer carries.

What a client wrote never stands in it: neither a query nor any other value of the URL or the body, and of the address
only the network.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, g, request
from werkzeug.wrappers import Request

from coopkg.budget import Network, client_of
from coopkg.web import client
from coopkg.web.client import hops
from coopkg.web.known import Note

_log = logging.getLogger("coopkg.access")
_PATH_MAX = 200


@dataclass(slots=True)
class Entry:
    """What the log will say of the present request; `error` is the code of a refusal, as in docs/errors.md.

    `revision` is the one that was published when the request came, "" until a view asks. `token` is the id of the token
    that was let in to write, never its secret; `is_write` whether a view took the request for a write.
    """

    request_id: str
    began: float
    error: str = ""
    revision: str = ""
    token: str = ""
    is_write: bool = False

    @property
    def elapsed_ms(self) -> float:
        """How long the request has taken so far."""
        return (time.monotonic() - self.began) * 1000


def entry() -> Entry:
    """Return the entry of the present request, begun with the first call."""
    if "entry" not in g:
        g.entry = opened(request.environ.get("coopkg.began"))
    found: Entry = g.entry
    return found


def opened(began: float | None = None) -> Entry:
    """Return a new entry, of a request that began at some time; now where that is not known."""
    return Entry(secrets.token_hex(8), time.monotonic() if began is None else began)


def begin() -> None:
    """Begin the entry of the present request."""
    entry()


def end(response: Response) -> Response:
    """Give an answer its id, and write the entry once the answer has been sent or has failed."""
    of = entry()
    response.headers["Coopkg-Request-Id"] = of.request_id
    revision = response.headers.get("Coopkg-Revision", "")
    response.call_on_close(line(of, request, client.asking().name, response.status_code, revision))
    return response


def line(of: Entry, answered: Request, name: str, status: int, revision: str) -> Callable[[], None]:
    """Return what writes the line of a request that is being answered, once it is over.

    Args:
        name: of its client.
    """
    said = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "id": of.request_id,
        "method": answered.method[:_PATH_MAX],
        "path": answered.path[:_PATH_MAX],
        "status": status,
        "revision": revision,
        "client": network_of(name),
        **({"token": of.token} if of.token else {}),
    }
    return lambda: _log.info(json.dumps({**said, "ms": round(of.elapsed_ms, 1), "error": of.error}))


def note(trusted: Sequence[Network], known: Sequence[Note]) -> None:
    """Write the lines of answers that were known and needed no view, all at once.

    Args:
        trusted: networks of trusted proxies.
    """
    if not _log.isEnabledFor(logging.INFO):
        return
    now, proxies = datetime.now(UTC).isoformat(timespec="milliseconds"), tuple(trusted)
    _log.info("\n".join(_known_line(now, proxies, one) for one in known))


def _known_line(now: str, trusted: tuple[Network, ...], known: Note) -> str:
    forwarded = b",".join(known.request.all(b"x-forwarded-for")).decode("latin-1")
    said = f'"method": "{known.request.method}", "status": {known.status}, {known.told}'
    network = _network(known.peer, forwarded, trusted)
    return f'{{"time": "{now}", "id": "{known.request_id}", {said}, "client": "{network}", "ms": 0.0, "error": ""}}'


@functools.lru_cache(maxsize=1_000)
def _network(peer: str, forwarded: str, trusted: tuple[Network, ...]) -> str:
    return network_of(client_of(peer, hops(forwarded), trusted))


@functools.lru_cache(maxsize=1_000)
def network_of(name: str) -> str:
    """Return the network of a client: /24 of an IPv4 address, /48 of an IPv6 one, "" of anything else.

    >>> network_of("203.0.113.9")
    '203.0.113.0/24'
    """
    try:
        network = ipaddress.ip_network(name, strict=False)
    except ValueError:
        return ""
    return str(network.supernet(new_prefix=24 if network.version == 4 else 48))


def to_stderr() -> None:
    """Write the log to standard error, one line a request."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False
