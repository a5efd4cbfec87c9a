"""What the blanks of queries are filled with: a sample of what a graph says in the place that each blank takes.

Drawn fairly, so that what is frequent in the graph is asked for often, as by its users.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Triple

#: How many rows a page of a list has.
PAGE = 20
_ENOUGH = 2_000
_WORD = re.compile(r"\b[a-z]{6,}\b")


@dataclass(slots=True)
class Pools:
    """What blanks are filled with: a sample of what a graph says in the place that each blank takes."""

    values: dict[str, list[str]] = field(default_factory=dict)
    projects: int = 0

    @classmethod
    def gathered(cls, triples: Iterable[Triple], seed: int = 0) -> Pools:
        """Return a fair sample of a graph, asserted and inferred; memory does not grow with it."""
        dice = random.Random(seed)  # noqa: S311  # the same queries in each run, no secret
        pools, seen = cls({blank: [] for blank in (*_OBJECTS.values(), *_TEXTS)}), dict.fromkeys(_SAMPLED, 0)
        for triple in triples:
            for blank, value in _offered(triple, dice):
                seen[blank] += 1
                kept = pools.values[blank]
                if len(kept) < _ENOUGH:
                    kept.append(value)
                elif (place := dice.randrange(seen[blank])) < _ENOUGH:
                    kept[place] = value
        pools.projects = seen["project"]
        return pools

    def fill(self, blanks: Iterable[str]) -> bool:
        """Return whether the graph has something for each of these blanks."""
        return all(blank in _MADE or self.values.get(blank) for blank in blanks)

    def value(self, blank: str, dice: random.Random) -> str:
        """Return what fills a blank.

        Raises:
            LookupError: the graph says nothing that could.
        """
        if blank in _MADE:
            return _MADE[blank](self, dice)
        if not self.values.get(blank):
            raise LookupError(f"no {blank} among these triples; draw from a graph that has one")
        return dice.choice(self.values[blank])


#: Blanks that are filled with the objects of a property.
_OBJECTS = {
    "rdf:type": "project",
    "coop:locatedIn": "region",
    "coop:theme": "theme",
    "coop:role": "role",
    "coop:indicator": "indicator",
    "coop:contributesToGoal": "goal",
    "org:classification": "classification",
    "org:identifier": "identifier",
}
_TEXTS = ("word", "wording")
_SAMPLED = (*_OBJECTS.values(), *_TEXTS)
_BY_IRI = {names.PREFIXES[p.partition(":")[0]] + p.partition(":")[2]: blank for p, blank in _OBJECTS.items()}
_PROJECT = NamedNode(f"{names.COOP}Project")
_DESCRIPTION = f"{names.DCTERMS}description"
#: The predicates of the triples that fill something, as N-Triples has them.
TELLING = frozenset(f"<{iri}>" for iri in (*_BY_IRI, _DESCRIPTION))
#: Blanks that no graph is asked for: a page of a list, and a number that makes a text another one.
_MADE: Mapping[str, Callable[[Pools, random.Random], str]] = {
    "offset": lambda pools, dice: str(PAGE * dice.randrange(max(1, pools.projects // PAGE))),
    "number": lambda _, dice: str(dice.randrange(1_000_000)),
}


def _offered(triple: Triple, dice: random.Random) -> Iterable[tuple[str, str]]:
    value = triple.object
    if triple.predicate.value == _DESCRIPTION and isinstance(value, Literal) and value.language == "fr":
        if len(words := _WORD.findall(value.value)) > 2:
            first, second = sorted(dice.sample(range(len(words)), 2))
            yield from (("word", words[first]), ("wording", f"{words[first]}.*{words[second]}"))
        return
    match _BY_IRI.get(triple.predicate.value):
        case None:
            return
        case "project":
            if value == _PROJECT:
                yield "project", str(triple.subject)
        case "region":
            if isinstance(value, NamedNode) and "/territory/region/" in value.value:
                yield "region", str(value)
        case blank:
            yield blank, str(value)
