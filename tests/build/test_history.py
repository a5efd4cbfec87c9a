"""log, show, diff, revert, blame as people use them; and what a revert does to data/ and to the journal."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from coopkg import graph, upkeep
from coopkg.errors import (
    DiskFullError,
    InputError,
    NothingPublished,
    RevisionOvertaken,
    StateLocked,
    WriteConflict,
    WriteRejected,
)
from coopkg.history import Delta
from coopkg.lock import locked
from tests.build.running import Place
from tests.build.test_safekeeping import files, propose
from tests.builders import ID, a_tiny_content, a_tiny_source

GRAPH = "https://w3id.org/coopkg/graph/"
A_PAGE, B_PAGE, C_PAGE = (f"data/sources/{letter}-page.trig" for letter in "abc")
PROJECT = f"{ID}project/a-page"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A graph of three files (revisions 1 to 3), a new name in one (4), a file more (5); do not change it."""
    folder = tmp_path_factory.mktemp("history")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.build()
    place.swap(A_PAGE, "Un projet", "Un nom")
    place.build()
    place.write(C_PAGE, a_tiny_source("c-page", "Un troisième"))
    place.build()
    return place


@pytest.fixture
def place(published: Place, tmp_path: Path) -> Place:
    """A copy of it, to change."""
    copy = Place(tmp_path / "content", tmp_path / "state")
    shutil.copytree(published.content, copy.content)
    shutil.copytree(published.state, copy.state, symlinks=True)
    return copy


def revert(place: Place, number: int, **more: object) -> upkeep.Reverted:
    return upkeep.revert(place.settings, {}, number, **more)  # type: ignore[arg-type]  # options by name


def names(place: Place) -> list[str | None]:
    found = graph.Graph.open(place.settings, {}).rows("SELECT ?n { ?p a coop:Project ; skos:prefLabel ?n } ORDER BY ?n")
    return [name for (name,) in found]


# ---------------------------------------------------------------------------------------------- what was done


def test_the_log_lists_what_was_done_and_by_which_file(published: Place) -> None:
    lines = published.run("log").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["5", "4", "3", "2", "1"]
    assert lines[0].endswith(f"+2 -0  coopkg build: build {C_PAGE}")
    assert published.run("log", "--limit", "2").stdout.splitlines() == lines[:2]
    for wish in (A_PAGE, f"{GRAPH}a-page", f"<{GRAPH}a-page>"):
        assert published.run("log", "--graph", wish).stdout.splitlines() == [lines[1], lines[4]], wish
    listed = json.loads(published.run("log", "--format", "json").stdout)
    assert [(one["revision"], one["origin"]) for one in listed[:2]] == [(5, C_PAGE), (4, A_PAGE)]
    assert listed[1]["removed"] == listed[1]["added"] == 1


def test_a_revision_is_shown_in_each_form(published: Place) -> None:
    text = published.run("show", "4").stdout
    assert text.startswith("révision 4 du 20")
    assert text.endswith(
        f"""
<{GRAPH}a-page>
  <{PROJECT}>
    - skos:prefLabel "Un projet"@fr
    + skos:prefLabel "Un nom"@fr
"""
    )
    assert "revision 4 of 20" in published.run("--lang", "en", "show", "4").stdout
    patch = published.run("show", "4", "--format", "rdf-patch").stdout.splitlines()
    assert [row[:2] for row in patch] == ["H ", "H ", "TX", "D ", "A ", "TC"]
    shown = json.loads(published.run("show", "current", "--format", "json").stdout)
    assert (shown["revision"], len(shown["add"]), shown["remove"]) == (5, 2, [])


def test_the_difference_is_net(published: Place) -> None:
    text = published.run("diff", "1", "current").stdout
    assert '- skos:prefLabel "Un projet"@fr' in text
    assert '+ skos:prefLabel "Un nom"@fr' in text
    assert f"<{GRAPH}c-page>" in text
    back = json.loads(published.run("diff", "current", "1", "--format", "json").stdout)
    there = json.loads(published.run("diff", "1", "5", "--format", "json").stdout)
    assert (back["remove"], back["add"], back["from"], back["to"]) == (there["add"], there["remove"], 5, 1)
    assert published.run("diff", "3", "3", "--format", "rdf-patch").stdout == "TX .\nTC .\n"
    everything = json.loads(published.run("diff", "0", "current", "--format", "json").stdout)
    assert len(everything["add"]) == published.manifest().asserted


