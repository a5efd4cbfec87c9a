"""Lists: which things of a kind have the values that a reader chose, in which order, and how many have others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from coopkg.errors import InputError
from coopkg.index import searching
from coopkg.index.database import Reading
from coopkg.index.facets import SIZES
from coopkg.index.sets import Members, of_numbers

KINDS = ("action", "organisation", "territory", "outcome", "lesson", "source", "theme")
SORTS = ("name", "-name", "date", "-date", "size", "-size", "relevance")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader wants to see listed.

    Args:
        kind: one of `KINDS`.
        filters: for each facet the values of which one is enough; all facets must be met.
        q: words that must be found in each, or "".
        sort: one of `SORTS`; "relevance" without words is "name".
        lang: the language of the names by which is sorted, "fr" or "en".
    """

    kind: str
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    q: str = ""
    sort: str = "name"
    lang: str = "fr"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"{self.kind}: is no kind of list; there are {', '.join(KINDS)}")
        if self.sort not in SORTS:
            raise InputError(f"{self.sort}: is no order; there are {', '.join(SORTS)}")


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list.

    Args:
        total: how many things there are on all pages.
        iris: those of the page, in their order.
        facets: for each facet its values and how many things have each, the most frequent first. What was chosen of
            the facet itself is disregarded, so that a reader sees what another choice would give.
        revision: of which revision it is.
    """

    total: int
    iris: list[str]
    facets: dict[str, list[tuple[str, int]]]
    revision: int


def listing(reading: Reading, wanted: Wanted, page: int, per_page: int) -> Listing:
    """Return a page of a list; the first page is 1, and one behind the last is empty."""
    chosen = _chosen(reading, wanted)
    matching = _all_of(chosen, reading.sets.listed.get(wanted.kind, 0))
    first = (max(page, 1) - 1) * per_page
    iris = list(islice(_ordered(reading, wanted, matching), first, first + per_page))
    return Listing(matching.bit_count(), iris, _facets(reading, wanted, chosen), reading.revision)


def iris(reading: Reading, wanted: Wanted) -> list[str]:
    """Return all of a list, in its order."""
    matching = _all_of(_chosen(reading, wanted), reading.sets.listed.get(wanted.kind, 0))
    return list(_ordered(reading, wanted, matching))


def counts(reading: Reading, facet: str, kind: str) -> dict[str, int]:
    """Return how many things of a kind have each value of a facet."""
    return dict(reading.sets.counts(kind, facet, reading.sets.listed.get(kind, 0)))


def sizes(reading: Reading, kind: str, iris: Sequence[str]) -> dict[str, int]:
    """Return by what some things of a kind are sorted by size: of actions their agents, of others their actions."""
    if facet := SIZES.get(kind):
        actions = reading.sets.values.get(("action", facet), {})
        return {iri: actions.get(iri, 0).bit_count() for iri in iris}
    rows = (row for iri in iris for row in reading.rows("SELECT iri, size FROM entry WHERE iri = ?", iri))
    return {str(iri): int(size) for iri, size in rows}


def totals(reading: Reading) -> dict[str, int]:
    """Return how many things of each kind are listed; of concepts as well, which have a page and no list."""
    return {kind: bits.bit_count() for kind, bits in sorted(reading.sets.listed.items())}


def stretch(reading: Reading, kind: str, first: int, count: int) -> list[str]:
    """Return so many of the things of a kind that are listed, from a place on, in the order of their IRIs."""
    rows = reading.rows("SELECT iri FROM entry WHERE list = ? ORDER BY iri LIMIT ? OFFSET ?", kind, count, first)
    return [iri for (iri,) in rows]


def _chosen(reading: Reading, wanted: Wanted) -> dict[str, int]:
    """Return the things that meet each filter, by the name of its facet; "" for the words."""
    sets = reading.sets
    chosen = {facet: sets.of(wanted.kind, facet, values) for facet, values in wanted.filters.items() if values}
    if wanted.q:
        chosen[""] = of_numbers(number for number, _ in searching.matches(reading, wanted.q))
    return chosen


def _facets(reading: Reading, wanted: Wanted, chosen: Mapping[str, int]) -> dict[str, list[tuple[str, int]]]:
    found, listed = {}, reading.sets.listed.get(wanted.kind, 0)
    for facet in reading.sets.facets(wanted.kind):
        others = {name: bits for name, bits in chosen.items() if name != facet}
        found[facet] = reading.sets.counts(wanted.kind, facet, _all_of(others, listed))
    return found


def _all_of(chosen: Mapping[str, int], bits: int) -> int:
    for some in chosen.values():
        bits &= some
    return bits


def _ordered(reading: Reading, wanted: Wanted, matching: int) -> Iterator[str]:
    if wanted.sort == "relevance" and wanted.q:
        return _by_relevance(reading, wanted.q, matching)
    if wanted.sort.endswith("size"):
        return _by_size(reading, wanted, matching)
    members = Members(matching)
    rows = reading.rows(_query(wanted), wanted.kind)
    return (iri for number, iri in rows if number in members)


def _query(wanted: Wanted) -> str:
    name = "name_en" if wanted.lang == "en" else "name_fr"
    down = " DESC" if wanted.sort.startswith("-") else ""
    if wanted.sort.endswith("date"):
        # What has no date comes last, in either order.
        return f"SELECT id, iri FROM entry WHERE list = ? ORDER BY date = '', date{down}, {name}, iri"  # noqa: S608  # our own words alone
    return f"SELECT id, iri FROM entry WHERE list = ? ORDER BY {name}{down}, iri{down}"  # noqa: S608  # our own words alone


def _by_relevance(reading: Reading, q: str, matching: int) -> Iterator[str]:
    members = Members(matching)
    for number in searching.ranked(reading, q):
        if number in members:
            yield from (iri for (iri,) in reading.rows("SELECT iri FROM entry WHERE id = ?", number))


def _by_size(reading: Reading, wanted: Wanted, matching: int) -> Iterator[str]:
    """Yield the largest last, or first; those of one size by name."""
    members, down = Members(matching), wanted.sort.startswith("-")
    name = "name_en" if wanted.lang == "en" else "name_fr"
    rows = reading.rows(f"SELECT id, iri, size FROM entry WHERE list = ? ORDER BY {name}, iri", wanted.kind)  # noqa: S608  # our own words alone
    facet = SIZES.get(wanted.kind)
    sets = reading.sets.values.get(("action", facet), {}) if facet else {}
    sized = []
    for number, iri, size in rows:
        if number in members:
            sized.append((sets.get(iri, 0).bit_count() if facet else size, iri))
    return (iri for _, iri in sorted(sized, key=lambda one: -one[0] if down else one[0]))
