"""The store gives back what it was given, in one known form, and tells its faults in our words."""

from __future__ import annotations

import io
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from coopkg import names, store
from coopkg.errors import DiskFullError, QueryError, StateDamaged
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad
from coopkg.store import QuadStore, normalised

GRAPH = NamedNode("https://example.org/graph")
S, P = NamedNode("https://example.org/s"), NamedNode("https://example.org/p")

#: A spelling that is not canonical (where there is one) of every datatype of XSD that RDF 1.1 names, and wrong ones.
SPELLINGS = {
    "string": ["04", ""],
    "boolean": ["1", "0", "true", "yes"],
    "decimal": ["4.0", "+4", "04", "-0", ".5", "1.", "99999999999999999999999999", "4,0"],
    "integer": ["+04", "-0", "99999999999999999999999999", "abc", " 4 "],
    "double": ["1e0", "1.50E+2", "INF", "NaN", "-0"],
    "float": ["1e0", "-INF"],
    "date": ["2015-03-24", "2015-03-24+00:00", "2015-02-30"],
    "time": ["24:00:00", "12:00:00.000"],
    "dateTime": ["2015-03-24T00:00:00+00:00", "2015-03-24T12:00:00.500-02:00"],
    "dateTimeStamp": ["2015-03-24T00:00:00+00:00"],
    "gYear": ["2015", "02015", "2015Z"],
    "gMonth": ["--03"],
    "gDay": ["---24"],
    "gYearMonth": ["2015-03", "2015-13"],
    "gMonthDay": ["--03-24"],
    "duration": ["P12M", "PT24H"],
    "yearMonthDuration": ["P12M"],
    "dayTimeDuration": ["PT24H"],
    **{
        name: ["04", "+4"]
        for sign in ("", "unsigned")
        for name in (f"{sign}{kind}"[0].lower() + f"{sign}{kind}"[1:] for kind in ("Byte", "Short", "Int", "Long"))
    },
    **{f"{name}Integer": ["04"] for name in ("positive", "nonNegative")},
    **{f"{name}Integer": ["-04"] for name in ("negative", "nonPositive")},
    "hexBinary": ["ff"],
    "base64Binary": ["YQ=="],
    "anyURI": ["HTTP://a"],
    "language": ["FR"],
    "normalizedString": [" a "],
    "token": ["04"],
    "NMTOKEN": ["04"],
    "Name": ["a"],
    "NCName": ["a"],
}


def a_quad(value: Literal | NamedNode | BlankNode, graph: NamedNode = GRAPH) -> Quad:
    return Quad(S, P, value, graph)


def typed(value: str, datatype: str) -> Quad:
    return a_quad(Literal(value, datatype=NamedNode(f"{names.XSD}{datatype}")))


def every_kind() -> list[Quad]:
    quads = [typed(value, datatype) for datatype, values in SPELLINGS.items() for value in values]
    quads += [a_quad(Literal("x", language="FR-fr")), a_quad(S), a_quad(BlankNode("it"))]
    return [*quads, a_quad(Literal("04", datatype=NamedNode("https://example.org/own")))]


def on_disk(folder: Path, quads: list[Quad]) -> QuadStore:
    engine = QuadStore.create(folder)
    engine.change((), quads)
    engine.flush()
    engine.close()
    return QuadStore.published(folder)


# Normal form


@pytest.mark.parametrize("datatype", SPELLINGS)
def test_normalised_quads_are_those_that_a_store_gives_back(datatype: str) -> None:
    for value in SPELLINGS[datatype]:
        quad = typed(value, datatype)
        assert normalised([quad]) == list(QuadStore.in_memory([quad]).quads(GRAPH.value)), value


def test_normalising_again_changes_nothing() -> None:
    once = normalised(every_kind())
    assert set(normalised(once)) == set(once)


def test_spellings_of_one_value_are_one_quad_and_others_stay_apart() -> None:
    assert normalised([typed("4.0", "decimal"), typed("+4", "decimal")]) == [typed("4", "decimal")]
    kept = [typed("04", "string"), typed("04", "token"), typed("abc", "integer"), typed("2015", "gYear")]
    assert set(normalised(kept)) == set(kept)


