"""One query over HTTP, timed from the first byte sent to the last one read, and what its answer comes to."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import time
import urllib.parse
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from tests.benchmarks.servers.running import HOST
from tests.benchmarks.servers.server import LIMIT_S, Endpoint

from coopkg import names
from coopkg.errors import CoopkgError
from coopkg.rdf import RdfFormat, parse_quads

JSON = "application/sparql-results+json"
#: N-Triples, or what else a server has.
GRAPHS = "application/n-triples, text/turtle;q=0.5, application/rdf+xml;q=0.5"
_NUMBERS = frozenset(f"{names.XSD}{name}" for name in ("integer", "decimal", "double", "float", "int", "long"))
_STRING = f"{names.XSD}string"
#: A client may wait a moment longer than a server works, so that the server can say that it stopped.
_GRACE_S = 1
#: A refusal that comes so late says that the query was stopped.
_STOPPED_S = 0.95 * LIMIT_S


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one query.

    Args:
        ms: until the last byte; None when it took too long or was refused.
        rows: how many rows or triples.
        digest: of the multiset of rows, whatever their order and spelling.
        fault: why there is no answer; "" when there is one.
        was_left: whether the server still works at it, for all that is known.
    """

    ms: float | None
    rows: int = 0
    digest: str = ""
    fault: str = ""
    was_left: bool = False


TOO_LONG = f"more than {LIMIT_S} s"


class Client:
    """A connection that stays open while the server lets it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, query: str) -> Asked:
        """Return what comes of a query; each is new to a cache, and ours is told to use none besides."""
        body = form(query, self._endpoint)
        headers = headers_for(query) | {"Cache-Control": "no-cache"}
        self._connect()
        began = time.perf_counter()
        try:
            status, media_type, answer = self._exchange(body, headers)
        except TimeoutError:
            self.close()
            return Asked(None, fault=TOO_LONG, was_left=True)
        except (OSError, http.client.HTTPException) as fault:
            self.close()
            return Asked(None, fault=f"no answer: {fault!r}")
        took_s = time.perf_counter() - began
        if took_s > LIMIT_S or (status != 200 and took_s > _STOPPED_S):
            return Asked(None, fault=TOO_LONG)
        if status != 200:
            return Asked(None, fault=f"{status}: {answer[:120].decode(errors='replace')}")
        return summed_up(took_s, answer, media_type)

    def close(self) -> None:
        """Let the connection go."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _connect(self) -> None:
        """Connect beforehand: what is timed is the query."""
        if self._connection is None or self._connection.sock is None:
            self._connection = http.client.HTTPConnection(HOST, self._endpoint.port, timeout=LIMIT_S + _GRACE_S)
            with suppress(OSError):  # said when it is asked
                self._connection.connect()
                self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _exchange(self, body: str, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        assert self._connection is not None
        self._connection.request("POST", self._endpoint.path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read()


def form(query: str, endpoint: Endpoint) -> str:
    """Return a query as the form that every server reads."""
    said = urllib.parse.urlencode({"query": query})
    return f"{said}&{endpoint.fields}" if endpoint.fields else said


def headers_for(query: str) -> dict[str, str]:
    """Return the headers of a query: rows are wanted in JSON, graphs in N-Triples."""
    is_graph = "\nCONSTRUCT" in f"\n{query}" or "\nDESCRIBE" in f"\n{query}"
    return {"Content-Type": "application/x-www-form-urlencoded", "Accept": GRAPHS if is_graph else JSON}


def summed_up(took_s: float, answer: bytes, media_type: str) -> Asked:
    """Return how much there was, and a digest of it; an answer that cannot be read is a fault."""
    form = RdfFormat.from_media_type(media_type)
    if b"<rdf:RDF" in answer[:200]:
        form = RdfFormat.RDF_XML  # rdflib-endpoint 0.6.3 says that what DESCRIBE gives is a table
    try:
        rows = _triples(answer, form) if form else _rows(json.loads(answer))
    except (ValueError, KeyError, TypeError, CoopkgError) as fault:
        return Asked(None, fault=f"the answer cannot be read: {fault!r}"[:120])
    return Asked(1000 * took_s, len(rows), _digest(rows))


def _digest(rows: Iterable[str]) -> str:
    total = hashlib.sha256()
    for row in sorted(rows):
        total.update(row.encode() + b"\n")
    return total.hexdigest()[:16]


def _triples(answer: bytes, form: RdfFormat) -> list[str]:
    return list({str(quad.triple) for quad in parse_quads(answer, form, "the answer")})


def _rows(results: Mapping[str, object]) -> list[str]:
    bindings = results["results"]["bindings"]  # type: ignore[index]  # a KeyError or TypeError is met by the caller
    return [json.dumps([[name, *_term(row[name])] for name in sorted(row)]) for row in bindings]


def _term(term: Mapping[str, str]) -> tuple[str, ...]:
    """Return a term so that two spellings of one value are equal: servers write numbers and strings their own way."""
    value, datatype = term["value"], term.get("datatype", "")
    if term["type"] in ("uri", "bnode"):
        return (term["type"], value if term["type"] == "uri" else "")
    if datatype in _NUMBERS:
        with suppress(InvalidOperation):
            return ("number", str(Decimal(value).normalize()))
    return ("literal", value, term.get("xml:lang", "").lower(), "" if datatype == _STRING else datatype)
