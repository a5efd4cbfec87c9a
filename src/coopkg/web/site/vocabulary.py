"""The pages of the vocabulary: the ontology, the concept schemes, each concept.

`/ns#Project` is where the IRI of a term leads, `/scheme/theme/food` where that of a concept does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Blueprint, Response, current_app

from coopkg import content, names, vocabulary
from coopkg.rdf import NamedNode, Quad, read_quads, skolemised
from coopkg.spelling import nearest_of
from coopkg.view import View
from coopkg.vocabulary import MOST_COUNTED, Ontology
from coopkg.web import representation
from coopkg.web.site import diagram, forms, layout
from coopkg.web.site.kept import kept

blueprint = Blueprint("site-vocabulary", __name__)

_RELEASE = re.compile(r"^## (.+)$", re.MULTILINE)
_ITEM = re.compile(r"^\* ", re.MULTILINE)
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}")
#: How much of a name that names nothing is told again.
_SHOWN = 100
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
@blueprint.get(f"/ns.{forms.ENDING}")
def ontology(ending: str = "") -> Response:
    """Give the ontology: what it says of itself, a drawing, each class and property, what changed."""
    view = layout.opened()
    return forms.answer(_ontology(view, "/ns", names.COOP[:-1]), ending)


@blueprint.get("/ns/<version>")
def version(version: str) -> Response:
    """Give the ontology in its present version, or in one that is kept; of another one there is nothing to give."""
    view = layout.opened()
    number, ending = representation.parted(version)
    iri, present = f"{names.BASE}ns/{number}", ontology_of(view).version
    if number and number == present:
        return forms.answer(_ontology(view, f"/ns/{number}", iri), ending)
    file = content.ontology_version(current_app.config["CONTENT"], number) if _NUMBER.fullmatch(number) else None
    if file and ending != "html":
        kept_quads = partial(_kept_version, file)
        return forms.answer(forms.Document(f"/ns/{number}", iri, (names.ONTOLOGY_GRAPH,), None, kept_quads), ending)
    sentence = f"There is no version {number[:_SHOWN]!r} of the ontology here; the present one is {present}."
    page = partial(layout.page, "vocabulary/unknown.html", 404, kind="version", asked=version, present=present)
    return forms.absent(404, sentence, page, ending)


@blueprint.get("/scheme")
@blueprint.get(f"/scheme.{forms.ENDING}")
def all_schemes(ending: str = "") -> Response:
    """Give which concept schemes there are."""
    view = layout.opened()

    def page() -> Response:
        return layout.page(
            "vocabulary/schemes.html",
            modified=layout.modified_at(),
            downloads=forms.offered("/scheme"),
            schemes=vocabulary.schemes(view),
        )

    def quads() -> list[Quad]:
        found = (NamedNode(iri) for iri in vocabulary.iris(view))
        return forms.ordered(triple for scheme in found for triple in view.store.triples(scheme, None, None))

    return forms.answer(forms.Document("/scheme", f"{names.BASE}scheme", (), page, quads), ending)


@blueprint.get("/scheme/<path:name>")
def listed(name: str) -> Response:
    """Give a concept scheme, or one of its concepts."""
    view = layout.opened()
    ending = ""
    if not view.exists(vocabulary.NAMESPACE + name):
        name, ending = representation.parted(name)
    scheme_slug, slash, slug = name.partition("/")
    return _concept(view, scheme_slug, slug, ending) if slash else _scheme(view, scheme_slug, ending)


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


def _ontology(view: View, path: str, iri: str) -> forms.Document:
    graph = names.ONTOLOGY_GRAPH
    return forms.Document(path, iri, (graph,), partial(_ontology_page, view, path), partial(_graph, view, graph))


def _ontology_page(view: View, path: str) -> Response:
    read = ontology_of(view)
    return layout.page(
        "vocabulary/ontology.html",
        modified=layout.modified_at(),
        ontology=read,
        drawing=diagram.drawn(read) if read.classes else None,
        releases=releases(content.ontology_changes(current_app.config["CONTENT"])),
        most=MOST_COUNTED,
        downloads=forms.offered(path),
        instances=instances_query,
        statements=statements_query,
    )


def _graph(view: View, graph: str) -> list[Quad]:
    return forms.ordered(quad.triple for quad in view.store.quads(graph))


def _kept_version(file: Path) -> list[Quad]:
    return forms.ordered(quad.triple for quad in skolemised(read_quads(file, file.name), "ontology"))


def _scheme(view: View, slug: str, ending: str) -> Response:
    """Give a concept scheme: as a tree with how much each concept is used, or as data."""
    found = kept(view.store, (view.lang, "scheme", slug), partial(vocabulary.scheme, view, slug))
    if found is None:
        return _unknown(view, "scheme", slug, ending)
    path, graph = f"/scheme/{slug}", names.SCHEMES_GRAPHS + slug

    def page() -> Response:
        return layout.page(
            "vocabulary/scheme.html",
            modified=layout.modified_at(),
            scheme=found,
            most=MOST_COUNTED,
            downloads=forms.offered(path),
        )

    return forms.answer(forms.Document(path, found.iri, (graph,), page, partial(_graph, view, graph)), ending)


def _concept(view: View, scheme_slug: str, slug: str, ending: str) -> Response:
    """Give a concept: its names, its place, its meaning, and what uses it."""
    found = vocabulary.concept(view, scheme_slug, slug)
    if found is None:
        return _unknown(view, "concept", slug, ending, scheme_slug)
    path = f"/scheme/{scheme_slug}/{slug}"

    def page() -> Response:
        return layout.page(
            "vocabulary/concept.html",
            modified=layout.modified_at(),
            concept=found,
            downloads=forms.offered(path),
            query=concept_query(found.iri),
            lists=LISTS.get(scheme_slug, ()),
        )

    return forms.thing(found.iri, path, page, ending)


def _unknown(view: View, kind: str, slug: str, ending: str, scheme_slug: str = "") -> Response:
    """Say that there is no such concept or scheme, with the nearest one."""
    known = vocabulary.spellings(view, scheme_slug)
    if scheme_slug and not known:
        return _unknown(view, "scheme", scheme_slug, ending)
    near = nearest_of(slug, known)
    meant = f"; the nearest is {near}" if near else "; /scheme lists the schemes"
    link = vocabulary.link(view, near) if near else None
    template = "vocabulary/unknown.html"
    page = partial(layout.page, template, 404, kind=kind, asked=slug, near=link, scheme=scheme_slug)
    return forms.absent(404, f"There is no {kind} {slug[:_SHOWN]!r} here{meant}.", page, ending)


def _variable(lang: str) -> str:
    return "thing" if lang == "en" else "chose"


def _name(lang: str) -> str:
    return "name" if lang == "en" else "nom"
