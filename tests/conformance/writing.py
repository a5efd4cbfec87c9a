"""A writer over content that is thrown away: what the HTTP of writing is put to in the conformance tests.

It judges nothing, keeps no history, and knows one default graph that may be written.
"""

from __future__ import annotations

from collections.abc import Callable

from coopkg.errors import UnknownGraph
from coopkg.evaluation import evaluated
from coopkg.rdf import DOCUMENT_FORMATS, NamedNode, Quad, parse_quads
from coopkg.update import Update
from coopkg.writing import Act, Writing, Written
from tests.datasets import UpdatableStore


class ThrowawayWriter:
    """Writes to a dataset in memory.

    Args:
        dataset: gives the dataset as it is now.
        update: carries out a SPARQL update on it.
        revision: the number that each write is told to have made.
    """

    def __init__(self, dataset: Callable[[], UpdatableStore], update: Callable[[Update], None], revision: int) -> None:
        self._dataset = dataset
        self._update = update
        self._revision = revision

    def write(self, writing: Writing) -> Written:
        """Do what is asked, all of it or nothing."""
        if writing.act is Act.UPDATE:
            assert writing.update is not None
            self._update(writing.update)
            return Written(self._revision, 0, 0)
        dataset, target = self._dataset(), writing.graph
        is_there = not target or target in dataset.graphs()
        if writing.act is Act.DROP:
            if not is_there:
                raise UnknownGraph(f"there is no graph <{target}>")
            evaluated(dataset, Update(f"DROP GRAPH <{target}>" if target else "DROP DEFAULT"))
            return Written(self._revision, 0, 0)
        found = parse_quads(
            writing.content, DOCUMENT_FORMATS[writing.media_type], "the document", base=target or None, apart=True
        )
        if writing.act is Act.REPLACE:
            evaluated(dataset, Update(f"CLEAR SILENT GRAPH <{target}>" if target else "CLEAR DEFAULT"))
        triples = [(quad.subject, quad.predicate, quad.object) for quad in found]
        dataset.change((), [Quad(*triple, NamedNode(target)) if target else Quad(*triple) for triple in triples])
        return Written(self._revision, 0, len(triples), created=not is_there)
