"""What a reader does with the query page, in a real browser: with the editor, and without JavaScript."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from coopkg.web.site.starters import EXAMPLES
from tests.e2e.browsing import NARROW, WIDE, contrasts_of, opened
from tests.web.conftest import Served

ROLES = """SELECT ?role (COUNT(?broader) AS ?broaders) WHERE {
  ?role a skos:Concept ; skos:inScheme/skos:prefLabel "Rôles des acteurs"@fr .
  OPTIONAL { ?role skos:broader ?broader }
}
GROUP BY ?role
ORDER BY ?role"""
PLACES = """SELECT ?place ?name {
  ?place a igeo:Region ; skos:prefLabel ?name . FILTER(LANG(?name) = "fr")
} ORDER BY ?name"""
OUTLINE = "POLYGON ((2 49, 3 49, 3 48, 2 48, 2 49))"
POINTS = """SELECT ?name ?where { VALUES (?name ?where) {
  ("Paris" "POINT (2.35 48.86)"^^geo:wktLiteral) ("Lyon" "POINT (4.84 45.76)"^^geo:wktLiteral)
} }"""


def _editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Requête SPARQL")


def _write(page: Page, query: str) -> None:
    """Write a query over the one that is there, as a reader does; what closes by itself is typed over."""
    _editor(page).click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(query)
    page.keyboard.press("Escape")


def _accept(page: Page) -> None:
    """Take what is offered; the editor takes no Enter for it in the first 75 ms: it was meant for a line."""
    page.wait_for_timeout(150)
    page.keyboard.press("Enter")


def _open(page: Page, served: Served, query: str = "", lang: str = "fr") -> None:
    page.goto(f"{served.url}/query?{urlencode({'lang': lang, 'query': query} if query else {'lang': lang})}")


def _run(page: Page) -> None:
    page.get_by_role("button", name="Lancer la requête").click()
    expect(page.locator("#state")).to_contain_text("révision")


# ---- without JavaScript -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=lambda size: f"{size[0]} px")
def test_a_reader_without_javascript_runs_a_query(browser: Browser, served: Served, size: tuple[int, int]) -> None:
    with opened(browser, size, script=False) as watched:
        page = watched.page
        page.goto(f"{served.url}/query")
        page.get_by_role("button", name="Lancer la requête").click()
        expect(page.get_by_role("columnheader", name="porteur")).to_be_visible()
        expect(page.get_by_role("cell", name="Une association")).to_be_visible()
        expect(page.get_by_role("heading", name="1 ligne")).to_be_in_viewport()
        page.get_by_label("Requête (").fill("ASK { ?project a coop:Project }")
        page.get_by_role("button", name="Créer un lien court").click()
        expect(page).to_have_url(f"{served.url}/q/{page.url.rpartition('/q/')[2]}")
        expect(page.get_by_role("cell", name="true")).to_be_visible()
        expect(page.get_by_label("Requête (")).to_have_value("ASK { ?project a coop:Project }")
    assert watched.complaints == []


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_reader_starts_from_an_example(browser: Browser, served: Served, lang: str) -> None:
    with opened(browser, script=False) as watched:
        page = watched.page
        _open(page, served, lang=lang)
        page.get_by_role("link", name=EXAMPLES[lang][1].title).click()
        expect(page.locator("textarea#query")).to_have_value(EXAMPLES[lang][1].query)
        expect(page.locator("textarea#query")).to_be_in_viewport()
        expect(page.get_by_role("cell", name="Île-de-France")).to_be_visible()


# ---- the editor ---------------------------------------------------------------------------------------------


def test_the_editor_runs_what_is_written_by_the_keyboard_and_keeps_to_this_server(
    browser: Browser, served: Served
) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served)
        expect(page.locator("textarea#query")).to_be_hidden()
        _write(page, "SELECT ?nom { ?projet a coop:Project ; skos:prefLabel ?nom }")
        expect(page.locator("textarea#query")).to_have_value(
            "SELECT ?nom { ?projet a coop:Project ; skos:prefLabel ?nom }"
        )
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("cell", name="Un projet")).to_be_visible()
        expect(page.locator("#state")).to_contain_text("révision 1")
        assert "query=SELECT" in page.url
    assert watched.complaints == []
    assert {url for url in watched.requests if not url.startswith(f"{served.url}/")} == set()


def test_forty_tabs_leave_the_editor(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served)
        _editor(page).click()
        seen = []
        for _ in range(40):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        assert seen[0] == "run"
        assert page.locator("textarea#query").input_value() == EXAMPLES["fr"][0].query, "Tab wrote something"
        _editor(page).click()
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("link", name="Tous les exemples")).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "offered", "said", "inserted"),
    [
        ("coop:Proj", "coop:Project", "Projet en coopération", "coop:Project"),
        ("initiateur", "Initiateur", "Rôles des acteurs", "<https://w3id.org/coopkg/scheme/role/initiator>"),
        ("porté", "coop:ledBy", "porté par", "coop:ledBy"),
    ],
)
def test_completion_offers_terms_by_their_name_in_the_readers_language(
    browser: Browser, served: Served, typed: str, offered: str, said: str, inserted: str
) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served)
        _editor(page).click()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(f"ASK {{ ?x ?y {typed}")
        option = page.get_by_role("option", name=offered).first
        expect(option).to_contain_text(said)
        expect(option).to_have_attribute("aria-selected", "true")
        _accept(page)
        expect(page.locator("textarea#query")).to_have_value(f"ASK {{ ?x ?y {inserted}}}")
    assert watched.complaints == []


def test_completion_declares_a_prefix_that_is_not_predeclared(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served)
        _editor(page).click()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("ASK { ?x wdt")
        expect(page.get_by_role("option", name="wdt:")).to_be_visible()
        _accept(page)
        expect(page.locator("textarea#query")).to_have_value(
            "PREFIX wdt: <http://www.wikidata.org/prop/direct/>\nASK { ?x wdt:}"
        )


def test_a_fault_is_marked_where_it_is_and_can_be_mended(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served)
        _write(page, "ASK { 'été 🌻' dcat:theme ?x }")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("line 1, column 15: the prefix 'dcat:' is not declared")
        expect(page.locator(".fault-here")).to_have_text("dcat:theme")
        page.get_by_role("button", name="Déclarer dcat:").click()
        expect(_editor(page)).to_be_focused()
        expect(page.locator(".fault-here")).to_have_count(0)
        expect(page.locator("textarea#query")).to_have_value(
            "PREFIX dcat: <http://www.w3.org/ns/dcat#>\nASK { 'été 🌻' dcat:theme ?x }"
        )
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("cell", name="false")).to_be_visible()


def test_a_misspelt_term_is_mended_by_its_neighbour(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served)
        _write(page, "ASK { ?x a coop:Projet }")
        page.keyboard.press("Control+Enter")
        page.get_by_role("button", name="Remplacer par coop:Project").click()
        expect(page.locator("textarea#query")).to_have_value("ASK { ?x a coop:Project }")


def test_a_fault_of_the_first_page_is_marked_too(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served, "ASK {\n  ?x nulle:part ?y }")
        expect(page.locator(".fault-here")).to_have_text("nulle:part")
        page.get_by_role("button", name="Aller à la ligne 2, colonne 6").click()
        expect(_editor(page)).to_be_focused()


# ---- answers ------------------------------------------------------------------------------------------------


def test_rows_are_sorted_drawn_and_told_raw(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served, ROLES)
        _run(page)
        first = page.locator("tbody tr").first
        expect(first.get_by_role("link")).to_have_attribute("href", re.compile(r"^/scheme/role/[a-z-]+\?lang=fr$"))
        page.get_by_role("button", name="broaders", exact=True).click()
        expect(page.get_by_role("columnheader", name="broaders")).to_have_attribute("aria-sort", "ascending")
        expect(first.get_by_role("cell").nth(1)).to_have_text("0")
        page.get_by_role("button", name="broaders", exact=True).click()
        expect(page.get_by_role("columnheader", name="broaders")).to_have_attribute("aria-sort", "descending")
        expect(first.get_by_role("cell").nth(1)).to_have_text("1")
        page.get_by_role("button", name="Diagramme").click()
        expect(page.get_by_role("img", name="broaders, par role")).to_be_visible()
        assert 1 < page.locator(".chart rect").count() <= 50
        page.get_by_role("button", name="Brut").click()
        expect(page.locator("#answer pre")).to_contain_text('"bindings"')
    assert watched.complaints == []


def test_territories_are_shown_on_a_map(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served, PLACES)
        _run(page)
        page.get_by_role("button", name="Carte").click()  # the small graph knows no outline
        expect(page.get_by_text("0 ligne placée")).to_be_visible()
        region = "https://w3id.org/coopkg/id/geometry/region/11"
        told = {"geometry": {"type": "uri", "value": region}, "wkt": {"type": "literal", "value": OUTLINE}}
        answer = {"results": {"bindings": [told]}}
        kind = "application/sparql-results+json"
        page.route("**/sparql", lambda route: route.fulfill(body=json.dumps(answer), content_type=kind))
        page.get_by_role("button", name="Carte").click()
        link = page.get_by_role("link", name="Île-de-France")
        expect(link).to_have_attribute("href", "/doc/territory/region/11?lang=fr")
        expect(page.locator(".points path")).to_have_count(1)
        expect(page.get_by_text("1 ligne placée dans")).to_be_visible()
    assert watched.complaints == []


def test_points_are_shown_on_a_map_north_above_south(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served, POINTS)
        _run(page)
        page.get_by_role("button", name="Carte").click()
        expect(page.locator(".points circle")).to_have_count(2)
        paris, lyon = (
            page.locator(".points circle").filter(has_text=name).bounding_box() for name in ("Paris", "Lyon")
        )
        assert paris
        assert lyon
        assert paris["y"] < lyon["y"]
        assert paris["x"] < lyon["x"]
    assert watched.complaints == []


def test_an_answer_that_is_long_is_cut_aloud(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served, "ASK {}")
        _write(page, "SELECT ?p { ?s ?p ?o } LIMIT 1001")
        _run(page)
        expect(page.get_by_role("heading", name="1 001 lignes")).to_be_visible()
        expect(page.get_by_text("Les 1 000 premières sont montrées")).to_be_visible()
        assert page.locator("tbody tr").count() == 1_000


def test_values_that_look_like_code_do_nothing(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served, "ASK {}")
        values = "<img src=x onerror=alert(1)>", "javascript:alert(1)"
        _write(page, f'SELECT ?a ?b {{ BIND("{values[0]}" AS ?a) BIND(<{values[1]}> AS ?b) }}')
        _run(page)
        assert page.locator("tbody td").all_inner_texts() == list(values)
        assert page.locator("tbody a, tbody img").count() == 0
    assert watched.complaints == []


def test_an_answer_that_breaks_off_is_never_shown_as_whole(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served)
        page.evaluate(
            """() => { window.fetch = async () => new Response(new ReadableStream({
                 start(c) { c.enqueue(new TextEncoder().encode('{"head":{"vars":["x"]},')); c.error(new Error()); },
               }), {headers: {"Content-Type": "application/sparql-results+json"}}); }"""
        )
        page.get_by_role("button", name="Lancer la requête").click()
        expect(page.get_by_role("alert")).to_contain_text("La réponse a été coupée en chemin")
        assert page.locator("tbody").count() == 0


def test_a_query_that_is_under_way_can_be_stopped(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served)
        expect(page.get_by_role("button", name="Arrêter")).to_be_hidden()
        page.route("**/sparql", lambda route: None)  # never answered
        page.get_by_role("button", name="Lancer la requête").click()
        expect(page.get_by_text("La requête est en cours")).to_be_visible()
        page.get_by_role("button", name="Arrêter").click()
        expect(page.get_by_role("alert")).to_have_text("La requête a été arrêtée.")
        expect(page.get_by_role("button", name="Arrêter")).to_be_hidden()


def test_a_reader_shares_a_link_and_copies_a_program(browser: Browser, served: Served) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        _open(page, served)
        _write(page, "ASK { ?x a coop:Project }")
        page.get_by_role("button", name="Créer un lien court").click()
        expect(page.get_by_role("link", name=f"{served.url}/q/")).to_be_visible()
        _write(page, "ASK { ?x a org:Organization }")
        page.get_by_text("La même requête depuis un programme").click()
        expect(page.locator("[data-program=curl]")).to_contain_text("org:Organization")
        page.get_by_role("button", name="Copier pour curl").click()
        expect(page.locator("#state")).to_have_text("Copié.")
        assert "org:Organization" in page.evaluate("navigator.clipboard.readText()")
    assert watched.complaints == []


def test_a_reader_downloads_the_rows_as_csv(browser: Browser, served: Served, tmp_path: Path) -> None:
    with opened(browser) as watched:
        page = watched.page
        _open(page, served, lang="en")
        page.get_by_role("textbox", name="SPARQL query").click()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("SELECT ?projet ?nom { ?projet a coop:Project ; skos:prefLabel ?nom }")
        page.get_by_label("or download as").select_option("csv")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        download.value.save_as(tmp_path / "rows.csv")
    text = (tmp_path / "rows.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "projet,nom"
    assert text.splitlines()[1].endswith(",Un projet")


# ---- how it looks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW, (320, 640)], ids=lambda size: f"{size[0]} px")
@pytest.mark.parametrize("path", ["/query", "/examples"])
def test_no_page_scrolls_sideways(browser: Browser, served: Served, size: tuple[int, int], path: str) -> None:
    with opened(browser, size) as watched:
        page = watched.page
        page.goto(f"{served.url}{path}")
        for summary in page.locator("main summary").all():
            summary.click()
        if path == "/query":
            _run(page)
            page.get_by_role("button", name="Brut").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        heights = page.locator("main button, main select, main summary").evaluate_all(
            "all => all.filter(e => e.offsetHeight).map(e => e.offsetHeight)"
        )
        assert min(heights) >= 24, "a finger needs 24 px (WCAG 2.5.8)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/query?query=SELECT ?s { ?s a coop:Project }", "/query?query=nonsense", "/examples"])
def test_every_text_stands_out_from_its_ground(browser: Browser, served: Served, scheme: str, path: str) -> None:
    contrasts = contrasts_of(browser, f"{served.url}{path}", scheme)
    assert len(contrasts) > 10
    assert contrasts[0][0] >= 4.5, contrasts[:3]
