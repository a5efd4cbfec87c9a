"""Things: `/id/...` leads to `/doc/...`, where a reader finds what is said of a thing and by whom, a program the same.

`/why` tells why an inferred statement holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, request

from coopkg import names
from coopkg.errors import CoopkgError, InputError
from coopkg.graph import Graph
from coopkg.portrait import action, agent, document, naming, piece, reason, record, terms, territory
from coopkg.portrait.bounded import SHOWN
from coopkg.portrait.naming import Named
from coopkg.redirects import Redirects
from coopkg.view import View
from coopkg.web import client, log, problems, public, representation
from coopkg.web.fields import Fields
from coopkg.web.site import drawings, forms, layout

blueprint = Blueprint("site-things", __name__)

_ID = f"{names.BASE}id/"
#: How many facts the page that explains a statement reads at most: they take half a second, and few need a thousand.
_WHY_MOST_FACTS = 3_000
#: Beyond, what comes before a page of actions is not read for it.
_PAGES_MAX = 200
_SUMMARY_MAX = 160
#: How much of an address that leads nowhere is told again.
_PATH_SHOWN = 200
_SAFE = "/-._~!$&'()*+,;=:@%"
#: Where another thing of the same name may be.
_PLACES = (
    *("project", "experiment", "event", "programme", "action", "organisation", "group", "source"),
    *(f"territory/{level}" for level in ("region", "departement", "epci", "commune", "area")),
)
#: Each kind of things with a page of its own: its template, and who makes its portrait.
_PORTRAITS: Mapping[str, tuple[str, Callable[[View, str], object]]] = {
    **dict.fromkeys(
        (terms.EXPERIMENT, terms.PROJECT, terms.EVENT, terms.PROGRAMME, terms.ACTION), ("action", action.of)
    ),
    **dict.fromkeys((terms.ORGANISATION, terms.GROUP), ("agent", lambda view, iri: _agent(view, iri))),
    terms.TERRITORY: ("territory", territory.of),
    terms.SOURCE_DOCUMENT: ("document", document.of),
    terms.DOCUMENT: ("document", document.of),
}
_PIECE = ("thing", piece.of)
#: The list in which the things of a kind are found.
_LISTS = {
    **dict.fromkeys((terms.EXPERIMENT, terms.PROJECT, terms.EVENT, terms.PROGRAMME, terms.ACTION), "/projects"),
    **dict.fromkeys((terms.ORGANISATION, terms.GROUP), "/organisations"),
    terms.TERRITORY: "/territories",
    terms.OUTCOME: "/outcomes",
    terms.LESSON: "/lessons",
    terms.SOURCE_DOCUMENT: "/sources",
}


@blueprint.get("/id/<path:path>")
def identifier(path: str) -> Response:
    """Lead from the IRI of a thing to what is said of it; from a deprecated one to what replaced it."""
    view = layout.opened()
    iri = _iri(view, path)
    return _moved(view, iri, path, "/id/") or _led(iri, "/doc/", 303)


@blueprint.get("/doc/<path:path>")
def thing(path: str) -> Response:
    """Give what is said of a thing."""
    view = layout.opened()
    stem, ending = path, ""
    if not (iri := _iri(view, path)):  # what looks like an ending may be part of an IRI
        stem, ending = representation.parted(path)
        iri = _iri(view, stem)
    if moved := _moved(view, iri, stem, "/doc/", ending):
        return moved
    layout.keep()
    return forms.thing(iri, f"/doc/{iri.removeprefix(_ID)}", partial(_shown, view, iri), ending)


@blueprint.get("/why")
def why() -> Response:
    """Tell why a statement holds: what states it, or the rule and the statements that it follows from."""
    fields = Fields(request, reads_body=False)
    view, graph = layout.opened(), _graph()
    step, status, fault, later = None, 200, "", {}
    try:
        asked = [_one(fields, name) for name in ("s", "p", "o")]
        explanation = graph.why(*asked, most_facts=_WHY_MOST_FACTS)
        step, status = (reason.of(view, explanation), 200) if explanation else (None, 404)
    except CoopkgError as error:
        if problems.is_inside(error):
            raise
        status, fault, later = problems.status_of(error), str(error), problems.retry(error)
        log.entry().error = error.code
    response = layout.page("things/why.html", status, step=step, fault=fault, failed=status)
    response.headers.update(later)
    return response


def _moved(view: View, iri: str, path: str, place: str, ending: str = "") -> Response | None:
    """Return the answer for what is not here: renamed, withdrawn, or never there; None for what is."""
    redirects = Redirects.beginning(view.store, iri) if iri else Redirects({})
    if target := redirects.target(iri):
        return _led(target, place, 301, ending)
    if not iri or redirects.is_deprecated(iri):
        return _absent(view, path, 410 if iri else 404, ending)
    return None


def _shown(view: View, iri: str) -> Response:
    kind = naming.kind_of(view, iri)
    template, portrait_of = _PORTRAITS.get(kind, _PIECE)
    name = naming.named(view, iri)
    portrait = portrait_of(view, iri)
    if portrait is None or (isinstance(portrait, agent.Agent) and portrait.page > 1 and not portrait.roles):
        return _absent_page(view, iri.removeprefix(_ID), 404, beyond=iri)
    path = iri.removeprefix(_ID)
    return layout.page(
        f"things/{template}.html",
        modified=layout.modified_at(),
        iri=iri,
        path=path,
        name=name.name,
        kind=naming.kind_name(view, kind) if kind else None,
        listing=_LISTS.get(kind, ""),
        is_organisation=kind == terms.ORGANISATION,
        portrait=portrait,
        summary=_summary(portrait, name),
        sheet=drawings.outline(view, iri) if kind == terms.TERRITORY else None,
        network=drawings.network_href(iri),
        alike=_alike(portrait) if isinstance(portrait, action.Action) else {},
        statements=record.statements(view, iri),
        toward=record.toward(view, iri),
        canonical=forms.canonical(f"/doc/{path}"),
        forms=forms.offered(f"/doc/{path}"),
        per_page=SHOWN,
    )


def _agent(view: View, iri: str) -> agent.Agent | None:
    """Return the portrait of an agent with the page of its actions that is asked for; None far beyond the last."""
    number = layout.page_number()
    return agent.of(view, iri, number) if number <= _PAGES_MAX else None


def _led(iri: str, to: str, status: int, ending: str = "") -> Response:
    """Return a redirect to a thing, in the form that the address says and in the language, if it says one."""
    address = to + quote(iri.removeprefix(_ID), safe=_SAFE) if iri.startswith(_ID) else iri
    address += f".{ending}" if ending and iri.startswith(_ID) else ""
    wished = [wish for wish in Fields(request, reads_body=False).all("lang") if wish in client.LANGUAGES]
    address += f"?{urlencode({'lang': wished[0]})}" if wished else ""
    said = "What is said of it is at" if status == 303 else "It has another address now:"
    response = Response(f"{said} {address}\n", status, {"Location": address}, mimetype="text/plain")
    if status == 303:
        response.headers["Link"] = representation.link(public.addresses().of(iri), "describedby")
    return response


def _absent(view: View, path: str, status: int, ending: str) -> Response:
    shown = _ID + quote(path, safe=_SAFE)[:_PATH_SHOWN]
    sentences = {
        404: f"Nothing is said of {shown} here; /search finds things by their names.",
        410: f"{shown} was withdrawn, and nothing replaces it.",
    }
    return forms.absent(status, sentences[status], partial(_absent_page, view, path, status), ending)


def _absent_page(view: View, path: str, status: int, beyond: str = "") -> Response:
    """Say that there is nothing here, and what may be meant.

    Args:
        beyond: the thing whose list ends before the page that was asked for.
    """
    slug = path.rstrip("/").rpartition("/")[2]
    near = [] if beyond else [iri for place in _PLACES if (iri := _existing(view, f"{_ID}{place}/{slug.lower()}"))]
    words = re.sub(r"[\W_]+", " ", slug).strip()[:100]
    thing = naming.named(view, beyond) if beyond else None
    return layout.page(
        "things/absent.html", status, gone=status == 410, near=naming.by_name(view, near), q=words, beyond=thing
    )


def _iri(view: View, path: str) -> str:
    """Return the IRI of the thing that an address names, whose escapes may be part of it; "" when there is none."""
    return _existing(view, _ID + path) or _existing(view, _ID + quote(path, safe=_SAFE))


def _existing(view: View, iri: str) -> str:
    return iri if view.exists(iri) else ""


def _alike(portrait: action.Action) -> dict[str, str]:
    """Return the addresses of the lists of actions like this one, by what they have in common."""
    themes, regions = (
        tuple(one.iri.rpartition("/")[2] for one in some) for some in (portrait.themes, portrait.regions)
    )
    both = {"both": layout.href("/projects", theme=themes, region=regions)} if themes and regions else {}
    shared = {"theme": themes, "region": regions}
    return both | {name: layout.href("/projects", **{name: slugs}) for name, slugs in shared.items() if slugs}


def _summary(portrait: object, name: Named) -> str:
    told = portrait.descriptions if isinstance(portrait, action.Action) else ()
    text = told[0].text.value if told else name.name.value
    return text if len(text) <= _SUMMARY_MAX else text[: _SUMMARY_MAX - 1].rsplit(" ", 1)[0] + "…"


def _one(fields: Fields, name: str) -> str:
    found = fields.all(name)
    if len(found) != 1 or not found[0].strip():
        raise InputError(
            f"{name}: exactly one is needed, got {len(found)}; give s, p and o: subject, property and value"
        )
    return found[0]


def _graph() -> Graph:
    graph: Graph = current_app.config["GRAPH"]
    return graph
