"""Whatever a site sends, the replica says in a sentence what is wrong, and what was published stays."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from coopkg import names, upkeep
from coopkg.errors import CoopkgError, InputError, Refused, ReplicaError, RevisionGone
from coopkg.replica.patience import Patience
from tests.replica.conftest import Replica, change
from tests.replica.sites import PACKED, Answer, Site

MANIFEST = "/dumps/latest/manifest.json"
DIGEST = "0" * 64


def refused(replica: Replica) -> str:
    """Return why a replica cannot be brought up, after seeing that what it publishes stays."""
    before = replica.place.digest()
    with pytest.raises(CoopkgError) as refusal:
        replica.follow()
    assert replica.place.digest() == before
    return str(refusal.value)


URLS = {
    "": "is no URL of a site",
    "coop.example": "is no URL of a site",
    "ftp://coop.example": "is no URL of a site",
    "file:///etc/passwd": "is no URL of a site",
    "https://": "is no URL of a site",
    "https://coop.example/a/path": "without a path",
    "https://coop.example/?x=1": "without a path",
    "https://coop.example/#here": "without a path",
    "https://coop.example:99999": "is no URL of a site",
    "https://coop.example:x": "is no URL of a site",
    "https://coop.example:0": "is no URL of a site",
    "https://[::1": "is no URL of a site",
    "https://a:b@coop.example": "holds a name or a password",
    "https://coop.example\r\nX: y": "is no URL of a site",
    "https://coop\0.example": "is no URL of a site",
    "https://éxample.org": "is no URL of a site",
}


@pytest.mark.parametrize("url", URLS)
def test_what_is_no_url_of_a_site_is_told(replica: Replica, url: str) -> None:
    with pytest.raises(InputError, match=URLS[url]) as refusal:
        upkeep.follow(replica.place.settings, {}, url)
    assert "a:b" not in str(refusal.value)
    assert not replica.place.state.exists()


def test_where_no_server_answers_is_told_after_some_tries(replica: Replica) -> None:
    with pytest.raises(Refused, match=r"127\.0\.0\.1:9/dumps/latest/manifest\.json: cannot be reached"):
        replica.follow("http://127.0.0.1:9")
    assert sum("trying again" in said for said in replica.said) == 5


def members(**changed: Any) -> Callable[[Answer], Answer]:
    """Return what changes members of a JSON document; None takes one away."""

    def change_members(right: Answer) -> Answer:
        content = {**json.loads(right.body), **changed}
        kept = {name: value for name, value in content.items() if value is not None}
        return replace(right, body=json.dumps(kept).encode())

    return change_members


def body(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Callable[[Answer], Answer]:
    return lambda _: Answer(content, status, headers or {})


GRAPH = f"{names.GRAPH}a-page"
MANIFESTS: dict[str, tuple[Callable[[Answer], Answer], str]] = {
    "html": (body(b"<!doctype html><title>Bonjour</title>"), "is no JSON .*is this the address of a coopkg site"),
    "none": (body(b"<!doctype html>", 404), "answers 404; is this the address"),
    "forbidden": (body(b"", 403), "answers 403"),
    "gone": (body(b"", 410), "no dump is left since an erasure"),
    "empty": (body(b""), "is no JSON"),
    "a list": (body(b"[]"), "is no manifest of a dump"),
    "a text": (body(b'"manifest"'), "is no manifest of a dump"),
    "null": (body(b"null"), "is no manifest of a dump"),
    "deep": (body(b"[" * 200_000), "is no JSON"),
    "a huge number": (body(b"1" * 10_000), "is no JSON"),
    "no UTF-8": (body(b'{"revision": "\xff"}'), "is no JSON"),
    "UTF-16": (body('{"revision": 1}'.encode("utf-16")), "is no manifest of a dump"),
    "a member missing": (members(digest=None), "is no manifest of a dump: 'digest'"),
    "a revision that is a text": (members(revision="3"), "revision is no whole number: '3'"),
    "a revision below zero": (members(revision=-1), "revision is no whole number: '-1'"),
    "a revision that is true": (members(revision=True), "revision is no whole number: 'True'"),
    "a huge revision": (members(revision=10**40), "revision is no whole number"),
    "a fraction": (members(statements=1.5), "statements is no whole number: '1.5'"),
    "a digest of another length": (members(digest="0"), "digest is no SHA-256: '0'"),
    "a digest that is no text": (members(head=[]), "head is no SHA-256"),
    "a digest with a surrogate": (members(head="\ud800" * 64), "head is no SHA-256"),
    "a time that climbs out": (members(time="../../../etc"), "time is no time"),
    "a time that is no text": (members(time=5), "is no manifest of a dump"),
    "digests that are a list": (members(graph_digests=[GRAPH]), "graph_digests does not name graphs"),
    "a graph of others": (members(graph_digests={"http://a.example/g": DIGEST}), "it is another graph"),
    "an inferred graph": (members(graph_digests={names.INFERRED_GRAPH: DIGEST}), "it is another graph"),
    "another digest": (members(digest=DIGEST), "its digest is not that of its graphs"),
    "no files": (members(files=[]), "coopkg.nq.zst is missing"),
    "files that are none": (members(files=[5]), "is no manifest of a dump"),
    "a redirection elsewhere": (
        body(b"", 301, {"Location": "http://a.example/"}),
        "another server, which is not followed",
    ),
    "a redirection to a file": (
        body(b"", 302, {"Location": "file:///etc/passwd"}),
        "another server, which is not followed",
    ),
    "a redirection in a circle": (body(b"", 302, {"Location": MANIFEST}), "leads on and on"),
    "a redirection to nowhere": (body(b"", 302), "leads on and on"),
    "a coding that was not asked for": (body(b"x", headers={"Content-Encoding": "br"}), "is coded as 'br'"),
    "no gzip": (body(b"no gzip at all", headers={"Content-Encoding": "gzip"}), "is no gzip"),
}


@pytest.mark.parametrize("fault", MANIFESTS)
def test_a_manifest_that_cannot_be_used_is_told(replica: Replica, fault: str) -> None:
    replica.site.wrong[MANIFEST], said = MANIFESTS[fault]
    with pytest.raises(ReplicaError, match=said):
        replica.follow()
    assert replica.place.digest() is None


def test_a_manifest_without_an_end_is_not_taken(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopkg.replica.original._MANIFEST_MAX_BYTES", 1000)
    replica.site.wrong[MANIFEST] = body(b" " * 1001)
    assert "has 1,001 bytes, more than the 1,000 that are taken" in refused(replica)
    replica.site.wrong[MANIFEST] = body(gzip.compress(b" " * 1001), headers={"Content-Encoding": "gzip"})
    assert "unpacks to more than the 1,000 bytes" in refused(replica)


# ---------------------------------------------------------------------------------------------------- the dump


def packed_path(site: Site) -> str:
    return next(path for path in site.files if path.endswith(PACKED))


def put_dump(site: Site, content: bytes, *, statements: int | None = None, packed: bytes | None = None) -> None:
    """Let the site have another dump, whose manifest says of it what is true."""
    packed = zstandard.compress(content) if packed is None else packed
    site.files[packed_path(site)] = packed
    files = json.loads(site.files[MANIFEST])["files"]
    files[0] |= {"size": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}
    count = content.count(b"\n") if statements is None else statements
    site.put(MANIFEST, files=files, statements=count, canonical_sha256=hashlib.sha256(content).hexdigest())


def line(
    subject: str = "<https://w3id.org/coopkg/id/project/a>", value: str = '"x"', graph: str = f"<{GRAPH}>"
) -> bytes:
    return f"{subject} <http://www.w3.org/2004/02/skos/core#prefLabel> {value} {graph} .\n".encode()


DUMPS = {
    "another graph": (line(), "has another digest"),
    "a blank node": (line(subject="_:b"), "blank node"),
    "a statement in no graph": (line(graph=""), "a graph that is not followed"),
    "a statement in the inferred graph": (line(graph=f"<{names.INFERRED_GRAPH}>"), "a graph that is not followed"),
    "a statement in the catalogue": (line(graph=f"<{names.CATALOG_GRAPH}>"), "a graph that is not followed"),
    "a statement in a graph of others": (line(graph="<http://a.example/g>"), "a graph that is not followed"),
    "a triple term": (line(value="<<( <urn:a> <urn:b> <urn:c> )>>"), "triple term"),
    "an IRI that runs": (line(value="<javascript:alert(1)>"), "IRI refused"),
    "a control character": (line(value='"\\u0000"'), "control character"),
    "a text that turns": (line(value='"\u202e"'), "bidirectional control"),
    "no syntax": (b"<a> <b>\n", "coopkg.nq.zst"),
    "no UTF-8": (b"\xff\n", "is not UTF-8"),
    "an empty line": (line() + b"\n", "has lines that are no statements"),
    "a comment": (line() + b"# no\n", "has lines that are no statements"),
    "half a line": (line()[:-1], "has 0 whole statements"),
    "nothing": (b"", "has another digest"),
}


@pytest.mark.parametrize("fault", DUMPS)
def test_a_dump_that_cannot_be_used_is_told(replica: Replica, fault: str) -> None:
    content, said = DUMPS[fault]
    put_dump(replica.site, content)
    found = refused(replica)
    assert said in found
    assert not list((replica.place.state / "generations").glob("candidate-*"))


def test_a_dump_with_more_or_fewer_statements_than_it_says_is_told(replica: Replica) -> None:
    put_dump(replica.site, line() * 2, statements=1)
    assert "has more than the 1 statements of its manifest" in refused(replica)
    put_dump(replica.site, line(), statements=2)
    assert "has 1 whole statements, its manifest 2" in refused(replica)


def test_a_dump_with_another_canonical_sum_than_it_says_is_told(replica: Replica) -> None:
    replica.site.put(MANIFEST, canonical_sha256=DIGEST)
    assert "its statements have another SHA-256 than its manifest declares" in refused(replica)


def test_a_dump_that_is_no_zstd_or_is_cut_within_it_is_told(replica: Replica) -> None:
    put_dump(replica.site, b"", packed=b"no zstd at all")
    assert "is not packed by zstd" in refused(replica)
    whole = zstandard.compress(line() * 1000)
    put_dump(replica.site, line() * 1000, packed=whole[: len(whole) // 2])
    assert "whole statements" in refused(replica)


def test_a_dump_that_unpacks_to_far_more_than_any_graph_is_not_unpacked(replica: Replica) -> None:
    put_dump(replica.site, line() * 500_000)
    assert "unpacks to more than 500 times its size" in refused(replica)
    put_dump(replica.site, b"", packed=zstandard.compress(bytes(20 << 20)))
    assert "unpacks to more than 500 times its size" in refused(replica)


def test_a_dump_with_another_checksum_is_downloaded_twice_and_told(replica: Replica) -> None:
    path = packed_path(replica.site)
    right = replica.site.files[path]
    replica.site.files[path] = bytes(len(right))
    assert "has another SHA-256 than its manifest declares" in refused(replica)
    assert [asked for asked, _ in replica.site.asked].count(path) == 2
    assert not list((replica.place.state / "replica").iterdir())


def test_a_dump_that_is_longer_than_it_says_is_told(replica: Replica) -> None:
    replica.site.files[packed_path(replica.site)] += b"more"
    assert "more than the" in refused(replica)


def test_a_dump_that_is_gone_meanwhile_is_told(replica: Replica) -> None:
    replica.site.wrong[packed_path(replica.site)] = body(b"", 410)
    with pytest.raises(RevisionGone, match="is given no more"):
        replica.follow()


def test_a_dump_that_is_cut_goes_on_where_it_was_cut(replica: Replica) -> None:
    path = packed_path(replica.site)
    cuts = iter([100, 200])
    replica.site.wrong[path] = lambda right: replace(right, cut=next(cuts, None))
    replica.follow()
    assert replica.is_equal()
    assert [wish for asked, wish in replica.site.asked if asked == path] == ["", "bytes=100-", "bytes=200-"]


def test_what_was_downloaded_of_another_file_is_not_part_of_it(replica: Replica) -> None:
    path = packed_path(replica.site)
    folder = replica.place.state / "replica"
    folder.mkdir(parents=True)
    (replica.place.state / "replica.json").write_text("{}")
    sha256 = json.loads(replica.site.files[MANIFEST])["canonical_sha256"]
    (folder / f"{sha256}-{PACKED}").write_bytes(b"x" * 50)
    (folder / "other").write_bytes(b"of an earlier dump")
    replica.follow()
    assert replica.is_equal()
    assert [wish for asked, wish in replica.site.asked if asked == path] == ["bytes=50-", ""]
    assert not folder.exists()


# -------------------------------------------------------------------------------------------------- the changes


def item(**changed: Any) -> Callable[[Answer], Answer]:
    """Return what changes members of the first revision of a list."""

    def change_item(right: Answer) -> Answer:
        content = json.loads(right.body)
        content["items"][0] |= changed
        return replace(right, body=json.dumps(content).encode())

    return change_item


LISTS: dict[str, tuple[Callable[[Answer], Answer], str]] = {
    "html": (body(b"<!doctype html>"), "is no JSON"),
    "a list": (body(b"[]"), "is no list of changes"),
    "null": (body(b"null"), "is no list of changes"),
    "nothing published": (members(published=None), "'published' is missing"),
    "published is a text": (members(published="4"), "is no list of changes"),
    "no items": (members(items=None), "'items' is missing"),
    "items are a number": (members(items=4), "is no list of changes"),
    "an item is a text": (members(items=["4"]), "is no list of changes"),
    "an item is empty": (members(items=[{}]), "'revision' is missing"),
    "a gap": (item(revision=2), "has revision 2 after 3"),
    "a repetition": (item(revision=3), "has revision 3 after 3"),
    "a revision below zero": (item(revision=-1), "a revision is no whole number"),
    "an end too early": (members(items=[]), "ends before revision 4"),
    "a hash that is none": (item(hash="x"), "the hash of revision 4 is no SHA-256"),
    "two hashes": (item(hash=DIGEST), "gives two hashes for revision 4"),
    "counts that are texts": (item(removed="many"), "'removed' of revision 4 is no whole number"),
    "a batch that is none": (item(batch=5), "is no list of changes"),
    "a batch of three numbers": (item(batch=[1, 1, 1]), "is no list of changes"),
    "half a batch": (item(batch=[1, 2]), "ends within a batch, at revision 4"),
}


@pytest.mark.parametrize("fault", LISTS)
def test_a_list_of_changes_that_cannot_be_used_is_told(
    behind: Replica, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    wrong, said = LISTS[fault]
    monkeypatch.setitem(behind.site.wrong, "/changes", wrong)
    assert re.search(said, refused(behind))


def patch(*lines: bytes) -> Callable[[Answer], Answer]:
    return body(b"TX .\n" + b"".join(lines) + b"TC .\n")


PATCHES: dict[str, tuple[Callable[[Answer], Answer], str]] = {
    "html": (body(b"<!doctype html>"), "is no whole RDF Patch"),
    "empty": (body(b""), "is no whole RDF Patch"),
    "cut": (lambda right: replace(right, body=right.body[:-6]), "is no whole RDF Patch"),
    "a fault": (patch(b"A <a> <b> .\n"), "/changes/4"),
    "another letter": (patch(b"X " + line()), "no line of a patch"),
    "many more statements": (patch(*[b"A " + line()] * 50), "more than the"),
    "a blank node": (patch(b"A " + line(subject="_:b")), "blank node"),
    "an inferred statement": (patch(b"A " + line(graph=f"<{names.INFERRED_GRAPH}>")), "a graph that is not followed"),
    "a statement removed from no graph": (patch(b"D " + line(graph="")), "a graph that is not followed"),
    "none": (body(b"", 404), "answers 404"),
}


@pytest.mark.parametrize("fault", PATCHES)
def test_a_change_that_cannot_be_used_is_told(behind: Replica, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    wrong, said = PATCHES[fault]
    monkeypatch.setitem(behind.site.wrong, "/changes/4", wrong)
    assert said in refused(behind)


def test_after_a_change_that_could_not_be_used_the_right_one_is_taken(replica: Replica) -> None:
    replica.follow()
    change(replica.site.place)
    replica.site.wrong["/changes/4"] = patch(b"X ")
    refused(replica)
    replica.site.wrong.clear()
    assert replica.follow().revision == 4
    assert replica.is_equal()


# ------------------------------------------------------------------------------------------------ the signature


@pytest.fixture
def key(tmp_path: Path) -> tuple[Ed25519PrivateKey, Path]:
    """A key, and the file of its public half."""
    private = Ed25519PrivateKey.generate()
    path = tmp_path / "key.pem"
    path.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, path


def sign(site: Site, private: Ed25519PrivateKey) -> None:
    site.files[packed_path(site).replace(PACKED, "manifest.json.sig")] = private.sign(site.files[MANIFEST])


def test_a_dump_that_is_signed_by_the_key_is_taken(replica: Replica, key: tuple[Ed25519PrivateKey, Path]) -> None:
    sign(replica.site, key[0])
    upkeep.follow(replica.place.settings, {}, replica.site.url, key[1])
    assert replica.is_equal()


def test_a_dump_that_is_not_signed_by_the_key_is_not_taken(
    replica: Replica, key: tuple[Ed25519PrivateKey, Path]
) -> None:
    with pytest.raises(ReplicaError, match="answers 404"):
        upkeep.follow(replica.place.settings, {}, replica.site.url, key[1])
    sign(replica.site, Ed25519PrivateKey.generate())
    with pytest.raises(ReplicaError, match="was not signed by the key that is given"):
        upkeep.follow(replica.place.settings, {}, replica.site.url, key[1])
    assert replica.place.digest() is None


def test_what_is_no_key_is_told(replica: Replica, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    other = X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for content, said in ((b"no key", "is no public key in PEM"), (other, "is no Ed25519 key")):
        path.write_bytes(content)
        with pytest.raises(InputError, match=said):
            upkeep.follow(replica.place.settings, {}, replica.site.url, path)
    with pytest.raises(InputError, match="cannot be read"):
        upkeep.follow(replica.place.settings, {}, replica.site.url, tmp_path)


# ------------------------------------------------------------------------------------------------------ waiting


@pytest.mark.parametrize("status", [429, 503, 500])
def test_a_site_that_is_busy_is_asked_again(replica: Replica, status: int) -> None:
    answers = iter([Answer(b"", status, {"Retry-After": "7"})] * 2)
    replica.site.wrong[MANIFEST] = lambda right: next(answers, right)
    replica.follow()
    assert replica.is_equal()
    assert sum(f"not now ({status}); trying again in" in said for said in replica.said) == 2
    assert [int(wait) for wait in replica.waits] in ([7, 7], [7, 8])


def test_a_change_that_is_cut_on_the_way_is_asked_for_again(replica: Replica) -> None:
    replica.follow()
    change(replica.site.place)
    cuts = iter([10])
    replica.site.wrong["/changes/4"] = lambda right: replace(right, cut=next(cuts, None))
    assert replica.follow().revision == 4
    assert replica.is_equal()


def test_a_site_that_says_until_when_it_is_busy_is_left_alone_until_then(replica: Replica) -> None:
    answers = iter([Answer(b"", 429, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"})])
    replica.site.wrong[MANIFEST] = lambda right: next(answers, right)
    replica.follow()
    assert [int(wait) for wait in replica.waits] == [3600]  # an hour at most


def test_a_site_that_never_ends_being_busy_is_given_up(replica: Replica) -> None:
    replica.site.wrong[MANIFEST] = body(b"", 503, {"Retry-After": "soon"})
    with pytest.raises(Refused, match="not now"):
        replica.follow()
    assert len(replica.waits) == 5


def test_a_wait_grows_with_each_failure_up_to_ten_minutes_and_begins_anew_after_a_success() -> None:
    patience = Patience(lambda: 0.0)
    assert [patience.after(0) for _ in range(12)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
    assert patience.after(5000) == 5000
    patience.rest()
    assert not patience.is_exhausted
    assert Patience(lambda: 1.0).after(0) == 1.5
    assert patience.after(3) == 3


def test_redirections_within_the_site_are_followed(replica: Replica) -> None:
    moved = replica.site.files[MANIFEST]
    replica.site.files["/elsewhere.json"] = moved
    replica.site.wrong[MANIFEST] = body(b"moved", 307, {"Location": "/elsewhere.json"})
    replica.follow()
    assert replica.is_equal()


def test_a_site_without_a_certificate_to_be_trusted_is_told(replica: Replica) -> None:
    port = replica.site.url.rpartition(":")[2]
    with pytest.raises(Refused, match="cannot be reached"):  # it speaks no TLS
        replica.follow(f"https://127.0.0.1:{port}")


def test_one_that_stays_looks_again_and_again_and_survives_what_cannot_be_used(replica: Replica) -> None:
    looks = iter(range(4))

    def wait(seconds: float) -> None:
        replica.waits.append(seconds)
        look = next(looks)
        if look == 0:
            change(replica.site.place)
            replica.site.wrong["/changes"] = body(b"<!doctype html>")
        if look == 1:
            replica.site.wrong.clear()
        if look == 2:
            assert replica.is_equal()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upkeep.follow(
            replica.place.settings, {}, replica.site.url, None, replica.said.append, once=False, every_s=9.0, wait=wait
        )
    assert [int(seconds) for seconds in replica.waits] == [9, 9, 9]
    assert any("what was published stays; trying again" in said for said in replica.said)
    assert replica.is_equal()


def test_nothing_is_kept_of_changes_that_were_not_taken_to_the_end(replica: Replica) -> None:
    def wait(seconds: float) -> None:
        replica.waits.append(seconds)
        assert not list((replica.place.state / "generations").glob("candidate-*"))

    replica.follow()
    change(replica.site.place, 1)
    change(replica.site.place, 2)
    cuts = iter([10])
    replica.site.wrong["/changes/5"] = lambda right: replace(right, cut=next(cuts, None))
    upkeep.follow(replica.place.settings, {}, replica.site.url, wait=wait)
    assert len(replica.waits) == 1
    assert replica.is_equal()
