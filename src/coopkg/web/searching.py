"""Search clauses of the queries that come in: the index answers them on the account of the client; workers the rest.

What was searched, and what is to be said of it, goes into the headers of the answer. It knows no application, as
`operation` does not.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from coopkg import textsearch
from coopkg.service import Client, QueryService
from coopkg.sparql import Question
from coopkg.textsearch import Searched

#: The configuration of the application: what it answers with.
Config = Mapping[str, Any]


def searched(question: Question, client: Client, config: Config) -> tuple[Question, Searched | None]:
    """Return a question after its searches, and what is known of them; the very question where it asks for none.

    Raises:
        QueryError: a search clause is not of its grammar.
        BudgetSpent: the client has to wait.
        Refused: the index is being made.
    """
    clauses = textsearch.clauses(question.text, question.base) if textsearch.may_search(question.text) else []
    if not clauses:
        return question, None
    service: QueryService = config["SERVICE"]
    service.check(client)
    began = time.monotonic()
    try:
        found = textsearch.searched(config["INDEX"], question.text, clauses)
    finally:
        service.charge(client, time.monotonic() - began)
    return dataclasses.replace(question, text=found.text, told=found.told), found


def unsearched(question: Question) -> Question:
    """Return a question that is to be read and not answered: nothing is found by its searches.

    Raises:
        QueryError: a search clause is not of its grammar.
    """
    clauses = textsearch.clauses(question.text, question.base) if textsearch.may_search(question.text) else []
    return dataclasses.replace(question, text=textsearch.without_rows(question.text, clauses))


def headers(query: str, found: Searched | None, revision: int, config: Config) -> list[tuple[str, str]]:
    """Return the headers that say what the reader of an answer should know of the query and of its searches.

    Args:
        revision: that of the answer.
    """
    said = "; ".join(warnings(query, found, revision, config)).encode("ascii", "backslashreplace").decode()
    return [
        *([("Coopkg-Warning", said)] if said else ()),
        *([("Coopkg-Search-Revision", str(found.revision))] if found else ()),
    ]


def warnings(query: str, found: Searched | None, revision: int, config: Config) -> list[str]:
    """Return what the reader of an answer should know of the query and of its searches."""
    hint = config["HINTS"].about(query)
    said = [hint] if hint else []
    if found:
        said += found.remarks
        if found.revision != revision:
            said.append(f"revision {found.revision} was searched, and revision {revision} answered")
    return said
