"""What a generation holds other than the one that it was made from: noted while it is prepared, and kept in a file.

The file is an RDF Patch. A keeper that has the older generation in memory applies it, instead of loading the newer one.
Source: ADR 0010.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from coopkg.errors import InputError
from coopkg.rdf import BlankNode, NamedNode, Quad, Triple, from_patch, to_patch
from coopkg.store import Effect, QuadStore, normalised

#: A longer difference is not kept: to apply it would take some tenths of a second, in which no worker is forked.
MAX_QUADS = 20_000
_HEAD = re.compile(rb'H base "([0-9]{9,}-[0-9]+)" \.\n')


class Difference:
    """What was removed from a store and added to it, so far.

    Args:
        base: the name of the generation that the store was copied from.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._removed: set[Quad] = set()
        self._added: set[Quad] = set()

    def note(self, gone: Iterable[Quad], come: Iterable[Quad]) -> None:
        """Note that some quads that were there have gone, and then some have come that were not there."""
        for quad in gone:
            (self._added.discard if quad in self._added else self._removed.add)(quad)
        for quad in come:
            (self._removed.discard if quad in self._removed else self._added.add)(quad)

    def graphs(self) -> set[str]:
        """Return the named graphs that were touched."""
        return {getattr(quad.graph_name, "value", "") for quad in self._removed | self._added}

    def balance(self, graph: str) -> int:
        """Return by how many quads a named graph has grown."""
        name = NamedNode(graph)
        return sum(quad.graph_name == name for quad in self._added) - sum(q.graph_name == name for q in self._removed)

    def content(self) -> bytes | None:
        """Return the file, or None when the difference is too long, or has no exact words."""
        quads = self._removed | self._added
        if len(quads) > MAX_QUADS or any(map(_has_unnamed, quads)):
            return None
        return f'H base "{self._base}" .\n'.encode() + to_patch(self._removed, self._added)


class NotingStore(QuadStore):
    """A store that notes what is changed in it, and can undo what was changed since it last settled.

    `difference` can be read after it is closed.
    """

    difference: Difference
    _unsettled: list[tuple[list[Quad], list[Quad]]]

    def note_since(self, base: str) -> None:
        """Settle, and begin a new difference from a generation, which the store equals now."""
        self.difference = Difference(base)
        self._unsettled = []

    def change(self, remove: Iterable[Quad], add: Sequence[Quad]) -> Effect:
        """Remove, then add; see `QuadStore.change`."""
        gone = [quad for quad in normalised(remove) if self.holds(quad)]
        again = set(gone)
        come = [quad for quad in normalised(add) if quad in again or not self.holds(quad)]
        self._unsettled.append((gone, come))
        self.difference.note(gone, come)
        return super().change(gone, come)

    def settle(self) -> None:
        """Keep what was changed: it cannot be undone any more."""
        self._unsettled.clear()

    def undo(self) -> None:
        """Put back what was there when the store last settled."""
        for gone, come in reversed(self._unsettled):
            self.difference.note(come, gone)
            super().change(come, gone)
        self._unsettled.clear()


def base_of(content: bytes) -> str:
    """Return the name of the generation that a file applies to.

    Raises:
        InputError: it is no such file.
    """
    return _head(content)[1].decode("ascii")


def quads_of(content: bytes) -> tuple[list[Quad], list[Quad]]:
    """Return what a file says was removed, and what was added.

    Raises:
        InputError: it is no such file.
    """
    return from_patch(content[_head(content).end() :], "the difference of a generation")


def _head(content: bytes) -> re.Match[bytes]:
    head = _HEAD.match(content)
    if head is None:
        raise InputError("the difference of a generation does not say what it applies to")
    return head


def _has_unnamed(quad: Quad) -> bool:
    """Return whether a quad has a blank node, or may have one within: its label is another after each load."""
    return any(isinstance(term, BlankNode | Triple) for term in (quad.subject, quad.object, quad.graph_name))
