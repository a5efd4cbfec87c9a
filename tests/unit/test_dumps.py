"""A dump says what is published, the same each time, in forms that others read; it is made whole or not at all."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import csvw
import pyoxigraph
import pytest
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from coopkg import lock, rdf, register, upkeep
from coopkg.dumps import making, manifest, rows, shelf, signing, sorting, statements
from coopkg.dumps.manifest import Dump
from coopkg.dumps.tables import TABLES
from coopkg.errors import (
    DiskFullError,
    InputError,
    NothingPublished,
    RevisionGone,
    SettingsError,
    StateDamaged,
    StateLocked,
)
from coopkg.generations import HeldGraph, Manifest
from coopkg.graph import Graph
from coopkg.journal import Erasure
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat
from coopkg.settings import Settings
from coopkg.store import QuadStore
from tests.build.running import Place
from tests.builders import a_small_content, a_source, a_tiny_content

MORE = """
    <https://w3id.org/coopkg/id/outcome/an-outcome>
        a coop:Outcome ;
        skos:prefLabel "Un résultat, « le premier »"@fr ;
        dcterms:source <https://w3id.org/coopkg/id/source/b-page> ;
        coop:outcomeKind <https://w3id.org/coopkg/scheme/outcome-kind/new-tool> ;
        coop:status <https://w3id.org/coopkg/scheme/status/achieved> .

    <https://w3id.org/coopkg/id/project/b-page>
        coop:hasOutcome <https://w3id.org/coopkg/id/outcome/an-outcome> .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The small graph with two sources and an outcome, and a dump of it; do not change it."""
    folder = tmp_path_factory.mktemp("dumps")
    place = Place(a_small_content(folder / "content"), folder / "state")
    (place.content / "data/sources/b-page.trig").write_text(
        a_source("b-page", name="Projet d'essai : | « b »", more=MORE), encoding="utf-8"
    )
    place.build()
    upkeep.dump(place.settings, {})
    return place


@pytest.fixture
def tiny(tmp_path: Path) -> Place:
    """A toy graph of two sources, without a dump."""
    place = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    return place


def dumped(place: Place) -> tuple[Path, Dump]:
    folder, _ = upkeep.dump(place.settings, {})
    return folder, manifest.read(folder)


def unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompressobj().decompress(content)
    return gzip.decompress(content) if path.suffix == ".gz" else content


def asserted(place: Place) -> list[Quad]:
    store, said = Graph.open(place.settings, {}).current()
    return [quad for graph in said.graphs for quad in store.quads(graph)]


# ---- lines


@pytest.mark.parametrize("chunk_bytes", [1, 40, 1 << 20])
def test_lines_are_sorted_by_their_bytes_and_come_once_whatever_fits_in_memory(
    chunk_bytes: int, tmp_path: Path
) -> None:
    dice = random.Random(3)  # noqa: S311  # the same lines in each run, no secret
    lines = [f"{dice.randrange(150)}{dice.choice(['é', '😀', '￿', ''])}\n".encode() for _ in range(400)]
    assert list(sorting.ordered(iter(lines), tmp_path, chunk_bytes)) == sorted(set(lines))
    assert list(tmp_path.iterdir()) == []


def test_no_lines_are_none(tmp_path: Path) -> None:
    assert list(sorting.ordered([], tmp_path)) == []


def test_no_more_lines_are_held_than_a_chunk(tmp_path: Path) -> None:
    held: list[int] = []
    most = 0

    class Line(bytes):
        def __new__(cls, content: bytes) -> Line:
            held.append(1)
            return super().__new__(cls, content)

        def __del__(self) -> None:
            held.pop()

    def lines() -> Iterator[bytes]:
        nonlocal most
        for number in range(2_000):
            most = max(most, len(held))
            yield Line(b"%04d\n" % number)

    assert sum(1 for _ in sorting.ordered(lines(), tmp_path, 500)) == 2_000
    assert most <= 100 + 2  # a chunk of 500 bytes, and a line at each end


# ---- the whole


