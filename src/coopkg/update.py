"""SPARQL updates over a dataset: read, guard, carry out. A server that was composed with no `Updater` never comes here.

Like `sparql` it knows nothing of processes: whoever takes updates from strangers runs it with a deadline around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from coopkg import guard, store
from coopkg.errors import QueryError
from coopkg.store import UpdatableStore


@dataclass(frozen=True, slots=True)
class Update:
    """An update, and what its WHERE clauses look at.

    Args:
        text: SPARQL 1.1 Update; the project's prefixes are predeclared.
        using_graphs: IRIs whose merge is the default graph of each WHERE; the caller has seen that they are absolute.
        using_named_graphs: IRIs that GRAPH may name in a WHERE. When both are empty, the text decides.
        base: IRI that relative IRIs are resolved against; None refuses them.
    """

    text: str
    using_graphs: tuple[str, ...] = ()
    using_named_graphs: tuple[str, ...] = ()
    base: str | None = None


class Updater(Protocol):
    """What takes updates."""

    def update(self, update: Update) -> None:
        """Carry out an update, all of it or nothing; raise a CoopkgError when it is refused."""


def carry_out(dataset: UpdatableStore, update: Update) -> None:
    """Carry out an update, all of it or nothing.

    Raises:
        QueryError: the text is not a valid update, asks the server to call another, names a dataset that is given
            beside it too, or one of its operations failed.
    """
    store.read_update(update.text, update.base)
    guard.refuse_remote_update(update.text, update.base)
    dataset.update(_placed(update), update.base)


def _placed(update: Update) -> str:
    """Return the text with the dataset that was given beside it written into each of its operations.

    The engine takes no dataset for an update as it does for a query (pyoxigraph 0.5.13).
    Source: SPARQL 1.1 Protocol, section 2.2.3.
    """
    using = "".join(
        (
            *(f"USING <{iri}> " for iri in update.using_graphs),
            *(f"USING NAMED <{iri}> " for iri in update.using_named_graphs),
        )
    )
    if not using:
        return update.text
    pieces, written = list[str](), 0
    for place, repeated in _wheres(update.text):
        pieces += (update.text[written:place], repeated, using)
        written = place
    return "".join((*pieces, update.text[written:]))


def _wheres(text: str) -> Iterator[tuple[int, str]]:
    """Yield where the WHERE of each operation stands, and what must be said before it can take USING.

    `DELETE WHERE {...}` is short for `DELETE {...} WHERE {...}`, and only the long form takes it.

    Raises:
        QueryError: the text has a dataset of its own (USING, WITH).
    """
    depth, short = 0, None  # `short`: the WHERE of a DELETE WHERE whose braces are open
    found = guard.tokens(text)
    texts = ["", *(token.group().upper() for token in found), ""]
    for token, before, this, after in zip(found, texts, texts[1:], texts[2:], strict=False):
        if depth == 0 and this in ("USING", "WITH") and before != "PREFIX":
            raise QueryError(
                f"the update says {this}, and the request gives using-graph-uri or using-named-graph-uri: give one of "
                "the two (or, if it is a prefix of yours, rename it)"
            )
        if depth == 0 and this == "WHERE" and after == "{":
            if before == "DELETE":
                short = token
            else:
                yield token.start(), ""
        depth += (this == "{") - (this == "}")
        if depth == 0 and this == "}" and short:
            yield short.start(), f"{text[short.end() : token.end()]} "
            short = None
