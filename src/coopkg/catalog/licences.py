"""On which terms a data set is given: of the named graphs that it covers, each has its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from coopkg.catalog.contents import WHOLE, DataSet
from coopkg.catalog.facts import Facts, Terms
from coopkg.catalog.wording import Wording

_MIXED = Wording("Licences mêlées, par graphe nommé : {names}.", "Mixed licences, by named graph: {names}.")


def of(data_set: DataSet, facts: Facts) -> Terms:
    """Return the terms of a data set: the licence of most of its statements, and in words what else there is."""
    covered = {graph: count for graph, count in facts.graphs.items() if data_set.covers(graph)}
    if data_set.name in (WHOLE, "changes") or not covered:
        return facts.whole
    statements = Counter[str]()
    for graph, count in covered.items():
        statements[facts.terms_of(graph).licence] += count
    # One that is told in words alone has no IRI to name; the words are among the rights.
    most = max(filter(None, statements), key=lambda licence: (statements[licence], licence), default="")
    all_terms = [facts.terms_of(graph) for graph in sorted(covered)]
    name = next((terms.name for terms in all_terms if terms.licence == most), None)
    return Terms(most, name, _rights(all_terms))


def _rights(all_terms: Iterable[Terms]) -> Wording | None:
    """Return in words which licences there are, where there are several, and what else is to be known."""
    told = list(all_terms)
    licences = list(dict.fromkeys(terms.name for terms in told if terms.name))
    rights = list(dict.fromkeys(terms.rights for terms in told if terms.rights))
    if len(licences) > 1:
        named = Wording(", ".join(one.fr for one in licences), ", ".join(one.en for one in licences))
        rights.insert(0, _MIXED.filled_in(names=named))
    if not rights:
        return None
    return Wording(" ".join(one.fr for one in rights), " ".join(one.en for one in rights))