@pytest.mark.harvest(19)
def test_the_whole_file_is_the_canonical_form_that_rdfc_gives_and_its_sum_is_told(small: Place) -> None:
    folder, dump = dumped(small)
    dataset = pyoxigraph.Dataset(asserted(small))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    wanted = "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()
    for name in ("coopkg.nq.gz", "coopkg.nq.zst"):
        assert unpacked(folder / name) == wanted, name
    assert dump.canonical_sha256 == hashlib.sha256(wanted).hexdigest()
    assert dump.statements == wanted.count(b"\n") == sum(1 for _ in dataset)


def test_what_is_inferred_is_in_no_dump(small: Place) -> None:
    folder, _ = dumped(small)
    assert b"graph/inferred" not in unpacked(folder / "coopkg.nq.gz")


def test_strange_texts_are_written_as_the_canonical_form_has_them(tmp_path: Path) -> None:
    graph = "https://w3id.org/coopkg/graph/x"
    texts = ['a"b\\c', "a\tb\nc\rd", "\x7f\x01", "é😀\u2028", "", "a <https://w3id.org/coopkg/graph/y> ."]
    subject, predicate = NamedNode("urn:é"), NamedNode("urn:p")
    quads = [Quad(subject, predicate, Literal(text), NamedNode(graph)) for text in texts]
    quads += [Quad(subject, predicate, Literal(text, language="fr"), NamedNode(graph)) for text in texts]
    folder, _ = making.make(tmp_path, lambda: a_published(quads), making.Terms(5))
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    assert unpacked(folder / "coopkg.nq.gz") == "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()
    for name, syntax in (("coopkg.ttl.gz", RdfFormat.TURTLE), ("coopkg.jsonld.gz", RdfFormat.JSON_LD)):
        found = rdf.parse_quads(unpacked(folder / name), syntax, name)
        assert {quad.triple for quad in found} == {quad.triple for quad in quads}, name


@pytest.mark.parametrize(
    ("name", "syntax"), [("coopkg.ttl.gz", RdfFormat.TURTLE), ("coopkg.jsonld.gz", RdfFormat.JSON_LD)]
)
def test_turtle_and_json_ld_state_each_triple_once(name: str, syntax: RdfFormat, small: Place) -> None:
    folder, dump = dumped(small)
    found = rdf.parse_quads(unpacked(folder / name), syntax, name)
    wanted = {quad.triple for quad in asserted(small)}
    assert len(found) == len(wanted)
    assert {quad.triple for quad in found} == wanted
    told = dump.file(name)
    assert told is not None
    assert told.rows == len(wanted)


@pytest.mark.harvest(19)
def test_each_named_graph_has_a_file_that_its_digest_names(small: Place) -> None:
    _, dump = dumped(small)
    digests = rdf.graph_digests(asserted(small))
    assert dump.graph_digests == digests
    assert {file.graph: file.name for file in dump.graphs} == {
        graph: f"graphs/{digest}.nq.gz" for graph, digest in digests.items()
    }
    for file in dump.graphs:
        content = unpacked(small.state / "dumps" / file.name)
        assert hashlib.sha256(content).hexdigest() == digests[file.graph]
        assert content.count(b"\n") == file.rows


def test_the_manifest_tells_size_and_sums_of_every_file(small: Place) -> None:
    folder, dump = dumped(small)
    assert {path.name for path in folder.iterdir()} == {"manifest.json", *(file.name for file in dump.files)}
    for file in (*dump.files, *dump.graphs):
        content = ((small.state / "dumps" if file.graph else folder) / file.name).read_bytes()
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest()), file.name
        assert file.sha512 == hashlib.sha512(content).hexdigest()


def test_the_manifest_names_the_revision_its_hash_and_its_digest(small: Place) -> None:
    folder, dump = dumped(small)
    published = small.manifest()
    assert (dump.revision, dump.head, dump.digest) == (published.revision, published.head, published.digest)
    assert dump.name == folder.name
    assert Dump.from_json(dump.to_json()) == dump


