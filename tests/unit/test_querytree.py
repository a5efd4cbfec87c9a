"""Trees of queries: what a text means is in them and how it is spelt is not; what may mean two things is refused."""

from __future__ import annotations

import sys

import pytest

from coopkg import names
from coopkg.errors import QueryError
from coopkg.querytree.reading import read
from coopkg.querytree.tokens import MAX_DEPTH, MAX_OPERATORS
from coopkg.querytree.tree import (
    Aggregate,
    Alternative,
    As,
    Ask,
    Binary,
    Bind,
    Blank,
    Builtin,
    Call,
    Construct,
    Describe,
    Element,
    Exists,
    Expression,
    Filter,
    From,
    GraphPattern,
    Group,
    In,
    Inverse,
    Iri,
    Literal,
    Minus,
    Modifiers,
    Negated,
    Node,
    Optional,
    Order,
    Query,
    Repeated,
    Select,
    Sequence,
    Service,
    SubSelect,
    Triple,
    Unary,
    Union,
    Values,
    Variable,
)
from coopkg.querytree.walking import children, mentioned, replaced, variables, walk
from coopkg.querytree.writing import written

A, B, C, D = map(Variable, "abcd")
P, Q, R = (Iri(f"http://e/{name}") for name in "pqr")
TYPE = Iri(f"{names.RDF}type")
ONE, TWO = Literal("1", "", f"{names.XSD}integer"), Literal("2", "", f"{names.XSD}integer")
ALL = Select(None)
PREFIX = "PREFIX : <http://e/> "


def elements(pattern: str) -> tuple[Element, ...]:
    """Return what stands in a group."""
    where = read(f"{PREFIX}SELECT * {{ {pattern} }}").where
    assert where is not None
    return where.elements


def element(pattern: str) -> Element:
    """Return the only thing that stands in a group."""
    (found,) = elements(pattern)
    return found


def expression(text: str) -> Expression:
    """Return the tree of an expression."""
    found = element(f"FILTER ({text})")
    assert isinstance(found, Filter)
    return found.condition


def term(text: str) -> Node:
    """Return the object of a triple."""
    found = element(f"?a :p {text}")
    assert isinstance(found, Triple)
    return found.object


def path(text: str) -> Node:
    """Return the predicate of a triple."""
    found = element(f"?a {text} ?b")
    assert isinstance(found, Triple)
    return found.predicate


