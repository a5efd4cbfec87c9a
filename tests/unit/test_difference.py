"""What changed between generations: noted exactly, kept as a file, and found again as a chain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pyoxigraph import Store

from coopkg import difference
from coopkg.difference import Difference, NotingStore, base_of, quads_of
from coopkg.errors import InputError, StateDamaged
from coopkg.generations import Generations, Manifest, differences
from coopkg.rdf import BlankNode, Literal, NamedNode, Quad

GRAPH = NamedNode("https://example.org/graph")
DECIMAL = NamedNode("http://www.w3.org/2001/XMLSchema#decimal")


def a_quad(text: str, datatype: NamedNode | None = None) -> Quad:
    return Quad(GRAPH, GRAPH, Literal(text, datatype=datatype), GRAPH)


A, B, C = map(a_quad, "abc")


def noted(*changes: tuple[Sequence[Quad], Sequence[Quad]]) -> Difference:
    found = Difference("000000001-1")
    for gone, come in changes:
        found.note(gone, come)
    return found


def a_store(*quads: Quad) -> NotingStore:
    """Return a store in memory that equals a generation with some quads."""
    store = NotingStore(Store(), on_disk=False)
    store.note_since("000000001-1")
    store.change((), quads)
    store.note_since("000000001-1")
    return store


@pytest.mark.parametrize(
    ("changes", "removed", "added"),
    [
        ([], set(), set()),
        ([([A], [B])], {A}, {B}),
        ([([], [C]), ([C], [])], set(), set()),
        ([([A], []), ([], [A])], set(), set()),
        ([([A], [A])], set(), set()),
        ([([C], [A])], set(), set()),
        ([([A], [B]), ([B], [C]), ([C], [A])], set(), set()),
        ([([A], [B]), ([B], [C])], {A}, {C}),
        # The engine holds one number, however it was written.
        ([([], [a_quad("4", DECIMAL)]), ([a_quad("+4.0", DECIMAL)], [])], set(), set()),
        ([([], [a_quad("+4.0", DECIMAL)])], set(), {a_quad("4", DECIMAL)}),
    ],
)
def test_what_is_there_other_than_before_counts_and_can_be_undone(
    changes: list[tuple[Sequence[Quad], Sequence[Quad]]], removed: set[Quad], added: set[Quad]
) -> None:
    store = a_store(A)
    for remove, add in changes:
        store.change(remove, add)
    content = store.difference.content()
    assert content is not None
    assert base_of(content) == "000000001-1"
    assert tuple(map(set, quads_of(content))) == (removed, added)
    assert set(store.quads(GRAPH.value)) == ({A} - removed) | added
    store.undo()
    assert set(store.quads(GRAPH.value)) == {A}
    assert list(store.triples(A.subject, A.predicate, A.object)) == [A.triple]
    assert quads_of(store.difference.content() or b"") == ([], [])


def test_what_has_settled_is_not_undone() -> None:
    store = a_store(A)
    store.change([], [B])
    store.settle()
    store.change([A, B], [C])
    store.undo()
    assert set(store.quads(GRAPH.value)) == {A, B}
    assert quads_of(store.difference.content() or b"") == ([], [B])


def test_a_text_of_several_lines_comes_back_as_it_was() -> None:
    odd = a_quad('A "text"\r\nD of\u2028lines\\ .\n')
    content = noted(([], [odd])).content()
    assert content is not None
    assert quads_of(content) == ([], [odd])


def test_what_is_too_long_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "MAX_QUADS", 2)
    assert noted(([A], [B])).content() is not None
    assert noted(([A], [B]), ([], [C])).content() is None


def test_blank_nodes_are_not_kept_for_their_labels_are_others_after_a_load() -> None:
    assert noted(([], [Quad(BlankNode("a"), GRAPH, GRAPH, GRAPH)])).content() is None
    assert noted(([Quad(GRAPH, GRAPH, BlankNode("a"), GRAPH)], [])).content() is None


@pytest.mark.parametrize(
    "content",
    [b"", b"A <urn:a> <urn:a> <urn:a> <urn:a> .\n", b'H base "../x" .\n', b'H base "000000001-1" .'],
)
def test_a_file_that_names_no_base_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="applies to"):
        quads_of(content)


@pytest.mark.parametrize("rest", [b"X <urn:a> <urn:a> <urn:a> <urn:a> .\n", b"A <urn:a> <urn:a>", b"A <urn:a> .\n"])
def test_a_file_that_is_no_patch_is_refused(rest: bytes) -> None:
    with pytest.raises(InputError):
        quads_of(b'H base "000000001-1" .\n' + rest)


# The chain of generations


def publish(generations: Generations, revision: int, *, kept: bool = True) -> Path:
    """Publish the current generation with its revision number added and the one before removed."""
    base = generations.current()
    with generations.candidate(base) as candidate:
        candidate.store.change([a_quad(str(revision - 1))], [a_quad(str(revision))])
        candidate.store.flush()
        candidate.store.close()
        manifest = Manifest(revision, "", "", "", 1, 0, 0, 0, {}, {})
        return generations.publish(candidate.folder, manifest, candidate.difference if kept else None)


def test_differences_lead_from_a_generation_to_a_later_one_in_their_order(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 3)
    folders = [publish(generations, revision) for revision in (1, 2, 2, 3)]  # of which the first is removed
    one, two, again, three = folders
    found = differences(two, three)
    assert found is not None
    assert [base_of(content) for content in found] == [two.name, again.name]
    assert quads_of(found[1]) == ([a_quad("2")], [a_quad("3")])
    assert differences(three, three) == []
    assert differences(three, two) is None, "nothing leads back"
    assert differences(one, three) is not None, "what was held may be gone, what leads on from it may not"
    publish(generations, 4)
    assert differences(one, folders[-1]) is None
    generations.check(three)


def test_no_difference_leads_over_a_generation_without_one(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 3)
    one, two, three = (publish(generations, revision, kept=revision != 2) for revision in (1, 2, 3))
    assert differences(one, three) is None
    assert differences(two, three) is not None


def test_a_difference_that_was_changed_is_not_used_and_named_by_the_check(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 3)
    one, two = (publish(generations, revision) for revision in (1, 2))
    path = two / "difference"
    path.write_bytes(path.read_bytes().replace(b'"2"', b'"5"'))
    assert differences(one, two) is None
    with pytest.raises(StateDamaged, match="difference changed since publication"):
        generations.check(two)
    path.unlink()
    with pytest.raises(StateDamaged, match="difference changed since publication"):
        generations.check(two)


def test_a_difference_that_nobody_published_is_named(tmp_path: Path) -> None:
    generations = Generations(tmp_path, 3)
    one = publish(generations, 1)
    (one / "difference").write_bytes(b"")
    with pytest.raises(StateDamaged, match="difference changed"):
        generations.check(one)
