"""How many connections each address holds: one that opens too many keeps nobody else out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from coopkg.budget import Network, client_of, inside


class Peers:
    """Counts connections.

    Args:
        each_max: connections that an address (IPv6: a /64) may hold.
        all_max: connections of all together.
        exempt: networks of proxies, whose connections are those of many.
    """

    def __init__(self, each_max: int, all_max: int, exempt: Sequence[Network]) -> None:
        self._each_max = each_max
        self._all_max = all_max
        self._exempt = exempt
        self._held: Counter[str] = Counter()
        self._all = 0

    def enter(self, address: str) -> bool:
        """Count a connection in; return False, and count nothing, when it is one too many."""
        name = client_of(address, [], [])
        if self._all >= self._all_max or (self._held[name] >= self._each_max and not inside(address, self._exempt)):
            return False
        self._held[name] += 1
        self._all += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection out that was counted in."""
        name = client_of(address, [], [])
        self._all -= 1
        self._held[name] -= 1
        if not self._held[name]:
            del self._held[name]
