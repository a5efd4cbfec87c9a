"""The home page: what this is, today's figures, the map, the latest changes, ways in."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, g, request

from coopkg import content, names
from coopkg.errors import Refused
from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.journal import Revision
from coopkg.store import QuadStore, rows
from coopkg.view import Text, View
from coopkg.web.site import atlas, drawings, layout
from coopkg.web.site.kept import kept

blueprint = Blueprint("site-home", __name__)

_LATEST, _LATEST_AMONG = 5, 200
_SOURCES = f"{names.BASE}id/source/"
#: What the home page counts: where a reader finds them, and the query that gives the figure.
_COUNTED = {
    "projects": ("/projects", "SELECT (COUNT(DISTINCT ?project) AS ?projects) WHERE { ?project a coop:Project }"),
    "organisations": (
        "/organisations",
        "SELECT (COUNT(DISTINCT ?actor) AS ?actors) WHERE { ?actor a org:Organization }",
    ),
    "sources": ("/sources", "SELECT (COUNT(DISTINCT ?source) AS ?sources) WHERE { ?source a coop:SourceDocument }"),
    "territories": (
        "/territories",
        "SELECT (COUNT(DISTINCT ?territory) AS ?territories) WHERE { ?action coop:coversTerritory ?territory }",
    ),
}

#: The queries that give what the manifest counts.
_STATEMENTS = {
    "asserted": "SELECT (COUNT(*) AS ?statements) WHERE { GRAPH ?graph { ?s ?p ?o } "
    f"FILTER(?graph != <{names.INFERRED_GRAPH}>) }}",
    "inferred": f"SELECT (COUNT(*) AS ?statements) WHERE {{ GRAPH <{names.INFERRED_GRAPH}> {{ ?s ?p ?o }} }}",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the home page, with the address of what is counted and the query that counts it."""

    name: str
    count: int
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Change:
    """A revision as readers are told of it: the source document or the list that it is about, where it is one."""

    revision: Revision
    iri: str = ""
    title: Text | None = None


@blueprint.get("/")
def home() -> Response:
    """Show what this is and what is in it today; an address that once ran a query here leads to the query page."""
    if "query" in request.args:
        return Response(status=308, headers={"Location": f"/query?{request.query_string.decode('latin-1')}"})
    view = layout.opened()
    graph: Graph = current_app.config["GRAPH"]
    latest, _ = graph.revisions(_LATEST_AMONG)
    if _is_indexed():
        layout.keep()
    return layout.page(
        "home.html",
        manifest=g.manifest,
        statements=_STATEMENTS,
        published=graph.published_at(),
        figures=_figures(view.store),
        changes=_latest(view, latest),
        drawing=_map(view),
    )


def _is_indexed() -> bool:
    """Return whether the search index has come to the revision that is shown; until then the map is of an older one."""
    index: Index = current_app.config["INDEX"]
    return index.is_of(g.manifest.revision)


def _map(view: View) -> drawings.MapDrawing | None:
    """Return the map of projects by région; None in the first seconds of a server, before they are indexed."""
    try:
        counts = atlas.counted(view, "region")
    except Refused:
        return None
    return drawings.map_drawing(view, "region", counts.by_territory, atlas.link_of("region"))


def _figures(store: QuadStore) -> list[Figure]:
    """Return the figures of a store; they are counted once for each."""
    return kept(
        store,
        "figures",
        lambda: [Figure(name, _count(store, query), path, query) for name, (path, query) in _COUNTED.items()],
    )


def _count(store: QuadStore, query: str) -> int:
    return int(rows(store.query(query))[0][0] or 0)


def _latest(view: View, revisions: list[Revision]) -> list[Change]:
    """Return the last changes of source documents; a first build also brings tables and lists, which say less."""
    all_told = (told(view, revision) for revision in revisions)
    return list(itertools.islice((one for one in all_told if one.iri.startswith(_SOURCES)), _LATEST))


def told(view: View, revision: Revision) -> Change:
    """Return a revision as readers are told of it."""
    graph = content.graph_of(revision.origin.path) if revision.origin else None
    iri = _about(graph.removeprefix(names.GRAPH)) if graph else ""
    if iri and view.exists(iri):
        return Change(revision, iri, view.label(iri))
    return Change(revision, title=view.label(graph)) if graph and view.exists(graph) else Change(revision)


def _about(graph: str) -> str:
    """Return what a graph is about, given its name below `graph/`."""
    if graph.startswith("schemes/"):
        return f"{names.BASE}scheme/{graph.removeprefix('schemes/')}"
    return names.COOP[:-1] if graph == "ontology" else f"{_SOURCES}{graph}"
