"""Which data sets there are: what each is called, what it covers, how often it changes. A table, and nothing but."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coopkg import names
from coopkg.catalog import authorities
from coopkg.catalog.authorities import Concept
from coopkg.catalog.wording import Wording

CATALOG = f"{names.BASE}catalog"
SERVICE = f"{names.BASE}service/sparql"
#: The data set of everything.
WHOLE = "graph"
TITLE = Wording("Catalogue de coopkg", "The catalogue of coopkg")
DESCRIPTION = Wording(
    "Ce que publie coopkg : le graphe de connaissances des projets de coopération de la société civile française, ses "
    "parties, les formes dans lesquelles on l'obtient, et le point d'accès qui répond à des requêtes.",
    "What coopkg publishes: the knowledge graph of cooperation projects of French civil society, its parts, the forms "
    "in which it is had, and the endpoint that answers queries.",
)
SERVICE_TITLE = Wording("Point d'accès SPARQL de coopkg", "The SPARQL endpoint of coopkg")
SERVICE_DESCRIPTION = Wording(
    "Répond en SPARQL 1.1 à toute question sur le graphe, sans inscription, et dit ses limites : {limits}.",
    "Answers any question about the graph in SPARQL 1.1, without an account, and states its limits: {limits}.",
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set.

    Args:
        name: the last part of its IRI and of its address.
        keywords: in French and in English, one beside the other.
        covers: whether a named graph is part of it.
        has_places: whether it speaks of places of France.
        has_years: whether the years that actions tell are its own.
        has_tables: whether its reference tables are files of the last dump to take. These seldom change, and
            the address of such a file changes with it: udata would keep each old one beside the new one.
    """

    name: str
    title: Wording
    description: Wording
    keywords: tuple[Wording, ...]
    themes: tuple[Concept, ...]
    frequency: Concept
    covers: Callable[[str], bool]
    has_places: bool = True
    has_years: bool = False
    has_tables: bool = False

    @property
    def iri(self) -> str:
        """Its identity."""
        return f"{names.BASE}dataset/{self.name}"

    @property
    def path(self) -> str:
        """Where it is described."""
        return f"dataset/{self.name}"


def _is_of_territories(graph: str) -> bool:
    return graph == names.TERRITORIES_GRAPH or (names.is_reference(graph) and graph != _GOALS)


def _is_of_vocabulary(graph: str) -> bool:
    return graph in (names.ONTOLOGY_GRAPH, _GOALS) or graph.startswith(names.SCHEMES_GRAPHS)


def _is_of_sources(graph: str) -> bool:
    return not (
        _is_of_territories(graph)
        or _is_of_vocabulary(graph)
        or names.is_derived(graph)
        or graph in (names.ORGANISATIONS_GRAPH, names.EDITORIAL_GRAPH, names.LICENCES_GRAPH)
    )


_GOALS = f"{names.REFERENCE_GRAPHS}sdg"
_COOPERATION = Wording("coopération", "cooperation")
_CIVIL_SOCIETY = Wording("société civile", "civil society")
_ASSOCIATIONS = Wording("associations", "non-profit organisations")
_TERRITORIES = Wording("territoires", "territories")
_LINKED = Wording("données liées", "linked data")

