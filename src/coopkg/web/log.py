"""The request log: one line of JSON a request on the logger `coopkg.access`, and the id that its answer carries.

What a client wrote never stands in it: neither a query nor any other value of the URL or the body, and of the address
only the network.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, g, request

from coopkg.web import client

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
        g.entry = Entry(secrets.token_hex(8), time.monotonic())
    found: Entry = g.entry
    return found


def begin() -> None:
    """Begin the entry of the present request."""
    entry()


def end(response: Response) -> Response:
    """Give an answer its id, and write the entry once the answer has been sent or has failed."""
    of = entry()
    response.headers["Coopkg-Request-Id"] = of.request_id
    said = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "id": of.request_id,
        "method": request.method[:_PATH_MAX],
        "path": request.path[:_PATH_MAX],
        "status": response.status_code,
        "revision": response.headers.get("Coopkg-Revision", ""),
        "client": network_of(client.asking().name),
        **({"token": of.token} if of.token else {}),
    }
    response.call_on_close(lambda: _log.info(json.dumps({**said, "ms": round(of.elapsed_ms, 1), "error": of.error})))
    return response


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
