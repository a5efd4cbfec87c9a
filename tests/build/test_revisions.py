"""What follows and what the shapes find is kept up with each revision, and is what a new build would say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coopkg import gate, likeness, names
from coopkg.content import Content
from coopkg.errors import WriteRejected
from coopkg.facts import Facts
from coopkg.findings import Finding, Tier
from coopkg.gate import Gate
from coopkg.graph import Graph
from coopkg.inference import Entailment
from coopkg.journal import Change
from coopkg.judge import Judge, Rulebook, named_now, registered
from coopkg.likeness import Named, alike
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse_quads
from coopkg.store import QuadStore
from tests.build.running import Place
from tests.builders import ID, a_small_content, a_source, a_tiny_content, a_tiny_source


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    return place


@contextmanager
def writing(place: Place) -> Iterator[tuple[Gate, list[str]]]:
    said: list[str] = []
    with gate.opened(place.state, Rulebook.of(Content(place.content)), 3, said.append) as writer:
        yield writer, said


def a_page(slug: str, name: str = "Un projet") -> frozenset[Quad]:
    return frozenset(parse_quads(a_tiny_source(slug, name).encode(), RdfFormat.TRIG, slug))


def inferred(store: QuadStore) -> set[object]:
    return {quad.triple for quad in store.quads(names.INFERRED_GRAPH)}


def is_kept_up(place: Place) -> bool:
    published, manifest = Graph.open(place.settings, {}).current()
    anew = Entailment(published, Content(place.content).rules()).triples()
    return inferred(published) == anew and manifest.inferred == len(anew)


def test_only_the_first_proposal_of_a_writer_infers_everything(place: Place) -> None:
    with writing(place) as (writer, said):
        for slug in ("c-page", "d-page", "e-page"):
            writer.propose([Change(frozenset(), a_page(slug), slug)])
            assert is_kept_up(place)
        writer.propose(
            [Change(a_page("c-page"), frozenset(), "c goes"), Change(a_page("f-page"), frozenset(), "b too")]
        )
    assert is_kept_up(place)
    assert said.count("inferring what follows") == 1


def test_a_refused_proposal_leaves_what_is_inferred_as_it_was(place: Place) -> None:
    with writing(place) as (writer, said):
        writer.propose([Change(frozenset(), a_page("f-page"), "b")])
        for refused in (a_page("c-page", 50 * "long"), a_page("c-page", "a\\u0000b")):
            with pytest.raises(WriteRejected):
                writer.propose([Change(a_page("f-page"), refused, "b goes, something bad comes")])
        writer.propose([Change(a_page("f-page"), a_page("d-page"), "f goes indeed")])
    assert is_kept_up(place)
    assert said.count("inferring what follows") == 1


def test_what_comes_and_goes_again_in_one_proposal_is_not_judged(place: Place) -> None:
    control = frozenset({Quad(q.subject, q.predicate, Literal("a\0b"), q.graph_name) for q in a_page("e-page")})
    unknown = frozenset({Quad(BlankNode(), q.predicate, q.object, q.graph_name) for q in a_page("e-page")})
    with writing(place) as (writer, _):
        for slug in ("c-page", "d-page"):  # judged whole, and then on top of what is known
            changes = [Change(frozenset(), control, "bad"), Change(control | unknown, a_page(slug), "and gone")]
            assert len(writer.propose(changes)) == 2
    assert is_kept_up(place)


def test_a_refused_first_proposal_is_not_taken_for_what_is_published(place: Place) -> None:
    with writing(place) as (writer, _):
        with pytest.raises(WriteRejected):
            writer.propose([Change(frozenset(), a_page("c-page", 50 * "long"), "bad")])
        writer.propose([Change(frozenset(), a_page("d-page"), "d")])
    assert is_kept_up(place)


def test_a_triple_that_two_graphs_state_goes_with_the_second(place: Place) -> None:
    shared = [Quad(quad.subject, quad.predicate, quad.object, NamedNode(f"{names.GRAPH}c")) for quad in a_page("b")]
    first, second = a_page("b"), frozenset(shared)
    with writing(place) as (writer, _):
        writer.propose([Change(frozenset(), first | second, "twice")])
        with_both = inferred(Graph.open(place.settings, {}).current()[0])
        writer.propose([Change(first, frozenset(), "once")])
        assert inferred(Graph.open(place.settings, {}).current()[0]) == with_both
        writer.propose([Change(second, frozenset(), "no more")])
    assert inferred(Graph.open(place.settings, {}).current()[0]) < with_both
    assert is_kept_up(place)


def test_a_change_of_the_ontology_infers_everything_again(place: Place) -> None:
    label, ontology = NamedNode(f"{names.RDFS}comment"), NamedNode(names.ONTOLOGY_GRAPH)
    remark = Quad(NamedNode(f"{names.COOP}Project"), label, Literal("une remarque", language="fr"), ontology)
    with writing(place) as (writer, said):
        writer.propose([Change(frozenset(), a_page("f-page"), "b")])
        writer.propose([Change(frozenset(), frozenset({remark}), "a remark")])
    assert said.count("inferring what follows") == 2
    assert is_kept_up(place)


@pytest.mark.parametrize("seed", range(5))
def test_any_sequence_of_proposals_gives_what_a_new_build_infers(place: Place, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # the same cases in each run
    pages = {slug: a_page(slug) for slug in "cdef"}
    there: set[str] = set()
    with writing(place) as (writer, said):
        for _ in range(6):
            chosen = set(dice.sample(sorted(pages), dice.randrange(1, 4)))
            remove = frozenset[Quad]().union(*(pages[slug] for slug in chosen & there))
            add = frozenset[Quad]().union(*(pages[slug] for slug in chosen - there))
            writer.propose([Change(remove, add, "a round")])
            there ^= chosen
            assert is_kept_up(place)
    assert said.count("inferring what follows") == 1


def test_what_is_replayed_under_other_shapes_counts_as_not_judged_by_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with writing(place) as (writer, _), monkeypatch.context() as patched:
        patched.setattr(Gate, "_publish", killed)
        with pytest.raises(KeyboardInterrupt):
            writer.propose([Change(frozenset(), a_page("c-page"), "in the journal, and not published")])
    place.swap("shapes/project.ttl", "sh:maxLength 40", "sh:maxLength 4")
    for _ in range(2):
        with pytest.raises(WriteRejected):
            place.build()
    assert place.manifest().revision == place.journal().head


@pytest.fixture
def small(tmp_path: Path) -> Place:
    place = Place(a_small_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    return place


def a_whole_page(slug: str, **options: str) -> frozenset[Quad]:
    return frozenset(parse_quads(a_source(slug, **options).encode(), RdfFormat.TRIG, slug))


def told(findings: tuple[Finding, ...] | list[Finding]) -> set[tuple[str, ...]]:
    return {(f.tier.value, f.focus, f.shape, f.component, f.path, f.value) for f in findings}


def test_a_change_is_judged_as_the_whole_graph_would_be(small: Place) -> None:
    rulebook = Rulebook.of(Content(small.content))
    pages = [a_whole_page("b-page"), a_whole_page("c-page", region="84"), a_whole_page("b-page", name="Un nom")]
    steps = [(0, None), (1, None), (2, 0), (None, 1), (1, None), (None, 2)]
    with writing(small) as (writer, said):
        for add, remove in steps:
            going, coming = (frozenset[Quad]() if which is None else pages[which] for which in (remove, add))
            change = Change(going, coming, "a step")
            writer.propose([change])
            published, manifest = Graph.open(small.settings, {}).current()
            whole = Judge(rulebook).judge(published).findings
            tiers = [finding.tier for finding in whole]
            assert (manifest.warnings, manifest.infos) == (tiers.count(Tier.WARNING), tiers.count(Tier.INFO))
            assert is_kept_up(small)
    assert len([line for line in said if line.startswith("judging")]) == 1


BAD = {
    "an unknown territory": a_source("c-page", region="99"),
    "no name": a_source("c-page", name=""),
    "a property that is misspelt": a_source("c-page").replace("coop:theme", "coop:themes"),
    "a class that is misspelt": a_source("c-page").replace("a coop:Project", "a coop:Projet"),
    "nothing says what it is": a_source("c-page").replace("a coop:Participation ;", ""),
    "two actions of one participation": a_source("c-page").replace(
        f"coop:inAction <{ID}project/c-page>", f"coop:inAction <{ID}project/c-page> , <{ID}project/a-page>"
    ),
    "a derived property": a_source("c-page").replace("coop:theme", "coop:hasParticipant"),
    "another's resource": a_source("c-page").replace(f"<{ID}project/c-page>", f"<{ID}territory/region/11>"),
    "a number that is none": a_source("c-page").replace("coop:theme", 'coop:strength "many"^^xsd:integer ; coop:theme'),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_change_is_refused_with_the_findings_of_a_whole_judgement(small: Place, bad: str) -> None:
    quads = frozenset(parse_quads(BAD[bad].encode(), RdfFormat.TRIG, bad))
    refused = []
    with writing(small) as (writer, said):
        for _ in range(2):  # judged whole, and then on top of what is known
            with pytest.raises(WriteRejected) as caught:
                writer.propose([Change(frozenset(), quads, bad)])
            refused.append(told(caught.value.findings))
            writer.propose([Change(frozenset(), a_whole_page("b-page"), "a good one")])
        assert is_kept_up(small)
    assert refused[0] == refused[1]
    assert len([line for line in said if line.startswith("judging")]) <= 2


def test_a_dry_run_judges_and_changes_nothing(small: Place) -> None:
    before = small.manifest()
    with writing(small) as (writer, _):
        for _ in range(2):
            assert writer.propose([Change(frozenset(), a_whole_page("b-page"), "b")], dry_run=True) == []
            with pytest.raises(WriteRejected):
                writer.propose([Change(frozenset(), a_whole_page("b-page", name=""), "b")], dry_run=True)
        assert small.manifest() == before
        writer.propose([Change(frozenset(), a_whole_page("b-page"), "b")])
        assert writer.propose([Change(frozenset(), a_whole_page("c-page"), "c")], dry_run=True) == []
        writer.propose([Change(frozenset(), a_whole_page("d-page"), "d")])
    assert is_kept_up(small)
    assert small.manifest().revision == before.revision + 2


def an_organisation(slug: str, name: str, **said: str) -> frozenset[Quad]:
    more = "".join(f" ; coop:{term} {value}" for term, value in said.items())
    text = f"""@prefix coop: <{names.COOP}> . @prefix org: <{names.PREFIXES["org"]}> . @prefix skos: <{names.SKOS}> .
    <{names.ORGANISATIONS_GRAPH}> {{ <{ID}organisation/{slug}> a org:Organization ; skos:prefLabel "{name}"@fr ;
        org:classification <{names.BASE}scheme/stakeholder-kind/association>{more} }}"""
    return frozenset(parse_quads(text.encode(), RdfFormat.TRIG, slug))


def warnings_of(place: Place) -> set[tuple[str, str]]:
    """Return who may be whom, by a judgement of all that is published; as many warnings as the manifest counts."""
    published, manifest = Graph.open(place.settings, {}).current()
    whole = Judge(Rulebook.of(Content(place.content))).judge(published).findings
    assert manifest.warnings == sum(finding.tier is Tier.WARNING for finding in whole)
    found = [finding for finding in whole if finding.component == "Likeness"]
    return {(f.focus.rpartition("/")[2], f.value.rpartition("/")[2]) for f in found}


def test_who_may_be_named_twice_is_followed_as_the_whole_graph_would_be(small: Place) -> None:
    none = frozenset[Quad]()
    first, second = an_organisation("jardin", "Les Jardiniers"), an_organisation("asso", "Association des jardiniers")
    here, there = (
        an_organisation(slug, name, hasJurisdictionOver=f"<{ID}territory/region/{region}>")
        for slug, name, region in (("jardin", "Les Jardiniers", "11"), ("asso", "Association des jardiniers", "84"))
    )
    pair = {("jardin", "asso"), ("asso", "jardin")}
    steps = [(none, first, set()), (none, second, pair), (none, a_whole_page("b-page", name="Une page"), pair)]
    steps += [(none, here, pair), (none, there, set()), (there - second, none, pair), (first | here, none, set())]
    with writing(small) as (writer, said):
        for remove, add, expected in steps:
            writer.propose([Change(remove, add, "a step")])
            assert warnings_of(small) == expected
    assert len([line for line in said if line.startswith("judging")]) == 1


def test_looking_for_who_may_be_named_twice_costs_as_much_in_a_large_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def counting(one: Named, other: Named) -> str:
        compared.append(other.iri)
        return alike(one, other)

    monkeypatch.setattr(likeness, "alike", counting)
    costs = []
    for size in (10, 1_000):
        known = [an_organisation(f"o{number}", f"Organisation {number}") for number in range(size)]
        store = QuadStore.in_memory([*frozenset().union(*known), *an_organisation("new", "L'organisation 7")])
        facts, named = Facts(store), registered(quad.triple for quads in known for quad in quads)
        compared.clear()
        changed = named.with_changed(fresh := named_now([f"{ID}organisation/new"], facts))
        assert [other.iri for other, _ in changed.like(fresh[0])] == [f"{ID}organisation/o7"]
        costs.append((facts.cost.lookups, facts.cost.rows, len(compared)))
    assert costs[0] == costs[1] == (1, 3, 1)
