"""The Service Description that a bare GET of the endpoint gives. No query is run.

Source: SPARQL 1.1 Service Description.
"""

from __future__ import annotations

from flask import Response, current_app

from coopkg.catalog import PREFIXES, service
from coopkg.web import public, representation


def answer() -> Response:
    """Return the description in the representation that the request likes best; a browser is led to the form."""
    media_type = representation.wanted()
    if media_type == representation.HTML:
        response = Response("the query form is at /\n", 303, {"Location": "/"}, mimetype="text/plain")
        response.vary.add("Accept")
        return response
    return representation.of_quads(service.described(_endpoint(), public.addresses()), media_type, prefixes=PREFIXES)


def _endpoint() -> service.Endpoint:
    config = current_app.config
    store, manifest = config["GRAPH"].current()
    return service.Endpoint(manifest.revision, store.graphs(), config["LIMITS"], config["WRITER"] is not None)
