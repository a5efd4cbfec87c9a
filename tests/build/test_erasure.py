"""redact: what is erased is nowhere in the state folder any more, the rest is as it was, and everybody can tell."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
import shutil
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from coopkg import erasure, gate, record, redaction, register, upkeep
from coopkg.content import Content
from coopkg.dumps import manifest, shelf
from coopkg.erasure import Plan
from coopkg.errors import ErasureRefused, ErasuresUndone, InputError, RevisionGone, RevisionsLost, StateDamaged
from coopkg.graph import Graph
from coopkg.history import History
from coopkg.journal import Change, Journal
from coopkg.judge import Rulebook
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.redaction import TOMBSTONE, Wanted
from tests.build.running import Place
from tests.build.test_kills import _INTERRUPTED
from tests.builders import ID, a_tiny_content
from tests.conftest import clean_environ

A_PAGE = "data/sources/a-page.trig"
NAME = "Anne Exemple é"
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
WHERE = NamedNode("https://w3id.org/coopkg/graph/a-page")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A small graph whose revision 4 has a name in it, kept by 5, and taken out by 6; do not change it."""
    folder = tmp_path_factory.mktemp("erasure")
    place = Place(a_tiny_content(folder / "content"), folder / "state")
    place.build()
    place.swap(A_PAGE, '"Un projet"', f'"{NAME}"')
    place.build()
    place.swap(A_PAGE, f'"{NAME}"@fr', f'"{NAME}"@fr ; skos:prefLabel "Autre nom"@fr')
    place.build()
    place.swap(A_PAGE, f'"{NAME}"', '"Un nom"')
    place.build()
    return place


@pytest.fixture
def place(published: Place, tmp_path: Path) -> Place:
    """A copy of it, to change."""
    copy = Place(tmp_path / "content", tmp_path / "state")
    shutil.copytree(published.content, copy.content)
    shutil.copytree(published.state, copy.state, symlinks=True)
    return copy


def redact(place: Place, *terms: str, statements: tuple[str, ...] = (), reason: str = "asked for") -> Plan:
    return upkeep.redact(place.settings, {}, Wanted.of(terms, statements), reason, lambda _: True)


