"""The data set in the words of VoID: how large it is, what it uses, what it links to, where it is had.

Counts come from the manifest of the generation, and from the statistics of the last dump where there is one: no
question is asked of the graph.
Source: Describing Linked Datasets with the VoID Vocabulary, W3C, 2011.
"""

from __future__ import annotations

from hashlib import sha256

from coopkg import names
from coopkg.addresses import Addresses
from coopkg.catalog import authorities, licences
from coopkg.catalog.contents import BY_NAME, DATA_SETS, WHOLE, DataSet
from coopkg.catalog.facts import Facts, Terms
from coopkg.catalog.sheet import Sheet, typed
from coopkg.catalog.wording import Wording
from coopkg.dumps.statistics import Links, Statistics
from coopkg.rdf import Literal, Quad

_IRI = BY_NAME[WHOLE].iri
_FORMATS = "http://www.w3.org/ns/formats/"
_FEATURES = ("Turtle", "JSON-LD", "RDF_XML", "N-Triples")
#: Those whose terms are all over the graph.
_VOCABULARIES = tuple(names.PREFIXES[prefix] for prefix in ("coop", "dcterms", "foaf", "org", "skos", "igeo", "schema"))
_ROOTS = ("scheme/theme", "scheme/role", "ns")
_TITLE = Wording("Description VoID de ce que publie coopkg", "VoID description of what coopkg publishes")
#: What the data sets to which links lead are called, by what their IRIs begin with.
_TARGETS = {
    "http://www.wikidata.org/entity/": Wording("Wikidata", "Wikidata"),
    "http://id.insee.fr/": Wording("Données liées de l'Insee", "Linked data of Insee"),
    "https://sws.geonames.org/": Wording("GeoNames", "GeoNames"),
    "http://data.europa.eu/nuts/": Wording("NUTS", "NUTS"),
    "http://metadata.un.org/sdg/": Wording("Objectifs de développement durable", "Sustainable Development Goals"),
}


def described(facts: Facts, site: Addresses) -> list[Quad]:
    """Return the description of the data set, of its parts, and of each named graph."""
    sheet = Sheet()
    document = site.at(".well-known/void")
    sheet.say(document, a="void_DatasetDescription", dcterms_title=_TITLE, foaf_primaryTopic=_IRI)
    sheet.say(document, foaf_topic=[one.iri for one in DATA_SETS], rdfs_seeAlso=[site.at("catalog"), site.endpoint])
    _tell_whole(sheet, facts, site)
    for one in DATA_SETS:
        if one.name not in (WHOLE, "changes"):
            _tell_part(sheet, one, facts)
    dumped = {file.graph: file.name for file in facts.dump.graphs} if facts.dump else {}
    for graph in facts.graphs:
        _tell_graph(sheet, graph, facts, site.at(f"dumps/{dumped[graph]}") if graph in dumped else None)
    _tell_inferred(sheet, facts)
    if facts.statistics:
        _tell_statistics(sheet, facts.statistics)
    return sheet.quads()


def _tell_whole(sheet: Sheet, facts: Facts, site: Addresses) -> None:
    one = BY_NAME[WHOLE]
    dumps = [file.name for file in facts.dump.files if _is_of_triples(file.media_type)] if facts.dump else []
    sheet.say(
        _IRI,
        a="void_Dataset",
        dcterms_title=one.title,
        dcterms_description=one.description,
        dcterms_modified=typed(facts.modified[""], "dateTime"),
        foaf_homepage=site.root,
        foaf_page=site.at(one.path),
        void_sparqlEndpoint=site.endpoint,
        void_dataDump=[site.at(f"dumps/latest/{name}") for name in dumps],
        void_uriSpace=Literal(names.BASE),
        void_uriRegexPattern=Literal("^" + names.BASE.replace(".", "\\.")),
        void_vocabulary=_VOCABULARIES,
        void_rootResource=[names.BASE + path for path in _ROOTS],
        void_exampleResource=[f"{names.BASE}id/territory/region/11", f"{names.BASE}scheme/theme/cooperation"],
        void_feature=[_FORMATS + name for name in _FEATURES],
        void_triples=typed(facts.statistics.triples if facts.statistics else facts.asserted, "integer"),
    )
    _tell_licence(sheet, _IRI, facts.whole)


