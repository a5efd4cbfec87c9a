"""The forms in which findings are told: lines for people, JSON, a SHACL report as a graph, commands for GitHub.

Pure: findings in, text or bytes out. `docs/findings.schema.json` describes the JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from coopkg import names
from coopkg.findings import Finding, Texts, Tier, counts, violations
from coopkg.rdf import Literal, NamedNode, RdfFormat, parse_quads, to_bytes

#: The syntaxes of a report as a graph, by the name of its form.
GRAPH_FORMS = {
    "turtle": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "json-ld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
}
_GRAPH_TYPES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
#: The media types of a report over HTTP, the preferred one first.
MEDIA_TYPES = ("application/json", "text/plain", *_GRAPH_TYPES)
#: GitHub shows so many errors and so many warnings of a step, and says nothing of the others.
GITHUB_SHOWS = 10
#: What is found before the shapes, or beside them: SHACL has no component for it.
_OWN_CHECKS = frozenset({"Term", "Scope", "Inconsistency", "Syntax", "File"})
_GITHUB = {Tier.VIOLATION: "error", Tier.WARNING: "warning", Tier.INFO: "notice"}
_EXCERPT_MAX = 100


def rendered(findings: Sequence[Finding], media_type: str, lang: str) -> bytes:
    """Return a report of findings.

    Args:
        media_type: one of `MEDIA_TYPES`.
        lang: the language of the text form; the others have both.
    """
    if media_type in _GRAPH_TYPES:
        return as_graph(findings, _GRAPH_TYPES[media_type])
    if media_type == "text/plain":
        return "".join(f"{line}\n" for line in _lines(findings, lang)).encode("utf-8")
    return as_json(findings, findings).encode("utf-8")


def _lines(findings: Sequence[Finding], lang: str) -> Iterator[str]:
    for finding in findings:
        yield finding.line(lang)
        yield from below(finding, lang)
    yield summary(findings)


def by_file(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """Return findings by the file of their first place, in the order of the files; those of none ("") come last."""
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.place()[0], []).append(finding)
    return sorted(files.items(), key=lambda item: (not item[0], item[0]))


def below(finding: Finding, lang: str) -> Iterator[str]:
    """Yield what people read below the line of a finding: the text at fault with a caret, and what would mend it."""
    if finding.excerpt:
        begin = max(0, finding.column - _EXCERPT_MAX // 2)
        yield f"    {finding.excerpt[begin : begin + _EXCERPT_MAX]}"
        if finding.column:
            yield f"    {' ' * (finding.column - 1 - begin)}^"
    if finding.fix:
        yield f"    → {finding.repair(lang)}"


def summary(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each tier.

    >>> summary([])
    '0 Violation, 0 Warning, 0 Info'
    """
    return ", ".join(f"{count} {tier.value}" for tier, count in counts(findings).items())


def as_json(found: Sequence[Finding], shown: Iterable[Finding]) -> str:
    """Return the report as JSON.

    Args:
        found: what is counted.
        shown: what is listed, in this order.
    """
    report = {
        "conforms": not violations(found),
        "counts": {tier.value: count for tier, count in counts(found).items()},
        "findings": [as_object(finding) for finding in shown],
    }
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


def as_graph(findings: Sequence[Finding], syntax: RdfFormat) -> bytes:
    """Return the report of SHACL: it conforms only when nothing at all is found, as the Recommendation says.

    Source: SHACL, section 3.6.
    """
    results = "".join(f" ;\n  sh:result {_result(finding)}" for finding in findings)
    conforms = "false" if findings else "true"
    text = f"@prefix sh: <{names.SH}> .\n[] a sh:ValidationReport ; sh:conforms {conforms}{results} .\n"
    return to_bytes(parse_quads(text.encode(), RdfFormat.TURTLE, "the report"), syntax)


def as_github(findings: Sequence[Finding], lang: str, root: Path) -> Iterator[str]:
    """Yield commands that annotate the files of a pull request: the gravest that GitHub shows, then the counts.

    Args:
        root: the folder of the repository; files below it are named from there.
    """
    left = dict.fromkeys(Tier, GITHUB_SHOWS)
    for finding in findings:
        if left[finding.tier] and finding.tier is not Tier.INFO:
            left[finding.tier] -= 1
            yield _command(finding, lang, root)
    yield f"::notice title=coopkg validate::{_data(summary(findings))}"


def as_object(finding: Finding) -> dict[str, Any]:
    """Return a finding as a member of the JSON report."""
    file, line = finding.place()
    return {
        "tier": finding.tier.value,
        "focus": finding.focus,
        "path": finding.path,
        "value": finding.value,
        "shape": finding.shape,
        "component": finding.component,
        "message": _both(finding.messages),
        "fix": _both(finding.fix),
        "file": file,
        "line": line or None,
        "column": finding.column or None,
    }


def _both(texts: Texts) -> dict[str, str]:
    said = dict(texts)
    one = next(iter(said.values()), "")
    return {lang: said.get(lang, one) for lang in ("fr", "en")}


def _result(finding: Finding) -> str:
    """Return a result as Turtle writes it; a file at fault has no focus node but itself."""
    own = finding.component in _OWN_CHECKS
    component = f"{names.SHAPES if own else names.SH}{finding.component}ConstraintComponent"
    said = {
        "focusNode": finding.focus_term or str(Literal(finding.place()[0])),
        "resultPath": finding.path_term,
        "value": finding.value_term,
        "sourceShape": str(NamedNode(finding.shape)) if finding.shape else "",
        "sourceConstraintComponent": f"<{component}>",
        "resultSeverity": f"sh:{finding.tier.value}",
        "resultMessage": " , ".join(str(Literal(text, language=lang)) for lang, text in finding.messages),
    }
    return f"[ a sh:ValidationResult{''.join(f' ; sh:{name} {term}' for name, term in said.items() if term)} ]"


def _command(finding: Finding, lang: str, root: Path) -> str:
    file, line = finding.place()
    shape = finding.shape.rpartition("#")[2] or finding.component
    properties = {
        "file": _from_root(file, root),
        "line": str(line or ""),
        "col": str(finding.column or ""),
        "title": f"{finding.tier.value} {shape}",
    }
    said = ",".join(f"{name}={_property(text)}" for name, text in properties.items() if text)
    head = " ".join(part for part in (finding.focus and f"<{finding.focus}>", finding.path) if part)
    message = f"{head}: {finding.message(lang)}" if head else finding.message(lang)
    fix = f"\n→ {finding.repair(lang)}" if finding.fix else ""
    return f"::{_GITHUB[finding.tier]} {said}::{_data(message + fix)}"


def _from_root(file: str, root: Path) -> str:
    full = (root / file).resolve()
    return full.relative_to(root.resolve()).as_posix() if file and full.is_relative_to(root.resolve()) else file


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
