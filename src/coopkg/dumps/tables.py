"""The tables of a dump: which there are, what their columns tell, and whence. Pure data.

Each table has a row a thing, in the order of IRIs. A cell that can hold several values has them in one order, with
`SEPARATOR` between; the columns that name them, or give their codes, have as many, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coopkg import names

SEPARATOR = "|"
#: The language of names that have one in several.
LANGS = ("fr", "en")
LABELS = (f"{names.SKOS}prefLabel", f"{names.DCTERMS}title", f"{names.RDFS}label")

_COOP, _DCTERMS = names.COOP, names.DCTERMS
_FOAF, _ORG = names.PREFIXES["foaf"], names.PREFIXES["org"]
_CODE = f"{names.PREFIXES['igeo']}codeINSEE"
_IRI, _TEXT, _DATE = "anyURI", "string", "date"


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        name: in the first line of the file.
        fr, en: its title for people.
        path: the properties that lead from the thing to the values; more than one, tried in turn, for the last step.
        datatype: of CSVW.
        lang: of the texts that are told; "" for any.
        is_many: whether a cell may hold several values.
        is_inverse: whether the first step is walked from its end to its beginning.
        refers_to: the table in which its values have rows.
    """

    name: str
    fr: str
    en: str
    first: str
    then: tuple[str, ...] = ()
    datatype: str = _TEXT
    lang: str = ""
    is_many: bool = False
    is_inverse: bool = False
    refers_to: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: a row for each thing of some classes.

    Args:
        name: of its file, without the ending.
        of: the classes.
    """

    name: str
    fr: str
    en: str
    of: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.csv"


def _text(name: str, fr: str, en: str, predicate: str, *, many: bool = False, datatype: str = _TEXT) -> Column:
    return Column(name, fr, en, predicate, datatype=datatype, is_many=many)


def _in_languages(name: str, fr: str, en: str, predicate: str) -> Iterator[Column]:
    for lang in LANGS:
        yield Column(f"{name}_{lang}", f"{fr} ({lang})", f"{en} ({lang})", predicate, lang=lang)


def _things(
    name: str,
    fr: str,
    en: str,
    predicate: str,
    *,
    one: bool = False,
    inverse: bool = False,
    refers_to: str = "",
    coded: bool = False,
) -> Iterator[Column]:
    """Yield the columns of a property whose values are things: their IRIs, their names and, for places, their codes."""
    many = not one
    yield Column(name, fr, en, predicate, datatype=_IRI, is_many=many, is_inverse=inverse, refers_to=refers_to)
    for lang in LANGS:
        yield Column(
            f"{name}_{lang}",
            f"{fr} : noms ({lang})" if many else f"{fr} : nom ({lang})",
            f"{en}: names ({lang})" if many else f"{en}: name ({lang})",
            predicate,
            LABELS,
            lang=lang,
            is_many=many,
            is_inverse=inverse,
        )
    if coded:
        yield Column(f"{name}_code", f"{fr} : codes Insee", f"{en}: Insee codes", predicate, (_CODE,), is_many=many)


_TYPE = Column("type", "Types", "Types", f"{names.RDF}type", datatype=_IRI, is_many=True)
_WORDING = _text("source_wording", "Termes de la source", "Source wording", f"{_COOP}sourceWording", many=True)
_SOURCE = Column("source", "Documents sources", "Source documents", f"{_DCTERMS}source", datatype=_IRI, is_many=True)

TABLES: tuple[Table, ...] = (
    Table(
        "projects",
        "Projets en coopération, expérimentations, événements et programmes",
        "Cooperation projects, experiments, events and programmes",
        (f"{_COOP}Action",),
        (
            *_in_languages("name", "Nom", "Name", f"{names.SKOS}prefLabel"),
            _TYPE,
            *_in_languages("description", "Description", "Description", f"{_DCTERMS}description"),
            _text("start", "Début", "Start", f"{_COOP}startDate"),
            _text("end", "Fin", "End", f"{_COOP}endDate"),
            _text("date", "Date", "Date", f"{_COOP}date"),
            _text("earliest", "Premier jour connu", "First known day", f"{_COOP}earliestDate", datatype=_DATE),
            _text("latest", "Dernier jour connu", "Last known day", f"{_COOP}latestDate", datatype=_DATE),
            *_things("status", "État", "Status", f"{_COOP}status", one=True),
            *_things("kind", "Natures", "Kinds", f"{_COOP}actionKind"),
            *_things("theme", "Thèmes", "Themes", f"{_COOP}theme"),
            *_things("place", "Zones géographiques", "Areas covered", f"{_COOP}coversTerritory", coded=True),
            *_things("goal", "Objectifs de l’Agenda 2030", "Goals of the 2030 Agenda", f"{_COOP}contributesToGoal"),
            *_things("programme", "Programmes", "Programmes", f"{_COOP}inProgramme", refers_to="projects"),
            *_things("part_of", "Fait partie de", "Part of", f"{_COOP}partOfAction", refers_to="projects"),
            _SOURCE,
            Column(
                "page",
                "Pages des documents sources",
                "Pages of the source documents",
                f"{_DCTERMS}source",
                (f"{_FOAF}page",),
                datatype=_IRI,
                is_many=True,
            ),
        ),
    ),
    Table(
        "organisations",
        "Acteurs : organisations et groupes d’acteurs non nommés",
        "Agents: organisations and stakeholder groups",
        (f"{_ORG}Organization", f"{_COOP}StakeholderGroup"),
        (
            *_in_languages("name", "Nom", "Name", f"{names.SKOS}prefLabel"),
            _TYPE,
            _text("other_name", "Autres noms", "Other names", f"{names.SKOS}altLabel", many=True),
            *_things("kind", "Catégories d’acteur", "Kinds of agent", f"{_ORG}classification"),
            _text("siren", "SIREN", "SIREN", f"{_COOP}siren"),
            _text("siret", "SIRET", "SIRET", f"{_COOP}siret", many=True),
            _text("rna", "RNA", "RNA", f"{_COOP}rna"),
            _text("homepage", "Sites", "Websites", f"{_FOAF}homepage", many=True, datatype=_IRI),
            *_things(
                "jurisdiction", "Territoires administrés", "Jurisdictions", f"{_COOP}hasJurisdictionOver", coded=True
            ),
            _text("members", "Nombre de membres", "Number of members", f"{_COOP}memberCount"),
            _SOURCE,
        ),
    ),
    Table(
        "participations",
        "Participations : qui a pris part à quoi, en quels rôles",
        "Participations: who took part in what, in which roles",
        (f"{_COOP}Participation",),
        (
            *_things("project", "Projet", "Project", f"{_COOP}inAction", one=True, refers_to="projects"),
            *_things("organisation", "Acteur", "Agent", f"{_COOP}participant", one=True, refers_to="organisations"),
            *_things("role", "Rôles", "Roles", f"{_COOP}role"),
            *_things("listed_as", "Catégories de la source", "Listed as", f"{_COOP}listedAs"),
            _WORDING,
            _SOURCE,
        ),
    ),
    Table(
        "outcomes",
        "Résultats des projets",
        "Outcomes of the projects",
        (f"{_COOP}Outcome",),
        (
            *_in_languages("name", "Nom", "Name", f"{names.SKOS}prefLabel"),
            *_things("project", "Issu de", "Came of", f"{_COOP}hasOutcome", inverse=True, refers_to="projects"),
            *_things("kind", "Natures", "Kinds", f"{_COOP}outcomeKind"),
            *_things("status", "État", "Status", f"{_COOP}status", one=True),
            _text("measure", "Mesures", "Measures", f"{_COOP}hasMeasure", many=True, datatype=_IRI),
            Column(
                "indicator",
                "Indicateurs des mesures",
                "Indicators of the measures",
                f"{_COOP}hasMeasure",
                (f"{_COOP}indicator",),
                datatype=_IRI,
                is_many=True,
            ),
            Column(
                "value",
                "Valeurs des mesures",
                "Values of the measures",
                f"{_COOP}hasMeasure",
                (f"{_COOP}value",),
                is_many=True,
            ),
            _text("creates", "A donné naissance à", "Gave birth to", f"{_COOP}creates", many=True, datatype=_IRI),
            _WORDING,
            _SOURCE,
        ),
    ),
)
