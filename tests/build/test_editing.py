"""rename and merge as people use them: through the gate, to the files, into the history, and back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from coopkg import editing, graph, upkeep
from coopkg.errors import InputError, MergeRefused, NothingPublished, StateLocked, WriteRejected
from coopkg.lock import locked
from coopkg.redirects import Redirects
from tests.build.running import Place
from tests.build.test_safekeeping import files
from tests.builders import ID, a_tiny_content, a_tiny_source

A_PAGE, C_PAGE, EDITORIAL = "data/sources/a-page.trig", "data/sources/c-page.trig", "data/editorial.trig"
OLD, NEW, OTHER = f"{ID}project/a-page", f"{ID}project/un-nom", f"{ID}project/b-page"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A graph of three files (revisions 1 to 4), two of which name one project; do not change it."""
    folder = tmp_path_factory.mktemp("editing")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.swap("shapes/project.ttl", "sh:property coopsh:Project-label .", _MORE)
    cites = a_tiny_source("c-page", "Un troisième").replace('"@fr .', f'"@fr ;\n        coop:within <{OLD}> .')
    place.write(C_PAGE, cites)
    place.build()
    return place


_MORE = """sh:property coopsh:Project-label , coopsh:Project-one , coopsh:Project-other .
coopsh:Project-one a sh:PropertyShape ; sh:path coop:within ; sh:maxCount 1 ; sh:severity sh:Violation ;
    sh:message "Un seul."@fr , "Only one."@en .
coopsh:Project-other a sh:PropertyShape ; sh:path skos:altLabel ; sh:maxLength 40 ; sh:severity sh:Violation ;
    sh:message "Plus court."@fr , "Shorter."@en ."""


@pytest.fixture
def place(published: Place, tmp_path: Path) -> Place:
    """A copy of it, to change."""
    copy = Place(tmp_path / "content", tmp_path / "state")
    shutil.copytree(published.content, copy.content)
    shutil.copytree(published.state, copy.state, symlinks=True)
    return copy


def redirects(place: Place) -> Redirects:
    return Redirects.of(graph.Graph.open(place.settings, {}).current()[0])


def rows(place: Place, query: str) -> list[tuple[str | None, ...]]:
    return graph.Graph.open(place.settings, {}).rows(query)


# ---------------------------------------------------------------------------------------------- rename


def test_a_renaming_is_one_batch_with_a_revision_for_each_graph_and_its_files_wait(place: Place) -> None:
    head = place.journal().head
    done = place.run("--lang", "en", "rename", "id/project/a-page", f"<{NEW}>", "-m", "clearer", "--author", "Ada")
    assert done.returncode == 0, done.stderr
    assert f"revision {head + 1}-{head + 3}: " in done.stderr
    assert f"<{OLD}> leads to <{NEW}>" in done.stderr
    assert f"not yet in data/: {EDITORIAL}, {A_PAGE}, {C_PAGE}; run 'coopkg export'" in done.stderr
    last = place.journal().revisions[-3:]
    assert [(one.batch_index, one.batch_size, one.author, one.message) for one in last] == [
        (number, 3, "Ada", "clearer") for number in (1, 2, 3)
    ]
    assert redirects(place).target(OLD) == NEW
    assert rows(place, f"SELECT ?s {{ ?s coop:within <{NEW}> }}") == [(f"{ID}project/c-page",)]


def test_no_question_about_classes_meets_the_old_iri(place: Place) -> None:
    asked = "SELECT ?s { ?s a ?class FILTER(STRSTARTS(STR(?class), STR(coop:))) } ORDER BY ?s"
    before = rows(place, asked)
    editing.rename(place.settings, {}, OLD, NEW)
    assert sorted(rows(place, asked)) == sorted((NEW if iri == OLD else iri,) for (iri,) in before)


def test_what_was_renamed_is_exported_and_built_again_without_a_change(place: Place) -> None:
    editing.rename(place.settings, {}, OLD, NEW)
    assert place.build().to_export == [A_PAGE, C_PAGE, EDITORIAL]
    assert sorted(place.export().written) == [EDITORIAL, A_PAGE, C_PAGE]
    assert (place.content / EDITORIAL).read_text(encoding="utf-8") == _EXPORTED
    done = place.build()
    assert (done.changes, done.to_export) == ([], [])
    elsewhere = Place(place.content, place.state.with_name("elsewhere"))
    elsewhere.build()
    assert elsewhere.digest() == place.digest()


