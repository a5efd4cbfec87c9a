"""`/dumps/` for people: the dated copies of the graph that are kept, what each file holds, and how to check it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, g

from coopkg.dumps.manifest import SIGNATURE, Dump
from coopkg.dumps.reading import Dumps
from coopkg.web import public
from coopkg.web.site import layout

_TABLES = ("projects.csv", "organisations.csv", "participations.csv", "outcomes.csv")
_CANONICAL = "coopkg.nq.gz"
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Summary:
    """A dump in a line of a list."""

    name: str
    revision: int
    time: str
    statements: int
    size: int

    @classmethod
    def of(cls, dump: Dump) -> Summary:
        """Return what a line says of a dump."""
        return cls(dump.name, dump.revision, dump.time, dump.statements, sum(file.size for file in dump.files))


def page() -> Response:
    """Show the last dump file by file, and which others are kept."""
    dumps = _dumps()
    kept, dump = dumps.all(), last()
    layout.opened()
    return layout.page(
        "dumps.html",
        dump=dump,
        tables=[file for name in _TABLES if dump and (file := dump.file(name))],
        wholes=[file for file in dump.files if file.compression] if dump else [],
        sums=[f"{file.sha256}  {file.name}" for file in dump.files] if dump else [],
        canonical=bool(dump and dump.file(_CANONICAL)),
        is_signed=bool(dump and dumps.file(dump, SIGNATURE)),
        kept=[Summary.of(one) for one in kept[:_MOST_SHOWN]],
        hidden=max(len(kept) - _MOST_SHOWN, 0),
        revision=g.manifest.revision,
        root=public.addresses().root,
    )


def last() -> Dump | None:
    """Return the last dump; None when there is none."""
    return _dumps().latest()


def _dumps() -> Dumps:
    dumps: Dumps = current_app.config["DUMPS"]
    return dumps
