"""The text of docs/concepts.md: every concept of every scheme, as a tree. `python -m tests.docs` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rdflib import RDF, SKOS, Graph, Literal
from rdflib.term import Node

ROOT = Path(__file__).parents[2]
CONCEPTS = ROOT / "docs" / "concepts.md"
BASE = "https://w3id.org/coopkg/"
INTRODUCTION = """# Concepts

En bref : toutes les valeurs permises, schéma par schéma, avec leur nom en français et en anglais. Page écrite par
programme.

Made from `ontology/schemes/` by `python -m tests.docs`; a test compares. An IRI is `https://w3id.org/coopkg/` and the
name of the first column. A concept stands below the broader one, marked with `›`: take the narrowest that the source
document supports. Which property takes which scheme: [model.md](model.md#what-each-class-says). Definitions are in the
files; to add one: [CONTRIBUTING.md](../CONTRIBUTING.md#add-a-concept).
"""


def text() -> str:
    """Return what docs/concepts.md must hold."""
    paths = sorted((ROOT / "ontology" / "schemes").glob("*.ttl"))
    return INTRODUCTION + "".join(_section(path.stem, Graph().parse(path)) for path in paths)


def _section(name: str, graph: Graph) -> str:
    scheme = next(graph.subjects(RDF.type, SKOS.ConceptScheme))
    head = f"\n## {name}\n{_said(graph, scheme, 'fr')} / {_said(graph, scheme, 'en')}\n\n"
    rows = "".join(
        f"| {'› ' * depth}`{str(concept).removeprefix(BASE)}` | {_said(graph, concept, 'fr')} "
        f"| {_said(graph, concept, 'en')} |\n"
        for concept, depth in _tree(graph)
    )
    return f"{head}| concept | français | English |\n|---|---|---|\n{rows}"


def _tree(graph: Graph) -> Iterator[tuple[Node, int]]:
    """Yield each concept once, with its depth, below the first of its broader concepts."""
    seen: set[Node] = set()

    def walk(concept: Node, depth: int) -> Iterator[tuple[Node, int]]:
        if concept in seen:
            return
        seen.add(concept)
        yield concept, depth
        for narrower in sorted(graph.subjects(SKOS.broader, concept), key=str):
            yield from walk(narrower, depth + 1)

    concepts = set(graph.subjects(RDF.type, SKOS.Concept))
    for top in sorted((c for c in concepts if (c, SKOS.broader, None) not in graph), key=str):
        yield from walk(top, 0)
    assert seen == concepts, f"broader makes a circle: {concepts - seen}"


def _said(graph: Graph, node: Node, lang: str) -> str:
    labels = [str(o) for o in graph.objects(node, SKOS.prefLabel) if isinstance(o, Literal) and o.language == lang]
    return " ".join(labels).replace("|", "\\|")
