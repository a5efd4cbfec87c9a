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

from coopkg.web.site.home import EXAMPLES
from tests.e2e.browsing import NARROW, NARROWEST, WIDE, opened
from tests.web.conftest import Served


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_reader_runs_the_example_and_gets_rows(browser: Browser, served: Served, script: bool) -> None:
    with opened(browser, script=script) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Le graphe ouvert des projets en coopération")
        page.get_by_role("button", name="Lancer la requête").click()
        expect(page.get_by_role("columnheader", name="porteur")).to_be_visible()
        expect(page.get_by_role("cell", name="Une association")).to_be_visible()
        expect(page.get_by_role("heading", name="1 ligne")).to_be_in_viewport()
    assert watched.complaints == []
    assert watched.outside(served.url) == []


def test_a_reader_downloads_the_rows_as_csv(browser: Browser, served: Served, tmp_path: Path) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{served.url}/?lang=en")
        query = "SELECT ?projet ?nom { ?projet a coop:Project ; skos:prefLabel ?nom }"
        page.get_by_role("textbox").fill(query)
        page.get_by_label("or download as").select_option("csv")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        download.value.save_as(tmp_path / "rows.csv")
    text = (tmp_path / "rows.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "projet,nom"
    assert text.splitlines()[1].endswith(",Un projet")


def test_a_reader_starts_from_an_example_in_each_language(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        page.get_by_role("link", name="Combien de projets dans chaque région").click()
        expect(page.get_by_role("textbox")).to_have_value(EXAMPLES["fr"][1].query)
        expect(page.get_by_role("textbox")).to_be_in_viewport()
        expect(page.get_by_role("cell", name="Île-de-France")).to_be_visible()
        page.goto(f"{served.url}/?lang=en")
        page.get_by_role("link", name="How many projects in each région").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.get_by_role("columnheader", name="projects")).to_be_visible()
        expect(page.get_by_role("cell", name="Île-de-France")).to_be_visible()
    assert watched.complaints == []


def test_a_reader_finds_the_prefixes_and_the_documents(browser: Browser, served: Served) -> None:
    with opened(browser, script=False) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        expect(page.get_by_text("https://w3id.org/coopkg/ns#")).to_be_hidden()
        page.get_by_text("Préfixes déjà déclarés").click()
        expect(page.get_by_text("https://w3id.org/coopkg/ns#")).to_be_visible()
        page.get_by_role("link", name="Les listes de valeurs").click()
        expect(page.locator("body")).to_contain_text("scheme/role/initiator")
    assert watched.complaints == []


def test_a_reader_learns_what_is_wrong_with_a_query(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        page.get_by_role("textbox").fill("SELECT ?x WHERE { ?x nulle:part ?y }")
        page.get_by_role("button", name="Lancer la requête").click()
        expect(page.get_by_role("alert")).to_contain_text("is not declared")
        expect(page.get_by_role("textbox")).to_have_value("SELECT ?x WHERE { ?x nulle:part ?y }")


def test_a_reader_changes_the_language(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        page.get_by_role("link", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("textbox").fill("ASK { ?project a coop:Project }")
        page.get_by_role("button", name="Run the query").click()
        expect(page.get_by_role("heading", name="1 row")).to_be_visible()


def test_the_keyboard_alone_reaches_everything_and_shows_where_it_is(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        reached = []
        for _ in range(10):
            page.keyboard.press("Tab")
            told, outline = page.evaluate(
                "() => { const e = document.activeElement;"
                " return [e.id || e.textContent.trim(), getComputedStyle(e).outlineStyle] }"
            )
            assert outline == "solid", told
            reached.append(told)
            if told == "Lancer la requête":
                break
        examples = [example.title for example in EXAMPLES["fr"]]
        assert reached == ["Aller au contenu", "Français", "English", *examples, "query", "Lancer la requête"]
        page.keyboard.press("Enter")
        expect(page.get_by_role("cell", name="Une association")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW, NARROWEST], ids=lambda size: f"{size[0]} px")
def test_the_page_never_scrolls_sideways(browser: Browser, served: Served, size: tuple[int, int]) -> None:
    with opened(browser, size) as watched:
        page = watched.page
        page.goto(f"{served.url}/")
        page.get_by_text("Préfixes déjà déclarés").click()
        lines = page.locator("dt code").evaluate_all("all => all.map(e => e.getClientRects().length)")
        assert set(lines) == {1}, "a prefix is cut in two"
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("button", name="Lancer la requête").click()
        expect(page.get_by_role("table")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        heights = page.locator("button, select, summary, nav a").evaluate_all("all => all.map(e => e.offsetHeight)")
        assert min(heights) >= 24, "a finger needs 24 px (WCAG 2.5.8)"


#: The contrast of every text with the ground behind it, lowest first (WCAG 1.4.3).
_CONTRASTS = """() => {
  const channel = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const rgba = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = rgba(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } };
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.offsetHeight) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    found.push([(a + .05) / (b + .05), e.tagName + " " + e.textContent.trim().slice(0, 30)]);
  }
  return found.sort((x, y) => x[0] - y[0]);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/?query=SELECT ?s { ?s a coop:Project }", "/?query=nonsense"])
def test_every_text_stands_out_from_its_ground(browser: Browser, served: Served, scheme: str, path: str) -> None:
    with opened(browser, scheme=scheme) as watched:
        watched.page.goto(f"{served.url}{path}")
        contrasts = watched.page.evaluate(_CONTRASTS)
        ground = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(contrasts) > 10
    assert contrasts[0][0] >= 4.5, contrasts[:3]
    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")


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
