"""The guard: no text that passes can make the engine call an address, and words that only look like it pass.

The engine is the oracle. Port 9 of this machine is one that it refuses to call with an error of its own, so that an
evaluation which tries is seen and nothing leaves the machine.
"""

from __future__ import annotations

import io
import re

import pytest

from coopkg import store
from coopkg.errors import CoopkgError, QueryError
from coopkg.guard import refuse_remote, with_variables
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import QuadStore

U = "<http://127.0.0.1:9/>"
G = "{ ?s ?p ?o }"
CALLED = re.compile(r"port 9 |HTTP|address|service", re.IGNORECASE)

#: Each asks for a remote call in the engine's grammar, or in the standard's; all are refused.
REFUSED = {
    "plain": f"SELECT * {{ SERVICE {U} {G} }}",
    "lower case": f"SELECT * {{ service {U} {G} }}",
    "mixed case": f"SELECT * {{ sErViCe {U} {G} }}",
    "silent": f"SELECT * {{ SERVICE SILENT {U} {G} }}",
    "variable": f"SELECT * {{ VALUES ?e {{ {U} }} SERVICE ?e {G} }}",
    "dollar variable": f"SELECT * {{ VALUES ?e {{ {U} }} SERVICE $e {G} }}",
    "prefixed": f"PREFIX x: {U} SELECT * {{ SERVICE x: {G} }}",
    "prefixed local": f"PREFIX x: {U} SELECT * {{ SERVICE x:sparql {G} }}",
    "no space before the IRI": f"SELECT * {{ SERVICE{U}{G} }}",
    "no space before a variable": f"SELECT * {{ VALUES ?e {{ {U} }} SERVICE?e{G} }}",
    "new lines": f"SELECT *\n{{\n  SERVICE\n{U}\n{G}\n}}",
    "carriage returns": f"SELECT *\r{{\rSERVICE\r{U}\r{G}\r}}",
    "tab": f"SELECT * {{\tSERVICE\t{U}\t{G} }}",
    "comment between": f"SELECT * {{ SERVICE # why\n {U} {G} }}",
    "after a comment": f"SELECT * {{ # SERVICE\n SERVICE {U} {G} }}",
    "after a comment ended by a carriage return": f"SELECT * {{ # x\rSERVICE {U} {G} }}",
    "after an empty comment": f"SELECT * {{ #\nSERVICE {U} {G} }}",
    "after a brace": f"SELECT * {{ {{}}SERVICE {U} {G} }}",
    "after an opening brace": f"SELECT * {{SERVICE {U} {G} }}",
    "after a dot": f"SELECT * {{ ?s ?p ?o .SERVICE {U} {G} }}",
    "after a digit and a dot": f"SELECT * {{ OPTIONAL {{ ?s ?p 5.SERVICE {U} {G} }} }}",
    "after a digit": f"SELECT * {{ OPTIONAL {{ ?s ?p 5SERVICE {U} {G} }} }}",
    "after an exponent": f"SELECT * {{ OPTIONAL {{ ?s ?p 1e5SERVICE {U} {G} }} }}",
    "after a decimal": f"SELECT * {{ OPTIONAL {{ ?s ?p .5SERVICE {U} {G} }} }}",
    "after true": f"SELECT * {{ OPTIONAL {{ ?s ?p trueSERVICE {U} {G} }} }}",
    "after false": f"SELECT * {{ OPTIONAL {{ ?s ?p falseSERVICE {U} {G} }} }}",
    "after a string": f"SELECT * {{ ?s ?p 'x'SERVICE {U} {G} }}",
    "after an IRI": f"SELECT * {{ ?s ?p <http://x>SERVICE {U} {G} }}",
    "after a parenthesis": f"SELECT * {{ FILTER(1)SERVICE {U} {G} }}",
    "after a bracket": f"SELECT * {{ ?s ?p []SERVICE {U} {G} }}",
    "after an escaped local": f"PREFIX a: <http://x/> SELECT * {{ ?s ?p a:b\\# SERVICE {U} {G} }}",
    "after a local with a quote": f"PREFIX a: <http://x/> SELECT * {{ ?s ?p a:b\\' . SERVICE {U} {{ ?s ?p 'x' }} }}",
    "after a prefix and a dot": f"PREFIX a: <http://x/> SELECT * {{ ?s ?p a:.SERVICE {U} {G} }}",
    "after a second dot in a local": f"PREFIX a: <http://x/> SELECT * {{ ?s ?p a:b.c.SERVICE {U} {G} }}",
    "a local that makes no IRI": f"PREFIX a: <http://x:80> SELECT * {{ ?s ?p a:SERVICE {U} {G} }}",
    "a local that makes no IRI, after its object": f"PREFIX a: <http://x:80> SELECT * {{ ?s a:5SERVICE {U} {G} }}",
    "a local with a character of no IRI": f"PREFIX a: <http://x/> PREFIX \ufffd: {U} "
    f"SELECT * {{ ?s ?p a:SERVICE\ufffd:x {G} }}",
    "glued to silent": f"SELECT * {{ SERVICESILENT{U} {G} }}",
    "glued to a prefix": f"PREFIX a: {U} SELECT * {{ SERVICEa:b {G} }}",
    "glued to silent and a prefix": f"PREFIX a: {U} SELECT * {{ SERVICESILENTa:b {G} }}",
    "nested group": f"SELECT * {{ {{ {{ SERVICE {U} {G} }} }} }}",
    "optional": f"SELECT * {{ OPTIONAL {{ SERVICE {U} {G} }} }}",
    "union": f"SELECT * {{ {{}} UNION {{ SERVICE {U} {G} }} }}",
    "minus": f"SELECT * {{ ?s ?p ?o MINUS {{ SERVICE {U} {G} }} }}",
    "graph": f"SELECT * {{ GRAPH ?g {{ SERVICE {U} {G} }} }}",
    "exists": f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ SERVICE {U} {G} }} }}",
    "not exists": f"SELECT * {{ ?s ?p ?o FILTER NOT EXISTS {{ SERVICE {U} {G} }} }}",
    "bind exists": f"SELECT * {{ BIND(EXISTS {{ SERVICE {U} {G} }} AS ?x) }}",
    "select exists": f"SELECT (EXISTS {{ SERVICE {U} {G} }} AS ?x) {{}}",
    "order by exists": f"SELECT * {{ ?s ?p ?o }} ORDER BY (EXISTS {{ SERVICE {U} {G} }})",
    "having": f"SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s HAVING (EXISTS {{ SERVICE {U} {G} }})",
    "subselect": f"SELECT * {{ {{ SELECT * {{ SERVICE {U} {G} }} }} }}",
    "lateral": f"SELECT * {{ ?s ?p ?o LATERAL {{ SERVICE {U} {G} }} }}",
    "service in service": f"SELECT * {{ SERVICE {U} {{ SERVICE {U} {G} }} }}",
    "ask": f"ASK {{ SERVICE {U} {G} }}",
    "construct": f"CONSTRUCT {G} WHERE {{ SERVICE {U} {G} }}",
    "describe": f"DESCRIBE ?s {{ SERVICE {U} {G} }}",
    "beside a string": f"SELECT * {{ ?s ?p 'SERVICE' SERVICE {U} {G} }}",
    "between strings": f"SELECT * {{ ?s ?p '\\'' . SERVICE {U} {{ ?s ?p '\\'' }} }}",
    "between long strings": f"SELECT * {{ ?s ?p '''a''' . SERVICE {U} {{ ?s ?p '''b''' }} }}",
    "between quotes of two kinds": f"SELECT * {{ ?s ?p '\"' . SERVICE {U} {{ ?s ?p '\"' }} }}",
    "after a string that ends in a backslash": f"SELECT * {{ ?s ?p '\\\\' . SERVICE {U} {{ ?s ?p '\\\\' }} }}",
    "after a long string that ends in a quote": f"SELECT * {{ ?s ?p '''a\\'''' . SERVICE {U} {{ ?s ?p '''b''' }} }}",
    "after a number sign in an IRI": f"SELECT * {{ ?s <http://x#> ?o . SERVICE {U} {G} }}",
    "after a quote in an IRI": f"SELECT * {{ ?s <http://x/'> ?o . SERVICE {U} {{ ?s ?p 'x' }} }}",
    "after an escape in an IRI": f"SELECT * {{ ?s <http://x/\\u0041'> ?o , '\\u0027' . SERVICE {U} {{ ?s ?p 'x' }} }}",
    "a less-than that looks like an IRI": f"SELECT * {{ ?s ?p ?o FILTER('a'<'>') SERVICE {U} {{ ?s ?p 'x' }} }}",
    "a less-or-equal that looks like one": f"SELECT * {{ ?s ?p ?o FILTER('a'<='>') SERVICE {U} {{ ?s ?p 'x' }} }}",
    "a less-than and a comment": f"SELECT * {{ VALUES ?e {{ {U} }} FILTER(1<2)SERVICE?e#>\n{G} }}",
    "an ill-formed long string": f"SELECT * {{ VALUES ?x {{'''abc'}} SERVICE {U} {G} #\\q'''\n }}",
    "an ill-formed long string of the other kind": f'SELECT * {{ VALUES ?x {{"""abc"}} SERVICE {U} {G} #\\q"""\n }}',
    "a long string with half a character": f"SELECT * {{ VALUES ?x {{'''abc'}} SERVICE {U} {G} #\\uD800'''\n }}",
    "escaped letter": f"SELECT * {{ SERV\\u0049CE {U} {G} }}",
    "escaped letter, long": f"SELECT * {{ SERV\\U00000049CE {U} {G} }}",
    "escaped word": f"SELECT * {{ \\u0053\\u0045\\u0052\\u0056\\u0049\\u0043\\u0045 {U} {G} }}",
    "escaped quotes": f"SELECT * {{ ?s ?p \\u0022a\\u0022 . SERVICE {U} {G} }}",
    "a string closed by an escape": f"SELECT * {{ ?s ?p 'a\\u0027 . SERVICE {U} {{ ?s ?p 'b' }} }}",
    "a comment closed by an escape": f"SELECT * {{ # \\u000A SERVICE {U} {G} \n }}",
    "load": f"LOAD {U}",
    "load, lower case": f"load silent {U}",
    "load after another update": f"DROP ALL; LOAD {U}",
}

