"""What a worker process does: answer one question after another over its connection, until it is killed or left."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import IO

from coopkg import sparql, wire
from coopkg.errors import AnswerTooLarge, CoopkgError, QueryError
from coopkg.rdf import DOCUMENT_FORMATS, RdfFormat, parse_quads, serialize
from coopkg.sparql import Question
from coopkg.store import QuadStore

_PIECE_BYTES = 1 << 16


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


def answer_questions(connection: socket.socket, graph: QuadStore, max_bytes: int) -> None:
    """Answer until the other side goes.

    Args:
        max_bytes: longest answer; a longer one is refused, or cut where its beginning was already sent.
    """
    while True:
        try:
            kind, content = wire.receive(connection)
            output = _Output(connection, max_bytes)
            _answer(connection, graph, _question(content) if kind == b"Q" else _document(content), output)
        except (EOFError, BrokenPipeError):
            return


def encoded(question: Question | Document) -> tuple[bytes, bytes]:
    """Return a question as a Q frame, a document as a P frame: kind and content."""
    if isinstance(question, Document):
        return b"P", question.media_type.encode() + b"\n" + question.content
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


def _answer(connection: socket.socket, graph: QuadStore, question: Question | Document, output: _Output) -> None:
    try:
        if isinstance(question, Document):
            quads = parse_quads(question.content, DOCUMENT_FORMATS[question.media_type], "the document")
            serialize(quads, output.begin("application/n-quads"), RdfFormat.N_QUADS)
        else:
            sparql.answer(graph, question, output.begin)
        output.flush()
        wire.send(connection, b"E", b"")
    except CoopkgError as fault:
        place = {"line": fault.line, "column": fault.column} if isinstance(fault, QueryError) else {}
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
