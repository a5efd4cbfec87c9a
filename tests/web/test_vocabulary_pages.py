"""The pages of the vocabulary: the ontology, the shapes, the schemes and their concepts."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import names, upkeep
from coopkg.generations import Manifest
from coopkg.graph import Graph
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.settings import Settings
from coopkg.store import QuadStore
from coopkg.view import View
from coopkg.web.app import create_app
from coopkg.web.site.layout import typeset
from coopkg.web.site.vocabulary import releases
from tests.builders import a_tiny_content
from tests.conftest import REPOSITORY
from tests.web.conftest import in_process, unbounded
from tests.web.held import browsing, client_of

SCHEME = f"{names.BASE}scheme/"
SHAPES = ("Project", "Action-theme", "label", "OneKind", "earliestDate-of-date")
#: A script that stands in the page itself, or comes from elsewhere.
OWN_SCRIPT = re.compile(r'<script(?! src="/static/)')


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    return browsing(client)


def anchors(page: str) -> list[str]:
    """Return the ids of a page, in their order."""
    return re.findall(r'\sid="([^"]*)"', page)


def links(page: str) -> list[str]:
    """Return the addresses that a page leads to."""
    return [html.unescape(found) for found in re.findall(r'<a [^>]*?href="([^"]*)"', page)]


def terms_of(app: Flask, kind: str) -> list[str]:
    """Return the local names of the terms of ours of a kind of OWL's."""
    view = View(app.config["GRAPH"].current()[0], "fr")
    found = view.subjects(f"{names.RDF}type", f"{names.OWL}{kind}")
    return [iri.removeprefix(names.COOP) for iri in found if iri.startswith(names.COOP)]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("kind", ["Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty"])
def test_every_term_has_its_anchor_its_name_and_its_definition(
    client: FlaskClient, app: Flask, kind: str, lang: str
) -> None:
    page, view = html.unescape(client.get(f"/ns?lang={lang}").text), View(app.config["GRAPH"].current()[0], lang)
    names_of = terms_of(app, kind)
    assert names_of
    for local in names_of:
        part = page.split(f'id="{local}"', 1)[1].split("</section>", 1)[0]
        definition = view.text(names.COOP + local, f"{names.SKOS}definition")
        assert definition is not None
        assert typeset(view.label(names.COOP + local).value, lang) in part
        assert typeset(definition.value, lang) in part