def _is_of_triples(media_type: str) -> bool:
    return media_type in authorities.FORMATS and media_type not in ("text/csv", "application/json")


def _tell_part(sheet: Sheet, one: DataSet, facts: Facts) -> None:
    graphs = [graph for graph in facts.graphs if one.covers(graph)]
    sheet.say(
        one.iri,
        a="void_Dataset",
        dcterms_title=one.title,
        # Of several graphs nobody has counted how many statements are the same.
        void_triples=typed(facts.graphs[graphs[0]], "integer") if len(graphs) == 1 else None,
        void_subset=graphs,
    )
    _tell_licence(sheet, one.iri, licences.of(one, facts))
    sheet.say(_IRI, void_subset=one.iri)


def _tell_graph(sheet: Sheet, graph: str, facts: Facts, dump: str | None) -> None:
    """Say of a named graph how large it is, on which terms it is given, and where it is had."""
    terms = facts.terms_of(graph)
    sheet.say(
        graph,
        a="void_Dataset",
        dcterms_title=terms.title,
        void_triples=typed(facts.graphs[graph], "integer"),
        void_dataDump=dump,
    )
    _tell_licence(sheet, graph, terms)
    sheet.say(_IRI, void_subset=graph)


def _tell_inferred(sheet: Sheet, facts: Facts) -> None:
    """Say what is inferred: the endpoint answers with it, too, and no dump holds it."""
    graph, terms = names.INFERRED_GRAPH, facts.terms_of(names.INFERRED_GRAPH)
    sheet.say(graph, a="void_Dataset", dcterms_title=terms.title, prov_wasDerivedFrom=_IRI)
    sheet.say(graph, void_triples=typed(facts.inferred, "integer"))
    _tell_licence(sheet, graph, terms)


def _tell_licence(sheet: Sheet, iri: str, terms: Terms) -> None:
    sheet.say(iri, dcterms_license=terms.licence or None)


def _tell_statistics(sheet: Sheet, counts: Statistics) -> None:
    sheet.say(
        _IRI,
        void_distinctSubjects=typed(counts.subjects, "integer"),
        void_entities=typed(counts.entities, "integer"),
        void_classes=typed(len(counts.classes), "integer"),
        void_properties=typed(len(counts.properties), "integer"),
    )
    for iri, entities in counts.classes.items():
        part = _part("class", iri)
        sheet.say(_IRI, void_classPartition=part)
        sheet.say(part, a="void_Dataset", void_class=iri, void_entities=typed(entities, "integer"))
    for iri, uses in counts.properties.items():
        part = _part("property", iri)
        sheet.say(_IRI, void_propertyPartition=part)
        sheet.say(part, a="void_Dataset", void_property=iri, void_triples=typed(uses.triples, "integer"))
        sheet.say(part, void_distinctSubjects=typed(uses.subjects, "integer"))
    for links in counts.links:
        _tell_links(sheet, links)


def _tell_links(sheet: Sheet, links: Links) -> None:
    iri, target = _part("links", f"{links.predicate} {links.target}"), _part("target", links.target)
    sheet.say(
        iri,
        a="void_Linkset",
        void_linkPredicate=links.predicate,
        void_subjectsTarget=_IRI,
        void_objectsTarget=target,
        void_triples=typed(links.triples, "integer"),
    )
    sheet.say(target, a="void_Dataset", dcterms_title=_TARGETS.get(links.target), void_uriSpace=Literal(links.target))
    sheet.say(_IRI, void_subset=iri)


def _part(kind: str, of: str) -> str:
    """Return the IRI of a part of the data set that has no name of its own: it lasts as long as what it is about."""
    return f"{_IRI}#{kind}-{sha256(of.encode()).hexdigest()[:16]}"
