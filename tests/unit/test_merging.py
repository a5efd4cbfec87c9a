"""A merge keeps what both say, and refuses where one thing has one value and they have two."""

from __future__ import annotations

import pytest

from coopkg import names
from coopkg.compiled import shapes_in
from coopkg.content import Content
from coopkg.errors import InputError, MergeRefused
from coopkg.merging import planned_merge, single
from coopkg.redirects import Redirects
from coopkg.store import QuadStore
from coopkg.trig import term
from tests.conftest import REPOSITORY
from tests.unit.test_renaming import a_store, carried_out, everything

ID = f"{names.BASE}id/"
A, B = f"{ID}project/a", f"{ID}project/b"
SHAPES = shapes_in(Content(REPOSITORY).shapes())
ONTOLOGY = "coop:Project rdfs:subClassOf coop:Action . coop:memberCount a owl:FunctionalProperty ."


def merged(store: QuadStore, one: str = A, other: str = B, prefer: str = "") -> QuadStore:
    return carried_out(store, planned_merge(store, one, other, SHAPES, prefer))


def about(store: QuadStore, iri: str, graph: str = "") -> set[str]:
    """What a graph (or each) says of a resource: property and value."""
    wanted = f"{names.GRAPH}{graph}" if graph else None
    return {f"{term(quad.predicate)} {term(quad.object)}" for quad in store.about(iri, wanted)}


def test_what_is_said_of_one_is_said_of_the_other_in_its_own_graph() -> None:
    store = a_store(
        one='project:a a coop:Project ; skos:altLabel "Un autre"@fr ; coop:theme <urn:x:t> .',
        two='project:b a coop:Project ; skos:prefLabel "B"@fr ; coop:theme <urn:x:u> .',
        three="project:c coop:continues project:a . project:d coop:continues project:b .",
    )
    after = merged(store)
    assert about(after, B, "one") == {"rdf:type coop:Project", 'skos:altLabel "Un autre"@fr', "coop:theme <urn:x:t>"}
    assert about(after, B, "two") == {"rdf:type coop:Project", 'skos:prefLabel "B"@fr', "coop:theme <urn:x:u>"}
    assert {f"{quad.subject}" for quad in after.toward(B)} == {f"<{ID}project/{x}>" for x in "acd"}
    assert about(after, A) == {'owl:deprecated "true"^^xsd:boolean', f"dcterms:isReplacedBy <{B}>"}


def test_a_second_name_becomes_another_name_in_each_language() -> None:
    graphs = {
        "one": 'project:a skos:prefLabel "A"@fr , "A in English"@en ; skos:altLabel "B"@fr , "Y"@fr .',
        "two": 'project:b skos:prefLabel "B"@fr ; skos:altLabel "A"@fr .',
    }
    after = merged(a_store(**graphs))
    # What is its name is not another name of it, too.
    assert about(after, B, "one") == {
        'skos:altLabel "A"@fr',
        'skos:prefLabel "A in English"@en',
        'skos:altLabel "Y"@fr',
    }
    assert about(after, B, "two") == {'skos:prefLabel "B"@fr', 'skos:altLabel "A"@fr'}
    preferred = merged(a_store(**graphs), prefer=A)
    assert about(preferred, B, "one") >= {'skos:prefLabel "A"@fr', 'skos:altLabel "B"@fr'}
    assert about(preferred, B, "two") == {'skos:altLabel "B"@fr'}


def test_the_same_name_in_both_stays_a_name() -> None:
    store = a_store(one='project:a skos:prefLabel "P"@fr .', two='project:b skos:prefLabel "P"@fr .')
    after = merged(store)
    assert about(after, B, "one") == about(after, B, "two") == {'skos:prefLabel "P"@fr'}


def test_the_same_value_in_both_is_no_clash() -> None:
    said = 'a coop:Project ; coop:startDate "2019"^^xsd:gYear .'
    after = merged(a_store(ontology=ONTOLOGY, one=f"project:a {said}", two=f"project:b {said}"))
    assert (
        about(after, B, "one")
        == about(after, B, "two")
        == {"rdf:type coop:Project", 'coop:startDate "2019"^^xsd:gYear'}
    )


CLASHING = {
    "ontology": ONTOLOGY,
    "one": """project:a a coop:Project ; coop:startDate "2019"^^xsd:gYear ; coop:memberCount 3 ;
        coop:endDate "2020"^^xsd:gYear .""",
    "two": 'project:b a coop:Project ; coop:startDate "2018"^^xsd:gYear ; coop:memberCount 4 ; coop:theme <urn:x:t> .',
}


