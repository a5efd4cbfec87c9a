"""The query pool with its real processes: what it answers, what it stops, and what it leaves behind."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopkg import sandbox, sparql, wire, worker
from coopkg.bench import Benches
from coopkg.errors import (
    AnswerTooLarge,
    CoopkgError,
    InputError,
    NotAcceptable,
    QueryError,
    QueryTimedOut,
    QueryTooHeavy,
    RevisionGone,
    ServerBusy,
    SettingsError,
)
from coopkg.pool import Pool
from coopkg.processes import Worker
from coopkg.rdf import NamedNode, Quad
from coopkg.refusal import heard
from coopkg.sandbox import STACK_BYTES
from coopkg.sparql import Question
from coopkg.store import QuadStore
from coopkg.worker import Document
from tests.conftest import REPOSITORY, clean_environ
from tests.pool.conftest import KEEPER, SETTINGS, Asking
from tests.pool.graphs import BOMB, ENDLESS, EXAMPLE, FLOOD, LONG, QUICK, published
from tests.pool.processes import command, handles_open, is_alive, keepers, seconds_until, status, workers

ME = os.getpid()
NEXT = NamedNode(f"{EXAMPLE}next")
FULL = SETTINGS.fast_workers + SETTINGS.spare_workers


def _settled(asking: Asking) -> set[int]:
    """Wait until nobody asks and enough workers stand ready, and return their processes."""
    seconds_until(lambda: len(_idle(asking)) >= FULL and not asking.pool._roster._busy)
    return _idle(asking)


def _idle(asking: Asking) -> set[int]:
    return {idle.process_id for idle in asking.pool._roster._idle}


def _ended(processes: set[int]) -> set[int]:
    # One by one: the kernel's list of children may leave some out while others come and go.
    return {process for process in processes if not is_alive(process)}


def _workers_of(asking: Asking) -> set[int]:
    return {process for process in workers(ME) if str(asking.state) in _folder_of(process)}


def _folder_of(process: int) -> str:
    return command(int(status(process).get("PPid", "0"))).decode()


def _in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Start some work, and give its thread and the list in which its result, or what it raised, will stand."""
    result: list[object] = []

    def run() -> None:
        try:
            result.append(work())
        except CoopkgError as fault:
            result.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, result


# What it answers


@pytest.mark.parametrize(
    "text",
    [
        QUICK,
        f"ASK {{ <{EXAMPLE}1> ?p ?o }}",
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o FILTER(?s = <{EXAMPLE}7>) }}",
        "SELECT ('é\\u0000𝄞' AS ?odd) (1/0 AS ?unbound) {}",
        "SELECT * { ?s ?p ?o } ORDER BY ?s",
    ],
)
def test_answers_equal_those_given_in_process(asking: Asking, text: str) -> None:
    folder = asking.generations.current()
    assert folder is not None
    question = Question(text)
    stream = asking.pool.ask(question, 10, lambda: False, lambda: True)
    body = b"".join(stream.pieces())
    assert (stream.media_type, body) == sparql.answered(QuadStore.published(folder / "store"), question)
    assert stream.revision == 1


def test_the_dataset_and_the_wishes_reach_the_worker(asking: Asking) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    question = Question(text, wishes=("csv",), default_graphs=(f"{EXAMPLE}other",), named_graphs=())
    assert b"".join(asking.pool.ask(question, 10, lambda: False, lambda: True).pieces()) == b"n\r\n0\r\n"


def test_refusals_of_a_worker_keep_their_class_and_place(asking: Asking) -> None:
    before = _settled(asking)
    with pytest.raises(QueryError) as caught:
        asking.ask("SELECT *\n{ ?s ?p }")
    assert (caught.value.line, caught.value.column) == (2, 10)
    with pytest.raises(NotAcceptable):
        list(asking.pool.ask(Question(QUICK, accept="image/png"), 10, lambda: False, lambda: True).pieces())
    assert asking.ask(QUICK)
    assert not _ended(before), "a refusal costs no worker"


