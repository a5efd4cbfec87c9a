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
from coopkg.rdf import NamedNode, Quad

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
    triples = subjects = entities = 0
    classes, uses, having, links = Counter[str](), Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    last, had = None, set[str]()
    for quad in quads:
        if last is not None and quad.triple == last.triple:
            continue
        subject, predicate = getattr(quad.subject, "value", ""), quad.predicate.value
        if last is None or quad.subject != last.subject:
            subjects += 1
            entities += subject.startswith(_ID)
            had = set()
        triples += 1
        uses[predicate] += 1
        having[predicate] += predicate not in had
        had.add(predicate)
        if isinstance(quad.object, NamedNode):
            classes.update([quad.object.value] if predicate == _TYPE else [])
            links.update(_link(subject, predicate, quad.object.value))
        last = quad
    return Statistics(
        triples,
        subjects,
        entities,
        dict(sorted(classes.items())),
        {iri: Uses(count, having[iri]) for iri, count in sorted(uses.items())},
        tuple(Links(*link, count) for link, count in sorted(links.items())),
    )


def _link(subject: str, predicate: str, value: str) -> list[tuple[str, str]]:
    """Return the predicate and the target of a link to another data set, if it is one."""
    if value.startswith(names.BASE) or not subject.startswith(names.BASE):
        return []
    return [(predicate, target) for target in TARGETS if value.startswith(target)]
