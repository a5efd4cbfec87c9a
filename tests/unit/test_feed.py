"""The feed tells each thing that a revision touched, as it is after it, once and for ever."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from coopkg import names, record, scratch
from coopkg.chronicle import patch
from coopkg.errors import DiskFullError, Refused, StateDamaged
from coopkg.feed import Feed, document, table
from coopkg.feed.version import Version, mark_of
from coopkg.history import History
from coopkg.journal import Journal
from coopkg.rdf import NamedNode, Quad, RdfFormat, parse_quads
from tests.builders import segment
from tests.feeds import GRAPH, OTHER_GRAPH, Written, held, said, told, versions


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Give a journal whose feed has three versions on a page, and its temporary files in a folder of the test."""
    monkeypatch.setattr(table, "PAGE_VERSIONS", 3)
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    monkeypatch.setattr(scratch, "PLACE", str(tmp_path / "scratch"))
    made = Written(tmp_path)
    yield made
    made.feed.close()


# Versions


def test_a_version_has_what_its_thing_states_after_the_revision(written: Written) -> None:
    written.change([said("a", "one")])
    written.change([said("a", "two")])
    first, second = versions(written.feed)
    assert first.statements == (f'<{names.SKOS}prefLabel> "one" <{GRAPH}> .',)
    assert [statement.split('"')[1] for statement in second.statements] == ["one", "two"]


def test_things_are_created_changed_deleted_and_created_again(written: Written) -> None:
    written.change([said("a", "one"), said("b", "one")])
    written.change([said("a", "two")], [said("a", "one")])
    written.change([], [said("a", "two")])
    written.change([said("a", "two")])
    assert told(versions(written.feed)) == [
        ("a", 1, "Create", 1),
        ("b", 1, "Create", 1),
        ("a", 2, "Update", 1),
        ("a", 3, "Delete", 0),
        ("a", 4, "Create", 1),
    ]


def test_what_a_revision_does_not_change_in_fact_makes_no_version(written: Written) -> None:
    written.change([said("a", "one")])
    written.change([said("a", "one")])
    written.change([], [said("a", "never said"), said("b", "never said")])
    written.change([said("a", "one")], [said("a", "one")])
    written.change([said("c", "one")], [said("c", "one")])
    assert told(versions(written.feed)) == [("a", 1, "Create", 1), ("c", 5, "Create", 1)]


def test_what_two_graphs_state_stays_when_one_takes_it_back(written: Written) -> None:
    written.change([said("a", "one"), said("a", "one", OTHER_GRAPH)])
    written.change([], [said("a", "one")])
    assert told(versions(written.feed)) == [("a", 1, "Create", 2), ("a", 2, "Update", 1)]
    assert held(versions(written.feed)) == {f"{said('a', 'one', OTHER_GRAPH)} ."}


def test_things_that_are_not_ours_have_no_versions_but_are_in_the_patches(written: Written) -> None:
    written.change([said("https://example.org/theirs", "one"), said("a", "one")])
    assert told(versions(written.feed)) == [("a", 1, "Create", 1)]
    with written.feed.reading() as reading:
        assert len(list(reading.patch(1))) == 2


def test_a_clock_that_was_put_back_is_not_followed(written: Written) -> None:
    written.change([said("a", "one")], at="2026-02-01")
    written.change([said("a", "two")], at="2026-01-01")
    assert [version.time[:10] for version in versions(written.feed)] == ["2026-02-01", "2026-02-01"]


def test_the_iri_of_a_version_leads_to_it_whatever_its_thing_is_called(written: Written) -> None:
    things = [f"{names.COOP}Project", f"{names.BASE}a?b", f"{names.BASE}a%23b", f"{names.BASE}a#b", f"{names.BASE}é#é"]
    written.change([said(thing, "one") for thing in things])
    iris = [version.iri for version in versions(written.feed)]
    assert len(set(iris)) == len(things)
    assert not any("#" in iri or "?" in iri for iri in iris)
    assert {NamedNode(iri).value for iri in iris} == set(iris)


def test_a_text_with_odd_line_ends_is_one_statement(written: Written) -> None:
    odd = said("a", 'one\u2028two\x85three\nfour\r\x0b\x1c\\ "five"')
    written.change([odd])
    assert held(versions(written.feed)) == {f"{odd} ."}
    lines = [line for version in versions(written.feed) for line in version.lines()]
    read = parse_quads("\n".join(lines).encode(), RdfFormat.N_QUADS, "the test")
    assert odd.object in {quad.object for quad in read}


