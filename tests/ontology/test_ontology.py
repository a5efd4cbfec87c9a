"""The ontology and its schemes: well documented, consistent, and giving the conclusions that the model promises.

Referees: pySHACL for quality, HermiT for consistency, owlrl for the closure, rdflib and pyoxigraph for the rules.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import owlready2
import owlrl
import pyoxigraph
import pyshacl
import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import (
    DCTERMS,
    FOAF,
    GEO,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    VANN,
    XSD,
    DefinedNamespace,
)

ROOT = Path(__file__).parents[2]
ONTOLOGY_FILE = ROOT / "ontology" / "coop.ttl"
SCHEME_FILES = sorted((ROOT / "ontology" / "schemes").glob("*.ttl"))
RULE_FILES = sorted((ROOT / "ontology" / "rules").glob("*.rq"))
QUALITY_FILE = ROOT / "shapes" / "quality" / "ontology.ttl"
EXTERNAL_TERMS_FILE = Path(__file__).with_name("external-terms.tsv")

BASE = "https://w3id.org/coopkg/"
COOP = Namespace(f"{BASE}ns#")
Q = Namespace(f"{BASE}shapes/quality#")
EX = Namespace("https://example.org/")

PREFIXES = {
    "coop": str(COOP),
    "role": f"{BASE}scheme/role/",
    "scheme": f"{BASE}scheme/",
    "ex": str(EX),
    "dcterms": str(DCTERMS),
    "foaf": str(FOAF),
    "org": str(ORG),
    "owl": str(OWL),
    "prov": str(PROV),
    "rdfs": str(RDFS),
    "schema": str(SDO),
    "skos": str(SKOS),
    "vann": str(VANN),
    "vs": "http://www.w3.org/2003/06/sw-vocab-status/ns#",
    "xsd": str(XSD),
}
PROLOGUE = f"BASE <{BASE}>\n" + "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())

# A municipality in a department, itself in a region, and in an intermunicipality; a programme, a project under it,
# an event that is part of the project; five agents that take part and one that is only solicited.
EXAMPLE = """
    ex:fr a coop:Territory .
    ex:region a coop:Territory ; coop:directlyWithin ex:fr .
    ex:departement a coop:Territory ; coop:directlyWithin ex:region .
    ex:epci a coop:Territory ; coop:directlyWithin ex:fr .
    ex:commune a coop:Territory ; coop:directlyWithin ex:departement , ex:epci .

    ex:programme a coop:Programme .
    ex:project a coop:Project ; coop:inProgramme ex:programme ; coop:coversTerritory ex:commune ;
        coop:hasOutcome ex:outcome .
    ex:event a coop:Event ; coop:partOfAction ex:project .
    ex:workshop a coop:Event ; coop:partOfAction ex:event .
    ex:outcome a coop:Outcome ; coop:hasMeasure ex:measure .
    ex:measure a coop:Measure ; coop:value 4.0 ; coop:earliestDate "2019-07-01"^^xsd:date .
    ex:source a coop:SourceDocument ; coop:describes ex:project , ex:event .

    ex:founder a org:Organization . ex:partner a org:Organization . ex:funder a org:Organization .
    ex:residents a coop:StakeholderGroup ; coop:memberCount 12 .
    ex:town a org:Organization . ex:invited a org:Organization .
    ex:p-founder a coop:Participation ; coop:inAction ex:project ; coop:participant ex:founder ;
        coop:role role:founder , role:lead .
    ex:p-partner a coop:Participation ; coop:inAction ex:project ; coop:participant ex:partner ;
        coop:role role:co-designer .
    ex:p-funder a coop:Participation ; coop:inAction ex:project ; coop:participant ex:funder ; coop:role role:sponsor .
    ex:p-residents a coop:Participation ; coop:inAction ex:project ; coop:participant ex:residents ;
        coop:role role:target-public .
    ex:p-town a coop:Participation ; coop:inAction ex:event ; coop:participant ex:town ; coop:role role:unspecified .
    ex:p-invited a coop:ExpectedParticipation ; coop:expectedIn ex:project ; coop:expectedParticipant ex:invited ;
        coop:engagement <scheme/engagement/solicited> ; coop:role role:partner .
