"""The reference tables of a made-up graph: those that are small whole, of the large ones what is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from coopkg import names
from coopkg.content import Content
from coopkg.rdf import NamedNode, Quad

_DIRECTLY_WITHIN = NamedNode(f"{names.COOP}directlyWithin")
#: Thirty-five thousand communes would be more than a small made-up graph.
_LARGE = frozenset(f"{names.REFERENCE_GRAPHS}{table}" for table in ("communes", "epci"))


class Tables:
    """What reference tables say, by subject."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._about: defaultdict[NamedNode, list[Quad]] = defaultdict(list)
        for quad in quads:
            if isinstance(quad.subject, NamedNode):
                self._about[quad.subject].append(quad)

    @classmethod
    def of(cls, content: Content) -> Tables:
        """Return the reference tables of a content folder.

        Raises:
            InputError: a table cannot be read.
        """
        files = (file for file in content.files if names.is_reference(file.graph))
        return cls(quad for file in files for quad in content.read(file))

    def around(self, nodes: Iterable[NamedNode]) -> Iterator[Quad]:
        """Yield what the tables say of some nodes and of the territories around them; nothing of other things."""
        waiting, seen = list(nodes), set[NamedNode]()
        while waiting:
            node = waiting.pop()
            if node in seen or node not in self._about:
                continue
            seen.add(node)
            yield from self._about[node]
            waiting += [
                quad.object
                for quad in self._about[node]
                if quad.predicate == _DIRECTLY_WITHIN and isinstance(quad.object, NamedNode)
            ]

    def small(self) -> Iterator[NamedNode]:
        """Yield the nodes of the small tables: régions, départements, goals, outlines."""
        return (node for node, about in self._about.items() if about[0].graph_name.value not in _LARGE)  # type: ignore[union-attr]  # tables are named graphs

    def all(self) -> Iterator[NamedNode]:
        """Yield all nodes."""
        return iter(self._about)
