"""Scores: what they are made of, and when one candidate stands clear of the others.

    score = name - 20 x (how badly each other feature fits)

A feature is from 0 to 100: `name` says how like the names are, `type` whether the thing is of a type that was asked
for, `level` and `place` whether it is of the level and in the place that were written around its name, and the id of
each property how well its value fits. A property of which nothing is said is no feature. A thing whose identifier was
given has the feature `identifier`, and scores 100. `comparing` says how well each fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NAME, TYPE, LEVEL, PLACE, IDENTIFIER = "name", "type", "level", "place", "identifier"
#: What a feature other than the name takes away when it does not fit at all.
MOST_TAKEN = 20.0
#: One candidate stands clear when it scores so much, and the next one is so many times as far from 100, and as far
#: behind at least.
MATCH_FROM, TIMES_AS_FAR, BEHIND = 80.0, 2.0, 2.0
#: A feature below this speaks against a candidate.
_AGAINST = 50.0


@dataclass(frozen=True, slots=True)
class Feature:
    """What speaks for a candidate, from 0 to 100."""

    id: str
    value: float


def score(features: Sequence[Feature]) -> float:
    """Return the score of a candidate, from 0 to 100, to a tenth.

    >>> score([Feature("name", 100), Feature("departement", 0)])
    80.0
    """
    if any(one.id == IDENTIFIER for one in features):
        return 100.0
    taken = sum(MOST_TAKEN * (100 - one.value) / 100 for one in features if one.id != NAME)
    name = next((one.value for one in features if one.id == NAME), 0.0)
    return round(max(name - taken, 0.0), 1)


def stands_clear(features: Sequence[Feature], next_score: float) -> bool:
    """Whether a candidate is so good, and so much better than the next one, that nobody needs to look.

    >>> stands_clear([Feature("name", 100)], 80.0), stands_clear([Feature("name", 100)], 100.0)
    (True, False)
    """
    own = score(features)
    is_ahead = 100 - next_score >= max(TIMES_AS_FAR * (100 - own), BEHIND)
    return own >= MATCH_FROM and is_ahead and all(one.value >= _AGAINST for one in features)
