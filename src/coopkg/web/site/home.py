"""The home page, and the documents. They work without JavaScript and load nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotFound

from coopkg import resources
from coopkg.store import QuadStore, rows
from coopkg.web.site import layout

blueprint = Blueprint("site-home", __name__)


@dataclass(frozen=True, slots=True)
class Figures:
    """How much the published graph tells."""

    projects: int
    organisations: int
    sources: int
    territories: int


_FIGURES = """
SELECT (COUNT(DISTINCT ?p) AS ?projects) (COUNT(DISTINCT ?o) AS ?organisations)
       (COUNT(DISTINCT ?s) AS ?sources) (COUNT(DISTINCT ?t) AS ?territories) WHERE {
  { ?p a coop:Project } UNION { ?o a org:Organization } UNION { ?s a coop:SourceDocument }
  UNION { [] coop:coversTerritory ?t }
}"""


@blueprint.get("/")
def home() -> Response:
    """Show what this is and today's figures; an address that once ran a query here leads to the query page."""
    if "query" in request.args:
        return Response(status=308, headers={"Location": f"/query?{request.query_string.decode('latin-1')}"})
    store = layout.opened().store
    return layout.page("home.html", manifest=g.manifest, figures=_figures(store))


@blueprint.get("/docs/<name>")
def document(name: str) -> Response:
    """Show a document of docs/ as it is written, so that a reader finds it wherever the program runs."""
    folder = resources.shipped() / "docs"
    found = {path.name: path for path in folder.glob("*.md")}
    if name not in found:
        raise NotFound
    return Response(found[name].read_text(encoding="utf-8"), mimetype="text/plain")


def _figures(store: QuadStore) -> Figures:
    """Return the figures of a store: milliseconds, for they count what is curated and no reference table."""
    row = next(iter(rows(store.query(_FIGURES))))
    return Figures(*(int(count or 0) for count in row))
