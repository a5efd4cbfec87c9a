"""Which thing is meant: candidates, what their scores are made of, and when one of them is sure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coopkg import names
from coopkg.errors import InputError
from coopkg.index import Index
from coopkg.rdf import RdfFormat, parse_quads
from coopkg.reconciliation import Candidate, Extension, Matcher, Question, matching, phrase, properties, scoring, types
from coopkg.reconciliation.scoring import Feature
from coopkg.store import QuadStore
from coopkg.view import View
from tests.builders import ID, SCHEME

_PREFIXES = "\n".join(f"PREFIX {name}: <{iri}>" for name, iri in names.PREFIXES.items())
LEVEL = f"{SCHEME}territory-level/"
ORGANISATION = f"{names.PREFIXES['org']}Organization"


def a_territory(level: str, code: str, name: str, within: str = "", population: int = 100) -> str:
    more = "".join(f" ; coop:within <{ID}territory/{place}>" for place in within.split())
    return (
        f'<{ID}territory/{level}/{code}> a coop:Territory ; skos:prefLabel "{name}"@fr ; igeo:codeINSEE "{code}" ; '
        f"coop:territoryLevel <{LEVEL}{level}> ; coop:population {population}{more} .\n"
    )


def a_level(slug: str, name: str) -> str:
    return f'<{LEVEL}{slug}> a skos:Concept ; skos:inScheme <{LEVEL[:-1]}> ; skos:prefLabel "{name}"@fr .\n'


_WORLD = f"""{_PREFIXES}
<https://w3id.org/coopkg/graph/world> {{
    {a_level("commune", "Commune")}{a_level("departement", "Département")}{a_level("region", "Région")}
    {a_territory("region", "11", "Île-de-France")}
    {a_territory("region", "04", "La Réunion")}
    {a_territory("region", "76", "Occitanie")}
    {a_territory("departement", "93", "Seine-Saint-Denis", "region/11")}
    {a_territory("departement", "974", "La Réunion")}
    {a_territory("departement", "75", "Paris", "region/11")}
    {a_territory("departement", "11", "Aude")}
    {a_territory("commune", "75056", "Paris", "departement/75 region/11", 2_000_000)}
    {a_territory("commune", "93066", "Saint-Denis", "departement/93 region/11", 149_000)}
    {a_territory("commune", "97411", "Saint-Denis", "departement/974 region/04", 155_000)}
    {a_territory("commune", "11339", "Saint-Denis", "departement/11 region/76", 500)}
    {a_territory("commune", "34172", "Montpellier", "", 300_000)}
    {a_territory("commune", "26197", "Montélier", "", 4_000)}
    {a_territory("commune", "93048", "Montreuil", "departement/93 region/11", 110_000)}
    <{ID}organisation/rnma> a org:Organization ; coop:rna "W751234567" ; coop:siren "217500016" ;
        skos:prefLabel "Réseau national des maisons des associations"@fr ; foaf:homepage <https://www.rnma.fr/> ;
        org:classification <{SCHEME}stakeholder-kind/network> .
    <{ID}organisation/ville-de-paris> a org:Organization ; skos:prefLabel "Ville de Paris"@fr .
    <{ID}organisation/centres-drome> a org:Organization ; skos:prefLabel "Fédération des centres sociaux Drôme"@fr .
    <{ID}organisation/faire-2030> a org:Organization ; skos:prefLabel "Faire ensemble 2030"@fr .
    <{ID}organisation/la-cloche> a org:Organization ; skos:prefLabel "La Cloche"@fr .
    <{SCHEME}stakeholder-kind/network> a skos:Concept ; skos:prefLabel "Réseaux"@fr .
    <{ID}project/a> a coop:Project, coop:Action ; skos:prefLabel "Jardins partagés"@fr, "Shared gardens"@en ;
        dcterms:description "Cultiver à plusieurs."@fr ; coop:earliestDate "2018-05"^^xsd:gYearMonth .
    <{SCHEME}theme/food> a skos:Concept ; skos:inScheme <{SCHEME}theme> ; skos:prefLabel "Alimentation"@fr .
    <{ID}lesson/l> a coop:Lesson ; skos:prefLabel "La Cloche sonne"@fr .
}}
"""


@pytest.fixture(scope="module")
def store() -> QuadStore:
    """Return the store of a small world."""
    return QuadStore.apart(list(parse_quads(_WORLD.encode(), RdfFormat.TRIG, "a test")))


@pytest.fixture(scope="module")
def index(store: QuadStore) -> Iterator[Index]:
    """Give the index of it."""
    made = Index()
    made.build(store, 7)
    yield made
    made.close()


@pytest.fixture
def matcher(index: Index, store: QuadStore) -> Matcher:
    """Return who answers over it, in French."""
    return Matcher(index, View(store, "fr"))


def asked(matcher: Matcher, text: str, **more: object) -> list[Candidate]:
    return matcher.candidates(Question.of({"query": text, **more}))


def matched(found: list[Candidate]) -> list[str]:
    """The ends of the IRIs of those that are sure."""
    return [one.entry.iri.removeprefix(ID) for one in found if one.is_match]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("La Cloche", "organisation/la-cloche"),
        ("LA CLOCHE", "organisation/la-cloche"),
        ("l'association cloche", "organisation/la-cloche"),
        ("Asso La Cloche (loi 1901)", "organisation/la-cloche"),
        ("SCIC La Cloche", "organisation/la-cloche"),
        ("La Clohe", "organisation/la-cloche"),
        ("Federation des centre sociaux de la Drome", "organisation/centres-drome"),
        ("Reseau national des maisons d'associations", "organisation/rnma"),
        ("maisons des associations, réseau national", "organisation/rnma"),
        ("Réseau national des maisons des associations (RNMA)", "organisation/rnma"),
        ("Shared gardens", "project/a"),
        ("partagés jardins", "project/a"),
        ("montreuil", "territory/commune/93048"),
        ("Commune de Montreuil", "territory/commune/93048"),
        ("Montreuil (93)", "territory/commune/93048"),
        ("93048 Montreuil", "territory/commune/93048"),
        ("Montreuil, Seine-Saint-Denis", "territory/commune/93048"),
        ("St Denis (93)", "territory/commune/93066"),
        ("saint denis 93200", "territory/commune/93066"),
        ("Saint-Denis (La Réunion)", "territory/commune/97411"),
        ("Saint-Denis (97400)", "territory/commune/97411"),
        ("dpt de la Seine St Denis", "territory/departement/93"),
        ("ile de france", "territory/region/11"),
        ("93066", "territory/commune/93066"),
        ("217 500 016", "organisation/rnma"),
        (f"{ID}organisation/la-cloche", "organisation/la-cloche"),
    ],
)
def test_a_thing_is_found_under_what_people_write(matcher: Matcher, text: str, wanted: str) -> None:
    assert matched(asked(matcher, text)) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "Saint-Denis",  # three of them
        "Paris",  # the commune and the département
        "Ville de Paris",  # the organisation and the commune
        "Montelier (34)",  # there is one, elsewhere
        "Montpelier",  # a letter from two names
        "La Coche d'Or",
        "Fédération des centres sociaux Isère",  # a sister that is not there
        "Fédération des centres sociaux",
        "Faire ensemble 2020",
        "11",  # the code of a région and of a département
        "Saint-Denis (Texas)",
        "zzyzx",
    ],
)
def test_what_is_not_sure_is_no_match(matcher: Matcher, text: str) -> None:
    assert matched(asked(matcher, text)) == []


@pytest.mark.parametrize(
    ("pid", "value", "wanted"),
    [
        ("departement", "93", "93066"),
        ("departement", 93.0, "93066"),
        ("departement", "Seine Saint Denis", "93066"),
        ("departement", "seine-st-denis", "93066"),
        ("departement", {"id": f"{ID}territory/departement/974", "name": "La Réunion"}, "97411"),
        ("departement", ["974", "976"], "97411"),
        ("departement", "93200", "93066"),
        ("region", "Ile-de-France", "93066"),
        ("insee", "11339", "11339"),
        ("territory", "Aude", "11339"),
    ],
)
def test_a_property_tells_things_of_one_name_apart(matcher: Matcher, pid: str, value: object, wanted: str) -> None:
    found = asked(matcher, "Saint-Denis", properties=[{"pid": pid, "v": value}])
    assert matched(found) == [f"territory/commune/{wanted}"]
    assert len(found) == 1 or found[1].score <= 80


def test_a_type_that_should_be_comes_first_and_one_that_must_be_comes_alone(matcher: Matcher) -> None:
    commune, departement = f"{LEVEL}commune", f"{LEVEL}departement"
    should = asked(matcher, "Paris", type=commune)
    assert matched(should) == ["territory/commune/75056"]
    assert [one.score for one in should[:2]] == [100.0, 80.0]
    assert {one.types[0] for one in asked(matcher, "Paris", type=departement, type_strict="any")} == {departement}
    assert matched(asked(matcher, "Ville de Paris", type=[ORGANISATION])) == ["organisation/ville-de-paris"]
    both = [ORGANISATION, commune]
    assert asked(matcher, "Paris", type=both, type_strict="all") == []
    assert {one.types[0] for one in asked(matcher, "Ville de Paris", type=both, type_strict="any")} == set(both)


def test_an_identifier_of_a_property_is_enough_but_no_match_against_the_name(matcher: Matcher) -> None:
    code = [{"pid": "insee", "v": "93066"}]
    assert matched(asked(matcher, "", properties=code)) == ["territory/commune/93066"]
    assert matched(asked(matcher, "st denis", properties=code)) == ["territory/commune/93066"]
    (found,) = asked(matcher, "Montpellier", properties=code)
    assert (found.score, found.is_match) == (100.0, False)


def test_an_identifier_that_nothing_has_leaves_the_name_to_decide(matcher: Matcher) -> None:
    siren = [{"pid": "siren", "v": "999999999"}]
    assert matched(asked(matcher, "La Cloche", properties=siren)) == ["organisation/la-cloche"]
    (first, *_) = asked(matcher, "Réseau national des maisons des associations", properties=siren)
    assert (first.score, first.is_match) == (80.0, False)


def test_a_website_fits_whatever_its_scheme(matcher: Matcher) -> None:
    known = [{"pid": "website", "v": "http://rnma.fr"}]
    (first, *_) = asked(matcher, "Réseau national des maisons d’associations", properties=known)
    assert Feature("website", 100.0) in first.features
    assert first.is_match


def test_what_is_of_no_type_that_can_be_meant_is_never_a_candidate(matcher: Matcher) -> None:
    for text in ("La Cloche sonne", f"{ID}lesson/l"):
        assert all("/lesson/" not in one.entry.iri for one in asked(matcher, text))


def test_as_many_candidates_are_given_as_are_wanted(matcher: Matcher) -> None:
    assert len(asked(matcher, "Saint-Denis", limit=2)) == 2
    assert len(asked(matcher, "Saint-Denis", limit=0)) <= 5


def test_features_explain_the_score(matcher: Matcher) -> None:
    known = [{"pid": "departement", "v": "93"}, {"pid": "population", "v": "149000"}]
    for one in asked(matcher, "Saint Dennis (93)", type=f"{LEVEL}commune", properties=known):
        assert one.score == scoring.score(one.features)
        assert {"name", "type", "departement"} <= {feature.id for feature in one.features}


@pytest.mark.parametrize(
    ("own", "following", "is_clear"),
    [(100.0, 99.0, False), (100.0, 98.0, True), (90.0, 81.0, False), (90.0, 80.0, True), (79.0, 0.0, False)],
)
def test_one_stands_clear_when_the_next_is_twice_as_far(own: float, following: float, is_clear: bool) -> None:
    assert scoring.stands_clear([Feature("name", own)], following) is is_clear


def test_what_speaks_against_a_candidate_is_never_outvoted() -> None:
    assert not scoring.stands_clear([Feature("name", 100.0), Feature("departement", 40.0)], 0.0)
    assert scoring.stands_clear([Feature("name", 100.0), Feature("departement", 90.0)], 0.0)


def test_a_cell_is_read_as_it_stands_first() -> None:
    read = [(one.name, one.place, one.level) for one in phrase.phrases("Ville de  L’Haÿ (94)")]
    assert read[0] == ("Ville de L’Haÿ (94)", "", "")
    assert ("hay", "94", "commune") in read
    assert phrase.phrases("La Cloche") == [phrase.Phrase("La Cloche")]


@pytest.mark.parametrize("text", ["(" * 5_000, "-" * 5_000, "a, " * 2_000, "ville de " * 600, "(93)", ",", "\t\n"])
def test_no_text_takes_long_or_breaks_the_reading_of_a_cell(text: str) -> None:
    assert phrase.phrases(text)


_REFUSED: list[tuple[object, str]] = [
    ([], "query: an object"),
    (7, "query: an object"),
    ({}, "query.query: is missing"),
    ({"query": 7}, "query.query: a text is needed"),
    ({"query": "a\0"}, "U+0000"),
    ({"query": "\ud800"}, "half of a pair"),
    ({"query": "a" * 1_001}, "1,001 characters"),
    ({"query": "a", "limit": 51}, "more than the 50"),
    ({"query": "a", "limit": -1}, "whole number"),
    ({"query": "a", "limit": 1.5}, "whole number"),
    ({"query": "a", "limit": float("nan")}, "whole number"),
    ({"query": "a", "limit": float("inf")}, "whole number"),
    ({"query": "a", "limit": True}, "whole number"),
    ({"query": "a", "limit": "5"}, "whole number"),
    ({"query": "a", "type": 7}, "query.type: a list"),
    ({"query": "a", "type": [7]}, "query.type: a text"),
    ({"query": "a", "type": ["b"] * 21}, "query.type: 21 are too many"),
    ({"query": "a", "type_strict": "perhaps"}, "any, should, all"),
    ({"query": "a", "type_strict": []}, "any, should, all"),
    ({"query": "a", "properties": {"a": 1}}, "query.properties: a list"),
    ({"query": "a", "properties": ["x"]}, "query.properties[0]: an object"),
    ({"query": "a", "properties": [{"pid": "insee"}]}, "query.properties[0]: an object"),
    ({"query": "a", "properties": [{"pid": "shoe size", "v": "1"}]}, "no property here; there are name, "),
    ({"query": "a", "properties": [{"pid": "insee", "v": [1] * 11}]}, "query.properties[0].v: 11"),
    ({"query": "a", "properties": [{"pid": "insee", "v": {"name": "x"}}]}, "query.properties[0].v: a text"),
    ({"query": "a", "properties": [{"pid": "insee", "v": [[1]]}]}, "query.properties[0].v: a text"),
    ({"query": "a", "properties": [{"pid": "insee", "v": 1}] * 11}, "query.properties: 11 are too many"),
]


@pytest.mark.parametrize(("said", "told"), _REFUSED)
def test_a_question_that_cannot_be_read_is_refused_with_its_place(said: object, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        Question.of(said)


@pytest.mark.parametrize("empty", [None, "", [], ["", None]])
def test_a_property_without_a_value_says_nothing(empty: object) -> None:
    assert Question.of({"query": "a", "properties": [{"pid": "insee", "v": empty}]}).known == ()


def test_an_unknown_type_is_refused_with_those_that_there_are(matcher: Matcher) -> None:
    with pytest.raises(InputError, match=r"query\.type: 'x' is no type here; there are .*/commune"):
        asked(matcher, "Paris", type="x")


def test_values_are_fetched_with_names_or_as_identifiers(index: Index, store: QuadStore) -> None:
    iri = f"{ID}territory/commune/93066"
    wanted = [
        {"id": "departement"},
        {"id": "population"},
        {"id": "insee"},
        {"id": "type", "settings": {"content": "id", "limit": "1"}},
        {"id": "siren"},
    ]
    view = View(store, "fr")
    rows = Extension.of({"ids": [iri, "https://nowhere.example/"], "properties": wanted}).rows(index, view)
    assert rows[iri] == {
        "departement": [{"id": f"{ID}territory/departement/93", "name": "Seine-Saint-Denis"}],
        "population": [{"int": 149_000}],
        "insee": [{"str": "93066"}],
        "type": [{"str": f"{LEVEL}commune"}],
        "siren": [],
    }
    assert set(rows["https://nowhere.example/"]) == set(rows[iri])


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"ids": "x", "properties": []},
        {"ids": [7], "properties": []},
        {"ids": ["x"] * 101, "properties": []},
        {"ids": [], "properties": [{"id": "insee"}] * 26},
        {"ids": [], "properties": ["insee"]},
        {"ids": [], "properties": [{"id": "shoe size"}]},
        {"ids": [], "properties": [{"id": "insee", "settings": 7}]},
        {"ids": [], "properties": [{"id": "insee", "settings": {"limit": "many"}}]},
        {"ids": [], "properties": [{"id": "insee", "settings": {"limit": -1}}]},
        {"ids": [], "properties": [{"id": "insee", "settings": {"limit": "²"}}]},
        {"ids": [], "properties": [{"id": "insee", "settings": {"content": "all"}}]},
    ],
)
def test_a_wish_for_values_that_cannot_be_read_is_refused(said: object) -> None:
    with pytest.raises(InputError, match=r"^extend"):
        Extension.of(said)


def test_a_description_tells_things_of_one_name_apart(index: Index, store: QuadStore) -> None:
    view = View(store, "fr")
    said = {
        iri: matching.description(entry, view)
        for iri in (f"{ID}project/a", f"{ID}organisation/rnma", f"{SCHEME}theme/food")
        if (entry := index.entry(iri))
    }
    assert list(said.values()) == ["coop:Project, 2018", "Réseaux", "https://w3id.org/coopkg/scheme/theme"]


def test_each_property_is_one_of_the_kinds_that_can_be_meant() -> None:
    assert len({one.id for one in properties.PROPERTIES}) == len(properties.PROPERTIES)
    assert all(one.kinds and set(one.kinds) <= set(types.KINDS) for one in properties.PROPERTIES)
