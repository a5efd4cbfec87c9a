"""The tasks of docs/tour.md, done as they are written there, over the published data."""

from __future__ import annotations

import csv
import re

import pytest

from tests.conftest import REPOSITORY
from tests.e2e.test_journeys import Arriving, lang, reader

__all__ = ["lang", "reader"]


def _all_projects_of_an_organisation(newcomer_of: Arriving) -> None:
    newcomer = newcomer_of()
    newcomer.opens("/")
    newcomer.searches("makesense")
    newcomer.follows("makesense")
    newcomer.is_at("/doc/organisation/makesense")
    newcomer.sees_heading("makesense")
    newcomer.sees(newcomer.word("Soutien, appui", "Support"))
    newcomer.follows(newcomer.word("Créathon du vivre ensemble", "“Living together” creathon"))
    newcomer.is_at("/doc/project/creathon-du-vivre-ensemble")
    newcomer.sees_link(newcomer.word("lire le document", "read the document"))


def _the_outcomes_of_a_region_as_a_table(newcomer_of: Arriving) -> None:
    newcomer = newcomer_of()
    newcomer.opens("/")
    newcomer.follows(newcomer.word("Résultats", "Outcomes"), within="banner")
    newcomer.unfolds(newcomer.word("Filtrer et trier", "Filter and sort"))
    newcomer.ticks(re.compile("^Île-de-France "))
    newcomer.is_at("/outcomes?", "region=11")
    rows = list(csv.DictReader(newcomer.downloads("CSV").decode("utf-8").splitlines()))
    assert len(rows) > 3
    assert all(row["action"] and row["kind"] for row in rows)
    (kept,) = (row for row in rows if row["iri"].endswith("/creathon-du-vivre-ensemble-projets-retenus"))
    assert kept["value"] == "4"


def _a_query_to_share(newcomer_of: Arriving) -> None:
    newcomer = newcomer_of()
    newcomer.opens("/query")
    newcomer.edits("# partagée")
    newcomer.presses(newcomer.word("Lancer la requête", "Run the query"))
    newcomer.sees(re.compile(newcomer.word(r"\d+ lignes", r"\d+ rows")))
    newcomer.presses(newcomer.word("Créer un lien court", "Make a short link"))
    newcomer.is_at("/q", "")
    link = newcomer.page.get_by_role("main").locator("a[href^='/q/']").first.get_attribute("href")
    friend = newcomer_of(script=False)
    friend.opens(str(link))
    friend.sees(re.compile(friend.word(r"\d+ lignes", r"\d+ rows")))
    assert "# partagée" in friend.page.get_by_role("main").get_by_role("textbox").first.input_value()


TASKS = {
    "All projects of an organisation": _all_projects_of_an_organisation,
    "The outcomes of a région as a table": _the_outcomes_of_a_region_as_a_table,
    "A query to share": _a_query_to_share,
}


@pytest.mark.parametrize("task", TASKS)
def test_a_newcomer_does_what_the_tour_says(reader: Arriving, task: str) -> None:
    TASKS[task](reader)


def test_each_task_of_the_tour_is_done_here() -> None:
    told = re.findall(r"^## (.+)$", (REPOSITORY / "docs" / "tour.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [title for title in told if title != "What there is"] == list(TASKS)