_EXPORTED = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/coopkg/graph/editorial> {{
    <{OLD}>
        dcterms:isReplacedBy <{NEW}> ;
        owl:deprecated "true"^^xsd:boolean .
}}
"""


def test_a_dry_run_shows_the_difference_and_writes_nothing(place: Place) -> None:
    before = files(place.state)
    done = place.run("--lang", "en", "rename", OLD, NEW, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"  <{OLD}>\n    + dcterms:isReplacedBy <{NEW}>\n" in done.stdout
    assert f"    - coop:within <{OLD}>\n    + coop:within <{NEW}>\n" in done.stdout
    assert "this can be done: 3 statements removed, 5 added; nothing was written" in done.stderr
    assert files(place.state) == before
    tried = editing.rename(place.settings, {}, OLD, NEW, dry_run=True)
    assert tried.revisions == ()
    assert editing.rename(place.settings, {}, OLD, NEW).delta == tried.delta


def test_a_renaming_is_reverted_whole_by_its_batch(place: Place) -> None:
    before, head = place.digest(), place.journal().head
    editing.rename(place.settings, {}, OLD, NEW)
    done = place.run("--lang", "en", "revert", str(head + 2), "--batch")
    assert done.returncode == 0, done.stderr
    assert place.digest() == before
    assert place.journal().head == head + 4
    assert place.journal().revisions[-1].message == f"revert {head + 2} and its batch: rename {OLD} to {NEW}"
    assert redirects(place).target(OLD) is None
    editing.rename(place.settings, {}, OLD, NEW)  # nothing of the first one is in the way


def test_a_renaming_is_reverted_revision_by_revision_where_each_step_is_valid(place: Place) -> None:
    before, head = place.digest(), place.journal().head
    editing.rename(place.settings, {}, OLD, NEW)
    for number in (head + 1, head + 2, head + 3):
        upkeep.revert(place.settings, {}, number)
    assert place.digest() == before


def test_blame_says_what_a_resource_was_renamed_to_and_why_the_new_one_is_there(place: Place) -> None:
    editing.rename(place.settings, {}, OLD, NEW, "clearer")
    done = place.run("--lang", "en", "blame", "id/project/a-page")
    assert done.returncode == 0
    assert f"<{OLD}> was renamed to <{NEW}>" in done.stderr
    told = place.run("--lang", "en", "blame", NEW)
    assert "by coopkg rename: clearer" in told.stdout
    assert told.stderr.count("renamed") == 0


def test_why_says_what_a_resource_was_renamed_to(place: Place) -> None:
    editing.rename(place.settings, {}, OLD, NEW)
    done = place.run("why", f"{ID}project/c-page", "coop:within", OLD)
    assert done.returncode == 1
    assert f"is neither stated nor does it follow; <{OLD}> was renamed to <{NEW}>" in done.stderr
    assert place.run("why", f"{ID}project/c-page", "coop:within", NEW).returncode == 0
    assert "check the terms" in place.run("why", NEW, "coop:within", NEW).stderr


def test_a_renaming_that_the_shapes_refuse_changes_no_graph(place: Place) -> None:
    place.swap(
        "shapes/project.ttl", "sh:targetClass coop:Project ;", 'sh:targetClass coop:Project ; sh:pattern "page$" ;'
    )
    place.build()
    before = files(place.state)
    done = place.run("--lang", "en", "rename", OLD, NEW)
    assert done.returncode == 3
    assert f"Violation <{NEW}>" in done.stderr
    assert files(place.state) == before
    with pytest.raises(WriteRejected):
        editing.rename(place.settings, {}, OLD, NEW, dry_run=True)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["rename", OLD, OTHER], 1, "exists already; choose another name, or make one of the two: 'coopkg merge'"),
        (["rename", "id/project/nobody", NEW], 1, "no graph describes it"),
        (["rename", OLD, "id/lesson/x"], 1, "are of two kinds, project and lesson"),
        (["rename", OLD, "x"], 1, "'x': is no IRI"),
        (["rename", OLD, "id/project/Grand"], 1, "the slug of a-z, 0-9 and hyphens"),
        (["rename", OLD, NEW, "-m", "a\nb"], 1, "--message 'a\\nb': must be one line"),
        (["rename", OLD], 2, "NEW"),
        (["merge", OLD, OLD], 1, "is given twice"),
        (["merge", OLD, OTHER, "--prefer", "C"], 2, "--prefer"),
    ],
)
def test_a_wrong_command_is_refused_with_what_to_do(
    published: Place, arguments: list[str], code: int, says: str
) -> None:
    before = files(published.state)
    done = published.run("--lang", "en", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert files(published.state) == before


def test_nothing_published_makes_no_folder(published: Place, tmp_path: Path) -> None:
    empty = Place(published.content, tmp_path / "state")
    with pytest.raises(NothingPublished):
        editing.rename(empty.settings, {}, OLD, NEW)
    assert not empty.state.exists()


def test_nobody_renames_under_a_writer(place: Place) -> None:
    with locked(place.state), pytest.raises(StateLocked):
        editing.rename(place.settings, {}, OLD, NEW)


def test_a_file_that_still_says_the_old_iri_is_found_by_the_next_build(place: Place) -> None:
    """The shapes of the project say so; these are the toy's, so that the words of the editorial graph are asked."""
    place.write(A_PAGE, a_tiny_source("a-page", "Un").replace("    <", f"    <{OLD}> owl:deprecated true .\n    <", 1))
    text = (place.content / A_PAGE).read_text(encoding="utf-8")
    place.write(A_PAGE, f"@prefix owl: <http://www.w3.org/2002/07/owl#> .\n{text}")
    with pytest.raises(WriteRejected) as refused:
        place.build()
    assert "owl:deprecated has no place here" in refused.value.findings[0].message("en")


