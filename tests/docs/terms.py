"""The text of docs/terms.md: the ontology and its schemes. `python -m tests.docs` writes it."""

from __future__ import annotations

from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

ROOT = Path(__file__).parents[2]
TERMS = ROOT / "docs" / "terms.md"
COOP = "https://w3id.org/coopkg/ns#"
HEADINGS = {
    OWL.Class: "Classes",
    OWL.ObjectProperty: "Properties between things",
    OWL.DatatypeProperty: "Properties with a value",
    OWL.AnnotationProperty: "Properties of concepts",
}
INTRODUCTION = """# Terms

En bref : chaque terme de l'ontologie et chaque schéma de concepts, en français et en anglais. Page écrite
par programme.

Made from `ontology/` by `python -m tests.docs`; a test compares. How the terms hold
together: [model.md](model.md).
"""


def text() -> str:
    """Return what docs/terms.md must hold."""
    ontology = Graph().parse(ROOT / "ontology" / "coop.ttl")
    sections = [INTRODUCTION]
    for kind, heading in HEADINGS.items():
        sections.append(f"\n## {heading}\n\n| term | français | English |\n|---|---|---|\n")
        own = sorted(term for term in map(str, ontology.subjects(RDF.type, kind)) if term.startswith(COOP))
        sections += [_row(ontology, URIRef(term)) for term in own]
    sections.append("\n## Concept schemes\n\n| scheme | français | English | concepts |\n|---|---|---|---|\n")
    sections += [_scheme(path) for path in sorted((ROOT / "ontology" / "schemes").glob("*.ttl"))]
    return "".join(sections)


def _row(graph: Graph, term: URIRef) -> str:
    cells = (
        f"**{_said(graph, term, RDFS.label, lang)}**. {_said(graph, term, SKOS.definition, lang)}"
        for lang in ("fr", "en")
    )
    return f"| `coop:{term.removeprefix(COOP)}` | {' | '.join(cells)} |\n"


def _scheme(path: Path) -> str:
    graph = Graph().parse(path)
    scheme = next(graph.subjects(RDF.type, SKOS.ConceptScheme))
    concepts = len(set(graph.subjects(RDF.type, SKOS.Concept)))
    names = [_said(graph, scheme, SKOS.prefLabel, lang) for lang in ("fr", "en")]
    return f"| `scheme/{path.stem}` | {' | '.join(names)} | {concepts} |\n"


def _said(graph: Graph, term: Node, about: URIRef, lang: str) -> str:
    texts = [str(o) for o in graph.objects(term, about) if isinstance(o, Literal) and o.language == lang]
    return " ".join(texts).replace("|", "\\|")
