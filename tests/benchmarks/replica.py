"""What it costs to keep a replica: `python -m tests.benchmarks.replica STATE`, on a copy of a published state."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.revisions import a_page
from tests.build.running import Place
from tests.builders import REPOSITORY
from tests.conftest import PROGRAM, clean_environ
from tests.replica.sites import Site, serving

from coopkg.content import Content
from coopkg.gate import Gate
from coopkg.journal import Change
from coopkg.judge import Rulebook

_REVISIONS = 1_000
_WAIT_S = 120


def rows(state: Path) -> Iterator[tuple[str, str]]:
    """Yield what was measured on a copy of a state folder that holds the repository's content."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "state"
        shutil.copytree(state, copy, symlinks=True)
        gate = Gate(copy, Rulebook.of(Content(REPOSITORY)), 3)
        with gate.held():
            gate.prepare()
        with serving(Site(Place(REPOSITORY, copy))) as site:
            site.page_items = 500
            yield from _measured(site, Path(folder) / "replica", gate)
        gate.close()


def _measured(site: Site, replica: Path, gate: Gate) -> Iterator[tuple[str, str]]:
    """Yield what the program needs, run as a process of its own."""
    yield "a replica begun, and equal", _run(site, replica)
    yield "nothing to do", _run(site, replica)
    _revise(gate, 0, 1)
    yield "one revision more, by a process that begins with it", _run(site, replica)
    _revise(gate, 1, _REVISIONS)
    yield f"{_REVISIONS:,} revisions more", _run(site, replica)
    yield "one revision more, by a process that stays (looks every second)", _stayed(site, replica, gate)


def _run(site: Site, replica: Path) -> str:
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*PROGRAM, "--content", str(REPOSITORY), "follow", site.url, "--once", "--state", str(replica)],
        check=True,
        env=clean_environ(),
        stdout=subprocess.DEVNULL,
    )
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{seconds:.1f} s ({processor:.1f} s of a processor), peak so far {after.ru_maxrss >> 10:,} MB"


def _revise(gate: Gate, first: int, count: int) -> None:
    with gate.held():
        for number in range(first, first + count):
            gate.propose([Change(frozenset(), a_page(number), f"page {number}")], publish=False)


def _stayed(site: Site, replica: Path, gate: Gate) -> str:
    process = subprocess.Popen(
        [*PROGRAM, "--content", str(REPOSITORY), "follow", site.url, "--every", "1", "--state", str(replica)],
        env=clean_environ(),
    )
    try:
        times = []
        for number in range(_REVISIONS + 1, _REVISIONS + 5):
            _revise(gate, number, 1)
            times.append(_until_equal(replica, gate))
        return ", ".join(f"{seconds:.1f} s" for seconds in times) + f" (rss {_rss_mb(process.pid):,} MB)"
    finally:
        process.terminate()
        process.wait()


def _until_equal(replica: Path, gate: Gate) -> float:
    began, wanted = time.perf_counter(), gate.generations.manifest().revision
    while time.perf_counter() - began < _WAIT_S:
        current = replica / "generations" / "current"
        if current.readlink().name.startswith(f"{wanted:09d}-"):
            return time.perf_counter() - began
        time.sleep(0.02)
    raise TimeoutError(f"the replica was not equal after {_WAIT_S} s")


def _rss_mb(process_id: int) -> int:
    pages = int(Path(f"/proc/{process_id}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


if __name__ == "__main__":
    for name, value in rows(Path(sys.argv[1])):
        print(f"{name}: {value}")
