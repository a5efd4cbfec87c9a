"""Search clauses: what is read as one, what is refused, and what stands in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coopkg import guard, names, sparql, store
from coopkg.errors import QueryError, Refused
from coopkg.index import Index
from coopkg.rdf import RdfFormat, parse_quads
from coopkg.sparql import Question
from coopkg.store import QuadStore
from coopkg.textsearch import Searched, clauses, may_search, searched, without_rows
from coopkg.textsearch.clause import MOST_CLAUSES
from tests.builders import ID, SCHEME

_PREFIXES = "\n".join(f"PREFIX {name}: <{iri}>" for name, iri in names.PREFIXES.items())
_WORLD = rf"""{_PREFIXES}
<https://w3id.org/coopkg/graph/world> {{
    <{ID}project/a> a coop:Project, coop:Action ; skos:prefLabel "Jardins partagés"@fr, "Shared gardens"@en ;
        dcterms:description "Des jardins, 'au' service \"civique\" \\ \n de tous."@fr, "Gardens for all."@en .
    <{ID}project/b> a coop:Action ; skos:prefLabel "Un jardin"@fr ; dcterms:description "Semer, planter."@fr .
    <{ID}organisation/x> a org:Organization ; skos:prefLabel "Jardin public"@fr ; coop:siren "217500016" .
    <{SCHEME}theme/gardens> a skos:Concept ; skos:inScheme <{SCHEME}theme> ; skos:prefLabel "Jardin"@fr .
}}
"""
_A, _B, _X = f"{ID}project/a", f"{ID}project/b", f"{ID}organisation/x"
_ONE = 'SERVICE coop:search { ?x search:query "jardin" }'


@pytest.fixture(scope="module")
def graph() -> QuadStore:
    """Return the small world."""
    return QuadStore.apart(parse_quads(_WORLD.encode(), RdfFormat.TRIG, "a test"))


@pytest.fixture(scope="module")
def index(graph: QuadStore) -> Iterator[Index]:
    """Return an index of the small world, of revision 7."""
    made = Index()
    made.build(graph, 7)
    yield made
    made.close()


def after(index: Index, text: str) -> Searched:
    """Return a query after its searches."""
    return searched(index, text, clauses(text, None))


def rows(index: Index, graph: QuadStore, text: str) -> list[list[str]]:
    """Return the rows of a query, with searches or without, but for their head."""
    found = after(index, text) if clauses(text, None) else Searched(text, "", 7, ())
    question = Question(found.text, told=found.told, wishes=("csv",))
    _, body = sparql.answered(graph, question)
    return [line.split(",") for line in body.decode().splitlines()[1:]]


# ---- what is found ------------------------------------------------------------------------------------------


def test_a_clause_binds_what_has_the_words(index: Index, graph: QuadStore) -> None:
    found = rows(index, graph, f"SELECT ?x {{ {_ONE} }}")
    assert sorted(found) == sorted([[_A], [_B], [_X], [f"{SCHEME}theme/gardens"]])


def test_what_is_found_is_joined_with_the_rest_of_the_query(index: Index, graph: QuadStore) -> None:
    assert rows(index, graph, f"SELECT ?x {{ {_ONE} ?x a coop:Project }}") == [[_A]]
    assert rows(index, graph, f"SELECT ?x {{ ?x a coop:Project . {_ONE} }}") == [[_A]]


@pytest.mark.parametrize(
    "pattern",
    [
        "{one} ?x a coop:Project",
        "?x a coop:Project OPTIONAL {{ {one} }}",
        "{{ {one} ?x a coop:Project }} UNION {{ ?x a coop:Nothing }}",
        "GRAPH ?g {{ {one} ?x a coop:Project }}",
        "{{ SELECT ?x {{ {one} ?x a coop:Project }} }}",
        "?x a coop:Project FILTER EXISTS {{ {one} }}",
        "?x a coop:Project . {{ {one} }} {{ SERVICE coop:search {{ ?x search:query 'partagé' }} }}",
    ],
)
def test_a_clause_stands_wherever_a_pattern_does(index: Index, graph: QuadStore, pattern: str) -> None:
    assert rows(index, graph, f"SELECT ?x {{ {pattern.format(one=_ONE)} }}") == [[_A]]


@pytest.mark.parametrize("form", ["ASK", "CONSTRUCT {{ ?x a coop:Project }} WHERE", "DESCRIBE ?x"])
def test_every_form_of_query_can_search(index: Index, graph: QuadStore, form: str) -> None:
    text = f"{form.replace('{{', '{').replace('}}', '}')} {{ {_ONE} ?x a coop:Project }}"
    found = after(index, text)
    _, body = sparql.answered(graph, Question(found.text, told=found.told))
    assert b"true" in body or _A.encode() in body


def test_scores_fall_in_the_order_of_the_search_page(index: Index, graph: QuadStore) -> None:
    text = 'SELECT ?x ?s { SERVICE coop:search { ?x search:query "jardin" ; search:score ?s } } ORDER BY DESC(?s)'
    found = rows(index, graph, text)
    page = sorted(index.ranking("jardin", "fr").scores, reverse=True)
    assert [float(score) for _, score in found] == pytest.approx(page)
    assert len(set(page)) == len(page), "two of them tie"
    assert found[0][0] == f"{SCHEME}theme/gardens", "what bears just the name comes first"
    assert all(0 < score < 1 or score >= 2 for score in page)


def test_an_identifier_finds_who_has_it(index: Index, graph: QuadStore) -> None:
    assert rows(index, graph, 'SELECT ?x { SERVICE coop:search { ?x search:query "217 500 016" } }') == [[_X]]


def test_names_and_highlights_have_their_language(index: Index, graph: QuadStore) -> None:
    clause = (
        'SERVICE coop:search { ?x search:query "gardens" ; search:lang "en" ; search:label ?l ; search:highlight ?h }'
    )
    text = f"SELECT ?l (LANG(?l) AS ?of) ?h (LANG(?h) AS ?in) {{ {clause} ?x a coop:Project }}"
    assert rows(index, graph, text) == [["Shared gardens", "en", "**Gardens** for all.", "en"]]


def test_a_kind_narrows_what_is_found_before_the_limit(index: Index, graph: QuadStore) -> None:
    for kinds, found in {
        "coop:Project": {_A},
        "coop:Action": {_A, _B},
        "org:Organization": {_X},
        "skos:Concept": {f"{SCHEME}theme/gardens"},
        "coop:Project, org:Organization": {_A, _X},
        f"<{names.COOP}Project>": {_A},
    }.items():
        clause = f'SERVICE coop:search {{ ?x search:query "jardin" ; search:kind {kinds} ; search:limit 2 }}'
        assert {x for (x,) in rows(index, graph, f"SELECT ?x {{ {clause} }}")} == found, kinds


def test_nothing_found_is_no_row_and_no_fault(index: Index, graph: QuadStore) -> None:
    assert rows(index, graph, 'SELECT ?x { SERVICE coop:search { ?x search:query "qqqqzzzz" } }') == []


def test_a_query_is_told_what_its_author_should_know(index: Index) -> None:
    misspelt, some, more = (
        after(
            index, f'SELECT * {{\n SERVICE coop:search {{ ?x search:query "{words}" ; search:limit {limit} }} }}'
        ).remarks
        for words, limit in (("jardinn", 9), ("jardin qqqqzzzz", 9), ("jardin", 1))
    )
    assert misspelt == ("the search of line 2 found nothing for its words, and looked for 'jardins' instead",)
    assert some == ("the search of line 2 found nothing that has all of its words, and took what has some of them",)
    assert more == ("the search of line 2 found 4, and gave the best 1; search:limit gives more",)
    assert after(index, f"SELECT * {{ {_ONE} }}").revision == 7


def test_while_the_index_is_made_a_search_says_when_to_come_back() -> None:
    with pytest.raises(Refused, match="being made"):
        after(Index(), f"SELECT * {{ {_ONE} }}")


def test_an_index_that_lacks_the_rest_of_the_territories_is_not_searched(index: Index) -> None:
    index.is_whole = False
    try:
        with pytest.raises(Refused, match="being made"):
            after(index, f"SELECT * {{ {_ONE} }}")
    finally:
        index.is_whole = True


# ---- what is read -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { SERVICE <http://[> { ?x search:query "a" } }',
        'BASE <http://[> SELECT * { SERVICE <x> { ?x search:query "a" } }',
        'PREFIX a: <//[> SELECT * { SERVICE a:x { ?x search:query "a" } }',
    ],
)
def test_a_service_whose_iri_is_none_is_left_to_the_guard(text: str) -> None:
    assert clauses(text, "http://here.example/sparql") == []


@pytest.mark.parametrize("said", ['<http://[> "a"', 'search:query "a" ; search:kind <//[>'])
def test_a_word_whose_iri_is_none_is_refused_where_it_stands(said: str) -> None:
    with pytest.raises(QueryError, match="line 1, column"):
        clauses(f"SELECT * {{ SERVICE coop:search {{ ?x {said} }} }}", "http://here.example/sparql")


@pytest.mark.parametrize(
    "clause",
    [
        'SERVICE coop:search { ?x search:query "a" }',
        'service<https://w3id.org/coopkg/ns#search>{?x search:query"a"}',
        "SERVICE coop:search { $x search:query 'a' . }",
        'SERVICE coop:search { ?x search:query """a""" ; }',
        'SERVICE # why\n coop:search { # here\n ?x <https://w3id.org/coopkg/search#query> "a" }',
        'SERVICE coop:search { ?x search:lang "fr" . ?x search:query "a" ;; search:limit 50 . }',
        'SERVICE coop:search { ?x search:query "\\u0061" }',
    ],
)
def test_a_clause_is_read_however_it_is_written(clause: str) -> None:
    (read,) = clauses(f"SELECT * {{ {clause} }}", None)
    assert (read.subject, read.words, read.lang, read.limit) == ("x", "a", "fr", 50)


def test_prefixes_of_the_query_count() -> None:
    own = f"PREFIX s: <{names.SEARCH}> PREFIX : <{names.COOP}> SELECT * {{ SERVICE :search {{ ?x s:query 'a' }} }}"
    assert clauses(own, None)[0].words == "a"
    other = 'PREFIX coop: <http://elsewhere.example/> SELECT * { SERVICE coop:search { ?x search:query "a" } }'
    assert clauses(other, None) == []


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?x ?y "SERVICE coop:search { }" }',
        "SELECT * { # SERVICE coop:search { }\n }",
        "SELECT ?service { ?service coop:search ?x }",
        "PREFIX service: <http://x/> SELECT * { ?x service:search ?y }",
        "SELECT * { SERVICE <http://elsewhere.example/> { ?x search:query 'a' } }",
        "SELECT * { SERVICE ?x { ?x search:query 'a' } }",
        "SELECT * { ?x ?y <http://x/SERVICE> }",
        "SERVICE",
        "SERVICE SILENT",
        "SERVICE coop",
    ],
)
def test_what_is_no_search_clause_is_left_as_it_is(text: str) -> None:
    assert clauses(text, None) == []
    assert without_rows(text, []) == text


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {_ONE} SERVICE <http://elsewhere.example/> {{ ?s ?p ?o }} }}",
        "SELECT * { SERVICE <http://elsewhere.example/> { ?s ?p ?o } }",
        'SELECT * { 5SERVICE coop:search { ?x search:query "jardin" } }',
        'SELECT * { SERVICEcoop:search { ?x search:query "jardin" } }',
        'SELECT * { \\u0053ERVICE coop:search { ?x search:query "jardin" } }',
        f"SELECT * {{ {_ONE} ?a ?b ''' SERVICE <http://elsewhere.example/> {{ ?s ?p ?o }} }}",
    ],
)
def test_any_other_service_is_refused_as_before(index: Index, graph: QuadStore, text: str) -> None:
    asked = clauses(text, None)
    question = Question(text)
    if asked:
        found = searched(index, text, asked)
        question = Question(found.text, told=found.told)
    with pytest.raises(QueryError):
        sparql.answered(graph, question)


@pytest.mark.parametrize(
    ("body", "column", "said"),
    [
        ("", 2, "needs words"),
        ("?x search:limit 5", 2, "needs words"),
        ("?x a coop:Project", 27, "a: no word of a search clause"),
        ('?x search:qery "a"', 27, "search:qery: no word of a search clause"),
        ("?x skos:prefLabel ?l", 27, "skos:prefLabel: no word of a search clause"),
        ('?x ?p "a"', 27, "?p: no word"),
        ('?x search:query "a"@fr', 43, "without @fr"),
        ('?x search:query "a"^^xsd:string', 43, "without ^"),
        ("?x search:query ?w", 40, "?w: search:query takes a text"),
        ("?x search:query 5", 40, "takes a text"),
        ('?x search:query "', 40, "takes a text"),
        ('?x search:query "a" ; search:query "b"', 46, "said twice"),
        ('?x search:query "a" ; search:score ?x', 59, "has a place"),
        ('?x search:query "a" ; search:score ?s ; search:label ?s', 77, "has a place"),
        ('?x search:query "a" ; search:score 5', 59, "takes a variable"),
        ('?x search:query "a" ; search:limit 0', 59, "from 1 to 1,000"),
        ('?x search:query "a" ; search:limit 1001', 59, "from 1 to 1,000"),
        ('?x search:query "a" ; search:limit 0000000019999', 59, "from 1 to 1,000"),
        ('?x search:query "a" ; search:limit -5', 59, "takes a number"),
        ('?x search:query "a" ; search:limit 1e3', 59, "takes a number"),
        ('?x search:query "a" ; search:limit ٥', 59, "takes a number"),
        ('?x search:query "a" ; search:lang "de"', 58, "one of fr, en"),
        ('?x search:query "a" ; search:kind coop:Projet', 58, "search:kind is one of coop:Action"),
        ('?x search:query "a" ; search:kind "coop:Project"', 58, "takes an IRI"),
        ('?x search:query "a" . ?y search:score ?s', 46, "speaks of one variable"),
        ('[] search:query "a"', 24, "speaks of one variable"),
        ('<http://x> search:query "a"', 24, "speaks of one variable"),
        ('?x search:query "a" FILTER(?x)', 44, "comes '.', not FILTER"),
        ('?x search:query "a" { }', 44, "comes '.', not {"),
        ('?x search:query "!!"', 40, "holds no word"),
        ('?x search:query ""', 40, "holds no word"),
        (f'?x search:query "{"a" * 201}"', 40, "200 characters at most, not 201"),
        ('?x search:query "\\d"', 41, "stands for no character"),
        ('?x search:query "b\\uD800"', 42, "stands for no character"),
        ('?x search:query "\\U00110000"', 41, "stands for no character"),
    ],
)
def test_what_is_not_of_the_grammar_is_refused_where_it_stands(body: str, column: int, said: str) -> None:
    with pytest.raises(QueryError) as refusal:
        clauses(f"SELECT * {{\n SERVICE coop:search {{ {body} }} }}", None)
    assert (refusal.value.line, refusal.value.column) == (2, column)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "SERVICE coop:search {",
        "SERVICE coop:search",
        'SERVICE coop:search { ?x search:query "a" ;',
        "SERVICE coop:search { ?x",
    ],
)
def test_a_clause_without_end_is_refused_at_its_beginning(text: str) -> None:
    with pytest.raises(QueryError, match="line 1, column 12: the search clause that begins here has no end"):
        clauses(f"SELECT * {{ {text}", None)


def test_silent_is_refused_since_a_search_fails_aloud() -> None:
    with pytest.raises(QueryError, match="leave SILENT out"):
        clauses('SELECT * { SERVICE SILENT coop:search { ?x search:query "a" } }', None)


def test_there_are_only_so_many_clauses() -> None:
    assert len(clauses(f"SELECT * {{ {_ONE * MOST_CLAUSES} }}", None)) == MOST_CLAUSES
    with pytest.raises(QueryError, match="search clauses at most"):
        clauses(f"SELECT * {{ {_ONE * 1_000} }}", None)


def test_most_queries_are_not_split_for_it() -> None:
    assert not may_search("SELECT * { ?x a coop:Project }")
    assert may_search("select * { service coop:search { } }")


# ---- what stands in their place -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        '"',
        "''' }",
        '\\"} UNION { SERVICE <http://x> {} }',
        "a\\nOR NEAR(b) * ^ -c",
        "a\\u0000b",
        "jardin} VALUES ?x { <http://x> }",
        "% _ ; DROP TABLE entry; --",
        "{label}: jardin",
        "ſervice İ 𝕁ardin",
        "jardin \\u202E\\u0007",
    ],
)
def test_no_word_is_read_as_the_language_of_anything(index: Index, graph: QuadStore, words: str) -> None:
    for mark in ('"', "'''"):
        text = f"SELECT ?x {{ SERVICE coop:search {{ ?x search:query {mark}{words}{mark} ; search:highlight ?h }} }}"
        try:
            rows(index, graph, text)
        except QueryError as refusal:
            assert refusal.line == 1  # noqa: PT017  # some are well-formed in one kind of quotes alone


def test_what_is_quoted_is_written_so_that_nothing_of_it_is_read(index: Index, graph: QuadStore) -> None:
    text = 'SELECT ?h { SERVICE coop:search { ?x search:query "civique" ; search:highlight ?h } }'
    found = after(index, text)
    results = graph.query(found.text)
    assert store.rows(results) == [("Des jardins, 'au' service \"**civique**\" \\ \n de tous.",)]
    guard.refuse_remote(found.text)


@pytest.mark.parametrize(
    "rest",
    [
        "?x a foo:Bar",
        "?x a ",
        "} }",
        "\n\n ?x a foo:Bar",
        "?x a <relative>",
        "?x ?y 'é' , '𝕁' ; a foo:Bar",
        f"{_ONE} ?x a foo:Bar",
        "SERVICE <http://elsewhere.example/> {}",
    ],
)
@pytest.mark.parametrize(
    "clause", [_ONE, _ONE.replace(" ", "\n"), _ONE.replace("?x", "?x # why not\n"), f"# é\n{_ONE}"]
)
def test_a_fault_in_the_rest_is_told_where_its_author_sees_it(
    index: Index, graph: QuadStore, clause: str, rest: str
) -> None:
    text = f"SELECT * {{ {clause} {rest} }}"
    blank = re.sub(r"[^\n]", " ", clause)
    places = []
    for one in (text, text.replace(clause, blank, 1)):
        with pytest.raises(QueryError) as refusal:
            rows(index, graph, one)
        places.append((refusal.value.line, refusal.value.column))
    assert places[0] == places[1]


def test_an_empty_block_is_never_longer_than_its_clause() -> None:
    text = "PREFIX s:<https://w3id.org/coopkg/search#> PREFIX :<https://w3id.org/coopkg/ns#>SELECT*{%s}"
    for clause in ("SERVICE:search{?x s:query'a'}", "SERVICE:search{?x s:query'a';s:score?s;s:label?l;s:highlight?h}"):
        whole = text % clause
        assert len(without_rows(whole, clauses(whole, None))) == len(whole)
