"""What a worker process does: answer one question after another over its connection, until it is killed or left."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from typing import IO

from coopkg import sparql, wire
from coopkg.errors import AnswerTooLarge, CoopkgError, InputError, QueryError
from coopkg.evaluation import evaluated
from coopkg.rdf import DOCUMENT_FORMATS, RdfFormat, parse_quads, serialize, to_patch
from coopkg.sparql import Question
from coopkg.store import QuadStore
from coopkg.update import Update

#: In what the effect of an update is told.
PATCH_TYPE = "application/rdf-patch"
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


Asked = Question | Document | Update


def answer_questions(connection: socket.socket, graph: QuadStore, max_bytes: int, *, is_private: bool = False) -> None:
    """Answer until the other side goes.

    Args:
        max_bytes: longest answer; a longer one is refused, or cut where its beginning was already sent.
        is_private: whether nobody else sees the graph, so that updates can be evaluated; each is, on top of those
            before it.
    """
    while True:
        try:
            asked = _decoded(*wire.receive(connection))
            _answer(connection, graph, asked, _Output(connection, max_bytes), is_private)
        except (EOFError, BrokenPipeError):
            return


def encoded(question: Asked) -> tuple[bytes, bytes]:
    """Return a question as a Q frame, a document as a P frame, an update as a U frame: kind and content."""
    if isinstance(question, Document):
        return b"P", question.media_type.encode() + b"\n" + question.content
    if isinstance(question, Update):
        return b"U", json.dumps(asdict(question)).encode("utf-8")
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


def _decoded(kind: bytes, content: bytes) -> Asked:
    if kind == b"U":
        return _update(content)
    return _question(content) if kind == b"Q" else _document(content)


def _update(content: bytes) -> Update:
    said = json.loads(content)
    return Update(said["text"], tuple(said["using_graphs"]), tuple(said["using_named_graphs"]), said["base"])


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


def _answer(connection: socket.socket, graph: QuadStore, question: Asked, output: _Output, is_private: bool) -> None:
    try:
        if isinstance(question, Update):
            if not is_private:
                raise InputError("this worker holds what is published; an update is evaluated on a copy of it")
            removed, added = evaluated(graph, question)  # before the answer begins, for it may be refused
            output.begin(PATCH_TYPE).write(to_patch(removed, added))
        elif isinstance(question, Document):
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
