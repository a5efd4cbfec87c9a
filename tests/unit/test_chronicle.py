"""The history as it is told: every form says the same, and programs read theirs back."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from coopkg import chronicle
from coopkg.history import Delta, History
from coopkg.journal import Change, Journal, Origin
from coopkg.rdf import Literal, NamedNode, Quad, RdfFormat, parse_quads

EX = "https://example.org/"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
PROJECT = NamedNode("https://w3id.org/coopkg/ns#Project")
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")


def a_quad(predicate: NamedNode, value: NamedNode | Literal, *, subject: str = "s", graph: str = "g") -> Quad:
    return Quad(NamedNode(EX + subject), predicate, value, NamedNode(EX + graph))


OLD, NEW = (a_quad(LABEL, Literal(text, language="fr")) for text in ("Un nom", 'Un "autre"\nnom'))
KIND, OTHER = a_quad(TYPE, PROJECT), a_quad(LABEL, Literal("x"), graph="h", subject="t")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "journal", writing=True)
    made.append(
        [Change(frozenset(), frozenset({OLD}), "build data/a.trig", origin=Origin("data/a.trig", "0" * 64, {}))]
    )
    made.append(
        [Change(frozenset({OLD}), frozenset({NEW, KIND, OTHER}), "Un\nmessage", "Ada", Origin("b.trig", "", {}))]
    )
    return made


def test_a_line_of_the_list_has_all_that_is_asked(journal: Journal) -> None:
    first, second = map(chronicle.line, journal.revisions)
    assert re.fullmatch(r"     1  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +\+1 -0  coopkg build: build data/a.trig", first)
    assert re.fullmatch(r"     2  \S+Z +\+3 -1  Ada: Un message \(b.trig\)", second)


def test_a_revision_is_shown_by_graph_and_subject_types_first_and_what_went_before_what_came(journal: Journal) -> None:
    text = chronicle.shown(journal.revisions[1], History(journal).change(2), "fr")
    assert (
        re.sub(r"\d{4}-\S+Z", "TIME", text)
        == f"""révision 2 du TIME, par Ada : Un message
b.trig
énoncés retirés : 1, ajoutés : 3

<{EX}g>
  <{EX}s>
    - skos:prefLabel "Un nom"@fr
    + a coop:Project
    + skos:prefLabel "Un \\"autre\\"\\nnom"@fr

<{EX}h>
  <{EX}t>
    + skos:prefLabel "x"
"""
    )


def test_the_same_is_said_in_english(journal: Journal) -> None:
    history = History(journal)
    assert "revision 2 of " in chronicle.shown(journal.revisions[1], history.change(2), "en")
    assert chronicle.compared(0, 2, history.difference(0, 2), "en").startswith(
        "from revision 0 to revision 2\nstatements removed: 0, added: 3\n"
    )
    assert "    a coop:Project\n" in chronicle.blamed(history.blame(f"{EX}s"), "en")


def test_blame_is_told_by_graph_and_revision(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", writing=True)
    for quad in (KIND, NEW, a_quad(TYPE, PROJECT, graph="h")):
        journal.append([Change(frozenset(), frozenset({quad}), "m")])
    text = re.sub(r"\S+Z", "T", chronicle.blamed(History(journal).blame(f"{EX}s"), "fr"))
    assert (
        text
        == f"""<{EX}g>
  révision 1 du T, par coopkg build : m
    a coop:Project
  révision 2 du T, par coopkg build : m
    skos:prefLabel "Un \\"autre\\"\\nnom"@fr

<{EX}h>
  révision 3 du T, par coopkg build : m
    a coop:Project
"""
    )


def test_a_patch_reads_back_and_names_its_revision_and_the_one_before(journal: Journal) -> None:
    history = History(journal)
    first, second = journal.revisions
    rows = chronicle.patch(history.change(2), second, history.hash_before(second)).splitlines()
    named = [re.fullmatch(r"H (id|prev) <ni:///sha-256;(\S+)> \.", row) for row in rows[:2]]
    assert [(m[1], base64.urlsafe_b64decode(f"{m[2]}=").hex()) for m in named if m] == [
        ("id", second.hash),
        ("prev", first.hash),
    ]
    assert (rows[2], rows[-1]) == ("TX .", "TC .")
    for mark, wanted in (("D", {OLD}), ("A", {NEW, KIND, OTHER})):
        lines = "\n".join(row[2:] for row in rows[3:-1] if row[0] == mark)
        assert set(parse_quads(lines.encode(), RdfFormat.N_QUADS, "patch")) == wanted
    assert {row[0] for row in rows[3:-1]} == {"D", "A"}


def test_the_first_revision_has_none_before_it_and_a_difference_has_no_name(journal: Journal) -> None:
    history = History(journal)
    first = journal.revisions[0]
    assert "H prev" not in chronicle.patch(history.change(1), first, history.hash_before(first))
    assert chronicle.patch(history.difference(1, 1)) == "TX .\nTC .\n"


def test_json_has_the_members_of_the_revision_and_each_statement(journal: Journal) -> None:
    change, revision = History(journal).change(2), journal.revisions[1]
    members = json.loads(
        chronicle.as_json({**chronicle.revision_members(revision), **chronicle.change_members(change)})
    )
    assert (members["revision"], members["author"], members["message"]) == (2, "Ada", "Un\nmessage")
    assert (members["removed"], members["added"], members["origin"]) == (1, 3, "b.trig")
    assert members["hash"] == revision.hash
    assert members["remove"] == [
        {"graph": f"{EX}g", "subject": f"{EX}s", "predicate": LABEL.value, "object": '"Un nom"@fr'}
    ]
    assert len(members["add"]) == 3


def test_nothing_told_is_one_empty_change() -> None:
    assert chronicle.changed(Delta()) == ""