def typed(lexical: str, datatype: str) -> Literal:
    return Literal(lexical, "", names.XSD + datatype)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("SELECT * {}", Query(ALL, Group())),
        ("select*where{}", Query(ALL, Group())),
        ("SELECT DISTINCT ?a $b {}", Query(Select((A, B), "DISTINCT"), Group())),
        ("SELECT REDUCED (1 AS ?a) {}", Query(Select((As(ONE, A),), "REDUCED"), Group())),
        ("ASK {}", Query(Ask(), Group())),
        ("DESCRIBE *", Query(Describe(None), None)),
        ("DESCRIBE ?a <http://e/p> WHERE {}", Query(Describe((A, P)), Group())),
        ("CONSTRUCT { } WHERE { }", Query(Construct(()), Group())),
        (
            "CONSTRUCT { ?a a [ <http://e/p> ?b ] } { }",
            Query(Construct((Triple(Blank("b0"), P, B), Triple(A, TYPE, Blank("b0")))), Group()),
        ),
        (
            "CONSTRUCT FROM <http://e/p> WHERE { ?a ?b _:x . }",
            Query(Construct((Triple(A, B, Blank("x")),)), Group((Triple(A, B, Blank("x")),)), dataset=(From(P),)),
        ),
        (
            "SELECT * FROM <http://e/p> FROM NAMED <http://e/q> {}",
            Query(ALL, Group(), dataset=(From(P), From(Q, is_named=True))),
        ),
        ("BASE <http://e/> SELECT * FROM <p> {}", Query(ALL, Group(), dataset=(From(P),), base="http://e/")),
        ("SELECT * {} LIMIT 1 OFFSET 2", Query(ALL, Group(), Modifiers(limit=1, offset=2))),
        ("SELECT * {} OFFSET 02 LIMIT 1", Query(ALL, Group(), Modifiers(limit=1, offset=2))),
        (
            "SELECT * {} ORDER BY ?a DESC(?b) ASC(1) STR(?c)",
            Query(
                ALL,
                Group(),
                Modifiers(order_by=(Order(A), Order(B, is_descending=True), Order(ONE), Order(Builtin("STR", (C,))))),
            ),
        ),
        (
            "SELECT ?a {} GROUP BY ?a (?b) (1 AS ?c) <http://e/p>() HAVING (1) BOUND(?a)",
            Query(
                Select((A,)),
                Group(),
                Modifiers(group_by=(A, B, As(ONE, C), Call(P, ())), having=(ONE, Builtin("BOUND", (A,)))),
            ),
        ),
        ("SELECT * {} VALUES ?a { 1 UNDEF }", Query(ALL, Group(), values=Values((A,), ((ONE,), (None,))))),
        ("SELECT * {} VALUES (?a ?b) { (1 2) }", Query(ALL, Group(), values=Values((A, B), ((ONE, TWO),)))),
        ("SELECT * {} VALUES () { () ( ) }", Query(ALL, Group(), values=Values((), ((), ())))),
    ],
)
def test_a_query_is_read_as_what_it_means(text: str, query: Query) -> None:
    assert read(text) == query


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("OPTIONAL { ?a ?b ?c }", Optional(Group((Triple(A, B, C),)))),
        ("MINUS { }", Minus(Group())),
        ("GRAPH ?a { }", GraphPattern(A, Group())),
        ("SERVICE :p { }", Service(P, Group())),
        ("SERVICE SILENT ?a { }", Service(A, Group(), is_silent=True)),
        ("FILTER :p(?a)", Filter(Call(P, (A,)))),
        ("FILTER NOT EXISTS { }", Filter(Exists(Group(), is_negated=True))),
        ("FILTER regex(?a, 'x')", Filter(Builtin("REGEX", (A, Literal("x"))))),
        ("BIND(1 AS ?a)", Bind(ONE, A)),
        ("VALUES ?a { }", Values((A,), ())),
        ("{ }", Group()),
        ("{ { } }", Group((Group(),))),
        ("{ } UNION { } UNION { }", Union((Group(), Group(), Group()))),
        ("{ SELECT ?a { } LIMIT 1 }", SubSelect(Select((A,)), Group(), Modifiers(limit=1))),
        ("{ { SELECT * { } } }", Group((SubSelect(ALL, Group(), Modifiers()),))),
        ("SELECT * { } VALUES ?a { 1 }", SubSelect(ALL, Group(), Modifiers(), Values((A,), ((ONE,),)))),
    ],
)
def test_an_element_of_a_group_is_read_as_what_it_means(text: str, meant: Element) -> None:
    assert element(text) == meant


@pytest.mark.parametrize(
    ("text", "triples"),
    [
        ("?a a ?b", (Triple(A, TYPE, B),)),
        ("?a :p ?b, ?c; :q ?d;; .", (Triple(A, P, B), Triple(A, P, C), Triple(A, Q, D))),
        ("[] :p ?b .", (Triple(Blank("b0"), P, B),)),
        ("[ ] :p []", (Triple(Blank("b0"), P, Blank("b1")),)),
        ("[ :p ?b ]", (Triple(Blank("b0"), P, B),)),
        ("[ :p ?b ] :q ?c", (Triple(Blank("b0"), P, B), Triple(Blank("b0"), Q, C))),
        ("?a :p [ :q ?b ; :r [ :p ?c ] ]", None),
        ("_:b0 :p []", (Triple(Blank("b0"), P, Blank("b1")),)),
        ("?a :p ()", (Triple(A, P, Iri(f"{names.RDF}nil")),)),
    ],
)
def test_what_shortens_triples_becomes_triples(text: str, triples: tuple[Triple, ...] | None) -> None:
    inner, outer = Blank("b0"), Blank("b1")
    nested = (Triple(outer, P, C), Triple(inner, Q, B), Triple(inner, R, outer), Triple(A, P, inner))
    assert elements(text) == (triples if triples is not None else nested)


