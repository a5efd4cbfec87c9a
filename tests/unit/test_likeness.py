"""What may be the same resource under two IRIs, and what may not."""

from __future__ import annotations

import pytest

from coopkg import names
from coopkg.likeness import MOST_ALIKE, Named, Register, alike, folded, said_by

ORGANISATION = f"{names.PREFIXES['org']}Organization"
PROJECT = f"{names.COOP}Project"
PARIS, LYON = "https://w3id.org/coopkg/id/territory/commune/75056", "https://w3id.org/coopkg/id/territory/commune/69123"


def a_resource(slug: str, name: str, kind: str = ORGANISATION, **said: str) -> Named:
    terms = {
        "siren": f"{names.COOP}siren",
        "siret": f"{names.COOP}siret",
        "rna": f"{names.COOP}rna",
        "place": f"{names.COOP}hasJurisdictionOver",
        "zone": f"{names.COOP}coversTerritory",
        "page": f"{names.PREFIXES['foaf']}homepage",
        "other_name": f"{names.SKOS}altLabel",
    }
    pairs = [(f"{names.RDF}type", kind), (f"{names.SKOS}prefLabel", name)]
    return Named.of(f"{names.BASE}id/{slug}", [*pairs, *((terms[key], value) for key, value in said.items())])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("La Fonda", "Fonda"),
        ("La Fonda", "la fonda"),
        ("LA FONDA", "Fonda"),
        ("Association La Cloche", "La Cloche"),
        ("La Cloche (association)", "La Cloche"),
        ("Les Jardiniers", "Association des jardiniers"),
        ("L’Éditrice", "L'Éditrice"),
        ("L’Éditrice", "Editrice"),
        ("Agence française de développement", "Agence Francaise de Développement"),
        ("Réseau Éco Habitat", "Reseau Eco-Habitat"),
        ("Réseau Éco-Habitat", "RÉSEAU ÉCO HABITAT"),
        ("Un Point d’eau", "Point d'eau"),
        ("A.N.V.I.T.A.", "Anvita"),
        ("U.N.A.F", "UNAF"),
        ("Cœur de ville", "Coeur de Ville"),
        ("Emmaüs France", "Emmaus France"),
        ("Secours catholique - Caritas France", "Secours Catholique–Caritas France"),
        ("Arts & Développement", "Arts et développement"),
        ("Saint-Denis solidaire", "St Denis Solidaire"),
        ("Sainte Marthe", "Ste-Marthe"),
        ("SCOP Le Relais", "Le Relais"),
        ("Le Relais SCIC SA", "Le Relais"),
        ("Épicerie sociale", "épicerie  sociale"),
        ("Ville de Paris", "Ville Paris"),
        ("Maison des associations « Rive droite »", "Maison des associations Rive droite"),
        ("Vrac Lyon, association loi 1901", "Vrac Lyon"),
        ("Fédération des centres sociaux du Rhône", "Fédération des Centres sociaux, Rhône"),
        ("Un jardin à plusieurs", "Jardin à plusieurs"),
        ("Noël solidaire", "Noe\u0308l solidaire"),
        ("Entourage.", "Entourage"),
    ],
)
def test_two_spellings_of_a_name_are_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert alike(a_resource("a", one), a_resource("b", other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("La Fonda", "La Fondation"),
        ("La Cloche", "La Clochette"),
        ("Vrac Lyon", "Vrac Paris"),
        ("Fondation de France", "France Active"),
        ("Ville de Paris", "Paris"),
        ("Secours catholique", "Secours populaire"),
        ("Maison de quartier nord", "Maison de quartier sud"),
        ("Atelier 1", "Atelier 2"),
        ("Faire ensemble 2030", "Faire ensemble 2022"),
        ("Emmaüs", "Emmaüs Connect"),
        ("Unis-Cité", "Unis pour la cité"),
        ("Centre social de Vienne", "Centre social de Valence"),
        ("L'Association", "La Fédération"),
        ("A.B.C.", "A.B.D."),
        ("Habitat et humanisme", "Habitat humanisme Rhône"),
        ("CAF du Rhône", "CAF de la Loire"),
        ("Association 1901", "Association"),
        ("Pôle emploi", "Pôle Emploi Lyon"),
        ("Régie", "Régie de quartier"),
        ("Le Carillon", "Carillons"),
    ],
)
def test_two_names_are_two(one: str, other: str) -> None:
    assert not alike(a_resource("a", one), a_resource("b", other))


