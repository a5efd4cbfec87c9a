"""Sets of entries as whole numbers: entry n is bit n. Counting what two sets share is a single operation on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coopkg.index.entries import Entry
from coopkg.index.facets import UNCOUNTED


@dataclass(frozen=True, slots=True)
class Sets:
    """Which entries of a revision are of which kind, stand in its list, and have which value of which facet.

    Never changed: `replaced` gives others, which share with these all that stayed.
    """

    kinds: Mapping[str, int] = field(default_factory=dict)
    listed: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)

    def replaced(self, changes: Iterable[tuple[int, Entry | None, Entry | None]]) -> Sets:
        """Return the sets after entries became others: the number of each, and what it was and is."""
        draft = _Draft(dict(self.kinds), dict(self.listed), dict(self.values))
        for number, before, after in changes:
            if before:
                draft.put(number, before, is_in=False)
            if after:
                draft.put(number, after, is_in=True)
        return Sets(draft.kinds, draft.listed, draft.values)

    def of(self, kind: str, facet: str, values: Iterable[str]) -> int:
        """Return the entries of a kind with one of some values."""
        known, found = self.values.get((kind, facet), {}), 0
        for value in values:
            found |= known.get(value, 0)
        return found

    def counts(self, kind: str, facet: str, among: int) -> list[tuple[str, int]]:
        """Return the values of a facet with how many of some entries have each, the most frequent first."""
        counted = ((value, (bits & among).bit_count()) for value, bits in self.values.get((kind, facet), {}).items())
        return sorted(((value, count) for value, count in counted if count), key=lambda one: (-one[1], one[0]))

    def facets(self, kind: str) -> list[str]:
        """Return the names of the facets of a kind that are counted in lists."""
        return sorted(name for (of, name), sets in self.values.items() if of == kind and sets and name not in UNCOUNTED)


class _Draft:
    """Sets that are being changed; what is not touched is shared with those from before."""

    def __init__(
        self, kinds: dict[str, int], listed: dict[str, int], values: dict[tuple[str, str], Mapping[str, int]]
    ) -> None:
        self.kinds, self.listed, self.values = kinds, listed, values
        self._own: dict[tuple[str, str], dict[str, int]] = {}

    def put(self, number: int, entry: Entry, *, is_in: bool) -> None:
        _put(self.kinds, entry.kind, number, is_in=is_in)
        if entry.is_listed:
            _put(self.listed, entry.kind, number, is_in=is_in)
        for facet, values in entry.facets.items():
            own = self._owned((entry.kind, facet))
            for value in values:
                _put(own, value, number, is_in=is_in)

    def _owned(self, name: tuple[str, str]) -> dict[str, int]:
        if name not in self._own:
            self.values[name] = self._own[name] = dict(self.values.get(name, {}))
        return self._own[name]


def of_numbers(numbers: Iterable[int]) -> int:
    """Return the set of some entries."""
    found = sorted(numbers)
    octets = bytearray(found[-1] // 8 + 1 if found else 0)
    for number in found:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")


class Members:
    """A set of which it is asked again and again whether it has an entry."""

    def __init__(self, bits: int) -> None:
        self._octets = bits.to_bytes((bits.bit_length() + 7) // 8, "little")

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._octets) and bool(self._octets[place] >> (number & 7) & 1)


def _put(sets: dict[str, int], name: str, number: int, *, is_in: bool) -> None:
    bits = sets.get(name, 0) | 1 << number if is_in else sets[name] & ~(1 << number)
    if bits:
        sets[name] = bits
    else:
        del sets[name]