def everything(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield the bytes of every file of a folder, and what of them can be unpacked."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield path, content
            for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
                try:
                    yield path, zlib.decompressobj().decompress(content[match.start() :])
                except zlib.error:
                    continue


def holding(folder: Path, text: str = NAME) -> set[str]:
    """Return the files that hold a text, in UTF-8, in themselves or compressed."""
    return {str(path.relative_to(folder)) for path, content in everything(folder) if text.encode() in content}


def quads(journal: Journal) -> list[list[set[str]]]:
    return [[{str(quad) for quad in part} for part in journal.change(r)] for r in journal.revisions]


def contributed(place: Place, add: str, *, message: str = "a contribution", remove: str = "") -> None:
    """Let somebody add a second name to a project in the store, or take it away."""

    def statements(text: str) -> frozenset[Quad]:
        about = NamedNode(f"{ID}project/a-page")
        return frozenset({Quad(about, LABEL, Literal(text, language="fr"), WHERE)} if text else ())

    with gate.opened(place.state, Rulebook.of(Content(place.content)), 3, lambda _: None) as writer:
        writer.propose([Change(statements(remove), statements(add), message, author="a contributor")])


# What is erased


def test_what_is_erased_is_in_no_byte_of_the_state_folder(place: Place) -> None:
    assert {name.partition("/")[0] for name in holding(place.state)} == {"journal", "generations"}
    before = place.digest()
    redact(place, NAME)
    assert holding(place.state) == set()
    assert place.digest() == before
    assert upkeep.verify(place.settings, {}).erasures == 1
    assert len(place.build().changes) == 0
    assert [path.name for path in (place.state / "journal").iterdir() if path.is_dir() and not path.is_symlink()] == [
        "edition-2"
    ]


def test_dumps_from_the_first_touched_revision_on_are_destroyed_and_the_one_of_now_is_made_anew(tmp_path: Path) -> None:
    place = Place(a_tiny_content(tmp_path / "content"), tmp_path / "state")
    dumps: list[Path] = []
    for old, new in (("Un projet", "Un projet"), ("Un projet", NAME), (NAME, "Un nom")):
        place.swap(A_PAGE, f'"{old}"', f'"{new}"')
        place.build()
        dumps.append(upkeep.dump(place.settings, {})[0])
    before, held, after = dumps
    graphs = {file.name for file in manifest.read(before).graphs}
    assert holding_in_gzip(place.state / "dumps")
    redact(place, NAME)
    assert shelf.kept(place.state / "dumps") == [before]
    assert {f"graphs/{path.name}" for path in (place.state / "dumps/graphs").iterdir()} == graphs
    assert not holding_in_gzip(place.state / "dumps")
    assert shelf.withdrawn(place.state, shelf.revision_of(held))
    assert not shelf.withdrawn(place.state, shelf.revision_of(after)), "its graph does not hold the term"
    assert upkeep.dump(place.settings, {}) == (after, True)
    assert manifest.read(after).head == place.journal().head_hash
    assert not holding_in_gzip(place.state / "dumps")


def holding_in_gzip(folder: Path) -> set[Path]:
    """Return the files in gzip that hold the name."""
    return {path for path in folder.rglob("*.gz") if NAME.encode() in gzip.decompress(path.read_bytes())}


def test_the_rest_of_the_journal_says_what_it_said(place: Place) -> None:
    before, said = place.journal(), quads(place.journal())
    redact(place, NAME)
    after = place.journal()
    stones = {
        stone
        for row in quads(after)
        for part in row
        for text in part
        for stone in re.findall(TOMBSTONE + "[0-9a-f]{64}", text)
    }
    (stone,) = stones
    replaced = [[{text.replace(f'"{NAME}"@fr', f"<{stone}>") for text in part} for part in row] for row in said]
    assert quads(after) == replaced, "the same term has the same tombstone: what was added is removed again"
    for one, other in zip(before.revisions, after.revisions, strict=True):
        assert (one.number, one.time, one.removed, one.added) == (other.number, other.time, other.removed, other.added)
        assert (one.hash == other.hash) == (one.number < 4)
    assert {number: one.number for number, one in after.redacted.items()} == {4: 1, 6: 1}
    *_, (_, _, left) = History(after).replayed()
    assert not any(TOMBSTONE in str(quad) for quad in left)


def test_the_erasure_says_when_why_and_which_hash_the_journal_had(place: Place) -> None:
    old = place.journal().head_hash
    redact(place, NAME, reason="demande d'une personne")
    (found,) = place.journal().erasures
    assert (found.number, found.reason, found.terms) == (1, "demande d'une personne", 1)
    assert (found.touched, found.held, found.first, found.after) == ((4, 6), ((4, 5),), 4, 6)
    assert found.old == old
    assert place.journal().precedes_erasure(6, old) == found
    assert place.journal().precedes_erasure(6, place.journal().head_hash) is None
    assert upkeep.withdrawn(place.settings, {}) == [found]
    assert [number for number in range(8) if register.withdrawn(place.state, number)] == [4, 5, 6]


def test_no_digest_that_is_left_was_made_of_what_was_erased(place: Place) -> None:
    """A name is short: whoever knows the rest of a graph could try names until its digest fits."""
    before = place.journal().revisions
    redact(place, NAME)
    after = place.journal().revisions
    for number in (4, 5):
        origin, erased = before[number - 1].origin, after[number - 1].origin
        assert origin is not None
        assert erased is not None
        assert (erased.path, set(erased.graphs)) == (origin.path, set(origin.graphs))
        assert {erased.sha256, *erased.graphs.values()} == {"0" * 64}
        assert holding(place.state, origin.sha256) == holding(place.state, origin.graphs[WHERE.value]) == set()
        assert holding(place.state, before[number - 1].commitment) == (
            set() if number == 4 else {"journal/edition-2/000000001"}
        )
    assert after[5].origin == before[5].origin


def test_messages_authors_and_requests_are_erased_too(place: Place) -> None:
    contributed(place, "x", message=f"de la part de {NAME}")
    assert holding(place.state)
    redact(place, NAME)
    last = place.journal().revisions[-1]
    assert re.fullmatch(f"de la part de {TOMBSTONE}[0-9a-f]{{64}}", last.message)
    assert last.redacted
    assert holding(place.state) == set()


def test_a_digest_of_a_request_does_not_outlive_an_erasure(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", writing=True)
    change = Change(frozenset(), frozenset({Quad(WHERE, LABEL, Literal(NAME), WHERE)}), "m", key="k", asked="digest")
    journal.append([change])
    journal.append([dataclasses.replace(change, remove=change.add, add=frozenset(), key="l")])
    wanted = Wanted.of([NAME])
    work, previous = redaction.Redaction(wanted, redaction.find(journal, wanted)), "0" * 64
    for found, block in journal.records():
        made = work.made_anew(found, block, previous)
        assert b'"asked": ""' in made
        assert b'"key": "' + (b"k" if found.header["revision"] == 1 else b"l") in made


def test_a_statement_is_erased_in_all_of_its_terms_and_others_about_the_same_stay(place: Place) -> None:
    contributed(place, "un surnom")
    contributed(place, "", remove="un surnom")
    said = f'<{ID}project/a-page> skos:prefLabel "un surnom"@fr'
    redact(place, statements=(said,))
    assert holding(place.state, "un surnom") == set()
    assert NAME in str(quads(place.journal()))
    assert place.journal().erasures[0].touched == (7, 8)
    upkeep.verify(place.settings, {})


def test_an_iri_is_erased_wherever_it_stands(place: Place) -> None:
    iri = "https://w3id.org/coopkg/id/organisation/anne"
    with gate.opened(place.state, Rulebook.of(Content(place.content)), 3, lambda _: None) as writer:
        triple = Quad(
            NamedNode(f"{ID}project/a-page"), NamedNode("http://purl.org/dc/terms/relation"), NamedNode(iri), WHERE
        )
        writer.journal.append([Change(frozenset(), frozenset({triple}), f"about <{iri}>")])
        writer.journal.append([Change(frozenset({triple}), frozenset(), "gone")])
    redact(place, f"<{iri}>")
    assert holding(place.state, iri) == set()
    assert place.journal().erasures[0].touched == (7, 8)


def test_a_second_erasure_takes_the_first_with_it(place: Place) -> None:
    redact(place, NAME)
    contributed(place, "un surnom")
    contributed(place, "", remove="un surnom")
    redact(place, "un surnom", reason="again")
    first, second = place.journal().erasures
    assert (first.touched, second.touched, second.number) == ((4, 6), (7, 8), 2)
    assert holding(place.state) == holding(place.state, "un surnom") == set()
    assert upkeep.verify(place.settings, {}).erasures == 2
    assert len(place.build().changes) == 0


def test_segments_before_the_first_mention_stay_as_they_are(tmp_path: Path) -> None:
    """Through the journal alone: the gate of a test writes too little for two segments."""
    place = Place(tmp_path, tmp_path / "state")
    place.state.mkdir()
    journal = Journal(place.state / "journal", writing=True, segment_max_bytes=1)
    for text, gone in (("a", ""), ("b", ""), (NAME, ""), ("c", NAME), ("d", "")):
        add, remove = (frozenset({Quad(WHERE, LABEL, Literal(t), WHERE)} if t else ()) for t in (text, gone))
        journal.append([Change(remove, add, text if text != NAME else "m")])
    wanted = Wanted.of([NAME])
    plan = erasure.Plan(wanted, redaction.find(journal, wanted), ())
    made = erasure._made_anew(journal, plan, "why", tmp_path / "anew")
    same = [
        one.stat().st_ino == other.stat().st_ino
        for (one, _), (other, _) in zip(journal.files(), made.files(), strict=True)
    ]
    assert same == [True, True, False, False, False]
    assert [revision.segment for revision in made.revisions] == [1, 2, 3, 4, 5]
    assert made.erasures[0].old == journal.head_hash
    assert holding(tmp_path / "anew") == set()


# What is refused


def test_what_is_still_stated_is_not_erased_and_the_places_are_named(place: Place) -> None:
    before = place.journal().head_hash
    with pytest.raises(
        ErasureRefused, match=rf"still stated in <{WHERE.value}> \({A_PAGE}\); take it out first"
    ) as fault:
        redact(place, "Un nom")
    assert fault.value.places == (f"<{WHERE.value}> ({A_PAGE})",)
    assert place.journal().head_hash == before
    assert place.run("redact", "--yes", "--reason", "r", "Un nom").returncode == 4


def test_what_a_file_still_says_that_waits_for_an_export_is_not_erased(place: Place) -> None:
    place.swap(A_PAGE, '"Autre nom"', '"Encore un autre"')
    place.build()
    contributed(place, "", remove="Encore un autre")
    with pytest.raises(ErasureRefused, match=f"{A_PAGE}, as it was last built"):
        redact(place, "Encore un autre")
    place.export()
    place.build()
    redact(place, "Encore un autre")
    assert holding(place.state, "Encore un autre") == set()
    assert len(place.build().changes) == 0


@pytest.mark.parametrize("term", ["Anne", "nobody", "http://example.org/none", NAME.lower(), ""])
def test_what_nothing_speaks_of_is_told(place: Place, term: str) -> None:
    with pytest.raises(InputError, match=r"no revision speaks of it|nothing to erase"):
        redact(place, term)


@pytest.mark.parametrize("text", ["", "a", "<urn:a> <urn:b>", "<urn:a> <urn:b> 1, 2", "x:y <urn:b> 1"])
def test_a_statement_that_is_none_is_told(text: str) -> None:
    with pytest.raises(InputError):
        Wanted.of([], [text])


def test_a_reason_that_repeats_what_is_erased_is_refused(place: Place) -> None:
    before = place.journal().head_hash
    with pytest.raises(InputError, match="--reason: repeats what is to be erased"):
        redact(place, NAME, reason=f"because of {NAME}")
    assert place.journal().head_hash == before


# How it is told


def test_the_history_says_redacted(place: Place) -> None:
    redact(place, NAME)
    log = place.run("log").stdout.splitlines()
    assert ["[redacted 20" in line for line in log] == [True, False, True, False, False, False]
    assert "expurgée le 20" in place.run("show", "4").stdout
    assert "redacted on 20" in place.run("--lang", "en", "show", "6").stdout
    assert "redacted" not in place.run("--lang", "en", "show", "5").stdout
    assert json.loads(place.run("show", "4", "--format", "json").stdout)["redacted"].startswith("20")
    assert "redacted revisions: 4, 6" in place.run("--lang", "en", "diff", "3", "current").stdout
    assert "redacted on 20" in place.run("--lang", "en", "blame", f"{ID}project/a-page").stdout
    with pytest.raises(RevisionGone, match="revision 4: cannot be undone, since terms of it were erased"):
        upkeep.revert(place.settings, {}, 4)
    assert "erasures     1" in place.run("--lang", "en", "verify").stdout


def test_a_redacted_revision_is_gone_for_whoever_asks_for_it(place: Place) -> None:
    redact(place, NAME)
    published = Graph.open(place.settings, {})
    assert published.location(6)[1] == 6
    for number in (4, 5):
        with pytest.raises(RevisionGone, match=f"revision {number} was redacted on 20"):
            published.location(number)
    with pytest.raises(RevisionGone, match="revision 3 is not kept"):
        published.location(3)


def test_the_command_asks_and_a_dry_run_writes_nothing(place: Place) -> None:
    (place.state / "journal.torn-9").write_bytes(b"x")
    before = place.journal().head_hash
    told = place.run("--lang", "en", "redact", "--dry-run", "--reason", "r", NAME)
    assert told.returncode == 0, told.stderr
    for line in (
        "revisions to redact: 4, 6",
        "given no more: 4-5",
        f"removed whole: {place.state}/journal.torn-9",
        "nothing was",
    ):
        assert line in told.stderr
    assert place.run("redact", "--reason", "r", NAME).returncode == 130  # nobody answers
    assert place.journal().head_hash == before
    done = place.run("--lang", "en", "redact", "--yes", "--reason", "r", NAME)
    assert (done.returncode, "erased; backups" in done.stderr) == (0, True), done.stderr
    assert holding(place.state) == set()
    assert not (place.state / "journal.torn-9").exists()


def test_other_texts_that_hold_a_term_as_a_part_are_named_and_stay(place: Place) -> None:
    contributed(place, f"avec {NAME}")
    plan = redact(place, NAME)
    assert plan.found.within == {f"avec {NAME}"}
    assert holding(place.state)


# Kills


def _redact(place: Place, at: int | str) -> int:
    program = [sys.executable, "-c", _INTERRUPTED, str(at), str(place.state), ""]
    folders = ["--content", str(place.content), "--state", str(place.state)]
    command = [*program, *folders, "redact", "--yes", "--reason", "r", NAME]
    return subprocess.run(command, capture_output=True, env=clean_environ(), timeout=60, check=False).returncode


STEPS = (
    *(
        "os.mkdir erasing-",
        "open erasing- 000000001",
        "os.rename current.new",
        "open erasures.json",
        "open built.json.new",
    ),
    *("os.rename erasing- edition-2", "os.symlink current.new edition-2", "os.rename current.new current"),
    *("open edition-1 000000001 'r+'", "shutil.rmtree edition-1", "os.rmdir edition-1", "os.mkdir candidate-"),
    *("os.rename candidate-", "os.rename retired-", "os.rmdir retired-"),
)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_a_step_leaves_the_old_journal_or_the_new_one_and_it_can_be_run_again(
    place: Place, step: str
) -> None:
    old, digest = place.journal().head_hash, place.digest()
    assert _redact(place, step) == -signal.SIGKILL
    journal = place.journal()
    assert (journal.head, journal.head_hash == old) == (6, not journal.erasures)
    assert place.digest() == digest
    if journal.erasures:
        place.build()  # finishes it
    else:
        redact(place, NAME)
    assert holding(place.state) == set()
    assert place.digest() == digest
    upkeep.verify(place.settings, {})


# Backups


def test_a_backup_from_before_an_erasure_does_not_bring_it_back_unasked(place: Place, tmp_path: Path) -> None:
    upkeep.backup(place.settings, {}, tmp_path / "old")
    redact(place, NAME, reason="asked for")
    for drop_newer in (False, True):
        with pytest.raises(ErasuresUndone, match=r"from before the erasure of 20.* in revisions 4, 6 \(asked for\)"):
            upkeep.restore(place.settings, {}, tmp_path / "old", drop_newer=drop_newer)
    assert place.run("restore", "--drop-newer", tmp_path / "old").returncode == 4
    assert holding(place.state) == set()
    upkeep.restore(place.settings, {}, tmp_path / "old", undo_erasures=True)  # no revision is lost by it
    place.build()
    assert holding(place.state)
    redact(place, NAME)
    assert holding(place.state) == set()
    assert not list(place.state.glob("before-restore-*"))


def test_a_damaged_journal_still_says_what_was_erased(place: Place, tmp_path: Path) -> None:
    upkeep.backup(place.settings, {}, tmp_path / "old")
    redact(place, NAME)
    content = bytearray(place.segment.read_bytes())
    content[place.journal().revisions[0].body_offset + 40] ^= 1
    content[170] ^= 1
    place.segment.write_bytes(content)
    with pytest.raises(StateDamaged):
        place.journal()
    with pytest.raises(ErasuresUndone):
        upkeep.restore(place.settings, {}, tmp_path / "old", drop_newer=True)


def test_a_backup_from_after_an_erasure_is_restored_over_what_was_there_before_it(place: Place, tmp_path: Path) -> None:
    other = Place(place.content, tmp_path / "other")
    shutil.copytree(place.state, other.state, symlinks=True)
    redact(place, NAME)
    upkeep.backup(place.settings, {}, tmp_path / "new.tar.zst")
    upkeep.restore(other.settings, {}, tmp_path / "new.tar.zst")
    other.build()
    assert other.journal().erasures == place.journal().erasures
    assert upkeep.withdrawn(other.settings, {}) == upkeep.withdrawn(place.settings, {})
    assert {name.partition("/")[0] for name in holding(other.state)} == {"before-restore-1"}
    upkeep.verify(other.settings, {})


def test_revisions_beyond_a_backup_are_named_as_ever_after_an_erasure(place: Place, tmp_path: Path) -> None:
    redact(place, NAME)
    upkeep.backup(place.settings, {}, tmp_path / "kept")
    contributed(place, "un surnom")
    with pytest.raises(RevisionsLost, match="has revision 7, which the backup lacks"):
        upkeep.restore(place.settings, {}, tmp_path / "kept")


def test_the_record_of_an_erasure_that_was_cut_off_is_found(place: Place) -> None:
    """It is the last record, so that the journal alone is whole without it; the register tells."""
    redact(place, NAME)
    content = place.segment.read_bytes()
    place.segment.write_bytes(content[: content.rindex(b"\nE 0") + 1])
    assert place.journal().erasures == []
    with pytest.raises(StateDamaged, match="the register of erasures is not what the journal says; restore a backup"):
        upkeep.verify(place.settings, {})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"erasure": 2}, "erasure 2 is not in its place"),
        ({"after": 5}, "not in its place"),
        ({"touched": []}, "not in its place"),
        ({"touched": [4, 7]}, "not in its place"),
        ({"first": 5}, "not in its place"),
        ({"first": 0}, "not in its place"),
        ({"held": [[4]]}, "not understood"),
        ({"held": 3}, "not understood"),
        ({"terms": "1"}, "not understood"),
        ({"old": None}, "not understood"),
    ],
)
def test_an_erasure_that_is_wrong_under_right_checksums_is_refused(
    place: Place, fields: dict[str, object], says: str
) -> None:
    redact(place, NAME)
    *_, (last, _) = place.journal().records()
    content = place.segment.read_bytes()
    place.segment.write_bytes(content[: last.offset] + record.packed("E", {**last.header, **fields}))
    with pytest.raises(StateDamaged, match=says):
        place.journal()
