"""Findings as an answer tells them: lines for people, members for programs, in the language that the client reads.

The only place where a report gets its form over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app

from coopkg import reports
from coopkg.findings import Finding
from coopkg.web import client


def lines(findings: Iterable[Finding]) -> list[str]:
    """Return findings as text, one a line."""
    lang = client.language(current_app.config["LANG"])
    return [" ".join(finding.line(lang).split()) for finding in findings]


def members(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings for JSON, as in the report of `/validate`."""
    return [reports.as_object(finding) for finding in findings]
