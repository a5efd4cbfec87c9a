"""The vocabulary of the published graph as people read it: the terms of the ontology, the concepts of the schemes.

It reads the graph through a view, by lookups that are bounded however large the graph is. What must be said of each
class is the shapes' business (`coopkg.requirements`).
"""

from __future__ import annotations

from coopkg.vocabulary.naming import Link, link
from coopkg.vocabulary.ontology import Alignment, Class, Ontology, Property, Term, read
from coopkg.vocabulary.schemes import NAMESPACE, Concept, Node, Scheme, concept, iris, scheme, schemes, spellings
from coopkg.vocabulary.uses import MOST_COUNTED, Count, Group, Use

__all__ = [
    "MOST_COUNTED",
    "NAMESPACE",
    "Alignment",
    "Class",
    "Concept",
    "Count",
    "Group",
    "Link",
    "Node",
    "Ontology",
    "Property",
    "Scheme",
    "Term",
    "Use",
    "concept",
    "iris",
    "link",
    "read",
    "scheme",
    "schemes",
    "spellings",
]