def test_a_store_on_disk_and_one_in_memory_give_back_the_same(tmp_path: Path) -> None:
    disk = on_disk(tmp_path / "store", every_kind())
    memory = QuadStore.in_memory(every_kind())
    assert set(disk.quads(GRAPH.value)) == set(memory.quads(GRAPH.value)) == set(normalised(every_kind()))


# Changes


def test_a_change_is_applied_exactly() -> None:
    one, two, three = (a_quad(Literal(text)) for text in "123")
    engine = QuadStore.in_memory([one, two])
    engine.change([one, three], [three])
    assert set(engine.quads(GRAPH.value)) == {two, three}
    engine.change([two], [two])
    assert set(engine.quads(GRAPH.value)) == {two, three}


def test_a_store_holds_exactly_its_quads_by_their_values() -> None:
    four = Literal("4", datatype=NamedNode(f"{names.XSD}integer"))
    held = QuadStore.in_memory([Quad(S, P, four, GRAPH), Quad(S, P, BlankNode("n"), GRAPH)])
    spelt = Literal("04", datatype=NamedNode(f"{names.XSD}integer"))
    assert all(held.holds(Quad(S, P, value, GRAPH)) for value in (four, spelt, BlankNode("n")))
    assert not any(held.holds(Quad(S, P, value, GRAPH)) for value in (Literal("4"), BlankNode("m"), S))
    assert not held.holds(Quad(S, P, four, S))


def test_what_an_insertion_states_is_given_as_a_store_gives_it_back() -> None:
    text = "BASE <http://e/> INSERT DATA { <x> coop:p 04.0 . GRAPH <g> { _:n coop:p _:n } }"
    plain, of_graph = sorted(store.stated(text), key=lambda quad: isinstance(quad.subject, BlankNode))
    assert str(plain) == f'<http://e/x> <{names.COOP}p> "4"^^<{names.XSD}decimal>'
    assert of_graph.subject == of_graph.object != BlankNode("n")
    assert str(of_graph.graph_name) == "<http://e/g>"


def test_a_large_change_is_applied_exactly() -> None:
    quads = [a_quad(Literal(str(number))) for number in range(store._BULK_QUADS + 1)]
    engine = QuadStore.in_memory([a_quad(Literal("before"))])
    engine.change([a_quad(Literal("before"))], quads)
    assert set(engine.quads(GRAPH.value)) == set(quads)


def test_a_graph_exists_as_long_as_it_holds_a_quad() -> None:
    other = NamedNode("https://example.org/a-graph")
    engine = QuadStore.in_memory([a_quad(S), a_quad(S, other)])
    assert engine.graphs() == [other.value, GRAPH.value]
    engine.change([a_quad(S)], [])
    assert engine.graphs() == [other.value]
    assert list(engine.quads(GRAPH.value)) == []


def test_quads_are_found_by_subject_in_all_graphs_or_in_one() -> None:
    other = NamedNode("https://example.org/other")
    engine = QuadStore.in_memory([a_quad(S), a_quad(P, other), Quad(P, P, P, GRAPH)])
    assert set(engine.about(S.value)) == {a_quad(S), a_quad(P, other)}
    assert list(engine.about(S.value, other.value)) == [a_quad(P, other)]
    assert list(engine.about("https://example.org/none")) == []


def test_a_copy_and_its_original_go_their_own_ways(tmp_path: Path) -> None:
    on_disk(tmp_path / "one", [a_quad(Literal("1"))]).close()
    QuadStore.copy(tmp_path / "one", tmp_path / "two")
    copy = QuadStore.writable(tmp_path / "two")
    copy.change([a_quad(Literal("1"))], [a_quad(Literal("2"))])
    copy.flush()
    assert list(QuadStore.published(tmp_path / "one").quads(GRAPH.value)) == [a_quad(Literal("1"))]
    assert list(copy.quads(GRAPH.value)) == [a_quad(Literal("2"))]


def test_a_published_store_cannot_be_changed(tmp_path: Path) -> None:
    engine = on_disk(tmp_path / "store", [a_quad(S)])
    with pytest.raises(RuntimeError, match="read-write"):
        engine.change((), [a_quad(P)])
    assert list(engine.quads(GRAPH.value)) == [a_quad(S)]


