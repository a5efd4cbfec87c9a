"""Warm-up: after each revision the server asks itself what readers will ask first, so that it is known when they do.

The questions go through the application as a browser's do, one after another, and wait behind every client's. Nothing
here decides what may be kept. Source: ADR 0023.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from urllib.parse import quote_plus

from coopkg import gallery
from coopkg.web import bridge, keeping
from coopkg.web.bridge import App, Exchange
from coopkg.web.known import Copy, Known
from coopkg.web.reading import Request
from coopkg.web.site import starters

_LOG = logging.getLogger("coopkg.web")
#: A generation is warmed up once it has stood so long: of a row of publications the last one alone.
_EVERY_S = 2.0
_ANSWER_MAX_BYTES = 1 << 24
#: Whose budget it is that is spent.
_CLIENT = "warm-up"
_PAGES = (b"/", b"/?lang=fr", b"/?lang=en")
#: What Firefox, and what Chromium and its kin, say of pages; what our editor says of answers.
_OF_PAGES = (
    b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    b"application/signed-exchange;v=b3;q=0.7",
)
_OF_EDITOR = b"application/sparql-results+json, text/turtle;q=0.9, application/problem+json;q=0.5"
_FORM = b"application/x-www-form-urlencoded;charset=UTF-8"


class Warming:
    """Asks the same questions after each publication.

    Args:
        server: the name and the port that the application is told to be asked at.
        may_ask: whether all that answers show is there; before, nothing is asked.
    """

    def __init__(
        self,
        app: App,
        known: Known,
        server: tuple[str, int],
        questions: Sequence[Request],
        may_ask: Callable[[], bool],
    ) -> None:
        self._app = app
        self._known = known
        self._server = server
        self._questions = questions
        self._may_ask = may_ask
        self._ended = threading.Event()

    @contextmanager
    def warming(self) -> Iterator[None]:
        """Follow what is published in a thread of its own, for as long as this lasts."""
        thread = threading.Thread(target=self._follow, name="warm-up", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def once(self) -> None:
        """Ask what is not known yet, unless something else is published meanwhile."""
        published = self._known.follow()
        for question in self._questions:
            if self._ended.is_set() or self._known.follow() != published:
                return
            self._ask(question)

    def _follow(self) -> None:
        seen = warmed = ""
        while not self._ended.wait(_EVERY_S):
            before, seen = seen, self._known.follow()  # which also lets go of what is no longer published
            if seen in ("", warmed) or seen != before or not self._may_ask():
                continue
            try:
                self.once()
            except Exception:  # a thread that ended would warm nothing up any more
                _LOG.exception("the warm-up was broken off, by a fault of the program")
            warmed = seen

    def _ask(self, question: Request) -> None:
        key = self._known.key(question)
        if key is None or key in self._known:
            return
        exchange = Exchange(question, _ANSWER_MAX_BYTES, lambda: None, functools.partial(Copy, self._known, key))
        environ = bridge.environ_of(question, self._server, (_CLIENT, 0))
        environ["coopkg.yields"], environ["coopkg.gone"] = True, self._ended.is_set
        bridge.answer(self._app, environ, exchange)
        exchange.leave()


def questions(host: str, *, over_tls: bool) -> list[Request]:
    """Return what readers ask first: the example queries as our editor sends them, and the home page.

    Args:
        host: what they name as the host.
        over_tls: whether they come by https: elsewhere browsers take no other coding than gzip.
    """
    codings = b"gzip, deflate, br, zstd" if over_tls else b"gzip, deflate"
    said = [(b"host", host.encode("latin-1")), (b"accept-encoding", codings)]
    editor = [*said, (b"accept", _OF_EDITOR), (b"content-type", _FORM)]
    pages = [
        Request("GET", page, headers=[*said, (b"accept", accept), (b"accept-language", language)])
        for page, accept, language in product(_PAGES, _OF_PAGES, (b"fr", b"en"))
    ]
    return [Request("POST", b"/sparql", headers=list(editor), body=bytearray(_form(text))) for text in _texts()] + pages


def _texts() -> list[str]:
    shown = [one.query for group in gallery.groups("fr") for one in group.examples]
    every = dict.fromkeys([*(one.query for some in starters.EXAMPLES.values() for one in some), *shown])
    return [text for text in every if keeping.may_be_kept(text)]


def _form(query: str) -> bytes:
    """Return a form with a query as browsers write it (URL standard, section 5.2)."""
    return f"query={quote_plus(query, safe='*').replace('~', '%7E')}".encode("ascii")
