"""The focus nodes of shapes: whether a node is one, how many there are, and which."""

from __future__ import annotations

from coopkg.constraints import Shape, Target, Term
from coopkg.facts import Facts
from coopkg.rdf import Literal, NamedNode
from coopkg.screens import FOCUS, targets


class FocusNodes:
    """The focus nodes in one state of a graph; counts them once for each shape."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._counts: dict[Shape, int] = {}

    def count(self, root: Shape) -> int:
        """Return how many there are; those that targets name count whether they are there or not."""
        if (known := self._counts.get(root)) is None:
            known = self._counts[root] = len(self.named(root)) + self._counted(root)
        return known

    def _counted(self, root: Shape) -> int:
        if not (pattern := targets(root, self._facts.subclasses)):
            return 0
        _, ((count,),) = self._facts.rows(f"SELECT (COUNT(DISTINCT {FOCUS}) AS ?n) {{ {pattern} }}")
        return int(count.value) if isinstance(count, Literal) else 0

    def named(self, root: Shape) -> list[Term]:
        """Return those that targets name."""
        return [target.term for target in root.targets if target.kind == "Node"]

    def all(self, root: Shape) -> list[Term]:
        """Return all of them."""
        found = dict.fromkeys(self.named(root))
        if pattern := targets(root, self._facts.subclasses):
            _, rows = self._facts.rows(f"SELECT DISTINCT {FOCUS} {{ {pattern} }}")
            found |= {node: None for (node,) in rows if node is not None}
        return list(found)


def is_target(root: Shape, node: Term, facts: Facts) -> bool:
    """Whether a node is a focus node of a shape."""
    return any(_is_of(target, node, facts) for target in root.targets)


def named_iri(target: Target) -> NamedNode:
    """Return the IRI of a target that is no node."""
    if not isinstance(target.term, NamedNode):
        raise TypeError(target)  # `coopkg.shacl` reads IRIs alone
    return target.term


def _is_of(target: Target, node: Term, facts: Facts) -> bool:
    if target.kind == "Node":
        return node == target.term
    if target.kind == "Class":
        return facts.is_a(node, named_iri(target))
    iri = named_iri(target)
    found = facts.objects(node, iri) if target.kind == "SubjectsOf" else facts.subjects(iri, node)
    return bool(found)
