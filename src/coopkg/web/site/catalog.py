"""The catalogue for harvesters: `/catalog` page by page, each data set, VoID.

What is told is `coopkg.catalog`'s; here are the addresses, the forms, and what is kept between two requests.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, current_app, request

from coopkg import register
from coopkg.addresses import Addresses
from coopkg.catalog import PREFIXES, Facts, Page, contents, dcat, distributions, void
from coopkg.catalog.gathering import gathered
from coopkg.dumps import manifest as dumps
from coopkg.errors import InputError
from coopkg.graph import Graph
from coopkg.rdf import Quad
from coopkg.settings import Settings
from coopkg.store import GRAPH_FORMATS
from coopkg.web import public, representation
from coopkg.web.fields import Fields
from coopkg.web.representation import ENDINGS, HTML, link
from coopkg.web.site import layout, open_data, refusals
from coopkg.web.site.described import Catalog
from coopkg.web.site.kept import kept

blueprint = Blueprint("site-catalog", __name__)

_PER_PAGE, _PER_PAGE_MAX = 50, 100
_ALL = 10**9
#: Documents that are kept: each data set, pages of the catalogue; whoever invents pages or hosts fills no more.
_DOCUMENTS = 16
_SHOWN_MAX = 100


@blueprint.get("/catalog", defaults={"ending": ""})
@blueprint.get("/catalog.<any(ttl, jsonld, rdf, nt, html):ending>")
def catalogue(ending: str) -> Response:
    """Give a page of the catalogue."""
    page = _page(ending)
    if page.number > page.last:
        return refusals.absent(f"page={page.number}: the last page of the catalogue is {page.last}; begin at page=1")
    media_type = representation.wanted(ending)
    if media_type == HTML:
        return _shown(open_data.catalog_page(_told()), page)
    return _document(page, media_type)


@blueprint.get("/dataset/<name>")
def data_set(name: str) -> Response:
    """Give what is said of a data set."""
    stem, ending = representation.parted(name)
    if stem not in contents.BY_NAME:
        return _absent("data set", stem, contents.BY_NAME)
    media_type = representation.wanted(ending)
    if media_type == HTML:
        return _shown(open_data.dataset_page(stem, _told()), stem)
    return _document(stem, media_type)


@blueprint.get("/distribution/<path:path>")
def distribution(path: str) -> Response:
    """Lead from the IRI of a distribution to the data set of which it is a form."""
    stem, ending = representation.parted(path)
    name, _, form = stem.partition("/")
    if name not in contents.BY_NAME:
        return _absent("data set", name, contents.BY_NAME)
    forms = [one.form for one in distributions.of(contents.BY_NAME[name], facts())]
    if form not in forms:
        return _absent(f"distribution of {name}", form, forms)
    return _led(name, ending)


@blueprint.get("/service/sparql", defaults={"ending": ""})
@blueprint.get("/service/sparql.<any(ttl, jsonld, rdf, nt, html):ending>")
def service(ending: str) -> Response:
    """Lead from the IRI of the service to the data set that it answers for, which tells of it."""
    return _led(contents.WHOLE, ending)


@blueprint.get("/.well-known/void")
def well_known() -> Response:
    """Give the VoID description at once: those who look for it here follow no redirection."""
    return _document("", representation.wanted(offers=tuple(GRAPH_FORMATS)))


def facts() -> Facts:
    """Return what the catalogue is made of: gathered once a generation, and again when a dump is made."""
    graph: Graph = current_app.config["GRAPH"]
    store, _ = graph.current()
    return kept(store, ("catalogue", _changed_ns(_state())), _gathered)


def _gathered() -> Facts:
    graph: Graph = current_app.config["GRAPH"]
    store, manifest = graph.current()
    config = current_app.config
    revisions = [one for one in graph.revisions(_ALL)[0] if one.number <= manifest.revision]
    takes_updates = config["WRITER"] is not None
    return gathered(
        store, manifest, revisions, config["SETTINGS"], _state(), config["LIMITS"], takes_updates=takes_updates
    )


def _state() -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.state_folder(os.environ)


def _changed_ns(state: Path) -> int:
    """Return when the folder of the dumps changed last: another one is moved into it whole."""
    try:
        return dumps.folder_of(state).stat().st_mtime_ns
    except OSError:
        return 0


def _shown(page: Response, what: Page | str) -> Response:
    """Return a page for readers with what its headers say of the other forms; see `_document`."""
    page.headers["Link"] = ", ".join(_links(facts(), public.addresses(), what))
    page.vary.add("Accept")
    return page


def _told() -> Catalog:
    """Return what the pages for readers tell of, at the present address and in the reader's language."""
    return _read(facts(), public.addresses(), layout.reader_lang())


