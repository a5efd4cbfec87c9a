"""Content codings: which one is chosen, that it can be undone, and when none is used."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient

from coopkg.web import coding

#: A few kilobytes; the default graph of the small content has more triples.
LONG = "/sparql?format=csv&query=SELECT * { ?s ?p ?o } LIMIT 200"
SHORT = "/sparql?query=ASK{}"


def _decoded(name: str, body: bytes) -> bytes:
    if name == "zstd":
        return zstandard.ZstdDecompressor().stream_reader(body).read()
    if name == "br":
        return bytes(brotli.decompress(body))
    return gzip.decompress(body) if name == "gzip" else body


CHOICES = [
    ("", ""),
    ("gzip", "gzip"),
    ("GZIP", "gzip"),
    ("x-gzip", "gzip"),
    ("br", "br"),
    ("zstd", "zstd"),
    ("gzip, br;q=0.5", "gzip"),
    ("gzip;q=0.5, br;q=0.8, zstd;q=0.1", "br"),
    ("gzip, deflate, br, zstd", "zstd"),
    ("*", "zstd"),
    ("*;q=0.5, gzip", "gzip"),
    ("zstd;q=0, *", "br"),
    ("gzip;q=0", ""),
    ("gzip;q=0.0, *;q=0", ""),
    ("identity", ""),
    ("identity, gzip;q=0.5", ""),
    ("identity;q=0.5, gzip", "gzip"),
    ("identity;q=0", ""),
    ("gzip ; q = 0.3", "gzip"),
    ("deflate", ""),
    ("gzip;q=nonsense", ""),
    ("gzip;q=nan, br;q=0.1", "br"),
    (", ,gzip,", "gzip"),
]


@pytest.mark.harvest(10)
@pytest.mark.parametrize(("accept", "name"), CHOICES)
def test_the_coding_is_the_one_that_is_liked_best(client: FlaskClient, accept: str, name: str) -> None:
    assert coding.chosen(accept)[0] == name
    plain = client.get(LONG)
    answer = client.get(LONG, headers={"Accept-Encoding": accept} if accept else {})
    assert answer.headers.get("Content-Encoding", "") == name
    assert len(plain.data) > 2 * coding.WORTH_BYTES
    assert _decoded(name, answer.data) == plain.data
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert {"Accept", "Accept-Encoding"} <= {part.strip() for part in answer.headers["Vary"].split(",")}
    if name:
        assert len(answer.data) < len(plain.data)


def test_a_short_answer_is_left_as_it_is_unless_that_is_refused(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get(SHORT, headers={"Accept-Encoding": "gzip"}).headers
    for accept in ("gzip, identity;q=0", "gzip, *;q=0"):
        answer = client.get(SHORT, headers={"Accept-Encoding": accept})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert b"boolean" in gzip.decompress(answer.data)


@pytest.mark.parametrize("name", ["zstd", "br", "gzip"])
def test_pieces_are_coded_as_they_come(name: str) -> None:
    sent, taken = [random.Random(seed).randbytes(65_536) for seed in range(200)], 0  # noqa: S311  # only bytes

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for piece in sent:
            taken += 1
            yield piece

    coded = coding.chosen(name)[1](pieces())
    first = next(coded)
    assert taken < 100, "the first piece waits for the last one"
    assert _decoded(name, first + b"".join(coded)) == b"".join(sent)


def test_an_error_is_never_coded(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/sparql?query=x", headers={"Accept-Encoding": "gzip"}).headers