def test_a_damaged_store_is_no_fault_of_the_query() -> None:
    fault = heard({"code": "damaged", "message": "the store cannot be used"})
    assert fault.code == "damaged"
    assert heard({"code": "new", "message": "x"}).code == "error"


def test_a_query_over_the_fast_time_moves_to_a_slow_place_and_still_answers(asking: Asking) -> None:
    before = asking.pool.counts()["moved"]
    stream = asking.stream(LONG)
    assert b"".join(stream.pieces()).startswith(b"count\r\n")
    assert stream.elapsed_s > SETTINGS.fast_s
    assert asking.pool.counts()["moved"] == before + 1


def _niceness(process: int) -> list[int]:
    """Return that of each thread of a process, but for the first, which answers nothing."""
    threads = [thread for thread in Path(f"/proc/{process}/task").iterdir() if thread.name != str(process)]
    return [int(thread.joinpath("stat").read_text().rpartition(")")[2].split()[16]) for thread in threads]


def test_a_slow_query_runs_at_a_low_priority_and_its_worker_goes_on_at_the_usual_one(asking: Asking) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    before = _settled(asking)
    stream = asking.stream(LONG)
    process = stream._worker.process_id
    asked, _ = _in_thread(lambda: b"".join(stream.pieces()))
    seconds_until(lambda: stream._slow)
    seconds_until(lambda: usual + 15 in _niceness(process), 1)
    asked.join()
    assert process in _idle(asking)
    assert set(_niceness(process)) == {usual}
    assert b"".join(asking.stream(QUICK).pieces()).startswith(b"a,b\r\n"), "nothing of before comes with a later answer"
    assert not _ended(before)


