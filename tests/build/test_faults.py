"""One fault at a time, planted into a content folder that was published before.

Each build must refuse it, say where it is and what to do, and leave the graph that was published to its readers.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from coopkg import reports
from coopkg.cli import exit_code
from coopkg.errors import CoopkgError, WriteRejected
from tests.build.running import Place, names_at, serving
from tests.builders import ID, a_small_content, a_source, a_tiny_content
from tests.conftest import PROGRAM, clean_environ

A_PAGE = "data/sources/a-page.trig"
ORGANISATIONS = "data/organisations.trig"
RULE = "ontology/rules/my-rule.rq"
SHAPES = "shapes/project.ttl"


@dataclass(frozen=True)
class Planted:
    """A fault, and what the build must say of it (patterns)."""

    name: str
    plant: Callable[[Place], object]
    says: tuple[str, ...]
    exit_code: int = 1


def swap(path: str, old: str, new: str) -> Callable[[Place], object]:
    return lambda place: place.swap(path, old, new)


def write(path: str, text: str) -> Callable[[Place], object]:
    return lambda place: place.write(path, text)


def write_bytes(path: str, content: bytes) -> Callable[[Place], object]:
    def plant(place: Place) -> None:
        (place.content / path).parent.mkdir(parents=True, exist_ok=True)
        (place.content / path).write_bytes(content)

    return plant


def append(path: str, text: str) -> Callable[[Place], object]:
    def plant(place: Place) -> None:
        with (place.content / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return plant


def remove(path: str) -> Callable[[Place], object]:
    def plant(place: Place) -> None:
        full = place.content / path
        shutil.rmtree(full) if full.is_dir() else full.unlink()

    return plant


def say(text: str) -> Callable[[Place], object]:
    """Put statements at the end of the graph of a-page."""
    return lambda place: place.swap(A_PAGE, "\n}\n", f"\n    {text}\n}}\n")


def both(*plants: Callable[[Place], object]) -> Callable[[Place], object]:
    def plant(place: Place) -> None:
        for each in plants:
            each(place)

    return plant


CONTENT_FAULTS = [
    # ------------------------------------------------------------------------------------------ Turtle and bytes
    Planted("a semicolon too few", swap(A_PAGE, "Project ;", "Project"), (rf"{A_PAGE}:7:\d+: .*expected.*repair",)),
    Planted("a prefix that is not declared", swap(A_PAGE, "skos:pref", "sksos:pref"), (rf"{A_PAGE}:7:\d+: .*@prefix",)),
    Planted("a string that does not end", swap(A_PAGE, '"@fr', "@fr"), (rf"{A_PAGE}:7:\d+: .*(close|repair)",)),
    Planted("a file that is cut", swap(A_PAGE, "\n}\n", "\n"), (rf"{A_PAGE}:\d+:\d+: .*(close|repair)",)),
    Planted("an IRI with a space", swap(A_PAGE, "project/a-page", "project/a page"), (rf"{A_PAGE}:5:\d+: .*IRI",)),
    Planted("a language tag too long", swap(A_PAGE, "@fr", "@francaises-de-france"), (rf"{A_PAGE}:7:\d+: .*subtag",)),
    Planted("bytes that are not UTF-8", write_bytes(A_PAGE, b'# "caf\xe9"'), (rf"{A_PAGE}:1(:\d+)?: .*not UTF-8",)),
    Planted("UTF-16", write_bytes(A_PAGE, "@prefix é".encode("utf-16")), (rf"{A_PAGE}:1(:\d+)?: .*not UTF-8",)),
    Planted("a file of no byte", write_bytes(A_PAGE, b""), (rf"{A_PAGE}: states nothing; .*delete the file",)),
    Planted("a file of comments", write(A_PAGE, "# nothing\n"), (rf"{A_PAGE}: states nothing",)),
    Planted(
        "two broken files, both told",
        both(swap(A_PAGE, "Project ;", "Project"), write_bytes("data/sources/b-page.trig", b"")),
        (rf"{A_PAGE}:7:\d+", r"b-page\.trig: states nothing"),
    ),
    # ------------------------------------------------------------------------------------------ graphs and names
    Planted(
        "a statement in another graph",
        swap(A_PAGE, "graph/a-page", "graph/c-page"),
        (rf"{A_PAGE}:4: .*graph/c-page.*may state only <.*graph/a-page>; move",),
    ),
    Planted(
        "a statement in no graph",
        append(A_PAGE, "<http://example.org/a> a coop:Project .\n"),
        (rf"{A_PAGE}:9: .*<http://example\.org/a> stands in no named graph.*move",),
    ),
    Planted(
        "a file renamed without its graph",
        lambda place: (place.content / A_PAGE).rename(place.content / "data/sources/z-page.trig"),
        (r"z-page\.trig:4: .*graph/a-page.*rename",),
    ),
    Planted(
        "the same graph in two files",
        both(write("data/reference/x.nq", ""), write_bytes("data/reference/x.nq.gz", b"")),
        (r"data/reference/x\.nq\.gz: states the same graph.*data/reference/x\.nq; keep one",),
    ),
    Planted(
        "a source that is called as the inferred graph",
        write("data/sources/inferred.trig", "<http://x/a> <http://x/b> 1 ."),
        (r"data/sources/inferred\.trig: is not understood",),
    ),
    Planted("a file of another kind", write("data/sources/notes.docx", "x"), (r"notes\.docx: .*move it away",)),
    Planted("a copy left by an editor", write(f"{A_PAGE}~", "x"), (r"a-page\.trig~: is not understood",)),
    Planted("a name with capitals", write("data/sources/Page.trig", "x"), (r"sources/Page\.trig: .*README",)),
    Planted("a name with accents", write("data/sources/été.trig", "x"), (r"sources/été\.trig: .*README",)),
    Planted("a name that is not UTF-8", lambda place: _odd_name(place, b"\xff.trig"), (r"\.trig: .*README",)),
    Planted("a name of two lines", lambda place: _odd_name(place, b"a\nb.trig"), (r"b\.trig: .*README",)),
    Planted("shapes with a wrong ending", write("shapes/project.tll", "x"), (r"shapes/project\.tll: is not",)),
    Planted("a folder in a folder", write("data/sources/old/x.trig", "x"), (r"data/sources/old/: is a folder",)),
    Planted(
        "several faults, all told",
        both(write("data/x", ""), write("data/sources/y", "")),
        (r"data/x: is not", r"data/sources/y: is not"),
    ),
    # ------------------------------------------------------------------------------------------ files that are none
    Planted(
        "a folder called as a file",
        lambda place: (place.content / "data/sources/x.trig").mkdir(),
        (r"data/sources/x\.trig/: is a folder.*move it away",),
    ),
    Planted("a link to itself", lambda place: _link(place, "x.trig"), (r"x\.trig: cannot be read \(Too many levels",)),
    Planted("a link to nothing", lambda place: _link(place, "nowhere"), (r"x\.trig: cannot be read \(No such file",)),
    Planted("a link to the folder above", lambda place: _link(place, ".."), (r"x\.trig/: is a folder",)),
    Planted(
        "a pipe, which would never end",
        lambda place: os.mkfifo(place.content / "data/sources/x.trig"),
        (r"x\.trig: is not a regular file",),
    ),
    Planted("no gzip", write("data/reference/x.nq.gz", "x"), (r"x\.nq\.gz: cannot be read \(Not a gzipped",)),
    Planted(
        "a gzip that is cut",
        write_bytes("data/reference/x.nq.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3"),
        (r"x\.nq\.gz: cannot be read .*restore",),
    ),
    # ------------------------------------------------------------------------------------------ what is missing
    Planted("no ontology", remove("ontology/coop.ttl"), (r"holds no ontology/coop\.ttl; .*restore",)),
    Planted("no rules", remove("ontology/rules"), (r"holds no ontology/rules/\*\.rq; .*restore",)),
    Planted("no shapes, so that nothing would be judged", remove("shapes"), (r"holds no shapes/\*\.ttl",)),
    Planted("no data, so that all would be removed", remove("data"), (r"holds no data/.*restore what is missing",)),
    Planted("no sources, so that all would be removed", remove("data/sources"), (r"holds no data/",)),
    # ------------------------------------------------------------------------------------------ rules and shapes
    Planted("a rule with a fault", write(RULE, "CONSTRUC"), (r"my-rule\.rq:1: 'CONSTRUC' is not understood",)),
    Planted(
        "a rule that selects", write(RULE, "SELECT * { ?a ?b ?c }"), (r"my-rule\.rq:1: 'SELECT' .*expected CONSTRUCT",)
    ),
    Planted(
        "a rule that makes nodes for ever",
        write(RULE, "CONSTRUCT { ?a coop:within [] } WHERE { ?a a coop:Project }"),
        (r"my-rule\.rq:1: '\[\] .* is not understood",),
    ),
    Planted(
        "a rule that makes IRIs for ever",
        write(
            RULE,
            "CONSTRUCT { ?a coop:within ?b } WHERE { ?p a coop:Project ; coop:within* ?a "
            'BIND (IRI(CONCAT(STR(?a), "x")) AS ?b) }',
        ),
        (r"my-rule\.rq:1: .* is not understood",),
    ),
    Planted("a rule that is not UTF-8", write_bytes(RULE, b"# \xe9"), (r"my-rule\.rq: cannot be read .*UTF-8",)),
    Planted(
        "a rule with a fault",
        both(swap("ontology/rules/role-shortcuts.rq", "CONSTRUCT", "CONSTRUC"), swap(A_PAGE, "Un projet", "Un nom")),
        (r"rules/role-shortcuts\.rq:\d+: 'CONSTRUC' is not understood",),
    ),
    Planted("shapes with a fault", append(SHAPES, "coopsh:X a ,, ."), (r"shapes/project\.ttl:\d+:\d+: .*repair",)),
    Planted("shapes that are emptied", write(SHAPES, ""), (r"shapes/project\.ttl: holds no shape; restore",)),
    Planted(
        "a shape without a path",
        swap(SHAPES, "sh:path skos:prefLabel ;", ""),
        (r"shapes/project\.ttl:[0-9]+: coopsh:Project-label: .*needs one sh:path",),
    ),
    Planted(
        "a shape with a wrong count",
        swap(SHAPES, "Count 1", 'Count "un"'),
        (r"shapes/project\.ttl:[0-9]+: .*sh:minCount must be a whole number",),
    ),
    Planted(
        "a shape with a wrong pattern",
        swap(SHAPES, "sh:minCount 1", 'sh:pattern "("'),
        (r"shapes/: coopsh:Project-label: sh:pattern: .* is no regular expression",),
    ),
    Planted("an ontology with a fault", append("ontology/coop.ttl", "coop:X"), (r"ontology/coop\.ttl:\d+:\d+: ",)),
    # ------------------------------------------------------------------------------------------ terms and numbers
    Planted(
        "a label too long",
        swap(A_PAGE, "Un projet", 50 * "x"),
        (rf"{A_PAGE}:5 Violation <{ID}project/a-page> skos:prefLabel = x+: Donnez un nom court", "nothing was written"),
        3,
    ),
    Planted(
        "an IRI that runs a script", say("<javascript:alert(1)> a coop:Project ."), (rf"{A_PAGE}:8 .*IRI refusé",), 3
    ),
    Planted("an IRI of a file", say("<file:///etc/passwd> a coop:Project ."), (r"file:///etc/passwd.*IRI refusé",), 3),
    Planted(
        "an IRI without end",
        say(f"<http://x/{3000 * 'a'}> a coop:Project ."),
        (r"IRI de plus de 2048 octets : raccourcissez-le",),
        3,
    ),
    Planted("a control character", swap(A_PAGE, "Un projet", "\\u0007"), (rf"{A_PAGE}:5 .*caractère de contrôle",), 3),
    Planted("a character of direction", swap(A_PAGE, "Un ", "\\u202E"), (rf"{A_PAGE}:5 .*de direction",), 3),
    Planted("a blank node", say('[] skos:prefLabel "x"@fr .'), (r"nœud anonyme : donnez-lui un IRI",), 3),
    Planted(
        "a triple term", say("<http://x/a> coop:x <<( <http://x/a> coop:x 1 )>> ."), (rf"{A_PAGE}:8 .*RDF 1\.2",), 3
    ),
    Planted("a text with a direction", swap(A_PAGE, "@fr", "@fr--ltr"), (rf"{A_PAGE}:5 .*RDF 1\.2",), 3),
    *(
        Planted(
            f"the decimal {number!r}",
            say(f'<http://x/a> coop:value "{number}"^^<http://www.w3.org/2001/XMLSchema#decimal> .'),
            (rf"{A_PAGE}:8 Violation <http://x/a> .*: ce n'est pas un nombre",),
            3,
        )
        for number in ("abc", "", "+-5", "--5", "1,5", "1e5", "INF", "٤")
    ),
]

JUDGED_FAULTS = [
    Planted(
        "an unknown commune",
        swap(A_PAGE, "territory/region/11", "territory/commune/99999"),
        (rf"{A_PAGE}:24 Violation <{ID}territory/commune/99999> .*Commune ou territoire inconnu.*vérifiez le code",),
        3,
    ),
    Planted(
        "an organisation that nobody describes",
        swap(A_PAGE, "organisation/une-ville", "organisation/une-vile"),
        (rf"{A_PAGE}:38 Violation <{ID}organisation/une-vile> .*Acteur inconnu : vérifiez",),
        3,
    ),
    Planted(
        "one project under two names",
        write(
            "data/sources/b-page.trig",
            a_source("b-page", name="Un autre nom").replace("project/b-page", "project/a-page"),
        ),
        (rf"{A_PAGE}:19, data/sources/b-page\.trig:19 Violation <{ID}project/a-page> .*un seul nom par langue",),
        3,
    ),
    Planted(
        "two organisations with one SIREN",
        both(
            swap(ORGANISATIONS, '"Une ville"@fr ;', '"Une ville"@fr ; coop:siren "732829320" ;'),
            swap(ORGANISATIONS, '"Une association"@fr ;', '"Une association"@fr ; coop:siren "732829320" ;'),
        ),
        (
            rf"{ORGANISATIONS}:9 Violation <{ID}organisation/une-association> coop:siren = 732829320: .*SIREN",
            rf"{ORGANISATIONS}:14 Violation <{ID}organisation/une-ville> coop:siren = 732829320: .*corrigez le numéro",
        ),
        3,
    ),
    Planted(
        "a person",
        say(f"<{ID}project/y> a foaf:Person ."),
        (rf"{A_PAGE}:40 .*project/y>.*Retirez la personne", r"foaf:Person n'est pas une classe du modèle"),
        3,
    ),
    *(
        Planted(name, say(text), (rf"{A_PAGE}:\d+ Violation .*{says}",), 3)
        for name, text, says in (
            (
                "a misspelt property",
                f'<{ID}project/a-page> coop:startdate "2020"^^xsd:gYear .',
                r"coop:startdate n'est pas une propriété du modèle\n +→ vouliez-vous dire coop:startDate \?",
            ),
            (
                "a property of another vocabulary",
                f'<{ID}project/a-page> dcterms:creator "Une personne" .',
                "dcterms:creator n'est pas une propriété du modèle",
            ),
            (
                "a misspelt class",
                f'<{ID}project/z> a coop:Projet ; skos:prefLabel "Z"@fr .',
                r"coop:Projet n'est pas une classe du modèle\n +→ vouliez-vous dire coop:Project \?",
            ),
            (
                "a resource of no class",
                f'<{ID}project/z> skos:prefLabel "Z"@fr .',
                "rien ne dit ce que c'est : ajoutez sa classe",
            ),
            (
                "what only the build infers",
                f"<{ID}project/a-page> coop:ledBy <{ID}organisation/une-ville> .",
                "coop:ledBy est déduit par la construction du graphe : retirez-le",
            ),
            (
                "a cooperation written by hand",
                f"<{ID}project/z> a coop:Cooperation .",
                "coop:Cooperation est déduit par la construction du graphe : retirez-le",
            ),
            (
                "a strength written by hand",
                f"<{ID}project/a-page> coop:strength 3 .",
                "coop:strength est déduit par la construction du graphe : retirez-le",
            ),
            (
                "the source of another page",
                f"<{ID}project/a-page> dcterms:source <{ID}source/b-page> .",
                f"la source d'une affirmation de ce graphe est <{ID}source/a-page>",
            ),
            (
                "an e-mail address",
                f'<{ID}project/a-page> skos:editorialNote "Écrire à a.b@example.org."@fr .',
                "adresse électronique ou numéro de téléphone : retirez-le",
            ),
            (
                "a telephone number",
                f'<{ID}project/a-page> skos:editorialNote "Appeler le 06 12 34 56 78."@fr .',
                "adresse électronique ou numéro de téléphone : retirez-le",
            ),
            (
                "a link to write a letter",
                f"<{ID}source/a-page> foaf:page <mailto:a.b@example.org> .",
                "adresse électronique ou numéro de téléphone : retirez-le",
            ),
            (
                "a statement about the ontology",
                "coop:Project <http://www.w3.org/2000/01/rdf-schema#subClassOf> foaf:Person .",
                "ne peut pas décrire cette ressource",
            ),
            (
                "a statement about the licence of another page",
                "<https://w3id.org/coopkg/graph/b-page> dcterms:license <http://example.org/none> .",
                "ne peut pas décrire cette ressource",
            ),
            (
                "a statement about a territory of the reference tables",
                f"<{ID}territory/region/11> coop:population 3 .",
                "ne peut pas décrire cette ressource",
            ),
            (
                "a statement about an organisation",
                f'<{ID}organisation/une-ville> skos:altLabel "Une cité"@fr .',
                "ne peut pas décrire cette ressource",
            ),
            ("a name of another base", "<http://example.org/p> a coop:Project .", "ne peut pas décrire"),
            ("a kind that is none", f"<{ID}projet/p> a coop:Project .", "ne peut pas décrire"),
            ("a slug with capitals", f"<{ID}project/Un_Projet> a coop:Project .", "ne peut pas décrire"),
            ("no number at all", f'<{ID}measure/m> coop:value "NaN"^^xsd:double .', "pas un nombre fini"),
            ("an endless number", f'<{ID}measure/m> coop:value "-INF"^^xsd:float .', "pas un nombre fini"),
        )
    ),
    Planted(
        "a rule that calls another server",
        both(
            write(RULE, "CONSTRUCT { ?s coop:within ?o } WHERE { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }"),
            swap(A_PAGE, "Un projet", "Un autre nom"),
        ),
        (r"ontology/rules/my-rule\.rq: .*SERVICE.*a rule asks this graph alone",),
    ),
    Planted(
        "an outcome of no action",
        say(f'<{ID}outcome/x> a coop:Outcome ; skos:prefLabel "Un effet"@fr ; dcterms:source <{ID}source/a-page> .'),
        (rf"{A_PAGE}:40 Violation <{ID}outcome/x> \^coop:hasOutcome: Reliez",),
        3,
    ),
    Planted(
        "a date that is none",
        say(f'<{ID}project/a-page> coop:startDate "2020-13-45"^^xsd:date .'),
        (rf"{A_PAGE}:19 Violation <{ID}project/a-page> coop:startDate = 2020-13-45",),
        3,
    ),
]


def _odd_name(place: Place, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(place.content / "data/sources") + b"/" + name)).touch()


def _link(place: Place, target: str) -> None:
    (place.content / "data/sources/x.trig").symlink_to(target)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str]]:
    folder = tmp_path_factory.mktemp("tiny")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.build()
    with serving(place) as address:
        yield place, address


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str]]:
    folder = tmp_path_factory.mktemp("small")
    place = Place(a_small_content(folder / "content"), folder / "state")
    for path in (place.content / "ontology/schemes").iterdir():
        if path.stem not in _USED_SCHEMES:
            path.unlink()  # inference over the concepts takes most of a build
    place.build()
    with serving(place) as address:
        yield place, address


_USED_SCHEMES = ("role", "page-kind", "read-extent", "stakeholder-kind", "territory-level", "theme")


def _spoiled(place: Place, folder: Path, planted: Planted) -> Place:
    spoiled = Place(folder / "content", place.state)
    shutil.copytree(place.content, spoiled.content)
    planted.plant(spoiled)
    return spoiled


def _told(place: Place) -> tuple[int, str]:
    """Build in this process; return the exit code and the text that the program would give."""
    try:
        place.build()
    except CoopkgError as fault:
        findings = fault.findings if isinstance(fault, WriteRejected) else ()
        lines = [line for finding in findings for line in (finding.line("fr"), *reports.below(finding, "fr"))]
        return exit_code(fault), "\n".join([*lines, str(fault)])
    return 0, ""


def _said(place: Place) -> tuple[int, str]:
    """Build as a user does; return the exit code and the text."""
    done = place.run("build")
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def _check(
    published: tuple[Place, str], folder: Path, planted: Planted, build: Callable[[Place], tuple[int, str]]
) -> None:
    place, address = published
    before = (place.digest(), place.manifest(), place.journal().head_hash, names_at(address))
    code, text = build(_spoiled(place, folder, planted))
    for pattern in planted.says:
        assert re.search(pattern, text, re.DOTALL), text
    assert code == planted.exit_code
    assert (place.digest(), place.manifest(), place.journal().head_hash, names_at(address)) == before
    assert list((place.state / "generations").glob("candidate-*")) == []


def _each(faults: Sequence[Planted]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("planted", [pytest.param(planted, id=planted.name) for planted in faults])


@_each(CONTENT_FAULTS)
def test_a_fault_in_the_content_is_told_and_the_published_graph_stays(
    tiny: tuple[Place, str], tmp_path: Path, planted: Planted
) -> None:
    _check(tiny, tmp_path, planted, _told)


@_each(JUDGED_FAULTS)
def test_a_fault_for_the_shapes_is_told_and_the_published_graph_stays(
    small: tuple[Place, str], tmp_path: Path, planted: Planted
) -> None:
    _check(small, tmp_path, planted, _told)


@_each(CONTENT_FAULTS[::6])
def test_the_program_tells_a_fault_in_the_content(tiny: tuple[Place, str], tmp_path: Path, planted: Planted) -> None:
    _check(tiny, tmp_path, planted, _said)


@_each(JUDGED_FAULTS[:1])
def test_the_program_tells_a_fault_for_the_shapes(small: tuple[Place, str], tmp_path: Path, planted: Planted) -> None:
    _check(small, tmp_path, planted, _said)


def test_findings_are_told_in_english_when_asked_by_flag_or_variable(tiny: tuple[Place, str], tmp_path: Path) -> None:
    place = _spoiled(tiny[0], tmp_path, Planted("long", swap(A_PAGE, "Un projet", 50 * "x"), ()))
    flag = place.run("--lang", "en", "build")
    variable = place.run("build", COOPKG_LANG="en")
    assert "Give a short name." in flag.stderr
    assert "Give a short name." in variable.stderr
    assert "Donnez" not in flag.stderr + variable.stderr


@pytest.mark.parametrize("path", [A_PAGE, "data/sources", "data/reference", SHAPES, "ontology/coop.ttl"])
def test_what_may_not_be_read_is_told_and_removes_nothing(tiny: tuple[Place, str], tmp_path: Path, path: str) -> None:
    place = _spoiled(tiny[0], tmp_path, Planted("a table", write("data/reference/.keep", ""), ()))
    (place.content / path).chmod(0)
    before = tiny[0].digest()
    try:
        done = _run_without_privilege(place)
    finally:
        (place.content / path).chmod(0o700)
    assert done.returncode == 1, done.stderr
    assert re.search(rf"{path}: .*Permission denied|holds no data/sources", done.stderr), done.stderr
    assert tiny[0].digest() == before


def _run_without_privilege(place: Place) -> subprocess.CompletedProcess[str]:
    """Run a build for which the permissions of files count, even when root runs the tests."""
    prefix = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root reads everything, and setpriv is not there to take that away")
        prefix = [setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
    return subprocess.run(
        [*prefix, *PROGRAM, "--content", str(place.content), "--state", str(place.state), "build"],
        capture_output=True,
        text=True,
        env=clean_environ(),
        check=False,
        timeout=100,
    )


def test_what_is_odd_but_right_is_accepted(tmp_path: Path) -> None:
    place = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    text = (place.content / A_PAGE).read_text(encoding="utf-8")
    place.write(A_PAGE, "\ufeff" + text.replace("\n", "\r\n").replace("Un projet", "Une ligne\\net une autre 😀"))
    place.write("data/sources/.hidden.trig.swp", "left by an editor")
    (place.content / "data/sources").rename(place.content / ".elsewhere")
    (place.content / "data/sources").symlink_to("../.elsewhere")
    place.swap("shapes/project.ttl", "sh:maxLength 40 ;", "")
    done = place.run("build")
    assert done.returncode == 0, done.stderr
    assert place.manifest().revision == 3
