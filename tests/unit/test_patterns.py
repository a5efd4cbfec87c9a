"""What is read of the text of a SPARQL constraint."""

from __future__ import annotations

import pytest

from coopkg import patterns
from coopkg.paths import text

PREFIXES = {"": "urn:"}


def reading(body: str) -> tuple[list[str], list[str]]:
    """Return the walks as `start path end`, and the predicates of what is loose with their objects."""
    found = patterns.reading(f"SELECT $this WHERE {{ {body} }}", PREFIXES)
    assert found is not None
    walks = [f"{walk.start} {text(walk.path)} {walk.end or '.'}" for walk in found.walks]
    return walks, [f"{loose.predicate} {loose.value or '.'}" for loose in found.loose]


@pytest.mark.parametrize(
    ("body", "walks", "loose"),
    [
        ("$this :p ?x ; :q 'a', ?y .", ["this <urn:p> x", "this <urn:q> .", "this <urn:q> y"], []),
        ("?other :p ?v . $this :p ?v", ["this <urn:p> v", "v (^<urn:p>) other"], []),
        ("?x ^:p/:q* $this", ["this (^((^<urn:p>)/(<urn:q>*))) x"], []),
        ("$this a :C", ["this <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ."], []),
        ("?x a :C", [], ["<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:C>"]),
        ("$this :p [ :q ?x ]", ["this <urn:p> [1", "[1 <urn:q> x"], []),
        ("$this :p ?x FILTER NOT EXISTS { ?x :q ?y }", ["this <urn:p> x", "x <urn:q> y"], []),
        ("FILTER (?x > 1 && EXISTS { ?x :q 2 }) $this :p ?x", ["this <urn:p> x", "x <urn:q> ."], []),
        ("$this :p ?x OPTIONAL { ?x :q ?y }", ["this <urn:p> x", "x <urn:q> y"], []),
        ("OPTIONAL { ?x :q ?y } $this :p ?x", ["this <urn:p> x"], ["<urn:q> ."]),
        ("OPTIONAL { $this :p ?x } ?x :q ?y", ["this <urn:p> x"], ["<urn:q> ."]),
        ("{ $this :p ?x } UNION { ?x :q ?y }", ["this <urn:p> x"], ["<urn:q> ."]),
        ("$this :p ?x . { ?a :q ?b FILTER NOT EXISTS { ?x :r ?y } }", ["this <urn:p> x"], ["<urn:q> .", "<urn:r> ."]),
        ("BIND(IRI(CONCAT(STR($this), 'x')) AS ?x) ?x :p 'a'@fr", [], ["<urn:p> ."]),
        ("$this ?any '1'^^<urn:d> # a comment with { and ?x :y ?z\n", ["this None ."], []),
    ],
)
def test_patterns_are_walked_from_the_focus_node_where_they_are_connected(
    body: str, walks: list[str], loose: list[str]
) -> None:
    assert reading(body) == (walks, loose)


@pytest.mark.parametrize("body", ["$this !:p ?x", "$this :p ( 1 2 )", "$this other:p ?x", "$this :p"])
def test_what_is_not_understood_is_said(body: str) -> None:
    assert patterns.reading(f"SELECT $this {{ {body} }}", PREFIXES) is None


def test_braces_in_texts_and_comments_are_no_groups() -> None:
    query = 'SELECT $this { # {\n $this :p \'{\', """{""" }'
    assert patterns.bound(query, "PATTERN").count("PATTERN") == 1
