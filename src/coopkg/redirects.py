"""Redirects: which IRI is used in place of one that is deprecated, as `graph/editorial` says. It only reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from coopkg import names
from coopkg.rdf import NamedNode, Quad
from coopkg.store import QuadStore


class Redirects:
    """What became of deprecated IRIs.

    Args:
        replacements: the IRI that is used in place of each, "" where none is.
    """

    def __init__(self, replacements: Mapping[str, str]) -> None:
        self._replacements = replacements

    @classmethod
    def of(cls, store: QuadStore) -> Self:
        """Return the redirects that a store holds."""
        return cls.said(store.quads(names.EDITORIAL_GRAPH))

    @classmethod
    def said(cls, quads: Iterable[Quad]) -> Self:
        """Return the redirects that some quads of the editorial graph state."""
        found = dict[str, str]()
        for quad in quads:
            if not isinstance(quad.subject, NamedNode):
                continue
            if quad.predicate.value == names.REPLACED_BY and isinstance(quad.object, NamedNode):
                found[quad.subject.value] = quad.object.value
            elif quad.predicate.value == names.DEPRECATED:
                found.setdefault(quad.subject.value, "")
        return cls(found)

    @classmethod
    def beginning(cls, store: QuadStore, iri: str) -> Self:
        """Return the redirects that lead on from an IRI; no others are read."""
        found, waiting, seen = list[Quad](), [iri], set[str]()
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                quads = list(store.about(one, names.EDITORIAL_GRAPH))
                found += quads
                replacing = (quad.object for quad in quads if quad.predicate.value == names.REPLACED_BY)
                waiting += [term.value for term in replacing if isinstance(term, NamedNode)]
        return cls.said(found)

    def is_deprecated(self, iri: str) -> bool:
        """Whether an IRI is not to be used any more, replaced or not."""
        return iri in self._replacements

    def target(self, iri: str) -> str | None:
        """Return the IRI that is used in place of a deprecated one, at the end of all redirects.

        Returns:
            None when the IRI is not deprecated, when nothing replaces it, or when its redirects lead in a circle.
        """
        seen, found = {iri}, self._replacements.get(iri)
        while found and found in self._replacements:
            if found in seen:
                return None
            seen.add(found)
            found = self._replacements[found]
        return found or None