# ---------------------------------------------------------------------------------------------- merge


def test_a_merge_keeps_both_names_and_moves_what_points_at_the_first(place: Place) -> None:
    done = place.run("--lang", "en", "merge", OLD, OTHER, "--author", "Ada", "--message", "the same")
    assert done.returncode == 0, done.stderr
    assert rows(place, f"SELECT ?p ?o {{ <{OTHER}> ?p ?o FILTER(isLiteral(?o)) }} ORDER BY ?p") == [
        ("http://www.w3.org/2004/02/skos/core#altLabel", "Un projet"),
        ("http://www.w3.org/2004/02/skos/core#prefLabel", "Un autre projet"),
    ]
    assert rows(place, f"SELECT ?s {{ ?s coop:within <{OTHER}> }}") == [(f"{ID}project/c-page",)]
    assert redirects(place).target(OLD) == OTHER


def test_values_that_clash_are_told_with_file_and_line_unless_one_is_preferred(place: Place) -> None:
    for slug, where in (("a-page", "ici"), ("b-page", "la")):
        text = a_tiny_source(slug, slug).replace('"@fr .', f'"@fr ;\n        coop:within <{ID}project/{where}> .')
        place.write(f"data/sources/{slug}.trig", text)
    place.build()
    before = files(place.state)
    done = place.run("--lang", "en", "merge", OLD, OTHER)
    assert done.returncode == 4
    both = f"<{ID}project/ici> ({A_PAGE}:5), <{ID}project/la> (data/sources/b-page.trig:5)"
    assert f"differ where one thing has one value: coop:within: {both}; say with --prefer" in done.stderr
    assert files(place.state) == before
    with pytest.raises(MergeRefused):
        editing.merge(place.settings, {}, OLD, OTHER, dry_run=True)
    with pytest.raises(InputError, match="is preferred, but none of the two"):
        editing.merge(place.settings, {}, OLD, OTHER, NEW)
    assert place.run("merge", OLD, OTHER, "--prefer", "A").returncode == 0
    assert rows(place, f"SELECT ?o {{ <{OTHER}> coop:within ?o }}") == [(f"{ID}project/ici",)]


def test_a_merge_is_reverted_by_its_batch(place: Place) -> None:
    before, head = place.digest(), place.journal().head
    editing.merge(place.settings, {}, OLD, OTHER)
    upkeep.revert(place.settings, {}, head + 1, batch=True)
    assert place.digest() == before
