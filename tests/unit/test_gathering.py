"""Where the facts of a catalogue come from: a store, a manifest, revisions, a dump, settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coopkg import names
from coopkg.catalog.facts import Facts, Publisher
from coopkg.catalog.gathering import gathered
from coopkg.catalog.wording import Wording
from coopkg.content import Content
from coopkg.dumps.manifest import MANIFEST, folder_of
from coopkg.dumps.statistics import STATISTICS
from coopkg.errors import StateDamaged
from coopkg.generations import HeldGraph, Manifest
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.record import Revision
from coopkg.settings import Settings
from coopkg.store import QuadStore
from tests.conftest import REPOSITORY
from tests.published import CC_BY, GRAPHS, OPEN_LICENCE, a_dump, a_file, some_statistics

_REVISIONS = [
    Revision(number, f"2026-0{number}-01T00:00:00+00:00", "", "", None, 0, 0, "", "", "", 1, 0, 0, "", 0, 1)
    for number in (2, 1)
]


def facts_of(state: Path, *quads: Quad, **settings: Any) -> Facts:
    """The facts of a store that holds some quads, in a state folder."""
    held = {graph: HeldGraph(count, "") for graph, count in GRAPHS.items()}
    manifest = Manifest(2, "h", "d", "", sum(GRAPHS.values()), 9, 0, 0, {}, {}, held)
    return gathered(QuadStore.in_memory(quads), manifest, _REVISIONS, Settings(**settings), state, "deadline 10 s")


def dated(name: str, value: str) -> Quad:
    """A date of an action."""
    return Quad(
        NamedNode(f"{names.BASE}id/project/a"),
        NamedNode(names.COOP + name),
        Literal(value),
        NamedNode(f"{names.GRAPH}a"),
    )


def dumped(state: Path, statistics: str | None) -> Path:
    """Let a state folder have a dump whose manifest names statistics; return the folder of it."""
    folder = folder_of(state) / a_dump().name
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(a_dump().to_json(), encoding="utf-8")
    if statistics is not None:
        (folder / STATISTICS).write_text(statistics, encoding="utf-8")
    return folder


def test_the_facts_are_those_of_the_generation_and_of_the_settings(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, publisher_name="A", contact_url="https://a.example/", publisher_kind="association")
    assert (facts.revision, facts.graphs, facts.asserted, facts.inferred) == (2, GRAPHS, sum(GRAPHS.values()), 9)
    assert facts.publisher == Publisher("A", "https://a.example/", "association")
    assert (facts.issued, facts.modified[""]) == ("2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")
    assert (facts.dump, facts.statistics, facts.years) == (None, None, None)


def test_the_years_are_those_of_the_first_and_the_last_date(tmp_path: Path) -> None:
    dates = [
        dated("date", "2019-07-14"),
        dated("startDate", "1998-02"),
        dated("endDate", "2024"),
        dated("date", "soon"),
    ]
    assert facts_of(tmp_path, *dates).years == (1998, 2024)


def test_the_terms_are_those_of_the_graph_of_licences(tmp_path: Path) -> None:
    content = Content(REPOSITORY)
    told = [quad for file in content.files if file.graph == names.LICENCES_GRAPH for quad in content.read(file)]
    facts = facts_of(tmp_path, *told)
    assert facts.whole.licence == CC_BY
    assert facts.whole.rights is not None
    assert facts.whole.rights.en.startswith("A whole of mixed licences: CC BY 4.0")
    regions = facts.terms_of(f"{names.REFERENCE_GRAPHS}regions")
    assert (regions.licence, regions.name) == (
        OPEN_LICENCE,
        Wording("Licence Ouverte 2.0 (Etalab)", "Open Licence 2.0 (Etalab)"),
    )
    assert facts.terms_of(f"{names.REFERENCE_GRAPHS}sdg").licence == ""
    assert facts.terms_of(f"{names.GRAPH}a-page").licence == CC_BY


def test_a_dump_comes_with_its_statistics(tmp_path: Path) -> None:
    dumped(tmp_path, some_statistics().to_json())
    facts = facts_of(tmp_path)
    assert (facts.dump, facts.statistics) == (a_dump(), some_statistics())


def test_statistics_that_were_removed_are_none(tmp_path: Path) -> None:
    dumped(tmp_path, None)
    assert facts_of(tmp_path).statistics is None


def test_a_dump_that_names_no_statistics_has_none(tmp_path: Path) -> None:
    folder = dumped(tmp_path, some_statistics().to_json())
    (folder / MANIFEST).write_text(a_dump(files=(a_file("projects.csv"),)).to_json(), encoding="utf-8")
    assert facts_of(tmp_path).statistics is None


def test_statistics_that_cannot_be_read_name_the_file_and_what_to_do(tmp_path: Path) -> None:
    folder = dumped(tmp_path, "{")
    with pytest.raises(StateDamaged, match=f"{folder / STATISTICS}: cannot be read .* dump again"):
        facts_of(tmp_path)
