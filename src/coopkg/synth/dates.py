"""When made-up actions take place: mostly of late, some long ago; as precise as sources are, with bounds to sort by."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass

from coopkg.synth.dice import Dice
from coopkg.synth.draft import Document, typed

_LAST_YEAR, _YEARS = 2025, 53
_PRECISIONS = ("year",) * 6 + ("month",) * 2 + ("day",) * 2


@dataclass(frozen=True, slots=True)
class Date:
    """A date as a source gives it, and the days that it may mean."""

    term: str
    earliest: str
    latest: str
    year: int

    @classmethod
    def drawn(cls, dice: Dice) -> Date:
        """Return a date of the last fifty years; half of them lie in the last seven."""
        year, month = _LAST_YEAR - dice.heavy(_YEARS), 1 + dice.below(12)
        last = monthrange(year, month)[1]
        precision = dice.one_of(_PRECISIONS)
        if precision == "year":
            return cls.of_year(year)
        if precision == "month":
            return cls._of(f"{year}-{month:02}", "gYearMonth", "-01", f"-{last}", year)
        return cls._of(f"{year}-{month:02}-{1 + dice.below(last):02}", "date", "", "", year)

    @classmethod
    def of_year(cls, year: int) -> Date:
        """Return a date that is known to the year."""
        return cls._of(str(year), "gYear", "-01-01", "-12-31", year)

    @classmethod
    def _of(cls, written: str, datatype: str, first: str, last: str, year: int) -> Date:
        return cls(typed(written, datatype), typed(written + first, "date"), typed(written + last, "date"), year)


def say_date(document: Document, subject: str, dice: Dice) -> None:
    """State on which date something took place."""
    date = Date.drawn(dice)
    document.say(subject, "coop:date", date.term)
    document.say(subject, "coop:earliestDate", date.earliest)
    document.say(subject, "coop:latestDate", date.latest)


def say_period(document: Document, subject: str, dice: Dice) -> None:
    """State when something began, and of one in five when it ended."""
    begin = Date.drawn(dice)
    document.say(subject, "coop:startDate", begin.term)
    document.say(subject, "coop:earliestDate", begin.earliest)
    if dice.chance(0.2):
        end = Date.of_year(begin.year + dice.below(4))
        document.say(subject, "coop:endDate", end.term)
        document.say(subject, "coop:latestDate", end.latest)