"""


def turtle(text: str) -> Graph:
    """The graph of a piece of Turtle that uses the prefixes of this file."""
    return Graph().parse(data=PROLOGUE + text, format="turtle")


def union(*graphs: Graph) -> Graph:
    """A new graph with the triples of all these graphs."""
    result = Graph()
    for graph in graphs:
        for triple in graph:
            result.add(triple)
    return result


@pytest.fixture(scope="session")
def ontology() -> Graph:
    return Graph().parse(ONTOLOGY_FILE)


@pytest.fixture(scope="session")
def schemes() -> Graph:
    return union(*(Graph().parse(path) for path in SCHEME_FILES))


@pytest.fixture(scope="session")
def quality() -> Graph:
    return Graph().parse(QUALITY_FILE)


# ---- the files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ONTOLOGY_FILE, *SCHEME_FILES], ids=lambda path: path.name)
def test_each_file_parses_and_is_not_empty(path: Path) -> None:
    assert len(Graph().parse(path)) > 0


@pytest.mark.parametrize("path", SCHEME_FILES, ids=lambda path: path.stem)
def test_a_scheme_file_holds_the_scheme_that_it_is_named_after_and_nothing_else(path: Path) -> None:
    graph = Graph().parse(path)
    scheme = URIRef(f"{BASE}scheme/{path.stem}")
    assert list(graph.subjects(RDF.type, SKOS.ConceptScheme)) == [scheme]
    assert set(graph.subjects()) - {scheme} == set(graph.subjects(SKOS.inScheme, scheme))


def test_the_ontology_names_no_natural_person(ontology: Graph) -> None:
    assert not list(ontology.subjects(RDF.type, FOAF.Person))
    assert set(ontology.objects(None, DCTERMS.creator)) == {URIRef(f"{BASE}id/agent/coopkg")}
    assert not list(ontology.objects(None, DCTERMS.contributor))


# ---- quality -----------------------------------------------------------------------------------------------


def findings(data: Graph, shapes: Graph) -> set[URIRef]:
    """The shapes that pySHACL reports as not satisfied, warnings included."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True, allow_warnings=False)
    return {shape for shape in report.objects(None, SH.sourceShape) if isinstance(shape, URIRef)}


def only(shape: URIRef, shapes: Graph) -> Graph:
    """The shapes, where only this one, or the node shapes that it is a property of, keeps its targets."""
    targets = (SH.targetClass, SH.targetSubjectsOf)
    roots = {shape, *shapes.subjects(SH.property, shape)}
    kept = Graph()
    for subject, predicate, value in shapes:
        if predicate not in targets or subject in roots:
            kept.add((subject, predicate, value))
    return kept


def test_the_ontology_and_its_schemes_meet_every_quality_check(ontology: Graph, schemes: Graph, quality: Graph) -> None:
    assert findings(union(ontology, schemes), quality) == set()


