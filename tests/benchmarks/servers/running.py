"""Programs that a benchmark starts: each is ended by its own id, and nothing listens beyond 127.0.0.1."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

HOST = "127.0.0.1"
START_S = 600
_STOP_S = 60
#: A server that uses less than this of a processor is quiet; one that never is, is measured all the same.
_QUIET, _LOOK_S, _QUIET_MAX_S = 0.2, 0.5, 90
#: A server must not take settings of the one who measures.
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("COOPKG_")}


class ServerFailed(Exception):
    """A server did not load, start or answer; the message says which and where its log is."""


def free_port() -> int:
    """Return a port that nothing listened on a moment ago."""
    with socket.create_server((HOST, 0)) as free:
        return int(free.getsockname()[1])


def ran(command: Sequence[object], log: Path, output: Path | None = None) -> None:
    """Run a program to its end; what it prints goes into its log, or into a file of its own.

    Raises:
        ServerFailed: it said that it failed.
    """
    with log.open("ab") as said, (output or log).open("ab") as printed:
        done = subprocess.run([*map(str, command)], stdout=printed, stderr=said, env=ENVIRON, check=False)
    if done.returncode:
        raise ServerFailed(f"{command[0]} ended with {done.returncode}; see {log}")


@contextmanager
def running(
    command: Sequence[object], port: int, log: Path, environ: Mapping[str, str] = ENVIRON
) -> Iterator[subprocess.Popen[bytes]]:
    """Give a program once it listens on a port, and end it afterwards.

    Raises:
        ServerFailed: it ended, or did not listen in time.
    """
    with log.open("ab") as said:
        process = subprocess.Popen([*map(str, command)], stdout=said, stderr=said, env=dict(environ))
    try:
        _await(process, port, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ServerFailed(f"the server ended with {process.returncode} before it listened; see {log}")
        with suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        time.sleep(0.05)
    raise ServerFailed(f"nothing listens on port {port} after {START_S} s; see {log}")


def until_quiet(process: int, most_s: float = _QUIET_MAX_S) -> float:
    """Wait until a server does nothing by itself any more, or so long; return how many seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < most_s:
        before = _cpu_s(process)
        time.sleep(_LOOK_S)
        if _cpu_s(process) - before < _QUIET * _LOOK_S:
            break
    return time.monotonic() - began


def memory_mib(process: int) -> float:
    """Return what a process and its descendants hold, what they share counted once. Source: proc(5), smaps_rollup."""
    held_kib = 0
    for one in _family(process):
        with suppress(OSError):
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
            held_kib += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
    return held_kib / 1024


def _cpu_s(process: int) -> float:
    """Return the processor time of a process and its descendants. Source: proc(5), stat."""
    ticks = 0
    for one in _family(process):
        with suppress(OSError):
            after_name = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(process: int) -> Iterator[int]:
    waiting = [process]
    while waiting:
        one = waiting.pop()
        yield one
        with suppress(OSError):
            waiting += children(one)


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that are there still. Source: proc(5)."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found
