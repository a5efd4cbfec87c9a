"""Dumps: rdf-canonize finds the digest that we state, rdflib reads each form, and a broken download goes on."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rdflib import Dataset, Graph

from coopkg.dumps.manifest import Dump
from tests.harvest.asking import asked
from tests.harvest.conftest import need, told_by_node
from tests.web.conftest import Served


@pytest.fixture(scope="module")
def dump(portal: Served) -> Dump:
    """Return the last dump, as its manifest tells whoever takes it."""
    return Dump.from_json(asked(f"{portal.url}/dumps/latest/manifest.json").body.decode())


@cache
def taken(address: str) -> bytes:
    """Return a file, uncompressed."""
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  the address of our own server
        return gzip.decompress(answer.read())


@pytest.mark.harvest(19)
def test_another_canonicalisation_finds_our_digest(portal: Served, dump: Dump, node: str) -> None:
    text = taken(f"{portal.url}/dumps/latest/coopkg.nq.gz")
    told: dict[str, Any] = told_by_node(node, "rdf-canonize", "canonical.mjs", said=text.decode())
    assert told == {"quads": dump.statements, "sha256": dump.canonical_sha256}
    assert hashlib.sha256(text).hexdigest() == dump.canonical_sha256


@pytest.mark.harvest(19)
def test_a_changed_statement_changes_the_digest(portal: Served, dump: Dump, node: str) -> None:
    text = taken(f"{portal.url}/dumps/latest/coopkg.nq.gz").decode().replace('"Une ville"', '"Une Ville"', 1)
    assert told_by_node(node, "rdf-canonize", "canonical.mjs", said=text)["sha256"] != dump.canonical_sha256


@pytest.mark.harvest(19)
def test_each_named_graph_has_the_digest_that_names_its_file(portal: Served, dump: Dump) -> None:
    for file in dump.graphs:
        text = taken(f"{portal.url}/dumps/{file.name}")
        assert hashlib.sha256(text).hexdigest() == dump.graph_digests[file.graph]


@pytest.mark.harvest(17)
@pytest.mark.filterwarnings(
    "ignore:(Dataset|ConjunctiveGraph):DeprecationWarning"
)  # rdflib 7.6 warns of what its own parsers call
def test_rdflib_reads_every_form_and_finds_no_blank_node(portal: Served, dump: Dump) -> None:
    quads = Dataset()
    quads.parse(data=taken(f"{portal.url}/dumps/latest/coopkg.nq.gz"), format="nquads")
    triples = {(s, p, o) for s, p, o, _ in quads.quads()}
    turtle = Graph().parse(data=taken(f"{portal.url}/dumps/latest/coopkg.ttl.gz"), format="turtle")
    linked = Dataset()
    linked.parse(data=taken(f"{portal.url}/dumps/latest/coopkg.jsonld.gz"), format="json-ld")
    assert set(turtle) == triples == {(s, p, o) for s, p, o, _ in linked.quads()}
    assert len(list(quads.quads())) == dump.statements
    assert b"_:" not in taken(f"{portal.url}/dumps/latest/coopkg.nq.gz").replace(b'"_:', b'"')


@pytest.mark.harvest(10)
def test_a_download_that_broke_goes_on(portal: Served, dump: Dump) -> None:
    address = f"{portal.url}/dumps/{dump.name}/coopkg.nq.gz"
    whole = asked(address)
    rest = asked(address, headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]})
    assert (rest.status, whole.body[:1000] + rest.body) == (206, whole.body)
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(whole.body) - 1}/{len(whole.body)}"
    changed = asked(address, headers={"Range": "bytes=1000-", "If-Range": '"another"'})
    assert (changed.status, changed.body) == (200, whole.body)
    assert asked(address, headers={"Range": "bytes=99999999-"}).status == 416


@pytest.mark.harvest(10)
def test_curl_goes_on_with_a_download_that_broke(portal: Served, tmp_path: Path) -> None:
    curl = need(Path(shutil.which("curl") or "curl"), "curl")
    address, file = f"{portal.url}/dumps/latest/coopkg.nq.zst", tmp_path / "coopkg.nq.zst"
    whole = asked(address).body
    file.write_bytes(whole[:1000])
    subprocess.run([curl, "-sf", "-C", "-", "-o", str(file), address], timeout=60, check=True)
    assert file.read_bytes() == whole


@pytest.mark.harvest(19)
def test_the_latest_file_says_which_dump_it_is_of(portal: Served, dump: Dump) -> None:
    answer = asked(f"{portal.url}/dumps/latest/coopkg.nq.gz")
    assert answer.status == 200
    assert answer.headers["Content-Location"].endswith(f"/dumps/{dump.name}/coopkg.nq.gz")


@pytest.mark.harvest(19)
def test_the_tables_are_as_their_dictionary_says(portal: Served) -> None:
    tables = json.loads(asked(f"{portal.url}/dumps/latest/tables.json").body)["tables"]
    for table in tables:
        text = asked(f"{portal.url}/dumps/latest/{table['url']}").body.decode()
        columns = [column["name"] for column in table["tableSchema"]["columns"] if not column.get("virtual")]
        assert text.splitlines()[0].lstrip("\ufeff").split(",") == columns
