"""What readers come for, told as stories over the published data; none may make the browser complain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.builders import a_source
from tests.e2e.browsing import NARROW
from tests.e2e.reader import Reader, reading
from tests.web.conftest import Served

Arriving = Callable[..., Reader]
CREATHON = "Créathon du vivre ensemble"


@pytest.fixture
def reader(browser: Browser, library: Served, tmp_path: Path) -> Iterator[Arriving]:
    """Give what lets a reader arrive: `reader("fr", size=NARROW, script=False)`."""
    with ExitStack() as leaving:

        def arrives(lang: str = "fr", **more: object) -> Reader:
            return leaving.enter_context(reading(browser, library.url, tmp_path, lang, **more))  # type: ignore[arg-type] # handed on as it came

        yield arrives


@pytest.mark.parametrize(
    ("lang", "theme", "region", "excel", "heading"),
    [
        ("fr", "Alimentation", "Occitanie", "CSV pour Excel en français", "Projets"),
        ("en", "Food", "Occitanie", "CSV for Excel in French", "Projects"),
    ],
)
def test_a_journalist_finds_the_food_projects_of_a_region_and_takes_them_to_excel(
    reader: Arriving, lang: str, theme: str, region: str, excel: str, heading: str
) -> None:
    journalist = reader(lang)
    journalist.opens("/")
    journalist.follows(heading, within="banner")
    journalist.sees_heading(heading)
    journalist.unfolds("Filtrer et trier" if lang == "fr" else "Filter and sort")
    journalist.ticks(re.compile(f"^{region} "))
    journalist.is_at("/projects?", "region=76")
    journalist.ticks(re.compile(f"^{theme} "))
    journalist.is_at("/projects?", "theme=food")
    journalist.sees_link("Territoires à Vivre-s Montpellier")
    sheet = journalist.downloads(excel).decode("utf-8")
    assert sheet.startswith("\ufeff")
    assert ";" in sheet.splitlines()[0]
    assert "Territoires à Vivre-s Montpellier" in sheet
    assert "AMISC" not in sheet


def test_an_association_finds_with_whom_it_works_and_their_network(reader: Arriving) -> None:
    association = reader()
    association.opens("/")
    association.searches("makesense")
    association.follows("makesense")
    association.sees_heading("makesense")
    association.sees("Avec qui")
    association.follows("Brigade de sapeurs-pompiers de Paris")
    association.sees_heading("Brigade de sapeurs-pompiers de Paris")
    association.opens("/network/organisation/makesense")
    association.sees_link(re.compile("Brigade de sapeurs-pompiers de Paris"))
    association.follows("makesense")
    association.is_at("/doc/organisation/makesense")


def test_a_reader_prints_a_project_on_one_sheet(reader: Arriving) -> None:
    at_home = reader()
    at_home.opens("/doc/project/creathon-du-vivre-ensemble")
    at_home.sees("Ce qui a été appris")
    assert at_home.prints() == 1


@pytest.mark.parametrize(
    ("words", "found", "address"),
    [
        ("creathon du vivre ensemble", CREATHON, "/doc/project/creathon-du-vivre-ensemble"),
        ("Créaton vivre ensemble", CREATHON, "/doc/project/creathon-du-vivre-ensemble"),
        ("217500016", "Ville de Paris", "/doc/organisation/ville-de-paris"),
        ("217 500 016", "Ville de Paris", "/doc/organisation/ville-de-paris"),
        ("93048", "Montreuil", "/doc/territory/commune/93048"),
    ],
    ids=["without accents", "with a typo", "by SIREN", "by SIREN with spaces", "by Insee code"],
)
def test_a_reader_without_javascript_finds_a_thing(reader: Arriving, words: str, found: str, address: str) -> None:
    hurried = reader(script=False)
    hurried.opens("/")
    hurried.searches(words)
    hurried.follows(found)
    hurried.is_at(address)
    hurried.sees_heading(found)


def test_a_reader_on_a_telephone_goes_from_the_map_to_the_projects_of_a_departement(reader: Arriving) -> None:
    traveller = reader(size=NARROW)
    traveller.opens("/")
    traveller.follows("Carte", within="banner")
    traveller.follows("Départements")
    traveller.follows(re.compile("^Hérault"))
    traveller.is_at("/projects?", "departement=34")
    traveller.follows("Territoires à Vivre-s Montpellier")
    traveller.sees_heading("Territoires à Vivre-s Montpellier")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_reader_who_doubts_reads_why_a_statement_is_inferred(reader: Arriving, script: bool) -> None:
    doubting = reader(script=script)
    doubting.opens("/doc/project/creathon-du-vivre-ensemble")
    doubting.unfolds("Tous les énoncés, et qui les énonce")
    doubting.follows(re.compile("^pourquoi"))
    doubting.sees_heading("Pourquoi cet énoncé")
    doubting.sees("Aucun document ne l’énonce")
    doubting.sees_link("lire le document")


@pytest.mark.parametrize(
    ("lang", "role", "meaning"),
    [
        ("fr", "Initiateur", "a eu l'idée de l'action ou l'a lancée"),
        ("en", "Initiator", "had the idea of the action or launched it"),
    ],
)
def test_a_reader_learns_what_a_role_means(reader: Arriving, lang: str, role: str, meaning: str) -> None:
    curious = reader(lang)
    curious.opens("/scheme/role")
    curious.follows(role)
    curious.sees_heading(role)
    curious.sees(re.compile(meaning.replace("'", "['’]")))


def test_a_researcher_changes_an_example_sees_a_chart_and_shares_the_query(reader: Arriving) -> None:
    researcher = reader()
    researcher.opens("/query")
    researcher.follows("Tous les exemples")
    researcher.follows("Le nombre de projets par région")
    researcher.sees(re.compile(r"\d+ lignes"))
    researcher.edits("LIMIT 5")
    researcher.presses("Lancer la requête")
    researcher.sees("5 lignes")
    researcher.presses("Diagramme")
    expect(researcher.page.get_by_role("main").locator("svg").first).to_be_visible()
    researcher.presses("Créer un lien court")
    researcher.is_at("/q", "")
    link = researcher.page.get_by_role("main").locator("a[href^='/q/']").first.get_attribute("href")
    assert link is not None
    colleague = reader("en")
    colleague.opens(link)
    colleague.sees("5 rows")


def test_a_reader_without_a_mouse_leaves_the_editor(reader: Arriving) -> None:
    without_mouse = reader()
    without_mouse.opens("/query")
    without_mouse.tabs_to("SPARQL")
    seen = set()
    for _ in range(40):
        without_mouse.types("Tab")
        seen.add(without_mouse.focus())
    assert "Lancer la requête" in seen
    assert len(seen) > 5


def test_a_reader_without_a_mouse_runs_a_query_and_reads_its_rows(reader: Arriving) -> None:
    without_mouse = reader()
    without_mouse.opens("/query")
    without_mouse.tabs_to("Lancer la requête")
    without_mouse.types("Enter")
    without_mouse.sees("20 lignes")


def test_a_reader_without_javascript_asks_a_query_and_takes_the_rows(reader: Arriving) -> None:
    plain = reader("en", script=False)
    plain.opens("/query")
    plain.writes("Query", "SELECT ?name { ?p a coop:Project ; skos:prefLabel ?name } ORDER BY ?name LIMIT 3")
    plain.presses("Run the query")
    plain.sees("3 rows")


@pytest.mark.parametrize("address", ["/doc/project/creathon-du-vivre-ensemble", "/projects?theme=food", "/map"])
def test_a_reader_changes_language_and_stays_where_they_are(reader: Arriving, address: str) -> None:
    bilingual = reader(size=NARROW)
    bilingual.opens(address)
    bilingual.is_read_in("fr")
    bilingual.follows("English", within="banner")
    bilingual.is_read_in("en")
    bilingual.is_at(address.partition("?")[0], *address.partition("?")[2:])
    bilingual.follows("Français", within="banner")
    bilingual.is_read_in("fr")


@pytest.mark.parametrize(
    ("lang", "heading", "way"),
    [("fr", "Il n’y a rien à cette adresse", "Tous les projets"), ("en", "nothing at this address", "All projects")],
)
def test_a_reader_with_a_wrong_address_finds_the_way(reader: Arriving, lang: str, heading: str, way: str) -> None:
    lost = reader(lang, script=False)
    lost.opens("/projets/creathon")
    lost.sees_heading(heading)
    lost.follows(way)
    lost.is_at("/projects")


def test_a_reader_finds_who_publishes_and_what_may_be_reused(reader: Arriving) -> None:
    careful = reader(size=NARROW)
    careful.opens("/")
    careful.follows(re.compile("Mentions légales"), within="contentinfo")
    careful.sees_heading("Mentions légales")
    careful.sees("Signaler une erreur ou demander un retrait")
    careful.follows(re.compile("licences"))
    careful.sees("CC BY 4.0")


def test_a_reader_without_javascript_filters_and_takes_a_filter_back(reader: Arriving) -> None:
    plain = reader(script=False)
    plain.opens("/projects")
    plain.unfolds("Filtrer et trier")
    plain.ticks(re.compile("^Alimentation "))
    plain.presses("Filtrer")
    plain.is_at("/projects?", "theme=food")
    plain.sees_link("Territoires à Vivre-s Montpellier")
    plain.follows(re.compile("^Retirer le filtre"))
    plain.sees_link("Suivante")


def test_a_reader_without_a_mouse_pages_through_a_list(reader: Arriving) -> None:
    without_mouse = reader()
    without_mouse.opens("/projects")
    without_mouse.tabs_to("Suivante", at_most=200)
    without_mouse.types("Enter")
    without_mouse.is_at("/projects?", "page=2")
    without_mouse.sees(re.compile("^Page 2 sur"))
    without_mouse.tabs_to("Précédente", at_most=200)
    without_mouse.types("Enter")
    without_mouse.sees(re.compile("^Page 1 sur"))


def test_a_reader_without_a_mouse_passes_the_menus(reader: Arriving) -> None:
    without_mouse = reader("en")
    without_mouse.opens("/doc/project/creathon-du-vivre-ensemble")
    without_mouse.types("Tab")
    assert without_mouse.focus() == "Skip to content"
    without_mouse.types("Enter")
    without_mouse.types("Tab")
    assert without_mouse.page.evaluate("document.activeElement.closest('main') !== null")


def test_a_contributor_checks_a_document_on_a_telephone(reader: Arriving) -> None:
    contributor = reader(size=NARROW)
    contributor.opens("/about")
    contributor.follows(re.compile("érifie[rz] un document"))
    contributor.writes("Document", a_source("another", name="").replace("scheme/role/lead>", "scheme/role/nobody>"))
    contributor.presses("Vérifier")
    contributor.sees("Le document ne peut pas encore être publié")


@pytest.mark.parametrize(
    ("lang", "page", "source"),
    [("fr", "Qualité", CREATHON), ("en", "Quality", CREATHON)],
)
def test_a_reader_sees_what_is_still_missing_in_what_a_source_says(
    reader: Arriving, lang: str, page: str, source: str
) -> None:
    exacting = reader(lang)
    exacting.opens("/quality")
    exacting.sees_heading(page)
    exacting.follows(re.compile(source))
    exacting.is_at("/doc/source/fonda-creathon-du-vivre-ensemble")
    exacting.sees_heading(source)


def test_a_reader_on_a_telephone_reads_what_was_learned_and_goes_to_the_source(reader: Arriving) -> None:
    traveller = reader(size=NARROW)
    traveller.opens("/")
    traveller.follows("Enseignements", within="banner")
    traveller.searches("gestion et partage des données")
    traveller.follows(re.compile("partage des données a été un enjeu"))
    traveller.sees_heading("partage des données")
    traveller.follows(CREATHON)
    traveller.sees(re.compile("^Sources?$"))
    traveller.sees_link("lire le document")
