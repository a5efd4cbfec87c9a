"""A document in the form that is wanted: a page for readers, or RDF; and what its links say of the other forms.

The one place where `/doc/...`, `/ns`, `/scheme...` and `/shapes` choose between the two. Sources: RFC 8288 (links),
RFC 6596 (canonical), RFC 6892 (describes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, g, request

from coopkg import description, jsonld, names
from coopkg.jsonld import Context
from coopkg.rdf import Quad, Triple
from coopkg.store import GRAPH_FORMATS, QuadStore
from coopkg.view import View
from coopkg.web import problems, public, representation
from coopkg.web.site import layout, refusals
from coopkg.web.site.kept import kept

blueprint = Blueprint("site-forms", __name__)

#: The endings of addresses, as a rule of Flask.
ENDING = f"<any({', '.join(representation.ENDINGS)}):ending>"
CONTEXT = "/context.jsonld"
_SAFE = "/-._~!$&'()*+,;=:@%"
#: The forms by the name under which a page offers them.
_NAMED = {"ttl": "Turtle", "jsonld": "JSON-LD", "rdf": "RDF/XML", "nt": "N-Triples"}


@dataclass(frozen=True, slots=True)
class Form:
    """A form that a page leads to: its name, its address on this site, its media type."""

    name: str
    address: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Document:
    """What has several forms.

    Args:
        path: of its address without an ending, not percent-encoded.
        iri: what it describes.
        graphs: the named graphs that it is taken from; whose terms hold for it.
        page: makes the page for readers; None where there is none.
        quads: makes the statements.
        query: what distinguishes this page of its statements from others.
    """

    path: str
    iri: str
    graphs: Sequence[str]
    page: Callable[[], Response] | None
    quads: Callable[[], Iterable[Quad]]
    query: str = ""


@blueprint.get(CONTEXT)
def context() -> Response:
    """Give the context of our JSON-LD."""
    found = _context(layout.opened().store)
    return representation.of_bytes(jsonld.of_context(found), representation.JSONLD, modified=layout.modified_at())


def answer(document: Document, ending: str = "") -> Response:
    """Return a document in the form that its address or else the request names.

    Raises:
        NotAcceptable: none that is on offer.
    """
    view = layout.opened()
    offers = representation.OFFERS if document.page else tuple(GRAPH_FORMATS)
    form = representation.wanted(ending, offers)
    if document.page and form == representation.HTML:
        response, own = document.page(), canonical(document.path)
    else:
        own = public.addresses().at(quote(document.path, safe=_SAFE)) + document.query
        response = _of_quads(view, document.quads(), form)
    if response.status_code in (200, 304):
        response.headers["Link"] = ", ".join(_links(view.store, document, own))
    response.vary.add("Accept")
    return response


def thing(iri: str, path: str, page: Callable[[], Response], ending: str = "") -> Response:
    """Return what is said of a thing in the form that is wanted: as RDF a page at a time.

    Raises:
        InputError: `page` is no number of a page.
        NotAcceptable: no form that is on offer is wanted.
    """
    view = layout.opened()
    if representation.wanted(ending) == representation.HTML:
        return answer(Document(path, iri, description.stating(view.store, iri), page, tuple), ending)
    number = layout.page_number()
    told = description.of(view.store, iri, number)
    if told is None:
        return _refused(404, f"page={number}: what is said of <{iri}> ends before; begin with page=1")
    address = public.addresses().at(quote(path, safe=_SAFE))
    own = told.document(address, description.licences(view.store, told.graphs), f".{ending}" if ending else "")
    query = f"?page={number}" if number > 1 else ""
    return answer(Document(path, iri, told.graphs, page, lambda: [*own, *told.quads()], query), ending)


def absent(status: int, sentence: str, page: Callable[[], Response], ending: str = "") -> Response:
    """Say that there is nothing here (404) or nothing any more (410): a page for readers, a sentence for programs."""
    if not refusals.is_for_people(ending):
        return _refused(status, sentence)
    response = page()
    response.vary.add("Accept")
    return response


def canonical(path: str) -> str:
    """Return the one address of a page in the reader's language, whatever else the request says."""
    return public.addresses().at(layout.href(quote(path, safe=_SAFE), page=request.args.get("page")))


def offered(path: str) -> list[Form]:
    """Return the forms of RDF in which what stands at a path is had."""
    whole = quote(path, safe=_SAFE)
    return [Form(name, f"{whole}.{ending}", representation.ENDINGS[ending]) for ending, name in _NAMED.items()]


def ordered(triples: Iterable[Triple]) -> list[Quad]:
    """Return statements in an order that stays, each once."""
    return [Quad(*triple) for triple in sorted(set(triples), key=str)]


def _refused(status: int, sentence: str) -> Response:
    return problems.answer("gone" if status == 410 else "not-found", status, sentence)


def _of_quads(view: View, quads: Iterable[Quad], form: str) -> Response:
    if form == representation.JSONLD:
        body = jsonld.with_context(quads, _context(view.store), public.addresses().at(CONTEXT))
        response = representation.of_bytes(body, form, modified=layout.modified_at())
    else:
        response = representation.of_quads(quads, form, prefixes=jsonld.PREFIXES, modified=layout.modified_at())
    response.headers["Coopkg-Revision"] = str(g.manifest.revision)
    return response


def _context(store: QuadStore) -> Context:
    return kept(store, "context", lambda: jsonld.context(store.quads(names.ONTOLOGY_GRAPH)))


def _links(store: QuadStore, document: Document, own: str) -> list[str]:
    """Return the values of Link: this document, what it describes, its other forms, its terms, what it is part of."""
    site, path = public.addresses(), quote(document.path, safe=_SAFE)
    link = representation.link
    page = [("html", representation.HTML)] if document.page else []
    forms = [*((ending, representation.ENDINGS[ending]) for ending in _NAMED), *page]
    return [
        link(own, "canonical"),
        link(document.iri, "describes"),
        *(link(site.at(f"{path}.{ending}"), "alternate", type=media_type) for ending, media_type in forms),
        link(site.at(".well-known/void"), "describedby"),
        *(link(licence, "license") for licence in description.licences(store, document.graphs)),
    ]
