"""A made-up country: one source document after the other, the same for the same seed and version.

The only module that decides what a document says. Actions of one block are parts of one another and of no others, so
what follows from a block (but for the names of what it shares with others) can be found from it alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from coopkg import names
from coopkg.synth import actors, shares, wording
from coopkg.synth.dates import say_date, say_period
from coopkg.synth.dice import Dice
from coopkg.synth.draft import TERMS, Document, named, text, typed
from coopkg.synth.places import Places
from coopkg.synth.wording import Subject

#: Raised by one when the same seed gives another graph.
VERSION = 1
#: Documents whose actions may be parts of one another; the first of them is about a programme.
BLOCK = 50

_KINDS = {
    "Project": ("project", ("Projet inventé", "Made-up project")),
    "Action": ("action", ("Action inventée", "Made-up action")),
    "Event": ("event", ("Événement inventé", "Made-up event")),
    "Experiment": ("experiment", ("Expérimentation inventée", "Made-up experiment")),
    "Programme": ("programme", ("Programme inventé", "Made-up programme")),
}


class Country:
    """Draws documents in a row.

    Args:
        first: the number of the first document; those of two countries are alike in nothing but their organisations.
    """

    def __init__(self, places: Places, seed: int = 0, first: int = 0) -> None:
        self._places = places
        self._dice = Dice(seed)
        self._number = first
        self._actions: list[str] = []  # of the block, without the programme

    def documents(self, size: int) -> Iterator[Document]:
        """Yield documents until there are as many triples as asked for, or a few more."""
        while size > 0:
            document = self.document()
            size -= len(document)
            yield document

    def document(self) -> Document:
        """Return the next document."""
        number, self._number = self._number, self._number + 1
        if number % BLOCK == 0:
            self._actions.clear()
        document = Document(f"{names.GRAPH}synth-{number:08}")
        for organisation in range(actors.known_before(number), actors.known_after(number)):
            actors.introduce(document, self._dice, organisation)
        source = named("source", f"{number:08}")
        action = self._action(document, source, number)
        self._source(document, source, action, number)
        self._results(document, source, action, number)
        self._participations(document, source, action, number)
        return document

    def _source(self, document: Document, source: str, action: str, number: int) -> None:
        dice = self._dice
        document.say(source, "a", TERMS["coop:SourceDocument"])
        document.say(source, "dcterms:title", text(f"Document inventé n° {number}"))
        document.say(source, "dcterms:language", typed("fr", "language"))
        document.say(source, "dcterms:publisher", actors.organisation(0 if dice.chance(0.9) else dice.below(20)))
        document.say(source, "foaf:page", f"<https://synth.example/documents/{number}>")
        document.say(source, "coop:describes", action)
        document.say(source, "coop:pageKind", dice.one_of(shares.PAGE_KINDS))
        document.say(source, "coop:readExtent", dice.one_of(shares.READ_EXTENTS))
        document.name(source, "skos:editorialNote", wording.STATEMENT)
        for theme in dice.different(shares.THEMES, 1 + dice.below(3)):
            document.say(source, "dcterms:subject", theme)
        if dice.chance(0.83):
            document.say(source, "coop:narrator", actors.some_organisation(dice, number))
        if dice.chance(0.26):
            document.say(source, "coop:producedUnder", self._programme(number))

    def _action(self, document: Document, source: str, number: int) -> str:
        dice = self._dice
        kind = "Programme" if number % BLOCK == 0 else dice.one_of(shares.KINDS) if self._actions else "Project"
        path, called = _KINDS[kind]
        action, subject = named(path, f"{number:08}"), Subject.drawn(dice)
        place = self._covered(document, action)
        document.describe(action, f"coop:{kind}", source)
        document.name(action, "skos:prefLabel", subject.name(called, number))
        if kind in ("Project", "Programme", "Experiment") or dice.chance(0.2):
            described = subject.description(dice, place)
            document.name(action, "dcterms:description", described, in_english=dice.chance(0.85))
        self._classified(document, action)
        self._linked(document, action, kind, number)
        if kind == "Event":
            say_date(document, action, dice)
        elif dice.chance(0.3):
            say_period(document, action, dice)
        if kind != "Programme":
            self._actions.append(action)
        return action

    def _covered(self, document: Document, action: str) -> str:
        """State where an action takes place, and return the name of the last place, or ""."""
        covered = {self._places.drawn(self._dice) for _ in range(self._dice.one_of((0, 0, 1, 1, 1, 1, 2, 3)))}
        for place in sorted(covered):
            document.say(action, "coop:coversTerritory", place.term)
        return place.name if covered else ""

    def _classified(self, document: Document, action: str) -> None:
        dice = self._dice
        document.say(action, "coop:actionKind", dice.one_of(shares.ACTION_KINDS))
        for theme in dice.different(shares.THEMES, 1 + dice.below(4)):
            document.say(action, "coop:theme", theme)
        if dice.chance(0.6):
            document.say(action, "coop:status", dice.one_of(shares.STATUSES))
        if dice.chance(0.35):
            document.say(action, "coop:contributesToGoal", shares.GOALS[dice.heavy(17)])
        if dice.chance(0.28):
            document.say(action, "coop:sourceWording", text(wording.wording(dice)))
        if dice.chance(0.7):
            document.say(action, "skos:editorialNote", text(wording.note(dice)))

    def _linked(self, document: Document, action: str, kind: str, number: int) -> None:
        dice = self._dice
        if self._actions and (kind == "Experiment" or dice.chance(0.3)):
            document.say(action, "coop:partOfAction", self._actions[dice.heavy(len(self._actions))])
        elif self._actions and dice.chance(0.1):
            document.say(action, "coop:continues", dice.one_of(self._actions))
        if kind != "Programme" and dice.chance(0.14):
            document.say(action, "coop:inProgramme", self._programme(number))

    def _programme(self, number: int) -> str:
        """Return a programme that a document up to this one is about; the first ones far more often."""
        return named("programme", f"{self._dice.heavy(number // BLOCK + 1) * BLOCK:08}")

    def _results(self, document: Document, source: str, action: str, number: int) -> None:
        dice = self._dice
        for place in range(dice.one_of((0, 0, 1, 1, 1, 2))):
            self._outcome(document, source, action, f"{number:08}-{place}")
        for place in range(dice.one_of((0, 0, 0, 1, 1, 2))):
            self._lesson(document, source, action, f"{number:08}-{place}", number)
        if dice.chance(0.13):
            self._perspective(document, source, action, f"{number:08}")

    def _outcome(self, document: Document, source: str, action: str, name: str) -> None:
        dice, outcome = self._dice, named("outcome", name)
        document.say(action, "coop:hasOutcome", outcome)
        document.describe(outcome, "coop:Outcome", source)
        document.say(outcome, "skos:prefLabel", text(wording.outcome(dice)))
        document.say(outcome, "coop:outcomeKind", dice.one_of(shares.OUTCOME_KINDS))
        document.say(outcome, "coop:status", dice.one_of(shares.STATUSES))
        if dice.chance(0.7):
            self._measure(document, source, outcome, named("measure", name))

    def _measure(self, document: Document, source: str, outcome: str, measure: str) -> None:
        dice = self._dice
        document.say(outcome, "coop:hasMeasure", measure)
        document.describe(measure, "coop:Measure", source)
        document.say(measure, "skos:prefLabel", text("Mesure inventée"))
        document.say(measure, "coop:indicator", dice.one_of(shares.INDICATORS))
        document.say(measure, "coop:precision", dice.one_of(shares.PRECISIONS))
        document.say(measure, "coop:value", typed(str(dice.one_of(shares.VALUES) + dice.heavy(1_000)), "decimal"))
        document.say(measure, "coop:status", dice.one_of(shares.STATUSES))
        document.say(measure, "coop:sourceWording", text(wording.wording(dice)))

    def _lesson(self, document: Document, source: str, action: str, name: str, number: int) -> None:
        dice, lesson = self._dice, named("lesson", name)
        document.say(action, "coop:hasLesson", lesson)
        document.describe(lesson, "coop:Lesson", source)
        document.say(lesson, "skos:prefLabel", text(wording.lesson(dice)))
        for kind in dice.different(shares.LESSON_KINDS, 1 + dice.below(3)):
            document.say(lesson, "coop:lessonKind", kind)
        if dice.chance(0.54):
            document.say(lesson, "coop:theme", dice.one_of(shares.THEMES))
        if dice.chance(0.32):
            document.say(lesson, "coop:statedBy", actors.some_organisation(dice, number))

    def _perspective(self, document: Document, source: str, action: str, name: str) -> None:
        dice, perspective = self._dice, named("perspective", name)
        document.say(action, "coop:hasPerspective", perspective)
        document.describe(perspective, "coop:Perspective", source)
        document.say(perspective, "skos:prefLabel", text(wording.perspective(dice)))
        document.say(perspective, "coop:perspectiveKind", dice.one_of(shares.PERSPECTIVE_KINDS))
        document.say(perspective, "coop:status", dice.one_of(shares.STATUSES))
        document.say(perspective, "coop:concernsAction", action)

    def _participations(self, document: Document, source: str, action: str, number: int) -> None:
        dice = self._dice
        new = iter(range(actors.known_before(number), actors.known_after(number)) if number else ())
        for place in range(dice.one_of(shares.PARTICIPATIONS)):
            name = f"{number:08}-{place}"
            self._participation(document, source, action, name, self._actor(document, source, name, new, number))
        if dice.chance(0.06):
            self._expected(document, source, action, f"{number:08}", number)

    def _actor(self, document: Document, source: str, name: str, new: Iterator[int], number: int) -> str:
        """Return a group, an organisation that nobody named before, or one that is known."""
        if self._dice.chance(shares.GROUPS_SHARE):
            return actors.say_group(document, self._dice, source, name)
        fresh = next(new, None)
        return actors.some_organisation(self._dice, number) if fresh is None else actors.organisation(fresh)

    def _participation(self, document: Document, source: str, action: str, name: str, actor: str) -> None:
        dice, participation = self._dice, named("participation", name)
        document.describe(participation, "coop:Participation", source)
        document.say(participation, "coop:inAction", action)
        document.say(participation, "coop:participant", actor)
        for role in dice.different(shares.ROLES, 1 + dice.chance(0.05)):
            document.say(participation, "coop:role", role)
        if dice.chance(0.15):
            document.say(participation, "coop:listedAs", dice.one_of(shares.GROUP_KINDS))
        if dice.chance(0.28):
            document.say(participation, "coop:sourceWording", text(wording.wording(dice)))
        if dice.chance(0.38):
            document.say(participation, "skos:editorialNote", text(wording.note(dice)))

    def _expected(self, document: Document, source: str, action: str, name: str, number: int) -> None:
        dice, expected = self._dice, named("expected-participation", name)
        document.describe(expected, "coop:ExpectedParticipation", source)
        document.say(expected, "coop:expectedIn", action)
        document.say(expected, "coop:expectedParticipant", actors.some_organisation(dice, number))
        document.say(expected, "coop:engagement", dice.one_of(shares.ENGAGEMENTS))
        document.say(expected, "coop:sourceWording", text(wording.wording(dice)))
