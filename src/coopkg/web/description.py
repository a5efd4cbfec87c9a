"""The Service Description that a bare GET of the endpoint gives. Static but for the graphs: no query is run.

Source: SPARQL 1.1 Service Description.
"""

from __future__ import annotations

from flask import Response, current_app, request

from coopkg import names, negotiation, rdf
from coopkg.graph import Graph
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import GRAPH_FORMATS
from coopkg.web import public

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "JSON-LD",
    "RDF_XML",
)
_HTML = "text/html"


def answer() -> Response:
    """Return the description in the representation that the request likes best; a browser is led to the form."""
    offers = (*GRAPH_FORMATS, _HTML)
    media_type = negotiation.choose(request.headers.get("Accept", ""), (), offers)
    if media_type == _HTML:
        response = Response("the query form is at /\n", 303, {"Location": "/"}, mimetype="text/plain")
    else:
        config = current_app.config
        takes_updates = config["WRITER"] is not None
        quads = described(public.addresses().endpoint, config["GRAPH"], config["LIMITS"], takes_updates)
        response = Response(rdf.to_bytes(quads, GRAPH_FORMATS[media_type]))
        response.content_type = media_type if media_type == "application/ld+json" else f"{media_type}; charset=utf-8"
    response.vary.add("Accept")
    return response


def described(endpoint: str, graph: Graph, limits: str, takes_updates: bool) -> list[Quad]:
    """Return the description of the service at an address."""
    store, manifest = graph.current()
    service, dataset = NamedNode(endpoint), NamedNode(f"{endpoint}#dataset")
    default, kind = NamedNode(f"{endpoint}#default"), NamedNode(f"{names.RDF}type")
    dcterms = names.PREFIXES["dcterms"]

    def sd(name: str) -> NamedNode:
        return NamedNode(_SD + name)

    triples: list[tuple[NamedNode, NamedNode, NamedNode | Literal]] = [
        (service, kind, sd("Service")),
        (service, sd("endpoint"), service),
        (service, sd("supportedLanguage"), sd("SPARQL11Query")),
        *([(service, sd("supportedLanguage"), sd("SPARQL11Update"))] if takes_updates else ()),
        (service, sd("feature"), sd("UnionDefaultGraph")),
        (service, sd("defaultDataset"), dataset),
        (service, NamedNode(f"{dcterms}description"), Literal(limits, language="en")),
        *((service, sd("resultFormat"), NamedNode(_FORMATS + name)) for name in _RESULT_FORMATS),
        (dataset, kind, sd("Dataset")),
        (dataset, sd("defaultGraph"), default),
        (dataset, NamedNode(f"{dcterms}identifier"), Literal(str(manifest.revision))),
        (default, kind, sd("Graph")),
    ]
    for iri in store.graphs():
        entry = NamedNode(f"{endpoint}#{iri.removeprefix(names.GRAPH).replace('/', '-')}")
        triples += [
            (dataset, sd("namedGraph"), entry),
            (entry, kind, sd("NamedGraph")),
            (entry, sd("name"), NamedNode(iri)),
        ]
    return [Quad(*triple) for triple in triples]
