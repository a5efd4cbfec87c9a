"""What this site is, who answers for it, what it keeps of its readers: the pages that are about no thing of the graph.

Figures come from the settings in force and from the graph of licences; nothing of them is typed into a template.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, g

from coopkg import names
from coopkg.bench import MAX_BYTES, MAX_TRIPLES
from coopkg.rdf import NamedNode
from coopkg.settings import Settings
from coopkg.view import Text, View
from coopkg.web import public
from coopkg.web.imprint import Imprint
from coopkg.web.site import layout
from coopkg.web.site.citation import citation

blueprint = Blueprint("site-about", __name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a named graph, or the whole, is given.

    Args:
        graph: the IRI of the graph; the base IRI for the whole.
        licence: the IRI of the licence; "" when its terms are told in words alone.
        sources: where it was taken from.
    """

    graph: str
    title: Text
    licence: str
    licence_name: Text | None
    rights: Text | None
    sources: list[str]


@blueprint.get("/about")
def about() -> Response:
    """Say what this is, how a statement gets in, the limits, the terms, and how to cite it."""
    view = layout.opened()
    address = public.addresses().root if _imprint().is_whole else ""
    cited = citation()
    return layout.page(
        "about.html",
        manifest=g.manifest,
        settings=_settings(),
        document_limits={"bytes": MAX_BYTES, "triples": MAX_TRIPLES},
        terms=terms(view),
        cited=cited.text(view.lang, g.manifest.revision, address),
        bibtex=cited.bibtex(g.manifest.revision, address),
        imprint=_imprint(),
    )


@blueprint.get("/legal")
def legal() -> Response:
    """Say who publishes this site, who hosts it, and how to reach them; or that nobody publishes it."""
    return layout.page("legal.html", imprint=_imprint(), whole=layout.opened().text(names.BASE, _RIGHTS))


@blueprint.get("/privacy")
def privacy() -> Response:
    """Say what is kept of a reader, and how to ask that something be taken out."""
    return layout.page("privacy.html", imprint=_imprint(), settings=_settings())


@blueprint.get("/accessibility")
def accessibility() -> Response:
    """Say that nobody has audited the site, what is known not to work, and whom to tell."""
    return layout.page("accessibility.html", imprint=_imprint())


_LICENCE, _RIGHTS, _SOURCE = (f"{names.DCTERMS}{name}" for name in ("license", "rights", "source"))
_DATASET = "http://rdfs.org/ns/void#Dataset"


def terms(view: View) -> list[Terms]:
    """Return the terms of the whole, then of each graph that has terms of its own, in the order of their titles."""
    kind = NamedNode(f"{names.RDF}type")
    told = view.store.quads(names.LICENCES_GRAPH)
    graphs = {
        quad.subject.value
        for quad in told
        if quad.predicate == kind and quad.object == NamedNode(_DATASET) and isinstance(quad.subject, NamedNode)
    }
    ordered = sorted(view.sorted_by_label(graphs), key=lambda graph: graph != names.BASE)
    return [_terms(view, graph) for graph in ordered]


def _terms(view: View, graph: str) -> Terms:
    licence = view.iri(graph, _LICENCE)
    return Terms(
        graph,
        view.label(graph),
        licence,
        view.label(licence) if licence else None,
        view.text(graph, _RIGHTS),
        view.iris(graph, _SOURCE),
    )


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _imprint() -> Imprint:
    return Imprint.of(_settings())