# One planted fault, as an update, for each thing that a quality shape looks at.
FAULTS = [
    ("header-title", "DELETE WHERE { <ns> dcterms:title ?any }"),
    ("header-description", 'INSERT DATA { <ns> dcterms:description "Andere"@de }'),
    ("header-abstract", "DELETE WHERE { <ns> dcterms:abstract ?any }"),
    ("header-license", "INSERT DATA { <ns> dcterms:license <https://example.org/licence> }"),
    ("header-license", "DELETE WHERE { <ns> dcterms:license ?any }"),
    ("header-creator", "DELETE WHERE { <ns> dcterms:creator ?any }"),
    ("header-publisher", "DELETE WHERE { <ns> dcterms:publisher ?any }"),
    ("header-created", 'INSERT DATA { <ns> dcterms:created "soon" }'),
    ("header-issued", "DELETE WHERE { <ns> dcterms:issued ?any }"),
    ("header-modified", "DELETE WHERE { <ns> dcterms:modified ?any }"),
    ("header-prefix", "DELETE WHERE { <ns> vann:preferredNamespacePrefix ?any }"),
    ("header-namespace", "DELETE WHERE { <ns> vann:preferredNamespaceUri ?any }"),
    (
        "header-version",
        'DELETE DATA { <ns> owl:versionInfo "0.1.0" } ; INSERT DATA { <ns> owl:versionInfo "0.1" }',
    ),
    ("header-versionIRI", "DELETE WHERE { <ns> owl:versionIRI ?any }"),
    ("header-citation", "DELETE WHERE { <ns> dcterms:bibliographicCitation ?any }"),
    (
        "VersionIRI",
        "DELETE DATA { <ns> owl:versionIRI <ns/0.1.0> } ; INSERT DATA { <ns> owl:versionIRI <ns/9.9.9> }",
    ),
    ("term-label", 'INSERT DATA { coop:role rdfs:label "function"@en }'),
    ("term-label", 'DELETE DATA { coop:role rdfs:label "rôle"@fr } ; INSERT DATA { coop:role rdfs:label "rôle "@fr }'),
    ("term-definition", "DELETE WHERE { coop:role skos:definition ?any }"),
    ("term-definedBy", "INSERT DATA { coop:role rdfs:isDefinedBy <https://example.org/other> }"),
    ("term-status", 'INSERT DATA { coop:role vs:term_status "new" }'),
    ("DefinedBy", "DELETE WHERE { coop:role rdfs:isDefinedBy ?any }"),
    ("ClassName", "INSERT DATA { coop:role_holder a owl:Class }"),
    ("PropertyName", "INSERT DATA { coop:Has_role rdfs:domain coop:Action }"),
    ("OneDomain", "INSERT DATA { coop:inAction rdfs:domain coop:Event }"),
    ("OneRange", "INSERT DATA { coop:inAction rdfs:range coop:Event }"),
    ("NoCycle", "INSERT DATA { coop:Action rdfs:subClassOf coop:Experiment }"),
    ("NoCycle", "INSERT DATA { coop:locatedIn rdfs:subPropertyOf coop:coversTerritory }"),
    ("UniqueLabel", 'INSERT DATA { coop:role rdfs:label "status"@en }'),
    (
        "UniqueDefinition",
        "INSERT { coop:role skos:definition ?text } WHERE { coop:status skos:definition ?text }",
    ),
    ("MirroredInverse", "INSERT DATA { coop:hasParticipation rdfs:range coop:Event }"),
    ("DomainOrRange", "DELETE WHERE { coop:date schema:domainIncludes ?any }"),
    ("DatatypeMap", "INSERT DATA { coop:date rdfs:range xsd:date }"),
    ("SimpleProperty", "INSERT DATA { coop:hasParticipant a owl:FunctionalProperty }"),
    ("SimpleProperty", "INSERT DATA { coop:within a owl:IrreflexiveProperty }"),
    ("NoHijack", "INSERT DATA { foaf:Agent rdfs:subClassOf coop:Action }"),
    ("NoHijack", "INSERT DATA { dcterms:spatial rdfs:domain coop:Action }"),
    ("Deprecated", "INSERT DATA { coop:role owl:deprecated true }"),
    ("DeprecatedUnused", 'INSERT DATA { coop:Project owl:deprecated true ; skos:historyNote "Too wide."@en }'),
    ("DeprecatedUnused", 'INSERT DATA { role:partner owl:deprecated true ; skos:historyNote "Too wide."@en }'),
    ("scheme-title", "DELETE WHERE { scheme:role dcterms:title ?any }"),
    ("scheme-prefLabel", "DELETE WHERE { scheme:role skos:prefLabel ?any }"),
    ("scheme-description", "DELETE WHERE { scheme:role dcterms:description ?any }"),
    ("scheme-license", "DELETE WHERE { scheme:role dcterms:license ?any }"),
    ("scheme-topConcept", "DELETE WHERE { scheme:role skos:hasTopConcept ?any }"),
    ("concept-prefLabel", 'DELETE DATA { role:partner skos:prefLabel "Partner"@en }'),
    ("concept-prefLabel", 'INSERT DATA { role:partner skos:prefLabel "Associate"@en }'),
    ("concept-definition", 'INSERT DATA { role:partner skos:definition "Andere"@de }'),
    ("concept-inScheme", "INSERT DATA { role:partner skos:inScheme scheme:engagement }"),
    ("concept-inScheme", "DELETE WHERE { role:partner skos:inScheme ?any }"),
    ("concept-notation", 'INSERT DATA { role:partner skos:notation "Partner" }'),
    ("concept-place", "DELETE WHERE { role:partner skos:broader ?any }"),
    ("concept-place", "INSERT DATA { role:partner skos:topConceptOf scheme:role }"),
    (
        "DefinitionPair",
        "DELETE { role:partner skos:definition ?text } "
        'WHERE { role:partner skos:definition ?text FILTER(LANG(?text) = "fr") }',
    ),
    (
        "NotationInIRI",
        'DELETE DATA { role:partner skos:notation "partner" } ; INSERT DATA { role:partner skos:notation "associate" }',
    ),
    ("BroaderInScheme", "INSERT DATA { role:partner skos:broader <scheme/engagement/solicited> }"),
    ("NoBroaderCycle", "INSERT DATA { role:partner skos:broader role:co-designer }"),
    ("TopConceptBothWays", "DELETE WHERE { role:cooperating skos:topConceptOf ?any }"),
    ("TopConceptBothWays", "DELETE WHERE { scheme:role skos:hasTopConcept ?any }"),
    ("TopConceptInScheme", "INSERT DATA { role:cooperating skos:topConceptOf scheme:engagement }"),
    ("UniquePrefLabel", 'INSERT DATA { role:partner skos:prefLabel "Lead"@en }'),
    ("ShortcutProperty", "INSERT DATA { role:partner coop:shortcutProperty coop:theme }"),
]


