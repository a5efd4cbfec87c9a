"""A pool over a small graph, with times short enough for tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg.errors import NothingPublished, RevisionGone
from coopkg.generations import Generations
from coopkg.keeper import KeeperSettings
from coopkg.pool import Pool, PoolSettings, Stream
from coopkg.sparql import Question
from tests.pool.graphs import published

KEEPER = KeeperSettings(in_memory=False, memory_bytes=128 << 20, answer_max_bytes=1 << 20, locked=True)
SETTINGS = PoolSettings(fast_workers=2, slow_workers=2, spare_workers=2, fast_s=0.2, queue_s=1.0, keeper=KEEPER)


class Asking:
    """A pool over the generations of a state folder, and short ways to ask it."""

    def __init__(self, state: Path, settings: PoolSettings = SETTINGS) -> None:
        self.state = state
        self.generations: Generations = published(state, 1)
        self.pool = Pool(settings, 60.0, self._located)

    def _located(self, wanted: int | None) -> tuple[Path, int]:
        kept = self.generations.kept()
        if wanted is not None:
            if wanted not in kept:
                raise RevisionGone(f"revision {wanted} is not kept")
            return kept[wanted], wanted
        folder = self.generations.current()
        if folder is None:
            raise NothingPublished("nothing is published")
        return folder, int(folder.name.partition("-")[0])

    def stream(self, text: str, deadline_s: float = 10.0, *, slow: bool = True) -> Stream:
        """Return the answer to a question, as it comes."""
        return self.pool.ask(Question(text, accept="text/csv"), deadline_s, lambda: False, lambda: slow)

    def ask(self, text: str, deadline_s: float = 10.0, *, slow: bool = True) -> bytes:
        """Return the whole answer to a question."""
        return b"".join(self.stream(text, deadline_s, slow=slow).pieces())


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """Give a pool that reads from disk."""
    asking = Asking(tmp_path_factory.mktemp("pool") / "state")
    yield asking
    asking.pool.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Asking]:
    """Give a pool of its own, whose graph is held in memory once it is loaded."""
    asking = Asking(tmp_path / "state", replace(SETTINGS, keeper=replace(KEEPER, in_memory=True)))
    yield asking
    asking.pool.close()
