"""Drafts are kept whole or not at all, come back as they were, and a changed one is told from a written one."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coopkg import drafts, names
from coopkg.drafts import Draft, Drafts
from coopkg.errors import DiskFullError, DraftOvertaken, InputError, StateDamaged
from coopkg.findings import Finding, Tier
from coopkg.journal import Change, Journal
from coopkg.rdf import Literal, NamedNode, Quad
from coopkg.store import QuadStore

FINDING = Finding(Tier.VIOLATION, "urn:x", (("en", "Repair it."), ("fr", "Réparez.")), "urn:s", "MinCount", "urn:p")


def a_quad(text: str, graph: str = "a-page") -> Quad:
    return Quad(NamedNode("urn:x:s"), NamedNode("urn:x:p"), Literal(text), NamedNode(names.GRAPH + graph))


def a_change(gone: str = "before", come: str = "after", graph: str = "a-page") -> Change:
    return Change(frozenset({a_quad(gone, graph)}), frozenset({a_quad(come, graph)}), "", "")


def a_draft(author: str = "Ada", *, size: int = 1) -> Draft:
    changes = [a_change(), a_change(come="é\n" * size, graph="b-page")]
    return drafts.proposed(author, "why", 7, changes, [FINDING])


@pytest.fixture
def kept(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "drafts")


def test_a_draft_comes_back_as_it_was(kept: Drafts) -> None:
    assert kept.ids() == []
    draft = a_draft()
    kept.add(draft)
    assert kept.ids() == [draft.id]
    assert kept.read(draft.id) == draft
    assert {(change.message, change.author) for change in draft.changes} == {("why", "Ada")}
    kept.remove(draft.id)
    kept.remove(draft.id)
    assert kept.ids() == []


def test_a_rejected_draft_comes_back_with_its_reason(kept: Drafts) -> None:
    draft = a_draft()
    kept.add(draft)
    kept.reject(draft, "Grace", "not so")
    back = kept.read(draft.id)
    assert back.rejection is not None
    assert (back.rejection.author, back.rejection.reason) == ("Grace", "not so")
    assert replace(back, rejection=None) == draft


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../journal", "/etc", "abc", "ABCDEF012345", "0123456789ab/", "0123456789ab\n", "0123456789ag"],
)
def test_only_the_name_of_a_draft_leads_to_a_file(kept: Drafts, name: str) -> None:
    kept.add(a_draft())
    with pytest.raises(InputError, match="there is none; 'coopkg draft list' names those that wait"):
        kept.read(name)


def test_a_byte_that_changed_anywhere_in_a_draft_is_found(kept: Drafts, tmp_path: Path) -> None:
    draft = a_draft()
    kept.add(draft)
    for path in sorted((tmp_path / "drafts" / draft.id).iterdir()):
        content = path.read_bytes()
        for offset in range(0, len(content), 7):
            changed = bytearray(content)
            changed[offset] ^= 0x04
            path.write_bytes(changed)
            with pytest.raises(StateDamaged, match=r"is not the draft that was written.*remove the folder and propose"):
                kept.read(draft.id)
        path.write_bytes(content)
    assert kept.read(draft.id) == draft


@pytest.mark.parametrize("told", ["", "null", "[]", "{}", '{"checksum": 1}', "[" * 5_000, '{"a": NaN}', "\ud800"])
def test_what_is_no_draft_is_told(kept: Drafts, tmp_path: Path, told: str) -> None:
    draft = a_draft()
    kept.add(draft)
    (tmp_path / "drafts" / draft.id / "draft.json").write_bytes(told.encode("utf-8", "surrogatepass"))
    with pytest.raises(StateDamaged, match="is not the draft that was written"):
        kept.read(draft.id)


def test_another_author_written_by_hand_is_found(kept: Drafts, tmp_path: Path) -> None:
    draft = a_draft()
    kept.add(draft)
    path = tmp_path / "drafts" / draft.id / "draft.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "author": "Grace"}), encoding="utf-8")
    with pytest.raises(StateDamaged, match="its checksum is another one"):
        kept.read(draft.id)


def test_a_missing_or_an_endless_patch_is_told(kept: Drafts, tmp_path: Path) -> None:
    draft = a_draft()
    kept.add(draft)
    path = tmp_path / "drafts" / draft.id / "1.patch"
    path.write_bytes(b"A " * drafts.MAX_BYTES)
    with pytest.raises(StateDamaged, match=r"1\.patch is longer than"):
        kept.read(draft.id)
    path.unlink()
    with pytest.raises(StateDamaged):
        kept.read(draft.id)


def test_a_draft_too_long_to_be_read_is_refused_and_leaves_nothing(kept: Drafts, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="longer than 4,194,304 bytes; propose it in several parts"):
        kept.add(a_draft(size=drafts.MAX_BYTES // 3))
    assert not (tmp_path / "drafts").exists()


def test_too_many_drafts_are_refused(kept: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 2)
    kept.add(a_draft())
    kept.add(a_draft())
    with pytest.raises(InputError, match="2 drafts wait already"):
        kept.add(a_draft())


def test_a_folder_that_cannot_be_made_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "drafts").write_text("in the way", encoding="utf-8")
    with pytest.raises(DiskFullError, match="cannot be written"):
        Drafts(tmp_path / "drafts").add(a_draft())


@pytest.mark.parametrize(
    ("proposer", "approver", "same"),
    [
        ("Ada", "Ada", True),
        ("Ada", "ADA", True),
        ("Ada Lovelace", " ada  lovelace ", True),
        ("Ada Lovelace", "Ada-Lovelace", True),
        ("Élise", "elise", True),
        ("É", "e\u0301", True),
        ("Straße", "STRASSE", True),
        ("\uff21da", "Ada", True),
        ("Ada", "Grace", False),
        ("Ada", "Ada L.", False),
        ("Ada", "", False),
    ],
)
def test_one_person_is_one_person_however_the_name_is_written(proposer: str, approver: str, same: bool) -> None:
    assert a_draft(proposer).is_of(approver) is same


def test_an_approved_draft_says_both_names_and_which_draft_it_was(tmp_path: Path) -> None:
    draft, journal = a_draft(), Journal(tmp_path / "journal", writing=True)
    journal.append([a_change()])
    assert drafts.approval_of(draft.id, journal.revisions) is None
    journal.append(draft.approved("Grace"))
    assert drafts.approval_of(draft.id, journal.revisions) == 2
    last = journal.revisions[-1]
    assert (last.author, last.message) == ("Ada, approved by Grace", f"why (draft {draft.id})")
    assert drafts.approval_of(a_draft().id, journal.revisions) is None


def test_a_draft_is_overtaken_by_each_statement_that_went_or_came() -> None:
    draft = a_draft()
    there = [a_quad("before"), a_quad("before", "b-page")]
    drafts.refuse_overtaken(draft, QuadStore.in_memory(there))
    for gone, come in itertools.product((False, True), repeat=2):
        held = [*there[gone:], *([a_quad("after")] if come else [])]
        said = {*([f"- {a_quad('before')} ."] if gone else []), *([f"+ {a_quad('after')} ."] if come else [])}
        if said:
            with pytest.raises(DraftOvertaken) as refused:
                drafts.refuse_overtaken(draft, QuadStore.in_memory(held))
            assert set(refused.value.statements) == said
            assert f"draft {draft.id} does not apply any more: {len(said)} of its statements" in str(refused.value)


def test_the_sweep_takes_what_was_rejected_long_ago_or_approved_and_nothing_else(kept: Drafts, tmp_path: Path) -> None:
    waiting, rejected, approved, damaged = (a_draft() for _ in range(4))
    for draft in (waiting, rejected, approved, damaged):
        kept.add(draft)
    kept.reject(rejected, "Grace", "no")
    (tmp_path / "drafts" / damaged.id / "1.patch").write_text("x", encoding="utf-8")
    (tmp_path / "drafts" / ".0123456789ab").mkdir()
    journal = Journal(tmp_path / "journal", writing=True)
    journal.append(approved.approved("Grace"))
    kept.sweep(journal.revisions, datetime.now(UTC) + timedelta(days=89))
    assert set(kept.ids()) == {waiting.id, rejected.id, damaged.id}
    assert not list((tmp_path / "drafts").glob(".*"))
    kept.sweep(journal.revisions, datetime.now(UTC) + timedelta(days=91))
    assert set(kept.ids()) == {waiting.id, damaged.id}


def test_of_many_findings_the_first_are_kept() -> None:
    many = [replace(FINDING, focus=f"urn:x:{number}") for number in range(1_000)]
    assert len(drafts.proposed("Ada", "why", 1, [a_change()], many).findings) == 200