# Queries


def test_a_query_sees_a_triple_once_however_many_graphs_state_it() -> None:
    def counted() -> list[tuple[str | None, ...]]:
        return store.rows(engine.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))

    other = NamedNode("https://example.org/other")
    engine = QuadStore.in_memory([a_quad(S), a_quad(S, other)])
    assert counted() == [("1",)]
    engine.change([a_quad(S)], [])
    assert counted() == [("1",)]
    assert set(engine.about(S.value)) == {a_quad(S, other)} == set(engine.toward(S.value))
    engine.change([a_quad(S, other)], [])
    assert counted() == [("0",)]


#: Each in a way of its own asks for graphs, or for none; the engine itself reads `ASKFROM<...>` as FROM.
OF_GRAPHS_OR_NONE = [
    "SELECT * { ?s ?p ?o }",
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { gRaPh ?g { ?s ?p ?o } ?s ?p ?o }",
    "SELECT * { GR\\u0041PH ?g { ?s ?p ?o } }",
    "SELECT ?g { ?s ?p ?o . { SELECT ?g { {GRAPH?g{}} } } }",
    "SELECT * FROM <https://example.org/other> { ?s ?p ?o }",
    "SELECT * FROM NAMED <https://example.org/other> { GRAPH ?g { ?s ?p ?o } }",
    "ASKFROM<https://example.org/other>{ ?s ?p ?o }",
    "ASK\\u0046ROM<https://example.org/none>{ ?s ?p ?o }",
    "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o }",
    "DESCRIBE <https://example.org/s>",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT * { <https://example.org/s> <https://example.org/p>+ ?o }",
]


@pytest.mark.parametrize("query", OF_GRAPHS_OR_NONE)
def test_a_store_that_was_loaded_answers_as_its_folder_does_before_and_after_a_change(
    tmp_path: Path, query: str
) -> None:
    def answered(engine: QuadStore) -> list[str]:
        try:
            results = engine.query(query)
            offers, output = store.media_types(results), io.BytesIO()
            plain = "application/n-triples" if "application/n-triples" in offers else "text/csv"
            store.write(results, output, plain if plain in offers else offers[0])
        except QueryError as fault:
            return [str(fault)]
        return sorted(set(output.getvalue().decode().splitlines()))

    other, inferred = NamedNode("https://example.org/other"), NamedNode(names.INFERRED_GRAPH)
    quads = [a_quad(S), a_quad(S, other), a_quad(P), a_quad(Literal("+4"), other), a_quad(Literal("x"), inferred)]
    folder = on_disk(tmp_path / "store", quads)
    loaded = QuadStore.loaded(tmp_path / "store")
    assert answered(loaded) == answered(folder)
    gone, new = [a_quad(S), a_quad(P), a_quad(Literal("x"), inferred)], [Quad(P, P, S, other), Quad(S, P, P, other)]
    loaded.change(gone, new)
    folder.close()
    later = on_disk(tmp_path / "later", [quad for quad in quads if quad not in gone] + new)
    assert answered(loaded) == answered(later)


def test_a_query_that_names_no_graph_looks_at_each_triple_once(tmp_path: Path) -> None:
    on_disk(tmp_path / "store", [a_quad(S), a_quad(S, NamedNode("https://example.org/other")), a_quad(P)]).close()
    loaded = QuadStore.loaded(tmp_path / "store")
    assert loaded._alone is not None
    assert len(loaded._alone) == 2
    loaded.change([], [a_quad(Literal("new"))])
    assert len(loaded._alone) == 3


def test_a_query_sees_all_graphs_and_the_predeclared_prefixes() -> None:
    quads = [Quad(S, NamedNode(f"{names.RDF}type"), NamedNode(f"{names.COOP}Project"), GRAPH)]
    engine = QuadStore.in_memory(quads)
    results = engine.query("SELECT ?s ?none { ?s a coop:Project }")
    assert store.variables(results) == ["s", "none"]
    assert store.rows(results) == [(S.value, None)]


def test_results_are_written_in_each_type_on_offer() -> None:
    engine = QuadStore.in_memory([a_quad(Literal("é"))])
    for query in ("SELECT * { ?s ?p ?o }", "ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"):
        for media_type in store.media_types(engine.query(query)):
            if query != "ASK {}" or media_type in ("application/sparql-results+json", "application/sparql-results+xml"):
                output = io.BytesIO()
                store.write(engine.query(query), output, media_type)
                assert "é".encode() in output.getvalue() or b"true" in output.getvalue(), (query, media_type)


@pytest.mark.parametrize("text", [r"a\u0001", r"\u000B", r"\uFFFE", r"\uFFFF", r"\u001Fb"])
@pytest.mark.parametrize("media_type", ["application/sparql-results+xml", "application/rdf+xml"])
def test_a_character_that_xml_cannot_hold_is_refused_in_xml_alone(text: str, media_type: str) -> None:
    queries = {
        "application/sparql-results+xml": f'SELECT ("{text}" AS ?x) {{}}',
        "application/rdf+xml": f'CONSTRUCT {{ coop:a coop:b "{text}" }} WHERE {{}}',
    }
    empty = QuadStore.in_memory()
    with pytest.raises(QueryError, match="control character"):
        store.write(empty.query(queries[media_type]), io.BytesIO(), media_type)
    for other in store.media_types(empty.query(queries[media_type])):
        if not other.endswith("xml"):
            store.write(empty.query(queries[media_type]), io.BytesIO(), other)


def test_white_space_and_all_other_characters_pass_in_xml() -> None:
    output = io.BytesIO()
    store.write(
        QuadStore.in_memory().query(r'SELECT ("\t\n\r é\uFFFD\uE000\U0001F600" AS ?x) {}'),
        output,
        "application/sparql-results+xml",
    )
    (literal,) = ElementTree.fromstring(output.getvalue()).iter("{http://www.w3.org/2005/sparql-results#}literal")  # noqa: S314  # ours
    assert literal.text == "\t\n\r é\ufffd\ue000\U0001f600"


def test_a_character_in_two_pieces_is_seen() -> None:
    output = store._XmlOutput(io.BytesIO())
    output.write(b"a\xef\xbf")
    with pytest.raises(QueryError):
        output.write(b"\xbe")


def test_only_a_select_query_has_rows() -> None:
    with pytest.raises(QueryError, match="only a SELECT query has rows"):
        store.rows(QuadStore.in_memory([a_quad(S)]).query("ASK {}"))


@pytest.mark.parametrize(
    ("query", "line", "column", "said"),
    [
        ("SELECT * { ?s ?p ?o } }", 1, 24, "a closing '}' too many"),
        ("SELECT * { ?s ?p ?o", 1, 20, "ends too early: 1 closing '}' is missing"),
        ("SELECT * {{{ ?s ?p ?o }", 1, 24, "2 closing '}' are missing"),
        ("SELECT * {\n ?s ?p }", 2, 9, "here at the latest: the end of the text"),
        ("SELECT * WHERE ?s ?p ?o", 1, 16, "here at the latest: ?s ?p ?o"),
        ('SELECT * { ?s ?p "abc }', 1, 24, ""),
        ("SELECT", 1, 7, "here at the latest"),
        ("", 1, 1, "the query is empty; begin with one of SELECT"),
        (" # nothing\n", 1, 1, "the query is empty"),
        ("# a comment\nPREFIX a: <urn:a>\nSELEC * { }", 3, 1, "not with 'SELEC'"),
        ("{ ?s ?p ?o }", 1, 1, "begins with one of SELECT"),
        ("ASK {\n <a> ?p ?o }", 2, 2, "the IRI <a> is relative"),
        ("ASK { ?s ?p '<a>' ; }}", 1, 23, "too many"),
        ("INSERT DATA { }", 1, 10, ""),
        ("DROP ALL", 1, 9, ""),
    ],
)
def test_a_syntax_error_says_line_column_and_what_is_wrong(query: str, line: int, column: int, said: str) -> None:
    with pytest.raises(QueryError) as refusal:
        QuadStore.in_memory().query(query)
    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert str(refusal.value).startswith(f"line {line}, column {column}: ")
    assert said in str(refusal.value)
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    ("query", "prefix", "line", "column"),
    [
        ("SELECT * { ?s x:p ?o }", "x", 1, 15),
        ("SELECT * {\n  ?s a ex:Thing ;\n foaf:name ?n }", "ex", 2, 8),
        ("SELECT * { :a ?p ?o }", "", 1, 12),
        ("PREFIX a: <http://a/> SELECT * { ?s a:b b:c }", "b", 1, 41),
        ("SELECT * { ?s ?p 'a:b'^^my-x.s:t }", "my-x.s", 1, 25),
        ("SELECT * { ?s ?p ?o FILTER(fn:f(?o)) }", "fn", 1, 28),
        ("SELECT * { ?s x:p/(y:q|^z:r)* ?o }", "x", 1, 15),
        ("SELECT * { # PREFIX x: <http://a>\n ?s x:p ?o }", "x", 2, 5),
    ],
)
def test_an_undeclared_prefix_is_named_with_the_predeclared_ones(
    query: str, prefix: str, line: int, column: int
) -> None:
    with pytest.raises(QueryError) as refusal:
        QuadStore.in_memory().query(query)
    assert str(refusal.value).startswith(
        f"line {line}, column {column}: the prefix '{prefix}:' is not declared; begin with PREFIX {prefix}: <...> "
    )
    assert f"(predeclared: {', '.join(names.PREFIXES)})" in str(refusal.value)
    assert (refusal.value.line, refusal.value.column) == (line, column)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s <http://a:b> 'c:d' ; ?p \"e:f\" # g:h\n oops }",
        "PREFIX a: <b:c> prefix d-e.f:<x:y> SELECT * { ?s a:b d-e.f:c ; _:x 'oops'",
        "SELECT * { ?s ?p '''a\n'b:c''', \"\"\"d:e\"\"\" oops }",
        "SELECT * { ?s coop:role/skos:broader* foaf:a\\:b oops }",
    ],
)
def test_a_colon_that_makes_no_prefix_is_not_taken_for_one(query: str) -> None:
    with pytest.raises(QueryError) as refusal:
        QuadStore.in_memory().query(query)
    assert "prefix" not in str(refusal.value)