DATA_SETS: tuple[DataSet, ...] = (
    DataSet(
        WHOLE,
        Wording(
            "Projets de coopération de la société civile : le graphe de connaissances",
            "Cooperation projects of civil society: the knowledge graph",
        ),
        Wording(
            "Qui coopère avec qui, sur quel territoire, pour quoi et avec quels résultats : projets, organisations, "
            "participations, résultats et enseignements, tels que des documents publiés les décrivent, avec la source "
            "de chaque énoncé ; l'ontologie, les listes de valeurs et les territoires de référence qu'ils emploient.",
            "Who cooperates with whom, where, for what and with which outcomes: projects, organisations, "
            "participations, outcomes and lessons as published documents describe them, with the source of each "
            "statement; the ontology, the lists of values and the reference territories that they use.",
        ),
        (_COOPERATION, _CIVIL_SOCIETY, _ASSOCIATIONS, _LINKED, Wording("graphe de connaissances", "knowledge graph")),
        (authorities.SOCIETY,),
        authorities.IRREGULAR,
        lambda graph: not names.is_derived(graph),
        has_years=True,
    ),
    DataSet(
        "projects",
        Wording("Projets de coopération et leurs sources", "Cooperation projects and their sources"),
        Wording(
            "Projets, expérimentations, événements et programmes, avec leurs acteurs et leurs rôles, leurs "
            "territoires, leurs thèmes, leurs résultats et les enseignements qui en sont tirés ; chaque document "
            "source a son graphe nommé.",
            "Projects, experiments, events and programmes, with their participants and their roles, their territories, "
            "their themes, their outcomes and the lessons learned; each source document has a named graph of its own.",
        ),
        (
            _COOPERATION,
            _CIVIL_SOCIETY,
            _ASSOCIATIONS,
            Wording("projets", "projects"),
            Wording("partenariats", "partnerships"),
            Wording("innovation sociale", "social innovation"),
        ),
        (authorities.SOCIETY, authorities.REGIONS),
        authorities.IRREGULAR,
        _is_of_sources,
        has_years=True,
    ),
    DataSet(
        "organisations",
        Wording("Organisations qui coopèrent", "Organisations that cooperate"),
        Wording(
            "Noms, catégories et identifiants (SIREN, RNA, Wikidata) des associations, collectivités, entreprises et "
            "autres organisations que plusieurs documents nomment.",
            "Names, kinds and identifiers (SIREN, RNA, Wikidata) of the associations, local authorities, companies and "
            "other organisations that several documents name.",
        ),
        (Wording("organisations", "organisations"), _ASSOCIATIONS, _CIVIL_SOCIETY, Wording("SIREN", "SIREN")),
        (authorities.SOCIETY,),
        authorities.IRREGULAR,
        lambda graph: graph == names.ORGANISATIONS_GRAPH,
    ),
    DataSet(
        "territories",
        Wording("Territoires de référence", "Reference territories"),
        Wording(
            "Régions, départements, intercommunalités, communes et collectivités d'outre-mer selon le Code officiel "
            "géographique, avec leurs noms, leurs codes, leurs populations, ce qui est compris dans quoi, et des liens "
            "vers Wikidata, GeoNames et NUTS ; contours simplifiés ; territoires sans code officiel.",
            "Régions, départements, intercommunal bodies, communes and overseas collectivities after the official "
            "geographic code, with their names, their codes, their populations, what is within what, and links to "
            "Wikidata, GeoNames and NUTS; simplified outlines; territories without an official code.",
        ),
        (_TERRITORIES, Wording("communes", "communes"), Wording("code officiel géographique", "geographic code")),
        (authorities.REGIONS, authorities.GOVERNMENT),
        authorities.ANNUAL,
        _is_of_territories,
        has_tables=True,
    ),
    DataSet(
        "ontology",
        Wording("Ontologie de la coopération et listes de valeurs", "Ontology of cooperation and lists of values"),
        Wording(
            "Les classes et les propriétés par lesquelles le graphe décrit la coopération, les listes de valeurs "
            "(rôles, thèmes, catégories d'acteurs, natures de résultats), les objectifs de développement durable, et "
            "les formes (SHACL) que suit ce qui est publié.",
            "The classes and properties by which the graph describes cooperation, the lists of values (roles, themes, "
            "kinds of agents, kinds of outcomes), the sustainable development goals, and the shapes (SHACL) that what "
            "is published follows.",
        ),
        (Wording("ontologie", "ontology"), Wording("vocabulaire", "vocabulary"), Wording("SKOS", "SKOS"), _LINKED),
        (authorities.SCIENCE,),
        authorities.IRREGULAR,
        _is_of_vocabulary,
        has_places=False,
    ),
    DataSet(
        "changes",
        Wording("Changements du graphe", "Changes of the graph"),
        Wording(
            "Chaque révision depuis la première : les choses venues, changées et retirées, en flux (LDES), et les "
            "énoncés retirés et ajoutés, révision par révision (RDF Patch), pour tenir une copie à jour.",
            "Each revision since the first: the things that came, changed and went, as a feed (LDES), and the "
            "statements removed and added, revision by revision (RDF Patch), to keep a copy up to date.",
        ),
        (Wording("flux de changements", "change feed"), Wording("LDES", "LDES"), Wording("RDF Patch", "RDF Patch")),
        (authorities.SOCIETY,),
        authorities.CONTINUOUS,
        lambda graph: not names.is_derived(graph),
    ),
)
BY_NAME = {one.name: one for one in DATA_SETS}
