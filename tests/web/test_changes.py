"""The list of changes and the patches: what whoever wants the same graph reads."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from coopkg import upkeep
from coopkg.chronicle import patch
from coopkg.feed import Feed
from coopkg.graph import Graph
from coopkg.history import History
from coopkg.journal import Journal
from coopkg.rdf import dataset_digest, from_patch, graph_digests
from coopkg.settings import Settings
from tests.build.running import Place
from tests.builders import a_tiny_content
from tests.web.conftest import copied
from tests.web.test_feed import A_PAGE, NAME, a_client, redacted

_HTML = {"Accept": "text/html"}


@pytest.fixture
def reader(small: Settings) -> FlaskClient:
    """Return a client of the small graph, as a site that has an address of its own."""
    return a_client(replace(small, public_url="https://coop.example/"))


def listed(client: FlaskClient, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/changes{query}")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_who_follows_the_list_finds_each_revision_once_in_order(reader: FlaskClient, small: Settings) -> None:
    journal = Journal(small.state_folder({}) / "journal")
    found, address = list[dict[str, Any]](), "/changes?limit=7"
    while address:
        page = listed(reader, address.removeprefix("https://coop.example").removeprefix("/changes"))
        assert len(page["items"]) <= 7
        found += page["items"]
        address = page["next"]
    assert [one["revision"] for one in found] == list(range(1, journal.head + 1))
    assert [one["hash"] for one in found] == [revision.hash for revision in journal.revisions]
    assert [one["previous"] for one in found] == [None, *(revision.hash for revision in journal.revisions[:-1])]


def test_a_revision_is_listed_without_its_author(reader: FlaskClient, small: Settings) -> None:
    (one,) = listed(reader, "?since=1&limit=1")["items"]
    revision = Journal(small.state_folder({}) / "journal").revisions[1]
    assert one == {
        "revision": 2,
        "time": revision.time,
        "message": revision.message,
        "hash": revision.hash,
        "removed": revision.removed,
        "added": revision.added,
        "redacted": None,
        "previous": one["previous"],
        "batch": [revision.batch_index, revision.batch_size],
        "patch": "https://coop.example/changes/2",
    }


def test_the_list_says_what_is_published(reader: FlaskClient, small: Settings) -> None:
    manifest = Graph.open(small, {}).current()[1]
    assert listed(reader)["published"] == {
        "revision": manifest.revision,
        "digest": manifest.digest,
        "head": manifest.head,
    }


@pytest.mark.parametrize("since", ["999", "999999999999"])
def test_behind_the_last_revision_there_is_nothing(reader: FlaskClient, since: str) -> None:
    page = listed(reader, f"?since={since}")
    assert (page["items"], page["next"]) == ([], None)


@pytest.mark.parametrize(
    "query",
    [
        *(
            f"since={value}"
            for value in ("", "-1", "x", "1.5", "1e3", "%00", "１", "9" * 13, "1&since=2", "+1", "0x1", "1%20")
        ),
        *(f"limit={value}" for value in ("", "0", "-1", "1001", "x", "9" * 300, "1&limit=1", "%00", "null", "1%0a")),
        "since=%E9",
        "limit=%ED%A0%80",
    ],
)
def test_a_number_that_is_none_is_refused_with_what_it_can_be(reader: FlaskClient, query: str) -> None:
    answer = reader.get(f"/changes?{query}")
    assert answer.status_code == 400
    assert "give one whole number from" in answer.text or "UTF-8" in answer.text


@pytest.mark.harvest(10)
def test_the_list_is_asked_about_each_time(reader: FlaskClient) -> None:
    answer = reader.get("/changes")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert reader.get("/changes", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_browser_gets_the_page_and_caches_keep_them_apart(reader: FlaskClient) -> None:
    page = reader.get("/changes", headers=_HTML)
    assert page.mimetype == "text/html"
    assert "Accept" in page.vary
    assert reader.get("/changes", headers={"Accept": "application/json;q=0.1, text/html"}).mimetype == "text/html"


# Patches


def test_a_patch_is_what_the_history_tells(reader: FlaskClient, small: Settings) -> None:
    history = History(Journal(small.state_folder({}) / "journal"))
    for revision, delta, _ in history.replayed():
        answer = reader.get(f"/changes/{revision.number}")
        assert answer.status_code == 200
        assert answer.content_type == "application/rdf-patch; charset=utf-8"
        assert answer.text == patch(delta, revision, history.hash_before(revision))


def test_the_patches_give_the_digest_that_is_published(reader: FlaskClient) -> None:
    graph = frozenset[Any]()
    published = listed(reader)["published"]
    for number in range(1, published["revision"] + 1):
        rows = re.findall(r"^[AD] .*\n", reader.get(f"/changes/{number}").text, re.MULTILINE)
        removed, added = map(frozenset, from_patch("".join(rows).encode(), "a patch"))
        graph = (graph - removed) | added
    assert dataset_digest(graph_digests(graph)) == published["digest"]


@pytest.mark.harvest(10)
def test_a_patch_is_kept_for_a_day_and_had_under_its_ending(reader: FlaskClient) -> None:
    answer = reader.get("/changes/1")
    assert answer.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert reader.get("/changes/1.rdfp", headers=_HTML).text == answer.text
    assert reader.get("/changes/1", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    coded = reader.get("/changes/1", headers={"Accept-Encoding": "gzip"})
    assert (coded.headers["Content-Encoding"], coded.headers["ETag"][-6:]) == ("gzip", '-gzip"')
    head = reader.head("/changes/1")
    assert (head.status_code, head.headers.get("Content-Length")) == (200, None)


def test_a_patch_in_another_form_is_refused(reader: FlaskClient) -> None:
    answer = reader.get("/changes/1", headers={"Accept": "text/turtle"})
    assert answer.status_code == 406
    assert "application/rdf-patch" in answer.text


@pytest.mark.parametrize("number", ["0", "01", "-1", "999", "x", "1.5", "9" * 40, "%00", "１", "1.ttl", "1%20", "."])
def test_a_revision_that_is_none_is_said_to_be_so(reader: FlaskClient, number: str) -> None:
    answer = reader.get(f"/changes/{number}")
    assert answer.status_code == 404
    assert "https://coop.example/changes lists all" in answer.text
    assert len(answer.text) < 200


def test_a_redacted_revision_is_listed_and_its_patch_is_gone(tmp_path: Path) -> None:
    place = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    place.swap(A_PAGE, '"Un projet"', f'"{NAME}"')
    place.build()
    place.swap(A_PAGE, f'"{NAME}"', '"Un nom"')
    place.build()
    client = a_client(place.settings)
    redacted(place, NAME)
    when = {one["revision"]: one["redacted"] for one in listed(client)["items"]}
    statuses = {number: client.get(f"/changes/{number}").status_code for number in when}
    assert statuses == {number: 410 if time else 200 for number, time in when.items()}
    assert 410 in statuses.values()
    assert "begin again" in client.get(f"/changes/{max(n for n in statuses if statuses[n] == 410)}").text


def test_a_revision_that_the_feed_has_not_reached_yet_is_asked_for_again(small: Settings) -> None:
    feed = Feed(small.state_folder({}) / "journal")
    feed.follow(1)
    client = a_client(small, feed)
    assert client.get("/changes/1").status_code == 200
    answer = client.get("/changes/2")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    feed.close()


def test_a_revision_is_given_from_its_publication_on(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    client = a_client(settings)
    last = listed(client)["published"]["revision"]
    assert settings.content is not None
    page = settings.content / "data" / "sources" / "a-page.trig"
    page.write_text(page.read_text(encoding="utf-8").replace("Un projet", "Un autre"), encoding="utf-8")
    upkeep.build(settings, {})
    assert client.get(f"/changes/{last + 1}").status_code == 200
    assert client.get(f"/changes/{last + 2}").status_code == 404
