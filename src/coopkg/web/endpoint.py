"""`/sparql`: the query operation of the SPARQL 1.1 Protocol, and the Service Description; updates where they are taken.

A view parses the request, calls the service and renders. Limits and lanes are the service's.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Generator, Iterator
from typing import IO

from flask import Blueprint, Response, current_app, request

from coopkg.errors import CoopkgError, InputError
from coopkg.service import Answer, QueryService
from coopkg.sparql import Question
from coopkg.web import client, coding, description, log, public, update
from coopkg.web.fields import Fields

blueprint = Blueprint("endpoint", __name__)

_PIECE_BYTES = 1 << 16
_WISHES = ("format", "output", "results")
#: Their specifications fix the encoding, and strict parsers refuse a parameter.
_WITHOUT_CHARSET = ("application/sparql-results+json", "application/ld+json")


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def query() -> Response:
    """Answer a query given in the URL, in a form or as the body; without any, describe the service."""
    note_revision()
    takes_updates = current_app.config["WRITER"] is not None
    fields = Fields(request, takes_updates=takes_updates)
    if takes_updates and "update" in fields.names():
        log.entry().is_write = True
        return update.answer(fields)
    if request.method in ("GET", "HEAD") and not fields.names():
        return description.answer()
    service: QueryService = current_app.config["SERVICE"]
    default_graphs, named_graphs = _dataset(fields)
    question = Question(
        text=fields.query(current_app.config["QUERY_MAX_BYTES"]),
        accept=request.headers.get("Accept", ""),
        wishes=tuple(fields.all(*_WISHES)),
        default_graphs=default_graphs,
        named_graphs=named_graphs,
        base=public.here(),
        revision=_revision(fields),
        inferred=_inferred(fields),
    )
    answer = service.ask(question, client.asking(), _deadline_s(fields, service))
    response = rendered(answer)
    if hint := current_app.config["HINTS"].about(question.text):
        response.headers["Coopkg-Warning"] = hint
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
        wishes=tuple(fields.all(*_WISHES)),
        revision=_revision(fields),
        inferred=_inferred(fields),
    )
    answer = service.ask(question, client.asking(), service.deadline_max_s)
    response = rendered(answer)
    response.headers["ETag"] = f'"{answer.revision}"'
    return response


def rendered(answer: Answer) -> Response:
    """Return an answer as a response: whole with its length, or as it comes."""
    codings = request.headers.get("Accept-Encoding", "")
    encoding, encode = coding.chosen(codings)
    if answer.rest is None and len(answer.begin) <= coding.WORTH_BYTES and not coding.refuses_plain(codings):
        encoding, encode = "", iter
    pieces = encode(_whole(answer, log.entry()))
    if answer.rest is None:
        response = Response(b"".join(pieces))
    elif request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        response = _spooled(pieces)
    else:
        response = Response(pieces)
    charset = "" if answer.media_type in _WITHOUT_CHARSET else "; charset=utf-8"
    response.content_type = f"{answer.media_type}{charset}"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Coopkg-Revision"] = str(answer.revision)
    response.headers["Coopkg-Elapsed-Ms"] = f"{answer.elapsed_s * 1000:.1f}"
    response.vary.update(("Accept", "Accept-Encoding"))
    response.call_on_close(lambda: _drop(answer))
    return response


def _whole(answer: Answer, entry: log.Entry) -> Iterator[bytes]:
    """Yield all pieces of an answer; a refusal half-way breaks the connection, and is told to the log."""
    yield answer.begin
    try:
        yield from answer.rest or ()
    except CoopkgError as fault:
        entry.error = fault.code
        raise


def _spooled(pieces: Iterator[bytes]) -> Response:
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


def _drop(answer: Answer) -> None:
    """Let the rest of an answer go, and its worker with it."""
    if isinstance(answer.rest, Generator):
        answer.rest.close()


def _dataset(fields: Fields) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Return default and named graphs of the protocol's parameters, which wins over FROM (section 2.1.4)."""
    default, named = fields.iris("default-graph-uri"), fields.iris("named-graph-uri")
    return (default, named) if default or named else (None, None)


def _inferred(fields: Fields) -> bool:
    """Return whether what is inferred is asked, too: it is, unless the request says otherwise."""
    texts = fields.all("inference")
    if not texts:
        return True
    if fields.all("default-graph-uri", "named-graph-uri", "graph"):
        raise InputError("inference= chooses the default graph, and so do the graphs that are named; give one of them")
    if texts not in (["true"], ["false"]):
        raise InputError(f"inference={texts[0]!r}: give true, or false for asserted statements alone")
    return texts == ["true"]


def _deadline_s(fields: Fields, service: QueryService) -> float | None:
    texts = fields.all("timeout")
    if not texts:
        return None
    try:
        seconds = float(texts[0])
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise InputError(f"timeout={texts[0]!r}: give seconds above 0, at most {service.deadline_max_s:g}")
    return seconds


def note_revision() -> None:
    """Note which revision is published, for the headers of every answer, refusals included."""
    log.entry().revision = str(current_app.config["GRAPH"].location()[1])


def _revision(fields: Fields) -> int | None:
    """Return the revision that must answer, so that pages by LIMIT and OFFSET never mix two; None is the current."""
    texts = fields.all("revision")
    if not texts:
        return None
    if not re.fullmatch("[0-9]{1,9}", texts[0]):
        raise InputError(f"revision={texts[0]!r}: give its number, as Coopkg-Revision says it")
    return int(texts[0])
