"""How well what is known of a thing fits what is said of one: from 0 to 1, or nothing where nothing is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coopkg import likeness, names, words
from coopkg.rdf import Literal, NamedNode
from coopkg.reconciliation import phrase
from coopkg.reconciliation.properties import Property, Value
from coopkg.view import LABELS, View

_CODE = f"{names.PREFIXES['igeo']}codeINSEE"
_NAMES = (*LABELS, f"{names.SKOS}altLabel", f"{names.SKOS}hiddenLabel")
#: Words that are less alike than this are two; so a word of three letters may lack one.
_LEAST_LIKE_WORD = 0.6
#: How much the likeness of names counts that differ in a word: too little for a match.
_OF_OTHER_WORDS = 0.75
#: Of hubs, some: more values tell nothing of a thing.
_MOST_SAID = 20
#: Texts that are less alike than this are two.
_LEAST_LIKE = 0.8


def fit(said: Sequence[Value], known: Iterable[str], of: Property, view: View) -> float | None:
    """Return how well the best of some known values fits what is said; None where nothing is said."""
    if not said:
        return None
    return max(_fit(value, text, of, view) for value in said[:_MOST_SAID] for text in known)


def _fit(value: Value, text: str, of: Property, view: View) -> float:
    if value.value == text:
        return 1.0
    if of.is_identifier:
        return float(bool(one := words.identifier(value.value)) and one == words.identifier(text))
    if of.id == "website":
        return float(likeness.page(value.value) == likeness.page(text))
    if isinstance(value, Literal):
        return like(text, [value.value])
    return like_thing(text, value, view)


def like_thing(text: str, thing: NamedNode, view: View) -> float:
    """Return how like a text the names of a thing are; a code of it, or of a place within it, is as good."""
    codes = {literal.value for literal in view.literals(thing.value, _CODE)}
    if codes & {text.strip().upper(), *phrase.departement(text)}:
        return 1.0
    return like(text, [one.value for predicate in _NAMES for one in view.literals(thing.value, predicate)])


def like_name(text: str, others: Iterable[str], likeness_of_all: float) -> float:
    """Return how like a text the names of a thing are: less where each of them has a word of its own, or lacks one.

    The names of two sister associations differ in a word, those that somebody mistyped in a few letters.

    Args:
        likeness_of_all: how like the likest is, by its letters alone.
    """
    asked = likeness.folded(text).split()
    if likeness_of_all == 1 or any(_same_words(asked, likeness.folded(other).split()) for other in others):
        return likeness_of_all
    return _OF_OTHER_WORDS * likeness_of_all


def _same_words(some: Sequence[str], others: Sequence[str]) -> bool:
    return all(
        any(_same_word(one, other) for other in against)
        for words_of_one, against in ((some, others), (others, some))
        for one in words_of_one
    )


def _same_word(one: str, other: str) -> bool:
    if any(map(str.isdigit, one + other)):
        return one == other  # a year, or the number of an arrondissement
    return words.likeness(one, other) >= _LEAST_LIKE_WORD


def like(text: str, others: Iterable[str]) -> float:
    """Return how like a text the likest of some others is; 0 where none may be the same."""
    asked = likeness.folded(text)
    most = max((words.likeness(asked, likeness.folded(other)) for other in others), default=0.0)
    return most if most >= _LEAST_LIKE else 0.0
