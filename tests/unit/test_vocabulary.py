"""The vocabulary as people read it: terms of the ontology, schemes, concepts and where they are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from coopkg import names, vocabulary
from coopkg.rdf import Literal, NamedNode, Quad, Triple, read_quads, skolemised
from coopkg.store import QuadStore, Term
from coopkg.view import View
from coopkg.vocabulary import MOST_COUNTED, Count, Ontology, Property
from coopkg.web.site import diagram
from tests.conftest import REPOSITORY

COOP, SCHEME, ID = names.COOP, f"{names.BASE}scheme/", f"{names.BASE}id/"
SKOS, RDF = names.SKOS, names.RDF


class Counting(QuadStore):
    """A store that counts the triples that it gives."""

    given = 0

    def triples(self, subject: Term | None, predicate: NamedNode | None, value: Term | None) -> Iterator[Triple]:
        for triple in super().triples(subject, predicate, value):
            self.given += 1
            yield triple


def a_quad(subject: str, predicate: str, value: str | Literal, graph: str = f"{names.GRAPH}a-page") -> Quad:
    """Return a statement of a source, about IRIs or with a text."""
    term = value if isinstance(value, Literal) else NamedNode(value)
    return Quad(NamedNode(subject), NamedNode(predicate), term, NamedNode(graph))


def in_graph(path: Path, graph: str) -> list[Quad]:
    """Return what a file of the repository states, as the published graph has it."""
    quads = [Quad(one.subject, one.predicate, one.object, NamedNode(graph)) for one in read_quads(path, path.name)]
    return skolemised(quads, path.stem)


def the_ontology() -> list[Quad]:
    """Return our ontology."""
    return in_graph(REPOSITORY / "ontology" / "coop.ttl", names.ONTOLOGY_GRAPH)


def the_scheme(name: str) -> list[Quad]:
    """Return one of our schemes."""
    return in_graph(REPOSITORY / "ontology" / "schemes" / f"{name}.ttl", names.SCHEMES_GRAPHS + name)


def a_concept(slug: str, *, broader: Iterable[str] = (), scheme: str = "colour") -> list[Quad]:
    """Return a concept with a French name."""
    iri = f"{SCHEME}{scheme}/{slug}"
    return [
        a_quad(iri, f"{RDF}type", f"{SKOS}Concept"),
        a_quad(iri, f"{SKOS}inScheme", SCHEME + scheme),
        a_quad(iri, f"{SKOS}prefLabel", Literal(slug.title(), language="fr")),
        *(a_quad(iri, f"{SKOS}broader", f"{SCHEME}{scheme}/{one}") for one in broader),
    ]


def a_scheme(*concepts: list[Quad]) -> list[Quad]:
    return [a_quad(f"{SCHEME}colour", f"{RDF}type", f"{SKOS}ConceptScheme"), *(q for one in concepts for q in one)]


def a_use(thing: str, predicate: str, concept: str, kind: str) -> list[Quad]:
    return [a_quad(thing, f"{COOP}{predicate}", SCHEME + concept), a_quad(thing, f"{RDF}type", f"{COOP}{kind}")]


def seen(quads: Iterable[Quad], lang: str = "fr") -> View:
    return View(QuadStore.in_memory(quads), lang)


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return vocabulary.read(seen([*the_ontology(), *the_scheme("role")]))


def of(ontology: Ontology, local: str) -> Property:
    return next(one for one in ontology.properties if one.local == local)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_class_and_property_has_a_name_and_a_definition_in_each_language(lang: str) -> None:
    read = vocabulary.read(seen(the_ontology(), lang))
    typed = (quad.subject for quad in the_ontology() if quad.predicate.value == f"{RDF}type")
    ours = {one.value for one in typed if isinstance(one, NamedNode) and one.value.startswith(COOP)}
    assert {one.iri for one in read.terms} == ours
    for one in read.terms:
        assert one.name.lang == lang, one.local
        assert one.definition is not None, one.local
        assert one.definition.lang == lang, one.local
        assert one.elsewhere is not None, one.local
        assert {one.name.lang, one.elsewhere.lang} == {"fr", "en"}


def test_the_ontology_says_what_it_is(ontology: Ontology) -> None:
    assert ontology.title is not None
    assert ontology.title.value == "Ontologie des projets en coopération"
    assert ontology.version_iri.endswith(f"/ns/{ontology.version}")
    assert ontology.licence.startswith("https://creativecommons.org/")
    assert ontology.prefix == "coop"


def test_a_property_tells_both_its_inverses_its_chain_and_how_it_behaves(ontology: Ontology) -> None:
    assert [one.short for one in of(ontology, "inAction").inverses] == ["coop:hasParticipation"]
    assert [one.short for one in of(ontology, "hasParticipation").inverses] == ["coop:inAction"]
    assert [[step.short for step in chain] for chain in of(ontology, "hasParticipant").chains] == [
        ["coop:hasParticipation", "coop:participant"]
    ]
    assert of(ontology, "within").traits == ("TransitiveProperty",)
    assert of(ontology, "cooperatesWith").traits == ("SymmetricProperty",)
    assert [one.name.value for one in of(ontology, "fundedBy").roles] == ["Financeur"]


def test_what_a_property_is_said_of_comes_from_the_wider_one_where_it_says_nothing_itself(ontology: Ontology) -> None:
    assert [one.short for one in of(ontology, "coversTerritory").domains] == ["coop:Action"]
    assert [one.short for one in of(ontology, "coversTerritory").ranges] == ["coop:Territory"]
    assert [one.short for one in of(ontology, "theme").domains] == [
        "coop:Action",
        "coop:Lesson",
        "coop:Perspective",
        "coop:Outcome",
    ]


def test_wider_properties_in_a_circle_do_no_harm() -> None:
    circle = [
        a_quad(f"{COOP}one", f"{RDF}type", f"{names.OWL}ObjectProperty", names.ONTOLOGY_GRAPH),
        a_quad(f"{COOP}one", f"{names.RDFS}subPropertyOf", f"{COOP}one", names.ONTOLOGY_GRAPH),
    ]
    assert [one.local for one in vocabulary.read(seen(circle)).properties] == ["one"]


def test_a_class_tells_what_it_excludes_by_pairs_and_by_sets(ontology: Ontology) -> None:
    event = next(one for one in ontology.classes if one.local == "Event")
    territory = next(one for one in ontology.classes if one.local == "Territory")
    assert {one.short for one in event.excluded} == {"coop:Project", "coop:Programme"}
    assert {"org:Organization", "coop:Action", "skos:Concept"} <= {one.short for one in territory.excluded}
    assert "coop:Territory" not in {one.short for one in territory.excluded}


def test_alignments_name_the_other_vocabulary(ontology: Ontology) -> None:
    project = next(one for one in ontology.classes if one.local == "Project")
    told = {(one.relation, one.term.short, one.vocabulary) for one in project.alignments}
    assert ("rdfs:subClassOf", "foaf:Project", "FOAF") in told
    assert ("skos:closeMatch", "pair:Project", "PAIR, Virtual Assembly") in told
    assert not any(term.startswith("coop:") for _, term, _ in told)


def test_every_alignment_is_with_a_vocabulary_that_has_a_name(ontology: Ontology) -> None:
    assert [bond.term.iri for one in ontology.terms for bond in one.alignments if not bond.vocabulary] == []


def test_uses_are_counted_and_no_further_than_a_bound() -> None:
    things = [a_use(f"{ID}territory/{n}", "status", "status/planned", "Territory") for n in range(MOST_COUNTED + 5)]
    read = vocabulary.read(seen([*the_ontology(), *(quad for one in things for quad in one)]))
    counted = {one.local: one.uses for one in read.terms}
    assert counted["Territory"] == Count(MOST_COUNTED, has_more=True)
    assert counted["status"] == Count(MOST_COUNTED, has_more=True)
    assert counted["Project"] == Count(0)


def test_a_deprecated_term_names_what_replaces_it() -> None:
    quads = [
        *the_ontology(),
        a_quad(f"{COOP}Event", names.DEPRECATED, Literal(True), names.ONTOLOGY_GRAPH),
        a_quad(f"{COOP}Event", names.REPLACED_BY, f"{COOP}Action", names.ONTOLOGY_GRAPH),
    ]
    ended = [one for one in vocabulary.read(seen(quads)).terms if one.is_deprecated]
    assert [(one.local, [new.short for new in one.replaced_by]) for one in ended] == [("Event", ["coop:Action"])]


def test_a_scheme_is_a_tree_in_the_order_of_names() -> None:
    quads = a_scheme(
        a_concept("red"), a_concept("blue"), a_concept("navy", broader=["blue"]), a_concept("azure", broader=["blue"])
    )
    found = vocabulary.scheme(seen(quads), "colour")
    assert found is not None
    assert [(node.slug, node.depth) for node in found.tree] == [("blue", 0), ("azure", 1), ("navy", 1), ("red", 0)]


def test_concepts_in_a_circle_are_each_shown_once() -> None:
    quads = a_scheme(a_concept("red", broader=["blue"]), a_concept("blue", broader=["red"]), a_concept("green"))
    found = vocabulary.scheme(seen(quads), "colour")
    assert found is not None
    assert sorted(node.slug for node in found.tree) == ["blue", "green", "red"]
    circling = vocabulary.concept(seen(quads), "colour", "red")
    assert circling is not None
    assert {one.short for one in circling.above} == {f"{SCHEME}colour/blue", f"{SCHEME}colour/red"}


def test_a_concept_with_two_broader_ones_stands_once_in_the_tree() -> None:
    quads = a_scheme(a_concept("red"), a_concept("blue"), a_concept("violet", broader=["red", "blue"]))
    found = vocabulary.scheme(seen(quads), "colour")
    assert found is not None
    assert [node.slug for node in found.tree].count("violet") == 1


@pytest.mark.parametrize("slug", ["", "nothing", "a b", "<", '"', "\x00", "\ud800", "é", "../theme", "colour/red"])
def test_what_is_no_scheme_or_concept_is_none(slug: str) -> None:
    view = seen(a_scheme(a_concept("red")))
    assert vocabulary.scheme(view, slug) is None
    assert vocabulary.concept(view, "colour", slug) is None
    assert vocabulary.concept(view, slug, "red") is None
    assert vocabulary.spellings(view, slug or "-") == {}


def test_a_concept_tells_its_names_bonds_and_matches() -> None:
    found = vocabulary.concept(seen(the_scheme("stakeholder-kind"), "en"), "stakeholder-kind", "association")
    assert found is not None
    assert [name.lang for name in found.names] == ["fr", "en"]
    assert found.notation == "association"
    assert found.broader == found.above[-1:]
    assert "skos:closeMatch" in {match for match, _ in found.matches}


def test_what_uses_a_concept_stands_by_its_class_with_names_and_through_which_property() -> None:
    project, lesson = f"{ID}project/a", f"{ID}lesson/a"
    quads = [
        *a_scheme(a_concept("red"), a_concept("pink", broader=["red"])),
        *a_use(project, "theme", "colour/red", "Project"),
        a_quad(project, f"{RDF}type", f"{COOP}Action"),
        a_quad(project, f"{SKOS}prefLabel", Literal("Un projet", language="fr")),
        a_quad(project, f"{names.DCTERMS}subject", f"{SCHEME}colour/red", names.INFERRED_GRAPH),
        *a_use(lesson, "theme", "colour/red", "Lesson"),
    ]
    found = vocabulary.concept(seen(quads), "colour", "red")
    assert found is not None
    assert [(one.kind and one.kind.short, one.count, [by.short for by in one.properties]) for one in found.groups] == [
        ("coop:Project", Count(1), ["dcterms:subject", "coop:theme"]),
        ("coop:Lesson", Count(1), ["coop:theme"]),
    ]
    assert [name.name.value for name in found.groups[0].first[0].names] == ["Un projet"]


def test_what_is_of_no_class_of_ours_uses_a_concept_as_well() -> None:
    quads = [*a_scheme(a_concept("red")), a_quad("javascript:alert(1)", f"{COOP}theme", f"{SCHEME}colour/red")]
    found = vocabulary.concept(seen(quads), "colour", "red")
    assert found is not None
    assert [(one.kind, one.count) for one in found.groups] == [(None, Count(1))]


def test_a_participation_is_named_by_its_agent_and_its_action() -> None:
    part, agent, action = f"{ID}participation/a--b", f"{ID}organisation/b", f"{ID}project/a"
    quads = [
        *a_scheme(a_concept("red")),
        *a_use(part, "role", "colour/red", "Participation"),
        a_quad(part, f"{COOP}participant", agent),
        a_quad(part, f"{COOP}inAction", action),
        a_quad(agent, f"{SKOS}prefLabel", Literal("Bé", language="fr")),
        a_quad(action, f"{SKOS}prefLabel", Literal("Projet A", language="fr")),
    ]
    found = vocabulary.concept(seen(quads), "colour", "red")
    assert found is not None
    assert [one.name.value for one in found.groups[0].first[0].names] == ["Bé", "Projet A"]


def test_a_concept_that_everything_uses_costs_no_more_than_the_bound() -> None:
    quads = a_scheme(a_concept("red"))
    for number in range(3 * MOST_COUNTED):
        quads += a_use(f"{ID}project/{number:05}", "theme", "colour/red", "Project")
    store = Counting.in_memory(quads)
    found = vocabulary.concept(View(store, "fr"), "colour", "red")
    assert found is not None
    assert found.groups[0].count == Count(MOST_COUNTED, has_more=True)
    assert len(found.groups[0].first) == 20
    assert store.given < 2.5 * MOST_COUNTED


def test_the_drawing_names_every_class_and_keeps_boxes_apart(ontology: Ontology) -> None:
    drawing = diagram.drawn(ontology)
    drawn = {box.iri: box for box in drawing.boxes}
    assert {one.iri for one in ontology.classes} <= set(drawn)
    for one in ontology.classes:
        assert " ".join(drawn[one.iri].name) == one.name.value
    for box in drawing.boxes:
        assert box.x >= 0
        assert box.x + box.width <= drawing.width
        assert box.y + box.height <= drawing.height
        for other in drawing.boxes:
            apart = box.x + box.width <= other.x or other.x + other.width <= box.x
            assert box is other or apart or box.y + box.height <= other.y or other.y + other.height <= box.y


def test_each_property_of_the_drawing_is_an_arrow_or_a_line_in_its_box(ontology: Ontology) -> None:
    drawing = diagram.drawn(ontology)
    arrows = {" ".join(line for _, line in arrow.lines) for arrow in drawing.arrows}
    rows = {box.iri: " ".join(box.rows) for box in drawing.boxes}
    assert {"coop:inAction", "coop:hasOutcome", "coop:partOfAction"} <= {edge.property.short for edge in drawing.edges}
    for edge in drawing.edges:
        assert edge.property.name.value in arrows or edge.property.name.value in rows[edge.source.iri]


def test_classes_in_a_circle_and_names_without_end_can_be_drawn() -> None:
    one, other = f"{COOP}One", f"{COOP}Other"
    quads = [
        *(a_quad(iri, f"{RDF}type", f"{names.OWL}Class", names.ONTOLOGY_GRAPH) for iri in (one, other)),
        a_quad(one, f"{names.RDFS}subClassOf", other, names.ONTOLOGY_GRAPH),
        a_quad(other, f"{names.RDFS}subClassOf", one, names.ONTOLOGY_GRAPH),
        a_quad(one, f"{names.RDFS}label", Literal("long " * 2_000, language="fr"), names.ONTOLOGY_GRAPH),
    ]
    drawing = diagram.drawn(vocabulary.read(seen(quads)))
    assert {box.iri for box in drawing.boxes} == {one, other}
    assert drawing.height < 500
