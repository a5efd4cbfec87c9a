"""The tables of docs/model.md: what each class says, from the shapes and the data. `python -m tests.docs` writes them.

The shapes say what is needed (`coopkg.requirements`); the data show the properties in use that no shape of the class
speaks of.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from rdflib import RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from coopkg import names, requirements
from coopkg.rdf import Quad, RdfFormat, read_quads, to_bytes
from coopkg.requirements import Need, Requirement, Requirements, Route, Value

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "docs" / "model.md"
COOP = Namespace(names.COOP)
BEGIN, END = "<!-- made by python -m tests.docs -->\n", "<!-- end of what is made -->\n"
CLASSES = tuple(map(URIRef, requirements.CLASSES))
#: Their name is no title: it is what the source document says, in a sentence.
SENTENCES = (COOP.Outcome, COOP.Measure, COOP.Lesson, COOP.Perspective)
TEXTS = (SKOS.prefLabel, DCTERMS.title, DCTERMS.description)
_NEEDS = {Need.REQUIRED: "**required**", Need.INFERRED: "inferred: do not write it"}
_ORDER = ("**required**", "recommended", "welcome", "optional", "inferred")
_SENTENCE = ("Le texte, en une phrase.", "The text, in one sentence.", "text with its language")
_LANGUAGES = {"fr": " in French", "en": " in English", "": ""}
#: What no shape speaks of and the ontology does not define.
_OTHERS = {
    SKOS.altLabel: ("Autre nom.", "Other name.", "text with its language"),
    SKOS.hiddenLabel: ("Forme fautive, pour la recherche.", "Wrong spelling, for searches.", "text with its language"),
    SKOS.prefLabel: _SENTENCE,
    SKOS.editorialNote: ("Notre doute ou correction.", "Our doubt or correction.", "text with its language"),
    DCTERMS.description: ("Une ou deux phrases.", "One or two sentences.", "text with its language"),
    DCTERMS.relation: ("Chose liée, sans plus.", "Related thing, no more.", "IRI"),
    DCTERMS.hasPart: ("Document qui en fait partie.", "Document that is part of it.", "`foaf:Document`"),
    RDFS.seeAlso: ("À lire aussi.", "See also.", "IRI"),
}


class Row(NamedTuple):
    """A property of a class, as a row of its table shows it."""

    need: str
    value: str
    french: str
    english: str


def text(model: str) -> str:
    """Return docs/model.md with its tables as they must be."""
    before, _, rest = model.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{''.join(map(_section, CLASSES))}\n{END}{after}"


def _section(kind: URIRef) -> str:
    titles = [_said(_ontology(), kind, RDFS.label, lang) or "Organisation" for lang in ("fr", "en")]
    wider = f"`{_short(_wider(kind)[-1])}`" if _wider(kind) else ""
    rows = properties(kind)
    carried = [f"`{_short(path)}`" for path in TEXTS if f"`{_short(path)}`" in rows]
    said = " / ".join(dict.fromkeys(titles)) + "."
    said += f" All that {wider} says, and:" if wider else ""
    said += f" Its text: {', '.join(carried)}." if carried and not wider else ""
    said += "" if carried or wider else " It carries no text."
    lines = [f"| {path} | {' | '.join(row)} |\n" for path, row in sorted(rows.items(), key=_place)]
    head = "| property | need | value | français | English |\n|---|---|---|---|---|\n"
    return f"\n### {_short(kind)}\n{said}\n\n{head if lines else ''}{''.join(lines)}"


def _place(item: tuple[str, Row]) -> tuple[int, str]:
    path, row = item
    return next(i for i, need in enumerate(_ORDER) if row.need.startswith(need)), path


@cache
def properties(kind: URIRef) -> dict[str, Row]:
    """Return the row of each property that a class adds to those of its wider classes, by the property as shown."""
    targets = (kind, *(parent for parent in _parents(kind) if parent not in CLASSES))
    rows = {_path(one.route): _row(one) for one in _asked().of(map(str, targets))}
    if kind in SENTENCES and (name := rows.get("`skos:prefLabel`")):
        rows["`skos:prefLabel`"] = name._replace(french=_SENTENCE[0], english=_SENTENCE[1])
    known = " ".join([*rows, *(path for parent in _wider(kind) for path in properties(parent))])
    for used in _used(kind):
        if f"`{_short(used)}`" not in known:
            rows[f"`{_short(used)}`"] = _unshaped(used)
    return rows


def _row(asked: Requirement) -> Row:
    need = _NEEDS.get(asked.need, asked.need.value) + _LANGUAGES[asked.lang]
    if asked.triggers:
        need += f"; **required** with {' or '.join(f'`{names.short(one)}`' for one in asked.triggers)}"
    values = dict.fromkeys(map(_value, asked.values))
    if asked.route.is_inverse:
        domains = _ontology().objects(URIRef(asked.route.predicates[0]), RDFS.domain)
        values = {f"from `{_short(kind)}`": None for kind in domains}
    said = dict(asked.telling.description)
    texts = (said[lang].replace("|", "\\|").partition(". ")[0] for lang in ("fr", "en"))
    return Row(
        need + ("; only one" if asked.is_single else ""),
        ", ".join(values),
        *(text if text.endswith(("…", ".")) else f"{text}." for text in texts),
    )


def _value(value: Value) -> str:
    """Return how what a property takes is written."""
    if value.kind in ("iri", "shape"):
        return dict(value.names).get("en", "IRI")
    if value.kind == "scheme":
        return f"`{value.iri.removeprefix(names.BASE)}`"
    if value.iri == str(RDF.langString):
        longest = dict(value.limits).get("maxLength")
        return "text with its language" + (f", at most {longest} characters" if longest else "")
    return f"`{names.short(value.iri)}`"


def _path(route: Route) -> str:
    shown = " or ".join(f"`{names.short(one)}`" for one in route.predicates)
    return f"from {shown}" if route.is_inverse else shown


def _unshaped(used: URIRef) -> Row:
    if used in _OTHERS:
        french, english, value = _OTHERS[used]
        return Row("optional", value, french, english)
    ranges = [f"`{_short(kind)}`" for kind in _ontology().objects(used, RDFS.range)]
    french, english = (_said(_ontology(), used, SKOS.definition, lang) for lang in ("fr", "en"))
    return Row("optional", ", ".join([*map(_value, _asked().schemes_of(used))] or ranges), french, english)


def _short(iri: Node) -> str:
    text = str(iri)
    prefix = next(name for name, namespace in names.PREFIXES.items() if text.startswith(namespace))
    return f"{prefix}:{text.removeprefix(names.PREFIXES[prefix])}"


def _said(graph: Graph, node: Node, about: URIRef, lang: str) -> str:
    texts = [str(o) for o in graph.objects(node, about) if isinstance(o, Literal) and o.language == lang]
    return " ".join(texts).replace("|", "\\|")


def _wider(kind: URIRef) -> list[URIRef]:
    return [parent for parent in CLASSES if parent in _parents(kind)]


def _parents(kind: URIRef) -> set[URIRef]:
    found = _ontology().transitive_objects(kind, RDFS.subClassOf)
    return {parent for parent in found if isinstance(parent, URIRef) and parent != kind}


@cache
def _used(kind: URIRef) -> list[URIRef]:
    data = _data()
    used = {predicate for thing in data.subjects(RDF.type, kind) for predicate in data.predicates(thing)}
    return sorted(URIRef(str(predicate)) for predicate in used - {RDF.type})


@cache
def _ontology() -> Graph:
    return Graph().parse(ROOT / "ontology" / "coop.ttl")


@cache
def _asked() -> Requirements:
    files = sorted((ROOT / "shapes").glob("*.ttl"))
    derived = {str(term) for term in _ontology().subjects(COOP.derived, Literal(True))}
    return Requirements([quad.triple for path in files for quad in read_quads(path, path.name)], derived)


@cache
def _data() -> Graph:
    graph = Graph()
    for path in sorted((ROOT / "data").rglob("*.trig")):
        quads = [Quad(quad.subject, quad.predicate, quad.object) for quad in read_quads(path, path.name)]
        graph.parse(data=to_bytes(quads, RdfFormat.N_TRIPLES), format="nt")
    return graph
