"""Laws of the trees of queries: written and read again they are the same, and no text is read where the engine refuses.

The engine is the oracle of what a text means: the original and what is written of its tree give the same.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

from coopkg import gallery, names
from coopkg.errors import QueryError
from coopkg.querytree.reading import read
from coopkg.querytree.tree import Query, Service, Variable
from coopkg.querytree.walking import mentioned, replaced, walk
from coopkg.querytree.writing import written
from coopkg.web.site.starters import EXAMPLES
from tests.builders import REPOSITORY
from tests.properties.trees import Trees
from tests.questions.test_questions import FOLDER
from tests.unit import test_guard

many = settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))


QUERIES = st.randoms(use_true_random=False).map(lambda random: Trees(random).query())

#: Queries of ours, and some that use what ours do not.
TEXTS = [
    *(example.query for group in gallery.groups("fr") for example in group.examples),
    *(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.rq"))),
    *(example.query for told in EXAMPLES.values() for example in told),
    "PREFIX : <http://e/> CONSTRUCT { ?s :p [ :q (1 -2 .5e0 'x'@fr) ] } { ?s a/^:p*|!(:q|^a) ?o ; :p ?x, +1 }",
    "BASE <http://e/> SELECT (COUNT(DISTINCT ?s) AS ?n) (GROUP_CONCAT(?o; SEPARATOR='|') AS ?all) FROM <g> "
    "{ GRAPH ?g { ?s <p> ?o } MINUS { ?s <q> true } } GROUP BY (STR(?g) AS ?h) HAVING (COUNT(*) > 1) ORDER BY DESC(?n)",
    "DESCRIBE ?s <http://e/a> { VALUES (?s ?o) { (<http://e/a> UNDEF) } { ?s ?p ?o } UNION { ?o ?p ?s } } LIMIT 1",
    'ASK { BIND(IF(?a IN (1, "x"), -?a - 1 - 2 * 3, !BOUND(?b) && ?a<2) AS ?c) OPTIONAL { SELECT * '
    '{ ?s ?p """a"b""" } } }',
]
BITS = st.sampled_from(
    [
        *"+-*/?.;,()[]{}<>|^!=&\"'\\ \n#:a5@_$é%\0\ud800",
        *("||", "a:", ":b", " UNION ", "SERVICE ", " DISTINCT", "1e", "\\u0041", "''"),
    ]
)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """Return a text of ours with characters taken out, put in, or put elsewhere."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 6)))
        text = text[:begin] + draw(st.one_of(st.just(""), BITS)) + text[end:]
    return text


STORE = Store()
STORE.update(
    "PREFIX : <http://e/> INSERT DATA { :a :p 5, :b ; a :c . :b :p :a ; :q 'x'@fr, true . "
    "GRAPH :g { :a :q :b ; :p 1, 2 } }"
)


def answer(text: str, base: str | None = None) -> Counter[str] | None:
    """Return the rows that the engine gives, None where it refuses the text."""
    try:
        found = STORE.query(text, base_iri=base, prefixes=names.PREFIXES)
    except (SyntaxError, RuntimeError, UnicodeEncodeError):
        return None
    if isinstance(found, QueryBoolean):
        return Counter([str(bool(found))])
    assert isinstance(found, (QuerySolutions, QueryTriples))
    rows = [str(row) if isinstance(found, QueryTriples) else str([str(cell) for cell in row]) for row in found]
    return Counter(re.sub(r"_:\w+", "_:b", row) for row in rows)


@given(QUERIES)
@many
def test_a_tree_that_is_written_and_read_is_the_same(query: Query) -> None:
    text = written(query)
    assert read(text, "http://e/elsewhere") == query
    assert written(read(text)) == text


@given(QUERIES)
@many
def test_replacing_there_and_back_changes_nothing(query: Query) -> None:
    new = Variable("new")
    for old in mentioned(query):
        other = replaced(query, {old: new})
        assert mentioned(other) == mentioned(query) - {old} | {new}
        assert replaced(other, {new: old}) == query


@pytest.mark.parametrize("text", TEXTS)
def test_our_queries_are_read_and_written_as_the_same_queries(text: str) -> None:
    query = read(text)
    assert read(written(query)) == query
    assert answer(written(query)) == answer(text) is not None


@given(mutations())
@settings(many, max_examples=800)
def test_a_text_is_read_as_the_engine_reads_it_or_refused(text: str) -> None:
    try:
        query = read(text)
    except QueryError:
        return
    again = written(query)
    assert read(again) == query
    if "service" not in text.lower():
        assert answer(again) == answer(text)


@given(
    st.sampled_from(
        ["http://h", "http://h/", "http://h/a/b?q=/c#f", "http://h?q", "file:///x/y", "urn:a:b", "http://h/../b"]
    ),
    st.lists(st.sampled_from(["a", "b/", "/", "?x", "#y", ":", "//", "é", "%41", "..", ".", "@", "x:"]), max_size=4),
)
@many
def test_a_relative_iri_is_resolved_as_the_engine_resolves_it(base: str, parts: list[str]) -> None:
    text = f"SELECT (<{''.join(parts)}> AS ?iri) {{ }}"
    with contextlib.suppress(QueryError):
        again = written(read(text, base))
        assert answer(again) == answer(text, base) is not None


@given(st.text(max_size=60))
@many
def test_no_text_raises_anything_but_a_query_error(text: str) -> None:
    for begun in (text, f"SELECT * {{ ?s ?p {text} }}", f"ASK {{ FILTER({text}) }}"):
        with contextlib.suppress(QueryError):
            read(begun, "http://e/")


@pytest.mark.parametrize("name", test_guard.REFUSED)
def test_a_text_that_calls_another_endpoint_is_read_with_its_service_or_refused(name: str) -> None:
    try:
        query = read(test_guard.REFUSED[name])
    except QueryError:
        return
    assert any(isinstance(node, Service) for node in walk(query))


def test_each_question_that_is_documented_can_be_read() -> None:
    pages = [*(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "README.md"]
    found = [text for page in pages for text in re.findall(r"```sparql\n(.*?)```", page.read_text("utf-8"), re.DOTALL)]
    assert found
    for text in found:
        assert read(text)
