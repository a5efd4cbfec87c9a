"""The feed over HTTP: what LDES clients ask of it, what caches may keep, what an erasure takes away."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg import names, upkeep
from coopkg.feed import Feed, document, table
from coopkg.feed.version import OF, TIME, VERSIONS
from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.rdf import DOCUMENT_FORMATS, Quad, canonical_lines, parse_quads
from coopkg.redaction import TOMBSTONE, Wanted
from coopkg.settings import Settings
from coopkg.web import following
from coopkg.web.app import create_app
from coopkg.web.site import feed as routes
from tests.build.running import Place
from tests.builders import ID, a_tiny_content
from tests.web.conftest import copied, in_process, unbounded
from tests.web.test_front import until

pytestmark = pytest.mark.harvest(18)

A_PAGE = "data/sources/a-page.trig"
NAME = "Anne Exemple"
_FORMS = sorted(routes.ENDINGS.items())


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "PAGE_VERSIONS", 40)


def a_client(settings: Settings, feed: Feed | None = None) -> FlaskClient:
    published = Graph.open(settings, {})
    return create_app(published, unbounded(in_process(published)), settings, feed=feed).test_client()


@pytest.fixture
def reader(small: Settings) -> FlaskClient:
    """Return a client of the feed of the small graph, forty versions a page."""
    return a_client(replace(small, public_url="https://coop.example/"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A tiny graph whose revision 4 has a name in it, taken out by 5."""
    made = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    made.build()
    made.swap(A_PAGE, '"Un projet"', f'"{NAME}"')
    made.build()
    made.swap(A_PAGE, f'"{NAME}"', '"Un nom"')
    made.build()
    return made


def quads_of(answer: TestResponse) -> list[Quad]:
    assert answer.status_code == 200, answer.text
    return parse_quads(answer.get_data(), DOCUMENT_FORMATS[str(answer.mimetype)], "the answer")


def objects(quads: list[Quad], predicate: str) -> list[str]:
    return [getattr(quad.object, "value", "") for quad in quads if quad.predicate.value == predicate]


def paths(answer: TestResponse) -> list[str]:
    """Return the addresses of the pages that a root leads to, in order, without the site."""
    found = dict.fromkeys(objects(quads_of(answer), f"{document.TREE}node"))
    return [address.removeprefix("https://coop.example").removeprefix("http://localhost") for address in found]


def everything(client: FlaskClient) -> list[Quad]:
    """Return what a client that follows all relations finds, with the named graphs."""
    root = client.get("/feed.nq")
    found = quads_of(root)
    for path in paths(root):
        found += quads_of(client.get(path))
    return found


def materialised(quads: list[Quad]) -> set[str]:
    """Return what a client holds that keeps the last version of each thing, by time and revision."""
    of = {quad.subject: quad.object for quad in quads if quad.predicate.value == OF}
    number = {
        quad.subject: int(quad.object.value)  # type: ignore[union-attr]  # a literal
        for quad in quads
        if quad.subject in of and quad.predicate.value == f"{names.PREFIXES['schema']}version"
    }
    last = dict[Any, Any]()
    for version, thing in of.items():
        if thing not in last or number[version] > number[last[thing]]:
            last[thing] = version
    kept = {version: thing for thing, version in last.items()}
    return {
        f"{Quad(kept[quad.subject], quad.predicate, quad.object, quad.graph_name)} ."
        for quad in quads
        if quad.subject in kept and "graph/" in str(quad.graph_name)
    }


def published(settings: Settings) -> set[str]:
    """Return what is asserted of things of ours, as canonical lines."""
    store, _ = Graph.open(settings, {}).current()
    graphs = [graph for graph in store.graphs() if not names.is_derived(graph)]
    lines = canonical_lines(quad for graph in graphs for quad in store.quads(graph))
    return {line for line in lines if line.startswith(f"<{names.BASE}")}


def test_who_follows_all_pages_holds_the_published_graph(reader: FlaskClient, small: Settings) -> None:
    quads = everything(reader)
    assert len(paths(reader.get("/feed"))) > 2
    assert materialised(quads) == published(small)


