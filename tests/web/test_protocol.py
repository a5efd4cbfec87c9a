"""How a query reaches `/sparql`, in which form it is answered, and how it is refused."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

ROWS = "SELECT ?name WHERE { ?project a coop:Project ; skos:prefLabel ?name }"
TRIPLES = "CONSTRUCT { ?s a coop:Project } WHERE { ?s a coop:Project }"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"


def _names(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["name"]["value"] for row in json.loads(answer.data)["results"]["bindings"]]


def _echoed(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    return str(json.loads(answer.data)["results"]["bindings"][0]["x"]["value"])


def test_a_query_is_read_from_the_url_a_form_and_a_body(client: FlaskClient) -> None:
    for answer in (
        client.get("/sparql", query_string={"query": ROWS}),
        client.post("/sparql", data={"query": ROWS}),
        client.post("/sparql", data=ROWS, content_type=DIRECT),
        client.post("/sparql", data=ROWS, content_type=f"{DIRECT}; charset=UTF-8"),
        client.post("/sparql", data=urlencode({"query": ROWS}), content_type=f'{FORM}; charset="utf-8"'),
        client.post("/sparql", data=b"\xef\xbb\xbf" + ROWS.encode(), content_type=DIRECT),
    ):
        assert _names(answer) == ["Un projet"]


@pytest.mark.parametrize(
    "text", ["a+b", "é à 𝄞 «»", "%20", "%2520", "a&b=c;d", "100 %", "+", "\u0000".replace("\0", "#")]
)
def test_a_text_is_decoded_exactly_once(client: FlaskClient, text: str) -> None:
    query = f'SELECT ("{text}" AS ?x) {{}}'
    assert _echoed(client.get(f"/sparql?query={quote(query, safe='')}")) == text
    assert _echoed(client.post("/sparql", data=urlencode({"query": query}), content_type=FORM)) == text
    assert _echoed(client.post("/sparql", data=query.encode(), content_type=DIRECT)) == text


def test_a_plus_is_a_space_in_urls_and_forms_and_itself_in_a_body(client: FlaskClient) -> None:
    assert _echoed(client.get('/sparql?query=SELECT+("a+b"+AS+%3Fx)+{}')) == "a b"
    assert _echoed(client.post("/sparql", data='query=SELECT+("a+b"+AS+%3Fx)+{}', content_type=FORM)) == "a b"
    assert _echoed(client.post("/sparql", data='SELECT ("a+b" AS ?x) {}', content_type=DIRECT)) == "a+b"


def test_an_encoded_space_in_an_iri_stays_encoded(client: FlaskClient) -> None:
    query = "SELECT ?x { BIND(STR(<http://example.org/a%20b>) AS ?x) }"
    for answer in (client.get("/sparql", query_string={"query": query}), client.post("/sparql", data={"query": query})):
        assert _echoed(answer) == "http://example.org/a%20b"


@pytest.mark.harvest(12)
def test_the_first_known_wish_beats_accept(client: FlaskClient) -> None:
    def given(query: str = ROWS, accept: str = "text/csv", **wishes: str) -> str:
        answer = client.get("/sparql", query_string={"query": query, **wishes}, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text
        return str(answer.mimetype)

    assert given() == "text/csv"
    assert given(output="xml") == "application/sparql-results+xml"
    assert given(format="unknown", output="json", results="tsv") == "application/sparql-results+json"
    assert given(results="tsv", output="turtle") == "text/tab-separated-values"  # turtle holds no rows
    assert given(format="nonsense") == "text/csv"
    assert given(TRIPLES, "text/turtle", format="json") == "application/ld+json"
    assert given(TRIPLES, "text/turtle", format="rdf") == "application/rdf+xml"
    assert given(format="application/sparql-results+json") == "application/sparql-results+json"


@pytest.mark.harvest(12)
def test_a_wish_in_a_form_counts_as_much_as_in_the_url(client: FlaskClient) -> None:
    assert client.post("/sparql", data={"query": ROWS, "format": "csv"}).mimetype == "text/csv"
    assert client.post("/sparql?format=csv", data=ROWS, content_type=DIRECT).mimetype == "text/csv"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/xml", "application/sparql-results+xml"),
        ("text/*", "text/csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/sparql-results+xml"),
        ("text/csv;q=0.1, text/tab-separated-values;q=0.2", "text/tab-separated-values"),
        ("*/*, application/sparql-results+json;q=0", "application/sparql-results+xml"),
        ("text/turtle, text/csv;q=0.1", "text/csv"),
        ("application/sparql-results+json;charset=utf-8", "application/sparql-results+json"),
    ],
)
def test_accept_chooses_the_form(client: FlaskClient, accept: str, media_type: str) -> None:
    headers = {"Accept": accept} if accept else {}
    answer = client.get("/sparql", query_string={"query": ROWS}, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert "Accept" in answer.headers["Vary"]


def test_a_form_that_is_not_on_offer_is_refused_with_the_list(client: FlaskClient) -> None:
    rows = client.get("/sparql", query_string={"query": ROWS}, headers={"Accept": "text/turtle, image/png"})
    assert rows.status_code == 406
    for media_type in ("application/sparql-results+json", "application/sparql-results+xml", "text/csv"):
        assert media_type in rows.text
    triples = client.get("/sparql", query_string={"query": TRIPLES}, headers={"Accept": "text/csv"})
    assert triples.status_code == 406
    assert "text/turtle" in triples.text


REFUSED = {
    "syntax": ("SELECT ?x WHERE {\n  ?x a coop:Project\n  ?x ?p ?o\n}", "line 3, column"),
    "undeclared prefix": ("SELECT * { ?x nowhere:p ?o }", "line 1, column"),
    "update": ("PREFIX a: <http://a/>\n# a note\nINSERT DATA { a:a a:b 1 }", "INSERT is an update"),
    "deletion": ("delete where { ?s ?p ?o }", "DELETE is an update"),
    "load": ("LOAD <http://127.0.0.1:9/>", "LOAD is refused"),
    "service": ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "line 1, column 12: SERVICE is refused"),
    "two queries": ("ASK {} ; ASK {}", "line 1, column"),
    "nothing": ("  \n", "the query is empty"),
    "too long": (f"ASK {{}} # {'é' * 2048}", "4,105 bytes long; this endpoint reads at most 4,096"),
}


@pytest.mark.harvest(13)
@pytest.mark.harvest(15)
@pytest.mark.harvest(22)
@pytest.mark.parametrize("case", REFUSED)
def test_a_query_that_cannot_be_answered_is_refused_in_one_plain_sentence(client: FlaskClient, case: str) -> None:
    query, said = REFUSED[case]
    for answer in (
        client.get("/sparql", query_string={"query": query}),
        client.post("/sparql", data={"query": query}),
        client.post("/sparql", data=query.encode(), content_type=DIRECT),
    ):
        assert answer.status_code == 400
        assert answer.content_type == "text/plain; charset=utf-8"
        assert said in answer.text
        assert answer.text.count("\n") == 1
        assert answer.text.endswith("\n")


def test_an_undeclared_prefix_is_told_how_to_repair_it(client: FlaskClient) -> None:
    text = client.get("/sparql", query_string={"query": "SELECT * { ?x nowhere:p ?o }"}).text
    assert "nowhere" in text
    assert "is not declared" in text
    assert "PREFIX" in text
    assert "skos" in text


@pytest.mark.harvest(13)
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"format": "csv"}, "exactly one 'query' parameter is needed, got 0"),
        ({"query": [ROWS, ROWS]}, "got 2"),
        ({"update": "CLEAR ALL"}, "read only"),
        ({"query": ROWS, "update": "CLEAR ALL"}, "read only"),
        ({"query": ROWS, "default-graph-uri": "graph/x"}, "'graph/x' is no absolute IRI"),
        ({"query": ROWS, "named-graph-uri": ["urn:g", "a b"]}, "'a b' is no absolute IRI"),
        ({f"f{number}": "" for number in range(101)}, "more than 100 fields"),
    ],
)
def test_a_request_without_exactly_one_query_is_refused(
    client: FlaskClient, sent: dict[str, object], said: str
) -> None:
    body = urlencode(sent, doseq=True)
    for answer in (client.get(f"/sparql?{body}"), client.post("/sparql", data=body, content_type=FORM)):
        assert answer.status_code == 400
        assert said in answer.text


def test_a_query_in_the_url_and_another_in_the_body_are_two(client: FlaskClient) -> None:
    url = f"/sparql?query={quote(ROWS)}"
    assert "got 2" in client.post(url, data=ROWS, content_type=DIRECT).text
    assert "got 2" in client.post(url, data={"query": ROWS}).text


def test_what_is_not_utf8_is_refused_and_never_repaired(client: FlaskClient) -> None:
    latin = 'SELECT ("é" AS ?x) {}'.encode("latin-1")
    for answer in (
        client.post("/sparql", data=latin, content_type=DIRECT),
        client.post("/sparql", data=b"query=" + latin, content_type=FORM),
        client.post("/sparql", data=b"query=" + quote(latin).encode(), content_type=FORM),
        client.get(f"/sparql?query={quote(latin)}"),
    ):
        assert answer.status_code == 400
        assert "not UTF-8" in answer.text


@pytest.mark.harvest(13)
@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=x", None])
def test_a_post_of_another_type_is_refused_with_the_types_that_are_read(
    client: FlaskClient, content_type: str | None
) -> None:
    answer = client.post("/sparql", data=b"x", content_type=content_type)
    assert answer.status_code == 415
    assert FORM in answer.text
    assert DIRECT in answer.text


def test_an_update_is_refused_by_its_type(client: FlaskClient) -> None:
    answer = client.post("/sparql", data="CLEAR ALL", content_type="application/sparql-update")
    assert answer.status_code == 415
    assert "read only" in answer.text


@pytest.mark.harvest(13)
def test_another_charset_or_a_compressed_body_is_refused(client: FlaskClient) -> None:
    utf16 = client.post("/sparql", data=ROWS.encode("utf-16"), content_type=f"{DIRECT}; charset=utf-16")
    assert (utf16.status_code, "UTF-8" in utf16.text) == (415, True)
    packed = client.post("/sparql", data=ROWS, content_type=DIRECT, headers={"Content-Encoding": "gzip"})
    assert (packed.status_code, "uncompressed" in packed.text) == (415, True)


@pytest.mark.harvest(13)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_with_those_that_are_possible(client: FlaskClient, method: str) -> None:
    answer = client.open("/sparql", method=method)
    assert answer.status_code == 405
    assert {part.strip() for part in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "POST", "QUERY", "OPTIONS"}
    assert method in answer.text


def test_head_says_what_get_would_say_without_a_body(client: FlaskClient) -> None:
    got = client.get("/sparql", query_string={"query": ROWS})
    head = client.head("/sparql", query_string={"query": ROWS})
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers["Content-Length"] == str(len(got.data))


def test_a_body_beyond_the_limit_is_refused(client: FlaskClient) -> None:
    for content_type, head in ((DIRECT, b""), (FORM, b"query=")):
        answer = client.post("/sparql", data=head + b"#" * 20_000, content_type=content_type)
        assert answer.status_code == 413
        assert "larger than 16,384 bytes" in answer.text


def test_a_query_of_the_allowed_length_is_read_even_when_every_byte_is_percent_encoded(client: FlaskClient) -> None:
    query = "ASK {} #" + "é" * 2044
    assert len(query.encode()) == 4096
    body = "query=" + "".join(f"%{byte:02X}" for byte in query.encode())
    assert client.post("/sparql", data=body, content_type=FORM).status_code == 200


@pytest.mark.parametrize(
    ("dataset", "pattern", "found"),
    [
        ("", "?p a coop:Project", True),
        ("FROM <https://w3id.org/coopkg/graph/a-page>", "?p a coop:Project", True),
        ("FROM <https://w3id.org/coopkg/graph/editorial/organisations>", "?p a coop:Project", False),
        ("FROM NAMED <https://w3id.org/coopkg/graph/a-page>", "?p a coop:Project", False),
        ("FROM NAMED <https://w3id.org/coopkg/graph/a-page>", "GRAPH ?g { ?p a coop:Project }", True),
    ],
)
def test_from_narrows_what_is_asked(client: FlaskClient, dataset: str, pattern: str, found: bool) -> None:
    answer = client.get("/sparql", query_string={"query": f"ASK {dataset} {{ {pattern} }}", "format": "csv"})
    assert answer.text == str(found).lower()
