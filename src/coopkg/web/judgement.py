"""Findings as an answer tells them: lines for people, members for programs, in the language that the client reads.

The only place where a report gets its form over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app

from coopkg.findings import Finding
from coopkg.web import client


def lines(findings: Iterable[Finding]) -> list[str]:
    """Return findings as text, one a line."""
    lang = client.language(current_app.config["LANG"])
    return [" ".join(finding.line(lang).split()) for finding in findings]


def members(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings for JSON; what a finding does not say is left out."""
    lang = client.language(current_app.config["LANG"])
    return [{name: value for name, value in _member(finding, lang).items() if value} for finding in findings]


def _member(finding: Finding, lang: str) -> dict[str, str]:
    return {
        "severity": finding.tier.value,
        "focus": finding.focus,
        "path": finding.path,
        "value": finding.value,
        "message": finding.message(lang),
        "shape": finding.shape,
        "component": finding.component,
        "where": finding.where,
    }
