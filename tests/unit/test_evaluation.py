"""Updates of a dataset: carried out whole or not at all, over the dataset that is given beside them, and never away."""

from __future__ import annotations

import re

import pytest

from coopkg import store
from coopkg.errors import QueryError
from coopkg.evaluation import evaluated
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import UpdatableStore
from coopkg.update import Update

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
