"""The query service: budgets and quarantine before the pool, the account after it. Decides who may ask what, and when.

A web view gives it a question and a client; it gives back an answer that is either whole or comes in pieces.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from coopkg.budget import Budgets
from coopkg.errors import CoopkgError, QueryError, QueryTimedOut, QueryTooHeavy
from coopkg.metrics import Metrics
from coopkg.quarantine import Quarantine
from coopkg.settings import Settings
from coopkg.sparql import Question
from coopkg.store import GRAPH_FORMATS, RESULT_FORMATS
from coopkg.worker import Document, Submission

#: A smaller answer is sent whole, with its length; so most failures still find the status line unsent.
WHOLE_BYTES = 1 << 18
#: What a text that is no valid query costs, unless it takes longer than this to find out.
_SYNTAX_ERROR_S, _SYNTAX_ERROR_MAX_S = 0.001, 0.1
#: What a document is expected to take beyond a query, in seconds: of newcomers, who asks a query goes first.
_DOCUMENT_S = 0.5
#: What can be asked.
Asked = Question | Document | Submission


class Stream(Protocol):
    """An answer that comes in pieces; its media type is known once the first piece is."""

    media_type: str
    rewritten: tuple[str, ...]
    revision: int
    #: The name of the generation that answers.
    generation: str

    @property
    def elapsed_s(self) -> float:
        """How long it has held a worker."""

    @property
    def cpu_s(self) -> float:
        """How long it has used a processor; known when it is closed."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body; raise a CoopkgError when the rest will not come."""

    def close(self) -> None:
        """Give the worker back."""


