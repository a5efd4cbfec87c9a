"""The data sets of the catalogue, for people: read from its statements, as any harvester reads them.

So titles, descriptions, licences and sizes are said once, in the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass

from coopkg import names
from coopkg.rdf import Literal, NamedNode
from coopkg.store import Term
from coopkg.view import TYPE, Text, View

_DCAT = "http://www.w3.org/ns/dcat#"
_SPDX = "http://spdx.org/rdf/terms#"
_CATALOG = f"{names.BASE}catalog"
_DATASETS = f"{names.BASE}dataset/"
#: The data sets by their names, in the order in which people are shown them.
NAMES = ("graph", "projects", "organisations", "territories", "ontology", "changes")


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which a data set can be had.

    Args:
        address: where to get it.
        name: of the form, such as CSV.
        size: in bytes; 0 where it is not known.
        checksum: SHA-512 in hexadecimal; "" where there is none.
        licence: its IRI, and its name.
    """

    title: Text
    description: Text | None
    address: str
    name: str
    media_type: str
    size: int
    checksum: str
    licence: str
    licence_name: Text


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set of the catalogue.

    Args:
        licence: its IRI; "" when the terms are told in words alone.
        rights: what else is to be known.
        period: first and last day of what it tells of; "" where nobody says so.
        is_of_france: whether it says that it speaks of places of France.
        publisher: the name of who publishes it.
    """

    iri: str
    title: Text
    description: Text
    keywords: list[Text]
    licence: str
    licence_name: Text
    rights: Text | None
    modified: str
    version: str
    frequency: Text
    period: tuple[str, str]
    is_of_france: bool
    publisher: Text
    forms: list[Form]

    @property
    def name(self) -> str:
        """The last part of its IRI."""
        return self.iri.removeprefix(_DATASETS)

    @property
    def span(self) -> tuple[str, str]:
        """Its period, by years where it is one of whole years."""
        first, last = self.period
        is_of_years = first.endswith("-01-01") and last.endswith("-12-31")
        return (first[:4], last[:4]) if is_of_years else self.period

    @property
    def form_names(self) -> list[str]:
        """The names of its forms, each once, in their order."""
        return list(dict.fromkeys(form.name for form in self.forms))


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalogue, with its data sets in the order in which people are shown them."""

    iri: str
    title: Text
    description: Text
    data_sets: list[DataSet]


def catalog(view: View) -> Catalog:
    """Return what a catalogue says.

    Args:
        view: of the catalogue's statements alone.
    """
    found = view.subjects(TYPE, f"{_DCAT}Dataset")
    return Catalog(
        _CATALOG,
        view.label(_CATALOG),
        view.text(_CATALOG, f"{names.DCTERMS}description") or Text(""),
        [_data_set(view, iri) for iri in sorted(found, key=lambda iri: (_place(iri), iri))],
    )


def _place(iri: str) -> int:
    name = iri.removeprefix(_DATASETS)
    return NAMES.index(name) if name in NAMES else len(NAMES)


def _data_set(view: View, iri: str) -> DataSet:
    forms = [_form(view, form) for form in view.iris(iri, f"{_DCAT}distribution")]
    licence, rights = (view.iri(iri, names.DCTERMS + name) for name in ("license", "rights"))
    publisher = view.iri(iri, f"{names.DCTERMS}publisher")
    return DataSet(
        iri,
        view.label(iri),
        view.text(iri, f"{names.DCTERMS}description") or Text(""),
        view.texts(iri, f"{_DCAT}keyword"),
        licence,
        _name(view, licence),
        view.label(rights) if rights else None,
        view.value(iri, f"{names.DCTERMS}modified"),
        view.value(iri, f"{_DCAT}version"),
        _name(view, view.iri(iri, f"{names.DCTERMS}accrualPeriodicity")),
        _period(view, iri),
        bool(view.iri(iri, f"{names.DCTERMS}spatial")),
        (view.text(publisher, f"{names.PREFIXES['foaf']}name") if publisher else None) or Text(""),
        sorted(forms, key=lambda form: _rank(form, iri.removeprefix(_DATASETS))),
    )


def _rank(form: Form, name: str) -> tuple[bool, bool, bool, str]:
    """Return the place of a form among others: tables first, what bears the name of its data set before the rest."""
    return form.name != "CSV", not form.size, f"/{name}." not in form.address, form.address


def _form(view: View, iri: str) -> Form:
    licence, checksum = view.iri(iri, f"{names.DCTERMS}license"), view.iri(iri, f"{_SPDX}checksum")
    return Form(
        view.label(iri),
        view.text(iri, f"{names.DCTERMS}description"),
        view.iri(iri, f"{_DCAT}downloadURL") or view.iri(iri, f"{_DCAT}accessURL"),
        _name(view, view.iri(iri, f"{names.DCTERMS}format")).value,
        _name(view, view.iri(iri, f"{_DCAT}mediaType")).value,
        int(view.value(iri, f"{_DCAT}byteSize") or 0),
        view.value(checksum, f"{_SPDX}checksumValue").lower() if checksum else "",
        licence,
        _name(view, licence),
    )


def _name(view: View, iri: str) -> Text:
    return view.label(iri) if iri else Text("")


def _period(view: View, iri: str) -> tuple[str, str]:
    """Return the first and the last day of which a data set tells; their node may be blank."""
    said = view.store.triples(NamedNode(iri), NamedNode(f"{names.DCTERMS}temporal"), None)
    node = next((triple.object for triple in said), None)
    return ("", "") if node is None else (_day(view, node, "startDate"), _day(view, node, "endDate"))


def _day(view: View, node: Term, end: str) -> str:
    days = view.store.triples(node, NamedNode(_DCAT + end), None)
    return next((triple.object.value for triple in days if isinstance(triple.object, Literal)), "")
