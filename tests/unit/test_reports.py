"""Findings as lines, as JSON and as commands for GitHub."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coopkg import reports
from coopkg.errors import InputError
from coopkg.findings import Finding, Tier, ordered
from coopkg.rdf import RdfFormat, parse_quads
from tests.builders import REPOSITORY

BOTH = (("en", "repair it"), ("fr", "réparez-le"))
FIX = (("en", "did you mean role/lead?"), ("fr", "vouliez-vous dire role/lead ?"))
SCHEMA = json.loads((REPOSITORY / "docs/findings.schema.json").read_text(encoding="utf-8"))
FINDINGS = [
    Finding(Tier.VIOLATION, "urn:a", BOTH, "urn:shapes#role", "Node", "coop:role", "x", "b.trig:7, a.trig:2", fix=FIX),
    Finding(Tier.WARNING, "urn:b", (("fr", "seul"),), where="a.trig:3"),
    Finding(Tier.INFO, "urn:c", (("en", "alone"),), where="a.trig"),
    Finding(Tier.VIOLATION, "", BOTH, component="Syntax", where="c.trig:4", column=5, excerpt="a:b ,, a:c"),
    Finding(Tier.VIOLATION, "urn:d", ()),
]


# ---- lines


def test_findings_are_told_file_by_file_and_those_of_no_file_last() -> None:
    told = reports.by_file(FINDINGS)
    assert [(file, len(several)) for file, several in told] == [("a.trig", 2), ("b.trig", 1), ("c.trig", 1), ("", 1)]


def test_below_a_finding_stand_the_text_at_fault_with_a_caret_and_the_fix() -> None:
    assert list(reports.below(FINDINGS[0], "fr")) == ["    → vouliez-vous dire role/lead ?"]
    assert list(reports.below(FINDINGS[3], "fr")) == ["    a:b ,, a:c", "        ^"]
    assert list(reports.below(FINDINGS[1], "fr")) == []


@pytest.mark.parametrize("column", [1, 2, 60, 149, 300])
def test_the_caret_stands_below_its_character_also_in_a_long_line(column: int) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(300))
    line, caret = reports.below(replace(FINDINGS[3], excerpt=text, column=column), "en")
    assert line[caret.index("^")] == text[column - 1]
    assert len(line) <= 104


@pytest.mark.parametrize(
    ("document", "syntax", "line", "column", "excerpt"),
    [
        ('@prefix a: <http://x/> .\na:b a:c "é😀" ,, a:d .', RdfFormat.TURTLE, 2, 15, 'a:b a:c "é😀" ,, a:d .'),
        ("a:b a:c a:d .\r\n", RdfFormat.TRIG, 1, 1, "a:b a:c a:d ."),
        ("\t\ta:b a:c a:d .", RdfFormat.TURTLE, 1, 3, "  a:b a:c a:d ."),
        ('{"@id": }', RdfFormat.JSON_LD, 1, 9, '{"@id": }'),
        ("<urn:a> <urn:b> 5 .", RdfFormat.N_QUADS, 1, 17, "<urn:a> <urn:b> 5 ."),
    ],
)
def test_a_syntax_error_is_told_with_line_column_and_text(
    document: str, syntax: RdfFormat, line: int, column: int, excerpt: str
) -> None:
    with pytest.raises(InputError) as refused:
        parse_quads(document.encode(), syntax, "x.ttl")
    (finding,) = refused.value.findings
    assert (finding.place(), finding.column, finding.excerpt) == (("x.ttl", line), column, excerpt)
    assert str(refused.value).startswith(f"x.ttl:{line}:{column}: ")
    assert finding.message("fr") != finding.message("en")
    assert str(refused.value).endswith(finding.message("en"))


@pytest.mark.parametrize("document", ["<rdf:RDF></rdf:RDF>", "<a", "{", "[", '{"@context": "http://x/"}', "\x00", ""])
@pytest.mark.parametrize("syntax", [RdfFormat.RDF_XML, RdfFormat.JSON_LD, RdfFormat.TURTLE, RdfFormat.N_TRIPLES])
def test_whatever_cannot_be_read_is_told_in_both_languages(document: str, syntax: RdfFormat) -> None:
    try:
        parse_quads(document.encode(), syntax, "x")
    except InputError as fault:
        (finding,) = fault.findings
        assert {"fr", "en"} == {lang for lang, text in finding.messages if text}
        list(reports.below(finding, "fr"))


# ---- order


def test_findings_come_in_one_order_however_they_were_found() -> None:
    several = [replace(FINDINGS[0], path_term=path, value_term=value) for path in "ab" for value in "cd"]
    several += FINDINGS
    draw = random.Random(1)  # noqa: S311 # random cases, the same in each run
    assert len({tuple(ordered(draw.sample(several, len(several)))) for _ in range(50)}) == 1


# ---- JSON


def faults(value: Any, schema: dict[str, Any], path: str = "$") -> Iterator[str]:
    """Yield where a value is not what a JSON Schema says; for the words that ours uses, and no other."""
    assert schema.keys() <= {
        *("$schema", "$id", "$defs", "$ref", "title", "description", "type", "properties", "required", "items"),
        *("additionalProperties", "enum", "minimum"),
    }, schema.keys()
    if "$ref" in schema:
        yield from faults(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], path)
        return
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    python = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    if not any(type(value) is python[kind] for kind in kinds):
        yield f"{path}: {value!r} is no {kinds}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not in the enumeration"
    elif isinstance(value, int) and value < schema.get("minimum", value):
        yield f"{path}: {value} is too small"
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from faults(one, schema["items"], f"{path}[{number}]")
    elif isinstance(value, dict):
        yield from (f"{path}.{name} is missing" for name in schema["required"] if name not in value)
        known = schema["properties"]
        yield from (f"{path}.{name} is unknown" for name in value if name not in known)
        for name in value.keys() & known.keys():
            yield from faults(value[name], known[name], f"{path}.{name}")


def test_the_json_is_what_its_schema_says() -> None:
    for shown in ([], FINDINGS):
        report = json.loads(reports.as_json(FINDINGS, shown))
        assert list(faults(report, SCHEMA)) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.pop("conforms"),
        lambda report: report.update(more=1),
        lambda report: report["counts"].pop("Info"),
        lambda report: report["findings"][0].update(line="7"),
        lambda report: report["findings"][0].update(line=0),
        lambda report: report["findings"][0].update(tier="Error"),
        lambda report: report["findings"][0]["fix"].pop("fr"),
    ],
)
def test_the_schema_refuses_what_the_json_is_not(spoil: Any) -> None:
    report = json.loads(reports.as_json(FINDINGS, FINDINGS))
    spoil(report)
    assert list(faults(report, SCHEMA)) != []


def test_the_json_counts_all_that_was_found_and_lists_what_is_shown() -> None:
    report = json.loads(reports.as_json(FINDINGS, FINDINGS[:1]))
    assert report["conforms"] is False
    assert report["counts"] == {"Violation": 3, "Warning": 1, "Info": 1}
    assert report["findings"] == [
        {
            "tier": "Violation",
            "focus": "urn:a",
            "path": "coop:role",
            "value": "x",
            "shape": "urn:shapes#role",
            "component": "Node",
            "message": {"fr": "réparez-le", "en": "repair it"},
            "fix": dict(FIX),
            "file": "b.trig",
            "line": 7,
            "column": None,
        }
    ]


def test_warnings_and_infos_conform() -> None:
    assert json.loads(reports.as_json(FINDINGS[1:3], []))["conforms"] is True


# ---- GitHub


def commands(findings: list[Finding], root: Path = Path("/repository")) -> list[str]:
    return list(reports.as_github(findings, "en", root))


def test_a_command_for_github_names_file_line_column_and_fix() -> None:
    assert commands(FINDINGS[:1] + FINDINGS[3:4]) == [
        "::error file=b.trig,line=7,title=Violation role::<urn:a> coop:role: repair it%0A→ did you mean role/lead?",
        "::error file=c.trig,line=4,col=5,title=Violation Syntax::repair it",
        "::notice title=coopkg validate::2 Violation, 0 Warning, 0 Info",
    ]


@pytest.mark.parametrize(
    ("text", "file", "message"),
    [
        ("100 %", "100 %25", "100 %25"),
        ("a\nb\r", "a%0Ab%0D", "a%0Ab%0D"),
        ("a:b,c", "a%3Ab%2Cc", "a:b,c"),
        ("%0A", "%250A", "%250A"),
        ("::error::x", "%3A%3Aerror%3A%3Ax", "::error::x"),
    ],
)
def test_what_github_would_read_as_its_own_is_escaped(text: str, file: str, message: str) -> None:
    found = Finding(Tier.VIOLATION, "", (("en", text),), component="File", where=f"{text}:1")
    assert commands([found])[0] == f"::error file={file},line=1,title=Violation File::{message}"
    assert "\n" not in commands([found])[0]


def test_files_are_named_from_the_root_of_the_repository() -> None:
    inside = replace(FINDINGS[0], where="/repository/data/../data/a.trig:1")
    outside = replace(FINDINGS[0], where="/elsewhere/a.trig:1")
    relative = replace(FINDINGS[0], where="data/a.trig:1")
    told = [re.findall(r"file=([^,]*)", one) for one in commands([inside, outside, relative])]
    assert told == [["data/a.trig"], ["/elsewhere/a.trig"], ["data/a.trig"], []]


def test_github_is_given_what_it_shows_the_gravest_first_and_the_counts_of_all() -> None:
    many = ordered(Finding(tier, f"urn:{number}", BOTH, where="a.trig:1") for tier in Tier for number in range(25))
    told = commands(many)
    kinds = [one.split(" ")[0] for one in told]
    assert kinds == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"]
    assert told[-1].endswith("25 Violation, 25 Warning, 25 Info")
