"""A version: what a thing states after a revision that touched it, and how a feed writes it. Pure.

Each statement keeps its named graph; its subject is the IRI of the version. What is said of the version itself stands
in the default graph. Source: LDES, section 4 (versions), https://w3id.org/ldes/specification.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coopkg import names

#: Where versions have their IRIs.
VERSIONS = f"{names.BASE}feed/version/"
AS = "https://www.w3.org/ns/activitystreams#"
TIME = f"{names.PREFIXES['prov']}generatedAtTime"
OF = f"{names.DCTERMS}isVersionOf"
#: The number of the revision: what orders versions of one time.
SEQUENCE = f"{names.PREFIXES['schema']}version"
MARK_DIGITS = 12
#: What an IRI of ours may hold that would end the path of another.
_ESCAPES = (("%", "%25"), ("#", "%23"), ("?", "%3F"))


@dataclass(frozen=True, slots=True)
class Version:
    """A version.

    Args:
        thing: the IRI of the thing.
        revision: the number of the revision that touched it.
        time: when that was accepted, never earlier than of a revision before it (ISO 8601, UTC).
        mark: of that revision; see `mark_of`.
        kind: Create, Update or Delete.
        statements: predicate, object and graph of each, as canonical N-Quads has them, sorted; none of a Delete.
    """

    thing: str
    revision: int
    time: str
    mark: str
    kind: str
    statements: tuple[str, ...]

    @property
    def iri(self) -> str:
        """Its IRI, which is that of no other content ever."""
        local = self.thing.removeprefix(names.BASE)
        for character, escaped in _ESCAPES:
            local = local.replace(character, escaped)
        return f"{VERSIONS}{self.mark}/{local}"

    def lines(self) -> Iterator[str]:
        """Yield its statements, and what is said of it, as lines of N-Quads without their ends."""
        subject = f"<{self.iri}>"
        yield f"{subject} <{names.RDF}type> <{AS}{self.kind}> ."
        yield f"{subject} <{OF}> <{self.thing}> ."
        yield f'{subject} <{TIME}> "{self.time}"^^<{names.XSD}dateTime> .'
        yield f'{subject} <{SEQUENCE}> "{self.revision}"^^<{names.XSD}integer> .'
        for statement in self.statements:
            yield f"{subject} {statement}"


def mark_of(revision: int, hash_: str) -> str:
    """Return what names a revision together with all before it: after an erasure, or in another journal, it is another.

    Args:
        hash_: the hash of the revision's header, which chains those before it.

    >>> mark_of(7, "0123456789abcdef")
    '7-0123456789ab'
    """
    return f"{revision}-{hash_[:MARK_DIGITS]}"
