"""`/api`: every public address, for who writes a program; a page in both languages made from `openapi.yaml`.

The only module that reads that file, which is written by hand and given as it is.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, Response, current_app

from coopkg.web.site import layout

blueprint = Blueprint("site-interface", __name__)

_FILE = Path(__file__).parent.parent / "openapi.yaml"
_METHODS = ("get", "post", "put", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter: its name, whether it is a part of the address, and what it says."""

    name: str
    is_in_path: bool
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does at some addresses that are alike: most of them are one.

    Its answers are those that are no refusals: refusals are the same everywhere.
    """

    method: str
    paths: tuple[str, ...]
    says: str
    fields: tuple[Field, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations of one kind."""

    tag: str
    says: str
    operations: tuple[Operation, ...]


@blueprint.get("/api")
def page() -> Response:
    """Show every address with its parameters and answers."""
    lang = layout.reader_lang()
    return layout.page(
        "api.html",
        groups=groups(lang),
        says=_said(description()["info"], lang),
        version=description()["info"]["version"],
        limits=current_app.config["LIMITS"],
    )


@blueprint.get("/openapi.yaml")
def as_yaml() -> Response:
    """Give the description as it is written."""
    return Response(_FILE.read_text(encoding="utf-8"), mimetype="application/yaml")


@blueprint.get("/openapi.json")
def as_json() -> Response:
    """Give the description as JSON."""
    return Response(json.dumps(description(), ensure_ascii=False, indent=1), mimetype="application/json")


@functools.cache
def description() -> dict[str, Any]:
    """Return the description, read once."""
    said: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return said


@functools.cache
def groups(lang: str) -> list[Group]:
    """Return the operations in a language, by the tags of the description; addresses that are alike stand together."""
    alike = dict[tuple[str, str, str], Operation]()
    for tag, operation in _operations(lang):
        key = tag, operation.method, operation.says
        paths = (*alike[key].paths, *operation.paths) if key in alike else operation.paths
        alike[key] = Operation(operation.method, paths, operation.says, operation.fields, operation.answers)
    return [
        Group(one["name"], _said(one, lang), tuple(found for (tag, _, _), found in alike.items() if tag == one["name"]))
        for one in description()["tags"]
    ]


def _operations(lang: str) -> Iterator[tuple[str, Operation]]:
    for path, item in description()["paths"].items():
        there = _resolved(item)
        for method in _METHODS:
            if said := there.get(method):
                fields = [_resolved(one) for one in (*there.get("parameters", ()), *said.get("parameters", ()))]
                answers = [
                    _answer(code, _resolved(one), lang) for code, one in said["responses"].items() if code != "default"
                ]
                yield (
                    said["tags"][0],
                    Operation(
                        method.upper(),
                        (path,),
                        _said(said, lang),
                        tuple(Field(one["name"], one["in"] == "path", _said(one, lang)) for one in fields),
                        tuple(answers),
                    ),
                )


def _answer(code: str, answer: Mapping[str, Any], lang: str) -> str:
    """Return what an answer is in a line: its status, what it says, its media types."""
    types = ", ".join(answer.get("content", ()))
    return f"{code} – {_said(answer, lang)}{f' ({types})' if types else ''}"


def _resolved(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference of the description refers to, or what is no reference itself."""
    if "$ref" not in one:
        return one
    found: Any = description()
    for step in one["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _resolved(found)


def _said(one: Mapping[str, Any], lang: str) -> str:
    if lang == "fr":
        return _spaced(one["x-fr"])
    return str(one["summary"] if "responses" in one else one["description"])


def _spaced(french: str) -> str:
    """Return a French text with the spaces that no line may break at; the file has plain ones."""
    for mark in (";", ":", "?", "!"):
        french = french.replace(f" {mark}", f"\u00a0{mark}")
    return french.replace("'", "’")
