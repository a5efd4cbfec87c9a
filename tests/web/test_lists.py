"""The lists: what they hold, how they are filtered, what a wrong address is told, and the query behind them."""

from __future__ import annotations

import html
import itertools
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg.index import Index
from coopkg.rdf import RdfFormat, parse_quads
from coopkg.store import QuadStore, rows
from coopkg.view import View
from coopkg.web.site.lists import PER_PAGE, panels
from coopkg.web.site.lists.catalogue import LISTS
from coopkg.web.site.lists.choice import Choice
from coopkg.web.site.lists.question import query
from tests.builders import ID, SCHEME
from tests.web import listed

NAMES = list(LISTS)


@pytest.fixture(scope="module")
def store() -> QuadStore:
    return listed.a_store()


@pytest.fixture(scope="module")
def app(store: QuadStore, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return listed.an_app(store, tmp_path_factory.mktemp("lists"))


@pytest.fixture(scope="module")
def index(app: Flask) -> Index:
    found: Index = app.config["INDEX"]
    return found


def names_in(page: str) -> list[str]:
    """Return the names on the cards of a page."""
    found = re.findall(r"<h3>(?:<a[^>]*>)?<span[^>]*>(.*?)</span>", page)
    return [html.unescape(name) for name in found]


def count_in(page: str) -> int:
    """Return the number of things that a page says that its list has."""
    found = re.search(r'id="count"[^>]*>\s*([0-9 ,\u202f]+)', page)
    assert found
    return int(re.sub(r"\D", "", found[1]))


def options_in(page: str) -> dict[str, int]:
    """Return the counts of the values of the facets, by `facet=value`."""
    boxes = re.findall(r'name="([a-z-]+)" value="([^"]+)"[^>]*><label[^>]*>.*?\(([\d\u202f,]+)\)</span>', page)
    return {f"{facet}={value}": int(re.sub(r"\D", "", count)) for facet, value, count in boxes}


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_each_list_is_a_page_in_both_languages(client: FlaskClient, name: str, lang: str) -> None:
    answer = client.get(f"/{name}?lang={lang}")
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == lang
    assert html.escape(LISTS[name].en if lang == "en" else LISTS[name].fr) in answer.text
    assert "style=" not in answer.text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", [name for name in NAMES if LISTS[name].facets])
def test_each_value_of_a_facet_gives_as_many_things_as_it_says(client: FlaskClient, name: str) -> None:
    options = options_in(client.get(f"/{name}").text)
    assert {option.partition("=")[0] for option in options} >= {
        facet.name for facet in LISTS[name].facets if facet.name not in ("participant", "territory")
    }
    for option, count in options.items():
        assert count_in(client.get(f"/{name}?{option}").text) == count, option


def test_values_of_one_facet_add_up_and_facets_narrow_each_other(client: FlaskClient) -> None:
    food, climate = (count_in(client.get(f"/projects?theme={one}").text) for one in ("food", "climate"))
    assert count_in(client.get("/projects?theme=food&theme=climate").text) == food + climate
    both = client.get("/projects?theme=food&status=planned").text
    assert 0 < count_in(both) < food
    assert options_in(both)["theme=climate"] == count_in(client.get("/projects?theme=climate&status=planned").text)


def test_a_wider_theme_has_the_actions_of_its_narrower_ones(client: FlaskClient) -> None:
    own = count_in(client.get("/projects?theme=climate").text)
    assert count_in(client.get("/projects?theme=ecology").text) == 2 * own


def test_the_pages_of_a_list_hold_each_thing_once(client: FlaskClient) -> None:
    first = client.get("/projects").text
    pages = -(-count_in(first) // PER_PAGE)
    found = [name for page in range(1, pages + 1) for name in names_in(client.get(f"/projects?page={page}").text)]
    assert len(found) == count_in(first)
    assert len(set(found)) == len(found)


def test_pages_lead_forth_and_back(client: FlaskClient) -> None:
    first, second = client.get("/projects?status=planned").text, client.get("/projects?status=planned&page=2").text
    assert 'rel="prev"' not in first
    assert re.search(r'<link rel="next" href="/projects\?lang=fr&amp;status=planned&amp;page=2">', first)
    assert re.search(r'<a rel="prev" href="/projects\?lang=fr&amp;status=planned">', second)


def test_a_page_behind_the_last_is_not_found_and_leads_back(client: FlaskClient) -> None:
    answer = client.get("/projects?status=planned&page=99")
    assert answer.status_code == 404
    assert 'href="/projects?lang=fr&amp;status=planned&amp;page=2"' in answer.text


@pytest.mark.parametrize(
    ("sort", "first"), [("name", "Action 00"), ("-name", "x" * 10_000), ("-date", "<script>"), ("date", "Action 00")]
)
def test_a_list_comes_in_the_order_that_is_chosen(client: FlaskClient, sort: str, first: str) -> None:
    shown = names_in(client.get(f"/projects?sort={sort}").text)
    if sort == "name":  # signs come before letters
        shown = [name for name in shown if name.startswith("Action")]
    assert shown[0].startswith(first)


def test_names_are_sorted_in_the_language_of_the_reader(client: FlaskClient) -> None:
    english = [name for name in names_in(client.get("/projects?lang=en&status=planned").text) if "Deed" in name]
    assert english == sorted(english)
    assert english[-1] != names_in(client.get("/projects?lang=fr&status=planned").text)[-1]


def test_a_filter_in_force_is_a_tag_that_can_be_removed(client: FlaskClient) -> None:
    page = client.get("/projects?theme=food&theme=climate&region=11").text
    tags = re.findall(r'<li>[^<]*<bdi>.*?</bdi> <a href="([^"]+)"', page)
    assert [dict(parse_qsl(urlsplit(html.unescape(tag)).query)).get("region") for tag in tags] == [None, "11", "11"]
    assert ["theme=climate" in tag for tag in tags] == [True, True, False]
    assert 'value="food" checked' in page


def test_a_chosen_value_that_nothing_has_is_shown_all_the_same(client: FlaskClient) -> None:
    page = client.get("/projects?region=94").text
    assert re.search(r'name="region" value="94" checked', page)
    assert options_in(page)["region=94"] == 0


def test_an_empty_list_says_what_each_filter_costs(client: FlaskClient) -> None:
    page = client.get("/projects?region=94&theme=food").text
    assert count_in(page) == 0
    ways = re.findall(r'<li><a href="([^"]+)">Sans.*?</a>[^<\d]*(\d+)', page)
    assert len(ways) == 2
    for address, count in ways:
        assert count_in(client.get(html.unescape(address)).text) == int(count)
    assert sorted(int(count) for _, count in ways)[-1] > 0


def test_a_filter_leads_to_the_same_filter_of_the_other_lists(client: FlaskClient) -> None:
    page = client.get("/projects?lang=fr&theme=food&region=11").text
    told = re.search(r"Avec les mêmes filtres(.*?)</p>", page, re.DOTALL)
    assert told
    ways = re.findall(r'<a href="(/(\w+)[^"]+)">\s*(\d+)', told[1])
    assert [name for _, name, _ in ways] == ["organisations", "outcomes", "lessons"]
    for address, _, count in ways:
        assert count_in(client.get(html.unescape(address)).text) == int(count)


@pytest.mark.parametrize("query", ["", "theme=food&goal=17", "theme=food&q=action"])
def test_no_other_list_is_offered_that_has_not_all_of_the_filters(client: FlaskClient, query: str) -> None:
    assert "Avec les mêmes filtres" not in client.get(f"/projects?lang=fr&{query}").text


def test_a_form_sent_with_empty_fields_leads_to_an_address_to_share(client: FlaskClient) -> None:
    answer = client.get("/projects?lang=fr&q=&sort=&theme=food")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/projects?lang=fr&theme=food"


def test_words_narrow_a_list(client: FlaskClient) -> None:
    page = client.get("/lessons?q=leçon 7").text
    assert "Leçon 7" in names_in(page)
    assert 0 < count_in(page) < count_in(client.get("/lessons").text)


def test_what_graphs_say_is_shown_as_text(client: FlaskClient) -> None:
    pages = "".join(client.get(f"/projects?page={page}&sort=-name").text for page in (1, 2, 3))
    assert "&lt;script&gt;alert(1)" in pages
    assert "<script>alert" not in pages
    assert 'href="javascript' not in pages


def test_territories_begin_with_the_regions_and_what_is_in_them(client: FlaskClient) -> None:
    page = client.get("/territories").text
    tree = page[page.index('id="regions"') : page.index('class="cards')]
    assert tree.index("Bretagne") < tree.index("Finistère") < tree.index("Île-de-France") < tree.index("Paris")
    assert "Corse" not in tree  # nothing takes place there
    assert 'id="regions"' not in client.get("/territories?level=region").text


def test_themes_are_a_tree_with_counts(client: FlaskClient) -> None:
    page = client.get("/themes?lang=en").text
    below = page[page.index(">Ecology<") : page.index(">Food<")]
    assert re.search(r"<ul>\s*<li>.*Climate", below)
    assert re.search(r">Unused</span></a> <span class=\"count\">\(0\)", page)


def test_themes_in_a_circle_come_to_an_end(index: Index) -> None:
    skos = "http://www.w3.org/2004/02/skos/core#"
    narrow = {"wide": "", "one": "wide", "two": "one", "three": "two"}
    turtle = "".join(
        f"<{SCHEME}theme/{one}> <{skos}broader> <{SCHEME}theme/{up}> .\n" for one, up in narrow.items() if up
    )
    turtle += f"<{SCHEME}theme/one> <{skos}broader> <{SCHEME}theme/three> .\n"
    view = View(QuadStore.in_memory(parse_quads(turtle.encode(), RdfFormat.TURTLE, "a circle")), "fr")
    tree = panels.themes(view, index, [f"{SCHEME}theme/{one}" for one in narrow])
    assert [branch.iri for branch in tree] == [f"{SCHEME}theme/wide"]
    (one,) = tree[0].below
    (two,) = one.below
    (three,) = two.below
    assert three.below == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("region=bretagne", "<code>53</code> (Bretagne)"),
        ("region=ile de france", "<code>11</code> (Île-de-France)"),
        ("theme=fod", "<code>food</code>"),
        ("theem=food", "<code>theme</code>"),
        ("type=projet", "<code>project</code>"),
        ("year=19", "quatre chiffres"),
        ("sort=nom", "les ordres sont name"),
        ("sort=relevance", "les ordres sont name"),
        ("page=0", "à partir de 1"),
        ("page=1e3", "à partir de 1"),
        ("page=1&page=2", "une seule valeur"),
        ("q=a&q=b", "une seule valeur"),
        ("participant=a", "n’existe pas"),
        (f"q={'x' * 201}", "200 caractères au plus"),
    ],
)
def test_a_wrong_address_is_told_what_may_be_meant(client: FlaskClient, asked: str, told: str) -> None:
    answer = client.get(f"/projects?status=planned&{asked}")
    assert answer.status_code == 400
    assert told in html.unescape(answer.text)
    assert 'href="/projects?lang=fr&amp;status=planned' in answer.text