def test_blame_says_who_added_what(published: Place) -> None:
    found = json.loads(published.run("blame", PROJECT, "--format", "json").stdout)
    assert [(one["revision"], one["object"]) for one in found] == [
        (1, "<https://w3id.org/coopkg/ns#Project>"),
        (4, '"Un nom"@fr'),
    ]
    assert published.run("blame", f"<{PROJECT}>").stdout.startswith(f"<{GRAPH}a-page>\n  révision 1 du ")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["show", "6"], 1, "revision '6': there is none; give a number up to 5, or 'current'"),
        (["show", "0"], 1, "revision 0: there is none; give a number from 1 to 5"),
        (["show", "-1"], 2, "No such option"),
        (["show", "HEAD"], 1, "revision 'HEAD': there is none"),
        (["diff", "1", "99"], 1, "revision '99': there is none"),
        (["revert", "99"], 1, "revision '99': there is none"),
        (["revert", "0"], 1, "revision 0: there is none"),
        (["log", "--graph", f"{GRAPH}nope"], 1, f"no revision touched a graph <{GRAPH}nope>"),
        (["log", "--graph", "Paris"], 1, "'Paris': is no IRI; give it whole"),
        (["log", "--limit", "0"], 2, "--limit"),
        (["blame", f"{ID}project/nobody"], 1, f"<{ID}project/nobody>: no revision states anything about it"),
        (["blame", "nobody"], 1, "'nobody': is no IRI"),
        (["revert", "5", "--message", "a\nb"], 1, "--message 'a\\nb': must be one line"),
        (["revert", "5", "--author", "\x1b[31m"], 1, "--author '\\x1b[31m': must be one line"),
    ],
)
def test_what_is_not_there_is_told(published: Place, arguments: list[str], code: int, says: str) -> None:
    done = published.run("--lang", "en", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["log"], ["show", "1"], ["diff", "0", "1"], ["blame", PROJECT], ["revert", "1"]])
def test_nothing_published_says_what_to_do(published: Place, tmp_path: Path, command: list[str]) -> None:
    done = Place(published.content, tmp_path / "state").run(*command)
    assert (done.returncode, done.stdout) == (6, "")
    assert "run 'coopkg build' first" in done.stderr
    assert not (tmp_path / "state").exists()


# ---------------------------------------------------------------------------------------------- revert


def test_a_revert_is_a_new_revision_and_its_file_waits_for_an_export(place: Place) -> None:
    done = place.run("--lang", "en", "revert", "4", "--author", "Ada", "--message", "the old name was right")
    assert done.returncode == 0, done.stderr
    assert "revision 6: undoes revision 4 (statements removed: 1, added: 1)" in done.stderr
    assert f"not yet in data/: {A_PAGE}; run 'coopkg export'" in done.stderr
    last = place.journal().revisions[-1]
    assert (last.number, last.author, last.message, last.origin) == (6, "Ada", "the old name was right", None)
    assert names(place) == ["Un autre projet", "Un projet", "Un troisième"]
    assert place.build().to_export == [A_PAGE]
    assert place.export().written == [A_PAGE]
    assert "Un projet" in (place.content / A_PAGE).read_text(encoding="utf-8")
    assert (place.build().to_export, place.journal().head) == ([], 6)


def test_the_message_names_the_revision_when_none_is_given(place: Place) -> None:
    revert(place, 4)
    last = place.journal().revisions[-1]
    assert (last.author, last.message) == ("coopkg revert", f"revert 4: build {A_PAGE}")


def test_a_file_that_was_added_goes_and_one_that_was_removed_comes_back(place: Place) -> None:
    revert(place, 5)
    assert place.build().to_export == [C_PAGE]
    assert place.export().written == [C_PAGE]
    assert not (place.content / C_PAGE).exists()
    place.build()
    before = place.digest()
    (place.content / B_PAGE).unlink()
    place.build()
    revert(place, place.journal().head)
    assert place.digest() == before
    assert place.export().written == [B_PAGE]
    assert "Un autre projet" in (place.content / B_PAGE).read_text(encoding="utf-8")


def test_a_revert_can_be_reverted(place: Place) -> None:
    before = place.digest()
    revert(place, 4)
    assert place.digest() != before
    revert(place, 6)
    assert place.digest() == before
    with pytest.raises(RevisionOvertaken, match=r"later revisions touched 2 of its statements \(6, 7\)"):
        revert(place, 4)


