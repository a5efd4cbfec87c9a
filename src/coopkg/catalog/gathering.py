"""Where the facts of a catalogue come from: a generation, the journal, the last dump, the settings.

Reads what is small or is looked up by its predicate; how long it takes follows from the number of actions and of
revisions, and it is done once a revision.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from coopkg import names
from coopkg.catalog.contents import DATA_SETS
from coopkg.catalog.facts import Facts, Publisher, Terms
from coopkg.catalog.wording import Wording
from coopkg.dumps import manifest as dumps
from coopkg.dumps.manifest import Dump
from coopkg.dumps.statistics import STATISTICS, Statistics
from coopkg.errors import StateDamaged
from coopkg.generations import Manifest
from coopkg.journal import Revision
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad, Triple
from coopkg.settings import Settings
from coopkg.store import QuadStore

_DATES = tuple(NamedNode(names.COOP + name) for name in ("date", "startDate", "endDate"))
_LICENCE, _RIGHTS, _TITLE = (f"{names.DCTERMS}{name}" for name in ("license", "rights", "title"))
_LABEL = f"{names.RDFS}label"
Term = NamedNode | BlankNode | Literal | Triple


def gathered(
    store: QuadStore,
    manifest: Manifest,
    revisions: Sequence[Revision],
    settings: Settings,
    state: Path,
    limits: str,
    *,
    takes_updates: bool = False,
) -> Facts:
    """Return the facts of a generation.

    Args:
        store, manifest: of the generation.
        revisions: those up to it, the last one first.
        state: the state folder, in which dumps lie.
        limits: those of the endpoint, as one line.
    Raises:
        StateDamaged: what the last dump says of itself cannot be read.
    """
    dump = dumps.latest(state)
    licences = list(store.quads(names.LICENCES_GRAPH))
    terms = _terms(licences)
    return Facts(
        revision=manifest.revision,
        issued=revisions[-1].time,
        modified=modified(revisions),
        graphs={graph: held.statements for graph, held in manifest.graphs.items()},
        inferred=manifest.inferred,
        whole=terms.pop(names.BASE, Terms("")),
        terms=terms,
        publisher=Publisher(settings.publisher_name, settings.contact_url, settings.publisher_kind),
        limits=limits,
        takes_updates=takes_updates,
        years=years(store),
        dump=dump,
        statistics=_statistics(state, dump),
    )


def modified(revisions: Sequence[Revision]) -> dict[str, str]:
    """Return when each data set changed last, by its name, and under "" the whole.

    A revision that does not say of which graphs it speaks counts for all: better too late a date than one that keeps a
    harvester from taking a change.

    Args:
        revisions: the last one first; one at least.
    """
    found = {"": revisions[0].time}
    missing = {one.name: one for one in DATA_SETS}
    for revision in revisions:
        for name in [name for name, one in missing.items() if _touches(revision, one.covers)]:
            found[name] = revision.time
            del missing[name]
        if not missing:
            break
    return {**dict.fromkeys(missing, revisions[-1].time), **found}


def _touches(revision: Revision, covers: Callable[[str], bool]) -> bool:
    graphs = revision.origin.graphs if revision.origin else {}
    return not graphs or any(covers(graph) for graph in graphs)


def years(store: QuadStore) -> tuple[int, int] | None:
    """Return the first and the last year of the dates of actions; None when there is none."""
    found = {year for date in _DATES for quad in store.stating(None, date, None) if (year := _year(quad))}
    return (min(found), max(found)) if found else None


def _year(quad: Quad) -> int | None:
    text = quad.object.value[:4] if isinstance(quad.object, Literal) else ""
    return int(text) if re.fullmatch("[0-9]{4}", text) else None


def _statistics(state: Path, dump: Dump | None) -> Statistics | None:
    """Return the statistics of a dump; None when it has none, or was removed meanwhile."""
    if dump is None or dump.file(STATISTICS) is None:
        return None
    path = dumps.folder_of(state) / dump.name / STATISTICS
    try:
        return Statistics.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        raise StateDamaged(f"{path}: cannot be read ({fault}); remove {path.parent} and dump again") from fault


def _terms(told: Iterable[Quad]) -> dict[str, Terms]:
    """Return the terms of each named graph, and under the base IRI those of the whole, from the graph of licences."""
    values: defaultdict[tuple[str, str], list[Term]] = defaultdict(list)
    for quad in told:
        if isinstance(quad.subject, NamedNode):
            values[quad.subject.value, quad.predicate.value].append(quad.object)
    described = {subject for subject, predicate in values if predicate == _TITLE}
    return {graph: _terms_of(graph, values) for graph in described}


def _terms_of(graph: str, values: Mapping[tuple[str, str], Sequence[Term]]) -> Terms:
    licence = next((term.value for term in values.get((graph, _LICENCE), ()) if isinstance(term, NamedNode)), "")
    return Terms(
        licence,
        _wording(values.get((licence, _LABEL), ())),
        _wording(values.get((graph, _RIGHTS), ())),
        _wording(values.get((graph, _TITLE), ())),
    )


def _wording(terms: Iterable[Term]) -> Wording | None:
    """Return the texts of a property in both languages; where one is missing, the other stands for it."""
    texts = {term.language: term.value for term in terms if isinstance(term, Literal)}
    any_text = next(iter(texts.values()), "")
    return Wording(texts.get("fr", any_text), texts.get("en", any_text)) if any_text else None
