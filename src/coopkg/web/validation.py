"""`/validate`: a document is judged as if it were published, and nothing of it is kept; and the page that does it.

The judging is a worker's; what is found is an answer, whether the document conforms or not.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

from flask import Blueprint, Response, current_app, request

from coopkg import negotiation, scope
from coopkg.bench import AGAINST, MAX_BYTES, MAX_TRIPLES
from coopkg.errors import CoopkgError, DocumentTooLarge, InputError
from coopkg.rdf import DOCUMENT_FORMATS
from coopkg.reports import MEDIA_TYPES
from coopkg.service import QueryService
from coopkg.web import client, endpoint, log, problems, public
from coopkg.web.fields import Fields
from coopkg.web.site import layout
from coopkg.worker import Submission

blueprint = Blueprint("validation", __name__)

_BODY_MAX_BYTES = 3 * MAX_BYTES + 4_096  # a form's letters take up to three bytes each, and other fields stand beside
#: How long a body may be, by path.
LONGER_BODIES = {b"/validate": _BODY_MAX_BYTES}
#: The short names of the formats, with what a page calls them.
FORMATS = {
    "trig": ("application/trig", "TriG"),
    "turtle": ("text/turtle", "Turtle"),
    "nq": ("application/n-quads", "N-Quads"),
    "nt": ("application/n-triples", "N-Triples"),
    "jsonld": ("application/ld+json", "JSON-LD"),
    "rdf": ("application/rdf+xml", "RDF/XML"),
}
_HTML = "text/html"
_FINDINGS_SHOWN = 200


@blueprint.get("/validate")
def page() -> Response:
    """Show the form."""
    return _page(layout.lang_of(Fields(request)))


@blueprint.post("/validate")
def validate() -> Response:
    """Judge the document of a request, and say what is found: as a report, or on the page for a browser."""
    request.max_content_length = _BODY_MAX_BYTES
    endpoint.note_revision()
    fields = Fields(request, takes_documents=True)
    media_type = negotiation.choose(request.headers.get("Accept", ""), (), (*MEDIA_TYPES, _HTML))
    lang = layout.lang_of(fields)
    if media_type == _HTML:
        return _judged_page(fields, lang)
    response = endpoint.rendered(_service().ask(_submission(fields, media_type, lang), client.asking()))
    if media_type == "text/plain":
        response.headers["Content-Language"] = lang
    response.vary.add("Accept-Language")
    return response


def _service() -> QueryService:
    service: QueryService = current_app.config["SERVICE"]
    return service


def _submission(fields: Fields, report_type: str, lang: str) -> Submission:
    """Return what a request wants judged.

    Raises:
        InputError: a field is missing, given twice, or has another value than its own.
        DocumentTooLarge: it is longer than a document may be.
    """
    content, media_type = _document(fields)
    if len(content) > MAX_BYTES:
        raise DocumentTooLarge(
            f"the document is {len(content):,} bytes long; {MAX_BYTES:,} bytes and {MAX_TRIPLES:,} triples are "
            "judged here at most; send it in parts, or judge it with 'coopkg validate FILE'"
        )
    against = _one(fields, "against", AGAINST[0])
    if against not in AGAINST:
        raise InputError(f"against={against!r}: give one of {', '.join(AGAINST)}")
    graph = "".join(fields.iris("graph")[:1]) if _one(fields, "graph") else ""
    if graph and not scope.is_scoped(graph):
        raise InputError(f"graph={graph!r}: give the graph of a source document, of the organisations or territories")
    return Submission(content, media_type, against, graph, report_type, lang)


def _document(fields: Fields) -> tuple[bytes, str]:
    """Return the document of a request, and its media type: its body, or the field of a form."""
    if request.mimetype in DOCUMENT_FORMATS:
        return request.get_data(), request.mimetype
    data, name = _one(fields, "data"), _one(fields, "format", "trig")
    if not data.strip():
        raise InputError("the document is empty; give it as the body, or as the field 'data' of a form")
    media_type, _ = FORMATS.get(name, (name, ""))
    if media_type not in DOCUMENT_FORMATS:
        raise InputError(f"format={name!r}: give one of {', '.join(FORMATS)}, or a media type")
    return data.encode("utf-8"), media_type


def _one(fields: Fields, name: str, default: str = "") -> str:
    values = fields.all(name)
    if len(values) > 1:
        raise InputError(f"'{name}' is given {len(values)} times; give it once")
    return values[0] if values else default


def _judged_page(fields: Fields, lang: str) -> Response:
    report, fault, status, later = None, "", 200, {}
    try:
        report = _report(_submission(fields, MEDIA_TYPES[0], lang))
    except CoopkgError as error:
        if problems.is_inside(error):
            raise
        status, fault, later = problems.status_of(error), str(error), problems.retry(error)
        log.entry().error = error.code
    response = _page(lang, fields, report, fault, status)
    response.headers.update(later)
    return response


def _report(submission: Submission) -> dict[str, Any]:
    answer = _service().ask(submission, client.asking())
    report: dict[str, Any] = json.loads(b"".join(itertools.chain((answer.begin,), answer.rest or ())))
    return report


def _page(
    lang: str, fields: Fields | None = None, report: dict[str, Any] | None = None, fault: str = "", status: int = 200
) -> Response:
    said = {name: "".join(fields.all(name)[:1]) if fields else "" for name in ("data", "format", "against", "graph")}
    return layout.page(
        "validate.html",
        status,
        formats={short: name for short, (_, name) in FORMATS.items()},
        said=said,
        report=report,
        shown=report["findings"][:_FINDINGS_SHOWN] if report else [],
        lines=said["data"].splitlines(),
        fault=fault,
        failed=status,
        address=public.addresses().at("validate"),
    )
