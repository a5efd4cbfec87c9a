"""What follows from some quads, and what contradicts itself, all at once: for tests; the program keeps it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coopkg.datalog import Inconsistency
from coopkg.inference import Logic
from coopkg.rdf import Quad, Triple


def closure(asserted: Iterable[Quad], ontology: Iterable[Quad], rules: Mapping[str, str]) -> set[Triple]:
    """Return the triples that follow and are not asserted, over the ontology's own vocabulary.

    Args:
        asserted: curated quads with the reference nodes they touch.
        ontology: the quads of the ontology graph; their blank nodes skolemised or not.
        rules: CONSTRUCT queries by name; each sees what the axioms and the other rules gave, and they what it gave.
    Returns:
        Triples between IRIs or from an IRI to a literal, whose predicate (or class) the ontology declares. Nothing
        about the ontology's own terms, no owl:sameAs.
    Raises:
        InputError: see `Logic.of`.
    """
    logic = Logic.of(ontology, rules)
    return logic.entailed(logic.reasoner(asserted))


def inconsistencies(
    asserted: Iterable[Quad], ontology: Iterable[Quad], rules: Mapping[str, str]
) -> list[Inconsistency]:
    """Return what contradicts itself: one thing in two disjoint classes, two values of a functional property.

    Raises:
        InputError: see `Logic.of`.
    """
    return Logic.of(ontology, rules).reasoner(asserted).inconsistencies()