#: Each is a query of the standard that mentions the words where they are harmless; all pass.
PASSED = {
    "nothing": "SELECT * { ?s ?p ?o }",
    "empty": "",
    **{
        f"{name}, {quote}": f"SELECT * {{ ?s ?p {quote}{text}{quote} }}"
        for quote in ("'", '"', "'''", '"""')
        for name, text in {
            "string": "SERVICE <http://x> { }",
            "string with escapes": "\\\\ \\n SERVICE \\t",
            "string with a quote": f"a\\{quote[0]} SERVICE \\{quote[0]}",
            "string with the other quote": '" SERVICE' if quote[0] == "'" else "' SERVICE",
            "string with a number sign": "# SERVICE",
            "string with a codepoint": "SERV\\u0049CE",
            "string with load": "LOAD <http://x>",
        }.items()
    },
    "long string with lines": "SELECT * { ?s ?p '''a\n'SERVICE'\n''b''\n''' }",
    "long string with quotes": 'SELECT * { ?s ?p """""SERVICE"" """ }',
    "language string": "SELECT * { ?s ?p 'SERVICE'@en-GB }",
    "typed string": "SELECT * { ?s ?p 'SERVICE'^^xsd:string }",
    "string glued to a word": "SELECT * { ?s ?p 'SERVICE'FILTER(1) }",
    "comment": "# SERVICE <http://x>\nSELECT * { }",
    "comment to the end": "SELECT * { } # SERVICE <http://x> { }",
    "comment with quotes": "SELECT * { } # ' SERVICE \" LOAD\n",
    "comment after a carriage return": "SELECT * {\r# SERVICE\r}",
    "comment with strange spaces": "SELECT * { # \x0b\x0c\u2028\x85 SERVICE\n }",
    "comment glued": "SELECT * {?s ?p ?o#SERVICE\n}",
    "IRI": "SELECT * { ?s <http://example.org/SERVICE> ?o }",
    "IRI with an escape": "SELECT * { ?s <http://example.org/\\u0041/SERVICE/x> ?o }",
    "IRI with a query": "SELECT * { ?s <http://example.org/?SERVICE=LOAD&x#SERVICE> ?o }",
    "IRI of another scheme": "SELECT * { ?s <urn:x:SERVICE> ?o }",
    "IRI with a quote": "SELECT * { ?s <http://example.org/'SERVICE'> ?o }",
    "IRI with a fragment": "SELECT * { ?s <http://example.org/x#SERVICE> ?o }",
    "graph IRI": "SELECT * { GRAPH <http://example.org/LOAD> { ?s ?p ?o } }",
    "from": "SELECT * FROM <http://example.org/SERVICE> { ?s ?p ?o }",
    "less than": "SELECT * { ?s ?p ?o FILTER(?o < 5 || ?o>6) }",
    "less than, glued": "SELECT * { ?service ?load ?o FILTER(?service<?o&&?load>?o) }",
    "variables": "SELECT ?SERVICE $LOAD ?service { ?SERVICE ?service $LOAD }",
    "variables that differ in case": "SELECT (?service AS ?SERVICE) { ?s ?p ?service }",
    "longer variables": "SELECT ?SERVICES ?my_SERVICE ?SERVICE1 { ?SERVICES ?my_SERVICE ?SERVICE1 }",
    "glued variable": "SELECT*{?s ?p ?SERVICE}",
    "local": "PREFIX x: <http://x/> SELECT * { ?s x:SERVICE x:LOAD }",
    "local in lower case": "PREFIX x: <http://x/> SELECT * { ?s x:service x:load }",
    "local with a part": "PREFIX x: <http://x/> SELECT * { ?s x:a-SERVICE x:LOAD-a , x:a_SERVICE, x:LOAD.txt }",
    "local after a dot": "PREFIX x: <http://x/> SELECT * { ?s ?p x:a.SERVICE }",
    "local after a colon": "PREFIX x: <http://x/> SELECT * { ?s ?p x:a:SERVICE }",
    "local with a percent": "PREFIX x: <http://x/> SELECT * { ?s ?p x:%41SERVICE }",
    "local with escapes": "PREFIX x: <http://x/> SELECT * { ?s ?p x:a\\/SERVICE\\#LOAD\\'SERVICE }",
    "local with accents": "PREFIX x: <http://x/> SELECT * { ?s ?p x:SERVICEé, x:éSERVICE }",
    "empty prefix": "PREFIX : <http://x/> SELECT * { ?s :SERVICE :LOAD }",
    "blank node": "SELECT * { _:SERVICE ?p _:LOAD }",
    "prefix that contains the word": "PREFIX services: <http://x/> SELECT * { ?s services:a ?o }",
    "prefix with the word in a part": "PREFIX my-SERVICE: <http://x/> SELECT * { ?s my-SERVICE:a ?o }",
    "prefix that contains load": "PREFIX download: <http://x/> SELECT * { ?s download:a ?o }",
    "function": "PREFIX x: <http://x/> SELECT * { ?s ?p ?o FILTER(x:SERVICE(?o) || true) }",
    "regular expression": "SELECT * { ?s ?p ?o FILTER(REGEX(?o, '^SERVICE$', 'i')) }",
    "separator": "SELECT (GROUP_CONCAT(?o; SEPARATOR=' SERVICE ') AS ?x) { ?s ?p ?o }",
    "values": "SELECT * { VALUES (?a ?b) { ('SERVICE' 1) (UNDEF 'LOAD') } }",
    "path": "PREFIX x: <http://x/> SELECT * { ?s (x:SERVICE|^x:LOAD)*/x:service? ?o }",
    "describe": "PREFIX x: <http://x/> DESCRIBE x:SERVICE { }",
    "construct": "PREFIX x: <http://x/> CONSTRUCT { ?s x:SERVICE 'SERVICE' } WHERE { ?s ?p ?o }",
    "ask": "ASK { ?s ?p 'SERVICE' }",
    "base": "BASE <http://x/SERVICE/> SELECT * { ?s <a> ?o }",
    "words that resemble it": "SELECT * { ?s ?p 'x' } # SERVIXE servize SERVIQE",
}


