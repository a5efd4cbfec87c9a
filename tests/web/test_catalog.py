"""The addresses of the catalogue: forms, pages, headers, refusals, and what is kept between two requests."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import DCAT, RDF, Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import VOID

from coopkg import names
from coopkg.catalog.contents import DATA_SETS
from coopkg.dumps.manifest import MANIFEST, Dump, folder_of
from coopkg.dumps.statistics import STATISTICS
from coopkg.graph import Graph as Published
from coopkg.settings import Settings
from coopkg.web.app import create_app
from coopkg.web.representation import ENDINGS
from tests.published import a_dump, some_statistics
from tests.web.conftest import copied, in_process, unbounded

FORMS = {"ttl": "turtle", "rdf": "xml", "nt": "nt", "jsonld": "json-ld"}
PUBLIC = "https://coop.example/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def client_over(settings: Settings) -> FlaskClient:
    """A client of an application over what a state folder publishes."""
    published = Published.open(settings, {})
    return create_app(published, unbounded(in_process(published)), settings).test_client()


@pytest.fixture(scope="module")
def client(small: Settings) -> FlaskClient:
    """A client of a site with a public address, without a dump."""
    return client_over(replace(small, public_url=PUBLIC, publisher_name="Association Exemple"))


def dumped(settings: Settings, dump: Dump) -> None:
    """Let a state folder have a dump, of which only what is said of it is there."""
    assert settings.state is not None
    folder = folder_of(settings.state) / dump.name
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(dump.to_json(), encoding="utf-8")
    (folder / STATISTICS).write_text(some_statistics().to_json(), encoding="utf-8")


@pytest.mark.harvest(1)
@pytest.mark.harvest(14)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("ending", FORMS)
@pytest.mark.parametrize("path", ["catalog", "dataset/graph", "dataset/territories"])
def test_each_form_is_answered_at_once_with_a_charset_and_absolute_iris(
    client: FlaskClient, path: str, ending: str
) -> None:
    answer, head = client.get(f"/{path}.{ending}"), client.head(f"/{path}.{ending}")
    charset = "" if ending == "jsonld" else "; charset=utf-8"  # its media type has no such parameter
    assert (answer.status_code, answer.content_type) == (200, ENDINGS[ending] + charset)
    assert (head.status_code, head.data) == (200, b"")
    assert [head.headers[name] for name in ("Content-Type", "ETag")] == [
        answer.headers[name] for name in ("Content-Type", "ETag")
    ]
    graph = Graph().parse(data=answer.data, format=FORMS[ending], publicID="urn:relative:")
    assert not [term for triple in graph for term in triple if str(term).startswith("urn:relative:")]
    if path != "catalog":  # pages name the address at which they were asked for
        assert isomorphic(graph, Graph().parse(data=client.get(f"/{path}.nt").data, format="nt"))


@pytest.mark.harvest(1)
@pytest.mark.parametrize("accept", ["*/*", "", "text/turtle", "text/turtle, text/html;q=0.9"])
def test_without_a_wish_the_catalogue_is_turtle(client: FlaskClient, accept: str) -> None:
    answer = client.get("/catalog", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (200, "text/turtle; charset=utf-8")


@pytest.mark.harvest(2)
def test_who_follows_the_pages_stays_at_the_form_that_was_asked_for(client: FlaskClient) -> None:
    address, seen, titles = "/catalog.rdf?per-page=4", set[str](), set[str]()
    while address:
        assert address not in seen
        seen.add(address)
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "application/rdf+xml")
        page = Graph().parse(data=answer.data, format="xml")
        titles.update(str(one) for one in page.subjects(RDF.type, DCAT.Dataset))
        links = list(page.objects(None, URIRef("http://www.w3.org/ns/hydra/core#next")))
        address = str(links[0]).removeprefix(PUBLIC.rstrip("/")) if links else ""
    assert len(seen) == 2
    assert titles == {one.iri for one in DATA_SETS}


@pytest.mark.harvest(8)
@pytest.mark.parametrize("accept", ["", "*/*", BROWSER, "application/rdf+xml", "application/n-triples"])
def test_void_is_where_it_is_looked_for(client: FlaskClient, accept: str) -> None:
    answer = client.get("/.well-known/void", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, "Location" in answer.headers) == (200, False)
    syntax = {"application/rdf+xml": "xml", "application/n-triples": "nt"}.get(answer.mimetype or "", "turtle")
    graph = Graph().parse(data=answer.data, format=syntax)
    assert set(graph.objects(None, VOID.sparqlEndpoint)) == {URIRef(f"{PUBLIC}sparql")}
    assert client.head("/.well-known/void").status_code == 200


@pytest.mark.harvest(8)
def test_void_and_the_service_name_the_same_graphs(client: FlaskClient, app: Flask) -> None:
    graph = Graph().parse(data=client.get("/.well-known/void").data, format="turtle")
    manifest = app.config["GRAPH"].current()[1]
    for iri, held in manifest.graphs.items():
        assert int(str(graph.value(URIRef(iri), VOID.triples))) == held.statements
    described = Graph().parse(data=client.get("/sparql").data, format="turtle")
    named = URIRef("http://www.w3.org/ns/sparql-service-description#graph")
    assert {URIRef(iri) for iri in manifest.graphs} <= set(described.objects(None, named))


@pytest.mark.harvest(10)
@pytest.mark.parametrize("address", ["/catalog.ttl", "/dataset/graph", "/.well-known/void"])
def test_what_a_client_has_is_not_sent_again(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    since = client.get(address, headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    assert since.status_code == 304


def test_the_header_leads_to_the_other_forms_and_to_void(client: FlaskClient) -> None:
    link = client.get("/catalog?page=1&per-page=6").headers["Link"]
    for ending, media_type in ENDINGS.items():
        assert f'<{PUBLIC}catalog.{ending}?page=1&per-page=6>; rel="alternate"; type="{media_type}"' in link
    assert f'<{PUBLIC}.well-known/void>; rel="describedby"' in link
    assert f'<{PUBLIC}dataset/graph.jsonld>; rel="alternate"' in client.get("/dataset/graph").headers["Link"]


def test_links_lead_to_the_public_address_and_identities_do_not(client: FlaskClient) -> None:
    text = client.get("/catalog.nt", base_url="http://10.0.0.1:8080").text
    assert "10.0.0.1" not in text
    assert f"<{PUBLIC}sparql>" in text
    assert f"<{names.BASE}dataset/graph> <{RDF.type}> <{DCAT.Dataset}>" in text


def test_without_a_public_address_the_one_that_was_asked_counts(small: Settings) -> None:
    client = client_over(small)
    for host in ("http://a.example", "http://b.example:8080"):
        assert f"<{host}/sparql>" in client.get("/catalog.nt", base_url=host).text


def test_each_iri_of_the_catalogue_leads_somewhere(client: FlaskClient) -> None:
    graph = Graph().parse(data=client.get("/catalog.nt").data, format="nt")
    for one in {str(iri).partition("#")[0] for iri in graph.subjects() if str(iri).startswith(names.BASE)}:
        answer = client.get("/" + one.removeprefix(names.BASE), follow_redirects=True)
        assert answer.status_code == 200, one
        assert answer.mimetype == "text/turtle"


def test_a_distribution_leads_to_its_data_set_in_the_form_that_was_asked_for(client: FlaskClient) -> None:
    for address, location in (
        ("/distribution/projects/csv", "/dataset/projects"),
        ("/distribution/projects/csv.rdf", "/dataset/projects.rdf"),
        ("/service/sparql", "/dataset/graph"),
        ("/service/sparql.jsonld", "/dataset/graph.jsonld"),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, location)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


BAD_PAGES = (
    *(
        "",
        "0",
        "-1",
        "x",
        "1.5",
        "1e3",
        "٣",
        "1 ",
        "+1",
        "01",
        "99999999",
        "9" * 5000,
        "%00",
        "%ED%A0%80",
        "%FF",
        "1%0A",
    ),
    *("1&page=2", "1&page=", "<script>", "../../etc/passwd", "%27%3B--", "NaN", "None", "true"),
)


@pytest.mark.parametrize("wish", BAD_PAGES)
@pytest.mark.parametrize("field", ["page", "per-page"])
def test_a_page_that_is_no_number_is_refused_with_what_to_give(client: FlaskClient, field: str, wish: str) -> None:
    answer = client.get(f"/catalog.ttl?{field}={wish.replace('page=', f'{field}=')}")
    assert answer.status_code == 400
    assert re.search(r"number|UTF-8", answer.text)


@pytest.mark.parametrize(
    ("asked", "status"), [("page=2", 404), ("page=999", 404), ("per-page=101", 400), ("per-page=100", 200)]
)
def test_a_page_beyond_the_last_one_is_not_there(client: FlaskClient, asked: str, status: int) -> None:
    answer = client.get(f"/catalog?{asked}")
    assert answer.status_code == status
    if status == 404:
        assert answer.text.strip().endswith("the last page of the catalogue is 1; begin at page=1")


UNKNOWN = (
    *("x", "Graph", "graph.xml", "graph.ttl.ttl", "%00", "%FF", "%ED%A0%80", "..%2f..%2fetc%2fpasswd", "a" * 3000),
    *("graph%20", "%C3%A9", "%0Aprojects", "$%7B7*7%7D", "%25s", "graph%23", ".ttl", "."),
)


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_data_set_that_is_unknown_is_told_with_those_that_are_there(client: FlaskClient, name: str) -> None:
    for address in (f"/dataset/{name}", f"/distribution/{name}/csv", f"/distribution/projects/{name}"):
        answer = client.get(address)
        assert answer.status_code in (303, 308, 404) if name == "." else answer.status_code == 404, address
        assert len(answer.data) < 1_000


def test_what_is_unknown_is_told_as_who_asks_likes_it(client: FlaskClient) -> None:
    told = client.get("/dataset/project", headers={"Accept": "application/problem+json"})
    assert (told.status_code, told.mimetype) == (404, "application/problem+json")
    assert "'project': there is no such data set; there are: graph, projects" in json.loads(told.data)["detail"]
    assert client.get("/dataset/project", headers={"Accept": BROWSER}).mimetype == "text/html"


def test_a_form_that_is_not_on_offer_is_refused_with_those_that_are(client: FlaskClient) -> None:
    for address in ("/catalog", "/dataset/graph", "/.well-known/void"):
        answer = client.get(address, headers={"Accept": "image/png"})
        assert answer.status_code == 406
        assert "text/turtle" in answer.text
    assert client.get("/catalog.csv").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_catalogue_is_only_read(client: FlaskClient, method: str) -> None:
    answer = client.open("/catalog", method=method.upper())
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_dump_is_told_as_soon_as_it_is_there(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    client = client_over(settings)
    assert "dumps/latest" not in client.get("/catalog.nt").text
    dumped(settings, a_dump(revision=3))
    assert "dumps/latest/coopkg.nq.gz" in client.get("/catalog.nt").text
    assert "void#classPartition" in client.get("/.well-known/void", headers={"Accept": "application/n-triples"}).text


def test_a_dump_that_cannot_be_read_says_nothing_of_the_inside(small: Settings, tmp_path: Path) -> None:
    settings = copied(small, tmp_path)
    dumped(settings, a_dump(revision=3))
    assert settings.state is not None
    (folder_of(settings.state) / a_dump(revision=3).name / STATISTICS).write_text("{", encoding="utf-8")
    answer = client_over(settings).get("/catalog")
    assert answer.status_code == 500
    assert str(tmp_path) not in answer.text


def test_what_is_told_is_made_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/catalog.ttl")
    monkeypatch.setattr("coopkg.web.site.catalog.gathered", None)
    monkeypatch.setattr("coopkg.catalog.dcat.catalog", None)
    assert client.get("/catalog.ttl").status_code == 200
