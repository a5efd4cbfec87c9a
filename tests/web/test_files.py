"""The files of `static/`, and the codings in which they and the pages are sent."""

from __future__ import annotations

import re
import zlib

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient

from tests.conftest import REPOSITORY

STATIC = REPOSITORY / "src" / "coopkg" / "web" / "static"
DECODED = {
    "": lambda data: data,
    "gzip": lambda data: zlib.decompress(data, 31),
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


@pytest.mark.parametrize("coding", DECODED)
@pytest.mark.parametrize("name", sorted(path.name for path in STATIC.iterdir()))
def test_a_file_is_sent_whole_in_the_coding_that_is_asked_for(client: FlaskClient, name: str, coding: str) -> None:
    answer = client.get(f"/static/{name}", headers={"Accept-Encoding": coding})
    assert answer.headers.get("Content-Encoding", "") == coding
    assert DECODED[coding](answer.data) == (STATIC / name).read_bytes()
    assert "Accept-Encoding" in answer.headers["Vary"]
    again = client.get(f"/static/{name}", headers={"Accept-Encoding": coding, "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_strong_tag_is_of_the_bytes_that_are_sent(client: FlaskClient) -> None:
    answers = [client.get("/static/htmx.js", headers={"Accept-Encoding": coding}) for coding in DECODED]
    assert len({answer.headers["ETag"] for answer in answers}) == len(DECODED)


def test_a_file_is_kept_for_ever_under_the_address_that_pages_give_it(client: FlaskClient) -> None:
    addresses = re.findall(r'"(/static/[^"]+)"', client.get("/").text)
    assert len(addresses) >= 3
    for address in addresses:
        assert "immutable" in client.get(address).headers["Cache-Control"]
        assert client.get(f"{address}0").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "..", "../app.py", "..%2Fapp.py", "%2e%2e%2fapp.py", "\0", "", "%FF"])
def test_nothing_but_its_files_is_given(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code in (400, 404)


@pytest.mark.parametrize("path", ["/", "/projects", "/projects.csv", "/doc/project/a-page", "/suggestions?q=u"])
@pytest.mark.parametrize("coding", DECODED)
def test_a_page_says_the_same_in_each_coding(client: FlaskClient, path: str, coding: str) -> None:
    plain = client.get(path)
    answer = client.get(path, headers={"Accept-Encoding": coding})
    assert DECODED[answer.headers.get("Content-Encoding", "")](answer.data) == plain.data
    assert (answer.headers.get("Content-Encoding") == coding) is (
        coding != "" and (path.endswith(".csv") or len(plain.data) >= 1_400)  # a file is written as it is read
    )
    assert answer.headers["Content-Type"] == plain.headers["Content-Type"]
    assert "Accept-Encoding" in answer.headers["Vary"]
