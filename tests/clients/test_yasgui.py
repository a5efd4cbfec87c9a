"""YASGUI in a real browser, on a page of another origin: the query goes through CORS, and its rows are shown."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.clients.answers import NAMES, REGION_ROWS, REGIONS, WRONG, WRONG_SENTENCE
from tests.clients.conftest import FOLDER, MODULES, need
from tests.conftest import RunningServer


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a page with YASGUI on another port than the endpoint, which makes it another origin."""
    built = Path(need(MODULES / "@zazuko" / "yasgui" / "build" / "yasgui.min.js", "YASGUI")).parent
    folder = tmp_path_factory.mktemp("yasgui")
    for path in (FOLDER / "yasgui.html", built / "yasgui.min.js", built / "yasgui.min.css"):
        shutil.copy(path, folder)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as static:
        thread = threading.Thread(target=static.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{static.server_port}/yasgui.html"
        static.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser, elsewhere: str) -> Iterator[Page]:
    """An empty page that reaches nothing but this machine, as a laptop without network."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route(lambda url: urlsplit(url).hostname != "127.0.0.1", lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.fixture(params=["GET", "POST"])
def run(request: pytest.FixtureRequest, page: Page, elsewhere: str, server: RunningServer) -> Callable[[str], None]:
    """Open YASGUI with a query and press its button."""

    def opened(query: str) -> None:
        asked = {"endpoint": f"{server.url}/sparql", "method": request.param, "query": query}
        page.goto(f"{elsewhere}?{urlencode(asked)}")
        with page.expect_request(lambda one: one.url.startswith(asked["endpoint"])) as sent:
            page.locator(".yasqe_queryButton").click()
        assert sent.value.method == request.param
        assert sent.value.headers["origin"] in elsewhere

    return opened


def test_the_table_shows_the_rows(run: Callable[[str], None], page: Page) -> None:
    run(REGIONS)
    expect(page.locator(".yasr table tbody tr")).to_have_count(len(REGION_ROWS))
    for column, expected in ((1, [code for code, _ in REGION_ROWS]), (2, [name for _, name in REGION_ROWS])):
        cells = page.locator(f".yasr table tbody tr td:nth-child({column + 1})")
        expect(cells).to_contain_text(expected)
    expect(page.locator(".yasr_response_chip")).to_contain_text(f"{len(REGION_ROWS)} results")


def test_triples_are_shown(run: Callable[[str], None], page: Page) -> None:
    run(NAMES)
    expect(page.locator(".yasr_results")).to_contain_text("Créathon du vivre ensemble")


def test_a_wrong_query_shows_our_sentence(run: Callable[[str], None], page: Page) -> None:
    run(WRONG)
    expect(page.locator(".yasr .errorResult")).to_contain_text(WRONG_SENTENCE)
