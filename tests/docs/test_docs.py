"""The documents say what the program does: each name, address, code, path and example in them is a real one."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from prometheus_client.parser import text_string_to_metric_families
from rdflib import RDF, Graph

from coopkg import cli, errors, names, negotiation, pool, settings, store
from coopkg import graph as knowledge
from coopkg.budget import Budgets
from coopkg.errors import CoopkgError
from coopkg.generations import Generations
from coopkg.index import Index
from coopkg.metrics import Metrics
from coopkg.quarantine import Quarantine
from coopkg.service import QueryService, limits
from coopkg.textsearch import clause
from coopkg.web.app import create_app
from coopkg.web.known import Known
from coopkg.web.problems import STATUSES
from coopkg.web.site.starters import EXAMPLES
from tests.conftest import REPOSITORY, RunningServer, clean_environ
from tests.docs import concepts, fields, terms
from tests.in_process import InProcess

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), REPOSITORY / "data" / "README.md"])
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
#: Not there before something is renamed or merged.
MADE_LATER = {"data/editorial.trig"}
#: Where no file of ours lies, or where it is made.
UNLISTED = re.compile(r"\.(?!ci$|gitignore$|dockerignore$|github$).*|__pycache__|node_modules|dist|build|.*\.egg-info")


def read(path: str) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


def sections(path: str) -> dict[str, str]:
    """The text below each heading of the second and third level, by heading."""
    parts = re.split(r"(?m)^###? (.+)$", read(path))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def quoted(text: str) -> set[str]:
    """What stands in backticks in running text."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```$", "", text)))