def test_the_same_revision_gives_the_same_bytes(small: Place, tmp_path: Path) -> None:
    copy = Place(small.content, tmp_path / "state")
    shutil.copytree(small.state, copy.state, symlinks=True)
    shutil.rmtree(copy.state / "dumps")
    (first, before), (second, after) = dumped(small), dumped(copy)
    assert (before.files, before.graphs) == (after.files, after.graphs)
    for file in after.files:
        assert (first / file.name).read_bytes() == (second / file.name).read_bytes(), file.name


# ---- tables


def cells(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_csvw_reader_takes_the_tables_by_their_dictionary_and_finds_their_keys_kept(small: Place) -> None:
    folder, _ = dumped(small)
    group = csvw.TableGroup.from_file(folder / "tables.json")
    group.check_referential_integrity()
    found = {table.url.string: list(table.iterdicts(strict=True)) for table in group.tables}
    assert {name: len(items) for name, items in found.items()} == {
        "projects.csv": 2,
        "organisations.csv": 2,
        "participations.csv": 4,
        "outcomes.csv": 1,
    }
    assert found["outcomes.csv"][0]["project"] == ["https://w3id.org/coopkg/id/project/b-page"]
    assert found["participations.csv"][0]["role_fr"] == ["Porteur"]


def test_a_reader_of_csvw_finds_a_key_that_is_not_kept(small: Place, tmp_path: Path) -> None:
    folder, _ = dumped(small)
    copy = shutil.copytree(folder, tmp_path / "copy")
    text = (copy / "participations.csv").read_text(encoding="utf-8")
    (copy / "participations.csv").write_text(text.replace("project/b-page", "project/nobody"), encoding="utf-8")
    with pytest.raises(ValueError, match="nobody"):
        csvw.TableGroup.from_file(copy / "tables.json").check_referential_integrity()


def test_each_column_is_explained_in_both_languages_and_each_table_is_there(small: Place) -> None:
    folder, _ = dumped(small)
    words = json.loads((folder / "tables.json").read_text(encoding="utf-8"))
    assert [table["url"] for table in words["tables"]] == [table.file for table in TABLES]
    for table in words["tables"]:
        with (folder / table["url"]).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        columns = table["tableSchema"]["columns"]
        assert header == [column["name"] for column in columns]
        assert all(column["titles"]["fr"][0] and column["titles"]["en"][0] for column in columns)


def test_the_lines_of_a_table_end_as_rfc_4180_says_and_are_in_the_order_of_iris(small: Place) -> None:
    folder, _ = dumped(small)
    content = (folder / "projects.csv").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 3
    assert not content.startswith(b"\xef\xbb\xbf")
    iris = [row["iri"] for row in cells(folder, "projects.csv")]
    assert iris == sorted(iris)


def test_a_row_tells_names_in_both_languages_and_codes(small: Place) -> None:
    folder, _ = dumped(small)
    row = cells(folder, "projects.csv")[1]
    assert row["name_fr"] == "Projet d'essai : | « b »"
    assert row["name_en"] == ""
    assert row["type"] == "https://w3id.org/coopkg/ns#Project", "what is inferred is in no cell"
    assert (row["place_fr"], row["place_code"]) == ("Île-de-France", "11")
    assert row["theme_en"] == "Multi-stakeholder cooperation"
    assert row["page"] == "https://example.org/b-page"


def test_a_cell_of_several_values_can_be_taken_apart(tmp_path: Path) -> None:
    table = next(table for table in TABLES if table.name == "organisations")
    thing, kind = NamedNode("urn:o"), NamedNode("https://w3id.org/coopkg/ns#StakeholderGroup")
    other = NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
    graph = NamedNode("https://w3id.org/coopkg/graph/x")
    store = QuadStore.apart(
        [Quad(thing, rows._TYPE, kind, graph)]
        + [Quad(thing, other, Literal(text), graph) for text in ("b|c", "a\nz", 'd"')]
    )
    rows.write(store, table, tmp_path)
    (row,) = cells(tmp_path, table.file)
    assert row["other_name"].split("|") == ["a\nz", "b¦c", 'd"']


def test_a_table_of_nothing_has_its_header(tmp_path: Path) -> None:
    told = rows.write(QuadStore.in_memory(), TABLES[0], tmp_path)
    assert told.rows == 0
    assert (tmp_path / "projects.csv").read_bytes().startswith(b"iri,name_fr,")


# ---- the key


def test_a_signed_manifest_is_verified_by_the_public_key_and_a_changed_one_is_not(tiny: Place, tmp_path: Path) -> None:
    signing.make_key(tmp_path / "key.pem")
    folder, _ = upkeep.dump(replace(tiny.settings, signing_key=tmp_path / "key.pem"), {})
    public = load_pem_public_key((folder.parent / "key.pem").read_bytes())
    assert isinstance(public, Ed25519PublicKey)
    signature, text = (folder / "manifest.json.sig").read_bytes(), (folder / "manifest.json").read_bytes()
    public.verify(signature, text)
    with pytest.raises(InvalidSignature):
        public.verify(signature, text.replace(b"sha256", b"sha255", 1))


def test_without_a_key_nothing_is_signed(tiny: Place) -> None:
    folder, _ = dumped(tiny)
    assert not (folder / "manifest.json.sig").exists()
    assert not (folder.parent / "key.pem").exists()


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    signing.make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with pytest.raises(SettingsError, match="chmod 600"):
            signing.Signer.read(path)


def _rsa() -> bytes:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  # quick to make, and never used
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("content", [lambda: b"", lambda: b"secret words", _rsa], ids=["empty", "words", "rsa"])
def test_what_is_no_key_is_refused_and_not_repeated(content: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.touch(0o600)
    path.write_bytes(content())
    with pytest.raises(SettingsError, match="no Ed25519 private key") as refused:
        signing.Signer.read(path)
    assert "secret" not in str(refused.value)


def test_a_key_that_is_not_there_is_refused_before_anything_is_made(tiny: Place, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        upkeep.dump(replace(tiny.settings, signing_key=tmp_path / "none"), {})
    assert not (tiny.state / "dumps").exists()


def test_where_nothing_is_published_no_folder_is_made(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished):
        upkeep.dump(Settings(state=tmp_path / "state"), {})
    assert not (tmp_path / "state").exists()


def test_no_key_is_made_over_another_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("mine")
    with pytest.raises(InputError, match="never overwritten"):
        signing.make_key(path)
    assert path.read_text() == "mine"


# ---- making


def a_published(quads: list[Quad], revision: int = 3, head: str = "head") -> making.Published:
    """Some quads as if they were published."""
    held = {graph: HeldGraph(0, digest) for graph, digest in rdf.graph_digests(quads).items()}
    said = Manifest(revision, head, "", "", len(quads), 0, 0, 0, {}, {}, held)
    return making.Published(QuadStore.apart(quads), said, "2026-11-28T10:00:00+00:00")


def a_quad(name: str, graph: str = "x") -> Quad:
    return Quad(
        NamedNode("urn:s"), NamedNode("urn:p"), Literal(name), NamedNode(f"https://w3id.org/coopkg/graph/{graph}")
    )


def made(state: Path, *quads: Quad, keep: int = 5, **more: Any) -> tuple[Path, bool]:
    """Make a dump of some quads."""
    return making.make(state, lambda: a_published(list(quads), **more), making.Terms(keep))


def names(state: Path) -> set[str]:
    """What lies in the folder of all dumps, but for the lock."""
    return {path.relative_to(state / "dumps").as_posix() for path in (state / "dumps").rglob("*")} - {"lock", "graphs"}


def test_a_second_dump_of_a_revision_is_not_made(tiny: Place) -> None:
    first = upkeep.dump(tiny.settings, {})
    before = {path: path.stat().st_mtime_ns for path in tiny.state.rglob("dumps/*/*")}
    assert upkeep.dump(tiny.settings, {}) == (first[0], False)
    assert first[1]
    assert {path: path.stat().st_mtime_ns for path in tiny.state.rglob("dumps/*/*")} == before


def test_graphs_that_stay_the_same_are_shared_and_not_written_again(tmp_path: Path) -> None:
    same = [a_quad("same", "same")]
    made(tmp_path, *same, a_quad("old"), revision=3)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "dumps/graphs").iterdir()}
    folder, _ = made(tmp_path, *same, a_quad("new"), revision=4)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "dumps/graphs").iterdir()}
    assert len(after) == 3
    assert files.items() <= after.items()
    for file in manifest.read(folder).graphs:
        assert file.sha256 == hashlib.sha256((tmp_path / "dumps" / file.name).read_bytes()).hexdigest()


