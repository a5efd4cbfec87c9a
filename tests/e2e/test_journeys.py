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
#: Names of the published data, in French and in English.
CREATHON = ("Créathon du vivre ensemble", "“Living together” creathon")
FOOD = re.compile("Territoires à Vivre-?s Montpellier")
BRIGADE = re.compile("Brigade de sapeurs-pompiers de Paris|Paris fire brigade", re.IGNORECASE)


@pytest.fixture(params=["fr", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    """Give the language of a reader: each story is told in both."""
    return str(request.param)


@pytest.fixture
def reader(browser: Browser, library: Served, tmp_path: Path, lang: str) -> Iterator[Arriving]:
    """Give what lets a reader arrive, in the story's language or another: `reader(size=NARROW, script=False)`."""
    with ExitStack() as leaving:

        def arrives(own: str = lang, **more: object) -> Reader:
            return leaving.enter_context(reading(browser, library.url, tmp_path, own, **more))  # type: ignore[arg-type] # handed on as it came

        yield arrives


def test_a_journalist_finds_the_food_projects_of_a_region_and_takes_them_to_excel(reader: Arriving) -> None:
    journalist = reader()
    journalist.opens("/")
    journalist.follows(journalist.word("Projets", "Projects"), within="banner")
    journalist.sees_heading(journalist.word("Projets", "Projects"))
    journalist.unfolds(journalist.word("Filtrer et trier", "Filter and sort"))
    journalist.ticks(re.compile("^Occitanie "))
    journalist.is_at("/projects?", "region=76")
    journalist.ticks(re.compile(journalist.word("^Alimentation ", "^Food ")))
    journalist.is_at("/projects?", "theme=food")
    journalist.sees_link(FOOD)
    sheet = journalist.downloads(journalist.word("CSV pour Excel en français", "CSV for Excel in French")).decode(
        "utf-8"
    )
    assert sheet.startswith("\ufeff")
    assert ";" in sheet.splitlines()[0]
    assert FOOD.search(sheet)
    assert "AMISC" not in sheet


def test_an_association_finds_with_whom_it_works_and_their_network(reader: Arriving) -> None:
    association = reader()
    association.opens("/")
    association.searches("makesense")
    association.follows("makesense")
    association.sees_heading("makesense")
    association.sees(association.word("Avec qui", "With whom"))
    association.follows(association.word("Voir ces coopérations en dessin", "See these cooperations as a drawing"))
    association.is_at("/network/organisation/makesense")
    association.sees_link(BRIGADE)
    association.follows("makesense")
    association.is_at("/doc/organisation/makesense")
    association.follows(BRIGADE)
    association.sees_heading(BRIGADE)


def test_a_reader_prints_a_project_on_one_sheet(reader: Arriving) -> None:
    at_home = reader()
    at_home.opens("/doc/project/creathon-du-vivre-ensemble")
    at_home.sees(at_home.word("Ce qui a été appris", "What was learned"))
    assert at_home.prints() == 1


@pytest.mark.parametrize(
    ("words", "found", "address"),
    [
        ("creathon du vivre ensemble", CREATHON, "/doc/project/creathon-du-vivre-ensemble"),
        ("Créaton vivre ensemble", CREATHON, "/doc/project/creathon-du-vivre-ensemble"),
        ("217500016", ("Ville de Paris", "City of Paris"), "/doc/organisation/ville-de-paris"),
        ("217 500 016", ("Ville de Paris", "City of Paris"), "/doc/organisation/ville-de-paris"),
        ("93048", ("Montreuil", "Montreuil"), "/doc/territory/commune/93048"),
    ],
    ids=["without accents", "with a typo", "by SIREN", "by SIREN with spaces", "by Insee code"],
)
def test_a_reader_without_javascript_finds_a_thing(
    reader: Arriving, words: str, found: tuple[str, str], address: str
) -> None:
    hurried = reader(script=False)
    hurried.opens("/")
    hurried.searches(words)
    hurried.follows(re.compile(rf"^{hurried.word(*found)}( \(fr\))?$"))  # a name that is not translated says so
    hurried.is_at(address)
    hurried.sees_heading(hurried.word(*found))


def test_a_reader_on_a_telephone_goes_from_the_map_to_the_projects_of_a_departement(reader: Arriving) -> None:
    traveller = reader(size=NARROW)
    traveller.opens("/")
    traveller.follows(traveller.word("Carte", "Map"), within="banner")
    traveller.follows("Départements")
    traveller.follows(re.compile("^Hérault"))
    traveller.is_at("/projects?", "departement=34")
    traveller.follows(FOOD)
    traveller.sees_heading(FOOD)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_reader_who_doubts_reads_why_a_statement_is_inferred(reader: Arriving, script: bool) -> None:
    doubting = reader(script=script)
    doubting.opens("/doc/project/creathon-du-vivre-ensemble")
    doubting.unfolds(doubting.word("Tous les énoncés, et qui les énonce", "All statements, and who states them"))
    doubting.follows(re.compile(doubting.word("^pourquoi", "^why")))
    doubting.sees_heading(doubting.word("Pourquoi cet énoncé", "Why this statement"))
    doubting.sees(doubting.word("Aucun document ne l’énonce", "No document states it"))
    doubting.sees_link(doubting.word("lire le document", "read the document"))


def test_a_reader_learns_what_a_role_means(reader: Arriving) -> None:
    curious = reader()
    curious.opens("/scheme/role")
    curious.follows(curious.word("Initiateur", "Initiator"))
    curious.sees_heading(curious.word("Initiateur", "Initiator"))
    meaning = curious.word(
        "a eu l['’]idée de l['’]action ou l['’]a lancée", "had the idea of the action or launched it"
    )
    curious.sees(re.compile(meaning))


def test_a_researcher_changes_an_example_sees_a_chart_and_shares_the_query(reader: Arriving) -> None:
    researcher = reader()
    researcher.opens("/query")
    researcher.follows(researcher.word("Tous les exemples", "All examples"))
    researcher.follows(researcher.word("Le nombre de projets par région", "How many projects in each région"))
    researcher.sees(re.compile(researcher.word(r"\d+ lignes", r"\d+ rows")))
    researcher.edits("LIMIT 5")
    researcher.presses(researcher.word("Lancer la requête", "Run the query"))
    researcher.sees(researcher.word("5 lignes", "5 rows"))
    researcher.presses(researcher.word("Diagramme", "Chart"))
    expect(researcher.page.get_by_role("main").locator("svg").first).to_be_visible()
    researcher.presses(researcher.word("Créer un lien court", "Make a short link"))
    researcher.is_at("/q", "")
    link = researcher.page.get_by_role("main").locator("a[href^='/q/']").first.get_attribute("href")
    assert link is not None
    colleague = reader(researcher.word("en", "fr"))
    colleague.opens(link)
    colleague.sees(colleague.word("5 lignes", "5 rows"))


def test_a_reader_without_a_mouse_leaves_the_editor(reader: Arriving) -> None:
    without_mouse = reader()
    without_mouse.opens("/query")
    without_mouse.tabs_to("SPARQL")
    seen = set()
    for _ in range(40):
        without_mouse.types("Tab")
        seen.add(without_mouse.focus())
    assert without_mouse.word("Lancer la requête", "Run the query") in seen
    assert len(seen) > 5


def test_a_reader_without_a_mouse_runs_a_query_and_reads_its_rows(reader: Arriving) -> None:
    without_mouse = reader()
    without_mouse.opens("/query")
    without_mouse.tabs_to(without_mouse.word("Lancer la requête", "Run the query"))
    without_mouse.types("Enter")
    without_mouse.sees(re.compile(without_mouse.word(r"\d+ lignes", r"\d+ rows")))


def test_a_reader_without_javascript_asks_a_query_and_takes_the_rows(reader: Arriving) -> None:
    plain = reader(script=False)
    plain.opens("/query")
    plain.writes(
        plain.word("Requête", "Query"),
        "SELECT ?name { ?p a coop:Project ; skos:prefLabel ?name } ORDER BY ?name LIMIT 3",
    )
    plain.presses(plain.word("Lancer la requête", "Run the query"))
    plain.sees(plain.word("3 lignes", "3 rows"))


@pytest.mark.parametrize("address", ["/doc/project/creathon-du-vivre-ensemble", "/projects?theme=food", "/map"])
def test_a_reader_changes_language_and_stays_where_they_are(reader: Arriving, lang: str, address: str) -> None:
    bilingual = reader(size=NARROW)
    bilingual.opens(address)
    bilingual.is_read_in(lang)
    bilingual.follows(bilingual.word("English", "Français"), within="banner")
    bilingual.is_read_in(bilingual.word("en", "fr"))
    bilingual.is_at(address.partition("?")[0], *address.partition("?")[2:])
    bilingual.follows(bilingual.word("Français", "English"), within="banner")
    bilingual.is_read_in(lang)


def test_a_reader_with_a_wrong_address_finds_the_way(reader: Arriving) -> None:
    lost = reader(script=False)
    lost.opens("/projets/creathon")
    lost.sees_heading(lost.word("Il n’y a rien à cette adresse", "nothing at this address"))
    lost.follows(lost.word("Tous les projets", "All projects"))
    lost.is_at("/projects")


def test_a_reader_finds_who_publishes_and_what_may_be_reused(reader: Arriving) -> None:
    careful = reader(size=NARROW)
    careful.opens("/")
    careful.follows(re.compile(careful.word("Mentions légales", "Legal notice")), within="contentinfo")
    careful.sees_heading(careful.word("Mentions légales", "Legal notice"))
    careful.sees(careful.word("Signaler une erreur ou demander un retrait", "Report a mistake or ask for removal"))
    careful.follows(re.compile("licences"))
    careful.sees("CC BY 4.0")


def test_a_reader_without_javascript_filters_and_takes_a_filter_back(reader: Arriving) -> None:
    plain = reader(script=False)
    plain.opens("/projects")
    plain.unfolds(plain.word("Filtrer et trier", "Filter and sort"))
    plain.ticks(re.compile(plain.word("^Alimentation ", "^Food ")))
    plain.presses(plain.word("Filtrer", "Filter"))
    plain.is_at("/projects?", "theme=food")
    plain.sees_link(FOOD)
    plain.follows(re.compile(plain.word("^Retirer le filtre", "^Remove the filter")))
    plain.sees_link(plain.word("Suivante", "Next"))


def test_a_reader_without_a_mouse_pages_through_a_list(reader: Arriving) -> None:
    without_mouse = reader()
    without_mouse.opens("/projects")
    without_mouse.tabs_to(without_mouse.word("Suivante", "Next"), at_most=200)
    without_mouse.types("Enter")
    without_mouse.is_at("/projects?", "page=2")
    without_mouse.sees(re.compile(without_mouse.word("^Page 2 sur", "^Page 2 of")))
    without_mouse.tabs_to(without_mouse.word("Précédente", "Previous"), at_most=200)
    without_mouse.types("Enter")
    without_mouse.sees(re.compile(without_mouse.word("^Page 1 sur", "^Page 1 of")))


def test_a_reader_without_a_mouse_passes_the_menus(reader: Arriving) -> None:
    without_mouse = reader()
    without_mouse.opens("/doc/project/creathon-du-vivre-ensemble")
    without_mouse.types("Tab")
    assert without_mouse.focus() == without_mouse.word("Aller au contenu", "Skip to content")
    without_mouse.types("Enter")
    without_mouse.types("Tab")
    assert without_mouse.page.evaluate("document.activeElement.closest('main') !== null")


def test_a_contributor_checks_a_document_on_a_telephone(reader: Arriving) -> None:
    contributor = reader(size=NARROW)
    contributor.opens("/about")
    contributor.follows(contributor.word("vérifier un document", "check a document"))
    contributor.writes("Document", a_source("another", name="").replace("scheme/role/lead>", "scheme/role/nobody>"))
    contributor.presses(contributor.word("Vérifier", "Check"))
    contributor.sees(contributor.word("Le document ne peut pas encore être publié", "cannot be published yet"))


def test_a_reader_sees_what_is_still_missing_in_what_a_source_says(reader: Arriving) -> None:
    exacting = reader()
    exacting.opens("/quality")
    exacting.sees_heading(exacting.word("Qualité", "Quality"))
    exacting.follows(re.compile(CREATHON[0]))
    exacting.is_at("/doc/source/fonda-creathon-du-vivre-ensemble")
    exacting.sees_heading(CREATHON[0])


def test_a_reader_on_a_telephone_reads_what_was_learned_and_goes_to_the_source(reader: Arriving) -> None:
    traveller = reader(size=NARROW)
    traveller.opens("/")
    traveller.follows(traveller.word("Enseignements", "Lessons"), within="banner")
    traveller.searches("gestion et partage des données")
    traveller.follows(re.compile("partage des données a été un enjeu"))
    traveller.sees_heading("partage des données")
    traveller.follows(traveller.word(*CREATHON))
    traveller.sees(re.compile("^Sources?$"))
    traveller.sees_link(traveller.word("lire le document", "read the document"))
