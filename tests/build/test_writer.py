"""Requests to write, taken here and by a process of their own: what each changes, or why it is refused."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg import names, scribe, upkeep
from coopkg.dictation import PATIENCE_S, Dictation, decoded, encoded
from coopkg.errors import (
    CoopkgError,
    InputError,
    KeyReused,
    QueryError,
    QueryTimedOut,
    QueryTooHeavy,
    RevisionConflict,
    ScopeExceeded,
    ServerBusy,
    UnknownGraph,
    WriteRejected,
)
from coopkg.findings import Finding, Tier
from coopkg.graph import Graph
from coopkg.lock import locked
from coopkg.refusal import heard, told
from coopkg.update import Update
from coopkg.writer import GateWriter
from coopkg.writing import Act, Writing, Written
from tests.build.running import Place
from tests.builders import a_small_content, a_source, a_tiny_source

A_PAGE = f"{names.GRAPH}a-page"
C_PAGE = f"{names.GRAPH}c-page"
TOO_LONG = 50 * "long"


@pytest.fixture
def writer(place: Place) -> Iterator[GateWriter]:
    writer = upkeep.writer(replace(place.settings, deadline_s=5.0), {})
    yield writer
    writer.close()


def a_document(act: Act, slug: str, name: str = "Un projet", **more: object) -> Writing:
    content = a_tiny_source(slug, name).encode()
    return Writing(act, graph=f"{names.GRAPH}{slug}", content=content, media_type="application/trig", **more)  # type: ignore[arg-type]  # members of Writing


def an_update(text: str, **more: object) -> Writing:
    return Writing(Act.UPDATE, update=Update(text), author="a-role", **more)  # type: ignore[arg-type]  # members of Writing


def written(writer: GateWriter, writing: Writing) -> Written:
    with writer.session():
        return writer.write(writing)


def names_in(place: Place) -> list[str | None]:
    rows = Graph.open(place.settings, {}).rows("SELECT ?n WHERE { ?p a coop:Project ; skos:prefLabel ?n } ORDER BY ?n")
    return [name for (name,) in rows]


# What each act changes


def test_a_document_makes_a_graph_replaces_it_adds_to_it_and_it_goes(place: Place, writer: GateWriter) -> None:
    before = place.manifest()
    made = written(writer, a_document(Act.REPLACE, "c-page", author="a-role", message="a page comes"))
    assert made == Written(before.revision + 1, 0, made.added, created=True, findings=made.findings)
    assert "Un projet" in names_in(place)
    again = written(writer, a_document(Act.REPLACE, "c-page", "Un autre nom"))
    assert (again.removed, again.added, again.created) == (1, 1, False)
    assert "Un autre nom" in names_in(place)
    same = written(writer, a_document(Act.MERGE, "c-page", "Un autre nom"))
    assert (same.revision, same.removed, same.added) == (again.revision, 0, 0), "nothing new makes no revision"
    gone = written(writer, Writing(Act.DROP, graph=C_PAGE))
    assert gone.removed == made.added
    assert place.manifest().digest == before.digest
    said = place.journal().revisions[made.revision - 1]
    assert (said.author, said.message) == ("a-role", "a page comes")
    writer.close()
    assert place.run("verify").returncode == 0


def nested(depth: int) -> str:
    """Return a blank node within a blank node and so on, which takes for ever to be named."""
    return "<urn:a> <urn:b> " + "[ <urn:b> " * depth + "1" + " ]" * depth


@pytest.mark.parametrize("form", ["document", "update"])
def test_blank_nodes_that_take_for_ever_to_be_named_end_one_worker(writer: GateWriter, form: str) -> None:
    asked = {
        "document": Writing(Act.REPLACE, graph=C_PAGE, content=f"{nested(3000)} .".encode(), media_type="text/turtle"),
        "update": an_update(f"INSERT DATA {{ GRAPH <{C_PAGE}> {{ {nested(3000)} }} }}"),
    }
    with pytest.raises((QueryTimedOut, QueryTooHeavy)):
        written(writer, asked[form])
    assert written(writer, a_document(Act.REPLACE, "c-page")).created


def test_an_update_changes_what_its_where_finds(place: Place, writer: GateWriter) -> None:
    renaming = an_update(
        f"WITH <{A_PAGE}> DELETE {{ ?p skos:prefLabel ?n }} INSERT {{ ?p skos:prefLabel 'Renommé'@fr }} "
        "WHERE { ?p a coop:Project ; skos:prefLabel ?n }"
    )
    done = written(writer, renaming)
    assert (done.removed, done.added) == (1, 1)
    assert "Renommé" in names_in(place)
    assert written(writer, renaming).revision == done.revision
    assert not list(place.state.glob("generations/*scratch*"))


def test_what_a_request_is_warned_of_is_its_own_also_after_a_build_beside_it(tmp_path: Path) -> None:
    place = Place(a_small_content(tmp_path / "content"), tmp_path / "state")
    place.build()
    writer = upkeep.writer(place.settings, {})
    for slug in ("c", "d"):
        page = Writing(Act.REPLACE, graph=f"{names.GRAPH}{slug}", media_type="application/trig")
        done = written(writer, replace(page, content=a_source(slug, name=slug).encode()))
        assert {finding.focus.rpartition("/")[2] for finding in done.findings} == {slug}
        place.write("data/sources/e.trig", a_source("e", name=f"beside {slug}"))
        place.build()
    assert [one.message for one in place.journal().revisions if one.author == ""] == [
        f"replace graph/{s}" for s in "cd"
    ]
    writer.close()


def test_an_update_sees_what_was_accepted_and_is_not_yet_published(place: Place, writer: GateWriter) -> None:
    with writer.session():
        writer.write(a_document(Act.REPLACE, "c-page", "Premier"))
        done = writer.write(
            an_update(
                f"WITH <{C_PAGE}> DELETE {{ ?p skos:prefLabel ?n }} INSERT {{ ?p skos:prefLabel 'Second'@fr }} "
                "WHERE { ?p skos:prefLabel ?n . FILTER(STR(?n) = 'Premier') }"
            )
        )
        assert (done.removed, done.added) == (1, 1)
        assert "Second" not in names_in(place)
    assert "Second" in names_in(place)


# What is refused, and changes nothing


@pytest.mark.parametrize(
    ("writing", "error", "said"),
    [
        (a_document(Act.REPLACE, "c-page", TOO_LONG), WriteRejected, "1 finding"),
        (a_document(Act.MERGE, "c-page", scopes=(A_PAGE,)), ScopeExceeded, "c-page"),
        (a_document(Act.REPLACE, "c-page", expected=1), RevisionConflict, "not 1"),
        (replace(a_document(Act.REPLACE, "c-page"), graph=A_PAGE), InputError, "send each graph by itself"),
        (replace(a_document(Act.REPLACE, "c-page"), graph=""), InputError, "the default graph is the union"),
        (replace(a_document(Act.REPLACE, "c-page"), content=b"<a"), InputError, "line|1:"),
        (replace(a_document(Act.REPLACE, "c-page"), content=b"\xff"), InputError, "UTF-8"),
        (Writing(Act.DROP, graph=C_PAGE), UnknownGraph, "nothing to delete"),
        (Writing(Act.DROP, graph=names.ONTOLOGY_GRAPH), ScopeExceeded, "it comes from a file"),
        (an_update("DROP ALL"), ScopeExceeded, "it comes from a file"),
        (an_update("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", scopes=(A_PAGE,)), QueryError, "computed"),
        (an_update("INSERT DATA { <urn:a> <urn:b> <urn:c> }"), QueryError, "GRAPH"),
        (an_update("LOAD <http://example.org/>"), QueryError, "LOAD"),
        (an_update("INSERT"), QueryError, "column"),
        (an_update(f"DELETE WHERE {{ GRAPH <{A_PAGE}> {{ ?s ?p ?o }} }}", scopes=(C_PAGE,)), ScopeExceeded, "a-page"),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(
    place: Place, writer: GateWriter, writing: Writing, error: type[CoopkgError], said: str
) -> None:
    before = place.manifest()
    with pytest.raises(error, match=said):
        written(writer, writing)
    assert place.manifest() == before
    assert written(writer, a_document(Act.REPLACE, "c-page")).created, "it goes on"


def test_an_update_that_does_not_end_is_stopped(place: Place) -> None:
    writer = upkeep.writer(replace(place.settings, deadline_s=0.5), {})
    cross = " . ".join(f"?a{number} ?b{number} ?c{number}" for number in range(30))
    try:
        with pytest.raises(QueryTimedOut, match=r"0.5 s"):
            written(writer, an_update(f"DELETE {{ GRAPH <{A_PAGE}> {{ ?a1 ?b1 ?c5 }} }} WHERE {{ {cross} }}"))
        assert not list(place.state.glob("generations/*scratch*"))
        assert written(writer, a_document(Act.REPLACE, "c-page")).created
    finally:
        writer.close()


def test_a_document_that_kills_its_reader_kills_nothing_else(place: Place, writer: GateWriter) -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    bomb += b']><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&j;</rdf:RDF>'
    for content, media_type in ((bomb, "application/rdf+xml"), (b"[" * 200_000, "text/turtle")):
        writing = Writing(Act.REPLACE, graph=C_PAGE, content=content, media_type=media_type)
        with pytest.raises(CoopkgError):
            written(writer, writing)
    assert written(writer, a_document(Act.REPLACE, "c-page")).created


# Said twice


def test_the_same_key_is_answered_as_the_first_time_also_by_another_process(place: Place, writer: GateWriter) -> None:
    asked = a_document(Act.REPLACE, "c-page", key="a-token:1")
    first = written(writer, asked)
    again = written(writer, asked)
    assert (again.repeated, again.revision, again.added) == (True, first.revision, first.added)
    with pytest.raises(KeyReused, match=f"revision {first.revision}"):
        written(writer, a_document(Act.REPLACE, "c-page", "Un autre nom", key="a-token:1"))
    writer.close()
    after = upkeep.writer(place.settings, {})
    written(after, Writing(Act.DROP, graph=C_PAGE))
    assert written(after, asked).repeated, "it is not done again"
    after.close()
    assert place.manifest().revision == first.revision + 1


def test_a_dry_run_leaves_its_key_free(place: Place, writer: GateWriter) -> None:
    asked = a_document(Act.REPLACE, "c-page", key="a-token:1")
    assert written(writer, replace(asked, dry_run=True)).revision == place.manifest().revision
    assert not written(writer, asked).repeated


# From one process to another


def test_a_request_and_an_error_arrive_as_they_were_sent() -> None:
    full = Writing(
        *(Act.UPDATE, Update("x", ("urn:a",), ("urn:b",), "urn:c"), "urn:g", b"\0\xff", "text/turtle", "é", "m"),
        *(("a*", "b"), 3, "key", True),
    )
    for writing in (full, Writing(Act.DROP, graph="urn:g")):
        assert decoded(encoded(writing)) == writing
    finding = Finding(Tier.WARNING, "urn:f", (("en", "x"), ("fr", "y")), value="v")
    for error in (WriteRejected([finding]), RevisionConflict(1, 2), ServerBusy("x", 3.0), QueryError("x", 1, 2)):
        again = heard(told(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


@pytest.fixture
def dictation(place: Place) -> Iterator[Dictation]:
    dictation = Dictation(scribe.argument(place.settings, {}))
    yield dictation
    dictation.close()


def test_the_process_writes_and_refuses_as_the_writer_does(place: Place, dictation: Dictation) -> None:
    assert dictation.write(a_document(Act.REPLACE, "c-page")).created
    with pytest.raises(WriteRejected) as refused:
        dictation.write(a_document(Act.REPLACE, "d-page", TOO_LONG))
    assert refused.value.findings[0].tier is Tier.VIOLATION
    dictation.close()
    assert place.run("verify").returncode == 0
    assert "Un projet" in names_in(place)


def test_a_process_that_was_killed_is_started_again_and_lost_nothing(place: Place, dictation: Dictation) -> None:
    done = dictation.write(a_document(Act.REPLACE, "c-page", key="k"))
    process = dictation._process
    assert process is not None
    process.kill()
    process.wait()
    again = dictation.write(a_document(Act.REPLACE, "c-page", key="k"))
    assert (again.repeated, again.revision) == (True, done.revision)
    assert place.manifest().revision == done.revision


def test_a_process_that_hangs_is_ended_and_not_waited_for_a_second_time(place: Place, dictation: Dictation) -> None:
    dictation.write(a_document(Act.REPLACE, "c-page"))
    process, began = dictation._process, time.monotonic()
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    dictation._control.settimeout(0.2)
    with pytest.raises(ServerBusy, match="the process that writes ended"):
        dictation.write(a_document(Act.REPLACE, "d-page"))
    assert process.returncode == -signal.SIGKILL
    assert time.monotonic() - began < PATIENCE_S / 2
    assert dictation.write(a_document(Act.REPLACE, "d-page")).created


def test_it_waits_for_another_writer_and_says_so_when_that_stays(place: Place, dictation: Dictation) -> None:
    dictation.write(a_document(Act.REPLACE, "c-page"))
    with locked(place.state, 5), pytest.raises(CoopkgError, match="another coopkg is writing"):
        dictation.write(a_document(Act.REPLACE, "d-page"))
    assert dictation.write(a_document(Act.REPLACE, "d-page")).created


def test_builds_beside_it_are_seen(place: Place, dictation: Dictation) -> None:
    dictation.write(a_document(Act.REPLACE, "c-page"))
    place.write("data/sources/e-page.trig", a_tiny_source("e-page", "Un nom de fichier"))
    place.build()
    with pytest.raises(RevisionConflict):
        dictation.write(a_document(Act.REPLACE, "d-page", expected=place.manifest().revision - 1))
    assert dictation.write(a_document(Act.REPLACE, "d-page", expected=place.manifest().revision)).created


COUNTING = (
    f"WITH <{A_PAGE}> DELETE {{ ?p skos:prefLabel ?n }} INSERT {{ ?p skos:prefLabel ?m }} WHERE {{ "
    "?p a coop:Project ; skos:prefLabel ?n "
    "BIND(STRLANG(CONCAT('Compteur ', STR(xsd:integer(STRAFTER(STR(?n), ' ')) + 1)), 'fr') AS ?m) }"
)
WRITERS = 8


@dataclasses.dataclass
class Race:
    """Several who write at once, and one who reads."""

    place: Place
    writer: Dictation
    seconds: float
    accepted: list[Written] = dataclasses.field(default_factory=list)
    counted: list[Written] = dataclasses.field(default_factory=list)
    faults: list[str] = dataclasses.field(default_factory=list)

    def run(self) -> None:
        """Let all of them work for some seconds."""
        until = time.monotonic() + self.seconds
        threads = [threading.Thread(target=self._write, args=(number, until)) for number in range(WRITERS)]
        threads.append(threading.Thread(target=self._read, args=(until,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _write(self, number: int, until: float) -> None:
        for turn in itertools.count():
            if time.monotonic() > until:
                return
            try:
                if turn % 3 == 0:
                    self.counted.append(self.writer.write(an_update(COUNTING)))
                elif turn % 3 == 1:
                    self.writer.write(a_document(Act.REPLACE, f"w-{number}", TOO_LONG))
                    self.faults.append("what is invalid was accepted")
                else:
                    self.accepted.append(self.writer.write(a_document(Act.REPLACE, f"w-{number}", f"Projet {turn}")))
            except WriteRejected:
                pass

    def _read(self, until: float) -> None:
        published, revision = Graph.open(self.place.settings, {}), 0
        while time.monotonic() < until:
            store, manifest = published.current()
            if manifest.revision < revision:
                self.faults.append(f"revision {manifest.revision} after {revision}")
            revision = manifest.revision
            for graph_name, held in manifest.graphs.items():
                quads = list(store.quads(graph_name))
                texts = [str(getattr(quad.object, "value", "")) for quad in quads]
                if len(quads) != held.statements or TOO_LONG in texts:
                    self.faults.append(f"revision {revision}: {graph_name} is not as it was published")


def test_eight_writers_make_some_serial_order_and_no_reader_sees_a_half(place: Place, dictation: Dictation) -> None:
    first = dictation.write(a_document(Act.REPLACE, "a-page", "Compteur 0")).revision + 1
    race = Race(place, dictation, float(os.environ.get("COOPKG_TEST_WRITERS_S", "4")))
    race.run()
    dictation.close()
    assert not race.faults, race.faults[:3]
    done = [*race.accepted, *race.counted]
    assert len(done) > WRITERS
    assert sorted(written.revision for written in done) == list(range(first, place.journal().head + 1))
    assert f"Compteur {len(race.counted)}" in names_in(place)
    assert place.run("verify").returncode == 0
