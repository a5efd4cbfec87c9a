"""The eighteen kinds of query that servers are measured by: portable SPARQL 1.1, as an ordinary user would write it.

Each has blanks that are filled from the graph that is asked, so that no two instances have the same text and a cache
has nothing to give. Nothing here is written for one server, ours included.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from string import Template

from tests.benchmarks.pools import PAGE, Pools

from coopkg import names

_TRIES = 40
_PREFIX = re.compile(r"\b([a-z]+):(?=[A-Za-z])")
_QUOTED = re.compile(r'"[^"]*"|<[^>]*>')


class Equal(Enum):
    """What two right answers to the same query have in common."""

    ROWS = "the same rows"
    COUNT = "as many rows"  # any 10,000 of them are right
    NOTHING = "nothing"  # what DESCRIBE says is the server's choice


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of query; `blanks` of its text are written `$project`."""

    name: str
    text: str
    equal: Equal = Equal.ROWS
    large: bool = False
    """Whether it is one of the six that are asked at ten million triples."""

    @property
    def blanks(self) -> tuple[str, ...]:
        """The names of its blanks, in their order."""
        return tuple(dict.fromkeys(re.findall(r"\$([a-z]+)", self.text)))

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the query with its prefixes declared and its blanks filled."""
        used = sorted(set(_PREFIX.findall(_QUOTED.sub("", self.text))))
        declared = (f"PREFIX {name}: <{names.PREFIXES[name]}>\n" for name in used)
        return "".join(declared) + Template(self.text).substitute(values)

    def drawn(self, pools: Pools, count: int, seed: int = 0) -> list[str]:
        """Return `count` different instances, or as many as there are; the same ones for the same seed."""
        dice = random.Random(f"{self.name} {seed}")  # noqa: S311  # the same queries in each run, no secret
        texts: dict[str, None] = {}
        for _ in range(_TRIES * count):
            if len(texts) == count:
                break
            texts[self.filled({blank: pools.value(blank, dice) for blank in self.blanks})] = None
        return list(texts)


KINDS = (
    Kind("by IRI", "SELECT ?property ?value WHERE { $project ?property ?value }"),
    Kind(
        "by identifier",
        """SELECT ?organisation ?name WHERE {
  ?organisation org:identifier $identifier ;
    skos:prefLabel ?name .
}""",
    ),
    Kind(
        "projects of a région",
        """SELECT DISTINCT ?project ?name WHERE {
  ?project a coop:Project ;
    coop:coversTerritory/coop:directlyWithin* $region ;
    skos:prefLabel ?name .
  FILTER(LANG(?name) = "fr")
}""",
        large=True,
    ),
    Kind(
        "count and sum in a région",
        """SELECT (COUNT(DISTINCT ?project) AS ?projects) (SUM(?value) AS ?total) WHERE {
  { SELECT DISTINCT ?project WHERE {
      ?project a coop:Project ;
        coop:coversTerritory/coop:directlyWithin* $region .
  } }
  ?project coop:hasOutcome/coop:hasMeasure ?measure .
  ?measure coop:indicator $indicator ;
    coop:value ?value .
}""",
        large=True,
    ),
    Kind(
        "outcomes by goal",
        """SELECT ?goal ?name (COUNT(DISTINCT ?outcome) AS ?outcomes) (SUM(?value) AS ?total) WHERE {
  ?action coop:theme $theme ;
    coop:contributesToGoal ?goal ;
    coop:hasOutcome ?outcome .
  ?outcome coop:hasMeasure ?measure .
  ?measure coop:value ?value .
  ?goal skos:prefLabel ?name .
  FILTER(LANG(?name) = "fr")
}
GROUP BY ?goal ?name
ORDER BY DESC(?outcomes) ?goal""",
        large=True,
    ),
    Kind(
        "top partners in a role",
        """SELECT ?agent ?name (COUNT(DISTINCT ?action) AS ?actions) WHERE {
  ?participation coop:role $role ;
    coop:participant ?agent ;
    coop:inAction ?action .
  ?agent skos:prefLabel ?name .
  FILTER(LANG(?name) = "fr")
}
GROUP BY ?agent ?name
ORDER BY DESC(?actions) ?agent
LIMIT 10""",
        large=True,
    ),
    Kind(
        "CONTAINS",
        """SELECT ?project ?description WHERE {
  ?project a coop:Project ;
    dcterms:description ?description .
  FILTER(CONTAINS(LCASE(?description), "$word"))
}""",
    ),
    Kind(
        "REGEX",
        """SELECT ?project ?description WHERE {
  ?project a coop:Project ;
    dcterms:description ?description .
  FILTER(REGEX(?description, "$wording", "i"))
}""",
    ),
    Kind(
        "card of a project",
        """SELECT ?nameFr ?nameEn ?descriptionFr ?descriptionEn
  ?statusName ?kindName ?start ?end ?programmeName ?leadName
