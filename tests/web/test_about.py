"""The pages about the site itself: what it is, who answers for it, what it keeps, what is missing."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import replace

import pytest
import yaml
from flask.testing import FlaskClient

from coopkg import names
from coopkg.content import Content
from coopkg.errors import SettingsError
from coopkg.findings import Tier
from coopkg.quality import Place
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.settings import Settings
from coopkg.web.imprint import Imprint, refuse_unsigned
from coopkg.web.server import Server
from tests.conftest import REPOSITORY
from tests.web.conftest import in_process, unbounded
from tests.web.held import BROWSER, SIGNED, Held, client_of

PAGES = ("/about", "/legal", "/privacy", "/accessibility", "/quality", "/api", "/docs/", "/docs/model.md")
ACTION, GRAPH = f"{names.BASE}id/project/a", f"{names.GRAPH}a-page"
EVERYWHERE = "0.0.0.0"  # noqa: S104  # nothing listens there: it is refused


def licences() -> list[Quad]:
    """The quads of the repository's licences."""
    content = Content(REPOSITORY)
    return [quad for file in content.files if file.graph == names.LICENCES_GRAPH for quad in content.read(file)]


def named(iri: str, name: str, lang: str = "fr", graph: str = GRAPH) -> Quad:
    """A quad that gives a name."""
    return Quad(NamedNode(iri), NamedNode(f"{names.SKOS}prefLabel"), Literal(name, language=lang), NamedNode(graph))


# ---- all of them --------------------------------------------------------------------------------------------


