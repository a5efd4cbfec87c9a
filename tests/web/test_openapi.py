"""`openapi.yaml` describes the application as it is: each public path, its methods, its parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from coopkg.settings import Settings
from coopkg.web.site.interface import description, groups
from tests.conftest import REPOSITORY
from tests.web.writers import Desk

FILE = REPOSITORY / "src/coopkg/web/openapi.yaml"
#: OpenAPI 3.1 has no word for QUERY; the others are answered by Flask itself.
_UNSAID = {"HEAD", "OPTIONS", "QUERY"}


def shape(path: str) -> str:
    """A path with its parameters unnamed, in the form of Flask or of OpenAPI."""
    return re.sub(r"<[^>]+>|\{[^}]+\}", "{}", path)


def routes(small: Settings, folder: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule in Desk(small, folder).app.url_map.iter_rules():
        found.setdefault(shape(rule.rule), set()).update((rule.methods or set()) - _UNSAID)
    return found


def resolved(one: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in one:
        return one
    found: Any = description()
    for step in one["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return resolved(found)


def operations() -> Iterator[tuple[str, str, dict[str, Any], list[dict[str, Any]]]]:
    """Each path and method with its operation and parameters."""
    for path, item in description()["paths"].items():
        there = resolved(item)
        for method in ("get", "post", "put", "delete", "patch"):
            if method in there:
                said = there[method]
                yield (
                    path,
                    method,
                    said,
                    [resolved(one) for one in (*there.get("parameters", ()), *said.get("parameters", ()))],
                )


def nodes(one: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of the description."""
    if isinstance(one, dict):
        yield one
        for value in one.values():
            yield from nodes(value)
    elif isinstance(one, list):
        for value in one:
            yield from nodes(value)


def described() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path, method, _, _ in operations():
        found.setdefault(shape(path), set()).add(method.upper())
    return found


def test_each_route_is_described_with_its_methods(small: Settings, tmp_path: Path) -> None:
    said = described()
    for path, methods in routes(small, tmp_path).items():
        assert said.get(path) == methods, path


def test_nothing_is_described_that_is_not_there(small: Settings, tmp_path: Path) -> None:
    assert set(described()) - set(routes(small, tmp_path)) == set()


def test_each_reference_leads_to_something() -> None:
    for node in nodes(description()):
        assert resolved(node) is not None


def test_each_operation_has_a_tag_a_sentence_in_both_languages_and_answers() -> None:
    tags = {one["name"] for one in description()["tags"]}
    for path, method, said, parameters in operations():
        assert set(said["tags"]) <= tags, (path, method)
        for one in (said, *parameters, *(resolved(answer) for answer in said["responses"].values())):
            assert one["x-fr"], (path, method, one)
            assert one.get("summary") or one.get("description"), (path, method, one)
        assert any(code[0] in "23" for code in said["responses"]), (path, method)


def test_the_parameters_of_a_path_are_those_that_stand_in_it() -> None:
    for path, method, _, parameters in operations():
        named = {one["name"] for one in parameters if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), (path, method)
        assert all(one["required"] for one in parameters if one["in"] == "path")
        assert len({(one["name"], one["in"]) for one in parameters}) == len(parameters)


def test_what_writes_asks_for_a_token() -> None:
    for path, method, said, _ in operations():
        writes = "writing" in said["tags"] and method != "get"
        assert ("security" in said) is writes, (path, method)


def test_the_version_is_that_of_the_program() -> None:
    assert description()["info"]["version"] in (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")


def test_the_description_is_given_as_it_is_written_and_as_json(client: FlaskClient) -> None:
    written = client.get("/openapi.yaml")
    assert (written.mimetype, written.data) == ("application/yaml", FILE.read_bytes())
    assert client.get("/openapi.json").get_json() == yaml.safe_load(written.text)
    assert json.dumps(description())


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_tells_every_operation(client: FlaskClient, lang: str) -> None:
    page = client.get("/api", query_string={"lang": lang}).text
    for path, method, _, _ in operations():
        assert f"<code>{method.upper()} {path}</code>" in page
    told = sum(len(operation.paths) for group in groups(lang) for operation in group.operations)
    assert told == len(list(operations()))


def test_an_error_has_the_members_of_its_schema(client: FlaskClient) -> None:
    told = client.get("/sparql?query=", headers={"Accept": "application/problem+json"}).get_json()
    schema = description()["components"]["schemas"]["Problem"]
    assert set(schema["required"]) <= told.keys() <= schema["properties"].keys()
