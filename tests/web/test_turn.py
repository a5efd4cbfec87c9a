"""What known answers share that are given in one turn of the loop."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence

from coopkg.budget import networks_of
from coopkg.web import log
from coopkg.web.known import Known, Note
from coopkg.web.reading import Request
from coopkg.web.turn import Turn
from tests.web.test_front import MEGABYTE, fronting, until
from tests.web.test_known_served import saying
from tests.web.test_log import Lines, lines
from tests.web.test_repeats import request_of, told

__all__ = ["lines"]


class Loop:
    """A loop that calls what was left for the end of a turn when it is told to."""

    def __init__(self) -> None:
        self.left: list[Callable[[], None]] = []

    def at_end(self, what: Callable[[], None]) -> None:
        """Leave something for the end of the turn."""
        self.left.append(what)

    def end(self) -> None:
        """End the turn."""
        left, self.left = self.left, []
        for one in left:
            one()


def a_note(number: int) -> Note:
    return Note(Request("GET"), "203.0.113.9", f"{number:016x}", 200, '"path": "/a"')


def test_what_is_published_is_looked_up_once_a_turn() -> None:
    loop, looks = Loop(), list[str]()

    def look() -> str:
        looks.append(f"g{len(looks)}")
        return looks[-1]

    turn = Turn(loop.at_end, look, None)
    assert [turn.published() for _ in range(3)] == ["g0"] * 3
    loop.end()
    assert [turn.published() for _ in range(2)] == ["g1"] * 2
    turn.look_again()
    assert turn.published() == "g2"
    assert len(loop.left) == 1
    loop.end()
    assert not loop.left, "a loop with nothing to do must be able to sleep"


def test_the_notes_of_a_turn_are_told_together_at_its_end() -> None:
    loop, heard = Loop(), list[Sequence[Note]]()
    turn = Turn(loop.at_end, str, heard.append)
    for number in range(3):
        turn.note(a_note(number))
    assert not heard
    loop.end()
    turn.published()
    loop.end()
    turn.note(a_note(3))
    loop.end()
    assert heard == [[a_note(0), a_note(1), a_note(2)], [a_note(3)]]


def test_each_of_them_is_a_line(lines: Lines) -> None:
    log.note(networks_of(""), [a_note(1), a_note(2)])
    (text,) = lines.texts
    said = [json.loads(line) for line in text.split("\n")]
    assert [line["id"] for line in said] == [f"{number:016x}" for number in (1, 2)]
    assert {line["client"] for line in said} == {"203.0.113.0/24"}


def test_what_came_behind_other_bytes_is_answered_by_what_is_published_then() -> None:
    """A turn may read twice from a connection whose first bytes were many; the second may be younger than the turn."""
    published = ["g1"]

    def app(environ, start):  # type: ignore[no-untyped-def]  # as any WSGI application
        environ["coopkg.keep"](published[0])
        return saying()(environ, start)

    with fronting() as fronted, fronted.connect() as one, fronted.connect() as other:
        front = fronted.front
        front.app, front.known = app, Known(MEGABYTE, lambda: published[0])
        for connection in (one, other):
            for _ in range(2):
                told(connection, request_of(fronted))
        hits, done = list[int](), list[bool]()

        def in_one_turn() -> None:
            first, second = front.connections
            repeated = request_of(fronted)
            first.data_received(repeated)
            published[0] = "g2"
            first.data_received(repeated)
            hits.append(front.known.counts()["known_answers_hits"])
            second.data_received(repeated[:20])
            first.data_received(repeated)
            hits.append(front.known.counts()["known_answers_hits"])
            done.append(True)

        before = front.known.counts()["known_answers_hits"]
        front.loop.call_soon_threadsafe(in_one_turn)
        answers = b""
        until(lambda: bool(done))
        for connection in (one, other):
            connection.settimeout(1)
            with contextlib.suppress(TimeoutError):
                while answers.count(b"a body") < 3:
                    answers += connection.recv(1 << 16)
        assert [count - before for count in hits] == [2, 2]
        assert answers.count(b"Coopkg-Cache: hit") == 2
        assert answers.count(b"HTTP/1.1 200 OK") == 3