def blocks(path: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", read(path))


def by_document(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


# ---- the program --------------------------------------------------------------------------------------------


def flags() -> dict[str, str]:
    """The flag of each setting that has one."""
    commands = [cli.commands, *cli.commands.commands.values()]
    return {str(param.name): param.opts[0] for command in commands for param in command.params}


@pytest.mark.parametrize("setting", settings.table(), ids=lambda setting: setting[0])
def test_each_setting_has_its_heading_with_variable_flag_and_default(setting: tuple[str, str, str, str]) -> None:
    name, variable, default, _ = setting
    flag = f"flag `{flags()[name]}`" if name in flags() else "no flag"
    said = f"Variable `{variable}`, {flag}, default" + (f" `{default}`." if default else ": ")
    assert said in sections("docs/settings.md")[name]


def test_no_other_setting_is_described() -> None:
    assert list(sections("docs/settings.md")) == [name for name, *_ in settings.table()]


def test_each_command_has_its_heading_with_its_options_and_an_example() -> None:
    described = sections("docs/commands.md")
    assert {heading for heading in described if heading.startswith("coopkg ")} == {
        f"coopkg {name}" for name in cli.commands.commands
    }
    for name, command in cli.commands.commands.items():
        text = described[f"coopkg {name}"]
        below = command.commands if isinstance(command, click.Group) else {}
        assert all(f"coopkg {name} {verb}" in text for verb in below), name
        params = [param for one in (command, *below.values()) for param in one.params]
        for option in (param for param in params if isinstance(param, click.Option)):
            assert {*option.opts, *option.secondary_opts} <= quoted(text), (name, option.opts)
        assert re.search(rf"(?m)^    .*coopkg (--\w+ \S+ )?{name}\b", text), name
    assert {param.opts[0] for param in cli.commands.params} <= quoted(read("docs/commands.md"))


def subclasses(kind: type[CoopkgError]) -> Iterator[type[CoopkgError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from subclasses(narrower)


@pytest.mark.parametrize("kind", list(subclasses(CoopkgError)), ids=lambda kind: kind.code)
def test_each_error_has_its_heading_with_status_and_exit_code(kind: type[CoopkgError]) -> None:
    status = next(status for known, status in STATUSES if issubclass(kind, known))
    code = next(code for known, code in cli.EXIT_CODES if issubclass(kind, known))
    said = f"`{kind.__name__}`, HTTP {status}, exit code {code}."
    assert sections("docs/errors.md")[kind.code].strip().startswith(said)


def test_the_tree_of_errors_is_drawn_whole() -> None:
    drawn = set(re.findall(r"^ +[│├└─ ]*([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE))
    assert drawn == {kind.__name__ for kind in subclasses(CoopkgError)}


def routes() -> set[str]:
    graph = knowledge.Graph(Generations(REPOSITORY / "nowhere", 1))
    asker = InProcess(lambda: (store.QuadStore.in_memory(), 0))
    service = QueryService(asker, Budgets(1.0, 1), Quarantine(), 1.0, 1.0)
    rules = create_app(graph, service, settings.Settings()).url_map.iter_rules()
    return {re.sub(r"<[^>]+>", "", rule.rule) for rule in rules}


def test_each_route_has_its_heading() -> None:
    headings = {heading.strip("`") for heading in sections("docs/endpoint.md") if heading.startswith("`")}
    assert headings == routes()


def test_each_parameter_and_header_of_the_endpoint_is_described() -> None:
    described = sections("docs/endpoint.md")
    source = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "src/coopkg/web").glob("*.py"))
    headers = set(re.findall(r'"(Coopkg-[A-Za-z-]+)"', source))
    asked_for = {"Coopkg-Message"}
    assert asked_for <= {text.partition(":")[0] for text in quoted(read("docs/writing.md"))} & headers
    assert len(headers) >= 5
    assert headers - asked_for == {
        text for text in quoted(described["Headers of an answer"]) if text.startswith("Coopkg-")
    }
    views = "".join(read(f"src/coopkg/web/{name}.py") for name in ("endpoint", "operation"))
    asked = set(re.findall(r'fields\.(?:all|iris)\(((?:"[a-z-]+"(?:, )?)+)\)', views))
    parameters = {name for group in asked for name in re.findall(r'"([a-z-]+)"', group)}
    assert {"timeout", "revision", "default-graph-uri", "graph"} <= parameters
    text = quoted("".join(described.values()))
    assert {
        name
        for name in parameters
        if not any(one.rstrip("=") == name or f"{name}=" in one or f"?{name}" in one for one in text)
    } == set()


def test_each_limit_that_an_answer_states_is_in_the_list_of_limits() -> None:
    stated = limits(settings.Settings())
    described = sections("docs/endpoint.md")["Limits"]
    assert f"`{stated}`" in described
    for name in (
        "query_max_bytes",
        "deadline_s",
        "deadline_max_s",
        "worker_memory_mb",
        "answer_max_mb",
        "client_seconds",
    ):
        assert f"`{name}`" in described, name


def test_each_counter_is_described() -> None:
    counted = {f"coopkg_queries_{counter.name}_total" for counter in dataclasses.fields(pool.Counters)}
    families = text_string_to_metric_families(Metrics().text({}, {}, Known(0, str).counts()))
    kept = {f"{family.name}_total" if family.type == "counter" else family.name for family in families}
    gauges = {
        "coopkg_revision",
        "coopkg_revision_age_seconds",
        *(f"coopkg_{name}" for name in (*Index().gauges(), *Known(0, str).gauges())),
    }
    named = {name for name in counted | kept | gauges if "process" not in name}
    described = {name for name in quoted(sections("docs/endpoint.md")["`/metrics`"]) if name.startswith("coopkg_")}
    assert described == named


def test_each_predeclared_prefix_and_each_format_is_listed() -> None:
    described = sections("docs/endpoint.md")
    listed = re.findall(r"^\| `(\w+)` \| `(\S+)` \|$", described["Prefixes"], re.MULTILINE)
    assert dict(listed) == names.PREFIXES
    formats = {*store.RESULT_FORMATS, *store.GRAPH_FORMATS, *negotiation.SHORT_NAMES}
    assert {text for text in quoted(described["Formats"]) if not text.endswith("=") and text != "Accept"} == formats


def test_each_function_on_outlines_and_each_word_of_a_search_is_described() -> None:
    described = sections("docs/endpoint.md")
    table = re.findall(r"(?m)^\| (`geof:.*?) \|", described["Places: GeoSPARQL"])
    assert quoted("".join(table)) == {f"geof:{name}" for name in names.GEO_FUNCTIONS}
    words = re.findall(r"(?m)^\| `search:(\w+)` \|", described["Search from SPARQL"])
    assert set(words) == {*clause.ASKED, *clause.TOLD}


def test_the_floors_are_those_that_are_enforced() -> None:
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    drawn = re.findall(r"^\| \d+ \| ([^|]+) \|", read("docs/architecture.md"), re.MULTILINE)
    assert [quoted(row) for row in drawn] == [set(layer.split(" | ")) for layer in layers]


def test_each_word_for_make_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    used = {
        word
        for document in DOCUMENTS
        for word in re.findall(r"(?:^    |`)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"serve", "test"} <= used <= targets


# ---- the model ----------------------------------------------------------------------------------------------


def test_the_list_of_terms_is_that_of_the_ontology() -> None:
    assert terms.TERMS.read_text(encoding="utf-8") == terms.text(), "run: python -m tests.docs"


def test_the_list_of_concepts_is_that_of_the_schemes() -> None:
    assert concepts.CONCEPTS.read_text(encoding="utf-8") == concepts.text(), "run: python -m tests.docs"


def test_the_tables_of_the_model_are_those_of_the_shapes() -> None:
    model = read("docs/model.md")
    assert model == fields.text(model), "run: python -m tests.docs"


def test_the_tables_of_the_model_tell_what_is_needed_and_how_much() -> None:
    lesson, measure = fields.properties(fields.COOP.Lesson), fields.properties(fields.COOP.Measure)
    assert lesson["`skos:prefLabel`"].need == "**required** in French"
    assert lesson["`coop:lessonKind`"][:2] == ("**required**", "`scheme/lesson-kind`")
    assert lesson["from `coop:hasLesson`"].value == "from `coop:Action`"
    assert measure["`skos:prefLabel`"].need == "optional"
    action = fields.properties(fields.COOP.Action)
    assert action["`coop:theme`"].need == "recommended"
    assert action["`coop:fundedBy`"].need == "inferred: do not write it"
    assert "**required** with `coop:date` or `coop:startDate`" in action["`coop:earliestDate`"].need


def test_each_class_is_explained() -> None:
    ontology = Graph().parse(REPOSITORY / "ontology" / "coop.ttl")
    classes = {
        str(term).replace(names.COOP, "coop:") for term in ontology.subjects(RDF.type) if names.COOP in str(term)
    }
    classes = {term for term in classes if term[5].isupper()}
    assert classes <= quoted(read("GLOSSARY.md"))


@cache
def terms_and_concepts() -> set[str]:
    concepts = Graph()
    for path in (REPOSITORY / "ontology" / "schemes").glob("*.ttl"):
        concepts.parse(path)
    return quoted(terms.text()) | {str(subject).removeprefix(names.BASE) for subject in concepts.subjects()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_document)
def test_each_term_and_concept_that_is_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {t for t in quoted(text) if re.fullmatch(r"coop:\w+|scheme/[\w/-]+", t)}
    assert named - terms_and_concepts() - {names.short(names.SEARCH_SERVICE)} == set()


def test_each_graph_is_listed_in_the_readme_and_in_the_model(built_state: Path) -> None:
    published, _ = knowledge.Graph.open(settings.Settings(state=built_state)).current()
    found = {graph.removeprefix(names.BASE) for graph in published.graphs()}
    kinds = {re.sub(r"^(graph/schemes/).+", r"\1{scheme}", graph) for graph in found}
    kinds = {
        re.sub(r"^graph/(?!ontology$|licences$|inferred$|editorial$)[^/]+$", "graph/{source}", graph) for graph in kinds
    }
    kinds |= {"graph/editorial", "graph/catalog"}  # there once something was renamed or merged; after a dump
    for document in ("README.md", "docs/model.md"):
        listed = {t for line in read(document).splitlines() if line.startswith("| `graph/") for t in quoted(line)}
        assert {text for text in listed if text.startswith("graph/")} == kinds, document


# ---- the documents themselves -------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_document)
def test_each_relative_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    relative = [target.partition("#")[0] for target in targets if not re.match(r"https?:|#", target)]
    assert [target for target in relative if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_document)
def test_each_path_that_is_named_exists(document: Path) -> None:
    tops = {path.name for path in REPOSITORY.iterdir()}
    named = {t for t in quoted(document.read_text(encoding="utf-8")) if re.fullmatch(r"[\w.{}/-]+", t)}
    paths = {t for t in named if ("/" in t or "." in t) and t.partition("/")[0] in tops}
    paths |= {t for t in named if "/" in t and t[0] != "/" and re.search(r"\.(py|toml|md|ttl|trig|rq|tsv|gz)$", t)}
    lost = set()
    for path in paths - MADE_LATER:
        pattern = re.sub(r"\{[^}]*\}", "*", path.rstrip("/"))
        if not any(any(folder.glob(pattern)) for folder in (REPOSITORY, document.parent)):
            lost.add(path)
    assert lost == set()


def test_decisions_have_distinct_numbers_without_gaps_and_are_listed() -> None:
    folder = REPOSITORY / "docs" / "adr"
    files = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read("docs/adr/README.md")) == files
    for name in files:
        text = (folder / name).read_text(encoding="utf-8")
        assert f"| {text.splitlines()[0].removeprefix('# ')} |" in read("docs/adr/README.md"), name
        for heading in ("## What forced us\n", "## What it costs\n", "## When to reopen\n"):
            assert heading in text, (name, heading)


def test_the_version_is_the_same_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert f"## [{version}] - 2" in read("CHANGELOG.md")
    assert f"\nversion: {version}\n" in read("CITATION.cff")
    assert f"Version {version}" in read("README.md")
    assert f"version {version}." in sections("README.md")["How to cite"]


def test_the_citation_file_has_what_its_format_requires() -> None:
    given = dict(re.findall(r"^([a-z-]+): *(.*)$", read("CITATION.cff"), re.MULTILINE))
    assert given["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= given.keys()
    assert given["license"] == PROJECT["project"]["license"]


def files() -> Iterator[Path]:
    for parent, folders, found in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if not UNLISTED.fullmatch(name)]
        yield from (Path(parent) / name for name in found if not UNLISTED.fullmatch(name))


def texts() -> Iterator[tuple[str, str]]:
    for path in files():
        if path.suffix not in (".gz", ".png"):
            yield by_document(path), path.read_text(encoding="utf-8")


def test_no_file_names_a_place_outside_the_repository() -> None:
    words = ("/".join(("", "work", "")), ".".join(("", "library")), "/".join(("..", "shared")))
    found = {(path, word) for path, text in texts() for word in words if word in text}
    assert {(path, word) for path, word in found if path != ".ci/run"} == set()


def test_no_file_holds_an_address_of_mail() -> None:
    address = re.compile(r"[\w.+-]+@(?!example\.)[\w-]+\.(?:[a-z]{2,}\.)*(?:com|org|net|fr|eu|io|dev)\b")
    assert {(path, found) for path, text in texts() for found in address.findall(text)} == set()


# ---- the examples -------------------------------------------------------------------------------------------

WITH_EXAMPLES = ("README.md", "CONTRIBUTING.md", "docs/endpoint.md", "docs/interoperability.md")
CURLS = [
    (path, command)
    for path in WITH_EXAMPLES
    for block in blocks(path, "sh")
    for command in re.split(r"(?m)^(?=curl )", block)
    if command
]
PYTHONS = [(path, block) for path in WITH_EXAMPLES for block in blocks(path, "python")]


@pytest.mark.parametrize(("path", "command"), CURLS)
def test_each_curl_example_answers_something(path: str, command: str, server: RunningServer) -> None:
    careful = "curl -s --fail-with-body --retry 9 "  # asked again while the search index is made
    told = command.replace("http://127.0.0.1:8080", server.url).replace("curl -s ", careful)
    assert server.url in told
    done = subprocess.run(["sh", "-c", told], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) > 1 or "boolean" in done.stdout, done.stdout


@pytest.mark.parametrize("lang", sorted(EXAMPLES))
def test_each_example_of_the_query_page_has_rows(lang: str, built_state: Path) -> None:
    graph = knowledge.Graph.open(settings.Settings(state=built_state))
    for example in EXAMPLES[lang]:
        assert len(graph.rows(example.query)) > 1, example.title


@pytest.mark.parametrize(("path", "code"), PYTHONS)
def test_each_python_example_prints_something(path: str, code: str, server: RunningServer) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code.replace("http://127.0.0.1:8080", server.url)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=clean_environ(COOPKG_STATE=str(server.state)),
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 1


def test_the_settings_file_of_the_example_is_read(tmp_path: Path) -> None:
    config = tmp_path / "coopkg.toml"
    config.write_text(blocks("docs/settings.md", "toml")[0], encoding="utf-8")
    assert settings.load({}, {}, config).port == 8123