class Asker(Protocol):
    """What answers questions: the pool."""

    def ask(
        self,
        question: Asked,
        deadline_s: float,
        gone: Callable[[], bool],
        may_be_slow: Callable[[], bool],
        rank: float = 0.0,
        client: str = "",
    ) -> Stream:
        """Return the answer to a question; who has the lowest rank is served first, before others of any client."""

    def is_ready(self) -> bool:
        """Return whether a question would find a worker."""

    def counts(self) -> dict[str, int]:
        """Return what happened since the start, by name."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: the name of its account, whether it is still there, and whether it lets everybody else go first."""

    name: str
    gone: Callable[[], bool] = lambda: False
    yields: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its media type, its beginning, and the pieces that follow (None when the beginning is all of it).

    `generation` names the one that answered; `elapsed_s` is how long the beginning took, `rewritten` are the steps that
    changed the query.
    """

    media_type: str
    begin: bytes
    rest: Iterator[bytes] | None
    revision: int
    generation: str
    elapsed_s: float
    rewritten: tuple[str, ...] = ()


class QueryService:
    """Answers questions within budgets."""

    def __init__(
        self,
        asker: Asker,
        budgets: Budgets,
        quarantine: Quarantine,
        deadline_s: float,
        deadline_max_s: float,
    ) -> None:
        self._asker = asker
        self._budgets = budgets
        self._quarantine = quarantine
        self.deadline_s = deadline_s
        self.deadline_max_s = deadline_max_s
        self.metrics = Metrics()

    def ask(self, question: Asked, client: Client, deadline_s: float | None = None) -> Answer:
        """Return the answer to a question.

        Args:
            deadline_s: what the client asks for; None is the usual one, and none is longer than the longest.
        Raises:
            CoopkgError: every refusal that comes before the first byte.
        """
        account = _Account(self._budgets, self._quarantine, self.metrics, client, _asked(question))
        limit_s = min(self.deadline_s if deadline_s is None else deadline_s, self.deadline_max_s)
        try:
            stream = self._admitted(question, client, account, limit_s)
        except CoopkgError as fault:
            self.metrics.refused(fault.code)
            raise
        # From here on, whatever happens, the stream is closed, charged and counted out.
        pieces = account.charged(stream)
        begin, whole = _gathered(pieces)
        rest = None if whole else pieces
        said = stream.revision, stream.generation, stream.elapsed_s, stream.rewritten
        return Answer(stream.media_type, begin, rest, *said)

    def _admitted(self, question: Asked, client: Client, account: _Account, limit_s: float) -> Stream:
        self._budgets.check(client.name)
        self._quarantine.check(_asked(question))
        rank = self._budgets.begin(client.name) + (0.0 if isinstance(question, Question) else _DOCUMENT_S)
        if client.yields:
            rank = math.inf
        try:
            return self._asker.ask(question, limit_s, client.gone, account.may_be_slow, rank, client.name)
        except BaseException:
            self._budgets.end(client.name)  # waiting for a place costs nothing
            raise

    def check(self, client: Client) -> None:
        """Raise when a client spent its budget; asked before what is answered without a worker.

        Raises:
            BudgetSpent: says when to come back.
        """
        self._budgets.check(client.name)

    def charge(self, client: Client, seconds: float) -> None:
        """Count what was done for a client without a worker."""
        self._budgets.charge(client.name, seconds)

    def is_ready(self) -> bool:
        """Return whether a question would find a worker."""
        return self._asker.is_ready()

    def counts(self) -> dict[str, int]:
        """Return what happened since the start, by name."""
        return self._asker.counts()


class _Account:
    """What one question costs its client."""

    def __init__(self, budgets: Budgets, quarantine: Quarantine, metrics: Metrics, client: Client, query: str) -> None:
        self._budgets = budgets
        self._quarantine = quarantine
        self._metrics = metrics
        self._client = client
        self._query = query
        self._is_slow = False

    def may_be_slow(self) -> bool:
        self._is_slow = self._budgets.enter_slow(self._client.name)
        return self._is_slow

    def charged(self, stream: Stream) -> Iterator[bytes]:
        fault: CoopkgError | None = None
        is_whole = False
        try:
            yield from stream.pieces()
            is_whole = True
        except CoopkgError as raised:
            fault = raised
            self._metrics.refused(fault.code)
            raise
        finally:
            stream.close()
            self._close(stream.elapsed_s, _kind(stream.media_type), fault)
            if is_whole:
                self._quarantine.answered(self._query, stream.elapsed_s)
            elif isinstance(fault, QueryTimedOut | QueryTooHeavy) and not self._client.gone():
                self._quarantine.stopped(self._query, stream.cpu_s)

    def _close(self, used_s: float, kind: str, fault: CoopkgError | None) -> None:
        self._metrics.held(used_s, slow=self._is_slow, kind=kind)
        self._budgets.end(self._client.name)
        if self._is_slow:
            self._budgets.leave_slow(self._client.name)
        nearly_free = isinstance(fault, QueryError) and used_s <= _SYNTAX_ERROR_MAX_S
        self._budgets.charge(self._client.name, min(used_s, _SYNTAX_ERROR_S) if nearly_free else used_s)


def _asked(question: Asked) -> str:
    """Return what makes a question cost what it costs: its text, and the graphs that it is put to."""
    if not isinstance(question, Question):
        # One word, so that no two documents have the same outline: each is stopped, or answered, for itself.
        return f"document{hashlib.sha256(question.content).hexdigest()}"
    graphs = (*(question.default_graphs or ()), *(question.named_graphs or ()), *(() if question.inferred else ("",)))
    return "\n".join((question.text, *graphs, *(() if question.rewrite else ("as written",))))


def _kind(media_type: str) -> str:
    if not media_type:
        return "none"
    return "triples" if media_type in GRAPH_FORMATS else "solutions" if media_type in RESULT_FORMATS else "report"


def _gathered(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """Return the beginning of a body, and whether it is all of it."""
    begin = bytearray()
    for piece in pieces:
        begin += piece
        if len(begin) > WHOLE_BYTES:
            return bytes(begin), False
    return bytes(begin), True


def limits(settings: Settings) -> str:
    """Return the limits in force, as one line that every answer carries."""
    return (
        f"query {settings.query_max_bytes} bytes; deadline {settings.deadline_s:g} s, at most "
        f"{settings.deadline_max_s:g} s with timeout=; memory {settings.worker_memory_mb} MB; "
        f"answer {settings.answer_max_mb} MB; client {settings.client_seconds:g} worker-seconds a minute"
    )
