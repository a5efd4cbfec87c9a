"""Judging again and again: the same findings as when all is judged anew, at the cost of what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg import names, upkeep
from coopkg.errors import InputError
from coopkg.findings import Finding, Tier
from coopkg.rdf import Quad
from coopkg.rehearsal import Proposal, Rehearsal
from coopkg.settings import Settings
from tests.builders import ID, a_small_content, a_source

REGIONS = f"{names.REFERENCE_GRAPHS}regions"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = a_small_content(tmp_path / "content")
    for path in (folder / "ontology/schemes").iterdir():
        if path.stem not in ("role", "page-kind", "read-extent", "stakeholder-kind", "territory-level", "theme"):
            path.unlink()
    return folder


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return write(tmp_path / "b-page.trig")


def write(path: Path, old: str = "", new: str = "", **more: str) -> Path:
    path.write_text(a_source(path.stem, **more).replace(old, new) if old else a_source(path.stem, **more), "utf-8")
    return path


def proposal(content: Path, *paths: Path) -> Proposal:
    return upkeep.proposal(Settings(content=content), paths)


def anew(content: Path, *paths: Path) -> list[Finding]:
    return Rehearsal().judge(proposal(content, *paths))


#: What an author does to a draft, one after the other; some of it right, some wrong in different ways.
EDITS: list[Callable[[Path], object]] = [
    lambda draft: write(draft, "role/partner", "role/led"),
    lambda draft: write(draft, name=""),
    lambda draft: write(draft, region="84"),  # reference nodes that nobody pointed at before
    lambda draft: write(draft, region="99"),
    lambda draft: write(draft, more=f"<{ID}project/b-page> coop:startdate '2021' .\n"),
    lambda draft: write(draft, more="<javascript:x> a coop:Project .\n"),
    lambda draft: write(draft, "organisation/une-ville>", "organisation/une-vile>"),
    lambda draft: write(draft, "a coop:Project ;", "a coop:Project , coop:Lesson ;"),
    lambda draft: write(draft, "inAction <https", "inAction <http"),
    lambda draft: write(draft),
    lambda draft: write(draft, region="11", name="Un autre nom"),
]


@pytest.mark.parametrize("first", range(len(EDITS)))
def test_a_file_that_is_edited_is_judged_as_if_all_were_judged_anew(content: Path, draft: Path, first: int) -> None:
    EDITS[first](draft)
    rehearsal = Rehearsal()
    assert rehearsal.judge(proposal(content, draft)) == anew(content, draft)
    assert rehearsal.prepare()
    for edit in EDITS if first == 0 else EDITS[:3]:
        edit(draft)
        assert sorted(rehearsal.judge(proposal(content, draft)), key=str) == sorted(anew(content, draft), key=str)


def test_the_second_judgement_looks_at_what_changed_alone(content: Path, draft: Path) -> None:
    rehearsal, said = Rehearsal(lambda text: said.append(text)), list[str]()
    read = list[str]()

    def counting(one: Proposal) -> Proposal:
        def reading(graph: str) -> list[Quad]:
            read.append(graph)
            return one.read(graph)

        return replace(one, read=reading)

    rehearsal.judge(counting(proposal(content, draft)))
    rehearsal.prepare()
    assert said
    said.clear()
    read.clear()
    write(draft, name="Un autre nom")
    rehearsal.judge(counting(proposal(content, draft)))
    assert said == [], "nothing is inferred or judged whole"
    assert read == ["https://w3id.org/coopkg/graph/b-page"]


def test_a_file_that_cannot_be_read_meanwhile_is_told_and_the_next_one_is_judged(content: Path, draft: Path) -> None:
    rehearsal = Rehearsal()
    before = rehearsal.judge(proposal(content, draft))
    rehearsal.prepare()
    good = draft.read_text("utf-8")
    draft.write_text(good[:-30], "utf-8")
    with pytest.raises(InputError, match=r"b-page\.trig:\d+:\d+: "):
        rehearsal.judge(proposal(content, draft))
    draft.write_text(good, "utf-8")
    assert rehearsal.judge(proposal(content, draft)) == before


def test_a_file_that_is_at_fault_in_the_content_folder_does_not_make_the_others_slow(content: Path) -> None:
    page = content / "data/sources/a-page.trig"
    write(page, region="99")
    rehearsal = Rehearsal()
    assert any(one.tier is Tier.VIOLATION for one in rehearsal.judge(proposal(content)))
    assert rehearsal.prepare()
    write(page)
    assert sorted(rehearsal.judge(proposal(content)), key=str) == sorted(anew(content), key=str)
    page.unlink()
    write(content / "data/sources/c-page.trig")
    assert sorted(rehearsal.judge(proposal(content)), key=str) == sorted(anew(content), key=str)


@pytest.mark.parametrize("path", ["ontology/coop.ttl", "shapes/project.ttl", "data/reference/regions.nq"])
def test_another_ontology_shape_or_table_makes_all_be_judged_again(content: Path, draft: Path, path: str) -> None:
    said = list[str]()
    rehearsal = Rehearsal(said.append)
    rehearsal.judge(proposal(content, draft))
    rehearsal.prepare()
    (content / path).write_text(f"{(content / path).read_text('utf-8')}\n# a comment\n", "utf-8")
    said.clear()
    assert rehearsal.judge(proposal(content, draft)) == anew(content, draft)
    assert said


def test_lines_are_those_of_the_file_as_it_is_now(content: Path, draft: Path) -> None:
    write(draft, region="99")
    rehearsal = Rehearsal()
    (line,) = {one.place()[1] for one in rehearsal.judge(proposal(content, draft)) if "region/99" in one.focus}
    rehearsal.prepare()
    draft.write_text("# one line more\n" + draft.read_text("utf-8"), "utf-8")
    (moved,) = {one.place()[1] for one in rehearsal.judge(proposal(content, draft)) if "region/99" in one.focus}
    assert moved == line + 1


def test_what_others_point_at_as_well_stays_when_a_change_is_taken_back(content: Path, draft: Path) -> None:
    """The accepted state is taken up again before each judgement: nothing of it may have been lost on the way."""
    write(content / "data/sources/a-page.trig", region="84")
    rehearsal = Rehearsal()
    rehearsal.judge(proposal(content, write(draft, region="11")))
    rehearsal.prepare()
    for region in ("84", "11", "84", "11"):
        rehearsal.judge(proposal(content, write(draft, region=region)))
    assert rehearsal._standing is not None
    for region in ("11", "84"):
        assert list(rehearsal._standing.store.about(f"{ID}territory/region/{region}", REGIONS)), region
