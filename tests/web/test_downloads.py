"""The page of dumps, and how changes are followed, for people."""

from __future__ import annotations

import hashlib
import html
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from coopkg.dumps.manifest import MANIFEST, Dump, File, folder_of
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web.app import create_app
from coopkg.web.site import downloads
from tests.web.conftest import copied, in_process, unbounded
from tests.web.held import BROWSER

_CONTENT = {"coopkg.nq.gz": b"all", "coopkg.ttl.gz": b"triples", "projects.csv": b"id,name\n", "tables.json": b"{}"}


def _file(name: str, content: bytes) -> File:
    compression = "gzip" if name.endswith(".gz") else ""
    sums = hashlib.sha256(content).hexdigest(), hashlib.sha512(content).hexdigest()
    return File(name, "text/plain", compression, len(content), *sums, 1_234)


def a_dump(state: Path, revision: int = 7, day: str = "2026-11-28", *, statements: int = 4_321) -> Path:
    """Write the folder of a dump, with files of a few bytes; without a signature."""
    files = tuple(_file(name, content) for name, content in _CONTENT.items())
    time = f"{day}T10:00:00+00:00"
    dump = Dump(revision, "h", time, "d" * 64, "c" * 64, statements, time, files, (), {})
    folder = folder_of(state) / dump.name
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(dump.to_json(), encoding="utf-8")
    for name, content in _CONTENT.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def settings(small: Settings, tmp_path: Path) -> Settings:
    """Return the settings of a copy of the small graph, in which no dump was made yet."""
    return copied(small, tmp_path)


def _client(settings: Settings) -> FlaskClient:
    published = Graph.open(settings, {})
    return create_app(published, unbounded(in_process(published)), settings).test_client()


def _state(settings: Settings) -> Path:
    assert settings.state is not None
    return settings.state


def _page(settings: Settings, lang: str = "fr") -> str:
    answer = _client(settings).get("/dumps/", query_string={"lang": lang}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return html.unescape(answer.text)


def test_where_no_dump_was_made_the_page_says_so_and_what_there_is_instead(settings: Settings) -> None:
    page = _page(settings)
    assert "Aucun export n’a encore été fait ici." in page
    assert "/graph-store?default&format=turtle" in page
    assert "sha256sum" not in page


def test_the_last_dump_is_shown_with_its_files_in_both_languages(settings: Settings) -> None:
    a_dump(_state(settings), 6, "2026-10-01")
    a_dump(_state(settings), 12, "2026-11-28")
    french, english = _page(settings), _page(settings, "en")
    assert "<dd>28 novembre 2026</dd>" in french
    assert "<dd>28 November 2026</dd>" in english
    assert 'href="/dumps/2026-11-28-r12/projects.csv" download>projects.csv</a>' in french
    assert "1\u202f234 lignes, 8\xa0octets" in french
    assert "1,234 rows, 8\xa0bytes" in english
    assert re.findall(r'<td><a href="/dumps/([^/]+)/manifest.json">', french) == ["2026-11-28-r12", "2026-10-01-r6"]


def test_the_files_are_checked_by_the_command_that_the_page_gives(settings: Settings) -> None:
    folder = a_dump(_state(settings))
    command = re.search(r"<code>(sha256sum.*?)</code>", _page(settings), re.DOTALL)
    assert command
    bash = shutil.which("bash")
    assert bash
    run = [bash, "-c", command[1]]
    assert subprocess.run(run, cwd=folder, check=False, capture_output=True).returncode == 0
    (folder / "projects.csv").write_bytes(b"id,name\nx")
    assert subprocess.run(run, cwd=folder, check=False, capture_output=True).returncode == 1


def test_only_a_dump_that_is_signed_is_said_to_be(settings: Settings) -> None:
    folder = a_dump(_state(settings))
    assert "Le dernier export n’est pas signé." in _page(settings)
    (folder / f"{MANIFEST}.sig").write_bytes(b"signature")
    page = _page(settings)
    assert "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest.json -sigfile manifest.json.sig" in page
    assert "n’est pas signé" not in page


def test_addresses_to_copy_are_those_at_which_the_site_is_reached(settings: Settings) -> None:
    a_dump(_state(settings))
    page = _page(replace(settings, public_url="https://coop.example/"))
    assert "curl --remote-name https://coop.example/dumps/2026-11-28-r7/coopkg.nq.gz" in page
    assert "http://localhost/dumps" not in page


def test_a_dump_that_was_made_again_under_its_name_is_read_again(settings: Settings) -> None:
    folder = a_dump(_state(settings), statements=4_321)
    client = _client(settings)
    assert "4\u202f321" in client.get("/dumps/?lang=fr", headers=BROWSER).text
    shutil.rmtree(folder)
    assert "Aucun export" in client.get("/dumps/?lang=fr", headers=BROWSER).text
    a_dump(_state(settings), statements=1_234_567)
    page = client.get("/dumps/?lang=fr", headers=BROWSER).text
    assert "1\u202f234\u202f567" in page
    assert "4\u202f321" not in page


def test_of_very_many_dumps_the_first_are_shown_and_the_others_counted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for revision in range(1, 6):
        a_dump(_state(settings), revision)
    monkeypatch.setattr(downloads, "_MOST_SHOWN", 3)
    page = _page(settings)
    assert page.count('/manifest.json">2026') == 3
    assert "2 autres, plus anciens, ne sont pas montrés." in page


@pytest.mark.parametrize("name", ["2026-11-28-r7.part", "latest", "graphs", "2026-1-1-r7", "x-r1", "2026-11-28-r07"])
def test_what_is_no_dump_is_passed_over(settings: Settings, name: str) -> None:
    (folder_of(_state(settings)) / name).mkdir(parents=True)
    assert "Aucun export" in _page(settings)


def test_a_dump_that_cannot_be_read_is_passed_over(settings: Settings) -> None:
    a_dump(_state(settings), 6)
    (a_dump(_state(settings), 7) / MANIFEST).write_text("{", encoding="utf-8")
    page = _page(settings)
    assert "2026-11-28-r6" in page
    assert "2026-11-28-r7" not in page


@pytest.mark.harvest(9)
@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html;q=0.5, application/json"])
def test_programs_get_the_list_of_dumps(settings: Settings, accept: str) -> None:
    answer = _client(settings).get("/dumps/", headers={"Accept": accept} if accept else {})
    assert (answer.mimetype, answer.get_json()["dumps"]) == ("application/json", [])
    assert "Accept" in answer.headers["Vary"]


def test_each_revision_leads_to_its_patch(client: FlaskClient) -> None:
    page = client.get("/changes?lang=en").text
    numbers = re.findall(r"revision (\d+):", page)
    assert re.findall(r'href="/changes/(\d+)"', page) == numbers
    assert numbers
    assert 'href="/changes/' not in client.get("/?lang=en").text, "the home page is for readers"


def test_how_to_follow_is_told_with_addresses_to_copy(small: Settings) -> None:
    page = html.unescape(_client(replace(small, public_url="https://coop.example/")).get("/feed?lang=en").text)
    revision = Graph.open(small, {}).current()[1].revision
    assert "coopkg follow https://coop.example/" in page
    assert f"https://coop.example/changes?since={revision}" in page
    assert "curl --header 'Accept: text/turtle' https://coop.example/feed" in page
