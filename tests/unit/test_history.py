"""The history says what each revision did in fact, and what undoes it: compared with graphs replayed by hand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from coopkg.errors import InputError, RevisionOvertaken, StateDamaged, UnknownGraph
from coopkg.history import Delta, History, Touched, resource
from coopkg.journal import Change, Journal, Origin, Revision
from coopkg.rdf import Literal, NamedNode, Quad
from tests.builders import segment

EX = "https://example.org/"
Graph = frozenset[Quad]


def a_quad(text: str, *, subject: str = "s", graph: str = "g") -> Quad:
    return Quad(NamedNode(EX + subject), NamedNode(f"{EX}p"), Literal(text), NamedNode(EX + graph))


def quads(*texts: str) -> Graph:
    return frozenset(map(a_quad, texts))


def a_history(folder: Path, *changes: tuple[Sequence[Quad] | Graph, Sequence[Quad] | Graph]) -> History:
    """Return the history of a journal with one revision a change (what goes, what comes)."""
    journal = Journal(folder / "journal", writing=True)
    for number, (remove, add) in enumerate(changes, start=1):
        journal.append([Change(frozenset(remove), frozenset(add), f"change {number}", author=f"author {number}")])
    return History(journal)


def numbers(revisions: Iterator[Revision]) -> list[int]:
    return [revision.number for revision in revisions]


# Random histories, against graphs replayed by hand


def a_random_history(folder: Path, seed: int) -> tuple[History, list[Graph], list[tuple[Graph, Graph]]]:
    """Return a history that also removes what is not there and adds what is, with the graph after each revision."""
    chance = random.Random(seed)  # noqa: S311  # random cases, the same in each run
    pool = [a_quad(text, subject=subject, graph=graph) for text in "abc" for subject in "st" for graph in "gh"]
    changes: list[tuple[Graph, Graph]] = []
    graphs: list[Graph] = [frozenset()]
    for _ in range(chance.randint(1, 9)):
        remove, add = (frozenset(chance.sample(pool, chance.randint(0, 4))) for _ in range(2))
        changes.append((remove, add))
        graphs.append((graphs[-1] - remove) | add)
    return a_history(folder, *changes), graphs, changes


@pytest.mark.parametrize("seed", range(40))
def test_the_difference_between_any_two_revisions_is_that_of_their_graphs(tmp_path: Path, seed: int) -> None:
    history, graphs, _ = a_random_history(tmp_path, seed)
    for before, one in enumerate(graphs):
        for after, other in enumerate(graphs):
            assert history.difference(before, after) == Delta(one - other, other - one), (before, after)


@pytest.mark.parametrize("seed", range(40))
def test_a_revision_is_undone_exactly_unless_later_ones_touched_its_statements(tmp_path: Path, seed: int) -> None:
    history, graphs, _ = a_random_history(tmp_path, seed)
    steps = [one ^ other for one, other in itertools.pairwise(graphs)]
    for number, own in enumerate(steps, start=1):
        touched = {(later, f"{quad} .") for later, step in enumerate(steps, 1) if later > number for quad in own & step}
        if touched:
            with pytest.raises(RevisionOvertaken) as refused:
                history.undoing(number)
            assert set(refused.value.touched) == touched
        elif not own:
            with pytest.raises(InputError, match=f"revision {number}: changed no statement"):
                history.undoing(number)
        else:
            delta = history.undoing(number)
            assert (graphs[-1] - delta.removed) | delta.added == graphs[-1] ^ own


@pytest.mark.parametrize("seed", range(40))
def test_blame_names_the_revision_from_which_each_statement_has_held(tmp_path: Path, seed: int) -> None:
    history, graphs, _ = a_random_history(tmp_path, seed)
    for subject in "st":
        held = {quad for quad in graphs[-1] if quad.subject == NamedNode(EX + subject)}
        since = {
            quad: max(n for n in range(1, len(graphs)) if quad not in graphs[n - 1] and quad in graphs[n])
            for quad in held
        }
        if held:
            assert {one.quad: one.revision.number for one in history.blame(EX + subject)} == since
        else:
            with pytest.raises(InputError, match="check the IRI"):
                history.blame(EX + subject)


@pytest.mark.parametrize("seed", range(10))
def test_replaying_gives_each_graph(tmp_path: Path, seed: int) -> None:
    history, graphs, _ = a_random_history(tmp_path, seed)
    assert [frozenset(graph) for _, _, graph in history.replayed()] == graphs[1:]


# What is refused


def test_a_revision_that_later_ones_touched_says_which_statements_and_which_revisions(tmp_path: Path) -> None:
    history = a_history(tmp_path, ((), quads("a", "b", "c")), (quads("a"), ()), (quads("b"), ()), ((), quads("b")))
    with pytest.raises(
        RevisionOvertaken, match=r"revision 1 .* touched 2 of its statements \(2, 3, 4\); revert those first"
    ) as refused:
        history.undoing(1)
    assert [later for later, _ in refused.value.touched] == [2, 3, 4]
    assert refused.value.touched[0][1] == f"{a_quad('a')} ."


def test_a_redundant_addition_later_on_does_not_stand_in_the_way(tmp_path: Path) -> None:
    history = a_history(tmp_path, ((), quads("a")), ((), quads("a")))
    assert history.undoing(1) == Delta(quads("a"), frozenset())
    with pytest.raises(InputError, match="revision 2: changed no statement"):
        history.undoing(2)


@pytest.mark.parametrize("number", [0, 3, -1, 10**12])
def test_a_revision_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path, number: int) -> None:
    history = a_history(tmp_path, ((), quads("a")), ((), quads("b")))
    for asked in (history.revision, history.change, history.undoing):
        with pytest.raises(InputError, match=f"revision {number}: there is none; give a number from 1 to 2"):
            asked(number)
    if number:
        with pytest.raises(InputError, match=f"revision {number}: there is none"):
            history.difference(1, number)


def test_a_person_names_a_revision_by_digits_or_as_the_current_one(tmp_path: Path) -> None:
    history = a_history(tmp_path, ((), quads("a")), ((), quads("b")))
    assert [history.number(text) for text in ("0", "2", "002", "current")] == [0, 2, 2, 2]


@pytest.mark.parametrize("text", ["", "3", "-1", "+1", "1.0", " 1", "²", "٢", "last", "1" * 5000, "1e0"])
def test_what_names_no_revision_is_refused(tmp_path: Path, text: str) -> None:
    history = a_history(tmp_path, ((), quads("a")), ((), quads("b")))
    with pytest.raises(InputError, match="there is none; give a number up to 2, or 'current'"):
        history.number(text)


def test_a_body_that_was_changed_is_told_by_whatever_reads_it(tmp_path: Path) -> None:
    history = a_history(tmp_path, ((), quads("a")), ((), quads("b")), ((), quads("c")))
    second = history.revision(2)
    content = bytearray(segment(tmp_path / "journal").read_bytes())
    content[second.body_offset + 3] ^= 1
    segment(tmp_path / "journal").write_bytes(content)
    assert history.change(1) == Delta(frozenset(), quads("a"))
    for ask in (
        lambda: history.change(2),
        lambda: history.difference(1, 3),
        lambda: history.undoing(1),
        lambda: history.blame(f"{EX}s"),
        lambda: list(history.log(f"{EX}g")),
    ):
        with pytest.raises(StateDamaged, match=r"the body of revision 2 has another checksum.*coopkg restore"):
            ask()


# The list


def test_the_list_begins_with_the_last_revision(tmp_path: Path) -> None:
    history = a_history(tmp_path, *[((), quads(text)) for text in "abc"])
    assert numbers(history.log()) == [3, 2, 1]


def test_the_list_of_a_graph_has_what_touched_it_whether_or_not_a_file_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", writing=True)
    there, elsewhere = a_quad("a"), a_quad("a", graph="h")
    built = Origin("data/sources/g.trig", "0" * 64, {f"{EX}g": "1" * 64})
    gone = Origin("data/sources/g.trig", "", {})
    for remove, add, origin in (
        ((), (there,), built),
        ((), (elsewhere,), None),
        ((), (a_quad("b"),), None),
        ((there,), (), gone),
        ((elsewhere,), (), None),
    ):
        journal.append([Change(frozenset(remove), frozenset(add), "x", origin=origin)])
    assert numbers(History(journal).log(f"{EX}g")) == [4, 3, 1]
    assert numbers(History(journal).log(f"{EX}h")) == [5, 2]
    with pytest.raises(UnknownGraph, match=f"no revision touched a graph <{EX}i>"):
        list(History(journal).log(f"{EX}i"))


def test_when_a_graph_was_last_changed_is_read_on_from_where_it_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "journal", writing=True)
    for text, graph in (("a", "g"), ("b", "h"), ("c", "g")):
        journal.append([Change(frozenset(), frozenset([a_quad(text, graph=graph)]), "x")])
    times, touched = [revision.time for revision in journal.revisions], Touched(journal)
    assert touched.times(2) == {f"{EX}g": times[0], f"{EX}h": times[1]}
    read: list[Revision] = []
    body = journal.body

    def watched(revision: Revision) -> bytes:
        read.append(revision)
        return body(revision)

    monkeypatch.setattr(journal, "body", watched)
    assert touched.times(3) == {f"{EX}g": times[2], f"{EX}h": times[1]}
    assert touched.times(3)[f"{EX}g"] == times[2]
    assert read == [journal.revisions[2]]


def test_what_reads_many_revisions_shows_each(tmp_path: Path) -> None:
    shown: list[int] = []

    def progress(revisions: Sequence[Revision]) -> Iterator[Revision]:
        for revision in revisions:
            shown.append(revision.number)
            yield revision

    journal = Journal(tmp_path / "journal", writing=True)
    for text in "abc":
        journal.append([Change(frozenset(), quads(text), text)])
    history = History(journal, progress)
    history.difference(1, 2)
    history.blame(f"{EX}s")
    assert shown == [1, 2, 1, 2, 3]


# A resource


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("https://example.org/é", "https://example.org/é"),
        ("<urn:x:y>", "urn:x:y"),
        ("coop:Project", "https://w3id.org/coopkg/ns#Project"),
        ("mailto:someone", "mailto:someone"),
    ],
)
def test_a_resource_is_named_as_people_write_it(text: str, iri: str) -> None:
    assert resource(text) == iri


@pytest.mark.parametrize("text", ["", "Paris", "<>", "a b:c", "http://x/ y", 'http://x/"', "http://x/\n", ":", "<a"])
def test_what_is_no_iri_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no IRI; give it whole"):
        resource(text)


def test_a_resource_that_was_known_once_is_told_with_its_last_revision(tmp_path: Path) -> None:
    history = a_history(tmp_path, ((), quads("a")), (quads("a"), ()), ((), [a_quad("a", subject="t")]))
    with pytest.raises(InputError, match=f"<{EX}s>: nothing more is stated since revision 2 about it"):
        history.blame(f"{EX}s")
    with pytest.raises(InputError, match=f"<{EX}u>: no revision states anything about it"):
        history.blame(f"{EX}u")
    with pytest.raises(InputError, match="no revision states"):  # the beginning of a name is not the name
        history.blame(EX)


def test_a_batch_is_undone_whole_and_its_revisions_stand_in_the_way_of_one_another_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", writing=True)
    journal.append([Change(frozenset(), quads("a", "b"), "first")])
    journal.append(
        [
            Change(quads("a"), quads("c"), "second"),
            Change(quads("c"), quads("d"), "third"),
            Change(frozenset(), frozenset({a_quad("e", graph="h")}), "fourth"),
        ]
    )
    history = History(journal)
    assert [history.batch(number) for number in (1, 2, 4)] == [range(1, 2), range(2, 5), range(2, 5)]
    with pytest.raises(RevisionOvertaken):
        history.undoing(2)
    for number in (2, 3, 4):
        undone = history.undoing(number, batch=True)
        assert undone == Delta(frozenset({a_quad("d"), a_quad("e", graph="h")}), quads("a"))
    journal.append([Change(quads("d"), frozenset(), "fifth")])
    with pytest.raises(RevisionOvertaken) as refused:
        history.undoing(3, batch=True)
    assert refused.value.touched == ((5, f"{a_quad('d')} ."),)


@pytest.mark.parametrize("text", ["id/project/x", "<id/project/x>"])
def test_an_iri_of_ours_may_be_given_from_id_on(text: str) -> None:
    assert resource(text) == "https://w3id.org/coopkg/id/project/x"
