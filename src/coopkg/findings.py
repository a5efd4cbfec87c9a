"""A finding: one thing that is wrong, or could be better, in a proposal; and how it is told in one line.

Pure data and text. Whoever judges makes findings; `coopkg.repairs` says how to mend them; `coopkg.reports` tells many.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

#: Texts by language tag ("fr", "en"), sorted by the tag.
Texts = tuple[tuple[str, str], ...]


class Tier(StrEnum):
    """How grave a finding is; named as in SHACL."""

    VIOLATION = "Violation"  # it cannot be published
    WARNING = "Warning"  # it should be better
    INFO = "Info"  # it would be welcome


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a judgement.

    Args:
        tier: how grave it is.
        focus: the IRI or literal that is judged, as text; "" when it is a file.
        messages: what to do.
        shape: IRI of the shape that found it; "" when the finding comes from before the shapes.
        component: local name of the SHACL constraint component, or of the check.
        path: the property (or SPARQL path) that is judged, or "".
        value: the value at fault, or "".
        where: `file:line` of each block about the focus node, joined by ", ", or "".
        focus_term, value_term: both as N-Triples writes them, or "".
        path_term: the path as Turtle writes it for SHACL, or "".
        fix: the nearest thing that would be right, as a question; empty when none is certain enough.
        column: from 1, in characters; 0 when only the line is known.
        excerpt: the line at fault, when the file itself cannot be read.
    """

    tier: Tier
    focus: str
    messages: Texts
    shape: str = ""
    component: str = ""
    path: str = ""
    value: str = ""
    where: str = ""
    focus_term: str = ""
    value_term: str = ""
    path_term: str = ""
    fix: Texts = ()
    column: int = 0
    excerpt: str = ""

    def message(self, lang: str = "fr") -> str:
        """Return the message in a language, else in the other one."""
        return _in_language(self.messages, lang)

    def repair(self, lang: str = "fr") -> str:
        """Return the fix in a language, or "" when there is none."""
        return _in_language(self.fix, lang)

    def line(self, lang: str = "fr") -> str:
        """Return the finding as one line: where, tier, focus, path, value, message, shape."""
        where = f"{self.where}:{self.column}" if self.column else self.where
        parts = [where, self.tier.value, f"<{self.focus}>" if self.focus else "", self.path]
        if self.value:
            parts.append(f"= {' '.join(self.value[:200].split())}")
        head = " ".join(part for part in parts if part)
        shape = f" [{self.shape.rpartition('#')[2]}]" if self.shape else ""
        return f"{head}: {self.message(lang)}{shape}"

    def place(self) -> tuple[str, int]:
        """Return the file and the line of the first place; "" and 0 where none is known."""
        first = self.where.split(", ")[0]
        file, _, line = first.rpartition(":")
        return (file, int(line)) if file and line.isdecimal() else (first, 0)


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings gravest first, then by focus node, each once; always in the same order."""
    tiers = list(Tier)
    return sorted(
        set(findings),
        key=lambda one: (
            *(tiers.index(one.tier), one.focus, one.shape, one.component, one.value),
            *(one.path_term, one.value_term, one.focus_term, one.where, one.column, one.messages),
        ),
    )


def violations(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that forbid publication, in their order."""
    return [finding for finding in findings if finding.tier is Tier.VIOLATION]


def counts(findings: Iterable[Finding]) -> dict[Tier, int]:
    """Return how many findings there are of each tier, the gravest first."""
    found = dict.fromkeys(Tier, 0)
    for finding in findings:
        found[finding.tier] += 1
    return found


class Tally:
    """Which findings there are, kept up with changes; where a file speaks of them does not count.

    Args:
        told: the findings, as often as they are told: one is there as long as one part of a judgement tells it.
    """

    def __init__(self, told: Iterable[Finding] = ()) -> None:
        self._times: Counter[Finding] = Counter()
        #: How many there are of each tier.
        self.counts = dict.fromkeys(Tier, 0)
        self.change((), told)

    def __contains__(self, finding: Finding) -> bool:
        return dataclasses.replace(finding, where="") in self._times

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._times)

    def change(self, gone: Iterable[Finding], new: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """Go by what is told no more, and what is told now.

        Returns:
            Which findings are not there any more, and which are new.
        """
        told = Counter(new)
        told.subtract(gone)
        left, come = list[Finding](), list[Finding]()
        for finding, times in told.items():
            before = self._times[finding]
            if before + times:
                self._times[finding] = before + times
            else:
                del self._times[finding]
            if bool(before) != bool(before + times):
                (left if before else come).append(finding)
                self.counts[finding.tier] += -1 if before else 1
        return left, come


def _in_language(texts: Texts, lang: str) -> str:
    said = dict(texts)
    return said.get(lang) or said.get("en") or next(iter(said.values()), "")
