"""An index that followed any changes equals one that is built anew."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from coopkg import names
from coopkg.index import Index, Wanted
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import QuadStore

_ID, _SCHEME = f"{names.BASE}id/", f"{names.BASE}scheme/"
_GRAPHS = (f"{names.GRAPH}a-page", f"{names.GRAPH}b-page", names.INFERRED_GRAPH)
_WORDS = ("Jardin partagé", "L’eau de l'Isère", "Œuvre", "Paris", "Atelier des associations")
_CODES = ("217500016", "75056", "W751234567")


def _things(kind: str, count: int = 3) -> list[NamedNode]:
    return [NamedNode(f"{_ID}{kind}/{number}") for number in range(count)]


def _concepts(scheme: str, count: int = 3) -> list[NamedNode]:
    return [NamedNode(f"{_SCHEME}{scheme}/{number}") for number in range(count)]


_ACTIONS, _AGENTS, _PARTICIPATIONS = _things("project"), _things("organisation"), _things("participation", 5)
_TERRITORIES, _LESSONS, _OUTCOMES = _things("territory", 4), _things("lesson"), _things("outcome")
_SOURCES, _THEMES = _things("source", 2), _concepts("theme", 4)
_LEVELS = [NamedNode(f"{_SCHEME}territory-level/{level}") for level in ("region", "departement", "commune")]
_CLASSES = {
    "coop:Project": _ACTIONS,
    "coop:Action": _ACTIONS,
    "coop:Event": _ACTIONS,
    "org:Organization": _AGENTS,
    "coop:StakeholderGroup": _AGENTS,
    "coop:Territory": _TERRITORIES,
    "coop:Lesson": _LESSONS,
    "coop:Outcome": _OUTCOMES,
    "coop:SourceDocument": _SOURCES,
    "skos:Concept": _THEMES,
}
_LINKS = {
    "coop:inAction": (_PARTICIPATIONS, _ACTIONS),
    "coop:participant": (_PARTICIPATIONS, _AGENTS),
    "coop:role": (_PARTICIPATIONS, _concepts("role")),
    "org:classification": (_AGENTS, _concepts("stakeholder-kind")),
    "coop:locatedIn": (_ACTIONS, _TERRITORIES),
    "coop:within": (_TERRITORIES, _TERRITORIES),
    "coop:territoryLevel": (_TERRITORIES, _LEVELS),
    "coop:theme": ([*_ACTIONS, *_LESSONS], _THEMES),
    "dcterms:subject": (_SOURCES, _THEMES),
    "skos:broader": (_THEMES, _THEMES),
    "coop:hasOutcome": (_ACTIONS, _OUTCOMES),
    "coop:outcomeKind": (_OUTCOMES, _concepts("outcome-kind")),
    "coop:hasLesson": (_ACTIONS, _LESSONS),
    "coop:lessonKind": (_LESSONS, _concepts("lesson-kind")),
    "coop:inProgramme": (_ACTIONS, _ACTIONS),
    "coop:status": (_ACTIONS, _concepts("status")),
    "dcterms:publisher": (_SOURCES, _AGENTS),
    "coop:pageKind": (_SOURCES, _concepts("page-kind")),
}
_ANYTHING = [*_ACTIONS, *_AGENTS, *_TERRITORIES, *_LESSONS, *_OUTCOMES, *_SOURCES, *_THEMES]


def _term(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(names.PREFIXES[prefix] + local)


def _possible() -> Iterator[tuple[NamedNode, NamedNode, NamedNode | Literal]]:
    """Yield every statement that a case may hold."""
    for cls, things in _CLASSES.items():
        yield from ((thing, _term("rdf:type"), _term(cls)) for thing in things)
    for predicate, (subjects, values) in _LINKS.items():
        yield from ((subject, _term(predicate), value) for subject in subjects for value in values)
    yield from ((theme, _term("skos:inScheme"), NamedNode(f"{_SCHEME}theme")) for theme in _THEMES)
    for thing in _ANYTHING:
        for predicate in ("skos:prefLabel", "skos:altLabel", "dcterms:description"):
            yield from ((thing, _term(predicate), Literal(text, language="fr")) for text in _WORDS)
        yield thing, _term("skos:prefLabel"), Literal("A garden", language="en")
    for action in _ACTIONS:
        yield from ((action, _term("coop:earliestDate"), Literal(f"20{year}-01-01")) for year in (17, 19))
        yield action, _term("coop:latestDate"), Literal("2021-12-31")
    yield from ((thing, _term("coop:siren"), Literal(code)) for thing in _AGENTS for code in _CODES)
    yield from ((thing, _term("igeo:codeINSEE"), Literal(code)) for thing in _TERRITORIES for code in _CODES)


_STATEMENTS = list(_possible())


def _draw(dice: random.Random, count: int) -> set[Quad]:
    return {Quad(*dice.choice(_STATEMENTS), NamedNode(dice.choice(_GRAPHS))) for _ in range(count)}


def _told(index: Index) -> dict[str, object]:
    """Return all that an index holds, without the numbers of its entries."""
    with index._reading() as reading:
        iris = dict(reading.rows("SELECT id, iri FROM entry"))
        tables = {
            "entry": "iri, kind, list, rank, name_fr, name_en, date, size, weight, content FROM entry",
            "start": "iri, text, is_whole, start.rank, start.weight FROM start JOIN entry ON id = entry",
            "identifier": "iri, value FROM identifier JOIN entry ON id = entry",
            "word": "iri, label, names, texts, label_stems, text_stems FROM word JOIN entry ON id = word.rowid",
        }
        told: dict[str, object] = {
            name: sorted(reading.rows(f"SELECT {what}"), key=str) for name, what in tables.items()
        }
        sizes = {name: next(reading.rows("SELECT count(*) FROM " + name)) for name in tables}  # noqa: S608  # names of ours
        sets = reading.sets

        def named(bits: int) -> list[str]:
            return sorted(iri for number, iri in iris.items() if bits >> number & 1)

        told["values"] = {
            (kind, facet, value): named(bits)
            for (kind, facet), values in sets.values.items()
            for value, bits in values.items()
        }
        told["kinds"] = {kind: named(bits) for kind, bits in sets.kinds.items()}
        told["listed"] = {kind: named(bits) for kind, bits in sets.listed.items()}
        return told | {"sizes": sizes}


@pytest.mark.parametrize("seed", range(12))
def test_an_index_that_followed_any_changes_equals_one_built_anew(seed: int) -> None:
    dice = random.Random(seed)
    held = _draw(dice, dice.choice((80, 150, 400)))
    store = QuadStore.apart(held)
    followed = Index()
    followed.build(store, 1)
    for revision in range(2, 17):
        removed = set(dice.sample(sorted(held, key=str), min(len(held), dice.choice((0, 1, 3, 40)))))
        added = _draw(dice, dice.choice((0, 1, 3, 40))) - held
        store.change(removed, list(added))
        held = (held - removed) | added
        followed.update(store, list(removed), list(added), revision)
        anew = Index()
        anew.build(store, revision)
        assert _told(followed) == _told(anew)
        for kind in ("action", "organisation", "territory", "lesson", "source", "theme"):
            for sort in ("name", "-name", "date", "-date", "size", "-size"):
                wanted = Wanted(kind, sort=sort)
                assert followed.listing(wanted, 1, 50) == anew.listing(wanted, 1, 50)
        anew.close()
    followed.close()
