"""Where a document speaks of what."""

from __future__ import annotations

import time

import pytest

from coopkg.places import Places

TURTLE = """@prefix e: <urn:e:> .
# <urn:e:none> in a comment
<urn:e:a>
    e:knows e:b ,
        <urn:e:c> .

e:b e:knows <urn:e:a> .
"""


def test_a_block_begins_where_a_subject_stands_first_on_its_line() -> None:
    places = Places.of(TURTLE, "a.ttl")
    assert places.blocks == {"urn:e:a": "a.ttl:3", "urn:e:b": "a.ttl:7", "urn:e:knows": "a.ttl:4"}
    assert places.mentions["urn:e:c"] == "a.ttl:5"
    assert places.first("urn:e:c") == "a.ttl:5"
    assert places.first("urn:e:none") == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n"@graph": [{"@id": "urn:e:b", "urn:p": {"@id": "urn:e:a"}},\n{"@id": "urn:e:a", "urn:p": 1}]}', "3"),
        ("<rdf:RDF>\n<x rdf:resource='urn:e:a'/>\n<y rdf:about='urn:e:a'>", "3"),
        ('{"urn:p": [\n{"@id": "urn:e:a"}]}', "2"),
    ],
)
def test_quoted_iris_begin_a_block_where_something_is_said_of_them(text: str, line: str) -> None:
    assert Places.of_quoted(text, "").first("urn:e:a") == line


@pytest.mark.parametrize(
    "text",
    [
        *(character * 1_000_000 for character in ("\n", "<", '"', "a", " ")),
        *('"@id"' + " " * 1_000_000, '"a:' + "b" * 1_000_000, "<http://[>"),
        *('{"@id":"a:b"},' * 70_000, "<a> " * 250_000, "@prefix " * 125_000),
    ],
    ids=lambda text: repr(text[:8]),
)
def test_no_text_of_a_stranger_takes_long(text: str) -> None:
    began = time.process_time()
    Places.of(text, "x")
    Places.of_quoted(text, "x")
    assert time.process_time() - began < 5