@pytest.mark.parametrize("path", ["/ns", "/shapes", "/scheme", "/scheme/theme", "/scheme/role/lead"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_page_has_each_id_once_and_leads_to_no_anchor_that_is_not_there(
    client: FlaskClient, path: str, lang: str
) -> None:
    page = client.get(f"{path}?lang={lang}").text
    ids = anchors(page)
    assert sorted(ids) == sorted(set(ids))
    assert [one for one in links(page) if one.startswith("#") and one[1:] not in ids] == []
    assert " style=" not in page
    assert not OWN_SCRIPT.search(page)


def test_the_drawing_names_every_class(client: FlaskClient, app: Flask) -> None:
    page = client.get("/ns?lang=en").text
    drawing = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", page.split("<svg", 1)[1].split("</svg>", 1)[0]))
    view = View(app.config["GRAPH"].current()[0], "en")
    for local in terms_of(app, "Class"):
        assert view.label(names.COOP + local).value in drawing
    assert '<title id="diagram-title">' in page


def test_uses_are_counted_in_the_published_graph(client: FlaskClient) -> None:
    page = client.get("/ns?lang=en").text
    counted = {
        local: re.search(r"<dt>Uses</dt><dd>([\d,]+) ", page.split(f'id="{local}"', 1)[1])
        for local in ("Project", "role")
    }
    assert {local: found and found[1] for local, found in counted.items()} == {"Project": "1", "role": "2"}


def test_the_query_that_lists_the_things_of_a_class_finds_them(client: FlaskClient) -> None:
    page = client.get("/ns?lang=en").text.split('id="Project"', 1)[1]
    address = next(one for one in links(page) if one.startswith("/query"))
    (query,) = parse_qs(urlsplit(address).query)["query"]
    answer = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert answer.text.splitlines()[1:] == [f"{names.BASE}id/project/a-page,"]


@pytest.mark.parametrize("path", ["/ns", "/ns/0.1.0", "/scheme", "/scheme/theme", "/scheme/role/lead", "/shapes"])
def test_the_data_of_a_page_can_be_had_in_each_format_that_it_offers(client: FlaskClient, path: str) -> None:
    offered = [one for one in links(client.get(path).text) if one.startswith(f"{path}.")]
    types = {client.get(address).mimetype for address in offered}
    assert types == {"text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"}


def test_the_present_version_has_an_address_of_its_own_and_another_one_is_told_which_it_is(
    client: FlaskClient,
) -> None:
    assert client.get("/ns/0.1.0").status_code == 200
    answer = client.get("/ns/9.9?lang=en")
    assert answer.status_code == 404
    assert "Published version:" in answer.text
    assert ">0.1.0</a>" in answer.text


def test_the_history_of_the_ontology_is_that_of_its_file(client: FlaskClient) -> None:
    page = client.get("/ns").text
    told = releases((REPOSITORY / "ontology" / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert told[-1].title.startswith("0.1.0")
    for release in told:
        assert html.escape(release.title) in page
        assert len(release.items) > 0
    assert "<code>coop:Cooperation</code>" in page


def test_every_scheme_and_every_concept_has_its_page(client: FlaskClient, app: Flask) -> None:
    view = View(app.config["GRAPH"].current()[0], "fr")
    iris = view.subjects(f"{names.RDF}type", f"{names.SKOS}ConceptScheme")
    concepts = view.subjects(f"{names.RDF}type", f"{names.SKOS}Concept")
    ours = [iri for iri in (*iris, *concepts) if iri.startswith(SCHEME)]
    assert len(ours) > 290
    for iri in ours:
        answer = client.get("/" + iri.removeprefix(names.BASE))
        assert answer.status_code == 200, iri
        assert html.escape(view.label(iri).value, quote=False) in html.unescape(answer.text), iri


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_of_the_schemes_leads_to_each_of_them(client: FlaskClient, lang: str) -> None:
    files = [path.stem for path in (REPOSITORY / "ontology" / "schemes").glob("*.ttl")]
    led = links(client.get(f"/scheme?lang={lang}").text)
    assert {f"/scheme/{name}?lang={lang}" for name in files} <= set(led)


def test_a_scheme_is_shown_as_a_tree_with_how_much_each_concept_is_used(client: FlaskClient) -> None:
    page = client.get("/scheme/role?lang=en").text
    rows = re.findall(
        r'<tr><th scope="row" class="depth-(\d)">.*?<a href="/scheme/role/([\w-]+)\?.*?(\d+)</td></tr>', page
    )
    told = {slug: (int(depth), int(uses)) for depth, slug, uses in rows}
    assert told["cooperating"] == (0, 0)
    assert told["lead"] == (1, 1)
    assert told["organiser"] == (2, 0)


def test_a_concept_shows_what_uses_it_and_leads_to_the_filtered_lists(client: FlaskClient) -> None:
    page = client.get("/scheme/theme/cooperation?lang=en").text
    assert '<a href="/doc/project/a-page?lang=en">' in page
    assert "<h3><span>Cooperation project</span> (1)</h3>" in page
    lists = ("projects", "organisations", "lessons", "sources", "map")
    assert {f"/{name}?lang=en&theme=cooperation" for name in lists} <= set(links(page))
    page = client.get("/scheme/role/lead?lang=fr").text
    assert "<span>Une association</span></a> – <a " in page
    assert "/organisations?lang=fr&role=lead" in links(page)
    assert "/ns?lang=fr#ledBy" in links(page)


def test_a_concept_that_nothing_uses_says_so_and_leads_to_narrower_ones(client: FlaskClient) -> None:
    page = client.get("/scheme/role/cooperating?lang=en").text
    assert "Nothing in the graph uses this concept yet." in page
    assert page.split("Nothing in the graph", 1)[1].count("/scheme/role/") > 1


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/scheme/role/leed", "/scheme/role/lead"),
        ("/scheme/role/Porteurs", "/scheme/role/lead"),
        ("/scheme/roles", "/scheme/role"),
        ("/scheme/thme/food", "/scheme/theme"),
    ],
)
def test_what_is_not_there_is_404_with_the_nearest(client: FlaskClient, path: str, near: str) -> None:
    answer = client.get(f"{path}?lang=fr")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert f"{near}?lang=fr" in links(answer.text)


HOSTILE = (
    *(
        "%00",
        "%ED%A0%80",
        "%ZZ",
        "%",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "%22%3E%3Cimg%20src=x%3E",
        "a%20b",
        "%E2%80%AE",
    ),
    *(
        "javascript:alert(1)",
        "..%2F..%2Fetc",
        "%2F",
        "x" * 10_000,
        "é",
        "%C3%A9",
        "%7B%7B7*7%7D%7D",
        "%5C",
        "-",
        "~",
        ".",
    ),
    *("0", "%0A", "%0D%0ASet-Cookie:a", "'OR'1", "lead%00", "<>", "[]", "%F0%9F%92%A5", "?lang=%ED%A0%80", "%FF%FE"),
)


@pytest.mark.parametrize("bad", HOSTILE)
@pytest.mark.parametrize("path", ["/scheme/{}", "/scheme/role/{}", "/scheme/{}/lead", "/scheme/role/lead/{}", "/ns/{}"])
def test_no_address_breaks_a_page(client: FlaskClient, path: str, bad: str) -> None:
    answer = client.get(path.format(bad))
    assert answer.status_code in (200, 301, 308, 400, 404)
    assert not OWN_SCRIPT.search(answer.text)
    assert "<img" not in answer.text
    assert "49" not in re.findall(r"<code>([^<]*)</code>", answer.text)


@pytest.mark.parametrize(
    "query", ["lang=xx", "lang=fr&lang=en", "lang=%ED%A0%80", "page=999", "q=" + "x" * 5_000, "%00=1"]
)
@pytest.mark.parametrize("path", ["/ns", "/shapes", "/scheme", "/scheme/theme", "/scheme/theme/food"])
def test_no_field_breaks_a_page(client: FlaskClient, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code in (200, 400)


def test_an_answer_that_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/ns?lang=fr")
    again = client.get("/ns?lang=fr", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/ns?lang=en").headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_shapes_say_what_each_class_must_say(client: FlaskClient, lang: str) -> None:
    page = html.unescape(client.get(f"/shapes?lang={lang}").text)
    action = page.split('<h2 id="class-Action">', 1)[1].split("</section>", 1)[0]
    row = next(part for part in action.split("<tr>") if "<code>coop:theme</code>" in part)
    wanted = {
        "fr": ("recommandé", f"/scheme/theme?lang={lang}", "Enjeu traité.", '<a href="#Action-theme-some">'),
        "en": ("recommended", f"/scheme/theme?lang={lang}", "Issue dealt with.", '<a href="#Action-theme-some">'),
    }
    for said in wanted[lang]:
        assert said in row
    source = next(part for part in action.split("<tr>") if "<code>dcterms:source</code>" in part)
    assert {"fr": "obligatoire", "en": ">required<"}[lang] in source


@pytest.mark.parametrize("local", SHAPES)
def test_a_shape_has_its_anchor_and_its_message(client: FlaskClient, app: Flask, local: str) -> None:
    page = client.get("/shapes?lang=en").text
    rule = page.split(f'<li id="{local}"', 1)[1].split("</li>", 1)[0]
    assert f"coopsh:{local}" in rule
    assert "→ " in rule


def test_the_page_of_the_shapes_leads_to_where_a_document_is_checked(client: FlaskClient) -> None:
    assert "/validate?lang=fr" in links(client.get("/shapes?lang=fr").text)


EVIL = '<script>alert(1)</script>\u202e"><img src=x onerror=alert(1)>' + "x" * 10_000


@dataclass
class Held:
    """A graph that holds whatever it is given: what no gate would take, too."""

    store: QuadStore
    manifest: Manifest

    def current(self) -> tuple[QuadStore, Manifest]:
        return self.store, self.manifest

    def generation(self) -> str:
        return ""

    def published_at(self) -> float:
        return 0.0


@pytest.fixture
def evil(app: Flask, small: Settings) -> FlaskClient:
    """Return a client of the small graph, in which a term and a scheme have names that would do harm."""
    store, manifest = app.config["GRAPH"].current()
    quads = [quad for name in (names.ONTOLOGY_GRAPH, f"{names.SCHEMES_GRAPHS}role") for quad in store.quads(name)]
    skos, iri = names.SKOS, f"{SCHEME}evil/one"
    quads += [
        *(said(f"{names.COOP}Action", f"{names.RDFS}label", Literal(EVIL, language=lang)) for lang in ("fr", "en")),
        said(f"{names.COOP}Action", f"{skos}closeMatch", NamedNode("javascript:alert(1)")),
        said(f"{SCHEME}evil", f"{names.RDF}type", NamedNode(f"{skos}ConceptScheme")),
        said(iri, f"{names.RDF}type", NamedNode(f"{skos}Concept")),
        said(iri, f"{skos}inScheme", NamedNode(f"{SCHEME}evil")),
        said(iri, f"{skos}broader", NamedNode(iri)),
        *(said(iri, f"{skos}exactMatch", NamedNode(one)) for one in ("javascript:alert(1)", "data:text/html,x")),
        *(said(thing, f"{skos}prefLabel", Literal(EVIL, language="ar")) for thing in (f"{SCHEME}evil", iri)),
        *(said(iri, skos + name, Literal(EVIL)) for name in ("definition", "notation", "altLabel", "scopeNote")),
        said("javascript:alert(2)", f"{names.COOP}theme", NamedNode(iri)),
    ]
    held = cast("Graph", Held(QuadStore.in_memory(quads), manifest))
    return browsing(create_app(held, unbounded(in_process(app.config["GRAPH"])), small).test_client())


def said(subject: str, predicate: str, value: NamedNode | Literal) -> Quad:
    """Return a statement of the graph of a scheme."""
    return Quad(NamedNode(subject), NamedNode(predicate), value, NamedNode(f"{names.SCHEMES_GRAPHS}evil"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/ns?lang=fr", 200), ("/ns?lang=en", 200), ("/shapes", 200), ("/scheme", 200), ("/scheme/evil", 200)),
        *(("/scheme/evil/one", 200), ("/scheme/evil/two", 404), (f"/scheme/{quote('évil')}", 404)),
    ],
)
def test_a_name_with_markup_and_without_end_does_no_harm(evil: FlaskClient, path: str, status: int) -> None:
    answer = evil.get(path)
    assert answer.status_code == status
    assert not OWN_SCRIPT.search(answer.text)
    assert "<img" not in answer.text
    assert not [one for one in links(answer.text) if one.startswith(("javascript:", "data:"))]


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[FlaskClient, Settings]:
    """Return a client of a tiny graph, and where it is built."""
    settings = Settings(content=a_tiny_content(tmp_path / "content"), state=tmp_path / "state")
    upkeep.build(settings, {})
    opened = Graph.open(settings, {})
    return browsing(create_app(opened, unbounded(in_process(opened)), settings).test_client()), settings


def test_a_graph_with_an_ontology_that_says_little_has_its_pages(tiny: tuple[FlaskClient, Settings]) -> None:
    client, _ = tiny
    for path in ("/ns?lang=fr", "/shapes?lang=en", "/scheme?lang=fr"):
        assert client.get(path).status_code == 200
    assert "Le graphe publié n’a aucune liste de valeurs." in client.get("/scheme?lang=fr").text


def test_a_page_follows_the_graph_that_is_published(tiny: tuple[FlaskClient, Settings]) -> None:
    client, settings = tiny
    assert "Nouvelle" not in client.get("/ns?lang=fr").text
    file = settings.content_folder() / "ontology" / "coop.ttl"
    file.write_text(file.read_text(encoding="utf-8") + "coop:Nouvelle a owl:Class .\n", encoding="utf-8")
    upkeep.build(settings, {})
    assert 'id="Nouvelle"' in client.get("/ns?lang=fr").text


def test_shapes_that_no_build_would_take_are_a_fault_of_the_server_and_show_nothing_of_it(
    tiny: tuple[FlaskClient, Settings],
) -> None:
    client, settings = tiny
    (settings.content_folder() / "shapes" / "project.ttl").write_text("@prefix", encoding="utf-8")
    answer = client.get("/shapes")
    assert answer.status_code == 500
    assert str(settings.content_folder()) not in answer.text


def test_a_dangerous_licence_leads_nowhere() -> None:
    terms = NamedNode(names.COOP[:-1]), NamedNode(f"{names.DCTERMS}license")
    for licence, count in (("https://example.org/terms", 1), ("javascript:alert(1)", 0)):
        reader = browsing(client_of([Quad(*terms, NamedNode(licence), NamedNode(names.ONTOLOGY_GRAPH))]))
        page = reader.get("/ns?lang=en").text
        assert page.count(f'href="{licence}"') == count
