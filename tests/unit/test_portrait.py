"""What is said of a thing is gathered whole, in the reader's language, and at a cost that a hub does not change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coopkg import names
from coopkg.content import Content
from coopkg.explanation import Explanation
from coopkg.portrait import action, agent, bounded, document, naming, piece, reason, record, territory
from coopkg.rdf import Quad
from coopkg.resources import shipped
from coopkg.store import QuadStore
from coopkg.view import View
from tests.told import Held, quads

ID = f"{names.BASE}id/"
REPAS = f"{ID}project/repas"
POMPIERS = f"{ID}organisation/pompiers"
REGION = f"{ID}territory/region/11"


@pytest.fixture(scope="module")
def store() -> QuadStore:
    return QuadStore.apart(quads())


@pytest.fixture
def view(store: QuadStore) -> View:
    return View(store, "fr")


def said(things: Any) -> list[str]:
    return [one.name.value for one in things]


def test_an_action_says_who_takes_part_beginning_with_who_began_it(view: View) -> None:
    roles = [
        (group.role.name.value, said([part.agent for part in group.parts]))
        for group in action.of(view, REPAS).roles
        if group.role
    ]
    assert roles == [
        ("Initiateur", ["Les pompiers"]),
        ("Partenaire", ["Des voisins"]),
        ("Expert", ["Les pompiers"]),
        ("Rôle non précisé", ["La Cloche"]),
    ]


def test_a_participation_keeps_the_heading_and_the_words_of_its_source(view: View) -> None:
    groups = action.of(view, REPAS).roles
    first, last = groups[0].parts[0], groups[-1].parts[0]
    assert [(quote.text.value, said(quote.sources)) for quote in first.quotes] == [
        ("les pompiers (initiateurs)", ["La première page"])
    ]
    assert said(last.listed_as) == ["Associations"]


def test_a_group_says_how_many_they_are_and_how_to_read_the_number(view: View) -> None:
    voisins = action.of(view, REPAS).roles[1].parts[0]
    assert voisins.is_group
    assert [text.value for text in voisins.members] == ["Environ", "20"]


def test_who_is_expected_stands_apart_from_who_takes_part(view: View) -> None:
    found = action.of(view, REPAS)
    (group,) = found.expected
    assert group.role is None
    assert said(group.parts[0].engagement) == ["Sollicité"]
    assert all(not part.engagement for held in found.roles for part in held.parts)


def test_two_source_documents_that_differ_both_stand(view: View) -> None:
    begin = action.of(view, REPAS).when.begin
    assert [(one.text.value, said(one.sources)) for one in begin] == [
        ("2018", ["La seconde page"]),
        ("2019-07", ["La première page"]),
    ]


def test_two_source_documents_that_agree_are_told_once(view: View) -> None:
    (description,) = action.of(view, REPAS).descriptions
    assert said(description.sources) == ["La seconde page", "La première page"]


def test_an_action_says_where_what_came_of_it_and_what_next(view: View) -> None:
    found = action.of(view, REPAS)
    (place,) = found.places
    assert (place.territory.name.value, said(place.regions)) == ("Paris", ["Île-de-France"])
    (outcome,) = found.outcomes
    assert (outcome.item.name.value, said(outcome.related)) == ("Une fête tenue", ["La fête"])
    assert str(outcome.measures[0].value) == "1250.5"
    (perspective,) = found.perspectives
    assert (said(perspective.status), said(perspective.related)) == (["Prévu"], ["France"])
    assert said(found.neighbours.parts) == ["La fête"]
    assert said(found.neighbours.programmes) == ["Ensemble"]


def test_lessons_stand_by_their_kinds(view: View) -> None:
    lessons = action.of(view, REPAS).lessons
    assert [(kind.name.value if kind else "", said([one.item for one in found])) for kind, found in lessons] == [
        ("Frein", ["Il faut du temps"]),
        ("Levier", ["Le repas crée du lien"]),
    ]


def test_the_sources_of_an_action_are_those_that_it_names_and_those_that_describe_it(view: View) -> None:
    sources = action.of(view, REPAS).sources
    assert said([one.document for one in sources]) == ["La première page", "La seconde page"]
    assert next(iter(sources)).page == "https://example.org/une"


def test_an_agent_has_its_actions_by_role_and_its_partners(view: View) -> None:
    found = agent.of(view, POMPIERS)
    assert [
        (held.role.name.value if held.role else "", said([one.action for one in held.activities]))
        for held in found.roles
    ] == [
        ("Expert", ["Repas partagés"]),
        ("Initiateur", ["Repas partagés"]),
    ]
    assert [(one.agent.name.value, one.strength) for one in found.partners] == [("La Cloche", 1)]
    assert said(found.documents) == ["La première page"]
    assert said(found.narrated) == ["La première page"]
    assert said(found.lessons) == ["Il faut du temps"]
    assert (found.siren, found.rna, found.homepage) == ("123456789", "W123456789", "https://pompiers.example/")


def test_a_page_beyond_the_last_has_no_action(view: View) -> None:
    assert not agent.of(view, POMPIERS, page=2).roles


def test_a_territory_knows_what_lies_above_and_below(view: View) -> None:
    found = territory.of(view, REGION)
    assert said(found.above) == ["France"]
    assert [(said(group.territories), group.count) for group in found.below] == [(["Paris"], 1)]
    paris = territory.of(view, f"{ID}territory/commune/75056")
    assert (said(paris.above), said(paris.also_in)) == (["France", "Île-de-France"], ["Métropole"])
    assert paris.population == 2_103_778


def test_a_territory_has_what_covers_it_and_what_covers_a_part_of_it(view: View) -> None:
    region, paris = territory.of(view, REGION), territory.of(view, f"{ID}territory/commune/75056")
    assert (said(region.here), said(region.inside)) == ([], ["Repas partagés"])
    assert (said(paris.here), said(paris.inside)) == (["Repas partagés"], [])
    assert said(paris.organisations) == ["Les pompiers"]


def test_territories_in_a_circle_end() -> None:
    round_ = "graph:r { id:a a coop:Territory ; coop:directlyWithin id:b . id:b coop:directlyWithin id:a . }"
    found = territory.of(View(QuadStore.in_memory(quads(round_)), "fr"), f"{ID}a")
    assert [one.iri for one in found.above] == [f"{ID}a", f"{ID}b"]


def test_only_regions_and_departements_have_a_list_of_their_actions(view: View) -> None:
    assert territory.of(view, REGION).listing == (("region", "11"),)
    assert territory.of(view, f"{ID}territory/commune/75056").listing == ()


def test_a_lesson_says_what_it_was_drawn_from(view: View) -> None:
    found = piece.of(view, f"{ID}lesson/temps")
    assert [(fact.name.value, said(fact.values)) for fact in found.carriers] == [("Tiré de", ["Repas partagés"])]
    assert [quote.text.value for quote in found.quotes] == ["du temps, beaucoup"]


def test_a_document_says_what_it_presents_and_what_it_belongs_to(view: View) -> None:
    found = document.of(view, f"{ID}source/une")
    assert (said(found.describes), said(found.part_of), found.issued) == (
        ["Repas partagés"],
        ["La revue"],
        ("2020-02",),
    )
    assert said(document.of(view, f"{ID}source/revue").contained) == ["La première page"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("participation/repas--pompiers", "Les pompiers – Repas partagés"),
        ("expected-participation/repas--mairie", "La Cloche – Repas partagés"),
        ("cooperation/1", "La Cloche – Les pompiers"),
        ("measure/fete", "Nombre de personnes\u00a0: 1\u202f250,5"),
        ("geometry/region/11", "Tracé – Île-de-France"),
        ("project/repas", "Repas partagés"),
        ("unheard/of", "https://w3id.org/coopkg/id/unheard/of"),
    ],
)
def test_what_has_no_name_is_called_by_what_stands_beside_it(view: View, path: str, name: str) -> None:
    assert naming.named(view, ID + path).name.value == name


@pytest.mark.parametrize(("path", "kind"), [("project/repas", "Project"), ("group/voisins", "StakeholderGroup")])
def test_the_kind_of_a_thing_is_the_narrowest_that_has_a_name(view: View, path: str, kind: str) -> None:
    assert naming.kind_of(view, ID + path) == names.COOP + kind


def test_a_statement_names_the_document_or_the_table_that_states_it(view: View) -> None:
    found = {
        (one.predicate.name.value, one.value.name.value): said(one.sources) for one in record.statements(view, REPAS)
    }
    assert found["coop:startDate", "2018"] == ["La seconde page"]
    assert found["description", "Des repas."] == ["La seconde page", "La première page"]
    code = next(one for one in record.statements(view, REGION) if one.predicate.name.value == "code Insee")
    assert said(code.sources) == ["table de référence"]


def test_what_no_graph_states_is_marked_as_inferred(view: View) -> None:
    found = {one.value.iri: one for one in record.statements(view, REPAS)}
    assert found[REGION].is_inferred
    assert found[REGION].asked == (f"<{REPAS}>", f"<{names.COOP}locatedIn>", f"<{REGION}>")
    assert not found[f"{ID}lesson/temps"].is_inferred


def test_a_long_text_is_cut_and_says_how_long_it_is() -> None:
    long = f'graph:l {{ id:a geo:asWKT "{"x" * 10_000}" }}'
    (one,) = record.statements(View(QuadStore.in_memory(quads(long)), "fr"), f"{ID}a")
    assert (len(one.value.name.value), one.length) == (record.SHOWN_TEXT, 10_000)


def test_what_points_at_a_thing_stands_by_property(view: View) -> None:
    found = {one.predicate.iri: said(one.things) for one in record.toward(view, f"{ID}lesson/temps")}
    assert found == {f"{names.COOP}hasLesson": ["Repas partagés"]}


class Counting(QuadStore):
    """A store that counts what is read of it."""

    read = 0

    def triples(self, *pattern: Any) -> Iterator[Any]:
        return self._counted(super().triples(*pattern))

    def _matching(self, *pattern: Any) -> Iterator[Any]:
        return self._counted(super()._matching(*pattern))

    def _counted(self, found: Iterator[Any]) -> Iterator[Any]:
        for one in found:
            self.read += 1
            yield one


def a_hub(projects: int) -> list[Quad]:
    """Return quads in which one organisation, one région and one programme have so many projects."""
    one = """graph:p{0} {{
      project:{0} a coop:Project ; skos:prefLabel "Projet {0}"@fr ; coop:inProgramme programme:x ;
        coop:coversTerritory <{1}> ; coop:locatedIn <{1}> ; coop:hasPerspective perspective:{0} .
      perspective:{0} coop:targetTerritory <{1}> .
      participation:{0} a coop:Participation ; coop:inAction project:{0} , programme:x ;
        coop:participant organisation:x , organisation:o{0} ; coop:role scheme:lead .
      cooperation:{0} a coop:Cooperation ; coop:strength 1 ; coop:cooperationOf organisation:x , organisation:o{0} .
      source:{0} a coop:SourceDocument ; dcterms:publisher organisation:x ; coop:describes programme:x .
      commune:{0} coop:directlyWithin <{1}> .
      organisation:x coop:participatesThrough participation:{0} ; coop:participatesIn project:{0} .
    }}"""
    return quads("\n".join(one.format(number, REGION) for number in range(projects)))


@pytest.mark.parametrize(
    ("of", "path"),
    [
        (action.of, "programme/x"),
        (agent.of, "organisation/x"),
        (record.statements, "organisation/x"),
        (record.toward, "organisation/x"),
        (record.toward, "territory/region/11"),
    ],
)
def test_a_hub_costs_the_same_however_much_hangs_on_it(of: Callable[[View, str], Any], path: str) -> None:
    def read(projects: int) -> int:
        store = Counting.apart(a_hub(projects))
        of(View(store, "fr"), ID + path)
        return store.read

    assert read(600) < 1.1 * read(300) < 6_000  # of other things, some have a longer name to be read


def test_a_territory_reads_what_lies_below_once_and_its_actions_up_to_the_cap() -> None:
    def read(projects: int) -> int:
        store = Counting.apart(a_hub(projects))
        found = territory.of(View(store, "fr"), REGION)
        assert len(found.here) == bounded.SHOWN
        assert found.here.has_more
        return store.read

    assert read(600) - read(300) == 300  # communes alone, which no territory has without bound


def test_a_list_that_is_cut_says_so(store: QuadStore) -> None:
    view = View(QuadStore.in_memory(a_hub(60)), "fr")
    found = bounded.pointing(view, f"{names.COOP}participant", f"{ID}organisation/x")
    assert (len(found), found.has_more) == (50, True)
    rest = bounded.pointing(view, f"{names.COOP}participant", f"{ID}organisation/x", skip=50)
    assert (len(rest), rest.has_more) == (10, False)
    assert not set(found) & set(rest)


def why(trig: str, subject: str, predicate: str, value: str) -> reason.Step:
    store = QuadStore.apart(quads(trig))
    explanation = Held(store).why(subject, predicate, value)
    assert isinstance(explanation, Explanation)
    return reason.of(View(store, "fr"), explanation)


_PARTS = "graph:ontology { coop:partOfAction a owl:ObjectProperty , owl:TransitiveProperty . }"


def test_a_proof_is_told_down_to_who_states_it() -> None:
    parts = "graph:une { source:une a coop:SourceDocument . id:a coop:partOfAction id:b . id:b coop:partOfAction id:c }"
    step = why(_PARTS + parts, f"{ID}a", "coop:partOfAction", f"{ID}c")
    assert step.cause
    assert step.cause.value == "«\u00a0coop:partOfAction\u00a0» passe de proche en proche"
    assert [(one.subject.iri, one.value.iri) for one in step.premises] == [(f"{ID}a", f"{ID}b"), (f"{ID}b", f"{ID}c")]
    assert [document.iri for one in step.premises for place in one.places for document in place.documents] == [
        f"{ID}source/une"
    ] * 2


def test_a_proof_is_told_to_a_bounded_depth_and_says_what_it_leaves_out() -> None:
    classes = " ".join(f"coop:C{number} a owl:Class ; rdfs:subClassOf coop:C{number + 1} ." for number in range(30))
    step = why(f"graph:ontology {{ {classes} }} graph:c {{ id:a a coop:C0 }}", f"{ID}a", "a", "coop:C30")
    depth = 0
    while step.premises:
        (step,) = step.premises
        depth += 1
    assert (depth, step.left_out) == (reason.MOST_DEEP, 1)


def test_a_proof_by_very_many_statements_says_how_many_it_leaves_out() -> None:
    shared = " , ".join(f"project:p{number}" for number in range(30))
    rule = (shipped() / "ontology" / "rules" / "strength.rq").read_text(encoding="utf-8")
    store = QuadStore.apart(quads(f"graph:c {{ cooperation:1 coop:sharedAction {shared} }}"))
    explanation = Held(store, {"strength": rule}).why(f"{ID}cooperation/1", "coop:strength", "30")
    assert explanation
    step = reason.of(View(store, "fr"), explanation)
    assert (len(step.premises), step.left_out) == (reason.MOST_PREMISES, 10)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "coop:Project rdfs:subClassOf coop:Action",
            "tout ce qui est «\u00a0Projet en coopération\u00a0» est aussi «\u00a0coop:Action\u00a0»",
        ),
        (
            "coop:a owl:propertyChainAxiom ( coop:b coop:c )",
            "«\u00a0coop:a\u00a0» s’obtient en enchaînant «\u00a0coop:b\u00a0» puis «\u00a0coop:c\u00a0»",
        ),
        ("ontology/rules/strength.rq", "l’intensité d’une coopération est le nombre de ses actions"),
        ("ontology/rules/another.rq", "ontology/rules/another.rq"),
    ],
)
def test_a_rule_is_told_in_words_where_it_has_some(view: View, name: str, words: str) -> None:
    assert reason.cause(view, name).value == words


def test_every_rule_of_the_project_is_told_in_words(view: View) -> None:
    rules = Content(shipped()).rules()
    assert rules
    assert not [name for name in rules if reason.cause(view, f"ontology/rules/{name}.rq").value.endswith(".rq")]


def test_a_thing_without_a_statement_has_an_empty_portrait(view: View) -> None:
    found = action.of(view, f"{ID}project/nothing")
    assert not found.roles
    assert not found.when
    assert record.toward(view, f"{ID}project/nothing") == ()