def test_a_worker_that_stays_slow_is_not_asked_again(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    _settled(asking)
    monkeypatch.setattr(Worker, "slow_down", lambda self: None)  # so that it never says that it is ready again
    stream = asking.stream(LONG)
    process = stream._worker.process_id
    assert b"".join(stream.pieces()).startswith(b"count\r\n")
    seconds_until(lambda: not is_alive(process))
    assert process not in _settled(asking)


# What it stops


def test_at_the_deadline_the_worker_is_gone_within_a_second(asking: Asking) -> None:
    before = _settled(asking)
    began = time.monotonic()
    with pytest.raises(QueryTimedOut, match="stopped after 1 s"):
        asking.ask(ENDLESS, 1.0)
    assert 1.0 <= time.monotonic() - began < 2.0
    assert seconds_until(lambda: len(_ended(before)) == 1) < 1.0
    assert len(_settled(asking)) >= FULL


def test_a_deadline_below_the_fast_time_holds_too(asking: Asking) -> None:
    with pytest.raises(QueryTimedOut):
        asking.ask(ENDLESS, 0.05)


def test_a_deadline_in_the_middle_of_an_answer_holds_too(asking: Asking, tmp_path: Path) -> None:
    wide = replace(SETTINGS, keeper=replace(KEEPER, answer_max_bytes=1 << 40))
    other = Asking(tmp_path / "state", wide)
    began, got = time.monotonic(), io.BytesIO()
    with pytest.raises(QueryTimedOut):
        got.writelines(other.stream(FLOOD, 0.8).pieces())
    assert got.tell() > 1 << 18
    assert time.monotonic() - began < 2.0
    other.pool.close()


@pytest.mark.parametrize("when_s", [0.0, 0.6])
def test_when_the_client_goes_the_worker_is_killed(asking: Asking, when_s: float) -> None:
    before, left = _settled(asking), time.monotonic() + when_s
    stream = asking.pool.ask(Question(ENDLESS), 30, lambda: time.monotonic() > left, lambda: True)
    with pytest.raises(QueryTimedOut, match="client has gone"):
        list(stream.pieces())
    assert seconds_until(lambda: len(_ended(before)) == 1) < 1.0
    assert stream.elapsed_s < 2.0


def test_what_a_question_used_of_a_processor_is_known_when_it_is_closed(asking: Asking) -> None:
    stream = asking.stream(ENDLESS, 1.0)
    with pytest.raises(QueryTimedOut):
        list(stream.pieces())
    assert 0.1 < stream.cpu_s < 1.5


def test_what_a_worker_used_for_others_does_not_count(asking: Asking) -> None:
    _settled(asking)
    streams = []
    for _ in range(10):
        streams.append(asking.stream(QUICK))
        assert list(streams[-1].pieces())
    for used in {stream._worker for stream in streams}:
        mine = [stream.cpu_s for stream in streams if stream._worker is used]
        assert min(mine) > 0
        assert sum(mine) <= (used.cpu_s() or 0.0)
    assert len({stream._worker for stream in streams}) < len(streams)


def test_a_query_that_waits_for_its_reader_uses_no_processor(asking: Asking, tmp_path: Path) -> None:
    wide = replace(SETTINGS, keeper=replace(KEEPER, answer_max_bytes=1 << 40))
    other = Asking(tmp_path / "state", wide)
    stream = other.stream(FLOOD, 2.0)
    pieces = stream.pieces()
    assert next(pieces)
    time.sleep(2.0)
    with pytest.raises(QueryTimedOut):
        list(pieces)
    assert stream.elapsed_s > 2.0
    assert stream.cpu_s < 0.5
    other.pool.close()


def test_a_worker_that_ended_by_itself_used_all_its_time(asking: Asking) -> None:
    stream = asking.stream(QUICK)
    os.kill(stream._worker.process_id, signal.SIGKILL)
    seconds_until(lambda: not status(stream._worker.process_id))  # it is buried: nobody knows any more
    with contextlib.suppress(ServerBusy, QueryTooHeavy):
        list(stream.pieces())
    assert stream.cpu_s == stream.elapsed_s > 0


def test_a_memory_bomb_ends_its_worker_alone(asking: Asking) -> None:
    before = _settled(asking)
    with pytest.raises(QueryTooHeavy):
        asking.ask(BOMB, 30)
    seconds_until(lambda: len(_ended(before)) == 1)
    assert asking.ask(QUICK).count(b"\n") == 6


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * " + "{" * 4_300,
        "SELECT * " + "{" * 4_300 + "}" * 4_300,
        "SELECT * { FILTER(" + "(" * 30_000 + "1" + ")" * 30_000 + ") }",
        "SELECT * { FILTER(" + "!" * 60_000 + "1) }",
        "SELECT * { ?s " + "(" * 30_000 + "?p" + ")" * 30_000 + " ?o }",
        "SELECT * { ?s ?p " + "[ ?p " * 10_000 + "1" + "]" * 10_000 + " }",
        "SELECT * { ?s ?p " + "(" * 30_000 + ")" * 30_000 + " }",
        "SELECT * " + "{ SELECT * " * 5_000 + "}" * 5_000,
        "SELECT * { ?s ?p ?o " + "OPTIONAL { ?s ?p ?o " * 3_000 + "}" * 3_001,
        "SELECT * { FILTER(1 " + "+ 1 " * 16_000 + ") }",
        "SELECT * { ?s " + "^" * 60_000 + "?p ?o }",
        "SELECT * { ?s a" + "*" * 60_000 + " ?o }",
    ],
    ids=lambda text: f"{text[9:24]}...",
)
def test_deep_texts_end_their_worker_at_worst(asking: Asking, text: str) -> None:
    assert len(text) <= 65_536
    died = asking.pool.counts()["died"]
    with contextlib.suppress(QueryError, QueryTimedOut):
        asking.ask(text, 1.0)
    assert asking.ask(QUICK)
    assert asking.pool.counts()["died"] == died, "the big stack holds it"


def test_an_answer_over_the_cap_is_refused_or_cut_with_an_error(asking: Asking) -> None:
    got = io.BytesIO()
    with pytest.raises(AnswerTooLarge, match="1,048,576 bytes"):
        got.writelines(asking.stream(FLOOD).pieces())
    assert got.tell() <= 1 << 20
    for _ in range(FULL + 2):
        assert asking.ask(QUICK).startswith(b"a,b\r\n"), "nothing of it comes with a later answer"


