"""Drafts as two people use them: one proposes, another approves, and nothing enters twice."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coopkg import graph, review, upkeep
from coopkg.drafts import Draft, Drafts
from coopkg.errors import (
    DraftOvertaken,
    InputError,
    NothingPublished,
    StateLocked,
    WriteConflict,
    WriteForbidden,
    WriteRejected,
)
from coopkg.lock import locked
from tests.build.running import Place
from tests.build.test_kills import _INTERRUPTED
from tests.build.test_safekeeping import files, propose
from tests.builders import ID, a_tiny_content, a_tiny_source
from tests.conftest import clean_environ

A_PAGE, C_PAGE = "data/sources/a-page.trig", "data/sources/c-page.trig"
LONG = "Un nom qui est beaucoup trop long pour la forme des essais"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A graph of two files (revisions 1 to 3); do not change it."""
    folder = tmp_path_factory.mktemp("review")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.build()
    return place


@pytest.fixture
def place(published: Place, tmp_path: Path) -> Place:
    """A copy of it, to change."""
    copy = Place(tmp_path / "content", tmp_path / "state")
    shutil.copytree(published.content, copy.content)
    shutil.copytree(published.state, copy.state, symlinks=True)
    return copy


def a_file(place: Place, slug: str, name: str) -> Path:
    """Write a file outside the content folder."""
    path = place.content.parent / "desk" / f"{slug}.trig"
    path.parent.mkdir(exist_ok=True)
    path.write_text(a_tiny_source(slug, name), encoding="utf-8")
    return path


def proposed(place: Place, slug: str = "a-page", name: str = "Un nom", author: str = "Ada") -> Draft:
    return review.propose(place.settings, {}, [a_file(place, slug, name)], author, "a better name")


def names(place: Place) -> list[str | None]:
    found = graph.Graph.open(place.settings, {}).rows("SELECT ?n { ?p a coop:Project ; skos:prefLabel ?n } ORDER BY ?n")
    return [name for (name,) in found]


# ---------------------------------------------------------------------------------------------- two people


def test_a_draft_waits_is_shown_is_approved_and_waits_for_an_export(place: Place) -> None:
    path, before = a_file(place, "a-page", "Un nom"), place.digest()
    done = place.run("--lang", "en", "draft", "add", str(path), "--author", "Ada", "-m", "a better name")
    assert done.returncode == 0, done.stderr
    name = done.stdout.strip()
    assert re.fullmatch("[0-9a-f]{12}", name)
    assert f"draft {name}: graphs that would change: 1, faults to repair: 0" in done.stderr
    assert place.digest() == before
    listed = place.run("--lang", "en", "draft", "list").stdout
    assert listed.startswith(name)
    assert "revision 3  Ada: a better name (faults when it was proposed: 0)" in listed
    shown = place.run("--lang", "en", "draft", "show", name)
    assert '    - skos:prefLabel "Un projet"@fr\n    + skos:prefLabel "Un nom"@fr\n' in shown.stdout
    assert "proposed against revision 3; revision 3 is in force" in shown.stdout
    assert "applies; faults to repair: 0" in shown.stderr
    done = place.run("--lang", "en", "draft", "approve", name, "--author", "Grace")
    assert done.returncode == 0, done.stderr
    assert f"revision 4: draft {name} approved" in done.stderr
    assert f"not yet in data/: {A_PAGE}; run 'coopkg export'" in done.stderr
    last = place.journal().revisions[-1]
    assert (last.author, last.message) == ("Ada, approved by Grace", f"a better name (draft {name})")
    assert names(place) == ["Un autre projet", "Un nom"]
    empty = place.run("--lang", "en", "draft", "list")
    assert (empty.stdout, empty.stderr) == ("", "no draft waits\n")
    assert place.build().to_export == [A_PAGE]
    assert place.export().written == [A_PAGE]


def test_a_new_file_can_be_a_draft_and_several_are_one(place: Place) -> None:
    paths = [a_file(place, "c-page", "Un troisième"), a_file(place, "a-page", "Un nom")]
    draft = review.propose(place.settings, {}, paths, "Ada")
    assert draft.message == "draft of a-page.trig, c-page.trig"
    done = review.approve(place.settings, {}, draft.id, "Grace")
    assert (done.revisions, done.to_export) == ((4, 5), [A_PAGE, C_PAGE])
    assert names(place) == ["Un autre projet", "Un nom", "Un troisième"]


@pytest.mark.parametrize("name", ["Ada", " ADA ", "ada", "Àda"])
def test_nobody_approves_what_is_their_own(place: Place, name: str) -> None:
    draft = proposed(place)
    before = files(place.state)
    with pytest.raises(WriteForbidden, match="Ada proposed it; let somebody else"):
        review.approve(place.settings, {}, draft.id, name)
    assert files(place.state) == before


