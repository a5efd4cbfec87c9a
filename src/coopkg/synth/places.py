"""Where made-up actions take place: the real territories of the reference tables, big towns more often."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from coopkg import names
from coopkg.content import Content
from coopkg.rdf import Quad, read_quads
from coopkg.synth.dice import Dice

_LABEL, _POPULATION = f"{names.SKOS}prefLabel", f"{names.COOP}population"
_TERRITORY = f"{names.BASE}id/territory/"
#: Of a hundred territories that real actions cover, about so many are of a level; the others are communes.
_LEVELS = (*("country",) * 9, *("departement",) * 9, *("region",) * 4, *("epci",) * 3, *("commune",) * 75)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A territory: its term, its French name escaped as in N-Triples, and how many live there (0: not known)."""

    term: str
    name: str
    population: int


class Places:
    """The territories of reference tables."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._levels: dict[str, list[Place]] = {level: [] for level in dict.fromkeys(_LEVELS)}
        for place in sorted(places):
            level = "commune" if place.population else place.term.removeprefix(f"<{_TERRITORY}").partition("/")[0]
            self._levels.get(level, []).append(place)
        self._inhabitants = list(accumulate(place.population for place in self._levels["commune"]))

    @classmethod
    def of(cls, content: Content) -> Places:
        """Return the places of a content folder's reference tables.

        Raises:
            InputError: a table cannot be read.
        """
        tables = (file for file in content.files if names.is_reference(file.graph))
        return cls.among(quad for file in tables for quad in read_quads(file.full, file.path))

    @classmethod
    def among(cls, quads: Iterable[Quad]) -> Places:
        """Return the places that quads of reference tables describe."""
        return cls(_places(quads))

    def drawn(self, dice: Dice) -> Place:
        """Return a territory of any level; a commune as often as people live there."""
        level = dice.one_of(_LEVELS)
        if level == "commune":
            return self._levels[level][bisect_right(self._inhabitants, dice.below(self._inhabitants[-1]))]
        return dice.one_of(self._levels[level])


def _places(quads: Iterable[Quad]) -> Iterable[Place]:
    labels, populations = dict[str, str](), dict[str, int]()
    for quad in quads:
        subject, predicate = str(quad.subject), quad.predicate.value
        if predicate == _LABEL and subject.startswith(f"<{_TERRITORY}") and str(quad.object).endswith("@fr"):
            labels[subject] = str(quad.object)[1:-4]
        elif predicate == _POPULATION:
            populations[subject] = int(str(quad.object).split('"')[1])
    return (Place(subject, name, populations.get(subject, 0)) for subject, name in labels.items())
