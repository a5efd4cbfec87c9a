"""`/quality`: what is known to be missing or doubtful, by source document and action; as a page and as data."""

from __future__ import annotations

import csv
import functools
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, current_app, g, request

from coopkg import names
from coopkg.content import Content
from coopkg.errors import InputError
from coopkg.findings import Tier
from coopkg.graph import Graph
from coopkg.quality import Place
from coopkg.rdf import Literal, NamedNode, read_quads
from coopkg.settings import Settings
from coopkg.view import Text, View
from coopkg.web.fields import Fields
from coopkg.web.site import layout
from coopkg.web.site.cells import calm
from coopkg.web.site.kept import kept

blueprint = Blueprint("site-quality", __name__)

_SHOWN = 200
_SORTS = ("findings", "warnings", "source", "action")
_SEVERITY, _MESSAGE = f"{names.SH}severity", f"{names.SH}message"
_EXTENT = f"{names.COOP}readExtent"
_EXTENTS = f"{names.BASE}scheme/read-extent"


@dataclass(frozen=True, slots=True)
class Row:
    """How many findings there are about an action in a source document; both may be "", when they belong to none.

    Args:
        source: the IRI of what the named graph tells: its source document, else the graph itself.
    """

    source: str
    source_name: Text
    action: str
    action_name: Text
    counts: Mapping[Tier, int]

    @property
    def total(self) -> int:
        """How many of all tiers."""
        return sum(self.counts.values())


@blueprint.get("/quality")
def page() -> Response:
    """Show how many findings there are and where, what is asked of a description, and what is known to lack."""
    view = layout.opened()
    counts = _counts(view)
    sort = _sort(Fields(request).all("sort"))
    rows = sorted(_rows(view), key=_KEYS[sort])
    return layout.page(
        "quality.html",
        manifest=g.manifest,
        totals=_totals(counts),
        rows=rows[:_SHOWN],
        count=len(rows),
        sort=sort,
        asked=asked(_settings().content_folder(), view.lang),
        extents=kept(view.store, (view.lang, "extents"), functools.partial(extents, view)),
    )


@blueprint.get("/quality.csv")
def as_csv() -> Response:
    """Give every count as a table, labels beside the IRIs."""
    view = layout.opened()
    output = io.StringIO()
    table = csv.writer(output, lineterminator="\r\n")
    table.writerow(["source", "source_name", "action", "action_name", *(tier.value.lower() for tier in Tier)])
    for row in _rows(view):
        numbers = [row.counts.get(tier, 0) for tier in Tier]
        named = (row.source, calm(row.source_name.value), row.action, calm(row.action_name.value))
        table.writerow([*named, *numbers])
    return _data(output.getvalue(), "text/csv")


@blueprint.get("/quality.json")
def as_json() -> Response:
    """Give every count as JSON, as it was counted: by named graph, action and tier."""
    counts = _counts(layout.opened())
    listed = [{**place._asdict(), "count": count} for place, count in sorted(counts.items())]
    told = {"revision": g.manifest.revision, "findings": listed}
    return _data(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "application/json")


def rows_of(view: View, counts: Mapping[Place, int]) -> list[Row]:
    """Return a row for each named graph and action in which something was found, in the order of their IRIs."""
    tiers: dict[tuple[str, str], Counter[Tier]] = {}
    for place, count in sorted(counts.items()):
        tiers.setdefault((place.graph, place.project), Counter())[place.tier] += count
    return [_row(view, graph, action, found) for (graph, action), found in tiers.items()]


def extents(view: View) -> list[tuple[Text, int]]:
    """Return how much was read of the source documents: each extent by its name, with how many they are."""
    concepts = view.subjects(f"{names.SKOS}inScheme", _EXTENTS)
    counted = [(view.label(concept), len(view.subjects(_EXTENT, concept))) for concept in concepts]
    return sorted((pair for pair in counted if pair[1]), key=lambda pair: -pair[1])


@functools.cache
def asked(content: Path, lang: str) -> dict[Tier, list[str]]:
    """Return what the shapes of a content folder ask, by tier: the sentences that they say when it is not so."""
    said: dict[Tier, set[str]] = {tier: set() for tier in Tier}
    for path in Content(content).shapes():
        severities, messages = dict[str, Tier](), dict[str, str]()
        for quad in read_quads(path, path.name):
            if quad.predicate.value == _SEVERITY and isinstance(quad.object, NamedNode):
                severities[str(quad.subject)] = Tier(quad.object.value.removeprefix(names.SH))
            if quad.predicate.value == _MESSAGE and isinstance(quad.object, Literal) and quad.object.language == lang:
                messages[str(quad.subject)] = quad.object.value
        for shape, message in messages.items():
            said[severities.get(shape, Tier.VIOLATION)].add(message)
    return {tier: sorted(messages) for tier, messages in said.items()}


def _row(view: View, graph: str, action: str, counts: Counter[Tier]) -> Row:
    source = _source(view, graph)
    return Row(source, _name(view, source), action, _name(view, action), counts)


def _source(view: View, graph: str) -> str:
    """Return the source document that a named graph tells; the graph itself when it tells none."""
    document = f"{names.BASE}id/source/{graph.removeprefix(names.GRAPH)}"
    return document if graph.startswith(names.GRAPH) and view.exists(document) else graph


def _name(view: View, iri: str) -> Text:
    return view.label(iri) if iri else Text("")


def _totals(counts: Mapping[Place, int]) -> dict[Tier, int]:
    return {tier: sum(count for place, count in counts.items() if place.tier is tier) for tier in Tier}


def _sort(wishes: Iterable[str]) -> str:
    wish = next(iter(wishes), _SORTS[0])
    if wish not in _SORTS:
        raise InputError(f"sort={wish[:100]!r}: give one of {', '.join(_SORTS)}")
    return wish


_KEYS = {
    "findings": lambda row: (-row.total, row.source, row.action),
    "warnings": lambda row: (-row.counts.get(Tier.WARNING, 0), -row.total, row.source, row.action),
    "source": lambda row: (row.source_name.value.casefold(), row.source, row.action),
    "action": lambda row: (row.action_name.value.casefold(), row.action, row.source),
}


def _data(text: str, media_type: str) -> Response:
    response = Response(text, mimetype=media_type)
    response.headers["Coopkg-Revision"] = str(g.manifest.revision)
    response.vary.add("Accept-Language")
    return response


def _counts(view: View) -> dict[Place, int]:
    graph: Graph = current_app.config["GRAPH"]
    return kept(view.store, "findings", graph.quality)


def _rows(view: View) -> list[Row]:
    """Return the rows, whose names are looked up once a generation and language: there may be one for each action."""
    return kept(view.store, (view.lang, "findings"), lambda: rows_of(view, _counts(view)))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
