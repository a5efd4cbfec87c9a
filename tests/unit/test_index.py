"""The search index over small graphs: lists, searches, suggestions, and what an update costs."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from coopkg import names, scratch
from coopkg.errors import DiskFullError, InputError, Refused
from coopkg.index import Index, Wanted, namesakes
from coopkg.rdf import Quad, RdfFormat, parse_quads
from coopkg.store import QuadStore
from tests.builders import ID, SCHEME, a_source

_PREFIXES = "\n".join(f"PREFIX {name}: <{iri}>" for name, iri in names.PREFIXES.items())
_WORLD = f"""{_PREFIXES}
PREFIX id: <{ID}>
PREFIX theme: <{SCHEME}theme/>
PREFIX level: <{SCHEME}territory-level/>
PREFIX kind: <{SCHEME}stakeholder-kind/>
<https://w3id.org/coopkg/graph/world> {{
    theme:food a skos:Concept ; skos:inScheme <{SCHEME}theme> ; skos:prefLabel "Alimentation"@fr, "Food"@en ;
        skos:broader theme:society .
    theme:society a skos:Concept ; skos:inScheme <{SCHEME}theme> ; skos:prefLabel "Société"@fr .
    <{SCHEME}role/lead> a skos:Concept ; skos:inScheme <{SCHEME}role> ; skos:prefLabel "Porteur"@fr .
    <{ID}territory/region/11> a coop:Territory ; skos:prefLabel "Île-de-France"@fr ;
        coop:territoryLevel level:region ; igeo:codeINSEE "11" .
    <{ID}territory/commune/75056> a coop:Territory ; skos:prefLabel "Paris"@fr ; coop:territoryLevel level:commune ;
        igeo:codeINSEE "75056" ; coop:within <{ID}territory/region/11> ; coop:population 2100000 .
    <{ID}territory/commune/1> a coop:Territory ; skos:prefLabel "Paris-l’Hôpital"@fr ; coop:population 300 ;
        coop:territoryLevel level:commune ; igeo:codeINSEE "71343" .
    <{ID}organisation/x> a org:Organization ; skos:prefLabel "Paris en commun"@fr ; skos:hiddenLabel "Pari commun"@fr ;
        org:classification kind:association ; coop:siren "217500016" ; coop:rna "W751234567" .
    <{ID}project/a> a coop:Project, coop:Action ; skos:prefLabel "Jardins partagés"@fr, "Shared gardens"@en ;
        dcterms:description "Des associations cultivent l’espace public, à Paris."@fr ; coop:theme theme:food ;
        coop:locatedIn <{ID}territory/commune/75056>, <{ID}territory/region/11> ; coop:status <{SCHEME}status/planned> ;
        coop:earliestDate "2018-05-01"^^xsd:date ; coop:latestDate "2020-01-31"^^xsd:date ;
        coop:hasLesson <{ID}lesson/l> .
    <{ID}project/b> a coop:Action ; skos:prefLabel "Été"@fr ; coop:theme theme:society .
    <{ID}lesson/l> a coop:Lesson ; skos:prefLabel "Se parler tôt"@fr ; coop:lessonKind <{SCHEME}lesson-kind/lever> .
    <{ID}participation/p> coop:inAction <{ID}project/a> ; coop:participant <{ID}organisation/x> ;
        coop:role <{SCHEME}role/lead> .
    <{ID}source/s> a coop:SourceDocument ; dcterms:title "La fiche"@fr ; dcterms:issued "2021-03"^^xsd:gYearMonth .
}}
"""
_LEADER = f"""{_PREFIXES}
<https://w3id.org/coopkg/graph/leader> {{
    <{ID}organisation/une-association> a org:Organization ; skos:prefLabel "Une association"@fr .
}}
"""
_REGION, _PARIS = f"{ID}territory/region/11", f"{ID}territory/commune/75056"
_A, _B, _X = f"{ID}project/a", f"{ID}project/b", f"{ID}organisation/x"


def _quads(text: str) -> list[Quad]:
    return list(parse_quads(text.encode(), RdfFormat.TRIG, "a test"))


@pytest.fixture
def built() -> Iterator[Callable[..., Index]]:
    """Give what indexes a store."""
    made: list[Index] = []

    def build(quads: list[Quad], revision: int = 7) -> Index:
        made.append(Index())
        made[-1].build(QuadStore.apart(quads), revision)
        return made[-1]

    yield build
    for index in made:
        index.close()


@pytest.fixture
def index(built: Callable[..., Index]) -> Index:
    """Return an index of the small world."""
    return built(_quads(_WORLD))


def test_an_index_that_is_not_built_says_when_to_come_back() -> None:
    with pytest.raises(Refused, match="being made"):
        Index().search("a", "fr")


def test_a_list_gives_each_thing_of_its_kind_by_name_without_regard_to_accents(index: Index) -> None:
    listed = index.listing(Wanted("action"), 1, 10)
    assert (listed.total, listed.iris, listed.revision) == (2, [_B, _A], 7)
    assert index.listing(Wanted("action", sort="-name"), 1, 10).iris == [_A, _B]
    assert index.listing(Wanted("action", sort="date"), 1, 10).iris == [_A, _B]
    assert index.listing(Wanted("action", sort="-date"), 1, 10).iris == [_A, _B]
    assert index.listing(Wanted("action", sort="-size"), 1, 10).iris == [_A, _B]
    assert index.listing(Wanted("action"), 2, 1).iris == [_A]
    assert index.listing(Wanted("action"), 9, 1).iris == []


@pytest.mark.parametrize(
    ("facet", "values"),
    [
        ("type", {f"{names.COOP}Project": 1, f"{names.COOP}Action": 1}),
        ("region", {_REGION: 1}),
        ("theme", {f"{SCHEME}theme/society": 2, f"{SCHEME}theme/food": 1}),
        ("actor-kind", {f"{SCHEME}stakeholder-kind/association": 1}),
        ("role", {f"{SCHEME}role/lead": 1}),
        ("lesson-kind", {f"{SCHEME}lesson-kind/lever": 1}),
        ("year", {"2018": 1, "2019": 1, "2020": 1}),
        ("status", {f"{SCHEME}status/planned": 1}),
        ("participant", {_X: 1}),
    ],
)
def test_an_action_has_the_facets_of_what_it_is_linked_with(index: Index, facet: str, values: dict[str, int]) -> None:
    assert index.counts(facet, "action") == values


def test_other_kinds_have_the_facets_of_their_actions(index: Index) -> None:
    assert index.counts("region", "organisation") == {_REGION: 1}
    assert index.counts("theme", "organisation") == {f"{SCHEME}theme/food": 1, f"{SCHEME}theme/society": 1}
    assert index.counts("region", "lesson") == {_REGION: 1}
    assert index.counts("theme", "lesson") == {f"{SCHEME}theme/food": 1, f"{SCHEME}theme/society": 1}
    assert index.counts("year", "source") == {"2021": 1}
    assert index.counts("level", "territory") == {
        f"{SCHEME}territory-level/commune": 1,
        f"{SCHEME}territory-level/region": 1,
    }


def test_only_territories_where_something_takes_place_are_listed_and_all_are_found(index: Index) -> None:
    assert set(index.iris(Wanted("territory"))) == {_PARIS, _REGION}
    assert index.search("hopital", "fr").hits[0].label == "Paris-l’Hôpital"


def test_what_is_listed_is_given_in_stretches_in_the_order_of_iris(index: Index) -> None:
    totals, revision = index.totals()
    assert (totals["action"], totals["territory"], totals["theme"], totals["concept"]) == (2, 2, 2, 1)
    assert revision == index.listing(Wanted("action")).revision
    assert index.stretch("action", 0, 5) == [_A, _B]
    assert index.stretch("action", 1, 1) == [_B]
    assert index.stretch("territory", 0, 5) == [_PARIS, _REGION], "where nothing takes place nothing is told"
    assert index.stretch("action", 2, 5) == index.stretch("nothing", 0, 5) == []


def test_filters_are_alternatives_within_a_facet_and_conditions_across_facets(index: Index) -> None:
    food, society = f"{SCHEME}theme/food", f"{SCHEME}theme/society"
    assert index.iris(Wanted("action", {"theme": [food, society]})) == [_B, _A]
    assert index.iris(Wanted("action", {"theme": [society], "region": [_REGION]})) == [_A]
    assert index.iris(Wanted("action", {"theme": [food], "region": ["nowhere"]})) == []


def test_the_counts_of_a_facet_disregard_what_was_chosen_of_it(index: Index) -> None:
    facets = index.listing(Wanted("action", {"type": [f"{names.COOP}Action"]}), 1, 10).facets
    assert dict(facets["type"]) == {f"{names.COOP}Project": 1, f"{names.COOP}Action": 1}
    assert dict(facets["theme"]) == {f"{SCHEME}theme/society": 1}
    assert "participant" not in facets


def test_a_list_can_be_narrowed_by_words_and_sorted_by_relevance(index: Index) -> None:
    assert index.iris(Wanted("action", q="association", sort="relevance")) == [_A]
    assert index.iris(Wanted("action", q="zzz")) == []


def test_an_unknown_kind_or_order_is_refused() -> None:
    with pytest.raises(InputError, match="no kind of list"):
        Wanted("person")
    with pytest.raises(InputError, match="no order"):
        Wanted("action", sort="random")


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("217 500 016", _X),
        ("w751234567", _X),
        ("75056", _PARIS),
        ("paris", _PARIS),
        ("paris en", _X),
        ("pari commun", _X),
        ("jardin partage", _A),
        ("cultiver espace", _A),
        ("gardens", _A),
        ("ete", _B),
    ],
)
def test_the_best_hit_comes_first(index: Index, q: str, first: str) -> None:
    assert index.search(q, "fr").hits[0].iri == first


def test_names_come_in_the_order_exact_then_beginning_so_then_by_words(index: Index) -> None:
    labels = [hit.label for hit in index.search("paris", "fr").hits]
    assert labels == ["Paris", "Paris en commun", "Paris-l’Hôpital", "Jardins partagés"]


def test_a_search_counts_each_kind_and_can_be_of_one(index: Index) -> None:
    assert index.search("paris", "fr").by_kind == {"action": 1, "organisation": 1, "territory": 2}
    some = index.search("paris", "fr", "territory", limit=1, offset=1)
    assert (some.total, [hit.label for hit in some.hits]) == (2, ["Paris-l’Hôpital"])
    assert [hit.kind for hit in index.overview("paris", "fr", 1).hits] == ["territory", "organisation", "action"]


def test_a_misspelt_word_is_looked_for_under_the_nearest_one(index: Index) -> None:
    found = index.search("alimentasion", "fr")
    assert (found.corrected, found.hits[0].label) == ("alimentation", "Alimentation")
    assert index.search("jardins", "fr").corrected == ""
    assert index.search("hopit", "fr").corrected == "hopital"
    assert index.search("xqzwkv", "fr").total == 0


def test_only_the_first_words_that_nothing_has_are_corrected(built: Callable[..., Index]) -> None:
    names_ = ("alimentation", "coopération", "évaluation", "territoire")
    world = "".join(
        f'<{ID}project/{number}> a coop:Project ; skos:prefLabel "{name}"@fr .\n' for number, name in enumerate(names_)
    )
    index = built(_quads(f"{_PREFIXES}\n{world}"))
    found = index.search("alimentasion cooperasion evaluasion teritoire", "fr")
    assert found.corrected == "alimentation cooperation evaluation teritoire"


def test_a_word_far_on_in_a_long_text_is_found_but_not_quoted(built: Callable[..., Index]) -> None:
    text = f"{'un mot et un autre ' * 1000}lointain"
    index = built(_quads(f'{_PREFIXES}\n<{ID}project/a> a coop:Project ; dcterms:description "{text}"@fr .'))
    (hit,) = index.search("lointain", "fr").hits
    assert sum(len(piece) for piece, _ in hit.excerpt) < 200


def test_words_that_nothing_has_together_find_what_has_some(index: Index) -> None:
    found = index.search("jardins été", "fr")
    assert found.is_loose
    assert {hit.iri for hit in found.hits} == {_A, _B}


def test_an_excerpt_is_in_the_language_of_the_reader_even_when_another_has_more_of_the_words(
    built: Callable[..., Index],
) -> None:
    english = f'<{_A}> dcterms:description "Gardens in Paris."@en .'
    index = built(_quads(f"{_WORLD}\n{english}"))
    (french,) = index.search("jardins partagés gardens", "fr").hits
    assert french.excerpt_lang == "fr"
    (other,) = index.search("jardins partagés gardens", "en").hits
    assert other.excerpt_lang == "en"


def test_an_excerpt_marks_the_words_and_their_inflections(index: Index) -> None:
    (hit,) = index.search("association public", "fr").hits
    assert [piece for piece, is_match in hit.excerpt if is_match] == ["associations", "public"]
    assert "".join(piece for piece, _ in hit.excerpt) == "Des associations cultivent l’espace public, à Paris."


@pytest.mark.parametrize(
    "q",
    ['"', "NEAR(a b)", "a OR", "*", "^x", "-a", "label:a", "{label}:a", "a AND NOT b", "'", ";", "%", "\x00", "\ud800",
     "x" * 10_000, "(" * 500, "²", "日本", "a\u202eb", "'' ''"],
)  # fmt: skip
def test_a_question_is_never_read_as_the_language_of_the_engine(index: Index, q: str) -> None:
    for answer in (index.search(q, "fr"), index.overview(q, "en")):
        assert answer.total >= 0
    assert len(index.suggestions(q, "fr")) <= 8
    assert index.listing(Wanted("action", q=q), 1, 10).total in (0, 1, 2)


def test_suggestions_go_on_from_what_was_typed_whole_names_first(index: Index) -> None:
    assert [hit.label for hit in index.suggestions("par", "fr")] == [
        "Paris en commun",
        "Paris",
        "Paris-l’Hôpital",
        "Jardins partagés",
    ]
    assert index.suggestions("paris", "fr")[0].label == "Paris"
    assert index.suggestions("21750", "fr") == []
    assert index.suggestions("217500016", "fr")[0].iri == _X


@pytest.mark.parametrize(("q", "iri"), [("parris", _PARIS), ("Jardin partagse", _A), ("Parisen comun", _X)])
def test_suggestions_forgive_a_typing_error_where_nothing_begins_so(index: Index, q: str, iri: str) -> None:
    assert [hit.iri for hit in index.suggestions(q, "fr")] == [iri]


def test_suggestions_can_be_of_some_kinds(index: Index) -> None:
    assert [hit.iri for hit in index.suggestions("par", "fr", kinds=["organisation"])] == [_X]
    assert index.suggestions("par", "fr", kinds=["theme"]) == []


def test_namesakes_are_likest_first_and_of_the_kinds_that_are_wanted(index: Index) -> None:
    found = index.namesakes("pariss", ["territory", "organisation"])
    assert [one.entry.iri for one in found] == [_PARIS]
    assert index.namesakes("Paris", ["territory"])[0].likeness == 1
    assert index.namesakes("Paris", ["organisation"]) == []


def test_a_wrong_name_that_is_known_is_as_good_as_the_right_one(index: Index) -> None:
    (first, *_) = index.namesakes("Pari comun", ["organisation"])
    assert first.entry.iri == _X
    assert first.likeness > 0.8


@pytest.mark.parametrize("text", ["", " ", "?", "x" * 10_000, '" OR 1', "%_", "\0", "\ud800", "日本"])
def test_no_text_breaks_the_search_for_namesakes(index: Index, text: str) -> None:
    assert index.namesakes(text, ["territory"]) == []


def test_who_bears_just_a_name_is_found_however_common_its_letters_are(
    built: Callable[..., Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namesakes, "_MOST_COMPARED", 2)
    many = [_LEADER.replace("une-association", f"n{n}").replace("Une association", f"{n} jardin") for n in range(40)]
    before, last = _quads("".join(many)), _quads(_LEADER.replace("Une association", "Jardin"))
    index = built(before)
    index.update(QuadStore.apart([*before, *last]), (), last, 8)
    assert [one.likeness for one in index.namesakes("JARDIN", ["organisation"], limit=1)] == [1]


def test_namesakes_follow_a_change(built: Callable[..., Index]) -> None:
    before, after = _quads(_LEADER), _quads(_LEADER.replace("Une association", "Un syndicat"))
    index = built(before)
    index.update(QuadStore.apart(after), before, after, 8)
    assert [one.likeness for one in index.namesakes("syndicat", ["organisation"])] == [1]
    assert index.namesakes("association", ["organisation"]) == []


def test_an_entry_is_found_by_its_iri_or_an_identifier(index: Index) -> None:
    assert [entry.iri for entry in index.identified("217 500 016")] == [_X]
    entry = index.entry(_X)
    assert entry is not None
    assert entry.identifiers == ["217500016", "W751234567"]
    assert index.entry(f"{ID}nothing") is None


def test_an_index_without_the_rest_of_the_territories_is_partial(index: Index) -> None:
    index.refuse_partial()
    with pytest.raises(Refused):
        Index().refuse_partial()


def test_a_label_is_that_of_the_reader_else_the_french_one(index: Index) -> None:
    assert index.search("jardins", "en").hits[0].label == "Shared gardens"
    english = index.search("ete", "en").hits[0]
    assert (english.label, english.lang) == ("Été", "fr")


def test_a_change_of_one_project_writes_few_entries_however_many_there_are() -> None:
    written = []
    for size in (5, 50):
        pages = [quad for number in range(size) for quad in _quads(a_source(f"page-{number}"))]
        store = QuadStore.apart([*_quads(_LEADER), *pages])
        index, more = Index(), _quads(a_source("one-more"))
        index.build(store, 1)
        store.change((), more)
        written.append(index.update(store, (), more, 2))
        assert index.update(store, more, more, 3) == 0
        index.close()
    assert written == [2, 2]  # the project and its document; its leader leads already in such a place


def test_a_change_that_reaches_too_far_builds_anew(monkeypatch: pytest.MonkeyPatch, index: Index) -> None:
    monkeypatch.setattr("coopkg.index.MOST_CHANGED", 0)
    store = QuadStore.apart(_quads(_WORLD))
    assert index.update(store, (), _quads(a_source("a-page")), 8) == index.gauges()["index_entries"]
    assert index.gauges()["index_revision"] == 8


def test_a_build_that_is_broken_off_leaves_what_there_was(index: Index) -> None:
    def stopped(iris: object) -> Iterator[str]:
        yield _A
        raise InterruptedError

    with pytest.raises(InterruptedError):
        index.build(QuadStore.apart(_quads(_WORLD)), 9, stopped)
    assert index.gauges()["index_revision"] == 7
    assert index.listing(Wanted("action"), 1, 10).total == 2


def test_all_that_lists_show_is_there_before_what_is_only_found() -> None:
    """Seen from within the build: the territories in which nothing takes place come last."""
    seen: list[tuple[int, bool, bool]] = []
    index, unlisted = Index(), f"{ID}territory/commune/1"

    def watched(iris: Iterable[str]) -> Iterator[str]:
        for iri in iris:
            if iri == unlisted:
                listed = index.listing(Wanted("action"), 1, 10).total
                seen.append((listed, bool(index.search("hopital", "fr").hits), index.is_whole))
            yield iri

    index.build(QuadStore.apart(_quads(_WORLD)), 1, watched)
    assert seen == [(2, False, False)]
    assert (index.search("hopital", "fr").hits[0].iri, index.is_whole) == (unlisted, True)
    index.close()


def test_a_reader_sees_one_whole_revision_while_another_is_written(index: Index) -> None:
    quads = _quads(_WORLD)
    store = QuadStore.apart(quads)
    gone = [quad for quad in quads if quad.subject.value == _B]  # type: ignore[union-attr]  # all are IRIs
    with index._reading() as reading:
        store.change(gone, [])
        writer = threading.Thread(target=index.update, args=(store, gone, [], 8))
        writer.start()
        writer.join()
        assert reading.revision == 7
        assert len(list(reading.rows("SELECT 1 FROM entry WHERE list = 'action'"))) == 2
        assert reading.sets.listed["action"].bit_count() == 2
    after = index.listing(Wanted("action"), 1, 10)
    assert (after.revision, after.iris) == (8, [_A])


def _folders(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which indexes are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "PLACE", str(tmp_path))
    return tmp_path


def test_what_a_killed_process_left_is_swept_and_what_lives_stays(place: Path) -> None:
    index, long_ago = Index(), 1_000_000
    index.build(QuadStore.apart(_quads(_WORLD)), 1)
    (living,) = _folders(place)
    left = place / "coopkg-index-left"
    left.mkdir()
    (left / "index.sqlite").write_bytes(b"of a process that was killed")
    (place / "coopkg-index-link").symlink_to(tmp := place / "elsewhere")
    tmp.mkdir()
    young = place / "coopkg-index-young"
    young.mkdir()
    for folder in (left, tmp, place / living):
        os.utime(folder, (long_ago, long_ago))
    other = Index()
    other.build(QuadStore.apart(_quads(_WORLD)), 1)
    assert "coopkg-index-left" not in _folders(place)
    assert {living, "coopkg-index-young", "coopkg-index-link", "elsewhere"} < {*_folders(place)}
    index.close()
    other.close()


def test_an_index_whose_file_is_gone_says_so_and_is_made_again(place: Path) -> None:
    store = QuadStore.apart(_quads(_WORLD))
    lost = Index()
    lost.build(store, 1)
    for folder in place.glob("coopkg-index-*"):
        shutil.rmtree(folder)
    assert not lost.is_lost
    with pytest.raises(Refused, match="is made again"):
        lost.search("paris", "fr")
    assert lost.is_lost
    lost.update(store, (), (), 2)
    assert lost.search("paris", "fr").hits
    lost.close()


def test_a_place_without_room_is_said_to_be_so(place: Path) -> None:
    place.rmdir()
    with pytest.raises(DiskFullError, match="free some room"):
        Index().build(QuadStore.apart(_quads(_WORLD)), 1)