def test_each_member_has_what_ldes_asks_of_it(reader: FlaskClient) -> None:
    quads = everything(reader)
    members = objects(quads, f"{document.TREE}member")
    assert len(members) == len(set(members))
    for predicate in (OF, TIME):
        assert sorted(q.subject.value for q in quads if q.predicate.value == predicate) == sorted(members)  # type: ignore[union-attr]  # IRIs


def test_no_page_but_the_root_has_more_members_than_are_promised(reader: FlaskClient) -> None:
    counts = [len(objects(quads_of(reader.get(path)), f"{document.TREE}member")) for path in paths(reader.get("/feed"))]
    assert set(counts) == {40}
    assert len(objects(quads_of(reader.get("/feed")), f"{document.TREE}member")) < 40


@pytest.mark.parametrize(("ending", "media_type"), _FORMS)
def test_each_form_is_had_by_accept_and_by_ending_and_says_the_same(
    reader: FlaskClient, ending: str, media_type: str
) -> None:
    path = paths(reader.get("/feed"))[0]
    by_accept = reader.get(path, headers={"Accept": media_type})
    by_ending = reader.get(f"{path}.{ending}", headers={"Accept": "text/html"})
    assert by_accept.mimetype == by_ending.mimetype == media_type
    triples = [
        {str(quad.triple) for quad in quads_of(one) if "coop.example" not in str(quad.subject)}
        for one in (by_accept, by_ending, reader.get(f"{path}.nq"))
    ]
    assert triples[0] == triples[1] == triples[2]


def test_what_has_graphs_names_them_and_what_has_none_leaves_them_out(reader: FlaskClient) -> None:
    path = paths(reader.get("/feed"))[0]
    for ending in ("nq", "trig", "jsonld"):
        assert any("graph/" in str(quad.graph_name) for quad in quads_of(reader.get(f"{path}.{ending}")))
    for ending in ("ttl", "nt"):
        assert {str(quad.graph_name) for quad in quads_of(reader.get(f"{path}.{ending}"))} == {"DEFAULT"}


def test_a_root_of_a_form_is_its_own_view_and_leads_to_pages_of_that_form(reader: FlaskClient) -> None:
    for ending in ("", ".trig"):
        quads = quads_of(reader.get(f"/feed{ending}"))
        assert objects(quads, f"{document.TREE}view") == [f"https://coop.example/feed{ending}"]
        assert all(node.endswith(ending) for node in objects(quads, f"{document.TREE}node"))


@pytest.mark.parametrize("accept", ["text/csv", "image/png", "application/rdf+xml"])
def test_a_form_that_is_not_had_is_refused_with_those_that_are(reader: FlaskClient, accept: str) -> None:
    answer = reader.get("/feed", headers={"Accept": accept})
    assert answer.status_code == 406
    assert "application/trig" in answer.text


# Caches


@pytest.mark.harvest(10)
def test_the_root_is_asked_about_each_time_and_a_page_is_kept(reader: FlaskClient) -> None:
    root = reader.get("/feed")
    page = reader.get(paths(root)[0])
    assert root.headers["Cache-Control"] == "no-cache"
    assert page.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for answer in (root, page):
        assert not answer.headers["ETag"].startswith("W/")
        assert {"Accept", "Accept-Encoding"} <= set(answer.vary)
        again = reader.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]
        head = reader.head(answer.request.path)
        assert (head.status_code, head.get_data()) == (200, b"")
        assert head.headers["Content-Length"] == answer.headers["Content-Length"] == str(len(answer.get_data()))


@pytest.mark.harvest(10)
def test_forms_and_codings_have_tags_of_their_own(reader: FlaskClient) -> None:
    path = paths(reader.get("/feed"))[0]
    tags = [reader.get(path, headers={"Accept": form}).headers["ETag"] for _, form in _FORMS]
    coded = reader.get(path, headers={"Accept-Encoding": "zstd"})
    assert coded.headers["Content-Encoding"] == "zstd"
    assert zstandard.ZstdDecompressor().decompressobj().decompress(coded.get_data()) == reader.get(path).get_data()
    assert len({*tags, coded.headers["ETag"]}) == len(_FORMS) + 1