def test_a_list_becomes_its_triples_from_the_last_to_the_first_as_the_engine_has_them() -> None:
    first, rest, nil = (Iri(names.RDF + name) for name in ("first", "rest", "nil"))
    last, head = Blank("b0"), Blank("b1")
    assert elements("(1 ?b) :p ?c") == (
        Triple(last, first, B),
        Triple(last, rest, nil),
        Triple(head, first, ONE),
        Triple(head, rest, last),
        Triple(head, P, C),
    )


def test_elements_keep_their_order() -> None:
    found = elements("?a :p ?b . FILTER(?a) . ?b :q ?c OPTIONAL { } ?c :r ?d .")
    assert [type(one) for one in found] == [Triple, Filter, Triple, Optional, Triple]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (":p/:q|^:r", Alternative((Sequence((P, Q)), Inverse(R)))),
        ("(:p/:q)/:r", Sequence((Sequence((P, Q)), R))),
        ("a/:q*", Sequence((TYPE, Repeated(Q, "*")))),
        ("^:p+", Inverse(Repeated(P, "+"))),
        ("(^:p)?", Repeated(Inverse(P), "?")),
        ("!:p", Negated((P,))),
        ("!(:p|^a)", Negated((P, Inverse(TYPE)))),
        ("(:p)", P),
    ],
)
def test_a_path_is_read_as_what_it_means(text: str, meant: Node) -> None:
    assert path(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("?a || ?b && ?c", Binary("||", A, Binary("&&", B, C))),
        ("?a - ?b - ?c", Binary("-", Binary("-", A, B), C)),
        ("?a -1 *2", Binary("-", A, Binary("*", ONE, TWO))),
        ("?a + ?b = ?c * ?d", Binary("=", Binary("+", A, B), Binary("*", C, D))),
        ("?a<?b", Binary("<", A, B)),
        ("!?a && -?b", Binary("&&", Unary("!", A), Unary("-", B))),
        ("- 1", Unary("-", ONE)),
        ("-1", typed("-1", "integer")),
        ("2 - +1.50", Binary("-", TWO, typed("+1.50", "decimal"))),
        ("?a IN (1, 2)", In(A, (ONE, TWO))),
        ("?a not in ()", In(A, (), is_negated=True)),
        ("EXISTS { ?a ?b ?c } || :p", Binary("||", Exists(Group((Triple(A, B, C),))), P)),
        ("if(bound(?a), coalesce(), 1)", Builtin("IF", (Builtin("BOUND", (A,)), Builtin("COALESCE", ()), ONE))),
        ("Now( )", Builtin("NOW", ())),
        (":p(1)", Call(P, (ONE,))),
        ("COUNT(*)", Aggregate("COUNT", None)),
        ("count(distinct ?a)", Aggregate("COUNT", A, is_distinct=True)),
        ("GROUP_CONCAT(?a; SEPARATOR = ', ')", Aggregate("GROUP_CONCAT", A, separator=", ")),
    ],
)  # fmt: skip
def test_an_expression_is_read_as_what_it_means(text: str, meant: Expression) -> None:
    assert expression(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("'x'", Literal("x")),
        ('""', Literal("")),
        ("'x'@fr-FR", Literal("x", "fr-FR")),
        ("'x'^^:p", Literal("x", "", P.value)),
        ("'x'^^xsd:string", Literal("x")),
        ("'''it's ''two'' \n lines'''", Literal("it's ''two'' \n lines")),
        ('"""a"b""c"""', Literal('a"b""c')),
        (r"'\t\n\"\'\\'", Literal("\t\n\"'\\")),
        (r"'caf\u00e9 \U0001F600'", Literal("café 😀")),
        ("1", ONE),
        ("-1", typed("-1", "integer")),
        (".5", typed(".5", "decimal")),
        ("1.e3", typed("1.e3", "double")),
        ("-1E-3", typed("-1E-3", "double")),
        ("true", typed("true", "boolean")),
        ("_:é.1", Blank("é.1")),
        ("<http://e/\\u00e9#x>", Iri("http://e/é#x")),
        (":a.b", Iri("http://e/a.b")),
        (":1:%2F\\/\\(", Iri("http://e/1:%2F/(")),
        (":", Iri("http://e/")),
        ("coop:role", Iri(f"{names.COOP}role")),
        ("?é·1", Variable("é·1")),
    ],
)
def test_a_term_is_read_as_what_it_means(text: str, meant: Node) -> None:
    assert term(text) == meant


