"""The Reconciliation Service API at `/reconcile`: for OpenRefine, and for whoever has a table of names.

JSON alone and never JSONP, which would let a server run what it likes in the page that asks; pages of other origins may
read it. Source: Reconciliation Service API 0.2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, Response, current_app, g, redirect, render_template, request

from coopkg import names, negotiation
from coopkg.errors import InputError, UnsupportedMediaType
from coopkg.index import Entry, Index
from coopkg.reconciliation import Candidate, Extension, Matcher, Question, matching, properties, types
from coopkg.reconciliation import manifest as manifests
from coopkg.view import folded
from coopkg.web import problems, public, representation
from coopkg.web.fields import Fields
from coopkg.web.site import files, layout

blueprint = Blueprint("site-reconcile", __name__)

JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_ASKING = ("queries", "query", "extend")
_SUGGESTED = 10
_FURTHEST = 1_000
#: Over all questions of a batch: each is compared with what is said of each candidate.
_MOST_KNOWN = 500
#: A page of ours that any other may frame, for it can do nothing.
_FRAMED = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"


@blueprint.route("/reconcile", methods=["GET", "POST"])
def reconcile() -> Response:
    """Answer questions, or what is said of things; without either say what is offered, to a browser as a page."""
    fields = _fields()
    asked = [name for name in _ASKING if fields.all(name)]
    if not asked and request.method == "POST":
        raise InputError(f"a POST carries one of the fields {', '.join(_ASKING)} in a form; got none of them")
    if not asked:
        return _offered()
    if len(asked) > 1:
        raise InputError(f"'{asked[0]}' and '{asked[1]}' stand beside each other; ask them apart")
    return _json(_ANSWERS[asked[0]](_one(fields, asked[0])))


@blueprint.get("/reconcile/view")
def view() -> Response:
    """Lead to the page of a thing; never elsewhere."""
    fields = _fields()
    if not (entry := _entry(fields)):
        return _unknown(fields)
    return redirect(layout.doc(entry.iri), 303)  # type: ignore[return-value] # werkzeug says its own class; the application makes Flask's


@blueprint.get("/reconcile/preview")
def preview() -> Response:
    """Show a thing in a few lines, for the frame of another page."""
    fields = _fields()
    if not (entry := _entry(fields)):
        return _unknown(fields)
    return layout.page("reconcile-preview.html", csp=_FRAMED, shown=_shown(entry))


@blueprint.get("/reconcile/flyout")
def flyout() -> Response:
    """Give the same lines as HTML in JSON; of a type or a property its name."""
    fields = _fields()
    wanted, entry = _one(fields, "id"), _entry(fields)
    shown = _shown(entry) if entry else {"name": _term_name(wanted), "iri": wanted}
    html = render_template("reconcile-lines.html", lang=layout.reader_lang(), shown=shown)
    return _json({"id": wanted, "html": html})


@blueprint.get("/reconcile/suggest/entity")
def suggest_entity() -> Response:
    """Give what somebody who goes on typing may mean."""
    fields = _fields()
    prefix, skipped = _one(fields, "prefix"), _cursor(fields)
    wanted = types.checked(filter(None, [_one(fields, "type")]), layout.opened(), "type")
    hits = _index().suggestions(prefix, layout.reader_lang(), skipped + 4 * _SUGGESTED, types.kinds_of(wanted))
    found = [entry for hit in hits if (entry := _index().entry(hit.iri)) and _is_of(entry, wanted)]
    if _one(fields, "exact") in ("true", "1"):
        found = [entry for entry in found if folded(prefix) in map(folded, entry.labels.values())]
    return _json(_paged([_suggestion(entry) for entry in found[skipped : skipped + _SUGGESTED + 1]], skipped))


@blueprint.get("/reconcile/suggest/type")
def suggest_type() -> Response:
    """Give the types whose names hold what is typed."""
    return _terms(manifests.named_types(types.known(layout.opened()), layout.opened()))


@blueprint.get("/reconcile/suggest/property")
def suggest_property() -> Response:
    """Give the properties whose names hold what is typed."""
    return _terms(manifests.proposed(_type(_fields()), layout.reader_lang()))


@blueprint.get("/reconcile/properties")
def propose() -> Response:
    """Give the properties that can be fetched of things of a type."""
    fields = _fields()
    chosen = manifests.proposed(_type(fields), layout.reader_lang())
    limit = _number(fields, "limit", len(chosen))
    return _json({"type": _one(fields, "type"), "limit": limit, "properties": chosen[:limit]})


def _offered() -> Response:
    """Return the manifest, or the page that says how to use it."""
    # Not `representation.wanted`: here the language is a parameter of the service, and no sign of a page.
    if negotiation.choose(request.headers.get("Accept", ""), (), (JSON, representation.HTML)) == JSON:
        logo = public.addresses().at(files.address("icon.svg"))
        return _json(manifests.manifest(public.addresses(), layout.opened(), logo))
    response = layout.page(
        "reconcile.html",
        address=public.here(),
        types=manifests.named_types(types.known(layout.opened()), layout.opened()),
        properties=properties.PROPERTIES,
        most=manifests.MOST_QUESTIONS,
    )
    response.vary.add("Accept")
    return response


def _answers(text: str) -> object:
    """Return the candidates for each question of a batch."""
    batch = _parsed(text, "queries")
    if not isinstance(batch, Mapping):
        raise InputError('queries: an object such as {"q0": {"query": "La Fonda"}} is needed')
    if len(batch) > manifests.MOST_QUESTIONS:
        raise InputError(
            f"queries: {len(batch)} questions are too many; ask {manifests.MOST_QUESTIONS} of them at a time"
        )
    questions = {name: Question.of(said, f"queries.{name[:40]}") for name, said in batch.items()}
    known = sum(len(one.values) for question in questions.values() for one in question.known)
    if known > _MOST_KNOWN:
        raise InputError(f"queries: {known} values of properties are too many; give {_MOST_KNOWN} at most in all")
    matcher = Matcher(_whole_index(), layout.opened())
    return {name: _results(matcher.candidates(question)) for name, question in questions.items()}


def _answer(text: str) -> object:
    """Return the candidates for one question: an object of JSON, or a name as it is."""
    said = _parsed(text, "query") if text.lstrip().startswith("{") else text
    return _results(Matcher(_whole_index(), layout.opened()).candidates(Question.of(said)))


def _extended(text: str) -> object:
    wanted = Extension.of(_parsed(text, "extend"))
    chosen = [one.property for one in wanted.wanted]
    view, lang = layout.opened(), layout.reader_lang()
    meta = [
        {"id": one.id, "name": one.name(lang)} | ({"type": manifests.named_types([one.of], view)[0]} if one.of else {})
        for one in chosen
    ]
    return {"meta": meta, "rows": wanted.rows(_whole_index(), view)}


_ANSWERS: Mapping[str, Callable[[str], object]] = {"queries": _answers, "query": _answer, "extend": _extended}


def _results(found: Sequence[Candidate]) -> dict[str, object]:
    return {"result": [_result(one) for one in found]}


def _result(one: Candidate) -> dict[str, object]:
    view = layout.opened()
    return {
        "id": one.entry.iri,
        "name": one.entry.label(view.lang)[0],
        "description": matching.description(one.entry, view),
        "type": manifests.named_types(one.types, view),
        "score": one.score,
        "match": one.is_match,
        "features": [{"id": feature.id, "value": feature.value} for feature in one.features],
    }


def _suggestion(entry: Entry) -> dict[str, object]:
    view = layout.opened()
    own = manifests.named_types(types.types_of(entry, view), view)
    name, description = entry.label(view.lang)[0], matching.description(entry, view)
    return {"id": entry.iri, "name": name, "description": description, "notable": own}


def _paged(found: Sequence[object], skipped: int) -> dict[str, object]:
    """Return some suggestions, and the number at which others begin, if there are."""
    more = {"cursor": skipped + _SUGGESTED} if len(found) > _SUGGESTED else {}
    return {"result": list(found[:_SUGGESTED]), **more}


def _terms(every: Sequence[dict[str, str]]) -> Response:
    fields = _fields()
    prefix, skipped = folded(_one(fields, "prefix")), _cursor(fields)
    found = [one for one in every if prefix in folded(one["name"]) or prefix in folded(one["id"])]
    found.sort(key=lambda one: not folded(one["name"]).startswith(prefix))
    return _json(_paged(found[skipped : skipped + _SUGGESTED + 1], skipped))


def _shown(entry: Entry) -> dict[str, object]:
    view = layout.opened()
    texts = properties.of_id("description", "").values(entry, view, 1)
    return {
        "iri": entry.iri,
        "name": entry.label(view.lang)[0],
        "description": matching.description(entry, view),
        "text": texts[0].value if texts else "",
        "identifiers": entry.identifiers,
    }


def _term_name(wanted: str) -> str:
    """Return the name of a type or a property.

    Raises:
        InputError: it is neither.
    """
    if wanted in types.known(layout.opened()):
        return types.name(wanted, layout.opened())
    return properties.of_id(wanted, "id").name(layout.reader_lang())


def _is_of(entry: Entry, wanted: Sequence[str]) -> bool:
    if entry.kind not in types.KINDS:
        return False
    return not wanted or not set(wanted).isdisjoint(types.types_of(entry, layout.opened()))


def _entry(fields: Fields) -> Entry | None:
    """Return the thing that is asked for; None when it is none of those that can be meant."""
    wanted = _one(fields, "id")
    if not wanted.startswith(names.BASE):
        return None
    entry = _index().entry(wanted) or _whole_index().entry(wanted)
    return entry if entry and entry.kind in types.KINDS else None


def _unknown(fields: Fields) -> Response:
    wanted = _one(fields, "id")[:200]
    sentence = f"id={wanted!r}: is nothing here; give the id of a candidate, which begins with {names.BASE}"
    return problems.answer("not-found", 404, sentence)


def _type(fields: Fields) -> str:
    wanted = types.checked(filter(None, [_one(fields, "type")]), layout.opened(), "type")
    return wanted[0] if wanted else ""


def _cursor(fields: Fields) -> int:
    skipped = _number(fields, "cursor", 0)
    if skipped > _FURTHEST:
        raise InputError(f"cursor={skipped}: nobody reads so far; type more of the name")
    return skipped


def _number(fields: Fields, name: str, usual: int) -> int:
    text = _one(fields, name)
    if not text:
        return usual
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise InputError(f"{name}={text[:40]!r}: give one whole number from 0 on")
    return int(text)


def _parsed(text: str, name: str) -> object:
    try:
        said: object = json.loads(text)
        json.dumps(said, ensure_ascii=False).encode()  # half of a pair of surrogates could not be sent back
        return said
    except (ValueError, RecursionError) as fault:
        raise InputError(
            f"{name}: is no JSON ({fault}); send an object, percent-encoded as any field of a form"
        ) from fault


def _fields() -> Fields:
    """Return the fields of the present request.

    Raises:
        UnsupportedMediaType: its body is no form.
        InputError: a script is wanted, or the fields cannot be read.
    """
    if request.method == "POST" and request.mimetype != _FORM:
        found = request.mimetype or "no type"
        raise UnsupportedMediaType(f"a POST carries one of {', '.join(_ASKING)} in a form ({_FORM}); got {found}")
    fields = Fields(request)
    layout.lang_of(fields)
    if fields.all("callback"):
        raise InputError("callback: answers are JSON and never a script; leave it out, any page may read them (CORS)")
    return fields


def _one(fields: Fields, name: str) -> str:
    values = fields.all(name)
    if len(values) > 1:
        raise InputError(f"'{name}' is given {len(values)} times; give it once")
    return values[0] if values else ""


def _json(content: object) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    response = representation.of_bytes(body, JSON)
    response.vary.add("Accept-Language")
    response.headers["Content-Language"] = layout.reader_lang()
    if "manifest" in g:
        response.headers["Coopkg-Revision"] = str(g.manifest.revision)
    return response


def _index() -> Index:
    index: Index = current_app.config["INDEX"]
    return index


def _whole_index() -> Index:
    """Return the index once everything is in it: what is not would make a namesake look like the only one.

    Raises:
        Refused: it is being made.
    """
    index = _index()
    index.refuse_partial()
    return index