def some_graph() -> QuadStore:
    graph, node = NamedNode("https://example.org/g"), NamedNode("https://example.org/s")
    return QuadStore.in_memory([Quad(node, node, Literal("x"), graph), Quad(node, node, Literal("a"), graph)])


def tries_to_call(text: str) -> bool:
    """Evaluate a text to the end; return whether the engine says that it tried to call an address."""
    try:
        results = some_graph().query(text)
        store.write(results, io.BytesIO(), store.media_types(results)[0])
    except CoopkgError as fault:
        return not isinstance(fault, QueryError) or (fault.line is None and CALLED.search(str(fault)) is not None)
    return False


@pytest.mark.harvest(22)
@pytest.mark.parametrize("name", REFUSED)
def test_a_text_that_asks_for_another_address_is_refused(name: str) -> None:
    with pytest.raises(QueryError, match=r"SERVICE|LOAD"):
        refuse_remote(REFUSED[name])


@pytest.mark.parametrize("name", PASSED)
def test_a_text_that_only_mentions_the_words_passes(name: str) -> None:
    refuse_remote(PASSED[name])
    assert not tries_to_call(PASSED[name])


def test_the_texts_that_pass_are_queries_and_there_are_many_of_both() -> None:
    assert len(REFUSED) >= 60
    assert len(PASSED) >= 60
    for name, text in PASSED.items():
        if text:
            some_graph().query(text)
            assert name


