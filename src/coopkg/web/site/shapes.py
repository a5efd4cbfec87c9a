"""The page of the shapes: what each class must say, in words, and each rule with what it answers.

`/shapes#Action-theme` is where the IRI of a shape leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Blueprint, Response, current_app

from coopkg import content, names
from coopkg.errors import InputError, SettingsError
from coopkg.findings import Texts
from coopkg.rdf import Quad, read_quads, skolemised
from coopkg.requirements import CLASSES, Requirement, Requirements, Rule
from coopkg.shapegraph import NotCompiledError
from coopkg.view import View
from coopkg.vocabulary import Link, link
from coopkg.web.site import forms, layout
from coopkg.web.site.kept import kept
from coopkg.web.site.vocabulary import ontology_of

blueprint = Blueprint("site-shapes", __name__)

_SUBCLASS = f"{names.RDFS}subClassOf"


@dataclass(frozen=True, slots=True)
class Section:
    """What a class must say.

    Args:
        anchor: a stable name within the page.
        wider: the class whose requirements hold as well, where there is one.
        checks: what is judged beside its own properties.
    """

    kind: Link
    anchor: str
    wider: Link | None
    requirements: tuple[Requirement, ...]
    checks: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes in force: by class, and all rules by group."""

    sections: tuple[Section, ...]
    groups: tuple[tuple[Texts, tuple[Rule, ...]], ...]


@blueprint.get("/shapes")
@blueprint.get(f"/shapes.{forms.ENDING}")
def shapes(ending: str = "") -> Response:
    """Give what each class must say, and every rule."""
    view, folder = layout.opened(), current_app.config["CONTENT"]
    quads = partial(kept, view.store, "shapes as data", partial(_data, folder))
    return forms.answer(forms.Document("/shapes", names.SHAPES[:-1], (), partial(_page, view, folder), quads), ending)


def in_words(lang: str, texts: Texts) -> str:
    """Return a text in the reader's language, else in French, else in any; "" when there is none."""
    said = dict(texts)
    return said.get(lang) or said.get("fr") or next(iter(said.values()), "")


def _page(view: View, folder: Path) -> Response:
    read = kept(view.store, (view.lang, "shapes"), partial(_shapes, view, folder))
    return layout.page(
        "vocabulary/shapes.html",
        modified=layout.modified_at(),
        shapes=read,
        downloads=forms.offered("/shapes"),
        in_words=partial(in_words, view.lang),
        link=partial(link, view),
    )


def _shapes(view: View, folder: Path) -> Shapes:
    """Return the shapes of a content folder.

    Raises:
        SettingsError: they were changed since the build, into what no build would take.
    """
    derived = {one.iri for one in ontology_of(view).properties if one.is_derived}
    try:
        return _told(view, Requirements([quad.triple for quad in _stated(folder)], derived))
    except NotCompiledError as fault:
        raise _unreadable(folder, fault) from fault


def _data(folder: Path) -> list[Quad]:
    """Return the statements of the shapes without blank nodes: their names in a file are others at each reading."""
    return forms.ordered(quad.triple for quad in skolemised(_stated(folder), "shapes"))


def _stated(folder: Path) -> list[Quad]:
    try:
        return [quad for path in content.shape_files(folder) for quad in read_quads(path, path.name)]
    except InputError as fault:
        raise _unreadable(folder, fault) from fault


def _unreadable(folder: Path, fault: Exception) -> SettingsError:
    return SettingsError(f"{folder}/shapes cannot be read ({fault}); mend it, or build again")


def _told(view: View, asked: Requirements) -> Shapes:
    rules = asked.rules()
    groups = [*asked.groups(), ("", ())]
    known = {iri for iri, _ in groups}
    return Shapes(
        tuple(_sections(view, asked)),
        tuple(
            (name, tuple(rule for rule in rules if (rule.group if rule.group in known else "") == iri))
            for iri, name in groups
        ),
    )


def _sections(view: View, asked: Requirements) -> Iterator[Section]:
    """Yield the section of each class; what a wider class with a section says is not said again."""
    for kind in CLASSES:
        parents = _parents(view, kind)
        wider = [one for one in CLASSES if one in parents]
        targets = (kind, *(one for one in parents if one not in CLASSES))
        yield Section(
            link(view, kind),
            f"class-{kind.replace('#', '/').rpartition('/')[2]}",
            link(view, wider[-1]) if wider else None,
            tuple(asked.of(targets)),
            tuple(asked.checks(targets)),
        )


def _parents(view: View, kind: str) -> list[str]:
    """Return the classes above a class, near or far, sorted."""
    found: set[str] = set()
    waiting = [kind]
    while waiting:
        for one in view.iris(waiting.pop(), _SUBCLASS):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return sorted(found - {kind})