@pytest.fixture(scope="session")
def sample(ontology: Graph) -> Graph:
    """The ontology and two schemes: enough for every fault, and quick for pySHACL."""
    names = ("role", "engagement")
    return union(ontology, *(Graph().parse(ROOT / "ontology" / "schemes" / f"{name}.ttl") for name in names))


@pytest.mark.parametrize(("shape", "fault"), FAULTS, ids=[shape for shape, _ in FAULTS])
def test_a_planted_fault_is_reported_by_the_shape_that_guards_against_it(
    shape: str, fault: str, sample: Graph, quality: Graph
) -> None:
    faulty = union(sample)
    faulty.update(PROLOGUE + fault)
    assert set(faulty) != set(sample), "the update plants nothing"
    guard = only(Q[shape], quality)
    assert Q[shape] not in findings(union(sample), guard)
    assert Q[shape] in findings(faulty, guard)


def test_every_quality_shape_has_been_seen_to_fail(quality: Graph) -> None:
    shapes = {*quality.subjects(RDF.type, SH.PropertyShape), *quality.subjects(RDF.type, SH.NodeShape)}
    groups = set(quality.subjects(SH.property, None))
    alternatives = {Q["concept-without-definition"], Q["concept-with-two-definitions"]}  # branches of DefinitionPair
    assert {Q[shape] for shape, _ in FAULTS} == shapes - groups - alternatives


def test_every_quality_shape_has_an_iri_a_severity_and_a_message_in_both_languages(quality: Graph) -> None:
    for shape in {*quality.subjects(RDF.type, SH.PropertyShape), *quality.subjects(RDF.type, SH.NodeShape)}:
        assert isinstance(shape, URIRef)
        assert quality.value(shape, SH.severity)
        assert {getattr(message, "language", None) for message in quality.objects(shape, SH.message)} == {"fr", "en"}
    for shape in quality.subjects(RDF.type, SH.PropertyShape):
        assert not list(quality.objects(shape, SH.property))
    for constraint in quality.objects(None, SH.sparql):
        assert isinstance(constraint, URIRef)
        assert "$this" in str(quality.value(constraint, SH.select))


# ---- external terms ----------------------------------------------------------------------------------------

# The languages that the ontology is written in, not vocabularies that it is aligned with.
LANGUAGES = (str(RDF), str(RDFS), str(OWL), str(XSD), str(SKOS))
NOT_TERMS = {URIRef("https://creativecommons.org/licenses/by/4.0/")}
CLOSED: list[type[DefinedNamespace]] = [
    DCTERMS, FOAF, GEO, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, VANN, XSD,
]  # fmt: skip


def iris_of_others(graph: Graph) -> set[URIRef]:
    iris = {term for triple in graph for term in triple if isinstance(term, URIRef)}
    return {iri for iri in iris if not iri.startswith(BASE)} - NOT_TERMS


def test_each_external_term_has_been_looked_up_and_no_other_is_listed(ontology: Graph, schemes: Graph) -> None:
    with EXTERNAL_TERMS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, dialect="excel-tab"))
    used = {iri for iri in map(str, iris_of_others(union(ontology, schemes))) if not iri.startswith(LANGUAGES)}
    assert [row["iri"] for row in rows] == sorted(used)
    assert all(row["kind"] and row["where found"] and row["date"] for row in rows)


