"""What answers questions in this process, without workers: for tests of what stands before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from coopkg import sparql
from coopkg.bench import Benches
from coopkg.errors import RevisionGone
from coopkg.rdf import DOCUMENT_FORMATS, RdfFormat, parse_quads, to_bytes
from coopkg.reports import rendered
from coopkg.resources import shipped
from coopkg.sparql import Question
from coopkg.store import QuadStore
from coopkg.worker import Document, Submission


class InProcess:
    """Answers at once and whole, without deadline; only the current revision can be asked."""

    def __init__(self, current: Callable[[], tuple[QuadStore, int]]) -> None:
        self._current = current

    def ask(
        self,
        question: Question | Document | Submission,
        deadline_s: float,
        gone: Callable[[], bool],
        may_be_slow: Callable[[], bool],
        rank: float = 0.0,
    ) -> Whole:
        store, revision = self._current()
        if question.revision not in (None, revision):
            raise RevisionGone(f"revision {question.revision} is not held; the current one is {revision}")
        if isinstance(question, Submission):
            found = Benches(shipped(), store).findings(
                question.content, question.media_type, question.against, question.graph
            )
            return Whole(question.report_type, rendered(found, question.report_type, question.lang), revision)
        if isinstance(question, Document):
            syntax = DOCUMENT_FORMATS[question.media_type]
            quads = parse_quads(question.content, syntax, question.shown, base=question.base, apart=True)
            return Whole("application/n-quads", to_bytes(quads, RdfFormat.N_QUADS), revision)
        return Whole(*sparql.answered(store, question), revision)

    def is_ready(self) -> bool:
        return True

    def counts(self) -> dict[str, int]:
        return {}


class Whole:
    """An answer that is there already."""

    elapsed_s = 0.0
    cpu_s = 0.0

    def __init__(self, media_type: str, body: bytes, revision: int) -> None:
        self.media_type = media_type
        self.revision = revision
        self._body = body

    def pieces(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        pass