def test_a_prefix_of_the_text_wins_over_one_of_the_project() -> None:
    query = read("PREFIX coop: <http://e/> ASK { ?a coop:p coop:q }")
    assert query.where == Group((Triple(A, P, Q),))


@pytest.mark.parametrize(
    ("reference", "iri"),
    [
        ("", "http://e/a/b?c"),
        ("#x", "http://e/a/b?c#x"),
        ("?x", "http://e/a/b?x"),
        ("x", "http://e/a/x"),
        ("x/y?z", "http://e/a/x/y?z"),
        ("/x", "http://e/x"),
        ("//x/y", "http://x/y"),
        ("urn:x", "urn:x"),
    ],
)
def test_a_relative_iri_is_resolved_against_the_base(reference: str, iri: str) -> None:
    assert read(f"DESCRIBE <{reference}>", "http://e/a/b?c#d").form == Describe((Iri(iri),))


def test_a_base_of_the_text_wins_and_is_kept() -> None:
    query = read("BASE <x/> PREFIX p: <y#> BASE <z> DESCRIBE p:p <w>", "http://e/")
    assert query == Query(Describe((Iri("http://e/x/y#p"), Iri("http://e/x/w"))), None, base="http://e/x/z")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s <p> ?o }",  # there is no base
        "BASE <urn:x> SELECT * { ?s <p> ?o }",
        "BASE <http://e/> SELECT * { ?s <../p> ?o }",
        "BASE <http://e/> SELECT * { ?s <.> ?o }",
        "SELECT * { ?s <http://e/./p> ?o }",
        "SELECT * { ?s :a ?o }",
        "PREFIX e: <http://e/> SELECT * { ?s e:a.b.c ?o }",  # the engine takes one group of dots
        "PREFIX e: <http://e/> SELECT * { ?s ?p e:a.b.e:c ?p ?o }",
        "PREFIX e: <http://e/> SELECT * { ?s e:\\.\\./p ?o }",
        "PREFIX e: <http://e:80> SELECT * { ?s e:p ?o }",  # the engine reads `e:` and goes on with `p`
        "PREFIX e: <http://e/%> SELECT * { ?s ?p ?o }",
        "PREFIX e: <a:b:> SELECT * { ?s ?p e:\ufffd }",
        "PREFIX e:x <http://e/> SELECT * { ?s ?p ?o }",
        "PREFIX distinct: <http://e/> SELECT (COUNT(distinct:f(?s)) AS ?n) { ?s ?p ?o }",
        "PREFIX silent: <http://e/> SELECT * { SERVICE silent:f { } }",
        "SELECT * { ?s <http://e/p> +5 }",  # the engine reads a path with a plus
        "SELECT * { ?s <http://e/p> ?o . . }",
        "SELECT * { . }",
        "SELECT * { ?s <http://e/p> ?o ?s <http://e/p> ?o }",
        "SELECT * { ?s <http://e/p> [ # no blank\n ] }",
        "SELECT * { ?s <http://e/p> ( # no list\n ) }",
        "SELECT * { ?s !() ?o }",
        "SELECT * { ?s ^^<http://e/p> ?o }",
        "SELECT * { ?s A ?o }",
        "SELECT * { ?s ?p 1x }",
        "SELECT * { ?s ?p TRUE }",
        "SELECT * { ?s ?p - 1 }",
        "SELECT * { ?s ?p '''x'' }",
        "SELECT * { VALUES ?s { '''x' } }",  # the engine reads two strings
        'SELECT * { VALUES ?s { """x" } }',
        "SELECT * { ?s ?p 'x\ny' }",
        "SELECT * { ?s ?p 'x'@fr--ltr }",
        "SELECT * { ?s ?p '\\x' }",
        "SELECT * { ?s ?p '\\u0022' }",  # the standard decodes it before it looks for quotes
        "SELECT * { ?s ?p '\\\\u0041' }",
        "SELECT * { ?s ?p '\\ud800' }",
        "SELECT * { ?s ?p '\\U00110000' }",
        "SELECT ?\\u0061 { }",
        "SELECT ?\U00010000 { }",
        "SELECT * { ?s ?p '\ud800' }",
        "SELECT * { FILTER(1 = 1 = 1) }",
        "SELECT * { FILTER(1 IN (1) + 1) }",
        "SELECT * { FILTER(?a<?b&&?c>?d) }",  # the standard reads an IRI
        "SELECT * { FILTER(!!true) }",
        "SELECT * { FILTER(-1234567890123456789) }",  # a minus and a number too large to the engine
        "SELECT * { FILTER(NOPE(1)) }",
        "SELECT * { FILTER(STR()) }",
        "SELECT * { FILTER(STR(1, 2)) }",
        "SELECT * { FILTER(BOUND(1)) }",
        "SELECT * { FILTER(SUM(*)) }",
        "SELECT * { FILTER(NOT 1) }",
        "SELECT * { FILTER(REGEX(STR(EXISTS { [] ?p ?o }), 't')) }",  # the engine reads such a group twice
        "SELECT (GROUP_CONCAT(EXISTS { _:b ?p ?o }) AS ?all) { }",
        "SELECT * { FILTER 1 }",
        "SELECT * { VALUES (?a ?b) { (1) } }",
        "SELECT * { VALUES ?a { ?b } }",
        "SELECT * { VALUES ?a { _:b } }",
        "SELECT * { BIND(1) }",
        "SELECT * { LATERAL { } }",
        "SELECT * { << ?a ?b ?c >> ?p ?o }",
        "SELECT * { ?a ?b ?c {| ?p ?o |} }",
        "CONSTRUCT { ?s ^<http://e/p> ?o } { }",
        "CONSTRUCT { ?s <http://e/p>* ?o } { }",
        "CONSTRUCT WHERE { FILTER(1) }",
        "CONSTRUCT WHERE { ?s <http://e/p>/<http://e/q> ?o }",
        "SELECT { }",
        "SELECT (1) { }",
        "SELECT * { } LIMIT -1",
        "SELECT * { } LIMIT 1.5",
        "SELECT * { } LIMIT 1234567890123456789",
        "SELECT * { } LIMIT 1 LIMIT 2",
        "SELECT * { } ORDER BY",
        "SELECT * { } GROUP ?a",
        "SELECT * { } SELECT * { }",
        "SELECT * { } # and\n }",
        "SELECT * { # \\u000a ?s ?p ?o\n }",  # the standard would end the comment there
        "SELECT * { \x0c }",
        "SELECT * { \u00a0 }",
        "\ufeffSELECT * { }",
        "SELECT * {",
        "SELECT",
        "VERSION '1.2' SELECT * { }",
        "INSERT DATA { }",
        "DESCRIBE",
        "nothing",
        "",
    ],
)
def test_a_text_that_is_no_query_or_not_clearly_one_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        read(text)


