"""The reference tables' places, read once."""

from __future__ import annotations

import pytest

from coopkg.content import Content
from coopkg.synth.places import Places
from tests.conftest import REPOSITORY


@pytest.fixture(scope="session")
def content() -> Content:
    return Content(REPOSITORY)


@pytest.fixture(scope="session")
def places(content: Content) -> Places:
    return Places.of(content)
