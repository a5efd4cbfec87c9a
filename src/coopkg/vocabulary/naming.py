"""How a term is named beside others: its IRI and what it is called, ours and those of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coopkg import names
from coopkg.view import Text, View

#: The vocabularies that ours is aligned with, beside those of the predeclared prefixes: prefix, namespace, name.
ALIGNED = (
    ("adms", "http://purl.org/adms/publishertype/", "ADMS"),
    ("cids", "https://ontology.commonapproach.org/cids#", "CIDS, Common Approach"),
    ("eurio", "http://data.europa.eu/s66#", "EURIO, European Commission"),
    ("event", "http://purl.org/NET/c4dm/event.owl#", "Event Ontology"),
    ("frapo", "http://purl.org/cerif/frapo/", "FRAPO"),
    ("pair", "http://virtual-assembly.org/ontologies/pair#", "PAIR, Virtual Assembly"),
    ("vivo", "http://vivoweb.org/ontology/core#", "VIVO"),
    ("foaf", names.PREFIXES["foaf"], "FOAF"),
    ("igeo", names.PREFIXES["igeo"], "Insee (igeo)"),
    ("geo", names.PREFIXES["geo"], "GeoSPARQL"),
    ("org", names.PREFIXES["org"], "ORG"),
    ("prov", names.PREFIXES["prov"], "PROV-O"),
    ("schema", names.PREFIXES["schema"], "schema.org"),
    ("skos", names.SKOS, "SKOS"),
    ("dcterms", names.DCTERMS, "Dublin Core"),
)
#: Terms of others as our readers know them, in French and English.
_PLAIN = {
    f"{names.PREFIXES['foaf']}Agent": ("Acteur", "Agent"),
    f"{names.PREFIXES['foaf']}Document": ("Document", "Document"),
    f"{names.PREFIXES['foaf']}Group": ("Groupe", "Group"),
    f"{names.PREFIXES['org']}Organization": ("Organisation", "Organisation"),
    f"{names.SKOS}Concept": ("Concept", "Concept"),
    f"{names.DCTERMS}subject": ("sujet", "subject"),
    f"{names.RDF}langString": ("texte avec sa langue", "text with its language"),
    f"{names.XSD}string": ("texte", "text"),
    f"{names.XSD}language": ("code de langue", "language code"),
    f"{names.XSD}boolean": ("vrai ou faux", "true or false"),
    f"{names.XSD}integer": ("nombre entier", "whole number"),
    f"{names.XSD}decimal": ("nombre décimal", "decimal number"),
    f"{names.XSD}date": ("jour", "day"),
    f"{names.XSD}gYearMonth": ("mois", "month"),
    f"{names.XSD}gYear": ("année", "year"),
}
_OF_OTHERS = {namespace: prefix for prefix, namespace, _ in ALIGNED}
_VOCABULARIES = {namespace: name for _, namespace, name in ALIGNED}


@dataclass(frozen=True, slots=True)
class Link:
    """Something by its name."""

    iri: str
    name: Text

    @property
    def short(self) -> str:
        """The IRI as it is written with a prefix, where one fits."""
        return short(self.iri)


def link(view: View, iri: str) -> Link:
    """Return something by its name in the reader's language; what has none by the name that we give it, or its IRI."""
    name = view.label(iri)
    if name.value != names.short(iri).strip("<>"):
        return Link(iri, name)
    if iri in _PLAIN:
        return Link(iri, Text(_PLAIN[iri][view.lang == "en"], view.lang))
    return Link(iri, Text(short(iri)))


def links(view: View, iris: Iterable[str]) -> tuple[Link, ...]:
    """Return things by their names, in the order of these."""
    return tuple(link(view, iri) for iri in view.sorted_by_label(iris))


def short(iri: str) -> str:
    """Return an IRI with a prefix of ours, or of a vocabulary that ours is aligned with; else as it is.

    >>> short("http://virtual-assembly.org/ontologies/pair#Project")
    'pair:Project'
    """
    namespace = _namespace(iri)
    return f"{_OF_OTHERS[namespace]}:{iri[len(namespace) :]}" if namespace else names.short(iri).strip("<>")


def vocabulary(iri: str) -> str:
    """Return the name of the vocabulary that a term belongs to, "" when it is none that we name."""
    return _VOCABULARIES.get(_namespace(iri), "")


def _namespace(iri: str) -> str:
    return next((namespace for namespace in _OF_OTHERS if iri.startswith(namespace)), "")
