"""What all pages share: addresses, dates, languages, what a page costs."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopkg import names
from coopkg.budget import Budgets
from coopkg.graph import Graph
from coopkg.quarantine import Quarantine
from coopkg.service import QueryService
from coopkg.settings import Settings
from coopkg.web.app import create_app
from coopkg.web.site import layout
from tests.web.conftest import in_process


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        (f"{names.BASE}id/project/a-project", "/doc/project/a-project?lang=en"),
        (f"{names.BASE}id/territory/région", "/doc/territory/r%C3%A9gion?lang=en"),
        (f"{names.BASE}scheme/role/initiator", "/scheme/role/initiator?lang=en"),
        (f"{names.COOP}Project", "/ns?lang=en#Project"),
        ("https://example.org/?a=b", "https://example.org/?a=b"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("urn:x", ""),
    ],
)
def test_a_thing_is_found_at_its_page_or_at_its_own_address(app: Flask, iri: str, address: str) -> None:
    with app.test_request_context("/?lang=en"):
        assert layout.doc(iri) == address


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        ("2019", "2019", "2019"),
        ("2019-07", "juillet 2019", "July 2019"),
        ("2019-08-01", "1er août 2019", "1 August 2019"),
        ("2019-12-24T10:00:00Z", "24 décembre 2019", "24 December 2019"),
        ("soon", "soon", "soon"),
        ("2019-13", "2019-13", "2019-13"),
    ],
)
def test_a_date_is_no_more_precise_than_it_is_known(value: str, french: str, english: str) -> None:
    assert (layout.day(value, "fr"), layout.day(value, "en")) == (french, english)


@pytest.mark.parametrize(
    ("text", "lang", "shown"),
    [
        ("Atelier « Coopérer » : l'essai d'Aix !", "fr", "Atelier «\u00a0Coopérer\u00a0»\u00a0: l’essai d’Aix\u00a0!"),
        ("« Vivre ensemble »", "fr", "«\u00a0Vivre ensemble\u00a0»"),
        ("1DigneToit !", "fr", "1DigneToit\u00a0!"),
        ("coop :Project 'a'", "fr", "coop :Project 'a'"),
        ("the town's « a » : b", "en", "the town's « a » : b"),
    ],
)
def test_a_french_text_is_printed_as_french_is(text: str, lang: str, shown: str) -> None:
    assert layout.typeset(text, lang) == shown


def test_the_other_language_keeps_all_that_the_address_says(client: FlaskClient) -> None:
    page = client.get("/?a=1&lang=fr&a=2&b=%C3%A9%26").text
    assert 'href="/?lang=en&amp;a=1&amp;a=2&amp;b=%C3%A9%26"' in page


def test_a_page_that_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert {*again.vary} == {*first.vary} == {"Accept-Encoding", "Accept-Language"}
    assert client.get("/?lang=en", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_what_a_page_costs_is_counted_for_its_client(small: Settings) -> None:
    """A budget that one page spends whole: the second is refused, and says when to come back."""
    published = Graph.open(small, {})
    budgets = Budgets(0.0001, 1)
    service = QueryService(in_process(published), budgets, Quarantine(0.0), deadline_s=10.0, deadline_max_s=60.0)
    client = create_app(published, service, small).test_client()
    assert client.get("/").status_code == 200
    refused = client.get("/")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert client.get("/health").status_code == 200
