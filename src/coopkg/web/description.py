"""The Service Description that a bare GET of the endpoint gives. No query is run.

Source: SPARQL 1.1 Service Description.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from flask import Response, current_app

from coopkg.addresses import Addresses
from coopkg.catalog import PREFIXES, Endpoint, service
from coopkg.rdf import Quad
from coopkg.web import public, representation


def answer() -> Response:
    """Return the description in the representation that the request likes best; a browser is led to the form."""
    media_type = representation.wanted()
    if media_type == representation.HTML:
        response = Response("the query form is at /\n", 303, {"Location": "/"}, mimetype="text/plain")
        response.vary.add("Accept")
        return response
    return representation.of_quads(_described(_endpoint(), public.addresses()), media_type, prefixes=PREFIXES)


def _endpoint() -> Endpoint:
    config = current_app.config
    store, manifest = config["GRAPH"].current()
    return Endpoint(manifest.revision, tuple(store.graphs()), config["LIMITS"], config["WRITER"] is not None)


@functools.lru_cache(maxsize=2)  # it grows with the number of named graphs
def _described(endpoint: Endpoint, site: Addresses) -> Sequence[Quad]:
    return service.described(endpoint, site)
