"""Searches: what a reader's words find, in which order, and what the reader may have meant.

The order: what has the identifier that was given; then what bears exactly the name; what has a name that begins so;
then by bm25, in which a word of a name weighs more than one of a description. Within the first three, the order of
`entries.KINDS`, and of two territories the larger one.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from coopkg import words
from coopkg.index.database import Reading
from coopkg.index.entries import KINDS, Entry, class_of
from coopkg.index.sets import Members, of_numbers

#: Longer questions are cut: nobody types them.
MAX_CHARACTERS = 200
_MAX_WORDS = 16
_ABOVE = "\U0010ffff"
_MATCHES = """
SELECT word.rowid,
    bm25(word, 10.0, 6.0, 2.0, 5.0, 1.0) * (CASE WHEN entry.kind = 'territory' THEN 0.5 ELSE 1.0 END) AS score
FROM word JOIN entry ON entry.id = word.rowid WHERE word MATCH ? ORDER BY score, word.rowid"""
_KNOWN_AS = "SELECT DISTINCT term FROM known WHERE term >= ? AND term < ? AND col IN ('label', 'names', 'texts')"
_MOST_COMPARED = 20_000
#: Each is compared with thousands of others: who mistypes more words asks again.
_MOST_CORRECTED = 3
_MOST_NEAR, _MANY_USES = 10, 1_000
_EXCERPT = 160
_BEFORE = 50
#: What stands further on in a text is found, but not quoted.
_READ = 5_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found.

    Args:
        label, lang: its name, and the language that the name is in ("" when none is said).
        excerpt: pieces of a text of it, and whether each is one of the words that were looked for.
        excerpt_lang: the language of that text.
        identifier: its first code (Insee, SIREN...), or "".
    """

    iri: str
    kind: str
    label: str
    lang: str
    excerpt: list[tuple[str, bool]] = field(default_factory=list)
    excerpt_lang: str = ""
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Args:
        total: how many things of the kinds that were asked for.
        by_kind: how many of each kind.
        corrected: the words that were looked for in place of those that nothing has, or "".
        is_loose: whether nothing has all of the words, so that some of them were enough.
        revision: of which revision it is.
        scores: of each hit how well it fits, the best first; they compare within this answer alone.
    """

    total: int
    hits: list[Hit]
    by_kind: dict[str, int]
    corrected: str = ""
    is_loose: bool = False
    revision: int = 0
    scores: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    """The entries that a question finds with their scores, best first, and what was asked in the end."""

    asked: str
    scores: Mapping[int, float]
    corrected: str = ""
    is_loose: bool = False


def search(reading: Reading, q: str, lang: str, kind: str | None, limit: int, offset: int) -> Found:
    """Return what a reader's words find; without a match, what those nearest to them find."""
    answer = _answer(reading, q[:MAX_CHARACTERS])
    members = Members(reading.sets.kinds.get(kind or "", 0))
    chosen = [number for number in answer.scores if kind is None or number in members]
    return _found(reading, answer, lang, len(chosen), chosen[offset : offset + limit])


def overview(reading: Reading, q: str, lang: str, each: int) -> Found:
    """Return the same with the first few things of each kind, the kind with the best of all first."""
    answer = _answer(reading, q[:MAX_CHARACTERS])
    members = {kind: Members(bits) for kind, bits in reading.sets.kinds.items()}
    groups: dict[str, list[int]] = {}
    for number in answer.scores:
        kind = next(kind for kind in KINDS if kind in members and number in members[kind])
        groups.setdefault(kind, []).append(number)
    chosen = [number for numbers in groups.values() for number in numbers[:each]]
    return _found(reading, answer, lang, len(answer.scores), chosen)


def ranking(reading: Reading, q: str, lang: str, classes: Collection[str], limit: int) -> Found:
    """Return the same with the things of all kinds in one order, or only those of some classes of `entries.CLASSES`."""
    answer = _answer(reading, q[:MAX_CHARACTERS])
    members = Members(of_classes(reading, classes))
    fitting = [number for number in answer.scores if not classes or number in members]
    return _found(reading, answer, lang, len(fitting), fitting[:limit])


def suggestions(reading: Reading, q: str, lang: str, limit: int, kinds: Sequence[str]) -> list[Hit]:
    """Return the things of some kinds that a reader who goes on typing most likely means."""
    q = q[:MAX_CHARACTERS]
    begun = dict.fromkeys((*_identified(reading, q), *_begun(reading, q, 4 * limit, kinds)))
    members = Members(of_kinds(reading, kinds))
    chosen = [number for number in begun if number in members][:limit]
    asked = words.asked(q)
    return [_hit(entry, lang, asked) for entry in reading.entries(chosen)]


