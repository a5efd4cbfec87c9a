"""No page escapes the browser tests: each route that answers pages has one in the registry."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from coopkg.graph import Graph
from coopkg.settings import Settings
from coopkg.web.app import create_app
from tests.e2e.pages import KINDS, NOT_PAGES
from tests.web.conftest import in_process, unbounded


@pytest.fixture(scope="module")
def app(rich: Settings) -> Flask:
    """Return the application over the rich graph, in this process."""
    published = Graph.open(rich, {})
    return create_app(published, unbounded(in_process(published)), rich)


def _rules(app: Flask) -> set[str]:
    """Return the routes that are read, but for those of files: their names end in a format."""
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return {rule for rule in rules if not re.search(r"\.(\w+|<[^>]+>)$", rule)}


def _rule_of(app: Flask, address: str) -> str:
    """Return the route that answers an address, or ""."""
    try:
        rule, _ = app.url_map.bind("localhost").match(unquote(address.partition("?")[0]), return_rule=True)
    except RequestRedirect as elsewhere:
        return _rule_of(app, elsewhere.new_url.removeprefix("http://localhost"))
    except HTTPException:
        return ""
    return str(rule.rule)


def test_each_route_has_a_page_in_the_registry_or_answers_none(app: Flask) -> None:
    visited = {_rule_of(app, kind.address) for kind in KINDS}
    forgotten = {rule for rule in _rules(app) - visited if not rule.startswith(NOT_PAGES)}
    assert forgotten == set()


def test_each_page_of_the_registry_has_a_route_but_the_one_that_is_not_found(app: Flask) -> None:
    assert [kind.name for kind in KINDS if not _rule_of(app, kind.address)] == ["not-found"]


def test_no_exception_is_stale(app: Flask) -> None:
    assert [start for start in NOT_PAGES if not any(rule.startswith(start) for rule in _rules(app))] == []


def test_each_name_is_given_once() -> None:
    names = [kind.name for kind in KINDS]
    assert sorted(names) == sorted(set(names))