def test_each_term_of_a_vocabulary_that_rdflib_knows_exists_in_it(ontology: Graph, schemes: Graph) -> None:
    unknown = {
        iri
        for iri in iris_of_others(union(ontology, schemes))
        for namespace in CLOSED
        if iri.startswith(str(namespace)) and iri not in namespace
    }
    assert unknown == set()


def test_rdflib_would_not_know_a_term_that_does_not_exist() -> None:
    assert URIRef(f"{SDO}OrganisationRole") not in SDO
    assert URIRef(f"{SDO}OrganizationRole") in SDO


def test_each_term_of_ours_that_is_named_is_declared(ontology: Graph, schemes: Graph) -> None:
    graph = union(ontology, schemes)
    named = {term for triple in graph for term in triple if isinstance(term, URIRef) and term in COOP}
    assert {term for term in named if (term, RDFS.isDefinedBy, None) not in graph} == set()


# ---- consistency, by HermiT --------------------------------------------------------------------------------

needs_java = pytest.mark.skipif(
    shutil.which("java") is None, reason="HermiT runs on Java, which is optional and not on the PATH"
)


def verdict(graph: Graph) -> str:
    """`consistent`, `inconsistent`, or `refused` when HermiT finds the axioms outside OWL 2 DL."""
    world = owlready2.World()
    triples = io.BytesIO(graph.serialize(format="nt", encoding="utf-8"))
    world.get_ontology("https://example.org/trial").load(fileobj=triples)
    try:
        owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
    except owlready2.OwlReadyInconsistentOntologyError:
        return "inconsistent"
    except owlready2.OwlReadyJavaError:
        return "refused"
    finally:
        world.close()
    return "consistent"


@pytest.fixture(scope="session")
def example(ontology: Graph) -> Graph:
    """The ontology, the schemes that the example uses, and the example."""
    names = ("role", "engagement")
    files = [Graph().parse(ROOT / "ontology" / "schemes" / f"{name}.ttl") for name in names]
    return union(ontology, *files, turtle(EXAMPLE))


@needs_java
def test_the_ontology_the_schemes_and_an_example_are_consistent(
    ontology: Graph, schemes: Graph, example: Graph
) -> None:
    assert verdict(union(ontology, schemes, example)) == "consistent"


TRAPS = {
    "a project made an organisation through schema:Project": (
        "coop:Project rdfs:subClassOf schema:Project . schema:Project a owl:Class ; rdfs:subClassOf org:Organization ."
    ),
    "an action made a prov:Activity and derived from a document": (
        "prov:Activity a owl:Class ; owl:disjointWith prov:Entity . coop:Action rdfs:subClassOf prov:Activity ."
        "prov:wasDerivedFrom a owl:ObjectProperty ; rdfs:domain prov:Entity ."
        "ex:project prov:wasDerivedFrom ex:source ."
    ),
    "territories linked by skos:exactMatch, whose domain is skos:Concept": (
        "skos:semanticRelation a owl:ObjectProperty ; rdfs:domain skos:Concept ; rdfs:range skos:Concept ."
        "skos:exactMatch a owl:ObjectProperty ; rdfs:subPropertyOf skos:semanticRelation ."
        "ex:region skos:exactMatch ex:regionOfInsee ."
    ),
    "an organisation taken for the territory that it runs": "ex:commune a org:Organization .",
    "an expected participation taken for a participation": "ex:p-invited a coop:Participation .",
    "an expected participation that says inAction": "ex:p-invited coop:inAction ex:project .",
    "an event taken for a project": "ex:event a coop:Project .",
    "a measure with two values": "ex:measure coop:value 5.0 .",
    "a participation in two actions declared different": (
        "ex:p-town coop:inAction ex:project . ex:event owl:differentFrom ex:project ."
    ),
}


@needs_java
@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.replace(" ", "-"))
def test_a_known_trap_makes_the_example_inconsistent(trap: str, example: Graph) -> None:
    assert verdict(union(example, turtle(TRAPS[trap]))) == "inconsistent"


@needs_java
def test_cooperation_as_an_irreflexive_property_chain_is_refused(example: Graph) -> None:
    chain = "coop:cooperatesWith owl:propertyChainAxiom ( coop:participatesIn coop:hasParticipant ) ."
    irreflexive = "coop:cooperatesWith a owl:IrreflexiveProperty ."
    assert verdict(union(example, turtle(chain))) == "consistent"
    assert verdict(union(example, turtle(irreflexive))) == "consistent"
    assert verdict(union(example, turtle(chain + irreflexive))) == "refused"


