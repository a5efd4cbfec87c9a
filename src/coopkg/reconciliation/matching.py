"""Candidates: the things that a question may mean, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coopkg import likeness, names, words
from coopkg.index import Entry, Index
from coopkg.reconciliation import comparing, phrase, properties, scoring, types
from coopkg.reconciliation.phrase import Phrase
from coopkg.reconciliation.question import Question
from coopkg.reconciliation.scoring import Feature
from coopkg.view import View

_DIRECTLY_WITHIN = f"{names.COOP}directlyWithin"
#: How many namesakes are looked at, whatever the number of candidates that are wanted.
_NAMESAKES = 20
_PLACES = properties.of_id("territory", "")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant.

    Args:
        types: its types, the one that says most first.
        features: what its score is made of.
        score: from 0 to 100.
        is_match: whether it stands clear, so that nobody needs to look.
    """

    entry: Entry
    types: tuple[str, ...]
    features: tuple[Feature, ...]
    score: float
    is_match: bool = False


class Matcher:
    """Answers questions over an index and a view of the same graph."""

    def __init__(self, index: Index, view: View) -> None:
        self._index = index
        self._view = view

    def candidates(self, question: Question) -> list[Candidate]:
        """Return the candidates for a question, the likeliest first; at most one of them is a match.

        Raises:
            InputError: it names a type that is unknown.
        """
        types.checked(question.types, self._view, f"{question.place}.type")
        found = self._identified(question) or self._named(question)
        return _marked([one for one in found if _is_wanted(one, question)])[: question.limit]

    def _identified(self, question: Question) -> list[Candidate]:
        """Return what has the identifier that is asked for, or that is known."""
        by_text = {entry.iri: entry for entry in self._of_identifier(question.text)}
        by_value = [
            (entry, one)
            for one in question.known
            if one.property.is_identifier
            for value in one.values
            for entry in self._of_identifier(value)
            if comparing.fit(one.property.values(entry, self._view), [value], one.property, self._view)
        ]
        found = [self._of(entry, [Feature(scoring.IDENTIFIER, 100.0)], question) for entry in by_text.values()]
        for entry in {entry.iri: entry for entry, _ in by_value if entry.iri not in by_text}.values():
            features = [Feature(scoring.IDENTIFIER, 100.0), *self._name(entry, question.text)]
            found.append(self._of(entry, features, question))
        return found

    def _of_identifier(self, text: str) -> list[Entry]:
        text = text.strip()
        if text.startswith(names.BASE):
            entry = self._index.entry(text)
            return [entry] if entry and entry.kind in types.KINDS else []
        return [entry for entry in self._index.identified(text) if entry.kind in types.KINDS]

    def _name(self, entry: Entry, text: str) -> Iterator[Feature]:
        if text.strip():
            likest = max(comparing.like(one.name, _names(entry)) for one in phrase.phrases(text))
            yield Feature(scoring.NAME, _percent(likest))

    def _named(self, question: Question) -> list[Candidate]:
        """Return what has a name that is like the text, in the reading of it that fits each best."""
        best: dict[str, Candidate] = {}
        for reading in phrase.phrases(question.text):
            for one in self._read(reading, question):
                known = best.get(one.entry.iri)
                if known is None or one.score > known.score:
                    best[one.entry.iri] = one
        return list(best.values())

    def _read(self, reading: Phrase, question: Question) -> Iterator[Candidate]:
        strictly = () if question.strict == "should" else question.types
        kinds = types.kinds_of(strictly)
        if reading.level:
            kinds = tuple(kind for kind in kinds if kind == "territory")
        for one in self._index.namesakes(reading.name, kinds, max(_NAMESAKES, question.limit)):
            like = comparing.like_name(reading.name, _names(one.entry), one.likeness)
            features = [Feature(scoring.NAME, _percent(like)), *self._around(one.entry, reading)]
            yield self._of(one.entry, features, question)

    def _around(self, entry: Entry, reading: Phrase) -> Iterator[Feature]:
        """Yield what the words around a name say of a thing."""
        if reading.level:
            level = f"{types.LEVELS}/{reading.level}"
            yield Feature(scoring.LEVEL, 100.0 * (level in types.types_of(entry, self._view)))
        if reading.place:
            said = _PLACES.values(entry, self._view)
            fit = comparing.fit(said, [reading.place], _PLACES, self._view) or 0.0
            yield Feature(scoring.PLACE, _percent(max(fit, float(_is_called(entry, reading.place)))))

    def _of(self, entry: Entry, features: Iterable[Feature], question: Question) -> Candidate:
        own = types.types_of(entry, self._view)
        every = [*features]
        if question.types:
            every.append(Feature(scoring.TYPE, 100.0 * (not set(own).isdisjoint(question.types))))
        every += self._known(entry, question)
        return Candidate(entry, tuple(own), tuple(every), scoring.score(every))

    def _known(self, entry: Entry, question: Question) -> Iterator[Feature]:
        """Yield how well each property that is known fits a thing, where anything is said of it."""
        for one in question.known:
            fit = comparing.fit(one.property.values(entry, self._view), one.values, one.property, self._view)
            if fit is not None:
                yield Feature(one.property.id, _percent(fit))


def description(entry: Entry, view: View) -> str:
    """Return what tells a thing from others of its name, in a few words: its type and where it is, or its year."""
    if entry.kind == "organisation":
        kinds = entry.facets.get("actor-kind", ())[:2]
        return ", ".join(view.label(iri).value for iri in kinds)
    own = types.name(types.types_of(entry, view)[0], view)
    if entry.kind == "territory":
        around = view.iris(entry.iri, _DIRECTLY_WITHIN)[:2]
        return ", ".join((own, *(view.label(iri).value for iri in around)))
    return ", ".join(filter(None, (own, entry.earliest[:4] if entry.kind == "action" else "")))


def _names(entry: Entry) -> list[str]:
    names = (*entry.labels.values(), *(text for text, _ in entry.names))
    return [called for name in names for called in likeness.called(name)]


def _is_called(entry: Entry, text: str) -> bool:
    """Whether a text is another name of a thing, or the first letters of its words."""
    asked, known = likeness.folded(text), _names(entry)
    initials = {"".join(word[0] for word in words.asked(name)) for name in known}
    return asked in initials or asked in map(likeness.folded, known)


def _is_wanted(candidate: Candidate, question: Question) -> bool:
    own, asked = set(candidate.types), set(question.types)
    if not asked or question.strict == "should":
        return True
    return asked <= own if question.strict == "all" else not asked.isdisjoint(own)


def _marked(found: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates, the likeliest first, of which one that stands clear is a match."""
    ranked = sorted(found, key=lambda one: (-one.score, -_weight(one.entry), one.entry.iri))
    if not ranked:
        return []
    first, rest = ranked[0], ranked[1:]
    is_match = scoring.stands_clear(first.features, rest[0].score if rest else 0.0)
    return [Candidate(first.entry, first.types, first.features, first.score, is_match), *rest]


def _weight(entry: Entry) -> int:
    """Return how well known a thing is: of two of one score, what somebody describes here is likelier meant."""
    return entry.weight + (10**9 if entry.is_listed else 0)


def _percent(part: float) -> float:
    return round(100 * part, 1)
