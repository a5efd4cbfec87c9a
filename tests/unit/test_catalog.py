"""The catalogue, VoID and the description of the service: what harvesters find in them, without a server."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from rdflib import DCAT, DCTERMS, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import FOAF, VOID

from coopkg import catalog, names
from coopkg.catalog import Page, authorities, dcat, licences, service, void
from coopkg.catalog.contents import BY_NAME, CATALOG, DATA_SETS, SERVICE
from coopkg.catalog.facts import Facts, Publisher, Terms
from coopkg.catalog.gathering import modified
from coopkg.rdf import BlankNode, NamedNode, Quad, RdfFormat, to_bytes
from coopkg.record import Origin, Revision
from coopkg.settings import PUBLISHER_KINDS
from tests.published import CC_BY, GRAPHS, OPEN_LICENCE, SITE, a_dump, some_facts

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
WKT = URIRef("http://www.opengis.net/ont/geosparql#wktLiteral")
WHOLE = Page("catalog.ttl")
#: What is taken from a list of an authority.
OF_LISTS = (
    *(DCTERMS.accrualPeriodicity, DCTERMS.language, DCTERMS.format, DCTERMS.license, DCTERMS.accessRights),
    *(DCTERMS.spatial, DCTERMS.type, DCTERMS.conformsTo, DCAT.theme, DCAT.mediaType, DCAT.compressFormat),
    *(SPDX.algorithm, URIRef("http://www.w3.org/ns/adms#status")),
    URIRef("http://data.europa.eu/r5r/availability"),
)


def read(quads: list[Quad]) -> Graph:
    """Statements as others read them."""
    return Graph().parse(data=to_bytes(quads, RdfFormat.N_TRIPLES), format="nt")


@cache
def told() -> Graph:
    """The whole catalogue."""
    return read(dcat.catalog(some_facts(), SITE, WHOLE))


def of_kind(graph: Graph, kind: URIRef) -> list[Any]:
    """The things of a class."""
    found = sorted(graph.subjects(RDF.type, kind), key=str)
    assert found
    return found


def languages(graph: Graph, subject: Any, predicate: URIRef) -> set[str | None]:
    """The languages in which a text is given."""
    return {value.language for value in graph.objects(subject, predicate) if isinstance(value, Literal)}


@pytest.mark.harvest(3)
def test_each_data_set_says_all_that_portals_show() -> None:
    graph = told()
    assert {str(one) for one in of_kind(graph, DCAT.Dataset)} == {one.iri for one in DATA_SETS}
    for one in of_kind(graph, DCAT.Dataset):
        assert graph.value(one, DCTERMS.identifier) == Literal(str(one))
        for text in (DCTERMS.title, DCTERMS.description, DCAT.keyword):
            assert languages(graph, one, text) == {"fr", "en"}
        for date in (DCTERMS.issued, DCTERMS.modified):
            assert [getattr(value, "datatype", None) for value in graph.objects(one, date)] == [XSD.dateTime]
        assert str(graph.value(one, DCTERMS.accrualPeriodicity)).startswith(
            "http://publications.europa.eu/resource/authority/frequency/"
        )
        assert graph.value(one, DCAT.landingPage) == URIRef(f"{SITE.root}dataset/{str(one).rpartition('/')[2]}")
        assert graph.value(graph.value(one, DCTERMS.publisher), FOAF.name) == Literal("Association Exemple")
        assert graph.value(graph.value(one, DCAT.contactPoint), VCARD.hasURL) == URIRef(
            "https://exemple.example/contact"
        )
        assert list(graph.objects(one, DCTERMS.license))
        assert str(graph.value(one, URIRef(f"{DCAT}version"))) == "7"


@pytest.mark.harvest(3)
def test_a_period_is_a_blank_node_with_two_days_and_a_place_has_its_boxes() -> None:
    graph = told()
    projects = URIRef(BY_NAME["projects"].iri)
    (period,) = graph.objects(projects, DCTERMS.temporal)
    assert isinstance(period, BNode)  # udata fetches what has an IRI
    days = [graph.value(period, day) for day in (DCAT.startDate, DCAT.endDate)]
    assert days == [Literal("1998-01-01", datatype=XSD.date), Literal("2025-12-31", datatype=XSD.date)]
    (place,) = graph.objects(projects, DCTERMS.spatial)
    (box,) = graph.objects(place, DCAT.bbox)
    assert isinstance(box, Literal)
    assert box.datatype == WKT
    assert str(box).startswith("MULTIPOLYGON(((-5.2 41.3, 9.6 41.3, 9.6 51.1, -5.2 51.1, -5.2 41.3)), ")


def test_actions_without_dates_have_no_period() -> None:
    graph = read(dcat.data_set(some_facts(years=None), SITE, "projects"))
    assert not list(graph.objects(None, DCTERMS.temporal))


@pytest.mark.harvest(4)
def test_each_distribution_says_where_it_is_had_and_in_which_format() -> None:
    graph = told()
    for one in of_kind(graph, DCAT.Distribution):
        assert str(one).startswith(f"{names.BASE}distribution/")
        assert len(list(graph.subjects(DCAT.distribution, one))) == 1
        (access,) = graph.objects(one, DCAT.accessURL)
        assert set(graph.objects(one, DCAT.downloadURL)) <= {access}
        assert str(access).startswith(SITE.root)
        assert languages(graph, one, DCTERMS.title) == languages(graph, one, DCTERMS.description) == {"fr", "en"}
        for kind, space in (
            (DCTERMS.format, "http://publications.europa.eu/resource/authority/file-type/"),
            (DCAT.mediaType, "https://www.iana.org/assignments/media-types/"),
        ):
            (value,) = graph.objects(one, kind)
            assert str(value).startswith(space)
        assert len(list(graph.objects(one, SPDX.checksum))) <= 1


@pytest.mark.harvest(4)
def test_the_files_of_the_last_dump_have_their_sizes_and_an_address_that_stays() -> None:
    graph = told()
    one = URIRef(f"{names.BASE}distribution/graph/nq-gz")
    file = a_dump().file("coopkg.nq.gz")
    assert file is not None
    assert graph.value(one, DCAT.byteSize) == Literal(str(file.size), datatype=XSD.nonNegativeInteger)
    assert graph.value(one, DCAT.downloadURL) == URIRef(f"{SITE.root}dumps/latest/coopkg.nq.gz")
    assert graph.value(one, DCAT.compressFormat) == URIRef(
        "https://www.iana.org/assignments/media-types/application/gzip"
    )
    assert (
        len(
            [
                one
                for one in of_kind(graph, DCAT.Distribution)
                if "/dumps/latest/" in str(graph.value(one, DCAT.accessURL))
            ]
        )
        == 8
    )


def test_reference_tables_are_files_of_their_own_and_graphs_that_often_change_are_not() -> None:
    found = {
        str(one)
        for one in of_kind(told(), DCAT.Distribution)
        if "dumps/graphs/" in str(told().value(one, DCAT.accessURL))
    }
    assert found == {f"{names.BASE}distribution/territories/reference-{name}" for name in ("regions", "geometries")}
    regions = URIRef(f"{names.BASE}distribution/territories/reference-regions")
    assert told().value(regions, DCTERMS.license) == URIRef(OPEN_LICENCE)


def test_without_a_dump_there_is_what_is_made_when_it_is_asked_for() -> None:
    graph = read(dcat.catalog(some_facts(dump=None, statistics=None), SITE, WHOLE))
    assert not list(graph.objects(None, SPDX.checksum))
    found = {str(graph.value(one, DCAT.accessURL)) for one in of_kind(graph, DCAT.Distribution)}
    assert {f"{SITE.root}projects.csv", f"{SITE.root}ns.ttl", f"{SITE.root}feed"} <= found


@pytest.mark.harvest(5)
def test_what_is_taken_from_a_list_brings_its_class_and_its_labels_along() -> None:
    graph = told()
    for predicate in OF_LISTS:
        values = set(graph.objects(None, predicate))
        assert values, predicate
        for value in values:
            assert graph.value(value, RDF.type), value
            assert languages(graph, value, RDFS.label) == languages(graph, value, SKOS.prefLabel) == {"fr", "en"}, value


@pytest.mark.harvest(5)
def test_licences_are_called_as_portals_know_them() -> None:
    graph = told()
    labels = {iri: {str(label) for label in graph.objects(URIRef(iri), RDFS.label)} for iri in (CC_BY, OPEN_LICENCE)}
    assert labels == {
        CC_BY: {"Creative Commons Attribution"},
        OPEN_LICENCE: {"Licence Ouverte / Open Licence version 2.0"},
    }


@pytest.mark.harvest(6)
def test_checksums_are_sha_512_in_hexadecimal() -> None:
    graph = told()
    for one in of_kind(graph, SPDX.Checksum):
        assert list(graph.objects(one, SPDX.algorithm)) == [SPDX.checksumAlgorithm_sha512]
        (value,) = graph.objects(one, SPDX.checksumValue)
        assert isinstance(value, Literal)
        assert (value.datatype, len(str(value))) == (XSD.hexBinary, 128)


@pytest.mark.harvest(7)
def test_the_endpoint_is_a_service_that_no_distribution_points_at() -> None:
    graph = told()
    assert of_kind(graph, DCAT.DataService) == [URIRef(SERVICE)]
    assert graph.value(URIRef(SERVICE), DCTERMS.identifier) == Literal(SERVICE)
    assert graph.value(URIRef(SERVICE), DCAT.endpointURL) == URIRef(SITE.endpoint)
    assert graph.value(URIRef(SERVICE), DCAT.endpointDescription) == URIRef(SITE.endpoint)
    assert {str(one) for one in graph.objects(URIRef(SERVICE), DCAT.servesDataset)} == {one.iri for one in DATA_SETS}
    assert languages(graph, URIRef(SERVICE), DCTERMS.title) == {"fr", "en"}
    assert not list(graph.objects(None, DCAT.accessService))


def pages(per_page: int, path: str = "catalog.ttl") -> list[Graph]:
    """The pages of the catalogue, as who follows hydra:next finds them."""
    found, page = [], Page(path, 1, per_page, is_paged=True)
    while True:
        found.append(read(dcat.catalog(some_facts(), SITE, page)))
        following = list(found[-1].objects(None, HYDRA.next))
        if not following:
            return found
        page = replace(page, number=page.number + 1)
        assert following == [URIRef(page.address(SITE, page.number))]
        assert len(found) < 10


@pytest.mark.harvest(2)
@pytest.mark.parametrize("per_page", [1, 2, 3, 5, 6, 7, 100])
def test_pages_lead_to_each_data_set_once_and_end(per_page: int) -> None:
    shown = [str(one) for page in pages(per_page) for one in of_kind(page, DCAT.Dataset)]
    assert sorted(shown) == sorted(one.iri for one in DATA_SETS)


@pytest.mark.harvest(2)
def test_each_page_says_how_many_there_are_and_where_the_others_stand() -> None:
    found = pages(2, "catalog.rdf")
    for number, page in enumerate(found, start=1):
        (view,) = of_kind(page, HYDRA.PartialCollectionView)
        assert str(view) == f"{SITE.root}catalog.rdf?page={number}&per-page=2"
        assert {int(str(total)) for total in page.objects(None, HYDRA.totalItems)} == {len(DATA_SETS)}
        assert page.value(URIRef(CATALOG), HYDRA.view) == view
        said = {name: str(page.value(view, HYDRA[name]) or "") for name in ("first", "previous", "last")}
        before = f"{SITE.root}catalog.rdf?page={number - 1}&per-page=2" if number > 1 else ""
        assert said == {
            "first": f"{SITE.root}catalog.rdf?page=1&per-page=2",
            "previous": before,
            "last": f"{SITE.root}catalog.rdf?page=3&per-page=2",
        }


@pytest.mark.harvest(2)
def test_a_page_names_no_data_set_of_another_one() -> None:
    for page in pages(2):
        shown = set(of_kind(page, DCAT.Dataset))
        assert set(page.objects(None, DCAT.servesDataset)) <= shown
        assert set(page.objects(URIRef(CATALOG), DCAT.dataset)) == shown


def test_the_service_is_told_once_with_the_whole_that_it_serves() -> None:
    first, *others = pages(2)
    assert URIRef(BY_NAME["graph"].iri) in set(first.objects(URIRef(SERVICE), DCAT.servesDataset))
    assert not [page for page in others if list(page.triples((URIRef(SERVICE), None, None)))]


@pytest.mark.parametrize("kind", PUBLISHER_KINDS)
def test_each_kind_of_publisher_is_told_in_the_words_of_adms(kind: str) -> None:
    graph = read(dcat.data_set(some_facts(publisher=Publisher("A", "", kind)), SITE, "graph"))
    told = graph.value(URIRef(f"{CATALOG}#publisher"), DCTERMS.type)
    assert str(told).startswith("http://purl.org/adms/publishertype/")
    assert languages(graph, told, SKOS.prefLabel) == {"fr", "en"}


def test_on_a_trial_nobody_publishes_and_that_is_said() -> None:
    graph = read(dcat.catalog(some_facts(publisher=Publisher("", "")), SITE, WHOLE))
    name = {str(name) for name in graph.objects(URIRef(f"{CATALOG}#publisher"), FOAF.name)}
    assert name == {"coopkg (essai)", "coopkg (trial)"}
    assert list(graph.objects(URIRef(f"{CATALOG}#contact"), VCARD.fn))


def test_who_is_reached_by_mail_has_an_address_of_mail() -> None:
    publisher = Publisher("Association Exemple", "mailto:contact@exemple.example")
    graph = read(dcat.data_set(some_facts(publisher=publisher), SITE, "graph"))
    contact = URIRef(f"{CATALOG}#contact")
    assert graph.value(contact, VCARD.hasEmail) == URIRef("mailto:contact@exemple.example")
    assert graph.value(contact, VCARD.hasURL) is None


def test_each_asserted_graph_is_of_the_whole_and_of_one_part_at_most() -> None:
    parts = [one for one in DATA_SETS if one.name not in ("graph", "changes")]
    assert all(BY_NAME["graph"].covers(graph) for graph in GRAPHS)
    assert not BY_NAME["graph"].covers(names.INFERRED_GRAPH)
    owners = {graph: [one.name for one in parts if one.covers(graph)] for graph in GRAPHS}
    assert owners == {
        f"{names.GRAPH}a-page": ["projects"],
        names.ORGANISATIONS_GRAPH: ["organisations"],
        names.LICENCES_GRAPH: [],
        names.ONTOLOGY_GRAPH: ["ontology"],
        f"{names.SCHEMES_GRAPHS}role": ["ontology"],
        f"{names.REFERENCE_GRAPHS}regions": ["territories"],
        names.GEOMETRIES_GRAPH: ["territories"],
        f"{names.REFERENCE_GRAPHS}sdg": ["ontology"],
        names.TERRITORIES_GRAPH: ["territories"],
    }


def test_a_data_set_has_the_licence_of_most_of_it_and_tells_of_the_others() -> None:
    facts = some_facts()
    territories, ontology = (licences.of(BY_NAME[name], facts) for name in ("territories", "ontology"))
    assert (territories.licence, ontology.licence) == (OPEN_LICENCE, CC_BY)
    assert territories.rights is not None
    assert territories.rights.fr == (
        "Licences mêlées, par graphe nommé : Creative Commons attribution 4.0 international (CC BY 4.0), "
        "Licence Ouverte 2.0 (Etalab). Source : Insee."
    )
    assert ontology.rights is not None
    assert ontology.rights.en == "United Nations."
    assert licences.of(BY_NAME["graph"], facts) == facts.whole


def test_most_counts_statements_and_not_graphs() -> None:
    graphs = {f"{names.REFERENCE_GRAPHS}regions": 10, names.TERRITORIES_GRAPH: 20}
    assert licences.of(BY_NAME["territories"], some_facts(graphs=graphs)).licence == CC_BY
    graphs = {f"{names.REFERENCE_GRAPHS}regions": 50, names.TERRITORIES_GRAPH: 20, names.GEOMETRIES_GRAPH: 10}
    assert licences.of(BY_NAME["territories"], some_facts(graphs=graphs)).licence == OPEN_LICENCE


def test_terms_that_nobody_states_are_none() -> None:
    facts = some_facts(whole=Terms(""), terms={})
    graph = read(dcat.catalog(facts, SITE, WHOLE))
    assert not list(graph.objects(None, DCTERMS.license))


def a_revision(number: int, *graphs: str, from_file: bool = True) -> Revision:
    """A revision of a day, that says of which graphs it speaks when it comes from a file."""
    origin = Origin("data/x.trig", "0", dict.fromkeys(graphs, "")) if from_file else None
    time = f"2026-01-{number:02}T00:00:00+00:00"
    return Revision(number, time, "", "", origin, 0, 0, "", "", "", 1, 0, 0, "", 0, 1)


def days(*revisions: Revision) -> dict[str, str]:
    """The day of the last change of each data set."""
    return {name: time[8:10] for name, time in modified(list(revisions)[::-1]).items()}


def test_each_data_set_was_modified_when_a_graph_of_it_was() -> None:
    found = days(
        a_revision(1, names.ONTOLOGY_GRAPH),
        a_revision(2, f"{names.REFERENCE_GRAPHS}regions"),
        a_revision(3, names.ORGANISATIONS_GRAPH),
        a_revision(4, f"{names.GRAPH}a-page"),
    )
    assert found == {
        "": "04",
        "graph": "04",
        "changes": "04",
        "projects": "04",
        "organisations": "03",
        "territories": "02",
        "ontology": "01",
    }


def test_a_revision_that_names_no_graph_counts_for_each_data_set() -> None:
    written = a_revision(2, from_file=False)
    assert set(days(a_revision(1, names.ONTOLOGY_GRAPH), written).values()) == {"02"}


def test_a_data_set_that_never_changed_is_as_old_as_the_first_revision() -> None:
    assert days(a_revision(1, names.ONTOLOGY_GRAPH), a_revision(2, names.ONTOLOGY_GRAPH))["projects"] == "01"


def test_void_counts_what_the_statistics_of_the_dump_tell() -> None:
    graph, whole = read(void.described(some_facts(), SITE)), URIRef(BY_NAME["graph"].iri)
    said = {name: int(str(graph.value(whole, VOID[name]))) for name in ("triples", "distinctSubjects", "entities")}
    assert said == {"triples": 1_900, "distinctSubjects": 400, "entities": 300}
    (part,) = graph.objects(whole, VOID.classPartition)
    assert graph.value(part, VOID["class"]) == URIRef(f"{names.COOP}Project")
    assert graph.value(part, VOID.entities) == Literal(12)
    (part,) = graph.objects(whole, VOID.propertyPartition)
    assert graph.value(part, VOID.property) == URIRef(f"{names.COOP}theme")
    assert graph.value(part, VOID.triples) == Literal(30)
    (links,) = of_kind(graph, VOID.Linkset)
    assert graph.value(links, VOID.linkPredicate) == URIRef("https://schema.org/sameAs")
    target = graph.value(links, VOID.objectsTarget)
    assert graph.value(target, VOID.uriSpace) == Literal("http://www.wikidata.org/entity/")


@pytest.mark.harvest(8)
def test_void_names_the_exact_address_of_the_endpoint_and_each_named_graph() -> None:
    graph, whole = read(void.described(some_facts(), SITE)), URIRef(BY_NAME["graph"].iri)
    assert list(graph.objects(None, VOID.sparqlEndpoint)) == [URIRef(SITE.endpoint)]
    assert graph.value(whole, VOID.uriSpace) == Literal(names.BASE)
    subsets = {str(one) for one in graph.objects(whole, VOID.subset)}
    assert set(GRAPHS) <= subsets
    assert {int(str(graph.value(URIRef(one), VOID.triples))) for one in GRAPHS} == set(GRAPHS.values())
    dumps = {str(one) for one in graph.objects(whole, VOID.dataDump)}
    assert dumps == {
        f"{SITE.root}dumps/latest/coopkg.{ending}" for ending in ("nq.gz", "nq.zst", "ttl.gz", "jsonld.gz")
    }


def test_void_tells_what_is_inferred_apart_from_what_dumps_hold() -> None:
    graph, inferred = read(void.described(some_facts(), SITE)), URIRef(names.INFERRED_GRAPH)
    assert graph.value(inferred, VOID.triples) == Literal(2_000)
    assert not list(graph.subjects(VOID.subset, inferred))


def test_void_without_a_dump_has_totals_alone() -> None:
    graph = read(void.described(some_facts(dump=None, statistics=None), SITE))
    assert graph.value(URIRef(BY_NAME["graph"].iri), VOID.triples) == Literal(sum(GRAPHS.values()))
    assert not list(graph.objects(None, VOID.classPartition))
    assert not list(graph.objects(None, VOID.dataDump))


@pytest.mark.harvest(16)
def test_the_service_states_its_limits_and_that_nothing_is_cut_in_silence() -> None:
    endpoint = service.Endpoint(7, tuple(GRAPHS), "deadline 10 s", takes_updates=True)
    graph = read(service.described(endpoint, SITE))
    address = URIRef(SITE.endpoint)
    said = [str(text) for text in graph.objects(address, RDFS.comment)]
    assert len(said) == 2
    assert all("200" in text and "deadline 10 s" in text for text in said)
    assert {SD.SPARQL11Query, SD.SPARQL11Update} == set(graph.objects(address, SD.supportedLanguage))
    assert URIRef(SERVICE) in set(graph.objects(address, RDFS.seeAlso))


@cache
def kept() -> tuple[Quad, ...]:
    """What is kept in the store."""
    return tuple(catalog.graph(some_facts(), SITE))


@pytest.mark.harvest(8)
def test_what_is_kept_in_the_store_is_all_three_descriptions_in_the_graph_of_the_catalogue() -> None:
    assert {quad.graph_name for quad in kept()} == {NamedNode(names.CATALOG_GRAPH)}
    graph = read([Quad(*quad.triple) for quad in kept()])
    for kind in (DCAT.Catalog, DCAT.DataService, VOID.Dataset, VOID.Linkset, SD.Service):
        assert of_kind(graph, kind)
    assert not of_pages(graph)


def of_pages(graph: Graph) -> list[Any]:
    """What a graph says of pages."""
    return [one for one in graph.predicates() if str(one).startswith(str(HYDRA))]


@pytest.mark.harvest(17)
def test_what_is_kept_in_the_store_has_no_blank_node() -> None:
    terms = [term for quad in kept() for term in (quad.subject, quad.object)]
    assert not [term for term in terms if isinstance(term, BlankNode)]
    assert NamedNode(f"{names.GENID}catalog/period-projects") in terms
    assert len(kept()) == len(set(kept()))


def test_the_graph_of_licences_alone_names_licences_in_the_store() -> None:
    graph = read([Quad(*quad.triple) for quad in kept()])
    for iri in authorities.LICENCES:
        assert not list(graph.objects(URIRef(iri), RDFS.label))
    assert list(graph.objects(None, DCTERMS.license))


def test_identities_do_not_depend_on_the_address_of_the_site() -> None:
    def identities(facts: Facts, root: str) -> set[str]:
        graph = read(dcat.whole(facts, type(SITE)(root)))
        return {str(one) for one in graph.subjects() if str(one).startswith(names.BASE)}

    facts = some_facts()
    assert identities(facts, "http://localhost:8080/") == identities(facts, SITE.root)
    assert not [one for one in told().subjects() if "localhost" in str(one)]
