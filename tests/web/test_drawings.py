"""The pages of the map and of networks, without a browser, over a graph with the outlines of France."""

from __future__ import annotations

import csv
import functools
import html
import io
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import upkeep
from coopkg.content import Content
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web.app import create_app
from coopkg.web.site import drawings, layout
from coopkg.web.site.layout import typeset
from tests.builders import ID, SCHEME, a_small_content, a_source
from tests.conftest import REPOSITORY
from tests.web.conftest import in_process, unbounded

EVIL = "<script>alert(1)</script> \\\"'&"
NAMES = {"brittany": ("53", "Un deuxième projet"), "reunion": ("04", "Un projet au loin"), "evil": ("53", EVIL)}
RENAMED = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .

<https://w3id.org/coopkg/graph/editorial> {{
    <{ID}project/old> owl:deprecated true ;
        dcterms:isReplacedBy <{ID}project/brittany> .
}}
"""


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return an application over the small graph, with outlines, départements and more projects."""
    folder = tmp_path_factory.mktemp("mapped")
    content = a_small_content(folder / "content")
    for name in ("departements.nq", "geometries.nq.gz"):
        shutil.copy(REPOSITORY / "data" / "reference" / name, content / "data" / "reference" / name)
    for slug, (region, name) in NAMES.items():
        _write(content, slug, a_source(slug, region=region, name=name, more=_group(slug) if slug == "evil" else ""))
    (content / "data" / "editorial.trig").write_text(RENAMED, encoding="utf-8")
    Content(content).vouch()
    settings = Settings(content=content, state=folder / "state")
    upkeep.build(settings, {})
    published = Graph.open(settings, {})
    return create_app(published, unbounded(in_process(published)), settings)


def _write(content: Path, slug: str, text: str) -> None:
    (content / "data" / "sources" / f"{slug}.trig").write_text(text, encoding="utf-8")


def _group(slug: str) -> str:
    """Return a group that takes part in a project, under a name that would do harm as mark-up."""
    return f"""
    <{ID}group/{slug}>
        a coop:StakeholderGroup ;
        dcterms:source <{ID}source/{slug}> ;
        skos:prefLabel "Groupe <b onclick='x'>"@fr ;
        org:classification <{SCHEME}stakeholder-kind/association> .

    <{ID}participation/{slug}--group>
        a coop:Participation ;
        dcterms:source <{ID}source/{slug}> ;
        coop:inAction <{ID}project/{slug}> ;
        coop:participant <{ID}group/{slug}> ;
        coop:role <{SCHEME}role/partner> .
"""


@pytest.fixture
def reader(mapped: Flask) -> FlaskClient:
    """Return a reader of the site with outlines."""
    return mapped.test_client()


def _links(page: str, name: str) -> dict[str, str]:
    """Return where the drawn areas or agents lead, by what they are called."""
    found = re.findall(rf'<a (?=[^>]*class="{name}[ "])[^>]*>', page)
    texts = [(re.search(r'aria-label="([^"]*)"', tag), re.search(r'href="([^"]*)"', tag)) for tag in found]
    return {html.unescape(label[1]): html.unescape(link[1]) for label, link in texts if label and link}


def test_each_region_is_a_link_that_says_its_count_and_leads_to_its_projects(reader: FlaskClient) -> None:
    links = _links(reader.get("/map?lang=fr").text, "place")
    assert len(links) == 18
    assert links["Île-de-France\u00a0: 1 projet"] == "/projects?lang=fr&type=project&region=11"
    assert links["Bretagne\u00a0: 2 projets"] == "/projects?lang=fr&type=project&region=53"
    assert links["La Réunion\u00a0: 1 projet"] == "/projects?lang=fr&type=project&region=04"
    assert links["Corse\u00a0: 0 projet"] == "/projects?lang=fr&type=project&region=94"


def test_each_departement_is_a_link_once_also_those_in_the_closeup(reader: FlaskClient) -> None:
    links = _links(reader.get("/map?level=departement&lang=en").text, "place")
    assert len(links) == 101
    assert links["Paris: 0 projects"] == "/projects?lang=en&type=project&departement=75"


def test_the_drawing_is_well_formed_and_each_part_has_a_title(reader: FlaskClient) -> None:
    for path in ("/map", "/map?level=departement", "/network/project/evil", "/network/organisation/une-ville"):
        for drawn in re.findall(r"<svg.*?</svg>", reader.get(path).text, re.DOTALL):
            root = ElementTree.fromstring(drawn)  # noqa: S314 -- our own answer
            assert all(link.find("title") is not None for link in root.iter("a"))
            assert root.get("aria-labelledby") or root.get("aria-hidden") == "true"


