"""A writer that writes nothing: it keeps what it is asked, and answers or refuses as a test says."""

from __future__ import annotations

import threading
from pathlib import Path

from flask import Flask

from coopkg.errors import CoopkgError
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.tokens import Token, Tokens
from coopkg.web.app import create_app
from coopkg.writing import Writing, Written
from tests.web.conftest import in_process, unbounded


class FakeWriter:
    """Keeps each request to write; `answer` is what comes of it."""

    def __init__(self) -> None:
        self.asked: list[Writing] = []
        self.answer: Written | CoopkgError = Written(8, 1, 2)
        #: Cleared, it lets writers wait.
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.at_once = self.most_at_once = 0

    def write(self, writing: Writing) -> Written:
        """Answer as the test says."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.append(writing)
        assert self.may_go_on.wait(30)
        self.at_once -= 1
        if isinstance(self.answer, CoopkgError):
            raise self.answer
        return self.answer

    @property
    def last(self) -> Writing:
        """Return the last request to write."""
        return self.asked[-1]


class Desk:
    """An application that takes writes, its fake writer, and a token."""

    def __init__(self, settings: Settings, state: Path) -> None:
        published = Graph.open(settings, {})
        self.writer, self.tokens = FakeWriter(), Tokens(state)
        self.token: Token
        self.token, self.secret = self.tokens.add("redaction", ["graph/a-*"])
        self.app: Flask = create_app(published, unbounded(in_process(published)), settings, self.writer, self.tokens)
        self.revision: int = published.current()[1].revision
        self.bearer = {"Authorization": f"Bearer {self.secret}"}