# ---- closure, by owlrl -------------------------------------------------------------------------------------

OWLRL_ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")


def closure_of(graph: Graph) -> Graph:
    closed = union(graph)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
    return closed


def contradictions(closed: Graph) -> list[str]:
    return [str(message) for message in closed.objects(None, OWLRL_ERROR)]


@pytest.fixture(scope="session")
def closure(example: Graph) -> Graph:
    return closure_of(example)


def pairs(graph: Graph, predicate: URIRef) -> set[tuple[str, str]]:
    """The pairs of things of the example that a property relates, by their short names."""
    return {
        (s.removeprefix(EX), o.removeprefix(EX))
        for s, o in graph.subject_objects(predicate)
        if isinstance(s, URIRef) and isinstance(o, URIRef) and s in EX and o in EX
    }


def test_the_closure_of_the_example_has_no_contradiction_and_merges_nothing(closure: Graph) -> None:
    assert contradictions(closure) == []
    assert {(a, b) for a, b in pairs(closure, OWL.sameAs) if a != b} == set()


# owlrl 7.6 does not compare the values of literals, so that two values of a functional property pass unseen.
@pytest.mark.parametrize(
    "trap", sorted(TRAPS.keys() - {"a measure with two values"}), ids=lambda trap: trap.replace(" ", "-")
)
def test_a_known_trap_is_a_contradiction_for_the_rules_of_owl_rl_too(trap: str, example: Graph) -> None:
    assert contradictions(closure_of(union(example, turtle(TRAPS[trap])))) != []


def test_an_action_is_located_in_every_territory_that_encloses_its_own(closure: Graph) -> None:
    enclosing = {"commune", "departement", "epci", "region", "fr"}
    assert pairs(closure, COOP.locatedIn) == {("project", territory) for territory in enclosing}
    assert pairs(closure, COOP.coversTerritory) == {("project", "commune")}


def test_the_parts_of_an_action_inherit_its_programme_at_any_depth(closure: Graph) -> None:
    assert pairs(closure, COOP.inProgramme) == {(part, "programme") for part in ("project", "event", "workshop")}


@pytest.mark.parametrize(
    ("asserted", "inferred"),
    [
        (COOP.inAction, COOP.hasParticipation),
        (COOP.participant, COOP.participatesThrough),
        (COOP.partOfAction, COOP.hasPartAction),
        (COOP.hasOutcome, COOP.outcomeOf),
        (COOP.hasParticipant, COOP.participatesIn),
    ],
    ids=lambda term: term.removeprefix(COOP),
)
def test_an_inverse_gives_the_same_pairs_the_other_way_round(
    asserted: URIRef, inferred: URIRef, closure: Graph
) -> None:
    assert pairs(closure, asserted)
    assert pairs(closure, inferred) == {(b, a) for a, b in pairs(closure, asserted)}


def test_every_participant_is_found_and_an_expected_one_never_is(closure: Graph) -> None:
    taking_part = {("project", agent) for agent in ("founder", "partner", "funder", "residents")} | {("event", "town")}
    assert pairs(closure, COOP.hasParticipant) == taking_part
    assert "invited" not in {agent for agent, _ in pairs(closure, COOP.participatesIn)}
    assert (EX["p-invited"], RDF.type, COOP.Participation) not in closure


def test_the_published_axioms_stay_within_owl_2_rl(ontology: Graph) -> None:
    beyond = [
        OWL.unionOf, OWL.complementOf, OWL.oneOf, OWL.someValuesFrom, OWL.cardinality, OWL.minCardinality,
        OWL.qualifiedCardinality, OWL.hasSelf, OWL.disjointUnionOf, OWL.imports,
    ]  # fmt: skip
    assert [predicate for predicate in beyond if (None, predicate, None) in ontology] == []
    assert (None, RDF.type, OWL.ReflexiveProperty) not in ontology


# ---- rules -------------------------------------------------------------------------------------------------


def rule(name: str) -> str:
    return (ROOT / "ontology" / "rules" / f"{name}.rq").read_text(encoding="utf-8")


def constructed_by_rdflib(graph: Graph, query: str) -> Graph:
    result = graph.query(query).graph
    assert result is not None
    return result


