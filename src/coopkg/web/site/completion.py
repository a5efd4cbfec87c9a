"""What the editor offers while a query is typed: prefixes, classes, properties and the concepts of the schemes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from flask import Blueprint, Response, g

from coopkg import names
from coopkg.store import QuadStore
from coopkg.view import View
from coopkg.web import conditional
from coopkg.web.site import layout
from coopkg.web.site.kept import kept

blueprint = Blueprint("site-completion", __name__)

_DEFINITIONS = (f"{names.SKOS}definition", f"{names.DCTERMS}description")
_CONCEPT = f"{names.SKOS}Concept"
_IN_SCHEME = f"{names.SKOS}inScheme"
_KINDS = {
    f"{names.OWL}Class": "class",
    f"{names.OWL}ObjectProperty": "property",
    f"{names.OWL}DatatypeProperty": "property",
}
#: Terms of others that most queries need, and that our ontology uses without saying what they are called.
_BORROWED = {
    "org:Organization": ("class", "organisation", "organisation"),
    "igeo:Region": ("class", "région", "région"),
    "igeo:Departement": ("class", "département", "département"),
    "igeo:Commune": ("class", "commune", "municipality"),
    "igeo:codeINSEE": ("property", "code Insee d’un territoire", "Insee code of a territory"),
    "skos:prefLabel": ("property", "nom", "name"),
    "skos:altLabel": ("property", "autre nom", "other name"),
    "skos:broader": ("property", "notion plus large", "broader concept"),
    "dcterms:source": ("property", "document source", "source document"),
    "dcterms:title": ("property", "titre d’un document", "title of a document"),
    "dcterms:description": ("property", "description", "description"),
    "foaf:page": ("property", "page web", "web page"),
    "foaf:homepage": ("property", "site web", "website"),
    "geo:hasGeometry": ("property", "contour d’un territoire", "outline of a territory"),
    "geo:asWKT": ("property", "contour, en texte (WKT)", "outline, as text (WKT)"),
}
#: What a query calls: the search index, and functions on outlines.
_CALLED = {
    "coop:search": ("searching", "recherche dans l’index, après SERVICE", "search in the index, after SERVICE"),
    "search:query": ("searching", "mots cherchés", "words that are looked for"),
    "search:kind": ("searching", "classe de ce qui est cherché", "class of what is looked for"),
    "search:lang": ("searching", "langue des noms et des extraits", "language of names and excerpts"),
    "search:limit": ("searching", "combien de résultats au plus", "how many results at most"),
    "search:score": ("searching", "pertinence d’un résultat", "how well a result fits"),
    "search:label": ("searching", "nom d’un résultat", "name of a result"),
    "search:highlight": ("searching", "extrait d’un résultat", "excerpt of a result"),
    "geof:sfWithin": ("function", "un contour est dans un autre", "an outline is within another"),
    "geof:sfContains": ("function", "un contour en contient un autre", "an outline contains another"),
    "geof:sfIntersects": ("function", "deux contours ont un point commun", "two outlines share a point"),
    "geof:sfTouches": ("function", "deux contours ne partagent qu’un bord", "two outlines share an edge alone"),
    "geof:sfOverlaps": ("function", "deux contours se chevauchent", "two outlines overlap"),
    "geof:sfDisjoint": ("function", "deux contours n’ont rien en commun", "two outlines share nothing"),
    "geof:distance": ("function", "distance entre deux points", "distance between two points"),
    "geof:envelope": ("function", "rectangle autour d’un contour", "bounding box of an outline"),
    "geof:centroid": ("function", "centre d’un contour", "centre of an outline"),
}


@blueprint.get("/query/vocabulary.json")
def vocabulary() -> Response:
    """Give the prefixes, terms and concepts with their names in the reader's language."""
    view = layout.opened()
    digest = _digest({name: held.digest for name, held in g.manifest.graphs.items() if _is_vocabulary(name)})
    told = kept(view.store, (view.lang, "completion"), lambda: _told(View(_vocabulary(view.store), view.lang)))
    response = Response(told, mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = view.lang
    response.vary.add("Accept-Language")
    response.set_etag(f"{digest}-{view.lang}")
    conditional.given(response)
    return response


def _is_vocabulary(graph: str) -> bool:
    return graph == names.ONTOLOGY_GRAPH or graph.startswith(names.SCHEMES_GRAPHS)


def _digest(digests: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()[:32]


def _vocabulary(store: QuadStore) -> QuadStore:
    """Return the ontology and its schemes alone: thousands of statements, whatever else there is."""
    graphs = [graph for graph in store.graphs() if _is_vocabulary(graph)]
    return QuadStore.in_memory(quad for graph in graphs for quad in store.quads(graph))


def _told(view: View) -> str:
    told = {
        "prefixes": names.PREFIXES,
        "terms": [*_terms(view), *_borrowed(view.lang)],
        "concepts": list(_concepts(view)),
    }
    return json.dumps(told, ensure_ascii=False)


def _terms(view: View) -> Iterator[dict[str, str]]:
    for kind_iri, kind in _KINDS.items():
        found = view.subjects(f"{names.RDF}type", kind_iri)
        for iri in sorted(found, key=lambda iri: not iri.startswith(names.COOP)):  # our own first
            short = names.short(iri)
            if not short.startswith("<") and short not in _BORROWED:
                yield {"term": short, "kind": kind, **_said(view, iri)}


def _borrowed(lang: str) -> Iterator[dict[str, str]]:
    for short, (kind, french, english) in (_BORROWED | _CALLED).items():
        yield {"term": short, "kind": kind, "name": english if lang == "en" else french, "about": ""}


def _concepts(view: View) -> Iterator[dict[str, str]]:
    for iri in view.subjects(f"{names.RDF}type", _CONCEPT):
        scheme = view.iri(iri, _IN_SCHEME)
        yield {"term": f"<{iri}>", "scheme": view.label(scheme).value if scheme else "", **_said(view, iri)}


def _said(view: View, iri: str) -> dict[str, str]:
    about = next((text.value for predicate in _DEFINITIONS if (text := view.text(iri, predicate))), "")
    return {"name": view.label(iri).value, "about": about}
