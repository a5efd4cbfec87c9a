"""The Reconciliation Service API in process: the protocol as OpenRefine speaks it, its pages, and bad input."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg.graph import Graph
from coopkg.index import Index
from coopkg.names import BASE, COOP
from coopkg.rdf import RdfFormat, parse_quads
from coopkg.service import Client
from coopkg.settings import Settings
from coopkg.store import QuadStore
from coopkg.web.app import create_app
from tests.builders import ID
from tests.told import Held
from tests.web.conftest import in_process, unbounded

ASSOCIATION, CITY = f"{ID}organisation/une-association", f"{ID}organisation/une-ville"
ORGANISATION = "http://www.w3.org/ns/org#Organization"
REGION = f"{BASE}scheme/territory-level/region"
#: What browsers and OpenRefine's own pages ask for.
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JQUERY = "application/json, text/javascript, */*; q=0.01"

NAMED = {"id": str, "name": str}
SUGGESTIONS = {"result": [{**NAMED, "description?": str, "notable?": [NAMED]}], "cursor?": int}
CANDIDATE = {
    **NAMED,
    "description": str,
    "type": [NAMED],
    "score": float,
    "match": bool,
    "features": [{"id": str, "value": float}],
}


def conforms(value: Any, form: Any) -> bool:
    """Whether a value of JSON has a form: of an object all its members, and no others."""
    if isinstance(form, type):
        return type(value) is form
    if isinstance(form, list):
        return isinstance(value, list) and all(conforms(one, form[0]) for one in value)
    members = {name.rstrip("?"): part for name, part in form.items()}
    return (
        isinstance(value, Mapping)
        and value.keys() <= members.keys()
        and all(name.endswith("?") or name in value for name in form)
        and all(conforms(one, members[name]) for name, one in value.items())
    )


def read(answer: TestResponse) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.text)


def posted(client: FlaskClient, name: str, said: object) -> TestResponse:
    """Ask as OpenRefine does: a form with one field of JSON."""
    return client.post("/reconcile", data={name: json.dumps(said)}, headers={"Accept": "*/*"})


def answers(client: FlaskClient, **queries: object) -> dict[str, Any]:
    answer = posted(client, "queries", queries)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = read(answer)
    return found


def test_a_bare_get_gives_the_manifest(client: FlaskClient) -> None:
    answer = client.get("/reconcile?lang=en", headers={"Accept": JQUERY})
    assert answer.content_type == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    said = read(answer)
    assert said["versions"] == ["0.1", "0.2"]
    assert (said["identifierSpace"], said["schemaSpace"]) == (BASE, COOP)
    assert said["batchSize"] == 50
    assert conforms(said["defaultTypes"], [NAMED])
    assert said["view"] == {"url": "http://localhost/reconcile/view?lang=en&id={{id}}"}
    assert said["preview"]["url"] == "http://localhost/reconcile/preview?lang=en&id={{id}}"
    assert (said["preview"]["width"], said["preview"]["height"]) == (430, 300)


def test_each_address_of_the_manifest_answers(client: FlaskClient) -> None:
    said = read(client.get("/reconcile"))
    paths = [said["documentation"], said["logo"], said["view"]["url"], said["preview"]["url"]]
    paths += [part["service_url"] + part["service_path"] for part in said["suggest"].values()]
    paths += [part["flyout_service_url"] + part["flyout_service_path"] for part in said["suggest"].values()]
    proposing = said["extend"]["propose_properties"]
    paths.append(proposing["service_url"] + proposing["service_path"])
    for path in paths:
        address = path.replace("{{id}}", ASSOCIATION).replace("${id}", ASSOCIATION)
        assert address.startswith("http://localhost/")
        assert client.get(address.removeprefix("http://localhost")).status_code in (200, 303), address


def test_a_setting_says_where_the_service_is_reached(small: Settings) -> None:
    published = Graph.open(small, {})
    settings = Settings(content=small.content, state=small.state, public_url="https://coop.example/")
    said = read(create_app(published, unbounded(in_process(published)), settings).test_client().get("/reconcile"))
    assert said["preview"]["url"].startswith("https://coop.example/reconcile/preview?")
    assert said["identifierSpace"] == BASE


@pytest.mark.parametrize("accept", ["", "*/*", JQUERY, "application/json"])
def test_a_program_gets_the_manifest_and_a_browser_a_page(client: FlaskClient, accept: str) -> None:
    assert client.get("/reconcile", headers={"Accept": accept}).content_type == "application/json"
    page = client.get("/reconcile", headers={"Accept": BROWSER})
    assert page.content_type == "text/html; charset=utf-8"
    assert {"Accept", "Accept-Language"} <= set(page.vary.to_header().split(", "))


@pytest.mark.parametrize(("lang", "title"), [("fr", "Réconcilier un tableau"), ("en", "Reconcile a table")])
def test_the_page_says_how_to_use_it(client: FlaskClient, lang: str, title: str) -> None:
    page = client.get(f"/reconcile?lang={lang}", headers={"Accept": BROWSER}).text
    assert f"<h1>{title}</h1>" in page
    assert "<code>http://localhost/reconcile</code>" in page
    assert "<code>departement</code>" in page


def test_nothing_else_is_on_offer(client: FlaskClient) -> None:
    answer = client.get("/reconcile", headers={"Accept": "text/turtle"})
    assert answer.status_code == 406
    assert "application/json, text/html" in answer.text


def test_a_batch_is_answered_question_by_question(client: FlaskClient) -> None:
    found = answers(
        client,
        q0={"query": "UNE VILE", "type": ORGANISATION, "type_strict": "should"},
        q1={"query": "Ile de france", "limit": 2},
        q2={"query": "zzyzx"},
    )
    assert list(found) == ["q0", "q1", "q2"]
    assert all(conforms(one, {"result": [CANDIDATE]}) for one in found.values())
    assert [one["id"] for one in found["q0"]["result"] if one["match"]] == [CITY]
    assert [one["id"] for one in found["q1"]["result"] if one["match"]] == [f"{ID}territory/region/11"]
    assert len(found["q1"]["result"]) <= 2
    assert found["q2"]["result"] == []


def test_a_batch_is_answered_by_get_as_well(client: FlaskClient) -> None:
    queries = json.dumps({"q0": {"query": "Une ville"}})
    answer = client.get("/reconcile", query_string={"queries": queries})
    assert read(answer) == answers(client, q0={"query": "Une ville"})


@pytest.mark.parametrize("query", ["Une ville", '{"query": "Une ville"}'])
def test_one_question_alone_is_answered_alone(client: FlaskClient, query: str) -> None:
    answer = client.get("/reconcile", query_string={"query": query})
    assert read(answer)["result"][0]["id"] == CITY


def test_types_and_names_are_in_the_language_of_the_address(client: FlaskClient) -> None:
    said = {}
    for lang in ("fr", "en"):
        answer = client.post(f"/reconcile?lang={lang}", data={"queries": json.dumps({"q": {"query": "Ile de france"}})})
        assert answer.headers["Content-Language"] == lang
        said[lang] = read(answer)["q"]["result"][0]["type"][0]["name"]
    assert said == {"fr": "Région", "en": "Region"}


def test_an_empty_batch_has_no_answers(client: FlaskClient) -> None:
    assert answers(client) == {}


def test_fifty_questions_are_answered_and_one_more_is_refused(client: FlaskClient) -> None:
    question = {"query": f"{ID}organisation/une-ville"}
    assert len(answers(client, **{f"q{number}": question for number in range(50)})) == 50
    answer = posted(client, "queries", {f"q{number}": question for number in range(51)})
    assert answer.status_code == 400
    assert "51 questions are too many; ask 50 of them at a time" in answer.text


def test_values_are_fetched(client: FlaskClient) -> None:
    wanted = [{"id": "actor-kind"}, {"id": "action"}, {"id": "siren"}]
    answer = posted(client, "extend", {"ids": [ASSOCIATION, "x"], "properties": wanted})
    assert read(answer)["meta"][2] == {"id": "siren", "name": "SIREN"}
    assert conforms(read(answer)["meta"], [{**NAMED, "type?": NAMED}])
    rows = read(answer)["rows"]
    assert [one["name"] for one in rows[ASSOCIATION]["action"]] == ["Un projet"]
    assert rows["x"] == {"actor-kind": [], "action": [], "siren": []}
    assert conforms(list(rows[ASSOCIATION].values()), [[NAMED]])


def test_suggestions_of_things_go_on_from_what_was_typed(client: FlaskClient) -> None:
    found = read(client.get("/reconcile/suggest/entity?prefix=une"))
    assert conforms(found, SUGGESTIONS)
    assert {ASSOCIATION, CITY} <= {one["id"] for one in found["result"]}
    of_type = read(client.get("/reconcile/suggest/entity", query_string={"prefix": "ile", "type": REGION}))
    assert [one["id"] for one in of_type["result"]] == [f"{ID}territory/region/11"]
    other = read(client.get("/reconcile/suggest/entity", query_string={"prefix": "ile", "type": ORGANISATION}))
    assert other == {"result": []}


def test_suggestions_come_in_parts(client: FlaskClient) -> None:
    first = read(client.get("/reconcile/suggest/property"))
    rest = read(client.get(f"/reconcile/suggest/property?cursor={first['cursor']}"))
    ids = [one["id"] for one in (*first["result"], *rest["result"])]
    assert len(first["result"]) == 10
    assert len(ids) == len(set(ids)) > 10


def test_an_exact_suggestion_bears_the_name(client: FlaskClient) -> None:
    assert read(client.get("/reconcile/suggest/entity?prefix=une%20vill&exact=true")) == {"result": []}
    exact = read(client.get("/reconcile/suggest/entity?prefix=une%20VILLE&exact=true"))["result"]
    assert [one["id"] for one in exact] == [CITY]


def test_types_and_properties_are_suggested_by_their_names(client: FlaskClient) -> None:
    types = read(client.get("/reconcile/suggest/type?prefix=r%C3%A9g&lang=fr"))
    assert [one["id"] for one in types["result"]] == [REGION]
    found = read(client.get("/reconcile/suggest/property?prefix=dep&lang=fr"))
    assert found["result"][0] == {"id": "departement", "name": "Département"}


def test_properties_are_proposed_for_a_type(client: FlaskClient) -> None:
    said = read(client.get("/reconcile/properties", query_string={"type": ORGANISATION, "limit": "3"}))
    assert (said["type"], said["limit"], len(said["properties"])) == (ORGANISATION, 3, 3)
    proposed = read(client.get("/reconcile/properties", query_string={"type": ORGANISATION}))["properties"]
    every = {one["id"] for one in proposed}
    assert "siren" in every
    assert "population" not in every


@pytest.mark.parametrize(("lang", "more"), [("fr", "Toute la page"), ("en", "The whole page")])
def test_a_preview_may_be_framed_by_anybody_and_runs_nothing(client: FlaskClient, lang: str, more: str) -> None:
    page = client.get("/reconcile/preview", query_string={"id": ASSOCIATION, "lang": lang})
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "<script" not in page.text
    assert "<strong>Une association</strong>" in page.text
    assert more in page.text


def test_no_other_page_may_be_framed(client: FlaskClient) -> None:
    page = client.get("/reconcile", headers={"Accept": BROWSER})
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_a_flyout_is_the_same_in_json(client: FlaskClient) -> None:
    said = read(client.get("/reconcile/flyout", query_string={"id": ASSOCIATION}))
    assert said["id"] == ASSOCIATION
    assert "<strong>Une association</strong>" in said["html"]
    assert "Région" in read(client.get("/reconcile/flyout", query_string={"id": REGION, "lang": "fr"}))["html"]
    assert "SIREN" in read(client.get("/reconcile/flyout", query_string={"id": "siren"}))["html"]


def test_a_name_that_wishes_harm_is_shown_as_a_text() -> None:
    iri = f"{ID}organisation/hostile"
    text = f"""<urn:g> {{ <{iri}> a <{ORGANISATION}> ;
        <http://www.w3.org/2004/02/skos/core#prefLabel> "<script>alert(1)</script>"@fr . }}"""
    store, index = QuadStore.apart(list(parse_quads(text.encode(), RdfFormat.TRIG, "a test"))), Index()
    index.build(store, 1)
    held = Held(store)
    client = create_app(held, unbounded(in_process(held)), Settings(), index=index).test_client()
    shown = client.get("/reconcile/preview", query_string={"id": iri}).text
    flown = read(client.get("/reconcile/flyout", query_string={"id": iri}))["html"]
    index.close()
    for html in (shown, flown):
        assert "<script" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_a_view_leads_to_the_page_of_a_thing_and_never_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/reconcile/view", query_string={"id": ASSOCIATION, "lang": "en"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/doc/organisation/une-association?lang=en")
    for other in ("https://evil.example/", "//evil.example", f"{BASE}id/nothing", "", f"{BASE}../../x", "javascript:1"):
        refused = client.get("/reconcile/view", query_string={"id": other})
        assert refused.status_code == 404, other
        assert "Location" not in refused.headers


BAD: list[tuple[str, dict[str, str], int, str]] = [
    ("POST", {"x": "y"}, 400, "a POST carries one of the fields queries, query, extend"),
    ("POST", {"queries": ""}, 400, "queries: is no JSON"),
    ("POST", {"queries": "{"}, 400, "queries: is no JSON"),
    ("POST", {"queries": "[" * 5_000}, 400, "queries: is no JSON"),
    ("POST", {"queries": '{"a":' * 1_000}, 400, "queries: is no JSON"),
    ("POST", {"queries": "9" * 5_000}, 400, "queries: is no JSON"),
    ("POST", {"queries": "[]"}, 400, "queries: an object"),
    ("POST", {"queries": "null"}, 400, "queries: an object"),
    ("POST", {"queries": '"La Fonda"'}, 400, "queries: an object"),
    ("POST", {"queries": '{"q0": 7}'}, 400, "queries.q0: an object"),
    ("POST", {"queries": '{"q0": {"query": "a", "limit": 1e999}}'}, 400, "queries.q0.limit"),
    ("POST", {"queries": '{"q0": {"query": "a", "limit": NaN}}'}, 400, "queries.q0.limit"),
    ("POST", {"queries": '{"q0": {"query": "a", "type": "x"}}'}, 400, "queries.q0.type: 'x' is no type here"),
    ("POST", {"queries": '{"q0": {"query": "\\ud800"}}'}, 400, "surrogates not allowed"),
    ("POST", {"queries": '{"q0": {"query": "\\u0000"}}'}, 400, "queries.q0.query: holds a character"),
    ("POST", {"queries": '{"\\ud800": {"query": 7}}'}, 400, "queries: is no JSON"),
    ("POST", {"query": "{"}, 400, "query: is no JSON"),
    ("POST", {"query": "{}"}, 400, "query.query: is missing"),
    ("POST", {"queries": f'{{"q0": {{"query": "a", "limit": {400 * "9"}}}}}'}, 400, "queries.q0.limit"),
    ("POST", {"extend": "[]"}, 400, "extend: an object"),
    ("POST", {"queries": "{}", "extend": "{}"}, 400, "ask them apart"),
    ("GET", {"callback": "alert"}, 400, "never a script"),
    ("GET", {"query": "a", "callback": "alert"}, 400, "never a script"),
]


@pytest.mark.parametrize(("method", "fields", "status", "told"), BAD)
def test_bad_input_is_told_what_to_do(
    client: FlaskClient, method: str, fields: dict[str, str], status: int, told: str
) -> None:
    where = {"query_string": fields} if method == "GET" else {"data": fields}
    answer = client.open("/reconcile", method=method, **where)  # type: ignore[arg-type]  # one of the two that werkzeug takes
    assert answer.status_code == status, answer.text
    assert told in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/reconcile?query=a&query=b", 400, "'query' is given 2 times"),
        ("/reconcile?queries=%ff", 400, "not UTF-8"),
        ("/reconcile/suggest/entity?prefix=a&prefix=b", 400, "'prefix' is given 2 times"),
        ("/reconcile/suggest/entity?prefix=a&cursor=x", 400, "cursor='x': give one whole number"),
        ("/reconcile/suggest/entity?prefix=a&cursor=-1", 400, "cursor='-1'"),
        ("/reconcile/suggest/entity?prefix=a&cursor=1001", 400, "cursor=1001: nobody reads so far"),
        ("/reconcile/suggest/entity?prefix=a&cursor=99999999999999999999", 400, "cursor="),
        ("/reconcile/suggest/entity?prefix=a&type=x", 400, "type: 'x' is no type here"),
        ("/reconcile/suggest/property?type=x", 400, "type: 'x' is no type here"),
        ("/reconcile/properties?type=x", 400, "type: 'x' is no type here"),
        ("/reconcile/properties?limit=x", 400, "limit='x'"),
        ("/reconcile/flyout", 400, "id: '' is no property here"),
        ("/reconcile/preview", 404, "give the id of a candidate"),
        ("/reconcile/preview?id=%00", 404, "give the id of a candidate"),
        (f"/reconcile/preview?id={ID}lesson/nothing", 404, "give the id of a candidate"),
        ("/reconcile/nowhere", 404, "nothing at this address"),
    ],
)
def test_a_bad_address_is_told_what_to_do(client: FlaskClient, path: str, status: int, told: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert told in answer.text


@pytest.mark.parametrize("prefix", ["", "%00", "'", '"*', "%F0%9F%98%80", "a" * 3_000])
def test_no_prefix_breaks_the_suggestions(client: FlaskClient, prefix: str) -> None:
    for what in ("entity", "type", "property"):
        assert client.get(f"/reconcile/suggest/{what}?prefix={prefix}").status_code == 200


def test_a_body_that_is_no_form_is_refused(client: FlaskClient) -> None:
    answer = client.post("/reconcile", json={"queries": {}})
    assert answer.status_code == 415
    assert "in a form (application/x-www-form-urlencoded); got application/json" in answer.text


def test_a_body_is_bounded(client: FlaskClient, app: Flask) -> None:
    longer = "a" * (app.config["MAX_CONTENT_LENGTH"] + 1)
    assert client.post("/reconcile", data={"queries": longer}).status_code == 413


def test_many_values_of_properties_are_refused_together(client: FlaskClient) -> None:
    question = {"query": "a", "properties": [{"pid": "insee", "v": ["1"] * 10}] * 10}
    answer = posted(client, "queries", {f"q{number}": question for number in range(6)})
    assert answer.status_code == 400
    assert "600 values of properties are too many; give 500 at most in all" in answer.text


def test_who_spent_the_budget_is_told_when_to_come_back(small: Settings) -> None:
    published = Graph.open(small, {})
    service = unbounded(in_process(published))
    client = create_app(published, service, small).test_client()
    assert client.get("/reconcile").status_code == 200
    service.charge(Client("127.0.0.1", lambda: False), 2e9)
    answer = posted(client, "queries", {"q0": {"query": "Une ville"}})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_partial_index_is_no_ground_for_an_answer(small: Settings) -> None:
    published = Graph.open(small, {})
    client = create_app(published, unbounded(in_process(published)), small, index=Index()).test_client()
    answer = posted(client, "queries", {"q0": {"query": "Une ville"}})
    assert answer.status_code == 503
    assert re.fullmatch("[0-9]+", answer.headers["Retry-After"])


def test_pages_of_other_origins_may_ask(client: FlaskClient) -> None:
    asking = {"Origin": "http://127.0.0.1:3333", "Access-Control-Request-Method": "POST"}
    answer = client.options("/reconcile", headers=asking)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_an_answer_that_did_not_change_is_304(client: FlaskClient) -> None:
    tag = client.get("/reconcile").headers["ETag"]
    assert client.get("/reconcile", headers={"If-None-Match": tag}).status_code == 304


def test_an_empty_cell_has_no_candidates_and_does_not_keep_others_from_theirs(client: FlaskClient) -> None:
    queries = {"q0": {"query": "Une ville"}, "q1": {"query": " "}, "q2": {"query": ""}}
    found = json.loads(client.post("/reconcile", data={"queries": json.dumps(queries)}).text)
    assert [len(found[name]["result"]) > 0 for name in queries] == [True, False, False]


def test_a_number_of_any_length_is_only_a_value(client: FlaskClient) -> None:
    asked = {"query": "Une ville", "properties": [{"pid": "siren", "v": int(400 * "9")}]}
    assert client.post("/reconcile", data={"query": json.dumps(asked)}).status_code == 200


def test_the_language_of_the_service_asks_for_no_page(client: FlaskClient) -> None:
    assert client.get("/reconcile?lang=en").mimetype == "application/json"
