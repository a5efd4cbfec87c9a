"""What stands in a query in the place of its search clauses: VALUES blocks, with what was found or with nothing.

Pure text: terms are written as N-Triples, so that nothing of a value is read as SPARQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from coopkg.index import Found, Hit
from coopkg.rdf import Literal, NamedNode
from coopkg.textsearch.clause import Clause

#: On either side of a word that was looked for, in a highlight.
MARK = "**"


def with_rows(text: str, clauses: Sequence[Clause], found: Sequence[Found]) -> str:
    """Return a query with what was found in the place of each clause."""
    rows = iter(found)
    return _replaced(text, clauses, lambda clause: _values(clause, " ".join(_rows(clause, next(rows)))))


def without_rows(text: str, clauses: Sequence[Clause]) -> str:
    """Return a query with empty blocks in the place of its clauses; all behind them keeps its line and column."""

    def padded(clause: Clause) -> str:
        written, lines = text[clause.begin : clause.end], _values(clause, "")
        *before, last = written.split("\n")
        return lines + "\n" * len(before) + " " * len(last) if before else lines.ljust(len(written))

    return _replaced(text, clauses, padded)


def _replaced(text: str, clauses: Sequence[Clause], written: Callable[[Clause], str]) -> str:
    pieces, done = [], 0
    for clause in clauses:
        pieces += [text[done : clause.begin], written(clause)]
        done = clause.end
    return "".join((*pieces, text[done:]))


def _values(clause: Clause, rows: str) -> str:
    variables = " ".join(f"?{name}" for name in (clause.subject, *clause.variables.values()))
    return f"VALUES({variables}){{{rows}}}"


def _rows(clause: Clause, found: Found) -> Iterator[str]:
    for hit, score in zip(found.hits, found.scores, strict=True):
        terms = (_told(word, hit, score) for word in clause.variables)
        yield f"({' '.join((str(NamedNode(hit.iri)), *terms))})"


def _told(word: str, hit: Hit, score: float) -> str:
    if word == "score":
        return str(Literal(score))
    if word == "label":
        return _text(hit.label, hit.lang)
    marked = "".join(f"{MARK}{piece}{MARK}" if is_match else piece for piece, is_match in hit.excerpt)
    return _text(marked, hit.excerpt_lang) if marked else "UNDEF"


def _text(text: str, lang: str) -> str:
    return str(Literal(text, language=lang) if lang else Literal(text))