def test_the_table_says_what_the_map_says(reader: FlaskClient) -> None:
    page = reader.get("/map?lang=en").text
    rows = re.findall(r"<tr><td><a[^>]*>.*?<span[^>]*>([^<]+)</span>.*?</td><td>(?:<a[^>]*>)?(\d+)", page, re.DOTALL)
    drawn = dict(label.rsplit(": ", 1) for label in _links(page, "place"))
    assert {html.unescape(name): count for name, count in rows} == {
        typeset(name, "fr"): said.split()[0] for name, said in drawn.items()
    }


def test_the_table_is_sorted_by_count_or_by_name(reader: FlaskClient) -> None:
    def first(path: str) -> str:
        found: list[str] = re.findall(r"<tr><td><a[^>]*><span[^>]*>([^<]+)<", reader.get(path).text)
        return found[0]

    assert first("/map?lang=fr") == "Bretagne"
    assert first("/map?lang=fr&sort=name") == "Auvergne-Rhône-Alpes"
    assert 'aria-sort="ascending"' in reader.get("/map?sort=name").text
    assert 'aria-sort="descending"' in reader.get("/map").text


def test_a_theme_keeps_its_own_projects_and_stays_in_the_links(reader: FlaskClient) -> None:
    with_it = _links(reader.get("/map?lang=fr&theme=cooperation").text, "place")
    without = _links(reader.get("/map?lang=fr&theme=food").text, "place")
    assert with_it["Bretagne\u00a0: 2 projets"] == "/projects?lang=fr&type=project&region=53&theme=cooperation"
    assert without["Bretagne\u00a0: 0 projet"] == "/projects?lang=fr&type=project&region=53&theme=food"
    page = reader.get("/map?lang=fr&theme=food").text
    assert "Aucun projet n’est situé à ce niveau pour ce thème." in page
    assert '<option value="food" selected>' in page
    assert "/map?lang=fr&amp;level=departement&amp;theme=food" in page


def test_an_area_with_more_projects_is_never_paler(reader: FlaskClient) -> None:
    page = reader.get("/map?lang=fr").text
    shades = {
        name: int(shade) for shade, name in re.findall(r'class="place c(\d)"[^>]*aria-label="([^"&]+)\u00a0:', page)
    }
    assert shades["Corse"] == 0 < shades["Île-de-France"] < shades["Bretagne"]


