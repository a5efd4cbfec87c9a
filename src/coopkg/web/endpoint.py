"""`/sparql`: the query operation of the SPARQL 1.1 Protocol, and the Service Description; updates where they are taken.

A view parses the request, calls the service and renders. Limits and lanes are the service's.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable
from typing import IO

from flask import Blueprint, Response, current_app, request

from coopkg.errors import InputError
from coopkg.service import Answer, QueryService
from coopkg.sparql import Question
from coopkg.web import client, description, log, operation, update
from coopkg.web.fields import Fields

blueprint = Blueprint("endpoint", __name__)

_PIECE_BYTES = 1 << 16


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def query() -> Response:
    """Answer a query given in the URL, in a form or as the body; without any, describe the service."""
    note_revision()
    if "coopkg.refused" in request.environ:  # at the door, before Flask; here it becomes an answer
        raise request.environ.pop("coopkg.refused")  # its traceback holds the environment: none is left in a circle
    takes_updates = current_app.config["WRITER"] is not None
    fields = Fields(request, takes_updates=takes_updates)
    if takes_updates and "update" in fields.names():
        log.entry().is_write = True
        return update.answer(fields)
    if request.method in ("GET", "HEAD") and not fields.names():
        return description.answer()
    answer, beside = operation.asked(request, fields, client.asking(), current_app.config)
    response = rendered(answer)
    body = response.get_data() if answer.rest is None else None
    response.headers.extend(beside + operation.kept(fields, answer, body, request.environ))
    return response


@blueprint.get("/graph-store")
def graph_store() -> Response:
    """Give a named graph, or the default one, whole: the read operation of the Graph Store Protocol."""
    note_revision()
    fields = Fields(request)
    named, defaults = fields.iris("graph"), fields.all("default")
    if len(named) + len(defaults) != 1 or any(defaults):
        raise InputError("give one graph: ?graph=IRI, or ?default")
    return graph("".join(named), fields)


def graph(iri: str, fields: Fields) -> Response:
    """Return a named graph whole, or the default one where the IRI is ""; its entity tag is the revision."""
    pattern = "?s ?p ?o"
    if iri:
        current_app.config["GRAPH"].refuse_unknown(iri)
        pattern = f"GRAPH <{iri}> {{ ?s ?p ?o }}"  # in the text, so that one slow graph is not taken for another
    service: QueryService = current_app.config["SERVICE"]
    question = Question(
        text=f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}",
        accept=request.headers.get("Accept", ""),
        wishes=operation.wishes(fields),
        revision=operation.revision(fields),
        inferred=operation.inferred(fields),
    )
    answer = service.ask(question, client.asking(), service.deadline_max_s)
    response = rendered(answer)
    response.headers["ETag"] = f'"{answer.revision}"'
    return response


def rendered(answer: Answer) -> Response:
    """Return an answer as a response: whole with its length, or as it comes."""
    encoding, pieces = operation.coded(answer, request.headers.get("Accept-Encoding", ""), log.entry())
    if answer.rest is None:
        response = Response(b"".join(pieces))
    elif request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        response = _spooled(pieces)
    else:
        response = Response(pieces)
    response.headers.update(operation.headers(answer, encoding))
    response.call_on_close(lambda: operation.drop(answer))
    return response


def _spooled(pieces: Iterable[bytes]) -> Response:
    """Return a response from a file, with its length: HTTP/1.0 knows no chunks, and could not tell a cut answer."""
    with contextlib.ExitStack() as keeping:
        body: IO[bytes] = keeping.enter_context(tempfile.TemporaryFile())
        for piece in pieces:
            body.write(piece)
        length = body.tell()
        body.seek(0)
        response = Response(iter(lambda: body.read(_PIECE_BYTES), b""), headers={"Content-Length": str(length)})
        response.call_on_close(keeping.pop_all().close)
    return response


def note_revision() -> None:
    """Note which revision is published, for the headers of every answer, refusals included."""
    log.entry().revision = str(current_app.config["GRAPH"].location()[1])
