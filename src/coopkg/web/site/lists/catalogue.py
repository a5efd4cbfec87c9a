"""Which lists there are: what each holds, by what it is filtered and in which orders it can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from coopkg import names

_SLUG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._~-]*[A-Za-z0-9])?")
_PATH = re.compile(rf"[a-z-]+/{_SLUG.pattern}")
_YEAR = re.compile("[0-9]{4}")
_ID = f"{names.BASE}id/"
_TERRITORY = f"{_ID}territory/"
_SCHEME = f"{names.BASE}scheme/"
#: The classes of actions; what is of none of the others is a plain action.
TYPES: Mapping[str, str] = {
    name.lower(): f"{names.COOP}{name}" for name in ("Project", "Experiment", "Event", "Programme", "Action")
}


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to filter a list.

    Args:
        name: in the index, and in addresses.
        fr, en: what it is called.
        prefix: what stands before the short form of a value in its IRI; "" when the two are the same.
        form: what a short form looks like.
        fixed: the IRIs by their short forms, where these are all.
        level: of territories, the level of all values.
    """

    name: str
    fr: str
    en: str
    prefix: str = ""
    form: re.Pattern[str] = _SLUG
    fixed: Mapping[str, str] = field(default_factory=dict)
    level: str = ""

    def iri(self, short: str) -> str:
        """Return the value that a short form stands for, or "" when it has not the form of one."""
        if self.fixed:
            return self.fixed.get(short, "")
        return self.prefix + short if self.form.fullmatch(short) else ""

    def short(self, value: str) -> str:
        """Return the short form of a value."""
        return next((short for short, iri in self.fixed.items() if iri == value), value.removeprefix(self.prefix))


