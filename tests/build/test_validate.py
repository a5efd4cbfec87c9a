"""`coopkg validate` as people and programs use it: its forms, what it judges with, standard input, watching."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import SH, Graph

from coopkg.cli import validating
from coopkg.reports import GRAPH_FORMS
from coopkg.upkeep import Against
from tests.build.running import Place
from tests.builders import ID, a_small_content, a_source, a_tiny_content, a_tiny_source
from tests.conftest import PROGRAM, clean_environ

A_PAGE = "data/sources/a-page.trig"
LONG = 50 * "x"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A tiny published graph; do not change it."""
    folder = tmp_path_factory.mktemp("validate")
    made = Place(a_tiny_content(folder / "content"), folder / "state")
    made.build()
    return made


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A new page with a name that is too long."""
    file = tmp_path / "c-page.trig"
    file.write_text(a_tiny_source("c-page", LONG), "utf-8")
    return file


def given(place: Place, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a text on its standard input."""
    command = [*PROGRAM, "--content", str(place.content), "--state", str(place.state), *arguments]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, env=clean_environ(), timeout=60, check=False
    )


# ---- forms


def test_text_is_told_on_standard_error_file_by_file_with_the_counts_last(place: Place, bad: Path) -> None:
    done = place.run("--lang", "en", "validate", bad)
    assert (done.returncode, done.stdout) == (3, "")
    head, line, last = done.stderr.splitlines()[-3:]
    assert head == f"{bad} (1 Violation, 0 Warning, 0 Info)"
    assert line.startswith(f"{bad}:5 Violation <{ID}project/c-page> skos:prefLabel = {LONG}: Give a short name.")
    assert last == "1 Violation, 0 Warning, 0 Info"


def test_of_a_folder_with_violations_they_alone_are_shown_unless_all_is_asked_for(tmp_path: Path) -> None:
    small = Place(a_small_content(tmp_path / "content"), tmp_path / "state")
    page = small.content / "data/sources/b-page.trig"
    page.write_text(a_source("b-page").replace("role/lead>", "role/led>"), "utf-8")
    told, whole = (small.run("validate", *option).stderr.splitlines() for option in ((), ("--all",)))
    assert [any(" Info <" in line for line in lines) for lines in (told, whole)] == [False, True]
    assert re.fullmatch(r"4 Violation, .*; 4 shown, --all shows every one", told[-1])


def test_json_on_standard_output_is_one_object_and_nothing_else(place: Place, bad: Path) -> None:
    done = place.run("validate", "--format", "json", bad)
    report = json.loads(done.stdout)
    assert (done.returncode, report["conforms"], report["counts"]["Violation"]) == (3, False, 1)
    assert (report["findings"][0]["file"], report["findings"][0]["line"]) == (str(bad), 5)
    assert json.loads(place.run("validate", "--format", "json").stdout) == {
        "conforms": True,
        "counts": {"Violation": 0, "Warning": 0, "Info": 0},
        "findings": [],
    }


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib reads JSON-LD with one
@pytest.mark.parametrize("form", GRAPH_FORMS)
def test_a_report_of_shacl_is_read_by_another_library(place: Place, bad: Path, form: str) -> None:
    done = place.run("validate", "--format", form, bad)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own, while it reads JSON-LD
        report = Graph().parse(data=done.stdout, format={"rdf": "xml"}.get(form, form))
    assert done.returncode == 3
    assert [str(focus) for focus in report.objects(None, SH.focusNode)] == [f"{ID}project/c-page"]


def test_github_is_told_the_file_from_the_folder_where_the_program_runs(place: Place, bad: Path) -> None:
    command = [*PROGRAM, "--content", str(place.content), "validate", "--format", "github", str(bad)]
    done = subprocess.run(
        command, cwd=bad.parent, capture_output=True, text=True, env=clean_environ(), timeout=60, check=False
    )
    first, last = done.stdout.splitlines()
    assert first.startswith("::error file=c-page.trig,line=5,title=Violation Project-label::")
    assert last == "::notice title=coopkg validate::1 Violation, 0 Warning, 0 Info"