def _page(ending: str) -> Page:
    fields = Fields(request, reads_body=False)
    wished = fields.all("per-page")
    if len(wished) > 1 or (wished and not re.fullmatch("[1-9][0-9]{0,2}", wished[0])):
        raise InputError(f"per-page={' and '.join(wished)!r}: give one whole number from 1 to {_PER_PAGE_MAX}")
    per_page = int(wished[0]) if wished else _PER_PAGE
    if per_page > _PER_PAGE_MAX:
        raise InputError(f"per-page={per_page}: give one whole number from 1 to {_PER_PAGE_MAX}")
    path = f"catalog.{ending}" if ending else "catalog"
    return Page(path, layout.page_number(), per_page, is_paged=bool(wished))


def _document(what: Page | str, media_type: str) -> Response:
    """Return a description in a form of RDF, made once for an address of the site.

    Args:
        what: a page of the catalogue, or the name of a data set; "" for VoID.
    """
    known, site = facts(), public.addresses()
    body, tag = _written(known, site, what, media_type) if what else _void(known, site, media_type)
    return representation.of_bytes(
        body, media_type, links=_links(known, site, what), modified=_modified(known), tag=tag
    )


@functools.lru_cache(maxsize=_DOCUMENTS)
def _written(known: Facts, site: Addresses, what: Page | str, media_type: str) -> tuple[bytes, str]:
    told = dcat.catalog(known, site, what) if isinstance(what, Page) else dcat.data_set(known, site, what)
    return _tagged(told, media_type)


@functools.lru_cache(maxsize=_DOCUMENTS)
def _read(known: Facts, site: Addresses, lang: str) -> Catalog:
    return open_data.read(dcat.whole(known, site), lang)


@functools.lru_cache(maxsize=2)  # it grows with the number of named graphs
def _void(known: Facts, site: Addresses, media_type: str) -> tuple[bytes, str]:
    return _tagged(void.described(known, site), media_type)


def _tagged(quads: Iterable[Quad], media_type: str) -> tuple[bytes, str]:
    body = representation.written(quads, media_type, PREFIXES)
    return body, representation.tag_of(body)


def _links(known: Facts, site: Addresses, what: Page | str) -> list[str]:
    """Return what the header says: the licence, VoID, and the same in each other form."""
    found = [link(known.whole.licence, "license")] if known.whole.licence else []
    if what == "":
        return found
    for ending, media_type in ENDINGS.items():
        path = f"dataset/{what}.{ending}" if isinstance(what, str) else f"catalog.{ending}"
        address = site.at(path) if isinstance(what, str) else replace(what, path=path).address(site, what.number)
        found.append(link(address, "alternate", type=media_type))
    return [*found, link(site.at(".well-known/void"), "describedby")]


def _modified(known: Facts) -> float:
    """Return when what is described changed last: by a revision or by a dump, in seconds since the epoch."""
    erased = [erasure.time for erasure in register.erasures(_state())]  # it takes dumps away
    moments = [known.modified[""], *erased, *([known.dump.made] if known.dump else ())]
    return max(datetime.fromisoformat(moment).timestamp() for moment in moments)


def _led(name: str, ending: str) -> Response:
    response = Response(status=303, headers={"Location": f"/dataset/{name}{'.' if ending else ''}{ending}"})
    response.mimetype = "text/plain"
    return response


def _absent(kind: str, name: str, known: Iterable[str]) -> Response:
    return refusals.absent(f"{name[:_SHOWN_MAX]!r}: there is no such {kind}; there are: {', '.join(known)}")
