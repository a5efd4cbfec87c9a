"""What a benchmark knows of a server: how it is loaded and started, and how it is asked."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.benchmarks.servers.graph import Made

#: The longest that a query may take; a server that can stop one itself is told so.
LIMIT_S = 10


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a running server answers.

    Args:
        fields: what its form holds beside the query, percent-encoded.
    """

    process: int
    port: int
    path: str
    fields: str = ""


class Server(Protocol):
    """One of those that are compared."""

    @property
    def name(self) -> str:
        """What its column is called."""

    @property
    def note(self) -> str:
        """What a reader of its figures must know."""

    @property
    def largest(self) -> int | None:
        """The largest size at which it is asked; None when it is asked at every size."""

    @property
    def keeps_answers(self) -> bool:
        """Whether it keeps answers, so that the same text is worth asking twice."""

    def missing(self) -> str | None:
        """Return what is not installed here and how it is, or None when all is there."""

    def version(self) -> str:
        """Return which version it is."""

    def load(self, made: Made, folder: Path) -> None:
        """Put the triples where the server keeps them, in a folder of its own."""

    def serving(self, made: Made, folder: Path) -> AbstractContextManager[Endpoint]:
        """Give the endpoint once it answers over all triples, and end the server afterwards."""
