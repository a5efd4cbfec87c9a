"""What is told of each thing of a list: in its card, and in the files of all rows.

One table a list: the cards, the two kinds of CSV, JSON and GeoJSON tell the same things by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from coopkg import names
from coopkg.portrait import naming
from coopkg.view import Text, View
from coopkg.web.site.lists.catalogue import TYPES

_COOP, _DCTERMS = names.COOP, names.DCTERMS
_PAGE = f"{names.PREFIXES['foaf']}page"
_DESCRIPTION = f"{_DCTERMS}description"
_HAS_MEASURE = f"{_COOP}hasMeasure"
_LEVEL = f"{_COOP}territoryLevel"
_LEVELS = f"{names.BASE}scheme/territory-level/"


@dataclass(frozen=True, slots=True)
class Value:
    """A value: the thing that it is, "" when it is none, and its text."""

    iri: str
    text: Text


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of a list, and in how many actions it has a part (for actions: how many agents)."""

    view: View
    iri: str
    size: int


@dataclass(frozen=True, slots=True)
class Column:
    """One of the things that are told.

    Args:
        name: in the files.
        fr, en: what it is called; in cards, and in the files for a spreadsheet.
        values: in the order in which they are shown.
        has_iris: whether each value is a thing.
        is_one: whether there is at most one value.
        is_on_card: whether cards tell it, too.
        is_date: whether it is a date, known to the year, the month or the day.
    """

    name: str
    fr: str
    en: str
    values: Callable[[Thing], list[Value]]
    has_iris: bool = False
    is_one: bool = False
    is_on_card: bool = False
    is_date: bool = False


def _things(view: View, iris: Iterable[str]) -> list[Value]:
    return [Value(iri, view.label(iri)) for iri in view.sorted_by_label(iris)]


def _of(*predicates: str) -> Callable[[Thing], list[Value]]:
    """Return what reads the things that some properties lead to, one after the other; "^" before one walks it back."""

    def values(thing: Thing) -> list[Value]:
        nodes = {thing.iri}
        for predicate in predicates:
            nodes = {found for node in nodes for found in _step(thing.view, node, predicate)}
        return _things(thing.view, nodes)

    return values


def _step(view: View, node: str, predicate: str) -> list[str]:
    return view.subjects(predicate[1:], node) if predicate.startswith("^") else view.iris(node, predicate)


def _text(predicate: str) -> Callable[[Thing], list[Value]]:
    def values(thing: Thing) -> list[Value]:
        text = thing.view.text(thing.iri, predicate)
        return [Value("", text)] if text else []

    return values


def _first(*predicates: str) -> Callable[[Thing], list[Value]]:
    """Return what reads the first of some properties that has a literal."""

    def values(thing: Thing) -> list[Value]:
        found = (thing.view.value(thing.iri, predicate) for predicate in predicates)
        text = next((text for text in found if text), "")
        return [Value("", Text(text))] if text else []

    return values


def _addresses(*predicates: str) -> Callable[[Thing], list[Value]]:
    """Return what reads the addresses that some properties lead to, one after the other."""
    reach = _of(*predicates)
    return lambda thing: [Value("", Text(value.iri)) for value in reach(thing)]


def _at_level(level: str, *predicates: str) -> Callable[[Thing], list[Value]]:
    """Return what reads the territories of a level among those that are reached."""
    reach = _of(*predicates)

    def values(thing: Thing) -> list[Value]:
        return [one for one in reach(thing) if _LEVELS + level in thing.view.iris(one.iri, _LEVEL)]

    return values


def _types(thing: Thing) -> list[Value]:
    """Return the most special classes of an action: an experiment is a project, too, and says so by being one."""
    classes = set(thing.view.kinds(thing.iri)) & set(TYPES.values())
    broader = {up for cls in classes for up in thing.view.iris(cls, f"{names.RDFS}subClassOf")}
    return _things(thing.view, classes - broader)


