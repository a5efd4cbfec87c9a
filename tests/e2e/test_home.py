"""What a reader does with the home page, in a real browser."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import NARROW, NARROWEST, WIDE, contrasts_of, opened
from tests.web.conftest import Served


def test_a_reader_finds_the_documents(browser: Browser, served: Served) -> None:
    with opened(browser, script=False) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Le graphe ouvert des projets en coopération")
        page.get_by_role("link", name="Documents", exact=True).click()
        page.get_by_role("link", name="Concepts").click()
        expect(page.get_by_role("main")).to_contain_text("scheme/role/initiator")
    assert watched.complaints == []


def test_a_reader_changes_the_language(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        page.get_by_role("link", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.get_by_role("link", name="Ask a question")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW, NARROWEST], ids=lambda size: f"{size[0]} px")
def test_the_page_never_scrolls_sideways(browser: Browser, served: Served, size: tuple[int, int]) -> None:
    with opened(browser, size) as watched:
        watched.page.goto(f"{served.url}/")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: Browser, served: Served, scheme: str) -> None:
    contrasts = contrasts_of(browser, f"{served.url}/", scheme)
    assert len(contrasts) > 10
    assert contrasts[0][0] >= 4.5, contrasts[:3]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Serve an empty page on another port, which makes it another origin."""
    (tmp_path / "index.html").write_text("<!doctype html><title>elsewhere</title><link rel=icon href=data:,>")
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


#: A fetch as the page of another origin would write it; the body's type and the extra header make a preflight.
_FETCH = """async ([url, method, body, type]) => {
  const headers = {Accept: "application/sparql-results+json", "Cache-Control": "no-cache"};
  if (type) headers["Content-Type"] = type;
  const answer = await fetch(url, {method, body: body || undefined, headers});
  return [answer.status, answer.headers.get("Coopkg-Revision"), await answer.text()];
}"""


def test_a_page_of_another_origin_can_query(browser: Browser, served: Served, elsewhere: str) -> None:
    url, ask = f"{served.url}/sparql", "ASK { ?p a coop:Project }"
    with opened(browser) as watched:
        page = watched.page
        page.goto(elsewhere)
        got = page.evaluate(_FETCH, [f"{url}?query=ASK{{}}", "GET", "", ""])
        posted = page.evaluate(_FETCH, [url, "POST", ask, "application/sparql-query"])
        refused = page.evaluate(_FETCH, [url, "POST", "nonsense", "application/sparql-query"])
        missing = page.evaluate(_FETCH, [f"{served.url}/nowhere", "POST", "{}", "application/json"])
    for status, revision, text in (got, posted):
        assert (status, int(revision) > 0, json.loads(text)["boolean"]) == (200, True, True)
    assert refused[0] == 400
    assert "line 1, column" in refused[2]
    assert missing[0] == 404
