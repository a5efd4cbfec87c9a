"""What answers questions in this process, without workers: for tests of what stands before them."""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable, Iterator

from coopkg import sparql
from coopkg.bench import Benches
from coopkg.errors import CoopkgError, RevisionGone
from coopkg.rdf import DOCUMENT_FORMATS, RdfFormat, parse_quads, to_bytes
from coopkg.reports import rendered
from coopkg.resources import shipped
from coopkg.sparql import Question
from coopkg.store import QuadStore
from coopkg.worker import Document, Submission


class InProcess:
    """Answers at once and whole, without deadline; only the current revision can be asked."""

    def __init__(
        self, current: Callable[[], tuple[QuadStore, int]], generation: Callable[[], str] = lambda: ""
    ) -> None:
        self._current = current
        self._generation = generation

    def ask(
        self,
        question: Question | Document | Submission,
        deadline_s: float,
        gone: Callable[[], bool],
        may_be_slow: Callable[[], bool],
        rank: float = 0.0,
        client: str = "",
    ) -> Whole:
        generation = self._generation()
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
        output, head = io.BytesIO(), list[tuple[str, tuple[str, ...]]]()

        def begin(media_type: str, steps: tuple[str, ...]) -> io.BytesIO:
            head.append((media_type, steps))
            return output

        try:
            sparql.answer(store, question, begin)
        except CoopkgError as fault:
            _let_go(fault)
            raise
        media_type, steps = head[0]
        return Whole(media_type, output.getvalue(), revision, steps, generation)

    def is_ready(self) -> bool:
        return True

    def counts(self) -> dict[str, int]:
        return {}


def _let_go(fault: BaseException | None) -> None:
    """Let go of what a fault's frames hold: results of the engine may be dropped in the thread that made them alone."""
    while fault is not None:
        traceback.clear_frames(fault.__traceback__)
        fault = fault.__context__


class Whole:
    """An answer that is there already."""

    elapsed_s = 0.0
    cpu_s = 0.0

    def __init__(
        self, media_type: str, body: bytes, revision: int, rewritten: tuple[str, ...] = (), generation: str = ""
    ) -> None:
        self.media_type = media_type
        self.rewritten = rewritten
        self.revision = revision
        self.generation = generation
        self._body = body

    def pieces(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        pass
