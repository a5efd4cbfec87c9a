"""Where a document speaks of what: the lines on which its IRIs begin a block, or are first named.

Reads text and no RDF: parsers do not say where a statement stood. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from coopkg import names

_TERM = re.compile(r"<([^<>\"{}|^`\\\s]+)>|(?<![\w:-])([A-Za-z][\w-]*|):([A-Za-z_][\w-]*)")
_PREFIX = re.compile(r"^[ \t]*@?prefix\s+([\w-]*):\s*<([^>\s]*)>", re.IGNORECASE | re.MULTILINE)
_BASE = re.compile(r"^[ \t]*@?base\s+<([^>\s]*)>", re.IGNORECASE | re.MULTILINE)
#: An IRI between quotes, as JSON-LD and RDF/XML have it; one that begins a block is behind @id or rdf:about.
_QUOTED = re.compile(
    r"""(?P<begins>"@id"\s*:\s*|rdf:about\s*=\s*)?(?P<quote>["'])(?P<iri>[a-z]+:[^\s"'<>]+)(?P=quote)(?P<ends>\s*\})?"""
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where each IRI of a document first begins a block, and where it is first named, as `document:line`."""

    blocks: dict[str, str]
    mentions: dict[str, str]

    @classmethod
    def of(cls, text: str, shown: str) -> Places:
        """Return the places of a document in Turtle, TriG, N-Triples or N-Quads.

        Args:
            shown: how the places name the document; "" gives the lines alone.
        """
        prefixes = names.PREFIXES | dict(_PREFIX.findall(text))
        base = "".join(_BASE.findall(text)[:1])
        places = cls({}, {})
        for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
            if line.startswith(("#", "@prefix", "PREFIX", "@base", "BASE")):
                continue
            for match in _TERM.finditer(line):
                iri = prefixes.get(match[2], "") + match[3] if match[1] is None else _joined(base, match[1])
                begins = match.start() == 0 and line[match.end() :].lstrip()[:1] not in (",", ";", ".")
                places._note(iri, _place(shown, number), begins=begins)
        return places

    @classmethod
    def of_quoted(cls, text: str, shown: str) -> Places:
        """Return the places of a document in JSON-LD or RDF/XML; IRIs that it shortens are not found."""
        places = cls({}, {})
        for number, line in enumerate(text.splitlines(), start=1):
            for match in _QUOTED.finditer(line):
                begins = match["begins"] is not None and match["ends"] is None  # {"@id": ...} alone is a reference
                places._note(match["iri"], _place(shown, number), begins=begins)
        return places

    def first(self, iri: str) -> str:
        """Return where a document begins to speak of an IRI, or "" where it never does."""
        return self.blocks.get(iri) or self.mentions.get(iri, "")

    def _note(self, iri: str, place: str, *, begins: bool) -> None:
        self.mentions.setdefault(iri, place)
        if begins:
            self.blocks.setdefault(iri, place)


def _joined(base: str, written: str) -> str:
    try:
        return urljoin(base, written)
    except ValueError:  # what stands between brackets in a text need be no address
        return written


def _place(shown: str, number: int) -> str:
    return f"{shown}:{number}" if shown else str(number)
