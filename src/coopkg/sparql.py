"""SPARQL queries over the published graph: guard, evaluate, write.

This first version answers in the process that was asked; worker processes with deadlines take this place next.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from coopkg import guard, store
from coopkg.errors import QueryError
from coopkg.store import QuadStore

_UPDATE = re.compile(
    r"(?:\s|\#[^\n\r]*+|PREFIX\s++[^\s:]*+:\s*+<[^>]*+>|BASE\s++<[^>]*+>)*+"
    r"(?P<word>INSERT|DELETE|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query: its media type and its bytes."""

    media_type: str
    body: bytes


def answer(graph: QuadStore, query: str, choose: Callable[[tuple[str, ...]], str]) -> Answer:
    """Return the answer to a query over the union of the published graphs.

    Args:
        graph: what is asked.
        query: SPARQL 1.1 Query text; the project's prefixes are predeclared.
        choose: picks one of the media types on offer for this kind of query; what it raises passes through.
    Raises:
        QueryError: the text is not a valid query, is an update, or asks the server to call another.
    """
    guard.refuse_remote(query)
    if update := _UPDATE.match(query):
        word = update.group("word").upper()
        raise QueryError(f"{word} is an update, and updates are not taken here; send a query (SELECT, ASK, ...)")
    results = graph.query(query)
    media_type = choose(store.media_types(results))
    output = io.BytesIO()
    store.write(results, output, media_type)
    return Answer(media_type, output.getvalue())