def test_an_evaluation_that_fails_is_the_fault_of_the_query() -> None:
    query = "SELECT * { ?s ?p ?o SERVICE ?o { } }"
    engine = QuadStore.in_memory([a_quad(Literal("no address"))])
    with pytest.raises(QueryError, match="the evaluation failed"):
        store.rows(engine.query(query))
    with pytest.raises(QueryError, match="the evaluation failed"):
        store.write(engine.query(query), io.BytesIO(), "text/csv")


# Faults of the disk


def test_a_folder_that_is_missing_is_damage(tmp_path: Path) -> None:
    for call in (QuadStore.published, lambda folder: QuadStore.copy(folder, tmp_path / "copy")):
        with pytest.raises(
            StateDamaged, match=r"the store cannot be used \(.*\); remove the generation and build again"
        ):
            call(tmp_path / "none")


def test_a_folder_name_that_speaks_of_space_is_no_full_disk(tmp_path: Path) -> None:
    with pytest.raises(StateDamaged):
        QuadStore.published(tmp_path / "workspace with spaces")


@pytest.mark.parametrize("text", ["IO error: No space left on device: While appending", "Disk quota exceeded"])
def test_a_full_disk_is_told_by_the_text_of_the_engine(text: str) -> None:
    fault = store._translated(OSError(text))
    assert isinstance(fault, DiskFullError)
    assert text in str(fault)


def test_a_damaged_table_is_told_while_it_is_read(tmp_path: Path) -> None:
    on_disk(tmp_path / "store", [a_quad(Literal(f"{number:05} {'x' * 99}")) for number in range(3_000)]).close()
    for table in (tmp_path / "store").glob("*.sst"):
        content = bytearray(table.read_bytes())
        content[: len(content) // 2] = os.urandom(len(content) // 2)
        table.write_bytes(content)
    with pytest.raises(StateDamaged):
        list(QuadStore.published(tmp_path / "store").quads(GRAPH.value))
