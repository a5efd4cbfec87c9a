"""A catalogue as harvesters read it, with little in it: what the pages of open data are made from in tests."""

from __future__ import annotations

from coopkg.rdf import Quad, RdfFormat, parse_quads

#: What a hostile publisher might write.
HARMFUL = "</script><script>alert(1)</script>"

_CATALOG = """
@prefix : <https://w3id.org/coopkg/dataset/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix file: <http://localhost/dumps/latest/> .

<https://w3id.org/coopkg/catalog> a dcat:Catalog ;
    dcterms:title "Le catalogue"@fr, "The catalogue"@en ;
    dcterms:description "Tout ce qui est publié ici, et sous quelles formes on l’obtient."@fr ,
        "All that is published here, and in which forms it is had."@en ;
    dcat:dataset :graph, :projects, :ontology .

<https://creativecommons.org/licenses/by/4.0/> skos:prefLabel "Attribution 4.0"@fr, "Attribution 4.0"@en .
<urn:csv> skos:prefLabel "CSV"@en . <urn:nq> skos:prefLabel "N-Quads"@en .
<urn:text-csv> skos:prefLabel "text/csv"@en . <urn:n-quads> skos:prefLabel "application/n-quads"@en .
<urn:irregular> skos:prefLabel "irrégulière"@fr, "irregular"@en .
<urn:publisher> foaf:name "Une association %(harmful)s" .
<urn:rights> rdfs:label "Nommez aussi l’Insee."@fr, "Name Insee as well."@en .

:projects a dcat:Dataset ;
    dcterms:title "Les projets"@fr, "Projects"@en ;
    dcterms:description "Des projets que des associations mènent avec d’autres, document par document. %(harmful)s"@fr ,
        "Projects that associations lead together with others, document by document. %(harmful)s"@en ;
    dcterms:modified "2026-11-28T17:10:37Z"^^xsd:dateTime ; dcat:version "59" ;
    dcterms:accrualPeriodicity <urn:irregular> ; dcterms:publisher <urn:publisher> ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ; dcterms:rights <urn:rights> ;
    dcat:keyword "associations"@fr, "coopération"@fr, "cooperation"@en ; dcterms:spatial <urn:france> ;
    dcterms:temporal [ dcat:startDate "2010-01-01"^^xsd:date ; dcat:endDate "2026-12-31"^^xsd:date ] ;
    dcat:distribution <urn:p1>, <urn:p2>, <urn:p3> .
<urn:p1> dcterms:title "Qui a quel rôle"@fr, "Who has which role"@en ; dcat:downloadURL file:participations.csv ;
    dcterms:format <urn:csv> ; dcat:mediaType <urn:text-csv> ; dcat:byteSize 22345 .
<urn:p2> dcterms:title "Le tableau"@fr, "The table"@en ; dcat:downloadURL file:projects.csv ; dcterms:format <urn:csv> ;
    dcat:mediaType <urn:text-csv> ; dcat:byteSize 1500000 ; spdx:checksum <urn:sum> ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
<urn:sum> spdx:checksumValue "ABCDEF"^^xsd:hexBinary .
<urn:p3> dcterms:title "À jour"@fr, "As it is now"@en ; dcat:accessURL <http://localhost/projects.nq> ;
    dcterms:format <urn:nq> ; dcat:mediaType <urn:n-quads> .

:graph a dcat:Dataset ; dcterms:title "Le graphe"@fr, "The graph"@en ;
    dcterms:description "Tout ce qui est affirmé, avec la source de chaque énoncé du graphe."@fr ,
        "All that is stated, with the source of each statement of the graph."@en .
:ontology a dcat:Dataset ; dcterms:title "L’ontologie"@fr .
"""


def a_catalogue() -> list[Quad]:
    """Return the statements of a catalogue with three data sets, of which one says all that can be said."""
    return list(parse_quads((_CATALOG % {"harmful": HARMFUL}).encode(), RdfFormat.TURTLE, "the catalogue of the tests"))
