"""What the tests of the pool see of processes, from the outside: through /proc."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def status(process_id: int) -> dict[str, str]:
    """Return what the kernel says of a process, or nothing when it has gone."""
    try:
        lines = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def is_alive(process_id: int) -> bool:
    """Return whether a process can still use a processor."""
    return status(process_id).get("State", "Z")[0] not in "ZX"


def children(process_id: int) -> set[int]:
    """Return the living children of a process, whichever of its threads started them."""
    found = set()
    for task in Path(f"/proc/{process_id}/task").glob("*/children"):
        try:
            found |= {int(child) for child in task.read_text(encoding="ascii").split()}
        except (FileNotFoundError, ProcessLookupError):
            continue
    return {child for child in found if is_alive(child)}


def keepers(process_id: int) -> set[int]:
    """Return the keepers that a process has started."""
    return {child for child in children(process_id) if b"coopkg.keeper" in command(child)}


def workers(process_id: int) -> set[int]:
    """Return the workers of all keepers of a process."""
    return set().union(*(children(keeper) for keeper in keepers(process_id)))


def seconds_until(condition: Callable[[], bool], at_most_s: float = 10.0) -> float:
    """Return how long it took until a condition held; fail when it does not."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < at_most_s, f"still not so after {at_most_s} s"
        time.sleep(0.01)
    return time.monotonic() - began


def handles_open() -> int:
    """Return how many descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def command(process_id: int) -> bytes:
    """Return the command line of a process, empty when it has gone."""
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
