"""The concepts of the lists of the authorities that the catalogue names, each with its class and its labels.

Harvesters look none of them up: what they shall know must stand in the document itself.
Source: the authority tables of the Publications Office of the European Union, the vocabulary of ADMS, the media types
of IANA.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coopkg.catalog.sheet import Sheet
from coopkg.catalog.wording import Wording

_EU = "http://publications.europa.eu/resource/authority/"
_IANA = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of a list.

    Args:
        iri: its IRI.
        kind: its class, as `Sheet.say` reads it.
        label: what udata and CKAN recognise it by.
        scheme: the list that it stands in; "" when nothing asks for it.
    """

    iri: str
    kind: str
    label: Wording
    scheme: str = ""

    def told_in(self, sheet: Sheet) -> str:
        """Say on a sheet what it is, and return its IRI."""
        sheet.say(self.iri, a=self.kind, rdfs_label=self.label, skos_prefLabel=self.label)
        if self.scheme:
            sheet.say(self.iri, skos_inScheme=self.scheme)
        return self.iri


THEMES = f"{_EU}data-theme"
THEMES_TITLE = Wording("Thèmes de données de l'Union européenne", "Data themes of the European Union")


def _theme(code: str, fr: str, en: str) -> Concept:
    return Concept(f"{THEMES}/{code}", "skos_Concept", Wording(fr, en), THEMES)


def _frequency(code: str, fr: str, en: str) -> Concept:
    return Concept(f"{_EU}frequency/{code}", "dcterms_Frequency", Wording(fr, en))


SOCIETY = _theme("SOCI", "Population et société", "Population and society")
REGIONS = _theme("REGI", "Régions et villes", "Regions and cities")
GOVERNMENT = _theme("GOVE", "Gouvernement et secteur public", "Government and public sector")
SCIENCE = _theme("TECH", "Science et technologie", "Science and technology")

IRREGULAR = _frequency("IRREG", "irrégulière", "irregular")
CONTINUOUS = _frequency("UPDATE_CONT", "en continu", "continuously updated")
ANNUAL = _frequency("ANNUAL", "annuelle", "annual")

PUBLIC = Concept(f"{_EU}access-right/PUBLIC", "dcterms_RightsStatement", Wording("public", "public"))
AVAILABLE = Concept(f"{_EU}planned-availability/AVAILABLE", "skos_Concept", Wording("disponible", "available"))
COMPLETED = Concept(f"{_EU}distribution-status/COMPLETED", "skos_Concept", Wording("achevé", "completed"))
SHA512 = Concept(
    "http://spdx.org/rdf/terms#checksumAlgorithm_sha512", "spdx_ChecksumAlgorithm", Wording("SHA-512", "SHA-512")
)

LANGUAGES: tuple[Concept, ...] = (
    Concept(f"{_EU}language/FRA", "dcterms_LinguisticSystem", Wording("français", "French")),
    Concept(f"{_EU}language/ENG", "dcterms_LinguisticSystem", Wording("anglais", "English")),
)
PROTOCOL = Concept(
    "https://www.w3.org/TR/sparql11-protocol/",
    "dcterms_Standard",
    Wording("Protocole SPARQL 1.1", "SPARQL 1.1 Protocol"),
)


def _publisher_type(name: str, fr: str, en: str) -> Concept:
    return Concept(f"http://purl.org/adms/publishertype/{name}", "skos_Concept", Wording(fr, en))


#: By the value of the setting publisher_kind.
PUBLISHER_TYPES: Mapping[str, Concept] = {
    "association": _publisher_type(
        "NonProfitOrganisation", "Organisation sans but lucratif", "Non-profit organisation"
    ),
    "company": _publisher_type("Company", "Entreprise", "Company"),
    "local-authority": _publisher_type("LocalAuthority", "Collectivité locale", "Local authority"),
    "regional-authority": _publisher_type("RegionalAuthority", "Collectivité régionale", "Regional authority"),
    "national-authority": _publisher_type("NationalAuthority", "Administration nationale", "National authority"),
    "academia": _publisher_type("Academia-ScientificOrganisation", "Organisme scientifique", "Scientific organisation"),
}


def _format(code: str, label: str) -> Concept:
    return Concept(f"{_EU}file-type/{code}", "dcterms_MediaTypeOrExtent", Wording(label, label))


#: By the media type of what is sent, once uncompressed.
FORMATS: Mapping[str, Concept] = {
    "application/geo+json": _format("GEOJSON", "GeoJSON"),
    "application/json": _format("JSON", "JSON"),
    "application/ld+json": _format("JSON_LD", "JSON-LD"),
    "application/n-quads": _format("RDF_N_QUADS", "N-Quads"),
    "application/n-triples": _format("RDF_N_TRIPLES", "N-Triples"),
    "application/rdf+xml": _format("RDF_XML", "RDF/XML"),
    "text/csv": _format("CSV", "CSV"),
    "text/turtle": _format("RDF_TURTLE", "Turtle"),
}
#: By the word that a manifest has for it.
COMPRESSIONS: Mapping[str, str] = {"gzip": "application/gzip", "zstd": "application/zstd"}


def media_type(name: str) -> Concept:
    """Return a media type as a concept; its label is its name."""
    return Concept(_IANA + name, "dcterms_MediaType", Wording(name, name))


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence.

    Args:
        label: the name by which udata and CKAN know it; what it is called in full stands beside it.
        type: what it asks for, or that it asks for nothing.
    """

    label: str
    type: Concept


def _licence_type(name: str, fr: str, en: str) -> Concept:
    return Concept(f"http://purl.org/adms/licencetype/{name}", "skos_Concept", Wording(fr, en))


_ATTRIBUTION = _licence_type("Attribution", "Attribution", "Attribution")
_PUBLIC_DOMAIN = _licence_type("PublicDomain", "Domaine public", "Work in the public domain")
LICENCES: Mapping[str, Licence] = {
    "https://creativecommons.org/licenses/by/4.0/": Licence("Creative Commons Attribution", _ATTRIBUTION),
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence": Licence(
        "Licence Ouverte / Open Licence version 2.0", _ATTRIBUTION
    ),
    "https://creativecommons.org/publicdomain/mark/1.0/": Licence("Public Domain Mark", _PUBLIC_DOMAIN),
}
