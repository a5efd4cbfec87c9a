"""What is said of things that somebody knows already: the values of properties that they choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coopkg import names
from coopkg.errors import InputError
from coopkg.index import Entry, Index
from coopkg.rdf import Literal, NamedNode
from coopkg.reconciliation import properties
from coopkg.reconciliation.properties import Property, Value
from coopkg.view import View

MOST_THINGS, MOST_PROPERTIES = 100, 25
_USUAL_VALUES = 10
_CONTENTS = ("name", "id")
_INTEGER = f"{names.XSD}integer"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A property that is wanted.

    Args:
        limit: how many of its values.
        content: "name" for texts as they are and things by their names, "id" for the IRIs of things as texts.
    """

    property: Property
    limit: int = _USUAL_VALUES
    content: str = "name"

    def cells(self, entry: Entry, view: View) -> list[dict[str, object]]:
        """Return the values of a thing, as the protocol writes them."""
        return [_cell(value, self.content, view) for value in self.property.values(entry, view, self.limit)]


@dataclass(frozen=True, slots=True)
class Extension:
    """Which properties are wanted of which things."""

    iris: tuple[str, ...]
    wanted: tuple[Wanted, ...]

    @classmethod
    def of(cls, said: object) -> Extension:
        """Return what a JSON object wants.

        Raises:
            InputError: it wants nothing, or too much.
        """
        if not isinstance(said, Mapping):
            raise InputError('extend: an object such as {"ids": [...], "properties": [{"id": "insee"}]} is needed')
        ids, chosen = (_list(said.get(name), name, most) for name, most in _PARTS)
        iris = [one for one in ids if isinstance(one, str)]
        if len(iris) < len(ids):
            raise InputError("extend.ids: one of them is no text; give the ids of candidates")
        wanted = tuple(_wanted(one, f"extend.properties[{number}]") for number, one in enumerate(chosen))
        return cls(tuple(dict.fromkeys(iris)), wanted)

    def rows(self, index: Index, view: View) -> dict[str, dict[str, list[dict[str, object]]]]:
        """Return the values of each property of each thing; nothing of what is not here."""
        return {iri: self._row(iri, index, view) for iri in self.iris}

    def _row(self, iri: str, index: Index, view: View) -> dict[str, list[dict[str, object]]]:
        entry = index.entry(iri) if iri.startswith(names.BASE) else None
        return {one.property.id: one.cells(entry, view) if entry else [] for one in self.wanted}


_PARTS = (("ids", MOST_THINGS), ("properties", MOST_PROPERTIES))


def _list(said: object, name: str, most: int) -> Sequence[object]:
    if not isinstance(said, list):
        raise InputError(f"extend.{name}: a list is needed")
    if len(said) > most:
        raise InputError(f"extend.{name}: {len(said)} are too many; ask for {most} at a time")
    return said


def _wanted(said: object, place: str) -> Wanted:
    identifier = said.get("id") if isinstance(said, Mapping) else None
    if not isinstance(said, Mapping) or not isinstance(identifier, str):
        raise InputError(f'{place}: an object such as {{"id": "insee"}} is needed')
    settings = said.get("settings") or {}
    if not isinstance(settings, Mapping):
        raise InputError(f'{place}.settings: an object such as {{"limit": 5}} is needed')
    content = settings.get("content", "name")
    if content not in _CONTENTS:
        raise InputError(f"{place}.settings.content: {str(content)[:40]!r}; give one of {', '.join(_CONTENTS)}")
    found = properties.of_id(identifier, f"{place}.id")
    return Wanted(found, _limit(settings.get("limit", _USUAL_VALUES), f"{place}.settings.limit"), content)


def _limit(said: object, place: str) -> int:
    text = str(said).strip()  # OpenRefine sends what is typed into its form as a text
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise InputError(f"{place}: {text[:40]!r}; give a whole number from 0 to {properties.MOST_VALUES}")
    return min(int(text) or properties.MOST_VALUES, properties.MOST_VALUES)


def _cell(value: Value, content: str, view: View) -> dict[str, object]:
    if isinstance(value, NamedNode):
        is_ours = value.value.startswith(names.BASE) and content == "name"
        return {"id": value.value, "name": view.label(value.value).value} if is_ours else {"str": value.value}
    if isinstance(value, Literal) and value.datatype.value == _INTEGER and value.value.lstrip("+-").isdecimal():
        return {"int": int(value.value)}
    return {"str": value.value}
