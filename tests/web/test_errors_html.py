"""A refusal: a page for a browser, with what to do; one sentence for everybody else."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import errors
from coopkg.errors import CoopkgError
from coopkg.settings import Settings
from coopkg.web import problems
from coopkg.web.app import create_app
from coopkg.web.site.refusals import _words
from tests.web.conftest import in_process, unbounded
from tests.web.held import BROWSER, Held

KEPT = ("Retry-After", "WWW-Authenticate", "Coopkg-Revision")
FAULTS: dict[str, CoopkgError] = {
    one.code: one
    for one in (
        *(errors.InputError("it is <wrong>"), errors.QueryError("line 1"), errors.NotAcceptable("no such type")),
        *(errors.UnknownGraph("no such graph"), errors.RevisionGone("not kept"), errors.AnswerTooLarge("too long")),
        *(
            errors.UnsupportedMediaType("no such body"),
            errors.Unauthorised("no token"),
            errors.BudgetSpent("spent", 12.0),
        ),
        *(errors.ServerBusy("busy"), errors.QueryTimedOut("stopped"), errors.StateDamaged("a secret of the inside")),
        *(errors.WriteRejected([]), errors.QueryQuarantined("refused", 3.0), errors.StateLocked("a secret too")),
    )
}


@pytest.fixture
def failing() -> Flask:
    """Return an application that fails as its address says, and that has no graph."""
    held = Held((), {})
    app = create_app(held, unbounded(in_process(held)), Settings())

    def fail(code: str) -> str:
        if code == "bug":
            raise ValueError("a secret of the inside")
        raise FAULTS[code]

    app.add_url_rule("/fail/<code>", view_func=fail)
    return app


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_reader_who_finds_nothing_is_led_on(client: FlaskClient, lang: str) -> None:
    answer = client.get("/nothing", query_string={"lang": lang}, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert answer.headers["Content-Language"] == lang
    assert ("Il n’y a rien à cette adresse" in answer.text) is (lang == "fr")
    for path in ("/", "/projects", "/organisations", "/territories"):
        assert f'<li><a href="{path}?lang={lang}">' in answer.text
    assert '<p class="fault" lang="en">There is nothing at this address;' in answer.text
    assert 'name="q" type="search"' in answer.text


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "text/plain"),
        ("*/*", "text/plain"),
        ("text/plain", "text/plain"),
        ("text/csv", "text/plain"),
        ("application/json", "text/plain"),
        ("application/problem+json", "application/problem+json"),
        ("application/problem+json, text/html;q=0.5", "application/problem+json"),
        ("text/html;q=0.5, text/plain", "text/plain"),
        ("text/html", "text/html"),
        (BROWSER["Accept"], "text/html"),
    ],
)
def test_only_who_prefers_a_page_gets_one(client: FlaskClient, accept: str | None, form: str) -> None:
    answer = client.get("/nothing", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype) == (404, form)
    assert "Accept" in re.split(", *", answer.headers["Vary"])
    if form == "text/plain":
        assert answer.text == "There is nothing at this address; the home page / says what is published here.\n"


@pytest.mark.parametrize("code", FAULTS)
def test_each_error_is_a_page_that_says_what_to_do(failing: Flask, code: str) -> None:
    page = failing.test_client().get(f"/fail/{code}?lang=fr", headers=BROWSER)
    plain = failing.test_client().get(f"/fail/{code}")
    assert page.status_code == plain.status_code == problems.status_of(FAULTS[code])
    assert (page.mimetype, plain.mimetype) == ("text/html", "text/plain")
    assert plain.text.splitlines()[0] in html.unescape(page.text)
    assert "secret" not in page.text
    assert "<wrong>" not in page.text
    assert {name: page.headers.get(name) for name in KEPT} == {name: plain.headers.get(name) for name in KEPT}
    assert page.text.count("<h1>") == 1


def test_a_page_says_when_to_come_back(failing: Flask) -> None:
    page = failing.test_client().get("/fail/budget-spent?lang=fr", headers=BROWSER)
    assert page.status_code == 429
    assert f"Vous pouvez revenir dans {page.headers['Retry-After']}\u00a0s." in page.text


def test_a_page_about_a_fault_of_ours_tells_nothing_of_the_inside(failing: Flask) -> None:
    failing.config["PROPAGATE_EXCEPTIONS"] = False
    page = failing.test_client().get("/fail/bug?lang=en", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (500, "text/html")
    assert "The fault is ours." in page.text
    assert "secret" not in page.text


def test_a_page_about_a_fault_needs_no_graph(failing: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: Held) -> None:
        raise errors.NothingPublished("nothing is published any more")

    monkeypatch.setattr(Held, "current", gone)
    page = failing.test_client().get("/about?lang=fr", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert "Le serveur est occupé" in page.text


def test_a_page_is_kept_by_nobody_and_has_the_policy_of_the_site(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers=BROWSER)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert "ETag" not in answer.headers
    assert '<meta name="robots" content="noindex">' in answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_wrong_method_says_which_are_possible(client: FlaskClient) -> None:
    answer = client.delete("/about?lang=en", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert "GET" in answer.headers["Allow"]
    assert "DELETE is not possible here; possible:" in answer.text


def test_a_wrong_query_from_a_browser_is_told_in_a_page(client: FlaskClient) -> None:
    answer = client.post("/sparql", data={"query": "SELECT"}, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "Coopkg-Limits" in answer.headers


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/doc/project/un-jardin-a-nous", "un jardin a nous"),
        ("/id/organisation/l_%C3%A9cole", "l école"),
        ("/doc/project/<script>", "script"),
        ("/doc/x", "x"),
        ("/other/un-jardin", ""),
        ("/doc/", ""),
    ],
)
def test_the_place_of_a_thing_that_is_not_there_is_offered_as_a_search(
    client: FlaskClient, path: str, words: str
) -> None:
    page = client.get(path, headers=BROWSER)
    assert page.status_code == 404
    (searched,) = re.findall(r'<input id="find"[^>]* value="([^"]*)"', page.text)
    assert searched == words
    assert ("/search?" in page.text) is bool(words)


def test_only_so_many_words_are_offered() -> None:
    assert len(_words(f"/doc/project/{'a-' * 5_000}")) <= 100


@pytest.mark.parametrize(
    "path",
    [
        *("/%FF", "/%00", "/%ED%A0%80", "/<script>", "/%3Cscript%3E", "/a%0d%0aX: y", "/\u202e", "/" + "x" * 8_000),
        *("/query?query=%E9", "/?a=%FF", "/nothing?lang=%FF", "/nothing?q=%ED%A0%80", "/nothing?" + "a=1&" * 200),
        *("/doc/%FF", "/doc/a/b/c/%00", "/doc/\u202eabc", "/doc/project/" + "y" * 8_000, "/.", "/nothing?lang=xx"),
    ],
)
def test_whatever_is_asked_the_page_is_whole_and_harmless(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code in (400, 404)
    assert answer.mimetype == "text/html"
    assert answer.text.rstrip().endswith("</html>")
    assert "<script>" not in answer.text
