"""The HTTP front: one loop that owns every connection, and threads that see whole requests only.

Half-sent requests and slow readers cost a few kilobytes here and no thread. Every wait has an end, every buffer a
bound. It knows WSGI, and nothing of graphs. Source: ADR 0011.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import cast

import uvloop

from coopkg.web import bridge, known
from coopkg.web.bridge import App, Exchange, Given
from coopkg.web.crew import Crew
from coopkg.web.known import Copy, Entry, Known, Note
from coopkg.web.peers import Peers
from coopkg.web.reading import HEAD_MAX_BYTES, Reader, Refusal, Request
from coopkg.web.repeats import Repeats
from coopkg.web.turn import Tell, Turn

_TICK_S = 0.25
#: Of an answer: a reader on the same machine takes them as fast as they are read, and would keep the loop.
_PIECES_A_TURN = 8
#: A known answer that is no longer goes out with its head, in one piece.
_ONE_PIECE_BYTES = 1 << 16
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_RETRY = [("Retry-After", "1")]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may take; times in seconds."""

    body_max_bytes: int
    #: Of an answer that its client has not taken.
    waiting_max_bytes: int
    #: How long requests under way may go on when the server is told to stop.
    drain_s: float
    #: How long a body may be for some paths.
    longer_bodies: Mapping[bytes, int] = field(default_factory=dict)
    #: How many requests may be under way at once whose body may be longer than that.
    long_bodies_max: int = 4
    head_s: float = 10.0
    body_s: float = 60.0
    #: In each such time a body must grow by so many bytes.
    progress_s: float = 10.0
    progress_bytes: int = 1024
    idle_s: float = 20.0
    #: How long a reader may take nothing of an answer that waits.
    reader_s: float = 60.0
    #: After a refusal, what still comes is read and dropped, so that the client gets to read why.
    linger_s: float = 5.0
    linger_bytes: int = 1 << 24


class Front:
    """Answers the connections of some sockets with an application.

    Args:
        sockets: bound, one an address.
        crew_of: which threads answer a request.
        longer: how long the body of a request may be that is longer than usual; 0, or a refusal, where it may not.
        known: the answers that need no thread.
        note: told of those that were given, a turn of the loop at a time; None where no log is kept.
    """

    def __init__(
        self,
        app: App,
        sockets: Sequence[socket.socket],
        peers: Peers,
        crew_of: Callable[[Request], Crew],
        limits: Limits,
        longer: Callable[[Request], int] = lambda _: 0,
        known: Known | None = None,
        note: Tell | None = None,
    ) -> None:
        self.app = app
        self.known = known or Known(0, str)
        self.repeats = Repeats()
        self.request_ids = _request_ids()
        self.peers = peers
        self.crew_of = crew_of
        self.limits = limits
        self.longer = longer
        self.long_bodies = 0
        self.connections: set[Connection] = set()
        self.is_draining = False
        self.loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        self.turn = Turn(self.loop.call_soon, lambda: self.known.published(), note)
        self._sockets = sockets
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._signal: int | None = None
        self._has_run = False

    def run(self) -> None:
        """Answer until told to stop, by a signal or by `stop`; then let what is under way finish.

        A signal is passed on at the end, to whoever handled it before.
        """
        self._has_run = True
        before = {}
        if threading.current_thread() is threading.main_thread():
            for number in _STOP_SIGNALS:
                before[number] = signal.getsignal(number)
                self.loop.add_signal_handler(number, self._told, number)
        try:
            self.loop.run_until_complete(self._serve())
        finally:
            for number, handler in before.items():
                self.loop.remove_signal_handler(number)
                signal.signal(number, handler)
            self.loop.close()
        if self._signal is not None:
            signal.raise_signal(self._signal)

    def stop(self) -> None:
        """Tell it to stop, from any thread."""
        if self._has_run:
            with contextlib.suppress(RuntimeError):  # it has stopped already
                self.loop.call_soon_threadsafe(self._stop.set)
            return
        for one in self._sockets:
            one.close()
        self.loop.close()

    def forget(self, connection: Connection) -> None:
        """Note that a connection is no more."""
        self.connections.discard(connection)
        if self.is_draining and not self.connections:
            self._hurry.set()

    def _told(self, number: int) -> None:
        if self._stop.is_set():  # told twice
            self._hurry.set()
        self._signal = number
        self._stop.set()

    async def _serve(self) -> None:
        servers = [
            await self.loop.create_server(functools.partial(Connection, self), sock=one, backlog=1024)
            for one in self._sockets
        ]
        ticking = self.loop.create_task(self._tick())
        await self._stop.wait()
        self.is_draining = True
        for server in servers:
            server.close()
        for connection in list(self.connections):
            connection.drain()
        if self.connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self.limits.drain_s)
        ticking.cancel()
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0.01)  # views that ask hear that their clients have gone

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            now = time.monotonic()
            for connection in list(self.connections):
                connection.tick(now)


