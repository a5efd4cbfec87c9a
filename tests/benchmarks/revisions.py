"""What a revision costs through the whole gate, on a copy of a published state: judged, journalled, published."""

from __future__ import annotations

import gc
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.builders import REPOSITORY, a_source

from coopkg.content import Content
from coopkg.gate import Gate
from coopkg.journal import Change
from coopkg.judge import Rulebook
from coopkg.rdf import Quad, RdfFormat, parse_quads

_REVISIONS = 200
_KEPT = 3
_IMPORTED = 10_000
_A_BATCH = 100
_STATED = (REPOSITORY / "data/organisations.trig").read_text(encoding="utf-8")
_ORGANISATIONS = sorted(set(re.findall(r"id/organisation/([a-z0-9-]+)>$", _STATED, re.MULTILINE)))


def rows(state: Path) -> Iterator[tuple[str, str]]:
    """Yield what was measured on a copy of a state folder that holds the repository's content."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "state"
        shutil.copytree(state, copy, symlinks=True)
        gate = Gate(copy, Rulebook.of(Content(REPOSITORY)), _KEPT)
        began = time.perf_counter()
        with gate.held():
            gate.propose((), dry_run=True)
        yield "a gate's first judgement", f"{time.perf_counter() - began:.1f} s"
        gc.freeze()  # as the scribe does; or the collector walks through all facts now and then
        yield from _revised(gate, 0)
        yield from _imported(gate)
        yield from _revised(gate, _REVISIONS + _IMPORTED)
        gate.close()


def _revised(gate: Gate, first: int) -> Iterator[tuple[str, str]]:
    """Yield what revisions cost beside what there is."""
    pages = [a_page(number) for number in range(first, first + _REVISIONS)]
    manifest = gate.generations.manifest()
    times = [_seconds(gate, page) for page in pages]
    what = f"a revision of {len(pages[0])} statements to {manifest.asserted + manifest.inferred:,}"
    yield f"{what}, from the proposal to its acknowledgement", _told([acknowledged for acknowledged, _ in times])
    yield f"{what}, from the proposal to its publication", _told([published for _, published in times])


def _seconds(gate: Gate, page: frozenset[Quad]) -> tuple[float, float]:
    began = time.perf_counter()
    with gate.held():
        gate.propose([Change(frozenset(), page, "a page")], publish=False)
        acknowledged = time.perf_counter() - began
    return acknowledged, time.perf_counter() - began


def _imported(gate: Gate) -> Iterator[tuple[str, str]]:
    """Yield how fast many projects come in, some at a time, and how long the publication of all of them takes."""
    spent, statements = 0.0, 0
    with gate.held():
        for first in range(_REVISIONS, _REVISIONS + _IMPORTED, _A_BATCH):
            pages = frozenset[Quad]().union(*map(a_page, range(first, first + _A_BATCH)))
            began = time.perf_counter()
            gate.propose([Change(frozenset(), pages, f"{_A_BATCH} projects")], publish=False)
            spent += time.perf_counter() - began
            statements += len(pages)
        began = time.perf_counter()
        gate.publish()
        published = time.perf_counter() - began
    rate = f"{statements / spent:,.0f} statements a second ({statements:,} in {spent:.0f} s)"
    yield f"{_IMPORTED:,} projects imported, {_A_BATCH} a revision", f"{rate}; published in {published:.1f} s"


def _told(times: Sequence[float]) -> str:
    median, slowest = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
    return f"{median * 1000:.0f} ms, median of {len(times)}; 99th percentile {slowest * 1000:.0f} ms"


def a_page(number: int) -> frozenset[Quad]:
    """Return a page about a project of two of the organisations that are there."""
    lead, partner = (_ORGANISATIONS[place % len(_ORGANISATIONS)] for place in (number, 7 * number + 1))
    text = a_source(f"page-{number}", name=f"Projet {number}")
    text = text.replace("une-association", lead).replace("une-ville", partner)
    return frozenset(parse_quads(text.encode(), RdfFormat.TRIG, "a page"))
