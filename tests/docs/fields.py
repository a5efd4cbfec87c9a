"""The tables of docs/model.md: what each class says, from the shapes and the data. `python -m tests.docs` writes them.

A least number makes a property required when its shape gives a Violation, recommended when it gives a Warning. The
data show the properties in use that no shape of the class speaks of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rdflib import ORG, RDF, RDFS, SH, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from coopkg import names
from coopkg.rdf import Quad, RdfFormat, read_quads, to_bytes

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "docs" / "model.md"
COOP = Namespace(names.COOP)
BEGIN, END = "<!-- made by python -m tests.docs -->\n", "<!-- end of what is made -->\n"
CLASSES = (
    *(COOP.SourceDocument, COOP.Action, COOP.Project, COOP.Experiment, COOP.Event, COOP.Programme),
    *(COOP.Participation, COOP.ExpectedParticipation, ORG.Organization, COOP.StakeholderGroup, COOP.Territory),
    *(COOP.Outcome, COOP.Measure, COOP.Lesson, COOP.Perspective),
)
#: Their name is no title: it is what the source document says, in a sentence.
SENTENCES = (COOP.Outcome, COOP.Measure, COOP.Lesson, COOP.Perspective)
TEXTS = (SKOS.prefLabel, DCTERMS.title, DCTERMS.description)
_NEEDS = {SH.Violation: "**required**", SH.Warning: "recommended", SH.Info: "welcome"}
_ORDER = ("**required**", "recommended", "welcome", "optional", "inferred")
_SENTENCE = ("Le texte, en une phrase.", "The text, in one sentence.", "text with its language")
_LANGUAGES = {"InFrench": " in French", "InEnglish": " in English"}
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
    shapes: dict[str, list[Node]] = defaultdict(list)
    for target in (kind, *(parent for parent in _parents(kind) if parent not in CLASSES)):
        for root in _shapes().subjects(SH.targetClass, target):
            for held in _shapes().objects(root, SH.property):
                if (shown := _path(_shapes().value(held, SH.path))) is not None:
                    shapes[shown].append(held)
    rows = {path: _row(path, sorted(held, key=str)) for path, held in shapes.items()}
    if kind in SENTENCES and (name := rows.get("`skos:prefLabel`")):
        rows["`skos:prefLabel`"] = name._replace(french=_SENTENCE[0], english=_SENTENCE[1])
    known = " ".join([*rows, *(path for parent in _wider(kind) for path in properties(parent))])
    for used in _used(kind):
        if f"`{_short(used)}`" not in known:
            rows[f"`{_short(used)}`"] = _unshaped(used)
    return rows


def _row(path: str, shapes: list[Node]) -> Row:
    graph = _shapes()
    needs = {_need(shape) for shape in shapes if _has_least(shape)}
    need = next((need for start in _ORDER for need in sorted(needs) if need.startswith(start)), "optional")
    alone = _alone(path)
    if alone is not None and "(derived" in _said(_ontology(), alone, SKOS.definition, "en"):
        need = "inferred: do not write it"
    elif alone is not None and need == "optional" and (reasons := sorted(set(_conditions(alone)))):
        need = f"optional; **required** with {' or '.join(reasons)}"
    if any(graph.value(shape, SH.maxCount) == Literal(1) for shape in shapes):
        need += "; only one"
    values = {shape: list(_values(shape)) for shape in shapes}
    telling = next((shape for shape in shapes if values[shape]), shapes[0])
    targets = dict.fromkeys(value for found in values.values() for value in found)
    if path.startswith("from "):
        targets = {f"from `{_short(kind)}`": None for kind in _ontology().objects(alone, RDFS.domain)}
    french, english = (_said(graph, telling, SH.description, lang).partition(". ")[0] for lang in ("fr", "en"))
    return Row(
        need, ", ".join(targets), *(said if said.endswith(("…", ".")) else f"{said}." for said in (french, english))
    )


def _need(shape: Node) -> str:
    graph = _shapes()
    language = str(graph.value(shape, SH.qualifiedValueShape)).rpartition("#")[2]
    return _NEEDS[URIRef(str(graph.value(shape, SH.severity)))] + _LANGUAGES.get(language, "")


def _unshaped(used: URIRef) -> Row:
    if used in _OTHERS:
        french, english, value = _OTHERS[used]
        return Row("optional", value, french, english)
    ranges = [f"`{_short(kind)}`" for kind in _ontology().objects(used, RDFS.range)]
    french, english = (_said(_ontology(), used, SKOS.definition, lang) for lang in ("fr", "en"))
    return Row("optional", ", ".join(_scheme_of(used) or ranges), french, english)


def _scheme_of(used: URIRef) -> list[str]:
    """Return the scheme that a property takes elsewhere, by the shapes."""
    found = {value for shape in _shapes().subjects(SH.path, used) for value in _values(shape)}
    return sorted(value for value in found if value.startswith("`scheme/"))


def _conditions(path: URIRef) -> Iterator[str]:
    """Yield the properties that make another one required."""
    for root, trigger in _shapes().subject_objects(SH.targetSubjectsOf):
        for held in _shapes().objects(root, SH.property):
            if _shapes().value(held, SH.path) == path and _has_least(held):
                yield f"`{_short(trigger)}`"


def _has_least(shape: Node) -> bool:
    return any(_shapes().value(shape, least) is not None for least in (SH.minCount, SH.qualifiedMinCount))


def _values(shape: Node) -> Iterator[str]:
    """Yield what a property shape wants its values to be."""
    graph = _shapes()
    for kind in graph.objects(shape, SH["class"]):
        yield f"`{_short(kind)}`"
    for datatype in graph.objects(shape, SH.datatype):
        longest = graph.value(shape, SH.maxLength)
        most = f", at most {longest} characters" if longest else ""
        yield f"text with its language{most}" if datatype == RDF.langString else f"`{_short(datatype)}`"
    for node in graph.objects(shape, SH.node):
        held = [graph.value(part, SH.hasValue) for part in graph.objects(node, SH.property)]
        yield from (f"`{str(scheme).removeprefix(names.BASE)}`" for scheme in held if scheme is not None)
        if not any(held):
            yield _said(graph, node, SH.name, "en")
    for choices in graph.objects(shape, SH["or"]):
        for choice in Collection(graph, choices):
            yield from _values(choice)
    if (shape, SH.nodeKind, SH.IRI) in graph:
        yield "IRI"


def _path(path: Node | None) -> str | None:
    """Return a path as it is shown; None for a path of several steps, which is a check and no property."""
    graph = _shapes()
    if isinstance(path, URIRef):
        return f"`{_short(path)}`"
    if (inverse := graph.value(path, SH.inversePath)) is not None:
        return f"from `{_short(inverse)}`"
    if (choices := graph.value(path, SH.alternativePath)) is not None:
        return " or ".join(f"`{_short(choice)}`" for choice in Collection(graph, choices))
    return None


def _alone(path: str) -> URIRef | None:
    """Return the property that is shown, when it is a single one."""
    prefix, _, local = path.removeprefix("from ").strip("`").partition(":")
    return URIRef(names.PREFIXES[prefix] + local) if " or " not in path else None


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
def _shapes() -> Graph:
    graph = Graph()
    for path in sorted((ROOT / "shapes").glob("*.ttl")):
        graph.parse(path)
    return graph


@cache
def _data() -> Graph:
    graph = Graph()
    for path in sorted((ROOT / "data").rglob("*.trig")):
        quads = [Quad(quad.subject, quad.predicate, quad.object) for quad in read_quads(path, path.name)]
        graph.parse(data=to_bytes(quads, RdfFormat.N_TRIPLES), format="nt")
    return graph
