"""A gate that stays for many proposals: it goes by what others wrote, and readers see what it accepted, whole."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg import names
from coopkg.errors import DiskFullError, RevisionConflict, StateLocked, WriteRejected
from coopkg.gate import Gate
from coopkg.generations import Generations
from coopkg.graph import Graph
from coopkg.journal import Change
from coopkg.lock import locked
from coopkg.rdf import Quad, RdfFormat, parse_quads
from coopkg.store import QuadStore
from tests.build.conftest import a_gate
from tests.build.running import Place
from tests.builders import a_small_content, a_source, a_tiny_source


def a_page(slug: str, name: str = "Un projet") -> frozenset[Quad]:
    return frozenset(parse_quads(a_tiny_source(slug, name).encode(), RdfFormat.TRIG, slug))


def adding(slug: str, name: str = "Un projet") -> Change:
    return Change(frozenset(), a_page(slug, name), slug)


INVALID = adding("invalid", 50 * "long")


def published(place: Place) -> tuple[object, ...]:
    """Return all that a generation says of its content, inferred statements and findings counted."""
    store, manifest = Graph.open(place.settings, {}).current()
    inferred = frozenset(quad.triple for quad in store.quads(names.INFERRED_GRAPH))
    return replace(manifest, checksums={}, built={}), inferred


def made_anew(place: Place) -> tuple[object, ...]:
    """Return the same after making the generation again from the journal alone."""
    shutil.rmtree(place.state / "generations")
    with a_gate(place).held():
        pass
    return published(place)


def test_what_it_publishes_after_many_proposals_is_what_the_journal_gives(place: Place, gate: Gate) -> None:
    chance, pages = random.Random(5), list[str]()  # noqa: S311  # no secret
    for number in range(40):
        with gate.held():
            for _ in range(chance.randint(1, 3)):
                if chance.random() < 0.3:
                    with pytest.raises(WriteRejected):
                        gate.propose([INVALID], publish=chance.random() < 0.5)
                elif pages and chance.random() < 0.4:
                    gone = pages.pop(chance.randrange(len(pages)))
                    gate.propose([Change(a_page(gone), frozenset(), gone)], publish=chance.random() < 0.5)
                else:
                    pages.append(f"page-{number}-{len(pages)}")
                    gate.propose([adding(pages[-1])], publish=chance.random() < 0.5)
        assert Graph.open(place.settings, {}).current()[1].revision == gate.journal.head
    gate.close()
    assert place.run("verify").returncode == 0
    assert published(place) == made_anew(place)


def test_it_goes_by_what_another_wrote_meanwhile(place: Place, gate: Gate) -> None:
    with gate.held():
        gate.propose([adding("c-page")])
    with a_gate(place).held() as other:
        other.propose([Change(a_page("c-page"), frozenset(), "c goes")])
        other.propose([adding("d-page")])
    with gate.held():
        assert not gate.graph(f"{names.GRAPH}c-page")
        assert gate.graph(f"{names.GRAPH}d-page") == a_page("d-page")
        gate.propose([adding("e-page")])
    assert published(place) == made_anew(place)


@pytest.mark.parametrize("what", ["state", "candidates", "generations", "journal and generations"])
def test_it_goes_by_a_folder_in_which_something_was_swept_or_put_back(place: Place, gate: Gate, what: str) -> None:
    kept = place.state.with_name("kept")
    shutil.copytree(place.state, kept, symlinks=True)
    with gate.held():
        gate.propose([adding("c-page")])
    if what == "state":
        place.state.rename(place.state.with_name("gone"))  # not removed: the engine goes on with files there
        kept.rename(place.state)
    for folder in place.state.glob("generations/candidate-*") if what == "candidates" else ():
        shutil.rmtree(folder, ignore_errors=True)  # the engine goes on removing files there
    if "generations" in what:
        (place.state / "generations").rename(place.state.with_name("gone"))
    if "journal" in what:
        shutil.copytree(kept / "generations", place.state / "generations", symlinks=True)
        shutil.rmtree(place.state / "journal")
        (kept / "journal").rename(place.state / "journal")
    with gate.held():
        gate.propose([adding("d-page")])
        assert bool(gate.graph(f"{names.GRAPH}c-page")) == (what in ("candidates", "generations"))
    gate.close()
    assert place.run("verify").returncode == 0
    assert published(place) == made_anew(place)


def test_what_was_accepted_is_published_at_the_latest_when_it_is_held_no_more(place: Place, gate: Gate) -> None:
    with gate.held():
        (first,) = gate.propose([adding("c-page")], publish=False)
        (second,) = gate.propose([adding("d-page")], publish=False)
        assert Graph.open(place.settings, {}).current()[1].revision == first.number - 1
        with pytest.raises(WriteRejected):
            gate.propose([INVALID], publish=False)
    assert Graph.open(place.settings, {}).current()[1].revision == second.number
    assert published(place) == made_anew(place)


def test_a_publication_looks_at_the_graphs_that_changed_alone(
    place: Place, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, whole = list[str](), QuadStore.quads

    def noted(store: QuadStore, graph: str) -> Iterator[Quad]:
        looked.append(graph)
        return whole(store, graph)

    with gate.held():
        gate.propose([adding(f"page-{number}") for number in range(20)])
        monkeypatch.setattr(QuadStore, "quads", noted)
        gate.propose([adding("c-page")])
    assert set(looked) <= {f"{names.GRAPH}c-page", names.ONTOLOGY_GRAPH}


def test_a_failed_publication_loses_nothing_that_was_accepted(
    place: Place, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DiskFullError("full")

    with monkeypatch.context() as failing:
        failing.setattr(Generations, "publish", full)
        with pytest.raises(DiskFullError), gate.held():
            gate.propose([adding("c-page")], publish=False)
    with gate.held():
        gate.propose([adding("d-page")])
        assert gate.graph(f"{names.GRAPH}c-page") == a_page("c-page")
    assert published(place) == made_anew(place)


def test_another_revision_than_the_expected_one_is_a_conflict_and_changes_nothing(place: Place, gate: Gate) -> None:
    before = published(place)
    with gate.held():
        head = gate.journal.head
        with pytest.raises(RevisionConflict, match=f'"{head}"') as raised:
            gate.propose([adding("c-page")], expected=head - 1)
        assert (raised.value.expected, raised.value.current) == (head - 1, head)
        assert published(place) == before
        gate.propose([adding("c-page")], expected=head)


def test_a_dry_run_changes_nothing_and_tells_what_would_be_new(tmp_path: Path) -> None:
    place = Place(a_small_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    gate, before = a_gate(place), published(place)
    pages = {slug: frozenset(parse_quads(a_source(slug, name=slug).encode(), RdfFormat.TRIG, slug)) for slug in "cd"}
    with gate.held():
        assert gate.propose([Change(frozenset(), pages["c"], "c")], dry_run=True) == []
        assert published(place) == before
        gate.propose([Change(frozenset(), pages["c"], "c")])
        gate.propose([Change(frozenset(), pages["d"], "d")], dry_run=True)
    gate.close()
    assert {finding.focus.rpartition("/")[2] for finding in gate.noticed} >= {"d"}
    assert not any(finding.focus.endswith("/c") for finding in gate.noticed)


def test_nobody_else_writes_while_it_is_held_and_it_waits_for_its_turn(place: Place, gate: Gate) -> None:
    with locked(place.state), pytest.raises(StateLocked), gate.held(wait_s=0.05):
        pass
    with gate.held(), pytest.raises(StateLocked), locked(place.state, wait_s=0.05):
        pass


def test_it_says_when_what_is_published_was_judged_by_other_rules(place: Place, gate: Gate) -> None:
    with gate.held():
        assert not gate.is_outdated()
    shape = next(place.content.glob("shapes/*.ttl"))
    shape.write_text(shape.read_text() + "\n# another\n")
    place.build()
    assert gate.is_outdated()
