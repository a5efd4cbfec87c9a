"""A made-up document while it is written: statements in their order, each term as N-Triples has it.

A document is what one source document says, with the organisations that it is the first to name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from coopkg import names
from coopkg.synth.wording import Pair


class Statement(NamedTuple):
    """A triple, as three terms of N-Triples."""

    subject: str
    predicate: str
    object: str


class _Terms(dict[str, str]):
    """The terms of prefixed names, made once each."""

    def __missing__(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        self[name] = f"<{names.PREFIXES[prefix]}{local}>"
        return self[name]


#: The term of a prefixed name: `TERMS["coop:role"]`.
TERMS: Final = _Terms(a=f"<{names.RDF}type>")


@dataclass(frozen=True, slots=True)
class Document:
    """What one source document says, in its named graph, and what the graph of organisations says for the first time.

    Args:
        graph: the IRI of its named graph.
        organisations: about organisations whose names come behind those of all documents before.
    """

    graph: str
    own: list[Statement] = field(default_factory=list)
    organisations: list[Statement] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.own) + len(self.organisations)

    def say(self, subject: str, predicate: str, value: str) -> None:
        """State something.

        Args:
            subject, value: terms.
            predicate: a prefixed name, or `a`.
        """
        self.own.append(Statement(subject, TERMS[predicate], value))

    def tell(self, organisation: str, predicate: str, value: str) -> None:
        """State something of an organisation."""
        self.organisations.append(Statement(organisation, TERMS[predicate], value))

    def describe(self, subject: str, kind: str, source: str) -> None:
        """State what kind of thing something is, and which source document says so."""
        self.say(subject, "a", TERMS[kind])
        self.say(subject, "dcterms:source", source)

    def name(self, subject: str, predicate: str, told: Pair, *, in_english: bool = True) -> None:
        """State a text in French, and in English where it is so."""
        self.say(subject, predicate, text(told[0]))
        if in_english:
            self.say(subject, predicate, text(told[1], "en"))


def named(kind: str, name: str) -> str:
    """Return the term of a made-up thing, which no real one has.

    >>> named("project", "7")
    '<https://w3id.org/coopkg/id/project/synth-7>'
    """
    return f"<{names.BASE}id/{kind}/synth-{name}>"


def text(value: str, language: str = "fr") -> str:
    """Return the term of a text, which holds nothing that is to be escaped."""
    return f'"{value}"@{language}'


def typed(value: str, datatype: str) -> str:
    """Return the term of a value of a datatype of XML Schema."""
    return f'"{value}"^^<{names.XSD}{datatype}>'
