"""The search page, and what is suggested while a reader types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, render_template, request

from coopkg import names
from coopkg.errors import InputError
from coopkg.index import Found, Hit, Index
from coopkg.index.searching import MAX_CHARACTERS
from coopkg.view import Text
from coopkg.web import log
from coopkg.web.fields import Fields
from coopkg.web.site import layout

blueprint = Blueprint("site-search", __name__)

_PER_PAGE = 20
_DIRECTLY_WITHIN = f"{names.COOP}directlyWithin"
_MOST_AROUND = 2
#: What a reader calls the kinds of things, in the plural.
KINDS = {
    "action": ("Actions et projets", "Actions and projects"),
    "organisation": ("Organisations", "Organisations"),
    "theme": ("Thèmes", "Themes"),
    "territory": ("Territoires", "Territories"),
    "source": ("Documents sources", "Source documents"),
    "lesson": ("Enseignements", "Lessons"),
    "outcome": ("Résultats", "Outcomes"),
    "perspective": ("Perspectives", "Perspectives"),
    "group": ("Groupes d’acteurs", "Groups of actors"),
    "concept": ("Mots du vocabulaire", "Words of the vocabulary"),
}
#: The same of one of them.
_ONE = {
    "action": ("Action", "Action"),
    "organisation": ("Organisation", "Organisation"),
    "theme": ("Thème", "Theme"),
    "territory": ("Territoire", "Territory"),
    "source": ("Document source", "Source document"),
    "lesson": ("Enseignement", "Lesson"),
    "outcome": ("Résultat", "Outcome"),
    "perspective": ("Perspective", "Perspective"),
    "group": ("Groupe d’acteurs", "Group of actors"),
    "concept": ("Mot du vocabulaire", "Word of the vocabulary"),
}
_EXAMPLES = {
    "fr": ("alimentation", "Montpellier", "La Fonda", "75056", "évaluation"),
    "en": ("food", "Montpellier", "La Fonda", "75056", "evaluation"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks: words, perhaps of things of one kind, and which page of the answer.

    Args:
        was_cut: whether there were more words than are looked for.
    """

    q: str
    kind: str = ""
    page: int = 1
    was_cut: bool = False

    @classmethod
    def of(cls, fields: Fields) -> Question:
        """Return the question of a request.

        Raises:
            InputError: a field comes twice, names no kind, or is no number of a page.
        """
        q, kind, page = (_one(fields, name) for name in ("q", "kind", "page"))
        if kind and kind not in KINDS:
            raise InputError(
                _said(
                    f"{kind[:40]}\u00a0: ce genre n’existe pas\u00a0; choisissez l’un de {', '.join(KINDS)}",
                    f"{kind[:40]}: there is no such kind; choose one of {', '.join(KINDS)}",
                )
            )
        if page and not (page.isascii() and page.isdecimal() and 0 < int(page[:9]) < 10**6):
            raise InputError(
                _said(
                    f"page={page[:40]}\u00a0: n’est pas un numéro de page\u00a0; les pages commencent à 1",
                    f"page={page[:40]}: is no number of a page; pages begin with 1",
                )
            )
        return cls(q[:MAX_CHARACTERS].strip(), kind, int(page[:9] or 1), len(q) > MAX_CHARACTERS)


@blueprint.get("/search")
def search() -> Response:
    """Show what a reader's words find: the best of each kind, or all of one."""
    fields = Fields(request, reads_body=False)
    try:
        question = Question.of(fields)
    except InputError as error:
        log.entry().error = error.code
        return _page(Question(""), Found(0, [], {}), 400, str(error))
    found = _found(question)
    is_beyond = question.page > 1 and not found.hits
    return _page(question, found, 404 if is_beyond else 200)


@blueprint.get("/suggestions")
def suggestions() -> Response:
    """Give what a reader who goes on typing may mean, as links; as JSON for who asks for it."""
    q = _one(Fields(request, reads_body=False), "q")
    lang = layout.reader_lang()
    hits = _index().suggestions(q, lang) if q.strip() else []
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        content = json.dumps([_member(hit) for hit in hits], ensure_ascii=False)
        response = Response(content, mimetype="application/json")
    else:
        response = Response(render_template("suggestions.html", lang=lang, hits=hits, kinds=_ONE, text_of=_text))
        response.headers["Content-Security-Policy"] = layout.CSP
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _found(question: Question) -> Found:
    lang = layout.reader_lang()
    if not question.q:
        return Found(0, [], {})
    if not question.kind:
        return _index().overview(question.q, lang)
    offset = (question.page - 1) * _PER_PAGE
    return _index().search(question.q, lang, question.kind, _PER_PAGE, offset)


def _page(question: Question, found: Found, status: int, fault: str = "") -> Response:
    lang = layout.reader_lang()
    response = layout.page(
        "search.html",
        status,
        q=question.q,
        question=question,
        found=found,
        groups=_groups(found.hits),
        kinds=KINDS,
        pages=-(-found.total // _PER_PAGE),
        examples=_EXAMPLES[lang],
        max_characters=MAX_CHARACTERS,
        fault=fault,
        is_whole=_index().is_whole,
        text_of=_text,
        around=_around,
    )
    if found.revision:
        response.headers["Coopkg-Revision"] = str(found.revision)
    return response


def _groups(hits: Sequence[Hit]) -> dict[str, list[Hit]]:
    """Return hits by their kinds, in the order in which each kind comes first."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.kind, []).append(hit)
    return groups


def _around(hit: Hit) -> list[Text]:
    """Return in which territories one lies, which tells it from others of its name."""
    if hit.kind != "territory":
        return []
    view = layout.opened()
    return [view.label(iri) for iri in view.iris(hit.iri, _DIRECTLY_WITHIN)[:_MOST_AROUND]]


def _text(hit: Hit) -> Text:
    return Text(hit.label, hit.lang, is_fallback=hit.lang not in (layout.reader_lang(), ""))


def _member(hit: Hit) -> dict[str, str]:
    return {"iri": hit.iri, "kind": hit.kind, "label": hit.label, "lang": hit.lang, "page": layout.doc(hit.iri)}


def _index() -> Index:
    index: Index = current_app.config["INDEX"]
    return index


def _one(fields: Fields, name: str) -> str:
    values = fields.all(name)
    if len(values) > 1:
        raise InputError(
            _said(
                f"«\u00a0{name}\u00a0» est donné {len(values)} fois\u00a0; donnez-le une fois",
                f"'{name}' is given {len(values)} times; give it once",
            )
        )
    return values[0] if values else ""


def _said(french: str, english: str) -> str:
    return english if layout.reader_lang() == "en" else french
