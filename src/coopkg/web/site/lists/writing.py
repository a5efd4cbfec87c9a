"""The rows of a list as the text of a file, piece by piece: CSV for programs, CSV for a spreadsheet in French, JSON,
GeoJSON, Turtle. What the columns and members mean: docs/lists.md.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coopkg import names
from coopkg.rdf import NamedNode, RdfFormat, Triple, serialize
from coopkg.store import QuadStore
from coopkg.view import View
from coopkg.web.site.cells import calm
from coopkg.web.site.lists.columns import COLUMNS, Column, Thing, Value
from coopkg.web.site.lists.places import Places

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_BETWEEN = " | "
_COVERS = f"{names.COOP}coversTerritory"
#: What is described with a thing: what these properties lead to, and from them the next ones. "^" walks one back.
_PARTS: Mapping[str, Sequence[str]] = {
    "action": ("^inAction", "^expectedIn", "hasOutcome", "hasLesson", "hasPerspective"),
    "outcome": ("hasMeasure",),
    "organisation": ("^participant", "^expectedParticipant"),
}
_MEASURES = f"{names.COOP}hasMeasure"


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a list.

    Args:
        kind: of the index.
        name: of the list.
        lang: of the names.
        total: how many rows there are.
        chunks: a part of them each time.
    """

    kind: str
    name: str
    lang: str
    revision: int
    total: int
    chunks: Iterable[Sequence[Thing]]

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is told of each."""
        return COLUMNS[self.kind]


def to_csv(rows: Rows) -> Iterator[bytes]:
    """Yield comma-separated values (RFC 4180), in UTF-8 without a mark before it."""
    yield _lines([_header(rows.columns)])
    for things in rows.chunks:
        yield _lines(_cells(thing, rows.columns).values() for thing in things)


def to_excel(rows: Rows) -> Iterator[bytes]:
    """Yield what a spreadsheet in French opens by a double click, with titles for people; no cell calculates."""
    yield "\ufeff".encode() + _lines([_titles(rows)], ";")
    for things in rows.chunks:
        yield _lines(([calm(cell) for cell in _cells(thing, rows.columns).values()] for thing in things), ";")


def to_json(rows: Rows) -> Iterator[bytes]:
    """Yield an object of a few facts and `items`, one a line."""
    head = {"list": rows.name, "lang": rows.lang, "revision": rows.revision, "total": rows.total, "license": LICENCE}
    return _enclosed(head, "items", rows, _record)


def to_geojson(rows: Rows) -> Iterator[bytes]:
    """Yield a FeatureCollection (RFC 7946) with a feature for each row; its geometry is null where none is known."""
    head = {"type": "FeatureCollection", "revision": rows.revision, "license": LICENCE}
    places = Places()

    def feature(thing: Thing, columns: Sequence[Column]) -> dict[str, Any]:
        return _feature(thing, columns, places, is_place=rows.kind == "territory")

    return _enclosed(head, "features", rows, feature)


def to_turtle(rows: Rows) -> Iterator[bytes]:
    """Yield what is said of each thing, and of what belongs to it, as Turtle."""
    if not rows.total:
        yield b"# nothing is chosen\n"
    for things in rows.chunks:
        triples = {triple: None for thing in things for triple in _description(thing, rows.kind)}
        written = io.BytesIO()
        serialize(triples, written, format=RdfFormat.TURTLE, prefixes=names.PREFIXES)
        yield written.getvalue()


def _enclosed(
    head: Mapping[str, object], member: str, rows: Rows, record: Callable[[Thing, Sequence[Column]], object]
) -> Iterator[bytes]:
    """Yield a JSON object whose last member is an array with a record of each row."""
    yield f"{_compact(head)[:-1]},{_compact(member)}:[".encode()
    between = "\n"
    for things in rows.chunks:
        records = [_compact(record(thing, rows.columns)) for thing in things]
        yield (between + ",\n".join(records)).encode()
        between = ",\n"
    yield b"\n]}\n"


def _record(thing: Thing, columns: Sequence[Column]) -> dict[str, Any]:
    told: dict[str, Any] = {"iri": thing.iri, "name": thing.view.label(thing.iri).value}
    for column in columns:
        values = [_member(value) for value in column.values(thing)]
        told[column.name] = next(iter(values), None) if column.is_one else values
    return told


def _member(value: Value) -> str | dict[str, str]:
    return {"iri": value.iri, "label": value.text.value} if value.iri else value.text.value


def _feature(thing: Thing, columns: Sequence[Column], places: Places, *, is_place: bool) -> dict[str, Any]:
    told: dict[str, Any] = _cells(thing, columns)
    if is_place:
        geometry = places.outline(thing.view, thing.iri)
    else:
        covered = thing.view.iris(thing.iri, _COVERS)
        points = places.points(thing.view, covered)
        geometry = {"type": "MultiPoint", "coordinates": list(points.values())} if points else None
        told["point_of"] = _BETWEEN.join(points)
        told["is_exact"] = bool(points) and all(places.shown_at(thing.view, one) == one for one in covered)
    return {"type": "Feature", "id": thing.iri, "geometry": geometry, "properties": told}


def _header(columns: Iterable[Column]) -> list[str]:
    found = ["iri", "name"]
    for column in columns:
        found += [column.name, f"{column.name}_iri"] if column.has_iris else [column.name]
    return found


def _titles(rows: Rows) -> list[str]:
    """Return the header of a file for people."""
    is_french = rows.lang == "fr"
    found = ["Adresse", "Nom"] if is_french else ["Address", "Name"]
    for column in rows.columns:
        title = column.fr if is_french else column.en
        found += [title, f"{title} ({'adresses' if is_french else 'addresses'})"] if column.has_iris else [title]
    return found


def _cells(thing: Thing, columns: Iterable[Column]) -> dict[str, str]:
    """Return the cells of a row by the names of their columns."""
    cells = {"iri": thing.iri, "name": thing.view.label(thing.iri).value}
    for column in columns:
        values = column.values(thing)
        texts = [value.text.value for value in values]
        cells[column.name] = "".join(texts) if column.is_one and not column.has_iris else _joined(texts)
        if column.has_iris:
            cells[f"{column.name}_iri"] = _BETWEEN.join(value.iri for value in values)
    return cells


def _joined(texts: Iterable[str]) -> str:
    """Return texts with a bar between them; one within them gets a backslash."""
    return _BETWEEN.join(text.replace("|", "\\|") for text in texts)


def _lines(rows: Iterable[Iterable[str]], separator: str = ",") -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode()


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _description(thing: Thing, kind: str) -> Iterator[Triple]:
    store = thing.view.store
    yield from _said(store, thing.iri)
    for part in _parts(thing.view, thing.iri, _PARTS.get(kind, ())):
        yield from _said(store, part)
        for measure in thing.view.iris(part, _MEASURES):
            yield from _said(store, measure)


def _parts(view: View, iri: str, properties: Iterable[str]) -> Iterator[str]:
    for one in properties:
        if one.startswith("^"):
            yield from view.subjects(names.COOP + one[1:], iri)
        else:
            yield from view.iris(iri, names.COOP + one)


def _said(store: QuadStore, iri: str) -> list[Triple]:
    return sorted(store.triples(NamedNode(iri), None, None), key=str)
