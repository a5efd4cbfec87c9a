"""How cost grows with size: cost ~ size^k, and means of ratios."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping


def exponent(costs: Mapping[int, float]) -> float | None:
    """Return k of the line through the logarithms of sizes and costs, by least squares; None for less than two sizes.

    >>> round(exponent({100: 2.0, 1000: 20.0}), 6)
    1.0
    """
    points = [(math.log(size), math.log(cost)) for size, cost in costs.items() if cost > 0]
    if len({x for x, _ in points}) < 2:
        return None
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return float(sum((x - mean_x) * (y - mean_y) for x, y in points) / spread)


def geometric_mean(values: Iterable[float]) -> float:
    """Return the geometric mean of what is greater than 0; nan of nothing.

    >>> round(geometric_mean([1, 100]), 6)
    10.0
    """
    logarithms = [math.log(value) for value in values]
    return math.exp(sum(logarithms) / len(logarithms)) if logarithms else math.nan
