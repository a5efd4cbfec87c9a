"""Requests to write, sent to the process that writes: the server's side of `coopkg.scribe`, and the form of its frames.

Frames: W a request (length of its head, head as JSON, document); then either A what came of it, or X a refusal.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
import struct
import subprocess
import threading
from typing import Any

from coopkg import sandbox, wire
from coopkg.errors import ServerBusy
from coopkg.refusal import finding_of, heard
from coopkg.update import Update
from coopkg.writing import Act, Writing, Written

#: A request may wait for a first judgement, an update up to its deadline, and a publication.
PATIENCE_S = 90.0
_LENGTH = struct.Struct(">I")


class Dictation:
    """A `Writer` that lets another process write; it is started at once, and again when it has ended.

    Args:
        settings: the argument of `coopkg.scribe` that says how to open the state folder.
    """

    def __init__(self, settings: str) -> None:
        self._settings = settings
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def write(self, writing: Writing) -> Written:
        """Do what is asked, all of it or nothing; see `coopkg.writing.Writer`.

        Raises:
            ServerBusy: the process ended, or takes too long; the same idempotency key tells what came of it.
        """
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise ServerBusy("others are writing; send it again")
        try:
            return self._answer(writing)
        except (OSError, EOFError) as fault:
            self._end(wait_s=0.0 if isinstance(fault, TimeoutError) else PATIENCE_S)  # it had its time already
            raise ServerBusy(
                "the process that writes ended; send it again with the same Idempotency-Key, or look at the graph first"
            ) from fault
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let the process publish what it has accepted, and end."""
        with self._turn:
            self._end()

    def _answer(self, writing: Writing) -> Written:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._start()
        wire.send(self._control, b"W", encoded(writing))
        kind, content = wire.receive(self._control)
        said = json.loads(content)
        if kind == b"X":
            raise heard(said)
        return Written(**{**said, "findings": tuple(map(finding_of, said["findings"]))})

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(PATIENCE_S)
        arguments, environ = sandbox.program("coopkg.scribe", str(theirs.fileno()), self._settings)
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                arguments, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environ
            )
        finally:
            theirs.close()

    def _end(self, wait_s: float = PATIENCE_S) -> None:
        self._control.close()
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(wait_s)
            process.kill()
            process.wait()


def encoded(writing: Writing) -> bytes:
    """Return a request as the content of a frame."""
    head = {field.name: getattr(writing, field.name) for field in dataclasses.fields(writing)}
    del head["content"]
    head["update"] = writing.update and dataclasses.asdict(writing.update)
    text = json.dumps(head).encode()
    return _LENGTH.pack(len(text)) + text + writing.content


def decoded(content: bytes) -> Writing:
    """Return the request that a frame's content says."""
    begin = _LENGTH.size + _LENGTH.unpack_from(content)[0]
    head: dict[str, Any] = json.loads(content[_LENGTH.size : begin])
    update = head.pop("update")
    head |= {"act": Act(head["act"]), "scopes": tuple(head["scopes"]), "content": content[begin:]}
    return Writing(**head, update=update and Update(**{**update, **_tuples(update)}))


def _tuples(update: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(value) for name, value in update.items() if isinstance(value, list)}
