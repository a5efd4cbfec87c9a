"""From the IRI of a thing to what is said of it: in every form, with its links and tags, and when it is not there."""

from __future__ import annotations

import html
import itertools
import json
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from rdflib.compare import isomorphic
from werkzeug.test import TestResponse

from coopkg import names
from coopkg.description import PER_PAGE
from coopkg.rdf import BlankNode, Quad, RdfFormat, parse_quads
from coopkg.settings import Settings
from coopkg.store import QuadStore
from coopkg.web.representation import ENDINGS
from tests.told import Held, quads
from tests.web.conftest import Served
from tests.web.held import BROWSER
from tests.web.test_things import app_over

ID = f"{names.BASE}id/"
SYNTAXES = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
}
#: A document of each kind, and what it describes.
DOCUMENTS = {
    "/doc/project/a-page": f"{ID}project/a-page",
    "/doc/territory/region/11": f"{ID}territory/region/11",
    "/doc/source/a-page": f"{ID}source/a-page",
    "/ns": f"{names.BASE}ns",
    "/ns/0.1.0": f"{names.BASE}ns/0.1.0",
    "/scheme": f"{names.BASE}scheme",
    "/scheme/role": f"{names.BASE}scheme/role",
    "/scheme/role/lead": f"{names.BASE}scheme/role/lead",
    "/shapes": f"{names.BASE}shapes",
}
each_document = pytest.mark.parametrize("path", DOCUMENTS)
rdflib_reads_json_ld = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def told() -> Flask:
    """An application over a graph in which things were renamed and withdrawn."""
    return app_over(Held(QuadStore.apart(quads())))


@pytest.fixture
def reader(told: Flask) -> FlaskClient:
    return told.test_client()


def links(answer: TestResponse) -> dict[str, list[str]]:
    """The addresses of Link by their relation."""
    found: dict[str, list[str]] = {}
    for address, relation in re.findall(r'<([^>]+)>; rel="([^"]+)"', answer.headers.get("Link", "")):
        found.setdefault(relation, []).append(address)
    return found


def local(address: str) -> str:
    """An address of the test client's own host without it."""
    parts = urlsplit(address)
    assert parts.netloc == "localhost", address
    return parts.path + (f"?{parts.query}" if parts.query else "")


