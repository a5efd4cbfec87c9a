"""The feed over HTTP: its root, which alone changes, its pages and versions, which never do (`docs/feed.md`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Blueprint, Response, current_app, g

from coopkg import names, rdf, register
from coopkg.errors import RevisionGone
from coopkg.feed import Feed, document
from coopkg.feed.table import Page
from coopkg.rdf import Quad, RdfFormat
from coopkg.web import public, representation
from coopkg.web.site import layout, refusals

blueprint = Blueprint("site-feed", __name__)

#: The first three are triples: there the named graphs of statements are not told.
ENDINGS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "nq": "application/n-quads",
    "jsonld": "application/ld+json",
}
_WITHOUT_GRAPHS = ("text/turtle", "application/n-triples")
_ENDING = f"<any({', '.join(ENDINGS)}):ending>"
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_MARK = re.compile(r"([1-9][0-9]{0,8})-[0-9a-f]{12}")
_PEOPLE = (representation.HTML,)
_YEAR_S = 365 * 24 * 3600
_SHOWN = 80


@blueprint.get("/feed", defaults={"ending": ""})
@blueprint.get(f"/feed.{_ENDING}")
def root(ending: str) -> Response:
    """Give the root: what the feed is, its pages, and the versions that are on none yet."""
    form, node = _form(ending, *_PEOPLE), public.here()
    if form == representation.HTML:
        return _page()
    with _feed().reading() as reading:
        _, time, mark = reading.revision

        def lines() -> Iterator[str]:
            pages = reading.pages()
            rest = reading.on_page(len(pages) + 1)
            return document.root(node, reading.begun, pages, lambda page: _address(page, ending), rest)

        erased = [erasure.time for erasure in register.erasures(current_app.config["STATE"])]
        return _answered(form, (mark, node), lines, max([time, *erased]))


@blueprint.get("/feed/<name>")
def page(name: str) -> Response:
    """Give a page that is full, which never changes; lead there by its number alone."""
    name, ending = representation.parted(name, ENDINGS)
    form, node = _form(ending), public.here()
    number, _, mark = name.partition("-")
    with _feed().reading() as reading:
        found = reading.page(int(number)) if _NUMBER.fullmatch(number) else None
        if found and name == number:
            return Response(status=302, headers={"Location": _address(found, ending)})
        if found is None or found.mark != mark:
            return _withdrawn(mark, f"{name[:_SHOWN]!r}: the feed has no such page, or it is not full yet")
        return _answered(
            form, (mark, node), lambda: document.page(node, reading.on_page(found.number)), found.last, _YEAR_S
        )


@blueprint.get("/feed/version/<path:path>")
def version(path: str) -> Response:
    """Give one version of a thing, by its IRI; it never changes."""
    path, ending = representation.parted(path, ENDINGS)
    mark, _, local = path.partition("/")
    form = _form(ending)
    with _feed().reading() as reading:
        found = reading.version(names.BASE + local, mark)
        if found is None:
            return _withdrawn(mark, f"{path[:_SHOWN]!r}: the feed has no such version")
        return _answered(form, (found.iri,), found.lines, found.time, _YEAR_S)


def _feed() -> Feed:
    feed: Feed = current_app.config["FEED"]
    return feed


def _form(ending: str, *more: str) -> str:
    return representation.wanted(ending, (*ENDINGS.values(), *more), ENDINGS)


def _page() -> Response:
    """Say to people how a program follows what changes, with commands to copy."""
    layout.opened()
    response = layout.page("feed.html", revision=g.manifest.revision)
    response.vary.add("Accept")
    return response


def _address(page: Page, ending: str) -> str:
    return public.addresses().at(f"feed/{page.number}-{page.mark}{f'.{ending}' if ending else ''}")


def _answered(
    form: str, tagged: tuple[str, ...], lines: Callable[[], Iterator[str]], time: str, lasting_s: int = 0
) -> Response:
    modified = datetime.fromisoformat(time).timestamp() if time else None
    return representation.of_tagged(
        tagged, form, lambda: [_written(lines(), form)], modified=modified, lasting_s=lasting_s
    )


def _written(lines: Iterator[str], form: str) -> bytes:
    content = "".join(f"{line}\n" for line in lines).encode()
    if form == ENDINGS["nq"]:
        return content
    quads = rdf.parse_quads(content, RdfFormat.N_QUADS, "the feed")
    if form in _WITHOUT_GRAPHS:
        quads = list(dict.fromkeys(Quad(*quad.triple) for quad in quads))
    return rdf.to_bytes(quads, rdf.DOCUMENT_FORMATS[form], document.PREFIXES)


def _withdrawn(mark: str, sentence: str) -> Response:
    """Answer for what is not there: whether an erasure took it, or nothing ever was.

    Raises:
        RevisionGone: an erasure may have taken it.
    """
    revision = int(found[1]) if (found := _MARK.fullmatch(mark)) else 0
    for erasure in register.erasures(current_app.config["STATE"]):
        if erasure.first <= revision <= erasure.after:
            raise RevisionGone(
                f"withdrawn on {erasure.time[:10]}, when something was erased; forget what you hold, and begin again "
                f"with a dump or with {public.addresses().at('feed')}"
            )
    return _not_there(sentence)


def _not_there(sentence: str) -> Response:
    return refusals.absent(f"{sentence}; begin with {public.addresses().at('feed')}")
