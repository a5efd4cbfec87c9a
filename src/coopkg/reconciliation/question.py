"""A question: the name of something, of which types it may be, and what else is known of it.

Read from what a JSON text said, strictly: whatever is wrong is said with its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coopkg.errors import InputError
from coopkg.reconciliation import properties
from coopkg.reconciliation.properties import Property

STRICTNESS = ("any", "should", "all")
USUAL_LIMIT, MOST_CANDIDATES = 5, 50
_MOST_TYPES, _MOST_PROPERTIES, _MOST_VALUES = 20, 10, 10
#: Longer texts are no names.
_MOST_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the thing: a property and its values, each as a text or as the IRI of a thing."""

    property: Property
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Args:
        text: a name or an identifier; may be empty where an identifier is known.
        types: of one of which the thing is; none says nothing of it.
        strict: "should" prefers things of these types, "any" and "all" leave out those that are of none, or not of all.
        known: what else is known.
        limit: how many candidates are wanted.
        place: where it stands, for refusals.
    """

    text: str
    types: tuple[str, ...] = ()
    strict: str = "should"
    known: tuple[Known, ...] = ()
    limit: int = USUAL_LIMIT
    place: str = "query"

    @classmethod
    def of(cls, said: object, place: str = "query") -> Question:
        """Return the question that a JSON object asks; a text alone is a name.

        Raises:
            InputError: it asks none.
        """
        if isinstance(said, str):
            said = {"query": said}
        if not isinstance(said, Mapping):
            raise InputError(f'{place}: an object such as {{"query": "La Fonda"}} is needed')
        text = _text(said.get("query", ""), f"{place}.query")
        known = _known(said.get("properties") or [], f"{place}.properties")
        if "query" not in said and not known:  # a text of blanks is a cell that says nothing, and has no candidates
            raise InputError(f"{place}.query: is missing; give the name of what is looked for, or properties of it")
        strict = said.get("type_strict", "should")
        if strict not in STRICTNESS:
            raise InputError(f"{place}.type_strict: {str(strict)[:40]!r}; give one of {', '.join(STRICTNESS)}")
        types = _types(said.get("type"), f"{place}.type")
        return cls(text, types, strict, known, _limit(said.get("limit"), f"{place}.limit"), place)


def _known(said: object, place: str) -> tuple[Known, ...]:
    found = []
    for number, one in enumerate(_list(said, place, _MOST_PROPERTIES)):
        if not isinstance(one, Mapping) or not isinstance(one.get("pid"), str) or "v" not in one:
            raise InputError(f'{place}[{number}]: an object such as {{"pid": "departement", "v": "93"}} is needed')
        values = _values(one["v"], f"{place}[{number}].v")
        if values:
            found.append(Known(properties.of_id(one["pid"], f"{place}[{number}].pid"), values))
    return tuple(found)


def _values(said: Any, place: str) -> tuple[str, ...]:
    every = _list(said if isinstance(said, list) else [said], place, _MOST_VALUES)
    return tuple(value for one in every if (value := _value(one, place)).strip())


def _value(said: Any, place: str) -> str:
    if said is None or isinstance(said, bool):
        return "" if said is None else str(said).lower()
    if isinstance(said, int):
        return _text(str(said), place)
    if isinstance(said, float):
        return f"{said:.15g}"  # a spreadsheet says 93 as 93.0
    if isinstance(said, Mapping):
        said = said.get("id")
    return _text(said, place)


def _types(said: object, place: str) -> tuple[str, ...]:
    every = _list([said] if isinstance(said, str) else said or [], place, _MOST_TYPES)
    return tuple(dict.fromkeys(filter(None, (_text(_type(one), place) for one in every))))


def _type(said: object) -> object:
    return said.get("id") if isinstance(said, Mapping) else said


def _limit(said: object, place: str) -> int:
    if said is None:
        return USUAL_LIMIT
    if isinstance(said, bool) or not isinstance(said, int | float) or said != said // 1 or said < 0:
        raise InputError(f"{place}: {str(said)[:40]!r}; give a whole number from 1 to {MOST_CANDIDATES}")
    if said > MOST_CANDIDATES:
        raise InputError(f"{place}: {str(said)[:40]} is more than the {MOST_CANDIDATES} candidates that are given")
    return int(said) or USUAL_LIMIT  # OpenRefine says 0 for as many as are usual


def _list(said: object, place: str, most: int) -> Sequence[Any]:
    if not isinstance(said, list):
        raise InputError(f"{place}: a list is needed")
    if len(said) > most:
        raise InputError(f"{place}: {len(said)} are too many; give {most} at most")
    return said


def _text(said: object, place: str) -> str:
    if not isinstance(said, str):
        raise InputError(f"{place}: a text is needed, in quotes")
    if len(said) > _MOST_CHARACTERS:
        raise InputError(
            f"{place}: {len(said):,} characters are too long for a name; give {_MOST_CHARACTERS:,} at most"
        )
    if any("\ud800" <= one <= "\udfff" or one == "\0" for one in said):
        raise InputError(f"{place}: holds a character that stands for none (U+0000, or half of a pair); leave it out")
    return said
