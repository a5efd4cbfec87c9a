"""The feed: which things came, changed and went with each revision, for whoever follows things.

It follows the published revisions in the journal, may lag a moment behind them, and can be made again from the journal
alone. Whatever it gave before an erasure, or of another journal, it gives no more. Source: ADR 0022, ADR 0016.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from coopkg import editions
from coopkg.errors import Refused
from coopkg.feed.table import Part, Reading, Table
from coopkg.journal import Journal, Revision

__all__ = ["Feed"]

Progress = Callable[[Iterable[Part]], Iterable[Part]]
_MAKING_S = 10.0


class Feed:
    """The feed of one journal; there is none until it is followed.

    Args:
        journal: its folder.
        before: called before each reading; it may bring the feed up to date.
    """

    def __init__(self, journal: Path, before: Callable[[Feed], object] = lambda _: None) -> None:
        self._path = journal
        self._before = before
        self._one_at_a_time = threading.Lock()
        self._journal: Journal | None = None
        self._edition: Path | None = None
        self._table: Table | None = None

    def follow(self, published: int, progress: Progress = iter) -> None:
        """Bring the feed up to a revision; make it anew where the journal was.

        Args:
            published: the number of the last revision that readers may see.
            progress: passes what is read through, and may break off.
        Raises:
            StateDamaged: the journal is not what was written.
            DiskFullError: there is no room for the table.
        """
        with self._one_at_a_time:
            edition = editions.current(self._path)
            journal = self._journal.follow() if self._journal else Journal(self._path)
            table = self._table
            if table is None or table.is_lost or (journal, edition) != (self._journal, self._edition):
                self._let_go()
                table = Table()
            try:
                for revision in journal.revisions[table.revision : published]:
                    parts = progress(_parts(journal, revision))
                    table.add(revision.number, revision.time, revision.hash, parts)
            except BaseException:
                if table is not self._table:
                    table.destroy()
                raise
            self._journal, self._edition, self._table = journal, edition, table

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give one state of the feed.

        Raises:
            Refused: it is being made; says when to come back.
        """
        self._before(self)
        table = self._table
        if table is None or editions.current(self._path) != self._edition:
            raise self.refusal()
        with table.reading() as reading:
            yield reading

    def refusal(self) -> Refused:
        """Return what to say to whoever asks for what is not there yet."""
        return Refused("the feed is being made; try again in a few seconds", _MAKING_S)

    def close(self) -> None:
        """Let the feed go."""
        with self._one_at_a_time:
            if self._table:
                self._table.close()
            self._table = None

    def _let_go(self) -> None:
        """Destroy what is of a journal from before: an erasure may be why it was made anew."""
        if self._table:
            self._table.destroy()
        self._table = None


def _parts(journal: Journal, revision: Revision) -> Iterator[Part]:
    """Yield what a revision says of each subject; a patch is sorted, so that the lines of a subject stand together."""
    for (letter, subject), lines in groupby(map(_split, journal.lines(revision)), lambda line: line[:2]):
        yield Part(letter == "A", subject, [rest for _, _, rest in lines])


def _split(line: bytes) -> tuple[str, str, str]:
    letter, subject, rest = line.decode("utf-8").split(" ", 2)
    return letter, subject, rest
