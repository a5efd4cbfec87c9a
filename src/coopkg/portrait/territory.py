"""The portrait of a territory: where it lies, what lies in it, and what happens there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coopkg import names
from coopkg.portrait import terms
from coopkg.portrait.bounded import SHOWN, Some, named_pointing, notes, pointing, values
from coopkg.portrait.naming import Named, by_name, named
from coopkg.view import Text, View

_TERRITORY = f"{names.BASE}id/territory/"
_EPCI = f"{_TERRITORY}epci/"
_LEVELS = f"{names.BASE}scheme/territory-level/"
#: How many territories directly below are read: no territory of France has more.
_READ_BELOW = 2_000
_MOST_ABOVE = 10


@dataclass(frozen=True, slots=True)
class Below:
    """The territories of a level that lie directly in another, and how many there are when not all are named."""

    level: Named
    territories: tuple[Named, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Territory:
    """What is said of a territory.

    Args:
        above: the chain from the widest down to the one that it lies in; `also_in` are those beside the chain.
        here: the actions that cover it; `inside` are those that cover something in it.
        listing: the fields of the list of all actions here, where there is such a list.
    """

    level: tuple[Named, ...]
    code: str
    population: int | None
    other_names: tuple[Text, ...]
    above: tuple[Named, ...]
    also_in: tuple[Named, ...]
    below: tuple[Below, ...]
    has_more_below: bool
    here: Some[Named]
    inside: Some[Named]
    organisations: Some[Named]
    aimed_at_by: Some[Named]
    same_as: tuple[Named, ...]
    listing: tuple[tuple[str, str], ...]
    notes: tuple[Text, ...]


def of(view: View, iri: str) -> Territory:
    """Return the portrait of a territory."""
    above = _above(view, iri)
    beside = {one for one in view.iris(iri, terms.DIRECTLY_WITHIN) if one not in above}
    children = pointing(view, terms.DIRECTLY_WITHIN, iri, _READ_BELOW)
    here = pointing(view, terms.COVERS_TERRITORY, iri)
    population = view.value(iri, terms.POPULATION)
    return Territory(
        level=values(view, iri, terms.TERRITORY_LEVEL).items,
        code=view.value(iri, terms.INSEE_CODE),
        population=int(population) if population.isdecimal() else None,
        other_names=tuple(view.texts(iri, terms.ALT_LABEL)),
        above=tuple(named(view, one) for one in above),
        also_in=by_name(view, beside),
        below=_below(view, children),
        has_more_below=children.has_more,
        here=Some(by_name(view, here), here.has_more),
        inside=_inside(view, iri, here),
        organisations=named_pointing(view, terms.JURISDICTION, iri),
        aimed_at_by=named_pointing(view, terms.TARGET_TERRITORY, iri),
        same_as=tuple(Named(one, Text(one)) for one in view.iris(iri, terms.SAME_AS)),
        listing=_listing(iri),
        notes=notes(view, iri),
    )


def _above(view: View, iri: str) -> list[str]:
    """Return the chain of the territories above, the widest first; intercommunal bodies stand beside it."""
    chain: list[str] = []
    while len(chain) < _MOST_ABOVE:
        found = [one for one in view.iris(iri, terms.DIRECTLY_WITHIN) if one not in chain]
        if not found:
            break
        iri = min(found, key=lambda one: (one.startswith(_EPCI), one))
        chain.insert(0, iri)
    return chain


def _below(view: View, children: Iterable[str]) -> tuple[Below, ...]:
    """Return the territories below by their levels, which their IRIs say: no other lookup would be short enough."""
    levels: dict[str, list[str]] = {}
    for iri in sorted(children):
        levels.setdefault(iri.removeprefix(_TERRITORY).partition("/")[0], []).append(iri)
    return tuple(
        Below(named(view, f"{_LEVELS}{level}"), by_name(view, iris[:SHOWN]), len(iris))
        for level, iris in sorted(levels.items(), key=lambda item: (len(item[1]), item[0]))
    )


def _inside(view: View, iri: str, here: Some[str]) -> Some[Named]:
    found = pointing(view, terms.LOCATED_IN, iri, SHOWN + len(here))
    inside = [one for one in found if one not in here.items]
    return Some(by_name(view, inside[:SHOWN]), found.has_more or len(inside) > SHOWN)


def _listing(iri: str) -> tuple[tuple[str, str], ...]:
    level, _, code = iri.removeprefix(_TERRITORY).partition("/")
    return ((level, code),) if level in ("region", "departement") and code else ()