def test_two_graphs_without_a_difference_but_their_name_have_a_file_each(tmp_path: Path) -> None:
    folder, _ = made(tmp_path, a_quad("a", "x"), a_quad("a", "y"))
    assert len(manifest.read(folder).graphs) == 2
    assert gzip.decompress((folder / "coopkg.ttl.gz").read_bytes()).count(b"urn:s") == 1


def test_the_newest_dumps_are_kept_and_graphs_that_no_other_names_go(tmp_path: Path) -> None:
    for revision in range(1, 5):
        made(tmp_path, a_quad(f"{revision}"), a_quad("same", "same"), revision=revision, keep=2)
    assert [folder.name for folder in shelf.kept(tmp_path / "dumps")] == ["2026-11-28-r4", "2026-11-28-r3"]
    assert len(list((tmp_path / "dumps/graphs").iterdir())) == 3


def test_dumps_are_ordered_by_revision_and_not_by_their_names(tmp_path: Path) -> None:
    for revision in (9, 10, 11):
        made(tmp_path, a_quad(f"{revision}"), revision=revision, keep=2)
    newest = manifest.latest(tmp_path)
    assert newest is not None
    assert newest.revision == 11
    assert [shelf.revision_of(folder) for folder in shelf.kept(tmp_path / "dumps")] == [11, 10]