def test_the_oracle_sees_a_call() -> None:
    seen = {name for name, text in REFUSED.items() if tries_to_call(text)}
    # Others need a join partner that is not there, or are refused by the standard and unknown to the engine.
    assert seen >= {"plain", "glued to a prefix", "an ill-formed long string", "a less-than that looks like an IRI"}
    assert len(seen) > 30


def test_a_refusal_says_the_place_and_what_to_do() -> None:
    with pytest.raises(QueryError) as refusal:
        refuse_remote(f"SELECT * {{\n  ?s ?p 'é\\n' . Service {U} {G} }}")
    assert (refusal.value.line, refusal.value.column) == (2, 17)
    assert str(refusal.value).startswith("line 2, column 17: SERVICE is refused here: this endpoint calls no other;")


def test_a_refusal_by_the_engine_shows_the_text_as_it_was_written() -> None:
    with pytest.raises(QueryError) as refusal:
        refuse_remote(f"SELECT * {{ ?s ?p ?o . SERVICEx:y {G} }}")
    assert "the prefix 'SERVICEx:' is not declared" in str(refusal.value)
    assert "it is refused, this endpoint calls no other" in str(refusal.value)


def test_a_text_that_spells_the_word_in_every_wrong_way_is_refused() -> None:
    with pytest.raises(QueryError, match="SERVICE is refused"):
        refuse_remote("SELECT * { } # service " + " ".join(f"servi{chr(code)}e" for code in range(97, 123)))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        "'",
        '"',
        "'''",
        '"""',
        "\\",
        "\\'",
        "<",
        "<'",
        "<'>",
        "#",
        "a:",
        ":",
        "a.",
        "..",
        "@a-",
        "?",
        "a:\\'",
        "'\\",
        "\"'",
        "%4",
    ],
)
def test_hostile_texts_of_64_kb_are_judged_in_no_time(piece: str) -> None:
    text = (piece * 65_536)[:65_536]
    refuse_remote(text)
    with pytest.raises(QueryError):
        refuse_remote(f"{text}\nSERVICE {U}")


def test_variables_are_replaced_and_nothing_that_looks_like_one() -> None:
    text = '?a $a ?été \'?a\' """$a""" <?a> <http://x/$a> a:b\\?a # ?a\n?a?b :p? ?'
    assert with_variables(text, lambda name: f"[{name}]") == (
        '[a] [a] [été] \'?a\' """$a""" <?a> <http://x/$a> a:b\\?a # ?a\n[a][b] :p? ?'
    )
