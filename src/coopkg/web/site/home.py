"""The pages for readers: the home page, with its plain query form and the rows that it gives.

They work without JavaScript and load nothing from elsewhere.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from coopkg import names
from coopkg.errors import CoopkgError, InputError
from coopkg.service import QueryService
from coopkg.sparql import Question
from coopkg.store import QuadStore, rows
from coopkg.web import client, log, problems
from coopkg.web.fields import Fields
from coopkg.web.site import layout

blueprint = Blueprint("site-home", __name__)

_SHOWN_ROWS = 200
_SHOWN_MAX_BYTES = 2_000_000
_ROWS = "application/sparql-results+json"
_TRIPLES = "text/turtle"


@dataclass(frozen=True, slots=True)
class Example:
    """A query that a reader can start from, and what it asks in the reader's language."""

    title: str
    query: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How much the published graph tells."""

    projects: int
    organisations: int
    sources: int
    territories: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a row: its text, its language ("" when none), and whether it is an address to follow."""

    text: str
    lang: str = ""
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of an answer: rows, or triples as text."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell | None]] = ()
    count: int = 0
    triples: str = ""


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
_FIGURES = """
SELECT (COUNT(DISTINCT ?p) AS ?projects) (COUNT(DISTINCT ?o) AS ?organisations)
       (COUNT(DISTINCT ?s) AS ?sources) (COUNT(DISTINCT ?t) AS ?territories) WHERE {
  { ?p a coop:Project } UNION { ?o a org:Organization } UNION { ?s a coop:SourceDocument }
  UNION { [] coop:coversTerritory ?t }
}"""


@blueprint.get("/")
def home() -> Response:
    """Show what this is, today's figures, and a form for a query with its rows; French first."""
    fields = Fields(request)
    lang = layout.reader_lang()
    store = layout.opened().store
    shown, fault, status, later, hint = None, "", 200, {}, ""
    if queries := fields.all("query"):
        try:
            text = fields.query(current_app.config["QUERY_MAX_BYTES"])
            hint = current_app.config["HINTS"].about(text)
            shown = _shown(text)
        except CoopkgError as error:
            if problems.is_inside(error):
                raise
            status, fault, later = problems.status_of(error), str(error), problems.retry(error)
            log.entry().error = error.code
    response = layout.page(
        "home.html",
        status,
        manifest=g.manifest,
        figures=_figures(store),
        query=queries[0] if queries else EXAMPLES[lang][0].query,
        examples=EXAMPLES[lang],
        prefixes=names.PREFIXES,
        shown=shown,
        fault=fault,
        hint=hint,
        failed=status,
        endpoint=f"{request.url_root}sparql",
    )
    response.headers.update(later)
    return response


def _figures(store: QuadStore) -> Figures:
    """Return the figures of a store: milliseconds, for they count what is curated and no reference table."""
    row = next(iter(rows(store.query(_FIGURES))))
    return Figures(*(int(count or 0) for count in row))


def _shown(query: str) -> Shown:
    """Return what a page shows of the answer to a query.

    Raises:
        InputError: the query is not valid, or its answer is too large for a page.
    """
    service: QueryService = current_app.config["SERVICE"]
    answer = service.ask(Question(query, accept=f"{_ROWS}, {_TRIPLES}"), client.asking())
    body = bytearray()
    for piece in itertools.chain((answer.begin,), answer.rest or ()):
        body += piece
        if len(body) > _SHOWN_MAX_BYTES:
            raise InputError(f"the answer is over {_SHOWN_MAX_BYTES:,} bytes long; add a LIMIT, or download it")
    if answer.media_type == _TRIPLES:
        return Shown(triples=body.decode("utf-8"))
    results = json.loads(body)
    if "boolean" in results:
        return Shown(["ASK"], [[Cell(str(results["boolean"]).lower())]], 1)
    columns, bindings = results["head"]["vars"], results["results"]["bindings"]
    cells = [[_cell(row.get(name)) for name in columns] for row in bindings[:_SHOWN_ROWS]]
    return Shown(columns, cells, len(bindings))


def _cell(term: dict[str, Any] | None) -> Cell | None:
    if term is None:
        return None
    if not isinstance(term["value"], str):
        return Cell(json.dumps(term["value"], ensure_ascii=False))  # a triple term
    is_link = term["type"] == "uri" and term["value"].startswith(("http://", "https://"))
    return Cell(term["value"], term.get("xml:lang", ""), is_link)
