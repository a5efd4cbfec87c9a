"""What a page shows of the answer to a query: some of its rows, or its triples as text."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coopkg.errors import InputError
from coopkg.service import Client, QueryService
from coopkg.sparql import Question
from coopkg.web import searching

_SHOWN_ROWS = 200
_SHOWN_MAX_BYTES = 2_000_000
_ROWS = "application/sparql-results+json"
_TRIPLES = "text/turtle"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a row: its text, its language ("" when none), and the IRI to follow ("" when none)."""

    text: str
    lang: str = ""
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of an answer: rows of `count` in all, or triples as text; and what to say of the query."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell | None]] = ()
    count: int = 0
    triples: str = ""
    warning: str = ""


def shown(config: searching.Config, query: str, client: Client) -> Shown:
    """Return what a page shows of the answer to a query.

    Raises:
        InputError: the query is not valid, or its answer is too large for a page.
        CoopkgError: whatever else the service refuses.
    """
    question, found = searching.searched(Question(query, accept=f"{_ROWS}, {_TRIPLES}"), client, config)
    service: QueryService = config["SERVICE"]
    answer = service.ask(question, client)
    warning = "; ".join(searching.warnings(query, found, answer.revision, config))
    body = bytearray()
    for piece in itertools.chain((answer.begin,), answer.rest or ()):
        body += piece
        if len(body) > _SHOWN_MAX_BYTES:
            raise InputError(f"the answer is over {_SHOWN_MAX_BYTES:,} bytes long; add a LIMIT, or download it")
    if answer.media_type == _TRIPLES:
        return Shown(triples=body.decode("utf-8"), warning=warning)
    return _rows(json.loads(body), warning)


def _rows(results: dict[str, Any], warning: str) -> Shown:
    if "boolean" in results:
        return Shown(["ASK"], [[Cell(str(results["boolean"]).lower())]], 1, warning=warning)
    columns, bindings = results["head"]["vars"], results["results"]["bindings"]
    cells = [[_cell(row.get(name)) for name in columns] for row in bindings[:_SHOWN_ROWS]]
    return Shown(columns, cells, len(bindings), warning=warning)


def _cell(term: dict[str, Any] | None) -> Cell | None:
    if term is None:
        return None
    if not isinstance(term["value"], str):
        return Cell(json.dumps(term["value"], ensure_ascii=False))  # a triple term
    value = term["value"]
    if term["type"] == "uri" and value.startswith(("http://", "https://")):
        return Cell(value, iri=value)
    return Cell(value, term.get("xml:lang", ""))