WHERE {
  VALUES ?project { $project }
  OPTIONAL { ?project skos:prefLabel ?nameFr FILTER(LANG(?nameFr) = "fr") }
  OPTIONAL { ?project skos:prefLabel ?nameEn FILTER(LANG(?nameEn) = "en") }
  OPTIONAL { ?project dcterms:description ?descriptionFr FILTER(LANG(?descriptionFr) = "fr") }
  OPTIONAL { ?project dcterms:description ?descriptionEn FILTER(LANG(?descriptionEn) = "en") }
  OPTIONAL { ?project coop:status ?status . ?status skos:prefLabel ?statusName FILTER(LANG(?statusName) = "fr") }
  OPTIONAL { ?project coop:actionKind ?kind . ?kind skos:prefLabel ?kindName FILTER(LANG(?kindName) = "fr") }
  OPTIONAL { ?project coop:startDate ?start }
  OPTIONAL { ?project coop:endDate ?end }
  OPTIONAL {
    ?project coop:inProgramme ?programme .
    ?programme skos:prefLabel ?programmeName
    FILTER(LANG(?programmeName) = "fr")
  }
  OPTIONAL { ?project coop:ledBy ?lead . ?lead skos:prefLabel ?leadName FILTER(LANG(?leadName) = "fr") }
}""",
        large=True,
    ),
    Kind(
        "CONSTRUCT",
        """CONSTRUCT {
  ?project skos:prefLabel ?name ;
    coop:hasParticipant ?agent .
  ?agent skos:prefLabel ?agentName .
}
WHERE {
  ?project a coop:Project ;
    coop:theme $theme ;
    coop:locatedIn $region ;
    skos:prefLabel ?name ;
    coop:hasParticipant ?agent .
  ?agent skos:prefLabel ?agentName .
}""",
    ),
    Kind("DESCRIBE", "DESCRIBE $project", equal=Equal.NOTHING),
    Kind(
        "pairs that cooperate",
        """SELECT ?agent ?other (COUNT(DISTINCT ?action) AS ?shared) WHERE {
  ?action coop:theme $theme ;
    coop:locatedIn $region .
  ?participation coop:inAction ?action ;
    coop:participant ?agent .
  ?otherParticipation coop:inAction ?action ;
    coop:participant ?other .
  FILTER(STR(?agent) < STR(?other))
}
GROUP BY ?agent ?other
ORDER BY DESC(?shared) ?agent ?other
LIMIT 20""",
    ),
    Kind(
        "top ten by subquery",
        """SELECT ?agent ?name ?actions WHERE {
  { SELECT ?agent (COUNT(DISTINCT ?action) AS ?actions) WHERE {
      ?action coop:theme $theme ;
        coop:hasParticipant ?agent .
    }
    GROUP BY ?agent
    ORDER BY DESC(?actions) ?agent
    LIMIT 10 }
  ?agent skos:prefLabel ?name .
  FILTER(LANG(?name) = "fr")
}
ORDER BY DESC(?actions) ?agent""",
    ),
    Kind(
        "a page of a list",
        f"""SELECT ?project ?name WHERE {{
  ?project a coop:Project ;
    skos:prefLabel ?name .
  FILTER(LANG(?name) = "fr")
}}
ORDER BY ?name ?project
LIMIT {PAGE} OFFSET $offset""",
    ),
    Kind(
        "NOT EXISTS",
        """SELECT ?project WHERE {
  ?project a coop:Project ;
    coop:theme $theme .
  FILTER NOT EXISTS {
    ?project coop:hasParticipation ?participation .
    ?participation coop:participant ?agent ;
      coop:role ?role .
    ?agent org:classification $classification .
  }
}""",
    ),
    Kind("count of all", "SELECT (COUNT(*) AS ?triples$number) WHERE { ?s ?p ?o }"),
    Kind(
        "10,000 rows",
        "SELECT ?thing$number ?name WHERE { ?thing$number skos:prefLabel ?name } LIMIT 10000",
        equal=Equal.COUNT,
    ),
    Kind(
        "by year",
        """SELECT ?year (COUNT(DISTINCT ?project) AS ?projects) WHERE {
  ?project a coop:Project ;
    coop:theme $theme ;
    coop:startDate ?start .
  BIND(SUBSTR(STR(?start), 1, 4) AS ?year)
}
GROUP BY ?year
ORDER BY ?year""",
        large=True,
    ),
)
