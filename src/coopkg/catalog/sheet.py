"""What is said in a description, as it is gathered: statements without order, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from coopkg import names
from coopkg.catalog.wording import Wording
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad

#: Those that a description needs besides the project's own.
PREFIXES: Final[Mapping[str, str]] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": "http://rdfs.org/ns/void#",
}
_NAMESPACES = {**names.PREFIXES, **PREFIXES}
#: A text stands for an IRI; a wording for a literal in each language.
Value = str | Wording | NamedNode | BlankNode | Literal
_TYPE = NamedNode(f"{names.RDF}type")


class Sheet:
    """Statements that are being gathered."""

    def __init__(self) -> None:
        self._quads: dict[Quad, None] = {}

    def say(self, subject: str | BlankNode, **said: Value | Iterable[Value] | None) -> None:
        """Say something of a thing.

        Args:
            said: the values by their property, whose prefix and name an underscore joins, such as `dcterms_title`;
                `a` stands for the classes, which are named in the same way. None stands for no value.
        """
        node = subject if isinstance(subject, BlankNode) else NamedNode(subject)
        for name, values in said.items():
            if values is None:
                continue
            predicate = _TYPE if name == "a" else NamedNode(term(name))
            for value in [values] if isinstance(values, Value) else values:
                for written in _terms(term(value) if name == "a" and isinstance(value, str) else value):
                    self._quads[Quad(node, predicate, written)] = None

    def quads(self) -> list[Quad]:
        """Return all that was said."""
        return list(self._quads)


def term(name: str) -> str:
    """Return the IRI of a term whose prefix and name an underscore joins.

    >>> term("dcat_Dataset")
    'http://www.w3.org/ns/dcat#Dataset'
    """
    prefix, _, local = name.partition("_")
    return _NAMESPACES[prefix] + local


def typed(value: object, datatype: str) -> Literal:
    """Return a value as a literal of a datatype of XML Schema."""
    return Literal(str(value), datatype=NamedNode(names.XSD + datatype))


def _terms(value: Value) -> list[NamedNode | BlankNode | Literal]:
    if isinstance(value, Wording):
        return [Literal(value.fr, language="fr"), Literal(value.en, language="en")]
    return [NamedNode(value)] if isinstance(value, str) else [value]
