"""In which forms each data set is had: the files of the last dump, the lists as they are now, the feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from coopkg import names
from coopkg.catalog.contents import WHOLE, DataSet
from coopkg.catalog.facts import Facts, Terms
from coopkg.catalog.wording import Wording
from coopkg.dumps.manifest import Dump, File

@dataclass(frozen=True, slots=True)
class Distribution:
    """A form in which a data set is had.

    Args:
        iri: its identity.
        title, description: for people.
        path: where it is had, below the root of the site.
        media_type: of what it holds, once uncompressed.
        file: what is known of its bytes; None of what is made when it is asked for.
        modified: when it changed last (ISO 8601).
        terms: on which terms it is given.
        is_whole: whether all of it is had from that address, and not a page of it.
    """

    iri: str
    title: Wording
    description: Wording
    path: str
    media_type: str
    file: File | None
    modified: str
    terms: Terms
    is_whole: bool = True


_CANONICAL = Wording(
    "Tout ce qui est énoncé, graphe nommé par graphe nommé ; décompressé et trié, son empreinte est celle du jeu.",
    "All that is asserted, with its named graphs; once uncompressed, its hash is that of the data set.",
)
_TRIPLES = Wording(
    "Tout ce qui est énoncé, sans dire dans quel graphe nommé.",
    "All that is asserted, without saying in which named graph.",
)
_WITH_GRAPHS = Wording(
    "Tout ce qui est énoncé, graphe nommé par graphe nommé.", "All that is asserted, with its named graphs."
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
        "nq-zst": ("coopkg.nq.zst", Wording("Graphe entier (N-Quads, zstd)", "Whole graph (N-Quads, zstd)"), _CANONICAL),
        "ttl-gz": ("coopkg.ttl.gz", Wording("Graphe entier (Turtle, gzip)", "Whole graph (Turtle, gzip)"), _TRIPLES),
        "jsonld-gz": (
            "coopkg.jsonld.gz",
            Wording("Graphe entier (JSON-LD, gzip)", "Whole graph (JSON-LD, gzip)"),
            _WITH_GRAPHS,
        ),
    },
    "projects": {
        "table": ("projects.csv", Wording("Projets (tableau CSV)", "Projects (CSV table)"), _TABLE),
        "participations": (
            "participations.csv",
            Wording("Participations : qui tient quel rôle (tableau CSV)", "Participations: who has which role (CSV table)"),
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
_NS = Wording("L'ontologie ({form})", "The ontology ({form})")
_SAID = Wording("Classes, propriétés et leurs définitions.", "Classes, properties and their definitions.")
#: What is made when it is asked for: data set, form, path, media type, title, description.
_LISTS = Wording("{list} ({form})", "{list} ({form})")


def of(data_set: DataSet, facts: Facts) -> list[Distribution]:
    """Return the forms of a data set: what is in the last dump before what is made when it is asked for."""
    return [*_of_dump(data_set, facts), *_of_graphs(data_set, facts), *_live(data_set, facts)]
