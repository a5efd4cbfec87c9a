"""The pages for readers: in this version the home page, with its plain query form and the rows that it gives.

They work without JavaScript and load nothing from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from coopkg import sparql
from coopkg.errors import CoopkgError, InputError
from coopkg.store import QuadStore
from coopkg.web import problems
from coopkg.web.fields import Fields

blueprint = Blueprint("pages", __name__, template_folder="templates")

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_LANGUAGES = ("fr", "en")
_SHOWN_ROWS = 200
_SHOWN_MAX_BYTES = 2_000_000
_ROWS = "application/sparql-results+json"
_TRIPLES = "text/turtle"

EXAMPLE = """SELECT ?projet ?nom ?porteur WHERE {
  ?projet a coop:Project ; skos:prefLabel ?nom ; coop:ledBy/skos:prefLabel ?porteur .
  FILTER(LANG(?nom) = "fr" && LANG(?porteur) = "fr")
}
ORDER BY ?nom
LIMIT 20"""


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


@blueprint.get("/")
def home() -> Response:
    """Show what this is, today's figures, and a form for a query with its rows; French first."""
    fields = Fields(request)
    lang = _lang(fields)
    store, manifest = current_app.config["GRAPH"].current()
    shown, fault, status = None, "", 200
    if queries := fields.all("query"):
        try:
            shown = _shown(store, fields.query(current_app.config["QUERY_MAX_BYTES"]))
        except CoopkgError as error:
            status = problems.status_of(error)
            if status >= 500:
                raise
            fault = str(error)
    page = render_template(
        "home.html",
        lang=lang,
        manifest=manifest,
        query=queries[0] if queries else EXAMPLE,
        shown=shown,
        fault=fault,
        endpoint=f"{request.url_root}sparql",
    )
    response = Response(page, status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["Content-Language"] = lang
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Coopkg-Revision"] = str(manifest.revision)
    response.vary.add("Accept-Language")
    return response


def _lang(fields: Fields) -> str:
    for wish in fields.all("lang"):
        if wish in _LANGUAGES:
            return wish
    # Werkzeug's best_match prefers an exact "en;q=0.5" to "fr-CA"; the reader's order is taken here instead.
    for value, quality in request.accept_languages:
        if quality > 0 and (primary := value.lower().partition("-")[0]) in _LANGUAGES:
            return primary
    return _LANGUAGES[0]


def _shown(store: QuadStore, query: str) -> Shown:
    """Return what a page shows of the answer to a query.

    Raises:
        InputError: the query is not valid, or its answer is too large for a page.
    """
    answer = sparql.answer(store, query, lambda offers: _ROWS if _ROWS in offers else _TRIPLES)
    if len(answer.body) > _SHOWN_MAX_BYTES:
        raise InputError(
            f"the answer is {len(answer.body):,} bytes long, too long for a page; add a LIMIT, or download it"
        )
    if answer.media_type == _TRIPLES:
        return Shown(triples=answer.body.decode("utf-8"))
    results = json.loads(answer.body)
    if "boolean" in results:
        return Shown(["ASK"], [[Cell(str(results["boolean"]).lower())]], 1)
    columns, bindings = results["head"]["vars"], results["results"]["bindings"]
    rows = [[_cell(row.get(name)) for name in columns] for row in bindings[:_SHOWN_ROWS]]
    return Shown(columns, rows, len(bindings))


def _cell(term: dict[str, Any] | None) -> Cell | None:
    if term is None:
        return None
    if not isinstance(term["value"], str):
        return Cell(json.dumps(term["value"], ensure_ascii=False))  # a triple term
    is_link = term["type"] == "uri" and term["value"].startswith(("http://", "https://"))
    return Cell(term["value"], term.get("xml:lang", ""), is_link)
