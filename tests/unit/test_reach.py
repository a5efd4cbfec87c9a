"""What a change reaches, and that it costs the same in a small graph and in a large one."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopkg import names, shacl
from coopkg.compiled import CompiledShapes, Judgement
from coopkg.facts import Facts
from coopkg.rdf import NamedNode, Quad, Triple
from coopkg.reach import Reach
from coopkg.store import QuadStore
from tests.shacl import reports
from tests.unit.test_shacl import turtle

SUBCLASS = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
DECLARED = ":x sh:declare [ sh:prefix '' ; sh:namespace 'https://example.org/' ]"


def query(body: str) -> str:
    return f"sh:sparql [ sh:prefixes :x ; sh:select 'SELECT $this {{ {body} }}' ] . {DECLARED}"


def reach(shapes: str, before: str, gone: str = "", new: str = "") -> Reach:
    compiled = CompiledShapes(shacl.read(turtle(f"{shapes} .")))
    removed, added = turtle(gone), turtle(new)
    after = [triple for triple in [*turtle(before), *added] if triple not in removed]
    return compiled.reach(Facts(reports.store(after)), removed, added)


def reached(shapes: str, before: str, gone: str = "", new: str = "") -> set[str]:
    """Return the local names of the nodes that a change reaches."""
    found = reach(shapes, before, gone, new)
    assert not found.entire
    return {str(node).strip("<>").rpartition("/")[2] for nodes in found.pairs.values() for node in nodes}


INNER = "[ sh:path :q ; sh:minCount 1 ]"
UNIQUE = "$this :q ?v . ?other :q ?v . FILTER(?other != $this)"
GRAPH = ":a a :C ; :p :b . :b :p :c ; :q 'k' . :c a :D . :d a :C ; :q 'k' . :e :r :a ."


@pytest.mark.parametrize(
    ("shape", "gone", "new", "nodes"),
    [
        ("sh:targetClass :C ; sh:path :p ; sh:minCount 1", "", ":z :p :b .", set()),
        ("sh:targetClass :C ; sh:path :p ; sh:minCount 1", ":a :p :b .", "", {"a"}),
        ("sh:targetClass :C ; sh:path :p ; sh:minCount 1", "", ":z a :C .", {"z"}),
        ("sh:targetClass :C ; sh:path :p ; sh:minCount 1", ":d a :C .", "", {"d"}),
        ("sh:targetClass :C ; sh:path ( :p :p ) ; sh:class :D", ":c a :D .", "", {"a"}),
        ("sh:targetClass :C ; sh:path ( :p :p ) ; sh:class :D", "", ":c a :E .", set()),
        ("sh:targetClass :C ; sh:path ( :p :p ) ; sh:class :D", ":b :p :c .", "", {"a"}),
        ("sh:targetClass :D ; sh:path [ sh:inversePath :p ] ; sh:minCount 1", "", ":d :p :c .", {"c"}),
        ("sh:targetClass :C ; sh:path [ sh:zeroOrMorePath :p ] ; sh:nodeKind sh:IRI", "", ":c :p 1 .", {"a"}),
        ("sh:targetClass :C ; sh:path [ sh:alternativePath ( :p :q ) ] ; sh:minCount 1", ":d :q 'k' .", "", {"d"}),
        ("sh:targetClass :C ; sh:closed true", "", ":a :new 1 . :b :new 1 .", {"a"}),
        ("sh:targetObjectsOf :q ; sh:nodeKind sh:Literal", "", ":z :q 'new' .", {'"new"'}),
        ("sh:targetSubjectsOf :q ; sh:path :p ; sh:minCount 1", ":d :q 'k' .", "", {"d"}),
        (f"sh:targetClass :C ; sh:property [ sh:path :p ; sh:node {INNER} ]", ":b :q 'k' .", "", {"a"}),
        ("sh:targetClass :C ; sh:not [ sh:path :p ; sh:equals :r ]", "", ":a :r 1 .", {"a"}),
        (f"sh:targetSubjectsOf :q ; {query(UNIQUE)}", "", ":z :q 'k' .", {"b", "d", "z"}),
        (f"sh:targetClass :C ; {query('$this :p ?v FILTER NOT EXISTS { ?v :q ?x }')}", ":b :q 'k' .", "", {"a"}),
    ],
)
def test_a_change_is_walked_back_to_the_focus_nodes(shape: str, gone: str, new: str, nodes: set[str]) -> None:
    assert reached(f":s {shape}", GRAPH, gone, new) == nodes


@pytest.mark.parametrize(
    ("shape", "new", "reason"),
    [
        ("sh:targetClass :C ; sh:class :D", f":D {SUBCLASS} :E .", "the class tree has changed"),
        (f"sh:targetClass :C ; {query('?any a :E')}", ":z a :E .", "not connected to the focus node"),
        (f"sh:targetClass :C ; {query('$this !:p ?x')}", ":z :q 1 .", "is not known"),
    ],
)
def test_what_has_no_bound_is_said(shape: str, new: str, reason: str) -> None:
    (said,) = reach(f":s {shape}", GRAPH, "", new).entire.values()
    assert reason in said


def test_a_change_of_a_value_for_a_sibling_reaches_both_shapes() -> None:
    held = "sh:path :p ; sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape"
    shapes = f":s sh:targetClass :C ; sh:property [ {held} :iri ] , [ {held} :d ] . :iri sh:nodeKind sh:IRI . "
    found = reach(f"{shapes} :d sh:class :D", GRAPH, "", ":b a :D .")
    assert [len(nodes) for nodes in found.pairs.values()] == [1, 1]


def test_a_hub_beyond_the_bound_is_said_without_visiting_all_of_it() -> None:
    data = turtle("".join(f":n{number} a :C ; :p :theme . " for number in range(500)))
    shapes = CompiledShapes(shacl.read(turtle(":s sh:targetClass :C ; sh:path :p ; sh:class :Theme .")))
    gone = turtle(":theme a :Theme .")
    (nodes,) = shapes.reach(Facts(reports.store(data)), gone, [], 501).pairs.values()
    assert len(nodes) == 500
    facts = Facts(reports.store(data))
    (said,) = shapes.reach(facts, gone, [], 20).entire.values()
    assert said == "the change reaches it over more than 20 nodes"
    assert facts.cost.rows < 25


def test_what_a_change_costs_does_not_grow_with_the_graph() -> None:
    shapes = CompiledShapes(shacl.read(turtle(SHAPES)))
    new = project("new")
    costs = []
    for size in (10, 100, 1_000):
        data = [triple for number in range(size) for triple in project(str(number))]
        facts = Facts(reports.store([*data, *new]))
        found = shapes.rejudged(Judgement(), shapes.reach(facts, [], new), facts).new
        assert [one.component for one in found.findings()] == ["MinLength"]
        costs.append(facts.cost)
    assert costs[0] == costs[1] == costs[2]
    assert 0 < costs[0].lookups < 100


def test_what_is_inferred_is_judged_on_disk_as_in_memory(tmp_path: Path) -> None:
    stated, inferred = turtle(":a :p :b ."), turtle(":a a :C . :b a :D .")
    graphs = ((stated, "https://example.org/graph"), (inferred, names.INFERRED_GRAPH))
    quads = [Quad(t.subject, t.predicate, t.object, NamedNode(graph)) for part, graph in graphs for t in part]
    on_disk = QuadStore.create(tmp_path / "store")
    on_disk.change((), quads)
    for shape, count in (("sh:class :D", 0), ("sh:class :E", 1)):
        shapes = CompiledShapes(shacl.read(turtle(f":s sh:targetClass :C ; sh:path :p ; {shape} .")))
        for store in (on_disk, QuadStore.in_memory(quads)):
            assert len(shapes.whole(Facts(store)).every()) == count
            facts = Facts(store)
            again = shapes.rejudged(Judgement(), shapes.reach(facts, [], inferred), facts).new
            assert len(again.every()) == count


SHAPES = """
:project sh:targetClass :Project ; sh:property :name , :part , :place , :unique .
:name sh:path :name ; sh:minCount 1 ; sh:maxCount 1 ; sh:minLength 4 .
:part sh:path [ sh:inversePath :in ] ; sh:class :Part ; sh:qualifiedValueShape :named ; sh:qualifiedMinCount 1 .
:place sh:path ( :at [ sh:zeroOrMorePath :within ] ) ; sh:class :Place .
:unique sh:path :code ; sh:sparql [ sh:select '''SELECT $this ?value {
    $this <https://example.org/code> ?value . ?other <https://example.org/code> ?value
    FILTER(?other != $this) }''' ] .
:named sh:property [ sh:path :name ; sh:pattern '^part' ] .
"""


def project(name: str) -> list[Triple]:
    return turtle(f"""
    :project{name} a :Project ; :name '{name[:3]}' ; :code '{name}' ; :at :town{name} .
    :town{name} a :Place ; :within :region{name} . :region{name} a :Place .
    :part{name} a :Part ; :in :project{name} ; :name 'part {name}' .
    """)
