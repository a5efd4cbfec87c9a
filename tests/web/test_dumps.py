"""Dumps over HTTP: the bytes that the manifest tells of, whole or in part, for ever or the newest; nothing else."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg import register, upkeep
from coopkg.dumps import manifest, outlet, signing
from coopkg.dumps.manifest import Dump
from coopkg.graph import Graph
from coopkg.journal import Erasure
from coopkg.settings import Settings
from coopkg.web.app import create_app
from tests.build.running import Place
from tests.builders import a_tiny_content
from tests.web.conftest import Served, in_process, serving, unbounded

WHOLE = "coopkg.nq.gz"


@dataclass(frozen=True)
class Site:
    """A site with two dumps, the older one of a revision before; do not change it."""

    client: FlaskClient
    settings: Settings
    older: Dump
    newer: Dump

    @property
    def folder(self) -> Path:
        assert self.settings.state is not None
        return manifest.folder_of(self.settings.state)

    def content(self, name: str = WHOLE) -> bytes:
        return (self.folder / self.newer.name / name).read_bytes()

    def get(self, address: str, **headers: str) -> TestResponse:
        return self.client.get(f"/dumps/{address}", headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("dumps")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    signing.make_key(folder / "key.pem")
    settings = replace(place.settings, signing_key=folder / "key.pem")
    found = []
    for name in ("Un projet", "Un deux"):
        if name != "Un projet":
            place.swap("data/sources/a-page.trig", "Un projet", name)
        place.build()
        found.append(manifest.read(upkeep.dump(settings, {})[0]))
    return Site(client_of(settings), settings, *found)


def client_of(settings: Settings) -> FlaskClient:
    published = Graph.open(settings, {})
    return create_app(published, unbounded(in_process(published)), settings).test_client()


def test_every_file_of_every_dump_is_given_as_its_manifest_tells(site: Site) -> None:
    for dump in (site.older, site.newer):
        for file in dump.files:
            answer = site.get(f"{dump.name}/{file.name}")
            assert answer.status_code == 200, file.name
            assert hashlib.sha512(answer.data).hexdigest() == file.sha512
            assert int(answer.headers["Content-Length"]) == file.size


@pytest.mark.harvest(19)
def test_every_named_graph_is_given_by_its_digest(site: Site) -> None:
    for dump in (site.older, site.newer):
        for file in dump.graphs:
            answer = site.get(file.name)
            assert file.name == f"graphs/{dump.graph_digests[file.graph]}.nq.gz"
            assert hashlib.sha256(answer.data).hexdigest() == file.sha256
            assert "immutable" in answer.headers["Cache-Control"]


def test_the_manifest_its_signature_and_the_key_are_given(site: Site) -> None:
    for name in ("manifest.json", "manifest.json.sig"):
        assert site.get(f"latest/{name}").data == site.content(name)
    assert site.get("key.pem").data == (site.folder / "key.pem").read_bytes()
    assert b"PRIVATE" not in site.get("key.pem").data
    assert site.get("latest/manifest.json").json == site.get(f"{site.newer.name}/manifest.json").json


@pytest.mark.parametrize("address", ["", "index.json"])
def test_the_list_tells_of_each_dump_the_newest_first(address: str, site: Site) -> None:
    said = site.get(address).get_json()
    assert said["latest"] == site.newer.name
    assert said["key"] == "http://localhost/dumps/key.pem"
    assert [dump["name"] for dump in said["dumps"]] == [site.newer.name, site.older.name]
    for file in said["dumps"][0]["files"]:
        path = file["address"].removeprefix("http://localhost")
        assert hashlib.sha256(site.client.get(path).data).hexdigest() == file["sha256"]


def test_addresses_are_those_at_which_the_site_is_reached(site: Site) -> None:
    client = client_of(replace(site.settings, public_url="https://coop.example/"))
    assert client.get("/dumps/").get_json()["dumps"][0]["manifest"].startswith("https://coop.example/dumps/")
    assert "https://coop.example/dumps/" in client.get(f"/dumps/latest/{WHOLE}").headers["Link"]


def test_the_newest_is_given_at_once_and_says_where_it_stays(site: Site) -> None:
    answer = site.get(f"latest/{WHOLE}")
    assert (answer.status_code, answer.data) == (200, site.content())
    assert answer.headers["Content-Location"] == f"http://localhost/dumps/{site.newer.name}/{WHOLE}"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.harvest(10)
def test_a_dated_file_is_kept_for_ever_and_has_a_strong_tag_of_its_bytes(site: Site) -> None:
    answer = site.get(f"{site.newer.name}/{WHOLE}")
    sha256 = hashlib.sha256(answer.data)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["ETag"] == f'"{sha256.hexdigest()[:32]}"'
    assert answer.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(sha256.digest()).decode()}:"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.last_modified is not None
    assert "Content-Location" not in answer.headers


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (WHOLE, "application/gzip"),
        ("coopkg.nq.zst", "application/zstd"),
        ("coopkg.ttl.gz", "application/gzip"),
        ("projects.csv", "text/csv; charset=utf-8; header=present"),
        ("tables.json", "application/csvm+json"),
        ("manifest.json", "application/json"),
        ("manifest.json.sig", "application/octet-stream"),
    ],
)
def test_a_file_is_given_as_what_it_is_and_never_unpacked_on_its_way(name: str, kind: str, site: Site) -> None:
    answer = site.get(f"latest/{name}", Accept_Encoding="gzip, br, zstd")
    assert answer.headers["Content-Type"] == kind
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.data == site.content(name)


def test_a_table_leads_to_its_dictionary_and_every_file_to_its_manifest(site: Site) -> None:
    folder = f"<http://localhost/dumps/{site.newer.name}"
    table = site.get("latest/projects.csv").headers["Link"]
    assert f'{folder}/tables.json>; rel="describedby"; type="application/csvm+json"' in table
    for name in ("projects.csv", WHOLE):
        assert f'{folder}/manifest.json>; rel="describedby"' in site.get(f"latest/{name}").headers["Link"]


@pytest.mark.harvest(10)
@pytest.mark.parametrize("address", ["latest", "dated"])
def test_a_file_that_is_held_already_is_answered_by_304(address: str, site: Site) -> None:
    path = f"{site.newer.name if address == 'dated' else 'latest'}/{WHOLE}"
    first = site.get(path)
    for held in (
        {"If_None_Match": first.headers["ETag"]},
        {"If_Modified_Since": first.headers["Last-Modified"]},
        {"If_None_Match": "*"},
    ):
        answer = site.get(path, **held)
        assert (answer.status_code, answer.data) == (304, b""), held
    assert site.get(path, If_None_Match='"other"').status_code == 200
    assert site.get(path, If_Match='"other"').status_code == 412


@pytest.mark.harvest(10)
def test_head_tells_what_get_would(site: Site) -> None:
    for name in (WHOLE, "projects.csv"):
        got, told = site.get(f"latest/{name}"), site.client.head(f"/dumps/latest/{name}")
        assert told.data == b""
        for header in ("Content-Length", "ETag", "Content-Type", "Last-Modified", "Repr-Digest"):
            assert told.headers[header] == got.headers[header]


@pytest.mark.harvest(10)
def test_a_part_is_given_with_where_it_lies(site: Site) -> None:
    content = site.content()
    for said, begin, end in (
        ("bytes=10-19", 10, 20),
        ("bytes=-5", len(content) - 5, len(content)),
        ("bytes=7-", 7, None),
    ):
        answer = site.get(f"latest/{WHOLE}", Range=said)
        assert (answer.status_code, answer.data) == (206, content[begin:end])
        last = (end or len(content)) - 1
        assert answer.headers["Content-Range"] == f"bytes {begin}-{last}/{len(content)}"
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_parts_put_together_are_the_file(site: Site) -> None:
    size = len(site.content())
    parts = [site.get(f"latest/{WHOLE}", Range=f"bytes={at}-{at + 99}").data for at in range(0, size, 100)]
    assert b"".join(parts) == site.content()


@pytest.mark.parametrize("said", ["bytes=0-1,4-5", "bytes=x", "lines=1-2", "bytes=5-2"])
def test_of_what_is_no_single_range_the_whole_is_given(said: str, site: Site) -> None:
    answer = site.get(f"latest/{WHOLE}", Range=said)
    assert (answer.status_code, answer.data) == (200, site.content())


def test_a_range_beyond_the_end_is_refused_with_the_size(site: Site) -> None:
    answer = site.get(f"latest/{WHOLE}", Range="bytes=99999999-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(site.content())}"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert f"{len(site.content()):,} bytes" in answer.text


@pytest.mark.parametrize(("is_same", "status"), [(True, 206), (False, 200)])
@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_part_comes_only_of_the_file_of_which_the_client_has_the_other(
    header: str, is_same: bool, status: int, site: Site
) -> None:
    held = site.get(f"latest/{WHOLE}").headers[header]
    other = {"ETag": '"other"', "Last-Modified": "Sat, 28 Nov 2020 10:00:00 GMT"}[header]
    answer = site.get(f"latest/{WHOLE}", Range="bytes=0-1", If_Range=held if is_same else other)
    assert answer.status_code == status


@pytest.mark.harvest(11)
def test_pages_of_other_origins_may_read_dumps_and_refusals(site: Site) -> None:
    for address in (f"latest/{WHOLE}", "latest/nothing", "", "2020-01-01-r1/x"):
        assert site.get(address).headers["Access-Control-Allow-Origin"] == "*"
    answer = site.client.options(f"/dumps/latest/{WHOLE}", headers={"Access-Control-Request-Method": "GET"})
    assert answer.status_code == 204


@pytest.mark.parametrize(
    "address",
    [
        *("latest/nothing.csv", "latest/../key.pem", "latest/..%2f..%2flock", "latest/%2e%2e%2fkey.pem", "latest/lock"),
        *(
            "graphs/",
            "graphs/x.nq.gz",
            f"graphs/{'0' * 64}.nq.gz",
            "graphs/..%2fkey.pem.nq.gz",
            "making-1/manifest.json",
        ),
        *("lock", "..%2flock", "%00/x", "latest/%00", "latest/manifest.json%00.sig", "latest/" + "a" * 3_000),
        *("2020-01-01-r1/manifest.json", "2026-11-28-r0001/manifest.json", "2026-99-99-r99999999999999999999/x"),
        *(
            "latest/graphs",
            "latest/graphs/x",
            "latest/.",
            "latest/coopkg.nq.gz/",
            "graphs/%ff.nq.gz",
            "latest/%ed%a0%80",
        ),
    ],
)
def test_what_no_manifest_names_is_not_there(address: str, site: Site) -> None:
    answer = site.get(address)
    assert answer.status_code == 404
    assert answer.text.endswith(".\n")


def test_a_refusal_says_what_there_is(site: Site) -> None:
    assert f"(kept: {site.newer.name}, {site.older.name})" in site.get("2020-01-01-r1/x").text
    assert "there are coopkg.nq.gz, " in site.get("latest/x").text


def test_a_site_without_dumps_says_so(small: Settings, tmp_path: Path) -> None:
    client = client_of(replace(small, state=shutil.copytree(small.state or "", tmp_path / "state", symlinks=True)))
    assert client.get("/dumps/").get_json() == {"latest": None, "key": None, "dumps": []}
    for address in ("latest/manifest.json", "key.pem", "2020-01-01-r1/x"):
        answer = client.get(f"/dumps/{address}")
        assert answer.status_code == 404
    assert "kept: none" in answer.text


def erasing(*held: tuple[int, int]) -> Erasure:
    return Erasure(9, "2026-12-01T10:00:00+00:00", "asked for", 1, (1,), held, 1, 9, "old", "hash")


def test_a_dump_of_what_was_redacted_is_gone_and_the_one_before_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = site.newer.revision
    monkeypatch.setattr(register, "erasures", lambda _: [erasing((revision, revision))])
    answer = site.get(f"{site.newer.name}/{WHOLE}")
    assert answer.status_code == 410
    assert "redacted on 2026-12-01" in answer.text
    assert site.get("latest/manifest.json").get_json()["revision"] == site.older.revision
    assert [dump["name"] for dump in site.get("").get_json()["dumps"]] == [site.older.name]
    gone = set(site.newer.graph_digests.values()) - set(site.older.graph_digests.values())
    assert gone
    assert {site.get(f"graphs/{digest}.nq.gz").status_code for digest in gone} == {404}


def test_a_dump_that_cannot_be_read_is_passed_over(site: Site, tmp_path: Path) -> None:
    state = shutil.copytree(site.folder.parent, tmp_path / "state", symlinks=True)
    (state / "dumps" / site.newer.name / "manifest.json").write_text("{")
    answer = client_of(replace(site.settings, state=state)).get("/dumps/latest/manifest.json")
    assert answer.get_json()["revision"] == site.older.revision


def test_a_dump_that_is_removed_while_it_is_asked_for_is_no_fault_of_the_server(site: Site, tmp_path: Path) -> None:
    state = shutil.copytree(site.folder.parent, tmp_path / "state", symlinks=True)
    client = client_of(replace(site.settings, state=state))
    (state / "dumps" / site.newer.name / WHOLE).unlink()
    assert client.get(f"/dumps/latest/{WHOLE}").status_code == 404


# ---- a real server


@pytest.fixture(scope="module")
def large(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a dump whose largest file is larger than what waits anywhere for its reader."""
    state = shutil.copytree(site.folder.parent, tmp_path_factory.mktemp("large") / "state", symlinks=True)
    folder = state / "dumps" / site.newer.name
    with (folder / WHOLE).open("wb") as file:
        for number in range(40 << 7):
            file.write(hashlib.sha256(b"%d" % number).digest() * 256)
    files = [outlet.described(folder / file.name, file) for file in site.newer.files]
    (folder / "manifest.json").write_text(replace(site.newer, files=tuple(files)).to_json(), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def served(site: Site, large: Path) -> Iterator[Served]:
    """A server process over it."""
    with serving(replace(site.settings, state=large.parent.parent)) as running:
        yield running


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_server_gives_whole_files_and_parts_of_them_over_one_connection(served: Served, large: Path) -> None:
    content = (large / WHOLE).read_bytes()
    connection = http.client.HTTPConnection(served.host, served.port, timeout=20)
    for _ in range(2):
        connection.request("GET", f"/dumps/latest/{WHOLE}")
        assert sha256(connection.getresponse().read()) == sha256(content)
        connection.request("GET", f"/dumps/latest/{WHOLE}", headers={"Range": "bytes=30000005-30300000"})
        assert connection.getresponse().read() == content[30_000_005:30_300_001]
        connection.request("HEAD", f"/dumps/latest/{WHOLE}")
        assert connection.getresponse().read() == b""
    connection.close()


def test_readers_who_take_nothing_hold_neither_thread_nor_memory_nor_disk(served: Served, large: Path) -> None:
    before = resident_bytes(served.process_id)
    slow = [socket.socket() for _ in range(40)]
    for one in slow:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect((served.host, served.port))
        one.sendall(f"GET /dumps/latest/{WHOLE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert one.recv(12) == b"HTTP/1.1 200"
    connection = http.client.HTTPConnection(served.host, served.port, timeout=20)
    connection.request("GET", "/dumps/latest/projects.csv")
    assert connection.getresponse().read() == (large / "projects.csv").read_bytes()
    connection.request("GET", f"/dumps/latest/{WHOLE}")
    assert sha256(connection.getresponse().read()) == sha256((large / WHOLE).read_bytes())
    assert open_files(served, "(deleted)") == 0, "what waits is read from the dump itself"
    assert resident_bytes(served.process_id) - before < 40 * len(slow) << 14  # far from the 40 MB that each asked for
    connection.close()
    for one in slow:
        one.close()


def resident_bytes(process_id: int) -> int:
    pages = Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def open_files(served: Served, ending: str) -> int:
    """How many files a server has open whose names end so."""
    files = Path(f"/proc/{served.process_id}/fd").iterdir()
    return sum(str(file.readlink()).endswith(ending) for file in files if file.is_symlink())


def test_a_reader_who_leaves_lets_the_file_go(served: Served) -> None:
    def has(count: int) -> bool:
        until = time.monotonic() + 20
        while (held := open_files(served, WHOLE)) != count and time.monotonic() < until:
            time.sleep(0.01)
        return held == count

    assert has(0)
    reader = socket.create_connection((served.host, served.port))
    reader.sendall(f"GET /dumps/latest/{WHOLE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert has(1)
    reader.close()
    assert has(0)


@pytest.mark.harvest(10)
@pytest.mark.parametrize("said", ['W/"{}"', "{}", "", "*"])
def test_a_part_is_given_to_none_whose_tag_is_not_that_of_the_bytes(site: Site, said: str) -> None:
    whole = site.client.get("/dumps/latest/tables.json", buffered=True)
    tag = whole.headers["ETag"].strip('"')
    headers = {"Range": "bytes=0-1", "If-Range": said.format(tag)}
    assert site.client.get("/dumps/latest/tables.json", headers=headers, buffered=True).status_code == 200
    headers["If-Range"] = f'"{tag}"'
    assert site.client.get("/dumps/latest/tables.json", headers=headers, buffered=True).status_code == 206


def test_what_is_asked_for_only_as_it_was_is_refused_whole(site: Site) -> None:
    answer = site.client.get("/dumps/latest/tables.json", headers={"If-Match": '"another"'}, buffered=True)
    assert (answer.status_code, answer.mimetype) == (412, "text/plain")
    assert answer.content_length == len(answer.data) > 0
