"""The small, the rich and the real graph served for a real browser, and what was found on a visit to each page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from coopkg import upkeep
from coopkg.settings import Settings
from tests.e2e.browsing import opened
from tests.e2e.pages import Kind
from tests.e2e.tools import AXE, HtmlJudge, html_judge, need
from tests.e2e.visits import Visit, visited
from tests.rich import a_rich_content, inject, what_the_gate_refuses
from tests.web.conftest import Served, served, serving, small

__all__ = ["served", "small"]

#: More than all tests together use: they come from one address, as no crowd of readers does.
_CLIENT_SECONDS = 10_000.0


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a state folder with a thing of every kind, and things that no gate would let in."""
    folder = tmp_path_factory.mktemp("rich")
    settings = Settings(
        content=a_rich_content(folder / "content"), state=folder / "state", client_seconds=_CLIENT_SECONDS
    )
    upkeep.build(settings, {})
    inject(settings, what_the_gate_refuses())
    return settings


@pytest.fixture(scope="session")
def site(rich: Settings) -> Iterator[Served]:
    """Give a server process over the rich graph."""
    with serving(rich) as running:
        _wait_for_lists(running.url)
        yield running


@pytest.fixture(scope="session")
def library(built_state: Path) -> Iterator[Served]:
    """Give a server process over the repository's own content."""
    with serving(Settings(state=built_state, client_seconds=_CLIENT_SECONDS)) as running:
        _wait_for_lists(running.url)
        yield running


@pytest.fixture(scope="session")
def html() -> Iterator[HtmlJudge]:
    """Give a running html-validate."""
    with html_judge() as judge:
        yield judge


@pytest.fixture(scope="session")
def visit(browser: Browser, site: Served) -> Iterator[Callable[[Kind, str], Visit]]:
    """Give what visits a page; each page is visited once, whatever is asked about it."""
    need(AXE, "axe-core")
    known: dict[tuple[Kind, str], Visit] = {}
    with opened(browser, lang="fr") as french, opened(browser, lang="en") as english:

        def visited_once(kind: Kind, lang: str) -> Visit:
            if (kind, lang) not in known:
                watched = french if lang == "fr" else english
                known[kind, lang] = visited(watched, site.url, kind.in_language(lang))
            return known[kind, lang]

        yield visited_once


def _wait_for_lists(url: str) -> None:
    """Wait until the index of a server that has just started is whole: lists need it, and searches for communes."""
    for _ in range(240):
        if _is_indexed(url):
            return
        time.sleep(0.5)
    pytest.fail("the lists are not ready after two minutes")


def _is_indexed(url: str) -> bool:
    try:
        with urlopen(f"{url}/search?q=a&lang=en", timeout=60) as answer:  # noqa: S310 # the address of our own server
            return b"has just started" not in answer.read()
    except HTTPError as busy:
        if busy.code != 503:
            raise
        return False