def of_kinds(reading: Reading, kinds: Iterable[str]) -> int:
    """Return the set of the entries of some kinds."""
    return functools.reduce(operator.or_, (reading.sets.kinds.get(kind, 0) for kind in kinds), 0)


def of_classes(reading: Reading, classes: Collection[str]) -> int:
    """Return the set of the entries of some classes."""
    actions = reading.sets.of("action", "type", classes)
    return actions | of_kinds(reading, (kind for kind in KINDS if class_of(kind) in classes))


def hit(entry: Entry, lang: str) -> Hit:
    """Return a thing as one that was found, by no word of its own."""
    return _hit(entry, lang, ())


def identified(reading: Reading, text: str) -> list[Entry]:
    """Return the things that have an identifier."""
    return reading.entries(list(_identified(reading, text[:MAX_CHARACTERS])))


def entry(reading: Reading, iri: str) -> Entry | None:
    """Return what the index says of a thing."""
    found = [number for (number,) in reading.rows("SELECT id FROM entry WHERE iri = ?", iri)]
    return next(iter(reading.entries(found)), None)


def matches(reading: Reading, q: str, together: str = "AND") -> list[tuple[int, float]]:
    """Return the entries that have the words of a question, or inflections of them, with their scores, best first."""
    if not (expression := _expression(words.asked(q[:MAX_CHARACTERS])[:_MAX_WORDS], together)):
        return []
    return [(number, score) for number, score in reading.rows(_MATCHES, expression)]


def ranked(reading: Reading, q: str) -> list[int]:
    """Return the entries that a question finds, best first."""
    return list(_scores(reading, q))


def _scores(reading: Reading, q: str) -> dict[int, float]:
    """Return the entries that a question finds, best first, each with its score.

    What has the identifier or the name counts down to 2; what has the words lies between 1 and 0, by bm25.
    """
    first = dict.fromkeys((*_identified(reading, q), *_named(reading, q)))
    scores = {number: float(1 + len(first) - place) for place, number in enumerate(first)}
    for number, score in matches(reading, q):
        scores.setdefault(number, _between_0_and_1(score))
    return scores


def _between_0_and_1(bm25: float) -> float:
    """Return a score of FTS5, which is below 0 and the lower the better, as one that rises from 0 to 1."""
    return -bm25 / (1 - bm25)


def _expression(asked: Sequence[str], together: str) -> str:
    """Return a question in the language of FTS5; words hold letters and digits alone, so nothing of it is theirs."""
    parts = []
    for word in asked:
        stems = " OR ".join(f'"{stem}"' for stem in words.stems(word))
        parts.append(f'({{label names texts}} : "{word}" OR {{label_stems text_stems}} : ({stems}))')
    return f" {together} ".join(parts)


def _identified(reading: Reading, q: str) -> Iterator[int]:
    query = (
        "SELECT entry FROM identifier JOIN entry ON id = entry WHERE value = ? ORDER BY rank, entry.weight DESC, iri"
    )
    return (number for (number,) in reading.rows(query, words.identifier(q)))


def _named(reading: Reading, q: str) -> list[int]:
    """Return the entries with a name that is the question, then those with one that begins with it."""
    if not (begun := " ".join(words.words(q))):
        return []
    query = """SELECT entry FROM start WHERE text >= ? AND text < ? AND is_whole
        ORDER BY text <> ?, rank, weight DESC, text, entry LIMIT 1000"""
    return [number for (number,) in reading.rows(query, begun, begun + _ABOVE, begun)]


def _begun(reading: Reading, q: str, limit: int, kinds: Sequence[str]) -> list[int]:
    if not (begun := " ".join(words.words(q))):
        return []
    ranks = [rank for rank, kind in enumerate(KINDS) if kind in kinds]
    query = f"""SELECT entry FROM start WHERE text >= ? AND text < ? AND rank IN ({", ".join(map(str, ranks))})
        ORDER BY NOT (text = ? AND is_whole), NOT is_whole, rank, weight DESC, text, entry LIMIT ?"""  # noqa: S608  # numbers of our own
    return [number for (number,) in reading.rows(query, begun, begun + _ABOVE, begun, limit)]


def _answer(reading: Reading, q: str) -> _Answer:
    """Return what has all words of a question; else of its correction; else what has some of them."""
    if scores := _scores(reading, q):
        return _Answer(q, scores)
    better = _corrected(reading, q)
    corrected = better if better != " ".join(words.asked(q)) else ""
    if corrected and (scores := _scores(reading, corrected)):
        return _Answer(corrected, scores, corrected)
    asked = corrected or q
    loose = {number: _between_0_and_1(score) for number, score in matches(reading, asked, together="OR")}
    return _Answer(asked, loose, corrected, is_loose=True)


