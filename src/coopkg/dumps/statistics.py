"""What a graph holds, counted: its classes, its properties, its links to others; published with a dump.

A pass over the statements in canonical order; what it remembers is as large as the vocabulary, not as the graph.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from coopkg import names
from coopkg.rdf import NamedNode, Quad, Triple

#: The name of the file of a dump that holds them.
STATISTICS = "statistics.json"
_ID = f"{names.BASE}id/"
_TYPE = f"{names.RDF}type"
#: Where the IRIs of others begin to which links are counted.
TARGETS: tuple[str, ...] = (
    "http://www.wikidata.org/entity/",
    "http://id.insee.fr/",
    "https://sws.geonames.org/",
    "http://data.europa.eu/nuts/",
    "http://metadata.un.org/sdg/",
)


@dataclass(frozen=True, slots=True)
class Uses:
    """How often a property stands in a triple, and how many subjects have it."""

    triples: int
    subjects: int


@dataclass(frozen=True, slots=True)
class Links:
    """How many triples lead from things of ours, with a property, to things of another data set.

    Args:
        target: what the IRIs of the other data set begin with.
    """

    predicate: str
    target: str
    triples: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The counts of a dataset; what two graphs state counts once.

    Args:
        triples, subjects: how many are different.
        entities: how many subjects are things of ours.
        classes: how many instances each class has.
        properties: the same of each property.
        links: in the order of predicate and target.
    """

    triples: int
    subjects: int
    entities: int
    classes: Mapping[str, int]
    properties: Mapping[str, Uses]
    links: tuple[Links, ...]

    def to_json(self) -> str:
        """Return their text."""
        members = {
            "triples": self.triples,
            "subjects": self.subjects,
            "entities": self.entities,
            "classes": dict(self.classes),
            "properties": {iri: [uses.triples, uses.subjects] for iri, uses in self.properties.items()},
            "links": [[one.predicate, one.target, one.triples] for one in self.links],
        }
        return json.dumps(members, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the counts that a text tells.

        Raises:
            ValueError: it tells none.
        """
        try:
            members: dict[str, Any] = json.loads(text)
            return cls(
                **{name: int(members[name]) for name in ("triples", "subjects", "entities")},
                classes={iri: int(count) for iri, count in members["classes"].items()},
                properties={iri: Uses(*map(int, counts)) for iri, counts in members["properties"].items()},
                links=tuple(Links(predicate, target, int(count)) for predicate, target, count in members["links"]),
            )
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError(f"no statistics: {fault}") from fault


def counted(quads: Iterable[Quad]) -> Statistics:
    """Return the counts of a dataset without blank nodes.

    Args:
        quads: in canonical order (that of the lines of canonical N-Quads), so that what is said of one subject stands
            together, and a triple of several graphs, too: distinct ones are then counted without being remembered.
    """
    tally, last = _Tally(), None
    for quad in quads:
        if quad.triple != last:
            tally.add(last := quad.triple)
    return tally.statistics()


class _Tally:
    """Counts under way; it remembers one subject at a time."""

    def __init__(self) -> None:
        self._triples = self._subjects = self._entities = 0
        self._classes, self._links = Counter[str](), Counter[tuple[str, str]]()
        self._uses, self._having = Counter[str](), Counter[str]()
        self._subject = ""
        self._had = set[str]()

    def add(self, triple: Triple) -> None:
        """Count a triple; those of one subject come one after the other."""
        subject, predicate = getattr(triple.subject, "value", ""), triple.predicate.value
        if subject != self._subject:
            self._subject, self._had = subject, set()
            self._subjects += 1
            self._entities += subject.startswith(_ID)
        self._triples += 1
        self._uses[predicate] += 1
        if predicate not in self._had:
            self._had.add(predicate)
            self._having[predicate] += 1
        if isinstance(triple.object, NamedNode):
            self._lead(subject, predicate, triple.object.value)

    def _lead(self, subject: str, predicate: str, value: str) -> None:
        if predicate == _TYPE:
            self._classes[value] += 1
        elif subject.startswith(names.BASE) and not value.startswith(names.BASE):
            self._links.update((predicate, target) for target in TARGETS if value.startswith(target))

    def statistics(self) -> Statistics:
        """Return what was counted."""
        return Statistics(
            self._triples,
            self._subjects,
            self._entities,
            dict(sorted(self._classes.items())),
            {iri: Uses(count, self._having[iri]) for iri, count in sorted(self._uses.items())},
            tuple(Links(*link, count) for link, count in sorted(self._links.items())),
        )
