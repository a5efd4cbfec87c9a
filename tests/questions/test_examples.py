"""The gallery of examples: competency questions, word for word, each with rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.questions.test_questions import FOLDER

from coopkg import gallery, graph, settings

EXAMPLES = [example for group in gallery.groups("fr") for example in group.examples]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_an_example_is_a_question_word_for_word(example: gallery.Example) -> None:
    (question,) = FOLDER.glob(f"[0-9][0-9]-{example.slug}.rq")
    assert example.query == re.sub(r"\A(#.*\n)+", "", question.read_text(encoding="utf-8")).strip()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_an_example_has_rows(example: gallery.Example, built_state: Path) -> None:
    assert graph.Graph.open(settings.Settings(state=built_state)).rows(example.query)
