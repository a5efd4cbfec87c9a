"""The gallery of examples: competency questions, word for word, and searches; each has rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.questions.test_questions import FOLDER

from coopkg import gallery, graph, settings, textsearch
from coopkg.index import Index

EXAMPLES = [example for group in gallery.groups("fr") for example in group.examples]
#: What runs at an endpoint of ours alone is no question for any engine.
SEARCHES = [example for example in EXAMPLES if textsearch.clauses(example.query, None)]
QUESTIONS = [example for example in EXAMPLES if example not in SEARCHES]


@pytest.mark.parametrize("example", QUESTIONS, ids=lambda example: example.slug)
def test_an_example_is_a_question_word_for_word(example: gallery.Example) -> None:
    (question,) = FOLDER.glob(f"[0-9][0-9]-{example.slug}.rq")
    assert example.query == re.sub(r"\A(#.*\n)+", "", question.read_text(encoding="utf-8")).strip()


@pytest.mark.parametrize("example", QUESTIONS, ids=lambda example: example.slug)
def test_an_example_has_rows(example: gallery.Example, built_state: Path) -> None:
    assert graph.Graph.open(settings.Settings(state=built_state)).rows(example.query)


@pytest.fixture(scope="module")
def index(built_state: Path) -> Iterator[tuple[graph.Graph, Index]]:
    """Give the published graph and an index of it."""
    published, made = graph.Graph.open(settings.Settings(state=built_state)), Index()
    store, manifest = published.current()
    made.build(store, manifest.revision)
    yield published, made
    made.close()


@pytest.mark.parametrize("example", SEARCHES, ids=lambda example: example.slug)
def test_an_example_that_searches_has_rows(example: gallery.Example, index: tuple[graph.Graph, Index]) -> None:
    published, made = index
    found = textsearch.searched(made, example.query, textsearch.clauses(example.query, None))
    assert published.rows(found.text)
    assert not found.remarks
