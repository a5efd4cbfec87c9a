"""HTTP: what RFC 9110 asks of every open address, by our own rules and by those of httplint, which redbot runs."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest

from tests.harvest import faults
from tests.harvest.asking import Told, asked
from tests.harvest.between import Fault, between
from tests.harvest.conftest import told_in
from tests.web.conftest import Served

CHOSEN_BY_ACCEPT = (
    "/catalog",
    "/dataset/graph",
    "/.well-known/void",
    "/doc/project/a-page",
    "/ns",
    "/scheme/role",
    "/shapes",
    "/sparql",
)
OF_ONE_FORM = (
    "/",
    "/catalog.ttl",
    "/catalog.rdf",
    "/catalog.jsonld",
    "/context.jsonld",
    "/dumps/",
    "/dumps/latest/coopkg.nq.gz",
    "/dumps/latest/manifest.json",
    "/dumps/latest/projects.csv",
    "/feed",
    "/changes",
    "/changes/1",
    "/reconcile",
    "/robots.txt",
    "/sitemap.xml",
)
OPEN = (*CHOSEN_BY_ACCEPT, *OF_ONE_FORM)
ELSEWHERE = {"Origin": "https://another.example"}
#: Types whose text is guessed to be of another encoding when none is said.
OF_TEXT = ("text/", "application/rdf+xml", "application/n-triples", "application/n-quads")


def complaints(root: str, path: str) -> list[str]:
    """Return what is wrong with the answers of an address."""
    plain = asked(root + path, headers=ELSEWHERE)
    if plain.status != 200:
        return [f"{plain.status} for a request without any wish"]
    return [*_of_headers(plain, path), *_of_methods(root + path, plain), *_of_conditions(root + path, plain)]


def _of_headers(plain: Told, path: str) -> Iterator[str]:
    if len(plain.headers.get_all("Date", [])) != 1:
        yield f"not one Date: {plain.headers.get_all('Date')}"
    kind = plain.headers.get("Content-Type", "")
    if kind.startswith(OF_TEXT) and "charset=utf-8" not in kind.replace('"', "").lower():
        yield f"no charset: {kind}"
    if path in CHOSEN_BY_ACCEPT:
        if "html" in kind:
            yield f"HTML for whoever says no wish: {kind}"
        if "accept" not in [name.strip().lower() for name in plain.headers.get("Vary", "").split(",")]:
            yield f"no Vary by Accept: {plain.headers.get('Vary')}"
    if plain.headers.get("Access-Control-Allow-Origin") != "*":
        yield "other origins may not read it"
    exposed = plain.headers.get("Access-Control-Expose-Headers", "").lower()
    if exposed != "*":
        yield from (f"{name} is not exposed" for name in ("ETag", "Link", "Retry-After") if name.lower() not in exposed)


def _of_methods(address: str, plain: Told) -> Iterator[str]:
    head = asked(address, "HEAD")
    if (head.status, head.body) != (200, b""):
        yield f"HEAD is answered by {head.status}"
    yield from (
        f"HEAD says another {name}"
        for name in ("Content-Type", "ETag", "Vary", "Content-Length")
        if head.headers.get(name, plain.headers.get(name)) != plain.headers.get(name)
    )
    options = asked(address, "OPTIONS", {**ELSEWHERE, "Access-Control-Request-Method": "GET"})
    if options.status not in (200, 204) or "GET" not in options.headers.get("Access-Control-Allow-Methods", ""):
        yield f"OPTIONS is answered by {options.status}"


def _of_conditions(address: str, plain: Told) -> Iterator[str]:
    tag = plain.headers.get("ETag", "")
    is_page = plain.headers.get("Content-Type", "").startswith("text/html")
    if not tag.removeprefix("W/" if is_page else "").startswith('"'):
        yield f"no strong tag: {tag!r}"
        return
    same = asked(address, headers={"If-None-Match": tag})
    if (same.status, same.body) != (304, b""):
        yield f"{same.status} and not 304 for whoever has it"
    elif same.headers.get("ETag") != tag or same.headers.get("Vary") != plain.headers.get("Vary"):
        yield "304 with another tag or another Vary"
    pressed = asked(address, headers={"Accept-Encoding": "gzip"})
    if pressed.headers.get("Content-Encoding") != "gzip":
        return
    if pressed.headers.get("ETag") == tag and not is_page:
        yield "one tag for two codings"
    if gzip.decompress(pressed.body) != plain.body:
        yield "another content when it is compressed"


FAULTS: dict[str, tuple[str, Fault, str]] = {
    "no Vary": ("/catalog", faults.without_header("Vary"), "no Vary by Accept"),
    "HTML without a wish": ("/catalog", faults.html_without_a_wish, "HTML for whoever says no wish"),
    "no charset": ("/catalog.ttl", faults.without_charset, "no charset"),
    "a weak tag": ("/catalog.ttl", faults.with_header("ETag", 'W/"weak"'), "no strong tag"),
    "no tag": ("/dumps/latest/manifest.json", faults.without_header("ETag"), "no strong tag"),
    "a tag that is never the same": ("/catalog.ttl", faults.with_header("ETag", '"another"'), "200 and not 304"),
    "closed to other origins": ("/catalog", faults.without_header("Access-Control-Allow-Origin"), "may not read"),
    "nothing exposed": ("/catalog", faults.without_header("Access-Control-Expose-Headers"), "ETag is not exposed"),
    "no Date": ("/catalog", faults.without_header("Date"), "not one Date"),
    "a redirect": ("/catalog", faults.moved, "301"),
}
#: What httplint warns of and is meant so, in its words: "public" is for shared caches that are older than RFC 9111.
ACCEPTED = ("field-cache-control: Cache-Control: public is probably not necessary.",)
#: What httplint finds; the words are its own.
BAD_FIELDS: dict[str, tuple[Fault, str]] = {
    "a tag without quotes": (faults.with_header("ETag", "abc"), "etag"),
    "a date that is none": (faults.with_header("Last-Modified", "yesterday"), "last-modified"),
    "an age that is none": (faults.with_header("Cache-Control", "max-age=soon"), "max-age"),
}


@pytest.mark.harvest(9)
@pytest.mark.harvest(10)
@pytest.mark.harvest(11)
@pytest.mark.harvest(14)
@pytest.mark.harvest(21)
@pytest.mark.parametrize("path", OPEN)
def test_an_open_address_is_answered_by_the_book(portal: Served, path: str) -> None:
    assert complaints(portal.url, path) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_an_answer_shows(portal: Served, fault: str) -> None:
    path, planted, words = FAULTS[fault]
    with between(portal.host, portal.port, planted) as root:
        assert words in "\n".join(complaints(root, path))


@pytest.mark.harvest(10)
def test_httplint_has_nothing_against_any_open_address(portal: Served) -> None:
    told = told_in("web", "web_read.py", "judged", *(portal.url + path for path in OPEN))
    found = {path: [note for note in notes if note not in ACCEPTED] for path, notes in zip(OPEN, told, strict=True)}
    assert {path: notes for path, notes in found.items() if notes} == {}


@pytest.mark.parametrize("fault", BAD_FIELDS)
def test_httplint_sees_a_bad_field(portal: Served, fault: str) -> None:
    planted, words = BAD_FIELDS[fault]
    with between(portal.host, portal.port, planted) as root:
        (told,) = told_in("web", "web_read.py", "judged", f"{root}/catalog.ttl")
    assert words in "\n".join(told).lower()


@pytest.mark.harvest(9)
@pytest.mark.harvest(15)
def test_a_refusal_says_one_plain_sentence_and_what_is_on_offer(portal: Served) -> None:
    refused = asked(f"{portal.url}/catalog", headers={**ELSEWHERE, "Accept": "application/pdf"})
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (406, "*")
    first, *_ = refused.body.decode().splitlines()
    assert "on offer: text/turtle" in first
    problem = asked(f"{portal.url}/catalog?page=x", headers={"Accept": "application/problem+json"})
    assert (problem.status, problem.headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.harvest(9)
def test_from_a_thing_to_its_page_by_303(portal: Served) -> None:
    answer = asked(f"{portal.url}/id/project/a-page", headers=ELSEWHERE)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (303, "*")
    assert urljoin(portal.url, answer.headers["Location"]) == f"{portal.url}/doc/project/a-page"
