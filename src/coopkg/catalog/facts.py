"""What a catalogue is made of: all that is known of what is published, and of who publishes it.

No address is in it: the same facts are told at each address at which a site is reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coopkg.catalog.wording import Wording
from coopkg.dumps.manifest import Dump
from coopkg.dumps.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms something is given.

    Args:
        licence: its IRI; "" when the terms are told in words alone.
        name: of the licence, in full.
        rights: what else is to be known; None when nothing is.
        title: of what is given on these terms.
    """

    licence: str
    name: Wording | None = None
    rights: Wording | None = None
    title: Wording | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes a site; "" where nobody says so.

    Args:
        contact: where to write to, https://... or mailto:...
        kind: one of the setting publisher_kind.
    """

    name: str
    contact: str
    kind: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Facts:
    """All that the catalogue, VoID and the service description tell.

    Two of them are equal when they are the same: what is made of some facts is kept with them.

    Args:
        revision: the published one.
        issued: when the first revision was accepted (ISO 8601).
        modified: when each data set changed last, by its name, and under "" the whole.
        graphs: how many statements each asserted named graph has.
        inferred: how many statements are inferred.
        whole: the terms of the whole, and of each graph without terms of its own.
        terms: those of each named graph that has its own.
        years: the first and the last year of what the actions tell; None when they tell none.
        publisher: who publishes.
        limits: those of the endpoint, as one line.
        takes_updates: whether the endpoint does.
        dump: the last one; None when there is none, as for `statistics`.
    """

    revision: int
    issued: str
    modified: Mapping[str, str]
    graphs: Mapping[str, int]
    inferred: int
    whole: Terms
    publisher: Publisher
    limits: str
    takes_updates: bool = False
    terms: Mapping[str, Terms] = field(default_factory=dict)
    years: tuple[int, int] | None = None
    dump: Dump | None = None
    statistics: Statistics | None = None

    def terms_of(self, graph: str) -> Terms:
        """Return the terms of a named graph: its own, else the licence of the whole."""
        return self.terms.get(graph) or Terms(self.whole.licence, self.whole.name)

    @property
    def asserted(self) -> int:
        """How many statements are asserted, each once a graph that has it."""
        return sum(self.graphs.values())
