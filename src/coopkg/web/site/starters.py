"""Queries that a reader can start from on the query page: a few in each language, short enough to be changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A query, and what it asks in the reader's language."""

    title: str
    query: str


EXAMPLES = {
    "fr": (
        Example(
            "Quels projets, portés par qui\u00a0?",
            """SELECT ?projet ?nom ?porteur WHERE {
  ?projet a coop:Project ; skos:prefLabel ?nom ; coop:ledBy/skos:prefLabel ?porteur .
  FILTER(LANG(?nom) = "fr" && LANG(?porteur) = "fr")
}
ORDER BY ?nom
LIMIT 20""",
        ),
        Example(
            "Combien de projets dans chaque région\u00a0?",
            """SELECT ?region (COUNT(DISTINCT ?projet) AS ?projets) WHERE {
  ?projet a coop:Project ; coop:locatedIn ?territoire .
  ?territoire a igeo:Region ; skos:prefLabel ?region .
  FILTER(LANG(?region) = "fr")
}
GROUP BY ?region
ORDER BY DESC(?projets) ?region""",
        ),
        Example(
            "Quels projets sur l’alimentation, et où\u00a0?",
            """SELECT ?projet ?nom ?lieu WHERE {
  ?projet a coop:Project ; skos:prefLabel ?nom ; coop:theme/skos:prefLabel "Alimentation"@fr .
  ?projet coop:coversTerritory/skos:prefLabel ?lieu .
  FILTER(LANG(?nom) = "fr" && LANG(?lieu) = "fr")
}
ORDER BY ?nom ?lieu""",
        ),
        Example(
            "Quelles organisations coopèrent, et dans combien d’actions\u00a0?",
            """SELECT ?organisation ?partenaire ?actions WHERE {
  ?cooperation coop:cooperationOf ?a, ?b ; coop:strength ?actions .
  ?a a org:Organization ; skos:prefLabel ?organisation .
  ?b a org:Organization ; skos:prefLabel ?partenaire .
  FILTER(STR(?a) < STR(?b) && LANG(?organisation) = "fr" && LANG(?partenaire) = "fr")
}
ORDER BY DESC(?actions) ?organisation ?partenaire
LIMIT 20""",
        ),
    ),
    "en": (
        Example(
            "Which projects, led by whom?",
            """SELECT ?project ?name ?leader WHERE {
  ?project a coop:Project ; skos:prefLabel ?name ; coop:ledBy/skos:prefLabel ?leader .
  FILTER(LANG(?name) = "en" && LANG(?leader) = "en")  # some have a French name only: try "fr"
}
ORDER BY ?name
LIMIT 20""",
        ),
        Example(
            "How many projects in each région?",
            """SELECT ?region (COUNT(DISTINCT ?project) AS ?projects) WHERE {
  ?project a coop:Project ; coop:locatedIn ?territory .
  ?territory a igeo:Region ; skos:prefLabel ?french . FILTER(LANG(?french) = "fr")
  OPTIONAL { ?territory skos:prefLabel ?english . FILTER(LANG(?english) = "en") }
  BIND(COALESCE(?english, ?french) AS ?region)
}
GROUP BY ?region
ORDER BY DESC(?projects) ?region""",
        ),
        Example(
            "Which projects about food, and where?",
            """SELECT ?project ?name ?place WHERE {
  ?project a coop:Project ; skos:prefLabel ?name ; coop:theme/skos:prefLabel "Food"@en .
  ?project coop:coversTerritory/skos:prefLabel ?place .
  FILTER(LANG(?name) = "en" && LANG(?place) = "fr")  # most places have a French name only
}
ORDER BY ?name ?place""",
        ),
        Example(
            "Which organisations cooperate, and in how many actions?",
            """SELECT ?organisation ?partner ?actions WHERE {
  ?cooperation coop:cooperationOf ?a, ?b ; coop:strength ?actions .
  ?a a org:Organization ; skos:prefLabel ?organisation .
  ?b a org:Organization ; skos:prefLabel ?partner .
  FILTER(STR(?a) < STR(?b) && LANG(?organisation) = "en" && LANG(?partner) = "en")
}
ORDER BY DESC(?actions) ?organisation ?partner
LIMIT 20""",
        ),
    ),
}
