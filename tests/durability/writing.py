"""A process that writes without end, and says what was acknowledged: the one that the campaign kills.

    python -m tests.durability.writing <content folder> <state folder> <log of syncs> <first number>

It prints a line `A <revision> <page>` once a revision is acknowledged. Every sixth proposal is invalid. Each sync is
logged with the size that it made durable, so that a power cut can be simulated.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

from coopkg.content import Content
from coopkg.errors import WriteRejected
from coopkg.gate import Gate
from coopkg.journal import Change
from coopkg.judge import Rulebook
from coopkg.rdf import Quad, RdfFormat, parse_quads
from tests.builders import a_tiny_source

_PAGES = 12
_TOO_LONG = 50 * "long"


def a_page(number: int) -> frozenset[Quad]:
    """Return a page of its own for each number; those whose number is odd replace each other."""
    slug = f"page-{number % _PAGES}"
    return frozenset(parse_quads(a_tiny_source(slug, f"Projet {number}").encode(), RdfFormat.TRIG, slug))


def _log_syncs(path: Path) -> None:
    """Let each sync say which file it made durable up to which size, and which names a folder has by then."""
    sync, log = os.fsync, path.open("a", encoding="utf-8")

    def logged(handle: int) -> None:
        sync(handle)
        found = os.fstat(handle)
        where = Path(f"/proc/self/fd/{handle}").readlink()
        names = ""
        if where.name == "generations":
            current = where / "current"
            names = f" {current.readlink()}" if current.is_symlink() else " -"
        log.write(f"{found.st_ino} {found.st_size}{names}\n")
        log.flush()

    os.fsync = logged  # type: ignore[assignment]  # only handles come here


def main(content: str, state: str, syncs: str, first: str) -> None:
    """Write until killed."""
    _log_syncs(Path(syncs))
    gate = Gate(Path(state), Rulebook.of(Content(Path(content))), 3)
    for number in itertools.count(int(first)):
        with gate.held():
            if number % 6 == 5:
                invalid = parse_quads(a_tiny_source("invalid", _TOO_LONG).encode(), RdfFormat.TRIG, "invalid")
                try:
                    gate.propose([Change(frozenset(), frozenset(invalid), "invalid")], publish=False)
                except WriteRejected:
                    continue
                raise AssertionError("what is invalid was accepted")
            page = a_page(number)
            graph_name = next(iter(page)).graph_name
            present = gate.graph(graph_name.value)  # type: ignore[union-attr]  # each is a named node
            (revision,) = gate.propose([Change(present - page, page - present, f"page {number}")], publish=False)
            print("A", revision.number, number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
