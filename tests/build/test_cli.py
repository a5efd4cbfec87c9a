"""The program, as people type it: help, exit codes, pipes, signals, odd paths."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import rdflib
from click.testing import CliRunner

from coopkg import cli, errors
from coopkg.errors import CoopkgError
from coopkg.graph import Graph
from tests.build.running import NAMES, Place, names_at, ready_address, start_server
from tests.builders import ID, REPOSITORY, a_small_content, a_source, a_tiny_content, a_tiny_source
from tests.conftest import PROGRAM, clean_environ, coopkg

NAME = "https://w3id.org/coopkg/"
A_PAGE = "data/sources/a-page.trig"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A small published graph; do not change it."""
    folder = tmp_path_factory.mktemp("cli")
    made = Place(a_tiny_content(folder / "content"), folder / "state")
    made.build()
    return made


@pytest.fixture
def copied(place: Place, tmp_path: Path) -> Place:
    """A copy of it in a path with blanks and accents, to change."""
    copy = Place(tmp_path / "à côté d'ici" / "mon contenu", tmp_path / "état civil ✓")
    shutil.copytree(place.content, copy.content)
    shutil.copytree(place.state, copy.state, symlinks=True)
    return copy


def _run(place: Place, *arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [*PROGRAM, "--content", str(place.content), "--state", str(place.state), *arguments]
    return subprocess.run(command, capture_output=True, env=clean_environ(), timeout=60, check=False, **options)  # type: ignore[call-overload,no-any-return]  # options of subprocess


# ---------------------------------------------------------------------------------------------- why

PROJECT = f"{ID}project/a-page"


@pytest.mark.parametrize(
    ("lang", "cause", "place_of_it"),
    [("fr", "suit de l'axiome", "énoncé dans"), ("en", "follows by the axiom", "stated in")],
)
def test_why_tells_the_axiom_and_the_graph_in_both_languages(
    lang: str, cause: str, place_of_it: str, place: Place
) -> None:
    told = place.run("--lang", lang, "why", PROJECT, "a", "coop:Action").stdout.splitlines()
    assert [line.strip() for line in told][1].startswith(f"{cause} coop:Project rdfs:subClassOf coop:Action")
    assert [line.strip() for line in told][2:] == [
        f"<{PROJECT}> rdf:type coop:Project",
        f"{place_of_it} <{NAME}graph/a-page>",
    ]


def test_why_in_turtle_is_prov(place: Place) -> None:
    told = rdflib.Graph().parse(data=place.run("why", PROJECT, "a", "coop:Action", "--format", "turtle").stdout)
    (derived, premise) = next(iter(told.subject_objects(rdflib.PROV.wasDerivedFrom)))
    assert told.value(derived, rdflib.RDF.object) == rdflib.URIRef(f"{NAME}ns#Action")
    assert told.value(premise, rdflib.PROV.wasQuotedFrom) == rdflib.URIRef(f"{NAME}graph/a-page")


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ((PROJECT, "a", "coop:Event"), "is neither stated nor does it follow"),
        ((PROJECT, "nope:x", "coop:Event"), "prefix nope: has not been declared"),
        ((PROJECT, "a", "coop:A . coop:B a coop:C"), "one statement"),
    ],
)
def test_why_refuses_what_does_not_hold_or_is_no_statement(
    terms: tuple[str, str, str], told: str, place: Place
) -> None:
    done = place.run("why", *terms)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr


def test_why_can_be_asked_from_python(place: Place) -> None:
    published = Graph.open(place.settings, {})
    assert published.why(PROJECT, "a", "coop:Event") is None
    explained = published.why(PROJECT, "skos:prefLabel", '"Un projet"@fr')
    assert explained is not None
    assert explained.proof.rule is None
    assert [place.graph for places in explained.places.values() for place in places] == [f"{NAME}graph/a-page"]


# ---------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("command", sorted(cli.commands.commands))
def test_the_help_of_each_command_says_what_it_does_and_explains_each_argument(command: str) -> None:
    done = CliRunner().invoke(cli.commands, [command, "--help"])
    assert done.exit_code == 0
    found = cli.commands.commands[command]
    assert (found.help or "").split("\n")[0].endswith(".")
    for parameter in found.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.opts[0] in done.output
        else:
            assert parameter.make_metavar(click.Context(found)).strip("[].") in (found.help or ""), parameter.name


