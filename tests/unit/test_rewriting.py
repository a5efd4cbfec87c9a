"""The frame of rewriting, and what each step does to texts that show its bounds."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from coopkg import sparql
from coopkg.census import Census
from coopkg.errors import QueryError
from coopkg.rdf import NamedNode, Quad
from coopkg.rewriting import rewritten
from coopkg.sparql import Question
from coopkg.store import QuadStore

_A, _B, _P, _G = (NamedNode(f"https://example.org/{name}") for name in "abpg")


def _steps(text: str) -> tuple[str, ...]:
    return rewritten(f"PREFIX : <https://example.org/> {text}").steps


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT  *  { ?s rdfs:label ?l # a remark\n FILTER(LANG(?l) = 'fr') }",
        "SELECT * { VALUES ?s { } OPTIONAL { ?s ?p ?o } }",
        "SELECT * { VALUES ?s { <https://example.org/a> OPTIONAL { ?s ?p ?o } }",
        "SELECT * { VALUES ?s { <relative> } OPTIONAL { ?s ?p ?o } }",
        "SELECT * { ?s ?p 'VALUES BIND(<a> AS ?b) NOT EXISTS' }",
        "",
        "\ud800 VALUES",
        "VALUES" * 1000,
    ],
)
def test_a_text_that_no_step_is_for_is_the_very_text(text: str) -> None:
    found = rewritten(text)
    assert (found.text, found.steps) == (text, ())


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("SELECT * { VALUES ?s { :a } OPTIONAL { ?s :p ?o } }", ()),
        ("SELECT * { VALUES ?s { :a } OPTIONAL { ?s :p ?o . ?o :p ?x . ?x :q ?y . ?y :q ?z } }", ("values",)),
        ("SELECT * { VALUES ?s { :a } ?s :p ?o }", ()),
        ("SELECT * { ?s :p ?o FILTER(?s = :a) }", ("values",)),
        ("SELECT * { ?s :p ?o OPTIONAL { ?s :q ?r } } VALUES ?s { :a }", ("values",)),
        ("SELECT (COUNT(*) AS ?n) { ?s :p ?o OPTIONAL { ?s :q ?r } } VALUES ?s { :a }", ()),
        ("SELECT * { OPTIONAL { ?s :q ?r } VALUES ?s { :a } }", ()),
        ("SELECT * { VALUES ?s { :a } MINUS { ?s :p ?o } }", ()),
        ("SELECT * { VALUES ?s { :a } OPTIONAL { ?s :p* ?o } }", ()),
        ("SELECT * { VALUES ?s { UNDEF } OPTIONAL { ?s :p ?o } }", ()),
        ("SELECT * { ?s :p ?o FILTER NOT EXISTS { ?s :q ?x . ?x :r ?y } }", ("not-exists",)),
        ("SELECT * { ?s :p ?o FILTER NOT EXISTS { ?s :q ?x } }", ()),
        ("SELECT * { ?s :p ?o FILTER NOT EXISTS { ?x :q ?y . ?y :r ?z } }", ()),
        ("SELECT * { ?s :p ?o OPTIONAL { ?o :q ?x FILTER NOT EXISTS { ?x :q ?y . ?y :r ?s } } }", ()),
        ("SELECT * { ?a :p ?b . ?c :p ?d FILTER(?a = ?d) }", ("equality",)),
        ("SELECT * { ?a :p ?b . ?c :p ?d FILTER(?b = ?d) }", ()),
        ("SELECT * { ?a :p ?b . ?c :p ?d FILTER(SAMETERM(?b, ?d)) }", ("equality",)),
        (
            "SELECT * { VALUES ?s { :a } OPTIONAL { ?s :p ?o } FILTER NOT EXISTS { ?s :q ?x . ?x :r ?o } }",
            ("values", "not-exists"),
        ),
    ],
)
def test_a_step_applies_where_its_pattern_is_met_exactly(text: str, steps: tuple[str, ...]) -> None:
    assert _steps(text) == steps


@pytest.mark.parametrize(
    ("inside", "count", "is_apart"),
    [
        ("?s :q ?x . ?x :r :k", 20_000, True),
        ("?s :q ?x . ?x :r :k", 20_001, False),
        ("?s :q ?x . ?x :r ?k", 1, False),
        ("?x :q ?s . ?x :r :k", 1, False),
        ("?s :q ?o . ?o :r :k", 1, False),
        (":a :q ?x . ?x :r :k . ?x :q ?s", 1, False),
    ],
)
def test_what_ends_what_is_absent_is_asked_for_by_itself_where_few_things_have_it(
    inside: str, count: int, is_apart: bool
) -> None:
    known = Census(Counter({NamedNode("https://example.org/r"): count}), Counter(), frozenset())
    text = f"PREFIX : <https://example.org/> SELECT * {{ ?s :p ?o FILTER NOT EXISTS {{ {inside} }} }}"
    found = rewritten(text, known=known)
    assert (found.steps, found.text.count("SELECT") == 2) == (("not-exists",), is_apart)
    assert "SELECT ?x" not in rewritten(text).text


def test_rows_whose_groups_would_be_many_are_left_to_the_engine() -> None:
    rows = " ".join(f":a{number}" for number in range(60))
    assert _steps(f"SELECT * {{ ?s :p ?o OPTIONAL {{ ?s :q ?r }} VALUES ?s {{ {rows} }} }}") == ()
    assert _steps(f"SELECT * {{ ?s :p ?o FILTER(?s IN ({rows.replace(' ', ', ')})) }}") == ("values",)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {\n VALUES ?s { <https://example.org/a> } OPTIONAL { ?s ?p ?o } BIND(1 AS ?o) }",
        "SELECT * {\n ?s ?p ?o FILTER NOT EXISTS { ?s ?p ?x . ?x ?y ?z } FILTER(nowhere:f(?s)) }",
        "SELECT * {\n ?s ?p ?o FILTER(?s = <https://example.org/a>) ",
    ],
)
def test_what_is_wrong_is_told_of_the_text_that_was_sent(text: str) -> None:
    def told(rewrite: bool) -> str:
        with pytest.raises(QueryError) as refused:
            sparql.answered(QuadStore.in_memory(), Question(text, rewrite=rewrite))
        return str(refused.value)

    assert told(True) == told(False)


@pytest.mark.parametrize("pattern", ["?s :p [] OPTIONAL { ?s :p [] }", "?s :p ?o OPTIONAL { ?s :p/:p ?x }"])
def test_whole_solutions_are_counted_as_the_text_was_sent(pattern: str) -> None:
    graph = QuadStore.in_memory([Quad(_A, _P, _B, _G), Quad(_A, _P, _A, _G)])
    body = f"{{ {pattern} VALUES ?s {{ :a :a }} }}"
    text = f"PREFIX : <https://example.org/> SELECT (COUNT(DISTINCT *) AS ?n) {body}"
    answers = [sparql.answered(graph, Question(text, rewrite=rewrite)) for rewrite in (True, False)]
    assert answers[0] == answers[1]
    assert _steps(f"SELECT * {body}") == ("values",)


def test_a_text_that_calls_another_address_is_refused_before_it_is_rewritten() -> None:
    text = "SELECT * { VALUES ?s { <urn:a> } OPTIONAL { SERVICE <https://example.org/> { ?s ?p ?o } } }"
    with pytest.raises(QueryError, match="SERVICE is refused"):
        sparql.answered(QuadStore.in_memory(), Question(text))


def test_the_head_of_an_answer_says_the_steps() -> None:
    graph = QuadStore.in_memory([Quad(_A, _P, _B, _G)])
    heads = list[tuple[str, tuple[str, ...]]]()

    def begin(media_type: str, steps: tuple[str, ...]) -> io.BytesIO:
        heads.append((media_type, steps))
        return io.BytesIO()

    text = f"SELECT * {{ ?s ?p ?o FILTER(?s = {_A}) }}"
    sparql.answer(graph, Question(text), begin)
    sparql.answer(graph, Question(text, rewrite=False), begin)
    assert heads == [("application/sparql-results+json", ("values",)), ("application/sparql-results+json", ())]