def test_values_that_clash_are_refused_each_with_both_values_and_where_they_are() -> None:
    store = a_store(**CLASHING)
    before = everything(store)
    with pytest.raises(MergeRefused) as refused:
        planned_merge(store, A, B, SHAPES, locate=lambda iri, graph: f"{graph[-3:]}.trig:{iri[-1]}")
    assert refused.value.clashes == (
        f'coop:memberCount: "3"^^<{names.XSD}integer> (one.trig:a), "4"^^<{names.XSD}integer> (two.trig:b)',
        f'coop:startDate: "2019"^^<{names.XSD}gYear> (one.trig:a), "2018"^^<{names.XSD}gYear> (two.trig:b)',
    )
    assert "--prefer A or --prefer B" in str(refused.value)
    assert everything(store) == before


@pytest.mark.parametrize(("prefer", "start", "count"), [(A, "2019", "3"), (B, "2018", "4")])
def test_the_values_of_the_preferred_one_count(prefer: str, start: str, count: str) -> None:
    after = about(merged(a_store(**CLASHING), prefer=prefer), B)
    assert after == {
        "rdf:type coop:Project",
        f'coop:startDate "{start}"^^xsd:gYear',
        f"coop:memberCount {count}",
        'coop:endDate "2020"^^xsd:gYear',
        "coop:theme <urn:x:t>",
    }


def test_what_a_thing_has_once_depends_on_its_class_and_on_the_ontology() -> None:
    store = a_store(ontology=ONTOLOGY, one="project:a a coop:Project .", two="project:b a coop:Outcome .")
    project, outcome = (single(store, SHAPES, list(store.about(iri))) for iri in (A, B))
    assert f"{names.COOP}startDate" in project.properties
    assert f"{names.COOP}startDate" not in outcome.properties
    assert f"{names.COOP}status" in outcome.properties
    assert f"{names.COOP}status" not in project.properties
    assert f"{names.COOP}memberCount" in project.properties & outcome.properties
    assert f"{names.COOP}theme" not in project.properties


def test_a_value_that_only_a_file_by_hand_could_lose_is_refused() -> None:
    store = a_store(
        ontology=ONTOLOGY,
        one='project:a a coop:Project ; coop:startDate "2019"^^xsd:gYear .',
        licences='project:b a coop:Project ; coop:startDate "2018"^^xsd:gYear .',
    )
    with pytest.raises(InputError, match="graph/licences would change, which is never exported"):
        planned_merge(store, A, B, SHAPES, prefer=A)


def test_what_relates_the_two_to_one_another_goes_and_is_seen_to_go() -> None:
    store = a_store(
        one="project:a a coop:Project ; coop:continues project:b , project:c .",
        two="project:b a coop:Project ; rdfs:seeAlso project:a .",
    )
    changes = planned_merge(store, A, B, SHAPES)
    gone = {f"{quad.subject} {quad.object}" for change in changes for quad in change.remove}
    assert {f"<{A}> <{B}>", f"<{B}> <{A}>"} <= gone
    after = carried_out(store, changes)
    assert about(after, B) == {"rdf:type coop:Project", f"coop:continues <{ID}project/c>"}


def test_redirects_to_the_first_lead_to_the_second() -> None:
    store = a_store(
        one="project:a a coop:Project . project:b a coop:Project .",
        editorial="project:old owl:deprecated true ; dcterms:isReplacedBy project:a .",
    )
    redirects = Redirects.of(merged(store))
    assert [redirects.target(f"{ID}project/{iri}") for iri in ("old", "a", "b")] == [B, B, None]


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("project/a", "project/nobody", "<.*nobody>: no graph describes it"),
        ("project/nobody", "project/a", "<.*nobody>: no graph describes it"),
        ("project/a", "project/old", "<.*old>: was renamed to <.*project/a>"),
        ("project/old", "project/a", "<.*old>: was renamed to <.*project/a>"),
        ("organisation/o", "group/g", "are of two kinds, organisation and group"),
        ("project/a", "project/a", "is given twice"),
        ("source/one", "source/two", "a source document has the name of its graph"),
        ("territory/region/11", "territory/region/12", "no place with an official code"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_what_to_do(one: str, other: str, says: str) -> None:
    store = a_store(
        one="project:a a coop:Project . group:g a coop:StakeholderGroup .",
        editorial_organisations="organisation:o a org:Organization .",
        editorial="project:old owl:deprecated true ; dcterms:isReplacedBy project:a .",
    )
    with pytest.raises(InputError, match=says):
        planned_merge(store, ID + one, ID + other, SHAPES)
