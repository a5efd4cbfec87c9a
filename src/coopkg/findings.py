"""A finding: one thing that is wrong, or could be better, in a proposal; and how it is told.

Pure data and text. Whoever judges makes findings; whoever reports prints them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


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
        focus: the IRI or literal that is judged, as text.
        messages: what to do, by language tag ("fr", "en").
        shape: IRI of the shape that found it; "" when the finding comes from before the shapes.
        component: local name of the SHACL constraint component, or of the check.
        path: the property (or SPARQL path) that is judged, or "".
        value: the value at fault, or "".
        where: `file:line` of the focus node's block, or "".
    """

    tier: Tier
    focus: str
    messages: tuple[tuple[str, str], ...]
    shape: str = ""
    component: str = ""
    path: str = ""
    value: str = ""
    where: str = ""

    def message(self, lang: str = "fr") -> str:
        """Return the message in a language, else in the other one."""
        texts = dict(self.messages)
        return texts.get(lang) or texts.get("en") or next(iter(texts.values()), "")

    def line(self, lang: str = "fr") -> str:
        """Return the finding as one line: where, tier, focus, path, value, message, shape."""
        parts = [self.where, self.tier.value, f"<{self.focus}>", self.path]
        if self.value:
            parts.append(f"= {' '.join(self.value[:200].split())}")
        head = " ".join(part for part in parts if part)
        shape = f" [{self.shape.rpartition('#')[2]}]" if self.shape else ""
        return f"{head}: {self.message(lang)}{shape}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings gravest first, then by focus node, each once."""
    tiers = list(Tier)
    return sorted(
        set(findings), key=lambda one: (tiers.index(one.tier), one.focus, one.shape, one.component, one.value)
    )


def violations(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that forbid publication, in their order."""
    return [finding for finding in findings if finding.tier is Tier.VIOLATION]
