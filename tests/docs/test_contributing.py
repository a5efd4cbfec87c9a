"""The page that CONTRIBUTING gives as an example is judged, and so are the usual mistakes that it tells."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from coopkg import upkeep
from coopkg.errors import InputError
from coopkg.findings import Tier
from coopkg.settings import Settings
from tests.builders import ID, SCHEME, a_small_content
from tests.conftest import REPOSITORY
from tests.docs.test_docs import blocks, read, sections

SLUG = "fonda-jardin-partage"
EXAMPLE = blocks("CONTRIBUTING.md", "trig")[0]
SOURCE = f"        dcterms:source <{ID}source/{SLUG}> ;\n"
#: What to change in the example, and what the program answers at once, before anything is judged.
UNREADABLE = [
    (f"graph/{SLUG}>", "graph/fonda-jardin>", "but this file may state only"),
    ("@fr ;\n        coop:lessonKind", "@fr\n        coop:lessonKind", "repair the syntax near"),
]
#: What to change in the example, and what is found. They do not hide each other, so they are judged together.
FAULTS = [
    ("organisation/la-fonda>", "organisation/la-fondation>", "described in the file of organisations"),
    ("role/lead>", "role/leader>", "Concept unknown or without a French name"),
    ("lesson-kind/lever>", "theme/food>", "Take a concept of scheme/"),
    ('"Jardin partagé"@fr, ', "", "without a French name. Check its IRI"),
    (f"{SOURCE}        coop:theme", "        coop:theme", "Give with dcterms:source"),
    ('        coop:earliestDate "2021-01-01"^^xsd:date ;\n', "", "Add coop:earliestDate"),
    ('"2021"^^xsd:gYear', '"2021"', "Give a single date, as precise as the source"),
    ("coop:value 12.0", "coop:value 12", "as a decimal number"),
    ("departement/91", "departement/00", "check the Insee code and the level"),
    (
        f"participant <{ID}group/jardin-partage-habitants>",
        f"participant <{ID}territory/departement/92>",
        "This resource is in two families at once",
    ),
    ("coop:hasLesson", "coop:hasLessons", "Relate with coop:hasLesson"),
]
#: Judged by the same change as the last one of `FAULTS`, and alone, before the shapes.
MISSPELT = "is not a property of the model"
FOREIGN = (
    f"    <{ID}organisation/la-fonda> a <http://www.w3.org/ns/org#Organization> .\n}}\n",
    "may not describe this resource",
)
MISPLACED = ("its name says no graph", "is not understood by the build")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small content folder that knows the départements and the publisher of the example."""
    folder = a_small_content(tmp_path_factory.mktemp("contributing") / "content")
    shutil.copy(REPOSITORY / "data" / "reference" / "departements.nq", folder / "data" / "reference")
    organisations = folder / "data" / "organisations.trig"
    known = organisations.read_text(encoding="utf-8").rstrip().removesuffix("}")
    publisher = f"""    <{ID}organisation/la-fonda>
        a org:Organization ;
        skos:prefLabel "La Fonda"@fr ;
        org:classification <{SCHEME}stakeholder-kind/association> .
}}
"""
    organisations.write_text(known + publisher, encoding="utf-8")
    return folder


def answers(content: Path, file: Path) -> list[tuple[Tier, str]]:
    """What `coopkg validate` says of a file, in English."""
    try:
        found = upkeep.validate(Settings(content=content), [file])
    except InputError as fault:
        return [(Tier.VIOLATION, str(fault))]
    return [(finding.tier, finding.line("en")) for finding in found if str(file) in finding.where]


def test_the_example_has_neither_violation_nor_warning(content: Path, tmp_path: Path) -> None:
    file = tmp_path / f"{SLUG}.trig"
    file.write_text(EXAMPLE, encoding="utf-8")
    found = answers(content, file)
    assert [line for tier, line in found if tier is not Tier.INFO] == []
    assert found, "the example is judged: its project could name a funder"


def test_what_the_example_names_is_in_the_repository() -> None:
    assert f"<{ID}organisation/la-fonda>" in read("data/organisations.trig")
    assert f"<{ID}territory/departement/91>" in read("data/reference/departements.nq")


@pytest.mark.parametrize(("right", "wrong", "answer"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_answered_as_told(
    content: Path, tmp_path: Path, right: str, wrong: str, answer: str
) -> None:
    file = tmp_path / f"{SLUG}.trig"
    file.write_text(changed(EXAMPLE, right, wrong), encoding="utf-8")
    assert answer in answers(content, file)[0][1]


def test_the_usual_mistakes_are_answered_as_told(content: Path, tmp_path: Path) -> None:
    text = EXAMPLE
    for right, wrong, _ in FAULTS:
        text = changed(text, right, wrong)
    file = tmp_path / f"{SLUG}.trig"
    file.write_text(text, encoding="utf-8")
    lines = [line for tier, line in answers(content, file) if tier is Tier.VIOLATION]
    told = [*(answer for *_, answer in FAULTS), MISSPELT]
    assert [answer for answer in told if not any(answer in line for line in lines)] == []


def test_a_statement_about_what_is_not_the_page_s_own_is_answered_as_told(content: Path, tmp_path: Path) -> None:
    file = tmp_path / f"{SLUG}.trig"
    file.write_text(EXAMPLE.rstrip().removesuffix("}") + FOREIGN[0], encoding="utf-8")
    assert FOREIGN[1] in answers(content, file)[0][1]


def test_files_that_the_build_does_not_understand_are_answered_as_told(content: Path, tmp_path: Path) -> None:
    capital = tmp_path / "Fonda_Jardin.trig"
    capital.write_text(EXAMPLE, encoding="utf-8")
    assert MISPLACED[0] in answers(content, capital)[0][1]
    copied = shutil.copytree(content, tmp_path / "content")
    (copied / "data" / "sources" / "notes.txt").write_text("a draft")
    assert MISPLACED[1] in answers(copied, capital)[0][1]


def test_each_answer_that_is_told_is_tried() -> None:
    told = sections("CONTRIBUTING.md")["What the program answers to the usual mistakes"]
    answered = re.findall(r"(?m)^\| [^|]+ \| `([^`]+)` \|", told)
    tried = [*(answer for *_, answer in [*UNREADABLE, *FAULTS]), *MISPLACED, MISSPELT, FOREIGN[1]]
    assert sorted(answered) == sorted(tried)


def changed(text: str, right: str, wrong: str) -> str:
    """Return a text with the first place of something changed."""
    assert right in text, right
    return text.replace(right, wrong, 1)
