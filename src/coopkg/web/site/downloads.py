"""`/dumps/` for people: the dumps that are kept, what each file holds, and how to check it; programs get the list."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g

from coopkg.dumps.manifest import SIGNATURE, Dump
from coopkg.dumps.reading import Dumps
from coopkg.web import dumps, public, representation
from coopkg.web.representation import HTML
from coopkg.web.site import layout

blueprint = Blueprint("site-downloads", __name__)

_TABLES = ("projects.csv", "organisations.csv", "participations.csv", "outcomes.csv")
_CANONICAL = "coopkg.nq.gz"
_MOST_SHOWN = 100


@blueprint.get("/dumps/")
def index() -> Response:
    """List the dumps in the form that is wanted."""
    wanted = representation.wanted(offers=("application/json", HTML))
    response = dumps_page() if wanted == HTML else dumps.index()
    response.vary.add("Accept")
    return response


def dumps_page() -> Response:
    """Show the last dump file by file, and which others are kept."""
    kept = _dumps().all()
    dump = kept[0] if kept else None
    layout.opened()
    return layout.page(
        "dumps.html",
        dump=dump,
        tables=[file for name in _TABLES if dump and (file := dump.file(name))],
        wholes=[file for file in dump.files if file.compression] if dump else [],
        sums=[f"{file.sha256}  {file.name}" for file in dump.files] if dump else [],
        canonical=bool(dump and dump.file(_CANONICAL)),
        is_signed=bool(dump and _dumps().file(dump, SIGNATURE)),
        kept=kept[:_MOST_SHOWN],
        hidden=len(kept[_MOST_SHOWN:]),
        revision=g.manifest.revision,
        root=public.addresses().root,
    )


def last() -> Dump | None:
    """Return the last dump; None when there is none."""
    return _dumps().latest()


def _dumps() -> Dumps:
    found: Dumps = current_app.config["DUMPS"]
    return found