def test_dumps_of_revisions_that_were_given_up_go(tmp_path: Path) -> None:
    made(tmp_path, a_quad("3"), revision=3)
    made(tmp_path, a_quad("4"), revision=4)
    folder, is_new = made(tmp_path, a_quad("other"), revision=3, head="another")
    assert is_new
    assert shelf.kept(tmp_path / "dumps") == [folder]
    assert manifest.read(folder).head == "another"


@pytest.mark.parametrize("step", ["write", "rows", "publish"])
def test_a_dump_that_fails_leaves_nothing_and_the_others_stay(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, a_quad("3"), revision=3)
    before = names(tmp_path)
    place = {"write": statements, "rows": rows, "publish": making}[step]
    name = "_publish" if step == "publish" else "write"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(place, name, full)
        with pytest.raises(DiskFullError, match="free some room"):
            made(tmp_path, a_quad("4"), revision=4)
    assert names(tmp_path) == before
    assert made(tmp_path, a_quad("4"), revision=4)[1]


def test_what_a_kill_left_is_swept_and_never_taken_for_a_dump(tmp_path: Path) -> None:
    left = tmp_path / "dumps" / "making-1"
    (left / "graphs").mkdir(parents=True)
    (left / "manifest.json").write_text("{}")
    assert manifest.latest(tmp_path) is None
    made(tmp_path, a_quad("a"))
    assert not left.exists()


def test_a_kill_between_graphs_and_dump_leaves_files_that_the_next_one_uses_or_sweeps(tmp_path: Path) -> None:
    folder, _ = made(tmp_path, a_quad("a"))
    stray = tmp_path / "dumps/graphs" / f"{'0' * 64}.nq.gz"
    stray.write_bytes(b"")
    shutil.rmtree(folder)
    again, is_new = made(tmp_path, a_quad("a"))
    assert (again, is_new) == (folder, True)
    assert not stray.exists()
    assert (tmp_path / "dumps" / manifest.read(again).graphs[0].name).is_file()


