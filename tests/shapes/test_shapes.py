"""Each shape accepts the conforming examples and finds each planted fault, judged by pySHACL."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pyshacl
import pytest
from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.paths import Path
from rdflib.plugins.sparql import processor
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from tests.shapes import faults
from tests.shapes.faults import Finding, conforming, folders, shapes_graph

CONSTRAINTS = {
    SH["class"]: "Class",
    SH.datatype: "Datatype",
    SH.hasValue: "HasValue",
    SH["in"]: "In",
    SH.languageIn: "LanguageIn",
    SH.lessThanOrEquals: "LessThanOrEquals",
    SH.maxCount: "MaxCount",
    SH.maxLength: "MaxLength",
    SH.minCount: "MinCount",
    SH.minInclusive: "MinInclusive",
    SH.minLength: "MinLength",
    SH.node: "Node",
    SH.nodeKind: "NodeKind",
    SH["not"]: "Not",
    SH["or"]: "Or",
    SH.pattern: "Pattern",
    SH.qualifiedMinCount: "QualifiedMinCount",
    SH.sparql: "SPARQL",
    SH.uniqueLang: "UniqueLang",
    SH.xone: "Xone",
}
"""The constraints that the shapes may use, with the names of their components."""

BESIDE_CONSTRAINTS = {
    *(SH.alternativePath, SH.inversePath, SH.path, SH.property, SH.qualifiedValueShape),
    *(SH.targetClass, SH.targetSubjectsOf, SH.name, SH.description, SH.message, SH.severity, SH.group, SH.order),
    *(SH.declare, SH.namespace, SH.prefix, SH.prefixes, SH.select),
}
"""The other SHACL 1.0 terms in use. Another term fails the lint: engines silently ignore what they do not know."""

REFUSING = {faults.SHAPES.NoPerson, faults.SHAPES.NoPersonalData}
"""The shapes that refuse whatever they meet: no conforming graph can have a focus node for them."""


@pytest.fixture(autouse=True, scope="module")
def _each_query_is_parsed_once() -> Iterator[None]:
    """pySHACL hands rdflib the same text for each focus node, and rdflib parses it each time: most of the run."""

    @cache
    def algebra(text: str) -> Query:
        return translateQuery(parseQuery(text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processor, "parseQuery", lambda text: text)
        patch.setattr(processor, "translateQuery", lambda text, *_: algebra(text))
        yield


@cache
def findings(folder: str) -> frozenset[Finding]:
    return judge(faults.as_judged(conforming(folder)))


def judge(graph: Graph, shapes: Graph | None = None) -> frozenset[Finding]:
    """The results of the whole report, those in sh:detail left aside."""
    shapes = shapes_graph() if shapes is None else shapes
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", advanced=False)
    assert isinstance(report, Graph), report
    return frozenset(
        Finding(_value(report, result, SH.sourceShape), _component(report, result), _focus(report, result))
        for result in report.objects(None, SH.result)
    )


def _component(report: Graph, result: Node) -> str:
    name = str(_value(report, result, SH.sourceConstraintComponent))
    return name.removeprefix(str(SH)).removesuffix("ConstraintComponent")


def _focus(report: Graph, result: Node) -> Node:
    return _value(report, result, SH.focusNode)


def _value(graph: Graph, subject: Node, predicate: URIRef) -> Node:
    value = graph.value(subject, predicate)
    assert value is not None, (subject, predicate)
    return value


def shapes() -> set[Node]:
    graph = shapes_graph()
    return {*graph.subjects(RDF.type, SH.NodeShape), *graph.subjects(RDF.type, SH.PropertyShape)}


def constraints() -> set[tuple[Node, str]]:
    """Every (shape, component) that the shapes declare."""
    graph = shapes_graph()
    return {
        (shape, component) for predicate, component in CONSTRAINTS.items() for shape in graph.subjects(predicate, None)
    }


def targets(shape: Node) -> Iterator[tuple[URIRef, Node]]:
    for kind in (SH.targetClass, SH.targetSubjectsOf):
        for target in shapes_graph().objects(shape, kind):
            yield kind, target


def roots() -> set[Node]:
    """The shapes that have a target."""
    return {shape for shape in shapes() if any(True for _ in targets(shape))}


def targeted() -> set[Node]:
    """The shapes that have a target, with the property shapes that they hold."""
    return roots() | {held for root in roots() for held in shapes_graph().objects(root, SH.property)}


def focus_nodes(graph: Graph, kind: URIRef, target: Node) -> set[Node]:
    if kind == SH.targetClass:
        return set(graph.subjects(RDF.type, target))
    return set(graph.subjects(target, None))


def path_of(node: Node) -> Path | URIRef:
    graph = shapes_graph()
    if isinstance(node, URIRef):
        return node
    if (inverse := graph.value(node, SH.inversePath)) is not None:
        return ~path_of(inverse)
    alternatives = graph.value(node, SH.alternativePath)
    if alternatives is not None:
        first, *others = [path_of(item) for item in Collection(graph, alternatives)]
        for other in others:
            first = first | other
        return first
    first, *others = [path_of(item) for item in Collection(graph, node)]
    for other in others:
        first = first / other
    return first


def names(nodes: set[Node]) -> list[str]:
    return sorted(str(node).removeprefix(str(faults.SHAPES)) for node in nodes)


# -------------------------------------------------------------------------------------------- examples


@pytest.mark.parametrize("folder", folders())
def test_a_conforming_example_has_neither_violation_nor_warning(folder: str) -> None:
    assert {found for found in findings(folder) if not _is_only_welcome(found)} == set()


@pytest.mark.parametrize(
    "fault", [pytest.param(fault, id=f"{fault.folder}: {fault.name}") for fault in faults.faults()]
)
def test_a_planted_fault_is_found_and_nothing_else(fault: faults.Fault) -> None:
    found = judge(faults.as_judged(fault.graph)) - findings(fault.folder)
    if fault.tier != "Info":
        found = frozenset(finding for finding in found if not _is_only_welcome(finding))
    assert found == {fault.finding} | fault.also


def _is_only_welcome(finding: Finding) -> bool:
    return shapes_graph().value(finding.shape, SH.severity) == SH.Info


def test_each_file_of_shapes_has_its_folder_of_examples() -> None:
    assert folders() == sorted(path.stem for path in (faults.ROOT / "shapes").glob("*.ttl"))


def test_each_fault_is_planted_beside_the_shape_that_finds_it() -> None:
    elsewhere = {
        fault.name
        for fault in faults.faults()
        if (fault.shape, None, None) not in _file(fault.folder)
        and fault.folder not in ("event", "programme", "project")  # their fields are those of common.ttl
    }
    assert elsewhere == set()


@cache
def _file(name: str) -> Graph:
    return Graph().parse(faults.ROOT / "shapes" / f"{name}.ttl")


def test_the_names_of_faults_are_distinct_within_a_folder() -> None:
    counted = Counter((fault.folder, fault.name) for fault in faults.faults())
    assert [name for name, count in counted.items() if count > 1] == []


# -------------------------------------------------------------------------------------------- completeness


def test_each_constraint_of_a_targeted_shape_has_a_planted_fault() -> None:
    planted = {(fault.shape, fault.component) for fault in faults.faults()}
    missing = {
        f"{names({shape})[0]} {component}" for shape, component in constraints() - planted if shape in targeted()
    }
    assert missing == set()


def test_each_targeted_shape_meets_values_in_a_conforming_example() -> None:
    graphs = [faults.as_judged(conforming(folder)) for folder in folders()]
    vacuous = {
        f"{names({root})[0]} {names({held})[0]}"
        for root in roots() - REFUSING
        for held in shapes_graph().objects(root, SH.property)
        if not any(_meets(root, held, graph) for graph in graphs)
    }
    assert vacuous == set()


def _meets(root: Node, held: Node, graph: Graph) -> bool:
    """Some focus node of the root has a value for the property; a property that must be absent has none."""
    focus = {node for target in targets(root) for node in focus_nodes(graph, *target)}
    if shapes_graph().value(held, SH.maxCount) == Literal(0):
        return bool(focus)
    path = path_of(_value(shapes_graph(), held, SH.path))
    return any((node, path, None) in graph for node in focus)


def test_each_target_has_a_focus_node_in_an_example() -> None:
    graphs = {
        "conforming": [faults.as_judged(conforming(folder)) for folder in folders()],
        "refusing": [fault.graph for fault in faults.faults() if fault.shape in REFUSING],
    }
    unmet = {
        f"{names({shape})[0]} {target}"
        for shape in shapes()
        for kind, target in targets(shape)
        if not any(
            focus_nodes(data, kind, target) for data in graphs["refusing" if shape in REFUSING else "conforming"]
        )
    }
    assert unmet == set()


def test_the_shapes_without_a_target_find_what_the_probes_say() -> None:
    expected = {finding for probe in faults.probes() for finding in probe.violating}
    data = faults.schemes_graph() + Graph()
    for folder in folders():
        data += faults.as_judged(conforming(folder))
    assert judge(data, _shapes_with_the_probes_as_targets()) == expected


def _shapes_with_the_probes_as_targets() -> Graph:
    probing = shapes_graph() + Graph()
    for predicate in (SH.targetClass, SH.targetSubjectsOf):
        probing.remove((None, predicate, None))
    for probe in faults.probes():
        for value in (*probe.conforming, *(finding.focus for finding in probe.violating)):
            probing.add((probe.shape, SH.targetNode, value))
    return probing


def test_each_constraint_of_a_shape_without_a_target_is_probed_both_ways() -> None:
    probed = {(finding.shape, finding.component) for probe in faults.probes() for finding in probe.violating}
    missing = {f"{names({shape})[0]} {name}" for shape, name in constraints() - probed if shape not in targeted()}
    assert missing == set()
    assert [probe.shape for probe in faults.probes() if not probe.conforming] == []


# -------------------------------------------------------------------------------------------- inference


def test_owl_rl_changes_no_finding_in_the_conforming_examples() -> None:
    data = Graph()
    for folder in ("action", "participation", "outcome", "source-document", "territory"):
        data += conforming(folder)
    simple = faults.as_judged(data)
    inferred = simple + faults.ontology_graph()
    DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(inferred)
    of_literals = [triple for triple in inferred if isinstance(triple[0], Literal)]
    for triple in of_literals:  # OWL RL of owlrl speaks of literals as subjects: a store refuses such triples
        inferred.remove(triple)
    known = set(simple.subjects())
    assert {found for found in judge(inferred) if found.focus in known} == judge(simple)


# -------------------------------------------------------------------------------------------- form of the shapes


def test_each_shape_has_an_iri_of_the_shapes_namespace() -> None:
    graph = shapes_graph()
    used = {
        *shapes(),
        *graph.objects(None, SH.property),
        *graph.objects(None, SH.node),
        *graph.objects(None, SH["not"]),
    }
    used |= {*graph.objects(None, SH.qualifiedValueShape), *graph.objects(None, SH.sparql)}
    for logical in (SH["or"], SH.xone):
        for members in graph.objects(None, logical):
            used |= set(Collection(graph, members))
    outside = [node for node in used if not isinstance(node, URIRef) or not node.startswith(str(faults.SHAPES))]
    undeclared = used - shapes() - set(graph.subjects(RDF.type, SH.SPARQLConstraint))
    assert (outside, undeclared) == ([], set())


def test_each_shape_is_declared_once() -> None:
    paths = sorted((faults.ROOT / "shapes").glob("*.ttl"))
    declared = Counter(
        shape
        for path in paths
        for kind in (SH.NodeShape, SH.PropertyShape)
        for shape in Graph().parse(path).subjects(RDF.type, kind)
    )
    assert [shape for shape, count in declared.items() if count > 1] == []


def test_each_shape_has_texts_in_both_languages_with_a_tier_a_group_and_an_order() -> None:
    graph = shapes_graph()
    faulty = set()
    for shape in shapes():
        for text in (SH.name, SH.description, SH.message):
            if sorted(str(value.language) for value in graph.objects(shape, text) if isinstance(value, Literal)) != [
                "en",
                "fr",
            ]:
                faulty.add((shape, text))
        if graph.value(shape, SH.severity) not in (SH.Violation, SH.Warning, SH.Info):
            faulty.add((shape, SH.severity))
        if (graph.value(shape, SH.group), RDF.type, SH.PropertyGroup) not in graph:
            faulty.add((shape, SH.group))
        if len(list(graph.objects(shape, SH.order))) != 1:
            faulty.add((shape, SH.order))
    assert faulty == set()


def test_each_group_has_a_label_in_both_languages_and_an_order() -> None:
    graph = shapes_graph()
    for group in graph.subjects(RDF.type, SH.PropertyGroup):
        languages = sorted(
            str(label.language) for label in graph.objects(group, RDFS.label) if isinstance(label, Literal)
        )
        assert (languages, len(list(graph.objects(group, SH.order)))) == (["en", "fr"], 1), group


def test_no_property_shape_holds_a_property_shape() -> None:
    graph = shapes_graph()
    assert [shape for shape in graph.subjects(RDF.type, SH.PropertyShape) if (shape, SH.property, None) in graph] == []


def test_only_known_terms_of_shacl_1_0_are_used() -> None:
    graph = shapes_graph()
    known = {*CONSTRAINTS, *BESIDE_CONSTRAINTS}
    assert {term for term in graph.predicates() if str(term).startswith(str(SH))} - known == set()


def test_each_shape_that_nothing_targets_is_used_by_another() -> None:
    graph = shapes_graph()
    used = {value for _, predicate, value in graph if predicate not in (RDF.type, SH.targetClass)}
    assert names({shape for shape in shapes() if shape not in targeted() and shape not in used}) == []


def test_each_sparql_constraint_is_simple_and_bound_to_its_focus_node() -> None:
    graph = shapes_graph()
    for query in graph.subjects(RDF.type, SH.SPARQLConstraint):
        text = str(graph.value(query, SH.select))
        assert set(graph.predicates(query)) == {RDF.type, SH.prefixes, SH.select}, query
        assert graph.value(query, SH.prefixes) == faults.SHAPES.Prefixes, query
        assert re.search(
            r"WHERE \{\s*\$this [a-z]+:\w+ \?value\b|WHERE \{\s*\$this [a-z]+:\w+ \?date ; [a-z]+:\w+ \?value\b", text
        ), query
        assert not re.search(
            r"\b(GRAPH|SERVICE|MINUS|GROUP|EXISTS|OPTIONAL|VALUES)\b|SELECT.*SELECT", text, re.DOTALL
        ), query
        assert [*graph.subjects(SH.sparql, query)] == [URIRef(str(query).removesuffix("-query"))], query


def test_dates_are_ordered_by_a_core_comparison_of_bounds() -> None:
    graph = shapes_graph()
    assert [*graph.subject_objects(SH.lessThanOrEquals)] == [
        (faults.SHAPES.earliestDate, URIRef("https://w3id.org/coopkg/ns#latestDate"))
    ]


def test_the_prefixes_of_sparql_constraints_are_declared_in_one_place() -> None:
    graph = shapes_graph()
    assert [*graph.subjects(RDF.type, OWL.Ontology)] == [faults.SHAPES.Prefixes]


def test_each_class_and_property_of_ours_in_the_shapes_is_in_the_ontology() -> None:
    namespace = "https://w3id.org/coopkg/ns#"
    used = {node for triple in shapes_graph() for node in triple if str(node).startswith(namespace)}
    declared = set(faults.ontology_graph().subjects(RDF.type, None))
    assert {node for node in used if isinstance(node, URIRef)} - declared == set()


def test_each_concept_in_the_shapes_is_in_a_scheme() -> None:
    used = {node for node in shapes_graph().objects() if str(node).startswith(faults.SCHEMES)}
    assert used - set(faults.schemes_graph().subjects()) == set()
