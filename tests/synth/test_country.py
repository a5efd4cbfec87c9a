"""What made-up documents say: the same for the same seed, plainly made up, and as often as the real ones say it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from stdnum import luhn

from coopkg import names
from coopkg.content import Content
from coopkg.rdf import Quad, RdfFormat, parse_quads
from coopkg.synth import forms
from coopkg.synth.country import Country
from coopkg.synth.draft import Document
from coopkg.synth.places import Places

SIZE = 30_000
#: Of the first 2,000 triples or so, with seed 7.
DIGEST = "8435588c0c9d88a4cba9c87cf7325e08e9ae63b8d0e61688f2407cc1d96144d2"
TYPE = f"{names.RDF}type"


def as_quads(documents: Iterable[Document]) -> list[Quad]:
    return parse_quads("".join(map(forms.quads, documents)).encode(), RdfFormat.N_QUADS, "made up")


@pytest.fixture(scope="module")
def documents(places: Places) -> list[Document]:
    return list(Country(places, seed=7).documents(SIZE))


@pytest.fixture(scope="module")
def made_up(documents: list[Document]) -> list[Quad]:
    return as_quads(documents)


@pytest.fixture(scope="module")
def real(content: Content) -> list[Quad]:
    curated = [file for file in content.files if file.path.startswith(("data/sources/", "data/organisations"))]
    return [quad for file in curated for quad in content.read(file)]


def test_the_same_seed_gives_the_same_bytes_on_any_machine(places: Places) -> None:
    made = b"".join(forms.written(Country(places, seed=7).documents(2_000), "nq"))
    assert hashlib.sha256(made).hexdigest() == DIGEST, "another graph: raise coopkg.synth.country.VERSION"


def test_another_seed_gives_another_graph(places: Places, documents: list[Document]) -> None:
    assert Country(places, seed=8).document() != documents[0]


def test_a_larger_graph_begins_with_the_smaller_one(places: Places, documents: list[Document]) -> None:
    smaller = list(Country(places, seed=7).documents(1_000))
    assert documents[: len(smaller)] == smaller


def test_there_are_as_many_triples_as_asked_for_or_a_few_more(documents: list[Document]) -> None:
    sizes = [len(document) for document in documents]
    assert SIZE <= sum(sizes) < SIZE + sizes[-1]


@pytest.mark.parametrize(
    ("form", "known"), [("nt", RdfFormat.N_TRIPLES), ("ttl", RdfFormat.TURTLE), ("trig", RdfFormat.TRIG)]
)
def test_each_form_says_the_same(places: Places, form: str, known: RdfFormat) -> None:
    some = list(Country(places, seed=7).documents(3_000))
    read = parse_quads(b"".join(forms.written(some, form)), known, form)
    wanted = as_quads(some)
    if form == "trig":
        assert set(read) == set(wanted)
    assert {quad.triple for quad in read} == {quad.triple for quad in wanted}
    assert len(read) == len(wanted)


def test_no_triple_is_said_twice(made_up: list[Quad]) -> None:
    assert len({quad.triple for quad in made_up}) == len(made_up)


def test_everything_described_is_plainly_made_up(documents: list[Document], made_up: list[Quad]) -> None:
    assert all("/synth-" in quad.subject.value for quad in made_up)  # type: ignore[union-attr]  # no blank nodes
    for document in documents:
        assert document.graph.startswith(f"{names.GRAPH}synth-")
        assert any("rien n'y est vrai" in statement.object for statement in document.own)


def test_nothing_has_the_name_of_a_real_thing(made_up: list[Quad], real: list[Quad]) -> None:
    assert not {quad.subject for quad in made_up} & {quad.subject for quad in real}


def test_identifiers_have_their_check_digits_and_are_nobodys(made_up: list[Quad]) -> None:
    numbers = [value(quad) for quad in made_up if named(quad) in ("coop:siren", "coop:siret")]
    assert len(numbers) > 50
    for number in numbers:
        assert luhn.is_valid(number)
        assert number.startswith("0")  # no real one does


def test_few_organisations_take_part_in_most_projects(made_up: list[Quad]) -> None:
    times = Counter(value(q) for q in made_up if named(q) == "coop:participant" and "/organisation/" in value(q))
    often = [number for _, number in times.most_common()]
    assert often[0] > 0.05 * sum(often)
    assert sum(number == 1 for number in often) > 0.5 * len(often)


def test_words_are_selective_and_not(made_up: list[Quad]) -> None:
    texts = [value(q) for q in made_up if named(q) == "dcterms:description" and q.object.language == "fr"]  # type: ignore[union-attr]  # texts
    shares = {word: sum(word in text for text in texts) / len(texts) for word in ("habitants", "jardin", "orangerie")}
    assert shares["habitants"] > 0.15
    assert shares["jardin"] > 0.12
    assert 0 < shares["orangerie"] < 0.05


def value(quad: Quad) -> str:
    return getattr(quad.object, "value", "")


def named(quad: Quad) -> str:
    return names.short(quad.predicate.value)


def share_of(name: str) -> Callable[[list[Quad]], dict[str, float]]:
    """Return how a property's values are shared out."""

    def shares(quads: list[Quad]) -> dict[str, float]:
        values = Counter(value(quad) for quad in quads if named(quad) == name)
        return {one: number / values.total() for one, number in values.items()}

    return shares


@pytest.mark.parametrize(
    "name",
    [
        "coop:role",
        "coop:theme",
        "coop:actionKind",
        "coop:outcomeKind",
        "coop:lessonKind",
        "coop:pageKind",
        "coop:status",
        "org:classification",
    ],
)
def test_values_are_shared_out_as_in_the_real_data(made_up: list[Quad], real: list[Quad], name: str) -> None:
    ours, theirs = share_of(name)(made_up), share_of(name)(real)
    assert ours.keys() <= theirs.keys()
    assert sum(abs(ours.get(one, 0) - share) for one, share in theirs.items()) / 2 < 0.15


def measures(quads: list[Quad]) -> dict[str, float]:
    """What is compared: how many there are of a kind for each action, and how long texts are."""
    typed = {quad.triple for quad in quads if quad.predicate.value == TYPE}  # several documents may describe one action
    kinds = Counter(names.short(getattr(triple.object, "value", "")) for triple in typed)
    actions = sum(kinds[f"coop:{kind}"] for kind in ("Project", "Action", "Event", "Experiment", "Programme"))
    said = Counter(named(quad) for quad in quads)
    described = [value(q).split() for q in quads if named(q) == "dcterms:description" and q.object.language == "fr"]  # type: ignore[union-attr]  # texts
    return {
        "triples": len(quads) / actions,
        "participations": kinds["coop:Participation"] / actions,
        "outcomes": kinds["coop:Outcome"] / actions,
        "measures": kinds["coop:Measure"] / actions,
        "lessons": kinds["coop:Lesson"] / actions,
        "groups": kinds["coop:StakeholderGroup"] / actions,
        "themes": said["coop:theme"] / actions,
        "territories": said["coop:coversTerritory"] / actions,
        "dates": said["coop:earliestDate"] / actions,
        "words": sum(map(len, described)) / len(described),
    }


def test_there_is_as_much_of_each_as_in_the_real_data(made_up: list[Quad], real: list[Quad]) -> None:
    ours, theirs = measures(made_up), measures(real)
    ratios = {one: round(ours[one] / theirs[one], 2) for one in theirs}

    assert all(0.8 < ratio < 1.25 for ratio in ratios.values()), ratios
