"""How a text becomes search words."""

from __future__ import annotations

import pytest

from coopkg import words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("L’Œuvre à l'École", ["oeuvre", "a", "ecole"]),
        ("jusqu'à Saint-Étienne", ["a", "saint", "etienne"]),
        ("Ste-Foy", ["sainte", "foy"]),
        ("lutte CONTRE l’exclusion", ["lutte", "contre", "exclusion"]),
        ("women's rights", ["women", "rights"]),
        ("e\u0301te\u0301", ["ete"]),
        ('\x00\u202e\ud800 "a" NEAR(b) * -c', ["a", "near", "b", "c"]),
        ("", []),
    ],
)
def test_words_are_found_without_case_accents_and_elisions(text: str, found: list[str]) -> None:
    assert words.words(text) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("association", "associations"),
        ("régional", "régionales"),
        ("projet", "projets"),
        ("évaluer", "évalué"),
        ("emploi", "emplois"),
        ("lieu", "lieux"),
        ("régional", "régionaux"),
        ("réseau", "réseaux"),
    ],
)
def test_inflections_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert words.stem(words.folded(one), "fr") == words.stem(words.folded(other), "fr")


def test_the_place_of_a_word_is_that_in_the_composed_text() -> None:
    text = words.composed("À l’e\u0301cole")
    assert [text[token.start : token.end] for token in words.tokens(text)] == ["À", "école"]


def test_a_question_leaves_out_words_that_mean_nothing_but_is_never_empty() -> None:
    assert words.asked("les projets de la Fonda") == ["projets", "fonda"]
    assert words.asked("de la") == ["de", "la"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("217 500 016", "217500016"),
        ("217.500.016 00019", "21750001600019"),
        ("w751234567", "W751234567"),
        ("2a004", "2A004"),
        ("75", "75"),
        ("1", ""),
        ("12345678", ""),
        ("Paris", ""),
    ],
)
def test_identifiers_are_known_in_each_of_their_spellings(text: str, kept: str) -> None:
    assert words.identifier(text) == kept


def test_the_nearest_words_are_those_with_the_fewest_faults() -> None:
    assert words.nearest("montpelier", ["montpellier", "montpelliers", "montélimar"]) == ["montpellier"]
    assert words.nearest("ess", ["iss", "eau", "est"]) == ["iss", "est"]
    assert words.nearest("abc", ["xyz"]) == []
