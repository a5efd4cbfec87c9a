"""What a worker process does: answer one question after another over its connection, until it is killed or left."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from coopkg import sparql, wire
from coopkg.errors import AnswerTooLarge, CoopkgError, DocumentError, QueryError
from coopkg.rdf import DOCUMENT_FORMATS, RdfFormat, parse_quads, serialize
from coopkg.report import rendered
from coopkg.sparql import Question
from coopkg.store import QuadStore

if TYPE_CHECKING:
    from coopkg.bench import Benches  # whoever keeps one has loaded it; queries need none

_PIECE_BYTES = 1 << 16
Judging = Callable[[], "Benches"]


@dataclass(frozen=True, slots=True)
class Document:
    """RDF from a stranger, to be parsed where it can do no harm; the answer is its N-Quads.

    Args:
        content: the bytes, in UTF-8.
        media_type: one of `coopkg.rdf.DOCUMENT_FORMATS`.
        revision: None; any worker can do it.
    """

    content: bytes
    media_type: str
    revision: None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that somebody wants judged on top of the published graph; nothing of it is kept.

    Args:
        content: the bytes, in UTF-8.
        media_type: one of `coopkg.rdf.DOCUMENT_FORMATS`.
        against: one of `coopkg.bench.AGAINST`.
        graph: IRI of the source document's graph that it replaces; "" where it says that itself.
        report_type: one of `coopkg.report.REPORT_TYPES`.
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


def answer_questions(connection: socket.socket, graph: QuadStore, max_bytes: int, judging: Judging) -> None:
    """Answer until the other side goes, or a draft was judged: it lies on the bench for good.

    Args:
        max_bytes: longest answer; a longer one is refused, or cut where its beginning was already sent.
        judging: gives what drafts are judged on.
    """
    question: Question | Document | Draft | None = None
    while not isinstance(question, Draft):
        try:
            kind, content = wire.receive(connection)
            question = _READ[kind](content)
            _answer(connection, graph, judging, question, _Output(connection, max_bytes))
        except (EOFError, BrokenPipeError):
            return


def encoded(question: Question | Document | Draft) -> tuple[bytes, bytes]:
    """Return a question as a Q frame, a document as a P frame, a draft as a V frame: kind and content."""
    if isinstance(question, Document):
        return b"P", question.media_type.encode() + b"\n" + question.content
    if isinstance(question, Draft):
        said = [question.media_type, question.against, question.graph, question.report_type, question.lang]
        return b"V", json.dumps(said).encode() + b"\n" + question.content
    return b"Q", json.dumps(
        {
            "text": question.text,
            "accept": question.accept,
            "wishes": question.wishes,
            "default_graphs": question.default_graphs,
            "named_graphs": question.named_graphs,
            "base": question.base,
            "inferred": question.inferred,
        }
    ).encode("utf-8")


def _question(content: bytes) -> Question:
    said = json.loads(content)
    default, named = said["default_graphs"], said["named_graphs"]
    return Question(
        said["text"],
        said["accept"],
        tuple(said["wishes"]),
        None if default is None else tuple(default),
        None if named is None else tuple(named),
        said["base"],
        inferred=said["inferred"],
    )


def _document(content: bytes) -> Document:
    media_type, _, body = content.partition(b"\n")
    return Document(body, media_type.decode())


def _draft(content: bytes) -> Draft:
    said, _, body = content.partition(b"\n")
    return Draft(body, *json.loads(said))


_READ: dict[bytes, Callable[[bytes], Question | Document | Draft]] = {b"Q": _question, b"P": _document, b"V": _draft}


def _answer(
    connection: socket.socket,
    graph: QuadStore,
    judging: Judging,
    question: Question | Document | Draft,
    output: _Output,
) -> None:
    try:
        if isinstance(question, Document):
            quads = parse_quads(question.content, DOCUMENT_FORMATS[question.media_type], "the document")
            serialize(quads, output.begin("application/n-quads"), RdfFormat.N_QUADS)
        elif isinstance(question, Draft):
            found = judging().findings(question.content, question.media_type, question.against, question.graph)
            output.begin(question.report_type).write(rendered(found, question.report_type, question.lang))
        else:
            sparql.answer(graph, question, output.begin)
        output.flush()
        wire.send(connection, b"E", b"")
    except CoopkgError as fault:
        place = {"line": fault.line, "column": fault.column} if isinstance(fault, QueryError | DocumentError) else {}
        wire.send_json(connection, b"X", {"code": fault.code, "message": str(fault), **place})


class _Output:
    """The stream that an answer is written to: frames of at most a piece, up to a bound.

    Not one of `io`'s: those flush what is left when they are collected, into the next question's answer.
    """

    def __init__(self, connection: socket.socket, max_bytes: int) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._waiting = bytearray()
        self._total = 0

    def begin(self, media_type: str) -> IO[bytes]:
        wire.send_json(self._connection, b"H", {"media_type": media_type})
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
            self.flush()
        return len(piece)

    def flush(self) -> None:
        if self._waiting:
            wire.send(self._connection, b"D", bytes(self._waiting))
            self._waiting.clear()
