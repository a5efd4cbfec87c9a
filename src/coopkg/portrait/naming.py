"""Names for readers: of things that have none of their own, of kinds, and of properties of other vocabularies.

Only words; what is read for them is a thing's label, or the labels of two things beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coopkg import names
from coopkg.portrait import terms
from coopkg.view import Text, View, grouped


@dataclass(frozen=True, slots=True)
class Named:
    """A thing by its name, or a text that is no thing: then its IRI is ""."""

    iri: str
    name: Text


#: The kinds of things, from the narrower to the wider, each with its words where the ontology has none.
KINDS = {
    terms.EXPERIMENT: None,
    terms.PROJECT: None,
    terms.EVENT: None,
    terms.PROGRAMME: None,
    terms.ACTION: None,
    terms.ORGANISATION: ("Organisation", "Organisation"),
    terms.GROUP: None,
    terms.TERRITORY: None,
    terms.LESSON: None,
    terms.OUTCOME: None,
    terms.PERSPECTIVE: None,
    terms.MEASURE: None,
    terms.EXPECTED_PARTICIPATION: None,
    terms.PARTICIPATION: None,
    terms.COOPERATION: None,
    terms.SOURCE_DOCUMENT: None,
    terms.DOCUMENT: ("Document", "Document"),
    terms.GEOMETRY: ("Tracé géographique", "Geographic shape"),
    terms.CONCEPT: ("Valeur d’une liste", "Value of a list"),
}
#: What the terms of other vocabularies mean here.
_WORDS = {
    "dcterms:contributor": ("a pour contributeur", "has contributor"),
    "dcterms:description": ("description", "description"),
    "dcterms:hasPart": ("comprend", "has part"),
    "dcterms:isPartOf": ("fait partie de", "is part of"),
    "dcterms:issued": ("date de publication", "date of publication"),
    "dcterms:language": ("langue", "language"),
    "dcterms:publisher": ("publié par", "published by"),
    "dcterms:relation": ("en lien avec", "related to"),
    "dcterms:source": ("d’après", "according to"),
    "dcterms:spatial": ("lieu", "place"),
    "dcterms:subject": ("sujet", "subject"),
    "dcterms:title": ("titre", "title"),
    "dcterms:Location": ("Lieu", "Place"),
    "foaf:Agent": ("Acteur", "Agent"),
    "foaf:Group": ("Groupe", "Group"),
    "foaf:Project": ("Projet", "Project"),
    "foaf:homepage": ("site", "website"),
    "foaf:page": ("page sur le web", "page on the web"),
    "foaf:topic": ("parle de", "is about"),
    "geo:Feature": ("Objet géographique", "Geographic feature"),
    "geo:asWKT": ("tracé", "shape"),
    "geo:hasGeometry": ("a pour tracé", "has shape"),
    "geo:sfWithin": ("situé à l’intérieur de", "within"),
    "igeo:ArrondissementMunicipal": ("Arrondissement municipal", "Municipal arrondissement"),
    "igeo:Commune": ("Commune", "Commune"),
    "igeo:Departement": ("Département", "Département"),
    "igeo:Intercommunalite": ("Intercommunalité", "Intercommunal body"),
    "igeo:Pays": ("Pays", "Country"),
    "igeo:Region": ("Région", "Région"),
    "igeo:TerritoireAdministratif": ("Territoire administratif", "Administrative territory"),
    "igeo:codeINSEE": ("code Insee", "Insee code"),
    "org:classification": ("catégorie d’acteur", "kind of actor"),
    "owl:deprecated": ("n’est plus à employer", "is not to be used any more"),
    "prov:Entity": ("Chose dont on connaît l’origine", "Thing whose origin is known"),
    "rdf:type": ("est de la sorte", "is of the kind"),
    "rdfs:seeAlso": ("à lire aussi", "see also"),
    "schema:Event": ("Événement", "Event"),
    "schema:sameAs": ("aussi décrit par", "also described by"),
    "skos:altLabel": ("autre nom", "other name"),
    "skos:broader": ("fait partie de la valeur plus large", "belongs to the broader value"),
    "skos:editorialNote": ("note de la rédaction", "editorial note"),
    "skos:hiddenLabel": ("graphie fautive, pour la recherche", "wrong spelling, for searches"),
    "skos:prefLabel": ("nom", "name"),
}
_COLON = ("\u00a0: ", ": ")
#: By what a thing is called that has no name: the things beside it.
_BESIDE = (
    (terms.PARTICIPANT, terms.IN_ACTION),
    (terms.EXPECTED_PARTICIPANT, terms.EXPECTED_IN),
    (terms.COOPERATION_OF,),
)


def kind_of(view: View, iri: str) -> str:
    """Return the narrowest class of a thing that has a name for readers, or ""."""
    classes = set(view.kinds(iri))
    return next((kind for kind in KINDS if kind in classes), "")


def kind_name(view: View, kind: str) -> Text:
    """Return the name of a kind of things, in the singular."""
    words = KINDS.get(kind)
    return _said(view, words) if words else view.label(kind)


def term_name(view: View, iri: str) -> Text:
    """Return the name of a class or a property: that of the ontology, else ours for those of other vocabularies."""
    words = _WORDS.get(names.short(iri)) or KINDS.get(iri)
    return _said(view, words) if words else view.label(iri)


def named(view: View, iri: str) -> Named:
    """Return a thing by its name; one without a name is called by what stands beside it."""
    return Named(iri, _beside(view, iri) if iri.startswith(f"{names.BASE}id/") else view.label(iri))


def by_name(view: View, iris: Iterable[str]) -> tuple[Named, ...]:
    """Return things by their names, each once, in the order of their names."""
    return tuple(Named(iri, view.label(iri)) for iri in view.sorted_by_label(iris))


def _beside(view: View, iri: str) -> Text:
    label = view.label(iri)
    if label.value != names.short(iri).strip("<>"):
        return label
    for properties in _BESIDE:
        found = [view.label(one) for name in properties for one in view.iris(iri, name)[:2]]
        if found:
            is_fallback = any(one.is_fallback for one in found)
            return Text(" – ".join(one.value for one in found), found[0].lang, is_fallback)
    return _measured(view, iri) or _outlined(view, iri) or label


def _measured(view: View, iri: str) -> Text | None:
    indicator = view.iri(iri, terms.INDICATOR)
    if not indicator:
        return None
    label = view.label(indicator)
    return Text(
        f"{label.value}{_COLON[view.lang != 'fr']}{grouped(view.value(iri, terms.VALUE), view.lang)}", label.lang
    )


def _outlined(view: View, iri: str) -> Text | None:
    if terms.GEOMETRY not in view.kinds(iri):
        return None
    of = view.subjects(terms.HAS_GEOMETRY, iri)
    title = "Tracé" if view.lang == "fr" else "Shape"
    return Text(f"{title} – {view.label(of[0]).value}" if of else title, view.lang)


def _said(view: View, words: tuple[str, str]) -> Text:
    return Text(words[view.lang != "fr"], view.lang)
