"""What somebody writes in the cell of a table: a name, and often a place or a level around it. Pure text.

A cell is read in several ways, for nobody knows which of them was meant: "Ville de Paris" is an organisation, and
the commune.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coopkg.words import folded

#: Words before a name that say of which level a territory is.
_LEVELS = {
    **dict.fromkeys(("commune", "ville", "mairie", "municipalite", "city", "town"), "commune"),
    **dict.fromkeys(("departement", "dept", "dpt", "conseil departemental"), "departement"),
    **dict.fromkeys(("region", "conseil regional"), "region"),
    **dict.fromkeys(("agglomeration", "intercommunalite", "epci"), "epci"),
}
_LED = re.compile(rf"({'|'.join(_LEVELS)})\s+(?:(?:de|du|des|d|of)\b\s*'?\s*)?(?:(?:la|le|les|l)\b\s*'?\s*)?(?=\w)")
_CODE = r"(?:[0-9]{5}|[0-9]{2,3}|2[abAB](?:[0-9]{3})?)"
#: Longer cells are cut: they are no names.
_MOST_CHARACTERS = 200
#: Behind a name: what stands in brackets, or behind a comma, or a code.
_BEHIND = (
    re.compile(r"(?P<name>.+?)\s*[(\[](?P<place>[^()\[\]]+)[)\]]\s*"),
    re.compile(rf"(?P<name>.+?)[\s,;/–-]+(?P<place>{_CODE})\s*"),
    re.compile(rf"(?P<place>{_CODE})[\s,;/–-]+(?P<name>\D.+)"),
    re.compile(r"(?P<name>[^,]+),\s*(?P<place>[^,]+)"),
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A way to read a cell.

    Args:
        name: what the thing is called.
        place: a territory around it, by its name or a code; or "".
        level: which level of territories it is of, by the last part of the IRI; or "".
    """

    name: str
    place: str = ""
    level: str = ""


def phrases(text: str) -> list[Phrase]:
    """Return the ways to read a cell, as it stands first.

    >>> [(one.name, one.place, one.level) for one in phrases("Commune de Saint-Denis (93)")][-1]
    ('saint-denis', '93', 'commune')
    """
    plain = " ".join(text[:_MOST_CHARACTERS].split())
    return list(dict.fromkeys(one for name, place in _parted(plain) for one in _levelled(name, place)))


def departement(code: str) -> tuple[str, ...]:
    """Return the codes of the départements that a code may lie in: its own, that of a commune or of a postcode.

    >>> departement("93"), departement("93200"), departement("97411"), departement("20000"), departement("1")
    (('93',), ('93',), ('974',), ('2A', '2B'), ('01',))
    """
    code = code.strip().upper()
    if not re.fullmatch(rf"[0-9]|{_CODE}", code):
        return ()
    if len(code) < 5:
        return (code.zfill(2),)
    if code.startswith("20"):
        return ("2A", "2B")  # postcodes of Corsica
    return (code[: 3 if code[:2] in ("97", "98") else 2],)


def _parted(text: str) -> Iterator[tuple[str, str]]:
    yield text, ""
    for pattern in _BEHIND:
        if found := pattern.fullmatch(text):
            yield found["name"].strip(), found["place"].strip()
            return


def _levelled(name: str, place: str) -> Iterator[Phrase]:
    yield Phrase(name, place)
    if found := _LED.match(folded(name)):
        yield Phrase(folded(name)[found.end() :], place, _LEVELS[found[1]])
