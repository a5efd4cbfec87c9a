"""What a finding could be mended with: only what exists, or what the shape accepts; and only for what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from coopkg import names, shacl
from coopkg.compiled import CompiledShapes
from coopkg.content import Content
from coopkg.facts import Facts
from coopkg.findings import Finding, Tier
from coopkg.judge import Judge, Rulebook
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, parse_quads
from coopkg.repairs import MOST_FINDINGS, MOST_OF_A_KIND, Repairs
from coopkg.scope import Vocabulary
from coopkg.store import QuadStore, Term
from tests.builders import ID, REPOSITORY, SCHEME, a_small_content, a_source

CONTENT = Content(REPOSITORY)
MESSAGES = (("en", "repair it"),)


@cache
def shapes() -> CompiledShapes:
    return CompiledShapes.load(CONTENT.shapes())


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary.of(ontology(), CONTENT.shapes())


@cache
def ontology() -> tuple[Quad, ...]:
    return tuple(quad for file in CONTENT.files if file.path == "ontology/coop.ttl" for quad in CONTENT.read(file))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> QuadStore:
    """A small graph: two organisations, one project, the concepts."""
    content = Content(a_small_content(tmp_path_factory.mktemp("repairs") / "content"))
    return QuadStore.in_memory(quad for file in content.files for quad in content.read(file))


def repairs(store: QuadStore) -> Repairs:
    return Repairs(store, shapes().shapes, vocabulary())


def a_finding(value: str, shape: str = "", focus: str = f"<{ID}project/a-page>", component: str = "Node") -> Finding:
    iri = f"{names.SHAPES}{shape}" if shape else ""
    return Finding(
        Tier.VIOLATION, focus.strip("<>"), MESSAGES, iri, component, value=value, focus_term=focus, value_term=value
    )


def typed(text: str, datatype: str) -> str:
    return str(Literal(text, datatype=NamedNode(f"{names.XSD}{datatype}")))


@pytest.mark.parametrize(
    ("shape", "value", "near"),
    [
        ("role", f"<{SCHEME}role/leader>", "role/lead"),
        ("role", f"<{SCHEME}role/initiateur>", "role/initiator"),
        ("role", '"lead"', "role/lead"),
        ("role", '"Porteur"@fr', "role/lead"),
        ("status", f"<{SCHEME}status/acheived>", "status/achieved"),
        ("Lesson-kind", f"<{SCHEME}theme/obstacles>", "lesson-kind/obstacle"),
        ("Measure-indicator", f"<{SCHEME}indicator/workshop>", "indicator/workshops"),
        ("Document-publisher", f"<{ID}organisation/une-vile>", "organisation/une-ville"),
        ("Participation-action", f"<{ID}project/a-pag>", "project/a-page"),
        ("source", f"<{ID}source/a-pages>", "source/a-page"),
    ],
)
def test_a_value_that_is_nearly_right_is_told_with_the_right_one(
    store: QuadStore, shape: str, value: str, near: str
) -> None:
    found = repairs(store).fix(a_finding(value, shape))
    assert found == (("en", f"did you mean {near}?"), ("fr", f"vouliez-vous dire {near} ?"))


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ("role", f"<{SCHEME}role/xyz>"),
        ("role", f"<{SCHEME}role/lead>"),  # right already: something else is wrong
        ("Document-publisher", f"<{ID}organisation/la-croix-rouge>"),
        ("Document-publisher", "<https://example.org/une-vile>"),
        ("Document-publisher", f"<{ID}organisation/une-ville>"),
        ("Action-territory", f"<{ID}territory/commune/93049>"),  # a code that is nearly right is another commune
        ("", "_:b0"),
        ("", ""),
    ],
)
def test_nothing_is_guessed_where_nothing_is_near(store: QuadStore, shape: str, value: str) -> None:
    assert repairs(store).fix(a_finding(value, shape)) == ()


def test_what_is_judged_itself_is_told_with_its_nearest_when_nothing_describes_it(store: QuadStore) -> None:
    finding = a_finding("", "Agent-label-fr", f"<{ID}organisation/une-asociation>")
    assert dict(repairs(store).fix(finding))["en"] == "did you mean organisation/une-association?"


@pytest.mark.parametrize(
    ("shape", "value", "meant"),
    [
        ("startDate", '"2021"', '"2021"^^xsd:gYear'),
        ("startDate", '"2021-03"', '"2021-03"^^xsd:gYearMonth'),
        ("startDate", '"2021-3-7"', '"2021-03-07"^^xsd:date'),
        ("startDate", '"26/07/2019"', '"2019-07-26"^^xsd:date'),
        ("startDate", typed("2019-07-06T00:00:00", "dateTime"), '"2019-07-06"^^xsd:date'),
        ("startDate", typed("2021-03", "date"), '"2021-03"^^xsd:gYearMonth'),
        ("startDate", typed("2021", "integer"), '"2021"^^xsd:gYear'),
        ("earliestDate", typed("2021-01-01Z", "date"), '"2021-01-01"^^xsd:date'),
        ("Measure-value", typed("12", "integer"), '"12.0"^^xsd:decimal'),
        ("Measure-value", '"1,5"', '"1.5"^^xsd:decimal'),
        ("Measure-value", '"12 500"', '"12500.0"^^xsd:decimal'),
        ("Measure-value", typed("1.000,5", "decimal"), '"1000.5"^^xsd:decimal'),
        ("", typed("1.000,5", "decimal"), '"1000.5"^^xsd:decimal'),
        ("", typed("12,5", "double"), None),
        ("label", '"Jardin"', '"Jardin"@fr or "Jardin"@en'),
        ("text-language", '"Une note"', '"Une note"@fr or "Une note"@en'),
    ],
)
def test_a_form_that_can_be_read_in_one_way_alone_is_told_as_the_shape_wants_it(
    store: QuadStore, shape: str, value: str, meant: str | None
) -> None:
    found = repairs(store).fix(a_finding(value, shape, component="Datatype"))
    assert dict(found).get("en") == (f"did you mean {meant}?" if meant else None)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ("startDate", '"2024-13"'),  # no month
        ("startDate", '"2023-02-29"'),  # no day
        ("startDate", '"06/07/2019"'),  # the 6th of July, or the 7th of June
        ("startDate", '"soon"'),
        ("startDate", typed("2021", "gYear")),  # right already
        ("Measure-value", '"1.000"'),  # one, or a thousand
        ("Measure-value", '"1,000"'),
        ("Measure-value", '"-5"'),  # the shape wants zero or more
        ("Measure-value", '"a dozen"'),
        ("Measure-value", '"' + "9" * 300 + '"'),
        ("label", '"' + "x" * 201 + '"'),  # with a language it would still be too long
    ],
)
def test_a_form_that_could_be_read_in_two_ways_or_would_not_be_accepted_is_left_to_the_author(
    store: QuadStore, shape: str, value: str
) -> None:
    assert repairs(store).fix(a_finding(value, shape, component="Datatype")) == ()


def test_of_two_forms_that_a_shape_accepts_none_is_proposed(store: QuadStore) -> None:
    text = f"""
        @prefix sh: <{names.SH}> . @prefix xsd: <{names.XSD}> .
        <urn:either> a sh:PropertyShape ; sh:path <urn:p> ; sh:or ( <urn:whole> <urn:decimal> ) .
        <urn:whole> a sh:NodeShape ; sh:datatype xsd:integer .
        <urn:decimal> a sh:NodeShape ; sh:datatype xsd:decimal ."""
    read = shacl.read(quad.triple for quad in parse_quads(text.encode(), RdfFormat.TURTLE, "shapes"))
    finding = replace(a_finding('"12"', component="Or"), shape="urn:either")
    assert Repairs(store, read, vocabulary()).fix(finding) == ()
    assert dict(Repairs(store, read, vocabulary()).fix(replace(finding, value_term='"1,5"')))["en"]


def test_every_form_that_is_proposed_is_accepted_by_the_shape_that_complained(tmp_path: Path) -> None:
    """Each value is put where it was wrong: the repair must end the finding, whatever the value."""
    content = Content(a_small_content(tmp_path / "content"))
    base = [quad for file in content.files for quad in content.read(file)]
    project, property_ = NamedNode(f"{ID}project/a-page"), NamedNode(f"{names.COOP}startDate")
    judged = 0
    for text in ("2021", "2021-5", "2021-05", "2021-5-9", "9/25/2021", "25/9/2021", "2021-02-30", "31/04/2021", "12,5"):
        wrong = Literal(text)
        fix = dict(repairs(QuadStore.in_memory(base)).fix(a_finding(str(wrong), "startDate"))).get("en")
        if fix is None:
            continue
        judged += 1
        right = fix.removeprefix("did you mean ").removesuffix("?").replace("xsd:", f"<{names.XSD}") + ">"
        (quad,) = parse_quads(f"<urn:s> <urn:p> {right} .".encode(), RdfFormat.N_TRIPLES, "the fix")
        graph = NamedNode(f"{names.GRAPH}a-page")
        after = QuadStore.in_memory([*base, Quad(project, property_, quad.object, graph)])
        found = shapes().whole(Facts(after)).findings()
        assert [one for one in found if one.shape == f"{names.SHAPES}startDate"] == [], (text, fix)
    assert judged == 4


def test_a_misspelt_word_of_the_model_is_told_with_the_nearest_in_both_languages(store: QuadStore) -> None:
    term = f"<{names.COOP}startdate>"
    property_ = replace(a_finding('"2020"', component="Scope"), path_term=term)
    assert dict(repairs(store).fix(property_)) == {
        "en": "did you mean coop:startDate?",
        "fr": "vouliez-vous dire coop:startDate ?",
    }
    kind = replace(a_finding(f"<{names.COOP}Projet>", component="Scope"), path_term=f"<{names.RDF}type>")
    assert dict(repairs(store).fix(kind))["fr"] == "vouliez-vous dire coop:Project ?"


@pytest.mark.parametrize(
    ("term", "near"),
    [
        ("http://xmlns.com/foaf/0.1/Person", ""),  # spelt rather like Lesson, and nothing of the kind
        ("http://www.w3.org/2000/01/rdf-schema#label", ""),
        ("http://w3id.org/coopkg/ns/Project", "coop:Project"),
        (f"{names.COOP}Projet", "coop:Project"),
        (f"{names.COOP}Organisation", "org:Organization"),
    ],
)
def test_a_word_of_another_vocabulary_is_near_only_what_has_nearly_its_name(
    store: QuadStore, term: str, near: str
) -> None:
    kind = replace(a_finding(f"<{term}>", component="Scope"), path_term=f"<{names.RDF}type>")
    assert dict(repairs(store).fix(kind)).get("en", "") == (f"did you mean {near}?" if near else "")


def test_a_misspelt_resource_is_not_told_as_what_was_meant_where_inference_gives_it_a_class() -> None:
    type_, lesson = NamedNode(f"{names.RDF}type"), NamedNode(f"{names.COOP}Lesson")
    meant, misspelt = NamedNode(f"{ID}lesson/jardin-animateur"), NamedNode(f"{ID}lesson/jardin-animator")
    stated = Quad(meant, type_, lesson, NamedNode(f"{names.GRAPH}a-page"))
    inferred = Quad(misspelt, type_, lesson, NamedNode(names.INFERRED_GRAPH))
    finding = a_finding("", "Lesson-kind", f"<{misspelt.value}>")
    found = repairs(QuadStore.in_memory([stated, inferred])).fix(finding)
    assert dict(found)["en"] == "did you mean lesson/jardin-animateur?"


def test_a_name_that_lacks_its_article_is_told_with_it_unless_two_have_that_name(store: QuadStore) -> None:
    publisher = a_finding(f"<{ID}organisation/ville>", "Document-publisher")
    assert dict(repairs(store).fix(publisher))["en"] == "did you mean organisation/une-ville?"
    type_, kind = NamedNode(f"{names.RDF}type"), NamedNode(f"{names.PREFIXES['org']}Organization")
    graph = NamedNode(names.ORGANISATIONS_GRAPH)
    two = (NamedNode(f"{ID}organisation/{name}") for name in ("la-ville", "une-ville"))
    assert repairs(QuadStore.in_memory(Quad(one, type_, kind, graph) for one in two)).fix(publisher) == ()


def test_a_term_that_must_go_is_not_mended_by_what_it_is_related_to(store: QuadStore) -> None:
    assert repairs(store).fix(a_finding('"3.0"', component="Term")) == ()


def test_what_the_build_infers_has_no_nearest_word(store: QuadStore) -> None:
    inferred = replace(a_finding(f"<{ID}organisation/x>", component="Scope"), path_term=f"<{names.COOP}ledBy>")
    assert repairs(store).fix(inferred) == ()


class Counting(QuadStore):
    """Counts the quads that are looked at."""

    looked_at = 0

    def stating(self, subject: NamedNode | None, predicate: NamedNode, value: Term | None) -> Iterator[Quad]:
        for quad in super().stating(subject, predicate, value):
            self.looked_at += 1
            yield quad


def test_a_great_many_resources_and_findings_cost_no_more_than_some() -> None:
    kind, graph = NamedNode(f"{names.PREFIXES['org']}Organization"), NamedNode(names.ORGANISATIONS_GRAPH)
    type_ = NamedNode(f"{names.RDF}type")
    many = Counting.in_memory(
        Quad(NamedNode(f"{ID}organisation/organisation-{number}"), type_, kind, graph)
        for number in range(MOST_OF_A_KIND + 5_000)
    )
    shown = [a_finding(f"<{ID}organisation/organisatoin-{number}>", "Document-publisher") for number in range(300)]
    mended = repairs(many).mended(shown)
    assert many.looked_at == MOST_OF_A_KIND
    assert [replace(one, fix=()) for one in mended] == shown
    assert [bool(one.fix) for one in mended] == [True] * MOST_FINDINGS + [False] * (300 - MOST_FINDINGS)


def test_the_judge_mends_what_it_found_in_a_file(tmp_path: Path) -> None:
    content = Content(a_small_content(tmp_path / "content"))
    rulebook = Rulebook(content.shapes(), content.rules(), lambda iri, graph: "", lambda graph: True)
    text = a_source("b-page", more=f"<{ID}project/b-page> coop:startDate '2021' .\n").replace("role/lead>", "role/led>")
    quads = [quad for file in content.files for quad in content.read(file)]
    store = QuadStore.in_memory([*quads, *parse_quads(text.encode(), RdfFormat.TRIG, "b-page")])
    judge = Judge(rulebook)
    fixes = {one.repair("en") for one in judge.mended(store, judge.judge(store).findings)}
    assert fixes == {"", "did you mean role/lead?", 'did you mean "2021"^^xsd:gYear?'}
