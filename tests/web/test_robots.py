"""`robots.txt` as the parsers of real crawlers read it, and `security.txt`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

import pytest
from flask.testing import FlaskClient
from protego import Protego

from coopkg.settings import Settings
from tests.web.held import SIGNED, client_of

SITE = "https://coop.example"
OPEN = (
    *("/", "/?lang=fr", "/projects", "/projects?lang=fr", "/projects?lang=fr&theme=food", "/projects.csv", "/map"),
    *("/doc/project/x", "/doc/project/x?lang=en", "/doc/project/x.ttl", "/id/project/x", "/ns", "/scheme/theme/food"),
    *("/sparql", "/sparql?query=ASK%7B%7D", "/sparql?query=ASK%7B%7D&format=json&timeout=5", "/.well-known/void"),
    *("/catalog", "/catalog?page=2", "/catalog.ttl", "/catalog.ttl?page=2", "/dataset/projects", "/dumps/"),
    *("/dumps/latest/coopkg.nq.gz", "/feed", "/feed/3", "/changes", "/changes/5", "/changes?since=5", "/query"),
    *("/search", "/examples", "/docs/model.md", "/sitemap.xml", "/sitemap-actions-1.xml", "/static/coopkg.css?v=1"),
)
CLOSED = (
    *("/network/organisation/x", "/network/organisation/x?lang=fr", "/why?s=a&p=b&o=c", "/suggestions?q=a", "/q/abc"),
    *("/query?lang=fr&query=ASK%7B%7D", "/query?query=ASK%7B%7D", "/search?lang=fr&q=a", "/search?q=a"),
)
#: What only parsers understand that know `*`.
CLOSED_BY_STARS = (
    *("/projects?lang=fr&theme=food&region=11", "/projects?theme=food&theme=health&region=11", "/projects?page=900"),
    *("/organisations?lang=en&page=40", "/doc/organisation/x?lang=fr&page=3"),
)


@pytest.fixture(scope="module")
def robots() -> str:
    settings = Settings(public_url=f"{SITE}/")
    answer = client_of(settings=settings).get("/robots.txt")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    return answer.text


def _by_prefixes(robots: str, path: str) -> bool:
    parser = RobotFileParser()
    parser.parse(robots.splitlines())
    return parser.can_fetch("Anybot", SITE + path)


def _by_stars(robots: str, path: str) -> bool:
    return bool(Protego.parse(robots).can_fetch(SITE + path, "Anybot"))


@pytest.mark.harvest(20)
@pytest.mark.parametrize("path", OPEN)
def test_robots_are_let_in(robots: str, path: str) -> None:
    assert _by_prefixes(robots, path)
    assert _by_stars(robots, path)


@pytest.mark.parametrize("path", CLOSED)
def test_what_has_no_end_is_left_alone(robots: str, path: str) -> None:
    assert not _by_prefixes(robots, path)
    assert not _by_stars(robots, path)


@pytest.mark.parametrize("path", CLOSED_BY_STARS)
def test_filters_upon_filters_and_pages_upon_pages_are_left_alone(robots: str, path: str) -> None:
    assert not _by_stars(robots, path)


@pytest.mark.harvest(20)
def test_robots_are_led_to_the_sitemap_where_the_site_is_reached(robots: str) -> None:
    parser = RobotFileParser()
    parser.parse(robots.splitlines())
    assert parser.site_maps() == list(Protego.parse(robots).sitemaps) == [f"{SITE}/sitemap.xml"]


def test_who_finds_a_weakness_is_told_where_to_report_it() -> None:
    answer = client_of(settings=SIGNED).get("/.well-known/security.txt")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert said["Contact"] == SIGNED.contact_url
    assert said["Canonical"] == "http://localhost/.well-known/security.txt"
    left = datetime.fromisoformat(said["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)


def test_a_site_that_nobody_publishes_has_no_contact(client: FlaskClient) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
