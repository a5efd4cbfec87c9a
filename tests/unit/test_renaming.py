"""A renaming is planned for every graph at once: what it changes, what it leaves, what it refuses."""

from __future__ import annotations

import pytest

from coopkg import names
from coopkg.errors import InputError
from coopkg.journal import Change
from coopkg.rdf import NamedNode, Quad, RdfFormat, parse_quads
from coopkg.redirects import Redirects
from coopkg.renaming import planned_rename
from coopkg.store import QuadStore

ID = f"{names.BASE}id/"
A, B, C, D = (f"{ID}project/{letter}" for letter in "abcd")
PREFIXES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in names.PREFIXES.items())


def a_store(**graphs: str) -> QuadStore:
    """Return a store with named graphs (`_` stands for `/`), in Turtle; `project:a` is id/project/a."""
    kinds = "".join(
        f"@prefix {kind}: <{ID}{kind}/> .\n" for kind in ("project", "organisation", "group", "source", "lesson")
    )
    text = PREFIXES + kinds
    for name, turtle in graphs.items():
        text += f"<{names.GRAPH}{name.replace('_', '/')}> {{ {turtle} }}\n"
    return QuadStore.in_memory(parse_quads(text.encode(), RdfFormat.TRIG, "test"))


def lines(quads: frozenset[Quad]) -> set[str]:
    return {f"{quad}" for quad in quads}


def carried_out(store: QuadStore, changes: list[Change]) -> QuadStore:
    for change in changes:
        assert all(quad in set(store.quads(quad.graph_name.value)) for quad in change.remove)  # type: ignore[union-attr]  # named graphs alone
        store.change(change.remove, list(change.add))
    return store


def everything(store: QuadStore) -> set[Quad]:
    return {quad for graph in store.graphs() for quad in store.quads(graph)}


def test_each_graph_that_names_the_resource_has_its_change_and_the_redirect_has_one() -> None:
    store = a_store(
        one='project:a a coop:Project ; skos:prefLabel "A"@fr ; coop:partOfAction project:a .',
        two="project:a a coop:Project . project:x coop:continues project:a .",
        three="project:x a coop:Project .",
        inferred="project:a a coop:Action .",
    )
    changes = planned_rename(store, A, B, "why", "Ada")
    touched = [change.add and next(iter(change.add)).graph_name.value for change in changes]  # type: ignore[union-attr]  # named graphs alone
    assert touched == [names.EDITORIAL_GRAPH, f"{names.GRAPH}one", f"{names.GRAPH}two"]
    assert {(change.message, change.author) for change in changes} == {("why", "Ada")}
    assert [(len(change.remove), len(change.add)) for change in changes] == [(0, 2), (3, 3), (2, 2)]
    after = carried_out(store, changes)
    assert {quad.graph_name.value for quad in after.about(A)} == {names.EDITORIAL_GRAPH, names.INFERRED_GRAPH}  # type: ignore[union-attr]  # named graphs alone
    assert [quad.subject.value for quad in after.toward(B) if quad.predicate.value.endswith("partOfAction")] == [B]  # type: ignore[union-attr]  # no blank node is there
    assert Redirects.of(after).target(A) == B


def test_the_message_names_both_when_none_is_given() -> None:
    (change, *_) = planned_rename(a_store(one="project:a a coop:Project ."), A, B)
    assert (change.message, change.author) == (f"rename {A} to {B}", "coopkg rename")


def test_redirects_to_a_renamed_resource_follow_it_and_never_grow_into_a_chain() -> None:
    store = a_store(one="project:a a coop:Project .")
    for old, new in ((A, B), (B, C), (C, D)):
        carried_out(store, planned_rename(store, old, new))
    direct = {quad.subject.value for quad in store.toward(D)}  # type: ignore[union-attr]  # no blank node is there
    assert direct == {A, B, C}


def test_a_resource_may_get_back_its_first_name() -> None:
    store = a_store(one="project:a a coop:Project .")
    for old, new in ((A, B), (B, C), (C, A)):
        carried_out(store, planned_rename(store, old, new))
    redirects = Redirects.of(store)
    assert [redirects.target(iri) for iri in (A, B, C)] == [None, A, A]
    assert not redirects.is_deprecated(A)


def test_a_renaming_there_and_back_leaves_the_data_as_they_were() -> None:
    store = a_store(
        one='project:a a coop:Project ; skos:prefLabel "A"@fr .',
        two="project:x a coop:Project ; rdfs:seeAlso project:a .",
    )
    before = everything(store)
    for old, new in ((A, B), (B, A)):
        carried_out(store, planned_rename(store, old, new))
    kept = {quad for quad in everything(store) if quad.graph_name != NamedNode(names.EDITORIAL_GRAPH)}
    assert kept == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("project/a", "project/x", "<.*project/x>: exists already; .*'coopkg merge'"),
        ("project/a", "project/gone", "was renamed to <.*project/x>; choose a name that nothing has had"),
        ("project/a", "project/withdrawn", "is deprecated, and nothing replaces it; choose a name"),
        ("project/nobody", "project/b", "<.*project/nobody>: no graph describes it; check the IRI"),
        ("project/gone", "project/b", "<.*project/gone>: was renamed to <.*project/x>; check the IRI"),
        ("project/cited", "project/b", "<.*project/cited>: no graph describes it"),
        ("project/a", "lesson/a", "are of two kinds, project and lesson"),
        ("project/a", "project/a", "is given twice"),
        ("source/one", "source/other", "rename its file in data/sources/, write the new name in it"),
        ("project/known", "project/b", "graph/licences would change, which is never exported"),
        *(
            ("project/a", f"project/{slug}", "cannot be renamed or merged; only what curated graphs")
            for slug in ("", "B", "é", "a_b", "a/b", "a b", "-a", "a-", "a.b", "..", "a%20b", "a#b", "a?b", "a\n")
        ),
        ("territory/commune/75056", "territory/commune/75057", "no place with an official code"),
        ("territory/region/11", "territory/area/idf", "cannot be renamed or merged"),
        ("agent/coopkg", "agent/other", "cannot be renamed or merged"),
        ("cooperation/ab", "cooperation/cd", "cannot be renamed or merged"),
        ("../scheme/role/lead", "../scheme/role/chief", "cannot be renamed or merged"),
    ],
)
def test_what_cannot_be_renamed_is_refused_with_what_to_do(old: str, new: str, says: str) -> None:
    store = a_store(
        one="project:a a coop:Project . project:x a coop:Project ; rdfs:seeAlso project:cited .",
        licences="project:known a coop:Project .",
        editorial="project:gone owl:deprecated true ; dcterms:isReplacedBy project:x ."
        "project:withdrawn owl:deprecated true .",
    )
    before = everything(store)
    with pytest.raises(InputError, match=says):
        planned_rename(store, ID + old, ID + new)
    assert everything(store) == before


def test_a_reference_table_that_names_a_resource_refuses_its_renaming() -> None:
    store = a_store(one="project:a a coop:Project .", reference_regions="project:r rdfs:seeAlso project:a .")
    with pytest.raises(InputError, match="graph/reference/regions would change, which is never exported"):
        planned_rename(store, A, B)