def test_all_that_is_wrong_is_told_at_once(client: FlaskClient) -> None:
    page = client.get("/projects?region=xx&theem=food&year=19&page=0").text
    assert page.count('<li class="fault">') == 4


_FIELDS = (*(facet.name for facet in LISTS["projects"].facets), "q", "sort", "page", "lang", "other")
_VALUES = ("", "%00", "..%2F..", "%3Cscript%3E", "%ED%A0%80", "%E2%80%AE", "%", "'%22%3E%3Cb", "x" * 5000, "-1", "٣")


@pytest.mark.parametrize("value", _VALUES)
@pytest.mark.parametrize("ending", ["", ".csv"])
def test_no_address_breaks_a_list(client: FlaskClient, value: str, ending: str) -> None:
    for field in _FIELDS:
        answer = client.get(f"/projects{ending}?{field}={value}")
        assert answer.status_code in (200, 303, 400), field
        assert answer.mimetype == "text/csv" or "<script>alert" not in answer.text
        assert "Traceback" not in answer.text


def test_more_fields_than_are_read_are_refused(client: FlaskClient) -> None:
    assert client.get("/projects?" + "&".join(["theme=food"] * 101)).status_code == 400


def test_an_answer_that_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/projects").headers["ETag"]
    assert client.get("/projects", headers={"If-None-Match": tag}).status_code == 304


