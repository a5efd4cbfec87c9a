"""A list as a SPARQL query: the same things, asked at the endpoint.

The text is made of our own words and of terms that the RDF library wrote; nothing of it is a reader's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from coopkg import names
from coopkg.index.facets import FACETS, Step
from coopkg.rdf import Literal, NamedNode
from coopkg.web.site.lists.catalogue import TYPES, Catalogue
from coopkg.web.site.lists.choice import Choice

_PLAIN = TYPES["action"]
_NAMED = " ".join(names.short(iri) for iri in TYPES.values() if iri != _PLAIN)
_DATES = {"action": "coop:earliestDate|coop:latestDate", "source": "dcterms:issued"}


def query(choice: Choice, lang: str) -> str:
    """Return a query for the things of a list with their names; words that are looked for are no part of it."""
    of, it = choice.of, f"?{choice.of.kind}"
    patterns = [of.pattern, *(_pattern(of, facet, values) for facet, values in sorted(choice.filters.items()))]
    lines = "\n".join(f"  {line}" for pattern in patterns for line in pattern.replace("?it", it).split("\n"))
    return f"""SELECT {it} (SAMPLE(?label) AS ?name) WHERE {{
{lines}
  OPTIONAL {{ {it} {of.label} ?label . FILTER(LANG(?label) = "{"en" if lang == "en" else "fr"}") }}
}}
GROUP BY {it}
ORDER BY ?name {it}"""


def _pattern(of: Catalogue, facet: str, values: Sequence[str]) -> str:
    if facet == "type":
        return _of_types(values)
    if facet == "year":
        return _of_years(_DATES[of.kind], values)
    path = "/".join(_written(step) for step in FACETS[of.kind][facet].steps)
    return _one_of(values, facet.replace("-", "_"), lambda term: f"?it {path} {term} .")


def _of_types(values: Sequence[str]) -> str:
    if _PLAIN not in values:
        return _one_of(values, "type", lambda term: f"?it a {term} .")
    of_none = f"NOT EXISTS {{ ?it a ?other . VALUES ?other {{ {_NAMED} }} }}"
    return f"FILTER({' || '.join([of_none, *(f'EXISTS {{ ?it a {names.short(v)} }}' for v in values if v != _PLAIN)])})"


def _of_years(dates: str, years: Iterable[str]) -> str:
    """Ask for what has one of some years between its first date and its last one."""
    listed = " ".join(str(Literal(year)) for year in years)
    return (
        f"?it {dates} ?first , ?last . VALUES ?year {{ {listed} }}\n"
        "FILTER(SUBSTR(STR(?first), 1, 4) <= ?year && ?year <= SUBSTR(STR(?last), 1, 4))"
    )


def _one_of(values: Sequence[str], name: str, pattern: Callable[[str], str]) -> str:
    terms = [str(NamedNode(value)) for value in values]
    if len(terms) == 1:
        return pattern(terms[0])
    return f"{pattern(f'?{name}')} VALUES ?{name} {{ {' '.join(terms)} }}"


def _written(step: Step) -> str:
    often = "*" if step.is_repeated else "?" if step.is_optional else ""
    return ("^" if step.is_inverse else "") + names.short(step.predicate) + often
