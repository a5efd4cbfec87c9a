"""A replica begins with a dump, takes each change, and is equal to its original."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from coopkg import gate, upkeep
from coopkg.content import Content
from coopkg.errors import ReplicaError, ReplicaOvertaken, WriteForbidden
from coopkg.generations import Generations
from coopkg.judge import Rulebook
from coopkg.redaction import Wanted
from tests.replica.conftest import Replica, change
from tests.replica.sites import Answer, Site


@pytest.mark.harvest(19)
def test_a_replica_that_begins_is_equal_to_its_original(replica: Replica) -> None:
    place = replica.follow()
    assert replica.is_equal()
    assert (place.revision, place.digest) == (3, replica.site.place.digest())


def test_a_change_of_the_original_reaches_its_replica(replica: Replica) -> None:
    replica.follow()
    change(replica.site.place)
    replica.site.files.clear()  # no dump is asked for again
    assert replica.follow().revision == 4
    assert replica.is_equal()


def test_what_came_since_the_dump_is_taken_page_by_page(replica: Replica) -> None:
    for number in range(5):
        change(replica.site.place, number)
    assert replica.follow().revision == 8
    assert replica.is_equal()
    asked = [path for path, _ in replica.site.asked if path.startswith("/changes?")]
    assert asked == [f"/changes?since={since}&limit=500" for since in (3, 5, 7)]


def test_a_change_of_the_ontology_changes_what_follows_in_the_replica(replica: Replica) -> None:
    replica.follow()
    before = replica.statements()
    replica.site.place.swap("ontology/coop.ttl", "rdfs:subClassOf coop:Action", "rdfs:subClassOf coop:Work")
    replica.site.place.swap("ontology/coop.ttl", "coop:Action a owl:Class", "coop:Work a owl:Class")
    replica.site.place.build()
    replica.follow()
    assert replica.is_equal()
    assert replica.statements() != before


def test_one_that_stays_infers_anew_when_the_ontology_changes(replica: Replica) -> None:
    def wait(_: float) -> None:
        if replica.waits:
            raise KeyboardInterrupt
        replica.waits.append(0)
        replica.site.place.swap("ontology/coop.ttl", "rdfs:subClassOf coop:Action", "rdfs:subClassOf coop:Work")
        replica.site.place.swap("ontology/coop.ttl", "coop:Action a owl:Class", "coop:Work a owl:Class")
        replica.site.place.build()

    with pytest.raises(KeyboardInterrupt):
        upkeep.follow(replica.place.settings, {}, replica.site.url, once=False, wait=wait)
    assert replica.is_equal()


def test_a_graph_that_goes_at_the_original_goes_from_its_replica(replica: Replica) -> None:
    replica.follow()
    (replica.site.place.content / "data/sources/b-page.trig").unlink()
    replica.site.place.build()
    replica.follow()
    assert replica.is_equal()
    assert not any("b-page" in str(quad) for quad in replica.statements())


def test_nothing_is_published_again_when_nothing_changed(replica: Replica) -> None:
    replica.follow()
    before = sorted((replica.place.state / "generations").iterdir())
    replica.follow()
    assert sorted((replica.place.state / "generations").iterdir()) == before


def test_readers_of_a_replica_are_told_what_a_change_did(replica: Replica) -> None:
    replica.follow()
    generations = Generations(replica.place.state / "generations", 3)
    before = generations.current()
    change(replica.site.place)
    replica.follow()
    current = generations.current()
    assert before
    assert current
    assert (current / "difference").read_bytes().startswith(b'H base "000000003-1" .\n')


def test_after_another_version_of_the_rules_what_follows_is_inferred_again(replica: Replica) -> None:
    replica.follow()
    rule = replica.place.content / "ontology/rules/role-shortcuts.rq"
    rule.write_text(rule.read_text() + "\n# another version\n")
    replica.follow()
    manifest = Generations(replica.place.state / "generations", 3).manifest()
    assert manifest.rules == Rulebook.of(Content(replica.place.content)).identity()
    assert replica.is_equal()


# ------------------------------------------------------------------------------------------------ beginning again


def kept(replica: Replica) -> set[str]:
    return {path.name for path in (replica.place.state / "generations").iterdir() if path.name != "current"}


def contents(replica: Replica) -> list[bytes]:
    """Return the content of every file of its state folder."""
    return [path.read_bytes() for path in replica.place.state.rglob("*") if path.is_file()]


@pytest.mark.parametrize("is_behind", [True, False])
def test_after_an_erasure_at_the_original_the_replica_begins_again_and_keeps_nothing_of_it(
    replica: Replica, is_behind: bool
) -> None:
    origin = replica.site.place
    replica.follow()
    change(origin, 7)
    replica.follow()
    assert any(b"Nom 7" in content for content in contents(replica))
    change(origin, 8)
    if not is_behind:
        replica.follow()  # an older generation holds it, and so does the journal's hash
    upkeep.redact(origin.settings, {}, Wanted.of(["Nom 7"]), "a request", lambda _: True)
    replica.site.dump()
    replica.follow()
    assert replica.is_equal()
    assert len(kept(replica)) == 1
    assert any("beginning again" in said for said in replica.said)
    assert not any(b"Nom 7" in content for content in contents(replica))


def test_a_patch_that_is_gone_lets_the_replica_begin_again(replica: Replica) -> None:
    replica.follow()
    change(replica.site.place)
    replica.site.dump()
    replica.site.wrong["/changes/4"] = lambda _: Answer(b"redacted", 410)
    assert replica.follow().revision == 4
    assert replica.is_equal()


def test_an_original_that_went_back_is_told_and_followed(replica: Replica) -> None:
    origin = replica.site.place
    saved = origin.state.with_name("saved")
    shutil.copytree(origin.state, saved, symlinks=True)
    change(origin)
    replica.follow()
    shutil.rmtree(origin.state)
    saved.rename(origin.state)
    assert replica.follow().revision == 3
    assert replica.is_equal()
    assert any("went back: it publishes revision 3, this replica is at 4" in said for said in replica.said)
    assert len(kept(replica)) == 1


def test_an_original_with_another_history_is_told_and_followed(replica: Replica) -> None:
    origin = replica.site.place
    saved = origin.state.with_name("saved")
    shutil.copytree(origin.state, saved, symlinks=True)
    change(origin, 1)
    replica.follow()
    shutil.rmtree(origin.state)
    saved.rename(origin.state)
    change(origin, 2)
    change(origin, 3)
    replica.site.dump()
    assert replica.follow().revision == 5
    assert replica.is_equal()
    assert any("another hash" in said for said in replica.said)


def test_an_original_whose_dump_does_not_help_is_told_and_what_was_published_stays(replica: Replica) -> None:
    replica.follow()
    before = replica.statements()
    replica.site.wrong["/changes"] = lambda right: replace(right, body=right.body.replace(b'"head": "', b'"head": "0'))
    with pytest.raises(ReplicaError, match="the published head is no SHA-256"):
        replica.follow()
    published = json.loads(replica.site.answer("/changes?since=3").body)["published"]
    other = json.dumps({"published": {**published, "digest": "0" * 64}, "items": [], "next": None}).encode()
    replica.site.wrong["/changes"] = lambda _: Answer(other)
    with pytest.raises(ReplicaOvertaken, match="revision 3 has another digest"):
        replica.follow()
    assert replica.statements() == before
    replica.site.wrong.clear()
    replica.follow()
    assert replica.is_equal()


def test_a_change_that_was_altered_on_the_way_is_never_published(replica: Replica) -> None:
    replica.follow()
    change(replica.site.place)
    replica.site.wrong["/changes/4"] = lambda right: replace(right, body=right.body.replace(b"Nom 1", b"Nom 9"))
    with pytest.raises(ReplicaOvertaken, match="another digest here"):
        replica.follow()
    assert not any("Nom 9" in str(quad) for quad in replica.statements())
    replica.site.wrong.clear()
    replica.follow()
    assert replica.is_equal()


# ---------------------------------------------------------------------------------------------- nobody else writes


def test_who_writes_is_told_that_a_replica_takes_nothing(replica: Replica) -> None:
    replica.follow()
    before = replica.statements()
    with pytest.raises(WriteForbidden, match="is a replica, which 'coopkg follow' alone changes"):
        replica.place.build()
    rulebook = Rulebook.of(Content(replica.place.content))
    with (
        pytest.raises(WriteForbidden, match="is a replica"),
        gate.opened(replica.place.state, rulebook, 3, replica.said.append),
    ):
        pass
    assert replica.statements() == before


def test_a_folder_with_a_graph_of_its_own_is_not_made_a_replica(site: Site) -> None:
    before = site.place.digest()
    with pytest.raises(WriteForbidden, match="holds a graph of its own"):
        upkeep.follow(site.place.settings, {}, site.url)
    site.place.build()
    assert site.place.digest() == before


def test_a_replica_follows_its_original_to_another_address(replica: Replica) -> None:
    replica.follow()
    other = replica.site.url.replace("127.0.0.1", "localhost")
    replica.follow(other)
    assert any(f"from now on it follows {other}" in said for said in replica.said)


def test_a_damaged_replica_is_made_anew(replica: Replica) -> None:
    replica.follow()
    for path in (replica.place.state / "generations" / "current" / "store").glob("*.sst"):
        path.write_bytes(b"damaged")
    replica.follow()
    assert replica.is_equal()
