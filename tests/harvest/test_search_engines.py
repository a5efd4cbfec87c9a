"""Search engines: the structured data that extruct finds, the pages that sitemaps lead to, what robots may ask for."""

from __future__ import annotations

import urllib.robotparser
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.harvest import faults
from tests.harvest.asking import asked
from tests.harvest.between import Answer, Asked, Fault, between
from tests.harvest.conftest import told_in
from tests.web.conftest import Served

#: Bounds of a description, by the guide of Google for data sets.
SHORTEST, LONGEST = 50, 5000
#: What robots must be let in to, and what has no end.
LET_IN = (
    "/",
    "/catalog.ttl",
    "/sparql",
    "/sparql?query=ASK%7B%7D",
    "/.well-known/void",
    "/dumps/",
    "/feed",
    "/reconcile",
)


def complaints(found: list[Mapping[str, Any]], kind: str) -> list[str]:
    """Return what a search engine would miss in the structured data of a page."""
    things = [one for part in found for one in part.get("@graph", [part]) if kind in _kinds(one)]
    if len(things) != 1:
        return [f"{len(things)} of the class {kind}"]
    return list(_of_a_data_set(things[0]) if kind == "Dataset" else _of_a_catalogue(things[0]))


def _kinds(one: Mapping[str, Any]) -> list[str]:
    kinds = one.get("@type", [])
    return [kinds] if isinstance(kinds, str) else kinds


def _of_a_data_set(one: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        f"no {part}" for part in ("name", "license", "url", "distribution", "dateModified") if not one.get(part)
    )
    if not SHORTEST <= len(str(one.get("description", ""))) <= LONGEST:
        yield f"a description of {len(str(one.get('description', '')))} characters"
    for file in one.get("distribution", []):
        if not str(file.get("contentUrl", "")).startswith("http") or not file.get("encodingFormat"):
            yield f"a file without an address or a form: {file}"


def _of_a_catalogue(one: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"no {part}" for part in ("name", "description", "url", "dataset") if not one.get(part))


def without_structured_data(asked: Asked, answer: Answer) -> Answer:
    """Leave the structured data out of pages."""
    return answer.saying(answer.body.replace(b"application/ld+json", b"application/json"))


def with_short_descriptions(asked: Asked, answer: Answer) -> Answer:
    """Describe everything in one word."""
    return answer.saying(
        answer.body.replace(b'"description":', b'"description": "Short.", "disambiguatingDescription":')
    )


FAULTS: dict[str, tuple[Fault, str]] = {
    "no structured data": (without_structured_data, "0 of the class Dataset"),
    "a description of one word": (with_short_descriptions, "a description of"),
}


@pytest.mark.harvest(20)
def test_pages_of_data_sets_and_of_the_catalogue_are_understood(portal: Served) -> None:
    data_set, catalogue = told_in(
        "web", "web_read.py", "structured", f"{portal.url}/dataset/graph.html", f"{portal.url}/catalog.html"
    )
    assert complaints(data_set, "Dataset") == []
    assert complaints(catalogue, "DataCatalog") == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_page_shows(portal: Served, fault: str) -> None:
    planted, words = FAULTS[fault]
    with between(portal.host, portal.port, planted) as root:
        (found,) = told_in("web", "web_read.py", "structured", f"{root}/dataset/graph.html")
    assert words in "\n".join(complaints(found, "Dataset"))


@pytest.mark.harvest(20)
def test_sitemaps_lead_from_robots_txt_to_every_thing_with_a_date(portal: Served) -> None:
    told = told_in("web", "web_read.py", "sitemap", f"{portal.url}/")
    pages = dict(told["pages"])
    for path in ("/", "/catalog", "/dataset/graph", "/doc/project/a-page", "/doc/organisation/une-ville"):
        assert {f"{portal.url}{path}?lang=fr", f"{portal.url}{path}?lang=en"} <= set(pages)
    assert pages[f"{portal.url}/doc/project/a-page?lang=fr"]
    assert not [address for address in pages if "b-page" in address]
    assert {asked(address, headers={"Accept": "text/html"}).status for address in pages} == {200}


def test_a_sitemap_that_is_no_xml_leads_nowhere(portal: Served) -> None:
    def cut(request: Asked, answer: Answer) -> Answer:
        return answer.saying(answer.body[:60]) if request.path.endswith(".xml") else answer

    with between(portal.host, portal.port, cut) as root:
        assert told_in("web", "web_read.py", "sitemap", f"{root}/")["pages"] == []


@pytest.mark.harvest(20)
def test_robots_are_let_in_where_the_data_are(portal: Served) -> None:
    told = told_in("web", "web_read.py", "robots", portal.url, *LET_IN)
    assert told == {"allowed": dict.fromkeys(LET_IN, True), "sitemaps": [f"{portal.url}/sitemap.xml"]}
    rules = urllib.robotparser.RobotFileParser()
    rules.parse(asked(f"{portal.url}/robots.txt").body.decode().splitlines())
    assert [path for path in LET_IN if not rules.can_fetch("*", portal.url + path)] == []


def test_closed_robots_txt_shows(portal: Served) -> None:
    closed = faults.with_body("/robots.txt", "User-agent: *\nDisallow: /\n")
    with between(portal.host, portal.port, closed) as root:
        assert not any(told_in("web", "web_read.py", "robots", root, *LET_IN)["allowed"].values())
