"""The dice of a made-up graph: the same throws for the same seed, on any machine and for any Python.

The only module that asks for chance. Of `random.Random` it uses `random()` alone, whose values Python promises to
keep; those of `choice`, `sample` and `randrange` have changed before. No power and no logarithm is asked for, which
machines may round differently.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Throws in a row that a seed decides."""

    def __init__(self, seed: int) -> None:
        self._throw = random.Random(seed).random  # noqa: S311  # the same graph in each run, no secret

    def chance(self, share: float) -> bool:
        """Return True in this share of the throws, from 0 to 1."""
        return self._throw() < share

    def below(self, limit: int) -> int:
        """Return a whole number from 0, each as likely as the others."""
        return int(self._throw() * limit)

    def one_of(self, some: Sequence[T]) -> T:
        """Return one of some things; what stands there twice comes twice as often."""
        return some[int(self._throw() * len(some))]

    def heavy(self, limit: int) -> int:
        """Return a whole number from 0, small ones far more often: each as often as its place, from 1, is small.

        That is Zipf's law in steps: 0 as often as 1 and 2 together, as 3 to 6 together, and so on.
        """
        whole = (limit + 1).bit_length() - 1
        step = int(self._throw() * (whole + (limit + 1 - (1 << whole)) / (1 << whole)))
        first = (1 << step) - 1
        return first + self.below(min(1 << step, limit - first))

    def different(self, some: Sequence[T], number: int) -> list[T]:
        """Return at most so many things of some, each once: a throw that repeats one is lost."""
        return list(dict.fromkeys(self.one_of(some) for _ in range(number)))