# Pages


def pages(feed: Feed) -> dict[str, list[str]]:
    """Return each full page by its address, as the lines that are sent."""
    with feed.reading() as reading:
        return {
            f"{page.number}/{page.mark}": list(document.page("https://x/", reading.on_page(page.number)))
            for page in reading.pages()
        }


def test_a_full_page_never_changes_and_the_rest_is_on_none(written: Written) -> None:
    written.change([said(thing, "one") for thing in "abcd"])
    before = pages(written.feed)
    assert [*before] == [f"1/{mark_of(1, written.journal.head_hash)}"]
    for thing in "abcde":
        written.change([said(thing, "two")])
    after = pages(written.feed)
    assert len(after) == 3
    assert before.items() <= after.items()
    with written.feed.reading() as reading:
        assert told(reading.on_page(4)) == []


def test_the_bounds_of_a_page_are_the_times_of_its_first_and_last_version(written: Written) -> None:
    for day in range(1, 5):
        written.change([said("a", str(day))], at=f"2026-01-0{day}")
    with written.feed.reading() as reading:
        (page,) = reading.pages()
    assert (page.first[:10], page.last[:10]) == ("2026-01-01", "2026-01-03")


def test_a_feed_that_is_made_anew_is_the_same(written: Written, tmp_path: Path) -> None:
    for day in range(1, 9):
        written.change([said("a", str(day)), said("b", "one")], [said("a", str(day - 1))], at=f"2026-01-0{day}")
    anew = Feed(tmp_path / "journal")
    anew.follow(written.journal.head)
    assert pages(anew) == pages(written.feed)
    assert versions(anew) == versions(written.feed)
    anew.close()


def test_a_page_of_another_journal_has_another_address(tmp_path: Path, written: Written) -> None:
    (tmp_path / "other").mkdir()
    other = Written(tmp_path / "other")
    for one in (written, other):
        one.change([said(thing, "one") for thing in "abc"])
    assert pages(written.feed).keys().isdisjoint(pages(other.feed))
    other.feed.close()


# Following


def test_readers_see_what_is_published_and_no_more(written: Written) -> None:
    written.append([said("a", "one")])
    written.append([said("a", "two")])
    written.feed.follow(1)
    assert told(versions(written.feed)) == [("a", 1, "Create", 1)]
    written.feed.follow(2)
    assert len(versions(written.feed)) == 2


def test_there_is_nothing_before_it_is_followed(written: Written) -> None:
    with pytest.raises(Refused, match="is being made"):
        versions(written.feed)


def test_a_feed_whose_making_was_broken_off_is_made_at_the_next_call(written: Written, tmp_path: Path) -> None:
    written.append([said("a", "one")])
    written.append([said("b", "one")])

    def breaking(parts: object) -> Iterator[table.Part]:
        raise KeyboardInterrupt
        yield  # what makes it a generator

    with pytest.raises(KeyboardInterrupt):
        written.feed.follow(2, breaking)
    assert list((tmp_path / "scratch").iterdir()) == []
    written.feed.follow(2)
    assert len(versions(written.feed)) == 2


def test_a_revision_that_was_broken_off_is_followed_whole_at_the_next_call(written: Written) -> None:
    written.change([said("a", "one")])
    written.append([said(thing, "two") for thing in "abc"])

    def breaking(parts: Iterator[table.Part]) -> Iterator[table.Part]:
        yield next(parts)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written.feed.follow(2, breaking)  # type: ignore[arg-type]  # an iterator is all that it is given
    assert told(versions(written.feed)) == [("a", 1, "Create", 1)]
    written.feed.follow(2)
    assert [version.kind for version in versions(written.feed)] == ["Create", "Update", "Create", "Create"]


def test_a_feed_whose_file_is_gone_says_so_and_is_made_again(written: Written, tmp_path: Path) -> None:
    written.change([said("a", "one")])
    for folder in (tmp_path / "scratch").iterdir():
        shutil.rmtree(folder)
    with pytest.raises(Refused, match="is made again"):
        versions(written.feed)
    written.feed.follow(1)
    assert len(versions(written.feed)) == 1