def _found(reading: Reading, answer: _Answer, lang: str, total: int, chosen: Sequence[int]) -> Found:
    order = of_numbers(answer.scores)
    counted = {kind: (order & reading.sets.kinds.get(kind, 0)).bit_count() for kind in KINDS}
    by_kind = {kind: count for kind, count in counted.items() if count}
    asked = words.asked(answer.asked)
    hits = [_hit(entry, lang, asked) for entry in reading.entries(chosen)]
    is_loose = answer.is_loose and bool(answer.scores)
    scores = [answer.scores[number] for number in chosen]
    return Found(total, hits, by_kind, answer.corrected if answer.scores else "", is_loose, reading.revision, scores)


def _corrected(reading: Reading, q: str) -> str:
    """Return a question with the first words that nothing has replaced by the nearest ones that something has."""
    asked = words.asked(q)[:_MAX_WORDS]
    unknown = [word for word in asked if len(word) > 2 and not _uses(reading, word, 1)]
    nearest = {word: _nearest(reading, word) for word in unknown[:_MOST_CORRECTED]}
    return " ".join(nearest.get(word, word) for word in asked)


def _nearest(reading: Reading, word: str) -> str:
    begun = [str(term) for (term,) in reading.rows(f"{_KNOWN_AS} LIMIT 100", word, word + _ABOVE)]
    if begun:
        return min(begun, key=lambda term: (len(term), term))
    for first in (word[0], ""):  # a typing error is seldom in the first letter
        rows = reading.rows(
            f"{_KNOWN_AS} AND length(term) BETWEEN ? AND ? LIMIT ?",
            first,
            first + _ABOVE,
            len(word) - 2,
            len(word) + 2,
            _MOST_COMPARED,
        )
        if near := words.nearest(word, [str(term) for (term,) in rows]):
            return _most_used(reading, near)
    return word


def _most_used(reading: Reading, near: Sequence[str]) -> str:
    return max(near[:_MOST_NEAR], key=lambda term: (_uses(reading, term, _MANY_USES), term))


def _uses(reading: Reading, word: str, most: int) -> int:
    """Return how many entries have a word or an inflection of it; so many at most, for they are looked through."""
    query = "SELECT COUNT(*) FROM (SELECT 1 FROM word WHERE word MATCH ? LIMIT ?)"
    return int(next(reading.rows(query, _expression([word], "AND"), most))[0])


def _hit(entry: Entry, lang: str, asked: Sequence[str]) -> Hit:
    label, of = entry.label(lang)
    text, text_lang = _text(entry, lang, asked)
    excerpt = _cut(words.composed(text), _places(text, asked))
    return Hit(entry.iri, entry.kind, label, of, excerpt, text_lang, next(iter(entry.identifiers), ""))


def _text(entry: Entry, lang: str, asked: Sequence[str]) -> tuple[str, str]:
    """Return the text of an entry that has most of the words, in the reader's language if it has any; ("", "")."""
    own = [one for one in entry.texts if one[1] in (lang, "")] or entry.texts
    texts = [(text[:_READ], of) for text, of in own]
    texts += [one for one in entry.names if _places(one[0], asked)]
    counted = (({word for _, _, word in _places(text, asked)}, (text, of)) for text, of in texts)
    return max(counted, key=lambda one: len(one[0]), default=(set(), ("", "")))[1]


def _places(text: str, asked: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return where a text has words that are asked for or inflections of them, and which."""
    wanted = {stem: word for word in asked for stem in words.stems(word)} | {word: word for word in asked}
    found = []
    for token in words.tokens(words.composed(text)):
        met = next((wanted[one] for one in (token.word, *words.stems(token.word)) if one in wanted), "")
        if met:
            found.append((token.start, token.end, met))
    return found


def _cut(text: str, places: Sequence[tuple[int, int, str]]) -> list[tuple[str, bool]]:
    begin = max(0, places[0][0] - _BEFORE) if places and places[0][1] > _EXCERPT else 0
    begin = text.find(" ", begin) + 1 if begin else 0
    end = len(text) if len(text) <= begin + _EXCERPT else max(text.rfind(" ", begin, begin + _EXCERPT), begin + 1)
    pieces, done = [("…", False)] if begin else [], begin
    for start, stop, _ in places:
        if start >= done and stop <= end:
            pieces += [(text[done:start], False), (text[start:stop], True)]
            done = stop
    pieces += [(text[done:end], False), ("…", False)] if end < len(text) else [(text[done:end], False)]
    return [(piece, is_match) for piece, is_match in pieces if piece]
