"""The sitemap: every page worth finding, once a language, with an honest date, in files that are not too long."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import upkeep
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web.app import create_app
from coopkg.web.site import sitemap
from tests.builders import a_source
from tests.web.conftest import copied, in_process, unbounded
from tests.web.held import BROWSER

_NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def _client(settings: Settings) -> FlaskClient:
    published = Graph.open(settings, {})
    return create_app(published, unbounded(in_process(published)), settings).test_client()


def read(client: FlaskClient, path: str) -> ElementTree.Element:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/xml; charset=utf-8"), path
    return ElementTree.fromstring(answer.text.partition("?>")[2])  # noqa: S314  # our own answer


def places(client: FlaskClient) -> dict[str, str]:
    """Return every address of the sitemap with its date, "" where there is none."""
    found: dict[str, str] = {}
    for file in read(client, "/sitemap.xml").findall("s:sitemap/s:loc", _NS):
        for url in read(client, urlsplit(file.text or "").path).findall("s:url", _NS):
            address = url.findtext("s:loc", "", _NS)
            assert address not in found, "told twice"
            found[address] = url.findtext("s:lastmod", "", _NS)
    return found


@pytest.mark.harvest(20)
def test_every_thing_that_readers_look_for_is_in_the_sitemap_in_both_languages(client: FlaskClient) -> None:
    found = places(client)
    for path in (
        *("", "projects", "ns", "catalog", "dataset/projects", "dumps/", "docs/model.md", "scheme/role"),
        *("doc/project/a-page", "doc/organisation/une-ville", "doc/source/a-page", "doc/territory/region/11"),
        *("scheme/theme/food", "scheme/role/lead"),
    ):
        for lang in ("fr", "en"):
            assert f"http://localhost/{path}?lang={lang}" in found
    assert not any("/territory/region/24" in address for address in found), "nothing is told of it"
    assert all(address.startswith("http://localhost/") for address in found)


def test_each_address_of_the_sitemap_leads_to_a_page(client: FlaskClient) -> None:
    for path in sorted({urlsplit(address).path for address in places(client)}):
        answer = client.get(path, query_string={"lang": "fr"}, headers=BROWSER)
        assert (answer.status_code, answer.mimetype) == (200, "text/html"), path


def test_each_page_names_itself_and_its_other_language(client: FlaskClient) -> None:
    for url in read(client, "/sitemap-actions-1.xml").findall("s:url", _NS):
        others = {link.get("hreflang"): link.get("href") for link in url.findall("x:link", _NS)}
        base = url.findtext("s:loc", "", _NS).partition("?")[0]
        assert others == {"fr": f"{base}?lang=fr", "en": f"{base}?lang=en", "x-default": base}


def test_a_change_gives_a_new_date_to_what_it_speaks_of_alone(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    before = places(_client(settings))
    assert settings.content is not None
    (settings.content / "data" / "sources" / "new.trig").write_text(a_source("new"), encoding="utf-8")
    upkeep.build(settings, {})
    after = places(_client(settings))
    changed = {urlsplit(address).path for address, date in after.items() if before.get(address) != date}
    assert {"/doc/project/new", "/doc/source/new", "/projects", "/changes", "/"} <= changed
    assert not changed & {"/doc/project/a-page", "/doc/source/a-page", "/ns", "/scheme", "/scheme/role", "/about"}
    assert {after[f"http://localhost/doc/{kind}/new?lang=fr"] for kind in ("project", "source")} == {
        Graph.open(settings, {}).revisions(1)[0][0].time
    }


def test_a_file_has_so_many_things_and_the_next_one_the_rest(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = places(client)
    monkeypatch.setattr(sitemap, "PER_FILE", 1)
    files = [file.text for file in read(client, "/sitemap.xml").findall("s:sitemap/s:loc", _NS)]
    assert {f"http://localhost/sitemap-organisations-{number}.xml" for number in (1, 2)} <= set(files)
    assert "http://localhost/sitemap-organisations-3.xml" not in files
    assert places(client) == whole


def test_what_did_not_change_is_not_sent_again_and_not_read_again(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/sitemap.xml", "/sitemap-actions-1.xml", "/sitemap-pages-1.xml"):
        tag = client.get(path).headers["ETag"]
        with monkeypatch.context() as patched:
            patched.setattr(app.config["GRAPH"], "last_changed", lambda: pytest.fail("it was read again"))
            again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert client.get(path, headers={"Host": "coop.example"}).headers["ETag"] != tag, "it holds other addresses"
        assert client.head(path).headers["ETag"] == tag


def test_a_new_revision_gives_a_new_tag(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    client = _client(settings)
    tag = client.get("/sitemap-sources-1.xml").headers["ETag"]
    assert settings.content is not None
    (settings.content / "data" / "sources" / "new.trig").write_text(a_source("new"), encoding="utf-8")
    upkeep.build(settings, {})
    answer = client.get("/sitemap-sources-1.xml", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "/doc/source/new" in answer.text


def test_addresses_are_those_at_which_the_site_is_reached(small: Settings) -> None:
    published = Graph.open(small, {})
    settings = Settings(content=small.content, state=small.state, public_url="https://coop.example/")
    client = create_app(published, unbounded(in_process(published)), settings).test_client()
    for path in ("/sitemap.xml", "/sitemap-actions-1.xml"):
        addresses = re.findall("<loc>([^<]*)</loc>", client.get(path).text)
        assert addresses
        assert all(address.startswith("https://coop.example/") for address in addresses)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "actions-2",
            "actions-0",
            "actions-01",
            "actions--1",
            "actions-",
            "actions",
            "-1",
            "",
            "nothing-1",
            "Actions-1",
        ),
        *("actions-1.xml", "actions-999999", "actions-99999999999999999999", "actions-１", "actions-1%00", "actions-x"),
        *(
            "pages-2",
            "action-1",
            "..%2F..%2Fetc%2Fpasswd-1",
            "actions-1%0A",
            "actions-1%20",
            "%ED%A0%80-1",
            "x" * 3_000,
        ),
    ],
)
def test_a_file_that_there_is_not_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/sitemap-{name}.xml").status_code == 404


@pytest.mark.harvest(20)
def test_no_element_of_another_vocabulary_keeps_parsers_from_the_pages(client: FlaskClient) -> None:
    root = read(client, "/sitemap-pages-1.xml")
    assert {element.tag.partition("}")[0].strip("{") for element in root.iter()} == set(_NS.values())
