"""Competency questions: what the graph must be able to answer, asked as users ask it.

Each question is a file `NN-slug.rq`, in SPARQL that runs in any client, with its expected rows in `NN-slug.csv`.
Its header says the question in French (`# fr:`) and English (`# en:`), how many source documents and reference tables
the answer needs (`# sources:`), and, when it needs several, which (`# joins:`, one a line; `*` for the whole data).
No header holds a word such as "describe": SPARQLWrapper 2.0 guesses the form of a query from its comments too.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from SPARQLWrapper import GET, JSON, POST, SPARQLWrapper
from tests.conftest import REPOSITORY, RunningServer

from coopkg import names

FOLDER = Path(__file__).parent
FACTS = tomllib.loads((FOLDER / "creathon.toml").read_text(encoding="utf-8"))["fact"]

Rows = list[list[str]]
Node = pyoxigraph.NamedNode | pyoxigraph.BlankNode


@dataclass(frozen=True)
class Question:
    """A question file; `name` is its file name without suffix."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def header(self, key: str) -> list[str]:
        """Return the values of a header line, in order."""
        return re.findall(rf"^# {key}: (.+)$", self.text, flags=re.MULTILINE)

    @property
    def sources(self) -> int:
        return int(self.header("sources")[0])

    @property
    def expected(self) -> Rows:
        """The expected rows; the first one has the variable names."""
        return rows_of(self.path.with_suffix(".csv").read_text(encoding="utf-8"))


QUESTIONS = [Question(path) for path in sorted(FOLDER.glob("*.rq"))]
NAMES = [question.name for question in QUESTIONS]
JOINING = [question for question in QUESTIONS if question.sources > 1 and question.header("joins") != ["*"]]


def rows_of(text: str) -> Rows:
    return list(csv.reader(io.StringIO(text)))


def test_every_question_is_asked_in_french_and_english_with_its_sources_and_expected_rows() -> None:
    for question in QUESTIONS:
        (french,), (english,) = question.header("fr"), question.header("en")
        assert french.endswith(" ?"), question.name
        assert english.endswith("?"), question.name
        assert question.sources >= 1, question.name
        assert len(question.expected) > 1, f"{question.name} expects no row"
        assert "ORDER BY" in question.text or len(question.expected) == 2, f"{question.name} has no order"


def test_there_are_enough_questions_and_many_need_several_sources() -> None:
    assert len(QUESTIONS) >= 30
    assert sum(question.sources > 1 for question in QUESTIONS) >= 12
    assert len({question.name.split("-")[0] for question in QUESTIONS}) == len(QUESTIONS), "a number is used twice"
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(NAMES), "a .csv without its .rq"


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_a_question_that_needs_several_sources_names_them(question: Question) -> None:
    joins = question.header("joins")
    if question.sources > 1 and joins != ["*"]:
        assert len(set(joins)) == question.sources
    for place in joins:
        assert place == "*" or list((REPOSITORY / "data").glob(f"{place}.*")), f"data/{place} is no file"


@pytest.mark.parametrize(("number", "question"), list(enumerate(QUESTIONS)), ids=NAMES)
def test_sparqlwrapper_gets_the_expected_rows(number: int, question: Question, server: RunningServer) -> None:
    client = SPARQLWrapper(f"{server.url}/sparql", returnFormat=JSON)
    client.setMethod(POST if number % 2 else GET)
    client.setQuery(question.text)
    answer: Any = client.queryAndConvert()
    variables = answer["head"]["vars"]
    bindings = answer["results"]["bindings"]
    rows = [[row[name]["value"] if name in row else "" for name in variables] for row in bindings]
    assert [variables, *rows] == question.expected


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_curl_gets_the_expected_rows(question: Question, server: RunningServer) -> None:
    query = ["--data-urlencode", f"query@{question.path}"]
    command = ["curl", "--fail", "--silent", "--show-error", "-H", "Accept: text/csv", *query, f"{server.url}/sparql"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert rows_of(done.stdout.decode("utf-8")) == question.expected


@pytest.fixture(scope="module")
def engine(built_state: Path) -> pyoxigraph.Store:
    """The published store itself: only there can a graph be left out of the dataset without a new build."""
    return pyoxigraph.Store.read_only(str(built_state / "generations" / "current" / "store"))


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_a_question_declares_the_prefixes_that_it_uses(question: Question, engine: pyoxigraph.Store) -> None:
    assert answer_from(engine, question, graphs_of(engine)) == question.expected


@pytest.mark.parametrize("question", JOINING, ids=[question.name for question in JOINING])
def test_the_answer_changes_when_one_of_its_sources_is_left_out(question: Question, engine: pyoxigraph.Store) -> None:
    graphs = graphs_of(engine)
    for place in question.header("joins"):
        left_out = names.GRAPH + place.removeprefix("sources/")
        assert left_out in graphs, f"{place} states no graph"
        assert answer_from(engine, question, graphs - {left_out}) != question.expected, f"{place} is not needed"


def graphs_of(engine: pyoxigraph.Store) -> set[str]:
    return {graph.value for graph in engine.named_graphs() if isinstance(graph, pyoxigraph.NamedNode)}


def answer_from(engine: pyoxigraph.Store, question: Question, graphs: set[str]) -> Rows:
    """Return the rows that a question gives over the merge of some graphs."""
    merged: list[Node | pyoxigraph.DefaultGraph] = [pyoxigraph.NamedNode(graph) for graph in sorted(graphs)]
    named: list[Node] = [pyoxigraph.NamedNode(graph) for graph in sorted(graphs)]
    solutions = engine.query(question.text, default_graph=merged, named_graphs=named)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    output = solutions.serialize(format=pyoxigraph.QueryResultsFormat.CSV)
    assert output is not None
    return rows_of(output.decode("utf-8"))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: str(fact["says"])[:60])
def test_every_fact_of_the_creathon_fact_sheet_can_be_asked(fact: dict[str, str | list[str]]) -> None:
    assert fact["question"] in NAMES
    answer = (FOLDER / f"{fact['question']}.csv").read_text(encoding="utf-8")
    for shown in fact["shows"]:
        assert shown in answer, f"{fact['question']} does not show {shown!r}"
