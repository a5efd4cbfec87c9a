"""Updates: what they remove and add, whole or not at all, over the dataset that is given beside them, never away."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from coopkg import names, store
from coopkg.errors import QueryError
from coopkg.evaluation import evaluated
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import QuadStore
from coopkg.update import Update
from tests.datasets import UpdatableStore

#: A port of this machine that the engine refuses to call, with an error of its own that would be seen.
AWAY = "<http://127.0.0.1:9/>"
CALLED = re.compile(r"port 9 |Connection|the evaluation failed", re.IGNORECASE)
NODE, P = NamedNode("http://example/node"), NamedNode("http://example/p")
A, B, C = (f"http://example/{name}" for name in "abc")


def a_dataset() -> UpdatableStore:
    """Return a dataset of two graphs and a default one, each with a quad of its own."""
    return UpdatableStore.in_memory(
        (
            Quad(NODE, P, Literal("default")),
            Quad(NODE, P, Literal("a"), NamedNode(A)),
            Quad(NODE, P, Literal("b"), NamedNode(B)),
        )
    )


def held(dataset: UpdatableStore) -> set[tuple[str | None, ...]]:
    """Return the graph (None: the default one) and the object of all quads."""
    return set(store.rows(dataset.query("SELECT ?g ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")))


BEFORE = {(None, "default"), (A, "a"), (B, "b")}


def after(text: str, using: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> set[tuple[str | None, ...]]:
    """Return what a dataset holds more after an update, and what it lost, marked by a minus."""
    dataset = a_dataset()
    evaluated(dataset, Update(text, using, named, "http://base.example/"))
    now = held(dataset)
    return (now - BEFORE) | {(graph, f"-{value}") for graph, value in BEFORE - now}


def test_the_default_graph_is_one_of_its_own() -> None:
    assert held(a_dataset()) == BEFORE
    assert after("INSERT DATA { coop:x <p> 'new' }") == {(None, "new")}
    assert after("CLEAR DEFAULT") == {(None, "-default")}
    assert after("DROP NAMED") == {(A, "-a"), (B, "-b")}


def test_graphs_that_are_chosen_never_bring_the_default_graph_with_them() -> None:
    rows = store.rows(a_dataset().query("SELECT ?o { ?s ?p ?o }", default_graphs=[A, B]))
    assert set(rows) == {("a",), ("b",)}


def test_an_update_without_operations_changes_nothing() -> None:
    for text in ("", "# nothing", "PREFIX a: <http://a/>", "BASE <http://a/> # nothing\n"):
        assert not after(text)


def test_an_update_is_carried_out_whole_or_not_at_all() -> None:
    dataset = a_dataset()
    with pytest.raises(QueryError, match="already exists"):
        evaluated(dataset, Update(f"DROP DEFAULT ; DROP GRAPH <{A}> ; CREATE GRAPH <{B}>"))
    assert held(dataset) == BEFORE


COPY = "INSERT { GRAPH <http://example/c> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
SHORT = "DELETE WHERE { ?s ?p ?o }"


@pytest.mark.parametrize(
    ("text", "using", "named", "changed"),
    [
        (COPY, (), (), {(C, "default")}),
        (COPY, (A,), (), {(C, "a")}),
        (COPY, (A, B), (), {(C, "a"), (C, "b")}),
        (COPY, (), (A,), set()),
        (COPY, (C,), (), set()),
        ("INSERT { ?s ?p 'n' } WHERE { GRAPH ?g { ?s ?p ?o } }", (B,), (), set()),
        ("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }", (B,), (A,), {(None, "a")}),
        (COPY.replace("WHERE", "# WHERE {\nwhere"), (A,), (), {(C, "a")}),
        ("INSERT { ?s ?p 'n' } WHERE { { SELECT * WHERE { ?s ?p 'a' } } }", (A,), (), {(None, "n")}),
        ("INSERT { ?s ?p '} WHERE {' } WHERE { ?s ?p 'a' }", (A,), (), {(None, "} WHERE {")}),
        ("PREFIX where: <http://w/> INSERT { ?s where:p 'n' } WHERE { ?s ?p 'a' }", (A,), (), {(None, "n")}),
        (f"{COPY} ; {COPY.replace('/c>', '/d>')}", (B,), (), {(C, "b"), ("http://example/d", "b")}),
        (SHORT, (), (), {(None, "-default")}),
        (SHORT, (C,), (), set()),
        ("DELETE WHERE { ?s ?p ?o . GRAPH ?g { ?s ?p ?o } }", (A,), (A,), {(A, "-a")}),
        (
            "INSERT DATA { <s> <p> 'n' } ; " + SHORT + " ; INSERT DATA { <s> <p> 'm' }",
            (C,),
            (),
            {(None, "n"), (None, "m")},
        ),
    ],
)
def test_a_dataset_beside_an_update_is_what_each_where_looks_at(
    text: str, using: tuple[str, ...], named: tuple[str, ...], changed: set[tuple[str | None, str]]
) -> None:
    assert after(text, using, named) == changed


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT {{ ?s ?p ?o }} USING <{A}> WHERE {{ ?s ?p ?o }}",
        f"INSERT {{ ?s ?p ?o }} using named<{A}> WHERE {{ ?s ?p ?o }}",
        f"WITH <{A}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"CLEAR ALL ; with<{A}>DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
    ],
)
def test_a_dataset_in_the_text_and_another_beside_it_are_refused(text: str) -> None:
    dataset = a_dataset()
    for using, named in (((A,), ()), ((), (A,))):
        with pytest.raises(QueryError, match="give one of the two"):
            evaluated(dataset, Update(text, using, named))
    assert held(dataset) == BEFORE
    evaluated(dataset, Update(text))


def test_words_that_only_look_like_a_dataset_are_none() -> None:
    text = "PREFIX using: <http://u/> INSERT { ?with using:with 'USING' } WHERE { ?with ?p 'a' } # WITH <g>"
    assert after(text, (A,)) == {(None, "USING")}


REFUSED = {
    "load": f"LOAD {AWAY}",
    "lower case": f"load{AWAY}",
    "silent": f"LOAD SILENT {AWAY} INTO GRAPH <http://g/>",
    "glued to silent": f"LOADSILENT{AWAY}",
    "after a prologue": f"PREFIX a: <http://a/> BASE <http://a/> # LOAD\nLOAD {AWAY}",
    "after a version": f'VERSION "1.2"#x LOAD\nLOAD {AWAY}',
    "after a version without a blank": f"VERSION '1.2'LOAD {AWAY}",
    "after another operation": f"CLEAR ALL;LOAD {AWAY}",
    "after data": f"INSERT DATA {{ <http://a/> <http://a/> 5 }};LOAD {AWAY}",
    "after a carriage return": f"CLEAR ALL ; # x\rLOAD {AWAY}",
    "escaped": f"L\\u004FAD {AWAY}",
    "service": f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE {AWAY} {{ ?s ?p ?o }} }}",
    "service silent": f"DELETE {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT {AWAY} {{ ?s ?p ?o }} }}",
    "service in a subselect": f"INSERT {{}} WHERE {{ {{ SELECT * {{ SERVICE {AWAY} {{ ?s ?p ?o }} }} }} }}",
    "service after a digit": f"INSERT {{}} WHERE {{ OPTIONAL {{ ?s ?p 5SERVICE {AWAY} {{ ?s ?p ?o }} }} }}",
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_update_that_would_call_another_address_is_refused_and_calls_none(case: str) -> None:
    dataset = a_dataset()
    with pytest.raises(QueryError) as refusal:
        evaluated(dataset, Update(REFUSED[case]))
    assert not CALLED.search(str(refusal.value)), refusal.value
    assert held(dataset) == BEFORE


def test_a_refused_load_says_where_it_stands_once_the_whole_text_is_read() -> None:
    with pytest.raises(QueryError, match="line 2, column 3: LOAD is refused") as refusal:
        evaluated(a_dataset(), Update(f"CLEAR ALL ;\n  LOAD {AWAY}"))
    assert (refusal.value.line, refusal.value.column) == (2, 3)
    with pytest.raises(QueryError, match="line 1, column") as refusal:
        evaluated(a_dataset(), Update(f"LOAD {AWAY} INTO <http://g/>"))
    assert "refused" not in str(refusal.value)


@pytest.mark.parametrize("word", ["load", "service", "download", "services"])
def test_the_words_pass_in_iris_strings_and_names(word: str) -> None:
    text = f"PREFIX a: <http://{word}/> INSERT DATA {{ a:{word} <http://x/{word}> '{word} {word.upper()}' }} # {word}"
    assert after(text) == {(None, f"{word} {word.upper()}")}


def test_reading_an_update_carries_nothing_out() -> None:
    store.read_update(f"LOAD {AWAY} ; LOAD {AWAY} INTO GRAPH <http://g/>")
    store.read_update(f"PREFIX a: <http://a/>\n# LOAD\nBASE {AWAY} VERSION '1.2' LOAD <>", "http://base.example/")
    store.read_update(f"PREFIX #>\n a: # <\n <http://a/>BASE<http://a/>VERSION'1.2'LOAD {AWAY}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CLEAR XYZ", "line 1, column 10: not understood"),
        ("PREFIX a: <http://a/> CLEAR XYZ", "line 1, column 32: not understood"),
        ("PREFIX a: <http://a/>\n# x\n  CLEAR ALL ;\n CLEAR XYZ", "line 4, column 11: not understood"),
        ("SELECT * {}", "an update begins with one of INSERT, DELETE"),
        ("CLEAR ALL ; SELECT * {}", "line 1, column 13: an update begins with one of INSERT"),
        ("INSERT DATA { <http://a/> <http://a/> 1 ", "the update ends too early: 1 closing '}' is missing"),
        ("INSERT DATA { x:a x:a 1 }", "line 1, column 15: the prefix 'x:' is not declared"),
        ("INSERT DATA { <a> <http://a/> 1 }", "the IRI <a> is relative"),
        ("CLEAR ALL } ; LOAD <http://a/>", "a closing '}' too many"),
        ("INSERT DATA {\n?x <http://a/> 1 }", "line 2, column "),
    ],
)
def test_an_update_that_is_not_valid_is_told_where(text: str, said: str) -> None:
    with pytest.raises(QueryError) as refusal:
        evaluated(a_dataset(), Update(text))
    assert said in str(refusal.value)
    assert "DROP" not in str(refusal.value).replace("CLEAR, DROP, CREATE", "")


# What goes and what comes


def said(text: str, dataset: QuadStore | None = None, **arguments: int) -> tuple[list[str], list[str]]:
    """Return what is told of an update: what goes and what comes, each as a graph and an object, sorted."""
    parts = evaluated(dataset or a_dataset(), Update(text, base="http://example/"), **arguments)
    removed, added = (
        sorted(f"{getattr(quad.graph_name, 'value', '')[-1:]} {quad.object}" for quad in part) for part in parts
    )
    return removed, added


@pytest.mark.parametrize(
    ("text", "removed", "added"),
    [
        ("INSERT DATA { <node> <p> 'default', 'n' GRAPH <a> { <node> <p> 'n', 'a' } }", [], [' "n"', 'a "n"']),
        ("DELETE DATA { <node> <p> 'default', 'n' GRAPH <a> { <node> <p> 'n', 'a' } }", [' "default"', 'a "a"'], []),
        ("DELETE WHERE { GRAPH ?g { ?s <p> ?o } }", ['a "a"', 'b "b"'], []),
        ("DELETE { ?s ?p ?o } INSERT { ?s ?p ?o, 'n' } WHERE { ?s ?p ?o }", [], [' "n"']),
        ("WITH <a> DELETE { ?s ?p ?o } INSERT { ?s ?p 'n' } WHERE { ?s ?p ?o }", ['a "a"'], ['a "n"']),
        ("WITH <c> INSERT { ?s ?p ?o } USING <a> WHERE { ?s ?p ?o }", [], ['c "a"']),
        ("WITH <a> INSERT { GRAPH ?g { ?s ?p ?o } } WHERE { ?s ?p ?o GRAPH ?g { ?s ?p 'b' } }", [], ['b "a"']),
        ("INSERT { <x> <p> 'n' } WHERE {}", [], [' "n"']),
        ("INSERT { <x> <p> 'n' } WHERE { FILTER(false) }", [], []),
        ("INSERT { <x> <p> ?unbound . <x> <p> 'n' } WHERE {}", [], [' "n"']),
        ("INSERT { ?o <p> 'n' . <x> ?o 'n' . GRAPH ?o { <x> <p> 'n' } } WHERE { ?s ?p ?o }", [], []),
        ("INSERT { <x> <p> <<( ?o <p> ?s )>> } WHERE { ?s ?p ?o }", [], []),
        (
            "INSERT { <x> <p> <<( ?s <p> ?none )>>, <<( ?s <p> 1 )>> } WHERE { ?s ?p ?o }",
            [],
            [f' <http://example/node> <http://example/p> "1"^^<{names.XSD}integer>'],
        ),
        ("INSERT { GRAPH ?x { <x> <p> 'n' } } WHERE { BIND(BNODE() AS ?x) }", [], []),
        ("INSERT DATA { <x> <p> 'n' } ; DELETE DATA { <x> <p> 'n' }", [], []),
        ("DELETE DATA { <node> <p> 'default' } ; INSERT DATA { <node> <p> 'default' }", [], []),
        ("INSERT DATA { <x> <p> 01 } ; DELETE DATA { <x> <p> 1 }", [], []),
        ("INSERT DATA { <x> <p> '4.0'^^xsd:decimal }", [], [f' "4"^^<{names.XSD}decimal>']),
        ("INSERT DATA { <x> <p> 'n' } ; INSERT { <x> <p> 'm' } WHERE { <x> <p> 'n' }", [], [' "m"', ' "n"']),
        ("CLEAR GRAPH <a>", ['a "a"'], []),
        ("CLEAR DEFAULT", [' "default"'], []),
        ("CLEAR NAMED", ['a "a"', 'b "b"'], []),
        ("DROP ALL", [' "default"', 'a "a"', 'b "b"'], []),
        ("DROP SILENT GRAPH <none> ; CLEAR SILENT GRAPH <none>", [], []),
        ("CREATE GRAPH <c> ; DROP GRAPH <c> ; CREATE GRAPH <c> ; CREATE SILENT GRAPH <c>", [], []),
        (
            "INSERT DATA { GRAPH <c> { <x> <p> 'n' } } ; DELETE WHERE { GRAPH <c> { ?s ?p ?o } } ; DROP GRAPH <c>",
            [],
            [],
        ),
        ("ADD <a> TO <b>", [], ['b "a"']),
        ("ADD DEFAULT TO <c>", [], ['c "default"']),
        ("ADD <a> TO DEFAULT ; ADD GRAPH <a> TO GRAPH <a>", [], [' "a"']),
        ("COPY <a> TO <b>", ['b "b"'], ['b "a"']),
        ("COPY <a> TO <a> ; COPY DEFAULT TO DEFAULT ; MOVE <b> TO <b>", [], []),
        ("CREATE GRAPH <c> ; MOVE <c> TO <c> ; DROP GRAPH <c>", [], []),
        ("MOVE <a> TO DEFAULT", [' "default"', 'a "a"'], [' "a"']),
        ("MOVE DEFAULT TO <c>", [' "default"'], ['c "default"']),
        ("COPY SILENT <none> TO <a> ; MOVE SILENT <none> TO <a> ; ADD SILENT <none> TO <a>", [], []),
    ],
)
def test_each_operation_tells_what_it_removes_and_adds(text: str, removed: list[str], added: list[str]) -> None:
    assert said(text) == (removed, added)


def test_a_graph_that_an_update_leaves_empty_is_none_for_the_next() -> None:
    dataset = a_dataset()
    said("DROP GRAPH <a> ; DELETE WHERE { GRAPH <b> { ?s ?p ?o } } ; CREATE GRAPH <c>", dataset)
    for graph in "abc":
        with pytest.raises(QueryError, match="does not exist"):
            said(f"CLEAR GRAPH <{graph}>", dataset)


def test_a_node_of_a_template_is_another_one_in_each_solution_and_the_same_within() -> None:
    dataset = UpdatableStore.in_memory(Quad(NODE, P, Literal(str(n))) for n in range(3))
    text = "INSERT { _:n coop:x ?o ; coop:y _:n . GRAPH coop:g { [] coop:z _:n } } WHERE { ?s ?p ?o }"
    _, added = evaluated(dataset, Update(text))
    nodes = [quad.subject for quad in added if str(quad.predicate).endswith("x>")]
    assert len(added) == 9
    assert len(set(nodes)) == 3
    assert {quad.object for quad in added if str(quad.predicate).endswith(("y>", "z>"))} == set(nodes)
    _, again = evaluated(dataset, Update("INSERT { _:n coop:x 1 } WHERE { ?s <http://example/p> ?o }"))
    assert len(again) == 3, "one for each solution, though none of its variables is asked"


def test_a_node_of_data_is_a_new_one_each_time() -> None:
    dataset = UpdatableStore.in_memory()
    for _ in range(2):
        _, added = evaluated(dataset, Update("INSERT DATA { _:n coop:x 1 GRAPH coop:g { _:n coop:x 1 } }"))
        assert len({quad.subject for quad in added}) == 1
    assert len({quad.subject for quad in dataset.triples(None, None, None)}) == 2


def test_all_solutions_are_found_before_anything_changes() -> None:
    chain = [Quad(NamedNode(f"http://example/{n}"), P, NamedNode(f"http://example/{n + 1}")) for n in range(5)]
    text = "DELETE { ?a <p> ?b } INSERT { ?b <p> ?a } WHERE { ?a <p> ?b }"
    removed, added = evaluated(UpdatableStore.in_memory(chain), Update(text, base="http://example/"))
    assert removed == set(chain)
    assert {(quad.object, quad.subject) for quad in added} == {(quad.subject, quad.object) for quad in chain}


# Declarations and forms of the text


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX e: <http://example/> INSERT DATA { e:x e:p 1 } ; PREFIX e: <http://e/> INSERT DATA { e:x e:p 2 }",
        "BASE <http://example/> INSERT DATA { <x> <p> 1 } ; BASE <http://e/> INSERT DATA { <x> <p> 2 }",
        "PREFIX e: <http://example/>INSERT DATA{e:x e:p 1};#;\nPREFIX f: <http://e/>PREFIX e: <http://e/>\n"
        "INSERT { f:x ?p 2 } WHERE{ VALUES ?p { e:p } };",
        "PREFIX e.e: <http://example/> INSERT DATA { e.e:x e.e:p 1 } ; BASE <http://e/> VERSION '1.2' "
        "INSERT DATA { <x> <p> 2 } ; PREFIX f: <http://f/>",
    ],
)
def test_declarations_may_stand_before_each_operation(text: str) -> None:
    _, added = evaluated(UpdatableStore.in_memory(), Update(text))
    assert {str(quad.subject) for quad in added} == {"<http://example/x>", "<http://e/x>"}


@pytest.mark.parametrize(
    "graph",
    [
        "e:a.b",
        "e.f:a.b",
        "e:",
        ":a-b",
        "e:a\\;b",
        "e:%41b:c",
        "<a;b#c>",
        "<\\u0061>",
        "e:é·‿語",
        "e:1.2-3",
        "e:a\\.\\-",
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        "WITH {} INSERT {{ <x> <p> 1 }} WHERE {{}}",
        "WITH#;\n{}# {{\nINSERT{{ <x> <p> 1 }}WHERE{{}}",
        "INSERT DATA {{ <x> <p> 1 }} ; MOVE DEFAULT TO {};",
        "INSERT DATA {{ <x> <p> 1 }};COPY DEFAULT TO GRAPH {} ; CLEAR DEFAULT",
        "INSERT DATA {{ GRAPH <y> {{ <x> <p> 1 }} }};ADD <y> TO {};CLEAR GRAPH <y>",
    ],
)
def test_every_form_of_a_graph_s_name_is_read(form: str, graph: str) -> None:
    prologue = "PREFIX e: <http://e/> PREFIX e.f: <http://f/> PREFIX : <http://g/> BASE <http://h/>"
    expected = store.stated(f"{prologue} INSERT DATA {{ GRAPH {graph} {{ <x> <p> 1 }} }}")
    _, added = evaluated(UpdatableStore.in_memory(), Update(f"{prologue} {form.format(graph)}"))
    assert added == set(expected)


@pytest.mark.parametrize(
    "prefix", ["default", "ALL", "named", "graph", "silent", "to", "where", "using", "with", "insert"]
)
def test_a_prefix_may_be_a_word_of_updates(prefix: str) -> None:
    text = f"PREFIX {prefix}: <http://e/> INSERT DATA {{ GRAPH {prefix}:x {{ {prefix}:x {prefix}:p 1 }} }}"
    more = f"WITH {prefix}:x DELETE {{ ?s ?p ?o }} INSERT {{ ?s {prefix}:q ?o }} USING {prefix}:x WHERE {{ ?s ?p ?o }}"
    _, added = evaluated(
        UpdatableStore.in_memory(), Update(f"{text} ; {more} ; ADD GRAPH {prefix}:x TO GRAPH {prefix}:y")
    )
    assert {str(quad.graph_name) for quad in added} == {"<http://e/x>", "<http://e/y>"}
    assert {str(quad.predicate) for quad in added} == {"<http://e/q>"}


def test_what_looks_like_a_brace_a_semicolon_or_a_variable_is_none_in_strings_iris_and_comments() -> None:
    text = """INSERT { <x;?y> <p> '} ; ?o {', "\\"}", '''?s }' ; ''', ?o # } ; ?s
        } WHERE { VALUES ?o { ';}' } } ; # ; CLEAR ALL
        INSERT DATA { <x;?y> <p> "?o" }"""
    _, added = evaluated(UpdatableStore.in_memory(), Update(text, base="http://example/"))
    assert {quad.object.value for quad in added if isinstance(quad.object, Literal)} == {
        *("} ; ?o {", '"}', "?s }' ; ", ";}", "?o"),
    }
    assert {str(quad.subject) for quad in added} == {"<http://example/x;?y>"}


def test_a_variable_is_known_by_its_name_however_it_is_marked() -> None:
    text = "INSERT { ?s <q> $o ; <r> ?été . } WHERE { $s <p> ?o BIND(?o AS $été) }"
    assert said(text) == ([], [' "default"', ' "default"'])


# A published store: no default graph of its own, and what is derived


INFERRED = names.INFERRED_GRAPH


def published(folder: Path | None = None) -> QuadStore:
    """Return a store of two graphs that state the same, and of what is inferred."""
    held = QuadStore.in_memory() if folder is None else QuadStore.create(folder)
    inferred = Quad(NODE, P, Literal("inferred"), NamedNode(INFERRED))
    held.change((), [Quad(NODE, P, Literal("a"), NamedNode(graph)) for graph in (A, B)] + [inferred])
    return held


@pytest.fixture(params=["memory", "disk"])
def public(request: pytest.FixtureRequest, tmp_path: Path) -> QuadStore:
    """Return a published store, in memory and on disk."""
    return published(tmp_path / "store" if request.param == "disk" else None)


@pytest.mark.parametrize(
    ("text", "removed", "added"),
    [
        ("INSERT { GRAPH <c> { ?s ?p ?o } } WHERE { ?s ?p ?o }", [], ['c "a"', 'c "inferred"']),
        ("INSERT { GRAPH <c> { ?s ?p ?g } } WHERE { GRAPH ?g { ?s ?p 'inferred' } }", [], [f"c <{INFERRED}>"]),
        ("WITH <a> DELETE { ?s ?p ?o } INSERT { ?s ?p 'n' } WHERE { ?s ?p ?o }", ['a "a"'], ['a "n"']),
        (f"WITH <a> INSERT {{ ?s ?p ?o }} USING <{INFERRED}> WHERE {{ ?s ?p ?o }}", [], ['a "inferred"']),
        (
            f"DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{INFERRED}>) }}",
            ['a "a"', 'b "a"'],
            [],
        ),
        ("DELETE WHERE { GRAPH <a> { ?s ?p ?o } }", ['a "a"'], []),
        ("CLEAR ALL", ['a "a"', 'b "a"'], []),
        ("DROP NAMED", ['a "a"', 'b "a"'], []),
        ("MOVE <a> TO <c>", ['a "a"'], ['c "a"']),
        (f"ADD <{INFERRED}> TO <a>", [], ['a "inferred"']),
        (
            "DELETE DATA { GRAPH <a> { <node> <p> 'a' } } ; INSERT { GRAPH <c> { ?s ?p ?o } } WHERE { ?s ?p ?o }",
            ['a "a"'],
            ['c "a"', 'c "inferred"'],
        ),
        (
            "CLEAR GRAPH <a> ; CLEAR GRAPH <b> ; INSERT { GRAPH <c> { ?s ?p ?o } } WHERE { ?s ?p ?o }",
            ['a "a"', 'b "a"'],
            ['c "inferred"'],
        ),
    ],
)
def test_an_update_of_a_published_store_reads_as_a_query_does(
    public: QuadStore, text: str, removed: list[str], added: list[str]
) -> None:
    assert said(text, public) == (removed, added)
    asserted = {str(quad.object) for graph in public.graphs() if graph != INFERRED for quad in public.quads(graph)}
    _, rows = public.solutions("SELECT ?o { ?s ?p ?o }")
    assert {str(value) for (value,) in rows} == asserted | {'"inferred"'}


NO_GRAPH, DERIVED = "say which graph is meant: GRAPH <...> { ... }, or WITH <...>", "is computed from the others"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("INSERT DATA { <x> <p> 'n' }", NO_GRAPH),
        ("DELETE DATA { <x> <p> 'n' }", NO_GRAPH),
        ("DELETE WHERE { ?s ?p ?o }", NO_GRAPH),
        ("INSERT { ?s ?p 'n' } WHERE { ?s ?p 'nothing' }", NO_GRAPH),
        ("DELETE { ?s ?p 'n' } WHERE { ?s ?p 'nothing' }", NO_GRAPH),
        ("INSERT { GRAPH <a> { ?s ?p 'n' } ?s ?p 'n' } WHERE { ?s ?p 'nothing' }", NO_GRAPH),
        ("CLEAR DEFAULT", NO_GRAPH),
        ("DROP SILENT DEFAULT", NO_GRAPH),
        ("COPY DEFAULT TO <c>", NO_GRAPH),
        ("MOVE <a> TO DEFAULT", NO_GRAPH),
        (f"INSERT DATA {{ GRAPH <{INFERRED}> {{ <x> <p> 'n' }} }}", DERIVED),
        (f"WITH <{INFERRED}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p 'nothing' }}", DERIVED),
        ("DELETE WHERE { GRAPH ?g { ?s ?p 'inferred' } }", DERIVED),
        ("INSERT { GRAPH ?g { ?s ?p 'n' } } WHERE { GRAPH ?g { ?s ?p 'inferred' } }", DERIVED),
        (f"CLEAR GRAPH <{INFERRED}>", DERIVED),
        (f"DROP SILENT GRAPH <{INFERRED}>", DERIVED),
        (f"CREATE SILENT GRAPH <{INFERRED}>", DERIVED),
        (f"MOVE <{INFERRED}> TO <c>", DERIVED),
        (f"COPY <a> TO <{INFERRED}>", DERIVED),
    ],
)
def test_what_is_not_writable_in_a_published_store_is_refused_by_name(
    public: QuadStore, text: str, reason: str
) -> None:
    before = [list(public.quads(graph)) for graph in public.graphs()]
    with pytest.raises(QueryError, match=re.escape(reason)) as refusal:
        said(f"INSERT DATA {{ GRAPH <c> {{ <x> <p> 1 }} }} ;\n  {text}", public)
    assert (refusal.value.line, refusal.value.column) == (2, 3)
    assert [list(public.quads(graph)) for graph in public.graphs()] == before


# Bounds and refusals


@pytest.mark.parametrize(
    ("text", "quads"),
    [
        ("INSERT DATA { <x> <p> 1, 2, 3 }", 3),
        ("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", 2),
        ("CLEAR ALL", 3),
        ("DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }", 2),
        ("INSERT DATA { <x> <p> 1 } ; DELETE DATA { <x> <p> 1 } ; INSERT DATA { <x> <p> 1 }", 3),
        ("INSERT { ?s ?p ?o, 1 } WHERE { ?s ?p ?o }", 1),
        ("COPY <a> TO <b>", 2),
    ],
)
def test_an_update_touches_at_most_so_many_quads(text: str, quads: int) -> None:
    said(text, max_quads=quads)
    dataset = a_dataset()
    with pytest.raises(QueryError, match=f"more than {quads - 1} quads; send it in several parts"):
        said(text, dataset, max_quads=quads - 1)
    assert held(dataset) == BEFORE


def test_a_product_without_end_is_refused_at_the_bound() -> None:
    many = QuadStore.in_memory(Quad(NODE, P, Literal(str(n)), NamedNode(A)) for n in range(1_000))
    text = "INSERT { GRAPH <c> { _:n <p> ?a, ?b, ?c } } WHERE { ?s ?p ?a . ?t ?p ?b . ?u ?p ?c . ?v ?p ?d }"
    with pytest.raises(QueryError, match="more than 1,000 quads"):
        said(text, many, max_quads=1_000)


PIECES = (
    *("INSERT DATA { <x> <p> 1 }", "INSERT", "DELETE", "DATA", "WHERE", "{", "}", "{ ?s ?p ?o }", "WITH <a>", "USING"),
    *("NAMED <a>", "CLEAR", "DROP SILENT", "ALL", "DEFAULT", "GRAPH <a>", "COPY <a> TO", "TO", ";", "PREFIX a:", "<a>"),
    *(
        "GRAPH ?g {",
        "a:b",
        "'",
        '"',
        "\\",
        "_:n",
        "[]",
        "( 1 )",
        "?",
        "$",
        "# x\n",
        "'''",
        "<",
        ">",
        "FILTER(?a<?b)",
        "OPTIONAL {",
    ),
    *(
        "VALUES ?x { 1 }",
        "<<( ?s ?p ?o )>>",
        "SELECT * {",
        "LOAD <http://127.0.0.1:9/>",
        "SERVICE <http://127.0.0.1:9/> {}",
        "\0",
    ),
)


def test_hundreds_of_wrong_texts_are_refused_in_a_sentence_and_change_nothing() -> None:
    random, refused = Random(1), 0  # noqa: S311  # random texts, the same in each run
    for _ in range(2_000):
        dataset, reason = a_dataset(), ""
        text = " ".join(random.choices(PIECES, k=random.randint(1, 6)))
        try:
            said(text, dataset)
        except QueryError as fault:
            reason = str(fault)
        assert not reason or held(dataset) == BEFORE, text
        assert not CALLED.search(reason), (text, reason)
        refused += bool(reason)
    assert refused > 1_000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CLEAR ALL ;; CLEAR ALL", "line 1, column 12: an operation is missing before this ';'"),
        ("; CLEAR ALL", "line 1, column 1: an operation is missing before this ';'"),
        ("CLEARALL", "not 'CLEARALL'; part the words by blanks"),
        ("CLEAR ALL ;\n COPY <http://a/>TODEFAULT", "line 2, column 18: TO is expected here, not 'TODEFAULT'"),
        ("INSERTDATA {}", "part the words by blanks"),
        ("INSERT {} USINGNAMED <http://a/> WHERE {}", "part the words by blanks"),
        ("CLEAR GRAPH <http://none/>", "line 1, column 1: the graph <http://none/> does not exist; name one"),
        ("COPY <http://none/> TO DEFAULT", "the graph <http://none/> does not exist"),
        ("ADD <http://none/> TO DEFAULT", "the graph <http://none/> does not exist"),
        ("MOVE <http://none/> TO DEFAULT", "the graph <http://none/> does not exist"),
        (
            "MOVE <http://example/a> TO DEFAULT ; DROP GRAPH <http://example/a>",
            "column 38: the graph <http://example/a>",
        ),
        (f"CREATE GRAPH <{A}>", "already exists; leave the CREATE out, or say SILENT"),
        ("CLEAR ALL ; PREFIX a: <http://a/> CLEAR XYZ", "line 1, column 44: not understood"),
        ("INSERT DATA {\n} ;  BASE <http://a/>\n CLEAR ALL ; CLEAR XYZ", "line 3, column 23: not understood"),
        ("CLEAR ALL ;\nPREFIX a: <http://a/>\n INSERT DATA { b:x a:x 1 }", "line 3, column 16: the prefix 'b:'"),
        ("INSERT DATA { a:x a:x 1 } ; PREFIX a: <http://a/> CLEAR ALL", "line 1, column 15: the prefix 'a:'"),
        (
            "INSERT DATA { _:n coop:x 1 } ;\n INSERT DATA { _:n coop:x 1 }",
            "line 2, column 2: the blank node _:n stands",
        ),
        ("INSERT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(<http://f/>(?o)) }", "there is no function <http://f/> here"),
        (
            "INSERT { ?s coop:q '''a'?o'x' } WHERE { ?s ?p ?o #\nFILTER(?o<?s#>\n) }",
            "line 1, column 1: its parts cannot be read by themselves; write its strings, IRIs and comments plainly",
        ),
        ("DELETE { _:n ?p ?o } WHERE { ?s ?p ?o }", "line 1, column "),
        ("DELETE DATA { [] coop:p 1 }", "line 1, column "),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(text: str, reason: str) -> None:
    dataset = a_dataset()
    with pytest.raises(QueryError) as refusal:
        evaluated(dataset, Update(text))
    assert reason in str(refusal.value)
    assert held(dataset) == BEFORE


def test_the_same_label_may_stand_in_other_operations() -> None:
    text = "INSERT DATA { _:n coop:x 1 . GRAPH coop:g { _:n coop:x 2 } } ; INSERT { _:n coop:x 1 } WHERE {} ;"
    _, added = evaluated(UpdatableStore.in_memory(), Update(f"{text} INSERT DATA {{ _:m coop:x '_:n' }}"))
    assert len({quad.subject for quad in added}) == 3
