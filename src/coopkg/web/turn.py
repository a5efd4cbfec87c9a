"""What known answers share that are given in one turn of the loop: a look at what is published, and a line of the log.

A turn begins when the system tells which connections have something to read, and ends when all of that is read. One
look costs a tenth of such an answer, a write to the log as much as all the rest. Source: ADR 0023.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coopkg.web.known import Note

Tell = Callable[[Sequence[Note]], None]


class Turn:
    """The present turn of a loop.

    Args:
        at_end: has something called when the turn is over.
        look: says what is published now.
        tell: told of all answers of a turn together; None where nobody wants to hear.
    """

    def __init__(
        self, at_end: Callable[[Callable[[], None]], object], look: Callable[[], str], tell: Tell | None
    ) -> None:
        self._at_end = at_end
        self._look = look
        self._tell = tell
        #: Whether answers are to be noted.
        self.is_noted = tell is not None
        self._published: str | None = None
        self._notes: list[Note] = []
        self._is_begun = False

    def published(self) -> str:
        """Return what is published, looked up once a turn.

        Whatever is read in a turn was sent before it began, so what was published then is no old answer; but see
        `look_again`.
        """
        if self._published is None:
            self._published = self._look()
            self._begin()
        return self._published

    def look_again(self) -> None:
        """Have it looked up again within this turn: what is read next may have been sent after the last look."""
        self._published = None

    def note(self, note: Note) -> None:
        """Note an answer, to be told at the end of the turn."""
        self._notes.append(note)
        self._begin()

    def _begin(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            self._at_end(self._end)

    def _end(self) -> None:
        self._is_begun, self._published = False, None
        if self._notes and self._tell is not None:
            notes, self._notes = self._notes, []
            self._tell(notes)
