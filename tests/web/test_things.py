"""The pages of things: every kind has one, each statement says whose it is, and nothing that is asked breaks them."""

from __future__ import annotations

import html
import itertools
import re
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import names
from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.store import QuadStore
from coopkg.web.app import create_app
from tests.told import TRIG, Held, quads
from tests.web.conftest import in_process, unbounded
from tests.web.held import browsing

ID = f"{names.BASE}id/"
KINDS = [
    ("project/repas", "Projet en coopération"),
    ("event/fete", "coop:Event"),
    ("programme/ensemble", "coop:Programme"),
    ("organisation/pompiers", "Organisation"),
    ("group/voisins", "coop:StakeholderGroup"),
    ("territory/region/11", "coop:Territory"),
    ("source/une", "coop:SourceDocument"),
    ("source/revue", "Document"),
    ("lesson/temps", "coop:Lesson"),
    ("outcome/fete", "coop:Outcome"),
    ("measure/fete", "coop:Measure"),
    ("perspective/suite", "coop:Perspective"),
    ("participation/repas--pompiers", "coop:Participation"),
    ("expected-participation/repas--mairie", "coop:ExpectedParticipation"),
    ("cooperation/1", "coop:Cooperation"),
    ("geometry/region/11", "Tracé géographique"),
]


def over(trig: str) -> FlaskClient:
    """Return a client of an application over a graph that was never built."""
    return browsing(app_over(Held(QuadStore.apart(quads(trig)))).test_client())


def app_over(graph: Graph) -> Flask:
    return create_app(graph, unbounded(in_process(graph)), Settings(query_max_bytes=4096))


@pytest.fixture(scope="module")
def told() -> Flask:
    """Return an application over a graph with every kind of thing in it."""
    return app_over(Held(QuadStore.apart(quads())))


@pytest.fixture
def reader(told: Flask) -> FlaskClient:
    return browsing(told.test_client())


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    return browsing(client)


def plain(page: str) -> str:
    """Return the text of a page as a reader sees it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize(("path", "kind"), KINDS)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_kind_of_thing_has_a_page(reader: FlaskClient, path: str, kind: str, lang: str) -> None:
    answer = reader.get(f"/doc/{path}?lang={lang}")
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == lang
    assert f'<html lang="{lang}">' in answer.text
    if lang == "fr":
        assert f'<p class="kind"><span>{kind}</span></p>' in answer.text
    assert answer.text.count("<h1>") == 1
    assert f'<code class="iri">{ID}{path}</code>' in answer.text


@pytest.mark.parametrize(("path", "kind"), KINDS)
def test_a_page_has_no_style_or_script_of_its_own_and_its_headings_are_in_order(
    reader: FlaskClient, path: str, kind: str
) -> None:
    page = reader.get(f"/doc/{path}?lang=fr").text
    assert "style=" not in page
    assert not re.search(r'<script(?! src="/static/)', page)
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_card_of_a_project_tells_it_all(reader: FlaskClient) -> None:
    page = plain(reader.get("/doc/project/repas?lang=fr").text)
    for said in (
        "Des repas.",
        "Initiateur",
        "les pompiers (initiateurs)",
        "cité parmi\u00a0: Associations".replace("\u00a0", " "),
        "Environ : 20",
        "Attendus, mais pas encore là",
        "Sollicité",
        "Une fête tenue",
        "1\u202f250,5".replace("\u202f", " "),
        "Frein",
        "Il faut du temps",
        "Recommencer ailleurs",
        "territoire visé : France",
        "La première page",
        "des repas pour tous",
        "À vérifier.",
    ):
        assert said in page, said


def test_two_dates_that_differ_are_both_told_with_who_says_so(reader: FlaskClient) -> None:
    page = plain(reader.get("/doc/project/repas?lang=fr").text)
    assert "à partir de 2018 (d’après La seconde page ) ; juillet 2019 (d’après La première page )" in page


def test_a_name_in_another_language_says_so(reader: FlaskClient) -> None:
    page = reader.get("/doc/organisation/pompiers?lang=en").text
    assert '<h1><span lang="fr">Les pompiers</span> <small class="fallback"' in page
    assert "<h1><span>Shared meals</span></h1>" in reader.get("/doc/project/repas?lang=en").text


def test_a_territory_shows_what_lies_above_it_as_a_path(reader: FlaskClient) -> None:
    page = reader.get("/doc/territory/commune/75056?lang=fr").text
    crumbs = page[page.index('class="crumbs"') : page.index("</nav>", page.index('class="crumbs"'))]
    assert plain(crumbs).endswith("Accueil Territoires France Île-de-France Paris")
    assert "2\u202f103\u202f778 habitants" in page


def test_a_region_leads_to_the_list_of_its_projects(reader: FlaskClient) -> None:
    assert 'href="/projects?lang=fr&amp;region=11"' in reader.get("/doc/territory/region/11?lang=fr").text


def test_a_region_leads_to_who_acts_there_and_to_what_was_learned_there(client: FlaskClient) -> None:
    page = html.unescape(client.get("/doc/territory/region/11?lang=fr").text)
    for name in ("organisations", "lessons"):
        assert f'href="/{name}?lang=fr&region=11"' in page


def test_an_action_leads_to_those_that_share_its_themes_and_its_regions() -> None:
    more = """
