"""`/sparql`: the query operation of the SPARQL 1.1 Protocol.

A view parses the request, calls one function and renders. The rest of the protocol (datasets, Service Description,
Graph Store reads, limits) comes with the next version, in this module.
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, current_app, request

from coopkg import negotiation, sparql
from coopkg.errors import InputError
from coopkg.graph import Graph
from coopkg.web.fields import Fields

blueprint = Blueprint("endpoint", __name__)

_WISHES = ("format", "output", "results")
_DATASET = ("default-graph-uri", "named-graph-uri")
#: Their specifications fix the encoding, and strict parsers refuse a parameter.
_WITHOUT_CHARSET = ("application/sparql-results+json", "application/ld+json")


@blueprint.route("/sparql", methods=["GET", "POST"])
def query() -> Response:
    """Answer a query given in the URL, in a form or as the body."""
    graph: Graph = current_app.config["GRAPH"]
    fields = Fields(request)
    if any(fields.all(*_DATASET)):
        raise InputError(f"{' and '.join(_DATASET)} are not offered yet; name the graphs in the query, with GRAPH")
    text = fields.query(current_app.config["QUERY_MAX_BYTES"])
    choose = partial(negotiation.choose, request.headers.get("Accept", ""), fields.all(*_WISHES))
    store, manifest = graph.current()
    answer = sparql.answer(store, text, choose)
    response = Response(answer.body, mimetype=answer.media_type)
    charset = "" if answer.media_type in _WITHOUT_CHARSET else "; charset=utf-8"
    response.content_type = f"{answer.media_type}{charset}"
    response.headers["Coopkg-Revision"] = str(manifest.revision)
    response.vary.add("Accept")
    return response
