"""The pages of the vocabulary: the ontology, the concept schemes, each concept.

`/ns#Project` is where the IRI of a term leads, `/scheme/theme/food` where that of a concept does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from flask import Blueprint, Response, current_app

from coopkg import content, names, vocabulary
from coopkg.spelling import nearest_of
from coopkg.view import View
from coopkg.vocabulary import MOST_COUNTED, Ontology
from coopkg.web.site import diagram, layout
from coopkg.web.site.kept import kept

blueprint = Blueprint("site-vocabulary", __name__)

_RELEASE = re.compile(r"^## (.+)$", re.MULTILINE)
_ITEM = re.compile(r"^\* ", re.MULTILINE)
#: Formats in which a graph can be had, by the short name that the endpoint takes.
FORMATS = {"turtle": "Turtle", "jsonld": "JSON-LD", "nt": "N-Triples", "rdf": "RDF/XML"}
_BY_THEME = ("projects", "organisations", "outcomes", "lessons", "sources", "map")
#: The list that shows what a scheme is used for, with the field that chooses a value of it.
LISTS = {
    "theme": (
        *((path, "theme") for path in ("/projects", "/organisations", "/outcomes", "/lessons", "/sources", "/map")),
    ),
    "role": (("/projects", "role"), ("/organisations", "role")),
    "outcome-kind": (("/outcomes", "outcome-kind"), ("/projects", "outcome-kind")),
    "lesson-kind": (("/lessons", "lesson-kind"), ("/projects", "lesson-kind")),
    "stakeholder-kind": (("/organisations", "actor-kind"), ("/projects", "actor-kind")),
    "page-kind": (("/sources", "page-kind"),),
}


@dataclass(frozen=True, slots=True)
class Release:
    """What a version of the ontology changed: the title of its section, paragraphs and items in their order."""

    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]


@blueprint.get("/ns")
def ontology() -> Response:
    """Show the ontology: what it says of itself, a drawing, each class and property, what changed."""
    view = layout.opened()
    read = ontology_of(view)
    return layout.page(
        "vocabulary/ontology.html",
        ontology=read,
        drawing=diagram.drawn(read) if read.classes else None,
        releases=releases(content.ontology_changes(current_app.config["CONTENT"])),
        most=MOST_COUNTED,
        downloads=downloads(names.ONTOLOGY_GRAPH),
        instances=instances_query,
        statements=statements_query,
    )


@blueprint.get("/ns/<version>")
def version(version: str) -> Response:
    """Show the ontology in its present version; of another one there is nothing to show."""
    present = ontology_of(layout.opened()).version
    if version == present:
        return ontology()
    return layout.page("vocabulary/unknown.html", 404, kind="version", asked=version, present=present)


@blueprint.get("/scheme")
def all_schemes() -> Response:
    """Show which concept schemes there are."""
    view = layout.opened()
    return layout.page("vocabulary/schemes.html", schemes=vocabulary.schemes(view))


@blueprint.get("/scheme/<path:name>")
def listed(name: str) -> Response:
    """Show a concept scheme, or one of its concepts."""
    scheme_slug, slash, slug = name.partition("/")
    return _concept(scheme_slug, slug) if slash else _scheme(scheme_slug)


def downloads(graph: str) -> dict[str, str]:
    """Return where a named graph can be had, by the name of the format."""
    address = f"/graph-store?graph={quote(graph, safe='')}"
    return {name: f"{address}&format={short}" for short, name in FORMATS.items()}


def instances_query(iri: str, lang: str) -> str:
    """Return the query that lists things of a class with their names."""
    return f"""SELECT ?{_variable(lang)} ?{_name(lang)} WHERE {{
  ?{_variable(lang)} a {names.short(iri)} .
  OPTIONAL {{ ?{_variable(lang)} skos:prefLabel ?{_name(lang)} . FILTER(LANG(?{_name(lang)}) = "{lang}") }}
}}
LIMIT 100"""


def statements_query(iri: str, lang: str) -> str:
    """Return the query that lists what a property relates."""
    value = "value" if lang == "en" else "valeur"
    return f"SELECT ?{_variable(lang)} ?{value} WHERE {{ ?{_variable(lang)} {names.short(iri)} ?{value} }}\nLIMIT 100"


def concept_query(iri: str) -> str:
    """Return the query that lists what uses a concept, and through which property."""
    return f"SELECT DISTINCT ?thing ?property WHERE {{ ?thing ?property <{iri}> }}\nLIMIT 100"


def releases(changes: str) -> list[Release]:
    """Return the sections of a change log, in their order.

    >>> releases("# Changes\\n\\n## 0.1.0\\n\\nThe first\\none.\\n\\n* `coop:Action`\\n")
    [Release(title='0.1.0', paragraphs=('The first one.',), items=('`coop:Action`',))]
    """
    parts = _RELEASE.split(changes)[1:]
    return [_release(title, body) for title, body in zip(parts[::2], parts[1::2], strict=True)]


def _release(title: str, body: str) -> Release:
    begin, *items = _ITEM.split(body)
    last, *after = items.pop().split("\n\n") if items else ("",)
    items += [last] if last else []
    paragraphs = [_joined(part) for part in (*begin.split("\n\n"), *after)]
    return Release(title, tuple(filter(None, paragraphs)), tuple(map(_joined, items)))


def _joined(lines: str) -> str:
    return " ".join(lines.split())


def ontology_of(view: View) -> Ontology:
    """Return the ontology that a view shows, read once a generation and language."""
    return kept(view.store, (view.lang, "ontology"), partial(vocabulary.read, view))


def _scheme(slug: str) -> Response:
    """Show a concept scheme as a tree, with how much each concept is used."""
    view = layout.opened()
    found = kept(view.store, (view.lang, "scheme", slug), partial(vocabulary.scheme, view, slug))
    if found is None:
        return _unknown(view, "scheme", slug)
    return layout.page(
        "vocabulary/scheme.html",
        scheme=found,
        most=MOST_COUNTED,
        downloads=downloads(names.SCHEMES_GRAPHS + slug),
    )


def _concept(scheme_slug: str, slug: str) -> Response:
    """Show a concept: its names, its place, its meaning, and what uses it."""
    view = layout.opened()
    found = vocabulary.concept(view, scheme_slug, slug)
    if found is None:
        return _unknown(view, "concept", slug, scheme_slug)
    return layout.page(
        "vocabulary/concept.html",
        concept=found,
        downloads=downloads(names.SCHEMES_GRAPHS + scheme_slug),
        query=concept_query(found.iri),
        lists=LISTS.get(scheme_slug, ()),
    )


def _unknown(view: View, kind: str, slug: str, scheme_slug: str = "") -> Response:
    """Return the page that says that there is no such concept or scheme, with the nearest one."""
    known = vocabulary.spellings(view, scheme_slug)
    if not known:
        return _unknown(view, "scheme", scheme_slug)
    near = nearest_of(slug, known)
    return layout.page(
        "vocabulary/unknown.html",
        404,
        kind=kind,
        asked=slug,
        near=vocabulary.link(view, near) if near else None,
        scheme=scheme_slug,
    )


def _variable(lang: str) -> str:
    return "thing" if lang == "en" else "chose"


def _name(lang: str) -> str:
    return "name" if lang == "en" else "nom"
