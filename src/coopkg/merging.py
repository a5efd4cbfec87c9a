"""What a merge changes: all that is said of one resource is said of another, and a redirect leads there.

Pure: from a store to changes. Whether they are accepted is the gate's to say. Source: ADR 0017.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coopkg import names
from coopkg.constraints import Count, Property, Shape, UniqueLang
from coopkg.errors import MergeRefused
from coopkg.journal import Change
from coopkg.paths import Step
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.redirects import Redirects
from coopkg.renaming import changes, mentions, moved, redirect, refuse_undescribed, refuse_unlike
from coopkg.store import QuadStore

_TYPE = f"{names.RDF}type"
_PREF, _ALT = f"{names.SKOS}prefLabel", f"{names.SKOS}altLabel"
_FUNCTIONAL = NamedNode(f"{names.OWL}FunctionalProperty")

#: Gives `file:line` of the block about an IRI in the file of a graph, or "".
Locate = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Single:
    """Of which properties a thing has one value, and of which one in each language."""

    properties: frozenset[str]
    languages: frozenset[str]

    def slot(self, quad: Quad) -> str | None:
        """Return what a quad fills that has room for one value: the property, with the language where it counts."""
        predicate = quad.predicate.value
        if predicate in self.properties:
            return predicate
        if predicate in self.languages and isinstance(quad.object, Literal):
            return f"{predicate}@{quad.object.language or ''}"
        return None


def single(store: QuadStore, shapes: Iterable[Shape], quads: Collection[Quad]) -> Single:
    """Return what the shapes and the ontology allow once of a resource.

    Args:
        quads: all that is said of it.
    """
    ontology = list(store.quads(names.ONTOLOGY_GRAPH))
    known = _with_wider({quad.object for quad in quads if quad.predicate.value == _TYPE}, ontology)
    used = {quad.predicate for quad in quads}
    bounded: set[object] = {quad.subject for quad in ontology if quad.object == _FUNCTIONAL}
    spoken: set[object] = {NamedNode(_PREF)}
    for shape in shapes:
        if any(target.term in (known if target.kind == "Class" else used) for target in shape.targets):
            for predicate, constraint in _constraints(shape):
                if constraint == Count("MaxCount", 1):
                    bounded.add(predicate)
                elif isinstance(constraint, UniqueLang):
                    spoken.add(predicate)
    return Single(*(frozenset(getattr(term, "value", "") for term in terms) for terms in (bounded, spoken)))


def planned_merge(
    store: QuadStore,
    one: str,
    other: str,
    shapes: Sequence[Shape],
    prefer: str = "",
    locate: Locate = lambda iri, graph: "",
    message: str = "",
    author: str = "coopkg merge",
) -> list[Change]:
    """Return the changes that make one resource of two, one for each graph that is touched.

    What relates the two to one another goes. Of two names in one language, that of the preferred resource stays (by
    default of `other`), and the second becomes another name (skos:altLabel).

    Args:
        one: the IRI that becomes deprecated.
        other: the IRI that stays.
        shapes: what says of which properties a thing has one value.
        prefer: the one of the two whose value counts where both have one; "" refuses that.
        message: why; by default it names both.
    Raises:
        InputError: the IRIs are not of one kind, one of them is not described, or a graph that is never exported names
            the first one.
        MergeRefused: both have a value where a thing has one, and none is preferred; carries each.
    """
    refuse_unlike(one, other)
    redirects = Redirects.of(store)
    for iri in (one, other):
        refuse_undescribed(store, iri, redirects)
    about = {iri: _said_of(store, iri, one, other) for iri in (one, other)}
    rule = single(store, shapes, [*about[one].values(), *about[other].values()])
    kept, lost = (one, other) if prefer == one else (other, one)
    before = mentions(store, one) | set(about[other])
    clashing = _clashing(about[kept], about[lost], rule)
    clashes = sorted({slot for slot in clashing.values() if not slot.startswith(_PREF)})
    if clashes and not prefer:
        raise MergeRefused(one, other, [_told(slot, about, rule, locate) for slot in clashes])
    after = {moved(quad, one, other) for quad in before if quad not in clashing and not _is_between(quad, one, other)}
    after |= {_renamed(moved(quad, one, other)) for quad, slot in clashing.items() if slot.startswith(_PREF)}
    known = _names(after, other)
    after -= {quad for quad in after if _is_second(quad, other, known)}
    return changes(before, after | redirect(one, other), message or f"merge {one} into {other}", author)


def _said_of(store: QuadStore, iri: str, one: str, other: str) -> dict[Quad, Quad]:
    """Return the asserted quads about a resource, each with what it becomes."""
    quads = (quad for quad in store.about(iri) if not names.is_derived(getattr(quad.graph_name, "value", "")))
    return {quad: moved(quad, one, other) for quad in quads if not _is_between(quad, one, other)}


def _clashing(kept: Mapping[Quad, Quad], lost: Mapping[Quad, Quad], rule: Single) -> dict[Quad, str]:
    """Return the quads that cannot stand beside those that are kept, each with what both would fill."""
    filled = defaultdict[str, set[object]](set)
    for quad in kept.values():
        if (slot := rule.slot(quad)) is not None:
            filled[slot].add(quad.object)
    slots = ((quad, rule.slot(after) or "", after.object) for quad, after in lost.items())
    return {quad: slot for quad, slot, value in slots if slot in filled and value not in filled[slot]}


def _told(slot: str, about: Mapping[str, Mapping[Quad, Quad]], rule: Single, locate: Locate) -> str:
    """Return both values of what a thing has once, with where each is given."""
    values = []
    for iri, quads in about.items():
        for quad in sorted((quad for quad in quads if rule.slot(quad) == slot), key=str):
            place = locate(iri, getattr(quad.graph_name, "value", ""))
            values.append(f"{quad.object} ({place or quad.graph_name})")
    return f"{names.short(slot.partition('@')[0])}: {', '.join(dict.fromkeys(values))}"


def _renamed(quad: Quad) -> Quad:
    return Quad(quad.subject, NamedNode(_ALT), quad.object, quad.graph_name)


def _names(quads: Iterable[Quad], iri: str) -> set[object]:
    return {quad.object for quad in quads if quad.predicate.value == _PREF and quad.subject == NamedNode(iri)}


def _is_second(quad: Quad, iri: str, known: set[object]) -> bool:
    """Whether a quad gives as another name of a resource what is its name."""
    return quad.predicate.value == _ALT and quad.subject == NamedNode(iri) and quad.object in known


def _is_between(quad: Quad, one: str, other: str) -> bool:
    ends = {getattr(quad.subject, "value", ""), getattr(quad.object, "value", "")}
    return ends == {one, other}


def _constraints(shape: Shape) -> Iterator[tuple[NamedNode, object]]:
    """Yield the property and each constraint of the property shapes that a shape holds, those that refuse."""
    for held in shape.constraints:
        path = held.shape.path if isinstance(held, Property) and held.shape.severity.endswith("Violation") else None
        if isinstance(held, Property) and isinstance(path, Step) and path.predicate:
            yield from ((path.predicate, constraint) for constraint in held.shape.constraints)


def _with_wider(classes: Iterable[object], ontology: Iterable[Quad]) -> set[object]:
    """Return classes with all that contain them."""
    wider = defaultdict[object, set[object]](set)
    for quad in ontology:
        if quad.predicate.value == f"{names.RDFS}subClassOf":
            wider[quad.subject].add(quad.object)
    found, waiting = set[object](), set(classes)
    while waiting:
        found |= waiting
        waiting = {broader for kind in waiting for broader in wider[kind]} - found
    return found
