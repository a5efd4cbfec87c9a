"""Whether a request came in a way that nobody could overhear: a token that is sent in clear is anybody's.

Pure text. Either a trusted proxy says that its client spoke TLS, or the request came from this machine and no proxy had
a hand in it. Source: ADR 0015.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from coopkg.budget import Network, inside, networks_of

#: What proxies add; behind one that is not trusted, each client of the world looks like this machine.
FORWARDING = (
    *("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port"),
    *("X-Forwarded-Server", "X-Real-IP", "X-Forwarded-Ssl", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"),
)
_LOOPBACK = networks_of("127.0.0.0/8,::1")
_PROTO = re.compile(r'(?:^|;)\s*proto\s*=\s*"?([a-z]+)"?\s*(?:;|$)', re.IGNORECASE)


def fault(peer: str, host: str, headers: Iterable[tuple[str, str]], trusted: Sequence[Network]) -> str:
    """Return why a write may not come over a connection, and how it may; "" when it may.

    Args:
        peer: the address of the connection.
        host: the Host header.
        headers: all headers; of one that came several times, the values joined by commas.
        trusted: networks of trusted proxies.
    """
    said = {name.lower(): value for name, value in headers}
    if inside(peer, trusted):
        if _is_tls(said):
            return ""
        return (
            "writes are taken over HTTPS, and the proxy does not say that this request came so; use https://, and let "
            "the proxy set X-Forwarded-Proto, or proto= of Forwarded; revoke a token that went over http://"
        )
    if not inside(peer, _LOOPBACK):
        return (
            "writes are taken from this machine, or over HTTPS through a proxy that trusted_proxies names; revoke a "
            "token that was sent in clear"
        )
    if found := [name for name in FORWARDING if name.lower() in said]:
        return (
            f"this request was passed on ({found[0]}) by a proxy that is not trusted, so that nobody knows whether it "
            "came over HTTPS; name the proxy in trusted_proxies"
        )
    if not _is_loopback(host):
        return (
            f"this request came from this machine itself but for the host {host[:100]!r}, as through a proxy; write to "
            "http://127.0.0.1, or name the proxy in trusted_proxies"
        )
    return ""


def is_own(origin: str, host: str) -> bool:
    """Return whether an Origin header names the host that a request was sent to.

    >>> is_own("http://127.0.0.1:8080", "127.0.0.1:8080"), is_own("null", "127.0.0.1:8080")
    (True, False)
    """
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def _is_tls(headers: Mapping[str, str]) -> bool:
    """Return whether all that is said of the way here says https: one hop in clear is one too many."""
    said = [one.strip().lower() for one in headers.get("x-forwarded-proto", "").split(",") if one.strip()]
    for hop in headers.get("forwarded", "").split(","):
        if hop.strip():
            found = _PROTO.findall(hop)
            said += [one.lower() for one in found] or [""]
    return bool(said) and set(said) == {"https"}


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or inside(name if ":" not in name else f"[{name}]", _LOOPBACK)
