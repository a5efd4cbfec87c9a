"""What changed, for people: `/changes` lists the revisions, `/feed` says how a program follows them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, g

from coopkg import content, names
from coopkg.graph import Graph
from coopkg.journal import Revision
from coopkg.view import Text, View
from coopkg.web.site import layout

blueprint = Blueprint("site-changes", __name__)

_PER_PAGE = 50
SOURCES = f"{names.BASE}id/source/"


@dataclass(frozen=True, slots=True)
class Change:
    """A revision as readers are told of it: the source document or the list that it is about, where it is one."""

    revision: Revision
    iri: str = ""
    title: Text | None = None


@blueprint.get("/changes")
def changes_page() -> Response:
    """Show the revisions, the last one first."""
    view = layout.opened()
    number = layout.page_number()
    revisions, total = _graph().revisions(_PER_PAGE, (number - 1) * _PER_PAGE)
    if not revisions:
        abort(404)
    told = [change(view, revision) for revision in revisions]
    return layout.page("changes.html", changes=told, total=total, number_=number, pages=-(-total // _PER_PAGE))


@blueprint.get("/feed")
def feed_page() -> Response:
    """Say how a program follows what changes."""
    layout.opened()
    return layout.page("feed.html", revision=g.manifest.revision)


def change(view: View, revision: Revision) -> Change:
    """Return a revision as readers are told of it."""
    graph = content.graph_of(revision.origin.path) if revision.origin else None
    iri = _about(graph.removeprefix(names.GRAPH)) if graph else ""
    return Change(revision, iri, view.label(iri)) if iri and view.exists(iri) else Change(revision)


def _about(graph: str) -> str:
    """Return what a graph is about, given its name below `graph/`."""
    if graph.startswith("schemes/"):
        return f"{names.BASE}scheme/{graph.removeprefix('schemes/')}"
    return names.COOP[:-1] if graph == "ontology" else f"{SOURCES}{graph}"


def _graph() -> Graph:
    graph: Graph = current_app.config["GRAPH"]
    return graph
