"""The endpoint in the words of SPARQL 1.1 Service Description: what it takes, what it gives, its limits, its graphs.

Static but for the graphs: no query is run.
"""

from __future__ import annotations

from dataclasses import dataclass

from coopkg import names
from coopkg.addresses import Addresses
from coopkg.catalog.contents import BY_NAME, SERVICE, SERVICE_TITLE, WHOLE
from coopkg.catalog.sheet import Sheet, term
from coopkg.catalog.wording import Wording
from coopkg.rdf import Literal, Quad

_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "JSON-LD",
    "RDF_XML",
)
_CUT = Wording(
    "Une réponse coupée ou tardive n'a jamais le code 200. Limites : {limits}.",
    "An answer that is cut or late never has the status 200. Limits: {limits}.",
)


_SEARCH = Wording(
    "Un index de recherche : SERVICE coop:search, dans une requête. Documentation : docs/endpoint.md.",
    "A search index: SERVICE coop:search, within a query. Documentation: docs/endpoint.md.",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an endpoint is and does, its address apart.

    Args:
        revision: the published one.
        graphs: the named graphs that a query may name.
        limits: those in force, as one line.
        takes_updates: whether the endpoint does.
    """

    revision: int
    graphs: tuple[str, ...]
    limits: str
    takes_updates: bool


def described(endpoint: Endpoint, site: Addresses) -> list[Quad]:
    """Return the description of the endpoint of a site."""
    sheet, address = Sheet(), site.endpoint
    dataset, default = f"{address}#dataset", f"{address}#default"
    sheet.say(
        address,
        a="sd_Service",
        sd_endpoint=address,
        sd_supportedLanguage=term("sd_SPARQL11Query"),
        sd_feature=[term("sd_UnionDefaultGraph"), names.SEARCH_SERVICE],
        sd_extensionFunction=[term(f"geof_{name}") for name in names.GEO_FUNCTIONS],
        sd_resultFormat=[_FORMATS + name for name in _RESULTS],
        sd_defaultDataset=dataset,
        dcterms_title=SERVICE_TITLE,
        dcterms_description=Literal(endpoint.limits, language="en"),
        rdfs_comment=_CUT.filled(limits=endpoint.limits),
        rdfs_seeAlso=[SERVICE, site.at("catalog"), site.at(".well-known/void")],
    )
    sheet.say(
        names.SEARCH_SERVICE,
        a="sd_Feature",
        rdfs_comment=_SEARCH,
        rdfs_seeAlso=site.at("docs/endpoint.md"),
    )
    for name in names.GEO_FUNCTIONS:
        sheet.say(term(f"geof_{name}"), a="sd_Function")
    if endpoint.takes_updates:
        sheet.say(address, sd_supportedLanguage=term("sd_SPARQL11Update"))
    sheet.say(
        dataset,
        a="sd_Dataset",
        sd_defaultGraph=default,
        dcterms_identifier=Literal(str(endpoint.revision)),
        rdfs_seeAlso=BY_NAME[WHOLE].iri,
    )
    sheet.say(default, a="sd_Graph")
    for graph in endpoint.graphs:
        entry = f"{address}#{graph.removeprefix(names.GRAPH).replace('/', '-')}"
        # The graph itself is what VoID describes under the same IRI.
        sheet.say(dataset, sd_namedGraph=entry)
        sheet.say(entry, a="sd_NamedGraph", sd_name=graph, sd_graph=graph)
        sheet.say(graph, a="sd_Graph")
    return sheet.quads()
