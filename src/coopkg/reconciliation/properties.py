"""The properties by which things are told apart, and that can be fetched of them: one table for both.

What is read is what the index says, and lookups of neighbours: never more of them than are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from coopkg import names
from coopkg.errors import InputError
from coopkg.index import Entry
from coopkg.rdf import Literal, NamedNode
from coopkg.reconciliation import types
from coopkg.view import View

Value = NamedNode | Literal
Reader = Callable[[Entry, View], Iterable[Value]]
#: Of hubs, some.
MOST_VALUES = 100
_WITHIN = f"{names.COOP}within"


@dataclass(frozen=True, slots=True)
class Property:
    """What can be said of a thing.

    Args:
        id: by which it is asked for.
        french, english: its name.
        kinds: the kinds of things that have it.
        read: gives its values of a thing.
        is_identifier: whether one thing alone has a value of it.
        of: the type of its values, where they are things of ours.
    """

    id: str
    french: str
    english: str
    kinds: tuple[str, ...]
    read: Reader
    is_identifier: bool = False
    of: str = ""

    def name(self, lang: str) -> str:
        """Return its name in a language."""
        return self.english if lang == "en" else self.french

    def values(self, entry: Entry, view: View, limit: int = MOST_VALUES) -> list[Value]:
        """Return what is said of a thing, so many values at most."""
        return list(islice(self.read(entry, view), limit)) if entry.kind in self.kinds else []


def _said(predicate: str) -> Reader:
    def read(entry: Entry, view: View) -> Iterable[Value]:
        found = view.store.triples(NamedNode(entry.iri), NamedNode(predicate), None)
        values = (one.object for one in islice(found, MOST_VALUES))
        return sorted((one for one in values if isinstance(one, NamedNode | Literal)), key=str)

    return read


def _text(predicate: str) -> Reader:
    def read(entry: Entry, view: View) -> Iterable[Value]:
        return [Literal(text.value, language=text.lang or None) for text in view.texts(entry.iri, predicate)]

    return read


def _faceted(facet: str) -> Reader:
    return lambda entry, _: map(NamedNode, entry.facets.get(facet, ()))


def _placed(level: str) -> Reader:
    """Return a reader of the places of one level in which a thing is; it is its own place when it is of that level."""
    wanted = f"{types.LEVELS}/{level}"

    def read(entry: Entry, view: View) -> Iterable[Value]:
        if entry.kind != "territory":
            return map(NamedNode, entry.facets.get(level, ()))
        around = (entry.iri, *view.iris(entry.iri, _WITHIN))
        return (NamedNode(place) for place in around if wanted in view.iris(place, types.LEVEL))

    return read


def _places(entry: Entry, view: View) -> Iterable[Value]:
    if entry.kind == "territory":
        return map(NamedNode, view.iris(entry.iri, _WITHIN))
    if entry.kind == "organisation":
        own = view.iris(entry.iri, f"{names.COOP}hasJurisdictionOver")
        return map(NamedNode, (*own, *entry.facets.get("departement", ()), *entry.facets.get("region", ())))
    return map(NamedNode, entry.facets.get("territory", ()))


def _label(entry: Entry, view: View) -> Iterable[Value]:
    text, lang = entry.label(view.lang)
    return [Literal(text, language=lang or None)]


def _types(entry: Entry, view: View) -> Iterable[Value]:
    return map(NamedNode, types.types_of(entry, view))


_ALL = types.KINDS
_PLACED = ("action", "organisation", "territory")
_LEVELS = types.LEVELS
_IGEO = names.PREFIXES["igeo"]
PROPERTIES: Sequence[Property] = (
    Property("name", "Nom", "Name", _ALL, _label),
    Property("other-name", "Autre nom", "Other name", _ALL, _text(f"{names.SKOS}altLabel")),
    Property("type", "Type", "Type", _ALL, _types),
    Property(
        "description",
        "Description",
        "Description",
        ("action", "organisation"),
        _text(f"{names.DCTERMS}description"),
    ),
    Property("insee", "Code Insee", "Insee code", ("territory",), _said(f"{_IGEO}codeINSEE"), is_identifier=True),
    Property("siren", "SIREN", "SIREN", ("organisation",), _said(f"{names.COOP}siren"), is_identifier=True),
    Property("siret", "SIRET", "SIRET", ("organisation",), _said(f"{names.COOP}siret"), is_identifier=True),
    Property("rna", "Numéro RNA", "RNA number", ("organisation",), _said(f"{names.COOP}rna"), is_identifier=True),
    Property("website", "Site web", "Website", ("organisation",), _said(f"{names.PREFIXES['foaf']}homepage")),
    Property(
        "departement",
        "Département",
        "Département",
        _PLACED,
        _placed("departement"),
        of=f"{_LEVELS}/departement",
    ),
    Property(
        "region",
        "Région",
        "Région",
        _PLACED,
        _placed("region"),
        of=f"{_LEVELS}/region",
    ),
    Property(
        "territory", "Territoire", "Territory", ("action", "organisation", "territory"), _places, of=types.TERRITORY
    ),
    Property("population", "Population", "Population", ("territory",), _said(f"{names.COOP}population")),
    Property(
        "actor-kind", "Type d’acteur", "Kind of actor", ("organisation",), _faceted("actor-kind"), of=types.CONCEPT
    ),
    Property("theme", "Thème", "Theme", ("action", "organisation"), _faceted("theme"), of=types.THEMES),
    Property("role", "Rôle", "Role", ("organisation",), _faceted("role"), of=types.CONCEPT),
    Property("action", "Action", "Action", ("organisation",), _said(f"{names.COOP}participatesIn"), of=types.ACTION),
    Property("participant", "Participant", "Participant", ("action",), _faceted("participant"), of=types.ORGANISATION),
    Property("status", "État", "Status", ("action",), _faceted("status"), of=types.CONCEPT),
    Property("from", "Première date connue", "Earliest date", ("action",), _said(f"{names.COOP}earliestDate")),
    Property("until", "Dernière date connue", "Latest date", ("action",), _said(f"{names.COOP}latestDate")),
    Property("broader", "Concept plus large", "Broader concept", ("concept", "theme"), _said(f"{names.SKOS}broader")),
)
_BY_ID = {one.id: one for one in PROPERTIES}


def of_id(identifier: str, place: str) -> Property:
    """Return a property.

    Args:
        place: where it is asked for, for the refusal.
    Raises:
        InputError: there is none; lists those that there are.
    """
    if identifier not in _BY_ID:
        raise InputError(f"{place}: {identifier[:100]!r} is no property here; there are {', '.join(_BY_ID)}")
    return _BY_ID[identifier]


def of_kinds(kinds: Iterable[str]) -> list[Property]:
    """Return the properties that things of some kinds can have."""
    wanted = set(kinds)
    return [one for one in PROPERTIES if wanted & set(one.kinds)]
