"""What a client may use: worker-seconds a minute, and one long query at once.

Pure bookkeeping in memory, bounded; the pool and the web floor ask it. Source: ADR 0010.
"""

from __future__ import annotations

import functools
import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coopkg.errors import BudgetSpent

_KNOWN_MAX = 10_000
#: What a query of an unknown client is expected to take, in seconds; and how fast a client's own queries replace it.
_EXPECTED_S, _LEARNING = 0.5, 0.3
#: That of the longest address, with the interface that a link-local one may name.
_ADDRESS_LENGTH = 64
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(slots=True)
class _Account:
    seconds: float
    since: float
    slow: int = 0
    under_way: int = 0
    usual_s: float = _EXPECTED_S


class Budgets:
    """The accounts of all clients.

    Args:
        seconds_a_minute: worker-seconds that a client may use in a minute; the same may be saved up.
        slow_at_once: long queries that a client may have at once.
        now: the clock, in seconds.
    """

    def __init__(self, seconds_a_minute: float, slow_at_once: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = seconds_a_minute / 60
        self._full = seconds_a_minute
        self._slow_at_once = slow_at_once
        self._now = now
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._lock = threading.RLock()  # the collector may end an abandoned answer, and charge it, at any moment

    def check(self, client: str) -> None:
        """Let a client pass, or refuse it before it costs anything.

        Raises:
            BudgetSpent: it has used its worker-seconds; says when to come back.
        """
        with self._lock:
            account = self._account(client)
            if account.seconds <= 0:
                wait_s = -account.seconds / self._rate + 1
                raise BudgetSpent(
                    f"this client has used its {self._full:g} worker-seconds a minute; come back in {wait_s:.0f} s, "
                    "or take the dump of the graph",
                    wait_s,
                )

    def begin(self, client: str) -> float:
        """Count a query in, and return its client's rank among those that wait for a place; the lowest goes first.

        It is what a client's queries have lately taken, and more for each that it has under way. So who asks short
        questions passes before who asks long ones, and before a crowd of newcomers.
        """
        with self._lock:
            account = self._account(client)
            rank = account.usual_s + _EXPECTED_S * account.under_way
            account.under_way += 1
            return rank

    def end(self, client: str) -> None:
        """Count a query out."""
        with self._lock:
            account = self._account(client)
            account.under_way = max(0, account.under_way - 1)  # its account may have been forgotten meanwhile

    def charge(self, client: str, seconds: float) -> None:
        """Take used worker-seconds from a client's account."""
        with self._lock:
            account = self._account(client)
            account.seconds -= seconds
            account.usual_s += _LEARNING * (seconds - account.usual_s)

    def enter_slow(self, client: str) -> bool:
        """Count a long query of a client; return False when it has as many as it may."""
        with self._lock:
            account = self._account(client)
            if account.slow >= self._slow_at_once:
                return False
            account.slow += 1
            return True

    def leave_slow(self, client: str) -> None:
        """Count a long query out."""
        with self._lock:
            account = self._account(client)
            account.slow = max(0, account.slow - 1)  # as above

    def _account(self, client: str) -> _Account:
        now = self._now()
        account = self._accounts.get(client)
        if account is None:
            account = self._accounts[client] = _Account(self._full, now)
            while len(self._accounts) > _KNOWN_MAX:
                self._accounts.popitem(last=False)
        account.seconds = min(self._full, account.seconds + (now - account.since) * self._rate)
        account.since = now
        self._accounts.move_to_end(client)
        return account


def client_of(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return who a request is counted for: the right-most hop that is not a trusted proxy; IPv6 by its /64.

    Args:
        peer: the address of the connection.
        forwarded: the hops of X-Forwarded-For, left to right.
        trusted: networks of trusted proxies.

    >>> client_of("203.0.113.9", ["198.51.100.1"], [])
    '203.0.113.9'
    """
    hops = [*forwarded, peer]
    while len(hops) > 1 and inside(hops[-1], trusted):
        hops.pop()
    address = _address(hops[-1])
    if address is None:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        return f"{ipaddress.IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)


def networks_of(text: str) -> list[Network]:
    """Return the networks of a text that names them, separated by commas."""
    return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]


def inside(hop: str, networks: Sequence[Network]) -> bool:
    """Return whether an address lies in one of some networks."""
    address = _address(hop)
    return address is not None and any(address in network for network in networks)


def _address(hop: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address of a hop, which may have a port; an IPv4 address in IPv6 clothes is one of IPv4.

    >>> _address("[2001:db8::1]:443"), _address("::ffff:203.0.113.9"), _address("unknown")
    (IPv6Address('2001:db8::1'), IPv4Address('203.0.113.9'), None)
    """
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return _parsed(text) if len(text) <= _ADDRESS_LENGTH else None


@functools.lru_cache(maxsize=_KNOWN_MAX)
def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
