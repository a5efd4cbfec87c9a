"""What tests of the gate share: a published place of the tiny content, and its gate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coopkg.content import Content
from coopkg.gate import Gate
from coopkg.judge import Rulebook
from tests.build.running import Place
from tests.builders import a_tiny_content


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a place into which the tiny content was built."""
    place = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    return place


@pytest.fixture
def gate(place: Place) -> Iterator[Gate]:
    """Give the gate of that place."""
    gate = a_gate(place)
    yield gate
    gate.close()


def a_gate(place: Place) -> Gate:
    """Return a gate of a place."""
    return Gate(place.state, Rulebook.of(Content(place.content)), 3)
