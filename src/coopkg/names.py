"""The names of the published graph: IRIs, prefixes, and which graph plays which part.

Pure text; the only module that spells the base IRI.
"""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/coopkg/"
COOP: Final = f"{BASE}ns#"
SHAPES: Final = f"{BASE}shapes#"
GRAPH: Final = f"{BASE}graph/"
GENID: Final = f"{BASE}.well-known/genid/"
#: The search index as queries call it, and the words of such a call: no terms of the ontology, hence apart from them.
SEARCH_SERVICE: Final = f"{COOP}search"
SEARCH: Final = f"{BASE}search#"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
DCTERMS: Final = "http://purl.org/dc/terms/"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SH: Final = "http://www.w3.org/ns/shacl#"

ONTOLOGY_GRAPH: Final = f"{GRAPH}ontology"
SCHEMES_GRAPHS: Final = f"{GRAPH}schemes/"
REFERENCE_GRAPHS: Final = f"{GRAPH}reference/"
GEOMETRIES_GRAPH: Final = f"{REFERENCE_GRAPHS}geometries"
ORGANISATIONS_GRAPH: Final = f"{GRAPH}editorial/organisations"
TERRITORIES_GRAPH: Final = f"{GRAPH}editorial/territories"
EDITORIAL_GRAPH: Final = f"{GRAPH}editorial"
LICENCES_GRAPH: Final = f"{GRAPH}licences"
INFERRED_GRAPH: Final = f"{GRAPH}inferred"
CATALOG_GRAPH: Final = f"{GRAPH}catalog"

#: That an IRI is not to be used any more, and which one is used in its place; said in the editorial graph alone.
DEPRECATED: Final = f"{OWL}deprecated"
REPLACED_BY: Final = f"{DCTERMS}isReplacedBy"

#: Declared for every query and used by every serialisation, in this order.
PREFIXES: Final[dict[str, str]] = {
    "coop": COOP,
    "coopsh": SHAPES,
    "dcterms": DCTERMS,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "igeo": "http://rdf.insee.fr/def/geo#",
    "org": "http://www.w3.org/ns/org#",
    "owl": OWL,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "https://schema.org/",
    "sdgo": "http://metadata.un.org/sdg/ontology#",
    "search": SEARCH,
    "sh": SH,
    "skos": SKOS,
    "uom": "http://www.opengis.net/def/uom/OGC/1.0/",
    "xsd": XSD,
}

#: The functions of GeoSPARQL that are promised, and tested against another library: relations, and what they make.
GEO_RELATIONS: Final = (
    *("sfEquals", "sfDisjoint", "sfIntersects", "sfTouches"),
    *("sfCrosses", "sfWithin", "sfContains", "sfOverlaps"),
)
GEO_FUNCTIONS: Final = (
    *GEO_RELATIONS,
    *("distance", "envelope", "centroid", "convexHull"),
    *("intersection", "union", "difference", "symDifference"),
)


def short(iri: str) -> str:
    """Return an IRI with one of the project's prefixes where one fits.

    >>> short("https://w3id.org/coopkg/ns#role")
    'coop:role'
    """
    for name, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{name}:{iri[len(namespace) :]}"
    return f"<{iri}>"


def is_reference(graph: str) -> bool:
    """Whether a named graph holds reference tables (judged when they are rebuilt, not at each build)."""
    return graph.startswith(REFERENCE_GRAPHS)


def is_derived(graph: str) -> bool:
    """Whether a named graph is computed from the others, hence outside journal, digest and export."""
    return graph in (INFERRED_GRAPH, CATALOG_GRAPH)
