"""Which statements a replica takes: what could break it, or is computed here, is refused. It asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coopkg import names
from coopkg.errors import InputError, ReplicaError
from coopkg.rdf import NamedNode, Quad, RdfFormat, from_patch, parse_quads, term_faults

_HEADS = (b"H ", b"TX .", b"TC .")


def of_lines(content: bytes, where: str) -> list[Quad]:
    """Return the statements of lines of N-Quads, one each.

    Args:
        where: how messages name them.
    Raises:
        ReplicaError: a line is no statement, or one that is not taken.
    """
    try:
        quads = parse_quads(content, RdfFormat.N_QUADS, where)
    except InputError as fault:
        raise ReplicaError(f"{fault}") from fault
    if len(quads) != content.count(b"\n"):
        raise ReplicaError(f"{where}: has lines that are no statements")
    refuse_unfit(quads, where)
    return quads


def of_patch(content: bytes, where: str, most: int) -> tuple[list[Quad], list[Quad]]:
    """Return what an RDF Patch removes, and what it adds.

    Args:
        where: how messages name it.
        most: how many statements its revision has.
    Raises:
        ReplicaError: it is no whole patch, is longer, or has a statement that is not taken.
    """
    lines = content.splitlines(keepends=True)
    if not any(line.startswith(b"TX .") for line in lines) or not lines[-1].startswith(b"TC ."):
        raise ReplicaError(f"{where}: is no whole RDF Patch: it does not begin with TX and end with TC")
    lines = [line for line in lines if not line.startswith(_HEADS)]
    if len(lines) > most:
        raise ReplicaError(f"{where}: has {len(lines):,} statements, more than the {most:,} of its revision")
    try:
        removed, added = from_patch(b"".join(lines), where)
    except InputError as fault:
        raise ReplicaError(f"{fault}") from fault
    refuse_unfit([*removed, *added], where)
    return removed, added


def refuse_unfit(quads: Iterable[Quad], where: str) -> None:
    """Raise at the first statement that is not taken.

    Raises:
        ReplicaError: it has a blank node or a term that breaks output, or stands in a graph that is none of ours.
    """
    for quad in quads:
        graph = quad.graph_name
        if not isinstance(graph, NamedNode) or not is_taken(graph.value):
            raise ReplicaError(f"{where}: states something in {str(graph)[:200]}, a graph that is not followed")
        for term, _, fault in term_faults(quad):
            raise ReplicaError(f"{where}: {term[:200]}: {fault}")


def is_taken(graph: str) -> bool:
    """Return whether statements of a named graph are followed: one of ours, and not computed from others."""
    return graph.startswith(names.GRAPH) and graph != names.GRAPH and not names.is_derived(graph)


def graphs_of(*parts: Sequence[Quad]) -> set[str]:
    """Return the named graphs of some statements."""
    return {getattr(quad.graph_name, "value", "") for quads in parts for quad in quads}
