"""What a page of a list shows: the facets with their counts, the filters in force, the cards, what lies around.

It reads the index and the graph, and decides what is shown; the template says how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from coopkg import names
from coopkg.index import Index, Listing
from coopkg.view import Text, View
from coopkg.web.site.lists.catalogue import LISTS, Facet
from coopkg.web.site.lists.choice import Choice
from coopkg.web.site.lists.columns import COLUMNS, Column, Thing, Value, about

#: How many values of a facet are shown at once, and how many behind "all".
FIRST_VALUES, MOST_VALUES = 10, 200
_CARD_VALUES = 6
_WITHIN, _BROADER = f"{names.COOP}within", f"{names.SKOS}broader"


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a facet: how it is called and written, how many things have it, and whether it is chosen."""

    short: str
    name: Text
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """A facet with its values: those that are always seen, those behind "all", and how many there are in all."""

    facet: Facet
    first: Sequence[Option]
    more: Sequence[Option]
    total: int

    @property
    def is_chosen(self) -> bool:
        """Whether one of its values is."""
        return any(option.is_chosen for option in self.first)


@dataclass(frozen=True, slots=True)
class Tag:
    """A filter in force: what it says, the choice without it, and how many things that gives where it was asked."""

    fr: str
    en: str
    name: Text
    without: Choice
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a card: its values, and how many more there are."""

    column: Column
    values: Sequence[Value]
    more: int


@dataclass(frozen=True, slots=True)
class Card:
    """A thing of a list, with enough to choose by."""

    iri: str
    name: Text
    about: Text | None
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Branch:
    """A thing with how many actions there are in it, and what lies below it."""

    iri: str
    name: Text
    count: int
    below: Sequence[Branch]


def panels(choice: Choice, listing: Listing, view: View) -> list[Panel]:
    """Return the facets of a list that have values; those that are chosen are there even when nothing has them."""
    found = (_panel(facet, choice, listing.facets.get(facet.name, []), view) for facet in choice.of.facets)
    return [panel for panel in found if panel.total]


def _panel(facet: Facet, choice: Choice, counted: Sequence[tuple[str, int]], view: View) -> Panel:
    chosen, counts = choice.filters.get(facet.name, ()), dict(counted)
    seen = [*dict.fromkeys((*chosen, *(value for value, _ in counted[:FIRST_VALUES])))]
    rest = [value for value, _ in counted[:MOST_VALUES] if value not in set(seen)]
    first, more = (
        [Option(facet.short(one), _named(facet, one, view), counts.get(one, 0), one in chosen) for one in some]
        for some in (sorted(seen, key=lambda one: -counts.get(one, 0)), rest)
    )
    return Panel(facet, first, more, len(counts.keys() | set(chosen)))


def _named(facet: Facet, value: str, view: View) -> Text:
    return view.label(value) if facet.prefix else Text(value)


def tags(choice: Choice, view: View) -> list[Tag]:
    """Return the filters in force."""
    found = [Tag("Mots", "Words", Text(choice.q), choice.wordless())] if choice.q else []
    for facet in choice.of.facets:
        for value in choice.filters.get(facet.name, ()):
            found.append(Tag(facet.fr, facet.en, _named(facet, value, view), choice.without(facet.name, value)))
    return found


def ways_out(choice: Choice, view: View, index: Index) -> list[Tag]:
    """Return what can be dropped of a choice that nothing meets, with the number of things that each way gives."""
    found = []
    if choice.q:
        found.append(Tag("Mots", "Words", Text(choice.q), choice.wordless()))
    for facet in choice.of.facets:
        if values := choice.filters.get(facet.name, ()):
            names_ = ", ".join(_named(facet, value, view).value for value in values)
            found.append(Tag(facet.fr, facet.en, Text(names_), choice.without(facet.name)))
    return [
        Tag(tag.fr, tag.en, tag.name, tag.without, index.listing(tag.without.wanted(view.lang), 1, 0).total)
        for tag in found
    ]


def siblings(choice: Choice, view: View, index: Index) -> list[tuple[Choice, int]]:
    """Return the same filters in the other lists that have all of them, with how much they give there."""
    if not choice.filters or choice.q:
        return []
    others = (one for one in LISTS.values() if one != choice.of and all(map(one.facet, choice.filters)))
    found = (
        (one, index.listing(one.wanted(view.lang), 1, 0).total) for one in (Choice(of, choice.filters) for of in others)
    )
    return [(one, total) for one, total in found if total]


def cards(kind: str, iris: Sequence[str], view: View, index: Index) -> list[Card]:
    """Return the cards of some things, in their order."""
    sizes = index.sizes(kind, iris)
    return [_card(Thing(view, iri, sizes.get(iri, 0)), kind) for iri in iris]


def _card(thing: Thing, kind: str) -> Card:
    facts = (_fact(column, column.values(thing)) for column in COLUMNS[kind] if column.is_on_card)
    return Card(thing.iri, thing.view.label(thing.iri), about(thing, kind), [fact for fact in facts if fact.values])


def _fact(column: Column, values: Sequence[Value]) -> Fact:
    return Fact(column, values[:_CARD_VALUES], max(0, len(values) - _CARD_VALUES))


def regions(view: View, index: Index) -> list[Branch]:
    """Return the régions that have actions, each with its départements that have some."""
    upper, lower = index.counts("region", "action"), index.counts("departement", "action")
    above = {one: [up for up in view.iris(one, _WITHIN) if up in upper] for one in lower}
    return _branches(view, {**lower, **upper}, {**above, **dict.fromkeys(upper, ())})


def themes(view: View, index: Index, iris: Sequence[str]) -> list[Branch]:
    """Return themes as a tree: the widest, and below each those that are part of it."""
    listed = frozenset(iris)
    above = {iri: [up for up in view.iris(iri, _BROADER) if up in listed] for iri in iris}
    return _branches(view, index.counts("theme", "action"), above)


def _branches(view: View, counts: Mapping[str, int], above: Mapping[str, Sequence[str]]) -> list[Branch]:
    """Return a tree from what stands above each thing; what goes round in a circle is left out."""
    below: dict[str, list[str]] = {}
    for one, ups in above.items():
        for up in ups or [""]:
            below.setdefault(up, []).append(one)

    def branches(up: str, path: frozenset[str]) -> Iterator[Branch]:
        for one in view.sorted_by_label(below.get(up, ())):
            if one not in path:
                yield Branch(one, view.label(one), counts.get(one, 0), list(branches(one, path | {one})))

    return list(branches("", frozenset()))
