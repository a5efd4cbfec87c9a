"""`/docs`: the documents that come with coopkg, as pages for a browser and as they are written for everybody else."""

from __future__ import annotations

import functools
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from coopkg import resources
from coopkg.errors import NotAcceptable
from coopkg.web import representation
from coopkg.web.site import layout
from coopkg.web.site.markdown import Rendered, rendered

blueprint = Blueprint("site-docs", __name__)

_FORMS = ("text/plain", "text/markdown", "text/html")
_ELSEWHERE = re.compile(r"(?:https?|mailto):")


@dataclass(frozen=True, slots=True)
class Entry:
    """A document in the list: its name below `/docs/`, its title, and its first paragraph, which is in French."""

    name: str
    title: str
    summary: str


@blueprint.get("/docs/")
def index() -> Response:
    """List the documents, each with its summary; the decisions apart."""
    entries = [_entry(name) for name in sorted(_paths())]
    return layout.page(
        "docs.html",
        documents=[one for one in entries if "/" not in one.name],
        decisions=[one for one in entries if "/" in one.name],
    )


@blueprint.get("/docs/<path:name>")
def document(name: str) -> Response:
    """Show a document, so that a reader finds it wherever the program runs."""
    if name in _pictures():
        return Response(_pictures()[name].read_bytes(), mimetype="image/png")
    if name not in _paths():
        raise NotFound
    form = _form()
    if form == "text/html":
        response = layout.page("document.html", name=name, document=_rendered(name))
    else:
        response = Response(_paths()[name].read_text(encoding="utf-8"), mimetype=form)
    response.vary.add("Accept")
    return response


def texts() -> list[str]:
    """Return the names of the documents that are written for people, sorted."""
    return sorted(name for name in _paths() if name.endswith(".md"))


@functools.cache
def _paths() -> dict[str, Path]:
    """Return the documents by their names: nothing else is read, whatever an address says."""
    return _found("*.md") | _found("*.schema.json")


@functools.cache
def _pictures() -> dict[str, Path]:
    return _found("*.png")


def _found(pattern: str) -> dict[str, Path]:
    folder = resources.shipped() / "docs"
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob(pattern)}


@functools.cache
def _rendered(name: str) -> Rendered:
    text = _paths()[name].read_text(encoding="utf-8")
    if not name.endswith(".md"):
        return rendered(f"# {name}\n\n```\n{text}\n```\n", lambda _: "")
    return rendered(text, functools.partial(_address, posixpath.dirname(name)))


def _address(folder: str, target: str) -> str:
    """Return where a link of a document in a folder leads: elsewhere, to another document, or nowhere that is served.

    >>> _address("adr", "../model.md#dates"), _address("", "../SECURITY.md"), _address("", "javascript:x")
    ('/docs/model.md#dates', '', '')
    """
    if _ELSEWHERE.match(target) or target.startswith("#"):
        return target
    path, hash_sign, fragment = target.partition("#")
    name = posixpath.normpath(posixpath.join(folder, path))
    return f"/docs/{name}{hash_sign}{fragment}" if name in _paths() | _pictures() else ""


@functools.cache
def _entry(name: str) -> Entry:
    text = _paths()[name].read_text(encoding="utf-8")
    summary = re.search(r"(?ms)^En bref : (.+?)(?:\n\n|\Z)", text)
    return Entry(name, _rendered(name).title, " ".join(_plain(summary[1]).split()) if summary else "")


def _plain(markdown: str) -> str:
    """Return a paragraph without the marks of links and code."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", markdown).replace("`", "")


def _form() -> str:
    try:
        return representation.wanted(offers=_FORMS)
    except NotAcceptable:
        return _FORMS[0]
