"""How long to wait before the original is asked again. It waits for nobody itself."""

from __future__ import annotations

import random
from collections.abc import Callable

_FIRST_S = 1.0
_LONGEST_S = 600.0
_DOUBLINGS = 10
_EXHAUSTED = 6


class Patience:
    """Doubles the wait after each failure, with chance in it, so that many replicas do not come back at once.

    Args:
        chance: gives a number from 0 to 1.
    """

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._failures = 0

    def after(self, asked_s: float) -> float:
        """Return how many seconds to wait after one failure more.

        Args:
            asked_s: for how long the other side asked to be left alone; never less than that is waited.
        """
        own_s = min(_FIRST_S * (1 << min(self._failures, _DOUBLINGS)), _LONGEST_S)
        self._failures += 1
        return max(asked_s, own_s) + own_s * self._chance() / 2

    def rest(self) -> None:
        """Begin anew after a success."""
        self._failures = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether it failed so often in a row that whoever waits for an end has waited enough."""
        return self._failures >= _EXHAUSTED
