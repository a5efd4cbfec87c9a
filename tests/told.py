"""A small graph with every kind of thing in it, as TriG. What follows is written out, so that no build is needed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from coopkg import names
from coopkg.generations import Manifest
from coopkg.graph import Graph
from coopkg.rdf import Quad, RdfFormat, parse_quads
from coopkg.store import QuadStore

_PREFIXES = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in names.PREFIXES.items())
_CONCEPTS = "engagement indicator lesson-kind outcome-kind precision role stakeholder-kind status territory-level theme"
_THINGS = "cooperation event expected-participation group lesson measure organisation outcome participation perspective"
_FOLDERS = (
    *("id", "graph", "scheme", "id/programme", "id/project", "id/source"),
    *(f"id/territory/{level}" for level in ("commune", "country", "epci", "region")),
    *(f"id/{thing}" for thing in _THINGS.split()),
    *(f"scheme/{concept}" for concept in _CONCEPTS.split()),
)
_MORE = "".join(f"PREFIX {folder.rpartition('/')[2]}: <{names.BASE}{folder}/>\n" for folder in _FOLDERS)

TRIG = """
graph:ontology {
  coop:Project rdfs:label "Projet en coopération"@fr , "Cooperation project"@en ; rdfs:subClassOf coop:Action .
  coop:Action a owl:Class . coop:Project a owl:Class .
  coop:hasLesson rdfs:label "a pour enseignement"@fr , "has lesson"@en ; a owl:ObjectProperty .
  coop:partOfAction a owl:ObjectProperty , owl:TransitiveProperty .
}
graph:schemes\\/all {
  role:initiator skos:prefLabel "Initiateur"@fr , "Initiator"@en .
  role:partner skos:prefLabel "Partenaire"@fr , "Partner"@en .
  role:unspecified skos:prefLabel "Rôle non précisé"@fr .
  role:expert skos:prefLabel "Expert"@fr .
  stakeholder-kind:association skos:prefLabel "Associations"@fr .
  precision:about skos:prefLabel "Environ"@fr , "About"@en .
  indicator:people skos:prefLabel "Nombre de personnes"@fr , "Number of people"@en .
  territory-level:region skos:prefLabel "Région"@fr .
  lesson-kind:lever skos:prefLabel "Levier"@fr .
  lesson-kind:obstacle skos:prefLabel "Frein"@fr .
  engagement:solicited skos:prefLabel "Sollicité"@fr , "Solicited"@en .
  outcome-kind:event skos:prefLabel "Événement tenu"@fr .
  status:planned skos:prefLabel "Prévu"@fr , "Planned"@en .
  theme:food skos:prefLabel "Alimentation"@fr , "Food"@en .
}
graph:reference\\/regions {
  country:FR a coop:Territory ; skos:prefLabel "France"@fr , "France"@en .
  region:11 a coop:Territory ; skos:prefLabel "Île-de-France"@fr ;
    coop:directlyWithin country:FR ; igeo:codeINSEE "11"^^xsd:token ;
    coop:territoryLevel territory-level:region ;
    schema:sameAs <http://id.insee.fr/geo/region/11> ; geo:hasGeometry <https://w3id.org/coopkg/id/geometry/region/11> .
  commune:75056 a coop:Territory ; skos:prefLabel "Paris"@fr ; coop:population 2103778 ;
    coop:directlyWithin region:11 ,
      epci:200054781 .
  epci:200054781 a coop:Territory ; skos:prefLabel "Métropole"@fr ;
    coop:directlyWithin country:FR .
  <https://w3id.org/coopkg/id/geometry/region/11> a geo:Geometry ; geo:asWKT "POINT (2 48)" .
}
graph:editorial\\/organisations {
  organisation:pompiers a org:Organization ; skos:prefLabel "Les pompiers"@fr ;
    org:classification stakeholder-kind:association ; coop:siren "123456789" ;
    coop:rna "W123456789" ; foaf:homepage <https://pompiers.example/> ;
    coop:hasJurisdictionOver commune:75056 ;
    skos:altLabel "La brigade"@fr ; skos:editorialNote "Deux noms."@fr .
  organisation:cloche a org:Organization ; skos:prefLabel "La Cloche"@fr .
}
graph:une {
  source:une a coop:SourceDocument ; dcterms:title "La première page"@fr ;
    dcterms:publisher organisation:cloche ; foaf:page <https://example.org/une> ;
    coop:narrator organisation:pompiers ; dcterms:language "fr"^^xsd:language ;
    dcterms:issued "2020-02"^^xsd:gYearMonth ; coop:describes project:repas ;
    dcterms:isPartOf source:revue .
  source:revue a foaf:Document ; dcterms:title "La revue"@fr .
  project:repas a coop:Project ; skos:prefLabel "Repas partagés"@fr , "Shared meals"@en ;
    dcterms:description "Des repas."@fr ; coop:startDate "2019-07"^^xsd:gYearMonth ;
    coop:theme theme:food ; dcterms:source source:une ;
    coop:coversTerritory commune:75056 ;
    coop:hasLesson lesson:temps , lesson:lien ;
    coop:hasOutcome outcome:fete ;
    coop:hasPerspective perspective:suite ; skos:editorialNote "À vérifier."@fr ;
    coop:inProgramme programme:ensemble ; coop:sourceWording "des repas pour tous"@fr .
  programme:ensemble a coop:Programme ; skos:prefLabel "Ensemble"@fr .
  event:fete a coop:Event ; skos:prefLabel "La fête"@fr ; coop:date "2019-07-01"^^xsd:date ;
    coop:partOfAction project:repas .
  participation:repas--pompiers a coop:Participation ; coop:inAction project:repas ;
    coop:participant organisation:pompiers ; coop:sourceWording "les pompiers (initiateurs)"@fr ;
    coop:role role:initiator , role:expert ;
    dcterms:source source:une .
  participation:repas--cloche a coop:Participation ; coop:inAction project:repas ;
    coop:participant organisation:cloche ; coop:role role:unspecified ;
    coop:listedAs stakeholder-kind:association .
  participation:repas--voisins a coop:Participation ; coop:inAction project:repas ;
    coop:participant group:voisins ; coop:role role:partner .
  group:voisins a coop:StakeholderGroup ; skos:prefLabel "Des voisins"@fr ; coop:memberCount 20 ;
    coop:precision precision:about ; dcterms:source source:une .
  expected-participation:repas--mairie a coop:ExpectedParticipation ;
    coop:expectedIn project:repas ; coop:expectedParticipant organisation:cloche ;
    coop:engagement engagement:solicited .
  lesson:temps a coop:Lesson ; skos:prefLabel "Il faut du temps"@fr ;
    coop:lessonKind lesson-kind:obstacle ; coop:statedBy organisation:pompiers ;
    coop:sourceWording "du temps, beaucoup"@fr ; dcterms:source source:une .
  lesson:lien a coop:Lesson ; skos:prefLabel "Le repas crée du lien"@fr ;
    coop:lessonKind lesson-kind:lever .
  outcome:fete a coop:Outcome ; skos:prefLabel "Une fête tenue"@fr ;
    coop:outcomeKind outcome-kind:event ; coop:creates event:fete ;
    coop:hasMeasure measure:fete .
  measure:fete a coop:Measure ; coop:value 1250.5 ;
    coop:indicator indicator:people ; coop:precision precision:about .
  perspective:suite a coop:Perspective ; skos:prefLabel "Recommencer ailleurs"@fr ;
    coop:status status:planned ; coop:targetTerritory country:FR .
}
graph:deux {
  source:deux a coop:SourceDocument ; dcterms:title "La seconde page"@fr ;
    coop:describes project:repas .
  project:repas coop:startDate "2018"^^xsd:gYear ; dcterms:description "Des repas."@fr .
}
graph:editorial {
  project:diners owl:deprecated true ; dcterms:isReplacedBy project:repas .
  project:perdu owl:deprecated true .
  project:rond owl:deprecated true ; dcterms:isReplacedBy project:rond .
}
graph:inferred {
  project:repas a coop:Action ; coop:locatedIn commune:75056 ,
    region:11 , country:FR .
  commune:75056 coop:within region:11 .
  cooperation:1 a coop:Cooperation ; coop:strength 1 ;
    coop:cooperationOf organisation:pompiers , organisation:cloche ;
    coop:sharedAction project:repas .
}
"""


def quads(trig: str = TRIG) -> list[Quad]:
    """Return the quads of TriG with the project's prefixes and one for each folder of IRIs: `project:`, `role:`..."""
    return parse_quads(f"{_PREFIXES}{_MORE}{trig}".encode(), RdfFormat.TRIG, "the graph of the tests")


class Held(Graph):
    """A graph in memory that was never built.

    Args:
        rules: CONSTRUCT queries by their names.
    """

    def __init__(self, store: QuadStore, rules: Mapping[str, str] = MappingProxyType({})) -> None:
        self._held = store
        self._logic = None
        self._rules = lambda: rules

    def generation(self) -> str:
        return ""

    def published_at(self) -> float:
        return 0.0

    def current(self) -> tuple[QuadStore, Manifest]:
        return self._held, Manifest(1, "", "", "", 0, 0, 0, 0, {}, {})
