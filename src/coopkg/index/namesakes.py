"""Namesakes: the things whose names are like a text, whatever was mistyped in it, the likest first.

A typing error changes three letters in a row at most: what shares the rarest such triples of a text with it is
compared letter by letter, everything else is left alone. So what it costs hardly grows with the index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from coopkg import likeness, words
from coopkg.index.database import Reading
from coopkg.index.entries import KINDS, Entry
from coopkg.index.searching import MAX_CHARACTERS, of_kinds
from coopkg.index.sets import Members

#: How many things are compared with a text, letter by letter; twice as many where its rarest triple is common.
_MOST_COMPARED = 2_500
#: What is less like a text than this is none of its namesakes.
_LEAST_LIKE = 0.5
#: From here on one of two names may well be the other one, mistyped.
MISTYPED = 0.8
_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Namesake:
    """A thing with a name that is like a text.

    Args:
        likeness: how like, from 0 to 1: of the name that is likest.
    """

    entry: Entry
    likeness: float


def namesakes(reading: Reading, text: str, kinds: Collection[str], limit: int) -> list[Namesake]:
    """Return the things of some kinds whose names are like a text, the likest first; of those, the best known."""
    likest = _likest(reading, text[:MAX_CHARACTERS], kinds)
    order = sorted(likest, key=lambda number: (-likest[number], number))
    exact = sum(1 for like in likest.values() if like == 1)
    chosen = order[: max(limit, min(exact, 2 * limit))]
    found = [Namesake(entry, likest[number]) for number, entry in zip(chosen, reading.entries(chosen), strict=True)]
    return sorted(found, key=lambda one: (-one.likeness, _RANKS[one.entry.kind], -one.entry.weight, one.entry.iri))


def _likest(reading: Reading, text: str, kinds: Collection[str]) -> dict[int, float]:
    """Return how like a text each thing is that can be, by its number."""
    asked, members = likeness.folded(text), Members(of_kinds(reading, kinds))
    compared = dict((*_sharing(reading, asked), *_bearing(reading, text)))
    named = [(number, name) for number, known in compared.items() if number in members for name in _names(known)]
    found: dict[int, float] = {}
    for place, like in words.likenesses(asked, [name for _, name in named], _LEAST_LIKE).items():
        number = named[place][0]
        found[number] = max(found.get(number, 0.0), like)
    return found


def _names(known: str) -> Iterator[str]:
    return (called for name in known.split("\n") for called in likeness.called(name.strip()))


def _bearing(reading: Reading, text: str) -> Iterator[tuple[int, str]]:
    """Return the things that bear just a name, with all their names: of a common one all triples are common."""
    query = """SELECT alike.rowid, names FROM start JOIN alike ON alike.rowid = entry
        WHERE text = ? AND is_whole LIMIT ?"""
    return reading.rows(query, " ".join(words.words(text)), _MOST_COMPARED)


def _sharing(reading: Reading, asked: str) -> Iterator[tuple[int, str]]:
    """Yield the things that share rare triples of letters with a folded name, with all their names."""
    if chosen := _rarest(reading, _triples(f" {asked} ")):
        expression = " OR ".join(f'"{triple}"' for triple in chosen)
        query = "SELECT rowid, names FROM alike WHERE alike MATCH ? LIMIT ?"
        yield from reading.rows(query, expression, 2 * _MOST_COMPARED)


def _rarest(reading: Reading, triples: Sequence[str]) -> list[str]:
    """Return the triples that fewest things have, as many as lead to no more things than are compared."""
    query = f"SELECT term, doc FROM trigram WHERE term IN ({', '.join('?' * len(triples))}) ORDER BY doc, term"  # noqa: S608  # question marks alone
    chosen: list[str] = []
    reached = 0
    for triple, things in reading.rows(query, *triples):
        reached += things
        if chosen and reached > _MOST_COMPARED:
            break
        chosen.append(triple)
    return chosen


def _triples(text: str) -> list[str]:
    return list(dict.fromkeys(text[place : place + 3] for place in range(len(text) - 2)))
