"""Classes of counts, for the colours of a map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: How many classes with a colour there are, beside the one for none.
CLASSES = 5
_SHADES = ((), (3,), (2, 4), (1, 3, 5), (1, 2, 4, 5), (1, 2, 3, 4, 5))


def steps(counts: Iterable[int]) -> list[int]:
    """Return where the classes of some counts begin, at most five, in rising order; 0 is a class of its own.

    They are round: 1, 2, 5, 10, 20, 50 and so on, from the smallest count that is not 0 to the largest. Of more than
    five, every second or third is taken. So a step means the same on each map, and does not move when one count does.

    >>> steps([0, 1, 8, 3]), steps([40, 70, 130]), steps([1, 900])
    ([1, 2, 5], [20, 50, 100], [1, 5, 20, 100, 500])
    """
    found = sorted(count for count in counts if count > 0)
    if not found:
        return []
    rounds = [digit * 10**power for power in range(len(str(found[-1]))) for digit in (1, 2, 5)]
    first = max(step for step in rounds if step <= found[0])
    fit = [step for step in rounds if first <= step <= found[-1]]
    return fit[:: -(-len(fit) // CLASSES)]


def shades(begins: Sequence[int]) -> tuple[int, ...]:
    """Return the shade of each class, from 1, the palest, to 5; few classes stand as far apart as they can."""
    return _SHADES[len(begins)]


def shade_of(count: int, begins: Sequence[int]) -> int:
    """Return the shade of a count: 0 for none, else that of its class."""
    return (0, *shades(begins))[sum(count >= step for step in begins)]