def statements(client: FlaskClient, address: str, headers: Mapping[str, str] = {}) -> set[Quad]:  # never changed
    """What an answer in RDF says; a context that it names is taken from the same server."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    ending = next(ending for ending, media_type in ENDINGS.items() if media_type == answer.mimetype)
    content = answer.data
    if ending == "jsonld":
        document = json.loads(content)
        document["@context"] = json.loads(client.get(local(document["@context"])).data)["@context"]
        content = json.dumps(document).encode()
    return set(parse_quads(content, SYNTAXES[ending], address))


@pytest.mark.harvest(9)
@each_document
def test_the_endings_fix_the_form_and_all_forms_say_the_same(client: FlaskClient, path: str) -> None:
    said = {ending: statements(client, f"{path}.{ending}", BROWSER) for ending in SYNTAXES}
    assert said["ttl"]
    assert said["ttl"] == said["jsonld"] == said["rdf"] == said["nt"]
    page = client.get(f"{path}.html", headers={"Accept": "text/turtle"})
    assert (page.status_code, page.mimetype) == (200, "text/html")


@pytest.mark.harvest(9)
@each_document
@pytest.mark.parametrize("ending", ENDINGS)
def test_accept_gives_what_the_ending_gives(client: FlaskClient, path: str, ending: str) -> None:
    asked = client.get(path, headers={"Accept": ENDINGS[ending]})
    assert asked.mimetype == ENDINGS[ending]
    assert "Accept" in asked.vary
    if ending != "html":
        assert asked.data == client.get(f"{path}.{ending}").data


@rdflib_reads_json_ld
@each_document
def test_another_reader_finds_the_same_in_compact_json_ld(client: FlaskClient, path: str) -> None:
    document = client.get(f"{path}.jsonld").get_json()
    document["@context"] = client.get("/context.jsonld").get_json()["@context"]
    read = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    assert isomorphic(read, rdflib.Graph().parse(data=client.get(f"{path}.nt").data, format="nt"))


@rdflib_reads_json_ld
def test_the_context_is_loaded_from_where_json_ld_says_that_it_is(served: Served) -> None:
    read = rdflib.Graph().parse(f"{served.url}/doc/project/a-page.jsonld", format="json-ld")
    plain = rdflib.Graph().parse(f"{served.url}/doc/project/a-page.nt", format="nt")
    assert isomorphic(read, plain)
    assert len(read) > 20


@each_document
def test_an_answer_says_where_its_other_forms_are_and_on_which_terms(client: FlaskClient, path: str) -> None:
    for ending in ENDINGS:
        found = links(client.get(f"{path}.{ending}?lang=en&nonsense=1"))
        assert found["canonical"] == [f"http://localhost{path}" + ("?lang=en" if ending == "html" else "")]
        assert found["describes"] == [DOCUMENTS[path]]
        assert found["alternate"] == [
            f"http://localhost{path}.{other}" for other in ("ttl", "jsonld", "rdf", "nt", "html")
        ]
        assert found["describedby"] == ["http://localhost/.well-known/void"]


def test_the_licence_of_a_graph_is_that_of_what_is_taken_from_it() -> None:
    reader = app_over(
        Held(
            QuadStore.apart(
                quads(
                    "graph:licences { <https://w3id.org/coopkg/> dcterms:license <https://example.org/whole> . "
                    "graph:x dcterms:license <https://example.org/été> }\n"
                    'graph:x { project:x skos:prefLabel "x"@fr } graph:y { project:y skos:prefLabel "y"@fr }'
                )
            )
        )
    ).test_client()
    for ending in ENDINGS:
        assert links(reader.get(f"/doc/project/x.{ending}"))["license"] == ["https://example.org/%C3%A9t%C3%A9"]
        assert links(reader.get(f"/doc/project/y.{ending}"))["license"] == ["https://example.org/whole"]


def test_a_public_address_stands_in_links_and_not_in_identities(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", Settings(content=settings.content, public_url="https://coop.example/"))
    answer = app.test_client().get("/doc/project/a-page.ttl")
    assert links(answer)["canonical"] == ["https://coop.example/doc/project/a-page"]
    assert links(answer)["describes"] == [f"{ID}project/a-page"]
    assert "<https://coop.example/doc/project/a-page>" in answer.text
    assert "localhost" not in answer.text


# ---- tags and dates -----------------------------------------------------------------------------------------------


@pytest.mark.harvest(10)
@each_document
def test_each_form_and_coding_has_a_strong_tag_of_its_own(client: FlaskClient, path: str) -> None:
    tags = {
        (ending, coding): client.get(f"{path}.{ending}", headers={"Accept-Encoding": coding}).headers["ETag"]
        for ending in ENDINGS
        for coding in ("identity", "gzip", "br", "zstd")
    }
    assert not [tag for tag in tags.values() if tag.startswith("W/")]
    assert len(set(tags.values())) == len(tags)


@pytest.mark.harvest(10)
@each_document
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_a_client_has_is_not_sent_again(client: FlaskClient, path: str, ending: str) -> None:
    asked = {"Accept-Encoding": "gzip"}
    first = client.get(f"{path}.{ending}", headers=asked)
    by_tag = client.get(f"{path}.{ending}", headers={**asked, "If-None-Match": first.headers["ETag"]})
    by_date = client.get(f"{path}.{ending}", headers={**asked, "If-Modified-Since": first.headers["Last-Modified"]})
    for again in (by_tag, by_date):
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert {"Accept", "Accept-Encoding"} <= set(again.vary)
    earlier = client.get(f"{path}.{ending}", headers={**asked, "If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"})
    assert earlier.status_code == 200
    other = client.get(f"{path}.{ending}", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200  # the tag is of the bytes of gzip


@pytest.mark.harvest(10)
@each_document
@pytest.mark.parametrize("ending", ENDINGS)
def test_head_says_what_get_says(client: FlaskClient, path: str, ending: str) -> None:
    got, head = client.get(f"{path}.{ending}"), client.head(f"{path}.{ending}")
    own = {"Coopkg-Request-Id", "Date"}
    assert {name: value for name, value in head.headers if name not in own} == {
        name: value for name, value in got.headers if name not in own
    }
    assert head.data == b""


@pytest.mark.parametrize("ending", ["", ".html"])
def test_a_page_and_its_header_name_the_same_address(reader: FlaskClient, ending: str) -> None:
    answer = reader.get(f"/doc/organisation/pompiers{ending}?page=1&nonsense=2&lang=en", headers=BROWSER)
    own = "http://localhost/doc/organisation/pompiers?lang=en&page=1"
    assert links(answer)["canonical"] == [own]
    assert f'<link rel="canonical" href="{html.escape(own)}">' in answer.text


@pytest.mark.harvest(10)
def test_an_answer_over_the_wire_has_one_date(served: Served) -> None:
    for path in ("/doc/project/a-page.ttl", "/doc/project/a-page.html", "/id/project/a-page", "/doc/project/nobody"):
        with socket.create_connection((served.host, served.port), timeout=10) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            head = b"".join(iter(lambda: connection.recv(1 << 16), b"")).partition(b"\r\n\r\n")[0]  # called at once
        assert len(re.findall(rb"(?im)^date:", head)) == 1, path


def test_a_date_is_never_later_than_what_is_shown(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, later = app.config["GRAPH"], 4_000_000_000.0
    dates = iter([graph.published_at()])
    current = graph.current

    def current_as_another_is_published() -> object:
        monkeypatch.setattr(graph, "published_at", lambda: later)
        return current()

    monkeypatch.setattr(graph, "published_at", lambda: next(dates))
    monkeypatch.setattr(graph, "current", current_as_another_is_published)
    answer = app.test_client().get("/doc/project/a-page.ttl")
    assert answer.last_modified
    assert answer.last_modified.timestamp() < later


# ---- what is not there --------------------------------------------------------------------------------------------


@pytest.mark.harvest(9)
@pytest.mark.parametrize("accept", ["*/*", "text/turtle", "text/html", "image/png"])
def test_from_a_thing_to_what_is_said_of_it_by_303_whatever_is_asked(reader: FlaskClient, accept: str) -> None:
    answer = reader.get("/id/project/repas", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/doc/project/repas")
    assert links(answer)["describedby"] == ["http://localhost/doc/project/repas"]
    assert answer.text == "What is said of it is at /doc/project/repas\n"
    assert reader.head("/id/project/repas").headers["Location"] == "/doc/project/repas"


def test_an_ending_is_no_part_of_an_identity(reader: FlaskClient) -> None:
    for ending in ENDINGS:
        assert reader.get(f"/id/project/repas.{ending}").status_code == 404


def test_an_iri_that_ends_as_a_form_does_is_that_of_its_thing() -> None:
    reader = app_over(
        Held(QuadStore.apart(quads('graph:x { <https://w3id.org/coopkg/id/project/a.ttl> skos:prefLabel "A"@fr }')))
    ).test_client()
    assert reader.get("/id/project/a.ttl").headers["Location"] == "/doc/project/a.ttl"
    assert reader.get("/doc/project/a.ttl", headers=BROWSER).mimetype == "text/html"
    assert reader.get("/doc/project/a.ttl.nt").mimetype == "application/n-triples"
    assert reader.get("/doc/project/a").status_code == 404


@pytest.mark.parametrize("ending", ["", *(f".{ending}" for ending in ENDINGS)])
def test_a_renamed_thing_leads_to_the_same_form_of_what_replaced_it(reader: FlaskClient, ending: str) -> None:
    answer = reader.get(f"/doc/project/diners{ending}?lang=en")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/doc/project/repas{ending}?lang=en")
    assert reader.get(answer.headers["Location"]).status_code == 200
    assert answer.text.startswith("It has another address now: ")


GONE, UNKNOWN = "project/perdu", "project/nobody"


@pytest.mark.harvest(11)
@pytest.mark.harvest(15)
@pytest.mark.parametrize(("path", "status"), [(GONE, 410), (UNKNOWN, 404)])
@pytest.mark.parametrize("place", ["/id/", "/doc/"])
@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "text/plain"),
        ("text/turtle", "text/plain"),
        ("application/ld+json, application/problem+json", "application/problem+json"),
        (BROWSER["Accept"], "text/html"),
        ("image/png", "text/plain"),
    ],
)
def test_what_is_not_there_is_told_in_a_fitting_form(
    reader: FlaskClient, place: str, path: str, status: int, accept: str, form: str
) -> None:
    answer = reader.get(place + path, headers={"Accept": accept, "Origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.mimetype) == (status, form)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer.vary
    assert "ETag" not in answer.headers
    sentence = {410: f"{ID}{GONE} was withdrawn", 404: f"Nothing is said of {ID}{UNKNOWN} here"}[status]
    if form == "text/plain":
        assert answer.text.startswith(sentence)
    if form == "application/problem+json":
        assert answer.get_json()["detail"].startswith(sentence)


@pytest.mark.parametrize(("path", "status"), [(GONE, 410), (UNKNOWN, 404)])
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_says_whether_a_page_tells_that_nothing_is_there(
    reader: FlaskClient, path: str, status: int, ending: str
) -> None:
    answer = reader.get(f"/doc/{path}.{ending}")
    assert (answer.status_code, answer.mimetype) == (status, "text/html" if ending == "html" else "text/plain")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/scheme/role/leed", f"There is no concept 'leed' here; the nearest is {names.BASE}scheme/role/lead."),
        ("/scheme/rolle.nt", f"There is no scheme 'rolle' here; the nearest is {names.BASE}scheme/role."),
        ("/scheme/zzzz/x", "There is no scheme 'zzzz' here; /scheme lists the schemes."),
        ("/ns/9.9", "There is no version '9.9' of the ontology here; the present one is 0.1.0."),
    ],
)
def test_a_program_is_told_what_of_the_vocabulary_is_not_there(client: FlaskClient, path: str, sentence: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.text == f"{sentence}\n"


def test_a_graph_without_schemes_says_so_of_each(reader: FlaskClient) -> None:
    for headers in ({}, BROWSER):
        assert reader.get("/scheme/no/such", headers=headers).status_code == 404


def test_a_version_that_is_kept_is_given_as_it_was(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ontology" / "versions").mkdir(parents=True)
    kept = tmp_path / "ontology" / "versions" / "0.0.9.ttl"
    kept.write_text("<https://w3id.org/coopkg/ns#Old> a <http://www.w3.org/2002/07/owl#Class> .\n", encoding="utf-8")
    monkeypatch.setitem(app.config, "CONTENT", tmp_path)
    client = app.test_client()
    assert [quad.subject.value for quad in statements(client, "/ns/0.0.9.nt")] == [f"{names.COOP}Old"]  # type: ignore[union-attr] # a named node: see above
    assert client.get("/ns/0.0.9").mimetype == "text/turtle"
    assert client.get("/ns/0.0.9.html").status_code == 404
    assert client.get("/ns/0.0.8").status_code == 404
    assert client.get(f"/ns/{'9' * 4000}").status_code == 404


# ---- hubs ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hub() -> FlaskClient:
    """A client of a graph in which many things point at one."""
    many = " ".join(f"project:p{n} coop:within <{ID}territory/country/FR> ." for n in range(2 * PER_PAGE + 7))
    trig = f'graph:x {{ <{ID}territory/country/FR> skos:prefLabel "France"@fr . {many} }}'
    return app_over(Held(QuadStore.apart(quads(trig)))).test_client()


def test_the_pages_of_a_hub_lead_from_the_first_to_the_last(hub: FlaskClient) -> None:
    address, seen = "/doc/territory/country/FR", set[Quad]()
    document = "http://localhost/doc/territory/country/FR"
    for number in itertools.count(1):
        said = statements(hub, address)
        seen |= {quad for quad in said if "ns#within" in str(quad)}
        view = {
            str(q.predicate).strip("<>").rpartition("#")[2]: str(q.object).strip("<>")
            for q in said
            if "hydra" in str(q)
        }
        assert view["view"] == f"{document}?page={number}"
        if "next" not in view:
            break
        assert view["next"] == f"{document}?page={number + 1}"
        address = local(view["next"])
    assert (number, len(seen)) == (3, 2 * PER_PAGE + 7)
    assert links(hub.get(address))["canonical"] == [f"{document}?page=3"]
    assert "ends before" in hub.get("/doc/territory/country/FR?page=4").text


@pytest.mark.parametrize("ending", ["ttl", "jsonld"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        *(("page=0", 400), ("page=-1", 400), ("page=x", 400), ("page=", 400), ("page=1&page=2", 400)),
        *(
            ("page=99", 404),
            ("page=999", 400),
            ("page=9999999", 400),
            ("page=99999999999999999999", 400),
            ("page=%00", 400),
        ),
        *(("page=%ED%A0%80", 400), ("page=%E9", 400), ("page=1e3", 400), ("page=١", 400), ("page=1%0d%0aX:y", 400)),
        *(("page=1", 200), ("lang=xx", 200), ("nonsense=1", 200), ("lang=fr&lang=en", 200)),
    ],
)
def test_a_page_that_is_none_is_refused_with_what_to_do(hub: FlaskClient, ending: str, query: str, status: int) -> None:
    answer = hub.get(f"/doc/territory/country/FR.{ending}?{query}")
    assert answer.status_code == status
    if status != 200:
        assert answer.mimetype == "text/plain"
        assert answer.text.count("\n") == 1


BAD = (
    *("%00", "%FF%FE", "%ED%A0%80", "repas%20", "<script>", "%22x=%22", "../../etc/passwd", "%2e%2e/x", "%0d%0aX:y"),
    *(
        "%E2%80%AE",
        "{}",
        "^",
        "|",
        "`",
        "\\",
        "%",
        "%zz",
        "[",
        "x" * 4000,
        "/" * 50,
        "é",
        "😀",
        "javascript:x",
    ),
    *("", ".", "..", ".ttl.ttl", "%2F", "repas/", "repas.TTL", "repas.xml", "repas.ttl/", "repas%2Ettl%00", "a:b", "~"),
)


@pytest.mark.parametrize("ending", ["", ".ttl", ".html"])
@pytest.mark.parametrize("place", ["/id/project/", "/doc/project/", "/doc/", "/scheme/", "/scheme/role/", "/ns/"])
def test_no_address_breaks_a_form(reader: FlaskClient, place: str, ending: str) -> None:
    for bad in BAD:
        answer = reader.get(place + bad + ending)
        assert answer.status_code in (200, 303, 308, 400, 404), bad
        assert "X" not in answer.headers, bad
        if answer.status_code == 404 and answer.mimetype == "text/plain":
            assert answer.text.count("\n") == 1, bad
            assert len(answer.text) < 500, bad


# ---- no blank nodes -----------------------------------------------------------------------------------------------


@pytest.mark.harvest(17)
def test_no_node_of_what_is_published_is_without_a_name(app: Flask) -> None:
    store = app.config["GRAPH"].current()[0]
    for graph in store.graphs():
        for quad in store.quads(graph):
            assert not {type(quad.subject), type(quad.object), type(quad.graph_name)} & {BlankNode}, quad


@pytest.mark.harvest(17)
@each_document
def test_no_node_of_a_document_is_without_a_name(client: FlaskClient, path: str) -> None:
    assert "_:" not in client.get(f"{path}.nt").text


@pytest.mark.harvest(20)
@pytest.mark.parametrize("accept", [None, "*/*"])
def test_an_address_that_says_a_language_is_that_of_a_page(client: FlaskClient, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    for address in ("/doc/project/a-page", "/ns", "/catalog", "/feed", "/dumps/", "/changes"):
        assert client.get(address, headers=headers).mimetype != "text/html"
        assert client.get(f"{address}?lang=fr", headers=headers).mimetype == "text/html"
    turtle = client.get("/doc/project/a-page?lang=fr", headers={"Accept": "text/turtle, text/html;q=0.9"})
    assert turtle.mimetype == "text/turtle"