def _measures(thing: Thing) -> list[Value]:
    """Return the measures of an outcome, each with what it measures and its value."""
    found = thing.view.iris(thing.iri, _HAS_MEASURE)
    return [Value(iri, naming.named(thing.view, iri).name) for iri in found]


def _of_measures(predicate: str) -> Callable[[Thing], list[Value]]:
    """Return what reads a value of each measure of an outcome, in the order of the measures, "" where there is none."""

    def values(thing: Thing) -> list[Value]:
        return [Value("", Text(thing.view.value(iri, predicate))) for iri in thing.view.iris(thing.iri, _HAS_MEASURE)]

    return values


def _size(thing: Thing) -> list[Value]:
    return [Value("", Text(str(thing.size)))]


def _things_column(name: str, fr: str, en: str, *path: str, one: bool = False, card: bool = False) -> Column:
    return Column(name, fr, en, _of(*path), has_iris=True, is_one=one, is_on_card=card)


_PLACES = (
    Column("region", "Région", "Région", _at_level("region", f"{_COOP}locatedIn"), has_iris=True),
    Column("departement", "Département", "Département", _at_level("departement", f"{_COOP}locatedIn"), has_iris=True),
)
_ACTIONS = Column("actions", "Nombre d’actions", "Number of actions", _size, is_one=True, is_on_card=True)