def test_a_place_without_room_is_said_to_be_so(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    written.append([said("a", "one")])

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(table.Table, "_take", full)
    with pytest.raises(DiskFullError, match="free some room"):
        written.feed.follow(1)


def test_a_reader_keeps_its_state_while_the_feed_follows(written: Written) -> None:
    written.change([said("a", "one")])
    with written.feed.reading() as reading:
        written.change([said("a", "two")])
        assert told(reading.on_page(1)) == [("a", 1, "Create", 1)]


def test_a_body_that_was_changed_is_told(written: Written, tmp_path: Path) -> None:
    written.append([said("a", "one")])
    path = segment(tmp_path / "journal")
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(StateDamaged):
        written.feed.follow(1)


# Patches


def test_a_patch_says_what_the_revision_did_in_fact(written: Written, tmp_path: Path) -> None:
    written.change([said("a", "one"), said("b", "one", OTHER_GRAPH)])
    written.change([said("a", "one"), said("a", "two")], [said("b", "one", OTHER_GRAPH), said("b", "never said")])
    written.change([said("a", "first of all")])
    written.change([], [said("a", "first of all"), said("a", "two"), said("a", "one")])
    history = History(Journal(tmp_path / "journal"))
    for revision, delta, _ in history.replayed():
        with written.feed.reading() as reading:
            rows = patch(delta).split("\n")[1:-2]
            assert list(reading.patch(revision.number)) == rows


def test_the_lines_of_a_revision_are_those_of_its_patch_however_it_is_cut(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    written.append([said(f"{number}", "é" * number) for number in range(60)])
    (revision,) = written.journal.revisions
    monkeypatch.setattr("coopkg.journal._PIECE_BYTES", 7)
    assert b"".join(line + b"\n" for line in written.journal.lines(revision)) == written.journal.patch(revision)


@pytest.mark.parametrize("body", [b"A <https://example.org/cut", b"X <s> <p> <o> <g> .\n", b"\n"])
def test_a_body_that_is_no_patch_is_told(written: Written, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr(record, "to_patch", lambda *_: body)
    written.append([said("a", "one")])
    with pytest.raises(StateDamaged):
        written.feed.follow(1)


# The root


def root_of(feed: Feed) -> list[Quad]:
    with feed.reading() as reading:
        found = reading.pages()
        lines = document.root(
            "https://x/feed",
            reading.begun,
            found,
            lambda page: f"https://x/{page.number}",
            reading.on_page(len(found) + 1),
        )
        return parse_quads("\n".join(lines).encode(), RdfFormat.N_QUADS, "the test")


@pytest.mark.harvest(18)
def test_the_root_has_one_view_and_two_bounds_a_page(written: Written) -> None:
    for day in range(1, 9):
        written.change([said("a", str(day))], at=f"2026-01-0{day}")
    values = {(quad.predicate.value, str(getattr(quad.object, "value", ""))) for quad in root_of(written.feed)}
    of = {predicate: sorted(value for name, value in values if name == predicate) for predicate, _ in values}
    assert of[f"{document.TREE}view"] == ["https://x/feed"]
    assert [value[:10] for value in of[f"{document.TREE}value"]] == [
        "2026-01-01",
        "2026-01-03",
        "2026-01-04",
        "2026-01-06",
    ]
    assert of[f"{document.TREE}node"] == ["https://x/1", "https://x/2"]
    assert len(of[f"{document.TREE}member"]) == 2
    assert of[f"{document.LDES}startingFrom"] == ["2026-01-01T00:00:00.000+00:00"]


@pytest.mark.harvest(17)
def test_no_document_of_the_feed_has_a_blank_node(written: Written) -> None:
    written.change([said(thing, "one") for thing in "abcd"])
    assert not [quad for quad in root_of(written.feed) if "_:" in (str(quad.subject)[:2], str(quad.object)[:2])]


def test_a_feed_of_nothing_has_a_root_without_members(tmp_path: Path) -> None:
    feed = Feed(tmp_path / "journal")
    feed.follow(0)
    predicates = {quad.predicate.value for quad in root_of(feed)}
    assert f"{document.TREE}view" in predicates
    assert f"{document.TREE}member" not in predicates
    feed.close()


def test_a_version_without_statements_says_what_it_is_of() -> None:
    version = Version(f"{names.BASE}id/a", 7, "2026-01-01T00:00:00.000+00:00", "7-0123456789ab", "Delete", ())
    assert len(list(version.lines())) == 4
