"""In which forms each data set is had: the files of the last dump, the lists as they are now, the feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from coopkg import names
from coopkg.catalog import licences
from coopkg.catalog.authorities import FORMATS
from coopkg.catalog.contents import WHOLE, DataSet
from coopkg.catalog.facts import Facts, Terms
from coopkg.catalog.wording import Wording
from coopkg.dumps.manifest import Dump, File


@dataclass(frozen=True, slots=True)
class Distribution:
    """A form in which a data set is had.

    Args:
        data_set, form: the last parts of its IRI.
        title, description: for people.
        path: where it is had, below the root of the site.
        media_type: of what it holds, once uncompressed.
        file: what is known of its bytes; None of what is made when it is asked for.
        modified: when it changed last (ISO 8601).
        terms: on which terms it is given.
        is_whole: whether all of it is had from that address, and not a page of it.
    """

    data_set: str
    form: str
    title: Wording
    description: Wording
    path: str
    media_type: str
    file: File | None
    modified: str
    terms: Terms
    is_whole: bool = True

    @property
    def iri(self) -> str:
        """Its identity."""
        return f"{names.BASE}distribution/{self.data_set}/{self.form}"


_CANONICAL = Wording(
    "Tout ce qui est énoncé, graphe nommé par graphe nommé ; décompressé, sa somme SHA-256 est le canonical_sha256 du "
    "manifeste.",
    "All that is asserted, with its named graphs; once uncompressed, its SHA-256 is the canonical_sha256 of the "
    "manifest.",
)
_TRIPLES = Wording(
    "Tout ce qui est énoncé, sans dire dans quel graphe nommé.",
    "All that is asserted, without saying in which named graph.",
)
_TABLE = Wording(
    "Tableau du dernier export ; tables.json en décrit les colonnes (CSVW).",
    "Table of the last dump; tables.json describes its columns (CSVW).",
)
_LIVE = Wording("Liste à jour, faite au moment de la demande.", "The list as it is now, made when it is asked for.")
#: The files of a dump by the data set and the form that they are; title and description.
_OF_DUMPS: Mapping[str, Mapping[str, tuple[str, Wording, Wording]]] = {
    WHOLE: {
        "nq-gz": ("coopkg.nq.gz", Wording("Graphe entier (N-Quads, gzip)", "Whole graph (N-Quads, gzip)"), _CANONICAL),
        "nq-zst": (
            "coopkg.nq.zst",
            Wording("Graphe entier (N-Quads, zstd)", "Whole graph (N-Quads, zstd)"),
            _CANONICAL,
        ),
        "ttl-gz": ("coopkg.ttl.gz", Wording("Graphe entier (Turtle, gzip)", "Whole graph (Turtle, gzip)"), _TRIPLES),
        "jsonld-gz": (
            "coopkg.jsonld.gz",
            Wording("Graphe entier (JSON-LD, gzip)", "Whole graph (JSON-LD, gzip)"),
            _TRIPLES,
        ),
    },
    "projects": {
        "table": ("projects.csv", Wording("Projets (tableau CSV)", "Projects (CSV table)"), _TABLE),
        "participations": (
            "participations.csv",
            Wording(
                "Participations : qui tient quel rôle (tableau CSV)", "Participations: who has which role (CSV table)"
            ),
            _TABLE,
        ),
        "outcomes": (
            "outcomes.csv",
            Wording("Résultats et leurs mesures (tableau CSV)", "Outcomes and their measures (CSV table)"),
            _TABLE,
        ),
    },
    "organisations": {
        "table": ("organisations.csv", Wording("Organisations (tableau CSV)", "Organisations (CSV table)"), _TABLE),
    },
}
_SAID = Wording("Classes, propriétés et leurs définitions.", "Classes, properties and their definitions.")
_NAMED = Wording("Graphe nommé {name} (N-Quads, gzip)", "Named graph {name} (N-Quads, gzip)")
_TITLED = Wording("{title} (N-Quads, gzip)", "{title} (N-Quads, gzip)")
_OF_GRAPH = Wording(
    "Une table de référence, graphe nommé du dernier export ; son adresse change avec son contenu.",
    "A reference table, a named graph of the last dump; its address changes with its content.",
)


@dataclass(frozen=True, slots=True)
class _Live:
    """What is made when it is asked for; see `Distribution`."""

    form: str
    path: str
    media_type: str
    title: Wording
    description: Wording = _LIVE
    is_whole: bool = True


def _listed(name: str, fr: str, en: str, *, has_places: bool) -> tuple[_Live, ...]:
    forms = {"csv": "text/csv", "json": "application/json", "geojson": "application/geo+json", "ttl": "text/turtle"}
    return tuple(
        _Live(ending, f"{name}.{ending}", media_type, Wording(fr, en).filled(form=FORMATS[media_type].label.en))
        for ending, media_type in forms.items()
        if has_places or ending != "geojson"
    )


_OF_LISTS: Mapping[str, tuple[_Live, ...]] = {
    "projects": _listed(
        "projects",
        "Liste des projets et autres actions ({form})",
        "List of projects and other actions ({form})",
        has_places=True,
    ),
    "organisations": _listed(
        "organisations", "Liste des organisations ({form})", "List of organisations ({form})", has_places=False
    ),
    "territories": _listed(
        "territories",
        "Liste des territoires des actions ({form})",
        "List of the territories of actions ({form})",
        has_places=True,
    ),
    "ontology": (
        _Live("ttl", "ns.ttl", "text/turtle", Wording("Ontologie (Turtle)", "Ontology (Turtle)"), _SAID),
        _Live("rdf", "ns.rdf", "application/rdf+xml", Wording("Ontologie (RDF/XML)", "Ontology (RDF/XML)"), _SAID),
        _Live(
            "jsonld", "ns.jsonld", "application/ld+json", Wording("Ontologie (JSON-LD)", "Ontology (JSON-LD)"), _SAID
        ),
        _Live(
            "shapes",
            "shapes.ttl",
            "text/turtle",
            Wording("Formes SHACL (Turtle)", "SHACL shapes (Turtle)"),
            Wording("Ce que chaque classe doit dire.", "What each class must say."),
        ),
    ),
    "changes": (
        _Live(
            "ldes",
            "feed",
            "text/turtle",
            Wording("Flux des changements (LDES)", "Feed of changes (LDES)"),
            Wording(
                "Les choses venues, changées et retirées, page après page ; une page pleine ne change plus.",
                "The things that came, changed and went, page after page; a full page never changes.",
            ),
            is_whole=False,
        ),
        _Live(
            "patches",
            "changes",
            "application/json",
            Wording(
                "Liste des révisions, chacune avec son RDF Patch (JSON)", "Revisions, each with its RDF Patch (JSON)"
            ),
            Wording(
                "Les révisions dans leur ordre, avec l'adresse des énoncés que chacune retire et ajoute.",
                "The revisions in their order, with the address of the statements that each removes and adds.",
            ),
            is_whole=False,
        ),
    ),
}


def of(data_set: DataSet, facts: Facts) -> list[Distribution]:
    """Return the forms of a data set: what is in the last dump before what is made when it is asked for."""
    terms = licences.of(data_set, facts)
    dumped = () if facts.dump is None else (*_dumped(data_set, facts.dump, terms), *_graphs(data_set, facts))
    return [*dumped, *_live(data_set, facts, terms)]


def _dumped(data_set: DataSet, dump: Dump, terms: Terms) -> Iterator[Distribution]:
    for form, (name, title, description) in _OF_DUMPS.get(data_set.name, {}).items():
        if file := dump.file(name):
            # The address of the latest one stays the same: who harvests takes another address for another file.
            path = f"dumps/latest/{quote(name)}"
            yield Distribution(data_set.name, form, title, description, path, file.media_type, file, dump.time, terms)


def _graphs(data_set: DataSet, facts: Facts) -> Iterator[Distribution]:
    """Yield the reference tables of a data set, each as a file."""
    if facts.dump is None or not data_set.has_tables:
        return
    for file in sorted(facts.dump.graphs, key=lambda file: file.graph):
        if data_set.covers(file.graph) and names.is_reference(file.graph):
            terms, name = facts.terms_of(file.graph), file.graph.removeprefix(names.GRAPH)
            titles = terms.title and _TITLED.filled_in(title=terms.title)
            yield Distribution(
                data_set.name,
                name.replace("/", "-"),
                titles or _NAMED.filled(name=name),
                _OF_GRAPH,
                f"dumps/{quote(file.name)}",
                file.media_type,
                file,
                facts.dump.time,
                terms,
            )


def _live(data_set: DataSet, facts: Facts, terms: Terms) -> Iterator[Distribution]:
    for one in _OF_LISTS.get(data_set.name, ()):
        made = facts.modified[data_set.name]
        yield Distribution(
            data_set.name,
            one.form,
            one.title,
            one.description,
            one.path,
            one.media_type,
            None,
            made,
            terms,
            one.is_whole,
        )
