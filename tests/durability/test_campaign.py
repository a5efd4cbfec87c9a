"""A campaign of kills and power cuts: `make campaign` makes it long, the tests take some of each."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coopkg import names
from coopkg.content import Content
from coopkg.gate import Gate
from coopkg.generations import Generations
from coopkg.history import History
from coopkg.journal import Change, Journal
from coopkg.judge import Rulebook
from coopkg.rdf import Quad
from tests.build.running import Place
from tests.builders import a_tiny_content
from tests.conftest import clean_environ
from tests.durability.writing import a_page

KILLS = int(os.environ.get("COOPKG_TEST_KILLS", "12"))
CUTS = int(os.environ.get("COOPKG_TEST_CUTS", "4"))


@dataclass
class Campaign:
    """A place, a process that writes there, and what it acknowledged so far."""

    place: Place
    syncs: Path
    acknowledged: dict[int, int]
    began_ns: int = 0
    next_number: int = 0

    @contextlib.contextmanager
    def writing(self) -> Iterator[subprocess.Popen[str]]:
        """Give the process once it has begun to acknowledge; kill it at the end, and note what it had said."""
        self.syncs.write_text("", encoding="utf-8")  # a number of a file that has gone may be another's by now
        self.began_ns = time.time_ns()
        arguments = [str(self.place.content), str(self.place.state), str(self.syncs), str(self.next_number)]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.durability.writing", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**clean_environ(), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()
            for line in (first, *process.stdout):
                if line.endswith("\n"):
                    _, revision, number = line.split()
                    self.acknowledged[int(revision)] = int(number)
                    self.next_number = int(number) + 1
            process.stdout.close()
            process.wait()
            assert first, "the process ended before it had written anything"

    def check(self, place: Place | None = None, *, revisions: int | None = None) -> None:
        """Look at a place as the next writer and the next reader would."""
        place = place or self.place
        gate = Gate(place.state, Rulebook.of(Content(place.content)), 3)
        with gate.held():
            pass
        gate.close()
        journal = place.journal()
        surely = {
            number: page for number, page in self.acknowledged.items() if revisions is None or number <= revisions
        }
        assert journal.head >= max(surely, default=0)
        for number, page in surely.items():
            revision = journal.revisions[number - 1]
            assert revision.message == f"page {page}"
            assert set(journal.change(revision)[1]) <= a_page(page)
        _check_published(place, journal)


def _check_published(place: Place, journal: Journal) -> None:
    """What is published is the head of the journal, whole, and nothing invalid is in it."""
    assert place.run("verify").returncode == 0
    assert place.manifest().revision == journal.head
    store = Generations(place.state / "generations", 3)
    current = store.current()
    assert current is not None
    published = store.open(current)
    asserted = {quad for name in published.graphs() if not names.is_derived(name) for quad in published.quads(name)}
    assert asserted == _replayed(journal)
    assert f"{names.GRAPH}invalid" not in published.graphs()
    assert not list(place.state.glob("generations/candidate-*"))


def _replayed(journal: Journal) -> set[Quad]:
    *_, (_, _, last) = History(journal).replayed()
    return set(last)


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    place = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    return Campaign(place, tmp_path / "syncs", {})


def test_after_each_of_many_kills_all_that_was_acknowledged_is_whole_and_nothing_else_is_visible(
    campaign: Campaign,
) -> None:
    chance = random.Random(KILLS)  # noqa: S311  # no secret
    for _ in range(KILLS):
        before = len(campaign.acknowledged)
        with campaign.writing():
            time.sleep(chance.uniform(0, 0.4))
        assert len(campaign.acknowledged) > before
        campaign.check()
        # A kill may fall between the sync and the word of it: one revision a kill, at most.
        assert Journal(campaign.place.state / "journal").head - max(campaign.acknowledged) <= 1
    print(f"{KILLS} kills, {len(campaign.acknowledged)} revisions acknowledged, none lost")


def test_after_each_of_some_power_cuts_all_that_was_acknowledged_is_whole(campaign: Campaign, tmp_path: Path) -> None:
    chance = random.Random(CUTS)  # noqa: S311  # no secret
    for cut in range(CUTS):
        with campaign.writing() as process:
            time.sleep(chance.uniform(0, 0.4))
            process.send_signal(signal.SIGSTOP)
            copy = Place(campaign.place.content, tmp_path / f"cut-{cut}")
            shutil.copytree(campaign.place.state, copy.state, symlinks=True)
            durable = _durable(campaign.syncs)
            links = _links(campaign.syncs)
            state = campaign.place.state
            inodes = {path.relative_to(state): path.stat().st_ino for path in state.rglob("*") if path.is_file()}
        # What it had said by then, it had said before the cut.
        told = max(campaign.acknowledged)
        _lose(copy.state, inodes, durable, campaign.began_ns)
        if links and chance.random() < 0.5:
            _lose_names(copy.state, links[-1])
        campaign.check(copy, revisions=told)
        campaign.check()
        shutil.rmtree(copy.state)


def _durable(syncs: Path) -> dict[int, int]:
    """Return up to which size each file was synced, by its inode."""
    sizes: dict[int, int] = {}
    for line in syncs.read_text(encoding="utf-8").splitlines():
        inode, size = map(int, line.split()[:2])
        sizes[inode] = size
    return sizes


def _links(syncs: Path) -> list[str]:
    """Return what `current` led to at each sync of its folder."""
    return [words[2] for line in syncs.read_text(encoding="utf-8").splitlines() if len(words := line.split()) == 3]


def _lose(state: Path, inodes: dict[Path, int], durable: dict[int, int], began_ns: int) -> None:
    """Cut each file of the copy to what was synced of it; what is newer than the campaign and never was is empty."""
    for path, inode in inodes.items():
        copied = state / path
        if copied.exists() and path.name != "lock" and "candidate-" not in str(path):
            size = durable.get(inode)
            if size is None and copied.stat().st_mtime_ns > began_ns:
                size = 0
            if size is not None and size < copied.stat().st_size:
                os.truncate(copied, size)


def _lose_names(state: Path, target: str) -> None:
    """Let `current` lead where it led when its folder was last synced, if that is still there."""
    generations = state / "generations"
    if (generations / target).is_dir():
        (generations / "current").unlink()
        (generations / "current").symlink_to(target)


def test_a_clock_that_goes_backwards_changes_no_order(campaign: Campaign) -> None:
    past = datetime(1999, 12, 31, tzinfo=UTC)
    journal = Journal(campaign.place.state / "journal", writing=True)
    before = journal.head
    journal.append([Change(frozenset(), a_page(1), "page 1")], now=past)
    campaign.acknowledged[before + 1] = 1
    with campaign.writing():
        pass
    campaign.check()
    assert campaign.place.run("log").returncode == 0
    assert min(campaign.acknowledged) == before + 1
