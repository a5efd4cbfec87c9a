"""The processes of the pool from the server's side: workers, to be asked and killed, and keepers, which fork them."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from coopkg import sandbox, wire
from coopkg.keeper import KeeperSettings

#: How long a process may take to stand ready.
START_S = 30.0
_SLOW_NICENESS = 15
_LOOK_EVERY_S = 0.01
#: With a process' complement before it, what clock_getcpuclockid(3) gives.
_CPU_CLOCK = 2


class Worker:
    """A worker process, from the server's side; its generation is the one that its keeper held when it was forked.

    `folder` is that of the generation, or of the private store that it was started over.
    """

    def __init__(
        self, keeper: Keeper, process_id: int, handle: int, connection: socket.socket, folder: Path | None = None
    ) -> None:
        self.keeper = keeper
        self.folder = folder or keeper.folder
        self.revision = keeper.revision
        self.process_id = process_id
        self._handle: int | None = handle
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN | select.POLLHUP)
        self._buffer = bytearray()
        self._thread = process_id  # that answers, once it has said so

    def is_ready(self, wait_s: float) -> bool:
        """Return whether it says that it can be asked, within some seconds: as a new one, or after `slow_down`."""
        with contextlib.suppress(EOFError):
            if (frame := self.frame(wait_s)) and frame[0] == b"R":
                self._thread = int.from_bytes(frame[1], "big")
                return True
        return False

    def ask(self, kind: bytes, content: bytes) -> None:
        """Send a question or a document.

        Raises:
            OSError: the worker has died.
        """
        wire.send(self._connection, kind, content)

    def frame(self, timeout_s: float) -> tuple[bytes, bytes] | None:
        """Return the next frame, or None when the time is over before it is whole.

        Raises:
            EOFError: the worker has died.
        """
        until = time.monotonic() + timeout_s
        while True:
            if frame := wire.taken(self._buffer):
                return frame
            left = until - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                return None
            try:
                piece = self._connection.recv(1 << 17)
            except OSError:  # reset, or closed by the end of the pool
                piece = b""
            if not piece:
                raise EOFError
            self._buffer += piece

    def waits(self) -> bool:
        """Return whether it lives and has nothing to say, as one that stands ready."""
        return not self._buffer and not self._poll.poll(0)

    def cpu_s(self) -> float | None:
        """Return how long the process has used a processor, all its threads together; None when it has gone."""
        try:
            return time.clock_gettime(~self.process_id << 3 | _CPU_CLOCK)
        except OSError:
            return None

    def slow_down(self) -> None:
        """Let fast queries go first; once it has answered, it says that it is ready as it was before."""
        with contextlib.suppress(OSError):  # each thread has its own on Linux, whatever POSIX says
            os.setpriority(os.PRIO_PROCESS, self._thread, _SLOW_NICENESS)

    def kill(self) -> None:
        """End the process now, whatever it does. Killing twice is allowed."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)
            self._connection.close()


class Keeper:
    """The process that holds a generation and forks workers; see `coopkg.keeper`."""

    def __init__(self, folder: Path, revision: int, settings: KeeperSettings) -> None:
        self.folder = folder
        self.revision = revision
        self.in_memory = settings.in_memory
        self.is_bloated = False
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._control.settimeout(START_S)
        arguments, environ = sandbox.program("coopkg.keeper", str(theirs.fileno()), str(folder), settings.encoded())
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                arguments,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**environ, "MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0"},
            )
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()

    def is_ready(self, wait_s: float) -> bool:
        """Return whether the graph is held, after waiting for at most some seconds; ask until it says so.

        Raises:
            OSError: the keeper ended while it loaded.
        """
        if not _polled(self._control, select.POLLIN, wait_s):
            return False
        if not self._control.recv(wire.HEAD.size):
            raise ConnectionError("the keeper of the graph ended while it loaded")
        return True

    def has_gone(self, wait_s: float = 0.0) -> bool:
        """Return whether the process has ended: it lets its end of the connection go before its workers die.

        Args:
            wait_s: how long to wait for it: on a busy machine its workers may be gone before the last of its threads
                is, and a worker that it was just making may hold that end a moment longer.
        """
        until = time.monotonic() + wait_s
        while not self._is_gone():
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_EVERY_S)
        return True

    def _is_gone(self) -> bool:
        try:
            return self._process.poll() is not None or bool(_polled(self._control, 0, 0) & select.POLLHUP)
        except (OSError, ValueError):
            return True  # another thread has closed the connection, since the process has gone

    def worker(self, folder: Path | None = None) -> Worker:
        """Return a new worker that stands ready.

        Args:
            folder: of a store that is its own to change, as `QuadStore.copy` makes it, and that is removed once the
                worker has ended; None for the graph of the keeper.
        Raises:
            OSError: the keeper has gone, or its workers end at once.
        """
        with self._lock:
            wire.send(self._control, b"S", os.fsencode(folder.absolute()) if folder else b"")
            message, handles, _, _ = socket.recv_fds(self._control, 4, 2)
        if len(message) < 4 or len(handles) < 2:
            for handle in handles:
                os.close(handle)
            raise ConnectionError("the keeper of the graph has gone")
        fresh = Worker(self, int.from_bytes(message, "big"), handles[1], socket.socket(fileno=handles[0]), folder)
        if fresh.is_ready(START_S):
            return fresh
        fresh.kill()
        raise ConnectionError("a new worker ended before it was ready")

    def advance(self, differences: Sequence[bytes], folder: Path, revision: int) -> None:
        """Bring a keeper in memory to another generation; workers that it has forked stay on theirs.

        Raises:
            OSError: it failed; it was ended, and its workers with it, for nobody knows what it holds now.
        """
        try:
            with self._lock:
                for content in differences:
                    wire.send(self._control, b"A", content)
                    self.is_bloated = json.loads(wire.receive(self._control)[1])["is_bloated"]
        except (OSError, EOFError) as fault:
            self.close()
            raise ConnectionError("the keeper of the graph ended while it followed a new generation") from fault
        self.folder, self.revision = folder, revision

    def close(self) -> None:
        """End the keeper now, and its workers with it. Closing twice is allowed."""
        self._control.close()
        self._process.kill()
        threading.Thread(target=self._process.wait, daemon=True).start()


def _polled(connection: socket.socket, what: int, wait_s: float) -> int:
    # Not select, which fails on the handles above 1,023 that a busy server has.
    poll = select.poll()
    poll.register(connection, what)
    return sum(events for _, events in poll.poll(wait_s * 1000))
