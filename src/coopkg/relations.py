"""Facts as pairs of numbers, by predicate, and the steps by which rows of numbers are joined with them.

What the reasoner runs its rules on; it decides nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from coopkg.datalog import Condition, Term

Row = tuple[int, ...]
Pair = tuple[int, int]
Rows = Iterable[Row]
Index = dict[int, "tuple[int, ...] | set[int]"]

_SMALL = 8


class Numbers(dict[Term, int]):
    """Terms by number: one that is asked for and not known gets the next."""

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[Term] = []

    def __missing__(self, term: Term) -> int:
        self.terms.append(term)
        return self.setdefault(term, len(self))


class MadeTerms(dict[Row, int]):
    """What was made, by what it was made of; one that is asked for and not there is made. `origins` lead back."""

    def __init__(self, make: Callable[..., Term], numbers: Numbers) -> None:
        super().__init__()
        self._make = make
        self._numbers = numbers
        self.origins: defaultdict[int, list[Row]] = defaultdict(list)

    def __missing__(self, arguments: Row) -> int:
        number = self._numbers[self._make(*(self._numbers.terms[argument] for argument in arguments))]
        self.origins[number].append(arguments)
        return self.setdefault(arguments, number)


class Relation:
    """The pairs of one predicate, and how many derivations each has.

    `since` is the round in which a pair came, negative while it is asserted. `firm` counts firm derivations (none
    written down: one for an inferred pair, none for an asserted one), `spare` the other ones.
    """

    __slots__ = ("_indices", "firm", "since", "spare")

    def __init__(self) -> None:
        self.since: dict[Pair, int] = {}
        self.firm: dict[Pair, int] = {}
        self.spare: dict[Pair, int] = {}
        self._indices: dict[int, Index] = {}

    def index(self, place: int) -> Index:
        """Return the objects by subject (place 0) or the subjects by object (place 1), kept up from now on."""
        if place not in self._indices:
            self._indices[place] = {}
            for pair in self.since:
                _put(self._indices[place], pair[place], pair[1 - place])
        return self._indices[place]

    def pairs(self, value: int | None = None) -> Iterator[Pair]:
        """Yield all pairs, or those with an object."""
        return iter(self.since) if value is None else ((subject, value) for subject in self.index(1).get(value, ()))

    def add(self, pairs: Collection[Pair], since: int) -> None:
        """Hold pairs that were not held."""
        self.since.update(dict.fromkeys(pairs, since))
        for place, index in self._indices.items():
            for pair in pairs:
                _put(index, pair[place], pair[1 - place])

    def discard(self, pair: Pair) -> None:
        """Hold a pair no longer; its derivations go on being counted."""
        del self.since[pair]
        for place, index in self._indices.items():
            _drop(index, pair[place], pair[1 - place])

    def count(self, derivations: Counter[Pair], since: int) -> set[Pair]:
        """Count derivations found in a round, firm for the pairs that they bring; hold these and return them."""
        new = set(derivations).difference(self.since)
        if len(new) < derivations.total():  # else each is new, and has one derivation
            for pair, count in derivations.items():
                if pair not in new:
                    self.spare[pair] = self.spare.get(pair, 0) + count
                elif count > 1:
                    self.firm[pair] = count
        self.add(new, since)
        return new

    def lose(self, pair: Pair, latest: int) -> bool:
        """Count a derivation less, its latest premise from a round; return whether the pair stood by it alone."""
        since = self.since.get(pair, 0)
        if latest >= abs(since):
            _less(self.spare, pair, self.spare[pair])
            return False
        return not _less(self.firm, pair, self.firm.get(pair, 1)) and since > 0

    def restore(self, pair: Pair, since: int) -> bool:
        """Hold a pair again if a derivation is left; all that are left are firm then."""
        if count := self.spare.pop(pair, 0):
            self.firm[pair] = count
            self.add([pair], since)
        return count > 0


def _less(counts: dict[Pair, int], pair: Pair, count: int) -> int:
    """Write down one less than a count, nothing for none; return it."""
    if count > 1:
        counts[pair] = count - 1
    else:
        counts.pop(pair, None)
    return count - 1


def _put(index: Index, key: int, value: int) -> None:
    held = index.get(key, ())
    if isinstance(held, set):
        held.add(value)
    else:
        index[key] = (*held, value) if len(held) < _SMALL else {*held, value}


def _drop(index: Index, key: int, value: int) -> None:
    held = index[key]
    if isinstance(held, set):
        held.discard(value)
    else:
        index[key] = held = tuple(other for other in held if other != value)
    if not held:
        del index[key]


def where_holds(relation: Relation, subject: int, value: int) -> Callable[[Rows], Rows]:
    held = relation.since
    return lambda rows: (row for row in rows if (row[subject], row[value]) in held)


def with_values(index: Index, place: int) -> Callable[[Rows], Rows]:
    return lambda rows: ((*row, other) for row in rows for other in index.get(row[place], ()))


def with_pairs(relation: Relation) -> Callable[[Rows], Rows]:
    return lambda rows: (row + pair for row in rows for pair in relation.since)


def where_equal(pairs: Sequence[Pair]) -> Callable[[Rows], Rows]:
    return lambda rows: (row for row in rows if all(row[one] == row[other] for one, other in pairs))


def where_distinct(pairs: Sequence[Pair]) -> Callable[[Rows], Rows]:
    return lambda rows: (row for row in rows if all(row[one] != row[other] for one, other in pairs))


def where(condition: Condition, terms: Sequence[Term], places: Sequence[int]) -> Callable[[Rows], Rows]:
    holds = condition.holds
    return lambda rows: (row for row in rows if holds(*(terms[row[place]] for place in places)))


def with_made(made: MadeTerms, places: Sequence[int]) -> Callable[[Rows], Rows]:
    return lambda rows: ((*row, made[tuple(row[place] for place in places)]) for row in rows)


def with_origins(made: MadeTerms, place: int) -> Callable[[Rows], Rows]:
    return lambda rows: (row + origin for row in rows for origin in made.origins.get(row[place], ()))
