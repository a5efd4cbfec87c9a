"""The lint of shapes: each fault is planted in a file, and told with its line and its repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopkg import names
from coopkg.compiled import CompiledShapes
from coopkg.content import Content
from coopkg.errors import InputError
from tests.builders import REPOSITORY

HEADER = f"""@prefix : <https://example.org/> .
@prefix sh: <{names.SH}> .
@prefix xsd: <{names.XSD}> .
"""
TOLD = "sh:severity sh:Violation ; sh:message 'Corrigez.'@fr , 'Correct it.'@en"
DECLARED = ":x sh:declare [ sh:prefix '' ; sh:namespace 'https://example.org/' ] .\n"


def loaded(folder: Path, text: str) -> CompiledShapes:
    """Load a file of shapes; its first line stands in line 4."""
    (folder / "a.ttl").write_text(HEADER + text, encoding="utf-8")
    return CompiledShapes.load([folder / "a.ttl"])


def query(body: str) -> str:
    return f"sh:sparql [ sh:prefixes :x ; sh:select 'SELECT $this {{ {body} }}' ]"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (":s a sh:NodeShape ;\n  sh:proprety :t .", "shapes/a.ttl:5: sh:proprety is not compiled, or no term of SHACL; "
         "did you mean sh:property?"),
        (":s a sh:Nodeshape ; sh:targetClass :C .", "shapes/a.ttl:4: sh:Nodeshape"),
        (":s sh:targetclass :C .", "did you mean sh:targetClass?"),
        (":p sh:mincount 1 .", "did you mean sh:minCount?"),
        (":s sh:targetClass :C ; sh:severity sh:Warn .", "did you mean sh:Warning?"),
        (":s sh:targetClass :C ; sh:nodeKind sh:Iri .", "did you mean sh:IRI?"),
        (":s sh:targetClass :C ; sh:zzz 1 .", "sh:zzz is not compiled, or no term of SHACL; remove it"),
        (":s sh:targetClass :C ;\n\n  sh:someValue :t .", "shapes/a.ttl:6: sh:someValue is not of SHACL 1.0"),
        (":s sh:targetClass :C ; sh:reifierShape :t .", "engines ignore it"),
        (":s sh:targetClass :C ; sh:rule [ a sh:TripleRule ] .", "sh:rule is not of SHACL 1.0"),
        (":other sh:target [ sh:select 'SELECT ?this {}' ] .", "sh:target is not of SHACL 1.0"),
        (":s sh:targetClass :C ; sh:severity :Grave .", "shapes/a.ttl:4: <https://example.org/s>: "
         "<https://example.org/Grave> is no severity"),
        (":s sh:targetClass :C ; sh:path :p ; sh:flags 'i' .", "sh:flags says nothing without sh:pattern"),
        (":s sh:targetClass :C ; sh:ignoredProperties ( :p ) .", "sh:ignoredProperties says nothing without sh:closed"),
        (":X sh:parameter [ sh:path :lang ] , [ sh:path :deep ; sh:optional true ] ; sh:validator [ sh:ask '' ] .\n"
         ":s sh:targetClass :C ; :deep 1 .", "shapes/a.ttl:5: <https://example.org/s>: https://example.org/X judges "
         "nothing without <https://example.org/lang>"),
        (f"{DECLARED}:s sh:targetClass :C ; {query('GRAPH ?g { $this :p ?x }')} .", "shapes/a.ttl:5: "
         "<https://example.org/s>: sh:select: GRAPH may not stand"),
        (f"{DECLARED}:s sh:targetClass :C ; {query('SERVICE <urn:x> { $this :p ?x }')} .", "SERVICE may not stand"),
    ],
)  # fmt: skip
def test_what_would_be_ignored_is_refused_with_its_line_and_its_repair(tmp_path: Path, text: str, refusal: str) -> None:
    with pytest.raises(InputError) as refused:
        loaded(tmp_path, text)
    assert refusal in str(refused.value)


def test_all_that_is_refused_is_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        loaded(tmp_path, ":s sh:targetClass :C ; sh:proprety :t .\n:t sh:minCount 1 .\n:u sh:js [] ; sh:class :D .")
    assert [line.partition(" ")[0] for line in str(refused.value).splitlines()] == [
        *("shapes/a.ttl:4:", "shapes/a.ttl:6:", "shapes/a.ttl:5:")
    ]


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        (f":s sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ; {TOLD} ] .",
         ["shapes/a.ttl:4: <https://example.org/s> (inside): a shape without an IRI cannot be named in a report; give "
          "it one"]),
        (f":s sh:targetClass :C ; {TOLD} ; sh:node [ sh:nodeKind sh:IRI ; {TOLD} ] .",
         ["shapes/a.ttl:4: <https://example.org/s> (inside): a shape without an IRI cannot be named in a report; give "
          "it one"]),
        (f"[] sh:targetClass :C ; sh:class :D ; {TOLD} .", ["a shape without an IRI cannot be named in a report"]),
        (f":t sh:path :q ; sh:minCount 1 ; {TOLD} .\n:s sh:targetClass :C ; sh:path :p ; sh:property :t .",
         ["shapes/a.ttl:5: <https://example.org/s>: sh:property in a property shape: engines report the inner node as "
          "focus; use sh:node"]),
        (":s sh:targetClass :C ; sh:class :D ; sh:message 'Corrigez.'@fr , 'Correct it.'@en .",
         ["shapes/a.ttl:4: <https://example.org/s>: its severity is not said"]),
        (":s sh:targetClass :C ; sh:class :D ; sh:severity sh:Info ; sh:message 'Corrigez.'@fr .",
         ['it has no message in this language: "en"; add sh:message "…"@en']),
        (":s sh:targetClass :C ; sh:class :D ; sh:severity sh:Info ; sh:message 'Correct it.' .",
         ['in this language: "en"', 'in this language: "fr"']),
        (f"{DECLARED}:s sh:targetClass :C ; {TOLD} ; {query('?x :p ?y')} .", ["is not connected to $this"]),
        (f"{DECLARED}:s sh:targetClass :C ; {TOLD} ; {query('$this !:p ?y')} .", ["is not understood"]),
        (f"{DECLARED}:s sh:targetClass :C ; {TOLD} ; {query('$this :p ?x ; :q ?y FILTER(?x > ?y)')} .",
         ["use sh:lessThan"]),
        (f"{DECLARED}:s sh:targetClass :C ; {TOLD} ; {query('$this :p ?x FILTER(?x > &2024-01-01&)')} ."
         .replace("&", '"'), ["use sh:lessThan or sh:minInclusive"]),
        (f":s sh:path :p ; sh:minCount 1 ; {TOLD} .", ["shapes/a.ttl:4: <https://example.org/s>: it has no target and "
         "no other shape names it"]),
    ],
)  # fmt: skip
def test_what_engines_do_differently_or_a_report_cannot_tell_is_a_hint(
    tmp_path: Path, text: str, hints: list[str]
) -> None:
    told = loaded(tmp_path, text).hints
    assert len(told) == len(hints), told
    assert all(hint in line for hint, line in zip(hints, told, strict=True)), told


@pytest.mark.parametrize(
    "text",
    [
        f":s sh:targetClass :C ; sh:property :t .\n:t sh:path :p ; sh:minCount 1 ; {TOLD} .",
        f":s sh:targetClass :C ; {TOLD} ; sh:or ( [ sh:class :D ] [ sh:class :E ] ) ; sh:not [ sh:class :F ] .",
        f"{DECLARED}:s sh:targetClass :C ; {TOLD} ; {query('$this :p ?x FILTER(?x = $this && STRLEN(STR(?x)) < 3)')} .",
        ":s sh:deactivated true ; sh:targetClass :C ; sh:class :D .",
    ],
)
def test_plain_shapes_have_no_hint(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text).hints == ()


def test_the_shapes_of_the_repository_have_no_hint() -> None:
    assert CompiledShapes.load(Content(REPOSITORY).shapes()).hints == ()
