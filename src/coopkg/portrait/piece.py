"""The portrait of what an action is told with: a lesson, an outcome, a measure, a participation, a cooperation...

Whatever has no portrait of its own has this one: what carries it, and its properties in an order that reads well.
"""

from __future__ import annotations

from dataclasses import dataclass

from coopkg.portrait import terms
from coopkg.portrait.bounded import Some, notes, pointing, values
from coopkg.portrait.naming import Named, by_name, named, term_name
from coopkg.portrait.told import Quote, Source, quotes, source, sources_of
from coopkg.view import Text, View

#: The properties that point at what is carried, and what that means, read from there.
_CARRIERS = {
    terms.HAS_OUTCOME: ("Résultat de", "Outcome of"),
    terms.HAS_LESSON: ("Tiré de", "Drawn from"),
    terms.HAS_PERSPECTIVE: ("Perspective de", "Perspective of"),
    terms.HAS_MEASURE: ("Mesure de", "Measure of"),
    terms.HAS_GEOMETRY: ("Tracé de", "Shape of"),
}
#: The properties of pieces, in the order in which they are told.
_PROPERTIES = (
    terms.PARTICIPANT,
    terms.EXPECTED_PARTICIPANT,
    terms.IN_ACTION,
    terms.EXPECTED_IN,
    terms.ENGAGEMENT,
    terms.ROLE,
    terms.LISTED_AS,
    terms.COOPERATION_OF,
    terms.STRENGTH,
    terms.SHARED_ACTION,
    terms.OUTCOME_KIND,
    terms.LESSON_KIND,
    terms.PERSPECTIVE_KIND,
    terms.STATUS,
    terms.THEME,
    terms.STATED_BY,
    terms.CONCERNS_ACTION,
    terms.TARGET_TERRITORY,
    terms.CREATES,
    terms.INDICATOR,
    terms.VALUE,
    terms.PRECISION,
    terms.DATE,
    terms.START_DATE,
    terms.END_DATE,
    terms.PUBLISHER,
    terms.ISSUED,
    terms.PAGE,
    terms.IS_PART_OF,
    terms.HAS_PART,
    terms.SEE_ALSO,
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: what it counts, the number, how to read it, of when."""

    iri: str
    indicator: Named | None
    value: str
    precision: Named | None
    dates: tuple[Text, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A property with its values."""

    name: Text
    values: Some[Named]


@dataclass(frozen=True, slots=True)
class Piece:
    """What is said of a piece."""

    carriers: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    measures: tuple[Measure, ...]
    quotes: tuple[Quote, ...]
    sources: tuple[Source, ...]
    notes: tuple[Text, ...]


def of(view: View, iri: str) -> Piece:
    """Return the portrait of a piece."""
    found = ((name, values(view, iri, name)) for name in _PROPERTIES)
    return Piece(
        _carriers(view, iri),
        tuple(Fact(term_name(view, name), some) for name, some in found if some),
        measures(view, iri),
        quotes(view, iri),
        tuple(source(view, document) for document in sources_of(view, iri)),
        notes(view, iri),
    )


def measures(view: View, iri: str) -> tuple[Measure, ...]:
    """Return the figures of an outcome."""
    return tuple(_measure(view, one) for one in view.iris(iri, terms.HAS_MEASURE))


def _measure(view: View, iri: str) -> Measure:
    indicator, precision = view.iri(iri, terms.INDICATOR), view.iri(iri, terms.PRECISION)
    return Measure(
        iri,
        named(view, indicator) if indicator else None,
        view.value(iri, terms.VALUE),
        named(view, precision) if precision else None,
        tuple(Text(one.value) for one in view.literals(iri, terms.DATE)),
        quotes(view, iri),
    )


def _carriers(view: View, iri: str) -> tuple[Fact, ...]:
    found = []
    for predicate, words in _CARRIERS.items():
        some = pointing(view, predicate, iri)
        if some:
            name = Text(words[view.lang != "fr"], view.lang)
            found.append(Fact(name, Some(by_name(view, some), some.has_more)))
    return tuple(found)
