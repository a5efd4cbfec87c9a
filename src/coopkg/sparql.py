"""SPARQL queries over a store: guard, evaluate, choose a representation, write it as it comes.

It knows nothing of processes: a worker runs it with a deadline around it, the command line runs it as it is.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from coopkg import guard, negotiation, store
from coopkg.errors import QueryError
from coopkg.store import QuadStore

_UPDATE = re.compile(
    r"(?:\s|\#[^\n\r]*+|PREFIX\s++[^\s:]*+:\s*+<[^>]*+>|BASE\s++<[^>]*+>)*+"
    r"(?P<word>INSERT|DELETE|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b",
    re.IGNORECASE,
)


Choose = Callable[[tuple[str, ...]], str]


@dataclass(frozen=True, slots=True)
class Question:
    """A query and how its answer is wanted.

    Args:
        text: SPARQL 1.1 Query; the project's prefixes are predeclared.
        accept: the Accept header, "" when absent.
        wishes: values of `format`, `output`, `results`.
        default_graphs: IRIs whose merge is the default graph; None leaves it to the query.
        named_graphs: IRIs that GRAPH may name; None leaves it to the query.
        base: IRI that relative IRIs are resolved against; None refuses them.
        revision: the kept revision that must answer; None is the current one.
        inferred: whether the default graph has what is inferred, where nothing else chooses the graphs.
    """

    text: str
    accept: str = ""
    wishes: tuple[str, ...] = ()
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    base: str | None = None
    revision: int | None = None
    inferred: bool = True


def answer(
    graph: QuadStore, question: Question, begin: Callable[[str], IO[bytes]], choose: Choose | None = None
) -> None:
    """Answer a question, writing as the results come.

    Args:
        graph: what is asked.
        begin: called once with the media type, when the query is valid and a representation is found; gives the
            stream to write to. What its `write` raises stops the evaluation and passes through.
        choose: picks a media type among those on offer; None negotiates by the question's Accept and wishes.
    Raises:
        QueryError: the text is not a valid query, is an update, asks the server to call another, or fails half-way.
        NotAcceptable: no representation on offer suits.
    """
    guard.refuse_remote(question.text)
    if update := _UPDATE.match(question.text):
        word = update.group("word").upper()
        raise QueryError(f"{word} is an update, and updates are not taken here; send a query (SELECT, ASK, ...)")
    default, named = question.default_graphs, question.named_graphs
    if default is None and named is None:
        default, named = guard.dataset(question.text, question.base)
    results = graph.query(question.text, default, named, question.base, inferred=question.inferred)
    offers = store.media_types(results)
    media_type = choose(offers) if choose else negotiation.choose(question.accept, question.wishes, offers)
    store.write(results, begin(media_type), media_type)


def answered(graph: QuadStore, question: Question, choose: Choose | None = None) -> tuple[str, bytes]:
    """Return the media type and the whole body of an answer; for callers that need no deadline."""
    output, chosen = io.BytesIO(), [""]

    def begin(media_type: str) -> IO[bytes]:
        chosen[0] = media_type
        return output

    answer(graph, question, begin, choose)
    return chosen[0], output.getvalue()
