"""Who takes part in made-up actions: organisations, few of them in thousands of projects, and groups without names.

Nothing is kept of who took part: how many organisations there are follows from the number of the document alone, and
the first of them are drawn far more often. So memory does not grow with the graph.
"""

from __future__ import annotations

from coopkg import names
from coopkg.synth import shares, wording
from coopkg.synth.dice import Dice
from coopkg.synth.draft import Document, named, text, typed

#: Organisations that are there before the first document: those of the whole country.
NATIONAL = 40
_NEW = 3, 5  # three more with five documents


def known_after(number: int) -> int:
    """Return how many organisations are named once a document with this number, from 0, is written."""
    return NATIONAL + (number + 1) * _NEW[0] // _NEW[1]


def known_before(number: int) -> int:
    """Return how many organisations are named before this document; the first one names those of the country."""
    return known_after(number - 1) if number else 0


def organisation(number: int) -> str:
    """Return the term of an organisation; in the order of their numbers, which is that in which they are named."""
    return named("organisation", f"{number:08}")


def some_organisation(dice: Dice, number: int) -> str:
    """Return an organisation that is known to the document with this number; the first ones far more often."""
    return organisation(dice.heavy(known_after(number)))


def introduce(document: Document, dice: Dice, number: int) -> None:
    """State in the graph of organisations what an organisation is."""
    subject, (french, english) = organisation(number), wording.organisation(dice, number)
    document.tell(subject, "a", f"<{names.PREFIXES['org']}Organization>")
    document.tell(subject, "skos:prefLabel", text(french))
    if dice.chance(0.6):
        document.tell(subject, "skos:prefLabel", text(english, "en"))
    if dice.chance(0.6):
        document.tell(subject, "skos:altLabel", text(f"OI {number}"))
    for kind in dice.different(shares.ORGANISATION_KINDS, 1 + dice.chance(0.2)):
        document.tell(subject, "org:classification", kind)
    if dice.chance(0.4):
        document.tell(subject, "skos:editorialNote", text(wording.STATEMENT[0]))
    if dice.chance(0.5):
        _identify(document, dice, subject, number)


def _identify(document: Document, dice: Dice, subject: str, number: int) -> None:
    siren = _with_key(f"0{number:07}")
    document.tell(subject, "coop:siren", f'"{siren}"')
    if dice.chance(0.3):
        document.tell(subject, "coop:siret", f'"{_with_key(f"{siren}0001")}"')
    if dice.chance(0.3):
        document.tell(subject, "coop:rna", f'"W000{number % 1_000_000:06}"')
    if dice.chance(0.1):
        document.tell(subject, "foaf:homepage", f"<https://synth.example/{number}>")


def say_group(document: Document, dice: Dice, source: str, name: str) -> str:
    """State what a group of agents without names is, and return its term."""
    subject = named("group", name)
    document.describe(subject, "coop:StakeholderGroup", source)
    document.name(subject, "skos:prefLabel", wording.group(dice))
    for kind in dice.different(shares.GROUP_KINDS, 1 + dice.chance(0.4)):
        document.say(subject, "org:classification", kind)
    if dice.chance(0.26):
        document.say(subject, "coop:memberCount", typed(str(1 + dice.one_of(shares.VALUES)), "integer"))
        document.say(subject, "coop:precision", dice.one_of(shares.PRECISIONS))
    if dice.chance(0.83):
        document.say(subject, "coop:sourceWording", text(wording.wording(dice)))
    return subject


def _with_key(digits: str) -> str:
    """Return digits with Luhn's check digit behind them.

    No real SIREN begins with 0: the key is right, and the number is nobody's.

    >>> _with_key("73282932")
    '732829320'
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"
