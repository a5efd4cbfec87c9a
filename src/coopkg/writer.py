"""What takes requests to write: what each would change is worked out, checked against its scopes, and put to the gate.

Texts and documents of strangers are read by a locked process, on a private copy of the graph: `Desk` lends one.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from coopkg import names
from coopkg.content import path_of
from coopkg.errors import InputError, KeyReused, QueryTimedOut, QueryTooHeavy, ScopeExceeded, UnknownGraph
from coopkg.gate import Gate
from coopkg.journal import Change, Revision
from coopkg.judge import MOST_PAIRS
from coopkg.keeper import KeeperSettings
from coopkg.processes import Keeper, Worker
from coopkg.rdf import Quad, RdfFormat, from_patch, parse_quads
from coopkg.refusal import heard
from coopkg.store import normalised
from coopkg.update import Update
from coopkg.worker import Document, encoded
from coopkg.writing import Act, Writing, Written

#: Statements that one request may remove and add together; more come in several.
MAX_STATEMENTS = 100_000
#: How long a request waits for another process that writes.
_LOCK_WAIT_S = 5.0


class GateWriter:
    """Takes requests to write, one at a time.

    Args:
        gate: gives the gate, again when shapes or rules are others than those of the one that it gave before.
        desk: where texts and documents are read.
    """

    def __init__(self, gate: Callable[[], Gate], desk: Desk) -> None:
        self._new_gate = gate
        self._gate = gate()
        self._desk = desk

    def warm_up(self) -> None:
        """Judge what is published, so that the first request need not wait for it."""
        with self.session() as gate:
            gate.prepare()

    @contextmanager
    def session(self) -> Iterator[Gate]:
        """Hold the gate; what is written meanwhile is published at the end.

        Raises:
            StateLocked, StateDamaged, DiskFullError: see `Gate.held`.
        """
        with ExitStack() as holding:
            gate = holding.enter_context(self._gate.held(_LOCK_WAIT_S))
            if gate.is_outdated():
                holding.pop_all().close()
                gate.close()
                self._gate = self._new_gate()
                gate = holding.enter_context(self._gate.held(_LOCK_WAIT_S))
            yield gate

    def write(self, writing: Writing) -> Written:
        """Do what is asked, in a session; see `coopkg.writing.Writer`."""
        gate = self._gate
        asked = _digest(writing)
        if writing.key and (done := gate.journal.asked(_sha256(writing.key.encode()))):
            return _repeated(done, asked)
        change, created = self._change(gate, writing)
        _check_graphs(change, writing.scopes)
        gate.prepare()
        if not (change.remove or change.add):
            gate.propose((), dry_run=True, expected=writing.expected)
            return Written(gate.journal.head, 0, 0)
        change = dataclasses.replace(change, key=_sha256(writing.key.encode()) if writing.key else "", asked=asked)
        revisions = gate.propose(
            [change],
            dry_run=writing.dry_run,
            expected=writing.expected,
            publish=False,
            most_pairs=MOST_PAIRS,
        )
        number = revisions[0].number if revisions else gate.journal.head
        return Written(number, len(change.remove), len(change.add), created, findings=gate.noticed)

    def close(self) -> None:
        """Let go of everything."""
        self._gate.close()
        self._desk.close()

    def _change(self, gate: Gate, writing: Writing) -> tuple[Change, bool]:
        """Return what a request would change, and whether its graph would be new."""
        message = writing.message or f"{writing.act} {writing.graph.removeprefix(names.BASE)}".strip()
        if writing.act is Act.UPDATE and writing.update is not None:
            gone, come = self._desk.updated(gate.save, writing.update)
            return Change(frozenset(gone), frozenset(normalised(come)), message, writing.author), False
        if not writing.graph:
            raise InputError("the default graph is the union of all graphs: name the graph that is to change")
        present = gate.graph(writing.graph)
        if writing.act is Act.DROP and not present:
            raise UnknownGraph(f"no graph <{writing.graph}> is published: there is nothing to delete")
        wanted = frozenset[Quad]() if writing.act is Act.DROP else self._read(writing)
        remove = present - wanted if writing.act is not Act.MERGE else frozenset[Quad]()
        return Change(remove, wanted - present, message, writing.author), not present

    def _read(self, writing: Writing) -> frozenset[Quad]:
        """Return the statements of a document, all in the graph that it is for."""
        document = Document(writing.content, writing.media_type, writing.graph, graph=writing.graph)
        return frozenset(normalised(self._desk.read(document)))


class Desk:
    """Reads updates and documents in a locked process that has nothing but a private copy of the graph.

    Args:
        folder: where private copies may lie; swept by whoever writes next.
        deadline_s: how long reading may take.
    """

    def __init__(self, folder: Path, settings: KeeperSettings, deadline_s: float) -> None:
        self._folder = folder
        self._settings = settings
        self._deadline_s = deadline_s
        self._keeper: Keeper | None = None

    def updated(self, save: Callable[[Path], None], update: Update) -> tuple[list[Quad], list[Quad]]:
        """Return what an update removes and adds.

        Args:
            save: puts a copy of the graph into a new folder.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        try:
            save(self._folder)
            patch = self._answer(self._worker(self._folder), update)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        return from_patch(patch, "the update")

    def read(self, document: Document) -> list[Quad]:
        """Return the statements of a document."""
        lines = self._answer(self._worker(None), document)
        return parse_quads(lines, RdfFormat.N_QUADS, "the document")

    def close(self) -> None:
        """End the process. Closing twice is allowed."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.close()

    def _worker(self, folder: Path | None) -> Worker:
        if self._keeper is None or self._keeper.has_gone():
            self._keeper = Keeper(self._folder, 0, self._settings)
            while not self._keeper.is_ready(1.0):
                pass
        return self._keeper.worker(folder)

    def _answer(self, worker: Worker, question: Update | Document) -> bytes:
        """Return the whole answer of a worker, which has done its work then."""
        until, pieces = time.monotonic() + self._deadline_s, list[bytes]()
        try:
            worker.ask(*encoded(question))
            while True:
                frame = worker.frame(max(0.0, until - time.monotonic()))
                if frame is None:
                    raise QueryTimedOut(f"it was stopped after {self._deadline_s:g} s; send it in smaller parts")
                kind, content = frame
                if kind == b"E":
                    return b"".join(pieces)
                if kind == b"X":
                    raise heard(json.loads(content))
                if kind == b"D":
                    pieces.append(content)
        except (EOFError, OSError) as fault:
            raise QueryTooHeavy("it needed more memory or depth than one request may take; make it smaller") from fault
        finally:
            worker.kill()


def _check_graphs(change: Change, scopes: tuple[str, ...]) -> None:
    """Raise when a change touches a graph that nobody, or not this token, may write."""
    graphs = sorted({getattr(quad.graph_name, "value", "") for quad in change.remove | change.add})
    if closed := [graph for graph in graphs if not (path_of(graph) or "").endswith(".trig")]:
        raise ScopeExceeded(
            f"nobody writes {', '.join(f'<{graph}>' for graph in closed)} over HTTP: it comes from a file; change that "
            "and run 'coopkg build'"
        )
    outside = [graph for graph in graphs if not any(fnmatch.fnmatchcase(graph, scope) for scope in scopes)]
    if outside:
        raise ScopeExceeded(
            f"the token does not cover {', '.join(f'<{graph}>' for graph in outside)}, which would change"
        )
    if (count := len(change.remove) + len(change.add)) > MAX_STATEMENTS:
        raise InputError(f"{count:,} statements would change; a request may change {MAX_STATEMENTS:,}: send several")


def _repeated(done: Revision, asked: str) -> Written:
    if done.asked != asked:
        raise KeyReused(f"the idempotency key was given with another request, which made revision {done.number}")
    return Written(done.number, done.removed, done.added, repeated=True)


def _digest(writing: Writing) -> str:
    """Return what tells one request from another under the same key."""
    update = writing.update
    parts: list[str | bytes] = [writing.act, writing.graph, writing.media_type, writing.content, writing.message]
    parts += [] if update is None else [update.text, *update.using_graphs, "", *update.using_named_graphs]
    return _sha256(b"".join(hashlib.sha256(_bytes(part)).digest() for part in parts))


def _bytes(part: str | bytes) -> bytes:
    return part if isinstance(part, bytes) else part.encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