def test_a_worker_says_nothing_after_a_refusal() -> None:
    """Seen from its connection: what was not sent when the cap was met is not sent later either."""
    ours, theirs = socket.socketpair()
    graph = QuadStore.in_memory(Quad(NamedNode(f"{EXAMPLE}{n}"), NEXT, NEXT, NEXT) for n in range(2_000))
    thread = threading.Thread(
        target=lambda: worker.answer_questions(theirs, graph, 100_000, lambda: Benches(None, graph))
    )
    thread.start()
    kinds = b""
    for text in ("SELECT * { ?s ?p ?o }", "ASK {}", "ASK {"):
        wire.send(ours, *worker.encoded(Question(text)))
        while kinds[-1:] not in (b"E", b"X"):
            kinds += wire.receive(ours)[0]
        gc.collect()
        kinds += b" "
    assert kinds == b"HDX HDE X "
    ours.close()
    thread.join()
    theirs.close()


class Counted:
    """A connection that holds one question, and counts what a worker sends."""

    def __init__(self, text: str) -> None:
        self._said = wire.frame(*worker.encoded(Question(text, accept="text/csv")))
        self.sent: list[bytes] = []

    def recv(self, most: int) -> bytes:
        said, self._said = self._said[:most], self._said[most:]
        return said

    def sendall(self, sent: bytes) -> None:
        self.sent.append(sent)


@pytest.mark.parametrize(
    ("text", "sends"),
    [("ASK {}", 1), ("SELECT * { ?s ?p ?o } LIMIT 9", 1), ("ASK {", 1), ("SELECT * { ?s ?p ?o }", 3)],
    ids=["a fact", "some rows", "a refusal", "170 kB"],
)
def test_a_worker_sends_a_short_answer_at_once_and_a_long_one_in_pieces(text: str, sends: int) -> None:
    graph = QuadStore.in_memory(Quad(NamedNode(f"{EXAMPLE}{n}"), NEXT, NEXT, NEXT) for n in range(2_000))
    connection = Counted(text)
    worker.answer_questions(connection, graph, 1 << 20, lambda: Benches(None, graph))  # type: ignore[arg-type]  # a fake
    assert len(connection.sent) == sends


def test_a_query_that_finds_enough_workers_ready_wakes_nobody(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    asking.ask(QUICK)
    roster, woken = asking.pool._roster, list[None]()
    seconds_until(lambda: len(roster._idle) > roster._wanted)
    monkeypatch.setattr(roster._change, "notify_all", lambda: woken.append(None))
    for _ in range(20):
        asking.ask(QUICK)
    assert not woken


# Documents of strangers


def _parsed(asking: Asking, content: bytes, media_type: str = "text/turtle", deadline_s: float = 10.0) -> bytes:
    stream = asking.pool.ask(Document(content, media_type), deadline_s, lambda: False, lambda: True)
    return b"".join(stream.pieces())


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("text/turtle", b"@prefix e: <urn:e:> . e:a e:b 'c'@fr ."),
        ("application/trig", b"<urn:g> { <urn:e:a> <urn:e:b> 'c'@fr }"),
        ("application/n-triples", b'<urn:e:a> <urn:e:b> "c"@fr .\n'),
        ("application/n-quads", b'<urn:e:a> <urn:e:b> "c"@fr <urn:g> .\n'),
        ("application/ld+json", b'{"@id": "urn:e:a", "urn:e:b": {"@value": "c", "@language": "fr"}}'),
        (
            "application/rdf+xml",
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">'
            b'<rdf:Description rdf:about="urn:e:a"><e:b xml:lang="fr">c</e:b></rdf:Description></rdf:RDF>',
        ),
    ],
)
def test_a_document_is_parsed_by_a_worker(asking: Asking, media_type: str, content: bytes) -> None:
    graph = b" <urn:g>" if b"<urn:g>" in content else b""
    assert _parsed(asking, content, media_type) == b'<urn:e:a> <urn:e:b> "c"@fr' + graph + b" .\n"


