"""Dumps on a schedule: while a server runs, a process beside it makes one whenever one is due.

That process gives way to all others, and ends with the server. It takes the lock of dumps, so that there are never two.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import IO, Protocol

from coopkg.dumps import shelf
from coopkg.dumps.manifest import folder_of
from coopkg.errors import CoopkgError
from coopkg.graph import Graph
from coopkg.lock import is_foreign
from coopkg.settings import Settings, env_name

_LOG = logging.getLogger("coopkg.web")
#: How often one looks whether a dump is due, also for the first time: a server that starts has other things to do.
_EVERY_S = 60.0
_AFTER_A_FAULT_S = 3600.0
_LOOK_S = 0.2
_TO_END_S = 5.0
_LINE_MAX = 300


class Child(Protocol):
    """What of a `subprocess.Popen` is used here."""

    def poll(self) -> int | None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...

    def wait(self, timeout: float | None = None) -> int: ...


class Dumper:
    """Makes dumps when they are due.

    Args:
        is_due: whether one is now.
        start: begins to make one; what it says goes into a file. Leaving it closes its standard input.
    """

    def __init__(self, is_due: Callable[[], bool], start: Callable[[IO[bytes]], AbstractContextManager[Child]]) -> None:
        self._is_due = is_due
        self._start = start
        self._ended = threading.Event()

    @contextmanager
    def dumping(self) -> Iterator[None]:
        """Make dumps in a thread of its own, for as long as this lasts."""
        thread = threading.Thread(target=self._follow, name="dumps", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.end()
            thread.join()

    def end(self) -> None:
        """Make no more, and stop the one that is being made."""
        self._ended.set()

    def once(self) -> float:
        """Make a dump if one is due, and return after how many seconds to look again."""
        try:
            fault = self._made() if self._is_due() else ""
        except (CoopkgError, OSError) as error:
            fault = str(error)
        except Exception:  # a thread that ended would make no dump any more
            _LOG.exception("no dump was made, by a fault of the program")
            return _AFTER_A_FAULT_S
        if not fault or self._ended.is_set():
            return _EVERY_S
        _LOG.error("no dump was made, another try follows in an hour: %s", fault)
        return _AFTER_A_FAULT_S

    def _follow(self) -> None:
        pause_s = _EVERY_S
        while not self._ended.wait(pause_s):
            pause_s = self.once()

    def _made(self) -> str:
        """Have a dump made, and return what was wrong, "" when nothing was."""
        with tempfile.TemporaryFile() as said, self._start(said) as child:
            while child.poll() is None:
                if self._ended.wait(_LOOK_S):
                    _stop(child)
            code = child.wait()
            return "" if code == 0 else f"{_last_line(said)} (exit code {code})"


def dumper(graph: Graph, settings: Settings, environ: Mapping[str, str]) -> Dumper | None:
    """Return what makes the dumps of a state folder as its settings say; None where it is never to, or may not."""
    state = settings.state_folder(environ)
    if not settings.dump_every_h or is_foreign(state):
        return None
    dumps, every_s = folder_of(state), settings.dump_every_h * 3600.0

    def is_due() -> bool:
        return shelf.is_due(dumps, graph.location()[1], every_s, time.time())

    def start(said: IO[bytes]) -> AbstractContextManager[Child]:
        return subprocess.Popen(
            [sys.executable, "-m", "coopkg", "dump", "--attached"],
            stdin=subprocess.PIPE,  # it ends when this does
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=_environ(settings, environ),
        )

    return Dumper(is_due, start)


def _environ(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that gives a dump the settings of this server, wherever these come from."""
    others = {name: value for name, value in environ.items() if not name.startswith("COOPKG_")}
    given = {one.name: getattr(settings, one.name) for one in fields(Settings)}
    own = {name: path.absolute() if isinstance(path, Path) else path for name, path in given.items()}
    told = own | {"state": settings.state_folder(environ).absolute(), "lang": "en"}
    return others | {env_name(name): str(value) for name, value in told.items() if value not in (None, "")}


def _stop(child: Child) -> None:
    child.terminate()
    try:
        child.wait(_TO_END_S)
    except subprocess.TimeoutExpired:
        child.kill()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
    return "".join(character if character.isprintable() else " " for character in last)[:_LINE_MAX]
