"""The query operation of the SPARQL 1.1 Protocol, whoever carries it: what a request asks, what goes with its answer.

It knows Werkzeug's request and no application, so that the view and the door before Flask say the same.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from werkzeug.wrappers import Request

from coopkg.errors import CoopkgError, InputError
from coopkg.service import Answer, Client, QueryService
from coopkg.sparql import Question
from coopkg.web import coding, keeping, log, public, representation, searching
from coopkg.web.fields import Fields
from coopkg.web.searching import Config

_WISHES = ("format", "output", "results")
#: Their specifications fix the encoding, and strict parsers refuse a parameter.
_WITHOUT_CHARSET = ("application/sparql-results+json", "application/ld+json")


def asked(request: Request, fields: Fields, asking: Client, config: Config) -> tuple[Answer, list[tuple[str, str]]]:
    """Return the answer to the one query of a request, and the headers that tell its reader of the query.

    Args:
        asking: its client.
    Raises:
        CoopkgError: the request is not understood, or every refusal that comes before the first byte.
    """
    service: QueryService = config["SERVICE"]
    default_graphs, named_graphs = _dataset(fields)
    sent = Question(
        text=fields.query(config["QUERY_MAX_BYTES"]),
        accept=request.headers.get("Accept", ""),
        wishes=wishes(fields),
        default_graphs=default_graphs,
        named_graphs=named_graphs,
        base=public.address_of(request, config),
        revision=revision(fields),
        inferred=inferred(fields),
        rewrite=_rewrite(fields),
    )
    deadline_s = _deadline_s(fields, service.deadline_max_s)
    question, found = searching.searched(sent, asking, config)
    answer = service.ask(question, asking, deadline_s)
    return answer, searching.headers(sent.text, found, answer.revision, config)


def kept(fields: Fields, answer: Answer, body: bytes | None, environ: dict[str, Any]) -> list[tuple[str, str]]:
    """Let an answer be given again, where it may be, and return the headers that say how long it holds.

    Args:
        body: all of it, as it is sent; None where the answer is longer than what is held.
        environ: that of WSGI.
    """
    headers = [("Cache-Control", "no-cache")]  # kept, and asked about each time: it changes with the revision
    if keeping.may_be_kept("".join(fields.all("query"))):  # as it was sent: what it searched may lag behind
        if body is not None:
            headers.append(("ETag", f'"{representation.tag_of(body)}"'))
        keeping.let(environ, answer.generation)
    return headers


def coded(answer: Answer, accepted: str, entry: log.Entry) -> tuple[str, Iterable[bytes]]:
    """Return the coding of an answer ("" for none), and its pieces in it.

    Args:
        accepted: the Accept-Encoding header, "" when absent.
        entry: is told when the answer is refused half-way.
    """
    encoding, encode = coding.chosen(accepted)
    if answer.rest is None and len(answer.begin) <= coding.WORTH_BYTES and not coding.refuses_plain(accepted):
        return "", (answer.begin,)
    return encoding, encode(_whole(answer, entry))


def headers(answer: Answer, encoding: str) -> list[tuple[str, str]]:
    """Return what is said of an answer, its length aside."""
    charset = "" if answer.media_type in _WITHOUT_CHARSET else "; charset=utf-8"
    return [
        ("Content-Type", f"{answer.media_type}{charset}"),
        *([("Content-Encoding", encoding)] if encoding else ()),
        ("Coopkg-Revision", str(answer.revision)),
        ("Coopkg-Elapsed-Ms", f"{answer.elapsed_s * 1000:.1f}"),
        *([("Coopkg-Rewritten", ", ".join(answer.rewritten))] if answer.rewritten else ()),
        ("Vary", "Accept, Accept-Encoding"),
    ]


def drop(answer: Answer) -> None:
    """Let the rest of an answer go, and its worker with it."""
    if isinstance(answer.rest, Generator):
        answer.rest.close()


def wishes(fields: Fields) -> tuple[str, ...]:
    """Return the media types that a request wishes by a field."""
    return tuple(fields.all(*_WISHES))


def inferred(fields: Fields) -> bool:
    """Return whether what is inferred is asked, too: it is, unless the request says otherwise."""
    texts = fields.all("inference")
    if not texts:
        return True
    if fields.all("default-graph-uri", "named-graph-uri", "graph"):
        raise InputError("inference= chooses the default graph, and so do the graphs that are named; give one of them")
    if texts not in (["true"], ["false"]):
        raise InputError(f"inference={texts[0]!r}: give true, or false for asserted statements alone")
    return texts == ["true"]


def revision(fields: Fields) -> int | None:
    """Return the revision that must answer, so that pages by LIMIT and OFFSET never mix two; None is the current."""
    texts = fields.all("revision")
    if not texts:
        return None
    if not re.fullmatch("[0-9]{1,9}", texts[0]):
        raise InputError(f"revision={texts[0]!r}: give its number, as Coopkg-Revision says it")
    return int(texts[0])


def _rewrite(fields: Fields) -> bool:
    """Return whether the query may be rewritten: it may, unless the request says otherwise."""
    texts = fields.all("rewrite")
    if texts not in ([], ["true"], ["false"]):
        raise InputError(f"rewrite={', '.join(texts)!r}: give true once, or false to have the query asked as it is")
    return texts != ["false"]


def _dataset(fields: Fields) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Return default and named graphs of the protocol's parameters, which wins over FROM (section 2.1.4)."""
    default, named = fields.iris("default-graph-uri"), fields.iris("named-graph-uri")
    return (default, named) if default or named else (None, None)


def _deadline_s(fields: Fields, most_s: float) -> float | None:
    texts = fields.all("timeout")
    if not texts:
        return None
    try:
        seconds = float(texts[0])
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise InputError(f"timeout={texts[0]!r}: give seconds above 0, at most {most_s:g}")
    return seconds


def _whole(answer: Answer, entry: log.Entry) -> Iterator[bytes]:
    """Yield all pieces of an answer; a refusal half-way breaks the connection, and is told to the log."""
    yield answer.begin
    try:
        yield from answer.rest or ()
    except CoopkgError as fault:
        entry.error = fault.code
        raise