@pytest.mark.parametrize("form", ["json", "turtle", "github"])
@pytest.mark.parametrize("text", ["nonsense", "", a_tiny_source("y", "Y")])
def test_a_file_that_cannot_be_read_is_told_in_the_form_that_was_asked_for(
    place: Place, tmp_path: Path, form: str, text: str
) -> None:
    (tmp_path / "x.trig").write_text(text, "utf-8")
    done = place.run("validate", "--format", form, tmp_path / "x.trig")
    assert done.returncode == 1
    assert "x.trig" in done.stdout
    assert "Traceback" not in done.stderr
    if form == "json":
        (finding,) = json.loads(done.stdout)["findings"]
        assert all(finding["message"].values())


def test_a_name_that_says_no_graph_is_told_in_the_form_that_was_asked_for(place: Place, tmp_path: Path) -> None:
    (tmp_path / "Ma page.trig").write_text("")
    done = place.run("validate", "--format", "json", tmp_path / "Ma page.trig")
    assert done.returncode == 1
    assert "its name says no graph" in json.loads(done.stdout)["findings"][0]["message"]["en"]


# ---- what is judged, and with what


def test_every_file_of_a_folder_is_judged(place: Place, bad: Path) -> None:
    (bad.parent / "deeper").mkdir()
    (bad.parent / "deeper/d-page.trig").write_text(a_tiny_source("d-page", LONG), "utf-8")
    (bad.parent / "notes.md").write_text("no RDF")
    (bad.parent / ".hidden.trig").write_text("no RDF")
    done = place.run("validate", bad.parent)
    assert (done.returncode, done.stderr.count(" Violation <")) == (3, 2)


def test_the_folders_of_the_content_folder_are_judged_as_they_are(place: Place) -> None:
    for folder in ("data", "data/sources", "."):
        assert place.run("validate", place.content / folder).returncode == 0, folder


def test_a_folder_without_rdf_is_refused(place: Place, tmp_path: Path) -> None:
    for folder in (tmp_path, place.content / "shapes"):
        done = place.run("validate", folder)
        assert (done.returncode, "holds no RDF file that states a graph" in done.stderr) == (1, True)


