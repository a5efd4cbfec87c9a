"""What was measured of one server at one size: a file of JSON, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.benchmarks.servers.asking import Asked
from tests.benchmarks.servers.rates import Rate


@dataclass(slots=True)
class Result:
    """What was measured of a server.

    Args:
        busy_s: how long it went on working by itself once it answered.
        asked: by kind, what came of each instance, in the order in which every server was asked.
        at: when it was measured, on which machine and of which commit.
        fault: why there is less than all of it.
    """

    server: str
    size: int
    triples: int
    version: str
    note: str
    at: str
    load_s: float = 0.0
    start_s: float = 0.0
    busy_s: float = 0.0
    memory_mib: float = 0.0
    asked: dict[str, list[Asked]] = field(default_factory=dict)
    rates: list[Rate] = field(default_factory=list)
    fault: str = ""


def place(folder: Path, server: str, size: int) -> Path:
    """Return the file of a server at a size."""
    return folder / f"{size}-{re.sub(r'[^a-z0-9]+', '-', server.lower())}.json"


def kept(path: Path) -> Result | None:
    """Return what a file keeps, or None when it is not there."""
    if not path.exists():
        return None
    members = json.loads(path.read_text(encoding="utf-8"))
    asked = {kind: [Asked(**one) for one in all_of_it] for kind, all_of_it in members.pop("asked").items()}
    return Result(**members | {"asked": asked, "rates": [Rate(**one) for one in members["rates"]]})


def keep(path: Path, result: Result) -> None:
    """Write a result, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")
    new.replace(path)