def test_who_wants_to_reuse_the_graph_is_led_to_all_of_it_and_to_its_terms(client: FlaskClient) -> None:
    page = client.get("/api?lang=fr").text
    assert '<a href="/dumps/?lang=fr">' in page
    assert '<a href="/about?lang=fr#licences">' in page
    assert '<a href="/about?lang=fr#cite">' in page
    assert '<a href="/dumps/?lang=en">' in client.get("/about?lang=en").text
    assert "/graph-store?default&amp;format=turtle" in client.get("/dumps/?lang=en").text  # no dump was made yet
    assert client.get("/graph-store?default&format=turtle").mimetype == "text/turtle"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_page_has_its_language_one_title_and_no_style_or_script_of_its_own(
    client: FlaskClient, path: str, lang: str
) -> None:
    answer = client.get(path, query_string={"lang": lang}, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert f'<html lang="{lang}">' in answer.text
    assert answer.text.count("<h1") == 1
    assert "<script>" not in answer.text
    assert "style=" not in answer.text
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_page_leads_to_the_legal_notice_and_says_that_accessibility_is_not_audited(
    client: FlaskClient, lang: str
) -> None:
    page = client.get("/", query_string={"lang": lang}).text
    for path in ("about", "quality", "api", "docs/", "legal", "privacy", "accessibility"):
        assert f'<a href="/{path}?lang={lang}"' in page
    assert ("Accessibilité\u00a0: non audité" in page) is (lang == "fr")


@pytest.mark.parametrize("path", ["/about", "/quality"])
def test_a_page_that_did_not_change_is_not_sent_again(client: FlaskClient, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


# ---- about --------------------------------------------------------------------------------------------------


def test_the_limits_are_those_in_force() -> None:
    settings = Settings(deadline_s=7.5, query_max_bytes=12_345, keep_generations=9)
    french = client_of(settings=settings).get("/about?lang=fr").text
    english = client_of(settings=settings).get("/about?lang=en").text
    assert "7,5\u00a0s" in french
    assert "12\u202f345 octets" in french
    assert "7.5\u00a0s" in english
    assert "12,345 bytes" in english
    assert "<dd>9 (<code>revision=</code>)</dd>" in english


def test_each_graph_with_terms_of_its_own_is_listed_after_the_whole() -> None:
    page = client_of(licences()).get("/about?lang=fr").text
    rows = re.findall(r"<tr><td><span>([^<]+)</span></td>", page)
    assert rows[0] == "coopkg, graphe de connaissances des projets de coopération"
    assert rows[1:] == sorted(rows[1:])
    assert {"Départements", "Faits déduits", "Objectifs de développement durable"} <= set(rows)
    assert '<a href="https://creativecommons.org/licenses/by/4.0/" rel="noreferrer">' in page
    assert "Insee, Code officiel géographique 2026" in page


def test_the_citation_is_that_of_its_file_with_the_revision() -> None:
    said = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    page = client_of().get("/about?lang=en").text
    year = said["date-released"].year
    assert f"{said['authors'][0]['name']} ({year}). {said['title']}, version {said['version']}, revision 7." in page
    assert f"  title = {{{said['title']}}}" in page
    assert "  note = {revision 7}" in page
    assert "sha256-of-all" in page
    assert "url = {" not in page


def test_a_published_site_is_cited_with_its_address() -> None:
    page = client_of(settings=SIGNED).get("/about", base_url="https://coop.example.org/").text
    assert "url = {https://coop.example.org/}" in page


# ---- who answers for it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_legal_notice_says_who_publishes_who_hosts_and_whom_to_write_to(lang: str) -> None:
    page = client_of(settings=SIGNED).get("/legal", query_string={"lang": lang}).text
    for value in Imprint.of(SIGNED).__slots__:
        assert str(getattr(SIGNED, value)) in page
    assert '<a href="mailto:bonjour@example.org" rel="noreferrer">bonjour@example.org</a>' in page


@pytest.mark.parametrize("path", ["/legal", "/about", "/privacy", "/accessibility"])
def test_an_instance_that_is_not_published_names_nobody(path: str) -> None:
    partly = replace(SIGNED, hosting_phone="")
    page = client_of(settings=partly).get(path, query_string={"lang": "fr"}).text
    assert "Cette instance n’est pas publiée" in page
    assert SIGNED.publisher_name not in page
    assert "bonjour@example.org" not in page
    assert ("<code>hosting_phone</code>." in page) is (path == "/legal")


def test_what_the_settings_say_is_shown_as_text() -> None:
    hostile = replace(SIGNED, publisher_name='<script>"&', contact_url="https://example.org/?a='&b=1")
    page = client_of(settings=hostile).get("/legal").text
    assert "<dd>&lt;script&gt;&#34;&amp;</dd>" in page
    assert '<a href="https://example.org/?a=&#39;&amp;b=1"' in page


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.9"])
def test_a_site_for_this_machine_alone_need_not_say_who_publishes_it(host: str) -> None:
    refuse_unsigned(Settings(host=host))


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "203.0.113.5"])
def test_a_site_for_others_is_refused_until_it_says_all(host: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        refuse_unsigned(replace(SIGNED, host=host, hosting_name="", contact_url=""))
    assert "contact_url (COOPKG_CONTACT_URL), hosting_name (COOPKG_HOSTING_NAME)," in str(refusal.value)
    assert "publisher_name" not in str(refusal.value)
    refuse_unsigned(replace(SIGNED, host=host))
    refuse_unsigned(Settings(host=host, imprint="optional"))


def test_no_server_listens_for_others_without_saying_who_publishes_it() -> None:
    held = Held((), {})
    with pytest.raises(SettingsError, match="publisher_name"):
        Server(held, unbounded(in_process(held)), Settings(host=EVERYWHERE, port=0))


def test_the_privacy_page_tells_what_the_log_in_force_keeps() -> None:
    logged = client_of().get("/privacy?lang=fr").text
    silent = client_of(settings=Settings(access_log="off")).get("/privacy?lang=fr").text
    assert "Une ligne par demande" in logged
    assert "ne tient pas de journal des demandes" in silent
    assert "Une ligne par demande" not in silent


def test_no_page_sets_a_cookie(client: FlaskClient) -> None:
    for path in (*PAGES, "/", "/nothing"):
        assert "Set-Cookie" not in client.get(path, headers=BROWSER).headers


# ---- quality ------------------------------------------------------------------------------------------------

COUNTS = {
    Place(GRAPH, ACTION, Tier.WARNING): 1,
    Place(GRAPH, ACTION, Tier.INFO): 2,
    Place(f"{names.GRAPH}b-page", "", Tier.INFO): 1_234,
    Place("", "", Tier.WARNING): 5,
}
QUADS = [named(f"{names.BASE}id/source/a-page", "La page A"), named(ACTION, "Un projet")]


def test_the_findings_are_counted_by_tier_document_and_action() -> None:
    page = client_of(QUADS, COUNTS).get("/quality?lang=fr").text
    figures = dict(re.findall(r"<div><dt>([^<]+)</dt><dd>([^<]+)</dd></div>", page))
    assert figures == {"À corriger": "0", "À vérifier": "6", "Conseils": "1\u202f236"}
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td[^>]+>([^<]+)</td><td[^>]+>([^<]+)</td></tr>", page)
    assert [row[2:] for row in rows] == [("0", "1\u202f234"), ("5", "0"), ("1", "2")]
    assert rows[2][0] == '<a href="/doc/source/a-page?lang=fr"><span>La page A</span></a>'
    assert rows[2][1] == '<a href="/doc/project/a?lang=fr"><span>Un projet</span></a>'
    assert rows[1][:2] == ("–", "–")


def test_findings_are_read_and_named_once_a_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    client, numbers = client_of(QUADS, COUNTS), itertools.count()

    def counted(held: Held) -> dict[Place, int]:
        return {**held.counts, Place("", "", Tier.INFO): next(numbers)}

    monkeypatch.setattr(Held, "quality", counted)
    told = [
        client.get(path).status_code for path in ("/quality", "/quality?sort=source", "/quality.csv", "/quality.json")
    ]
    assert (told, next(numbers)) == ([200] * 4, 1)


def test_no_cell_of_the_table_calculates() -> None:
    text = client_of([named(ACTION, "=1+1;=2")], COUNTS).get("/quality.csv").text
    assert ",'=1+1;'=2," in text


@pytest.mark.parametrize(
    ("sort", "numbers"), [("findings", [1234, 5, 3]), ("warnings", [5, 3, 1234]), ("source", [5, 1234, 3])]
)
def test_the_table_comes_in_the_order_that_is_asked(sort: str, numbers: list[int]) -> None:
    page = client_of(QUADS, COUNTS).get("/quality", query_string={"sort": sort, "lang": "en"}).text
    rows = re.findall(r'<td class="count">([^<]+)</td><td class="count">([^<]+)</td>', page)
    assert [sum(int(one.replace(",", "")) for one in row) for row in rows] == numbers


def test_a_long_table_is_cut_aloud_and_the_download_has_all() -> None:
    many = {Place(f"{names.GRAPH}p{number}", "", Tier.INFO): 1 for number in range(201)}
    client = client_of((), many)
    page = client.get("/quality?lang=en").text
    assert page.count('<td class="count">') == 2 * 200
    assert "The first 200 rows of 201 are shown" in page
    assert len(client.get("/quality.csv").text.splitlines()) == 202


def test_the_counts_come_as_csv_and_json() -> None:
    client = client_of(QUADS, COUNTS)
    table = list(csv.DictReader(io.StringIO(client.get("/quality.csv").text)))
    assert table[1]["action_name"] == "Un projet"
    assert (table[1]["violation"], table[1]["warning"], table[1]["info"]) == ("0", "1", "2")
    told = client.get("/quality.json").get_json()
    assert told["revision"] == 7
    assert {(one["graph"], one["project"], one["tier"]): one["count"] for one in told["findings"]} == {
        tuple(place): count for place, count in COUNTS.items()
    }


def test_what_the_shapes_ask_is_told_in_the_language_of_the_reader() -> None:
    french, english = (client_of().get("/quality", query_string={"lang": lang}).text for lang in ("fr", "en"))
    assert "<li>Complétez le projet.</li>" in french
    assert "<li>Complete the project.</li>" in english
    assert "Complete the project." not in french


def test_how_much_was_read_is_counted() -> None:
    whole = f"{names.BASE}scheme/read-extent/whole"
    quads = [
        Quad(
            NamedNode(whole),
            NamedNode(f"{names.SKOS}inScheme"),
            NamedNode(f"{names.BASE}scheme/read-extent"),
            NamedNode(GRAPH),
        ),
        named(whole, "Document entier"),
        *(
            Quad(NamedNode(f"urn:{one}"), NamedNode(f"{names.COOP}readExtent"), NamedNode(whole), NamedNode(GRAPH))
            for one in "ab"
        ),
    ]
    assert "<span>Document entier</span>\u00a0: <strong>2</strong>" in client_of(quads).get("/quality?lang=fr").text


def test_nothing_found_is_said() -> None:
    assert "No finding: nothing that the rules look at is missing." in client_of().get("/quality?lang=en").text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\u202egnirts", "x" * 10_000])
def test_a_hostile_name_is_shown_as_text(name: str) -> None:
    page = client_of([named(ACTION, name)], COUNTS).get("/quality").text
    assert "<script>" not in page
    assert name.replace("<", "&lt;").replace(">", "&gt;") in page


@pytest.mark.parametrize("action", ["javascript:alert(1)", "data:text/html,x", "urn:x"])
def test_an_address_that_leads_nowhere_is_no_link(action: str) -> None:
    page = client_of((), {Place(GRAPH, action, Tier.INFO): 1}).get("/quality").text
    assert f'href="{action[:5]}' not in page


BAD = ["zz", "", "findings ", "FINDINGS", "\0", "<script>", "\u202e", "x" * 3_000, "1", "-1", "findings;drop"]


@pytest.mark.parametrize("sort", BAD)
def test_an_unknown_order_is_refused_with_those_that_there_are(client: FlaskClient, sort: str) -> None:
    answer = client.get("/quality", query_string={"sort": sort})
    assert answer.status_code == 400
    assert "give one of findings, warnings, source, action" in answer.text
    assert len(answer.text) < 1_000


@pytest.mark.parametrize("path", ["/about", "/legal", "/privacy", "/accessibility", "/quality", "/api", "/docs/"])
@pytest.mark.parametrize("query", ["lang=xx", "lang=", "lang=%00", "lang=fr&lang=en", "page=999", "a=%ED", "%FF=1"])
def test_what_a_page_does_not_know_does_it_no_harm(client: FlaskClient, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}", headers=BROWSER)
    assert answer.status_code == (400 if query in ("a=%ED", "%FF=1") else 200)
    assert answer.mimetype == "text/html"