class _State(Enum):
    REQUEST = auto()
    ANSWER = auto()
    LINGER = auto()
    CLOSING = auto()


class Connection(asyncio.Protocol):
    """One connection: reads a request, has it answered, writes the answer, and again."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._turn, self._repeated = front.turn, front.repeats.get
        self._limits = front.limits
        self._reader = Reader(front.limits.body_max_bytes, self._longer, front.limits.longer_bodies)
        self._state = _State.REQUEST
        self._exchange: Exchange | Given | None = None
        self._transport: asyncio.Transport
        self._peer = ("", 0)
        self._is_counted = self._is_idle = self._is_paused = self._is_long = False
        self._until = time.monotonic() + self._limits.head_s
        self._mark = (0.0, 0)  # when a body must have grown beyond how many bytes
        self._body_bytes = 0
        self._dropped = 0

    # ---- what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count a connection in, or close it at once."""
        self._transport = cast(asyncio.Transport, transport)
        self._peer = (transport.get_extra_info("peername") or self._peer)[:2]
        if self._front.is_draining or not self._front.peers.enter(self._peer[0]):
            self._state = _State.CLOSING
            self._transport.abort()
            return
        self._is_counted = True
        self._front.connections.add(self)

    def connection_lost(self, fault: Exception | None) -> None:
        """Let everything go."""
        if self._exchange is not None:
            self._exchange.leave()
        self._state, self._exchange = _State.CLOSING, None
        self._end_long()
        if self._is_counted:
            self._front.peers.leave(self._peer[0])
        self._front.forget(self)

    def eof_received(self) -> None:
        """Take a client that stops sending for one that has gone: what it sent in part is no request."""
        if self._state is _State.ANSWER:
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        state = self._state
        if state is _State.REQUEST:
            is_first = not self._reader.has_begun
            if is_first and self._is_repeated(data):
                return
            if self._is_idle:
                self._is_idle = False
                self._until = time.monotonic() + self._limits.head_s
            self._reader.feed(data)
            self._body_bytes += len(data)
            self._advance(data if is_first else b"")
        elif state is _State.ANSWER:
            self._reader.feed(data)
            # Read on, to notice when the client leaves; but nobody sends so much ahead in earnest.
            if self._reader.waiting_bytes > HEAD_MAX_BYTES + self._limits.body_max_bytes:
                self.abort()
        elif state is _State.LINGER:
            self._dropped += len(data)
            if self._dropped > self._limits.linger_bytes:
                self.abort()

    def pause_writing(self) -> None:
        """Note that the client takes no more for now."""
        self._is_paused = True
        self._until = time.monotonic() + self._limits.reader_s

    def resume_writing(self) -> None:
        """Go on writing."""
        self._is_paused = False
        self._pump()

    # ---- what the front calls

    def tick(self, now: float) -> None:
        """End what has waited too long."""
        if self._state is _State.ANSWER:
            if self._is_paused and now > self._until:
                self.abort()
        elif now > self._until:
            if self._state is _State.REQUEST and self._reader.has_begun:
                self._refuse(408, "The request did not come whole in time.")
            elif self._state is _State.REQUEST:
                self._close()
            else:
                self.abort()
        elif self._state is _State.REQUEST and self._reader.is_in_body and now > self._mark[0]:
            if self._body_bytes < self._mark[1]:
                self._refuse(408, "The request's body comes too slowly.")
            else:
                self._mark = (now + self._limits.progress_s, self._body_bytes + self._limits.progress_bytes)

    def drain(self) -> None:
        """Finish the answer under way, and nothing after it."""
        if self._exchange is None:
            self._close()
        else:
            self._exchange.keeps_alive = False

    def abort(self) -> None:
        """Break the connection off."""
        if self._exchange is not None:
            self._exchange.leave()
        self._state = _State.CLOSING
        self._transport.abort()

    # ---- a request

    def _is_repeated(self, data: bytes) -> bool:
        """Give the answer to a request that came before, byte by byte, and is still known; return whether it was."""
        turn = self._turn
        again = self._repeated(data)
        if again is None or (entry := self._front.known.find(again[1], turn.published())) is None:
            turn.look_again()  # what comes behind these bytes may be younger
            return False
        self._give(again[0], entry)
        return True

    def _advance(self, came: bytes = b"") -> None:
        """Read what is there; once a request is whole, have it answered.

        Args:
            came: all that there is, where it came at once.
        """
        if self._state is not _State.REQUEST:
            return
        was_in_body = self._reader.is_in_body
        try:
            request = self._reader.take()
        except Refusal as refused:
            self._refuse(refused.status, refused.sentence, refused.headers)
            return
        if request is not None:
            self._begin(request, came if not self._reader.has_begun else b"")
        elif self._reader.is_in_body and not was_in_body:
            now = time.monotonic()
            self._until = now + self._limits.body_s
            self._mark = (now + self._limits.progress_s, self._body_bytes + self._limits.progress_bytes)
            if self._reader.must_continue:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _longer(self, request: Request) -> int:
        """Return how long the body of a request may be beyond the usual; hold one of the few places for such."""
        most = self._front.longer(request)
        if most and not self._is_long:
            if self._front.long_bodies >= self._limits.long_bodies_max:
                raise Refusal(503, "Too many long bodies are being read; try again in a moment.", _RETRY)
            self._front.long_bodies += 1
            self._is_long = True
        return most

    def _end_long(self) -> None:
        self._front.long_bodies -= self._is_long
        self._is_long = False

    def _begin(self, request: Request, came: bytes) -> None:
        """Have a request answered; `came` are its bytes, where these are known."""
        front = self._front
        key = front.known.key(request)
        if key is not None and (entry := front.known.find(key)):
            front.repeats.note(came, request, key)
            self._give(request, entry)
            return
        copying = None if key is None else functools.partial(Copy, front.known, key)
        exchange = Exchange(request, self._limits.waiting_max_bytes, self._wake, copying)
        environ = bridge.environ_of(request, self._transport.get_extra_info("sockname")[:2], self._peer)
        environ["coopkg.gone"] = lambda: exchange.has_gone
        self._state, self._exchange = _State.ANSWER, exchange
        crew = front.crew_of(request)
        if not crew.take(functools.partial(bridge.answer, front.app, environ, exchange)):
            self._exchange = None
            self._refuse(503, "Too many requests wait already; try again in a moment.", _RETRY)

    def _give(self, request: Request, entry: Entry) -> None:
        """Give an answer that is known, here and now."""
        request_id = next(self._front.request_ids)
        keeps_alive = request.keeps_alive and not self._front.is_draining
        status, head, body = known.given(entry, request, request_id, keeps_alive=keeps_alive)
        if self._turn.is_noted:
            self._turn.note(Note(request, self._peer[0], request_id, status, entry.told))
        if len(body) <= _ONE_PIECE_BYTES:
            self._transport.write(head + body)
            if keeps_alive and not self._is_paused:
                self._await_next()
                return
            head = body = b""
        self._state, self._exchange = _State.ANSWER, Given(head, body, keeps_alive=keeps_alive)
        self._pump()

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there to hear
            self._front.loop.call_soon_threadsafe(self._pump)

    # ---- its answer

    def _pump(self) -> None:
        """Write what waits, as far as the client takes it."""
        exchange = self._exchange
        if exchange is None or self._state is not _State.ANSWER:
            return
        exchange.heard()
        is_over = exchange.is_over  # before reading: what was written by then is read below
        if exchange.head is None:
            if is_over:
                self._exchange = None
                self._refuse(500, "The server cannot answer now; try again in a moment.")
            return
        try:
            is_empty = self._pour(exchange)
        except OSError:  # a disk that fails, or a file that was cut
            self.abort()
            return
        if not is_over or not is_empty:
            return
        exchange.spool.close()
        self._exchange = None
        self._end_long()
        if exchange.is_broken or not exchange.keeps_alive:
            self._close()
            return
        self._await_next()

    def _await_next(self) -> None:
        self._state = _State.REQUEST
        self._is_idle = not self._reader.has_begun
        self._until = time.monotonic() + (self._limits.idle_s if self._is_idle else self._limits.head_s)
        if not self._is_idle:
            self._front.loop.call_soon(self._advance)

    def _pour(self, exchange: Exchange | Given) -> bool:
        """Write what waits, so much and no more before others have their turn; return whether all of it is written."""
        for _ in range(_PIECES_A_TURN):
            if self._is_paused or self._transport.is_closing():
                return False
            piece = (exchange.head or b"") + exchange.spool.read()
            exchange.head = b""
            if not piece:
                return True
            self._transport.write(piece)
        self._front.loop.call_soon(self._pump)
        return False

    def _refuse(self, status: int, sentence: str, more: Sequence[tuple[str, str]] = ()) -> None:
        """Answer without the application, then read on for a moment: a client that still sends would not see it."""
        self._end_long()
        self._transport.write(bridge.refusal(status, sentence, more))
        self._transport.write_eof()
        self._state = _State.LINGER
        self._until = time.monotonic() + self._limits.linger_s

    def _close(self) -> None:
        """Close once what was written has gone out."""
        self._state = _State.CLOSING
        self._until = time.monotonic() + self._limits.reader_s
        self._transport.close()


def _request_ids() -> Iterator[str]:
    """Yield ids that nobody can guess; the system is asked for 256 at once, since that costs more than all the rest."""
    while True:
        digits = secrets.token_hex(256 * 8)
        yield from [digits[at : at + 16] for at in range(0, len(digits), 16)]