def test_the_help_of_the_program_shows_a_first_tour_and_every_command() -> None:
    done = coopkg("--help")
    assert done.returncode == 0
    for command in cli.commands.commands:
        assert re.search(rf"^  {command}\b", done.stdout, re.MULTILINE)
    for taught in ("coopkg build", "coopkg query -", "coopkg serve", "COOPKG_STATE", "docs/settings.md"):
        assert taught in done.stdout
    assert coopkg("-h").stdout == done.stdout
    assert coopkg("--version").stdout.startswith("coopkg, version ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["publish"], "No such command 'publish'"),
        (["build", "--force"], "No such option"),
        (["query"], "Missing argument 'FILE'"),
        (["query", "nowhere.rq"], "nowhere.rq"),
        (["validate", "nowhere.trig"], "nowhere.trig"),
        (["--lang", "de", "stats"], "--lang: 'de' must be fr or en"),
        (
            ["serve", "--port", "99999", "--threads", "0"],
            r"--port: '99999' must .* 65535; --threads: '0' must",
        ),
        (["--config", "nowhere.toml", "stats"], "nowhere.toml: cannot be read"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(arguments: list[str], says: str) -> None:
    done = coopkg(*arguments)
    assert done.returncode == 2
    assert re.search(says, done.stderr)
    assert "Traceback" not in done.stderr


def test_each_kind_of_error_has_the_exit_code_that_the_documentation_says() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CoopkgError)]
    codes = {kind.__name__: next(code for listed, code in cli.EXIT_CODES if issubclass(kind, listed)) for kind in kinds}
    page = (REPOSITORY / "docs" / "errors.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^`(\w+)`, HTTP \d+, exit code (\d+)\.$", page, re.MULTILINE)) == {
        name: str(code) for name, code in codes.items()
    }
    assert codes["WriteRejected"] == 3
    assert codes["DiskFullError"] == 8


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    for command in ("stats", "export"):
        done = coopkg("--state", tmp_path / "state", command)
        assert done.returncode == 6
        assert f"nothing is published in {tmp_path / 'state'}; run 'coopkg build' first" in done.stderr


# ---------------------------------------------------------------------------------------------- query, stats


