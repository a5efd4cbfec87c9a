"""What a renaming changes: one IRI in place of another, in every graph that is exported, and a redirect from the old.

Pure: from a store to changes. Whether they are accepted is the gate's to say. Source: ADR 0017.
"""

from __future__ import annotations

from collections import defaultdict

from coopkg import names
from coopkg.content import path_of
from coopkg.errors import InputError
from coopkg.journal import Change
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.redirects import Redirects
from coopkg.scope import kind_of
from coopkg.store import QuadStore

_EDITORIAL = NamedNode(names.EDITORIAL_GRAPH)
_TRUE = Literal("true", datatype=NamedNode(f"{names.XSD}boolean"))


def planned_rename(
    store: QuadStore, old: str, new: str, message: str = "", author: str = "coopkg rename"
) -> list[Change]:
    """Return the changes that give a resource another IRI, one for each graph that is touched.

    Redirects to the old IRI lead to the new one from then on. A resource may get back an IRI that it had before.

    Args:
        message: why; by default it names both.
    Raises:
        InputError: the IRIs are not of one kind, the old one is not described, the new one is, or a graph that is never
            exported names the old one.
    """
    refuse_unlike(old, new)
    redirects = Redirects.of(store)
    refuse_undescribed(store, old, redirects)
    if is_described(store, new):
        raise InputError(f"<{new}>: exists already; choose another name, or make one of the two: 'coopkg merge'")
    if redirects.is_deprecated(new) and redirects.target(new) != old:
        raise InputError(f"<{new}>: {became(redirects, new)}; choose a name that nothing has had")
    before = mentions(store, old) | {quad for quad in store.quads(names.EDITORIAL_GRAPH) if _subject(quad) == new}
    after = {moved(quad, old, new) for quad in before if not _tells_of(quad, new)} | redirect(old, new)
    return changes(before, after, message or f"rename {old} to {new}", author)


def refuse_unlike(one: str, other: str) -> None:
    """Raise unless two IRIs are those of two curated resources of one kind.

    Raises:
        InputError: says which is not, and why.
    """
    for iri in (one, other):
        if not kind_of(iri):
            raise InputError(
                f"<{iri}>: cannot be renamed or merged; only what curated graphs describe can: id/<kind>/<slug>, the "
                "slug of a-z, 0-9 and hyphens, no place with an official code and no concept"
            )
    if kind_of(one) != kind_of(other):
        raise InputError(f"<{one}>, <{other}>: are of two kinds, {kind_of(one)} and {kind_of(other)}; give one kind")
    if one == other:
        raise InputError(f"<{one}>: is given twice; give two IRIs")
    if kind_of(one) == "source":
        raise InputError(
            f"<{one}>: a source document has the name of its graph and of its file; to rename it, rename its file in "
            "data/sources/, write the new name in it for the graph and the source, and run 'coopkg build'"
        )


def refuse_undescribed(store: QuadStore, iri: str, redirects: Redirects) -> None:
    """Raise unless a resource is described.

    Raises:
        InputError: says what became of it.
    """
    if not is_described(store, iri):
        past = became(redirects, iri) if redirects.is_deprecated(iri) else "no graph describes it"
        raise InputError(f"<{iri}>: {past}; check the IRI")


def is_described(store: QuadStore, iri: str) -> bool:
    """Return whether a graph states something of a resource, other than that its IRI is deprecated."""
    graphs = (_graph(quad) for quad in store.about(iri))
    return any(graph != names.EDITORIAL_GRAPH and not names.is_derived(graph) for graph in graphs)


def became(redirects: Redirects, iri: str) -> str:
    """Return what became of a deprecated IRI, in words."""
    target = redirects.target(iri)
    return f"was renamed to <{target}>" if target else "is deprecated, and nothing replaces it"


def mentions(store: QuadStore, iri: str) -> set[Quad]:
    """Return the asserted quads that name an IRI as subject or object."""
    return {quad for quad in (*store.about(iri), *store.toward(iri)) if not names.is_derived(_graph(quad))}


def moved(quad: Quad, old: str, new: str) -> Quad:
    """Return a quad with one IRI in place of another, as subject and as object."""
    subject, value = (
        NamedNode(new) if isinstance(term, NamedNode) and term.value == old else term
        for term in (quad.subject, quad.object)
    )
    return Quad(subject, quad.predicate, value, quad.graph_name)  # type: ignore[arg-type]  # a subject stays one


def redirect(old: str, new: str) -> set[Quad]:
    """Return what says that an IRI is deprecated, and which one is used in its place."""
    said = ((names.DEPRECATED, _TRUE), (names.REPLACED_BY, NamedNode(new)))
    return {Quad(NamedNode(old), NamedNode(predicate), value, _EDITORIAL) for predicate, value in said}


def changes(before: set[Quad], after: set[Quad], message: str, author: str) -> list[Change]:
    """Return the change of each graph that leads from some quads to others, by the IRI of the graph.

    Raises:
        InputError: a graph would change that is never exported; names each.
    """
    parts = defaultdict[str, tuple[set[Quad], set[Quad]]](lambda: (set(), set()))
    for place, quads in ((0, before - after), (1, after - before)):
        for quad in quads:
            parts[_graph(quad)][place].add(quad)
    if by_hand := sorted(graph for graph in parts if not (path_of(graph) or "").endswith(".trig")):
        raise InputError(
            f"{', '.join(by_hand)} would change, which is never exported; change the file by hand, and run "
            "'coopkg build'"
        )
    return [Change(frozenset(remove), frozenset(add), message, author) for _, (remove, add) in sorted(parts.items())]


def _tells_of(quad: Quad, iri: str) -> bool:
    """Whether a quad says that an IRI is deprecated."""
    return _graph(quad) == names.EDITORIAL_GRAPH and _subject(quad) == iri


def _graph(quad: Quad) -> str:
    return getattr(quad.graph_name, "value", "")


def _subject(quad: Quad) -> str:
    return getattr(quad.subject, "value", "")