@pytest.mark.parametrize("name", ["", " ", "!", "\u200b"])
def test_nobody_is_no_second_person(place: Place, name: str) -> None:
    draft = proposed(place)
    for done in (
        lambda: review.approve(place.settings, {}, draft.id, name),
        lambda: review.reject(place.settings, {}, draft.id, name, "why"),
        lambda: proposed(place, name="Un autre", author=name),
    ):
        with pytest.raises(InputError, match="names nobody; say who you are"):
            done()


def test_an_unfinished_draft_shows_its_faults_and_is_refused_until_they_are_repaired(place: Place) -> None:
    path = a_file(place, "a-page", LONG)
    done = place.run("--lang", "en", "draft", "add", str(path), "--author", "Ada")
    assert done.returncode == 0
    name = done.stdout.strip()
    assert "Give a short name." in done.stderr
    assert "faults to repair: 1" in done.stderr
    assert "Give a short name." in place.run("--lang", "en", "draft", "show", name).stderr
    before = files(place.state)
    refused = place.run("--lang", "en", "draft", "approve", name, "--author", "Grace")
    assert refused.returncode == 3
    assert "Give a short name." in refused.stderr
    assert files(place.state) == before
    with pytest.raises(WriteRejected):
        review.approve(place.settings, {}, name, "Grace")
    place.swap("shapes/project.ttl", "sh:maxLength 40", "sh:maxLength 80")
    place.build()
    assert review.approve(place.settings, {}, name, "Grace").revisions == (4,)


# ---------------------------------------------------------------------------------------------- meanwhile


def test_a_draft_applies_beside_other_changes_and_says_that_the_base_moved(place: Place) -> None:
    draft = proposed(place)
    propose(place, "b-page", "Un autre projet", "Un autre nom")
    found = review.reviewed(place.settings, {}, draft.id)
    assert (found.draft.base, found.current, found.overtaken, found.findings) == (3, 4, (), ())
    assert review.approve(place.settings, {}, draft.id, "Grace").revisions == (5,)


def test_a_draft_whose_statements_went_is_named_as_a_conflict_and_waits(place: Place) -> None:
    draft = proposed(place)
    propose(place, "a-page", "Un projet", "Un nom")
    shown = place.run("--lang", "en", "draft", "show", draft.id)
    assert shown.returncode == 0
    assert "revision 4 is in force" in shown.stdout
    assert "does not apply any more" in shown.stderr
    label = f"<{ID}project/a-page> <http://www.w3.org/2004/02/skos/core#prefLabel>"
    before = files(place.state)
    refused = place.run("--lang", "en", "draft", "approve", draft.id, "--author", "Grace")
    assert refused.returncode == 4
    assert f'  - {label} "Un projet"@fr' in refused.stderr
    assert f'  + {label} "Un nom"@fr' in refused.stderr
    assert f"draft {draft.id} does not apply any more: 2 of its statements were" in refused.stderr
    assert files(place.state) == before
    with pytest.raises(DraftOvertaken):
        review.approve(place.settings, {}, draft.id, "Grace")


def test_a_file_older_than_the_store_is_a_conflict_when_it_is_proposed(place: Place) -> None:
    propose(place, "a-page", "Un projet", "Un nom du graphe")
    with pytest.raises(WriteConflict, match=r"a-page\.trig"):
        proposed(place)
    assert review.waiting(place.settings, {}) == []


# ---------------------------------------------------------------------------------------------- no


def test_a_rejected_draft_stays_with_its_reason_and_does_not_enter(place: Place) -> None:
    draft = proposed(place)
    done = place.run("--lang", "en", "draft", "reject", draft.id, "-m", "no source", "--author", "Grace")
    assert done.returncode == 0, done.stderr
    assert f"draft {draft.id} rejected; kept for 90 days" in done.stderr
    assert "(rejected by Grace: no source)" in place.run("--lang", "en", "draft", "list").stdout
    assert "rejected by Grace: no source" in place.run("--lang", "en", "draft", "show", draft.id).stderr
    for again in (
        lambda: review.approve(place.settings, {}, draft.id, "Joan"),
        lambda: review.reject(place.settings, {}, draft.id, "Joan", "nor this"),
    ):
        with pytest.raises(InputError, match=r"Grace rejected it.*: no source"):
            again()
    with pytest.raises(InputError, match="give a reason"):
        review.reject(place.settings, {}, draft.id, "Joan", " ")


