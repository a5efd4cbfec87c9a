"""The keeper: a process that holds the graph of one generation and forks workers from it.

It has one thread and runs no query but its own, while it loads, so that it always hears its parent. Either the graph is
held in memory, which the workers share with a census of it, or each worker opens it on disk. A graph in memory can be
brought to the next generation; workers that were forked before keep what they have. A worker may be given a private
copy on disk instead, to evaluate updates: a keeper of such workers alone holds an empty graph. When its parent goes, or
it fails, it kills its workers and ends.
Source: ADR 0010.

    python -m coopkg.keeper <control socket> <generation folder> <settings as JSON>
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coopkg import difference, sandbox, wire, worker
from coopkg.census import Census
from coopkg.store import QuadStore

if TYPE_CHECKING:
    from coopkg.bench import Benches


#: What an asserted statement takes, with what is inferred from it, once all workers have read much: they copy what they
#: read. Measured at 4.9 million: docs/benchmarks.md.
_STATEMENT_BYTES = 4_500
#: Where a control group says how much memory it may take (versions 2 and 1), as text; "max" is no bound.
_BOUNDS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def is_held_in_memory(statements: int, most: int | None) -> bool:
    """Return whether a graph is to be held in memory.

    Args:
        statements: those that are asserted.
        most: how many statements may be; None for what half of the memory holds.
    """
    return statements <= (_memory_bytes() // 2 // _STATEMENT_BYTES if most is None else most)


def _memory_bytes() -> int:
    """Return the memory of this machine, or of the control group that this process is in."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for bound in _BOUNDS:
        with contextlib.suppress(OSError, ValueError):
            found.append(int(bound.read_text(encoding="ascii")))
    return min(found)


@dataclass(frozen=True, slots=True)
class KeeperSettings:
    """What a keeper needs to know.

    Args:
        bloat_max: how many times its memory after loading a keeper may take before it is bloated: the engine keeps
            what was removed.
        is_empty: whether there is no generation: workers have an empty graph, or a private copy.
        content: the folder of the shapes and rules that submissions are judged by; "" where none is judged.
    """

    in_memory: bool
    memory_bytes: int
    answer_max_bytes: int
    locked: bool
    bloat_max: float = 1.5
    is_empty: bool = False
    content: str = ""

    def encoded(self) -> str:
        """Return the settings as a command-line argument."""
        return json.dumps(asdict(self))


def main(arguments: list[str]) -> None:
    """Run the keeper until its parent goes."""
    control = socket.socket(fileno=int(arguments[0]))
    settings = KeeperSettings(**json.loads(arguments[2]))
    folder = Path(arguments[1]) / "store"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    graph, census, benches = QuadStore.in_memory() if settings.is_empty else None, None, None
    if settings.in_memory:
        with _ending_with_parent(control):
            graph = QuadStore.loaded(folder)
            census = Census.taken(graph)
            benches = _benches(graph, settings)
            benches.prepare()
            gc.freeze()  # a collection in a worker would copy what it looks at
    try:
        wire.send(control, b"R", b"")
    except ConnectionError:
        return  # the parent went while the graph was loaded
    process = os.getpid()
    loaded_bytes = _resident_bytes()
    children: set[int] = set()
    try:
        while order := _heard(control, children):
            kind, content = order
            if kind == b"A":
                if graph is None or census is None or benches is None:
                    raise RuntimeError("a graph on disk is never changed")
                removed, added = difference.quads_of(content)
                census.follow(graph, graph.change(removed, added))
                benches.follow(removed, added)
                is_bloated = _resident_bytes() > settings.bloat_max * loaded_bytes
                wire.send_json(control, b"A", {"is_bloated": is_bloated})
                continue
            mine, theirs = socket.socketpair()
            child = os.fork()
            if child == 0:
                control.close()
                mine.close()
                sandbox.die_with_parent(process)
                private = Path(os.fsdecode(content)) if content else None
                _become_worker(theirs, private, graph, census, benches, folder, settings)
            theirs.close()
            children.add(child)
            # A handle, for a number may be another process's by the time that the parent kills.
            handle = os.pidfd_open(child)
            socket.send_fds(control, [child.to_bytes(4, "big")], [mine.fileno(), handle])
            os.close(handle)
            mine.close()
    finally:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def _heard(control: socket.socket, children: set[int]) -> tuple[bytes, bytes] | None:
    """Return the next order, burying dead workers meanwhile; None when the parent has gone."""
    while True:
        _bury(children)
        if select.select([control], [], [], 0.5)[0]:
            with contextlib.suppress(EOFError):
                return wire.receive(control)
            return None


@contextlib.contextmanager
def _ending_with_parent(control: socket.socket) -> Iterator[None]:
    """End this process when the parent goes, while its one thread is busy; the watch is over before any fork."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            # The parent orders nothing before it hears that the graph is held: what can be read is its end.
            if select.select([control], [], [], 0)[0]:
                os._exit(1)

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    done.set()
    thread.join()


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def _bury(children: set[int]) -> None:
    while children:
        child, _ = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        children.discard(child)


def _benches(graph: QuadStore, settings: KeeperSettings) -> Benches:
    from coopkg.bench import Benches  # a keeper that reads from disk must be ready at once: what judges is loaded late

    return Benches(Path(settings.content) if settings.content else None, graph)


def _become_worker(
    connection: socket.socket,
    private: Path | None,
    graph: QuadStore | None,
    census: Census | None,
    benches: Benches | None,
    folder: Path,
    settings: KeeperSettings,
) -> None:
    """Lock this process, say that it is ready, and answer; a worker that cannot be locked ends without a word.

    Args:
        private: the store folder that is its own, in the place of the graph that the keeper holds.
    """
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if settings.locked:
            sandbox.refuse_calls()  # before the store makes threads
        if private:
            graph, census = QuadStore.writable(private), None
        held = graph if graph is not None else QuadStore.published(folder)
        if settings.locked:
            sandbox.limit_memory(settings.memory_bytes)
        most, own = settings.answer_max_bytes, private is not None

        def judging() -> Benches:
            return benches or _benches(held, settings)

        def answering() -> bool:
            wire.send(connection, b"R", threading.get_native_id().to_bytes(4, "big"))
            return worker.answer_questions(connection, held, most, judging, census, is_private=own)

        while sandbox.with_big_stack(answering):
            pass  # that thread is slow for good; this one is not, and begins another
    except Exception:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