@pytest.mark.parametrize(
    ("wish", "begins"),
    [("csv", b"name\r\nUn autre projet"), ("tsv", b"?name\n"), ("json", b'{"head"'), ("xml", b"<?xml")],
)
def test_each_format_of_a_selection_is_written(place: Place, wish: str, begins: bytes) -> None:
    done = _run(place, "query", "-", "--format", wish, input=NAMES.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(begins)


@pytest.mark.parametrize(
    ("wish", "holds"), [("turtle", b"a <http"), ("nt", b"<http"), ("json-ld", b'"@id"'), ("rdf", b"<rdf:RDF")]
)
def test_each_format_of_a_construction_is_written(place: Place, tmp_path: Path, wish: str, holds: bytes) -> None:
    (tmp_path / "ma requête.rq").write_text("CONSTRUCT { ?s a ?o } WHERE { ?s a ?o }", encoding="utf-8")
    done = _run(place, "query", str(tmp_path / "ma requête.rq"), "--format", wish)
    assert (done.returncode, done.stderr) == (0, b"")
    assert holds in done.stdout


@pytest.mark.parametrize(
    ("query", "format_", "says"),
    [
        (b"SELECT ?x { ?x nope:a 1 }", "csv", b"prefix"),
        (b"SELECT ?x {", "csv", b"line 1, column"),
        (b"SELECT ?x { SERVICE <http://localhost/> { ?x ?y ?z } }", "csv", b"SERVICE is refused"),
        (b"INSERT DATA { <http://a/b> <http://a/b> 1 }", "csv", b"INSERT is an update"),
        (b"\xff", "csv", b"not UTF-8"),
        (b"", "csv", b"column 1"),
        (b"ASK {}", "yaml", b"--format yaml: this query gives no such format; choose one of json"),
        (b"ASK {}", "turtle", b"--format turtle: this query gives no such format"),
        (b"CONSTRUCT WHERE { ?a ?b ?c }", "csv", b"choose one of json, xml, turtle"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(place: Place, query: bytes, format_: str, says: bytes) -> None:
    done = _run(place, "query", "-", "--format", format_, input=query)
    assert done.returncode == 1, done.stderr
    assert says in done.stderr
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("query", [b"SELECT ?x {", b'SELECT ?x { SERVICE coop:search { ?x search:query "a" } }'])
def test_what_would_be_refused_is_refused_where_it_is_explained(place: Place, query: bytes) -> None:
    explained, asked = (_run(place, "query", "-", *more, input=query) for more in (["--explain"], []))
    assert explained.returncode == asked.returncode == 1
    assert explained.stderr == asked.stderr
    assert explained.stdout == b""


def test_the_stats_are_those_of_the_manifest(place: Place) -> None:
    done = place.run("stats")
    manifest = place.manifest()
    assert f"revision   {manifest.revision}\ndigest     {manifest.digest}\nasserted   8\n" in done.stdout
    assert "      2  Project\n" in done.stdout
    assert not re.search(r"^ +0 ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", ["query -", "stats", "--help", "build 2>&1"])
def test_a_reader_of_the_output_that_goes_leaves_quietly(place: Place, command: str) -> None:
    program = " ".join([*PROGRAM, "--content", f"'{place.content}'", "--state", f"'{place.state}'"])
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"  # more than a pipe holds
    line = f"echo '{query}' | {program} {command} | true; echo ${{PIPESTATUS[1]}}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, env=clean_environ(), timeout=60, check=False
    )
    assert done.stderr == "" or "nothing to do" in done.stderr
    assert done.stdout.strip() in ("0", "141")
    if command == "query -":
        assert done.stdout.strip() == "141"


@pytest.mark.parametrize("command", ["query -", "stats"])
def test_an_output_that_cannot_be_written_is_told(place: Place, command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "--state", str(place.state), *command.split()],
            input=NAMES.encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            env=clean_environ(),
            timeout=60,
            check=False,
        )
    assert done.returncode == 8
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_where_a_standard_stream_is_closed_nothing_is_written_into_files_in_its_place(
    copied: Place, closed: str
) -> None:
    copied.swap(A_PAGE, "Un projet", "Une page")
    program = shlex.join([*PROGRAM, "--content", str(copied.content), "--state", str(copied.state)])
    for command in ("build", "verify", "stats", "--help"):
        line = f"{program} {command} {closed}"
        done = subprocess.run(
            ["bash", "-c", line], capture_output=True, text=True, env=clean_environ(), timeout=60, check=False
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), (command, done.stderr)


def test_a_terminal_without_accents_is_no_obstacle(copied: Place) -> None:
    copied.swap(A_PAGE, "Un projet", 50 * "é")
    for environ in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        assert "Traceback" not in copied.run("build", **environ).stderr
        assert coopkg("--help", **environ).returncode == 0


# ---------------------------------------------------------------------------------------------- validate


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("small")
    made = Place(a_small_content(folder / "content"), folder / "state")
    for path in (made.content / "ontology/schemes").iterdir():
        if path.stem not in ("role", "page-kind", "read-extent", "stakeholder-kind", "territory-level", "theme"):
            path.unlink()
    return made


def test_validate_accepts_good_files_wherever_they_are(small: Place, tmp_path: Path) -> None:
    elsewhere = tmp_path / "à valider.d"
    elsewhere.mkdir()
    (elsewhere / "a-page.trig").write_text(a_source("a-page", name="Un autre nom"), encoding="utf-8")
    (elsewhere / "new-page.trig").write_text(a_source("new-page"), encoding="utf-8")
    done = small.run("validate", elsewhere / "a-page.trig", elsewhere / "new-page.trig")
    assert done.returncode == 0, done.stderr
    assert "0 Violation, 0 Warning, 6 Info" in done.stderr
    assert f"{elsewhere / 'new-page.trig'}:19 Info" in done.stderr
    assert not small.state.exists()


def test_validate_says_where_a_bad_file_is_wrong_and_ends_with_3(small: Place, tmp_path: Path) -> None:
    bad = tmp_path / "new-page.trig"
    bad.write_text(a_source("new-page", region="99", name=""), encoding="utf-8")
    done = small.run("--lang", "en", "validate", bad)
    assert done.returncode == 3
    assert re.search(rf"{bad}:24 Violation <.*territory/region/99> .*unknown", done.stderr)
    assert re.search(rf"{bad}:19 Violation <.*project/new-page> skos:prefLabel", done.stderr)
    assert "a-page.trig:19 Info" not in done.stderr
    assert "a-page.trig:19 Info" in small.run("validate", "--all", bad).stderr


def test_validate_judges_the_whole_folder(place: Place, copied: Place) -> None:
    assert place.run("validate").returncode == 0
    copied.swap(A_PAGE, "Un projet", 50 * "x")
    done = copied.run("validate")
    assert done.returncode == 3
    assert done.stderr.count("Violation <") == 1
    assert copied.run("validate", copied.content / A_PAGE).stderr.count(f"{copied.content / A_PAGE}:5 Violation") == 1


def test_validate_names_each_project_that_a_new_shape_would_break_with_file_and_line(copied: Place) -> None:
    for slug in ("c-page", "d-page"):
        copied.write(f"data/sources/{slug}.trig", a_tiny_source(slug, "Bref" if slug == "d-page" else "Un projet"))
    copied.write(
        "shapes/length.ttl",
        """@prefix coop: <https://w3id.org/coopkg/ns#> .
@prefix coopsh: <https://w3id.org/coopkg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
coopsh:Length a sh:PropertyShape ; sh:targetClass coop:Project ; sh:path skos:prefLabel ; sh:maxLength 5 ;
    sh:severity sh:Violation ; sh:message "Un nom plus court."@fr , "A shorter name."@en .
""",
    )
    done = copied.run("validate")
    assert done.returncode == 3
    told = re.findall(r"(data/sources/[a-z-]+\.trig:\d+) Violation <\S+/project/([a-z-]+)> .*\[Length\]", done.stderr)
    assert told == [(f"data/sources/{slug}.trig:5", slug) for slug in ("a-page", "b-page", "c-page")]


def test_validate_tells_what_the_lint_says_of_a_shape(copied: Place) -> None:
    copied.swap("shapes/project.ttl", ', "Give a short name."@en', "")
    done = copied.run("validate")
    assert done.returncode == 0
    assert re.search(r'shapes/project.ttl:\d+: coopsh:Project-label: .* "en"', done.stderr)
    copied.swap("shapes/project.ttl", "sh:maxLength", "sh:maxLenght")
    done = copied.run("validate")
    assert done.returncode == 1
    assert re.search(r"shapes/project.ttl:\d+: sh:maxLenght .* did you mean sh:maxLength\?", done.stderr)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.trig", "nonsense", r"x\.trig:1:\d+ .*répar.*\n    nonsense\n     *\^"),
        ("Ma page.trig", "", r"its name says no graph; name it as a file of data/"),
        ("x.csv", "", r"its name says no graph"),
        ("x.trig", "", r"x\.trig .*ce fichier n'énonce rien"),
        ("x.trig", a_tiny_source("y", "Y"), r"x\.trig:4 .*graph/y.*ne peut énoncer que <.*graph/x>"),
    ],
)
def test_validate_refuses_what_it_cannot_understand(
    place: Place, tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = place.run("validate", tmp_path / name)
    assert done.returncode == 1
    assert re.search(says, done.stderr), done.stderr


def test_validate_refuses_two_files_for_one_graph(place: Place, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a-page.trig").write_text(a_tiny_source("a-page", folder), encoding="utf-8")
    done = place.run("validate", tmp_path / "one/a-page.trig", tmp_path / "two/a-page.trig")
    assert done.returncode == 1
    assert "give one of the two" in done.stderr


def test_vouch_records_what_conforms_and_nothing_else(copied: Place) -> None:
    table = "https://w3id.org/coopkg/graph/reference/regions"
    line = "<http://example.org/region> <http://www.w3.org/2004/02/skos/core#prefLabel>"
    copied.write("data/reference/regions.nq", f'{line} "Une région"@fr <{table}> .\n')
    copied.write("shapes/territory.ttl", "# what judges tables\n<http://x/a> <http://x/b> 1 .\n")
    record = copied.content / "data/reference/judged.json"
    assert copied.run("vouch").returncode == 0
    assert set(json.loads(record.read_text())["files"]) == {"data/reference/regions.nq"}
    record.unlink()
    copied.write("data/reference/regions.nq", f'<javascript:x> {line.split()[1]} "Une région"@fr <{table}> .\n')
    done = copied.run("vouch")
    assert done.returncode == 3
    assert "IRI refusé" in done.stderr
    assert not record.exists()


# ---------------------------------------------------------------------------------------------- serve


def test_odd_paths_work_from_build_to_query(copied: Place) -> None:
    copied.swap(A_PAGE, "Un projet", "Un projet à Évry")
    for command in ("build", "stats", "export", "validate"):
        assert copied.run(command).returncode == 0
    done = _run(copied, "query", "-", input=NAMES.encode())
    assert "Un projet à Évry" in done.stdout.decode()


def test_paths_that_are_relative_or_come_from_the_environment_work(copied: Place) -> None:
    settings = {"COOPKG_CONTENT": ".", "COOPKG_STATE": os.path.relpath(copied.state, copied.content)}
    for command in (["build"], ["validate", A_PAGE], ["export"]):
        done = subprocess.run(
            [*PROGRAM, *command],
            cwd=copied.content,
            env=clean_environ(**settings),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_asked_to_stop_ends_cleanly(place: Place, sent: signal.Signals) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "--content", str(place.content), "--state", str(place.state), "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environ(),
    )
    assert "Un projet" in names_at(ready_address(process))
    process.send_signal(sent)
    out, err = process.communicate(timeout=10)
    assert process.returncode in (0, 130, 143), err
    assert "Traceback" not in out + err


def test_a_port_in_use_is_told(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = place.run("serve", "--no-build", "--port", str(port))
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be listened on" in done.stderr
    assert "choose another port with --port" in done.stderr


@pytest.mark.parametrize("host", ["203.0.113.5", "nowhere.invalid"])
def test_an_address_that_is_not_ours_is_told(place: Place, host: str) -> None:
    done = place.run("serve", "--no-build", "--host", host, "--port", "0", COOPKG_IMPRINT="optional")
    assert done.returncode == 2
    assert "choose another address with --host" in done.stderr


def test_a_server_for_others_says_before_it_builds_what_it_must_say_of_its_publisher(copied: Place) -> None:
    (copied.content / "data" / "sources" / "b-page.trig").write_text("not TriG", encoding="utf-8")
    everywhere = "0.0.0.0"  # noqa: S104  # nothing listens there: it is refused
    done = copied.run("serve", "--host", everywhere, "--port", "0", COOPKG_HOSTING_PHONE="+33 1 00 00 00 00")
    assert done.returncode == 2
    missing = re.findall(r"\((COOPKG_\w+)\)", done.stderr)
    assert len(missing) == 7
    assert "COOPKG_HOSTING_PHONE" not in missing
    assert "listen on 127.0.0.1" in done.stderr


def test_what_would_act_on_a_terminal_is_shown_and_not_done(copied: Place) -> None:
    (copied.content / "data" / "sources" / "a\x1b[31m\n.trig").touch()
    done = copied.run("build")
    assert done.returncode == 1
    assert "a\\x1b[31m" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_server_builds_first_and_refuses_as_a_build_does(copied: Place) -> None:
    copied.swap(A_PAGE, "Un projet", 50 * "x")
    done = copied.run("serve", "--port", "0")
    assert done.returncode == 3
    assert "Donnez un nom court" in done.stderr
    copied.swap(A_PAGE, 50 * "x", "Un nom")
    process = start_server(copied)
    try:
        assert "Un nom" in names_at(ready_address(process))
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_client_that_hangs_up_does_not_end_the_server(serving_small: str) -> None:
    host, port = serving_small.removeprefix("http://").split(":")
    query = "SELECT%20*%20%7B%20?a%20?b%20?c%20.%20?d%20?e%20?f%20.%20?g%20?h%20?i%20.%20?j%20?k%20?l%20%7D"
    for _ in range(3):
        with socket.create_connection((host, int(port))) as client:
            client.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            client.recv(10)
    assert "Un projet" in names_at(serving_small)


@pytest.fixture
def serving_small(place: Place) -> Iterator[str]:
    process = start_server(place, "--no-build")
    yield ready_address(process)
    process.terminate()
    process.communicate(timeout=10)
