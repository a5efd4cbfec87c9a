"""data/ and the store kept in step: what a build proposes, what an export writes, and what neither overwrites."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest

from coopkg import curation, gate, upkeep
from coopkg.content import Content, graph_of, path_of
from coopkg.errors import (
    DiskFullError,
    NothingPublished,
    StateDamaged,
    TooFarReaching,
    WriteConflict,
    WriteRejected,
)
from coopkg.graph import Graph
from coopkg.journal import Change
from coopkg.judge import Rulebook
from coopkg.rdf import Literal, NamedNode, Quad
from tests.build.running import Place
from tests.builders import ID, REPOSITORY, a_tiny_content, a_tiny_source

A_PAGE = "data/sources/a-page.trig"
B_PAGE = "data/sources/b-page.trig"
C_PAGE = "data/sources/c-page.trig"
_LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_PROJECT = NamedNode("https://w3id.org/coopkg/ns#Project")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("curation")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.build()
    return place


@pytest.fixture
def place(published: Place, tmp_path: Path) -> Place:
    """A copy of a small published graph, to change."""
    copy = Place(tmp_path / "content", tmp_path / "state")
    shutil.copytree(published.content, copy.content)
    shutil.copytree(published.state, copy.state, symlinks=True)
    return copy


def _built(place: Place) -> tuple[upkeep.Build, list[str]]:
    """Build; return what was done, and what was reported meanwhile."""
    said: list[str] = []
    return upkeep.build(place.settings, {}, said.append), said


def _is_judged(said: list[str]) -> bool:
    return any("judging" in line for line in said)


def _propose(place: Place, *changes: Change) -> None:
    content = Content(place.content)
    with gate.opened(place.state, Rulebook.of(content), 3, lambda _: None) as writer:
        writer.propose(changes)


def _name(slug: str, name: str) -> frozenset[Quad]:
    where = NamedNode(f"https://w3id.org/coopkg/graph/{slug}")
    return frozenset({Quad(NamedNode(f"{ID}project/{slug}"), _LABEL, Literal(name, language="fr"), where)})


def _rename(slug: str, old: str, new: str) -> Change:
    return Change(_name(slug, old), _name(slug, new), "a contribution", author="a contributor")


def _all_of(slug: str, name: str) -> frozenset[Quad]:
    where = NamedNode(f"https://w3id.org/coopkg/graph/{slug}")
    return _name(slug, name) | {Quad(NamedNode(f"{ID}project/{slug}"), _TYPE, _PROJECT, where)}


# ---------------------------------------------------------------------------------------------- what a build proposes


def test_an_unchanged_content_proposes_nothing_and_judges_nothing(place: Place) -> None:
    before = (place.manifest(), sorted((place.state / "generations").iterdir()))
    done, said = _built(place)
    assert (len(done.changes), done.to_export, said) == (0, [], [])
    assert (place.manifest(), sorted((place.state / "generations").iterdir())) == before


def test_each_changed_file_is_one_revision_that_says_where_it_comes_from(place: Place) -> None:
    place.swap(A_PAGE, "Un projet", "Un nom")
    place.write(C_PAGE, a_tiny_source("c-page", "Un troisième"))
    done, said = _built(place)
    assert (len(done.changes), _is_judged(said)) == (2, True)
    revisions = place.journal().revisions[3:]
    assert [(each.origin.path, each.removed, each.added) for each in revisions if each.origin] == [
        (A_PAGE, 1, 1),
        (C_PAGE, 0, 2),
    ]
    assert _built(place)[1] == []


def test_a_deleted_file_removes_its_graph_in_one_revision(place: Place) -> None:
    (place.content / B_PAGE).unlink()
    assert len(place.build().changes) == 1
    assert place.journal().revisions[-1].removed == 2
    assert B_PAGE not in place.manifest().built
    assert _built(place)[1] == []


def test_a_renamed_source_is_a_removal_and_an_addition(place: Place) -> None:
    text = (place.content / B_PAGE).read_text(encoding="utf-8")
    (place.content / B_PAGE).unlink()
    place.write(C_PAGE, text.replace("graph/b-page", "graph/c-page"))
    assert len(place.build().changes) == 2
    graphs = Graph.open(place.settings, {}).current()[0].graphs()
    assert [name.rpartition("/")[2] for name in graphs] == ["a-page", "c-page", "inferred", "ontology"]


def test_a_reference_table_that_is_only_compressed_changes_nothing(place: Place) -> None:
    line = "<https://w3id.org/coopkg/id/territory/region/11> <http://www.w3.org/2004/02/skos/core#prefLabel> "
    text = f'{line}"Île"@fr <https://w3id.org/coopkg/graph/reference/regions> .\n'
    place.write("data/reference/regions.nq", text)
    assert len(place.build().changes) == 1
    (place.content / "data/reference/regions.nq").unlink()
    (place.content / "data/reference/regions.nq.gz").write_bytes(gzip.compress(text.encode()))
    done, said = _built(place)
    assert (len(done.changes), said) == (0, ["publishing"] if "publishing" in said else [])
    assert "data/reference/regions.nq.gz" in place.manifest().built


def test_a_change_of_form_alone_makes_no_revision_and_is_not_judged(place: Place) -> None:
    place.write(A_PAGE, "# a remark\n" + (place.content / A_PAGE).read_text(encoding="utf-8").replace("    ", "\t"))
    before = place.digest()
    done, said = _built(place)
    assert (len(done.changes), _is_judged(said), place.digest()) == (0, False, before)
    assert _built(place)[1] == []
    assert place.manifest().revision == 3


def test_a_number_written_otherwise_is_no_change(place: Place) -> None:
    datatype = "<http://www.w3.org/2001/XMLSchema#decimal>"
    place.swap(A_PAGE, "\n}\n", f'\n    <{ID}project/a-page> skos:prefLabel "04.50"^^{datatype} .\n}}\n')
    assert len(place.build().changes) == 1
    place.swap(A_PAGE, "04.50", "+4.5")
    assert len(place.build().changes) == 0


@pytest.mark.parametrize("path", ["shapes/project.ttl", "ontology/rules/role-shortcuts.rq"])
def test_other_shapes_or_rules_judge_again_though_no_data_changed(place: Place, path: str) -> None:
    with (place.content / path).open("a", encoding="utf-8") as file:
        file.write("\n# a remark\n")
    done, said = _built(place)
    assert (len(done.changes), _is_judged(said)) == (0, True)
    assert _built(place)[1] == []


def test_shapes_that_the_published_data_break_are_refused(place: Place) -> None:
    place.swap("shapes/project.ttl", "sh:maxLength 40", "sh:maxLength 4")
    before = place.manifest()
    with pytest.raises(WriteRejected) as refused:
        place.build()
    assert {finding.where for finding in refused.value.findings} == {f"{A_PAGE}:5", f"{B_PAGE}:5"}
    assert place.manifest() == before


def test_a_reference_table_is_judged_again_when_its_shapes_change(place: Place) -> None:
    region = "<https://w3id.org/coopkg/id/territory/region/11>"
    place.write(
        "data/reference/regions.nq",
        f"{region} <{_TYPE.value}> <{_PROJECT.value}> <https://w3id.org/coopkg/graph/reference/regions> .\n"
        f'{region} <{_LABEL.value}> "Île-de-France"@fr <https://w3id.org/coopkg/graph/reference/regions> .\n',
    )
    place.build()
    shapes = (place.content / "shapes/project.ttl").read_text(encoding="utf-8")
    place.write(
        "shapes/territory.ttl", shapes.replace("sh:maxLength 40", "sh:maxLength 4").replace("coopsh:P", "coopsh:T")
    )
    place.swap(A_PAGE, "Un projet", "Nom")
    place.swap(B_PAGE, "Un autre projet", "Nom")
    with pytest.raises(WriteRejected) as refused:
        place.build()
    assert {finding.focus for finding in refused.value.findings} == {f"{ID}territory/region/11"}


@pytest.mark.parametrize("text", ["[]", "{}", "null", '{"files": 1}', "x", ""])
def test_a_voucher_that_is_not_one_vouches_for_nothing(place: Place, text: str) -> None:
    place.write("data/reference/judged.json", text)
    assert not Content(place.content).vouched("https://w3id.org/coopkg/graph/reference/regions")


# ---------------------------------------------------------------------------------------------- changes in the store


def test_a_change_of_the_store_is_listed_then_exported_and_then_there_is_nothing_to_do(place: Place) -> None:
    _propose(place, _rename("a-page", "Un projet", "Un nom proposé"))
    assert place.build().to_export == [A_PAGE]
    assert place.export() == curation.Export([A_PAGE])
    assert "Un nom proposé" in (place.content / A_PAGE).read_text(encoding="utf-8")
    done, said = _built(place)
    assert (len(done.changes), done.to_export, _is_judged(said)) == (0, [], False)
    assert place.export() == curation.Export([])


def test_a_change_that_reaches_too_far_for_its_caller_changes_nothing_and_the_next_one_is_judged_where_it_reaches(
    place: Place,
) -> None:
    said: list[str] = []
    with gate.opened(place.state, Rulebook.of(Content(place.content)), 3, said.append) as writer:
        writer.propose([_rename("a-page", "Un projet", "Le premier")])  # judged whole: nothing was known yet
        before = writer.generations.manifest()
        with pytest.raises(TooFarReaching, match="make it in data/"):
            writer.propose([_rename("a-page", "Le premier", "Le second")], most_pairs=0)
        assert writer.generations.manifest() == before
        said.clear()
        writer.propose([_rename("a-page", "Le premier", "Le second")], most_pairs=1)
        assert "inferring what follows" not in said  # what was known before the refusal is still known
        with pytest.raises(WriteRejected):
            writer.propose([_rename("a-page", "Le second", 50 * "x")], most_pairs=1)


def test_a_graph_that_is_new_in_the_store_is_listed_and_exported(place: Place) -> None:
    _propose(place, Change(frozenset(), _all_of("c-page", "Un troisième"), "a contribution"))
    assert place.build().to_export == [C_PAGE]
    assert place.export().written == [C_PAGE]
    assert (place.content / C_PAGE).read_text(encoding="utf-8") == a_tiny_source("c-page", "Un troisième")
    assert _built(place)[0].to_export == []


def test_a_graph_that_is_removed_from_the_store_is_listed_and_its_file_removed(place: Place) -> None:
    _propose(place, Change(_all_of("b-page", "Un autre projet"), frozenset(), "a contribution"))
    assert place.build().to_export == [B_PAGE]
    assert place.export().written == [B_PAGE]
    assert not (place.content / B_PAGE).exists()
    assert place.build().to_export == []


def test_graphs_that_changed_on_both_sides_are_all_named_and_nothing_is_lost(place: Place) -> None:
    """A changed file, a deleted one, and a new one whose graph the store has made meanwhile."""
    _propose(
        place,
        _rename("a-page", "Un projet", "Du magasin"),
        _rename("b-page", "Un autre projet", "Du magasin"),
        Change(frozenset(), _all_of("c-page", "Du magasin"), "a contribution"),
    )
    place.swap(A_PAGE, "Un projet", "Du fichier")
    (place.content / B_PAGE).unlink()
    place.write(C_PAGE, a_tiny_source("c-page", "Du fichier"))
    before = (place.digest(), place.journal().head)
    files = _files(place.content)
    for refused in (place.build, place.export):
        with pytest.raises(WriteConflict) as conflict:
            refused()
        assert sorted(conflict.value.paths) == [A_PAGE, B_PAGE, C_PAGE]
    assert ((place.digest(), place.journal().head), _files(place.content)) == (before, files)


def test_the_program_tells_a_conflict_and_its_way_out_works(place: Place, tmp_path: Path) -> None:
    _propose(place, _rename("a-page", "Un projet", "Du magasin"))
    place.swap(A_PAGE, "Un projet", "Du fichier")
    done = place.run("build")
    assert done.returncode == 4
    assert re.search(rf"changed both .*: {A_PAGE}; .*export --out NEW_FOLDER.*, run 'coopkg build', then", done.stderr)
    assert place.run("export", "--out", tmp_path / "new").returncode == 0
    stored = (tmp_path / "new" / A_PAGE).read_text(encoding="utf-8")
    assert "Du magasin" in stored
    (place.content / A_PAGE).write_text(stored.replace("Du magasin", "Du magasin et du fichier"), "utf-8")
    assert place.run("build").returncode == 4, "a file merged at once is not known to hold what the store has"
    shutil.copy(tmp_path / "new" / A_PAGE, place.content / A_PAGE)
    assert len(place.build().changes) == 0
    place.swap(A_PAGE, "Du magasin", "Du fichier")
    assert len(place.build().changes) == 1


def test_the_same_change_on_both_sides_is_no_conflict(place: Place) -> None:
    _propose(place, _rename("a-page", "Un projet", "Un nom"))
    place.swap(A_PAGE, "Un projet", "Un nom")
    assert len(place.build().changes) == 0
    assert place.export().written == []


def test_an_export_says_to_build_before_its_files_are_edited(place: Place, tmp_path: Path) -> None:
    _propose(place, _rename("a-page", "Un projet", "Du magasin"))
    assert place.run("export", "--out", tmp_path / "new").stderr.endswith("written\n"), "nobody builds from there"
    assert place.run("export").stderr == "1 file written; run 'coopkg build' before you edit them\n"


def test_a_file_whose_form_changed_does_not_undo_a_change_of_the_store(place: Place) -> None:
    _propose(place, _rename("a-page", "Un projet", "Du magasin"))
    place.swap(A_PAGE, "@prefix coop", "# a remark\n@prefix coop")
    assert place.build().to_export == [A_PAGE]
    assert place.export().written == [A_PAGE]
    assert "Du magasin" in (place.content / A_PAGE).read_text(encoding="utf-8")


def test_an_export_never_overwrites_an_edit_that_was_not_built_yet(place: Place) -> None:
    place.swap(A_PAGE, "Un projet", "Un travail en cours")
    (place.content / B_PAGE).unlink()
    place.write(C_PAGE, a_tiny_source("c-page", "Un nouveau"))
    files = _files(place.content)
    assert place.export() == curation.Export([], [A_PAGE, B_PAGE])
    assert _files(place.content) == files
    told = place.run("export")
    assert told.returncode == 0
    assert f"left, edited since the last build: {A_PAGE}, {B_PAGE}; run 'coopkg build'" in told.stderr


def test_a_folder_that_cannot_be_written_is_told_by_an_export(place: Place, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "data").write_text("a file, not a folder", encoding="utf-8")
    with pytest.raises(DiskFullError, match=r"sources/[ab]-page\.trig: cannot be written .*make its folder writable"):
        upkeep.export(place.settings, {}, tmp_path / "out")


# ---------------------------------------------------------------------------------------------- canonical form


def test_an_export_is_byte_for_byte_stable(place: Place, tmp_path: Path) -> None:
    place.write(A_PAGE, (place.content / A_PAGE).read_text(encoding="utf-8").replace("    ", "\t") + "\n\n")
    place.build()
    assert place.export().written == [A_PAGE]
    files = _files(place.content)
    assert place.export().written == []
    for name in ("first", "second"):
        upkeep.export(place.settings, {}, tmp_path / name)
    assert _files(tmp_path / "first") == _files(tmp_path / "second")
    assert {path: files[path] for path in _files(tmp_path / "first")} == _files(tmp_path / "first")


def _curated() -> list[str]:
    return [file.path for file in Content(REPOSITORY).files if file.path.startswith("data/")]


@pytest.mark.parametrize("path", [path for path in _curated() if not path.endswith(".ttl")])
def test_each_file_of_data_is_as_an_export_would_write_it(path: str) -> None:
    content = Content(REPOSITORY)
    file = next(file for file in content.files if file.path == path)
    canonical = curation.canonical_bytes(path, content.read(file))
    found = file.full.read_bytes()
    if path.endswith(".gz"):
        canonical, found = gzip.decompress(canonical), gzip.decompress(found)
    assert found == canonical, "run: coopkg build && coopkg export"


def test_an_export_of_the_repository_changes_no_byte(built_state: Path, tmp_path: Path) -> None:
    settings = Place(REPOSITORY, built_state).settings
    shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    assert upkeep.export(settings, {}, tmp_path).written == []
    assert _files(tmp_path / "data") == _files(REPOSITORY / "data")


def test_a_path_and_its_graph_lead_to_one_another() -> None:
    for file in Content(REPOSITORY).files:
        assert graph_of(file.path) == file.graph
        if file.path.endswith(".trig"):
            assert path_of(file.graph) == file.path
    for odd in ("inferred", "../x", "a/b", "", "Maj", "schemes/role"):
        assert path_of(f"https://w3id.org/coopkg/graph/{odd}") is None


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------------------------------------- one digest


def test_data_the_journal_and_a_fresh_state_give_one_digest(place: Place, tmp_path: Path) -> None:
    place.swap(A_PAGE, "Un projet", "Un nom")
    (place.content / B_PAGE).unlink()
    place.write(C_PAGE, a_tiny_source("c-page", "Un troisième"))
    place.build()
    _propose(place, _rename("c-page", "Un troisième", "Du magasin"))
    place.export()
    place.build()
    manifest = place.manifest()

    fresh = Place(place.content, tmp_path / "fresh")
    fresh.build()
    shutil.rmtree(place.state / "generations")
    done, said = _built(place)
    assert "the journal is ahead of the published graph: replaying it" in said
    assert done.changes == []
    assert fresh.digest() == place.digest() == manifest.digest
    assert (place.manifest().inferred, place.manifest().revision) == (manifest.inferred, manifest.revision)
    assert B_PAGE not in place.manifest().built


def test_a_replay_knows_the_files_as_they_were_built(place: Place) -> None:
    place.swap(A_PAGE, "Un projet", "Un nom")
    (place.content / B_PAGE).unlink()
    place.build()
    known = place.manifest().built
    shutil.rmtree(place.state / "generations")
    place.build()
    assert place.manifest().built == known
    assert len(list((place.state / "generations").glob("0*"))) == 1


# ---------------------------------------------------------------------------------------------- a damaged state


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x20
    path.write_bytes(content)


def _current(place: Place) -> Path:
    return (place.state / "generations" / "current").resolve()


def _a_table(place: Place) -> Path:
    return max((_current(place) / "store").glob("*.sst"), key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("damage", ["a byte", "a file less", "a file more", "the manifest", "the folder", "the link"])
def test_a_damaged_generation_is_refused_by_readers_and_rebuilt_by_a_build(place: Place, damage: str) -> None:
    before = place.digest()
    match damage:
        case "a byte":
            _flip(_a_table(place), _a_table(place).stat().st_size // 2)
        case "a file less":
            _a_table(place).unlink()
        case "a file more":
            (_current(place) / "store" / "999999.sst").write_bytes(b"x")
        case "the manifest":
            (_current(place) / "generation.json").write_text("[]", encoding="utf-8")
        case "the folder":
            shutil.rmtree(_current(place))
        case _:
            (place.state / "generations" / "current").unlink()
    with pytest.raises((StateDamaged, NothingPublished), match="build"):
        place.manifest()
    done, said = _built(place)
    assert done.changes == []
    assert any("replaying" in line for line in said)
    assert place.digest() == before
    assert _built(place)[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "null",
        '{"built": {}, "future": 1}',
        '{"built": []}',
        '{"built": {"a": 1}}',
        '{"revision": 3, "built": {"data/x": {"sha256": "", "graphs": {}, "future": true}}}',
    ],
)
def test_a_manifest_of_another_version_is_refused_and_made_again(place: Place, text: str) -> None:
    before = place.digest()
    (_current(place) / "generation.json").write_text(text, encoding="utf-8")
    told = place.run("stats")
    assert (told.returncode, "Traceback" in told.stderr) == (7, False), told.stderr
    assert "generation.json" in told.stderr
    assert len(place.build().changes) == 0
    assert place.digest() == before


def test_a_manifest_of_an_earlier_version_is_told_as_such(place: Place) -> None:
    path = _current(place) / "generation.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["graphs"]
    path.write_text(json.dumps(content), encoding="utf-8")
    told = place.run("stats")
    assert told.returncode == 7
    assert "an earlier version of coopkg wrote this; run 'coopkg build' once" in told.stderr
    assert len(place.build().changes) == 0
    assert place.run("stats").returncode == 0


def test_a_server_refuses_a_damaged_generation_unless_it_may_build(place: Place) -> None:
    _flip(_a_table(place), 100)
    refused = place.run("serve", "--no-build", "--port", "0")
    assert refused.returncode == 7
    assert "changed since publication" in refused.stderr


def test_each_damage_of_the_journal_is_told(place: Place) -> None:
    """One flipped bit in each fortieth byte: never a silent loss, whatever it hits."""
    whole = place.segment.read_bytes()
    for at in range(0, len(whole), 40):
        _flip(place.segment, at)
        with pytest.raises(StateDamaged, match=r"restore|damaged|checksum"):
            place.journal()
        place.segment.write_bytes(whole)
    place.journal()


@pytest.mark.parametrize(
    "damage", ["a byte", "nothing left", "another kind", "no file", "no journal", "an earlier version"]
)
def test_a_damaged_journal_stops_a_build_and_readers_go_on(place: Place, damage: str) -> None:
    path = place.segment
    before = place.digest()
    match damage:
        case "a byte":
            _flip(path, 60)
        case "nothing left":
            path.write_bytes(b"")
        case "another kind":
            path.write_bytes(b"PK\x03\x04")
        case "no file":
            path.unlink()
        case "no journal":
            shutil.rmtree(place.state / "journal")
        case _:
            shutil.rmtree(place.state / "journal")
            (place.state / "journal").write_bytes(b"coopkg-journal 1\n")
    done = place.run("build")
    assert (done.returncode, "Traceback" in done.stderr) == (7, False), done.stderr
    assert ("an earlier version" if damage == "an earlier version" else "restore") in done.stderr
    assert place.digest() == before
    assert place.run("stats").returncode == 0


def test_a_torn_end_of_the_journal_is_set_aside(place: Place) -> None:
    path = place.segment
    with path.open("ab") as file:
        file.write(b"R 4")
    assert len(place.build().changes) == 0
    assert place.journal().head == 3
    assert [aside.read_bytes() for aside in place.state.glob("journal.torn-*")] == [b"R 4"]
    with place.segment.open("ab") as file:
        file.write(b"R 4")
    assert "put aside in" in place.run("build").stderr


def test_a_state_folder_of_other_content_is_a_change_like_any_other(place: Place) -> None:
    """Nobody loses by pointing at the wrong folder: the journal holds what was there."""
    other = Place(a_tiny_content(place.content.parent / "other"), place.state)
    other.write(A_PAGE, a_tiny_source("a-page", "Un autre monde"))
    assert len(other.build().changes) == 1
    assert len(place.build().changes) == 1
    assert place.journal().head == 5


@pytest.mark.parametrize("command", ["build", "stats", "serve"])
def test_a_state_folder_that_is_a_file_is_told(place: Place, command: str) -> None:
    (place.state.parent / "file").write_text("x", encoding="utf-8")
    wrong = Place(place.content, place.state.parent / "file")
    done = wrong.run(*([command, "--port", "0"] if command == "serve" else [command]))
    assert done.returncode in (6, 7, 8)
    assert "Traceback" not in done.stderr
    assert str(wrong.state) in done.stderr


def test_a_state_folder_that_cannot_be_made_is_told(place: Place) -> None:
    done = Place(place.content, Path("/proc/coopkg")).run("build")
    assert done.returncode == 8
    assert "/proc/coopkg: cannot be written" in done.stderr
    assert "--state" in done.stderr


def test_a_link_to_the_current_generation_that_is_a_folder_is_told(place: Place) -> None:
    link = place.state / "generations" / "current"
    link.unlink()
    link.mkdir()
    for command in ("build", "stats"):
        done = place.run(command)
        assert (done.returncode, "Traceback" in done.stderr) == (7, False), done.stderr
        assert "remove it and build again" in done.stderr


def test_a_proposal_that_breaks_the_shapes_leaves_no_trace(place: Place) -> None:
    before = (place.digest(), place.journal().head_hash)
    with pytest.raises(WriteRejected):
        _propose(place, _rename("a-page", "Un projet", 50 * "x"), _rename("b-page", "Un autre projet", "Bon"))
    assert (place.digest(), place.journal().head_hash) == before


def test_a_refused_candidate_is_closed_before_its_folder_is_removed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the engine goes on writing there, and now and then something stays."""
    held: list[list[str]] = []

    def removing(folder: Path, **_: bool) -> None:
        links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        held.append([link for link in links if link.startswith(str(folder))])

    place.swap(A_PAGE, "Un projet", 50 * "x")
    monkeypatch.setattr("coopkg.generations.shutil.rmtree", removing)
    with pytest.raises(WriteRejected):
        place.build()
    assert held == [[]]
