"""How a text becomes search words: without case, accents, ligatures and elisions, and with its French stem.

The only module that calls snowballstemmer and rapidfuzz. Pure text. What is indexed and what is asked go the same way,
so that a reader finds a thing under any of its spellings.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import snowballstemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = "'’ʼ"
_ELIDED = frozenset(re.findall("[a-z]+", "l d j m t s n c qu jusqu lorsqu puisqu quoiqu presqu quelqu"))
_SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
#: Of these a question is not made, unless it has no other words.
_EMPTY = frozenset(
    re.findall(
        "[a-z]+",
        """a au aux avec ce ces dans de des du elle en est et il ils la le les leur leurs mais ne nos notre nous on ou
        par pas pour qui que sa se ses son sont sur un une vos votre vous y
        an and are at by for from in is it of or that the this to with""",
    )
)
_LANGUAGES = {"fr": "french", "en": "english"}
_SPACES = re.compile(r"[\s.\-_/]+")
_IDENTIFIER = re.compile(r"[0-9]{14}|[0-9]{9}|W[0-9A-Z]{9}|[0-9]{2,3}|[0-9]{5}|2[AB](?:[0-9]{3})?")
# The stemmer leaves the plural of "emploi" and of "lieu" as they are, and knows that of "régional" itself.
_PLURAL = re.compile(r"(?<=...)(?<!au)[sx]$")
#: How much two names are alike that have the same words in another order.
_REORDERED = 0.98
_STEMMERS = threading.local()  # a stemmer holds the word that it works on


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: where it stands, and how it is looked for."""

    start: int
    end: int
    word: str


def composed(text: str) -> str:
    """Return a text with each accent in its letter: the form in which `tokens` finds places."""
    return unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Return a text without case, accents and ligatures, for comparisons.

    >>> folded("Œuvre à l’Élysée")
    "oeuvre a l'elysee"
    """
    if text.isascii():
        return text.lower()
    spelt = text.lower().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss").replace("’", "'")
    return "".join(one for one in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(one))


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a composed text with their places; an elided article or pronoun is none.

    >>> [token.word for token in tokens("L’eau d'Île-de-France jusqu'à St-Étienne aujourd'hui")]
    ['eau', 'ile', 'de', 'france', 'a', 'saint', 'etienne', 'aujourd', 'hui']
    """
    for found in _WORD.finditer(text):
        word = folded(found[0])
        follows = text[found.end() : found.end() + 1]
        before = text[found.start() - 1 : found.start()]
        if follows and follows in _APOSTROPHES and word in _ELIDED:
            continue
        if before and before in _APOSTROPHES and word == "s":
            continue  # the English genitive
        yield Token(found.start(), found.end(), _SHORT.get(word, word))


def words(text: str) -> list[str]:
    """Return the words of a text, in order."""
    return [token.word for token in tokens(composed(text))]


def asked(text: str) -> list[str]:
    """Return the words of a question, each once: those that mean something, or all when none does.

    >>> asked("Les projets de l'alimentation"), asked("la")
    (['projets', 'alimentation'], ['la'])
    """
    found = list(dict.fromkeys(words(text)))
    return [word for word in found if word not in _EMPTY] or found


def stem(word: str, lang: str) -> str:
    """Return what a word shares with its inflections; that of a French word where the language is not English.

    >>> stem("regionales", "fr") == stem("regional", "fr"), stem("funding", "en")
    (True, 'fund')
    """
    if lang == "en":
        return _stemmed(word, "en")
    return _stemmed(_PLURAL.sub("", word), "fr")


def stems(word: str) -> list[str]:
    """Return the stems of a word of which the language is not known."""
    return list(dict.fromkeys(stem(word, lang) for lang in _LANGUAGES))


def identifier(text: str) -> str:
    """Return a text as an identifier is kept (SIREN, SIRET, RNA, code of Insee), or "" when it looks like none.

    >>> identifier("217 500 016"), identifier("w751 234 567"), identifier("2a004"), identifier("la fonda")
    ('217500016', 'W751234567', '2A004', '')
    """
    compact = _SPACES.sub("", text).upper()
    return compact if _IDENTIFIER.fullmatch(compact) else ""


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that differ least from one: by one letter, by two when it is long; none when all do more.

    >>> nearest("alimentasion", ["alimentation", "argumentation", "eau"])
    ['alimentation']
    """
    most = 1 if len(word) < 6 else 2
    found = process.extract(word, list(known), scorer=OSA.distance, score_cutoff=most, limit=50)
    least = min((distance for _, distance, _ in found), default=0)
    return [other for other, distance, _ in found if distance == least]


def likeness(one: str, other: str) -> float:
    """Return how like two folded names are, from 0 to 1: by the letters that differ, less by the order of their words.

    >>> likeness("montpellier", "montpelier") > 0.9, likeness("jardin partage", "partage jardin")
    (True, 0.98)
    """
    return likenesses(one, [other], 0.0).get(0, 0.0)


def likenesses(asked: str, known: Sequence[str], least: float) -> dict[int, float]:
    """Return how like a folded name each of many is, by its place among them; of those that are so much like it."""
    scored = process.extract(asked, known, scorer=OSA.normalized_similarity, score_cutoff=least, limit=None)
    found = {place: like for _, like, place in scored}
    if " " in asked:
        ordered = {place: _ordered(name) for place, name in enumerate(known) if " " in name}
        scored = process.extract(
            _ordered(asked), ordered, scorer=OSA.normalized_similarity, score_cutoff=least, limit=None
        )
        for _, like, place in scored:
            found[place] = max(found.get(place, 0.0), _REORDERED * like)
    return found


def _ordered(name: str) -> str:
    return " ".join(sorted(name.split()))


@functools.lru_cache(maxsize=1 << 16)
def _stemmed(word: str, lang: str) -> str:
    if not hasattr(_STEMMERS, lang):
        setattr(_STEMMERS, lang, snowballstemmer.stemmer(_LANGUAGES[lang]))
    return str(getattr(_STEMMERS, lang).stemWord(word))