def test_a_document_that_is_wrong_is_told_with_its_place(asking: Asking) -> None:
    before = _settled(asking)
    with pytest.raises(InputError, match=r"the document:2:\d+: "):
        _parsed(asking, b"@prefix e: <urn:e:> .\ne:a e:b ;; .")
    with pytest.raises(InputError, match="nothing is fetched"):
        _parsed(asking, b'{"@context": "https://example.org/context", "@id": "urn:a"}', "application/ld+json")
    assert asking.ask(QUICK)
    assert not _ended(before)


def test_a_document_that_is_a_bomb_ends_its_worker_at_worst(asking: Asking) -> None:
    laughs = b'<!DOCTYPE r [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(12)
    )
    xml = laughs + b']><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">'
    xml += b'<rdf:Description rdf:about="urn:e:a"><e:b>&m;</e:b></rdf:Description></rdf:RDF>'
    for content, media_type in (
        (xml, "application/rdf+xml"),
        (b"<urn:a> <urn:b> " + b"(" * 200_000, "text/turtle"),
        (b"<urn:a> <urn:b> " + b"[ <urn:b> " * 100_000 + b"1" + b"]" * 100_000 + b" .", "text/turtle"),
        (b"[" * 200_000, "application/ld+json"),
        (b"<urn:a> <urn:b> 1 .\n" * 500_000, "text/turtle"),
    ):
        with contextlib.suppress(InputError, QueryTooHeavy, QueryTimedOut, AnswerTooLarge, ServerBusy):
            _parsed(asking, content, media_type, 3.0)
        seconds_until(lambda: _passes(asking), 5)


# Who gets a place


def _passes(asking: Asking) -> bool:
    """Return whether a quick query is answered; a busy machine may make one of them seem long."""
    with contextlib.suppress(ServerBusy):
        return bool(asking.ask(QUICK))
    return False


def test_when_all_slow_places_are_taken_a_long_query_is_refused(asking: Asking) -> None:
    moved = asking.pool.counts()["moved"]
    holding = [_in_thread(lambda: asking.ask(ENDLESS, 6.0)) for _ in range(SETTINGS.slow_workers)]
    seconds_until(lambda: asking.pool.counts()["moved"] >= moved + SETTINGS.slow_workers, 3)
    with pytest.raises(ServerBusy, match="long queries"):
        asking.ask(ENDLESS)
    seconds_until(lambda: _passes(asking), 2)
    assert all(thread.is_alive() for thread, _ in holding), "quick ones passed beside the long ones"
    for thread, result in holding:
        thread.join()
        assert isinstance(result[0], QueryTimedOut)


def test_a_client_that_may_have_no_more_slow_places_is_refused_at_the_fast_time(asking: Asking) -> None:
    began = time.monotonic()
    with pytest.raises(ServerBusy, match="under way"):
        asking.ask(ENDLESS, slow=False)
    assert time.monotonic() - began < 1.0


def test_when_all_fast_places_stay_taken_a_query_is_refused_in_time(asking: Asking) -> None:
    held = [asking.stream(QUICK) for _ in range(SETTINGS.fast_workers)]
    began = time.monotonic()
    with pytest.raises(ServerBusy):
        asking.stream(QUICK)
    assert SETTINGS.queue_s <= time.monotonic() - began < SETTINGS.queue_s + 1
    for stream in held:
        stream.close()
    assert asking.ask(QUICK)


def test_a_long_query_leaves_its_fast_place_sooner_when_a_lower_rank_waits_for_it(asking: Asking) -> None:
    def hold() -> None:
        stream = asking.pool.ask(Question(ENDLESS), 10, lambda: False, lambda: False, rank=1.0)
        list(stream.pieces())

    holding = [_in_thread(hold) for _ in range(SETTINGS.fast_workers)]
    seconds_until(lambda: len(asking.pool._roster._busy) == SETTINGS.fast_workers)
    began = time.monotonic()
    stream = asking.pool.ask(Question(QUICK), 10, lambda: False, lambda: True, rank=0.0)
    assert time.monotonic() - began < SETTINGS.fast_s * 0.8
    stream.close()
    for thread, result in holding:
        thread.join()
        assert isinstance(result[0], ServerBusy)