graph:more { project:repas coop:theme theme:sharing . theme:sharing skos:prefLabel "Partage"@fr .
  commune:75056 coop:within region:11 . }"""
    page = html.unescape(over(TRIG + more).get("/doc/project/repas?lang=fr").text)
    assert 'href="/projects?lang=fr&theme=food&theme=sharing&region=11">mêmes thèmes et même région<' in page
    assert 'href="/projects?lang=fr&theme=food&theme=sharing">mêmes thèmes<' in page
    assert 'href="/projects?lang=fr&region=11">même région<' in page


def test_an_organisation_leads_to_the_list_of_its_actions(reader: FlaskClient) -> None:
    page = html.unescape(reader.get("/doc/organisation/pompiers?lang=en").text)
    assert 'href="/projects?lang=en&participant=organisation%2Fpompiers"' in page


def test_an_organisation_leads_to_the_register_and_to_its_site(reader: FlaskClient) -> None:
    page = reader.get("/doc/organisation/pompiers?lang=fr").text
    assert 'href="https://annuaire-entreprises.data.gouv.fr/entreprise/123456789" rel="noreferrer"' in page
    assert 'href="https://pompiers.example/" rel="noreferrer"' in page


def test_an_organisation_without_a_number_is_looked_for_in_the_register_by_its_name(reader: FlaskClient) -> None:
    search = "https://annuaire-entreprises.data.gouv.fr/rechercher?terme="
    assert f'<a href="{search}La%20Cloche" rel="noreferrer">' in reader.get("/doc/organisation/cloche").text
    assert search not in reader.get("/doc/organisation/pompiers").text
    assert search not in reader.get("/doc/group/voisins").text


def test_a_page_leads_to_its_other_language_and_to_its_data(client: FlaskClient) -> None:
    page = client.get("/doc/project/a-page?lang=fr").text
    assert '<link rel="alternate" hreflang="en" href="http://localhost/doc/project/a-page?lang=en">' in page
    found = re.search(r'<link rel="alternate" type="text/turtle" title="Turtle" href="([^"]+)">', page)
    assert found
    answer = client.get(html.unescape(found[1]))
    assert answer.mimetype == "text/turtle"
    assert "Un projet pour les essais." in answer.text


def test_each_link_of_a_page_to_another_thing_leads_somewhere(reader: FlaskClient) -> None:
    linked = {
        html.unescape(link)
        for path, _ in KINDS
        for link in re.findall(r'href="(/(?:doc|why)[/?][^"]*)"', reader.get(f"/doc/{path}?lang=fr").text)
    }
    things = {link for link in linked if link.startswith("/doc")}
    assert len(things) > 20
    assert {link for link in things if reader.get(link).status_code not in (200, 301)} == set()


def test_an_inferred_statement_is_marked_and_asks_why(reader: FlaskClient) -> None:
    page = reader.get("/doc/project/repas?lang=fr").text
    row = next(row for row in re.findall("<tr>.*?</tr>", page, re.DOTALL) if "coop:locatedIn" in row)
    assert '<span class="inferred">déduit</span> <a href="/why?lang=fr&amp;s=%3Chttps' in row


def test_a_page_that_did_not_change_is_not_sent_again(reader: FlaskClient) -> None:
    tag = reader.get("/doc/project/repas?lang=fr").headers["ETag"]
    assert reader.get("/doc/project/repas?lang=fr", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("asked", "status", "address"),
    [
        ("/id/project/repas", 303, "/doc/project/repas"),
        ("/id/project/repas?lang=en", 303, "/doc/project/repas?lang=en"),
        ("/id/project/repas?lang=xx", 303, "/doc/project/repas"),
        ("/id/territory/region/11", 303, "/doc/territory/region/11"),
        ("/id/project/diners?lang=en", 301, "/id/project/repas?lang=en"),
        ("/doc/project/diners", 301, "/doc/project/repas"),
    ],
)
def test_an_iri_leads_to_its_page_and_a_deprecated_one_to_what_replaced_it(
    reader: FlaskClient, asked: str, status: int, address: str
) -> None:
    answer = reader.get(asked)
    assert (answer.status_code, answer.headers["Location"]) == (status, address)


@pytest.mark.parametrize("place", ["/id", "/doc"])
@pytest.mark.parametrize(
    ("path", "status"),
    [("project/perdu", 410), ("project/rond", 410), ("project/nobody", 404), ("project/", 404), ("x", 404)],
)
def test_what_was_withdrawn_and_what_never_was_are_told_apart(
    reader: FlaskClient, place: str, path: str, status: int
) -> None:
    answer = reader.get(f"{place}/{path}?lang=fr")
    assert answer.status_code == status
    assert ("a été retirée" in answer.text) is (status == 410)
    assert answer.mimetype == "text/html"


def test_a_wrong_address_tells_what_bears_the_same_name(reader: FlaskClient) -> None:
    answer = reader.get("/doc/organisation/Repas/?lang=fr")
    assert answer.status_code == 404
    assert '<a href="/doc/project/repas?lang=fr"><span>Repas partagés</span></a>' in answer.text
    assert 'href="/search?lang=fr&amp;q=Repas"' in answer.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=1", 200),
        ("page=2", 404),
        ("page=200", 404),
        ("page=0", 400),
        ("page=-1", 400),
        ("page=x", 400),
        ("page=", 400),
        ("page=1&page=2", 400),
        ("page=201", 404),
        ("page=9999999", 404),
        ("page=99999999999999999999", 400),
        ("page=%E9", 400),
        ("page=%00", 400),
        ("page=١", 400),
    ],
)
def test_a_page_that_is_none_is_refused_with_what_to_do(reader: FlaskClient, query: str, status: int) -> None:
    answer = reader.get(f"/doc/organisation/pompiers?lang=fr&{query}")
    assert answer.status_code == status
    if status == 400 and "%E9" not in query:
        assert "give one whole number from 1 on" in answer.text


def test_the_actions_of_a_busy_organisation_are_paged() -> None:
    many = "\n".join(
        f'graph:p{n} {{ project:p{n} a coop:Project ; skos:prefLabel "Projet {n}"@fr . participation:p{n} '
        f"a coop:Participation ; coop:inAction project:p{n} ; coop:participant organisation:x ; coop:role role:lead }}"
        for n in range(60)
    )
    reader = over(many + "\ngraph:x { organisation:x a org:Organization }")
    first, second = (reader.get(f"/doc/organisation/x?lang=fr&page={number}").text for number in (1, 2))
    assert 'rel="next" href="/doc/organisation/x?lang=fr&amp;page=2"' in first
    assert 'rel="prev" href="/doc/organisation/x?lang=fr&amp;page=1"' in second
    assert 'rel="next"' not in second
    shown = [set(re.findall(r"/doc/project/(p\d+)", page[: page.index('class="behind')])) for page in (first, second)]
    assert [len(found) for found in shown] == [50, 10]
    assert len(shown[0] | shown[1]) == 60


BAD_PATHS = [
    "%00",
    "project/%00",
    "project/%FF%FE",
    "project/%ED%A0%80",
    "project/repas%20",
    "project/<script>alert(1)</script>",
    "project/%22onmouseover=%22x",
    "project/../../etc/passwd",
    "project/%2e%2e/x",
    "//evil.example/x",
    "project/%0d%0aSet-Cookie:x",
    "project/%E2%80%AE",
    "project/{}",
    "project/^",
    "project/|",
    "project/`",
    "project/\\",
    "project/%",
    "project/%zz",
    "project/[",
    "project/a#b",
    "project/" + "x" * 4000,
    "project/" + "/" * 50,
    "project/é",
    "project/😀",
    "javascript:alert(1)",
    "http://example.org/",
]


@pytest.mark.parametrize("path", BAD_PATHS)
@pytest.mark.parametrize("place", ["/id/", "/doc/"])
def test_whatever_address_is_asked_for_a_page_says_that_there_is_nothing(
    reader: FlaskClient, place: str, path: str
) -> None:
    answer = reader.get(place + path)
    assert answer.status_code in (404, 308)
    assert "<script>" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_an_iri_with_escapes_is_found_under_its_address() -> None:
    reader = over('graph:x { <https://w3id.org/coopkg/id/project/caf%C3%A9> skos:prefLabel "Café"@fr }')
    assert "<h1><span>Café</span></h1>" in reader.get("/doc/project/caf%C3%A9?lang=fr").text
    assert reader.get("/id/project/caf%C3%A9").headers["Location"] == "/doc/project/caf%C3%A9"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '" onmouseover="alert(1)',
        "\u202egnirts a",
        "x" * 10_000,
        "&lt;b&gt;",
        "{{ 7 * 7 }}",
    ],
    ids=["markup", "attribute", "direction", "long", "entities", "template"],
)
def test_whatever_a_thing_is_called_its_name_is_shown_as_text(name: str) -> None:
    written = name.replace('"', '\\"')
    reader = over(
        f'graph:x {{ project:x a coop:Project ; skos:prefLabel "{written}"@fr ; dcterms:description "{written}"@fr ; '
        f'coop:sourceWording "{written}"@fr ; skos:editorialNote "{written}"@fr . lesson:x a coop:Lesson ; '
        f'skos:prefLabel "{written}"@fr . project:x coop:hasLesson lesson:x }}'
    )
    for path in ("project/x", "lesson/x"):
        answer = reader.get(f"/doc/{path}?lang=fr")
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert ' onmouseover="' not in answer.text
        assert html.escape(name, quote=False) in html.unescape(answer.text) or html.escape(name) in answer.text


def test_an_address_that_is_no_address_is_no_link() -> None:
    reader = over(
        """graph:x {
        organisation:x a org:Organization ; foaf:homepage <javascript:alert(1)> ; schema:sameAs <data:a,b> .
        source:x a coop:SourceDocument ; dcterms:title "X"@fr ; foaf:page <javascript:alert(1)> .
        region:1 a coop:Territory ; schema:sameAs <javascript:alert(1)> .
        project:x a coop:Project ; dcterms:source source:x ; dcterms:relation <javascript:alert(1)> }"""
    )
    for path in ("organisation/x", "source/x", "territory/region/1", "project/x"):
        page = reader.get(f"/doc/{path}?lang=fr").text
        assert 'href="javascript:' not in page
        assert 'href="data:' not in page
        assert "javascript:alert(1)" in page


def why(client: FlaskClient, *terms: str, lang: str = "fr", status: int = 200) -> str:
    answer = client.get(f"/why?{urlencode({'lang': lang, 's': terms[0], 'p': terms[1], 'o': terms[2]})}")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    return answer.text


def test_why_tells_the_rule_in_words_and_the_documents_below(client: FlaskClient) -> None:
    agents = [f"<{ID}organisation/{one}>" for one in ("une-association", "une-ville")]
    page = why(client, agents[0], "coop:cooperatesWith", agents[1])
    assert "deux acteurs qui tiennent dans une même action un rôle coopérant coopèrent" in page
    assert "<code>ontology/rules/cooperates-with.rq</code>" in page
    assert '<a href="https://example.org/a-page" rel="noreferrer">lire le document</a>' in page
    assert "coop:role/skos:broader*" not in page
    assert "two agents that hold a cooperating role in one action cooperate" in why(
        client, agents[0], "coop:cooperatesWith", agents[1], lang="en"
    )


def test_each_inferred_statement_of_a_page_is_explained(client: FlaskClient) -> None:
    page = client.get("/doc/project/a-page?lang=fr").text
    asked = [html.unescape(link) for link in re.findall(r'href="(/why[^"]+)"', page)]
    assert len(asked) > 5
    assert {link for link in asked if client.get(link).status_code != 200} == set()


def test_a_statement_that_is_stated_needs_no_rule(client: FlaskClient) -> None:
    page = why(client, f"<{ID}project/a-page>", "a", "coop:Project")
    assert "Il est énoncé tel quel." in page
    assert "parce que" not in page


def test_a_statement_that_does_not_hold_is_not_found(client: FlaskClient) -> None:
    page = why(client, f"<{ID}project/a-page>", "a", "coop:Lesson", status=404)
    assert "Cet énoncé n’est pas dans le graphe publié" in page


@pytest.mark.parametrize(
    "query",
    [
        "",
        "s=a",
        "s=a&p=b",
        "s=a&p=b&o=c&o=d",
        "s=&p=&o=",
        "s=%00&p=%00&o=%00",
        "s=x&p=y&o=z",
        "s=<&p=<&o=<",
        "s=" + quote("<urn:a> <urn:b> <urn:c> . <urn:d>") + "&p=<urn:e>&o=<urn:f>",
        "s=<urn:a>&p=<urn:b>&o=%22" + "x" * 5000,
        "s=<urn:a>&p=<urn:b>&o=" + "(" * 200,
        "s=<urn:a>&p=<urn:b>&o=<script>alert(1)</script>",
        "s=[]&p=[]&o=[]",
    ],
)
def test_a_question_that_is_not_understood_is_refused_with_the_reason(reader: FlaskClient, query: str) -> None:
    answer = reader.get(f"/why?lang=fr&{query}")
    assert answer.status_code == 400
    assert "La question n’a pas été comprise." in answer.text
    assert "<script>" not in answer.text


def test_a_statement_that_too_much_could_have_a_part_in_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopkg.web.site.things._WHY_MOST_FACTS", 10)
    chain = " ".join(f"id:a{number} coop:partOfAction id:a{number + 1} ." for number in range(20))
    rule = "graph:ontology { coop:partOfAction a owl:ObjectProperty , owl:TransitiveProperty . }"
    reader = over(f"{rule} graph:x {{ {chain} }}")
    page = why(reader, f"<{ID}a0>", "coop:partOfAction", f"<{ID}a20>", status=503)
    assert "Trop d’énoncés peuvent y avoir part" in page
    assert "more than 10 facts" in page
    assert why(reader, f"<{ID}a18>", "coop:partOfAction", f"<{ID}a20>")


def test_of_very_many_pages_of_one_graph_some_are_given() -> None:
    documents = " ".join(
        f"id:s{number} a coop:SourceDocument ; foaf:page <https://example.org/{number}> ." for number in range(100)
    )
    page = why(over(f"graph:x {{ {documents} id:a a coop:Action . }}"), f"<{ID}a>", "a", "coop:Action")
    assert 1 <= page.count("https://example.org/") <= 20
