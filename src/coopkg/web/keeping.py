"""What a view says of its answer: that it may be given again, as it is, while the same is published.

The view says it, and nobody guesses. What it may say it of: an answer that follows from its question and from what is
published, and from nothing else. Source: ADR 0023.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import request

# The engine knows no word ends (`5NOW()`) and lets blanks and comments stand before a parenthesis. French is full of
# "grand", so the names alone, without one, are no reason.
_OTHER_EACH_TIME = re.compile(r"(?:now|rand|uuid|bnode)(?>(?:\s|#[^\n\r]*+)*)\(|service|\\u", re.IGNORECASE | re.ASCII)


def keep(of: str) -> None:
    """Let the present answer be given again, if it becomes whole.

    Args:
        of: the generation that it is made from, or that was current when the view began to read.
    """
    let(request.environ, of)


def let(environ: dict[str, Any], of: str) -> None:
    """Let the answer to a request be given again, as `keep` does; `environ` is that of WSGI."""
    told: Callable[[str], None] | None = environ.get("coopkg.keep")
    if told is not None and of:
        told(of)


def may_be_kept(query: str) -> bool:
    """Return whether the answer to a query follows from what is published alone; a doubtful text is none of these.

    An escape (`\\u`) could spell anything, and is doubtful.

    >>> may_be_kept("SELECT (NOW () AS ?t) {}"), may_be_kept("SELECT ?x { ?x rdfs:label 'le grand pas' }")
    (False, True)
    """
    return not _OTHER_EACH_TIME.search(query)
