"""Findings as a report that goes over the wire: for people as text, for programs as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from coopkg.findings import Finding, Tier, violations

#: The media types of a report, the preferred one first.
REPORT_TYPES = ("application/json", "text/plain")


def rendered(findings: Sequence[Finding], media_type: str, lang: str) -> bytes:
    """Return a report of findings.

    Args:
        media_type: one of `REPORT_TYPES`.
        lang: the language of the text form; JSON has both.
    """
    if media_type == "text/plain":
        return _text(findings, lang).encode("utf-8")
    counts = {tier.value: sum(finding.tier is tier for finding in findings) for tier in Tier}
    report = {"conforms": not violations(findings), "counts": counts, "findings": list(map(_entry, findings))}
    return f"{json.dumps(report, ensure_ascii=False)}\n".encode()


def _text(findings: Sequence[Finding], lang: str) -> str:
    counts = ", ".join(f"{sum(finding.tier is tier for finding in findings)} {tier.value}" for tier in Tier)
    return "".join(f"{line}\n" for line in (*(finding.line(lang) for finding in findings), counts))


def _entry(finding: Finding) -> dict[str, object]:
    said = {
        "tier": finding.tier.value,
        "focus": finding.focus,
        "messages": dict(finding.messages),
        "shape": finding.shape,
        "component": finding.component,
        "path": finding.path,
        "value": finding.value,
        "where": finding.where,
    }
    line = finding.where.rpartition(":")[2]
    return {**said, "line": int(line) if line.isdigit() else None}
