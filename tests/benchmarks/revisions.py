"""What a revision costs through the whole gate, on a copy of a published state: judged, journalled, published."""

from __future__ import annotations

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.builders import REPOSITORY, a_source

from coopkg import gate
from coopkg.content import Content
from coopkg.journal import Change
from coopkg.judge import Rulebook
from coopkg.rdf import Quad, RdfFormat, parse_quads

_REVISIONS = 100
_KEPT = 3


def rows(state: Path) -> Iterator[tuple[str, str]]:
    """Yield what was measured on a copy of a state folder that holds the repository's content."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "state"
        shutil.copytree(state, copy, symlinks=True)
        with gate.opened(copy, Rulebook.of(Content(REPOSITORY)), _KEPT, lambda _: None) as writer:
            pages = [_page(number) for number in range(_REVISIONS)]
            yield "first revision of a writer", f"{_seconds(writer, pages[0]):.1f} s"
            gc.freeze()  # or the collector walks through all facts now and then
            times = sorted(_seconds(writer, page) for page in pages[1:])
    median, slowest = statistics.median(times), times[int(len(times) * 0.99)]
    said = f"{median * 1000:.0f} ms, median of {len(times)}; 99th percentile {slowest * 1000:.0f} ms"
    yield f"a revision of {len(pages[0])} statements, from the proposal to its publication", said


def _seconds(writer: gate.Gate, page: frozenset[Quad]) -> float:
    began = time.perf_counter()
    writer.propose([Change(frozenset(), page, "a page")])
    return time.perf_counter() - began


def _page(number: int) -> frozenset[Quad]:
    text = (
        a_source(f"page-{number}", name=f"Projet {number}")
        .replace("une-association", "la-fonda")
        .replace("une-ville", "la-cloche")
    )
    return frozenset(parse_quads(text.encode(), RdfFormat.TRIG, "a page"))
