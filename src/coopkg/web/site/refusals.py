"""A refusal as a page, for a browser; everybody else gets it as `problems` says it.

Needs neither the graph nor anything that may have failed.
"""

from __future__ import annotations

import re

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from coopkg import negotiation
from coopkg.errors import CoopkgError, InputError, NotAcceptable
from coopkg.web import client, problems, representation
from coopkg.web.site import layout

_FORMS = ("text/plain", "application/problem+json", "text/html")
_THING = re.compile(r"/(?:doc|id)/(?:.*/)?([^/]+)")
_WORDS_MAX = 100


def of(error: CoopkgError) -> Response:
    """Return a coopkg error as an answer."""
    return _shown(problems.of(error))


def of_http(error: HTTPException) -> Response:
    """Return what Flask refuses by itself as an answer."""
    return _shown(problems.of_http(error))


def absent(sentence: str) -> Response:
    """Return that there is nothing at an address, and what may be meant."""
    return _shown(problems.answer("not-found", 404, sentence))


def _shown(refusal: Response) -> Response:
    """Return a refusal as a page where a browser asked; its status and its headers stay."""
    if not is_for_people():
        return refusal
    sentence, _, more = refusal.get_data(as_text=True).partition("\n")
    wait_s = refusal.headers.get("Retry-After", "")
    _choose_language()
    failed = refusal.status_code
    page = layout.page(
        "refusal.html", failed, failed=failed, sentence=sentence, more=more, wait_s=wait_s, q=_words(request.path)
    )
    for name, value in refusal.headers:
        if name not in ("Content-Type", "Content-Length", "Vary"):
            page.headers[name] = value
    page.headers["Cache-Control"] = "no-store"
    page.vary.update(refusal.vary)
    return page


def is_for_people(ending: str = "") -> bool:
    """Whether a refusal is a page: the ending of the address says HTML, or without one a browser asked."""
    if ending:
        return representation.ENDINGS[ending] == representation.HTML
    try:
        return negotiation.choose(request.headers.get("Accept", ""), (), _FORMS) == "text/html"
    except NotAcceptable:
        return False


def _choose_language() -> None:
    """Settle the language of the page; an address that cannot be read may be what is refused."""
    try:
        layout.reader_lang()
    except InputError:
        g.lang = client.language(client.LANGUAGES[0])


def _words(path: str) -> str:
    """Return the words to search for in the place of a thing that is not there; "" when the address names none.

    >>> _words("/doc/project/creathon-du-vivre-ensemble"), _words("/nothing")
    ('creathon du vivre ensemble', '')
    """
    thing = _THING.fullmatch(path)
    return " ".join(re.findall(r"\w+", thing[1]))[:_WORDS_MAX] if thing else ""