#: By the kinds of the index; the name of a thing is told before all of them.
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "action": (
        Column("type", "Type", "Type", _types, has_iris=True, is_on_card=True),
        Column("description", "Description", "Description", _text(_DESCRIPTION), is_one=True),
        Column(
            "start",
            "Début ou date",
            "Start or date",
            _first(f"{_COOP}startDate", f"{_COOP}date"),
            is_one=True,
            is_on_card=True,
            is_date=True,
        ),
        Column("end", "Fin", "End", _first(f"{_COOP}endDate"), is_one=True, is_date=True),
        _things_column("place", "Où", "Where", f"{_COOP}coversTerritory", card=True),
        *_PLACES,
        _things_column("theme", "Thèmes", "Themes", f"{_COOP}theme", card=True),
        _things_column("lead", "Porté par", "Led by", f"{_COOP}ledBy", card=True),
        _things_column("initiator", "À l’initiative de", "Initiated by", f"{_COOP}initiatedBy"),
        _things_column("partner", "Partenaires", "Partners", f"{_COOP}hasPartner"),
        _things_column("supporter", "Appuyé par", "Supported by", f"{_COOP}supportedBy"),
        _things_column("funder", "Financé par", "Funded by", f"{_COOP}fundedBy"),
        _things_column("beneficiary", "Bénéficiaires", "Beneficiaries", f"{_COOP}benefits"),
        Column("participants", "Nombre d’acteurs", "Number of agents", _size, is_one=True),
        _things_column("outcome", "Résultats", "Outcomes", f"{_COOP}hasOutcome"),
        _things_column("lesson", "Enseignements", "Lessons learned", f"{_COOP}hasLesson"),
        _things_column("programme", "Programme", "Programme", f"{_COOP}inProgramme"),
        _things_column("status", "État", "Status", f"{_COOP}status"),
        _things_column("goal", "Objectifs de l’Agenda 2030", "Goals of the 2030 Agenda", f"{_COOP}contributesToGoal"),
        _things_column("source", "Documents sources", "Source documents", f"{_DCTERMS}source"),
        Column("page", "Pages des documents", "Pages of the documents", _addresses(f"{_DCTERMS}source", _PAGE)),
    ),
    "organisation": (
        _things_column(
            "kind", "Catégorie d’acteur", "Kind of agent", f"{names.PREFIXES['org']}classification", card=True
        ),
        _ACTIONS,
        Column("siren", "SIREN", "SIREN", _first(f"{_COOP}siren"), is_one=True),
        Column("rna", "RNA", "RNA", _first(f"{_COOP}rna"), is_one=True),
        Column("homepage", "Site", "Website", _addresses(f"{names.PREFIXES['foaf']}homepage"), is_one=True),
        _things_column("jurisdiction", "Territoire administré", "Jurisdiction", f"{_COOP}hasJurisdictionOver"),
    ),
    "territory": (
        _things_column("level", "Niveau", "Level", _LEVEL, one=True, card=True),
        Column("code", "Code Insee", "Insee code", _first(f"{names.PREFIXES['igeo']}codeINSEE"), is_one=True),
        _things_column("within", "Dans", "In", f"{_COOP}directlyWithin", card=True),
        Column("departement", "Département", "Département", _at_level("departement", f"{_COOP}within"), has_iris=True),
        Column("region", "Région", "Région", _at_level("region", f"{_COOP}within"), has_iris=True),
        Column("population", "Population", "Population", _first(f"{_COOP}population"), is_one=True),
        _ACTIONS,
    ),
    "outcome": (
        _things_column("kind", "Nature", "Kind", f"{_COOP}outcomeKind", card=True),
        _things_column("status", "État", "Status", f"{_COOP}status", card=True),
        Column("measure", "Mesures", "Measures", _measures, has_iris=True, is_on_card=True),
        Column("value", "Valeurs des mesures", "Values of the measures", _of_measures(f"{_COOP}value")),
        _things_column("action", "Issu de", "Came of", f"^{_COOP}hasOutcome", card=True),
        _things_column("creates", "A donné naissance à", "Gave birth to", f"{_COOP}creates", card=True),
        _things_column("place", "Où", "Where", f"^{_COOP}hasOutcome", f"{_COOP}coversTerritory"),
        _things_column("source", "Documents sources", "Source documents", f"{_DCTERMS}source"),
    ),
    "lesson": (
        _things_column("kind", "Nature", "Kind", f"{_COOP}lessonKind", card=True),
        _things_column("theme", "Thèmes", "Themes", f"{_COOP}theme", card=True),
        _things_column("action", "Tiré de", "Learned from", f"^{_COOP}hasLesson", card=True),
        _things_column("stated_by", "Selon", "According to", f"{_COOP}statedBy", card=True),
        _things_column("place", "Où", "Where", f"^{_COOP}hasLesson", f"{_COOP}coversTerritory"),
        _things_column("source", "Documents sources", "Source documents", f"{_DCTERMS}source"),
    ),
    "source": (
        _things_column("publisher", "Publié par", "Published by", f"{_DCTERMS}publisher", one=True, card=True),
        Column(
            "issued",
            "Date",
            "Date",
            _first(f"{_DCTERMS}issued"),
            is_one=True,
            is_on_card=True,
            is_date=True,
        ),
        _things_column("page_kind", "Nature du document", "Kind of document", f"{_COOP}pageKind", one=True, card=True),
        Column("page", "Page", "Page", _addresses(_PAGE), is_one=True),
        _things_column("action", "Présente", "Presents", f"{_COOP}describes", card=True),
        _things_column("narrator", "Raconté par", "Told by", f"{_COOP}narrator"),
        _things_column("theme", "Thèmes", "Themes", f"{_DCTERMS}subject"),
        _things_column("read_extent", "Ce qui a été lu", "What was read", f"{_COOP}readExtent", one=True),
    ),
    "theme": (
        _things_column("broader", "Fait partie de", "Part of", f"{names.SKOS}broader", card=True),
        Column("definition", "Définition", "Definition", _text(f"{names.SKOS}definition"), is_one=True),
        _ACTIONS,
    ),
}
#: What a card tells in whole sentences, below the name.
ABOUT: Mapping[str, str] = {"action": _DESCRIPTION, "theme": f"{names.SKOS}definition"}


def about(thing: Thing, kind: str) -> Text | None:
    """Return what a card tells in whole sentences."""
    predicate = ABOUT.get(kind)
    return thing.view.text(thing.iri, predicate) if predicate else None
