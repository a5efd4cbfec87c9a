"""What a worker process does: answer one question after another over its connection, until it is killed or left."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import IO, TYPE_CHECKING, Any

from coopkg import sparql, wire
from coopkg.census import Census
from coopkg.errors import AnswerTooLarge, CoopkgError, InputError
from coopkg.evaluation import evaluated
from coopkg.rdf import DOCUMENT_FORMATS, NamedNode, Quad, RdfFormat, parse_quads, serialize, skolemised, to_patch
from coopkg.refusal import told
from coopkg.reports import rendered
from coopkg.sparql import Question
from coopkg.store import QuadStore
from coopkg.update import Update

if TYPE_CHECKING:
    from coopkg.bench import Benches  # whoever keeps one has loaded it; queries need none

#: In what the effect of an update is told.
PATCH_TYPE = "application/rdf-patch"
_PIECE_BYTES = 1 << 16
Judging = Callable[[], "Benches"]


@dataclass(frozen=True, slots=True)
class Document:
    """RDF from a stranger, to be parsed where it can do no harm; the answer is its N-Quads.

    Args:
        content: the bytes, in UTF-8.
        media_type: one of `coopkg.rdf.DOCUMENT_FORMATS`.
        base: IRI that relative IRIs are resolved against; None refuses them.
        shown: how messages name it.
        graph: IRI of the graph that it is for: all statements come into it, and its blank nodes get names; "" leaves
            both as they are.
        revision: None; any worker can do it.
    """

    content: bytes
    media_type: str
    base: str | None = None
    shown: str = "the document"
    graph: str = ""
    revision: None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A document that somebody wants judged on top of the published graph; nothing of it is kept.

    Args:
        content: the bytes, in UTF-8.
        media_type: one of `coopkg.rdf.DOCUMENT_FORMATS`.
        against: one of `coopkg.bench.AGAINST`.
        graph: IRI of the source document's graph that it replaces; "" where it says that itself.
        report_type: one of `coopkg.reports.MEDIA_TYPES`.
        lang: of a report as text.
        revision: None; the current one is what it is judged on.
    """

    content: bytes
    media_type: str
    against: str
    graph: str
    report_type: str
    lang: str
    revision: None = None


Asked = Question | Document | Submission | Update
_KINDS: dict[bytes, type[Asked]] = {b"Q": Question, b"P": Document, b"V": Submission, b"U": Update}
_WITH_CONTENT = (b"P", b"V")
_SAID = {
    form: (kind, tuple(one.name for one in fields(form) if one.name != "content")) for kind, form in _KINDS.items()
}


def answer_questions(
    connection: socket.socket,
    graph: QuadStore,
    max_bytes: int,
    judging: Judging,
    census: Census | None = None,
    *,
    is_private: bool = False,
) -> bool:
    """Answer until the other side goes, a submission was judged, which lies on the bench for good, or this is slow.

    Return whether it is: whether this thread was given a lower priority meanwhile. It cannot take it off again, but
    another thread of this process, begun by one that has it not, can go on.

    Args:
        max_bytes: longest answer; a longer one is refused, or cut where its beginning was already sent.
        judging: gives what submissions are judged on.
        census: what is known of the graph, exactly.
        is_private: whether nobody else sees the graph, so that updates can be evaluated; each is, on top of those
            before it.
    """
    asked: Asked | None = None
    priority = _priority()
    while not isinstance(asked, Submission) and _priority() == priority:
        try:
            asked = decoded(*wire.receive(connection))
            _answer(graph, judging, census, asked, _Output(connection, max_bytes), is_private)
        except (EOFError, BrokenPipeError):
            return False
    return not isinstance(asked, Submission)


