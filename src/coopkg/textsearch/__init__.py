"""Searches that a query asks for: its search clauses are answered by the index, and give way to what was found.

The engine and the guard then see a query without SERVICE. Source: ADR 0026.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coopkg.index import Found, Index
from coopkg.textsearch.clause import Clause, clauses
from coopkg.textsearch.splice import with_rows, without_rows

__all__ = ["Clause", "Searched", "clauses", "may_search", "searched", "without_rows"]


@dataclass(frozen=True, slots=True)
class Searched:
    """A query after its searches.

    Args:
        text: the query, with what was found in the place of its clauses.
        told: the same with empty blocks there; all around them has the line and column that its author knows.
        revision: the oldest that was searched.
        remarks: what its author should know of the searches, each a sentence.
    """

    text: str
    told: str
    revision: int
    remarks: tuple[str, ...]


def may_search(text: str) -> bool:
    """Return whether a text is worth looking for search clauses in; most have none, and are not split for it."""
    return "service" in text.lower()


def searched(index: Index, text: str, asked: Sequence[Clause]) -> Searched:
    """Return a query after its searches, of which there is one at least.

    Raises:
        Refused: the index is being made.
    """
    index.refuse_partial()
    found = [index.ranking(one.words, one.lang, one.classes, one.limit) for one in asked]
    remarks = tuple(remark for clause, one in zip(asked, found, strict=True) for remark in _remarks(clause, one))
    revision = min(one.revision for one in found)
    return Searched(with_rows(text, asked, found), without_rows(text, asked), revision, remarks)


def _remarks(clause: Clause, found: Found) -> Iterator[str]:
    where = f"the search of line {clause.line}"
    if found.corrected:
        yield f"{where} found nothing for its words, and looked for '{found.corrected}' instead"
    if found.is_loose:
        yield f"{where} found nothing that has all of its words, and took what has some of them"
    if found.total > len(found.hits):
        yield f"{where} found {found.total}, and gave the best {len(found.hits)}; search:limit gives more"