# What it leaves behind


def test_after_many_kills_in_a_row_nothing_is_leaked(asking: Asking) -> None:
    _settled(asking)
    handles, threads = handles_open(), threading.active_count()
    for _ in range(10):
        with pytest.raises(QueryTimedOut):
            asking.ask(ENDLESS, 0.05)
        assert asking.ask(QUICK)
    _settled(asking)
    seconds_until(lambda: handles_open() <= handles + 2 * SETTINGS.fast_workers, 3)
    assert len(_workers_of(asking)) <= FULL + SETTINGS.fast_workers
    assert threading.active_count() <= threads
    time.sleep(0.7)
    of_keepers = [Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split() for keeper in _keepers_of(asking)]
    assert all(is_alive(int(child)) for children in of_keepers for child in children), "the dead are buried"


def test_places_are_free_again_when_there_was_no_worker_for_them(tmp_path: Path) -> None:
    other = Asking(tmp_path / "state")
    other.pool.close()
    for _ in range(SETTINGS.fast_workers + 1):
        with pytest.raises(ServerBusy, match="no worker is ready"):
            other.ask(QUICK)


def test_closing_an_answer_twice_from_two_threads_frees_one_place(asking: Asking) -> None:
    for _ in range(20):
        stream = asking.stream(QUICK)
        both = [threading.Thread(target=stream.close) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        stream.close()
    with pytest.raises(RuntimeError, match="twice"):
        asking.pool._fast.leave()


@pytest.mark.parametrize("read", [False, True])
def test_an_abandoned_answer_frees_its_place(asking: Asking, read: bool) -> None:
    for _ in range(SETTINGS.fast_workers + 1):
        pieces: Iterator[bytes] | None = asking.stream(FLOOD).pieces() if read else None
        if pieces is None:
            asking.stream(QUICK).close()
            continue
        assert next(pieces)
        box = [pieces]
        del pieces
        collector = threading.Thread(target=box.clear)  # the last reference goes in another thread
        collector.start()
        collector.join()
    assert asking.ask(QUICK)


def test_what_a_caller_raises_frees_the_place(asking: Asking) -> None:
    def failing() -> bool:
        raise ZeroDivisionError

    for gone, may_be_slow in ((failing, lambda: True), (lambda: False, failing)):
        for _ in range(SETTINGS.fast_workers + 1):
            with pytest.raises(ZeroDivisionError):
                list(asking.pool.ask(Question(ENDLESS), 5, gone, may_be_slow).pieces())
    assert asking.ask(QUICK)


def test_an_idle_worker_that_died_is_given_to_nobody(asking: Asking) -> None:
    killed = _settled(asking)
    for process in killed:
        os.kill(process, signal.SIGKILL)
    seconds_until(lambda: not any(status(process) for process in killed))
    for _ in range(FULL + 1):
        assert asking.ask(QUICK)


def test_a_worker_that_dies_before_it_is_asked_is_not_the_querys_fault(asking: Asking) -> None:
    stream = asking.stream(QUICK)
    stream._worker._connection.shutdown(1)  # what the kernel does at its death
    with pytest.raises(ServerBusy):
        list(stream.pieces())
    assert asking.ask(QUICK)


# Generations and keepers


def test_kept_revisions_answer_when_they_are_asked_for_and_others_are_gone(asking: Asking, tmp_path: Path) -> None:
    other = Asking(tmp_path / "state", replace(SETTINGS, keeper=replace(KEEPER, in_memory=True)))
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    def asked(revision: int | None) -> tuple[int, bytes]:
        stream = other.pool.ask(Question(count, revision=revision), 10, lambda: False, lambda: True)
        return stream.revision, b"".join(stream.pieces())

    one = asked(1)
    assert one == asked(None)
    for revision, nodes in ((2, 50), (3, 60)):
        published(other.state, revision, nodes)
    seconds_until(lambda: asked(None)[0] == 3, 8)
    for _ in range(FULL + 2):  # more often than there are workers
        assert asked(1) == one
        assert asked(2)[0] == 2
        assert asked(3) == asked(None)
    assert len(_keepers_of(other)) <= 4, "one for each older revision, one current, one that loads"
    published(other.state, 4, 70)
    seconds_until(lambda: asked(None)[0] == 4, 8)
    with pytest.raises(RevisionGone):
        asked(1)
    assert asked(2)[0] == 2
    assert asked(4) == asked(None)
    seconds_until(lambda: other.pool._roster._keeper.in_memory, 8)
    seconds_until(lambda: len(_keepers_of(other)) == 2, 3)  # of revision 2, and of the current one
    other.pool.close()
    seconds_until(lambda: not _keepers_of(other), 2)


def test_a_new_generation_is_followed_at_once_and_answers_under_way_finish_on_the_old_one(fresh: Asking) -> None:
    old = fresh.stream(QUICK)
    first = fresh.pool._roster._keeper._process.pid
    published(fresh.state, 2, nodes=50)
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    took_s = seconds_until(lambda: fresh.ask(count) == b"n\r\n50\r\n", 8)
    assert took_s < 5.0, "from disk at once"
    assert old.revision == 1
    assert is_alive(first), "it is still needed"
    assert b"".join(old.pieces()).count(b"\n") == 6
    seconds_until(lambda: not is_alive(first), 2)
    seconds_until(lambda: fresh.pool._roster._keeper.in_memory, 8)
    seconds_until(lambda: len(_keepers_of(fresh)) == 1, 3)
    stream = fresh.stream(count)
    assert b"".join(stream.pieces()) == b"n\r\n50\r\n"
    assert stream.revision == 2


def test_a_question_waits_for_workers_of_what_is_published_where_they_read_from_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker opens the files of its generation when it first reads them, and by then they may be removed."""
    asking = Asking(tmp_path / "state")
    monkeypatch.setattr("coopkg.roster._LOOK_EVERY_S", 60.0)
    time.sleep(0.3)  # from now on the roster looks when it is told to
    before = asking.generations.current()
    published(asking.state, 2, nodes=50)
    assert before is not None
    shutil.rmtree(before)
    stream = asking.stream("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert (b"".join(stream.pieces()), stream.revision) == (b"n\r\n50\r\n", 2)
    asking.pool.close()


def test_a_killed_keeper_is_replaced(fresh: Asking) -> None:
    seconds_until(lambda: fresh.pool._roster._keeper.in_memory, 8)
    seconds_until(lambda: len(_keepers_of(fresh)) == 1, 3)
    (keeper,) = _keepers_of(fresh)
    under_way, result = _in_thread(lambda: fresh.ask(ENDLESS))
    time.sleep(0.3)
    os.kill(keeper, signal.SIGKILL)
    under_way.join(3)
    assert isinstance(result[0], ServerBusy), "it is not the query that was too heavy"
    deadline = time.monotonic() + 8
    while True:
        try:
            assert fresh.ask(QUICK)
            break
        except ServerBusy:
            assert time.monotonic() < deadline
    seconds_until(lambda: fresh.pool._roster._keeper.in_memory, 8)


def test_a_graph_that_cannot_be_loaded_is_read_from_disk(fresh: Asking) -> None:
    seconds_until(lambda: fresh.pool._roster._keeper.in_memory, 8)
    published(fresh.state, 2, nodes=50)
    seconds_until(lambda: fresh.pool._roster._loading is not None or fresh.pool._roster._keeper.revision == 2, 8)
    if loading := fresh.pool._roster._loading:
        os.kill(loading._process.pid, signal.SIGKILL)
    seconds_until(lambda: fresh.pool._roster._loading is None, 5)
    assert fresh.ask(QUICK)
    assert fresh.pool._roster._keeper.revision == 2


def test_nothing_published_any_more_leaves_the_old_answers(asking: Asking, tmp_path: Path) -> None:
    other = Asking(tmp_path / "state")
    (tmp_path / "state" / "generations" / "current").rename(tmp_path / "aside")
    time.sleep(0.3)
    with pytest.raises(QueryTimedOut):
        other.ask(ENDLESS, 0.05)
    for _ in range(FULL + 2):
        assert other.ask(QUICK)
    other.pool.close()


def test_a_closed_pool_leaves_no_process_and_answers_nothing(tmp_path: Path) -> None:
    other = Asking(tmp_path / "state")
    mine = _keepers_of(other) | _workers_of(other)
    under_way, result = _in_thread(lambda: other.ask(ENDLESS))
    time.sleep(0.3)
    other.pool.close()
    under_way.join(3)
    assert isinstance(result[0], ServerBusy)
    seconds_until(lambda: not any(is_alive(process) for process in mine), 2)
    with pytest.raises(ServerBusy):
        other.ask(QUICK)
    assert not other.pool.is_ready()
    time.sleep(1.2)
    assert not _keepers_of(other), "none was started again"


def _keepers_of(asking: Asking) -> set[int]:
    return {keeper for keeper in keepers(ME) if str(asking.state).encode() in command(keeper)}


@pytest.mark.parametrize("in_memory", [False, True], ids=["from disk", "while it loads"])
def test_a_killed_server_leaves_no_process(tmp_path: Path, in_memory: bool) -> None:
    published(tmp_path / "state", 1, nodes=40_000 if in_memory else 50)
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path / "state"), str(in_memory)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=clean_environ(),
    )
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    if in_memory:
        seconds_until(lambda: len(keepers(server.pid)) == 2, 5)
    theirs = keepers(server.pid) | workers(server.pid)
    assert len(theirs) >= 3
    server.kill()
    server.wait()
    server.stdout.close()
    assert seconds_until(lambda: not any(is_alive(process) for process in theirs), 3) < 1.0


_SERVER = """
import sys, threading
from dataclasses import replace
from pathlib import Path
from coopkg.pool import Pool
from coopkg.processes import Worker
from tests.pool.conftest import SETTINGS
folder = (Path(sys.argv[1]) / "generations" / "current").resolve()
settings = replace(SETTINGS, keeper=replace(SETTINGS.keeper, in_memory=sys.argv[2] == "True"))
pool = Pool(settings, 60, lambda _: (folder, 1))
threading.Thread(target=lambda: list(pool.ask(
    __import__("coopkg.sparql").sparql.Question("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a"),
    30, lambda: False, lambda: True).pieces()), daemon=True).start()
print("ready", flush=True)
sys.stdin.read() if sys.stdin.isatty() else threading.Event().wait()
"""


# The locks


def test_every_thread_of_a_worker_is_locked_and_bounded(asking: Asking) -> None:
    (process, *_) = _settled(asking)
    for task in Path(f"/proc/{process}/task").iterdir():
        lines = (task / "status").read_text()
        assert "Seccomp:\t2\n" in lines, task
        assert "NoNewPrivs:\t1\n" in lines, task
    limits = Path(f"/proc/{process}/limits").read_text()
    (limit,) = [int(line.split()[3]) for line in limits.splitlines() if line.startswith("Max address space")]
    assert limit > KEEPER.memory_bytes + STACK_BYTES
    assert limit < 2 << 30
    assert Path(f"/proc/{process}/oom_score_adj").read_text() == "1000\n"
    handles = {str(handle.readlink()) for handle in Path(f"/proc/{process}/fd").iterdir()}
    assert sum(handle.startswith("socket:") for handle in handles) == 1, "it holds its own connection alone"


def test_workers_that_cannot_be_locked_do_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `sitecustomize` of the keeper's process stands for a kernel that refuses."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import ctypes, types\nctypes.CDLL = lambda *a, **k: types.SimpleNamespace(prctl=lambda *a: -1)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(broken)
    assert not sandbox.available()
    generations = published(tmp_path / "state", 1, nodes=5)
    folder = generations.current()
    assert folder is not None
    with pytest.raises(SettingsError, match="cannot be locked"):
        Pool(SETTINGS, 60, lambda _: (folder, 1))
    seconds_until(lambda: not any(str(tmp_path) in _folder_of(process) for process in workers(ME)), 2)