def _priority() -> int:
    """Return the priority of this thread: on Linux each has its own. Source: setpriority(2)."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def encoded(asked: Asked) -> tuple[bytes, bytes]:
    """Return what is asked as a frame: its kind, and its members as JSON; a document's bytes stand behind them."""
    kind, members = _SAID[type(asked)]
    said = json.dumps({name: getattr(asked, name) for name in members})
    return kind, said.encode() + b"\n" + getattr(asked, "content", b"")


def decoded(kind: bytes, content: bytes) -> Asked:
    """Return what a frame asks."""
    text, _, body = content.partition(b"\n")
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
    }
    if kind in _WITH_CONTENT:
        said["content"] = body
    return _KINDS[kind](**said)


def _answer(
    graph: QuadStore, judging: Judging, census: Census | None, asked: Asked, output: _Output, is_private: bool
) -> None:
    try:
        if isinstance(asked, Question):
            sparql.answer(graph, asked, output.begin, known=census)
        elif isinstance(asked, Update):
            if not is_private:
                raise InputError("this worker holds what is published; an update is evaluated on a copy of it")
            removed, added = evaluated(graph, asked)  # before the answer begins, for it may be refused
            output.begin(PATCH_TYPE).write(to_patch(removed, skolemised(added, "update")))
        elif isinstance(asked, Submission):
            found = judging().findings(asked.content, asked.media_type, asked.against, asked.graph)
            output.begin(asked.report_type).write(rendered(found, asked.report_type, asked.lang))
        else:
            quads = _stated(asked)  # before the answer begins, as above
            serialize(quads, output.begin("application/n-quads"), RdfFormat.N_QUADS)
        output.end()
    except CoopkgError as fault:
        output.refuse(fault)


def _stated(document: Document) -> list[Quad]:
    """Return the statements of a document.

    Its blank nodes are named here, under the deadline of whoever asked: a few of them can be so alike that this takes
    for ever.
    """
    syntax = DOCUMENT_FORMATS[document.media_type]
    quads = parse_quads(document.content, syntax, document.shown, base=document.base, apart=True)
    if not document.graph:
        return quads
    graph = NamedNode(document.graph)
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name != graph:
            raise InputError(
                f"the document states <{quad.graph_name.value}>, but it was sent for <{graph.value}>; send each "
                "graph by itself"
            )
    moved = (Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads)
    return skolemised(moved, graph.value.rpartition("/")[2])


class _Output:
    """The stream that an answer is written to: frames of a piece each, up to a bound.

    A short answer goes out at its end, all its frames at once: to send costs more than to write a tiny one. Not one of
    `io`'s: those flush what is left when they are collected, into the next question's answer.
    """

    def __init__(self, connection: socket.socket, max_bytes: int) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._unsent = b""
        self._waiting = bytearray()
        self._total = 0

    def begin(self, media_type: str, steps: tuple[str, ...] = ()) -> IO[bytes]:
        self._unsent = wire.frame(b"H", "\n".join((media_type, *steps)).encode("ascii"))
        return self  # type: ignore[return-value]  # the engine needs `write` and `flush` alone

    def write(self, piece: bytes) -> int:
        self._total += len(piece)
        if self._total > self._max_bytes:
            self._waiting.clear()
            raise AnswerTooLarge(
                f"the answer is longer than {self._max_bytes:,} bytes; add a LIMIT, or take the dump of the graph"
            )
        self._waiting += piece
        if len(self._waiting) >= _PIECE_BYTES:
            self._send()
        return len(piece)

    def flush(self) -> None:
        """Do nothing: pieces go when they are long enough, and the last with the end."""

    def end(self) -> None:
        self._send(wire.frame(b"E"))

    def refuse(self, fault: CoopkgError) -> None:
        self._waiting.clear()
        self._send(wire.frame(b"X", json.dumps(told(fault)).encode()))

    def _send(self, after: bytes = b"") -> None:
        piece = wire.frame(b"D", self._waiting) if self._waiting else b""
        self._connection.sendall(self._unsent + piece + after)
        self._unsent = b""
        self._waiting.clear()
