"""Made-up projects as triples, with what lies around them: `coopkg.synth` for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from coopkg import names
from coopkg.content import Content
from coopkg.rdf import NamedNode, Quad, RdfFormat, Triple, parse_quads, read_quads
from coopkg.synth import actors, forms
from coopkg.synth import country as synth
from coopkg.synth.draft import Document
from coopkg.synth.places import Places
from coopkg.synth.tables import Tables
from tests.conftest import REPOSITORY

_TYPE = NamedNode(f"{names.RDF}type")
_ORGANISATION = NamedNode(f"{names.PREFIXES['org']}Organization")
_PARTICIPANT = NamedNode(f"{names.COOP}participant")
_ORGANISATIONS = f"{names.BASE}id/organisation/"
#: The actors of the whole country, which take part in far more projects than others.
HUBS = tuple(NamedNode(actors.organisation(number)[1:-1]) for number in range(actors.NATIONAL))


@dataclass(frozen=True, slots=True)
class Project:
    """What a source document says, and what is said of the actors and territories that it is the first to name."""

    own: list[Triple]
    around: list[Triple]
    actors: list[NamedNode]


@dataclass(slots=True)
class Country:
    """Draws one project after the other, the same for the same seed.

    Args:
        first: the number of the first project; countries whose numbers do not meet share actors and territories alone.
    """

    seed: int = 0
    first: int = 0
    _country: synth.Country = field(init=False)
    _described: set[NamedNode] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._country = synth.Country(reference()[0], self.seed, self.first)

    def project(self) -> Project:
        """Return the next project."""
        document = self._country.document()
        own = _triples(Document(document.graph, document.own))
        organisations = _triples(Document(document.graph, [], document.organisations))
        self._described |= {triple.subject for triple in organisations if isinstance(triple.subject, NamedNode)}
        named = dict.fromkeys(triple.object for triple in own if isinstance(triple.object, NamedNode))
        around = [*organisations, *self._organisations(named), *self._territories(named)]
        return Project(own, around, _actors(own))

    def graph(self, size: int, seen: Callable[[Project], object] = lambda project: None) -> Iterator[Triple]:
        """Yield projects until there are as many triples as asked for, or a few more; show each one to `seen`."""
        count = 0
        while count < size:
            project = self.project()
            seen(project)
            yield from project.around
            yield from project.own
            count += len(project.around) + len(project.own)

    def _organisations(self, named: dict[NamedNode, None]) -> Iterator[Triple]:
        """Yield what kind those organisations are that only documents before the first one describe."""
        for node in named:
            if node.value.startswith(_ORGANISATIONS) and node not in self._described:
                self._described.add(node)
                yield Triple(node, _TYPE, _ORGANISATION)

    def _territories(self, named: dict[NamedNode, None]) -> Iterator[Triple]:
        new = [quad.triple for quad in reference()[1].around(named) if quad.subject not in self._described]
        self._described |= {triple.subject for triple in new if isinstance(triple.subject, NamedNode)}
        yield from new


def _triples(document: Document) -> list[Triple]:
    quads = parse_quads(forms.triples(document).encode(), RdfFormat.N_TRIPLES, document.graph)
    return [quad.triple for quad in quads]


def _actors(own: list[Triple]) -> list[NamedNode]:
    return [
        triple.object for triple in own if triple.predicate == _PARTICIPANT and isinstance(triple.object, NamedNode)
    ]


@cache
def reference() -> tuple[Places, Tables]:
    files = [file for file in Content(REPOSITORY).files if names.is_reference(file.graph)]
    quads: list[Quad] = [quad for file in files for quad in read_quads(file.full, file.path)]
    return Places.among(quads), Tables(quads)
