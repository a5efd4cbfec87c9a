"""Statements as compact JSON-LD, and the context that our JSON-LD is read with.

Pure text: nothing is fetched. Source: JSON-LD 1.1, sections 4.1 (contexts) and 4.6 (languages); ADR 0022.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from coopkg import names
from coopkg.rdf import Literal, NamedNode, Quad

#: A context by its keys: the IRI of a prefix or of a term, or what is said of a term.
Context = Mapping[str, Any]

#: Of the context of things, besides the prefixes of the project.
PREFIXES: Final[Mapping[str, str]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
}
#: What has one text a language, in the vocabularies of others, by prefix.
_TEXTS = {
    "dcterms": "abstract bibliographicCitation description rights title",
    "rdfs": "comment label",
    "skos": "altLabel definition editorialNote example hiddenLabel prefLabel scopeNote",
}
#: What has IRIs alone.
_IRIS = {
    "dcterms": "contributor creator hasPart isPartOf isReplacedBy license publisher references relation source "
    "spatial subject",
    "foaf": "homepage page primaryTopic topic",
    "geo": "hasGeometry sfWithin",
    "hydra": "first next previous view",
    "org": "classification",
    "owl": "inverseOf",
    "rdfs": "domain isDefinedBy range seeAlso subClassOf subPropertyOf",
    "schema": "domainIncludes rangeIncludes sameAs",
    "skos": "broadMatch broader closeMatch exactMatch hasTopConcept inScheme narrowMatch narrower related "
    "relatedMatch topConceptOf",
    "void": "inDataset",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TYPE, _RANGE, _STRING = f"{names.RDF}type", f"{names.RDFS}range", f"{names.XSD}string"


def context(ontology: Iterable[Quad]) -> dict[str, Any]:
    """Return the context of things: prefixes, and for each term of an ontology its local name and what it takes.

    A name that means something already is not given again: the term is then written with its prefix.
    """
    found: dict[str, Any] = {**names.PREFIXES, **PREFIXES, "id": "@id", "type": "@type"}
    found |= {key: {"@id": key, "@container": "@language"} for key in _keys(_TEXTS)}
    found |= {key: {"@id": key, "@type": "@id"} for key in _keys(_IRIS)}
    said = _said(ontology)
    for iri in sorted(said):
        name = iri.removeprefix(names.COOP)
        if name not in found and _NAME.fullmatch(name):
            found[name] = _definition(f"coop:{name}", said[iri])
    return found


def _keys(table: Mapping[str, str]) -> list[str]:
    return [f"{prefix}:{name}" for prefix, known in table.items() for name in known.split()]


def _said(ontology: Iterable[Quad]) -> dict[str, dict[str, list[str]]]:
    """Return the kinds and the ranges of the terms of ours."""
    said: dict[str, dict[str, list[str]]] = {}
    for quad in ontology:
        is_ours = isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(names.COOP)
        if is_ours and quad.predicate.value in (_TYPE, _RANGE) and isinstance(quad.object, NamedNode):
            said.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, []).append(quad.object.value)  # type: ignore[union-attr] # it is a named node: see above
    return said


def _definition(shown: str, said: Mapping[str, Sequence[str]]) -> str | dict[str, str]:
    """Return what a context says of a term: that its values are IRIs, texts with languages, or of one datatype."""
    ranges = said.get(_RANGE, ())
    if f"{names.OWL}ObjectProperty" in said.get(_TYPE, ()):
        return {"@id": shown, "@type": "@id"}
    if list(ranges) == [f"{names.RDF}langString"]:
        return {"@id": shown, "@container": "@language"}
    if len(ranges) == 1 and ranges[0].startswith(names.XSD) and ranges[0] != _STRING:
        return {"@id": shown, "@type": f"xsd:{ranges[0].removeprefix(names.XSD)}"}
    return shown


def of_context(found: Context) -> bytes:
    """Return a context as the document that others name."""
    return json.dumps({"@context": found}, ensure_ascii=False, indent=1).encode("utf-8")


def inline(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> bytes:
    """Return statements as JSON-LD with a context of its own, which holds those of some prefixes that are used."""
    compaction = _Compaction(prefixes)
    nodes = compaction.nodes(quads)
    used = {name: namespace for name, namespace in prefixes.items() if name in compaction.used}
    return _written(used, nodes)


def with_context(quads: Iterable[Quad], found: Context, address: str) -> bytes:
    """Return statements as JSON-LD that names the address of its context."""
    return _written(address, _Compaction(found).nodes(quads))


def _written(found: object, nodes: Sequence[Mapping[str, Any]]) -> bytes:
    content = nodes[0] if len(nodes) == 1 else {"@graph": nodes}
    return json.dumps({"@context": found, **content}, ensure_ascii=False, indent=1).encode("utf-8")


@dataclass(slots=True)
class _Compaction:
    """How terms are written under a context; `used` are the prefixes that stand in what was written."""

    found: Context
    used: set[str] = field(default_factory=set)
    _prefixes: dict[str, str] = field(init=False)
    _terms: dict[str, tuple[str, str]] = field(init=False)
    _type: str = field(init=False)
    _id: str = field(init=False)

    def __post_init__(self) -> None:
        plain = {key: said for key, said in self.found.items() if isinstance(said, str)}
        self._prefixes = {name: said for name, said in plain.items() if said.endswith(("/", "#"))}
        aliases = {said: key for key, said in plain.items() if said.startswith("@")}
        self._id, self._type = aliases.get("@id", "@id"), aliases.get("@type", "@type")
        others = {key: said for key, said in plain.items() if key not in self._prefixes and not said.startswith("@")}
        self._terms = {self._whole(said): (key, "") for key, said in others.items()}
        for key, said in self.found.items():
            if isinstance(said, dict):
                self._terms[self._whole(said["@id"])] = key, said.get("@container") or self._whole(said["@type"])

    def _whole(self, shown: str) -> str:
        prefix, _, local = shown.partition(":")
        return self._prefixes[prefix] + local if prefix in self._prefixes else shown

    def nodes(self, quads: Iterable[Quad]) -> list[dict[str, Any]]:
        """Return a node for each subject, in the order in which they come first; a statement of two graphs is one."""
        found: dict[str, dict[str, Any]] = {}
        for quad in dict.fromkeys(quad.triple for quad in quads):
            name = _identity(quad.subject)
            self._put(found.setdefault(name, {self._id: name}), quad.predicate.value, quad.object)
        return list(found.values())

    def _put(self, node: dict[str, Any], predicate: str, value: object) -> None:
        if predicate == _TYPE and isinstance(value, NamedNode):
            _add(node, self._type, self._shown(value.value))
            return
        key, kind = self._terms.get(predicate, ("", ""))
        if kind == "@language" and isinstance(value, Literal) and value.language:
            _add(node.setdefault(key, {}), value.language, value.value)
        elif kind == "@language":  # under this key nothing else can be said
            _add(node, predicate, self._value(value, ""))
        else:
            _add(node, key or self._shown(predicate), self._value(value, kind))

    def _value(self, value: object, kind: str) -> object:
        if not isinstance(value, Literal):
            return _identity(value) if kind == "@id" else {self._id: _identity(value)}
        if value.language:
            return {"@value": value.value, "@language": value.language}
        datatype = value.datatype.value
        if datatype == (kind or _STRING):
            return value.value
        if datatype == _STRING:
            return {"@value": value.value}
        return {"@value": value.value, "@type": self._shown(datatype)}

    def _shown(self, iri: str) -> str:
        """Return an IRI as a key, a class or a datatype: a term of the context, with a prefix, or whole."""
        if iri in self._terms and not self._terms[iri][1]:
            return self._terms[iri][0]
        for name, namespace in self._prefixes.items():
            if iri.startswith(namespace) and not iri.startswith("//", len(namespace)):
                self.used.add(name)
                return f"{name}:{iri[len(namespace) :]}"
        return iri


def _identity(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _add(where: dict[str, Any], key: str, value: object) -> None:
    """Put a value beside those that are there: one stands alone, several in a list."""
    if key not in where:
        where[key] = value
    elif isinstance(where[key], list):
        where[key].append(value)
    else:
        where[key] = [where[key], value]
