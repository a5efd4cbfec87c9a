"""The planted faults of the shapes: small graphs that conform, and the changes that must be found.

Layout of `examples/`:

* `prefixes.ttl`: the prefixes of every snippet, put in front of each file;
* `surroundings.ttl`: one source, its publisher, one project and its participation, part of every graph;
* `{file}/conforms.ttl` and `{file}/violates.toml`: what `shapes/{file}.ttl` accepts, and its faults;
* `probes.toml`: values for the shapes without a target, which other shapes use in sh:or, sh:not, sh:node…

A fault is a change of the conforming graph: `remove` and `add` are Turtle; `finds` is
"shape component focus"; `also` lists the findings that follow of necessity.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).parent / "examples"
SHAPES = Namespace("https://w3id.org/coopkg/shapes#")
SCHEMES = "https://w3id.org/coopkg/scheme/"


class Finding(NamedTuple):
    """One result of a report, as far as the examples foresee it."""

    shape: Node
    component: str
    """The constraint component's name without its namespace and suffix: `MinCount`, `SPARQL`."""
    focus: Node


@dataclass(frozen=True, slots=True)
class Fault:
    """A graph with one planted fault, and what a judge must find in it beyond the conforming graph."""

    folder: str
    name: str
    graph: Graph
    finding: Finding
    also: frozenset[Finding]

    @property
    def shape(self) -> Node:
        return self.finding.shape

    @property
    def component(self) -> str:
        return self.finding.component

    @property
    def focus(self) -> Node:
        return self.finding.focus

    @property
    def tier(self) -> str:
        """`Violation`, `Warning` or `Info`: the severity of the shape."""
        return str(shapes_graph().value(self.shape, SH.severity)).removeprefix(str(SH))


@dataclass(frozen=True, slots=True)
class Probe:
    """Values for a shape without a target: `conforming` ones, and what is found in others."""

    shape: Node
    conforming: tuple[Node, ...]
    violating: tuple[Finding, ...]


@cache
def shapes_graph() -> Graph:
    """All files of shapes/ as one graph; do not change it."""
    return _union(sorted((ROOT / "shapes").glob("*.ttl")))


@cache
def ontology_graph() -> Graph:
    """The ontology, without its schemes; do not change it."""
    return _union([ROOT / "ontology" / "coop.ttl"])


@cache
def schemes_graph() -> Graph:
    """The concepts of every scheme; do not change it."""
    return _union(sorted((ROOT / "ontology" / "schemes").glob("*.ttl")))


def _union(paths: list[Path]) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


@cache
def _prefixes() -> str:
    return (EXAMPLES / "prefixes.ttl").read_text(encoding="utf-8")


def turtle(text: str) -> Graph:
    """The triples of a snippet that uses the prefixes of the examples."""
    return Graph().parse(data=_prefixes() + text, format="turtle")


def term(text: str) -> Node:
    """One term in Turtle: `project:jardin`, `<http://…>`, `"2019"^^xsd:gYear`."""
    return next(turtle(f"[] <http://example.org/is> {text} .").objects())


def finding(text: str) -> Finding:
    """The finding written as "shape component focus"; the shape in the namespace of the shapes."""
    shape, component, focus = text.split(" ", 2)
    return Finding(SHAPES[shape], component, term(focus))


def folders() -> list[str]:
    """The names of the folders of examples, sorted."""
    return sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@cache
def conforming(folder: str) -> Graph:
    """The conforming graph of a folder, with the surroundings; do not change it."""
    text = (EXAMPLES / "surroundings.ttl").read_text(encoding="utf-8")
    return turtle(text + (EXAMPLES / folder / "conforms.ttl").read_text(encoding="utf-8"))


@cache
def faults() -> tuple[Fault, ...]:
    """Every planted fault, in the order of the files."""
    return tuple(_fault(folder, entry) for folder in folders() for entry in _entries(folder))


def _entries(folder: str) -> list[dict[str, Any]]:
    text = (EXAMPLES / folder / "violates.toml").read_text(encoding="utf-8")
    return cast("list[dict[str, Any]]", tomllib.loads(text)["fault"])


def _fault(folder: str, entry: dict[str, Any]) -> Fault:
    base, removed, added = conforming(folder), turtle(entry.get("remove", "")), turtle(entry.get("add", ""))
    if absent := set(removed) - set(base):
        raise ValueError(f"{folder}: {entry['name']}: to be removed, but not there: {absent}")
    if present := set(added) & set(base):
        raise ValueError(f"{folder}: {entry['name']}: to be added, but there already: {present}")
    also = frozenset(finding(text) for text in entry.get("also", []))
    return Fault(folder, entry["name"], base - removed + added, finding(entry["finds"]), also)


@cache
def probes() -> tuple[Probe, ...]:
    """Every probe of a shape without a target."""
    text = (EXAMPLES / "probes.toml").read_text(encoding="utf-8")
    return tuple(_probe(entry) for entry in tomllib.loads(text)["probe"])


def _probe(entry: dict[str, Any]) -> Probe:
    return Probe(
        SHAPES[entry["shape"]],
        tuple(term(text) for text in entry["conforming"]),
        tuple(Finding(SHAPES[shape], component, term(text)) for text, shape, component in entry["violating"]),
    )


def as_judged(graph: Graph) -> Graph:
    """The graph with the concepts that it cites and the types that inference would give it.

    Findings depend on inference through types alone: a dangling reference gets its type from a range,
    a project is an action by rdfs:subClassOf. A fixpoint of these three rules takes a millisecond where
    OWL RL takes a second; one test compares the two.
    """
    judged = graph + _cited_concepts(graph)
    changed = True
    while changed:
        before = len(judged)
        for subject, predicate, value in list(judged):
            for kind in _types_from_use()[0].get(predicate, ()):
                judged.add((subject, RDF.type, kind))
            if not isinstance(value, Literal):
                for kind in _types_from_use()[1].get(predicate, ()):
                    judged.add((value, RDF.type, kind))
            if predicate == RDF.type:
                for kind in ontology_graph().objects(value, RDFS.subClassOf):
                    judged.add((subject, RDF.type, kind))
        changed = len(judged) > before
    return judged


def _cited_concepts(graph: Graph) -> Graph:
    cited = {node for node in graph.objects() if isinstance(node, URIRef) and node.startswith(SCHEMES)}
    described = Graph()
    for concept in cited:
        for predicate in (RDF.type, SKOS.inScheme, SKOS.prefLabel):
            for value in schemes_graph().objects(concept, predicate):
                described.add((concept, predicate, value))
    return described


@cache
def _types_from_use() -> tuple[dict[Node, set[Node]], dict[Node, set[Node]]]:
    """For each property, the classes of its subjects and of its values, those of its super-properties included."""
    ontology = ontology_graph()
    domains: dict[Node, set[Node]] = {}
    ranges: dict[Node, set[Node]] = {}
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty)
    for used in {node for kind in kinds for node in ontology.subjects(RDF.type, kind)}:
        for general in ontology.transitive_objects(used, RDFS.subPropertyOf):
            domains.setdefault(used, set()).update(_classes(ontology, general, RDFS.domain))
            ranges.setdefault(used, set()).update(_classes(ontology, general, RDFS.range))
    return domains, ranges


def _classes(ontology: Graph, used: Node | None, says: URIRef) -> set[Node]:
    return {kind for kind in ontology.objects(used, says) if (kind, RDF.type, OWL.Class) in ontology}