SAME_NAME = "Les Jardiniers"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_resource("a", SAME_NAME, place=PARIS), a_resource("b", SAME_NAME, place=LYON)),
        (a_resource("a", SAME_NAME, page="https://a.fr"), a_resource("b", SAME_NAME, page="https://b.fr")),
        (a_resource("a", SAME_NAME, siren="732829320"), a_resource("b", SAME_NAME, siren="552100554")),
        (a_resource("a", SAME_NAME, rna="W751000000"), a_resource("b", SAME_NAME, rna="W751000001")),
        (
            a_resource("a", SAME_NAME, siren="732829320", place=PARIS),
            a_resource("b", SAME_NAME, siren="552100554", place=PARIS),
        ),
        (a_resource("a", SAME_NAME, PROJECT, zone=PARIS), a_resource("b", SAME_NAME, PROJECT, zone=LYON)),
        (a_resource("a", SAME_NAME, PROJECT), a_resource("b", SAME_NAME, ORGANISATION)),
        (a_resource("a", "Une", siren="732829320"), a_resource("b", "Autre", siren="552100554")),
        (a_resource("a", "Une", page="https://a.fr"), a_resource("b", "Autre", page="https://a.fr")),
        (a_resource("a", "Une", place=PARIS), a_resource("b", "Autre", place=PARIS)),
        (a_resource("a", SAME_NAME, f"{names.COOP}StakeholderGroup"),) * 2,
        (a_resource("a", SAME_NAME),) * 2,
    ],
    ids=lambda named: named.iri[-1],
)
def test_homonyms_that_are_told_apart_are_two(one: Named, other: Named) -> None:
    assert not alike(one, other)
    assert not alike(other, one)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (a_resource("a", "Une", siren="732829320"), a_resource("b", "Autre", siren="732829320"), "siren"),
        (a_resource("a", "Une", rna="W751000000"), a_resource("b", "Autre", rna="W751000000"), "rna"),
        (a_resource("a", "Une", siret="73282932000074"), a_resource("b", "Autre", siret="73282932000074"), "siret"),
        (a_resource("a", SAME_NAME, place=PARIS), a_resource("b", SAME_NAME, place=PARIS), "prefLabel"),
        (a_resource("a", SAME_NAME, place=PARIS), a_resource("b", SAME_NAME), "prefLabel"),
        (
            a_resource("a", SAME_NAME, page="https://www.jardiniers.fr/"),
            a_resource("b", SAME_NAME, page="http://jardiniers.fr"),
            "prefLabel",
        ),
        (
            a_resource("a", SAME_NAME, place=PARIS, page="https://jardiniers.fr"),
            a_resource("b", SAME_NAME, place=LYON, page="https://jardiniers.fr"),
            "prefLabel",
        ),
        (a_resource("a", "Anvita"), a_resource("b", "Villes accueillantes", other_name="ANVITA"), "prefLabel"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.iri[-1],
)
def test_what_nothing_tells_apart_may_be_the_same(one: Named, other: Named, why: str) -> None:
    assert alike(one, other).endswith(why)
    assert alike(other, one).endswith(why)


def test_a_register_finds_what_is_alike_and_follows_a_change() -> None:
    before = Register([a_resource("a", "La Fonda"), a_resource("b", "Vrac")])
    assert [other.iri[-1] for other, _ in before.like(a_resource("c", "fonda"))] == ["a"]
    after = before.with_changed([a_resource("a", "Autre nom"), a_resource("c", "Fonda")])
    assert [other.iri[-1] for other, _ in after.like(a_resource("d", "fonda"))] == ["c"]
    assert [other.iri[-1] for other, _ in before.like(a_resource("d", "fonda"))] == ["a"], "the one before is as it was"


def test_a_register_after_many_changes_is_as_one_made_at_once() -> None:
    register = Register([a_resource(f"{number}", f"Nom {number % 70}") for number in range(300)])
    last = {}
    for number in range(2_500):
        named = a_resource(f"{number % 900}", f"Nom {number % 71}")
        last[named.iri] = named
        register = register.with_changed([named])
    at_once = Register(last.values())
    for name in range(71):
        asked = a_resource("asked", f"nom {name}")
        assert [o.iri for o, _ in register.like(asked)] == [o.iri for o, _ in at_once.like(asked)]


def test_only_what_is_named_once_for_the_whole_graph_is_compared() -> None:
    label, kind = f"{names.SKOS}prefLabel", f"{names.RDF}type"
    said = said_by(
        [
            ("urn:a", kind, ORGANISATION),
            ("urn:a", label, "A"),
            ("urn:a", "urn:else", "x"),
            ("urn:group", kind, f"{names.COOP}StakeholderGroup"),
            ("urn:group", label, "A"),
        ]
    )
    assert said == {"urn:a": [(kind, ORGANISATION), (label, "A")]}


def test_a_name_that_many_share_tells_nothing_and_says_so_to_those_who_shared_it() -> None:
    few = [a_resource(f"{number}", "Un projet") for number in range(MOST_ALIKE)]
    register = Register(few)
    assert len(list(register.like(few[0]))) == MOST_ALIKE - 1
    one_more = a_resource("more", "Un projet")
    after = register.with_changed([one_more])
    assert not any(list(after.like(named)) for named in (*few, one_more))
    assert after.near(one_more.iri) == {named.iri for named in (*few, one_more)}
    assert not after.with_changed([a_resource("again", "Un projet")]).near(one_more.iri), "nothing changes any more"
    assert register.near(few[0].iri) == {named.iri for named in few}
    assert not register.near("https://example.org/unknown")
