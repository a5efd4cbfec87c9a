"""The pages of open data: what the catalogue says, for people and for search engines."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound

from coopkg import names
from coopkg.addresses import Addresses
from coopkg.catalog import contents
from coopkg.dumps.manifest import Dump, File
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.web.site import open_data, schemaorg
from coopkg.web.site.described import Catalog
from tests.web.catalogued import HARMFUL, a_catalogue
from tests.web.held import BROWSER

SITE = Addresses("http://localhost/")


@pytest.fixture
def catalog_page(app: Flask) -> Callable[..., Response]:
    """Give what answers as `/catalog` does, or as the page of a data set: `catalog_page("projects", lang="en")`."""

    def answered(name: str = "", lang: str = "fr", statements: Any = None) -> Response:
        told = a_catalogue() if statements is None else statements
        path = f"/dataset/{name}" if name else "/catalog"
        with app.test_request_context(path, query_string={"lang": lang}):
            whole = open_data.read(told, lang)
            return open_data.dataset_page(name, whole) if name else open_data.catalog_page(whole)

    return answered


def said(page: str) -> dict[str, Any]:
    """Return what a page says to search engines."""
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(blocks) == 1
    found: dict[str, Any] = json.loads(blocks[0])
    return found


def read(lang: str = "fr") -> Catalog:
    return open_data.read(a_catalogue(), lang)


def test_the_catalogue_lists_its_data_sets_the_whole_graph_first(catalog_page: Callable[..., Response]) -> None:
    french, english = (catalog_page(lang=lang).get_data(as_text=True) for lang in ("fr", "en"))
    assert re.findall(r'<h3><a href="([^"]+)"><span>([^<]+)<', french) == [
        ("/dataset/graph?lang=fr", "Le graphe"),
        ("/dataset/projects?lang=fr", "Les projets"),
        ("/dataset/ontology?lang=fr", "L’ontologie"),
    ]
    assert "modifié le 28 novembre 2026" in french
    assert "CSV, N-Quads<br>" in french
    assert ">Projects<" in english
    assert "changed on 28 November 2026" in english


def test_a_data_set_tells_what_it_holds_on_which_terms_and_in_which_forms(
    catalog_page: Callable[..., Response],
) -> None:
    page = html.unescape(catalog_page("projects").get_data(as_text=True))
    for text in (
        *("<dd>2010 – 2026</dd>", "<dd>59</dd>", "28 novembre 2026", "irrégulière", "Nommez aussi l’Insee."),
        *('rel="license noreferrer"><span>Attribution 4.0', "CSV, 1,5\xa0Mo", "<code>abcdef</code>", "associations"),
        *('href="/dataset/projects.ttl"', "révision", "https://w3id.org/coopkg/dataset/projects"),
    ):
        assert text in page, text
    files = re.findall(r'<li><a href="(http://localhost[^"]+)">', page)
    assert files == [
        "http://localhost/dumps/latest/projects.csv",
        "http://localhost/dumps/latest/participations.csv",
        "http://localhost/projects.nq",
    ], "tables first, and first of them the one that bears the name of the data set"


def test_a_period_of_one_day_is_told_once(catalog_page: Callable[..., Response]) -> None:
    day = Literal("2026-11-28", datatype=NamedNode(f"{names.XSD}date"))
    told = [Quad(one.subject, one.predicate, day) if "Date" in str(one.predicate) else one for one in a_catalogue()]
    page = catalog_page("projects", statements=told).get_data(as_text=True)
    assert "<dt>Période</dt><dd>28 novembre 2026</dd>" in page


@pytest.mark.harvest(20)
@pytest.mark.parametrize("name", ["", "projects"])
def test_the_head_of_each_page_leads_to_its_rdf(catalog_page: Callable[..., Response], name: str) -> None:
    path = f"/dataset/{name}" if name else "/catalog"
    found = re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)">', catalog_page(name).get_data(True))
    assert found == [
        ("text/turtle", f"{path}.ttl"),
        ("application/ld+json", f"{path}.jsonld"),
        ("application/rdf+xml", f"{path}.rdf"),
    ]


def test_a_page_names_its_own_address_and_those_in_each_language(catalog_page: Callable[..., Response]) -> None:
    page = catalog_page("projects", lang="en").get_data(as_text=True)
    address = "http://localhost/dataset/projects?lang="
    assert f'<link rel="canonical" href="{address}en">' in page
    for lang in ("fr", "en"):
        assert f'<link rel="alternate" hreflang="{lang}" href="{address}{lang}">' in page


@pytest.mark.harvest(20)
def test_search_engines_are_told_of_the_catalogue(catalog_page: Callable[..., Response]) -> None:
    found = said(catalog_page(lang="en").get_data(as_text=True))
    assert (found["@context"], found["@type"]) == ("https://schema.org/", "DataCatalog")
    assert (found["name"], found["url"]) == ("The catalogue", "http://localhost/catalog")
    assert [one["url"] for one in found["dataset"]] == [
        f"http://localhost/dataset/{name}" for name in ("graph", "projects", "ontology")
    ]


@pytest.mark.harvest(20)
def test_search_engines_are_told_all_that_they_ask_of_a_data_set(catalog_page: Callable[..., Response]) -> None:
    found = said(catalog_page("projects", lang="en").get_data(as_text=True))
    distribution = found.pop("distribution")
    assert 50 <= len(found.pop("description")) <= 5_000
    assert found == {
        "@context": "https://schema.org/",
        "@id": "https://w3id.org/coopkg/dataset/projects",
        "@type": "Dataset",
        "creator": {"@type": "Organization", "name": "The coopkg developers"},
        "dateModified": "2026-11-28T17:10:37Z",
        "identifier": "https://w3id.org/coopkg/dataset/projects",
        "inLanguage": ["fr", "en"],
        "includedInDataCatalog": {
            "@id": "https://w3id.org/coopkg/catalog",
            "@type": "DataCatalog",
            "name": "The catalogue",
            "url": "http://localhost/catalog",
        },
        "isAccessibleForFree": True,
        "keywords": ["cooperation"],
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "name": "Projects",
        "publisher": {"@type": "Organization", "name": f"Une association {HARMFUL}"},
        "spatialCoverage": {"@type": "Place", "name": "France"},
        "temporalCoverage": "2010-01-01/2026-12-31",
        "url": "http://localhost/dataset/projects",
        "version": "59",
    }
    assert distribution[0] == {
        "@type": "DataDownload",
        "contentSize": "1500000 B",
        "contentUrl": "http://localhost/dumps/latest/projects.csv",
        "encodingFormat": "text/csv",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "name": "The table",
    }


@pytest.mark.harvest(20)
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", [one.name for one in contents.DATA_SETS])
def test_each_data_set_has_a_page_that_says_all_that_search_engines_ask(
    client: FlaskClient, name: str, lang: str
) -> None:
    answer = client.get(f"/dataset/{name}", query_string={"lang": lang}, headers=BROWSER)
    found = said(answer.text)
    assert (answer.status_code, found["identifier"]) == (200, f"https://w3id.org/coopkg/dataset/{name}")
    assert 50 <= len(found["description"]) <= 5_000
    assert {"name", "publisher", "dateModified", "version", "keywords"} <= set(found)
    assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", ")), "a cache must not mix them"


@pytest.mark.harvest(20)
def test_a_download_has_the_sha_256_that_the_manifest_of_its_dump_has() -> None:
    file = File("projects.csv", "text/csv", "", 1_500_000, "a1" * 32, "b2" * 64, 63)
    dump = Dump(59, "h", "2026-11-28T17:10:37+00:00", "d", "c", 9, "2026-11-28T18:00:00+00:00", (file,), (), {})
    whole = read()
    downloads = schemaorg.dataset(whole, whole.data_sets[1], SITE, dump)["distribution"]
    assert [one.get("sha256") for one in downloads] == ["a1" * 32, None, None]


def test_what_nobody_knows_is_not_said() -> None:
    whole = read()
    found = schemaorg.dataset(whole, whole.data_sets[2], SITE, None)
    assert found["name"] == "L’ontologie"
    assert not {"license", "publisher", "temporalCoverage", "spatialCoverage", "distribution", "version"} & set(found)


@pytest.mark.parametrize("name", ["", "projects"])
def test_a_text_that_would_end_its_block_ends_nothing(catalog_page: Callable[..., Response], name: str) -> None:
    page = catalog_page(name).get_data(as_text=True)
    assert "<script>" not in page
    assert page.count("</script>") == 2, "that of the site's own file, and that of the data"
    assert HARMFUL in json.dumps(said(page))


@pytest.mark.parametrize("name", ["nothing", "Projects", "projects.ttl", "../catalog", "\0", "%00", "x" * 3_000])
def test_a_data_set_that_there_is_not_is_not_found(catalog_page: Callable[..., Response], name: str) -> None:
    with pytest.raises(NotFound):
        catalog_page(name)


def test_a_catalogue_that_says_nothing_yet_is_a_page_all_the_same(catalog_page: Callable[..., Response]) -> None:
    assert catalog_page(statements=[]).status_code == 200


@pytest.mark.parametrize("query", [query for some in open_data.QUERIES.values() for _, _, query in some])
def test_each_question_that_a_page_offers_finds_something(client: FlaskClient, query: str) -> None:
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) > 1


@pytest.mark.harvest(20)
def test_the_home_page_and_the_foot_of_each_page_lead_to_the_catalogue(client: FlaskClient) -> None:
    assert client.get("/?lang=fr").text.count('href="/catalog?lang=fr"') == 2
    assert 'href="/catalog?lang=en"' in client.get("/about?lang=en").text