@dataclass(frozen=True, slots=True)
class Order:
    """An order of a list: its name in the index and in addresses, and what it is called."""

    name: str
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A list.

    Args:
        name: its address, without the slash.
        kind: of what it is, in the index.
        fr, en: its title.
        one, many: what is counted, in French and in English.
        orders: the first one is taken when none is chosen.
        pattern: what SPARQL asks of each thing of it.
        label: the property that names a thing of it.
        has_places: whether its things can be drawn on a map.
    """

    name: str
    kind: str
    fr: str
    en: str
    one: tuple[str, str]
    many: tuple[str, str]
    facets: tuple[Facet, ...]
    orders: tuple[Order, ...]
    pattern: str
    label: str = "skos:prefLabel"
    has_places: bool = False

    def facet(self, name: str) -> Facet | None:
        """Return a facet by its name."""
        return next((facet for facet in self.facets if facet.name == name), None)


def _of_scheme(name: str, fr: str, en: str, scheme: str = "") -> Facet:
    return Facet(name, fr, en, f"{_SCHEME}{scheme or name}/")


_TYPE = Facet("type", "Type d’action", "Type of action", names.COOP, fixed=TYPES)
_REGION = Facet("region", "Région", "Région", f"{_TERRITORY}region/", level="region")
_DEPARTEMENT = Facet("departement", "Département", "Département", f"{_TERRITORY}departement/", level="departement")
_THEME = _of_scheme("theme", "Thème", "Theme")
_ACTOR_KIND = _of_scheme("actor-kind", "Catégorie d’acteur", "Kind of agent", "stakeholder-kind")
_ROLE = _of_scheme("role", "Rôle tenu", "Role held")
_OUTCOME_KIND = _of_scheme("outcome-kind", "Nature de résultat", "Kind of outcome")
_STATUS = _of_scheme("status", "État", "Status")
_LESSON_KIND = _of_scheme("lesson-kind", "Nature d’enseignement", "Kind of lesson")
_YEAR_FACET = Facet("year", "Année", "Year", form=_YEAR)
_BY_NAME, _BY_NAME_DOWN = (
    Order("name", "Nom, de A à Z", "Name, A to Z"),
    Order("-name", "Nom, de Z à A", "Name, Z to A"),
)
_NEWEST, _OLDEST = Order("-date", "Les plus récents", "Newest first"), Order("date", "Les plus anciens", "Oldest first")
_MOST_ACTIONS = Order("-size", "Le plus d’actions", "Most actions")
#: In words that were looked for; possible only with such words.
BY_RELEVANCE = Order("relevance", "Les plus proches des mots cherchés", "Closest to the words")

LISTS: Mapping[str, Catalogue] = {
    one.name: one
    for one in (
        Catalogue(
            "projects",
            "action",
            "Projets et autres actions",
            "Projects and other actions",
            ("action", "action"),
            ("actions", "actions"),
            (
                _TYPE,
                _REGION,
                _DEPARTEMENT,
                _THEME,
                _ACTOR_KIND,
                _ROLE,
                _OUTCOME_KIND,
                _LESSON_KIND,
                _YEAR_FACET,
                Facet("programme", "Programme", "Programme", f"{_ID}programme/"),
                _STATUS,
                Facet("goal", "Objectif de l’Agenda 2030", "Goal of the 2030 Agenda", "http://metadata.un.org/sdg/"),
                Facet("participant", "Acteur", "Agent", _ID, _PATH),
                Facet("territory", "Territoire", "Territory", _TERRITORY, _PATH),
            ),
            (
                _BY_NAME,
                _BY_NAME_DOWN,
                _NEWEST,
                _OLDEST,
                Order("-size", "Le plus d’acteurs", "Most agents"),
            ),
            "?it a coop:Action .",
            has_places=True,
        ),
        Catalogue(
            "organisations",
            "organisation",
            "Organisations",
            "Organisations",
            ("organisation", "organisation"),
            ("organisations", "organisations"),
            (_ACTOR_KIND, _ROLE, _REGION, _DEPARTEMENT, _THEME),
            (_BY_NAME, _BY_NAME_DOWN, _MOST_ACTIONS),
            "?it a org:Organization .",
        ),
        Catalogue(
            "territories",
            "territory",
            "Territoires des actions",
            "Territories of actions",
            ("territoire", "territory"),
            ("territoires", "territories"),
            (_of_scheme("level", "Niveau", "Level", "territory-level"), _REGION, _DEPARTEMENT),
            (_MOST_ACTIONS, _BY_NAME, _BY_NAME_DOWN),
            "[] coop:locatedIn ?it .",
            has_places=True,
        ),
        Catalogue(
            "outcomes",
            "outcome",
            "Résultats",
            "Outcomes",
            ("résultat", "outcome"),
            ("résultats", "outcomes"),
            (
                _OUTCOME_KIND,
                _STATUS,
                _of_scheme("theme", "Thème de l’action", "Theme of the action"),
                _REGION,
                _DEPARTEMENT,
            ),
            (_BY_NAME, _BY_NAME_DOWN),
            "?it a coop:Outcome .",
        ),
        Catalogue(
            "lessons",
            "lesson",
            "Enseignements",
            "Lessons learned",
            ("enseignement", "lesson"),
            ("enseignements", "lessons"),
            (
                _LESSON_KIND,
                _of_scheme("theme", "Thème de l’enseignement ou de l’action", "Theme of the lesson or of the action"),
                _REGION,
                _DEPARTEMENT,
            ),
            (_BY_NAME, _BY_NAME_DOWN),
            "?it a coop:Lesson .",
        ),
        Catalogue(
            "sources",
            "source",
            "Documents sources",
            "Source documents",
            ("document", "document"),
            ("documents", "documents"),
            (
                Facet("publisher", "Organisation qui publie", "Publisher", f"{_ID}organisation/"),
                _of_scheme("page-kind", "Nature du document", "Kind of document"),
                _THEME,
                _YEAR_FACET,
            ),
            (_BY_NAME, _BY_NAME_DOWN, _NEWEST, _OLDEST),
            "?it a coop:SourceDocument .",
            "dcterms:title",
        ),
        Catalogue(
            "themes",
            "theme",
            "Thèmes",
            "Themes",
            ("thème", "theme"),
            ("thèmes", "themes"),
            (),
            (_BY_NAME, _BY_NAME_DOWN, _MOST_ACTIONS),
            f"?it skos:inScheme <{_SCHEME}theme> .",
        ),
    )
}