def constructed_by_oxigraph(graph: Graph, query: str) -> Graph:
    store = pyoxigraph.Store()
    store.load(graph.serialize(format="nt", encoding="utf-8"), format=pyoxigraph.RdfFormat.N_TRIPLES)
    triples: Any = store.query(query)
    return Graph().parse(data=b"".join(f"{triple} .\n".encode() for triple in triples), format="nt")


ENGINES: list[Callable[[Graph, str], Graph]] = [constructed_by_rdflib, constructed_by_oxigraph]
each_engine = pytest.mark.parametrize("construct", ENGINES, ids=["rdflib", "oxigraph"])


def test_the_rules_are_those_that_the_ontology_announces(ontology: Graph) -> None:
    assert [path.stem for path in RULE_FILES] == [
        "cooperates-with",
        "cooperations",
        "role-shortcuts",
        "strength",
        "within",
    ]


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_each_rule_starts_with_a_comment_and_derives_nothing_from_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert len(constructed_by_rdflib(Graph(), text)) == 0


@each_engine
def test_the_shortcuts_follow_the_roles_and_the_broader_ones(
    construct: Callable[[Graph, str], Graph], example: Graph
) -> None:
    derived = construct(example, rule("role-shortcuts"))
    assert pairs(derived, COOP.initiatedBy) == {("project", "founder")}
    assert pairs(derived, COOP.ledBy) == {("project", "founder")}
    assert pairs(derived, COOP.hasPartner) == {("project", "partner")}
    assert pairs(derived, COOP.fundedBy) == {("project", "funder")}
    assert pairs(derived, COOP.benefits) == {("project", "residents")}
    assert len(derived) == 5


@each_engine
def test_only_distinct_agents_with_cooperating_roles_in_one_action_cooperate(
    construct: Callable[[Graph, str], Graph], example: Graph
) -> None:
    derived = construct(example, rule("cooperates-with"))
    assert pairs(derived, COOP.cooperatesWith) == {("founder", "partner"), ("partner", "founder")}
    assert len(derived) == 2


@each_engine
def test_each_pair_that_cooperates_has_one_cooperation_with_its_actions_and_their_number(
    construct: Callable[[Graph, str], Graph], example: Graph
) -> None:
    more = """
        ex:p1 coop:inAction ex:workshop ; coop:participant ex:partner ; coop:role role:lead .
        ex:p2 coop:inAction ex:workshop ; coop:participant ex:founder ; coop:role role:lead .
        ex:p3 coop:inAction ex:workshop ; coop:participant ex:fourth ; coop:role role:partner .
    """
    derived = construct(union(example, turtle(more)), rule("cooperations"))
    strengths = construct(derived, rule("strength"))
    found = {
        frozenset(str(agent).removeprefix(EX) for agent in derived.objects(cooperation, COOP.cooperationOf)): (
            {str(action).removeprefix(EX) for action in derived.objects(cooperation, COOP.sharedAction)},
            int(str(strengths.value(cooperation, COOP.strength))),
        )
        for cooperation in derived.subjects(RDF.type, COOP.Cooperation)
    }
    assert found == {
        frozenset({"founder", "partner"}): ({"project", "workshop"}, 2),
        frozenset({"founder", "fourth"}): ({"workshop"}, 1),
        frozenset({"partner", "fourth"}): ({"workshop"}, 1),
    }
    assert {strength.datatype for strength in strengths.objects() if isinstance(strength, Literal)} == {XSD.integer}
    assert len(derived) == 3 * 3 + 4
    assert len(strengths) == 3


@each_engine
def test_the_rule_for_territories_gives_the_same_as_the_axioms(
    construct: Callable[[Graph, str], Graph], example: Graph, closure: Graph
) -> None:
    derived = construct(example, rule("within"))
    assert len(derived) == 8
    assert pairs(derived, COOP.within) == pairs(closure, COOP.within)


def test_the_shortcuts_contradict_nothing_and_add_no_participant(example: Graph, closure: Graph) -> None:
    derived = [constructed_by_rdflib(example, path.read_text(encoding="utf-8")) for path in RULE_FILES]
    again = closure_of(union(example, *derived))
    assert contradictions(again) == []
    assert pairs(again, COOP.hasParticipant) == pairs(closure, COOP.hasParticipant)
