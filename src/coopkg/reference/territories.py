"""The reference graphs: territories, outlines and goals as quads, one graph a file, no blank node.

A territory is a place, never the organisation that runs it. Links to other registers are schema:sameAs (the
same place under another name); rdfs:seeAlso where the other register has one entry for two of our territories.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.reference.geometry import Outlines
from coopkg.reference.tables import Arrondissement, Commune, Departement, Epci, Goal, Links, Region, Tables

_IGEO = names.PREFIXES["igeo"]
_GEO = names.PREFIXES["geo"]
_SCHEMA = names.PREFIXES["schema"]
_SDGO = names.PREFIXES["sdgo"]
_INSEE = "http://id.insee.fr/geo/"
_NUTS = "http://data.europa.eu/nuts/code/"
_WIKIDATA = "http://www.wikidata.org/entity/"
_GEONAMES = "https://sws.geonames.org/"
_SDG = "http://metadata.un.org/sdg"

_TYPE = NamedNode(f"{names.RDF}type")
_SEE_ALSO = NamedNode(f"{names.RDFS}seeAlso")
_PREF_LABEL = NamedNode(f"{names.SKOS}prefLabel")
_ALT_LABEL = NamedNode(f"{names.SKOS}altLabel")
_HIDDEN_LABEL = NamedNode(f"{names.SKOS}hiddenLabel")
_SAME_AS = NamedNode(f"{_SCHEMA}sameAs")
_CODE = NamedNode(f"{_IGEO}codeINSEE")
_LEVEL = NamedNode(f"{names.COOP}territoryLevel")
_DIRECTLY_WITHIN = NamedNode(f"{names.COOP}directlyWithin")
_POPULATION = NamedNode(f"{names.COOP}population")
_TERRITORY = NamedNode(f"{names.COOP}Territory")
_TOKEN = NamedNode(f"{names.XSD}token")
_INTEGER = NamedNode(f"{names.XSD}integer")
_WKT_LITERAL = NamedNode(f"{_GEO}wktLiteral")

_FRANCE_LINKS = (f"{_INSEE}pays/france", f"{_NUTS}FR", f"{_WIKIDATA}Q142", f"{_GEONAMES}3017382/")
#: Insee's ontology (4.0.2) defines no class for the overseas collectivities (igeo:CollectiviteDOutreMer is in
#: Insee's data alone), nor for the districts and circonscriptions that 984, 986 and 989 have where others have
#: communes: they get the class just above.
_COLLECTIVITE_CLASS = "TerritoireAdministratif"
_NOT_COMMUNE_CLASS = "TerritoireAdministratif"
_WITHOUT_COMMUNES = frozenset({"984", "986", "989"})


@dataclass(frozen=True, slots=True)
class Graph:
    """The quads of one graph, graph/reference/{name}, as they are added."""

    name: str
    quads: list[Quad]

    def add(self, subject: NamedNode, predicate: NamedNode, *objects: NamedNode | Literal) -> None:
        """Add one quad for each object."""
        graph = NamedNode(f"{names.REFERENCE_GRAPHS}{self.name}")
        self.quads.extend(Quad(subject, predicate, value, graph) for value in objects)

    def territory(self, level: str, code: str, igeo: str, name: str) -> NamedNode:
        """Add what every territory says, and return its IRI."""
        place = territory(level, code)
        self.add(place, _TYPE, _TERRITORY, NamedNode(f"{_IGEO}{igeo}"))
        self.add(place, _PREF_LABEL, Literal(name, language="fr"))
        self.add(place, _LEVEL, NamedNode(f"{names.BASE}scheme/territory-level/{level}"))
        if level != "country":
            self.add(place, _CODE, Literal(code, datatype=_TOKEN))
        return place


def territory(level: str, code: str) -> NamedNode:
    """Return the IRI of a territory."""
    return NamedNode(f"{names.BASE}id/territory/{level}/{code}")


FRANCE = territory("country", "FR")


def graphs(tables: Tables, outlines: Outlines) -> dict[str, list[Quad]]:
    """Return the quads of each reference graph, by its short name."""
    return {
        "regions": _regions(tables),
        "departements": _departements(tables),
        "communes": _communes(tables),
        "epci": _epci(tables.epci),
        "sdg": _goals(tables.goals),
        "geometries": _geometries(outlines),
    }


def _regions(tables: Tables) -> list[Quad]:
    graph = Graph("regions", [])
    graph.territory("country", "FR", "Pays", "France")
    graph.add(FRANCE, _SAME_AS, *map(NamedNode, _FRANCE_LINKS))
    _add_english(graph, tables, "country", "FR")
    for region in tables.regions:
        _add_region(graph, region, tables)
    return graph.quads


def _add_region(graph: Graph, region: Region, tables: Tables) -> None:
    level = "collectivite" if region.overseas_collectivity else "region"
    place = graph.territory(
        level, region.code, _COLLECTIVITE_CLASS if region.overseas_collectivity else "Region", region.name
    )
    graph.add(place, _DIRECTLY_WITHIN, FRANCE)
    insee = "collectiviteDOutreMer" if region.overseas_collectivity else "region"
    graph.add(place, _SAME_AS, NamedNode(f"{_INSEE}{insee}/{region.code}"))
    if links := tables.region_links.get(region.code):
        graph.add(place, _SAME_AS, *_linked(links), NamedNode(f"{_WIKIDATA}{links.wikidata}"))
    _add_english(graph, tables, level, region.code)
    _add_plain(graph, place, region.name)


def _departements(tables: Tables) -> list[Quad]:
    graph = Graph("departements", [])
    taken = {links.wikidata for group in (tables.region_links, tables.commune_links) for links in group.values()}
    for departement in tables.departements:
        _add_departement(graph, departement, tables.departement_links[departement.code], taken)
    return graph.quads


def _add_departement(graph: Graph, departement: Departement, links: Links, taken: set[str]) -> None:
    """Add a département; an item of `taken` is about its région or commune first, so it is only a see-also."""
    place = graph.territory("departement", departement.code, "Departement", departement.name)
    graph.add(place, _DIRECTLY_WITHIN, territory("region", departement.region))
    graph.add(place, _SAME_AS, NamedNode(f"{_INSEE}departement/{departement.code}"), *_linked(links))
    item = NamedNode(f"{_WIKIDATA}{links.wikidata}")
    graph.add(place, _SEE_ALSO if links.wikidata in taken else _SAME_AS, item)
    _add_plain(graph, place, departement.name)


def _communes(tables: Tables) -> list[Quad]:
    graph = Graph("communes", [])
    collectivites = {region.code for region in tables.regions if region.overseas_collectivity}
    bodies: defaultdict[str, list[NamedNode]] = defaultdict(list)
    for body in tables.epci:
        for member in body.members:
            bodies[member].append(territory("epci", body.code))
    for commune in tables.communes:
        parent = territory("collectivite" if commune.parent in collectivites else "departement", commune.parent)
        _add_commune(graph, commune, [parent, *bodies[commune.code]], tables.commune_links.get(commune.code))
    for arrondissement in tables.arrondissements:
        _add_arrondissement(graph, arrondissement)
    return graph.quads


def _add_commune(graph: Graph, commune: Commune, within: Iterable[NamedNode], links: Links | None) -> None:
    is_commune = commune.parent not in _WITHOUT_COMMUNES
    place = graph.territory("commune", commune.code, "Commune" if is_commune else _NOT_COMMUNE_CLASS, commune.name)
    graph.add(place, _DIRECTLY_WITHIN, *within)
    if is_commune:
        graph.add(place, _SAME_AS, NamedNode(f"{_INSEE}commune/{commune.code}"))
    if links:
        graph.add(place, _SAME_AS, NamedNode(f"{_WIKIDATA}{links.wikidata}"))
    _add_population(graph, place, commune.population)


def _add_arrondissement(graph: Graph, part: Arrondissement) -> None:
    place = graph.territory("arrondissement-municipal", part.code, "ArrondissementMunicipal", part.name)
    graph.add(place, _DIRECTLY_WITHIN, territory("commune", part.commune))
    graph.add(place, _SAME_AS, NamedNode(f"{_INSEE}arrondissementMunicipal/{part.code}"))
    _add_population(graph, place, part.population)


def _epci(bodies: Iterable[Epci]) -> list[Quad]:
    graph = Graph("epci", [])
    for body in bodies:
        place = graph.territory("epci", body.code, "Intercommunalite", body.name)
        graph.add(place, _DIRECTLY_WITHIN, FRANCE)
        if body.kind != "EPT":  # Insee has no page for these among the intercommunalités
            graph.add(place, _SAME_AS, NamedNode(f"{_INSEE}intercommunalite/{body.code}"))
    return graph.quads


def _goals(goals: Iterable[Goal]) -> list[Quad]:
    graph = Graph("sdg", [])
    scheme = NamedNode(_SDG)
    title = (
        Literal("Objectifs de développement durable", language="fr"),
        Literal("Sustainable Development Goals", language="en"),
    )
    graph.add(scheme, _TYPE, NamedNode(f"{names.SKOS}ConceptScheme"))
    graph.add(scheme, NamedNode(f"{names.PREFIXES['dcterms']}title"), *title)
    graph.add(scheme, _PREF_LABEL, *title)
    for goal in goals:
        node = NamedNode(goal.iri)
        graph.add(node, _TYPE, NamedNode(f"{names.SKOS}Concept"), NamedNode(f"{_SDGO}Goal"))
        graph.add(node, NamedNode(f"{names.SKOS}inScheme"), scheme)
        graph.add(node, NamedNode(f"{names.SKOS}topConceptOf"), scheme)
        graph.add(node, _PREF_LABEL, Literal(goal.short_fr, language="fr"), Literal(goal.short_en, language="en"))
        graph.add(node, _ALT_LABEL, Literal(goal.long_fr, language="fr"))
        graph.add(node, NamedNode(f"{names.SKOS}notation"), Literal(str(goal.number)))
        graph.add(node, _SAME_AS, NamedNode(f"{_WIKIDATA}{goal.wikidata}"))
    return graph.quads


def _geometries(outlines: Outlines) -> list[Quad]:
    graph = Graph("geometries", [])
    for level, texts in (("departement", outlines.departements), ("region", outlines.regions)):
        for code, text in texts.items():
            geometry = NamedNode(f"{names.BASE}id/geometry/{level}/{code}")
            graph.add(territory(level, code), NamedNode(f"{_GEO}hasGeometry"), geometry)
            graph.add(geometry, _TYPE, NamedNode(f"{_GEO}Geometry"))
            graph.add(geometry, NamedNode(f"{_GEO}asWKT"), Literal(text, datatype=_WKT_LITERAL))
    return graph.quads


def _linked(links: Links) -> list[NamedNode]:
    nuts = [NamedNode(f"{_NUTS}{links.nuts}")] if links.nuts else []
    geonames = [NamedNode(f"{_GEONAMES}{links.geonames}/")] if links.geonames else []
    return nuts + geonames


def _add_english(graph: Graph, tables: Tables, level: str, code: str) -> None:
    if label := tables.english.get((level, code)):
        graph.add(territory(level, code), _PREF_LABEL, Literal(label, language="en"))


def _add_population(graph: Graph, place: NamedNode, population: int | None) -> None:
    if population is not None:
        graph.add(place, _POPULATION, Literal(str(population), datatype=_INTEGER))


def _add_plain(graph: Graph, place: NamedNode, name: str) -> None:
    if (plain := plain_name(name)) != name:
        graph.add(place, _HIDDEN_LABEL, Literal(plain, language="fr"))


def plain_name(name: str) -> str:
    """Return a name as people type it: no accent, no hyphen.

    >>> plain_name("Île-de-France")
    'Ile de France'
    """
    letters = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("-", " ")
