"""`/sitemap.xml`: every page worth finding, with when it last had something new to say, for search engines.

A file of it is made when it is asked for, by as many lookups as it has addresses; that it is still the same follows
from the revision, without any. Source: https://www.sitemaps.org/protocol.html.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, abort, current_app, g, render_template

from coopkg import names
from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.rdf import NamedNode
from coopkg.store import QuadStore
from coopkg.view import TYPE
from coopkg.web import client, conditional, public, standin
from coopkg.web.site import described, docs, layout
from coopkg.web.site.citation import citation

blueprint = Blueprint("site-sitemap", __name__)

#: How many things a file has, each with an address a language: the protocol allows 50,000, which takes seconds to make.
PER_FILE = 2_000
_PAGES = "pages"
#: The parts of the sitemap that are things, and how the search index calls their kind.
_KINDS: Mapping[str, str] = {
    "actions": "action",
    "organisations": "organisation",
    "territories": "territory",
    "outcomes": "outcome",
    "lessons": "lesson",
    "sources": "source",
    "themes": "theme",
    "concepts": "concept",
}
_NAME = re.compile("([a-z]+)-([1-9][0-9]{0,5})")
#: Pages that say something new with each document, and those that do with each change.
_OF_DOCUMENTS = ("", "projects", "organisations", "territories", "outcomes", "lessons", "sources", "themes", "map")
_OF_CHANGES = ("catalog", "dumps/", "changes")
#: Pages that are others when the program is: nobody knows when.
_OF_THE_SITE = ("about", "quality", "api", "examples", "query", "validate", "shapes", "feed", "docs/")
_SAFE = "/-._~!$&'()*+,;=:@%"


@dataclass(frozen=True, slots=True)
class Place:
    """An address, and when what it gives was last another (ISO 8601); "" where nobody knows."""

    address: str
    modified: str = ""


@blueprint.get("/sitemap.xml")
def index() -> Response:
    """List the files of the sitemap."""
    return _answered("sitemap-index.xml", _files)


@blueprint.get("/sitemap-<name>.xml")
def part(name: str) -> Response:
    """List some pages, each in both languages: each of the two has an address of its own."""
    found = _NAME.fullmatch(name)
    if not found or int(found[2]) > _numbers().get(found[1], 0):
        abort(404)
    return _answered("sitemap.xml", lambda: _had(_pages()) if found[1] == _PAGES else _things(found[1], int(found[2])))


def _files() -> Iterator[Place]:
    changed = _graph().last_changed()
    for name, count in _numbers().items():
        modified = _latest(changed, names.SCHEMES_GRAPHS if name in ("themes", "concepts") else "")
        for number in range(1, count + 1):
            yield _place(f"sitemap-{name}-{number}.xml", modified)


def _numbers() -> dict[str, int]:
    """Return how many files each part of the sitemap has."""
    totals, _ = _index().totals()
    return {_PAGES: 1} | {name: -(-totals.get(kind, 0) // PER_FILE) for name, kind in _KINDS.items()}


def _pages() -> Iterator[Place]:
    changed = _graph().last_changed()
    told = max((time for graph, time in changed.items() if not _is_a_table(graph)), default="")
    yield from (_place(path, told) for path in _OF_DOCUMENTS)
    yield from (_place(path, _latest(changed)) for path in _OF_CHANGES)
    yield _place("ns", _latest(changed, names.ONTOLOGY_GRAPH))
    yield _place("scheme", _latest(changed, names.SCHEMES_GRAPHS))
    yield from (
        _place(graph[len(names.GRAPH) :].replace("schemes/", "scheme/"), time)
        for graph, time in sorted(changed.items())
        if graph.startswith(names.SCHEMES_GRAPHS)
    )
    yield from (_place(f"dataset/{name}", _latest(changed)) for name in described.NAMES)
    yield from (_place(path) for path in _OF_THE_SITE)
    yield from (_place(f"docs/{name}") for name in docs.texts())


def _had(places: Iterable[Place]) -> Iterator[Place]:
    """Yield the places that are here: a replica has not all of them."""
    return (place for place in places if standin.has(urlsplit(place.address).path))


def _things(name: str, number: int) -> Iterator[Place]:
    changed, store = _graph().last_changed(), layout.opened().store
    for iri in _index().stretch(_KINDS[name], (number - 1) * PER_FILE, PER_FILE):
        if iri.startswith(names.BASE):
            yield Place(_address(public.addresses().of(iri)), _said(store, iri, changed))


def _said(store: QuadStore, iri: str, changed: Mapping[str, str]) -> str:
    """Return when one of the graphs that say what a thing is was last changed."""
    stating = store.stating(NamedNode(iri), NamedNode(TYPE), None)
    return max((changed.get(getattr(quad.graph_name, "value", ""), "") for quad in stating), default="")


def _latest(changed: Mapping[str, str], graphs: str = "") -> str:
    """Return when a graph was last changed whose name begins in some way."""
    return max((time for graph, time in changed.items() if graph.startswith(graphs)), default="")


def _is_a_table(graph: str) -> bool:
    """Return whether a graph is one of lists and terms, not of what documents say."""
    return names.is_reference(graph) or graph.startswith((names.SCHEMES_GRAPHS, names.ONTOLOGY_GRAPH))


def _answered(template: str, read: Callable[[], Iterable[Place]]) -> Response:
    """Return a file of the sitemap; 304 before anything is read for it, while the revisions are the same."""
    layout.opened()
    state = f"{g.manifest.head} {_index().totals()[1]} {public.here()} {citation().version}"
    response = Response(content_type="application/xml; charset=utf-8")
    response.set_etag(hashlib.sha256(state.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"  # kept, and asked about each time: it changes with the revision
    conditional.given(response)
    if response.status_code == 200:
        response.set_data(render_template(template, places=read(), languages=client.LANGUAGES))
    return response


def _place(path: str, modified: str = "") -> Place:
    return Place(_address(public.addresses().at(path)), modified)


def _address(address: str) -> str:
    root = public.addresses().root
    return root + quote(address[len(root) :], safe=_SAFE)


def _graph() -> Graph:
    graph: Graph = current_app.config["GRAPH"]
    return graph


def _index() -> Index:
    found: Index = current_app.config["INDEX"]
    return found