def test_only_one_dump_is_made_at_a_time(tmp_path: Path) -> None:
    with lock.locked(tmp_path / "dumps"), pytest.raises(StateLocked):
        made(tmp_path, a_quad("a"))


def test_a_graph_that_is_not_the_published_one_is_told_and_not_dumped(tmp_path: Path) -> None:
    published = a_published([a_quad("a")])
    other = replace(published, store=QuadStore.apart([a_quad("b")]))
    with pytest.raises(StateDamaged, match="graph/x>: is not what was published"):
        making.make(tmp_path, lambda: other, making.Terms(5))
    assert shelf.kept(tmp_path / "dumps") == []


def test_a_dump_during_which_something_is_erased_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[], [an_erasure((3, 3))]])
    monkeypatch.setattr(register, "erasures", lambda _: next(answers))
    with pytest.raises(RevisionGone, match="run 'coopkg dump' again"):
        made(tmp_path, a_quad("a"))
    assert names(tmp_path) == set()


def test_a_generation_that_is_published_meanwhile_does_no_harm(tiny: Place) -> None:
    store, said = Graph.open(tiny.settings, {}).current()
    published = making.Published(store, said, "2026-11-28T10:00:00+00:00")
    for name in ("Deux", "Trois", "Quatre", "Cinq"):  # more than are kept
        tiny.swap(
            "data/sources/a-page.trig",
            tiny.content.joinpath("data/sources/a-page.trig").read_text().split('"')[1],
            name,
        )
        tiny.build(keeping=1)
    folder, is_new = making.make(tiny.state, lambda: published, making.Terms(5))
    assert is_new
    assert b'"Un projet"' in unpacked(folder / "coopkg.nq.gz")


def test_more_documents_are_made_of_the_canonical_quads_when_somebody_wants_them(tmp_path: Path) -> None:
    terms = making.Terms(5, documents={"lines.json": lambda quads: json.dumps([str(quad) for quad in quads])})
    published = a_published([a_quad("b", "y"), a_quad("b", "x"), a_quad("a", "y")])
    folder, _ = making.make(tmp_path, lambda: published, terms)
    lines = unpacked(folder / "coopkg.nq.gz").decode().splitlines()
    assert json.loads((folder / "lines.json").read_text()) == [line.removesuffix(" .") for line in lines]
    assert manifest.read(folder).file("lines.json") is not None


def an_erasure(*held: tuple[int, int], touched: tuple[int, ...] = ()) -> Erasure:
    first = min((begin for begin, _ in held), default=1)
    return Erasure(1, "2026-11-28T10:00:00+00:00", "asked for", 1, touched, held, first, 9, "old", "hash")


def test_an_erasure_dooms_what_may_hold_the_term_or_names_hashes_that_are_no_more(tmp_path: Path) -> None:
    for revision in (2, 3, 5):
        made(tmp_path, a_quad(f"{revision}"), a_quad("same", "same"), revision=revision)
    (tmp_path / "dumps/making-7").mkdir()
    doomed = {path.relative_to(tmp_path / "dumps").as_posix() for path in shelf.doomed(tmp_path / "dumps", 3)}
    kept = manifest.read(tmp_path / "dumps/2026-11-28-r2")
    assert {"2026-11-28-r3", "2026-11-28-r5", "making-7"} <= doomed
    assert not doomed & {kept.name, *(file.name for file in kept.graphs)}
    assert len(doomed) == 5


@pytest.mark.parametrize(
    ("revision", "age_s", "is_due"), [(7, 1e6, False), (8, 3599.0, False), (8, 3600.0, True), (6, 0.0, True)]
)
def test_a_dump_is_due_once_the_newest_is_old_or_of_a_revision_that_was_given_up(
    revision: int, age_s: float, is_due: bool, tmp_path: Path
) -> None:
    assert shelf.is_due(tmp_path / "dumps", revision, 3600.0, 0.0)
    folder, _ = made(tmp_path, a_quad("a"), revision=7)
    assert shelf.is_due(tmp_path / "dumps", revision, 3600.0, shelf.made_at(folder) + age_s) is is_due
