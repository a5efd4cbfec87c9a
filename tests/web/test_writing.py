"""Writing over HTTP: what a request says becomes a `Writing`, and what came of it is told."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coopkg import errors, reports
from coopkg.errors import CoopkgError
from coopkg.findings import Finding, Tier
from coopkg.rdf import DOCUMENT_FORMATS, RdfFormat, parse_quads
from coopkg.settings import Settings
from coopkg.update import Update
from coopkg.web.writes import Turns
from coopkg.worker import Document
from coopkg.writing import Act, Writing, Written
from tests.web.test_log import Lines, lines  # noqa: F401  # a fixture
from tests.web.writers import Desk

TURTLE = {"Content-Type": "text/turtle"}
NEW = "https://w3id.org/coopkg/graph/a-new-page"
KNOWN = "https://w3id.org/coopkg/graph/a-page"
BODY = "<http://s/> <http://p/> 'é' .".encode()


@pytest.fixture
def desk(small: Settings, tmp_path: Path) -> Desk:
    """Return an application that takes writes."""
    return Desk(replace(small, document_max_mb=1), tmp_path)


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    """Return a client that may write."""
    client = desk.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = desk.bearer["Authorization"]
    return client


def at(graph: str, **more: str) -> str:
    return f"/graph-store?{urlencode({'graph': graph, **more})}"


# What is asked.


@pytest.mark.parametrize(("method", "act"), [("PUT", Act.REPLACE), ("POST", Act.MERGE), ("DELETE", Act.DROP)])
def test_a_method_is_an_act_on_a_graph(client: FlaskClient, desk: Desk, method: str, act: Act) -> None:
    body = b"" if method == "DELETE" else BODY
    headers = {} if method == "DELETE" else TURTLE
    answer = client.open(at(NEW), method=method, data=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert desk.writer.asked == [
        Writing(
            act,
            graph=NEW,
            content=body,
            media_type="" if method == "DELETE" else "text/turtle",
            author="redaction",
            scopes=("https://w3id.org/coopkg/graph/a-*",),
        )
    ]


def test_an_update_comes_with_its_dataset(client: FlaskClient, desk: Desk) -> None:
    sent = {"update": "DROP ALL", "using-graph-uri": KNOWN, "message": "tout doit partir"}
    assert client.post("/sparql", data=sent).status_code == 200
    update = Update("DROP ALL", (KNOWN,), (), "http://localhost/sparql")
    assert (desk.writer.last.act, desk.writer.last.update) == (Act.UPDATE, update)
    assert (desk.writer.last.author, desk.writer.last.message) == ("redaction", "tout doit partir")


@pytest.mark.parametrize("media_type", DOCUMENT_FORMATS)
def test_each_syntax_of_documents_is_taken_as_it_came(client: FlaskClient, desk: Desk, media_type: str) -> None:
    answer = client.put(at(NEW), data=BODY, content_type=f'{media_type}; charset="UTF-8"')
    assert answer.status_code == 200
    assert (desk.writer.last.content, desk.writer.last.media_type) == (BODY, media_type)


def test_the_default_graph_is_for_the_writer_to_refuse(client: FlaskClient, desk: Desk) -> None:
    desk.writer.answer = errors.InputError("the default graph is the union of all others")
    answer = client.put("/graph-store?default", data=BODY, headers=TURTLE)
    assert (answer.status_code, answer.text) == (400, "the default graph is the union of all others\n")
    assert desk.writer.last.graph == ""


def test_a_graph_is_named_by_its_own_address(client: FlaskClient, desk: Desk) -> None:
    desk.writer.answer = Written(8, 0, 1, created=True)
    answer = client.put("/graph-store/person/1.ttl", data=BODY, headers=TURTLE)
    assert desk.writer.last.graph == "http://localhost/graph-store/person/1.ttl"
    assert (answer.status_code, answer.headers["Location"]) == (201, desk.writer.last.graph)
    assert client.get("/graph-store/person/1.ttl").status_code == 404


def test_a_post_without_a_graph_makes_one(client: FlaskClient, desk: Desk) -> None:
    desk.writer.answer = Written(8, 0, 1, created=True)
    made = [client.post("/graph-store", data=BODY, headers=TURTLE) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    places = [answer.headers["Location"] for answer in made]
    assert [writing.graph for writing in desk.writer.asked] == places
    assert len(set(places)) == 2
    assert all(re.fullmatch(r"http://localhost/graph-store/[0-9a-f]{16}", place) for place in places)


def test_a_repeated_post_without_a_graph_speaks_of_the_same_one(client: FlaskClient, desk: Desk) -> None:
    for key in ("a", "a", "b"):
        client.post("/graph-store", data=BODY, headers={**TURTLE, "Idempotency-Key": key})
    first, again, other = (writing.graph for writing in desk.writer.asked)
    assert first == again != other


def test_parts_are_read_by_workers_alone(client: FlaskClient, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(asked: object, *_: object) -> NoReturn:
        assert isinstance(asked, Document)
        raise errors.QueryTooHeavy(f"{asked.shown} is too heavy")

    monkeypatch.setattr(desk.app.config["SERVICE"], "ask", refusing)
    data = {name: (io.BytesIO(BODY), name, "text/turtle") for name in ("one", "two")}
    answer = client.post(at(NEW), data=data)
    assert (answer.status_code, answer.text) == (503, "part 'one' is too heavy\n")
    assert desk.writer.asked == []


def test_parts_become_one_document_with_blank_nodes_of_their_own(client: FlaskClient, desk: Desk) -> None:
    parts = [
        (b"_:a <http://p/> <x> .", "a.ttl", "text/turtle"),
        (b'_:a <http://p/> "2" .', "b.nt", "application/n-triples"),
    ]
    data = {f"part{number}": (io.BytesIO(body), name, kind) for number, (body, name, kind) in enumerate(parts)}
    assert client.post(at(NEW), data=data).status_code == 200
    assert desk.writer.last.media_type == "application/n-quads"
    quads = parse_quads(desk.writer.last.content, RdfFormat.N_QUADS, "")
    assert len({str(quad.subject) for quad in quads}) == 2
    assert {quad.object.value for quad in quads if hasattr(quad.object, "value")} == {
        "https://w3id.org/coopkg/graph/x",
        "2",
    }


def test_a_field_among_files_is_refused(client: FlaskClient, desk: Desk) -> None:
    answer = client.post(at(NEW), data={"file": (io.BytesIO(BODY), "a.ttl", "text/turtle"), "graph": KNOWN})
    assert (answer.status_code, "each part" in answer.text, desk.writer.asked) == (400, True, [])


def test_one_part_is_taken_as_it_came(client: FlaskClient, desk: Desk) -> None:
    answer = client.post(at(NEW), data={"file": (io.BytesIO(BODY), "a.ttl", "text/turtle; charset=utf-8")})
    assert answer.status_code == 200
    assert (desk.writer.last.content, desk.writer.last.media_type) == (BODY, "text/turtle")


@pytest.mark.parametrize(
    ("header", "field", "message"),
    [
        (None, None, ""),
        ("corrige une date", None, "corrige une date"),
        ("corrig%C3%A9%20hier", None, "corrigé hier"),
        ("UTF-8''corrig%C3%A9", None, "corrigé"),
        ("utf-8''100%25", None, "100%"),
        ("100 % vrai", None, "100 % vrai"),
        (None, "corrigé & relu", "corrigé & relu"),
        (None, "é" * 500, "é" * 500),
    ],
)
def test_a_message_says_why(
    client: FlaskClient, desk: Desk, header: str | None, field: str | None, message: str
) -> None:
    address = at(NEW) if field is None else at(NEW, message=field)
    headers = TURTLE if header is None else {**TURTLE, "Coopkg-Message": header}
    assert client.put(address, data=BODY, headers=headers).status_code == 200
    assert desk.writer.last.message == message


def test_a_key_is_the_tokens_own(client: FlaskClient, desk: Desk) -> None:
    client.put(at(NEW), data=BODY, headers={**TURTLE, "Idempotency-Key": "8e03978e-40d5"})
    assert desk.writer.last.key == f"{desk.token.id}:8e03978e-40d5"


@pytest.mark.parametrize(("said", "dry_run"), [("", False), ("&dry-run=true", True), ("&dry-run=false", False)])
def test_a_dry_run_is_asked_for(client: FlaskClient, desk: Desk, said: str, dry_run: bool) -> None:
    desk.writer.answer = Written(7, 0, 1, created=True)
    answer = client.put(at(NEW) + said, data=BODY, headers=TURTLE)
    assert desk.writer.last.dry_run is dry_run
    assert (answer.status_code, "Location" in answer.headers) == ((200, False) if dry_run else (201, True))


# On what it depends.


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ('"{0}"', 0),
        ('"{0}", "1", "2"', 0),
        ('"{0}", "{0}00"', 0),
        ('"1","{0}"', 0),
        (', "{0}" ,', 0),
        ('W/"1", "{0}"', 0),
        ('"x y", "{0}"', None),  # a space is no part of a tag
        ('"abc", "{0}"', 0),
        ('"{0}00"', "00"),
    ],
)
def test_if_match_names_the_revision(client: FlaskClient, desk: Desk, tags: str, expected: int | str | None) -> None:
    header = tags.format(desk.revision)
    answer = client.put(at(NEW), data=BODY, headers={**TURTLE, "If-Match": header})
    if expected is None:
        assert (answer.status_code, desk.writer.asked) == (400, [])
    else:
        assert desk.writer.last.expected == int(f"{desk.revision}{expected or ''}")


@pytest.mark.parametrize(
    "tags", ['W/"1"', '"abc"', '""', '"01"', '"-1"', '"1e3"', '"' + "9" * 19 + '"', 'W/"1", W/"2"']
)
def test_tags_that_are_no_revision_match_nothing(client: FlaskClient, desk: Desk, tags: str) -> None:
    answer = client.put(at(NEW), data=BODY, headers={**TURTLE, "If-Match": tags})
    assert (answer.status_code, desk.writer.asked) == (412, [])
    assert f'If-Match: "{desk.revision}"' in answer.text


@pytest.mark.parametrize(
    "tags", ["", "12", "'12'", '"12', '12"', '"1" "2"', '"1";"2"', '*, "1"', '"1", *', 'w/"1"', ","]
)
def test_an_if_match_that_is_no_list_of_tags_is_refused(client: FlaskClient, desk: Desk, tags: str) -> None:
    answer = client.put(at(NEW), data=BODY, headers={**TURTLE, "If-Match": tags})
    assert (answer.status_code, desk.writer.asked) == (400, [])


@pytest.mark.parametrize(
    ("method", "graph", "header", "status"),
    [
        ("PUT", NEW, "If-None-Match", 200),
        ("PUT", KNOWN, "If-None-Match", 412),
        ("POST", KNOWN, "If-None-Match", 412),
        ("PUT", KNOWN, "If-Match", 200),
        ("PUT", NEW, "If-Match", 412),
        ("DELETE", KNOWN, "If-Match", 200),
        ("DELETE", NEW, "If-Match", 412),
        ("DELETE", NEW, "If-None-Match", 400),
    ],
)
def test_a_graph_must_be_there_or_be_new(
    client: FlaskClient, desk: Desk, method: str, graph: str, header: str, status: int
) -> None:
    answer = client.open(at(graph), method=method, data=BODY, headers={**TURTLE, header: "*"})
    assert answer.status_code == status, answer.text
    # What was seen holds for the revision in which it was seen.
    assert [writing.expected for writing in desk.writer.asked] == ([desk.revision] if status == 200 else [])


def test_an_update_knows_a_revision_alone(client: FlaskClient, desk: Desk) -> None:
    def send(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post("/sparql", data={"update": "DROP ALL"}, headers=named).status_code

    assert send(If_Match=f'"{desk.revision}"') == 200
    assert desk.writer.last.expected == desk.revision
    assert send(If_Match="*") == 200
    assert desk.writer.last.expected is None
    assert send(If_None_Match="*") == 400


# What is not taken.


def _put(address: str = at(NEW), **headers: str) -> tuple[str, str, bytes, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return "PUT", address, BODY, {**TURTLE, **named}


def _parts(kind: str, disposition: str = 'form-data; name="a"; filename="a"') -> tuple[str, str, bytes, dict[str, str]]:
    body = f"--x\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n{BODY.decode()}\r\n--x--\r\n"
    return "POST", at(NEW), body.encode(), {"Content-Type": "multipart/form-data; boundary=x"}


REFUSED: dict[str, tuple[tuple[str, str, bytes, dict[str, str]], int, str]] = {
    "no graph": (_put("/graph-store"), 400, "give one graph"),
    "no graph to remove": (("DELETE", "/graph-store", b"", {}), 400, "give one graph"),
    "two graphs": (_put(f"{at(NEW)}&graph={quote(KNOWN)}"), 400, "give one graph"),
    "a graph and the default one": (_put(f"{at(NEW)}&default"), 400, "give one graph"),
    "a default graph with a value": (_put("/graph-store?default=1"), 400, "give one graph"),
    "a relative graph": (_put(at("a-page")), 400, "'a-page' is no absolute IRI"),
    "an empty graph": (_put(at("")), 400, "'' is no absolute IRI"),
    "a graph that ends its IRI": (_put(at("http://g/> {} #")), 400, "is no absolute IRI"),
    "a graph that is not UTF-8": (_put("/graph-store?graph=http://g/%E9"), 400, "not UTF-8"),
    "two names": (_put(f"/graph-store/x?graph={quote(NEW)}"), 400, "names a graph itself"),
    "no type": (("PUT", at(NEW), BODY, {}), 415, "no type; say with Content-Type which it is of: text/turtle"),
    "another type": (("PUT", at(NEW), BODY, {"Content-Type": "text/html"}), 415, "application/n-quads"),
    "a form": (("POST", at(NEW), b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}), 415, "text/turtle"),
    "an update": (("POST", at(NEW), b"DROP ALL", {"Content-Type": "application/sparql-update"}), 415, "text/turtle"),
    "another charset": (("PUT", at(NEW), BODY, {"Content-Type": "text/turtle; charset=latin-1"}), 415, "UTF-8 only"),
    "compressed": (_put(Content_Encoding="gzip"), 415, "send it uncompressed"),
    "a piece": (_put(Content_Range="bytes 0-9/100"), 400, "Content-Range"),
    "too long": (("PUT", at(NEW), b"#" * (1 << 20) + b"#", TURTLE), 413, "larger than 1,048,576 bytes"),
    "parts by PUT": (("PUT", *_parts("text/turtle")[1:]), 415, "multipart/form-data"),
    "a part of another type": (_parts("text/html"), 415, "part 'a' is of text/html"),
    "a part of another charset": (_parts("text/turtle; charset=latin-1"), 415, "part 'a' is read as UTF-8"),
    "a part that is no file": (_parts("text/turtle", 'form-data; name="a"'), 400, "each part"),
    "no part": (("POST", at(NEW), b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"}), 400, "each part"),
    "no boundary": (("POST", at(NEW), BODY, {"Content-Type": "multipart/form-data"}), 400, "each part"),
    "a key with a space": (_put(Idempotency_Key="a b"), 400, "Idempotency-Key"),
    "an empty key": (_put(Idempotency_Key=""), 400, "Idempotency-Key"),
    "a long key": (_put(Idempotency_Key="a" * 256), 400, "Idempotency-Key"),
    "a key that is not ASCII": (_put(Idempotency_Key="é"), 400, "Idempotency-Key"),
    "a key of what must be new": (_put(Idempotency_Key="a", If_None_Match="*"), 400, "Idempotency-Key"),
    "a tag that must not match": (_put(If_None_Match='"3"'), 400, '"*" alone'),
    "two messages": (_put(at(NEW, message="a"), Coopkg_Message="b"), 400, "one message"),
    "a message twice": (_put(at(NEW, message="a") + "&message=b"), 400, "one message"),
    "a long message": (_put(at(NEW, message="é" * 501)), 400, "501 characters"),
    "a line break": (_put(Coopkg_Message="a%0Ab"), 400, "control character"),
    "an escape": (_put(at(NEW, message="a\x1b[2Jb")), 400, "control character"),
    "a direction": (_put(at(NEW, message="a\u202eb")), 400, "control character"),
    "a line separator": (_put(at(NEW, message="a\u2028b")), 400, "control character"),
    "a message that is not UTF-8": (_put(Coopkg_Message="%E9"), 400, "not UTF-8"),
    "a dry run, perhaps": (_put(at(NEW, **{"dry-run": "1"})), 400, "dry-run='1'"),
    "a dry run and none": (_put(at(NEW, **{"dry-run": "true"}) + "&dry-run=false"), 400, "dry-run"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_clear_write_is_refused_before_the_writer(client: FlaskClient, desk: Desk, case: str) -> None:
    (method, address, body, headers), status, said = REFUSED[case]
    answer = client.open(address, method=method, data=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert desk.writer.asked == []


@pytest.mark.parametrize("method", ["PATCH", "QUERY", "LOCK"])
def test_other_methods_write_nothing(client: FlaskClient, desk: Desk, method: str) -> None:
    answer = client.open(at(NEW), method=method, data=BODY, headers=TURTLE)
    assert answer.status_code == 405
    assert {"PUT", "POST", "DELETE"} <= set(answer.headers["Allow"].split(", "))
    assert desk.writer.asked == []


# What is answered.


def test_the_answer_says_what_was_done(client: FlaskClient, desk: Desk) -> None:
    desk.writer.answer = Written(
        9, 3, 4, repeated=True, findings=(Finding(Tier.WARNING, "http://x", (("fr", "Mieux."),)),)
    )
    answer = client.put(at(KNOWN), data=BODY, headers=TURTLE)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert json.loads(answer.text) == {
        "revision": 9,
        "removed": 3,
        "added": 4,
        "created": False,
        "repeated": True,
        "findings": [reports.as_object(Finding(Tier.WARNING, "http://x", (("fr", "Mieux."),)))],
    }
    assert (answer.headers["Coopkg-Revision"], answer.headers["ETag"]) == ("9", '"9"')
    assert "Location" not in answer.headers


def test_a_new_graph_is_told_with_its_address(client: FlaskClient, desk: Desk) -> None:
    desk.writer.answer = Written(9, 0, 4, created=True)
    answer = client.put(at(NEW), data=BODY, headers={**TURTLE, "Prefer": "return=minimal"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/graph-store?graph={quote(NEW, safe='')}"
    assert json.loads(answer.text)["created"] is True
    assert "Preference-Applied" not in answer.headers


@pytest.mark.parametrize("prefer", ["return=minimal", "respond-async, return=minimal; x=y", 'return="minimal"'])
def test_who_wants_little_gets_no_body(client: FlaskClient, desk: Desk, prefer: str) -> None:
    answer = client.put(at(KNOWN), data=BODY, headers={**TURTLE, "Prefer": prefer})
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert (answer.headers["Coopkg-Revision"], answer.headers["ETag"]) == ("8", '"8"')


def test_a_graph_is_given_with_its_revision_as_its_tag(client: FlaskClient, desk: Desk) -> None:
    for method in ("GET", "HEAD"):
        answer = client.open(at(KNOWN), method=method)
        assert answer.headers["ETag"] == f'"{answer.headers["Coopkg-Revision"]}"' == f'"{desk.revision}"'
    assert client.get("/sparql?query=ASK{}").headers["ETag"] != f'"{desk.revision}"'


FOUND = (
    Finding(
        *(Tier.VIOLATION, "http://x/1", (("fr", "Donnez un nom."), ("en", "Give a name."))),
        *("https://w3id.org/coopkg/shapes#Project-label", "MinCountConstraintComponent", "skos:prefLabel", "v\nw"),
    ),
    Finding(Tier.VIOLATION, "http://x/2", (("fr", "Retirez ceci."), ("en", "Remove this."))),
)


@pytest.mark.parametrize(
    ("language", "said"),
    [("", "Donnez"), ("fr", "Donnez"), ("en-GB", "Give"), ("de, en;q=0.5", "Give"), ("de", "Donnez")],
)
def test_a_refusal_lists_every_finding_in_the_readers_language(
    client: FlaskClient, desk: Desk, language: str, said: str
) -> None:
    desk.writer.answer = errors.WriteRejected(FOUND)
    headers = {**TURTLE, **({"Accept-Language": language} if language else {})}
    answer = client.put(at(NEW), data=BODY, headers=headers)
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    first, *rest = answer.text.splitlines()
    assert first.startswith("refused: 2 findings")
    assert [line.split()[:2] for line in rest] == [["Violation", "<http://x/1>"], ["Violation", "<http://x/2>:"]]
    assert f"{said} " in rest[0]


def test_a_program_gets_findings_as_members(client: FlaskClient, desk: Desk) -> None:
    desk.writer.answer = errors.WriteRejected(FOUND)
    headers = {**TURTLE, "Accept": "application/problem+json", "Accept-Language": "en"}
    told: dict[str, Any] = json.loads(client.put(at(NEW), data=BODY, headers=headers).text)
    assert (told["status"], told["type"].rpartition("#")[2]) == (422, "rejected")
    assert told["findings"] == list(map(reports.as_object, FOUND))
    assert told["findings"][0]["message"]["en"] == "Give a name."


@pytest.mark.parametrize(
    ("refusal", "status", "headers"),
    [
        (errors.RevisionConflict(7, 9), 412, {"ETag": '"9"', "Coopkg-Revision": "9"}),
        (errors.ScopeExceeded("the token does not cover x"), 403, {}),
        (errors.KeyReused("the key stands for another request"), 422, {}),
        (errors.QueryError("line 1"), 400, {}),
        (errors.InputError("line 1"), 400, {}),
        (errors.UnknownGraph("no graph x"), 404, {}),
        (errors.ServerBusy("wait", 3.0), 503, {"Retry-After": "3"}),
        (errors.StateLocked("wait"), 503, {"Retry-After": "5"}),
        (errors.DiskFullError("/srv/secret is full"), 507, {}),
        (errors.StateDamaged("/srv/secret is damaged"), 500, {}),
    ],
    ids=lambda value: value.code if isinstance(value, CoopkgError) else "",
)
def test_what_the_writer_refuses_has_its_status(
    client: FlaskClient, desk: Desk, refusal: CoopkgError, status: int, headers: dict[str, str]
) -> None:
    desk.writer.answer = refusal
    answer = client.put(at(NEW), data=BODY, headers=TURTLE)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in headers} == headers
    assert "secret" not in answer.text


def test_one_writes_two_wait_and_the_fourth_is_refused(desk: Desk) -> None:
    answers: list[TestResponse] = []

    def write() -> None:
        answers.append(desk.app.test_client().put(at(NEW), data=BODY, headers={**TURTLE, **desk.bearer}))

    desk.app.config["TURNS"] = Turns(waiting_max=2)
    desk.writer.may_go_on.clear()
    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 30
    while not answers and time.monotonic() < end:  # the one that is refused answers first
        time.sleep(0.01)
    assert [answer.status_code for answer in answers] == [503]
    assert answers[0].headers["Retry-After"]
    desk.writer.may_go_on.set()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 503]
    assert (len(desk.writer.asked), desk.writer.most_at_once) == (3, 1)


def test_a_refused_write_gives_its_turn_back(client: FlaskClient, desk: Desk) -> None:
    desk.writer.answer = errors.WriteRejected(FOUND)
    assert [client.put(at(NEW), data=BODY, headers=TURTLE).status_code for _ in range(5)] == [422] * 5


def test_the_log_says_who_wrote_and_never_what(client: FlaskClient, desk: Desk, lines: Lines) -> None:  # noqa: F811  # a fixture
    client.put(at(NEW, message="a-word-of-mine"), data=BODY, headers=TURTLE).close()
    assert (lines.last["token"], lines.last["revision"], lines.last["status"]) == (desk.token.id, "8", 200)
    desk.writer.answer = errors.WriteRejected(FOUND)
    client.put(at(NEW), data=BODY, headers=TURTLE).close()
    assert (lines.last["token"], lines.last["error"]) == (desk.token.id, "rejected")
    client.get("/sparql?query=ASK{}").close()
    assert "token" not in lines.last
    text = "\n".join(lines.texts)
    assert desk.secret.partition(".")[2] not in text
    assert "a-word-of-mine" not in text


def test_reading_goes_on_as_ever(client: FlaskClient, desk: Desk) -> None:
    assert client.get(at(KNOWN)).status_code == 200
    assert client.get(at(NEW)).status_code == 404
    assert client.post("/sparql", data={"query": "ASK {}"}).status_code == 200
    assert desk.writer.asked == []