def test_a_revision_that_later_ones_touched_is_refused_and_each_statement_is_shown(place: Place) -> None:
    before = files(place.state)
    done = place.run("revert", "1")
    assert done.returncode == 4
    assert f'     4  <{PROJECT}> <http://www.w3.org/2004/02/skos/core#prefLabel> "Un projet"@fr' in done.stderr
    assert "revision 1 cannot be undone: later revisions touched 1 of its statements (4); revert those" in done.stderr
    assert files(place.state) == before


def test_a_revert_whose_result_is_invalid_is_refused_with_the_findings(place: Place) -> None:
    place.swap("shapes/project.ttl", "sh:minCount 1 ;", "sh:minCount 1 ; sh:maxCount 1 ;")
    place.build()
    place.write(A_PAGE, a_tiny_source("a-page", "Un nom").replace(' "Un nom"@fr', ' "Un"@fr'))
    place.build()
    for slug in ("a-page",):
        propose(place, slug, "Un", "Un tout autre nom")
    place.swap("shapes/project.ttl", "sh:maxLength 40", "sh:minLength 4 ; sh:maxLength 40")
    place.build()
    before = files(place.state)
    done = place.run("--lang", "en", "revert", "7")
    assert done.returncode == 3
    assert f"Violation <{PROJECT}> skos:prefLabel = Un: Give a short name." in done.stderr
    assert "refused: 1 finding must be repaired; nothing was written" in done.stderr
    assert files(place.state) == before
    with pytest.raises(WriteRejected):
        revert(place, 7, dry_run=True)
    assert files(place.state) == before


def test_a_dry_run_shows_what_would_change_and_writes_nothing(place: Place) -> None:
    before = files(place.state)
    done = place.run("--lang", "en", "revert", "4", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert '- skos:prefLabel "Un nom"@fr\n' in done.stdout
    assert "revision 4 can be undone (statements removed: 1, added: 1); nothing was written" in done.stderr
    assert files(place.state) == before
    tried = revert(place, 4, dry_run=True)
    assert tried.revision is None
    done_for_good = revert(place, 4)
    assert (done_for_good.delta, done_for_good.revision) == (tried.delta, 6)
    assert isinstance(tried.delta, Delta)


def test_a_graph_that_is_never_exported_is_not_reverted(place: Place) -> None:
    place.swap("ontology/coop.ttl", "coop:within a owl:ObjectProperty .", "")
    place.build()
    with pytest.raises(InputError, match=f"revision 6: changed {GRAPH}ontology, which is never exported; put back"):
        revert(place, 6)
    assert place.journal().head == 6


def test_a_revert_beside_an_edited_file_is_a_conflict_for_the_next_build_and_nothing_is_lost(place: Place) -> None:
    place.swap(A_PAGE, "Un nom", "Un nom plus récent")
    revert(place, 4)
    with pytest.raises(WriteConflict, match=A_PAGE):
        place.build()
    assert "plus récent" in (place.content / A_PAGE).read_text(encoding="utf-8")


def test_nobody_reverts_under_a_writer(place: Place) -> None:
    with locked(place.state), pytest.raises(StateLocked):
        revert(place, 4)


def test_a_revert_whose_journal_cannot_be_synced_changes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before, journal = place.digest(), place.segment.read_bytes()
    inode = place.segment.stat().st_ino
    real = os.fsync

    def failing(handle: int) -> None:
        if os.fstat(handle).st_ino == inode:
            raise OSError(5, "Input/output error")
        real(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(DiskFullError, match="its last sync failed"):
            revert(place, 4)
    assert (place.digest(), place.segment.read_bytes()) == (before, journal)
    assert revert(place, 4).revision == 6


def test_a_kept_history_is_that_of_what_is_published(place: Place) -> None:
    """Whatever was built and reverted: the difference from nothing is the published graph."""
    revert(place, 5)
    revert(place, 4)
    past = upkeep.history(place.settings, {})
    store, _ = graph.Graph.open(place.settings, {}).current()
    published = {quad for name in store.graphs() if not name.endswith("/inferred") for quad in store.quads(name)}
    assert past.difference(0, 7) == Delta(frozenset(), frozenset(published))
    with pytest.raises(NothingPublished):
        upkeep.history(Place(place.content, place.state / "nowhere").settings, {})