@pytest.mark.parametrize(
    "query",
    [
        "level=commune",
        "level=",
        "level=region&level=departement",
        "sort=x",
        "theme=unknown",
        "theme=food&theme=cooperation",
        "theme=%00",
        "theme=<script>",
        "theme=..%2Frole%2Flead",
        "theme=%ED%A0%80",
        "theme=%E9",
        "theme=%",
        f"theme={'x' * 20_000}",
        "theme=food%0A",
        "level=REGION",
    ],
)
def test_what_the_map_cannot_show_is_refused_with_what_it_can(reader: FlaskClient, query: str) -> None:
    answer = reader.get(f"/map?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain" or "<script>" not in answer.text
    assert len(answer.text) < 500


def test_without_outlines_the_table_stands_alone(client: FlaskClient) -> None:
    page = client.get("/map?lang=fr").text
    assert "Les contours des territoires ne sont pas publiés ici" in page
    assert '<td><a href="/projects?lang=fr&amp;type=project&amp;region=11">1 projet<' in page


def test_the_drawing_is_asked_about_and_not_sent_again(reader: FlaskClient) -> None:
    first = reader.get("/map")
    assert reader.get("/map", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "style=" not in first.text
    assert "<script>" not in first.text


def test_outlines_are_read_once_a_revision(mapped: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("this was read before")

    mapped.test_client().get("/map?lang=fr")
    monkeypatch.setattr("coopkg.web.site.drawings._wkt", refused)
    assert "Bretagne\u00a0: 2 projets" in mapped.test_client().get("/map?lang=fr").text


def test_what_is_kept_is_bounded() -> None:
    kept: drawings.Kept[int] = drawings.Kept(2)
    made: list[int] = []

    def make(key: int) -> int:
        made.append(key)
        return key

    for key in (1, 2, 1, 3, 3, 1):
        assert kept.get(key, functools.partial(make, key)) == key
    assert made == [1, 2, 3, 1]


def test_another_page_has_the_outline_of_a_territory_in_a_line(mapped: Flask) -> None:
    with mapped.test_request_context("/"):
        view = layout.opened()
        codes = ("region/53", "region/xx")
        brittany, nowhere = (drawings.outline(view, f"{ID}territory/{code}") for code in codes)
        assert brittany is not None
        assert len(brittany.areas) == 1
        assert nowhere is None
        macro = vars(mapped.jinja_env.get_template("drawings.html").make_module({"lang": "fr"}))["outline_svg"]
        assert macro(brittany).strip().startswith('<svg class="outline"')
        assert macro(nowhere).strip() == ""


def test_an_agent_has_its_partners_with_strength_and_actions(reader: FlaskClient) -> None:
    page = reader.get("/network/organisation/une-association?lang=fr").text
    assert _links(page, "member") == {
        "Une ville\u00a0: 4 actions communes": "/network/organisation/une-ville?lang=fr",
        "Groupe <b onclick='x'>\u00a0: 1 action commune (groupe que le document ne nomme pas)": (
            "/network/group/evil?lang=fr"
        ),
    }
    assert "coopère avec 2 acteurs." in page
    assert "<td>4</td>" in page
    assert '<a href="/doc/project/brittany?lang=fr"><span>Un deuxième projet</span></a>' in page


def test_an_action_has_those_who_take_part_and_only_those_are_tied_who_cooperate_elsewhere_too(
    reader: FlaskClient,
) -> None:
    page = reader.get("/network/project/evil?lang=en").text
    assert "3 agents take part" in page
    assert page.count('class="chord"') == 1
    assert "The curves, in words (1)" in page
    assert 'class="member first"' in page
    assert 'class="member group"' in page


def test_names_are_shown_as_text(reader: FlaskClient) -> None:
    for path in ("/network/project/evil", "/network/organisation/une-ville", "/network/group/evil"):
        page = reader.get(path).text
        assert "<script>" not in page
        assert "<b onclick" not in page
        assert "&lt;script&gt;alert" in page


def test_the_lines_are_given_as_csv(reader: FlaskClient) -> None:
    answer = reader.get("/network/organisation/une-association.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["from_name"], row["to_name"], row["strength"]) for row in rows] == [
        ("Une association", "Une ville", "4"),
        ("Une association", "Groupe <b onclick='x'>", "1"),
        ("Groupe <b onclick='x'>", "Une ville", "1"),
    ]
    assert rows[0]["actions"].split() == [f"{ID}project/{slug}" for slug in ("evil", "brittany", "a-page", "reunion")]
    rows = list(csv.DictReader(io.StringIO(reader.get("/network/project/evil.csv").text)))
    assert rows[0]["roles"] == f"{SCHEME}role/lead"


@pytest.mark.parametrize("path", ["/network/organisation/une-ville", "/network/project/evil"])
def test_the_query_behind_a_network_runs_and_gives_its_rows(reader: FlaskClient, path: str) -> None:
    page = reader.get(f"{path}?lang=fr").text
    query = html.unescape(re.findall(r"<code>(SELECT.*?)</code>", page, re.DOTALL)[0])
    rows = list(csv.DictReader(io.StringIO(reader.get("/sparql", query_string={"query": query, "format": "csv"}).text)))
    assert {row["agent"].rpartition("/id/")[2] for row in rows} == {
        link.removeprefix("/network/").partition("?")[0] for link in _links(page, "member").values()
    }


@pytest.mark.parametrize(
    "path",
    [
        "/network/organisation/unknown",
        "/network/organisation/unknown.csv",
        "/network/territory/region",
        "/network/scheme/role",
        "/network/project/%00",
        "/network/project/%3Cscript%3E",
        "/network/project/%20",
        "/network/project/a%22b",
        "/network/project/" + "x" * 5_000,
        "/network/project/%E2%80%AE",
        "/network/project/..%2f..%2f",
        "/network/project/évry",
        "/network/group/.csv",
    ],
)
def test_an_unknown_address_says_so_and_leads_on(reader: FlaskClient, path: str) -> None:
    answer = reader.get(f"{path}?lang=fr")
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    if "2f" not in path:
        assert 'href="/organisations?lang=fr"' in answer.text


def test_an_address_of_before_leads_to_the_one_of_now(reader: FlaskClient) -> None:
    answer = reader.get("/network/project/old?lang=en")
    assert (answer.status_code, answer.location) == (301, "/network/project/brittany?lang=en")
    assert reader.get("/network/project/old.csv?lang=en").location == "/network/project/brittany.csv?lang=en"


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "", "1.0", "٣", "9" * 400, "1&page=1", "%00"])
def test_a_page_that_is_not_there_is_refused_with_the_ones_that_are(reader: FlaskClient, page: str) -> None:
    answer = reader.get(f"/network/organisation/une-ville?page={page}")
    assert answer.status_code == 400
    assert ("give a number from 1 to 1" if page == "2" else "give one whole number from 1 on") in answer.text