# ---- the query behind a list ---------------------------------------------------------------------------------


def _agree(store: QuadStore, index: Index, choice: Choice) -> int:
    """Hold a list against its query; return how many things both give."""
    found = {row[0] for row in rows(store.query(query(choice, "fr")))}
    assert found == set(index.iris(choice.wanted("fr"))), query(choice, "fr")
    return len(found)


def _values(index: Index, name: str) -> dict[str, list[str]]:
    """Return the values of each facet of a list; also of those that are not counted."""
    of = LISTS[name]
    found = {facet.name: list(index.counts(facet.name, of.kind)) for facet in of.facets}
    return {facet: values for facet, values in found.items() if values}


@pytest.mark.parametrize("name", NAMES)
def test_the_query_gives_what_each_value_of_each_facet_gives(store: QuadStore, index: Index, name: str) -> None:
    assert _agree(store, index, Choice(LISTS[name], {})) > 0
    for facet, values in _values(index, name).items():
        for value in values:
            assert _agree(store, index, Choice(LISTS[name], {facet: (value,)})) > 0
        _agree(store, index, Choice(LISTS[name], {facet: tuple(values)}))
        _agree(store, index, Choice(LISTS[name], {facet: tuple(values[:2])}))


@pytest.mark.parametrize("name", [name for name in NAMES if len(LISTS[name].facets) > 1])
def test_the_query_gives_what_each_two_facets_give(store: QuadStore, index: Index, name: str) -> None:
    met = 0
    for one, other in itertools.combinations(_values(index, name).items(), 2):
        filters = {facet: tuple(values[:2]) for facet, values in (one, other)}
        met += _agree(store, index, Choice(LISTS[name], filters)) > 0
    assert met


