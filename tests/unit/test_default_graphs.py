"""The default graph of a query is a set, whichever way its graphs are chosen."""

from __future__ import annotations

import pytest

from coopkg import guard
from coopkg.errors import QueryError
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.sparql import Question, answered
from coopkg.store import QuadStore

COUNT = "SELECT (COUNT(*) AS ?n) {} WHERE {{ ?s ?p ?o }}"
A, B, C = (f"http://graphs.example/{name}" for name in "abc")


def the_same_triple_in_three_graphs() -> QuadStore:
    node = NamedNode("http://node.example/")
    return QuadStore.in_memory(Quad(node, node, Literal("x"), NamedNode(graph)) for graph in (A, B, C))


def count(question: Question) -> str:
    _, body = answered(the_same_triple_in_three_graphs(), question)
    return body.decode().split()[1]


@pytest.mark.parametrize(
    "dataset",
    [
        "",
        f"FROM <{A}>",
        f"FROM <{A}> FROM <{B}>",
        f"FROM <{A}> FROM <{B}> FROM <{C}>",
        f"FROM <{A}> # FROM <{C}>\n FROM NAMED <{B}> FROM <{B}>",
    ],
)
def test_a_triple_that_several_graphs_state_counts_once(dataset: str) -> None:
    assert count(Question(COUNT.format(dataset), "text/csv")) == "1"


@pytest.mark.parametrize("graphs", [(A,), (A, B), (A, B, C), (A, A)])
def test_graphs_of_the_protocol_are_merged_as_a_set(graphs: tuple[str, ...]) -> None:
    assert count(Question(COUNT.format(""), "text/csv", default_graphs=graphs)) == "1"


def test_named_graphs_stay_apart_when_default_graphs_are_merged() -> None:
    text = "SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
    question = Question(text, "text/csv", default_graphs=(A, B), named_graphs=(C,))
    assert answered(the_same_triple_in_three_graphs(), question)[1].decode().split() == ["g", C]


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("SELECT * FROM <http://a> FROM <http://b> {}", (("http://a", "http://b"), ())),
        ("PREFIX g: <http://x/> SELECT * FROM g:a FROM g:b FROM NAMED g:c {}", (("http://x/a", "http://x/b"), ("http://x/c",))),
        ("PREFIX : <http://x/> SELECT * FROM :a FROM :b {}", (("http://x/a", "http://x/b"), ())),
        ("BASE <http://x/y/> SELECT * FROM <a> FROM <../b> {}", (("http://x/y/a", "http://x/b"), ())),
        ("SELECT * FROM <http://a> {}", (None, None)),
        ("SELECT * FROM NAMED <http://a> FROM NAMED <http://b> {}", (None, None)),
        ("SELECT * { ?from ?p 'FROM <http://a> FROM <http://b>' }", (None, None)),
        ("SELECT * FROM a: FROM <http://b> {}", (None, None)),
        ("FROM FROM", (None, None)),
    ],
)  # fmt: skip
def test_the_dataset_of_a_query_is_read_where_the_engine_cannot_be_trusted(text: str, graphs: object) -> None:
    assert guard.dataset(text, None) == graphs


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("ASK {}", ("http://[",)),
        ("ASK {}", ("urn:a%zz", "urn:b")),
        ("ASK FROM <http://[> FROM <urn:b> {}", None),
        ("BASE <http://[> ASK FROM <urn:a> FROM <urn:b> {}", None),
        ("PREFIX a: <//[> ASK FROM <urn:a> FROM <urn:b> {}", None),
        ("ASK FROM a: FROM <urn:b> {}", None),
    ],
)
def test_a_graph_whose_iri_is_none_is_a_fault_of_the_query(text: str, graphs: tuple[str, ...] | None) -> None:
    with pytest.raises(QueryError):
        answered(
            the_same_triple_in_three_graphs(),
            Question(text, "text/csv", default_graphs=graphs, base="http://x.example/"),
        )


def test_relative_iris_are_resolved_against_the_base_of_the_question() -> None:
    text = "SELECT ?x WHERE { BIND(<graph> AS ?x) }"
    body = answered(QuadStore.in_memory(), Question(text, "text/csv", base="http://here.example/sparql"))[1]
    assert body.decode().split() == ["x", "http://here.example/graph"]


def test_an_answer_that_json_ld_cannot_say_is_refused_with_a_way_out() -> None:
    store = the_same_triple_in_three_graphs()
    text = "CONSTRUCT { ?s ?p <<( ?s ?p ?o )>> } WHERE { ?s ?p ?o }"
    with pytest.raises(QueryError, match="ask for Turtle"):
        answered(store, Question(text, "application/ld+json"))
