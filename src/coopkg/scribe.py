"""The scribe: the one process of a server that writes, as long as the server lives.

It keeps what it knows of the graph, so that each request is judged at a cost that follows the request; it holds the
write lock only while it writes. A request is answered once it is durable; what came together is published together.

    python -m coopkg.scribe <control socket> <settings as JSON>
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coopkg import upkeep, wire
from coopkg.dictation import decoded
from coopkg.errors import CoopkgError, DiskFullError
from coopkg.refusal import told
from coopkg.settings import Settings
from coopkg.writer import GateWriter

#: How long others may be written before the first of them is published.
_TOGETHER_S = 0.1
_PATHS = ("state", "content", "signing_key")


def argument(settings: Settings, environ: Mapping[str, str]) -> str:
    """Return settings as the argument of this program."""
    said = {**dataclasses.asdict(settings), "state": settings.state_folder(environ)}
    return json.dumps({name: str(value) if isinstance(value, Path) else value for name, value in said.items()})


def main(arguments: list[str]) -> None:
    """Write what is asked until the server goes."""
    control = socket.socket(fileno=int(arguments[0]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when to end
    writer = upkeep.writer(_settings(json.loads(arguments[1])), os.environ)
    try:
        with contextlib.suppress(CoopkgError):  # whatever it is, the first request is told
            writer.warm_up()
        gc.freeze()  # or the collector walks through all facts now and then
        _serve(control, writer)
    finally:
        writer.close()


def _serve(control: socket.socket, writer: GateWriter) -> None:
    waiting: bytes | None = None
    while True:
        try:
            waiting = wire.receive(control)[1]
            until = time.monotonic() + _TOGETHER_S
            with writer.session():
                while waiting is not None:
                    request, waiting = waiting, None
                    _answer(control, writer, request)
                    waiting = _next(control, until)
        except (EOFError, BrokenPipeError):
            return  # the server has gone; what was accepted is published by now
        except DiskFullError as fault:
            _tell(control, fault, waiting)
            return  # a journal that could not be synced takes nothing more from this process
        except CoopkgError as fault:
            _tell(control, fault, waiting)


def _answer(control: socket.socket, writer: GateWriter, request: bytes) -> None:
    try:
        written = dataclasses.asdict(writer.write(decoded(request)))
    except CoopkgError as fault:
        wire.send_json(control, b"X", told(fault))
        if isinstance(fault, DiskFullError):
            raise
        return
    wire.send_json(control, b"A", written)


def _next(control: socket.socket, until: float) -> bytes | None:
    """Return the request that has come meanwhile, if it is not yet time to publish."""
    if time.monotonic() < until and select.select([control], [], [], 0)[0]:
        return wire.receive(control)[1]
    return None


def _tell(control: socket.socket, fault: CoopkgError, waiting: bytes | None) -> None:
    """Answer a request that could not even begin; else say what is wrong where the operator looks."""
    if waiting is None:
        print(f"coopkg.scribe: {fault}", file=sys.stderr)  # a process of the server has no other place
    else:
        wire.send_json(control, b"X", told(fault))


def _settings(said: dict[str, Any]) -> Settings:
    paths = {name: Path(said[name]) for name in _PATHS if said[name] is not None}
    return Settings(**{**said, **paths})


if __name__ == "__main__":
    main(sys.argv[1:])
