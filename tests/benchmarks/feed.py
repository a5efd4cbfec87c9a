"""What it costs to follow a journal with a feed, and to give a page: `python -m tests.benchmarks.feed [STATEMENTS]`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.memory import forget_peak, peak_mib, resident_mib

from coopkg import names
from coopkg.feed import Feed, document
from coopkg.journal import Change, Journal
from coopkg.rdf import Literal, NamedNode, Quad

_EACH = 10
_PER_REVISION = 100_000
_REVISIONS = 10_000
_GRAPH = NamedNode(f"{names.GRAPH}benchmark")


def _stated(thing: int, version: int = 0) -> Iterator[Quad]:
    subject = NamedNode(f"{names.BASE}id/project/{thing:07d}-of-a-benchmark")
    for number in range(_EACH):
        text = f"Statement {number} of the thing {thing}, as long as a sentence is, in its version {version}."
        yield Quad(subject, NamedNode(f"{names.COOP}property{number}"), Literal(text, language="en"), _GRAPH)


def _write(folder: Path, statements: int) -> None:
    journal, things = Journal(folder, writing=True), statements // _EACH
    step = _PER_REVISION // _EACH
    for begin in range(0, things, step):
        _append(journal, (quad for thing in range(begin, min(begin + step, things)) for quad in _stated(thing)))


def _append(journal: Journal, add: Iterable[Quad], remove: Iterable[Quad] = ()) -> None:
    journal.append([Change(frozenset(remove), frozenset(add), "a benchmark")])


@contextmanager
def _told(what: str) -> Iterator[None]:
    forget_peak()
    held, wall, cpu = resident_mib(), time.perf_counter(), time.process_time()
    yield
    wall_ms, cpu_ms = 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)
    print(f"{what}: {wall_ms:,.1f} ms, CPU {cpu_ms:,.1f} ms, {peak_mib() - held:,.0f} MiB more at the peak")


def main(statements: int) -> None:
    """Print what a journal of so many statements costs, and revisions that each change one thing."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "journal"
        _write(folder, statements)
        feed = Feed(folder)
        with _told(f"{statements:,} statements followed"):
            feed.follow(sys.maxsize)
        _tell(feed)
        journal = Journal(folder, writing=True)
        for thing in range(_REVISIONS):
            _append(journal, _stated(thing, 1), _stated(thing))
        with _told(f"{_REVISIONS:,} revisions more, a thing each"):
            feed.follow(sys.maxsize)
        _append(journal, _stated(0, 2), _stated(0, 1))
        with _told("one revision more"):
            feed.follow(sys.maxsize)
        with _told("nothing new"):
            feed.follow(sys.maxsize)
        _tell(feed)
        feed.close()


def _tell(feed: Feed) -> None:
    with feed.reading() as reading:
        count = len(reading.pages())
        size = next(reading.rows("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"))[0]
        print(f"  the file: {size / 1e6:,.0f} MB; pages: {count:,}")
        for number in (1, count):
            with _told(f"  page {number:,}, as lines"):
                lines = sum(1 for _ in document.page("https://x/", reading.on_page(number)))
        with _told(f"  the root, as lines (the last page had {lines:,})"):
            rest = reading.on_page(count + 1)
            sum(1 for _ in document.root("https://x/", reading.begun, reading.pages(), lambda page: page.mark, rest))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