def test_a_304_makes_nothing(reader: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = reader.get("/feed").headers["ETag"]
    monkeypatch.setattr(routes, "_written", None)
    assert reader.get("/feed", headers={"If-None-Match": tag}).status_code == 304


def test_what_comes_is_in_the_root_and_full_pages_stay_as_they_were(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    assert settings.content is not None
    client = a_client(settings)
    root = client.get("/feed")
    before = {path: client.get(path).get_data() for path in paths(root)}
    page = settings.content / "data" / "sources" / "a-page.trig"
    page.write_text(page.read_text(encoding="utf-8").replace("Un projet", "Un autre"), encoding="utf-8")
    upkeep.build(settings, {})
    changed = client.get("/feed", headers={"If-None-Match": root.headers["ETag"]})
    assert changed.status_code == 200
    assert "a as:Update" in changed.text
    assert {path: client.get(path).get_data() for path in before} == before


# What is not there


@pytest.mark.parametrize(
    "path",
    [
        *(f"/feed/{number}" for number in ("0", "-1", "x", "1.5", "01", "999", "1e3", "%00", "９", "9" * 30, "1%20")),
        *(
            f"/feed/1-{mark}"
            for mark in ("", "x", "1", "-", "1-0123456789ab", "1-xyz", "%00", "a" * 3000, "1-0123456789AB")
        ),
        "/feed/999-1-0123456789ab",
        "/feed/version/1-0123456789ab/id/project/a-page",
        "/feed/version/x/id/project/a-page",
        "/feed/version/1-0123456789ab/%ED%A0%80",
        "/feed/version/1-0123456789ab/%00",
    ],
)
def test_what_is_not_there_is_said_with_where_to_begin(reader: FlaskClient, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 404
    assert answer.text.endswith("begin with https://coop.example/feed\n")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/feed.html", "/feed.", "/feed/", "/feed.ttl/1", "/feed/version/", "/feed/1/2"])
def test_other_addresses_are_none(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_fields_change_nothing(reader: FlaskClient) -> None:
    assert reader.get("/feed?page=999&x=%00").get_data() == reader.get("/feed").get_data()


def test_a_number_leads_to_the_page(reader: FlaskClient) -> None:
    answer = reader.get("/feed/1")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(paths(reader.get("/feed"))[0])


def test_the_iri_of_a_version_leads_to_it(reader: FlaskClient) -> None:
    versions = objects(everything(reader), f"{document.TREE}member")
    chosen = [next(iri for iri in versions if part in iri) for part in ("/id/project/", "/ns%23")]
    for iri in chosen:
        answer = reader.get(iri.removeprefix(names.BASE[:-1]))
        assert {quad.subject.value for quad in quads_of(answer)} == {iri}  # type: ignore[union-attr]  # IRIs
        assert "immutable" in answer.headers["Cache-Control"]


def test_while_the_feed_is_made_it_says_when_to_come_back(small: Settings) -> None:
    feed = Feed(small.state_folder({}) / "journal")
    client = a_client(small, feed)
    for path in ("/feed", "/feed/1", "/changes/1"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        assert "is being made" in answer.text
    assert client.get("/changes").status_code == 200


def test_a_feed_follows_by_itself_also_after_a_fault_and_ends_with_the_server(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(following, "_AFTER_A_FAULT_S", 0.01)
    follow, faults = Feed.follow, iter([ZeroDivisionError("a bug")])

    def failing(*given: Any) -> None:
        for fault in faults:
            raise fault
        follow(*given)

    monkeypatch.setattr(Feed, "follow", failing)
    feed = Feed(place.state / "journal")
    client = a_client(place.settings, feed)
    with following.Follower(Graph.open(place.settings, {})).following(Index(), feed):
        until(lambda: client.get("/feed").status_code == 200)
        place.swap(A_PAGE, '"Un nom"', '"Un autre nom"')
        place.build()
        until(lambda: "Un autre nom" in client.get("/feed.nt").text)
    assert "the feed stays as it was, by a fault of the program" in caplog.text
    assert client.get("/feed").status_code == 503


# Erasure


def redacted(place: Place, *terms: str) -> None:
    upkeep.redact(place.settings, {}, Wanted.of(terms, ()), "asked for", lambda _: True)


@pytest.fixture
def erased(place: Place, monkeypatch: pytest.MonkeyPatch) -> tuple[FlaskClient, dict[str, bytes]]:
    """Return a client of a feed from which a name was erased, and the pages that it had before."""
    monkeypatch.setattr(table, "PAGE_VERSIONS", 1)
    client = a_client(place.settings)
    before = {path: client.get(path).get_data() for path in paths(client.get("/feed"))}
    assert any(NAME.encode() in content for content in before.values())
    redacted(place, NAME)
    return client, before


def test_pages_from_an_erasure_on_are_gone_and_those_before_it_stay(
    erased: tuple[FlaskClient, dict[str, bytes]],
) -> None:
    client, before = erased
    after = {path: client.get(path) for path in before}
    statuses = [answer.status_code for answer in after.values()]
    assert set(statuses) == {200, 410}
    assert sorted(statuses) == statuses
    for path, answer in after.items():
        if answer.status_code == 200:
            assert answer.get_data() == before[path]
        else:
            assert "begin again" in answer.text
            assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_after_an_erasure_nothing_of_it_is_left_and_who_begins_again_holds_the_graph(
    erased: tuple[FlaskClient, dict[str, bytes]], place: Place
) -> None:
    client, before = erased
    quads = everything(client)
    assert not any(NAME in str(quad) for quad in quads)
    assert any(TOMBSTONE in str(quad) for quad in quads)
    assert materialised(quads) == published(place.settings)
    known = {iri for content in before.values() for iri in re.findall(rb"feed/version/[^>]+", content)}
    new = {iri.removeprefix(names.BASE).encode() for iri in objects(quads, f"{document.TREE}member")} - known
    assert new, "a version that says other things is another one"


def test_a_version_that_spoke_of_what_is_erased_is_gone(erased: tuple[FlaskClient, dict[str, bytes]]) -> None:
    client, before = erased
    spoke = next(content for content in before.values() if NAME.encode() in content).decode()
    mark = re.findall(r"feed/version/([^/]+)/", spoke)[0]
    assert client.get(f"/feed/version/{mark}/id/project/a-page").status_code == 410


def test_between_an_erasure_and_the_feed_anew_nothing_of_before_is_given(place: Place) -> None:
    feed = Feed(place.state / "journal")
    feed.follow(5)
    client = a_client(place.settings, feed)
    assert client.get("/feed").status_code == 200
    redacted(place, NAME)
    assert client.get("/feed").status_code == 503
    feed.follow(5)
    assert client.get("/feed").status_code == 200
    feed.close()


def test_the_file_that_spoke_of_what_is_erased_is_overwritten(place: Place) -> None:
    feed = Feed(place.state / "journal")
    feed.follow(5)
    assert feed._table is not None
    folder = feed._table._path.parent
    handles = [path.open("rb") for path in folder.iterdir()]
    before = [handle.read() for handle in handles]
    redacted(place, NAME)
    feed.follow(5)
    assert not folder.exists()
    for handle in handles:
        handle.seek(0)
    after = [handle.read() for handle in handles]
    assert any(NAME.encode() in content for content in before)
    assert not any(NAME.encode() in content for content in after)
    assert [len(content) for content in after] == [len(content) for content in before]
    for handle in handles:
        handle.close()
    feed.close()


def test_ids_of_the_small_graph_have_the_base(reader: FlaskClient) -> None:
    assert all(iri.startswith(VERSIONS) for iri in objects(everything(reader), f"{document.TREE}member"))
    assert any(ID in thing for thing in objects(everything(reader), OF))
