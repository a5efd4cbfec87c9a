"""Which known name a misspelt one stands for. Pure text; bounded, however many names there are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

#: With how many names one is compared at most: a hundredth of a second.
MOST_COMPARED = 2_000


def local(iri: str) -> str:
    """Return what stands behind the last `#` or `/`."""
    return re.split("[#/]", iri)[-1]


def nearest(term: str, known: Iterable[str], alike: float = 0.6) -> str:
    """Return the known IRI whose local name is spelt most alike, or "" when none is near; see `nearest_of`.

    >>> nearest("https://w3id.org/coopkg/ns#startdate", ["https://w3id.org/coopkg/ns#startDate"])
    'https://w3id.org/coopkg/ns#startDate'
    """
    return nearest_of(local(term), {local(candidate): candidate for candidate in sorted(known)}, alike)


def nearest_of(word: str, known: Mapping[str, str], alike: float = 0.6) -> str:
    """Return what is known under the spelling that is most alike, or "" when none is near.

    Args:
        known: things by their spellings.
        alike: from 0 (anything) to 1 (the same but for capitals).
    """
    word = word.lower()
    folded = {spelling.lower(): thing for spelling, thing in known.items()}
    found = difflib.get_close_matches(word, compared(word, folded, alike), n=1, cutoff=alike)
    return folded[found[0]] if found else ""


def compared(word: str, spellings: Iterable[str], alike: float) -> list[str]:
    """Return the spellings that a word is compared with: of such a length, those of its first letter first."""
    size = len(word)
    near = [one for one in spellings if 2 * min(size, len(one)) >= alike * (size + len(one))]
    return sorted(near, key=lambda one: one[:1] != word[:1])[:MOST_COMPARED]
