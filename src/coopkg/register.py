"""The register of erasures: which revisions are withdrawn, for whoever answers for old revisions without the journal.

A file beside the segments of an edition, derived from the journal; it becomes current with them. Source: ADR 0016.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from coopkg import editions
from coopkg.errors import StateDamaged
from coopkg.journal import Erasure
from coopkg.segments import ERASURES


def enter(edition: Path, erasures: Sequence[Erasure]) -> None:
    """Write the register of an edition that is being prepared; none when nothing was erased."""
    if erasures:
        content = json.dumps([asdict(erasure) for erasure in erasures], indent=1, ensure_ascii=False)
        editions.write_durably(edition / ERASURES, [content.encode()])


def erasures(state: Path) -> list[Erasure]:
    """Return what was erased from the journal of a state folder, in order; nothing where there is no register."""
    try:
        edition = editions.current(state / "journal")
        content = json.loads((edition / ERASURES).read_text(encoding="utf-8")) if edition else []
        return [_understood(members) for members in content]
    except (OSError, ValueError, TypeError, KeyError, StateDamaged):
        return []  # whoever writes, or verifies, reads the journal and tells what is wrong


def withdrawn(state: Path, revision: int) -> Erasure | None:
    """Return the last erasure of what a revision, or the graph after it, spoke of; None when none was.

    Such a revision, its dump and its page of a feed answer 410.
    """
    return next((one for one in reversed(erasures(state)) if one.concerns(revision)), None)


def _understood(members: dict[str, object]) -> Erasure:
    erasure = Erasure(**members)  # type: ignore[arg-type]  # JSON; this program wrote it
    return Erasure(**{**members, "touched": tuple(erasure.touched), "held": tuple((a, b) for a, b in erasure.held)})  # type: ignore[arg-type]  # the same
