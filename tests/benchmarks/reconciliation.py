"""How often reconciliation finds a thing under a damaged name, and how often it is sure and right.

Names of a published graph are damaged in ten ways, each with the type that a user of OpenRefine would choose. Prints
for each way how many candidates were in the first five, how many were said to match, and how many of those were right;
then what a question costs. Judges nothing: `python -m tests.benchmarks.reconciliation --state STATE`.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coopkg.graph import Graph
from coopkg.index import Entry, Index, Wanted
from coopkg.names import BASE
from coopkg.reconciliation import Candidate, Matcher, Question, scoring
from coopkg.reconciliation.types import LEVELS, types_of
from coopkg.settings import Settings
from coopkg.view import View

Damage = Callable[[str, random.Random], str]
_EACH = {"commune": 300, "epci": 60, "departement": 60, "region": 18}


@dataclass
class Tally:
    """What came of questions."""

    asked: int = 0
    in_five: int = 0
    matched: int = 0
    right: int = 0
    times_ms: list[float] = field(default_factory=list)

    def count(self, wanted: str, found: Sequence[Candidate], seconds: float) -> None:
        """Count an answer in."""
        self.asked += 1
        self.in_five += wanted in [one.entry.iri for one in found[:5]]
        matches = [one.entry.iri for one in found if one.is_match]
        self.matched += len(matches)
        self.right += wanted in matches
        self.times_ms.append(1_000 * seconds)

    def line(self, name: str) -> str:
        """Return the row of a table."""
        precision = self.right / self.matched if self.matched else 1.0
        return (
            f"| {name} | {self.asked} | {self.in_five / self.asked:.3f} | {self.matched / self.asked:.3f} | "
            f"{precision:.4f} ({self.matched - self.right} wrong) | {statistics.median(self.times_ms or [0.0]):.1f} |"
        )


def _place(name: str, chance: random.Random) -> int:
    letters = [place for place, one in enumerate(name) if one.isalpha() and place]
    return chance.choice(letters or [0])


def _other_letter(name: str, chance: random.Random) -> str:
    place = _place(name, chance)
    return name[:place] + chance.choice("aeioustrnlmpd") + name[place + 1 :]


def _lost_letter(name: str, chance: random.Random) -> str:
    place = _place(name, chance)
    return name[:place] + name[place + 1 :]


def _swapped_letters(name: str, chance: random.Random) -> str:
    place = min(_place(name, chance), len(name) - 2)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def _doubled_letter(name: str, chance: random.Random) -> str:
    place = _place(name, chance)
    return name[:place] + name[place] + name[place:]


def _bare(name: str, _: random.Random) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", name) if not unicodedata.combining(one))


def _plain(name: str, chance: random.Random) -> str:
    words = _bare(name, chance).replace("-", " ").replace("’", " ").replace("'", " ").split()
    return " ".join(word for word in words if word.lower() not in ("le", "la", "les", "l"))


def _short(name: str, _: random.Random) -> str:
    for long, short in (("Sainte", "Ste"), ("Saint", "St"), ("Communauté", "Cté"), ("Association", "Asso")):
        name = name.replace(long, short)
    return name


def _reordered(name: str, _: random.Random) -> str:
    first, *rest = name.split(" ")
    return " ".join((*rest, first))


def _other_word(name: str, chance: random.Random) -> str:
    first, *rest = name.split()
    others = ("Isère", "Lorient", "jeunesse", "numérique", "habitat", "Nord", "mobilité", "2019")
    return " ".join((first, *rest[:-1], chance.choice(others)))


DAMAGES: Mapping[str, Damage] = {
    "as it is": lambda name, _: name,
    "another letter": _other_letter,
    "a letter lost": _lost_letter,
    "two letters swapped": _swapped_letters,
    "a letter doubled": _doubled_letter,
    "accents lost": _bare,
    "upper case, no accents": lambda name, chance: _bare(name, chance).upper(),
    "no articles, no hyphens": _plain,
    "abbreviated": _short,
    "words reordered": _reordered,
    "legal form around it": lambda name, _: f"Association {name} (loi 1901)",
}


@dataclass(frozen=True)
class Asked:
    """A thing, its name, and what a user of OpenRefine would say of it."""

    entry: Entry
    name: str
    type: str
    departement: str


def things(index: Index, view: View, chance: random.Random) -> Iterator[Asked]:
    """Yield all organisations, actions and themes, and some territories of each level."""
    for kind in ("organisation", "action", "theme"):
        for iri in index.iris(Wanted(kind)):
            yield from _asked(index, view, iri)
    for level, most in _EACH.items():
        every = view.subjects(f"{BASE}ns#territoryLevel", f"{LEVELS}/{level}")
        for iri in chance.sample(every, min(most, len(every))):
            yield from _asked(index, view, iri)


def _asked(index: Index, view: View, iri: str) -> Iterator[Asked]:
    if entry := index.entry(iri):
        own = [one for one in view.iris(iri, f"{BASE}ns#within") if "/departement/" in one]
        departement = own[0].rpartition("/")[2] if own else ""
        yield Asked(entry, entry.label("fr")[0], types_of(entry, view)[0], departement)


def measured(
    index: Index, view: View, every: Sequence[Asked], damage: Damage, written: Callable[[Asked, str], object]
) -> Tally:
    """Return what came of asking for things under a damaged name."""
    tally, chance = Tally(), random.Random(11)  # noqa: S311  # no secret: the same damage each time
    for one in every:
        question = Question.of(written(one, damage(one.name, chance)))
        began = time.thread_time()
        found = Matcher(index, View(view.store, "fr")).candidates(question)
        tally.count(one.entry.iri, found, time.thread_time() - began)
    return tally


def typed(one: Asked, name: str) -> dict[str, object]:
    """Return a question by a name and the type."""
    return {"query": name, "type": one.type}


def by_property(one: Asked, name: str) -> object:
    """Return the same with the département."""
    return {"query": name, "type": one.type, "properties": [{"pid": "departement", "v": one.departement}]}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    graph = Graph.open(Settings(state=parser.parse_args().state), {})
    store, manifest = graph.current()
    index = Index()
    entries = index.build(store, manifest.revision)
    view = View(store, "fr")
    every = list(things(index, view, random.Random(7)))  # noqa: S311  # no secret: the same sample each time
    placed = [one for one in every if one.departement]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {entries:,} entries")
    _table("type", {name: measured(index, view, every, damage, typed) for name, damage in DAMAGES.items()})
    located = {name: measured(index, view, placed, damage, by_property) for name, damage in DAMAGES.items()}
    _table("type and département", located)
    unlisted = [one for one in every if one.entry.kind != "territory"]  # of territories there are all
    absent = {name: _absent(index, view, unlisted, damage) for name, damage in DAMAGES.items()}
    absent["another last word"] = _absent(index, view, unlisted, _other_word, is_there=False)
    _table("type, of what is not there", absent)
    communes = [one for one in placed if "/commune/" in one.entry.iri]
    _table(
        "written around it",
        {
            "X (75)": measured(index, view, communes, lambda name, _: name, _in_brackets),
            "commune de X": measured(index, view, communes, lambda name, _: f"commune de {name}", typed),
            "X (75), a letter lost": measured(index, view, communes, _lost_letter, _in_brackets),
        },
    )


def _absent(index: Index, view: View, every: Sequence[Asked], damage: Damage, *, is_there: bool = True) -> Tally:
    """Return what came of asking for things as if each were not in the graph: whatever matches is wrong.

    Args:
        is_there: whether the thing itself is left out of the answer; else it is as wrong as any other.
    """
    tally, chance = Tally(), random.Random(11)  # noqa: S311  # no secret: the same damage each time
    for one in every:
        question = Question.of({**typed(one, damage(one.name, chance)), "limit": 20})
        found = Matcher(index, View(view.store, "fr")).candidates(question)
        others = [other for other in found if not is_there or other.entry.iri != one.entry.iri]
        following = others[1].score if others[1:] else 0.0
        tally.asked += 1
        tally.matched += bool(others) and scoring.stands_clear(others[0].features, following)
    return tally


def _in_brackets(one: Asked, name: str) -> object:
    return {"query": f"{name} ({one.departement})", "type": one.type}


def _table(name: str, rows: Mapping[str, Tally]) -> None:
    print(
        f"\n| with the {name} | asked | in the first five | matched | right of those | ms |\n|---|---|---|---|---|---|"
    )
    total = Tally()
    for row, tally in rows.items():
        print(tally.line(row))
        total.asked += tally.asked
        total.in_five += tally.in_five
        total.matched += tally.matched
        total.right += tally.right
        total.times_ms += tally.times_ms
    print(total.line("all"))


if __name__ == "__main__":
    main()
