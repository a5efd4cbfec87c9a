"""SPARQL queries over a store: guard, evaluate, choose a representation, write it as it comes.

It knows nothing of processes: a worker runs it with a deadline around it, the command line runs it as it is.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from coopkg import guard, negotiation, rewriting, store
from coopkg.census import Census
from coopkg.errors import QueryError
from coopkg.rewriting import Rewritten
from coopkg.store import QuadStore, Results

_UPDATE = re.compile(
    r"(?>(?:\s|\#[^\n\r]*+|PREFIX\s++[^\s:]*+:\s*+<[^>]*+>|BASE\s++<[^>]*+>)*)"
    r"(?P<word>INSERT|DELETE|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b",
    re.IGNORECASE,
)


Choose = Callable[[tuple[str, ...]], str]
#: Called with the media type of an answer and the steps that rewrote its query; gives the stream to write to.
Begin = Callable[[str, tuple[str, ...]], IO[bytes]]


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
        rewrite: whether the engine may be asked another text with the same answers.
        told: where something stands in `text` that its author did not write, the same without it, each line and column
            where the author has it: faults are told of this one. "" where they are one text.
    """

    text: str
    accept: str = ""
    wishes: tuple[str, ...] = ()
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    base: str | None = None
    revision: int | None = None
    inferred: bool = True
    rewrite: bool = True
    told: str = ""


def answer(
    graph: QuadStore, question: Question, begin: Begin, choose: Choose | None = None, known: Census | None = None
) -> None:
    """Answer a question, writing as the results come.

    Args:
        graph: what is asked.
        begin: called once, when the query is valid and a representation is found. What the `write` of its stream
            raises stops the evaluation and passes through.
        choose: picks a media type among those on offer; None negotiates by the question's Accept and wishes.
        known: what is known of the graph, exactly; None where nothing is.
    Raises:
        QueryError: the text is not a valid query, is an update, asks the server to call another, or fails half-way.
        NotAcceptable: no representation on offer suits.
    """
    for text in filter(None, (question.told, question.text)):  # the former first: it knows the places
        guard.refuse_remote(text)
    if update := _UPDATE.match(question.text):
        word = update.group("word").upper()
        raise QueryError(f"{word} is an update, and updates are not taken here; send a query (SELECT, ASK, ...)")
    results, steps = _results(graph, question, known)
    offers = store.media_types(results)
    media_type = choose(offers) if choose else negotiation.choose(question.accept, question.wishes, offers)
    store.write(results, begin(media_type, steps), media_type)


def answered(graph: QuadStore, question: Question, choose: Choose | None = None) -> tuple[str, bytes]:
    """Return the media type and the whole body of an answer; for callers that need no deadline."""
    output, chosen = io.BytesIO(), [""]

    def begin(media_type: str, _: tuple[str, ...]) -> IO[bytes]:
        chosen[0] = media_type
        return output

    answer(graph, question, begin, choose)
    return chosen[0], output.getvalue()


def _results(graph: QuadStore, question: Question, known: Census | None) -> tuple[Results, tuple[str, ...]]:
    """Return the results of a query, and the steps that rewrote it.

    What is wrong with it is told of the text that was sent, which is asked when the engine refuses the other one.
    """
    default, named = question.default_graphs, question.named_graphs
    if default is None and named is None:
        default, named = guard.dataset(question.text, question.base)
    is_usual = default is None and named is None and question.inferred
    other = rewritten(question, known if is_usual else None)
    if other.steps:
        with contextlib.suppress(QueryError):
            guard.refuse_remote(other.text)
            return graph.query(other.text, default, named, question.base, inferred=question.inferred), other.steps
    try:
        return graph.query(question.text, default, named, question.base, inferred=question.inferred), ()
    except QueryError:
        if question.told:  # which has the same fault, and raises it where its author sees it
            graph.query(question.told, default, named, question.base, inferred=question.inferred)
        raise


def rewritten(question: Question, known: Census | None = None) -> Rewritten:
    """Return the text that the engine is asked in the place of a question's.

    Args:
        known: see `answer`; for a question of the usual default graph alone.
    """
    if not question.rewrite:
        return Rewritten(question.text)
    return rewriting.rewritten(question.text, question.base, known)
