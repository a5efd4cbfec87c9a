"""Hints about a query: the terms of ours that it names and the ontology does not have, with the nearest that it has.

A query with a misspelt term is valid and finds nothing; the hint goes beside the answer, and never refuses.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Collection, Iterator

from coopkg import names
from coopkg.graph import Graph
from coopkg.spelling import nearest

_SHOWN = 5
_TERM_MAX = 100
# Strings and comments hide what looks like a term. Linear: nothing is given back, and a string that is not
# closed reaches to the end of its line, or of the text.
_TOKEN = re.compile(
    r"""
      \\. | \"{3}(?>(?:[^"\\]|\\.|"(?!""))*)(?:\"{3})? | '{3}(?>(?:[^'\\]|\\.|'(?!''))*)(?:'{3})?
    | "(?>(?:[^"\\\n]|\\.)*)"? | '(?>(?:[^'\\\n]|\\.)*)'? | \#[^\n]*+
    | \b(?i:PREFIX)\s++(?P<prefix>[\w.\-]*+):\s*+<(?P<namespace>[^<>\s]*+)>
    | <(?P<iri>[^<>\s]*+)>
    | (?<![\w?$@:.%\\\-])(?P<name>[\w.\-]*+):(?P<local>\w(?>(?:[\w\-]|\.(?=[\w\-]))*))
    """,
    re.VERBOSE | re.DOTALL,
)


class Hints:
    """Hints by the ontology of the published graph, read once a revision."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._terms: tuple[int, frozenset[str]] | None = None
        self._reading = threading.Lock()

    def about(self, query: str) -> str:
        """Return what is to be said of a query, as text for a header; "" for nothing."""
        if names.COOP not in query and "coop:" not in query:
            return ""
        said = [
            f"coop:{term} is not in the ontology" + (f", did you mean coop:{near}?" if near else "")
            for term, near in unknown_terms(query, self._known(), _SHOWN)
        ]
        return "; ".join(said).encode("ascii", "backslashreplace").decode()

    def _known(self) -> frozenset[str]:
        store, manifest = self._graph.current()
        with self._reading:
            if self._terms is None or self._terms[0] != manifest.revision:
                subjects = (getattr(quad.subject, "value", "") for quad in store.quads(names.ONTOLOGY_GRAPH))
                own = {iri.removeprefix(names.COOP) for iri in subjects if iri.startswith(names.COOP)}
                if own:
                    own.add(names.SEARCH_SERVICE.removeprefix(names.COOP))  # what a query calls, and no term
                self._terms = (manifest.revision, frozenset(own))
            return self._terms[1]


def unknown_terms(query: str, known: Collection[str], most: int = 1_000) -> list[tuple[str, str]]:
    """Return the local names of our namespace that a query uses and that are not known, each with the nearest.

    Args:
        known: local names; when there are none, nothing is unknown.
        most: how many are returned; finding the nearest one takes milliseconds.
    Returns:
        In the order of the query, each once; the nearest is "" when none is near.

    >>> unknown_terms("SELECT * { ?x a coop:Projet }", {"Project", "Programme"})
    [('Projet', 'Project')]
    """
    if not known:
        return []
    unknown = dict.fromkeys(term for term in _terms(query) if term not in known)
    return [(term, nearest(term, known)) for term in itertools.islice(unknown, most)]


def _terms(query: str) -> Iterator[str]:
    namespaces = dict(names.PREFIXES)
    for match in _TOKEN.finditer(query):
        if match["namespace"] is not None:
            namespaces[match["prefix"]] = match["namespace"]
            continue
        iri = match["iri"] or (namespaces.get(match["name"], "") + match["local"] if match["local"] else "")
        if iri.startswith(names.COOP) and iri != names.COOP:
            yield iri.removeprefix(names.COOP)[:_TERM_MAX]