def test_only_who_proposed_a_draft_withdraws_it(place: Place) -> None:
    draft = proposed(place)
    with pytest.raises(WriteForbidden, match="Ada proposed it, and not Grace; reject it instead"):
        review.withdraw(place.settings, {}, draft.id, "Grace")
    done = place.run("--lang", "en", "draft", "withdraw", draft.id, "--author", "ada")
    assert done.returncode == 0
    assert review.waiting(place.settings, {}) == []
    assert place.journal().head == 3


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["show", "0123456789ab"], 1, "draft '0123456789ab': there is none; 'coopkg draft list'"),
        (["show", "../journal"], 1, "draft '../journal': there is none"),
        (["approve", "0123456789ab", "--author", "Ada"], 1, "there is none"),
        (["approve", "0123456789ab"], 2, "--author"),
        (["reject", "0123456789ab", "--author", "Ada"], 2, "--message"),
        (["withdraw", "0123456789ab", "--author", "Ada"], 1, "there is none"),
        (["add", "--author", "Ada"], 2, "FILE"),
        (["add", "nowhere.trig", "--author", "Ada"], 2, "nowhere.trig"),
        (["approve", "0123456789ab", "--author", "A\nB"], 1, "--author 'A\\nB': must be one line"),
    ],
)
def test_a_wrong_command_is_told(published: Place, arguments: list[str], code: int, says: str) -> None:
    before = files(published.state)
    done = published.run("--lang", "en", "draft", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert files(published.state) == before


def test_what_changes_nothing_is_never_exported_or_not_understood_is_no_draft(place: Place) -> None:
    with pytest.raises(InputError, match="would change nothing"):
        proposed(place, name="Un projet")
    with pytest.raises(InputError, match="is never exported; change the file in its place"):
        review.propose(place.settings, {}, [place.content / "ontology" / "coop.ttl"], "Ada")
    broken = a_file(place, "a-page", "x")
    broken.write_text("<", encoding="utf-8")
    with pytest.raises(InputError, match=r"a-page\.trig:1"):
        review.propose(place.settings, {}, [broken], "Ada")
    with pytest.raises(InputError, match="states the same graph"):
        review.propose(place.settings, {}, [a_file(place, "a-page", "x"), place.content / A_PAGE], "Ada")
    assert not (place.state / "drafts").exists()


def test_drafts_need_a_published_graph_and_the_write_lock(place: Place, tmp_path: Path) -> None:
    empty = Place(place.content, tmp_path / "nowhere")
    with pytest.raises(NothingPublished):
        review.propose(empty.settings, {}, [a_file(place, "a-page", "x")], "Ada")
    assert not empty.state.exists()
    assert review.waiting(empty.settings, {}) == []
    with locked(place.state), pytest.raises(StateLocked):
        proposed(place)


def test_readers_never_see_a_draft(place: Place) -> None:
    draft = proposed(place, slug="c-page")
    assert f"{ID}project/c-page" not in str(graph.Graph.open(place.settings, {}).rows("SELECT ?s { ?s ?p ?o }"))
    assert draft.id not in " ".join(files(place.state / "generations"))
    place.build()
    assert [one.id for one in review.waiting(place.settings, {})] == [draft.id]


# ---------------------------------------------------------------------------------------------- kills

APPROVAL = ("candidate- generation.json", "os.rename current", "os.rename drafts", "rmtree drafts")


@pytest.mark.parametrize("step", [*APPROVAL, *map(str, range(12, 240, 19))])
def test_a_kill_anywhere_in_an_approval_never_applies_it_twice(place: Place, step: str) -> None:
    draft = proposed(place)
    program = [sys.executable, "-c", _INTERRUPTED, step, str(place.state), ""]
    where = ["--content", str(place.content), "--state", str(place.state)]
    killed = subprocess.run(
        [*program, *where, "draft", "approve", draft.id, "--author", "Grace"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=clean_environ(),
    )
    assert killed.returncode in ((0, -9) if step.isdigit() else (-9,)), killed.stderr
    accepted = place.journal().head == 4
    if draft.id in Drafts(place.state / "drafts").ids():
        done = review.approve(place.settings, {}, draft.id, "Grace")
        assert (done.revisions, done.repeated) == ((4,), accepted)
    else:
        place.build()
    assert [one.number for one in place.journal().revisions if draft.id in one.message] == [4]
    assert names(place) == ["Un autre projet", "Un nom"]
    assert review.waiting(place.settings, {}) == []


def test_a_kill_between_acceptance_and_removal_is_ended_by_the_next_command(place: Place) -> None:
    draft, kept = proposed(place), Drafts(place.state / "drafts")
    shutil.copytree(place.state / "drafts" / draft.id, place.state / "kept")
    review.approve(place.settings, {}, draft.id, "Grace")
    shutil.move(place.state / "kept", place.state / "drafts" / draft.id)
    assert review.waiting(place.settings, {}) == []  # it has become a revision
    again = place.run("--lang", "en", "draft", "approve", draft.id, "--author", "Grace")
    assert again.returncode == 0
    assert f"revision 4: draft {draft.id} was approved before; it was not applied a second time" in again.stderr
    assert (place.journal().head, kept.ids()) == (4, [])
    assert [one.id for one in (proposed(place, "b-page"),)] == kept.ids()


def test_the_draft_of_a_reverted_revision_does_not_come_back(place: Place) -> None:
    draft = proposed(place)
    review.approve(place.settings, {}, draft.id, "Grace")
    upkeep.revert(place.settings, {}, 4)
    assert names(place) == ["Un autre projet", "Un projet"]
    assert review.waiting(place.settings, {}) == []
