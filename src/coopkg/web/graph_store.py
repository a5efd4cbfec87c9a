"""What the Graph Store Protocol writes: a graph put, added to or removed, named by `graph=` or by its own address.

Its read operation is in `endpoint`. The views are registered only where an application was composed with a writer.
Source: SPARQL 1.1 Graph Store HTTP Protocol.
"""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import quote

from flask import Blueprint, Response, request

from coopkg.errors import InputError
from coopkg.negotiation import is_absolute_iri
from coopkg.tokens import Token
from coopkg.web import documents, endpoint, public, writes
from coopkg.web.fields import Fields
from coopkg.writing import Act, Writing

blueprint = Blueprint("graph_store", __name__)

_ACTS = {"PUT": Act.REPLACE, "POST": Act.MERGE, "DELETE": Act.DROP}


@blueprint.route("/graph-store", methods=list(_ACTS))
def write() -> Response:
    """Write the graph that `graph=` names, or the default one; a POST that names none makes a new graph."""
    fields, token = _admitted()
    named, defaults = fields.iris("graph"), fields.all("default")
    if len(named) + len(defaults) == 0 and request.method == "POST":
        iri = f"{public.here()}/{_new_name(token)}"
        return _written(iri, fields, token, iri)
    if len(named) + len(defaults) != 1 or any(defaults):
        raise InputError("give one graph: ?graph=IRI, or ?default")
    if defaults:
        return _written("", fields, token, f"{request.path}?default")
    return _written(named[0], fields, token, f"{request.path}?graph={quote(named[0], safe='')}")


@blueprint.route("/graph-store/<path:name>", methods=list(_ACTS))
def write_here(name: str) -> Response:
    """Write the graph that is named by the address of the request itself."""
    fields, token = _admitted()
    return _written(_here(fields), fields, token, public.here())


@blueprint.get("/graph-store/<path:name>")
def give_here(name: str) -> Response:
    """Give the graph that is named by the address of the request itself."""
    endpoint.note_revision()
    fields = Fields(request)
    return endpoint.graph(_here(fields), fields)


def _here(fields: Fields) -> str:
    if fields.all("graph", "default"):
        raise InputError("this address names a graph itself; leave graph= and default out, or write to /graph-store")
    if not is_absolute_iri(public.here()):
        raise InputError(f"{public.here()!r} is no IRI that can name a graph; give one by ?graph=")
    return public.here()


def _admitted() -> tuple[Fields, Token]:
    """Return the fields of a request to write, whose body is a document, and its token."""
    endpoint.note_revision()
    fields = Fields(request, reads_body=False)
    return fields, writes.admitted(fields)


def _written(graph: str, fields: Fields, token: Token, location: str) -> Response:
    act = _ACTS[request.method]
    content, media_type = (b"", "") if act is Act.DROP else documents.read(request, graph or public.here())
    writing = Writing(act, graph=graph, content=content, media_type=media_type)
    return writes.answer(writing, token, fields, location)


def _new_name(token: Token) -> str:
    """Return a name for a graph that has none; the same for a request that is repeated under its key."""
    key = writes.key_of(token)
    return hashlib.sha256(key.encode() if key else secrets.token_bytes()).hexdigest()[:16]