def test_the_query_of_plain_actions_leaves_the_others_out(store: QuadStore, index: Index) -> None:
    coop = "https://w3id.org/coopkg/ns#"
    plain = _agree(store, index, Choice(LISTS["projects"], {"type": (f"{coop}Action",)}))
    events = _agree(store, index, Choice(LISTS["projects"], {"type": (f"{coop}Event",)}))
    both = _agree(store, index, Choice(LISTS["projects"], {"type": (f"{coop}Action", f"{coop}Event")}))
    assert 0 < plain < both == plain + events


def test_the_page_shows_the_query_and_leads_to_its_answer(client: FlaskClient) -> None:
    page = client.get("/projects?theme=food&region=11").text
    shown = re.search(r"<code>(SELECT.*?)</code>", page, re.DOTALL)
    assert shown
    text = html.unescape(shown[1])
    assert f"<{ID}territory/region/11>" in text
    links = re.findall(r'href="(/(?:query|sparql)\?[^"]*query=[^"]+)"', page)
    asked = [dict(parse_qsl(urlsplit(html.unescape(link)).query))["query"] for link in links]
    assert asked == [text, text]
    csv = client.get(html.unescape(links[1]))
    assert csv.status_code == 200
    assert len(csv.text.splitlines()) == 1 + count_in(page)


def test_a_list_found_by_words_says_that_its_query_has_no_words(client: FlaskClient) -> None:
    assert "SPARQL ne sait pas" in client.get("/lessons?q=leçon").text
    assert "SPARQL ne sait pas" not in client.get("/lessons").text


def test_what_a_list_costs_is_charged(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    charged: list[float] = []
    monkeypatch.setattr(app.config["SERVICE"], "charge", lambda _, seconds: charged.append(seconds))
    answer: TestResponse = app.test_client().get("/projects")
    assert answer.status_code == 200
    assert sum(charged) > 0
