"""What somebody asks by a SPARQL update: pure data. `coopkg.evaluation` finds what it changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Update:
    """An update, and what its WHERE clauses look at.

    Args:
        text: SPARQL 1.1 Update; the project's prefixes are predeclared.
        using_graphs: IRIs whose merge is the default graph of each WHERE; the caller has seen that they are absolute.
        using_named_graphs: IRIs that GRAPH may name in a WHERE. When both are empty, the text decides.
        base: IRI that relative IRIs are resolved against; None refuses them.
    """

    text: str
    using_graphs: tuple[str, ...] = ()
    using_named_graphs: tuple[str, ...] = ()
    base: str | None = None
