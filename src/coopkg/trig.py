"""The one way in which coopkg writes TriG for people: byte for byte the same for the same graph.

Prefixes that are used, in a fixed order; the source document first, then its actions, then the rest by IRI; `a`
first, labels next, then properties by name; one value a line. Instances and concepts are written as whole IRIs:
their local parts hold slashes, which would need escapes that other parsers read wrongly.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from coopkg import names
from coopkg.errors import InputError
from coopkg.rdf import Literal, NamedNode, Quad

_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
# Without quotes only as every reader keeps them: rdflib makes 1 of a bare +1 or 01.
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")
_FIRST_KINDS = ("source", "programme", "project", "experiment", "event", "action")
_FIRST_PROPERTIES = (f"{names.RDF}type", f"{names.SKOS}prefLabel", f"{names.PREFIXES['dcterms']}title")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def write(quads: Iterable[Quad]) -> str:
    """Return the canonical TriG text of named graphs without blank nodes.

    Numbers are written as people write them (`4.0` for the decimal that a store gives back as `4`): what is read again
    is equal once `store.normalised`.

    Raises:
        InputError: a blank node, a triple outside any named graph, or a term that only RDF 1.2 has.
    """
    graphs: dict[str, dict[str, dict[str, list[str]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    used: set[str] = set()
    for quad in set(quads):
        if not isinstance(quad.graph_name, NamedNode) or not isinstance(quad.subject, NamedNode):
            raise InputError(f"{quad}: only named graphs without blank nodes have a canonical form; name the node")
        values = graphs[quad.graph_name.value][quad.subject.value][quad.predicate.value]
        values.append(_term(quad.object, used))
    blocks = [_graph(graph, graphs[graph], used) for graph in sorted(graphs)]
    prefixes = [f"@prefix {name}: <{names.PREFIXES[name]}> .\n" for name in names.PREFIXES if name in used]
    return "".join(prefixes) + "".join(f"\n{block}" for block in blocks)


def term(value: object) -> str:
    """Return one term as it stands in canonical TriG, with the project's prefixes.

    >>> term(NamedNode("https://w3id.org/coopkg/ns#role"))
    'coop:role'
    """
    return _term(value, set())


def _graph(graph: str, subjects: dict[str, dict[str, list[str]]], used: set[str]) -> str:
    blocks = [_block(subject, subjects[subject], used) for subject in sorted(subjects, key=_subject_order)]
    return f"<{graph}> {{\n" + "\n".join(blocks) + "}\n"


def _block(subject: str, properties: dict[str, list[str]], used: set[str]) -> str:
    lines = []
    for predicate in sorted(properties, key=_property_order):
        name = "a" if predicate == f"{names.RDF}type" else _iri(predicate, used)
        values = sorted(set(properties[predicate]))
        lines.append(f"        {name} {(',' + chr(10) + ' ' * 12).join(values)}")
    return f"    {_iri(subject, used)}\n" + " ;\n".join(lines) + " .\n"


def _subject_order(iri: str) -> tuple[int, str]:
    kind = iri.removeprefix(f"{names.BASE}id/").partition("/")[0]
    return (_FIRST_KINDS.index(kind) if kind in _FIRST_KINDS else len(_FIRST_KINDS), iri)


def _property_order(iri: str) -> tuple[int, str]:
    return (_FIRST_PROPERTIES.index(iri) if iri in _FIRST_PROPERTIES else len(_FIRST_PROPERTIES), iri)


def _iri(iri: str, used: set[str]) -> str:
    for name, namespace in names.PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.match(iri[len(namespace) :]):
            used.add(name)
            return f"{name}:{iri[len(namespace) :]}"
    return f"<{iri}>"


def _term(term: object, used: set[str]) -> str:
    if isinstance(term, NamedNode):
        return _iri(term.value, used)
    if not isinstance(term, Literal):
        raise InputError(f"{term}: only IRIs and literals have a canonical form; name the node")
    if term.direction is not None:
        raise InputError(f"{term}: a text with a base direction has no canonical form; remove the direction")
    if term.language:
        return f"{_quoted(term.value)}@{term.language}"
    datatype = term.datatype.value
    if datatype == f"{names.XSD}string":
        return _quoted(term.value)
    if datatype == f"{names.XSD}integer" and _INTEGER.match(term.value):
        return term.value
    if datatype == f"{names.XSD}decimal" and _DECIMAL.match(term.value):
        return term.value if "." in term.value else f"{term.value}.0"
    return f"{_quoted(term.value)}^^{_iri(datatype, used)}"


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