def test_a_refusal_says_where_and_what() -> None:
    with pytest.raises(QueryError, match=r"character 12: NOPE is not read here"):
        read("SELECT * { NOPE }")
    with pytest.raises(QueryError, match=r"character 11: the end of the text is not read here"):
        read("SELECT * {")


def is_read(text: str) -> bool:
    try:
        read(text)
    except QueryError:
        return False
    return True


@pytest.mark.parametrize(
    ("begin", "opening", "inner", "closing", "end"),
    [
        ("", "{", "", "}", ""),
        ("", "OPTIONAL {", "", "}", ""),
        ("", "{ SELECT * {", "", "} }", ""),
        ("", "FILTER EXISTS {", "", "}", ""),
        ("FILTER", "(", "1", ")", ""),
        ("FILTER(", "STR(", "1", ")", ")"),
        ("FILTER(", "1 IN (", "1", ")", ")"),
        ("FILTER(", "<http://e/f>(", "1", ")", ")"),
        ("FILTER(", "(1 + 1) * (", "1", ")", ")"),
        ("?a ", "(", "<http://e/p>", "/<http://e/p>)*", " ?b"),
        ("?a ?b ", "[ ?b ", "1", "]", ""),
        ("?a ?b ", "(", "1", ")", ""),
    ],
)
def test_a_deep_text_is_refused_and_one_less_deep_can_be_worked_with(
    begin: str, opening: str, inner: str, closing: str, end: str
) -> None:
    def text(depth: int) -> str:
        return f"SELECT * {{ {begin}{opening * depth}{inner}{closing * depth}{end} }}"

    query = read(text(MAX_DEPTH // 3))
    assert read(written(query)) == query
    deepest = read(text(max(depth for depth in range(MAX_DEPTH + 1) if is_read(text(depth)))))
    assert {deepest, replaced(deepest, {A: C})} >= {deepest}
    assert written(deepest)
    for depth in (MAX_DEPTH + 1, 10_000):
        with pytest.raises(QueryError, match="more than"):
            read(text(depth))


def test_a_long_chain_is_refused_and_one_less_long_can_be_worked_with() -> None:
    def text(operators: int) -> str:
        return f"SELECT * {{ FILTER({' || '.join(['?a'] * (operators + 1))}) }}"

    query = read(text(MAX_OPERATORS))
    assert read(written(query)) == query
    assert hash(query) == hash(read(text(MAX_OPERATORS)))
    assert mentioned(replaced(query, {A: B})) == {B}
    for operators in (MAX_OPERATORS + 1, 10_000):
        with pytest.raises(QueryError, match="more than"):
            read(text(operators))


@pytest.mark.parametrize(
    "text", ["(", "{", "a.", "<", "'", '"""a', "'''", "_:a.", ":a.", "1.1", "?", "\\u", "#\n", "-"]
)
def test_a_long_text_of_nonsense_is_refused_soon(text: str) -> None:
    # 64 KB: whatever took the square of that would not end.
    with pytest.raises(QueryError):
        read(text * (65536 // len(text)))


def test_reading_and_writing_take_steps_in_proportion_to_the_text() -> None:
    def steps(lines: int) -> int:
        text = f"SELECT * {{ {'?a a [ rdfs:label ?b, (1 ?c) ] . OPTIONAL { ?a ^coop:role ?d } ' * lines} }}"
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(counted)
        try:
            written(read(text))
        finally:
            sys.setprofile(None)
        return count

    assert steps(800) < 2.1 * steps(400)


def test_a_text_is_written_with_nothing_left_to_decide() -> None:
    text = "SELECT ?a (1+2 AS ?b) { ?a ^:p/:q* [], +1, 'x\\n'@fr FILTER(-?a > 2 || 1 || 2) } ORDER BY ?a LIMIT 3"
    path = "((^<http://e/p>)/(<http://e/q>*))"
    assert written(read(PREFIX + text)) == (
        f"SELECT ?a ((1 + 2) AS ?b) WHERE {{ ?a {path} _:b0 . "
        f'?a {path} "+1"^^<http://www.w3.org/2001/XMLSchema#integer> . ?a {path} "x\\n"@fr . '
        "FILTER(((-(?a) > 2) || 1 || 2)) } ORDER BY ASC(?a) LIMIT 3"
    )


def test_what_a_text_may_hold_is_written_so_that_it_is_read_in_one_way_only() -> None:
    for text in ('"', "\\", "\\u0041", "\\\\U", "\r\n\t\0", "'''"):
        query = Query(Select((As(Aggregate("GROUP_CONCAT", Literal(text), separator=text), A),)), Group())
        assert read(written(query)) == query


@pytest.mark.parametrize(
    ("pattern", "seen"),
    [
        ("?a :p ?b", "ab"),
        ("?a ?b _:c", "ab"),
        ("?a :p ?b FILTER(?c)", "ab"),
        ("?a :p ?b MINUS { ?a :p ?c }", "ab"),
        ("?a :p ?b FILTER NOT EXISTS { ?c ?c ?c }", "ab"),
        ("OPTIONAL { ?a :p ?b }", "ab"),
        ("{ ?a :p 1 } UNION { ?b :p 1 }", "ab"),
        ("GRAPH ?a { ?b :p 1 }", "ab"),
        ("SERVICE ?a { ?b :p 1 }", "ab"),
        ("BIND(?c AS ?a) VALUES ?b { }", "ab"),
        ("{ SELECT ?a (?c AS ?b) { ?a :p ?c, ?d } }", "ab"),
        ("{ SELECT * { ?a :p 1 FILTER(?c) } VALUES ?b { 1 } }", "ab"),
        ("", ""),
    ],
)
def test_the_variables_in_scope_are_those_of_the_standard(pattern: str, seen: str) -> None:
    where = read(f"{PREFIX}SELECT * {{ {pattern} }}").where
    assert where is not None
    assert variables(where) == {*map(Variable, seen)}


def test_the_variables_of_a_query_are_those_that_it_projects() -> None:
    assert variables(read("SELECT ?a (?c AS ?b) { ?a ?c ?d }")) == {A, B}
    assert variables(read("SELECT * { ?a ?c ?d }")) == {A, C, D}


def test_mentioned_variables_are_all_that_stand_anywhere() -> None:
    text = "SELECT ?a { ?a ?b 1 MINUS { ?c ?c ?c } FILTER EXISTS { ?d ?d ?d } }"
    assert mentioned(read(text)) == {A, B, C, D}


def test_walking_goes_into_everything_before_what_follows() -> None:
    triple, other = Triple(A, P, B), Triple(C, Q, D)
    group = Group((Optional(Group((triple,))), other))
    assert list(walk(group)) == [
        *(group, group.elements[0], Group((triple,)), triple, A, P, B),
        *(other, C, Q, D),
    ]
    assert children(Values((A,), ((ONE,), (None,)))) == [A, ONE]


def test_replacing_changes_what_is_named_and_nothing_else() -> None:
    query = read("SELECT ?a { ?a ?b 1 OPTIONAL { ?b ?b ?b } FILTER(?a = 1) VALUES (?a) { (1) } }")
    assert replaced(query, {ONE: TWO}) == read(
        "SELECT ?a { ?a ?b 2 OPTIONAL { ?b ?b ?b } FILTER(?a = 2) VALUES (?a) { (2) } }"
    )
    assert replaced(query, {}) is query
    assert replaced(query, {D: A}) is query
    assert query.where is not None
    changed = replaced(query.where, {ONE: TWO})
    assert changed.elements[1] is query.where.elements[1]  # what holds none of it is the very same


def test_what_is_put_in_is_not_looked_through_again() -> None:
    assert replaced(Triple(A, P, B), {A: B, B: A}) == Triple(B, P, A)


def test_equal_trees_are_equal_however_they_were_spelt() -> None:
    spelt = read("prefix e: <http://e/> select $a where { ?a e:p 1 ; a 'x' . } # so")
    assert spelt == read("SELECT ?a{?a<http://e/p>1.?a a'''x'''}")
    assert hash(spelt) == hash(read("SELECT ?a{?a<http://e/p>1.?a a'''x'''}"))