@pytest.mark.parametrize("name", ["c-page.trig", "data/sources/c-page.trig", "some/where/c-page.trig"])
def test_standard_input_is_judged_under_the_name_that_it_is_given(place: Place, name: str) -> None:
    done = given(place, a_tiny_source("c-page", LONG), "validate", "--as", name, "-")
    assert done.returncode == 3
    assert f"{name}:5 Violation" in done.stderr
    assert given(place, a_tiny_source("c-page", "C"), "validate", "--as", name, "-").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-"], "needs a name"),
        (["--as", "c-page.trig"], "needs a name"),
        (["--as", "c-page.trig", "--watch", "-"], "cannot be watched"),
        (["--against", "nothing"], "'nothing' is not one of 'data', 'current', 'empty'"),
        (["--format", "csv"], "'csv' is not one of"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused(place: Place, arguments: list[str], says: str) -> None:
    done = given(place, "", "validate", *arguments)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_against_what_is_published_the_content_folder_does_not_count(place: Place, tmp_path: Path) -> None:
    edited = Place(tmp_path / "content", place.state)
    shutil.copytree(place.content, edited.content)
    edited.swap(A_PAGE, "Un projet", LONG)
    good = tmp_path / "c-page.trig"
    good.write_text(a_tiny_source("c-page", "C"), "utf-8")
    before = sorted((path, path.stat().st_mtime_ns) for path in place.state.rglob("*"))
    assert edited.run("validate", good).returncode == 3
    assert edited.run("validate", "--against", "current", good).returncode == 0
    assert edited.run("validate", "--against", "current").returncode == 0
    done = edited.run("validate", "--against", "current", edited.content / A_PAGE)
    assert (done.returncode, done.stderr.count(" Violation <")) == (3, 1), "it replaces the published graph"
    assert sorted((path, path.stat().st_mtime_ns) for path in place.state.rglob("*")) == before


def test_against_what_is_published_no_lock_is_taken(place: Place, bad: Path) -> None:
    from coopkg.lock import locked

    with locked(place.state):
        assert place.run("validate", "--against", "current", bad).returncode == 3


def test_without_anything_published_it_says_so(place: Place, tmp_path: Path, bad: Path) -> None:
    done = Place(place.content, tmp_path / "nowhere").run("validate", "--against", "current", bad)
    assert (done.returncode, "coopkg build" in done.stderr) == (6, True)
    assert not (tmp_path / "nowhere").exists()


def test_against_nothing_only_the_file_the_ontology_and_the_reference_tables_count(tmp_path: Path) -> None:
    """What the file points at and does not describe is at fault then: the shapes ask for its description."""
    small = Place(a_small_content(tmp_path / "content"), tmp_path / "state")
    draft = tmp_path / "b-page.trig"
    draft.write_text(a_source("b-page"), "utf-8")
    assert small.run("validate", draft).returncode == 0
    done = small.run("validate", "--against", "empty", draft)
    assert done.returncode == 3
    assert re.search(r"organisation/une-ville> .*Acteur inconnu", done.stderr)
    assert "territory/region/11" not in done.stderr, "territories with a code are in the tables, as over HTTP"
    assert "theme/cooperation" not in done.stderr, "concepts belong to the ontology"
    assert "a-page" not in done.stderr


# ---- watching


def test_a_change_is_told_once_it_has_settled() -> None:
    a, b, c = ({"x": (time, 1)} for time in (1, 2, 3))
    for looks, told in (
        ([a, a, a], []),
        ([a, b], []),
        ([a, b, b, b], [b]),
        ([a, b, c, c, a, a], [c, a]),
        ([a, b, a, a], []),  # saved and put back
        ([a, {}, {}, a, a], [{}, a]),
    ):
        assert list(validating.changes(looks)) == [a, *told], looks


def test_what_is_saved_while_the_state_before_is_judged_is_not_missed(place: Place, bad: Path) -> None:
    task = validating.Task(place.settings, (bad,), {}, Against.DATA, "text", False)
    changes = validating.changes(validating.polled(task, wait=lambda seconds: None))
    next(changes)
    bad.write_text("saved meanwhile", "utf-8")
    assert next(changes)[str(bad)][1] == len("saved meanwhile")


def test_what_is_watched_are_the_given_files_and_all_that_they_are_judged_with(place: Place, bad: Path) -> None:
    task = validating.Task(place.settings, (bad,), {}, Against.DATA, "text", False)
    looks = validating.polled(task, wait=lambda seconds: None)
    first = next(looks)
    assert {str(bad), str(place.content / A_PAGE), str(place.content / "shapes/project.ttl")} <= first.keys()
    bad.write_text("longer", "utf-8")
    assert {path for path, state in next(looks).items() if first[path] != state} == {str(bad)}
    bad.unlink()
    assert first.keys() - next(looks).keys() == {str(bad)}


def lines_until(process: subprocess.Popen[str], pattern: str) -> str:
    """Read what a process says up to a line; return all of it."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if re.search(pattern, line):
            return said
    raise AssertionError(said)


@pytest.fixture
def watching(place: Place, bad: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*PROGRAM, "--content", str(place.content), "--lang", "en", "validate", "--watch", str(bad)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=clean_environ()
    )
    yield process
    process.kill()
    process.wait(timeout=10)
    assert process.stderr is not None
    process.stderr.close()


def test_a_watched_file_is_judged_again_when_it_is_saved_until_ctrl_c(
    watching: subprocess.Popen[str], bad: Path
) -> None:
    assert "1 Violation" in lines_until(watching, r"^judged in [\d,]+ ms$")
    for text, told in (
        (a_tiny_source("c-page", "C"), "0 Violation"),
        ("nonsense", "    nonsense\n"),
        (a_tiny_source("c-page", LONG), "Give a short name"),
    ):
        bad.write_text(text, "utf-8")
        assert told in lines_until(watching, r"^judged in [\d,]+ ms$")
    bad.unlink()
    assert "c-page.trig: cannot be read" in lines_until(watching, r"^judged in [\d,]+ ms$")
    os.kill(watching.pid, signal.SIGINT)
    assert watching.wait(timeout=20) == 130
