"""The memory of this process. Linux; what getrusage says of a child begins with the peak of its parent."""

from __future__ import annotations

import re
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_mib() -> float:
    """Return the most that this process has held at once, since the last `forget_peak`."""
    return _mib("VmHWM")


def resident_mib() -> float:
    """Return what this process holds now."""
    return _mib("VmRSS")


def forget_peak() -> None:
    """Let the peak begin anew from what is held now. Source: proc(5), clear_refs."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _mib(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")
